"""Workbooks (.xlsx): a sheet as delimited text with the sheet's row numbers, for the path that lines take.

Cells come out as what they hold, not as what they look like: dates as ISO text, numbers in full, truth as true and
false. What stands above the header is no record; of merged cells the first holds the value.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles.numbers import is_datetime

from ingestion.contract import Options
from ingestion.description import Description
from ingestion.opening import SHEET_QUOTE, Text, Unreadable
from ingestion.readers.delimited import distinct, match, missing
from ingestion.readers.structure import Fault
from ingestion.unpacking import CHUNK, MAX_RATIO, MAX_UNPACKED, OLE, RATIO_FREE, reading

# Parts other than sheets are held in memory.
MAX_PART = 256 * 1024 * 1024
MAX_CELLS = 100_000_000
MAX_ROWS = 10_000_000
HEADER_WITHIN = 20
# Digits of a number that spreadsheets keep; what is beyond them is noise of binary fractions.
DIGITS = 15
DAMAGE = (
    zipfile.BadZipFile, zlib.error, SyntaxError, EOFError, KeyError, ValueError, TypeError, AttributeError, IndexError,
    OverflowError, AssertionError, NotImplementedError, RecursionError,
)  # fmt: skip

Fits = Callable[[tuple[str, ...]], bool]


@dataclass(frozen=True)
class Sheet:
    """A sheet as text whose ``numbers`` are the rows of the sheet, by these options; ``faults`` are not in it."""

    text: Text
    options: Options
    faults: list[Fault]


@dataclass(frozen=True)
class _Row:
    """A row that holds something: its number in the sheet, its texts, and (index, text) of the first error in it."""

    number: int
    texts: tuple[str, ...]
    error: tuple[int, str] | None = None


@dataclass
class _Rows:
    """The rows of a sheet from its header on."""

    header: tuple[str, ...]
    records: Iterator[_Row]
    numbers: list[int] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read(path: Path, description: Description, work: Path) -> Sheet:
    """The sheet that the description names, else the first visible one with a row that fits it as a header.

    Raises :class:`Unreadable` for what is no workbook, is damaged, encrypted or beyond the limits.
    """
    return read_table(path, description.options, partial(_is_header, description), work)


def read_undescribed(path: Path, work: Path) -> Sheet:
    """The first visible sheet with a row that looks like a header: two names or more, without gaps, none a number.

    Raises :class:`Unreadable` as :func:`read` does.
    """
    return read_table(path, Options(), _looks_like_header, work)


def write_head(path: Path, target: Path, rows: int) -> None:
    """Write a workbook with the first rows of each sheet. Raises :class:`Unreadable` as :func:`read` does."""
    _check(path)
    made = openpyxl.Workbook(write_only=True)
    with reading("broken_workbook", DAMAGE), path.open("rb") as opened:
        book = openpyxl.load_workbook(opened, read_only=True, data_only=True, keep_links=False)
        for sheet in book.worksheets:
            sheet.reset_dimensions()
            copy = made.create_sheet(sheet.title)
            copy.sheet_state = sheet.sheet_state
            for row in islice(sheet.iter_rows(), rows):
                copy.append([_copied(copy, cell) for cell in row])
    made.save(target)


def _copied(sheet: Any, cell: Any) -> Any:
    made = WriteOnlyCell(sheet, cell.value)
    if cell.value is not None:
        made.number_format, made.data_type = cell.number_format, cell.data_type
    return made


def read_table(path: Path, options: Options, fits: Fits, work: Path) -> Sheet:
    """The sheet of the options, else the first visible one with a row that ``fits``. Raises :class:`Unreadable`."""
    _check(path)
    delimiter = options.delimiters[0] if options.delimiters else options.delimiter
    options = options.model_copy(update={"delimiter": delimiter, "delimiters": (), "quote": SHEET_QUOTE})
    with reading("broken_workbook", DAMAGE), path.open("rb") as opened:
        book = openpyxl.load_workbook(opened, read_only=True, data_only=True, keep_links=False)
        rows = _rows_of(book, options, fits)
        target = work / "sheet.csv"
        with target.open("w", encoding="utf-8", newline="") as out:
            for line in _lines(rows, options):
                out.write(line)
    numbers = np.array(rows.numbers, dtype=np.int64)
    regular = options.model_copy(update={"header": True, "width": None})
    return Sheet(Text(target, "utf-8", numbers=numbers), regular, rows.faults)


def _check(path: Path) -> None:
    """Refuse what is encrypted, of another form, or holds more than it may, before it is read."""
    with path.open("rb") as opened:
        if opened.read(len(OLE)) == OLE:
            if "EncryptedPackage".encode("utf-16-le") in opened.read():
                raise Unreadable("encrypted", "the workbook has a password")
            raise Unreadable("workbook_form", "a workbook of the form before 2007 (.xls)")
    limit = min(MAX_UNPACKED, max(RATIO_FREE, path.stat().st_size * MAX_RATIO))
    with reading("broken_workbook", DAMAGE), zipfile.ZipFile(path) as archive:
        if "[Content_Types].xml" not in archive.namelist():
            raise Unreadable("workbook_form", "not an .xlsx workbook")
        for part in archive.infolist():
            most = limit if part.filename.startswith("xl/worksheets/") else min(limit, MAX_PART)
            # as far as it goes, whatever size the archive says it has
            part.file_size = most + 2 * CHUNK
            size = 0
            with archive.open(part) as stream:
                while size <= most and (chunk := stream.read(CHUNK)):
                    if not size and b"<!DOCTYPE" in chunk:
                        raise Unreadable("document_type", f"{part.filename} has a document type declaration (DOCTYPE)")
                    size += len(chunk)
            limit -= size
            if size > most or limit < 0:
                raise Unreadable("unpacks_too_large", f"{part.filename} is larger than is safe to unpack")


def _rows_of(book: Any, options: Options, fits: Fits) -> _Rows:
    if options.sheet is not None:
        if options.sheet not in [sheet.title for sheet in book.worksheets]:
            there = ", ".join(sheet.title for sheet in book.worksheets)
            raise Unreadable("no_such_sheet", f"there is no sheet {options.sheet!r}; there are: {there}")
        sheets = [book[options.sheet]]
    else:
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    found = [_below_header(_filled(sheet), options, fits) for sheet in sheets]
    fitting = next((rows for rows, is_fitting in found if is_fitting), None)
    filled = (rows for rows, _ in found if rows.header)
    return fitting or next(filled, _Rows((), iter(())))


def _below_header(rows: Iterator[_Row], options: Options, fits: Fits) -> tuple[_Rows, bool]:
    """The rows from the header on, and whether it fits; without one that does, the first row is taken for it."""
    head = list(islice(rows, HEADER_WITHIN))
    if not options.header:
        return _Rows(head[0].texts if head else (), chain(head, rows)), bool(head)
    for place, row in enumerate(head):
        if fits(row.texts):
            return _Rows(row.texts, chain(head[place + 1 :], rows)), True
    return _Rows(head[0].texts if head else (), chain(head[1:], rows)), False


def _is_header(description: Description, names: tuple[str, ...]) -> bool:
    """Whether a kind of record fits under these names."""
    for record in description.records:
        try:
            header = match(distinct(names), record.columns)
        except ValueError:
            continue
        if header.fields and not missing(header, record.required):
            return True
    return False


def _looks_like_header(names: tuple[str, ...]) -> bool:
    return len(names) > 1 and all(name.strip() and not name.strip()[0].isdigit() for name in names)


def _filled(sheet: Any) -> Iterator[_Row]:
    # what the sheet says of its size is not believed
    sheet.reset_dimensions()
    cells = 0
    for number, row in enumerate(sheet.iter_rows(max_row=MAX_ROWS), 1):
        cells += len(row)
        if cells > MAX_CELLS:
            raise Unreadable("sheet_too_large", f"more than {MAX_CELLS:,} cells")
        texts = [_text(cell) for cell in row]
        while texts and not texts[-1].strip():
            texts.pop()
        if texts:
            errors = ((index, texts[index]) for index, cell in enumerate(row) if cell.data_type == "e")
            yield _Row(number, tuple(texts), next(errors, None))


def _lines(rows: _Rows, options: Options) -> Iterator[str]:
    """The header and the sound records as delimited lines; notes their numbers, and the faults."""
    line = _writer(options)
    width = max(len(rows.header), options.width or 0)
    names = rows.header if options.header else tuple(str(number) for number in range(1, width + 1))
    if rows.header:
        yield line((*names, *[""] * (width - len(names))))
    for row in rows.records:
        written = line((*row.texts, *[""] * (width - len(row.texts))))
        if row.error is None:
            rows.numbers.append(row.number)
            yield written
            continue
        index, detail = row.error
        column = names[index] if index < len(names) else None
        rows.faults.append(Fault(row.number, "error_cell", column, detail, written.removesuffix("\n")))


def _writer(options: Options) -> Callable[[Sequence[str]], str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=options.delimiter, quotechar=options.quote, lineterminator="\n")

    def line(texts: Sequence[str]) -> str:
        buffer.seek(0)
        buffer.truncate()
        writer.writerow(texts)
        return buffer.getvalue()

    return line


def _text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("\r", "\n")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, dt.datetime):
        is_day = value.time() == dt.time() and is_datetime(cell.number_format) == "date"
        return value.date().isoformat() if is_day else value.isoformat()
    if isinstance(value, dt.timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return value.isoformat() if isinstance(value, dt.date | dt.time) else str(value)


def _number(value: float) -> str:
    """The number in full: 0.3 for what is stored as 0.30000000000000004, 3 for 3.0."""
    text = f"{Decimal(f'{value:.{DIGITS}g}'):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
