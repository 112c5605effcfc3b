"""What pages ask of the catalogue, on a real business: any metric by any slice is the warehouse's, down to its rows."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest
import streamlit as st

from backhaul.publishing import Publish, current
from backhaul.settings import Settings
from dashboards import filters
from dashboards.access import ANYBODY
from dashboards.data import file_of, rows
from dashboards.figures import SIXTH_PLACE, Metric
from dashboards.filters import DIMENSIONS, Filters
from dashboards.i18n import LANGUAGES
from dashboards.period import Period
from dashboards.view import SLICES, View
from tests.unit.dashboards.sample import texts, visit

pytestmark = pytest.mark.e2e

# of each metric; a long run asks for more
CELLS_TRACED = int(os.environ.get("BACKHAUL_CELLS_TRACED", "3"))


Cells = dict[tuple[str, str, date], tuple[Any, ...]]
"""Of each metric, member and month: numerator, denominator, value, coverage."""


@pytest.fixture(scope="module")
def publish(published_home: Settings) -> Iterator[Publish]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BACKHAUL_HOME", str(published_home.root))
        found = current(published_home)
        assert found is not None
        yield found
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture(scope="module")
def warehouse(published_home: Settings, publish: Publish) -> Iterator[duckdb.DuckDBPyConnection]:
    """The same file in a copy: one process cannot open it in two ways."""
    copy = published_home.root / "copy-for-sql.duckdb"
    copy.write_bytes(publish.path(published_home).read_bytes())
    with duckdb.connect(str(copy), read_only=True) as connection:
        yield connection


def view(publish: Publish, **members: str) -> View:
    [extent] = rows(file_of(publish), None, "extent")
    period = Period("all", extent["first_month"], extent["last_month"])
    return View(LANGUAGES["en"], publish, ANYBODY, Filters(period, None, "none", members), extent["as_of"], publish)


def published(warehouse: duckdb.DuckDBPyConnection, dimension: str) -> Cells:
    """What the warehouse has."""
    found = warehouse.execute(
        "select kpi_id, slice_member, period_month, numerator, denominator, value, coverage from core.fct_kpi "
        "where slice_dimension = ?",
        [dimension],
    ).fetchall()
    return {row[:3]: row[3:] for row in found}


def shown(metric: Metric) -> dict[date, tuple[Any, ...]]:
    told = {}
    for cell in metric.months:
        figure = metric.at(cell.month)
        denominator = {"SUM": None, "DURATION": Decimal(cell.row_count)}.get(metric.kind, figure.denominator)
        coverage = figure.coverage.quantize(Decimal("0.000001")) if figure.coverage is not None else None
        told[cell.month] = (figure.numerator, denominator, figure.value, coverage)
    return told


@pytest.mark.parametrize("dimension", ["ALL", *SLICES.values(), "COMPONENT"])
def test_every_metric_by_every_slice_is_that_of_the_warehouse(
    publish: Publish, warehouse: duckdb.DuckDBPyConnection, dimension: str
) -> None:
    wanted = published(warehouse, dimension)
    everything = view(publish)
    found = {}
    for kpi_id, metric in everything.metrics().items():
        if metric.kind == "TABLE":
            continue
        members = {"": metric} if dimension == "ALL" else everything.members(kpi_id, dimension)
        for member, part in members.items():
            found |= {(kpi_id, member, month): values for month, values in shown(part).items()}
    # rows without a member are shown as unknown, so that the members add up to the whole
    agree(
        {key: values for key, values in found.items() if key[1] != "UNKNOWN"},
        {key: values for key, values in wanted.items() if key[1] != "UNKNOWN"},
    )
    assert len(wanted) > 300


def agree(found: Cells, wanted: Cells) -> None:
    """Both sides exactly; the sixth place of a quotient may be rounded otherwise where it is a half."""
    assert found.keys() == wanted.keys()
    for key, (numerator, denominator, value, coverage) in wanted.items():
        assert found[key][:2] == (numerator, denominator), key
        assert found[key][3] == coverage, key
        told = found[key][2]
        assert (told is None) == (value is None), key
        assert told is None or abs(told - value) <= SIXTH_PLACE, key


@pytest.mark.parametrize("column", DIMENSIONS.values())
def test_a_filter_gives_what_the_slice_gives(
    publish: Publish, warehouse: duckdb.DuckDBPyConnection, column: str
) -> None:
    wanted = published(warehouse, SLICES[column])
    member = max({key[1] for key in wanted}, key=lambda member: sum(key[1] == member for key in wanted))
    narrowed = view(publish, **{column: member}).metrics()
    found = {
        (kpi_id, member, month): values
        for kpi_id, metric in narrowed.items()
        if metric.kind != "TABLE"
        for month, values in shown(metric).items()
    }
    agree(found, {key: values for key, values in wanted.items() if key[1] == member})


def test_what_no_row_of_a_numerator_tells_gives_no_figure(
    publish: Publish, warehouse: duckdb.DuckDBPyConnection
) -> None:
    """Units of which no parcel is known carry no carrier: their share of a carrier's units is unknown, not zero."""
    blind = "core.fct_measure_month where measure_code = 'UNITS_BLIND'"
    assert warehouse.execute(f"select count(*) > 0, count(carrier) from {blind}").fetchone() == (True, 0)
    assert set(view(publish).members("A08", "CARRIER")) == {"UNKNOWN"}
    assert view(publish, carrier="UPS").metrics()["A08"].months == ()
    assert not [key for key in published(warehouse, "CARRIER") if key[0] == "A08"]


def test_the_rows_behind_any_figure_under_any_filters_add_up_to_it(publish: Publish) -> None:
    """Every metric, some cells each at random: both sides, one month, up to two filters."""
    chance = random.Random(20261125)
    everything = view(publish)
    members = {
        column: [row["member"] for row in everything.rows("filter_members") if row["dimension"] == column]
        for column in DIMENSIONS.values()
    }
    compared = 0
    for kpi_id, metric in everything.metrics().items():
        for _ in range(CELLS_TRACED if metric.months else 0):
            month = chance.choice(metric.months).month
            chosen = chance.sample(list(members), chance.randint(0, 2))
            narrowed = {column: chance.choice(members[column]) for column in chosen}
            asked = View(
                LANGUAGES["en"],
                publish,
                ANYBODY,
                Filters(Period("", month, month), None, "none", narrowed),
                everything.as_of,
                publish,
            )
            figure = asked.metrics()[kpi_id].over(asked.filters.period)
            sides = {metric.numerator_measure: figure.numerator}
            # what no row of the numerator tells cannot narrow the metric: it has no figure there
            if asked.metrics()[kpi_id].months:
                sides[metric.denominator_measure] = figure.denominator
            for measure, side in sides.items():
                if side is not None:
                    traced = asked.rows("contribution_totals", measure_code=measure)
                    assert sum((row["amount"] for row in traced), Decimal(0)) == side, (
                        kpi_id,
                        measure,
                        month,
                        narrowed,
                    )
                    compared += bool(traced)
    assert compared > 50 * CELLS_TRACED


def test_an_address_names_only_what_there_is() -> None:
    found = filters.read(
        {"period": "2026-02", "compare": "sideways", "channel": "WEBSHOP", "node": "NOWHERE"},
        date(2026, 1, 1),
        date(2026, 3, 1),
        {"channel": {"WEBSHOP"}, "node_id": {"YYZ"}},
    )
    assert (found.period.key, found.compare, dict(found.members)) == ("2026-02", "previous", {"channel": "WEBSHOP"})
    assert found.before is not None
    assert found.before.first == date(2026, 1, 1)


@pytest.mark.parametrize(
    ("narrowed", "cards", "slices"),
    [({}, False, False), ({"category"}, False, True), ({"category", "node"}, True, True)],
    ids=["none", "one", "two"],
)
def test_a_page_says_why_there_is_no_median(
    publish: Publish, warehouse: duckdb.DuckDBPyConnection, narrowed: set[str], cards: bool, slices: bool
) -> None:
    """Medians are kept along one slice: where filters meet, the page says so in place of a dash without a word."""
    row = warehouse.execute(
        "select product_category, node_id from core.fct_return_unit where disposition_executed_at is not null "
        "group by all order by count(*) desc limit 1"
    ).fetchone()
    assert row is not None
    members = {name: str(member) for name, member in zip(("category", "node"), row, strict=True) if name in narrowed}
    flow, refunds = (visit(page, lang="en", **members) for page in ("flow", "refunds"))
    said = [caption.value for caption in flow.caption if "No median is kept where filters meet" in caption.value]
    assert bool(said) is cards
    [cycle] = [metric for metric in flow.metric if metric.label == "Return cycle time"]
    assert (cycle.value == "–") is cards
    assert any("No median is kept of a slice" in text for text in texts(refunds)) is False
    carriers = visit("carriers", lang="en", **members)
    assert any("No median is kept of a slice" in text for text in texts(carriers)) is slices
