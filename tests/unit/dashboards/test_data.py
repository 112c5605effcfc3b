"""Reading the published file: read-only, closed to the outside, by named query, and always the current publish."""

from __future__ import annotations

import duckdb
import pytest

from backhaul.publishing import Publish
from backhaul.settings import Settings
from dashboards import data
from tests.unit.dashboards.sample import write_published

MASS_CLASSES = (
    "PREVENTED", "PREPARED_FOR_REUSE", "RECYCLED", "ENERGY_RECOVERY", "DISPOSED", "FATE_UNKNOWN", "LOST", "IN_PROCESS",
)  # fmt: skip


def test_every_query_runs_over_the_published_tables(published: Publish) -> None:
    parameters = {"language": "fr", "first": "2026-01-01", "last": "2026-06-01"}
    for query in sorted(data.QUERIES.glob("*.sql")):
        named = {name: value for name, value in parameters.items() if f"${name}" in query.read_text()}
        assert data.rows(published, query.stem, **named), query.stem


def test_each_mass_column_is_shown_as_its_own_class(published: Publish, home: Settings) -> None:
    columns = {"IN_PROCESS": "held"} | {name: name.lower() for name in MASS_CLASSES if name != "IN_PROCESS"}
    with duckdb.connect(str(published.path(home))) as connection:
        for mass, mass_class in enumerate(MASS_CLASSES, start=1):
            connection.execute(f"update marts.mart_waste_diversion set {columns[mass_class]}_kg = {mass}")
    found = data.rows(published, "mass_fates", language="en", first="2026-01-01", last="2026-01-01")
    assert {row["mass_class"]: row["mass_kg"] for row in found} == {
        mass_class: mass for mass, mass_class in enumerate(MASS_CLASSES, start=1)
    }


@pytest.mark.parametrize(
    "attempt",
    ["create table core.mine as select 1", "select * from read_text('/etc/hostname')", "copy core.dim_kpi to 'x'"],
)
def test_the_connection_neither_writes_nor_reaches_outside(published: Publish, home: Settings, attempt: str) -> None:
    with data.connection(str(published.path(home))).cursor() as cursor, pytest.raises(duckdb.Error):
        cursor.execute(attempt)


def test_a_new_publish_answers_with_its_own_figures_and_the_old_one_still_with_its_own(home: Settings) -> None:
    first = write_published(home, "20260701T060000-first")
    assert data.current_publish() == first
    before = data.rows(first, "headlines")
    second = write_published(home, "20260701T070000-second", factor=2)
    assert data.current_publish() == second
    assert data.rows(first, "headlines") == before
    assert [row["numerator"] for row in data.rows(second, "headlines") if row["kpi_id"] == "B02"] == [
        2 * row["numerator"] for row in before if row["kpi_id"] == "B02"
    ]


def test_a_pointer_without_its_file_counts_as_nothing_published(published: Publish, home: Settings) -> None:
    published.path(home).unlink()
    assert data.current_publish() is None
