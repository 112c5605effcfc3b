"""A file on its way from landed bytes to the Parquet files of a batch: what every form of reading it shares."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import TypeVar

import duckdb
import numpy as np

from backhaul.receipts import Form
from backhaul.settings import Settings
from ingestion.columns import Lineage, Mapped
from ingestion.config import Source
from ingestion.contract import NATIVE, Column, Options, Table
from ingestion.description import Record
from ingestion.opening import SHEET_QUOTE, Text, Unreadable
from ingestion.readers import routed
from ingestion.readers.delimited import Delimited, Header, match, missing, read
from ingestion.readers.routed import Lines
from ingestion.readers.structure import Fault, Positions, bounds
from ingestion.writer import Quarantine, Written, integers, positions_of, strings, write

# Bytes up to which a file's rows are held in memory at once: packed, they may unpack to some tens of MB.
SMALL = 256 * 1024

Shape = TypeVar("Shape", Table, Record)


@dataclass
class Parsed:
    """What a file gave. ``blocked`` is why a person should look before the batch is committed, or None.

    ``form`` is that of a flat file. ``unequal_totals`` names what does not add up to the total that the file tells.
    """

    tables: dict[str, Written] = field(default_factory=dict)
    quarantined: int = 0
    blocked: str | None = None
    form: Form | None = None
    unequal_totals: list[str] = field(default_factory=list)

    @property
    def new_columns(self) -> list[str]:
        """The fields of a flat file that its contract lacks."""
        return [] if self.form is None else self.form.extra

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


@dataclass
class Job(ABC):
    """One file: ``landed`` under its original ``name``; ``work`` takes temporary files, ``out`` the result."""

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

    @abstractmethod
    def run(self) -> None:
        """Read the file. Raises :class:`Unreadable` when it gives no records at all."""

    def discard(self) -> None:
        """Take back what was written so far: the file is read otherwise, or not at all."""
        # also the table on which a reader gave up
        for file in self.out.glob("*.parquet"):
            file.unlink()
        self.parsed.tables.clear()
        self.parsed.unequal_totals.clear()
        self.quarantine.parts.clear()

    def write(
        self,
        mapped: Mapped,
        numbers: Positions | None = None,
        text_of: Callable[[Positions], list[str]] | None = None,
        kind: str | None = None,
    ) -> Written:
        """Write a native table's or the kind's own rows; the faulty ones go to quarantine."""
        path = self.out / f"{kind or self.source.kind}__{mapped.table.name}.parquet"
        is_small = self.landed.stat().st_size <= SMALL
        written = write(self.con, mapped, self.lineage, path, self.quarantine, numbers, text_of, is_small)
        self.parsed.tables[path.stem] = written
        return written

    def route(
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
            self.parsed.unequal_totals += routed.unequal_totals(self.con, lines)
        for mapped in routed.mapped(self.con, loaded):
            written = self.write(mapped, numbers, text_of, NATIVE)
            if not written.read:
                del self.parsed.tables[written.path.stem]
                written.path.unlink()

    def read_checked(self, text: Text, options: Options, width: int, attempt: Callable[[Delimited], int]) -> None:
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
        self.refuse(text, "unreadable", "the reader and the count of records disagree", (), options)

    def fitting(
        self, shapes: Sequence[Shape], text: Text | None, names: tuple[str, ...], options: Options | None
    ) -> tuple[Shape, Header] | None:
        """The table or kind of record that a flat file holds: by its name, else by its header. None when refused."""
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
            # Without a header a field that no column names is none that was added.
            if options is None or options.header:
                is_json = options is None and text is not None
                printed = {column: header.names[index].strip() for column, index in header.fields.items()}
                self.parsed.form = Form(shape.name, {} if is_json else printed, list(header.extra))
            return shape, header
        likely = named or shapes
        if len(likely) == 1:
            absent = ", ".join(missing(match(names, likely[0].columns), likely[0].required))
            self.refuse(text, "missing_required_column", absent, names, options)
        else:
            shown = ", ".join(names)[:200]
            self.refuse(text, "unrecognised_file", f"no table has the columns: {shown}", (), options)
        return None

    def _matched(self, text: Text | None, names: tuple[str, ...], columns: Sequence[Column]) -> Header | None:
        try:
            return match(names, columns)
        except ValueError as problem:
            self.refuse(text, "duplicate_header", str(problem), names, None)
            return None

    def refuse(
        self, text: Text | None, rule: str, detail: str, names: tuple[str, ...], options: Options | None
    ) -> None:
        """Put every line of a file in quarantine, the header apart when it is known to be one."""
        if text is None:
            raise Unreadable(rule, detail)
        data = np.memmap(text.path, dtype=np.uint8, mode="r")
        # of a sheet, quotes tell where records end, and the first is always a header
        is_sheet = text.numbers is not None
        starts, ends = bounds(data, SHEET_QUOTE if is_sheet else None)
        first = 1 if is_sheet or (names and options is not None) else 0
        numbers = range(1, len(starts) - first + 1) if text.numbers is None else text.numbers.tolist()
        faults = [
            Fault(row, rule, None, detail, data[start:end].tobytes().decode("utf-8").replace("\0", "\\x00"))
            for row, start, end in zip(numbers, starts[first:], ends[first:], strict=True)
        ]
        self.quarantine.add(None, faults)
        self.parsed.blocked = f"{rule}: {detail}"
