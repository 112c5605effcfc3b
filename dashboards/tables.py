"""Tables as people read them (HTML) and as programs do (CSV)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from html import escape


def html_table(caption: str, header: Sequence[str], body: Iterable[Sequence[str]], total: Sequence[str] = ()) -> str:
    """A table whose first column names the row; the other columns are numbers, already written for the reader.

    The caption is for screen readers: on the page the heading above says the same.
    """
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in header)
    lines = "".join(_line(cells) for cells in body)
    foot = f"<tfoot>{_line(total)}</tfoot>" if total else ""
    return (
        f'<div class="bh-scroll"><table class="bh-table" aria-label="{escape(caption)}">'
        f"<thead><tr>{head}</tr></thead><tbody>{lines}</tbody>{foot}</table></div>"
    )


def _line(cells: Sequence[str]) -> str:
    values = "".join(f"<td>{escape(cell)}</td>" for cell in cells[1:])
    return f'<tr><th scope="row">{escape(cells[0])}</th>{values}</tr>'


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


def _inert(cell: object) -> object:
    if isinstance(cell, str) and cell.lstrip().startswith(("=", "+", "-", "@")):
        return "'" + cell
    return cell
