"""The oracle: what the warehouse computes from native files equals what the simulator knows, to the cent and gram."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow.parquet as pq
import pytest

from backhaul.build import build
from backhaul.publishing import publish
from backhaul.reading import published
from backhaul.settings import Settings
from backhaul.trace import UnknownFigure, trace
from expectations.marts import audit_marts
from ingestion.batch import ingest
from ingestion.config import load_sources
from simulator.demo import simulate

UNITS = 1_500
SEEDS = [1, 2, 3, 4, 5]
KPIS = ["B02", "C01", "C03", "F06", "F04a"]


def _month(text: str) -> date:
    return date.fromisoformat(f"{text}-01")


@pytest.fixture(scope="module", params=SEEDS)
def business(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A published demo business of one seed."""
    settings = Settings(home=tmp_path_factory.mktemp(f"seed{request.param}"))
    simulate(settings.root, seed=request.param, units=UNITS)
    for source in load_sources(settings):
        ingest(source.id, (), settings)
    build(settings)
    publish(settings, audit_marts)
    return settings


@pytest.fixture
def truth(business: Settings) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((business.root / "truth" / "headline.json").read_text())
    return loaded


def test_every_headline_figure_equals_the_truth(business: Settings, truth: dict[str, Any]) -> None:
    expected = {
        (kpi_id, _month(month)): (Decimal(figure["numerator"]), Decimal(figure["denominator"]))
        for kpi_id in KPIS
        for month, figure in truth["kpis"][kpi_id]["months"].items()
    }
    with published(business) as (_, connection):
        rows = connection.execute(
            "select kpi_id, period_month, numerator, denominator from marts.mart_exec_kpi"
        ).fetchall()
    found = {(kpi_id, month): (numerator, denominator) for kpi_id, month, numerator, denominator in rows}
    assert found == expected
    assert len(found) >= 5 * 12


def test_cost_components_equal_the_truth(business: Settings, truth: dict[str, Any]) -> None:
    expected = {
        (_month(month), category): Decimal(amount)
        for month, figure in truth["kpis"]["B02"]["months"].items()
        for category, amount in figure["components"].items()
    }
    with published(business) as (_, connection):
        rows = connection.execute(
            "select period_month, category_code, sum(cost_reporting) from marts.mart_cost_per_return group by all"
        ).fetchall()
    assert {(month, category): amount for month, category, amount in rows} == expected


def test_the_mass_balance_equals_the_truth(business: Settings, truth: dict[str, Any]) -> None:
    columns = ["PREVENTED", "PREPARED_FOR_REUSE", "RECYCLED", "ENERGY_RECOVERY", "DISPOSED", "FATE_UNKNOWN"]
    expected = {
        _month(month): tuple(
            Decimal(value)
            for value in (
                balance["opening_kg"],
                balance["received_kg"],
                *(balance["out_kg"].get(column, "0") for column in columns),
                balance["closing_kg"],
            )
        )
        for month, balance in truth["kpis"]["mass"]["months"].items()
    }
    selected = ", ".join(f"{column.lower()}_kg" for column in columns)
    with published(business) as (_, connection):
        rows = connection.execute(
            f"select period_month, opening_kg, received_kg, {selected}, closing_kg from marts.mart_waste_diversion"
        ).fetchall()
    assert {row[0]: tuple(row[1:]) for row in rows} == expected


def test_each_unit_equals_its_line_in_the_ledger(business: Settings) -> None:
    ledger = pq.read_table(business.root / "truth" / "ledger.parquet")
    with published(business) as (_, connection):
        connection.register("ledger", ledger)
        wrong = connection.execute(
            """
            select count(*)
            from ledger
            full outer join core.fct_return_unit as unit
                on
                    coalesce(unit.lpn, unit.rma_id || '#' || unit.rma_line || '#' || unit.unit_ordinal)
                    = coalesce(ledger.lpn, ledger.rma_id || '#' || ledger.rma_line || '#' || ledger.unit_ordinal)
            where
                unit.received_at is distinct from ledger.received_at
                or unit.disposition_code is distinct from ledger.disposition_code
                or unit.mass_kg is distinct from ledger.unit_mass_kg
                or unit.landed_cost_reporting is distinct from ledger.landed_cost_reporting
            """
        ).fetchone()
        counted = connection.execute("select count(*) from core.fct_return_unit").fetchone()
    assert wrong == (0,)
    assert counted == (ledger.num_rows,)


def test_everything_published_is_described(business: Settings) -> None:
    with published(business) as (_, connection):
        undescribed = connection.execute(
            "select schema_name, table_name, column_name from duckdb_columns() where not internal and comment is null "
            "union all select schema_name, table_name, '' from duckdb_tables() where coalesce(comment, '') = ''"
        ).fetchall()
    assert undescribed == []


def test_what_no_unit_caused_stays_visible(business: Settings, truth: dict[str, Any]) -> None:
    with published(business) as (_, connection):
        row = connection.execute(
            "select count(distinct (file_sha256, source_row, source_path)), sum(amount_reporting) from core.fct_cost "
            "where allocation_method = 'UNALLOCATED'"
        ).fetchone()
    assert row == (truth["unallocated"]["records"], Decimal(truth["unallocated"]["amount"]))


@pytest.mark.parametrize("role", ["NUMERATOR", "DENOMINATOR"])
@pytest.mark.parametrize("kpi_id", KPIS)
def test_the_rows_behind_a_figure_add_up_to_it(
    business: Settings, truth: dict[str, Any], kpi_id: str, role: str
) -> None:
    for month in ("2025-12", "2026-03"):
        traced = trace(business, kpi_id, _month(month), role)
        assert traced.total == Decimal(truth["kpis"][kpi_id]["months"][month][role.lower()])
        assert traced.adds_up
        for record in traced.records[:20]:
            landed = business.root / record.landing
            assert landed.is_file()
            assert record.row >= 1


def test_the_rows_behind_a_component_add_up_to_it(business: Settings, truth: dict[str, Any]) -> None:
    components = truth["kpis"]["B02"]["months"]["2026-03"]["components"]
    for category, amount in components.items():
        traced = trace(business, "B02", _month("2026-03"), component=category)
        assert traced.total == Decimal(amount)
        assert traced.adds_up
    # a page of a carrier's API is one record of its file: the place inside it tells the shipments apart
    freight = trace(business, "B02", _month("2026-03"), component="FRT_RTN").records
    labels = [record for record in freight if record.table == "easypost__shipments"]
    assert len(labels) > 10
    assert len({(record.file, record.row, record.path) for record in labels}) == len(labels)
    assert all(record.path for record in labels)
    # no mart shows the masses of a rate one by one: nothing is claimed of them
    assert trace(business, "F06", _month("2026-03"), component="PREVENTED").total is None


def test_a_figure_that_is_not_there_is_explained(business: Settings) -> None:
    with pytest.raises(UnknownFigure, match="B02 2025-10 to"):
        trace(business, "B02", date(1999, 1, 1))
    with pytest.raises(UnknownFigure, match="NONSENSE"):
        trace(business, "B02", date(2026, 3, 1), component="NONSENSE")
