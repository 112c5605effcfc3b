"""One run over one source: parse, check and commit its landed files, a chunk at a time."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from backhaul import receipts
from backhaul.bar import with_bar
from backhaul.ledger import source_lock
from backhaul.receipts import Change, Check, LandedFile, QuarantineFile, Receipt, TableFile
from backhaul.settings import Settings
from ingestion import changes, holds, landing, profile
from ingestion.columns import Lineage
from ingestion.config import Source
from ingestion.holds import Hold
from ingestion.landing import Landed
from ingestion.parse import Parsed, connect, parse, version_of
from ingestion.staging import Staging, open_staging

CHUNK = 200


@dataclass
class IngestReport:
    """What a run did for one source: batch ids, and rows of the newly committed batches.

    ``outdated`` counts the files in the lake that were read by another version of the contract than today's.
    """

    source_id: str
    committed: list[str] = field(default_factory=list)
    already: list[str] = field(default_factory=list)
    held: list[Hold] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    rows: int = 0
    quarantined: int = 0
    changes: dict[str, list[Change]] = field(default_factory=dict)
    outdated: int = 0

    def __str__(self) -> str:
        done = f"{len(self.committed)} batches committed ({self.rows} rows, {self.quarantined} in quarantine)"
        lines = [f"{self.source_id}: {done}, {len(self.already)} files known before, {len(self.held)} held"]
        lines += [f"  held: {hold.batch_id} {hold.file.name}: {hold.reason}" for hold in self.held]
        if self.waiting:
            lines.append(f"  {len(self.waiting)} files wait for a decision on their hold or were rejected")
        if self.outdated:
            lines.append(
                f"  {self.outdated} files were read by another contract version than today's: "
                f"`backhaul replay --source {self.source_id}` shows what differs"
            )
        lines += [
            f"  changed in {name}: {said}" for name, found in self.changes.items() for said in changes.told(found)
        ]
        return "\n".join(lines)


@dataclass
class Batch:
    """A parsed file on its way to a receipt."""

    batch_id: str
    landed: Landed
    parsed: Parsed
    out: Path
    supersedes: list[str]
    changes: list[Change] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)


@contextmanager
def open_run(settings: Settings, source: Source) -> Iterator[Run]:
    """A run over a source, alone; its staging folder goes with it. Raises ``Busy``, ``ConfigError``, ``ContractError``.

    A run that had to wait sees what the one before it did.
    """
    with source_lock(settings, source.id), open_staging(settings) as staging:
        yield Run(settings, source, staging)


def batch_id_of(source_id: str, sha256: str, version: str, predecessor: str = "") -> str:
    """The id of the batch that these bytes give for a source under a contract version.

    ``predecessor`` is the batch that it takes the place of: the same bytes read otherwise are another batch, also when
    the parser changed and the version did not.
    """
    return hashlib.sha256(f"{source_id}{sha256}{version}{predecessor}".encode()).hexdigest()[:32]


def known_files(settings: Settings, source_id: str) -> dict[str, Receipt]:
    """The files of a source that are in the lake, by their digests, with the receipt that counts."""
    own = [receipt for receipt in receipts.committed(settings) if receipt.source_id == source_id]
    return {receipt.file.sha256: receipt for receipt in own}


class Run:
    """One run over one source."""

    def __init__(self, settings: Settings, source: Source, staging: Staging) -> None:
        self.settings = settings
        self.source = source
        self.staging = staging
        self.version = version_of(settings, source)
        self.report = IngestReport(source.id)
        self.con = connect(settings, staging.spill)
        self.known = known_files(settings, source.id)
        self.forms = changes.Forms.of(self.known)
        self.held_kinds = changes.held_kinds(settings, source)
        self.seen: set[str] = set()
        self.holds = {hold.file.sha256: hold for hold in holds.everything(settings) if self._stands(hold)}

    def _stands(self, hold: Hold) -> bool:
        """Whether a hold of this source is still to be decided; one whose batch was committed since is cleared away."""
        if hold.source_id != self.source.id:
            return False
        known = self.known.get(hold.file.sha256)
        if known is None or known.committed_at < hold.held_at:
            return True
        holds.remove(self.settings, hold)
        return False

    def unfinished(self) -> list[Landed]:
        """What an earlier run landed but, being killed, did not bring to a receipt or a hold."""
        names = landing.digests(self.settings, self.source.id) - set(self.known) - set(self.holds)
        return [landing.of(self.settings, self.source.id, name) for name in sorted(names)]

    def receive(self, files: Iterable[Landed], cursor: dict[str, Any] | None = None) -> None:
        """Take landed files through parse, check and commit, a chunk at a time.

        The cursor goes into the last receipt, so that it advances only when all that was pulled is in the lake.
        """
        chunk: list[Landed] = []
        for landed in files:
            if self._is_new(landed):
                chunk.append(landed)
            if len(chunk) == CHUNK and cursor is None:
                self._process(chunk, None)
                chunk = []
        self._process(chunk, cursor)

    def _is_new(self, landed: Landed) -> bool:
        """A file that no receipt or hold answers for, or in which more rows were mended than its receipt tells."""
        if landed.sha256 in self.seen:
            return False
        self.seen.add(landed.sha256)
        known = self.known.get(landed.sha256)
        if known is not None and known.repairs == list(landed.repairs):
            self.report.already.append(known.batch_id)
            return False
        hold = self.holds.get(landed.sha256)
        if hold is not None:
            self.report.waiting.append(hold.batch_id)
            return False
        return True

    def _process(self, files: Sequence[Landed], cursor: dict[str, Any] | None) -> None:
        if not files:
            return
        self.settle([self.parse_one(landed) for landed in with_bar(files, f"reading {self.source.id}")], cursor)

    def settle(self, batches: Sequence[Batch], cursor: dict[str, Any] | None = None) -> None:
        """Check parsed files, all at once; then commit each or hold it."""
        if not batches:
            return
        checks = profile.check(
            self.con,
            self.settings,
            self.source,
            {batch.batch_id: (batch.landed.names[0], batch.parsed, batch.changes) for batch in batches},
        )
        for batch in batches:
            batch.checks = checks[batch.batch_id]
        sound = [batch for batch in batches if not _reason(batch)]
        for batch in batches:
            if reason := _reason(batch):
                self._hold(batch, reason)
        for batch in sound:
            self.commit(batch, cursor if batch is sound[-1] else None)

    def _changes(self, parsed: Parsed, quarantine: Path, is_known: bool) -> list[Change]:
        """The changes of contract that a file brings. One read again is compared with no file before it."""
        forms = changes.Forms({}) if is_known else self.forms
        found = [*forms.changes(parsed), *changes.of_values(self.con, parsed, quarantine)]
        found.sort(key=lambda change: (change.kind, change.table, change.column))
        # a form that waits for a person is not yet what others are compared with
        if not {change.kind for change in found} & self.held_kinds:
            forms.take(parsed)
        return found

    def parse_one(self, landed: Landed) -> Batch:
        """Parse a landed file into the staging folder, to take the place of what is known of it.

        Raises ``BytesDeleted``.
        """
        landed.check_bytes()
        known = self.known.get(landed.sha256)
        superseded = [known.batch_id] if known else []
        batch_id = batch_id_of(self.source.id, landed.sha256, self.version, *superseded)
        out, work = self.staging.open_batch(batch_id)
        landed_at = landed.landed_at.replace("T", " ").removesuffix("+00:00")
        lineage = Lineage(self.source.id, batch_id, landed.sha256, landed_at)
        parsed = parse(self.con, self.settings, self.source, landed.path, landed.names[0], lineage, out, work)
        shutil.rmtree(work, ignore_errors=True)
        found = self._changes(parsed, out / "quarantine.parquet", known is not None)
        if found:
            self.report.changes[landed.names[0]] = found
        return Batch(batch_id, landed, parsed, out, superseded, found)

    def commit(self, batch: Batch, cursor: dict[str, Any] | None) -> None:
        """Make a batch visible. Another process may have done so first: its batch is the same, ours goes away."""
        tables = {
            name: (written.rows, landing.digest(written.path)) for name, written in sorted(batch.parsed.tables.items())
        }
        place = self.staging.publish(batch.batch_id)
        directory = f"batches/{place.name}"
        receipt = Receipt(
            batch_id=batch.batch_id,
            source_id=self.source.id,
            kind=self.source.kind,
            domain=self.source.domain,
            contract_version=self.version,
            landed_at=batch.landed.landed_at,
            committed_at=_now(),
            horizon=batch.parsed.horizon,
            cursor=cursor,
            file=self._file(batch.landed),
            directory=directory,
            tables={
                name: TableFile(f"{directory}/{name}.parquet", rows, sha256) for name, (rows, sha256) in tables.items()
            },
            quarantine=QuarantineFile(f"{directory}/quarantine.parquet", batch.parsed.quarantined),
            rows_read=batch.parsed.rows_read,
            checks=batch.checks,
            supersedes=batch.supersedes,
            # mended rows are some rows of a file, whatever its source sends
            is_full_snapshot=self.source.full_snapshot and not batch.landed.repairs,
            form=batch.parsed.form,
            changes=batch.changes,
            repairs=list(batch.landed.repairs),
        )
        if not receipts.commit(self.settings, receipt):
            shutil.rmtree(place)
            self.report.already.append(batch.batch_id)
            return
        if hold := self.holds.get(batch.landed.sha256):
            holds.remove(self.settings, hold)
        self.report.committed.append(batch.batch_id)
        self.report.rows += batch.parsed.rows
        self.report.quarantined += batch.parsed.quarantined

    def _hold(self, batch: Batch, reason: str) -> None:
        hold = Hold(
            batch_id=batch.batch_id,
            source_id=self.source.id,
            kind=self.source.kind,
            domain=self.source.domain,
            contract_version=self.version,
            reason=reason,
            held_at=_now(),
            file=self._file(batch.landed),
            tables={name: written.rows for name, written in batch.parsed.tables.items()},
            quarantine=QuarantineFile(f"held/{batch.batch_id}.quarantine.parquet", batch.parsed.quarantined),
            rows_read=batch.parsed.rows_read,
            checks=batch.checks,
        )
        if (old := self.holds.get(batch.landed.sha256)) and old.batch_id != batch.batch_id:
            holds.remove(self.settings, old)
        holds.write(self.settings, hold, batch.out / "quarantine.parquet")
        shutil.rmtree(batch.out)
        self.report.held.append(hold)

    def _file(self, landed: Landed) -> LandedFile:
        relative = landed.path.relative_to(self.settings.root).as_posix()
        return LandedFile(landed.sha256, landed.names[0], landed.bytes, relative)


def _reason(batch: Batch) -> str | None:
    """Why a batch is held: its file is unreadable as a whole, or checks that matter failed.

    Of mended rows, those that are still bad go to quarantine again, whatever their share.
    """
    if batch.parsed.blocked:
        return batch.parsed.blocked
    failed = [check for check in batch.checks if not check.success and check.severity == "fail"]
    if batch.landed.repairs:
        failed = [check for check in failed if check.expectation != "quarantined_share"]
    return "; ".join(f"{check.expectation} (found {check.observed})" for check in failed) or None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
