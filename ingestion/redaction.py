"""Redaction: a landed file without a person. Their records stay, the personal fields emptied; all others stay as read.

Delimited text and JSON lines can be rewritten so. Of documents, Parquet and text that is damaged, a part can't be taken
out safely: such a file goes whole.
"""

from __future__ import annotations

import csv
import io
import json
import re
from codecs import BOM_UTF8
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np

from backhaul import remains
from backhaul.settings import Settings
from ingestion.config import Source
from ingestion.contract import NATIVE, Column, Options, load_contract
from ingestion.description import description_of, holds_documents, options_of
from ingestion.landing import Landed
from ingestion.opening import Text, Unreadable, open_text
from ingestion.readers import native
from ingestion.readers.delimited import distinct, normal, read_header, regular
from ingestion.readers.structure import MAX_RECORD, bounds, is_regular
from ingestion.unpacking import unpack

BROKEN = '{"erased"'
"""A line in the place of one that is not JSON: it is none either, so it stays in quarantine."""
BLANK = re.compile(r"\s*")
DECODER = json.JSONDecoder()

Redact = Callable[[str, bool], str]


@dataclass(frozen=True)
class Person:
    """Whom to erase: ``ref`` is the customer number as it stands in the lake."""

    ref: str

    @property
    def pattern(self) -> str:
        """Finds the number as a whole, in Python and in DuckDB."""
        return remains.token(self.ref)

    def is_in(self, text: str) -> bool:
        return self.ref in text and re.search(self.pattern, text) is not None


@dataclass(frozen=True)
class Redaction:
    """How many records of a file change, and the file without the person; ``made`` is None when it must go whole."""

    records: int
    made: Path | None


@dataclass(frozen=True)
class Fields:
    """The names, as headers are compared, of a source's columns, and of those that hold or give personal data."""

    known: frozenset[str]
    personal: frozenset[str]

    def is_personal(self, name: str) -> bool:
        return normal(name) in self.personal

    def is_unknown(self, name: str) -> bool:
        return normal(name) not in self.known


def fields_of(settings: Settings, source: Source) -> Fields:
    """The fields of a source's files. Raises ``ContractError``."""
    description = description_of(settings, source)
    if description is None:
        columns = [column for table in load_contract(source.kind).tables for column in table.columns]
        return _fields(columns, set())
    hidden = {column.name for table in load_contract(NATIVE).tables for column in table.columns if column.personal}
    routes = [route for record in description.records for route in (*record.routes, *record.also)]
    words = {
        word
        for route in routes
        for name, expression in route.map.items()
        if name in hidden
        for word in re.findall(r"[a-z][a-z0-9_]*", expression.lower())
    }
    return _fields([column for record in description.records for column in record.columns], words)


def redact(
    settings: Settings, source: Source | None, landed: Landed, person: Person, rows: Collection[int], work: Path
) -> Redaction | None:
    """What erasing a person makes of a landed file, in ``work``; None when it does not hold them.

    A record is theirs when it is among ``rows`` (1-based, header not counted) or a personal field names them; of other
    records, fields that the source does not know and that name them are emptied. A source that is configured no longer
    has files that go whole. Raises ``ContractError``.
    """
    whole = Redaction(max(len(rows), 1), None)
    held = whole if rows or remains.count(landed.path, person.pattern) else None
    if source is None or holds_documents(settings, source):
        return held
    try:
        plain = unpack(landed.path, work)
        if native.is_parquet(plain):
            # a column chunk may be compressed: what was unpacked is looked into
            return held or (whole if remains.count(plain, person.pattern) else None)
        options = options_of(settings, source)
        text = open_text(plain, work, source.encodings or options.encodings)
    except Unreadable:
        return held
    if text.suspect:
        return held
    fields = fields_of(settings, source)
    description = description_of(settings, source)
    if description is not None and description.format == "json" and not native.is_json_lines(text):
        return held
    if native.is_json(text):
        return _rewrite(text, None, 0, _json_redact(fields, person), rows, work)
    try:
        with duckdb.connect() as con:
            shaped, options = regular(con, text, options, work)
    except Unreadable:
        return held
    data = np.memmap(text.path, dtype=np.uint8, mode="r")
    names = read_header(shaped, options)
    if names is None or not is_regular(data, options.delimiter, options.quote):
        return held
    redact_line = _line_redact(distinct(names), options, fields, person)
    return _rewrite(text, options.quote, int(options.header), redact_line, rows, work)


def without(text: str, person: Person) -> str:
    """A JSON text without the values that name the person: members of an object become null, another value whole."""
    try:
        gone = [(start, end) for _, start, end in _members(text) if person.is_in(text[start:end])]
    except (ValueError, IndexError):
        return "null"
    return _nulled(text, gone)


def _fields(columns: Sequence[Column], words: set[str]) -> Fields:
    def named(chosen: Sequence[Column]) -> frozenset[str]:
        places = [(column.name, *column.aliases, *column.path) for column in chosen]
        return frozenset(normal(name) for names in places for name in names)

    return Fields(named(columns), named([column for column in columns if column.personal or column.name in words]))


def _rewrite(
    text: Text, quote: str | None, first: int, redact_record: Redact, rows: Collection[int], work: Path
) -> Redaction | None:
    """The text with each record as redacted; what stands between records stays. ``first``: records of the header."""
    data = text.path.read_bytes()
    starts, ends = bounds(np.frombuffer(data, dtype=np.uint8), quote)
    parts, position, changed = [BOM_UTF8], 0, 0
    for row, (start, end) in enumerate(zip(starts[first:].tolist(), ends[first:].tolist(), strict=True), 1):
        record = data[start:end].decode("utf-8")
        made = redact_record(record, row in rows)
        if made != record:
            parts += [data[position:start], made.encode()]
            position, changed = end, changed + 1
    if not changed:
        return None
    target = work / "redacted"
    target.write_bytes(b"".join([*parts, data[position:]]))
    return Redaction(changed, target)


def _json_redact(fields: Fields, person: Person) -> Redact:
    def redacted(line: str, is_theirs: bool) -> str:
        try:
            json.loads(line)
            members = list(_members(line))
        except (ValueError, IndexError):
            return BROKEN if is_theirs or person.is_in(line) else line
        named = {start for _, start, end in members if person.is_in(line[start:end])}
        is_theirs = is_theirs or any(start in named and fields.is_personal(key) for key, start, _ in members)
        gone = [
            (start, end)
            for key, start, end in members
            if (is_theirs and fields.is_personal(key)) or (start in named and fields.is_unknown(key))
        ]
        return _nulled(line, gone)

    return redacted


def _line_redact(names: Sequence[str], options: Options, fields: Fields, person: Person) -> Redact:
    personal = {place for place, name in enumerate(names) if fields.is_personal(name)}
    unknown = {place for place, name in enumerate(names) if fields.is_unknown(name)}

    def redacted(line: str, is_theirs: bool) -> str:
        if not is_theirs and person.ref not in line:
            return line
        cells = _cells(line, options)
        named = {place for place, cell in enumerate(cells) if person.is_in(cell)}
        is_sound = len(cells) == len(names) or (options.width is not None and len(cells) <= len(names))
        if not is_sound:
            # nobody can tell which of its cells are personal
            gone = set(range(len(cells))) if is_theirs or named else set()
        else:
            gone = (personal if is_theirs or named & personal else set()) | (named & unknown)
        kept = ["" if place in gone else cell for place, cell in enumerate(cells)]
        return _joined(kept, options) if kept != cells else line

    return redacted


def _cells(line: str, options: Options) -> list[str]:
    if options.quote is None:
        return line.split(options.delimiter)
    csv.field_size_limit(MAX_RECORD)
    return next(csv.reader(io.StringIO(line, newline=""), delimiter=options.delimiter, quotechar=options.quote), [])


def _joined(cells: Sequence[str], options: Options) -> str:
    if options.quote is None:
        # an empty line would be no record
        return options.delimiter.join(cells) or "erased"
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=options.delimiter, quotechar=options.quote, lineterminator="").writerow(cells)
    return out.getvalue()


def _members(text: str) -> Iterator[tuple[str, int, int]]:
    """The members of a JSON object: each key, and where its value begins and ends. Raises ``ValueError``."""
    position = _past(text, text.index("{") + 1)
    while text[position] != "}":
        key, position = DECODER.raw_decode(text, position)
        start = _past(text, text.index(":", position) + 1)
        _, end = DECODER.raw_decode(text, start)
        yield key, start, end
        position = _past(text, end)
        if text[position] == ",":
            position = _past(text, position + 1)


def _past(text: str, position: int) -> int:
    found = BLANK.match(text, position)
    return found.end() if found else position


def _nulled(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The text with null at these places: all else, the digits of numbers too, stays as it is written."""
    for start, end in reversed(spans):
        text = f"{text[:start]}null{text[end:]}"
    return text
