"""Workbooks: a sheet is read as the same lines in a CSV would be, under its own row numbers."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from contextlib import suppress
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion.description import load_description
from ingestion.opening import Unreadable
from ingestion.readers import workbook
from ingestion.unpacking import OLE
from tests.unit.ingestion.parsing import parse_bytes
from tests.unit.ingestion.reading import mutated

DESCRIPTION = {
    "columns": [
        {"name": "rma", "type": "string", "required": True},
        {"name": "sku", "type": "string", "required": True},
        {"name": "qty", "type": "integer", "required": True},
        {"name": "day", "type": "timestamp"},
    ],
    "routes": [{"table": "returns", "map": {"rma_id": "rma", "sku": "sku", "quantity": "qty", "authorised_at": "day"}}],
}
HEADER = ["rma", "sku", "qty", "day"]
ROWS = [
    ["R1", "007", 1, dt.datetime.fromisoformat("2026-03-01")],
    ["R2", "B", "two", None],
    ["R3", "C, or D\nE", 3, dt.datetime.fromisoformat("2026-03-02T10:30")],
]


def saved(*sheets: list[list[object]], change=lambda book: None) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets, 1):
        sheet = book.create_sheet(f"Sheet{number}")
        for row in rows:
            sheet.append(row)
    change(book)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def repacked(data: bytes, change) -> bytes:
    """The workbook with each part that ``change`` (name, bytes) gives."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return made.getvalue()


def in_sheet(pattern: bytes, put: bytes):
    return lambda name, part: re.sub(pattern, put, part) if name == "xl/worksheets/sheet1.xml" else part


def described(tmp_path: Path, **options) -> str:
    path = tmp_path / "described.yml"
    path.write_text(yaml.safe_dump({**DESCRIPTION, "options": options}))
    return str(path)


def read(tmp_path: Path, data: bytes, kind: str = "xlsx", **options):
    return parse_bytes(tmp_path, kind, "returns.xlsx", data, contract=described(tmp_path, **options))


def taken(outcome) -> list[tuple]:
    return outcome.rows("backhaul__returns", "_row, rma_id, sku, quantity")


EXPECTED = [(2, "R1", "007", 1), (4, "R3", "C, or D\nE", 3)]
BOOK = saved([HEADER, *ROWS])


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("xlsx", {}),
        ("delimited", {}),
        ("delimited", {"delimiter": ";"}),
        ("delimited", {"delimiters": ["\t", ";"]}),
        ("delimited", {"quote": None}),
        ("xlsx", {"width": 6}),
    ],
)
def test_a_sheet_is_read_like_the_lines_whatever_they_are_written_with(tmp_path, kind, options):
    outcome = read(tmp_path, BOOK, kind, **options)
    assert taken(outcome) == EXPECTED
    assert outcome.quarantine() == [(3, "not_a_integer", "qty")]
    assert outcome.quarantine("raw_text")[0][0].startswith("R2")
    assert outcome.parsed.rows_read == 3


def test_a_sheet_without_a_header_is_read_by_the_numbers_of_its_fields(tmp_path):
    body = yaml.safe_load(Path(described(tmp_path, header=False, width=5)).read_text())
    for number, column in enumerate(body["columns"], 1):
        column["aliases"] = [str(number)]
    (tmp_path / "numbered.yml").write_text(yaml.safe_dump(body))
    outcome = parse_bytes(tmp_path, "xlsx", "r.xlsx", saved(ROWS), contract=str(tmp_path / "numbered.yml"))
    assert [row[0] for row in taken(outcome)] == [1, 3]
    assert outcome.quarantine() == [(2, "not_a_integer", "qty")]


def test_lines_under_a_workbook_s_description_are_read_too(tmp_path):
    outcome = read(tmp_path, b"rma,sku,qty\nR1,007,1\n")
    assert taken(outcome) == [(1, "R1", "007", 1)]


SHEETS = {
    "title rows above": ([["Returns of March"], [], HEADER, *ROWS],),
    "a cover sheet before": ([["Read me"], ["please"]], [HEADER, *ROWS]),
    "an empty sheet before": ([], [HEADER, *ROWS]),
}


@pytest.mark.parametrize("form", SHEETS)
def test_the_header_is_found(tmp_path, form):
    outcome = read(tmp_path, saved(*SHEETS[form]))
    assert [row[1:] for row in taken(outcome)] == [row[1:] for row in EXPECTED]
    assert outcome.parsed.rows_read == 3


def test_row_numbers_are_those_of_the_sheet(tmp_path):
    outcome = read(tmp_path, saved([["Title"], [], HEADER, ROWS[0], [], ROWS[1], [""], ROWS[2]]))
    assert [row[0] for row in taken(outcome)] == [4, 8]
    assert outcome.quarantine("_row") == [(6,)]


def test_hidden_sheets_are_read_only_by_name(tmp_path):
    def hide(book):
        book["Sheet1"].sheet_state = "hidden"

    data = saved([HEADER, ["H1", "A", 1]], [HEADER, ["V1", "A", 1]], change=hide)
    assert [row[1] for row in taken(read(tmp_path, data))] == ["V1"]
    assert [row[1] for row in taken(read(tmp_path, data, sheet="Sheet1"))] == ["H1"]
    assert read(tmp_path, data, sheet="Data").parsed.blocked == (
        "no_such_sheet: there is no sheet 'Data'; there are: Sheet1, Sheet2"
    )


def test_a_sheet_without_what_is_required_is_refused_row_by_row(tmp_path):
    outcome = read(tmp_path, saved([["rma", "note"], ["R1", "two\nlines"], [], ["R2", "x"]]))
    assert outcome.parsed.blocked == "missing_required_column: sku, qty"
    assert outcome.quarantine("_row, raw_text") == [(2, 'R1,"two\nlines"'), (4, "R2,x")]


def test_a_row_wider_than_the_header_is_kept_out(tmp_path):
    outcome = read(tmp_path, saved([HEADER, ROWS[0], ["R4", "A", 1, None, "beyond"]]))
    assert outcome.quarantine("_row, rule") == [(3, "too_many_columns")]
    assert len(taken(outcome)) == 1


def test_an_error_in_a_cell_keeps_its_row_out(tmp_path):
    data = saved([HEADER, ["R1", "#N/A", 1], ["R2", "A", 1]])
    outcome = read(tmp_path, data)
    assert outcome.quarantine("_row, rule, column_name, detail, raw_text") == [
        (2, "error_cell", "sku", "#N/A", "R1,#N/A,1,")
    ]
    assert taken(outcome) == [(3, "R2", "A", 1)]


def test_a_formula_gives_the_value_that_was_stored(tmp_path):
    data = repacked(saved([HEADER, ["R1", "A", 5]]), in_sheet(rb"<v>5</v>", b"<f>2+3</f><v>5</v>"))
    assert taken(read(tmp_path, data)) == [(2, "R1", "A", 5)]


@pytest.mark.parametrize(
    ("stored", "style", "text"),
    [
        (b"<v>0.30000000000000004</v>", None, "0.3"),
        (b"<v>3</v>", None, "3"),
        (b"<v>3.0</v>", None, "3"),
        (b"<v>-12.50</v>", None, "-12.5"),
        (b"<v>100</v>", None, "100"),
        (b"<v>1E-7</v>", None, "0.0000001"),
        (b"<v>12345678901234567</v>", None, "12345678901234567"),
        (b"<v>46082</v>", "yyyy-mm-dd", "2026-03-01"),
        (b"<v>46082</v>", "d/m/yy h:mm", "2026-03-01T00:00:00"),
        (b"<v>46082.4375</v>", "yyyy-mm-dd", "2026-03-01T10:30:00"),
        (b"<v>0.4375</v>", "h:mm", "10:30:00"),
        (b"<v>1.25</v>", "[h]:mm", "30:00:00"),
    ],
)
def test_cells_come_out_as_what_they_hold(tmp_path, stored, style, text):
    def change(book):
        if style:
            book["Sheet1"]["A2"].number_format = style

    data = repacked(saved([["rma"], [4711]], change=change), in_sheet(rb"<v>4711</v>", stored))
    assert lines_of(tmp_path, data) == ["rma", text]


@pytest.mark.parametrize(
    ("value", "text"), [(True, "true"), (False, "false"), ("007", "007"), (" x ", " x "), ("é", "é"), ("1e5", "1e5")]
)
def test_text_and_truth_come_out_as_they_are(tmp_path, value, text):
    assert lines_of(tmp_path, saved([["rma"], [value]])) == ["rma", text]


def lines_of(tmp_path: Path, data: bytes) -> list[str]:
    path = tmp_path / "book.xlsx"
    path.write_bytes(data)
    sheet = workbook.read(path, load_description(Path(described(tmp_path)), "xlsx"), tmp_path)
    return sheet.text.path.read_text().splitlines()


HOSTILE = {
    "a password": (OLE + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
    "the form before 2007": (OLE + b"Workbook", "workbook_form"),
    "a cut file": (BOOK[:-40], "archive_broken"),
    "no workbook": (repacked(BOOK, lambda name, part: b""), "broken_workbook"),
    "a cut sheet": (repacked(BOOK, in_sheet(rb"</sheetData>.*", b"")), "broken_workbook"),
    "a bomb": (repacked(BOOK, in_sheet(rb"<sheetData>", b"<sheetData>" + b" " * 40_000_000)), "unpacks_too_large"),
    "too many cells": (saved([HEADER, *([["R"] + [None] * 2000 + [1]] * 40)]), "sheet_too_large"),
}  # fmt: skip


@pytest.mark.parametrize("form", HOSTILE)
def test_what_is_hostile_or_damaged_is_held(tmp_path, form, monkeypatch):
    monkeypatch.setattr(workbook, "MAX_CELLS", 50_000)
    data, rule = HOSTILE[form]
    outcome = read(tmp_path, data)
    assert outcome.parsed.blocked.startswith(f"{rule}: ")
    assert outcome.quarantine("_row, rule") == [(1, rule)]


def test_what_a_sheet_claims_of_its_size_is_not_believed(tmp_path):
    data = repacked(BOOK, in_sheet(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:XFD1048576"'))
    assert taken(read(tmp_path, data)) == EXPECTED


def test_entities_are_refused(tmp_path):
    bomb = b"<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>" + b"".join(
        b"<!ENTITY %c '%s'>" % (98 + place, b"&%c;" % (97 + place) * 10) for place in range(9)
    )
    data = repacked(saved([HEADER, ["R1", "A", 1]]), in_sheet(rb"^", bomb + b"]>"))
    assert read(tmp_path, data).parsed.blocked.startswith("document_type")


def test_strings_may_stand_apart_from_the_sheet(tmp_path):
    made = io.BytesIO()
    with xlsxwriter.Workbook(made) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([HEADER[:3], ["R1", "007", 1], ["R2", "007", 2]]):
            sheet.write_row(number, 0, row)
    assert taken(read(tmp_path, made.getvalue())) == [(2, "R1", "007", 1), (3, "R2", "007", 2)]


CUTS = st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 8), st.binary(max_size=8)), min_size=1, max_size=4)


@settings(max_examples=150, deadline=5000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(part=st.sampled_from(sorted(zipfile.ZipFile(io.BytesIO(BOOK)).namelist())), cuts=CUTS)
def test_damaged_workbooks_never_raise_anything_else(tmp_path, part, cuts):
    inside = repacked(BOOK, lambda name, held: mutated(held, cuts) if name == part else held)
    for data in (inside, mutated(BOOK, cuts)):
        with suppress(Unreadable):
            lines_of(tmp_path, data)
