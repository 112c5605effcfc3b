"""The way of a file into the lake: land, parse, check, commit. Re-running anything here changes nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

from backhaul import receipts
from backhaul.errors import Explained
from backhaul.ledger import Busy, SourceRun, write_source_run
from backhaul.receipts import Check, Receipt
from backhaul.settings import Settings, get_settings
from ingestion import changes, holds, landing, quarantine
from ingestion.config import FromFiles, FromHttp, Source, find_source, load_sources, resolve_path
from ingestion.extractors import pull
from ingestion.holds import Hold
from ingestion.landing import Landed
from ingestion.pipeline import IngestReport, Run, open_run
from ingestion.quarantine import Selection
from ingestion.remedies import remedy
from ingestion.replay import Scope, open_replay
from ingestion.tidying import tidy


class NoSuchBatch(Explained):
    """No batch has that id, or several have."""


def ingest(source_id: str, paths: Sequence[Path] = (), settings: Settings | None = None) -> IngestReport:
    """Bring every new file of a source into the lake, or the given files and folders in its stead.

    A file that was committed before, or is held, is not looked at again. Raises ``ConfigError`` or ``ContractError``
    for wrong configuration, ``FileNotFoundError`` for a path that is not there, and ``ExtractError`` when the outside
    does not answer; what a file holds never raises.
    """
    settings = settings or get_settings()
    source = find_source(settings, source_id)
    with _noted(settings, source), open_run(settings, source) as run:
        if paths or isinstance(source.origin, FromFiles):
            run.receive(chain(run.unfinished(), _arrivals(run, paths)))
        else:
            _pull(run)
        if not paths or isinstance(source.origin, FromFiles):
            tidy(run)
        run.report.outdated = sum(receipt.contract_version != run.version for receipt in run.known.values())
        return run.report


@contextmanager
def _noted(settings: Settings, source: Source) -> Iterator[None]:
    """Note how a run ends, for the gate before a publish; that another one is at work is no end.

    What is noted is published: of an error that is not written for people, and may quote a row, only its name.
    """
    try:
        yield
    except Busy:
        raise
    except Exception as error:
        said = str(error) if isinstance(error, Explained | FileNotFoundError) else type(error).__name__
        # what failed is what a person has to hear of
        with suppress(OSError):
            _note(settings, source, said)
        raise
    _note(settings, source, None)


def _note(settings: Settings, source: Source, failed: str | None) -> None:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    record = SourceRun(source.id, now, failed, source.expected_hours, source.if_late)
    write_source_run(settings, record, {other.id for other in load_sources(settings)})


def replay(
    source_id: str | None = None, batch_id: str | None = None, settings: Settings | None = None
) -> list[IngestReport]:
    """Read landed files again by the present contracts, of one batch, of one source, or all, and commit what differs.

    To see the difference first: :func:`ingestion.replay.open_replay`, whose errors these are.
    """
    settings = settings or get_settings()
    scope = Scope()
    if batch_id is not None:
        known = find(settings, batch_id)
        source_id, scope = known.source_id, Scope(files=frozenset({known.file.sha256}))
    sources = [find_source(settings, source_id)] if source_id else load_sources(settings)
    reports = []
    for source in sources:
        with open_replay(settings, source.id, scope) as prepared:
            reports.append(prepared.commit())
    return reports


def release(batch_id: str, settings: Settings | None = None, reason: str = "released by hand") -> Receipt:
    """Commit a held batch in spite of its check; the reason goes into the receipt. Raises ``NoSuchHold``.

    It is read by the present contract: if that is newer than the hold, the batch has the newer version's id.
    """
    settings = settings or get_settings()
    hold = holds.read(settings, batch_id)
    source = find_source(settings, hold.source_id)
    with open_run(settings, source) as run:
        if hold.file.sha256 in run.holds:
            batch = run.parse_one(landing.of(settings, source.id, hold.file.sha256))
            batch.checks = [*hold.checks, Check("released_by_a_person", True, reason, "warn")]
            run.commit(batch, None)
            batch_id = batch.batch_id
        else:
            batch_id = run.known[hold.file.sha256].batch_id
    receipt = receipts.read(settings, batch_id)
    assert receipt is not None
    return receipt


def reject(batch_id: str, reason: str, settings: Settings | None = None) -> Hold:
    """Decide that a held batch stays out; the record is kept. Raises ``NoSuchHold``."""
    return holds.reject(settings or get_settings(), batch_id, reason)


def held_batches(settings: Settings | None = None) -> list[Hold]:
    """The batches that wait for a person, oldest first."""
    return [hold for hold in holds.everything(settings or get_settings()) if hold.status == "held"]


def every_batch(settings: Settings) -> list[tuple[str, Receipt | Hold]]:
    """All batches with their state (committed, superseded, held, rejected), oldest first."""
    every = receipts.everything(settings)
    counting = {receipt.batch_id for receipt in receipts.unsuperseded(every)}
    found: list[tuple[str, str, Receipt | Hold]] = [
        *((r.committed_at, "committed" if r.batch_id in counting else "superseded", r) for r in every),
        *((hold.held_at, hold.status, hold) for hold in holds.everything(settings)),
    ]
    return [(state, batch) for _, state, batch in sorted(found, key=lambda item: (item[0], item[2].batch_id))]


def find(settings: Settings, batch_id: str) -> Receipt | Hold:
    """The batch, committed or held, whose id begins so. Raises :class:`NoSuchBatch` unless it is one."""
    found = {batch.batch_id: batch for _, batch in every_batch(settings) if batch.batch_id.startswith(batch_id)}
    if len(found) != 1:
        said = "More than one batch" if found else "No batch"
        raise NoSuchBatch(f"{said} has an id that begins with {batch_id!r}; `backhaul batch list` shows them.")
    return next(iter(found.values()))


def describe(settings: Settings, batch_id: str) -> list[tuple[str, str]]:
    """All that there is to say of a batch, as names and values for people. Raises :class:`NoSuchBatch`."""
    batch = find(settings, batch_id)
    states = {other.batch_id: state for state, other in every_batch(settings)}
    told = [
        ("batch", f"{batch.batch_id} ({states[batch.batch_id]})"),
        ("source", f"{batch.source_id} ({batch.kind}, contract version {batch.contract_version})"),
        ("file", f"{batch.file.name}, {batch.file.bytes} bytes, {batch.file.landing}"),
        ("rows read", str(batch.rows_read)),
    ]
    landed = landing.of(settings, batch.source_id, batch.file.sha256)
    told += [("bytes deleted", landed.deleted_at)] if landed.deleted_at else []
    tables = {name: file.rows for name, file in batch.tables.items()} if isinstance(batch, Receipt) else batch.tables
    told += [("rows", f"{rows} in {name}") for name, rows in tables.items()]
    told.append(("quarantined", f"{batch.quarantine.rows}, of which open:"))
    open_here = quarantine.counts(settings, Selection(batch_id=batch.batch_id))
    told += [("", f"{count.rows} {count.rule}: {remedy(count.rule)}") for count in open_here]
    told += [("check", _said(check)) for check in batch.checks]
    return [*told, *(_of_receipt(settings, batch) if isinstance(batch, Receipt) else _of_hold(batch))]


def _said(check: Check) -> str:
    return f"{'passed' if check.success else check.severity}: {check.expectation}, found {check.observed}"


def _of_receipt(settings: Settings, receipt: Receipt) -> list[tuple[str, str]]:
    successors = [other for other in receipts.everything(settings) if receipt.batch_id in other.supersedes]
    return [
        ("landed", receipt.landed_at),
        ("committed", receipt.committed_at),
        *([("latest event", receipt.horizon)] if receipt.horizon else []),
        *(("changed", said) for said in changes.told(receipt.changes)),
        *(("supersedes", batch_id) for batch_id in receipt.supersedes),
        *(("superseded by", successor.batch_id) for successor in successors),
        *(("repairs", f"{len(repair.rows)} rows of {repair.batch_id}") for repair in receipt.repairs),
    ]


def _of_hold(hold: Hold) -> list[tuple[str, str]]:
    decided = [("decided", f"{hold.status} {hold.decided_at}: {hold.decision}")] if hold.decided_at else []
    return [("held", f"{hold.held_at}: {hold.reason}"), *decided]


def latest_cursor(settings: Settings, source_id: str) -> dict[str, Any] | None:
    """Where the next pull of a source begins: the cursor of its latest receipt that has one."""
    cursors = [r.cursor for r in receipts.everything(settings) if r.source_id == source_id and r.cursor is not None]
    return cursors[-1] if cursors else None


def _pull(run: Run) -> None:
    """Fetch what is new and receive it. What a killed run landed goes with it, lest nothing new carries the cursor."""
    source = run.source
    fetched = run.settings.pulls / source.id if isinstance(source.origin, FromHttp) else run.staging.fetched()
    try:
        pulled = pull(run.settings, source, latest_cursor(run.settings, source.id), fetched)
    except Explained:
        run.receive(run.unfinished())
        raise
    run.receive(chain(run.unfinished(), _landed(run, pulled.files)), pulled.cursor)
    shutil.rmtree(fetched, ignore_errors=True)


def _arrivals(run: Run, paths: Sequence[Path]) -> Iterable[Landed]:
    pattern = "*"
    if not paths and isinstance(run.source.origin, FromFiles):
        folder = resolve_path(run.settings, run.source.origin.path)
        paths, pattern = [folder] if folder.exists() else [], run.source.origin.pattern
    return _landed(run, landing.files_in(paths, pattern))


def _landed(run: Run, files: Iterable[Path]) -> Iterator[Landed]:
    for path in files:
        yield from landing.land_each(run.settings, run.source.id, path, run.staging.folder)
