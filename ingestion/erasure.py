"""Erasure: a person is taken out of landing, lake and quarantine, while rows, keys, units and amounts stay.

First the landed bytes, then what the lake holds of them: the lake tells which records are theirs where the file writes
the number otherwise. Interrupted anywhere, the same again completes it. See docs/decisions/0015-erasure.md.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb

from backhaul import receipts, remains
from backhaul.bar import with_bar
from backhaul.errors import Explained
from backhaul.ledger import compaction_lock, source_lock, writer_lock
from backhaul.receipts import Check, Receipt, TableFile
from backhaul.settings import Settings
from ingestion import holds, landing
from ingestion.columns import literal, quoted
from ingestion.config import FromFiles, Source, find_source, load_sources, resolve_path
from ingestion.contract import kinds_with_tables, load_contract
from ingestion.holds import Hold
from ingestion.landing import Landed
from ingestion.parse import connect
from ingestion.pipeline import batch_id_of
from ingestion.redaction import Person, Redaction, redact, without
from ingestion.staging import Staging, open_staging

ERASED = "erased"
NUMERIC = ("BIGINT", "SMALLINT", "INTEGER", "DOUBLE")
Sums = dict[str, dict[str, Decimal | float | int | None]]


class BadCustomer(Explained):
    """A customer number that can't be searched for."""


class TotalsMoved(Explained):
    """A batch without the person would not add up as before; it was not committed."""


@dataclass(frozen=True)
class Found:
    """Where a person stands: a file, and how many rows by place (a lake table, ``quarantine``, ``landing``).

    ``is_deleted``: its landed bytes can't be rewritten and go whole.
    """

    source_id: str
    file: str
    rows: dict[str, int]
    is_deleted: bool = False


@dataclass
class Plan:
    """What an erasure does: rows by file and place, superseded batches and dropped files that are deleted.

    ``interrupted`` are the sources of which a pull that was interrupted got the person: it will begin anew.
    ``outside`` are the folders beyond the home that sources read: what stands there is not touched.
    """

    found: list[Found] = field(default_factory=list)
    superseded: list[str] = field(default_factory=list)
    dropped: list[Path] = field(default_factory=list)
    interrupted: list[str] = field(default_factory=list)
    outside: list[Path] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.found or self.superseded or self.dropped or self.interrupted)


class Erasure:
    """The erasure of one person, of one source or all. :meth:`plan` changes nothing; :meth:`run` does it."""

    def __init__(self, settings: Settings, staging: Staging, person: Person, sources: Sequence[Source] | None) -> None:
        self.settings = settings
        self.staging = staging
        self.person = person
        self.configured = {source.id: source for source in load_sources(settings)}
        self.only = {source.id for source in sources} if sources is not None else None
        self.con = connect(settings)
        self.con.create_function("without_person", lambda text: without(text, person), ["VARCHAR"], "VARCHAR")
        self.rows: dict[str, dict[str, set[int]]] = {}

    def plan(self) -> Plan:
        """What is there to do. Raises ``ContractError``."""
        plan = Plan()
        for landed, redaction in self._landed():
            plan.found.append(
                Found(landed.source_id, landed.names[0], {"landing": redaction.records}, not redaction.made)
            )
        for batch in self._batches():
            if rows := self._rows_of(batch):
                plan.found.append(
                    Found(batch.source_id, batch.file.name, {name: len(row) for name, row in rows.items()})
                )
        plan.superseded = [receipt.batch_id for receipt in self._superseded()]
        marked = {(found.source_id, found.file) for found in plan.found if "landing" in found.rows}
        plan.dropped = [
            path
            for path, landed in self._dropped()
            if landed.erased_at or (landed.source_id, landed.names[0]) in marked
        ]
        plan.interrupted = [folder.name for folder in self._interrupted()]
        plan.outside = [folder for folder in self._folders() if not folder.is_relative_to(self.settings.root)]
        return plan

    def run(self) -> None:
        """Erase. Doing it again changes nothing. Raises :class:`TotalsMoved` or ``ContractError``."""
        now = datetime.now(UTC)
        for landed, redaction in self._landed():
            landing.erase(landed, redaction.made, now)
        for path, landed in self._dropped():
            if landed.erased_at:
                path.unlink()
        for folder in self._interrupted():
            shutil.rmtree(folder)
        for batch in self._batches():
            rows = self._rows_of(batch)
            if rows and isinstance(batch, Receipt):
                self._succeed(batch, rows)
            elif rows and isinstance(batch, Hold):
                self._clean_hold(batch, rows)
        for receipt in self._superseded():
            shutil.rmtree(self.settings.lake / receipt.directory)

    def _includes(self, source_id: str) -> bool:
        return self.only is None or source_id in self.only

    def _landed(self) -> Iterator[tuple[Landed, Redaction]]:
        work = self.staging.folder / "redacting"
        for source_id in filter(self._includes, landing.source_ids(self.settings)):
            rows = self._rows_by_file(source_id)
            for landed in with_bar(landing.everything(self.settings, source_id), f"what {source_id} landed"):
                work.mkdir()
                source = self.configured.get(source_id)
                redaction = redact(self.settings, source, landed, self.person, rows.get(landed.sha256, set()), work)
                if redaction is not None:
                    yield landed, redaction
                shutil.rmtree(work)

    def _rows_by_file(self, source_id: str) -> dict[str, set[int]]:
        """The person's record numbers by digest, as every batch on disk tells them."""
        found: dict[str, set[int]] = {}
        every: list[Receipt | Hold] = [*receipts.everything(self.settings), *holds.everything(self.settings)]
        for batch in every:
            if batch.source_id == source_id:
                rows = self._rows_of(batch).values()
                found.setdefault(batch.file.sha256, set()).update(*rows)
        return found

    def _batches(self) -> Iterator[Receipt | Hold]:
        """The batches that count, and the holds."""
        every: list[Receipt | Hold] = [*receipts.committed(self.settings), *holds.everything(self.settings)]
        return with_bar([batch for batch in every if self._includes(batch.source_id)], "batches of the lake")

    def _superseded(self) -> list[Receipt]:
        """The batches that count no more and whose files hold the person."""
        counting = {receipt.batch_id for receipt in receipts.committed(self.settings)}
        return [
            receipt
            for receipt in receipts.everything(self.settings)
            if self._includes(receipt.source_id)
            and receipt.batch_id not in counting
            and any(
                remains.count(path, self.person.pattern)
                for path in remains.files_below(self.settings.lake / receipt.directory)
            )
        ]

    def _interrupted(self) -> list[Path]:
        """What interrupted pulls had got, as far as it holds the person."""
        folders = sorted(self.settings.pulls.iterdir()) if self.settings.pulls.is_dir() else []
        return [
            folder
            for folder in folders
            if self._includes(folder.name)
            and any(remains.count(path, self.person.pattern) for path in remains.files_below(folder))
        ]

    def _folders(self) -> list[Path]:
        """The places that sources of files are searched in, and where what was read of them is moved to."""
        return [
            folder
            for source in self.configured.values()
            if isinstance(source.origin, FromFiles) and self._includes(source.id)
            for folder in _folders_of(self.settings, source.origin)
        ]

    def _dropped(self) -> Iterator[tuple[Path, Landed]]:
        """The files below the home that sources are read from and that were landed."""
        for source in self.configured.values():
            if not (isinstance(source.origin, FromFiles) and self._includes(source.id)):
                continue
            folders = _folders_of(self.settings, source.origin)
            inside = [each for each in folders if each.exists() and each.is_relative_to(self.settings.root)]
            for path in landing.files_in(inside):
                try:
                    yield path, landing.of(self.settings, source.id, landing.digest(path))
                except FileNotFoundError:
                    continue

    def _rows_of(self, batch: Receipt | Hold) -> dict[str, set[int]]:
        """The record numbers of the person's rows by table and ``quarantine``, as far as there are any."""
        found = {}
        if isinstance(batch, Receipt):
            for name, table in batch.tables.items():
                path = self.settings.lake / table.file
                if path.exists() and (rows := self._matching(path, self._table_test(name, path))):
                    found[name] = rows
        quarantine = self.settings.lake / batch.quarantine.file
        if batch.quarantine.rows and quarantine.exists():
            rows = self._matching(quarantine, self._quarantine_test(found))
            found.update({"quarantine": rows} if rows else {})
        return found

    def _matching(self, path: Path, test: str) -> set[int]:
        return {row for (row,) in self.con.execute(f"SELECT _row FROM {_file(path)} WHERE {test}").fetchall()}

    def _table_test(self, name: str, path: Path) -> str:
        return " OR ".join([*map(self._names, self._personal(name, path)), self._names("extra")])

    def _quarantine_test(self, found: dict[str, set[int]]) -> str:
        """Rows whose text names the person and was not erased yet, or that are further rows of their records."""
        rows = sorted(set().union(*found.values()))
        theirs = f"_row IN ({', '.join(map(str, rows))})" if rows else "false"
        is_text = f"detail <> {literal(ERASED)}"
        return f"{self._names('raw_text')} OR {self._names('detail')} OR ({theirs} AND {is_text})"

    def _names(self, column: str) -> str:
        return f"coalesce(regexp_matches({quoted(column)}::VARCHAR, {literal(self.person.pattern)}), false)"

    def _personal(self, name: str, path: Path) -> list[str]:
        """The personal columns that a lake table's file has; all its texts where no contract tells of it any more."""
        kind, _, table = name.partition("__")
        file = self.con.sql(f"FROM {_file(path)}")
        there = dict(zip(file.columns, map(str, file.types), strict=True))
        if kind not in kinds_with_tables():
            own = (column for column in there if column != "extra" and not column.startswith("_"))
            return [column for column in own if there[column] == "VARCHAR"]
        columns = load_contract(kind).table(table).columns
        return [column.name for column in columns if column.personal and column.name in there]

    def _succeed(self, receipt: Receipt, rows: dict[str, set[int]]) -> None:
        """Commit a batch that says the same without the person, in the place of this one, in time too."""
        batch_id = batch_id_of(receipt.source_id, receipt.file.sha256, receipt.contract_version, receipt.batch_id)
        out, _ = self.staging.open_batch(batch_id)
        own = {"_batch_id": literal(batch_id)}
        quarantine = self.settings.lake / receipt.quarantine.file
        self._copy(quarantine, out / quarantine.name, {**own, **self._unread(rows)})
        for name, table in receipt.tables.items():
            self._copy(self.settings.lake / table.file, out / f"{name}.parquet", {**own, **self._emptied(name, table)})
        digests = {name: landing.digest(out / f"{name}.parquet") for name in receipt.tables}
        place = self.staging.publish(batch_id)
        directory = f"batches/{place.name}"
        told = Check("erasure", True, f"{sum(map(len, rows.values()))} rows of a person, on {_today()}", "warn")
        successor = replace(
            receipt,
            batch_id=batch_id,
            directory=directory,
            tables={
                name: TableFile(f"{directory}/{name}.parquet", table.rows, digests[name])
                for name, table in receipt.tables.items()
            },
            quarantine=replace(receipt.quarantine, file=f"{directory}/{quarantine.name}"),
            checks=[*receipt.checks, told],
            supersedes=[receipt.batch_id],
        )
        if not receipts.commit(self.settings, successor):
            shutil.rmtree(place)

    def _emptied(self, name: str, table: TableFile) -> dict[str, str]:
        path = self.settings.lake / table.file
        personal = self._personal(name, path)
        theirs = " OR ".join(map(self._names, personal)) or "false"
        emptied = {column: f"CASE WHEN NOT ({theirs}) THEN {quoted(column)} END" for column in personal}
        return {**emptied, "extra": f"CASE WHEN {self._names('extra')} THEN without_person(extra) ELSE extra END"}

    def _unread(self, rows: dict[str, set[int]]) -> dict[str, str]:
        test = self._quarantine_test({name: found for name, found in rows.items() if name != "quarantine"})
        return {
            "raw_text": f"CASE WHEN NOT ({test}) THEN raw_text END",
            "detail": f"CASE WHEN {test} THEN {literal(ERASED)} ELSE detail END",
        }

    def _clean_hold(self, hold: Hold, rows: dict[str, set[int]]) -> None:
        path = self.settings.lake / hold.quarantine.file
        made = self.staging.folder / "held.parquet"
        self._copy(path, made, self._unread(rows))
        made.replace(path)
        receipts.sync(path.parent)

    def _copy(self, path: Path, target: Path, values: dict[str, str]) -> None:
        """A Parquet file with some columns computed anew; rows, their order and types stay. Numbers must add up."""
        types = dict(self.con.execute(f"SELECT column_name, column_type FROM (DESCRIBE FROM {_file(path)})").fetchall())
        changed = ", ".join(f"({value})::{types[column]} AS {quoted(column)}" for column, value in values.items())
        self.con.execute(
            f"COPY (SELECT * REPLACE ({changed}) FROM {_file(path)}) TO {literal(str(target))} (FORMAT parquet)"
        )
        if sums_of(self.con, [path]) != sums_of(self.con, [target]):
            raise TotalsMoved(f"{path} would not add up as before; nothing of its batch was changed.")


@contextmanager
def open_erasure(settings: Settings, ref: str, source_id: str | None = None) -> Iterator[Erasure]:
    """An erasure; builds, merging and runs over its sources are kept out meanwhile.

    Raises :class:`BadCustomer`, ``ConfigError`` or ``Busy``.
    """
    if not ref.strip() or ref != ref.strip():
        raise BadCustomer("Give the customer number as it stands in the lake, without blanks around it.")
    sources = [find_source(settings, source_id)] if source_id is not None else None
    touched = {*landing.source_ids(settings), *(source.id for source in load_sources(settings))}
    with ExitStack() as locks:
        locks.enter_context(writer_lock(settings))
        for each in sorted(touched if source_id is None else {source_id}):
            locks.enter_context(source_lock(settings, each))
        locks.enter_context(compaction_lock(settings))
        staging = locks.enter_context(open_staging(settings))
        yield Erasure(settings, staging, Person(ref), sources)


def totals(settings: Settings) -> Sums:
    """Rows and the sum of each numeric column, by lake table, of all batches that count."""
    files: dict[str, list[Path]] = {}
    for receipt in receipts.committed(settings):
        for name, table in receipt.tables.items():
            files.setdefault(name, []).append(settings.lake / table.file)
    with connect(settings) as con:
        return {name: sums_of(con, paths) for name, paths in sorted(files.items())}


def sums_of(con: duckdb.DuckDBPyConnection, paths: Sequence[Path]) -> dict[str, Decimal | float | int | None]:
    """Rows and the sum of each numeric column of Parquet files of one table."""
    relation = f"read_parquet([{', '.join(literal(str(path)) for path in paths)}], union_by_name = true)"
    described = con.execute(f"SELECT column_name, column_type FROM (DESCRIBE FROM {relation})").fetchall()
    summed = [name for name, kind in described if kind in NUMERIC or kind.startswith("DECIMAL")]
    sums = "".join(f", sum({quoted(name)})" for name in summed)
    [values] = con.execute(f"SELECT count(*){sums} FROM {relation}").fetchall()
    return dict(zip(["rows", *summed], values, strict=True))


def _folders_of(settings: Settings, origin: FromFiles) -> list[Path]:
    """Where a source's files are, and where they are moved to."""
    place = resolve_path(settings, origin.path)
    return [place, Path(os.path.normpath(place / origin.aside))] if origin.after == "move" else [place]


def _file(path: Path) -> str:
    return f"read_parquet({literal(str(path))})"


def _today() -> str:
    return datetime.now(UTC).date().isoformat()
