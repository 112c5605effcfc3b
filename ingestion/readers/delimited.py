"""Delimited text: CSV, TSV and the like, as a raw relation of text columns with true record numbers."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from ingestion.columns import literal
from ingestion.contract import Column, Options
from ingestion.opening import Bytes, Text
from ingestion.readers.plain import plain
from ingestion.readers.structure import MAX_RECORD, Fault, Positions, bare, bounds, is_as_wide, is_regular, repair


@dataclass(frozen=True)
class Header:
    """The names as printed and, per contract column, the index of its field; ``extra`` are the fields it lacks."""

    names: tuple[str, ...]
    fields: dict[str, int]
    extra: dict[str, int]


@dataclass(frozen=True)
class Delimited:
    """Records of a delimited file: ``source`` is SQL with columns ``c0`` to ``cN``, all text.

    ``records`` is the independent count of records to be read; ``numbers`` their record numbers when not 1, 2, 3, …;
    ``text_of`` gives the raw text of records by their position in the relation (0-based).
    """

    source: str
    records: int
    numbers: Positions | None
    text_of: Callable[[Positions], list[str]]
    faults: list[Fault] = field(default_factory=list)


def normal(name: str) -> str:
    """A header name as it is compared: case, spaces, hyphens and underscores do not count."""
    return re.sub(r"[\s_\-\u00a0]+", "_", name.strip().casefold()).strip("_")


def read_header(text: Text, options: Options) -> tuple[str, ...] | None:
    """The names of the first record, or None for a file without one."""
    with text.path.open(encoding="utf-8", newline="") as lines:
        csv.field_size_limit(MAX_RECORD)
        reader = csv.reader(
            (line[:MAX_RECORD] for line in lines),
            delimiter=options.delimiter,
            quotechar=options.quote,
            quoting=csv.QUOTE_MINIMAL if options.quote else csv.QUOTE_NONE,
        )
        try:
            names = next(reader, None)
        except csv.Error:
            return ("",)
    return tuple(names) if names else None


def regular(con: duckdb.DuckDBPyConnection, text: Text, options: Options, work: Path) -> tuple[Text, Options]:
    """The text with a header and lines as wide as the options say, with the delimiter and the quote found."""
    with text.path.open(encoding="utf-8", newline="") as opened:
        first = next((line for line in opened if line.strip()), "")
    if options.delimiters:
        delimiter = max(options.delimiters, key=first.count)
        # Texts hold commas, and no name of a column begins with a quote.
        is_quoted = delimiter == "," or first.startswith('"')
        quote = '"' if options.quote is None and is_quoted else options.quote
        options = options.model_copy(update={"delimiter": delimiter, "quote": quote})
    if options.width is None:
        return text, options
    header = options.delimiter.join(str(number) for number in range(1, options.width + 1))
    lines = text.path.read_text(encoding="utf-8").split("\n")
    con.register("lines", pa.table({"line": pa.array(lines, pa.large_string())}))
    fields = bare("line", options.delimiter, options.quote)
    short = f"{options.width - 1} - length(f) + length(replace(f, {literal(options.delimiter)}, ''))"
    filled = con.sql(
        f"SELECT CASE WHEN line <> '' THEN line || repeat({literal(options.delimiter)}, greatest({short}, 0)) "
        f"ELSE '' END AS line FROM (SELECT line, {fields} AS f FROM lines)"
    ).fetchall()
    con.unregister("lines")
    target = work / "regular"
    written = "\n".join(line for (line,) in filled)
    target.write_text(written if options.header else f"{header}\n{written}", encoding="utf-8", newline="")
    damaged = frozenset(line + (not options.header) for line in text.damaged)
    return replace(text, path=target, damaged=damaged), options


def distinct(names: Sequence[str]) -> tuple[str, ...]:
    """The names with those that occur several times numbered (Amount 1, Amount 2)."""
    counts = Counter(map(normal, names))
    seen: Counter[str] = Counter()
    found = []
    for name in names:
        seen[normal(name)] += 1
        found.append(f"{name.strip()} {seen[normal(name)]}" if counts[normal(name)] > 1 else name)
    return tuple(found)


def match(names: Sequence[str], columns: Sequence[Column]) -> Header:
    """Match header names with contract columns, by name or alias. Raises ``ValueError`` when one occurs twice."""
    known = {normal(alias): column.name for column in columns for alias in (column.name, *column.aliases)}
    fields: dict[str, int] = {}
    extra: dict[str, int] = {}
    for index, name in enumerate(names):
        column = known.get(normal(name))
        if column is not None and column in fields:
            raise ValueError(f"the header has two columns for {column}: {names[fields[column]]!r} and {name!r}")
        if column is not None:
            fields[column] = index
            continue
        label = name.strip() or f"column_{index + 1}"
        while label in extra:
            label += "_2"
        extra[label] = index
    return Header(tuple(names), fields, extra)


def cell(index: int) -> str:
    """SQL for the text of a field, NULL where it is blank."""
    return f"CASE WHEN c{index} < '!' AND trim(c{index}) = '' THEN NULL ELSE c{index} END"


def missing(header: Header, required: Sequence[str]) -> list[str]:
    """The required columns that the header lacks."""
    return [name for name in required if name not in header.fields]


def extra_json(extra: dict[str, str]) -> str:
    """SQL for the JSON object of the columns that the contract lacks (name to text expression), empty ones left out."""
    if not extra:
        return "NULL"
    pairs = ", ".join(f"{literal(name)}, {value}" for name, value in extra.items())
    return f"nullif(json_merge_patch('{{}}', json_object({pairs}))::VARCHAR, '{{}}')"


def scan(path: Path, options: Options, width: int, skip_header: bool = True) -> str:
    """SQL of the engine's strict reader over a file of known width; any structural error is raised, not skipped."""
    columns = ", ".join(f"'c{index}': 'VARCHAR'" for index in range(width))
    quote = literal(options.quote or "")
    return (
        f"read_csv({literal(str(path))}, auto_detect=false, header={str(skip_header).lower()}, strict_mode=true, "
        f"delim={literal(options.delimiter)}, quote={quote}, escape={quote}, columns={{{columns}}}, "
        f"new_line='\\n', max_line_size={MAX_RECORD})"
    )


def read(text: Text, options: Options, width: int, work: Path, closely: bool = False) -> Delimited:
    """The file's records below the header.

    A sound file is read where it lies; the result is right only if the engine yields ``records`` rows without an
    error. Otherwise, or with ``closely``, every line is looked at first and what is broken comes out as faults.
    """
    if not closely and not text.suspect:
        lines = plain(text.path, options.delimiter, options.quote)
        if lines is not None:
            # the header is a line too
            below = scan(text.path, options, width)
            return Delimited(below, lines.records - 1, text.numbers, lambda positions: lines.texts(positions + 1))
    data: Bytes = np.memmap(text.path, dtype=np.uint8, mode="r")
    starts, ends = bounds(data, options.quote)
    overlong = bool(len(starts)) and int((ends - starts).max()) >= MAX_RECORD
    is_sound = is_regular(data, options.delimiter, options.quote) and is_as_wide(
        data, starts, ends, options.delimiter, options.quote, width
    )
    if closely or text.suspect or overlong or not is_sound:
        repaired = repair(text.path, text.damaged, options.delimiter, options.quote, width, work)
        source = scan(repaired.path, options, width)
        texts = repaired.texts
        numbers, faults = repaired.numbers, repaired.faults
        if text.numbers is not None:
            faults = [replace(fault, row=int(text.numbers[fault.row - 1])) for fault in faults]
            numbers = text.numbers[numbers - 1]
        return Delimited(source, len(texts), numbers, lambda positions: [texts[index] for index in positions], faults)
    return Delimited(scan(text.path, options, width), len(starts) - 1, text.numbers, _texts(data, starts[1:], ends[1:]))


def _texts(data: Bytes, starts: Positions, ends: Positions) -> Callable[[Positions], list[str]]:
    def text_of(positions: Positions) -> list[str]:
        return [data[starts[position] : ends[position]].tobytes().decode("utf-8") for position in positions]

    return text_of
