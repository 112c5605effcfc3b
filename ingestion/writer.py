"""Writing: one scan of a raw relation into a lake table, with what fails its contract going to quarantine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Self

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingestion.columns import SEPARATOR, Lineage, Mapped, horizon, literal, select
from ingestion.readers.structure import Fault, Positions

BATCH_ROWS = 122_880
EPOCH = "1970-01-01 00:00:00"
INNER = ("_fault", "_text", "_unknown")


class Quarantine:
    """The rows of one batch that were not taken, gathered until the batch is written."""

    def __init__(self, lineage: Lineage) -> None:
        self.lineage = lineage
        self.parts: list[tuple[str | None, pa.RecordBatch]] = []

    def add(self, table: str | None, faults: Sequence[Fault]) -> None:
        """Faults that a reader found."""
        if faults:
            packed = [f"{fault.rule}\x1f{fault.column or ''}\x1f{fault.detail}" for fault in faults]
            rows = np.array([fault.row for fault in faults], dtype=np.int64)
            self.add_packed(table, integers(rows), strings(packed), strings([fault.text for fault in faults]))

    def add_packed(self, table: str | None, rows: pa.Array, packed: pa.Array, texts: pa.Array) -> None:
        """Rows with faults packed as ``rule␟column␟detail``."""
        if len(rows):
            self.parts.append((table, pa.RecordBatch.from_arrays([rows, packed, texts], ["_row", "fault", "raw_text"])))

    def write(self, con: duckdb.DuckDBPyConnection, path: Path) -> int:
        """Write all rows in record order; returns their number."""
        schema = pa.schema([("_row", pa.int64()), ("fault", pa.string()), ("raw_text", pa.string())])
        names = list(dict.fromkeys(name for name, _ in self.parts)) or [None]
        selects = []
        for number, name in enumerate(names):
            parts = [part for owner, part in self.parts if owner == name]
            con.register(f"faults_{number}", pa.Table.from_batches(parts, schema))
            shown = "NULL::VARCHAR" if name is None else literal(name)
            selects.append(f"SELECT *, {shown} AS table_name FROM faults_{number}")
        con.execute(
            f"COPY (SELECT {literal(self.lineage.source_id)} AS _source_id, "
            f"{literal(self.lineage.batch_id)} AS _batch_id, {literal(self.lineage.sha256)} AS _file_sha256, "
            f"_row, table_name, split_part(fault, {SEPARATOR}, 1) AS rule, "
            f"nullif(split_part(fault, {SEPARATOR}, 2), '') AS column_name, "
            f"array_to_string(string_split(fault, {SEPARATOR})[3:], {SEPARATOR}) AS detail, raw_text "
            f"FROM ({' UNION ALL '.join(selects)}) ORDER BY _row, table_name) TO {literal(str(path))} (FORMAT parquet)"
        )
        for number in range(len(names)):
            con.unregister(f"faults_{number}")
        return sum(part.num_rows for _, part in self.parts)


def strings(values: Sequence[str | None]) -> pa.Array:
    """An Arrow array of strings, made without ``pa.array``, which would import pandas: longer than most files take."""
    encoded = [b"" if value is None else value.encode() for value in values]
    ends = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
    present = np.packbits(np.array([value is not None for value in values], dtype=np.bool_), bitorder="little")
    buffers = [pa.py_buffer(present), pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))]
    return pa.Array.from_buffers(pa.large_string(), len(encoded), buffers).cast(pa.string())


def integers(values: Positions) -> pa.Array:
    """An Arrow array over 64-bit integers, without a copy."""
    return pa.Array.from_buffers(pa.int64(), len(values), [None, pa.py_buffer(np.ascontiguousarray(values))])


def positions_of(column: pa.Array) -> Positions:
    """The 64-bit integers of an Arrow column without nulls."""
    return np.frombuffer(column.buffers()[1], dtype=np.int64)[column.offset : column.offset + len(column)]


@dataclass(frozen=True)
class Written:
    """One lake table file: rows kept, rows read, rows with a code outside a warned enumeration, latest event (UTC)."""

    path: Path
    rows: int
    read: int
    unknown: int
    horizon: str | None


def write(
    con: duckdb.DuckDBPyConnection,
    mapped: Mapped,
    lineage: Lineage,
    path: Path,
    quarantine: Quarantine,
    numbers: Positions | None = None,
    text_of: Callable[[Positions], list[str]] | None = None,
    is_small: bool = False,
) -> Written:
    """Scan the relation once and write its sound rows; faulty rows go to ``quarantine``.

    ``numbers`` maps the relation's row numbers (1, 2, …) to record numbers; ``text_of`` gives raw text by 0-based
    position where the relation has none. ``is_small`` says that all rows may be held in memory at once, which is faster
    for few. Raises ``duckdb.Error`` for structural errors of the file.
    """
    table = mapped.table
    latest: datetime | None = None
    if table.observed_at == "horizon":
        [(latest,)] = con.execute(horizon(mapped)).fetchall()
    reader = _scan(con, select(mapped, lineage, str(latest) if latest else None), is_small)
    sheet = _Sheet(path, table.event_time, reader.schema)
    read = unknown = 0
    with sheet:
        for scanned in reader:
            read += scanned.num_rows
            batch, positions = _numbered(scanned, numbers)
            fault = batch.column("_fault")
            if fault.null_count < batch.num_rows:
                faulty = batch.filter(pc.is_valid(fault))
                texts = faulty.column("_text")
                if text_of is not None:
                    broken = positions_of(integers(positions).filter(pc.is_valid(fault)))
                    texts = strings(text_of(broken - 1))
                quarantine.add_packed(table.name, faulty.column("_row"), faulty.column("_fault"), texts)
                batch = batch.filter(pc.is_null(fault))
            unknown += pc.sum(batch.column("_unknown")).as_py() or 0
            sheet.add(batch)
    if sheet.keyless or sheet.unobserved:
        _complete(con, path, lineage.source_id, sheet.latest)
    return Written(path, sheet.rows, read, unknown, str(sheet.latest) if sheet.latest is not None else None)


def _scan(con: duckdb.DuckDBPyConnection, query: str, is_small: bool) -> pa.RecordBatchReader:
    """The rows of a query, batch by batch."""
    if not is_small:
        return con.sql(query).to_arrow_reader(BATCH_ROWS)
    # A stream plans its query twice, which takes longer than to read the rows of a small file.
    con.execute(f"CREATE OR REPLACE TEMP TABLE scanned AS {query}")
    return con.sql("FROM scanned").to_arrow_reader(BATCH_ROWS)


def _numbered(batch: pa.RecordBatch, numbers: Positions | None) -> tuple[pa.RecordBatch, Positions]:
    """The batch with record numbers in ``_row``, and the positions that stood there."""
    positions = positions_of(batch.column("_row"))
    if numbers is None:
        return batch, positions
    index = batch.schema.get_field_index("_row")
    return batch.set_column(index, "_row", integers(numbers[positions - 1])), positions


class _Sheet:
    """A lake table file being written, batch by batch; counts what it takes."""

    def __init__(self, path: Path, event_time: str, scanned: pa.Schema) -> None:
        self.path = path
        self.event_time = event_time
        self.schema = pa.schema([item for item in scanned if item.name not in INNER])
        self.rows = self.keyless = self.unobserved = 0
        self.latest: datetime | None = None
        self.writer: pq.ParquetWriter | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if self.writer is None and kind is None:
            self._open([], self.schema)
        if self.writer is not None:
            self.writer.close()

    def add(self, batch: pa.RecordBatch) -> None:
        kept = batch.select(self.schema.names)
        if self.writer is None:
            self._open([kept], kept.schema)
        assert self.writer is not None
        self.writer.write_batch(kept, row_group_size=BATCH_ROWS)
        self.rows += kept.num_rows
        self.keyless += kept.column("_record_key").null_count
        self.unobserved += kept.column("_observed_at").null_count
        newest = pc.max(kept.column(self.event_time)).as_py()
        if newest is not None:
            moment = newest if isinstance(newest, datetime) else datetime.combine(newest, time())
            self.latest = moment if self.latest is None else max(self.latest, moment)

    def _open(self, sample: Sequence[pa.RecordBatch], schema: pa.Schema) -> None:
        """Dictionaries, statistics and compression cost more than they save on texts that do not repeat."""
        repeating = [name for batch in sample for name in schema.names if _repeats(batch.column(name))]
        plain = {item.name for item in schema if pa.types.is_string(item.type)} - set(repeating)
        self.writer = pq.ParquetWriter(
            self.path,
            schema,
            compression={name: "none" if name in plain else "lz4" for name in schema.names},
            use_dictionary=repeating,
            write_statistics=[item.name for item in schema if pa.types.is_temporal(item.type)],
            store_schema=False,
        )


def _repeats(values: pa.Array) -> bool:
    if pa.types.is_dictionary(values.type):
        return True
    head = values.slice(0, 4096)
    return bool(pa.types.is_string(head.type) and pc.count_distinct(head, mode="all").as_py() * 4 < len(head))


def _complete(con: duckdb.DuckDBPyConnection, path: Path, source_id: str, latest: datetime | None) -> None:
    """Fill what only the whole file tells.

    A row without a natural key gets one from its content and its ordinal among equal rows of the file; a row without
    an observation time gets the latest event time of the file (the epoch when there is none).
    """
    target = path.with_suffix(".complete")
    ordinal = "row_number() OVER (PARTITION BY _record_key IS NULL, _content_hash ORDER BY _row, _path)"
    key = f"md5(concat({literal(source_id)}, {SEPARATOR}, _content_hash, {SEPARATOR}, {ordinal}))"
    observed = f"TIMESTAMP {literal(str(latest or EPOCH))}"
    con.execute(
        f"COPY (SELECT * REPLACE (coalesce(_observed_at, {observed}) AS _observed_at, "
        f"coalesce(_record_key, {key}) AS _record_key) FROM read_parquet({literal(str(path))}) "
        f"ORDER BY _row, _path) TO {literal(str(target))} (FORMAT parquet)"
    )
    target.replace(path)
