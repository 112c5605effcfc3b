"""Tables as people read them (HTML) and as programs do (CSV, Excel): one description of the columns for all three."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from html import escape
from typing import Any

import xlsxwriter

from backhaul import formats

FORMULA_MARKS = ("=", "+", "-", "@")
SHEET_NAME_LIMIT = 31
# A word as short as a code (SKU, site) stays on one line, hyphens or not.
CODE_LENGTH = 20


@dataclass(frozen=True)
class Column:
    """One column: the key of its values in a row, its heading, and the kind they are written as (``formats.written``).

    ``link`` is the key of an address in the row; the cell then leads there. ``change`` says that the values are
    differences; as a key, those of the rows in which it is true.
    """

    key: str
    label: str
    kind: formats.Kind = "text"
    link: str | None = None
    change: bool | str = False

    def written(self, row: Mapping[str, Any], locale: str, currency: str) -> str:
        """The value of a row as people of the locale write it."""
        is_change = row.get(self.change) if isinstance(self.change, str) else self.change
        write = formats.change if is_change else formats.written
        return write(row.get(self.key), self.kind, locale, currency)


@dataclass(frozen=True)
class Table:
    """Rows under their columns; ``name`` is that of the file it is downloaded as, ``total`` a last row set apart."""

    name: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, Any]]
    total: Mapping[str, Any] | None = None

    @property
    def header(self) -> list[str]:
        return [column.label for column in self.columns]

    def body(self) -> list[list[object]]:
        """The exact values, for programs."""
        return [[row.get(column.key) for column in self.columns] for row in self.rows]

    def html(self, locale: str, currency: str, limit: int | None = None) -> str:
        """The table written for people, the first ``limit`` rows of it."""
        head = "".join(
            f'<th scope="col" class="{_side(column)}">{escape(column.label)}</th>' for column in self.columns
        )
        lines = "".join(self._line(row, locale, currency) for row in self.rows[:limit])
        foot = f"<tfoot>{self._line(self.total, locale, currency)}</tfoot>" if self.total else ""
        # a keyboard can only scroll what it can reach
        return (
            f'<div class="bh-scroll" tabindex="0" role="region" aria-label="{escape(self.title)}">'
            f'<table class="bh-table" aria-label="{escape(self.title)}">'
            f"<thead><tr>{head}</tr></thead><tbody>{lines}</tbody>{foot}</table></div>"
        )

    def _line(self, row: Mapping[str, Any], locale: str, currency: str) -> str:
        cells = []
        for place, column in enumerate(self.columns):
            # a total says nothing of some columns: that is not the same as not known
            told = row is not self.total or column.key in row
            text = escape(column.written(row, locale, currency)) if told else ""
            if column.link and row.get(column.link):
                text = f'<a href="{escape(row[column.link])}" target="_self">{text}</a>'
            side = _side(column)
            if column.kind == "text" and len(text) <= CODE_LENGTH and " " not in text:
                side = f"{side} bh-whole"
            cells.append(
                f'<th scope="row" class="{side}">{text}</th>' if place == 0 else f'<td class="{side}">{text}</td>'
            )
        return f"<tr>{''.join(cells)}</tr>"


def _side(column: Column) -> str:
    """Words stand on the left, what is counted on the right; a date stays on one line."""
    if column.kind in {"day", "month", "instant"}:
        return "bh-words bh-whole"
    return "bh-words" if column.kind in formats.WORDS else "bh-number"


def csv_bytes(header: Sequence[str], body: Iterable[Sequence[object]]) -> bytes:
    """Comma-separated values, UTF-8 with a byte-order mark (spreadsheets need it for accents).

    Numbers and dates are exact and plain (full stop, ISO 8601). Text that a spreadsheet would run as a formula gets an
    apostrophe in front, because labels come from data.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([_inert(cell) for cell in header])
    writer.writerows([_inert(cell) for cell in line] for line in body)
    return text.getvalue().encode("utf-8-sig")


def xlsx_bytes(header: Sequence[str], body: Iterable[Sequence[object]], sheet: str = "Backhaul") -> bytes:
    """An Excel workbook of one sheet: numbers and dates as such, text always as text, the heading row kept in sight.

    Excel holds fifteen digits; what needs more is in the CSV.
    """
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        page = book.add_worksheet(sheet[:SHEET_NAME_LIMIT])
        head = book.add_format({"bold": True, "bottom": 1})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        instant = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        widths = [len(label) for label in header]
        for place, label in enumerate(header):
            page.write_string(0, place, label, head)
        for line, cells in enumerate(body, start=1):
            for place, cell in enumerate(cells):
                widths[place] = max(widths[place], len(str(cell)) if cell is not None else 0)
                match cell:
                    case None:
                        continue
                    case bool():
                        page.write_boolean(line, place, cell)
                    case int() | float() | Decimal() if math.isfinite(cell):
                        page.write_number(line, place, cell)
                    case datetime():
                        page.write_datetime(line, place, _without_zone(cell), instant)
                    case date():
                        page.write_datetime(line, place, cell, day)
                    case _:
                        page.write_string(line, place, str(cell))
        for place, width in enumerate(widths):
            page.set_column(place, place, min(max(width + 2, 8), 60))
        page.freeze_panes(1, 0)
    return file.getvalue()


def _without_zone(moment: datetime) -> datetime:
    """Spreadsheets know no zones: UTC, like everything in the warehouse."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _inert(cell: object) -> object:
    if isinstance(cell, str) and cell.lstrip().startswith(FORMULA_MARKS):
        return "'" + cell
    return cell
