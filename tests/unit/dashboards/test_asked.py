"""What a query gave: any columns as a table, a chart and a file."""

from __future__ import annotations

import io
from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet
import pytest

from backhaul.questions import Chart
from dashboards import asked
from dashboards.report import svg
from dashboards.tables import csv_bytes, xlsx_bytes

RESULT = pa.table(
    {
        "month": [date(2026, 1, 1), date(2026, 2, 1), date(2026, 2, 1)],
        "carrier": ["UPS", "=cmd()", None],
        "cost": [Decimal("1234.5000"), Decimal("-2.2500"), None],
        "parcels": pa.array([1234567, 2, 3], pa.int64()),
        "source_row": pa.array([1234567, 2, 3], pa.int64()),
        "at": [datetime.fromisoformat("2026-01-01T12:30"), None, None],
        "codes": [["A", "é"], [], None],
        "mass": [{"kg": Decimal("1.5")}, None, None],
        "digest": [b"\x00\xff", None, None],
        "good": [True, False, None],
    }
)


def test_each_value_is_written_as_its_type() -> None:
    english = " ".join(asked.as_table(RESULT, "query", "Result").html("en_CA", "CAD").split())
    for text in (
        "2026-01-01",
        "1,234.50",
        "1,234,567",
        ">1234567<",
        "2026-01-01 12:30",
        "{&quot;kg&quot;: &quot;1.5&quot;}",
    ):
        assert text in english
    assert "00ff" in english
    assert "[&quot;A&quot;, &quot;é&quot;]" in english
    french = asked.as_table(RESULT, "query", "Résultat").html("fr_CA", "CAD")
    assert "1\N{NO-BREAK SPACE}234,50" in french


def test_rows_are_made_when_they_are_looked_at() -> None:
    rows = asked.as_table(RESULT, "query", "Result").rows
    assert len(rows) == 3
    assert [row["c3"] for row in rows[1:]] == [2, 3]
    assert len(list(rows)) == 3
    with pytest.raises(IndexError):
        rows[3]


def test_the_files_hold_the_exact_values_and_no_formula() -> None:
    table = asked.as_table(RESULT, "query", "Result")
    text = csv_bytes(table.header, table.body()).decode("utf-8-sig")
    assert "1234.5000" in text
    assert "'=cmd()" in text
    assert xlsx_bytes(table.header, table.body()).startswith(b"PK")
    read = pa.parquet.read_table(io.BytesIO(asked.parquet_bytes(RESULT)))
    assert read.schema == RESULT.schema
    assert read.equals(RESULT)


def test_columns_of_one_name_are_kept_apart() -> None:
    twice = pa.Table.from_arrays([pa.array([1]), pa.array(["a"])], names=["n", "n"])
    assert asked.as_table(twice, "query", "Result").body() == [[1, "a"]]
    assert len(pa.parquet.read_table(io.BytesIO(asked.parquet_bytes(twice))).column_names) == 2


@pytest.mark.parametrize(
    ("wanted", "drawn"),
    [
        (Chart("area", "month", "parcels", "carrier"), Chart("area", "month", "parcels", "carrier")),
        (Chart("area", "month", "gone"), Chart("line", "month", "cost")),
        (Chart("pie", "month", "cost"), Chart("line", "month", "cost")),
        (None, Chart("line", "month", "cost")),
    ],
)
def test_a_chart_is_drawn_from_columns_that_there_are(wanted: Chart | None, drawn: Chart) -> None:
    assert asked.fitting(wanted, RESULT) == drawn
    assert "<svg" in svg(asked.draw(RESULT, drawn, "fr_CA"))


def test_words_along_and_a_number_make_bars_and_words_alone_nothing() -> None:
    assert asked.fitting(None, RESULT.select(["carrier", "cost"])) == Chart("bar", "carrier", "cost")
    assert asked.fitting(None, RESULT.select(["carrier", "good"])) is None
    assert asked.fitting(None, RESULT.select(["cost"])) is None


@pytest.mark.parametrize("kind", asked.KINDS)
def test_every_kind_is_drawn_and_only_its_first_rows(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked, "POINTS_DRAWN", 1)
    drawing = svg(asked.draw(RESULT, Chart(kind, "month", "cost", "carrier"), "en_CA"))
    assert "UPS" in drawing
    assert "cmd" not in drawing
