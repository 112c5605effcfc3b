"""Downloads keep exact numbers and cannot run in a spreadsheet; tables on the page are escaped."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

import pytest

from dashboards.tables import csv_bytes, html_table


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1"])
def test_text_that_looks_like_a_formula_is_made_inert(text: str) -> None:
    content = csv_bytes([text], [[text, 1]]).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(content))) == [["'" + text], ["'" + text, "1"]]


def test_numbers_and_dates_are_exact_and_plain_and_accents_survive() -> None:
    content = csv_bytes(["Élément"], [["é, «x»", Decimal("-12.3400"), date(2026, 5, 1), None]])
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.decode("utf-8-sig") == 'Élément\r\n"é, «x»",-12.3400,2026-05-01,\r\n'


def test_labels_from_data_cannot_become_markup() -> None:
    html = html_table("a<b", ["<i>"], [["<script>", "1 & 2"]], ["<b>", "3"])
    assert "<script>" not in html
    assert "<i>" not in html
    assert "&lt;script&gt;" in html
    assert "1 &amp; 2" in html
    assert 'aria-label="a&lt;b"' in html
