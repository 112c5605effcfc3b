"""Repair: quarantined rows go out to a person as a table, and come back mended as a new landed file of their source.

A spreadsheet runs a cell that begins with ``=``, ``+``, ``-``, ``@``, a tab or a return as a formula. In CSV such a
cell gets an apostrophe in front, and so does one that has apostrophes before any of these; reading takes one away.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from backhaul.errors import Explained
from backhaul.receipts import Repair
from backhaul.settings import Settings
from ingestion import landing, quarantine
from ingestion.config import Source, find_source, load_sources
from ingestion.contract import Options
from ingestion.description import description_of, holds_documents, options_of
from ingestion.landing import Landed
from ingestion.opening import open_text
from ingestion.pipeline import IngestReport, Run, open_run
from ingestion.quarantine import Row
from ingestion.readers import native, workbook
from ingestion.readers.structure import MAX_RECORD, bounds
from ingestion.unpacking import is_workbook, unpack

COLUMNS = ("id", "file", "rule", "column", "detail", "raw_text")
NEEDED = ("id", "raw_text")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class BadMendedFile(Explained):
    """The file does not hold mended rows; the message names the line and what is expected."""


@dataclass
class RetryReport:
    """What became of a mended file. Rows that the person left as they were, or emptied, stay open."""

    reports: list[IngestReport] = field(default_factory=list)
    mended: int = 0
    untouched: int = 0
    closed: int = 0

    def __str__(self) -> str:
        closed = f"{self.closed} not open any more (mended before, or superseded)"
        mended = f"{self.mended} rows mended, {self.untouched} left as they were, {closed}"
        return "\n".join([mended, *map(str, self.reports)])


def export(settings: Settings, target: Path, rows: Sequence[Row]) -> int:
    """Write rows as CSV or JSON lines, by the name's ending, for a person to mend ``raw_text``; returns their number.

    Rows of held batches are left out (a person decides on the batch first), and so are an API's documents: a row is a
    part of one. Raises :class:`BadMendedFile` for another ending or a file that is there.
    """
    if target.suffix not in (".csv", ".jsonl"):
        raise BadMendedFile(f"{target}: name it .csv or .jsonl.")
    if target.exists():
        raise BadMendedFile(f"{target} exists; it may hold somebody's work. Choose another name.")
    documents = {source.id for source in load_sources(settings) if holds_documents(settings, source)}
    told = {
        row.id: {"id": row.id, **{name: value for name, value in asdict(row).items() if name in COLUMNS}}
        for row in rows
        if row.raw_text is not None and not row.is_held and row.source_id not in documents
    }
    out = io.StringIO(newline="")
    if target.suffix == ".jsonl":
        out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in told.values())
    else:
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        writer.writerows([_guarded(str(row[name] or "")) for name in COLUMNS] for row in told.values())
    target.write_text(out.getvalue(), encoding="utf-8-sig" if target.suffix == ".csv" else "utf-8", newline="")
    return len(told)


def retry(settings: Settings, target: Path) -> RetryReport:
    """Ingest the mended rows of an exported file; a second time changes nothing.

    Each original file's mended rows become one new landed file of its source, which says what it repairs. Rows that
    are still bad go to quarantine again, as rows of the new file. Raises :class:`BadMendedFile`, ``BytesDeleted``,
    ``ConfigError`` or ``ContractError``.
    """
    texts = _mended(target)
    still_open = {row.id: row for row in quarantine.open_rows(settings) if row.id in texts and not row.is_held}
    mended = [row for row in still_open.values() if texts[row.id].strip() and texts[row.id] != row.raw_text]
    report = RetryReport(
        mended=len(mended), untouched=len(still_open) - len(mended), closed=len(texts) - len(still_open)
    )
    for source_id in sorted({row.source_id for row in mended}):
        source = find_source(settings, source_id)
        if holds_documents(settings, source):
            raise BadMendedFile(f"{source_id} sends documents, of which a row is a part: pull them again, or replay.")
        with open_run(settings, source) as run:
            own = [row for row in mended if row.source_id == source_id]
            for sha256, batch_id in sorted({(row.file_sha256, row.batch_id) for row in own}):
                records = {row.row: texts[row.id] for row in own if row.batch_id == batch_id}
                repair = Repair(sha256, batch_id, sorted(records))
                run.receive([_land(run, repair, records)])
            report.reports.append(run.report)
    return report


def _guarded(cell: str) -> str:
    return "'" + cell if cell.lstrip("'").startswith(FORMULA) else cell


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(FORMULA) else cell


def _mended(target: Path) -> dict[str, str]:
    """The raw text that a file gives for each row id."""
    try:
        text = target.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadMendedFile(f"{target}: it is not UTF-8 ({error.reason}); save it as CSV UTF-8.") from error
    found: dict[str, str] = {}
    for number, row in _json_rows(target, text) if target.suffix == ".jsonl" else _csv_rows(target, text):
        if not all(isinstance(row.get(name), str) for name in NEEDED):
            raise BadMendedFile(f"{target}, row {number}: it needs {' and '.join(NEEDED)}, as `export` writes them.")
        found[row["id"]] = row["raw_text"]
    return found


def _json_rows(target: Path, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(filter(str.strip, text.split("\n")), 1):
        try:
            row = json.loads(line)
        except ValueError as error:
            raise BadMendedFile(f"{target}, row {number}: {error}.") from error
        yield number, row if isinstance(row, dict) else {}


def _csv_rows(target: Path, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    csv.field_size_limit(MAX_RECORD)
    head = text.partition("\n")[0]
    # where a comma is the decimal sign, spreadsheets write semicolons
    delimiter = max(",;\t", key=head.count)
    try:
        for number, row in enumerate(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter), 1):
            yield number, {name: _unguarded(row.get(name) or "") for name in NEEDED if name in row}
    except csv.Error as error:
        raise BadMendedFile(f"{target}: it is not CSV ({error}).") from error


def _land(run: Run, repair: Repair, records: dict[int, str]) -> Landed:
    """The mended records, by number, as a file of the form that the original has, under the original's name."""
    settings, source, folder = run.settings, run.source, run.staging.folder
    original = landing.of(settings, source.id, repair.file_sha256)
    original.check_bytes()
    work = folder / "mended"
    work.mkdir(exist_ok=True)
    made = work / "made"
    _write(settings, source, original, [records[number] for number in repair.rows], made)
    return landing.land(settings, source.id, made, original.names[0], folder, [repair])


def _write(settings: Settings, source: Source, original: Landed, records: Sequence[str], made: Path) -> None:
    plain = unpack(original.path, made.parent)
    if native.is_parquet(plain):
        pq.write_table(_as_table(records), made)
        return
    options = options_of(settings, source)
    description = description_of(settings, source)
    if description is not None and is_workbook(plain):
        # mended rows of a workbook are the text that their sheet was read as
        text = workbook.read(plain, description, made.parent).text
    else:
        text = open_text(plain, made.parent, source.encodings or options.encodings)
    headless = native.is_json(text) or not options.header
    lines = [*([] if headless else [_header(text.path, options)]), *records]
    # with a byte order mark it is UTF-8 whatever encodings the source declares
    made.write_bytes(codecs.BOM_UTF8 + "".join(f"{line}\n" for line in lines).encode())


def _as_table(records: Sequence[str]) -> pa.Table:
    try:
        rows = [json.loads(record) for record in records]
        names = dict.fromkeys(name for row in rows for name in row)
        columns = {name: [None if row.get(name) is None else str(row[name]) for row in rows] for name in names}
    except (ValueError, AttributeError, TypeError) as error:
        raise BadMendedFile(f"A row of a Parquet file is a JSON object, also when it is mended: {error}.") from error
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})


def _header(text: Path, options: Options) -> str:
    data = np.memmap(text, dtype=np.uint8, mode="r")
    starts, ends = bounds(data, options.quote)
    return data[starts[0] : ends[0]].tobytes().decode("utf-8")
