"""Where the records of delimited text begin and end, counted apart from the engine that reads them.

The engine's own error reports lose rows (an unclosed quote can swallow the rest of a file without a word), so its row
count is compared with :func:`bounds`; where they differ, :func:`repair` looks at each line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ingestion.columns import literal

Positions = npt.NDArray[np.int64]
MAX_RECORD = 2_000_000
WINDOW = 1024 * 1024


@dataclass(frozen=True)
class Fault:
    """A record that can't be read: its 1-based number (header not counted), rule, column, detail and raw text."""

    row: int
    rule: str
    column: str | None
    detail: str
    text: str | None


@dataclass(frozen=True)
class Repaired:
    """A file of sound records (header first), their texts and record numbers, and the faults that were taken out."""

    path: Path
    texts: list[str]
    numbers: Positions
    faults: list[Fault]


def find(data: npt.NDArray[np.uint8], byte: int) -> Positions:
    """Positions of a byte, searched by windows that fit the processor's cache."""
    windows = range(0, len(data), WINDOW)
    return np.concatenate(
        [np.flatnonzero(data[start : start + WINDOW] == byte) + start for start in windows] or [np.empty(0, np.int64)]
    )


def bounds(data: npt.NDArray[np.uint8], quote: str | None) -> tuple[Positions, Positions]:
    """Start and end of each record (blank lines left out). A line feed inside quotes does not end a record."""
    ends = find(data, 10)
    if quote:
        quotes = find(data, ord(quote))
        if len(quotes):
            ends = ends[np.searchsorted(quotes, ends) % 2 == 0]
    if len(data) and (not len(ends) or ends[-1] != len(data) - 1):
        ends = np.append(ends, len(data))
    starts = np.concatenate([[0], ends[:-1] + 1]).astype(np.int64) if len(ends) else ends
    filled = ends > starts
    return starts[filled], ends[filled]


def is_regular(data: npt.NDArray[np.uint8], delimiter: str, quote: str | None) -> bool:
    """True when every quote opens a field at its start, closes one at its end, or is doubled.

    Then records end where :func:`bounds` says; a quote elsewhere may be text, and only its line can tell.
    """
    quotes = find(data, ord(quote)) if quote else np.empty(0, np.int64)
    if not len(quotes):
        return True
    beside = np.array([10, ord(delimiter), ord(quote or "")], dtype=np.uint8)
    opening, closing = quotes[0::2], quotes[1::2]
    before = data[opening[opening > 0] - 1]
    after = data[closing[closing < len(data) - 1] + 1]
    return bool(len(quotes) % 2 == 0 and np.isin(before, beside).all() and np.isin(after, beside).all())


def is_as_wide(
    data: npt.NDArray[np.uint8], starts: Positions, ends: Positions, delimiter: str, quote: str | None, width: int
) -> bool:
    """False when a record of a regular file may have a field too many before an empty last one.

    The engine drops that last one without a word, and what stands before it is shifted. Only a record that ends with a
    delimiter can be so, and only then are all delimiters counted. Where every record below the header ends with one
    more, that is how the file is written, and nothing is shifted.
    """
    is_open = data[ends[1:] - 1] == ord(delimiter)
    if not is_open.any():
        return True
    excess = _count_outside(data, delimiter, quote) - len(starts) * (width - 1)
    return excess == 0 or bool(is_open.all() and excess == len(is_open))


def _count_outside(data: npt.NDArray[np.uint8], delimiter: str, quote: str | None) -> int:
    """How many delimiters stand outside of quotes, counted by windows: their positions are not held."""
    quotes = find(data, ord(quote)) if quote else np.empty(0, np.int64)
    count = 0
    for start in range(0, len(data), WINDOW):
        is_delimiter = data[start : start + WINDOW] == ord(delimiter)
        if len(quotes):
            positions = np.flatnonzero(is_delimiter) + start
            count += int(np.count_nonzero(np.searchsorted(quotes, positions) % 2 == 0))
        else:
            count += int(np.count_nonzero(is_delimiter))
    return count


def repair(text: Path, damaged: frozenset[int], delimiter: str, quote: str | None, width: int, work: Path) -> Repaired:
    """Split a file into sound records and faults, line by line.

    A line that is a whole record by itself is one, also after an unclosed quote: so a stray quote costs its own line,
    not the rest of the file. Two lines with an odd number of quotes make one record with what stands between them,
    if the whole has the right number of fields.
    """
    lines = text.read_bytes().decode("utf-8").split("\n")
    sound = _sound(lines, delimiter, quote, width)
    for number in damaged:
        sound[number] = False
    records: list[str] = [lines[0]]
    numbers: list[int] = []
    faults: list[Fault] = []
    row = 0
    position = 1
    while position < len(lines):
        line = lines[position]
        if not line:
            position += 1
            continue
        row += 1
        if sound[position]:
            records.append(line)
            numbers.append(row)
            position += 1
            continue
        last = _closing(lines, sound, damaged, position, quote)
        joined = "\n".join(lines[position : last + 1])
        if last > position and fault_of(joined, delimiter, quote, width) is None:
            records.append(joined)
            numbers.append(row)
            position = last + 1
            continue
        rule, detail = ("invalid_encoding", "bytes that the file's encoding can't read, shown escaped")
        if position not in damaged:
            rule, detail = fault_of(line, delimiter, quote, width) or ("unreadable", "")
        faults.append(Fault(row, rule, None, detail, line.replace("\0", "\\x00")))
        position += 1
    clean = work / "clean"
    clean.write_text("\n".join(records) + "\n", encoding="utf-8", newline="\n")
    return Repaired(clean, records[1:], np.array(numbers, dtype=np.int64), faults)


def fault_of(record: str, delimiter: str, quote: str | None, width: int) -> tuple[str, str] | None:
    """The rule that a record breaks and the detail, or None for a sound one."""
    if "\0" in record:
        return "nul_character", "a NUL character"
    if len(record.encode()) >= MAX_RECORD:
        return "record_too_long", f"more than {MAX_RECORD:,} bytes"
    if quote and quote in record:
        whole, quoted = _patterns(delimiter, quote)
        if not re.fullmatch(whole, record, re.DOTALL):
            closed = record.count(quote) % 2 == 0
            return ("broken_quoting", "a quote in a field") if closed else ("unclosed_quote", "a quote is not closed")
        record = re.sub(quoted, r"\1", record, flags=re.DOTALL)
    found = record.count(delimiter) + 1
    if found == width:
        return None
    return ("too_few_columns" if found < width else "too_many_columns"), f"{found} fields, the header has {width}"


def _patterns(delimiter: str, quote: str) -> tuple[str, str]:
    q, d = re.escape(quote), re.escape(delimiter)
    # The engine passes over one blank before a quote, so it opens a field there too.
    blank = "" if delimiter == " " else " ?"
    inside = f"{blank}{q}(?:[^{q}]|{q}{q})*{q}"
    other = f"[^{q}{d}\n][^{d}\n]*" if delimiter == " " else f"[^{q}{d} \n][^{d}\n]*| (?:[^{q}{d}\n][^{d}\n]*)?"
    field = f"(?:{inside}|{other}|)"
    return f"{field}(?:{d}{field})*", f"(^|{d}){inside}"


def bare(line: str, delimiter: str, quote: str | None) -> str:
    """SQL of a line without what its quotes hold, so that its delimiters can be counted."""
    if not quote:
        return line
    _, quoted = _patterns(delimiter, quote)
    stripped = f"regexp_replace({line}, {literal(quoted)}, '\\1', 'g')"
    return f"CASE WHEN contains({line}, {literal(quote)}) THEN {stripped} ELSE {line} END"


def _sound(lines: list[str], delimiter: str, quote: str | None, width: int) -> npt.NDArray[np.bool_]:
    """Per line: a whole record of the right width? One vectorised scan."""
    table = pa.table({"line": pa.array(lines, pa.large_string())})
    whole = "TRUE"
    parameters: list[str | int] = []
    if quote:
        pattern, _ = _patterns(delimiter, quote)
        # (?-s) is RE2's default: a line holds no line feed, so both engines agree.
        whole = "(NOT contains(line, ?) OR regexp_full_match(line, ?))"
        parameters = [quote, pattern]
    con = duckdb.connect()
    con.register("lines", table)
    rows = con.execute(
        f"SELECT coalesce({whole} AND strlen(line) < {MAX_RECORD} AND NOT contains(line, chr(0)) "
        f"AND length(bare) - length(replace(bare, ?, '')) = ?, FALSE) AS sound "
        f"FROM (SELECT line, {bare('line', delimiter, quote)} AS bare FROM lines)",
        [*parameters, delimiter, width - 1],
    ).fetchnumpy()["sound"]
    con.close()
    return np.array(rows, dtype=np.bool_)


def _closing(
    lines: list[str], sound: npt.NDArray[np.bool_], damaged: frozenset[int], start: int, quote: str | None
) -> int:
    """The line that closes the quote which ``start`` opens, or ``start`` when none does before the next sound line."""
    if not quote or lines[start].count(quote) % 2 == 0:
        return start
    size = 0
    for position in range(start + 1, len(lines)):
        size += len(lines[position])
        if sound[position] or position in damaged or size > MAX_RECORD:
            return start
        if lines[position].count(quote) % 2:
            return position
    return start
