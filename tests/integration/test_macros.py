"""The project's macros and generic tests, run by a real dbt on planted rows: each gives what it promises."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
import yaml

from backhaul.settings import PROJECT

MACROS = PROJECT / "dbt_project" / "macros"

CASES: dict[str, dict[str, str]] = yaml.safe_load(
    (PROJECT / "tests" / "data" / "macros.yml").read_text(encoding="utf-8")
)
# Tested where they do their work: reading receipts and batches (tests of the ingestion and of the build), schema names.
ELSEWHERE = {
    "read_receipts", "documents_in", "document_query", "merged_file_query", "receipt_query", "receipt_file_query",
    "receipt_repair_query", "receipt_check_query", "receipt_change_query", "lake_table", "lake_files",
    "lake_quarantine",
    "generate_schema_name", "duckdb__safe_cast", "join_fx", "measure_cell",
    # what incremental builds are made of: test_incremental.py
    "open_journal", "changes_models", "project_fingerprint", "reason_to_rebuild", "undo_journal", "is_incremental_run",
    "is_journaled", "has_changed", "told_tables", "is_told", "note_in_journal", "is_touched", "is_reached",
    "touched_inputs", "between_keys", "near", "picked", "reaching_queries", "touched_keys", "touched_rows",
    "touched_versions", "touched_differences", "replace_touched", "measured_facts",
    "is_measured_by_change", "measure_changes", "measured_changes", "measured_rows", "measured_closure",
    "measured_copies", "units_of_documents", "units_of_links", "documents_of_units", "units_of_returns",
    "returns_of_units", "documents_of", "documents_beside", "documents_and_beside", "documents_of_links",
    "rows_of_rates", "refunds_of_orders", "orders_of_refunds", "charges_of_parcels", "parcels_of_charges",
    "is_current_version", "duckdb__get_where_subquery", "carried_on", "changes_of", "changes_of_query", "measured_side",
    "lately", "months_of", "in_months", "months_of_mass_lines", "months_of_units", "decision_month", "evidence_key",
    # how marts are made anew for readers of some rows: tests/e2e/test_scopes.py
    "keep_definition", "duckdb__keep_definition",
    # what full snapshots no longer hold: test_snapshots.py
    "read_vanished", "snapshot_file_query", "withdrawing", "lost_share", "vanished_query", "keys_of",
    "newly_told_sources",
}  # fmt: skip

TABLES = {
    "fct_fx_rate": "select 'USD' as from_currency, 'CAD' as to_currency, date '2026-03-01' as rate_date, 1.5 as rate",
    "int_units__record": "select 't' as source_table, 'a' as record_key, 'u1' as unit_key "
    "union all select 't', 'b', null",
    "good": "select 1 as k, 'r1' as record_key, true as is_current, 0.5 as x, 1 as y, 2 as observed_at, "
    "false as is_withdrawn union all select 2, 'r1', false, null, 2, 1, true "
    "union all select 3, 'r2', true, 1.0, 3, 1, false union all select 4, 'r3', false, 1.0, 3, 1, true "
    "union all select 5, 'r4', false, 1.0, 3, 1, false",
    "bad": "select 1 as k, 'r1' as record_key, true as is_current, 1.5 as x, 1 as y, 2 as observed_at, "
    "false as is_withdrawn union all select 1, 'r1', true, 0.5, null, 1, false "
    "union all select 2, 'r2', false, -0.1, 3, 1, false",
}
GENERIC = [
    {"unique_combination": {"arguments": {"columns": ["k"]}}},
    "one_current_version",
    {"complete": {"arguments": {"columns": ["k", "y"]}}},
]
BETWEEN = [{"between": {"arguments": {"minimum": 0, "maximum": 1}}}]
ROWS = (
    "with r as (select timestamp '2026-03-01 10:00:00' as at, x, 'u' as unit_key, 'WEB' as channel, 'c' as "
    "product_category, 'n' as node_id, 'ups' as carrier, 't' as return_type, 's' as source_table, 'i' as source_id, "
    "'f' as file_sha256, 1 as source_row from (values (1), (2), (3)) as v (x)) "
)


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """The database of a small project that uses our macros, and the status of each of its tests."""
    home = tmp_path_factory.mktemp("macros")
    models = home / "models"
    models.mkdir()
    for name, sql in TABLES.items():
        (models / f"{name}.sql").write_text(sql)
    for name, case in CASES.items():
        sql = f"{ROWS} select {case['expression']} as actual, {case['expected']} as expected"
        (models / f"case_{name}.sql").write_text(sql)
    described = [
        {"name": name, "data_tests": GENERIC, "columns": [{"name": "x", "data_tests": BETWEEN}]}
        for name in ("good", "bad")
    ]
    lake = [{"name": "lake", "schema": "main", "tables": [{"name": "vanished"}]}]
    (models / "models.yml").write_text(yaml.safe_dump({"version": 2, "sources": lake, "models": described}))
    project = {
        "name": "backhaul",
        "profile": "backhaul",
        "macro-paths": [str(MACROS)],
        "config-version": 2,
        "on-run-start": "create or replace table vanished as select 't' as table_name, 'r4' as record_key",
    }
    (home / "dbt_project.yml").write_text(yaml.safe_dump(project))
    (home / "profiles.yml").write_text(
        "backhaul: {target: here, outputs: {here: {type: duckdb, path: macros.duckdb, threads: 2}}}"
    )
    environment = {**os.environ, "BACKHAUL_CUSTOMER_SALT": "salt", "BACKHAUL_REPORTING_CURRENCY": "CAD"}
    command = [str(Path(sys.executable).with_name("dbt")), "build", "--project-dir", ".", "--profiles-dir", "."]
    done = subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, check=False)
    results = home / "target" / "run_results.json"
    assert results.exists(), done.stdout[-3000:]
    statuses = {r["unique_id"]: r["status"] for r in json.loads(results.read_text())["results"]}
    assert not [name for name, status in statuses.items() if status == "error"], done.stdout[-3000:]
    return home / "macros.duckdb", statuses


@pytest.mark.parametrize("case", CASES)
def test_a_macro_gives_what_it_promises(outcome: tuple[Path, dict[str, str]], case: str) -> None:
    with duckdb.connect(str(outcome[0]), read_only=True) as connection:
        row = connection.execute(
            f"select actual, expected, actual is not distinct from expected from case_{case}"
        ).fetchone()
    assert row is not None
    assert row[2], row[:2]


@pytest.mark.parametrize("generic", ["unique_combination", "one_current_version", "between", "complete"])
def test_a_generic_test_passes_good_rows_and_fails_bad_ones(outcome: tuple[Path, dict[str, str]], generic: str) -> None:
    found = {name.split(".")[2]: status for name, status in outcome[1].items() if f".{generic}_" in name}
    assert {name.removeprefix(f"{generic}_").partition("_")[0]: status for name, status in found.items()} == {
        "good": "pass", "bad": "fail",
    }  # fmt: skip


def test_every_macro_is_tested() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in MACROS.rglob("*.sql"))
    macros = {name for name in re.findall(r"macro (\w+)\(", text) if not name.startswith(("default__", "spark__"))}
    assert macros - set(CASES) - ELSEWHERE == set()
    assert macros >= ELSEWHERE
