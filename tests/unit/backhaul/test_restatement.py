"""July as known then and now: only news is kept, what vanished is remembered, and the component says why."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from backhaul.publishing import current, publish
from backhaul.receipts import Check
from backhaul.settings import Settings
from tests.unit.backhaul.test_publishing import built

Figure = tuple[str, str, int]


def published(settings: Settings, build_id: str, day: int, figures: list[Figure]) -> None:
    """A publish that knows these (slice dimension, member, numerator) of one metric and month, as of a day."""
    built(settings, build_id, 1)
    with duckdb.connect(str(settings.build_db)) as connection:
        rows = ", ".join(
            f"('B02', date '2026-07-01', '{dimension}', '{member}', {numerator}, 10, {numerator} / 10, 1.0, "
            f"timestamp '2026-08-{day:02d}')"
            for dimension, member, numerator in figures
        )
        connection.execute(
            f"create or replace table core.fct_kpi as from (values {rows}) as figures (kpi_id, period_month, "
            "slice_dimension, slice_member, numerator, denominator, value, coverage, as_of)"
        )
    publish(settings, lambda *_: [Check("ok", True, "", "fail")])


@pytest.fixture
def restated(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    """Three publishes: a first, one that knows nothing new, and one with a late bill and a cost taken back."""
    settings = Settings(home=tmp_path)
    first = [("ALL", "", 100), ("COMPONENT", "FRT_RTN", 90), ("COMPONENT", "RCV", 10), ("CHANNEL", "WEB", 100)]
    published(settings, "b1", 1, first)
    published(settings, "b2", 2, first)
    published(settings, "b3", 3, [("ALL", "", 130), ("COMPONENT", "FRT_RTN", 90), ("COMPONENT", "FRT_ADJ", 40)])
    now = current(settings)
    assert now is not None
    return duckdb.connect(str(now.path(settings)), read_only=True)


def test_only_what_changed_is_kept(restated: duckdb.DuckDBPyConnection) -> None:
    rows = restated.execute(
        "select publish_id, slice_member, numerator from marts.mart_kpi_as_known order by publish_id, slice_member"
    ).fetchall()
    assert rows == [
        ("b1", "", 100),
        ("b1", "FRT_RTN", 90),
        ("b1", "RCV", 10),
        ("b3", "", 130),
        ("b3", "FRT_ADJ", 40),
        ("b3", "RCV", None),
    ]


def test_the_component_that_moved_is_the_cause(restated: duckdb.DuckDBPyConnection) -> None:
    rows = restated.execute(
        "select slice_member, first_numerator, last_numerator, numerator_change, change_count "
        "from marts.mart_restatement order by slice_member"
    ).fetchall()
    assert sum(change for member, _, _, change, _ in rows if member) == rows[0][3]
    assert rows == [
        ("", 100, 130, 30, 1),
        ("FRT_ADJ", None, 40, 40, 1),
        ("FRT_RTN", 90, 90, 0, 0),
        ("RCV", 10, None, -10, 1),
    ]


def test_everything_about_it_is_described(restated: duckdb.DuckDBPyConnection) -> None:
    missing = restated.execute(
        "select column_name from duckdb_columns() where table_name in ('mart_restatement', 'mart_kpi_as_known') "
        "and comment is null"
    ).fetchall()
    assert missing == []
