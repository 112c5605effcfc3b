"""The invariants of mass and carbon hold on a demo business, and each test of them fails on what is planted."""

from __future__ import annotations

import csv
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from backhaul.settings import PROJECT, Settings
from ingestion.batch import ingest
from ingestion.config import load_sources
from simulator.demo import simulate
from tests.integration.partial import build_models

UNITS = 600
MARTS = ["mart_waste_diversion", "mart_waste_carbon", "mart_disclosure_gri306", "int_mass__finding"]
CARBON = {"fct_unit_carbon", "mart_waste_carbon"}
# invariant, its test, what is planted, and the model that has to be computed again to notice
PLANTED = [
    ("9", "mass_balance_closes", "update marts.mart_waste_diversion set recycled_kg = recycled_kg + 0.000001", None),
    (
        "9", "unit_mass_lines_add_up_to_the_unit",
        "delete from core.fct_unit_mass where mass_class = 'PREVENTED'", None,
    ),
    (
        "10", "product_materials_add_up_to_the_product",
        "update core.bridge_product_material set mass_share = mass_share * 0.99", None,
    ),
    (
        "10", "material_masses_add_up_to_their_line",
        "update intermediate.int_mass__material set mass_kg = mass_kg + 0.000001 where material_code = 'PAPERBOARD'",
        None,
    ),
    (
        "11", "waste_tickets_weigh_what_their_units_weigh",
        "update core.fct_waste_movement set mass_kg = mass_kg * 2 where is_counted", "int_mass__finding",
    ),
    (
        "12", "diversion_definitions_are_ordered",
        "update marts.mart_waste_diversion set diversion_rate_true_zwia = diversion_rate_us_epa + 0.000001", None,
    ),
    (
        "12", "diversion_definitions_are_ordered",
        "update marts.mart_waste_diversion set diversion_rate_gri = diversion_rate_ul_2799 + 0.000001", None,
    ),
    (
        "12", "diversion_definitions_are_ordered",
        "update marts.mart_waste_diversion set recycled_kg = recycled_kg + prevented_kg where prevented_kg > 0", None,
    ),
    ("12", "diversion_definitions_are_ordered", "update marts.mart_waste_diversion set kept_in_use_rate = 1.1", None),
    (
        "13", "recalled_and_expired_units_are_not_resold",
        "update core.fct_return_unit set grade_code = 'R' where disposition_code = 'RESTOCK_NEW'",
        "int_mass__finding",
    ),
    (
        "13", "recalled_and_expired_units_are_not_resold",
        "update core.fct_return_unit set expiry_date = date '2000-01-01' where disposition_code = 'RESELL_OPEN_BOX'",
        "int_mass__finding",
    ),
    (
        "13", "hazardous_waste_has_a_certificate",
        "update core.fct_waste_movement set is_hazardous = true, certificate_number = null", "int_mass__finding",
    ),
    ("31", "waste_has_a_factor_or_lowers_coverage", "delete from core.fct_unit_carbon where mass_kg > 0", None),
    (
        "31", "waste_has_a_factor_or_lowers_coverage",
        "delete from marts.mart_waste_carbon where factor_set = 'NONE'", None,
    ),
    (
        "31", "disclosed_waste_is_the_waste_of_the_year",
        "update marts.mart_disclosure_gri306 set waste_kg = waste_kg * 1.01", None,
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def business(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A demo business without mistakes in its records, built as far as the mass and carbon marts."""
    settings = Settings(home=tmp_path_factory.mktemp("mass"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("simulator.mistakes._EACH", 0)
        patch.setattr("simulator.render.wms._INCOMPLETE", -1)
        simulate(settings.root, seed=11, units=UNITS)
    for source in load_sources(settings):
        ingest(source.id, (), settings)
    build_models(settings, *MARTS)
    return settings


@pytest.fixture
def warehouse(business: Settings, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of the build database under its own name, to plant in."""
    copy = tmp_path / business.build_db.name
    shutil.copy(business.build_db, copy)
    with duckdb.connect(str(copy)) as connection:
        yield connection


def _compiled(business: Settings, name: str) -> str:
    (path,) = (business.dbt_target / "compiled").rglob(f"{name}.sql")
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted({test for _, test, _, _ in PLANTED}))
def test_an_invariant_holds(business: Settings, warehouse: duckdb.DuckDBPyConnection, name: str) -> None:
    assert warehouse.execute(_compiled(business, name)).fetchall() == []


@pytest.mark.parametrize(("invariant", "name", "plant", "again"), PLANTED)
def test_an_invariant_fails_on_what_is_planted(
    business: Settings,
    warehouse: duckdb.DuckDBPyConnection,
    invariant: str,
    name: str,
    plant: str,
    again: str | None,
) -> None:
    warehouse.execute(plant)
    if again:
        warehouse.execute(f"create or replace table intermediate.{again} as {_compiled(business, again)}")
    assert warehouse.execute(_compiled(business, name)).fetchall() != [], f"invariant {invariant} saw nothing"


def _seed(name: str) -> list[dict[str, str]]:
    with (PROJECT / "dbt_project" / "seeds" / "reference" / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def _published(boundary: str) -> dict[tuple[str, str], Decimal]:
    """By material and treatment, the factor of the best set as the seeds have it; every set is taken to be valid."""
    preference = {row["factor_set"]: int(row["preference"]) for row in _seed("dim_factor_set")}
    factors = {
        (row["factor_set"], row["factor_material"], row["treatment_code"]): row
        for row in _seed("dim_emission_factor")
        if row["boundary"] == boundary
    }
    best: dict[tuple[str, str], tuple[bool, int, Decimal]] = {}
    for mapped in _seed("map_factor_material"):
        if mapped["boundary"] != boundary:
            continue
        for (factor_set, material, treatment), row in factors.items():
            if (factor_set, material) != (mapped["factor_set"], mapped["factor_material"]):
                continue
            value = Decimal(row["kg_co2e_per_kg"])
            if boundary == "AVOIDED":
                landfill = factors.get((factor_set, material, "LANDFILL"))
                if landfill is None:
                    continue
                value = Decimal(landfill["kg_co2e_per_kg"]) - value
            proxy = "true" in (mapped["is_proxy"], row["is_proxy"])
            candidate = (proxy, preference[factor_set], value)
            key = (mapped["material_code"], treatment)
            best[key] = min(best.get(key, candidate), candidate)
    return {key: value for key, (_, _, value) in best.items()}


@pytest.mark.parametrize("boundary", ["INVENTORY", "AVOIDED"])
def test_carbon_is_mass_times_the_published_factor(warehouse: duckdb.DuckDBPyConnection, boundary: str) -> None:
    factors = _published(boundary)
    expected: Counter[date] = Counter()
    for month, material, treatment, mass in warehouse.execute(
        "select m.disposition_month, i.material_code, m.treatment_code, i.mass_kg "
        "from intermediate.int_mass__material i join core.fct_unit_mass m using (unit_mass_key) "
        "join core.dim_mass_class c using (mass_class) where c.is_waste"
    ).fetchall():
        if (material, treatment) in factors:
            co2e = (mass * factors[material, treatment]).quantize(Decimal("1e-6"), ROUND_HALF_UP)
            expected[month] += co2e  # type: ignore[assignment]
    found = dict(
        warehouse.execute(
            "select period_month, sum(co2e_kg) from marts.mart_waste_carbon "
            "where boundary = ? and factor_set <> 'NONE' group by period_month",
            [boundary],
        ).fetchall()
    )
    assert found == dict(expected)
    assert len(found) > 6


def _mixed(sql: str, dialect: str = "duckdb") -> list[str]:
    """The sums of CO2e in a query that could hold more than one boundary: neither grouped nor filtered by it."""
    found = []
    for tree in sqlglot.parse(sql, read=dialect):
        assert tree is not None
        if not {table.name for table in tree.find_all(exp.Table)} & CARBON:
            continue
        for total in tree.find_all(exp.Sum):
            select = total.find_ancestor(exp.Select)
            if select is None or "co2e" not in total.sql():
                continue
            group, where = select.args.get("group"), select.args.get("where")
            grouped = group is not None and any(column.name == "boundary" for column in group.find_all(exp.Column))
            filtered = where is not None and any(
                equal.left.name == "boundary" and isinstance(equal.right, exp.Literal)
                for equal in where.find_all(exp.EQ)
            )
            if not grouped and not filtered:
                found.append(total.sql())
    return found


@pytest.mark.parametrize(
    ("sql", "mixes"),
    [
        ("select sum(co2e_kg) from core.fct_unit_carbon", True),
        ("select treatment_code, sum(co2e_kg) from core.fct_unit_carbon group by treatment_code", True),
        ("select sum(co2e_kg) from core.fct_unit_carbon where boundary <> 'PRODUCTION'", True),
        ("with c as (select * from core.fct_unit_carbon) select month, sum(c.co2e_kg) from c group by month", True),
        ("select boundary, sum(co2e_kg) from core.fct_unit_carbon group by boundary", False),
        ("select sum(co2e_kg) from core.fct_unit_carbon where boundary = 'INVENTORY'", False),
        ("select boundary, sum(mass_kg) from core.fct_unit_carbon group by boundary", False),
    ],
)
def test_a_sum_over_two_boundaries_is_recognised(sql: str, mixes: bool) -> None:
    assert bool(_mixed(sql)) == mixes


def test_inventory_and_avoided_carbon_are_never_added(business: Settings) -> None:
    readers = 0
    for path in (business.dbt_target / "compiled").rglob("*.sql"):
        sql = path.read_text(encoding="utf-8")
        readers += bool(re.search(r"\bfct_unit_carbon\b", sql))
        if any(name in sql for name in CARBON):
            assert _mixed(sql) == [], path.name
    assert readers >= 3
    for path in (PROJECT / "dashboards" / "queries").glob("*.sql"):
        assert _mixed(path.read_text(encoding="utf-8")) == [], path.name
