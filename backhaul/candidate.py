"""The file that is to be published: tables and views with their comments, and the rows of the run itself."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb

from backhaul import restatement
from backhaul.build import runs_path
from backhaul.ledger import BuildRecord
from backhaul.receipts import Check
from backhaul.settings import Settings
from backhaul.views import copy_views

SCHEMAS = ("core", "marts", "quality")
# How tables are made of others, as views of their names: for readers of some rows only. It is no part of the warehouse
# that people ask.
DEFINITIONS = "scoped"
# Readers of the last long-term DuckDB open the file too.
STORAGE_VERSION = "v1.2.0"

# Tables that tell of the build and the publish themselves: comment, then each column's type and comment.
RUN_TABLES: dict[str, tuple[str, dict[str, tuple[str, str]]]] = {
    "quality.quality_model_run": (
        "Outcome of each model and test of the build. Grain: one row per node.",
        {
            "build_id": ("varchar", "Build that ran the node."),
            "node_id": ("varchar", "Unique name of the model, seed or test."),
            "node_type": ("varchar", "model, seed, test or operation."),
            "node_name": ("varchar", "Short name."),
            "status": ("varchar", "success, pass or warn; a failed build is not published."),
            "started_at": ("timestamp", "When it began, UTC."),
            "finished_at": ("timestamp", "When it ended, UTC."),
        },
    ),
    "quality.quality_gate_result": (
        "What the gate before this publish checked. Grain: one row per expectation.",
        {
            "expectation": ("varchar", "Suite and expectation."),
            "is_success": ("boolean", "True when it held."),
            "observed": ("varchar", "The rows that broke it, or what was observed."),
            "severity": ("varchar", "fail stops a publish, warn is shown."),
        },
    ),
    "marts.mart_kpi_as_known": (
        "The metrics as each publish knew them. Grain: one row per metric, month, component and publish that moved it.",
        {
            "publish_id": ("varchar", "Publish that knew it."),
            "kpi_id": ("varchar", "Metric of the catalogue (dim_kpi)."),
            "period_month": ("date", "First day of the UTC month."),
            "slice_dimension": ("varchar", "ALL for the metric as a whole, COMPONENT for one of its parts."),
            "slice_member": ("varchar", "Component; empty for ALL."),
            "numerator": ("decimal(38, 8)", "What the figure summed then; null when nothing counted any more."),
            "denominator": ("decimal(38, 8)", "What it was divided by then."),
            "value": ("decimal(18, 6)", "The figure then; null when it was unknown."),
            "coverage": ("decimal(9, 6)", "Share of the units whose inputs were known then."),
            "as_of": ("timestamp", "Latest event known then, UTC."),
        },
    ),
}


def write_candidate(settings: Settings, build: BuildRecord, candidate: Path, before: Path | None) -> None:
    """Write the file. ``before`` is the last publish, whose known metrics are carried over."""
    with duckdb.connect(config={"memory_limit": settings.memory_limit, "threads": settings.threads}) as connection:
        connection.execute(f"attach {_quoted(str(settings.build_db))} as built (read_only)")
        connection.execute(
            f"attach {_quoted(str(candidate))} as candidate (storage_version {_quoted(STORAGE_VERSION)})"
        )
        connection.execute("use candidate")
        for schema in (*SCHEMAS, DEFINITIONS):
            connection.execute(f"create schema {schema}")
        _copy_tables(connection)
        copy_views(connection, "built", (*SCHEMAS, DEFINITIONS))
        _copy_column_comments(connection)
        _create_run_tables(connection)
        _add_model_runs(connection, runs_path(settings, build.build_id))
        restatement.carry(connection, build, before)
        restatement.define_view(connection)


def add_gate_results(connection: duckdb.DuckDBPyConnection, checks: Iterable[Check]) -> None:
    """Note in a candidate what its gate found."""
    for check in checks:
        connection.execute(
            "insert into quality.quality_gate_result values (?, ?, ?, ?)",
            [check.expectation, check.success, check.observed, check.severity],
        )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _copy_tables(connection: duckdb.DuckDBPyConnection) -> None:
    tables = connection.execute(
        "select schema_name || '.' || table_name, comment from duckdb_tables() "
        "where database_name = 'built' and schema_name in $schemas order by all",
        {"schemas": list(SCHEMAS)},
    ).fetchall()
    for table, comment in tables:
        connection.execute(f"create table {table} as from built.{table}")
        connection.execute(f"comment on table {table} is {_quoted(comment or '')}")


def _copy_column_comments(connection: duckdb.DuckDBPyConnection) -> None:
    comments = connection.execute(
        "select schema_name || '.' || table_name, column_name, comment from duckdb_columns() "
        "where database_name = 'built' and schema_name in $schemas and comment is not null",
        {"schemas": list(SCHEMAS)},
    ).fetchall()
    for table, column, comment in comments:
        connection.execute(f'comment on column {table}."{column}" is {_quoted(comment)}')


def _create_run_tables(connection: duckdb.DuckDBPyConnection) -> None:
    for table, (comment, columns) in RUN_TABLES.items():
        typed = ", ".join(f"{name} {kind}" for name, (kind, _) in columns.items())
        connection.execute(f"create table {table} ({typed})")
        connection.execute(f"comment on table {table} is {_quoted(comment)}")
        for name, (_, text) in columns.items():
            connection.execute(f"comment on column {table}.{name} is {_quoted(text)}")


def _add_model_runs(connection: duckdb.DuckDBPyConnection, runs: Path) -> None:
    columns = RUN_TABLES["quality.quality_model_run"][1]
    typed = ", ".join(f"{name}: {_quoted(kind)}" for name, (kind, _) in columns.items())
    connection.execute(
        "insert into quality.quality_model_run select * from "
        f"read_json({_quoted(str(runs))}, format = 'newline_delimited', columns = {{{typed}}})"
    )
