"""The gate before publishing: what is expected of the candidate file, and of its distance from the last publish."""

from __future__ import annotations

import json
from dataclasses import astuple
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from backhaul.ledger import source_runs
from backhaul.receipts import Check, listed
from backhaul.settings import Settings
from expectations.runner import Expectation, Severity, validate

if TYPE_CHECKING:
    import pandas as pd

# A table that lost more than this share of its rows since the last publish is a loss, not news.
SMALLEST_SHARE_OF_ROWS = 0.5
# A month whose figure moved further than this share of its last value is shown, not stopped: late costs do that.
LARGEST_MOVE = 0.5

KPIS = """
select
    kpi.kpi_id || ' ' || strftime(kpi.period_month, '%Y-%m') as figure,
    cast(kpi.denominator as double) as denominator,
    cast(case when kpi.kpi_id = 'B02' then kpi.value end as double) as cost_per_return,
    cast(case when kpi.kpi_id = 'C01' then kpi.value end as double) as gross_recovery,
    cast(case when kpi.kpi_id in ('F06', 'F04a') then kpi.value end as double) as mass_share,
    cast(kpi.coverage as double) as coverage,
    cast(abs(kpi.value - before.value) / nullif(abs(before.value), 0) as double) as moved
from candidate.marts.mart_exec_kpi as kpi
left join before_kpi as before on before.kpi_id = kpi.kpi_id and before.period_month = kpi.period_month
order by all
"""

MASS = """
select
    strftime(period_month, '%Y-%m') as month,
    cast(
        opening_kg + received_kg - prevented_kg - prepared_for_reuse_kg - recycled_kg - energy_recovery_kg
        - disposed_kg - fate_unknown_kg - lost_kg - held_kg - closing_kg as double
    ) as difference_kg,
    cast(closing_kg as double) as closing_kg
from candidate.marts.mart_waste_diversion
order by all
"""

TABLES = """
select
    now.schema_name || '.' || now.table_name as table_name,
    cast(now.estimated_size as double) as row_count,
    cast(now.estimated_size / nullif(before.estimated_size, 0) as double) as share_of_before
from (select * from duckdb_tables() where database_name = 'candidate' and schema_name = 'core') as now
left join (select * from duckdb_tables() where database_name = 'before') as before
    on before.schema_name = now.schema_name and before.table_name = now.table_name
order by all
"""

# By the clock: nothing of a source that is late tells of it.
SOURCES = """
with run as (
    select
        source_run.*,
        date_diff('second', landed.last_landed_at, cast($now as timestamp)) / 3600 as quiet_hours
    from source_run
    left join (
        select source_id, max(landed_at) as last_landed_at from candidate.core.dim_source_file group by source_id
    ) as landed on landed.source_id = source_run.source_id
),

judged as (
    select
        *,
        case
            when expected_hours is not null and quiet_hours is null then 'nothing yet'
            when quiet_hours > expected_hours then 'nothing new for ' || floor(quiet_hours)::bigint || ' hours'
        end as late
    from run
)

select
    judged.source_id,
    judged.failed,
    judged.late,
    case when judged.if_late = 'stop' then judged.late end as late_and_needed,
    (select string_agg(held.file, ', ' order by held.file) from held where held.source_id = judged.source_id) as held
from judged
order by judged.source_id
"""


def _between(
    name: str, column: str, low: float | None, high: float | None, severity: Severity, text: str
) -> Expectation:
    arguments = {"column": column, "min_value": low, "max_value": high}
    return Expectation(name, "expect_column_values_to_be_between", arguments, severity, text)


def _nothing(name: str, column: str, severity: Severity, text: str) -> Expectation:
    return Expectation(name, "expect_column_values_to_be_null", {"column": column}, severity, text)


SUITES: dict[str, tuple[str, list[str], list[Expectation]]] = {
    "headline_metrics": (
        KPIS,
        ["figure"],
        [
            Expectation("there_are_figures", "expect_table_row_count_to_be_between", {"min_value": 1}, "fail"),
            _between("coverage_is_a_share", "coverage", 0, 1, "fail", "Coverage lies between 0 and 1."),
            _between(
                "denominators_are_not_negative", "denominator", 0, None, "fail", "Units, cost and mass are counts."
            ),
            _between("mass_shares_are_shares", "mass_share", 0, 1, "fail", "F06 and F04a: 0 to 1."),
            _between("cost_is_not_negative", "cost_per_return", 0, None, "fail", "B02: a month of credits only."),
            _between("proceeds_are_not_negative", "gross_recovery", 0, None, "warn", "C01: a month of reversals."),
            _between("coverage_is_high", "coverage", 0.8, None, "warn", "Below this a figure speaks for few units."),
            _between("figures_moved_little", "moved", None, LARGEST_MOVE, "warn", "Since the last publish, per month."),
        ],
    ),
    "mass_balance": (
        MASS,
        ["month"],
        [
            _between(
                "mass_balance_closes", "difference_kg", 0, 0, "fail", "Opening + in = out + closing, to the gram."
            ),
            _between("stock_is_not_negative", "closing_kg", 0, None, "fail", "More left than ever came."),
        ],
    ),
    "table_sizes": (
        TABLES,
        ["table_name"],
        [
            _between(
                "tables_kept_their_rows",
                "share_of_before",
                SMALLEST_SHARE_OF_ROWS,
                None,
                "fail",
                "Rows against the last publish.",
            )
        ],
    ),
    "sources": (
        SOURCES,
        ["source_id"],
        [
            _nothing("last_run_succeeded", "failed", "warn", "What the last run over the source said."),
            _nothing("arrived_in_time", "late", "warn", "Within the source's expected_hours."),
            _nothing("needed_arrived_in_time", "late_and_needed", "fail", "The same, of sources with if_late: stop."),
            _nothing("nothing_is_held", "held", "warn", "Files that wait for a person (backhaul batch list --held)."),
        ],
    ),
}


def audit_marts(settings: Settings, candidate: Path, before: Path | None) -> list[Check]:
    """Check a candidate file against every suite; the outcome of each expectation, with the rows that failed it."""
    checks = []
    with duckdb.connect(config={"memory_limit": settings.memory_limit}) as connection:
        connection.execute(f"attach '{candidate}' as candidate (read_only)")
        if before is not None and before.exists():
            connection.execute(f"attach '{before}' as before (read_only)")
            connection.execute("create temp view before_kpi as from before.marts.mart_exec_kpi")
        else:
            connection.execute("create temp view before_kpi as from candidate.marts.mart_exec_kpi where false")
        _add_sources(connection, settings)
        frames: dict[str, pd.DataFrame] = {
            name: connection.execute(
                sql, {"now": datetime.now(UTC).replace(tzinfo=None)} if "$now" in sql else None
            ).df()
            for name, (sql, _, _) in SUITES.items()
        }
    for name, (_, keys, expectations) in SUITES.items():
        for result in validate(settings, frames[name], f"marts_{name}", expectations, keys):
            failing = "; ".join(" ".join(str(value) for value in row.values()) for row in result.failing)
            observed = f"{failing} ({result.observed})" if failing else result.observed
            checks.append(Check(f"{name}.{result.expectation}", result.success, observed, result.severity))
    return checks


def _add_sources(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """What the last run over each source came to, and the files of each that wait for a person."""
    connection.execute(
        "create temp table source_run "
        "(source_id varchar, ended_at varchar, failed varchar, expected_hours double, if_late varchar)"
    )
    connection.execute("create temp table held (source_id varchar, file varchar)")
    for run in source_runs(settings):
        connection.execute("insert into source_run values (?, ?, ?, ?, ?)", astuple(run))
    for path in listed(settings.held):
        hold = json.loads(path.read_text(encoding="utf-8"))
        if hold["status"] == "held":
            connection.execute("insert into held values (?, ?)", [hold["source_id"], hold["file"]["name"]])
