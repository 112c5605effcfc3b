"""Reading the published file: read-only, closed to the outside, by named query, and always the current publish."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import duckdb
import pytest

from backhaul.publishing import Publish
from backhaul.settings import Settings
from dashboards import data
from dashboards.filters import DIMENSIONS
from tests.unit.dashboards.sample import AS_OF, write_published


def test_a_query_gets_the_parameters_it_asks_for_and_no_others(published: Publish) -> None:
    rows = data.rows(data.file_of(published), None, "extent", language="fr", never_asked=1)
    assert rows == [{"first_month": date(2026, 1, 1), "last_month": date(2026, 6, 1), "as_of": AS_OF}]


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
    before = costs(first)
    second = write_published(home, "20260701T070000-second", factor=2)
    assert data.current_publish() == second
    assert costs(first) == before
    assert costs(second) == [2 * cost for cost in before]


def costs(publish: Publish) -> list[Decimal]:
    members = dict.fromkeys(DIMENSIONS.values())
    return [
        row["cost_reporting"]
        for row in data.rows(data.file_of(publish), None, "cost_components", language="en", **members)
    ]


def test_a_pointer_without_its_file_counts_as_nothing_published(published: Publish, home: Settings) -> None:
    published.path(home).unlink()
    assert data.current_publish() is None
