"""The gate before publishing sees what is wrong with a candidate, and names the figures, months or tables."""

from __future__ import annotations

import json
import re
from pathlib import Path

import duckdb
import pytest

from backhaul.ledger import SourceRun, source_runs, write_source_run
from backhaul.receipts import Check
from backhaul.settings import Settings
from expectations.marts import audit_marts

KPI = "('{kpi}', date '2026-03-01', {numerator}, 10, {value}, {coverage})"
GOOD = [
    KPI.format(kpi="B02", numerator=200, value=20, coverage=1),
    KPI.format(kpi="F06", numerator=7, value=0.7, coverage=0.9),
]


def candidate(path: Path, figures: list[str], lost_kg: int = 0, units: int = 100) -> Path:
    """A file with the tables that the gate reads."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
        connection.execute("create schema core")
        rows = ", ".join(figures)
        columns = "kpi_id, period_month, numerator, denominator, value, coverage"
        connection.execute(f"create table marts.mart_exec_kpi as from (values {rows}) as figures ({columns})")
        connection.execute(
            "create table marts.mart_waste_diversion as select date '2026-03-01' as period_month, 1 as opening_kg, "
            "4 as received_kg, 3 as prevented_kg, 0 as prepared_for_reuse_kg, 0 as recycled_kg, "
            "0 as energy_recovery_kg, 0 as disposed_kg, 0 as fate_unknown_kg, "
            f"{lost_kg} as lost_kg, 0 as held_kg, 2 as closing_kg"
        )
        connection.execute(
            "create table core.dim_source_file as select 'shop' as source_id, "
            "(now() at time zone 'UTC') - interval 30 hour as landed_at"
        )
        connection.execute(f"create table core.fct_return_unit as select unnest(range({units})) as unit_key")
    return path


def failed(checks: list[Check]) -> dict[str, Check]:
    return {check.expectation: check for check in checks if not check.success}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


def test_a_sound_candidate_passes_and_has_its_page(settings: Settings, tmp_path: Path) -> None:
    checks = audit_marts(settings, candidate(tmp_path / "good.duckdb", GOOD), None)
    assert failed(checks) == {}
    assert len(checks) >= 10
    index = (settings.data_docs / "index.html").read_text(encoding="utf-8")
    for suite in ("marts_headline_metrics", "marts_mass_balance", "marts_table_sizes"):
        [page] = re.findall(f'href="(validations/{suite}/[^"]+)"', index)
        assert "Expectation" in (settings.data_docs / page).read_text(encoding="utf-8")


def test_opening_data_docs_fetches_nothing(settings: Settings, tmp_path: Path) -> None:
    audit_marts(settings, candidate(tmp_path / "good.duckdb", GOOD), None)
    pages = list(settings.data_docs.rglob("*.html"))
    assert len(pages) >= 4
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert not re.search(r"(src|<link[^>]*href)=[\"']?https?:", text), page
        assert "<script" not in text


def test_each_fault_is_found_and_named(settings: Settings, tmp_path: Path) -> None:
    before = candidate(tmp_path / "before.duckdb", GOOD, units=100)
    bad = [
        KPI.format(kpi="B02", numerator=-200, value=-20, coverage=1.5),
        KPI.format(kpi="F06", numerator=12, value=1.2, coverage=0.3),
    ]
    faults = failed(audit_marts(settings, candidate(tmp_path / "bad.duckdb", bad, lost_kg=1, units=40), before))
    assert {name: check.severity for name, check in faults.items()} == {
        "headline_metrics.coverage_is_a_share": "fail",
        "headline_metrics.mass_shares_are_shares": "fail",
        "headline_metrics.cost_is_not_negative": "fail",
        "headline_metrics.coverage_is_high": "warn",
        "headline_metrics.figures_moved_little": "warn",
        "mass_balance.mass_balance_closes": "fail",
        "table_sizes.tables_kept_their_rows": "fail",
    }
    index = (settings.data_docs / "index.html").read_text(encoding="utf-8")
    assert len(re.findall(">failed<", index)) == 3
    assert faults["headline_metrics.cost_is_not_negative"].observed.startswith("B02 2026-03")
    assert faults["mass_balance.mass_balance_closes"].observed.startswith("2026-03")
    assert faults["table_sizes.tables_kept_their_rows"].observed.startswith("core.fct_return_unit")


def test_no_figures_at_all_is_a_fault(settings: Settings, tmp_path: Path) -> None:
    path = candidate(tmp_path / "empty.duckdb", GOOD)
    with duckdb.connect(str(path)) as connection:
        connection.execute("delete from marts.mart_exec_kpi")
    assert "headline_metrics.there_are_figures" in failed(audit_marts(settings, path, None))


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        (SourceRun("shop", "2026-03-01", None, None), {}),
        (SourceRun("shop", "2026-03-01", None, 48), {}),
        (SourceRun("shop", "2026-03-01", None, 24), {"arrived_in_time": ("warn", "nothing new for 30 hours")}),
        (
            SourceRun("shop", "2026-03-01", None, 24, "stop"),
            {
                "arrived_in_time": ("warn", "nothing new for 30 hours"),
                "needed_arrived_in_time": ("fail", "nothing new for 30 hours"),
            },
        ),
        (SourceRun("scale", "2026-03-01", None, 24), {"arrived_in_time": ("warn", "nothing yet")}),
        (SourceRun("shop", "2026-03-01", "the server hung up"), {"last_run_succeeded": ("warn", "the server hung up")}),
    ],
    ids=["nothing expected", "in time", "late", "late and needed", "never came", "failed"],
)
def test_sources_that_do_not_bring_what_they_should(
    settings: Settings, tmp_path: Path, run: SourceRun, expected: dict[str, tuple[str, str]]
) -> None:
    write_source_run(settings, run, {run.source_id})
    found = failed(audit_marts(settings, candidate(tmp_path / "good.duckdb", GOOD), None))
    assert {name.removeprefix("sources."): check.severity for name, check in found.items()} == {
        name: severity for name, (severity, _) in expected.items()
    }
    for name, (_, said) in expected.items():
        assert found[f"sources.{name}"].observed.startswith(run.source_id)
        assert said in found[f"sources.{name}"].observed


def test_a_source_that_is_no_longer_configured_is_not_waited_for(settings: Settings) -> None:
    write_source_run(settings, SourceRun("old", "2026-03-01", "gone"), {"old"})
    write_source_run(settings, SourceRun("shop", "2026-03-02"), {"shop"})
    assert source_runs(settings) == [SourceRun("shop", "2026-03-02")]


def test_files_that_wait_for_a_person_are_named_and_rejected_ones_are_not(settings: Settings, tmp_path: Path) -> None:
    write_source_run(settings, SourceRun("shop", "2026-03-01"), {"shop"})
    settings.held.mkdir(parents=True)
    for name, status in (("b.csv", "held"), ("a.csv", "held"), ("c.csv", "rejected")):
        hold = {"source_id": "shop", "status": status, "file": {"name": name}}
        (settings.held / f"{name}.json").write_text(json.dumps(hold))
    found = failed(audit_marts(settings, candidate(tmp_path / "good.duckdb", GOOD), None))
    assert found.keys() == {"sources.nothing_is_held"}
    assert "a.csv, b.csv" in found["sources.nothing_is_held"].observed
    assert "c.csv" not in found["sources.nothing_is_held"].observed
