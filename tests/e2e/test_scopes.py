"""What a vendor and a site see of a real business: every query and every page, and figures that are of their rows."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from backhaul.publishing import Publish, current
from backhaul.settings import Settings
from dashboards.access import Reader, Scope, ScopeColumn, reading_as
from dashboards.data import QUERIES, file_of, is_closed, rows, statement
from dashboards.i18n import LANGUAGES
from dashboards.menu import OF_THE_WHOLE, entries
from dashboards.scoped import open_scoped
from tests.unit.dashboards.sample import FRAME

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

COLUMNS: tuple[ScopeColumn, ...] = ("node_id", "vendor_id")
QUERY_NAMES = sorted(path.stem for path in QUERIES.glob("*.sql"))
PAGES = [entry.name for entry in entries(LANGUAGES["en"]) if entry.name not in OF_THE_WHOLE]
SAMPLE: dict[str, Any] = {
    "language": "en", "currency": "CAD", "by": "ALL", "only": None, "row_limit": 5000, "unit_limit": 5000,
    "component": None, "first": date(2000, 1, 1), "last": date(2100, 1, 1), "before_first": date(2000, 1, 1),
    "before_last": date(2100, 1, 1), "measure_code": "UNITS_RECEIVED", "kpi_id": "B02", "rule_id": "unknown_mass",
    "expired": True, "as_of": date(2026, 6, 1), "known_before": datetime(2100, 1, 1),  # noqa: DTZ001 - instants of the warehouse have no zone
}  # fmt: skip
# Parts of pages that are known of the whole business only, and say so. To take one from here is good; to add one is to
# take something from people.
CLOSED = {
    "waste": {"node_id": 1, "vendor_id": 1},
    "causes": {"node_id": 1, "vendor_id": 1},
    "flow": {"vendor_id": 1},
    "carriers": {"vendor_id": 3},
    "refunds": {"node_id": 2, "vendor_id": 2},
    "decisions": {"node_id": 1, "vendor_id": 3},
    "sectors": {"node_id": 1, "vendor_id": 1},
}
SAID = {
    "en": "Known of the whole business only, not of the rows that you see.",
    "fr": "Connu de l’ensemble de l’entreprise seulement, pas des lignes que vous voyez.",
}
LANGUAGE: dict[str, str] = {"node_id": "fr", "vendor_id": "en"}


@pytest.fixture(scope="module")
def published(published_home: Settings) -> Iterator[Publish]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BACKHAUL_HOME", str(published_home.root))
        found = current(published_home)
        assert found is not None
        yield found
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture(scope="module")
def copy(published_home: Settings, published: Publish, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published file again: an engine opens a file once in a process, by one kind of connection."""
    path = tmp_path_factory.mktemp("copy") / "copy.duckdb"
    shutil.copyfile(published.path(published_home), path)
    return path


@pytest.fixture(scope="module")
def scopes(copy: Path) -> dict[ScopeColumn, Scope]:
    """Of each kind the member with the second most units: some business, and most of it not its own."""
    with duckdb.connect(str(copy), read_only=True) as connection:
        found: dict[ScopeColumn, Scope] = {}
        for column in COLUMNS:
            row = connection.execute(
                f"select {column} from core.fct_return_unit where {column} is not null group by 1 "
                "order by count(*) desc, 1 limit 1 offset 1"
            ).fetchone()
            assert row is not None
            found[column] = Scope(column, (str(row[0]),))
        return found


@pytest.fixture(scope="module")
def foreign(copy: Path, scopes: dict[ScopeColumn, Scope]) -> dict[ScopeColumn, dict[str, Any]]:
    """What only units of others are called: keys, serial numbers, plates, authorisations, parcels."""
    with duckdb.connect(str(copy), read_only=True) as connection:
        return {column: _foreign(connection, column, scope.members[0]) for column, scope in scopes.items()}


def _foreign(connection: duckdb.DuckDBPyConnection, scope_column: str, member: str) -> dict[str, Any]:
    names: set[str] = set()
    for column in ("unit_key", "serial_number", "lpn", "rma_id", "tracking_number"):
        names |= {
            str(row[0])
            for row in connection.execute(
                f"select distinct {column} from core.fct_return_unit where {scope_column} is distinct from $member "
                f"and {column} is not null except "
                f"select {column} from core.fct_return_unit where {scope_column} = $member",
                {"member": member},
            ).fetchall()
        }
    keys = [
        connection.execute(
            f"select min(unit_key) from core.fct_return_unit where {scope_column} {condition} $member",
            {"member": member},
        ).fetchone()
        for condition in ("=", "is distinct from")
    ]
    assert all(keys)
    assert len(names) > 1000
    own, other = (str(key[0]) for key in keys if key)
    return {"names": names, "own_unit_key": own, "unit_key": other}


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("query", QUERY_NAMES)
def test_no_query_tells_of_what_is_not_the_readers_own(
    published: Publish,
    scopes: dict[ScopeColumn, Scope],
    foreign: dict[ScopeColumn, dict[str, Any]],
    query: str,
    column: ScopeColumn,
) -> None:
    """Whatever a page asks: no unit, number or parcel of another, by key or by what is asked for."""
    _sql, wanted = statement(query)
    for unit_key in (foreign[column]["unit_key"], foreign[column]["own_unit_key"]):
        asked = dict.fromkeys(wanted) | {name: SAMPLE[name] for name in wanted if name in SAMPLE}
        asked |= {name: unit_key for name in wanted if name == "unit_key"}
        found = rows(file_of(published), scopes[column], query, **asked)
        told = {
            str(value) for row in found for value in row.values() if not isinstance(value, Decimal | datetime | date)
        }
        assert not told & foreign[column]["names"]
        if unit_key == foreign[column]["unit_key"] and "unit_key" in wanted:
            assert found == []


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_for_a_vendor_and_for_a_site(
    published: Publish, scopes: dict[ScopeColumn, Scope], foreign: dict[ScopeColumn, dict[str, Any]],
    name: str, column: ScopeColumn,
) -> None:  # fmt: skip
    page = _visited(name, column, scopes, unit=foreign[column]["own_unit_key"])
    assert not page.exception, page.exception[0].stack_trace
    assert not page.error
    assert not page.metric or any(metric.value != "–" for metric in page.metric)
    said = [caption for caption in page.caption if SAID[LANGUAGE[column]] in caption.value]
    assert len(said) == CLOSED.get(name, {}).get(column, 0)


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("name", sorted(OF_THE_WHOLE))
def test_a_page_about_the_whole_says_that_it_is(
    published: Publish, scopes: dict[ScopeColumn, Scope], name: str, column: ScopeColumn
) -> None:
    page = _visited(name, column, scopes)
    assert not page.exception
    [said] = page.info
    assert scopes[column].members[0] in said.value
    assert not page.metric
    assert not page.get("html")[2:]


def _visited(name: str, column: ScopeColumn, scopes: dict[ScopeColumn, Scope], **parameters: str) -> AppTest:
    page = AppTest.from_file(str(FRAME), default_timeout=120)
    for key, value in {"lang": LANGUAGE[column], **parameters}.items():
        page.query_params[key] = value
    if name != "overview":
        page.switch_page(f"{name}.py")
    with reading_as(Reader("", "viewer", scopes[column])):
        return page.run()


def test_what_is_made_anew_of_all_rows_is_what_was_published(copy: Path, tmp_path: Path) -> None:
    """Where every unit is one vendor's, the vendor sees what everybody sees."""
    path = tmp_path / "one.duckdb"
    shutil.copyfile(copy, path)
    with duckdb.connect(str(path)) as connection:
        connection.execute("update core.fct_return_unit set vendor_id = 'ONE'")
    opened = open_scoped(str(path), Scope("vendor_id", ("ONE",)), {})
    scoped, made = opened.connection, set(opened.waiting)
    opened.prepare(made)
    assert not opened.waiting
    # what parcels tell is closed to vendors, and what is told by vendor is another's here
    partly = {"core.fct_measure_duration", "marts.mart_cycle_time"}
    anew = made - partly - {"marts.mart_vendor_recovery"}
    assert len(anew) >= 13
    for table in sorted(anew):
        for one, other in ((table, f"published.{table}"), (f"published.{table}", table)):
            assert scoped.execute(f"select count(*) from (from {one} except all from {other})").fetchone() == (0,), (
                table
            )
    for table in sorted(partly):
        assert scoped.execute(f"select count(*) from (from {table} except all from published.{table})").fetchone() == (
            0,
        )


def test_a_site_recovers_what_its_own_units_brought(
    published: Publish, copy: Path, scopes: dict[ScopeColumn, Scope]
) -> None:
    scope = scopes["node_id"]
    shown = rows(
        file_of(published), scope, "recovery", language="en", first=SAMPLE["first"], last=SAMPLE["last"], channel=None
    )
    with duckdb.connect(str(copy), read_only=True) as connection:
        wanted = connection.execute(
            "select count(*), sum(sale_proceeds_reporting), "
            "sum(coalesce(recovery_reporting, 0) - coalesce(cost_reporting, 0) + coalesce(given_away_reporting, 0)) "
            "from core.fct_return_unit where node_id = ? and disposition_month is not null "
            "and landed_cost_reporting is not null and not is_customer_owned",
            scope.members,
        ).fetchone()
    keys = ("unit_count", "gross_proceeds_reporting", "net_recovery_reporting")
    assert tuple(sum(row[key] for row in shown) for key in keys) == wanted


def test_a_site_disputes_the_charges_of_its_own_parcels(
    published: Publish, copy: Path, scopes: dict[ScopeColumn, Scope]
) -> None:
    with duckdb.connect(str(copy), read_only=True) as connection:
        sites = dict(
            connection.execute(
                "select parcel.node_id, count(*) from marts.mart_invoice_audit as audit "
                "inner join core.fct_return_shipment as parcel using (tracking_number) "
                "where parcel.node_id is not null group by 1"
            ).fetchall()
        )
    assert sites
    for site, count in sites.items():
        asked = {"language": "en", "first": SAMPLE["first"], "last": SAMPLE["last"], "carrier": None, "row_limit": 500}
        assert len(rows(file_of(published), Scope("node_id", (site,)), "disputes", **asked)) == count
    assert is_closed(file_of(published), scopes["vendor_id"], "disputes")


def test_a_table_is_made_when_it_is_asked_for_with_what_it_reads(copy: Path, scopes: dict[ScopeColumn, Scope]) -> None:
    opened = open_scoped(str(copy), scopes["node_id"], {})
    every = set(opened.waiting)
    opened.prepare({"core.fct_measure_month"})
    assert set(opened.waiting) == every
    opened.prepare({"marts.mart_recovery"})
    assert every - set(opened.waiting) == {"marts.mart_recovery", "marts.mart_recovery_mix"}
    [(whole,)] = opened.connection.execute("select sum(unit_count) from marts.mart_recovery").fetchall()
    [(mixed,)] = opened.connection.execute("select sum(unit_count) from marts.mart_recovery_mix").fetchall()
    assert whole == mixed > 0
