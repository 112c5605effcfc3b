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

# Expression, and what it must be.
EXPRESSIONS = {
    "lpn_evidence": ("{{ lpn_evidence(\"' l1 '\") }}", "'lpn:L1'"),
    "serial_evidence": ("{{ serial_evidence(\"' s1 '\") }}", "'serial:S1'"),
    "rma_evidence": ("{{ rma_evidence(\"'A'\", 'null', '2') }}", "'rma:A#1#2'"),
    "episode_evidence": ("{{ episode_evidence(\"'serial:S'\", '3') }}", "'serial:S~3'"),
    "episode_evidence_first": ("{{ episode_evidence(\"'serial:S'\", 'null') }}", "'serial:S'"),
    "node_month": ("{{ node_month(\"'N'\", \"timestamp '2026-03-31 23:59:59'\") }}", "'N@2026-03-01'"),
    "integer_divide": ("{{ integer_divide('7', '2') }}", "3"),
    "add_days": ("{{ add_days(\"date '2026-02-28'\", '1') }}", "date '2026-03-01'"),
    "whole_days": ("{{ whole_days(\"timestamp '2026-03-01 23:00:00'\", \"timestamp '2026-03-02 01:00:00'\") }}", "1"),
    "seconds_between": (
        "{{ seconds_between(\"timestamp '2026-03-01 00:00:10'\", \"timestamp '2026-03-01 00:00:00'\") }}", "-10"
    ),
    "elapsed_days": (
        "{{ elapsed_days(\"timestamp '2026-03-01 00:00:00'\", \"timestamp '2026-03-02 12:00:00'\") }}", "1.500000"
    ),
    "wide_integer": ("cast('170141183460469231731687303715884105727' as {{ wide_integer() }}) > 0", "true"),
    "equal_share": ("{{ equal_share('cast(10.0001 as decimal(18, 4))', '2') }}", "5.0001"),
    "equal_share_of_a_credit": ("{{ equal_share('cast(-10.0001 as decimal(18, 4))', '2') }}", "-5.0001"),
    "ratio": ("{{ ratio('1', '3') }}", "0.333333"),
    "ratio_of_nothing": ("{{ ratio('1', '0') }}", "null"),
    "value_decay": ("{{ value_decay('0.01', '100') }}", "0.36787944"),
    "value_decay_floor": ("{{ value_decay('1', '1000') }}", "0.01000000"),
    "hashed": ("{{ hashed(\"'anna'\") }}", "md5('saltanna')"),
    "duration_measures": ("'{{ duration_measures() | join(' ') }}' like '%TRANSIT_DAYS%'", "true"),
    "measure_views": ("'{{ measure_views() | join(' ') }}' like '%fct_measure_cost%'", "true"),
    "slice_dimensions": ("'{{ slice_dimensions()['NODE'] }}'", "'node_id'"),
    "quantile": ("(select {{ quantile('x', 0.5) }} from (values (1.0), (2.0), (10.0)) as v (x))", "2.0"),
    "explode_ordinals": (
        "(select sum(unit_ordinal) from (select 3 as quantity) as q {{ explode_ordinals('q.quantity') }})", "6"
    ),
    "days_between": (
        "(select count(*) from {{ days_between(\"date '2026-01-30'\", \"date '2026-02-02'\") }})", "4"
    ),
    "lineage_columns": (
        "(select source_id || file_sha256 || source_row from (select {{ lineage_columns('r') }} from "
        "(values ('s', 'f', 7)) as r (source_id, file_sha256, source_row)))", "'sf7'",
    ),
    "version_columns": (
        "(select string_agg(source_row, ',' order by source_row) from (select {{ version_columns() }} from (values "
        "('k', timestamp '2026-01-02', 's', 'f', 1, null, 'h1'), ('k', timestamp '2026-01-01', 's', 'f', 2, null, 'h9'),"
        "('k', timestamp '2026-01-02', 's', 'f', 3, null, 'h2')) as r "
        "(_record_key, _observed_at, _source_id, _file_sha256, _row, _path, _content_hash)) where is_current)", "'3'",
    ),
    "measured_sums": (
        "(select a || ' ' || b from (select {{ measured_sums({'a': 'X', 'b': 'Y'}, 'm') }} 1 as one from "
        "(values ('X', 2), ('X', 3), ('Y', 7)) as m (measure_code, amount)))", "'5.0000 7.0000'",
    ),
    "measure_list": ("'X' in ({{ measure_list({'a': 'X'}, {'b': 'Y'}) }})", "true"),
    "measure": (
        "(select measured_on || ' ' || sum(amount) from ({{ measure('M', 'r', 'at', '-r.x', where='r.x > 1') }}) "
        "group by measured_on)", "'2026-03-01 -5.000000'",
    ),
    "slice_columns": ("(select count(distinct channel) from (select {{ slice_columns('r') }} from r))", "1"),
    "reporting_amount": (
        "(select string_agg(coalesce(cast({{ reporting_amount('m.amount', 'm.currency') }} as varchar), '?'), ' ' "
        "order by m.n) from (values (1, 0.0001, 'USD'), (2, -0.0001, 'USD'), (3, 5.0000, 'CAD'), (4, 5.0000, 'GBP')) "
        "as m (n, amount, currency) {{ join_fx('m.currency', \"date '2026-03-01'\") }})", "'0.0002 -0.0002 5.0000 ?'",
    ),
    "join_unit": (
        "(select string_agg(coalesce(named.unit_key, '?'), ' ' order by d.record_key) from (values ('a'), ('b'), ('c')) "
        "as d (record_key) {{ join_unit('d', 't') }})", "'u1 ? ?'",
    ),
    "join_unit_inner": (
        "(select count(*) from (values ('a'), ('b'), ('c')) as d (record_key) {{ join_unit('d', 't', 'inner') }})", "1"
    ),
}  # fmt: skip
# Tested where they do their work: reading receipts and batches (tests of the ingestion and of the build), schema names.
ELSEWHERE = {
    "read_receipts", "document_query", "receipt_query", "receipt_file_query", "receipt_check_query", "lake_table",
    "lake_files", "lake_quarantine", "generate_schema_name", "join_fx",
}  # fmt: skip

TABLES = {
    "fct_fx_rate": "select 'USD' as from_currency, 'CAD' as to_currency, date '2026-03-01' as rate_date, 1.5 as rate",
    "int_units__record": "select 't' as source_table, 'a' as record_key, 'u1' as unit_key union all select 't', 'b', null",
    "good": "select 1 as k, 'r1' as record_key, true as is_current, 0.5 as x "
    "union all select 2, 'r1', false, null union all select 3, 'r2', true, 1.0",
    "bad": "select 1 as k, 'r1' as record_key, true as is_current, 1.5 as x "
    "union all select 1, 'r1', true, 0.5 union all select 2, 'r2', false, -0.1",
}
GENERIC = [
    {"unique_combination": {"arguments": {"columns": ["k"]}}},
    "one_current_version",
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
    for name, (expression, expected) in EXPRESSIONS.items():
        (models / f"case_{name}.sql").write_text(f"{ROWS} select {expression} as actual, {expected} as expected")
    described = [
        {"name": name, "data_tests": GENERIC, "columns": [{"name": "x", "data_tests": BETWEEN}]}
        for name in ("good", "bad")
    ]
    (models / "models.yml").write_text(yaml.safe_dump({"version": 2, "models": described}))
    (home / "dbt_project.yml").write_text(
        yaml.safe_dump({"name": "backhaul", "profile": "backhaul", "macro-paths": [str(MACROS)], "config-version": 2})
    )
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


@pytest.mark.parametrize("case", EXPRESSIONS)
def test_a_macro_gives_what_it_promises(outcome: tuple[Path, dict[str, str]], case: str) -> None:
    with duckdb.connect(str(outcome[0]), read_only=True) as connection:
        row = connection.execute(
            f"select actual, expected, actual is not distinct from expected from case_{case}"
        ).fetchone()
    assert row is not None
    assert row[2], row[:2]


@pytest.mark.parametrize("generic", ["unique_combination", "one_current_version", "between"])
def test_a_generic_test_passes_good_rows_and_fails_bad_ones(outcome: tuple[Path, dict[str, str]], generic: str) -> None:
    found = {name.split(".")[2]: status for name, status in outcome[1].items() if f".{generic}_" in name}
    assert {name.removeprefix(f"{generic}_").partition("_")[0]: status for name, status in found.items()} == {
        "good": "pass", "bad": "fail",
    }  # fmt: skip


def test_every_macro_is_tested() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in MACROS.rglob("*.sql"))
    macros = {name for name in re.findall(r"macro (\w+)\(", text) if not name.startswith(("default__", "spark__"))}
    assert macros - set(EXPRESSIONS) - ELSEWHERE == set()
    assert ELSEWHERE <= macros
