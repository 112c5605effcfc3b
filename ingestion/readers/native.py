"""The native contract's other forms: JSON lines and Parquet, as raw relations of text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.columns import SEPARATOR, Mapped, literal
from ingestion.contract import Column, Table
from ingestion.opening import Text, Unreadable
from ingestion.readers.delimited import extra_json, match
from ingestion.readers.plain import plain
from ingestion.readers.structure import MAX_RECORD, bounds

SAMPLE = 1000


@dataclass(frozen=True)
class Keyed:
    """A file whose records name their fields; ``names`` are those seen (JSON: in the first lines).

    ``longest`` is the size of the longest line in bytes, for JSON lines of megabytes; 0 where none is.
    """

    names: tuple[str, ...]
    records: int
    longest: int = 0


@dataclass(frozen=True)
class Relation:
    """Records as SQL for FROM, with expressions for each column's text, and for what :class:`Mapped` tells of a row."""

    source: str
    fields: dict[str, str]
    extra: str
    text: str
    carried: tuple[str, ...]
    row: str = "row_number() OVER ()"
    broken: str = "NULL"

    def of(self, table: Table, timezone: str | None) -> Mapped:
        """These records as the rows of a table."""
        return Mapped(
            table=table,
            source=self.source,
            raw=dict(self.fields),
            row=self.row,
            extra=self.extra,
            text=self.text,
            carried=self.carried,
            broken=self.broken,
            timezone=timezone,
        )


def is_parquet(path: Path) -> bool:
    """True when the file begins as Parquet does."""
    with path.open("rb") as handle:
        return handle.read(4) == b"PAR1"


def is_json(text: Text) -> bool:
    """True when the first character that is not blank opens a JSON object."""
    with text.path.open("rb") as handle:
        return handle.read(1024).lstrip()[:1] == b"{"


def is_json_value(text: Text) -> bool:
    """True when the first character that is not blank opens a JSON object or list."""
    with text.path.open("rb") as handle:
        return handle.read(1024).lstrip(b" \t\r\n\x1e")[:1] in (b"{", b"[")


def is_json_lines(text: Text) -> bool:
    """True when the first line is a JSON object by itself, or is broken; false for a value that spans lines."""
    with text.path.open(encoding="utf-8") as lines:
        first = next((line for line in lines if line.strip()), "")
        second = next((line for line in lines if line.strip()), "")
    try:
        return isinstance(json.loads(first), dict)
    except ValueError:
        return second.lstrip()[:1] == "{" and first.rstrip()[-1:] not in ("{", "[", ",", ":")


def without_nul(text: Text, work: Path) -> Text:
    """The text with NUL characters spelt out: no JSON holds one, so their lines stay unreadable, and only theirs."""
    if not text.suspect:
        return text
    target = work / "without_nul"
    target.write_bytes(text.path.read_bytes().replace(b"\0", b"\\x00"))
    return replace(text, path=target)


def json_lines(text: Text) -> Keyed:
    """Names and count of the records of a JSON lines file."""
    names: dict[str, None] = {}
    with text.path.open(encoding="utf-8") as lines:
        for _, line in zip(range(SAMPLE), lines, strict=False):
            try:
                record = json.loads(line)
            except ValueError:
                continue
            if isinstance(record, dict):
                names.update(dict.fromkeys(record))
    counted = plain(text.path)
    if counted is not None:
        return Keyed(tuple(names), counted.records)
    data = np.memmap(text.path, dtype=np.uint8, mode="r")
    starts, ends = bounds(data, None)
    return Keyed(tuple(names), len(starts), int((ends - starts).max()))


def json_relation(text: Text, columns: Sequence[Column], keyed: Keyed) -> Relation:
    """Each line's values by key. A key that no column has is kept in ``extra``, wherever in the file it occurs."""
    header = match(keyed.names, columns)
    printed = {column: header.names[index] for column, index in header.fields.items()}
    paths = [f'$."{name}"' for name in printed.values()]
    lines = (
        f"read_csv({literal(str(text.path))}, auto_detect=false, header=false, delim='', quote='', escape='', "
        f"columns={{'line': 'VARCHAR'}}, new_line='\\n', max_line_size={max(keyed.longest + 64, MAX_RECORD)})"
    )
    listed = "[" + ", ".join(literal(path) for path in paths) + "]::VARCHAR[]"
    values = f"try(json_extract_string(line, {listed}))"
    # As many keys as values taken: there is no other key to keep. (A null counts as a key, so it is looked at closer.)
    # There is a comma between two keys, so that most lines need not be read again to count them.
    known = json.dumps(dict.fromkeys(printed.values()))
    extra = (
        f"CASE WHEN v IS NOT NULL AND strlen(line) - strlen(replace(line, ',', '')) + 1 <> list_count(v) "
        f"AND len(json_keys(line)) <> list_count(v) "
        f"THEN nullif(json_merge_patch(json_merge_patch('{{}}', line), {literal(known)})::VARCHAR, '{{}}') END"
    )
    return Relation(
        source=f"(SELECT line, {values} AS v FROM {lines} WHERE line IS NOT NULL)",
        fields={column: f"nullif(v[{place}], '')" for place, column in enumerate(printed, 1)},
        extra=extra,
        text="line",
        carried=("line",),
        broken=f"CASE WHEN v IS NULL THEN 'invalid_json' || {SEPARATOR} || {SEPARATOR} || left(line, 200) END",
    )


def parquet(path: Path) -> Keyed:
    """Names and count of a Parquet file's records. Raises :class:`Unreadable` when it is broken."""
    try:
        found = pq.ParquetFile(path)
        return Keyed(tuple(found.schema_arrow.names), found.metadata.num_rows)
    except (pa.ArrowException, OSError) as error:
        raise Unreadable("broken_parquet", str(error)) from error


def parquet_relation(path: Path, columns: Sequence[Column], names: Sequence[str]) -> Relation:
    """A Parquet file's columns as text."""
    header = match(names, columns)
    # By their places: a name may be empty, which no SQL can say.
    places = [f"p{index}" for index in range(len(names))]
    texts = [f"nullif({place}::VARCHAR, '')" for place in places]
    return Relation(
        source=f"read_parquet({literal(str(path))}, file_row_number=true) AS rows({', '.join(places)}, file_row)",
        fields={column: texts[index] for column, index in header.fields.items()},
        row="file_row + 1",
        extra=extra_json({name: texts[index] for name, index in header.extra.items()}),
        text=extra_json(dict(zip(header.names, texts, strict=True))),
        carried=tuple(places),
    )


def check_parquet(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Read every page once. Raises :class:`Unreadable` when one is damaged."""
    try:
        # a count would leave values packed of which the file says that none is null
        con.execute(f"SELECT bit_xor(hash(COLUMNS(*))) FROM read_parquet({literal(str(path))})").fetchall()
    except duckdb.Error as error:
        raise Unreadable("broken_parquet", str(error).splitlines()[0]) from error
