"""The rows that could not be read and that nobody mended yet: found, counted, and each with what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

import duckdb

from backhaul import receipts
from backhaul.errors import Explained
from backhaul.receipts import Receipt
from backhaul.settings import Settings
from ingestion import holds
from ingestion.columns import literal
from ingestion.holds import Hold
from ingestion.parse import connect
from ingestion.remedies import remedy

COLUMNS = "_batch_id, _row, table_name, rule, column_name, detail, raw_text"


class NoSuchRow(Explained):
    """No row of that id is open in quarantine, or several are."""


@dataclass(frozen=True)
class Row:
    """One row in quarantine: ``row`` is its 1-based record number in the file, header not counted.

    ``table`` and ``column`` are None where the record could not be taken apart so far; ``raw_text`` is None for a file
    that gave no record at all. ``is_held``: its batch waits for a decision.
    """

    batch_id: str
    row: int
    table: str | None
    rule: str
    column: str | None
    detail: str
    raw_text: str | None
    source_id: str
    file: str
    file_sha256: str
    is_held: bool

    @property
    def id(self) -> str:
        """How a person names the row: the first characters of its batch do for ``BATCH``."""
        return f"{self.batch_id}:{self.row}"

    @property
    def remedy(self) -> str:
        return remedy(self.rule)


@dataclass(frozen=True)
class Count:
    """How many rows of a source a rule keeps out, in how many files."""

    source_id: str
    rule: str
    rows: int
    files: int


@dataclass(frozen=True)
class Selection:
    """Which rows: by source, rule, table, file (its name, or a pattern with ``*``), batch id, or landed since (UTC)."""

    source_id: str | None = None
    rule: str | None = None
    table: str | None = None
    file: str | None = None
    batch_id: str | None = None
    since: datetime | None = None

    def takes(self, batch: Receipt | Hold, landed_at: str) -> bool:
        """Whether rows of this batch may be among them."""
        return (
            self.source_id in (None, batch.source_id)
            and (self.file is None or fnmatchcase(batch.file.name, self.file))
            and (self.batch_id is None or batch.batch_id.startswith(self.batch_id))
            and (self.since is None or datetime.fromisoformat(landed_at) >= self.since)
        )


def open_rows(settings: Settings, selection: Selection | None = None, limit: int | None = None) -> list[Row]:
    """The rows of committed and held batches that no committed batch mends, by source, file name and row."""
    batches = _batches(settings, selection or Selection())
    with connect(settings) as con:
        found = con.execute(
            f"SELECT {COLUMNS} FROM ({_query(con, settings, batches, selection or Selection())}) "
            "ORDER BY _source_id, file, _row, table_name LIMIT ?",
            [limit],
        ).fetchall()
    return [_row(batches[values[0]], values) for values in found]


def counts(settings: Settings, selection: Selection | None = None) -> list[Count]:
    """Open rows by source and rule, most first."""
    batches = _batches(settings, selection or Selection())
    with connect(settings) as con:
        found = con.execute(
            "SELECT _source_id, rule, count(*), count(DISTINCT _batch_id) "
            f"FROM ({_query(con, settings, batches, selection or Selection())}) GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2"
        ).fetchall()
    return [Count(*row) for row in found]


def find(settings: Settings, row_id: str) -> list[Row]:
    """What is open of one record: mostly one entry, more when several tables refuse it.

    Raises :class:`NoSuchRow` when there is none, or when more than one batch begins so.
    """
    batch_id, _, number = row_id.partition(":")
    rows = [row for row in open_rows(settings, Selection(batch_id=batch_id)) if str(row.row) == number]
    if len({row.batch_id for row in rows}) != 1:
        raise NoSuchRow(f"No row {row_id!r} is open, or several; `backhaul quarantine list --rows` shows BATCH:ROW.")
    return rows


def _batches(settings: Settings, selection: Selection) -> dict[str, Receipt | Hold]:
    waiting = [hold for hold in holds.everything(settings) if hold.status == "held"]
    dated: Iterable[tuple[Receipt | Hold, str]] = [
        *((receipt, receipt.landed_at) for receipt in receipts.committed(settings)),
        *((hold, hold.held_at) for hold in waiting),
    ]
    return {batch.batch_id: batch for batch, at in dated if batch.quarantine.rows and selection.takes(batch, at)}


def _query(
    con: duckdb.DuckDBPyConnection, settings: Settings, batches: dict[str, Receipt | Hold], selection: Selection
) -> str:
    """A query for the open rows of these batches, with the ``file`` name of each."""
    con.execute("CREATE TEMP TABLE mended (source_id VARCHAR, sha256 VARCHAR, row BIGINT)")
    con.execute("CREATE TEMP TABLE named (batch_id VARCHAR, file VARCHAR)")
    mended = [
        (receipt.source_id, repair.file_sha256, row)
        for receipt in receipts.committed(settings)
        for repair in receipt.repairs
        for row in repair.rows
    ]
    for table, values in (("mended", mended), ("named", [(key, batch.file.name) for key, batch in batches.items()])):
        if values:
            con.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(values[0]))})", values)
    files = ", ".join(literal(str(settings.lake / batch.quarantine.file)) for batch in batches.values())
    nothing = ", ".join(f"NULL AS {name}" for name in ("_source_id", "_file_sha256", *COLUMNS.split(", ")))
    rows = f"SELECT * FROM read_parquet([{files}])" if batches else f"SELECT {nothing} WHERE false"
    wanted = {"rule": selection.rule, "table_name": selection.table}
    tests = "".join(f" AND {name} = {literal(value)}" for name, value in wanted.items() if value is not None)
    return (
        f"SELECT rows.*, named.file FROM ({rows}) AS rows JOIN named ON named.batch_id = rows._batch_id "
        "ANTI JOIN mended ON mended.source_id = rows._source_id AND mended.sha256 = rows._file_sha256 "
        f"AND mended.row = rows._row WHERE true{tests}"
    )


def _row(batch: Receipt | Hold, values: tuple[Any, ...]) -> Row:
    batch_id, row, table, rule, column, detail, raw_text = values
    told = (batch_id, row, table, rule, column, detail, raw_text)
    return Row(*told, batch.source_id, batch.file.name, batch.file.sha256, isinstance(batch, Hold))
