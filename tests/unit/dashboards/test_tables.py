"""Downloads keep exact numbers and cannot run in a spreadsheet; tables on the page are escaped."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from dashboards.tables import Column, Table, csv_bytes, xlsx_bytes

NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1"])
def test_text_that_looks_like_a_formula_is_made_inert(text: str) -> None:
    content = csv_bytes([text], [[text, 1]]).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(content))) == [["'" + text], ["'" + text, "1"]]


def test_numbers_and_dates_are_exact_and_plain_and_accents_survive() -> None:
    content = csv_bytes(["Élément"], [["é, «x»", Decimal("-12.3400"), date(2026, 5, 1), None]])
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.decode("utf-8-sig") == 'Élément\r\n"é, «x»",-12.3400,2026-05-01,\r\n'


def test_a_workbook_keeps_numbers_dates_and_text_as_what_they_are() -> None:
    header = ["Élément", "Quantity", "Day", "Known", "Nothing"]
    known = datetime(2026, 5, 1, 4, 5, tzinfo=UTC)
    body = [["=1+1", Decimal("-12.34"), date(2026, 5, 1), known, None]]
    [first, second] = list(load_workbook(io.BytesIO(xlsx_bytes(header, body))).active.values)
    assert list(first) == header
    told = known.replace(tzinfo=None)
    assert list(second) == ["=1+1", -12.34, told.replace(hour=0, minute=0), told, None]
    sheet = load_workbook(io.BytesIO(xlsx_bytes(header, body))).active
    assert sheet["A2"].data_type == "s"


def test_labels_from_data_cannot_become_markup() -> None:
    columns = [Column("name", "<i>"), Column("told", "n", link="address")]
    rows = [{"name": "<script>", "told": "1 & 2", "address": 'x"><script>'}]
    html = Table("t", "a<b", columns, rows, {"name": "<b>"}).html("en_CA", "CAD")
    assert "<script>" not in html
    assert "<i>" not in html
    assert "&lt;script&gt;" in html
    assert "1 &amp; 2" in html
    assert 'aria-label="a&lt;b"' in html


def test_a_table_shows_what_it_is_asked_to_and_its_files_hold_all() -> None:
    columns = [Column("name", "Name"), Column("cost", "Cost", "currency"), Column("is_final", "Final", "flag")]
    rows = [{"name": f"n{place}", "cost": Decimal(place), "is_final": None} for place in range(3)]
    table = Table("t", "T", columns, rows, {"name": "All", "cost": Decimal(3)})
    html = table.html("fr_CA", "CAD", limit=2)
    assert "n1" in html
    assert "n2" not in html
    assert "3,00\N{NO-BREAK SPACE}$" in html
    # not known is a dash; what a total does not say is nothing
    assert html.count("–") == 2
    assert table.body() == [["n0", Decimal(0), None], ["n1", Decimal(1), None], ["n2", Decimal(2), None]]


def test_a_change_is_signed_and_that_of_shares_is_in_points() -> None:
    columns = [
        Column("share", "Share", "ratio", change="is_step"),
        Column("moved", "Moved", "ratio", change=True),
        Column("cost", "Cost", "currency", change="is_step"),
    ]
    whole = {"share": Decimal("0.25"), "moved": Decimal("-0.1"), "cost": Decimal(2), "is_step": False}
    html = Table("t", "T", columns, [whole, whole | {"is_step": True}]).html("en_CA", "CAD")
    cells = re.findall(r">([^<>]+)</t[hd]>", html.partition("<tbody>")[2])
    points = f"\N{MINUS SIGN}10.0{NBSP}pts"
    assert cells == ["25.0%", points, "$2.00", f"+25.0{NBSP}pts", points, "+$2.00"]
