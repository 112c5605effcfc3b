"""Replay: read landed files again by the present contracts, and see what differs before it is committed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb

from backhaul.bar import with_bar
from backhaul.receipts import Receipt
from backhaul.settings import Settings
from ingestion import landing
from ingestion.columns import literal, quoted
from ingestion.config import find_source
from ingestion.landing import Landed
from ingestion.pipeline import CHUNK, Batch, IngestReport, Run, open_run

# What every batch has of its own: the rest of a row is what the file says.
OWN = ("_batch_id",)


@dataclass(frozen=True)
class Scope:
    """Which landed files: those landed from ``since`` up to before ``until`` (UTC), and of these the ones named.

    ``files`` are digests; what is None sets no bound.
    """

    since: datetime | None = None
    until: datetime | None = None
    files: frozenset[str] | None = None

    def __contains__(self, landed: Landed) -> bool:
        at = datetime.fromisoformat(landed.landed_at)
        return (
            (self.since is None or at >= self.since)
            and (self.until is None or at < self.until)
            and (self.files is None or landed.sha256 in self.files)
        )


@dataclass(frozen=True)
class TableDifference:
    """Rows of one table of a file, before and after; records by key that are new, gone, or say something else."""

    before: int
    after: int
    added: int
    removed: int
    changed: int

    @property
    def is_empty(self) -> bool:
        return self.before == self.after and not (self.added or self.removed or self.changed)


@dataclass(frozen=True)
class Difference:
    """What reading one file again changes. ``predecessor`` is the batch that gives way; None for a held file.

    ``quarantined`` are the rows in quarantine before and after, ``moved`` how many of them are not in both.
    """

    file: str
    batch_id: str
    predecessor: str | None
    versions: tuple[str | None, str]
    tables: dict[str, TableDifference]
    quarantined: tuple[int, int]
    moved: int
    new_columns: list[str]
    blocked: str | None

    @property
    def is_empty(self) -> bool:
        return not self.moved and all(table.is_empty for table in self.tables.values())


@dataclass
class Replay:
    """A source's files read again: nothing is visible until :meth:`commit`. ``unchanged`` files need none.

    ``deleted`` files can't be read again; their batches stay as they are.
    """

    run: Run
    differences: list[Difference] = field(default_factory=list)
    unchanged: int = 0
    deleted: list[Landed] = field(default_factory=list)
    pending: list[Batch] = field(default_factory=list)

    def read(self, landed: Landed) -> None:
        """Parse a file beside what is known of it, and keep the result if it has to be committed."""
        batch = self.run.parse_one(landed)
        known = self.run.known.get(landed.sha256)
        difference = _difference(self.run, batch, known)
        if known and difference.is_empty and known.contract_version == self.run.version:
            shutil.rmtree(batch.out)
            self.run.report.already.append(known.batch_id)
            self.unchanged += 1
        else:
            self.pending.append(batch)
            self.differences.append(difference)

    def commit(self) -> IngestReport:
        """Check what differs and commit it, or hold it; the old batches are superseded, not deleted."""
        for start in range(0, len(self.pending), CHUNK):
            self.run.settle(self.pending[start : start + CHUNK])
        self.pending = []
        return self.run.report


@contextmanager
def open_replay(settings: Settings, source_id: str, scope: Scope | None = None) -> Iterator[Replay]:
    """Read a source's landed files again; leaving without :meth:`Replay.commit` leaves everything as it was.

    Held batches are tried again; rejected ones stay rejected.
    Raises ``Busy``, ``ConfigError`` or ``ContractError``.
    """
    scope = scope or Scope()
    with open_run(settings, find_source(settings, source_id)) as run:
        replay = Replay(run, deleted=[landed for landed in landing.deleted(settings, source_id) if landed in scope])
        wanted = []
        for landed in landing.everything(settings, source_id):
            hold = run.holds.get(landed.sha256)
            if landed not in scope:
                continue
            if hold is not None and hold.status == "rejected":
                run.report.waiting.append(hold.batch_id)
            else:
                wanted.append(landed)
        for landed in with_bar(wanted, f"reading {source_id}"):
            replay.read(landed)
        yield replay


def _difference(run: Run, batch: Batch, known: Receipt | None) -> Difference:
    lake = run.settings.lake
    before = {name: lake / table.file for name, table in known.tables.items()} if known else {}
    after = {name: written.path for name, written in batch.parsed.tables.items()}
    tables = {name: _compare(run.con, before.get(name), after.get(name)) for name in sorted({*before, *after})}
    quarantine = lake / known.quarantine.file if known else None
    return Difference(
        file=batch.landed.names[0],
        batch_id=batch.batch_id,
        predecessor=known.batch_id if known else None,
        versions=(known.contract_version if known else None, run.version),
        tables=tables,
        quarantined=(known.quarantine.rows if known else 0, batch.parsed.quarantined),
        moved=_moved(run.con, quarantine, batch.out / "quarantine.parquet"),
        new_columns=batch.parsed.new_columns,
        blocked=batch.parsed.blocked,
    )


def _compare(con: duckdb.DuckDBPyConnection, before: Path | None, after: Path | None) -> TableDifference:
    sides = [_columns(con, path) for path in (before, after)]
    names = sorted({*sides[0], *sides[1]} - set(OWN))
    old, new = (_keyed(path, columns, names) for path, columns in zip((before, after), sides, strict=True))
    [found] = con.execute(
        f"WITH old AS ({old}), new AS ({new}) "
        "SELECT coalesce(sum(len(old.rows)), 0)::BIGINT, coalesce(sum(len(new.rows)), 0)::BIGINT, "
        "count_if(old.key IS NULL), count_if(new.key IS NULL), "
        "count_if(old.rows <> new.rows) FROM old FULL JOIN new ON old.key = new.key"
    ).fetchall()
    return TableDifference(*found)


def _columns(con: duckdb.DuckDBPyConnection, path: Path | None) -> list[str]:
    return con.sql(f"FROM read_parquet({literal(str(path))})").columns if path else []


def _keyed(path: Path | None, columns: list[str], names: list[str]) -> str:
    """A query for the record keys of a file, each with the hashes of its rows as text, in an order of their own."""
    if path is None:
        return "SELECT NULL::VARCHAR AS key, NULL::UBIGINT[] AS rows WHERE false"
    values = ", ".join(f"{quoted(name)}::VARCHAR" if name in columns else "NULL::VARCHAR" for name in names)
    return (
        f"SELECT _record_key AS key, list_sort(list(hash({values}))) AS rows "
        f"FROM read_parquet({literal(str(path))}) GROUP BY 1"
    )


def _moved(con: duckdb.DuckDBPyConnection, before: Path | None, after: Path) -> int:
    told = "_row, table_name, rule, column_name, detail, raw_text"
    new = f"SELECT {told} FROM read_parquet({literal(str(after))})"
    old = f"SELECT {told} FROM read_parquet({literal(str(before or after))})" + ("" if before else " WHERE false")
    [(moved,)] = con.execute(
        f"SELECT count(*) FROM (({old} EXCEPT ALL {new}) UNION ALL ({new} EXCEPT ALL {old}))"
    ).fetchall()
    return int(moved)
