"""Files that are read by a description: their records are found, typed, routed, and become rows of native tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path

import numpy as np
import pyarrow as pa

from ingestion.columns import literal, quoted
from ingestion.contract import SOURCES, Options
from ingestion.description import Description, Record
from ingestion.job import Job
from ingestion.opening import Text, Unreadable, open_text
from ingestion.readers import native, records, routed
from ingestion.readers.delimited import Delimited, Header, cell, distinct, read_header, regular
from ingestion.readers.document import Document
from ingestion.readers.routed import Lines
from ingestion.readers.structure import Fault
from ingestion.unpacking import is_workbook, unpack


@dataclass
class DescribedJob(Job):
    """A file that is read by a description, the kind's own or its user's."""

    description: Description

    def run(self) -> None:
        routed.prepare(self.con, self.description)
        plain = unpack(self.landed, self.work)
        if native.is_parquet(plain):
            self._parquet(plain)
            return
        if is_workbook(plain):
            self._workbook(plain)
            return
        text = open_text(plain, self.work, self.source.encodings or self.description.options.encodings)
        options = self.description.options
        if self.description.format in ("delimited", "xlsx") or (options.lines and not native.is_json_value(text)):
            self._lines(text, options)
        elif self.description.is_flat and native.is_json_lines(text):
            self._json_lines(text)
        else:
            self._documents(text)

    def _workbook(self, plain: Path) -> None:
        # what reads workbooks takes longer to import than most files take to read
        from ingestion.readers import workbook

        sheet = workbook.read(plain, self.description, self.work)
        self._lines(sheet.text, sheet.options)
        self.quarantine.add(None, sheet.faults)

    def _lines(self, text: Text, options: Options) -> None:
        text, options = regular(self.con, text, options, self.work)
        names = read_header(text, options)
        if names is None:
            return
        names = distinct(names)
        found = self._record(text, names, options)
        if found is None:
            return
        record, header = found
        lines = Lines(
            record=record,
            source="",
            fields={name: cell(index) for name, index in header.fields.items()},
            printed={name: header.names[index] for name, index in header.fields.items()},
            extra={name: f"c{index}" for name, index in header.extra.items()},
        )

        def attempt(delimited: Delimited) -> int:
            read_from = replace(lines, source=delimited.source, breaks=_breaks(delimited))
            count = routed.load(self.con, read_from, self.source.timezone)
            if count == delimited.records:
                self.route([read_from], delimited.numbers, delimited.text_of)
            return count

        self.read_checked(text, options, len(names), attempt)

    def _json_lines(self, text: Text) -> None:
        text = native.without_nul(text, self.work)
        keyed = native.json_lines(text)
        found = self._record(text, keyed.names, None)
        if found is not None:
            relation = native.json_relation(text, found[0].columns, keyed)
            self._relation(*found, relation, keyed.records)

    def _parquet(self, plain: Path) -> None:
        keyed = native.parquet(plain)
        native.check_parquet(self.con, plain)
        found = self._record(None, keyed.names, None)
        if found is not None:
            relation = native.parquet_relation(plain, found[0].columns, keyed.names)
            self._relation(*found, relation, keyed.records)

    def _relation(self, record: Record, header: Header, relation: native.Relation, expected: int) -> None:
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
        count = routed.load(self.con, lines, self.source.timezone)
        if count != expected:
            raise Unreadable("unreadable", f"{expected} records counted, {count} read")
        self.route([lines])

    def _documents(self, text: Text) -> None:
        documents = _documents_of(self.source.kind, self.description)(text)
        found, faults = records.find(documents, self.description, self.work)
        self.quarantine.add(None, faults)
        loaded = []
        for record in self.description.records:
            if record.name not in found:
                continue
            lines = Lines(
                record=record,
                source=self._source_of(found[record.name]),
                fields={column.name: quoted(column.name) for column in record.columns},
                row="_n",
                path="_path",
                rest="_rest",
                text="_text",
            )
            routed.load(self.con, lines, self.source.timezone)
            loaded.append(lines)
        self.route(loaded)
        unread = [fault for fault in faults if fault.rule not in ("api_error", "no_record")]
        if unread and not found:
            self.parsed.blocked = f"{unread[0].rule}: {unread[0].detail}"

    def _source_of(self, found: pa.RecordBatch | Path) -> str:
        """SQL for FROM of the records found, until those of another kind are asked for."""
        if isinstance(found, Path):
            return f"read_parquet({literal(str(found))})"
        self.con.register("found", found)
        return "found"

    def _record(
        self, text: Text | None, names: tuple[str, ...], options: Options | None
    ) -> tuple[Record, Header] | None:
        """The kind of record that a flat file holds: by its name, else by its header. None when it was refused."""
        return self.fitting(self.description.records, text, names, options)


def _breaks(delimited: Delimited) -> tuple[int, ...]:
    """The records, by their position from 1, that follow a line that could not be read."""
    if delimited.numbers is None:
        return ()
    rows = sorted({fault.row for fault in delimited.faults})
    return tuple(dict.fromkeys((np.searchsorted(delimited.numbers, rows) + 1).tolist()))


def _documents_of(kind: str, description: Description) -> Callable[[Text], Iterator[Document | Fault]]:
    """The reader of a kind's documents: the kind's own ``parse.py`` when it has one, else that of the format."""
    own = (SOURCES / kind / "parse.py").is_file()
    readers = {"json": "json_documents", "x12": "x12", "edifact": "edifact", "xml": "xml_documents"}
    name = f"ingestion.sources.{kind}.parse" if own else f"ingestion.readers.{readers[description.format]}"
    reader: Callable[[Text], Iterator[Document | Fault]] = import_module(name).documents
    return reader
