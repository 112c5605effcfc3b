"""Files of the kinds with tables of their own: each row goes into a table of the kind's contract."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa

from ingestion.columns import Mapped
from ingestion.contract import Contract, Options, Table, load_contract
from ingestion.job import Job
from ingestion.opening import Text, Unreadable, open_text
from ingestion.readers import native
from ingestion.readers.delimited import Delimited, Header, cell, extra_json, read_header, regular
from ingestion.unpacking import unpack


class TabledJob(Job):
    """A file that is read by the contract of its kind."""

    def run(self) -> None:
        contract = load_contract(self.source.kind)
        plain = unpack(self.landed, self.work)
        if native.is_parquet(plain):
            self._parquet(contract, plain)
            return
        text = open_text(plain, self.work, self.source.encodings or contract.options.encodings)
        if contract.format == "native" and native.is_json(text):
            self._json_lines(contract, text)
        else:
            self._delimited(contract, text)

    def _delimited(self, contract: Contract, text: Text) -> None:
        text, options = regular(self.con, text, contract.options, self.work)
        names = read_header(text, options)
        if names is None:
            return
        found = self._table(contract, text, names, options)
        if found is None:
            return
        table, header = found

        def attempt(delimited: Delimited) -> int:
            mapped = Mapped(
                table=table,
                source=delimited.source,
                raw={name: cell(index) for name, index in header.fields.items()},
                extra=extra_json({name: f"c{index}" for name, index in header.extra.items()}),
                timezone=self.source.timezone,
            )
            return self.write(mapped, delimited.numbers, delimited.text_of).read

        self.read_checked(text, options, len(names), attempt)

    def _json_lines(self, contract: Contract, text: Text) -> None:
        text = native.without_nul(text, self.work)
        keyed = native.json_lines(text)
        found = self._table(contract, text, keyed.names, None)
        if found is not None:
            relation = native.json_relation(text, found[0].columns, keyed)
            self.write(relation.of(found[0], self.source.timezone))
            self._account(keyed.records)

    def _parquet(self, contract: Contract, plain: Path) -> None:
        keyed = native.parquet(plain)
        found = self._table(contract, None, keyed.names, None)
        if found is None:
            return
        relation = native.parquet_relation(plain, found[0].columns, keyed.names)
        try:
            self.write(relation.of(found[0], self.source.timezone))
        except (duckdb.Error, pa.ArrowException, OSError):
            # a sound file is read once; whether one that cannot be read is damaged is asked then
            native.check_parquet(self.con, plain)
            raise
        self._account(keyed.records)

    def _account(self, records: int) -> None:
        read_rows = sum(written.read for written in self.parsed.tables.values())
        if read_rows != records:
            raise Unreadable("unreadable", f"{records} records counted, {read_rows} read")

    def _table(
        self, contract: Contract, text: Text | None, names: tuple[str, ...], options: Options | None
    ) -> tuple[Table, Header] | None:
        """The table that a file holds: by its name, else by its header. None when it was refused."""
        return self.fitting(contract.tables, text, names, options)
