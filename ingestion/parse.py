"""Parsing: the landed bytes of one file into the Parquet files of a batch. Rows read = rows kept + quarantined."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

import duckdb
import numpy as np

from backhaul.settings import Settings
from ingestion.columns import Lineage, Mapped
from ingestion.config import Source, resolve_path
from ingestion.contract import Contract, Options, Table, load_contract
from ingestion.opening import Text, Unreadable, open_text, unpack
from ingestion.readers import documents, native, routed
from ingestion.readers.delimited import (
    Delimited,
    Header,
    extra_json,
    match,
    missing,
    read,
    read_header,
)
from ingestion.readers.structure import Fault, bounds
from ingestion.writer import Quarantine, Written, integers, positions_of, strings, write


@dataclass
class Parsed:
    """What a file gave. ``blocked`` is why a person should look before the batch is committed, or None."""

    tables: dict[str, Written] = field(default_factory=dict)
    quarantined: int = 0
    blocked: str | None = None
    new_columns: list[str] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables.values())

    @property
    def rows_read(self) -> int:
        return self.rows + self.quarantined

    @property
    def unknown(self) -> int:
        return sum(table.unknown for table in self.tables.values())

    @property
    def horizon(self) -> str | None:
        return max((table.horizon for table in self.tables.values() if table.horizon), default=None)


def version_of(settings: Settings, source: Source) -> str:
    """The contract version by which this source is read now. Raises ``ContractError``."""
    if source.kind == "delimited":
        return routed.version_of(routed.load_description(resolve_path(settings, source.contract or "")))
    return str(load_contract(source.kind).version)


def connect(settings: Settings) -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB with the project's limits; its session is in UTC and keeps the order of files."""
    con = duckdb.connect()
    con.execute(f"SET threads = {settings.threads}; SET memory_limit = '{settings.memory_limit}'")
    con.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = true")
    return con


def parse(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    source: Source,
    landed: Path,
    name: str,
    lineage: Lineage,
    out: Path,
    work: Path,
) -> Parsed:
    """Read one landed file into ``out``: ``<kind>__<table>.parquet`` files and ``quarantine.parquet``.

    ``name`` is the file's original name; ``work`` takes temporary files. Nothing raised here is about the file's
    content: what can't be read is in quarantine, and ``blocked`` says so when that is the whole file.
    """
    job = _Job(con, settings, source, landed, name, lineage, out, work)
    try:
        job.run()
    except Unreadable as problem:
        job.parsed.tables.clear()
        job.quarantine.parts.clear()
        job.quarantine.add(None, [Fault(1, problem.rule, None, problem.detail, None)])
        job.parsed.blocked = f"{problem.rule}: {problem.detail}"
    job.parsed.quarantined = job.quarantine.write(con, out / "quarantine.parquet")
    return job.parsed


@dataclass
class _Job:
    con: duckdb.DuckDBPyConnection
    settings: Settings
    source: Source
    landed: Path
    name: str
    lineage: Lineage
    out: Path
    work: Path

    def __post_init__(self) -> None:
        self.parsed = Parsed()
        self.quarantine = Quarantine(self.lineage)

    def run(self) -> None:
        if self.source.kind == "delimited":
            self._routed(routed.load_description(resolve_path(self.settings, self.source.contract or "")))
            return
        contract = load_contract(self.source.kind)
        encodings = self.source.encodings or contract.options.encodings
        if contract.format == "easypost":
            self._documents(contract, open_text(self.landed, self.work, encodings))
            return
        plain = unpack(self.landed, self.work)
        if native.is_parquet(plain):
            self._parquet(contract, plain)
            return
        text = open_text(plain, self.work, encodings)
        if contract.format == "native" and native.is_json(text):
            self._json_lines(contract, text)
        else:
            self._delimited(contract, text)

    def _write(
        self,
        mapped: Mapped,
        numbers: np.ndarray[tuple[int], np.dtype[np.int64]] | None = None,
        text_of: Callable[[np.ndarray[tuple[int], np.dtype[np.int64]]], list[str]] | None = None,
    ) -> Written:
        kind = routed.NATIVE if self.source.kind == "delimited" else self.source.kind
        path = self.out / f"{kind}__{mapped.table.name}.parquet"
        written = write(self.con, mapped, self.lineage, path, self.quarantine, numbers, text_of)
        self.parsed.tables[path.stem] = written
        return written

    def _delimited(self, contract: Contract, text: Text) -> None:
        names = read_header(text, contract.options)
        if names is None:
            return
        found = self._table(contract, text, names, contract.options)
        if found is None:
            return
        table, header = found

        def attempt(delimited: Delimited) -> int:
            mapped = Mapped(
                table=table,
                source=delimited.source,
                raw={name: f"c{index}" for name, index in header.fields.items()},
                extra=extra_json({name: f"c{index}" for name, index in header.extra.items()}),
                timezone=self.source.timezone,
            )
            return self._write(mapped, delimited.numbers, delimited.text_of).read

        self._read_checked(text, contract.options, len(names), attempt)

    def _routed(self, description: routed.Description) -> None:
        text = open_text(self.landed, self.work, self.source.encodings or description.options.encodings)
        names = read_header(text, description.options)
        if names is None:
            return
        header = self._matched(text, names, lambda: match(names, description.columns))
        if header is None:
            return
        absent = [name for name in description.required if name not in header.fields]
        if absent:
            self._refuse(text, "missing_required_column", ", ".join(absent), names, description.options)
            return
        self.parsed.new_columns = list(header.extra)

        def attempt(delimited: Delimited) -> int:
            records = routed.load(self.con, delimited, header, description, self.source.timezone)
            if records == delimited.records:
                faulty = self.con.sql(routed.fault_query()).to_arrow_table()
                positions = positions_of(faulty.column("_n").combine_chunks()) - 1
                rows = positions + 1 if delimited.numbers is None else delimited.numbers[positions]
                packed = faulty.column("_fault").combine_chunks()
                self.quarantine.add_packed(None, integers(rows), packed, strings(delimited.text_of(positions)))
                for mapped in routed.mapped(description, header):
                    self._write(mapped, delimited.numbers, delimited.text_of)
            return records

        self._read_checked(text, description.options, len(names), attempt)

    def _read_checked(self, text: Text, options: Options, width: int, attempt: Callable[[Delimited], int]) -> None:
        """Read directly; when the engine's rows are not the records counted apart, again line by line."""
        for closely in (False, True):
            self.parsed.tables.clear()
            self.quarantine.parts.clear()
            delimited = read(text, options, width, self.work, closely)
            try:
                read_rows = attempt(delimited)
            except duckdb.InvalidInputException:
                continue
            if read_rows == delimited.records:
                self.quarantine.add(None, delimited.faults)
                return
        self.parsed.tables.clear()
        self.quarantine.parts.clear()
        self._refuse(text, "unreadable", "the reader and the count of records disagree", (), options)

    def _documents(self, contract: Contract, text: Text) -> None:
        faults = documents.load(self.con, text)
        self.quarantine.add(None, faults)
        if faults and all(fault.rule == "invalid_json" for fault in faults) and not documents.count(self.con):
            self.parsed.blocked = "invalid_json: no line of the file is JSON"
        for mapped in documents.mapped(self.con, contract, self.source.timezone):
            written = self._write(mapped)
            if not written.rows:
                del self.parsed.tables[written.path.stem]
                written.path.unlink()

    def _json_lines(self, contract: Contract, text: Text) -> None:
        keyed = native.json_lines(text)
        found = self._table(contract, text, keyed.names, None)
        if found is not None:
            self._write(native.map_json_lines(text, found[0], keyed, self.source.timezone))
            self._account(keyed.records)

    def _parquet(self, contract: Contract, plain: Path) -> None:
        keyed = native.parquet(plain)
        native.check_parquet(self.con, plain)
        found = self._table(contract, None, keyed.names, None)
        if found is not None:
            self._write(native.map_parquet(plain, found[0], keyed.names, self.source.timezone))
            self._account(keyed.records)

    def _account(self, records: int) -> None:
        read_rows = sum(written.read for written in self.parsed.tables.values())
        if read_rows != records:
            raise Unreadable("unreadable", f"{records} records counted, {read_rows} read")

    def _table(
        self, contract: Contract, text: Text | None, names: tuple[str, ...], options: Options | None
    ) -> tuple[Table, Header] | None:
        """The table that a file holds: by its name, else by its header. None when it was refused."""
        stem = self.name.lower()
        named = [table for table in contract.tables if any(fnmatch(stem, pattern) for pattern in table.files)]
        fits: list[tuple[int, Table, Header]] = []
        for table in named or contract.tables:
            header = self._matched(text, names, lambda table=table: match(names, table.columns))  # type: ignore[misc]
            if header is None:
                return None
            if not missing(header, table):
                fits.append((len(header.fields), table, header))
        if fits:
            _, table, header = max(fits, key=lambda fit: fit[0])
            self.parsed.new_columns = list(header.extra)
            return table, header
        if len(named) == 1:
            header = match(names, named[0].columns)
            absent = ", ".join(missing(header, named[0]))
            self._refuse(text, "missing_required_column", absent, names, options)
        else:
            shown = ", ".join(names)[:200]
            self._refuse(text, "unrecognised_file", f"no table has the columns: {shown}", (), options)
        return None

    def _matched(self, text: Text | None, names: tuple[str, ...], matcher: Callable[[], Header]) -> Header | None:
        try:
            return matcher()
        except ValueError as problem:
            self._refuse(text, "duplicate_header", str(problem), names, None)
            return None

    def _refuse(
        self, text: Text | None, rule: str, detail: str, names: tuple[str, ...], options: Options | None
    ) -> None:
        """Put every line of a file in quarantine, the header apart when it is known to be one."""
        if text is None:
            raise Unreadable(rule, detail)
        data = np.memmap(text.path, dtype=np.uint8, mode="r")
        starts, ends = bounds(data, None)
        first = 1 if names and options is not None else 0
        faults = [
            Fault(row, rule, None, detail, data[start:end].tobytes().decode("utf-8").replace("\0", "\\x00"))
            for row, (start, end) in enumerate(zip(starts[first:], ends[first:], strict=True), 1)
        ]
        self.quarantine.add(None, faults)
        self.parsed.blocked = f"{rule}: {detail}"
