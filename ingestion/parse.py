"""Parsing: the landed bytes of one file into the Parquet files of a batch. Rows read = rows kept + quarantined."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import TypeVar

import duckdb
import numpy as np

from backhaul.settings import Settings
from ingestion.columns import Lineage, Mapped, quoted
from ingestion.config import Source
from ingestion.contract import NATIVE, SOURCES, Column, Contract, Options, Table, load_contract
from ingestion.description import Description, Record, description_of
from ingestion.opening import Text, Unreadable, open_text
from ingestion.readers import documents, native, records, routed, workbook
from ingestion.readers.delimited import (
    Delimited,
    Header,
    distinct,
    extra_json,
    match,
    missing,
    read,
    read_header,
    regular,
)
from ingestion.readers.document import Document
from ingestion.readers.routed import Lines
from ingestion.readers.structure import Fault, Positions, bounds
from ingestion.unpacking import is_workbook, unpack
from ingestion.writer import Quarantine, Written, integers, positions_of, strings, write

Shape = TypeVar("Shape", Table, Record)


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
    description = description_of(settings, source)
    return str(load_contract(source.kind).version) if description is None else description.full_version


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
        job.discard()
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
        description = description_of(self.settings, self.source)
        if description is not None:
            self._described(description)
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

    def discard(self) -> None:
        """Take back what was written so far: the file is read otherwise, or not at all."""
        for written in self.parsed.tables.values():
            written.path.unlink(missing_ok=True)
        self.parsed.tables.clear()
        self.quarantine.parts.clear()

    def _write(
        self,
        mapped: Mapped,
        numbers: Positions | None = None,
        text_of: Callable[[Positions], list[str]] | None = None,
        kind: str | None = None,
    ) -> Written:
        path = self.out / f"{kind or self.source.kind}__{mapped.table.name}.parquet"
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

    def _described(self, description: Description) -> None:
        # What occurs twice is computed once, outside of the `try` that guards a description's SQL.
        self.con.execute("SET disabled_optimizers = 'common_subexpressions'")
        plain = unpack(self.landed, self.work)
        if native.is_parquet(plain):
            self._described_parquet(description, plain)
            return
        if is_workbook(plain):
            self._described_workbook(description, plain)
            return
        text = open_text(plain, self.work, self.source.encodings or description.options.encodings)
        if description.format in ("delimited", "xlsx"):
            self._described_lines(description, text, description.options)
        elif description.is_flat and native.is_json_lines(text):
            self._described_json_lines(description, text)
        else:
            self._described_documents(description, text)

    def _described_workbook(self, description: Description, plain: Path) -> None:
        sheet = workbook.read(plain, description, self.work)
        self._described_lines(description, sheet.text, sheet.options)
        self.quarantine.add(None, sheet.faults)

    def _described_lines(self, description: Description, text: Text, options: Options) -> None:
        text, options = regular(text, options, self.work)
        names = read_header(text, options)
        if names is None:
            return
        names = distinct(names)
        found = self._record(description, text, names, options)
        if found is None:
            return
        record, header = found
        lines = Lines(
            record=record,
            source="",
            fields={name: f"c{index}" for name, index in header.fields.items()},
            printed={name: header.names[index] for name, index in header.fields.items()},
            extra={name: f"c{index}" for name, index in header.extra.items()},
        )

        def attempt(delimited: Delimited) -> int:
            read_from = replace(lines, source=delimited.source)
            count = routed.load(self.con, read_from, description, self.source.timezone)
            if count == delimited.records:
                self._route([read_from], delimited.numbers, delimited.text_of)
            return count

        self._read_checked(text, options, len(names), attempt)

    def _described_json_lines(self, description: Description, text: Text) -> None:
        text = native.without_nul(text, self.work)
        keyed = native.json_lines(text)
        found = self._record(description, text, keyed.names, None)
        if found is not None:
            relation = native.json_relation(text, found[0].columns, keyed)
            self._described_relation(description, *found, relation, keyed.records)

    def _described_parquet(self, description: Description, plain: Path) -> None:
        keyed = native.parquet(plain)
        native.check_parquet(self.con, plain)
        found = self._record(description, None, keyed.names, None)
        if found is not None:
            relation = native.parquet_relation(plain, found[0].columns, keyed.names)
            self._described_relation(description, *found, relation, keyed.records)

    def _described_relation(
        self, description: Description, record: Record, header: Header, relation: native.Relation, expected: int
    ) -> None:
        lines = Lines(
            record=record,
            source=relation.source,
            fields=relation.fields,
            printed={name: header.names[index] for name, index in header.fields.items()},
            rest=relation.extra,
            row=relation.row,
            text=relation.text,
            broken=relation.broken,
        )
        count = routed.load(self.con, lines, description, self.source.timezone)
        if count != expected:
            raise Unreadable("unreadable", f"{expected} records counted, {count} read")
        self._route([lines])

    def _described_documents(self, description: Description, text: Text) -> None:
        found, faults = records.find(_documents_of(self.source.kind, description)(text), description)
        self.quarantine.add(None, faults)
        loaded = []
        for record in description.records:
            if record.name not in found:
                continue
            self.con.register(f"found_{record.name}", found[record.name])
            lines = Lines(
                record=record,
                source=f"found_{record.name}",
                fields={column.name: quoted(column.name) for column in record.columns},
                row="_n",
                path="_path",
                rest="_rest",
                text="_text",
            )
            routed.load(self.con, lines, description, self.source.timezone)
            self.con.unregister(f"found_{record.name}")
            loaded.append(lines)
        self._route(loaded)
        unread = [fault for fault in faults if fault.rule not in ("api_error", "no_record")]
        if unread and not found:
            self.parsed.blocked = f"{unread[0].rule}: {unread[0].detail}"

    def _route(
        self,
        loaded: Sequence[Lines],
        numbers: Positions | None = None,
        text_of: Callable[[Positions], list[str]] | None = None,
    ) -> None:
        """Write what was loaded to native tables, and its faults to quarantine."""
        for lines in loaded:
            faulty = self.con.sql(routed.fault_query(lines)).to_arrow_table()
            rows = positions_of(faulty.column("_n").combine_chunks())
            texts = faulty.column("_text").combine_chunks()
            if text_of is not None:
                texts = strings(text_of(rows - 1))
            packed = faulty.column("_fault").combine_chunks()
            self.quarantine.add_packed(None, integers(rows if numbers is None else numbers[rows - 1]), packed, texts)
        for mapped in routed.mapped(self.con, loaded):
            written = self._write(mapped, numbers, text_of, NATIVE)
            if not written.read:
                del self.parsed.tables[written.path.stem]
                written.path.unlink()

    def _record(
        self, description: Description, text: Text | None, names: tuple[str, ...], options: Options | None
    ) -> tuple[Record, Header] | None:
        """The kind of record that a flat file holds: by its name, else by its header. None when it was refused."""
        found = self._fitting(description.records, text, names, options)
        # Without a header a field that no column names is none that was added.
        if found is not None and (options is None or options.header):
            self.parsed.new_columns = list(found[1].extra)
        return found

    def _read_checked(self, text: Text, options: Options, width: int, attempt: Callable[[Delimited], int]) -> None:
        """Read directly; when the engine's rows are not the records counted apart, again line by line."""
        for closely in (False, True):
            self.discard()
            delimited = read(text, options, width, self.work, closely)
            try:
                read_rows = attempt(delimited)
            except duckdb.InvalidInputException:
                continue
            if read_rows == delimited.records:
                self.quarantine.add(None, delimited.faults)
                return
        self.discard()
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
        text = native.without_nul(text, self.work)
        keyed = native.json_lines(text)
        found = self._table(contract, text, keyed.names, None)
        if found is not None:
            relation = native.json_relation(text, found[0].columns, keyed)
            self._write(relation.of(found[0], self.source.timezone))
            self._account(keyed.records)

    def _parquet(self, contract: Contract, plain: Path) -> None:
        keyed = native.parquet(plain)
        native.check_parquet(self.con, plain)
        found = self._table(contract, None, keyed.names, None)
        if found is not None:
            self._write(
                native.parquet_relation(plain, found[0].columns, keyed.names).of(found[0], self.source.timezone)
            )
            self._account(keyed.records)

    def _account(self, records: int) -> None:
        read_rows = sum(written.read for written in self.parsed.tables.values())
        if read_rows != records:
            raise Unreadable("unreadable", f"{records} records counted, {read_rows} read")

    def _table(
        self, contract: Contract, text: Text | None, names: tuple[str, ...], options: Options | None
    ) -> tuple[Table, Header] | None:
        """The table that a file holds: by its name, else by its header. None when it was refused."""
        found = self._fitting(contract.tables, text, names, options)
        if found is not None:
            self.parsed.new_columns = list(found[1].extra)
        return found

    def _fitting(
        self, shapes: Sequence[Shape], text: Text | None, names: tuple[str, ...], options: Options | None
    ) -> tuple[Shape, Header] | None:
        name = PurePosixPath(self.name.lower()).name
        named = [shape for shape in shapes if any(fnmatch(name, pattern.lower()) for pattern in shape.files)]
        fits: list[tuple[int, Shape, Header]] = []
        for shape in named or shapes:
            header = self._matched(text, names, shape.columns)
            if header is None:
                return None
            if not missing(header, shape.required):
                fits.append((len(header.fields), shape, header))
        if fits:
            _, shape, header = max(fits, key=lambda fit: fit[0])
            return shape, header
        likely = named or shapes
        if len(likely) == 1:
            absent = ", ".join(missing(match(names, likely[0].columns), likely[0].required))
            self._refuse(text, "missing_required_column", absent, names, options)
        else:
            shown = ", ".join(names)[:200]
            self._refuse(text, "unrecognised_file", f"no table has the columns: {shown}", (), options)
        return None

    def _matched(self, text: Text | None, names: tuple[str, ...], columns: Sequence[Column]) -> Header | None:
        try:
            return match(names, columns)
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
        # of a sheet, quotes tell where records end, and the first is always a header
        is_sheet = text.numbers is not None
        starts, ends = bounds(data, workbook.QUOTE if is_sheet else None)
        first = 1 if is_sheet or (names and options is not None) else 0
        numbers = range(1, len(starts) - first + 1) if text.numbers is None else text.numbers.tolist()
        faults = [
            Fault(row, rule, None, detail, data[start:end].tobytes().decode("utf-8").replace("\0", "\\x00"))
            for row, start, end in zip(numbers, starts[first:], ends[first:], strict=True)
        ]
        self.quarantine.add(None, faults)
        self.parsed.blocked = f"{rule}: {detail}"


def _documents_of(kind: str, description: Description) -> Callable[[Text], Iterator[Document | Fault]]:
    """The reader of a kind's documents: the kind's own ``parse.py`` when it has one, else that of the format."""
    own = (SOURCES / kind / "parse.py").is_file()
    readers = {"json": "json_documents", "x12": "x12", "edifact": "edifact", "xml": "xml_documents"}
    name = f"ingestion.sources.{kind}.parse" if own else f"ingestion.readers.{readers[description.format]}"
    reader: Callable[[Text], Iterator[Document | Fault]] = import_module(name).documents
    return reader
