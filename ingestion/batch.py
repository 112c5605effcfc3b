"""The way of a file into the lake: land, parse, check, commit. Re-running anything here changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from backhaul import receipts
from backhaul.receipts import Check, Receipt
from backhaul.settings import Settings, get_settings
from ingestion import holds, landing
from ingestion.config import FromFiles, Source, find_source, load_sources, resolve_path
from ingestion.extractors import pull
from ingestion.holds import Hold
from ingestion.landing import Landed
from ingestion.parse import connect
from ingestion.pipeline import IngestReport, Run, batch_id_of
from ingestion.staging import Staging, open_staging


def ingest(source_id: str, paths: Sequence[Path] = (), settings: Settings | None = None) -> IngestReport:
    """Bring every new file of a source into the lake, or the given files and folders in its stead.

    A file that was committed before, or is held, is not looked at again. Raises ``ConfigError`` or ``ContractError``
    for wrong configuration, ``FileNotFoundError`` for a path that is not there, and ``ExtractError`` when the outside
    does not answer; what a file holds never raises.
    """
    settings = settings or get_settings()
    source = find_source(settings, source_id)
    with open_staging(settings) as staging:
        run = Run(settings, source, staging)
        run.receive(run.unfinished())
        if paths or isinstance(source.origin, FromFiles):
            run.receive(_arrivals(settings, source, staging, paths))
        else:
            fetched = staging.folder / "fetched"
            fetched.mkdir()
            pulled = pull(source, latest_cursor(settings, source.id), fetched)
            run.receive([_land(settings, source, staging, path) for path in pulled.files], pulled.cursor)
        return run.report


def replay(
    source_id: str | None = None, batch_id: str | None = None, settings: Settings | None = None
) -> list[IngestReport]:
    """Read landed files again by the present contracts: of one batch, of one source, or all.

    A batch of an older contract version is superseded by its successor; held batches are tried again; rejected ones
    stay rejected. Batches of the present version are left as they are.
    """
    settings = settings or get_settings()
    wanted: set[str] | None = None
    if batch_id is not None:
        known = receipts.read(settings, batch_id) or holds.read(settings, batch_id)
        source_id, wanted = known.source_id, {known.file.sha256}
    sources = [find_source(settings, source_id)] if source_id else load_sources(settings)
    reports = []
    for source in sources:
        with open_staging(settings) as staging:
            run = Run(settings, source, staging, again=True)
            landed = landing.everything(settings, source.id)
            run.receive([item for item in landed if wanted is None or item.sha256 in wanted])
            reports.append(run.report)
    return reports


def release(batch_id: str, settings: Settings | None = None, reason: str = "released by hand") -> Receipt:
    """Commit a held batch in spite of its check; the reason goes into the receipt. Raises ``NoSuchHold``.

    It is read by the present contract: if that is newer than the hold, the batch has the newer version's id.
    """
    settings = settings or get_settings()
    hold = holds.read(settings, batch_id)
    source = find_source(settings, hold.source_id)
    with open_staging(settings) as staging:
        run = Run(settings, source, staging)
        committed_id = batch_id_of(source.id, hold.file.sha256, run.version)
        batch = run.parse_one(committed_id, landing.of(settings, source.id, hold.file.sha256))
        batch.checks = [*hold.checks, Check("released_by_a_person", True, reason, "warn")]
        run.commit(batch, None)
        holds.remove(settings, hold)
    receipt = receipts.read(settings, committed_id)
    assert receipt is not None
    return receipt


def reject(batch_id: str, reason: str, settings: Settings | None = None) -> Hold:
    """Decide that a held batch stays out; the record is kept. Raises ``NoSuchHold``."""
    return holds.reject(settings or get_settings(), batch_id, reason)


def held_batches(settings: Settings | None = None) -> list[Hold]:
    """The batches that wait for a person, oldest first."""
    return [hold for hold in holds.everything(settings or get_settings()) if hold.status == "held"]


def quarantined_rows(
    settings: Settings, source_id: str | None = None, limit: int | None = None
) -> list[tuple[Any, ...]]:
    """Rows in quarantine, of committed and held batches: source, file, row, table, rule, column, detail, raw text."""
    known: list[Receipt | Hold] = [*receipts.committed(settings), *held_batches(settings)]
    names = {
        str(settings.lake / entry.quarantine.file): entry.file.name
        for entry in known
        if entry.quarantine.rows and source_id in (None, entry.source_id)
    }
    if not names:
        return []
    with connect(settings) as con:
        rows = con.execute(
            "SELECT _source_id, filename, _row, table_name, rule, column_name, detail, raw_text "
            "FROM read_parquet(?, filename = true) ORDER BY 1, 2, 3 LIMIT ?",
            [list(names), limit],
        ).fetchall()
    return [(row[0], names[row[1]], *row[2:]) for row in rows]


def latest_cursor(settings: Settings, source_id: str) -> dict[str, Any] | None:
    """Where the next pull of a source begins: the cursor of its latest receipt that has one."""
    cursors = [r.cursor for r in receipts.everything(settings) if r.source_id == source_id and r.cursor is not None]
    return cursors[-1] if cursors else None


def _arrivals(settings: Settings, source: Source, staging: Staging, paths: Sequence[Path]) -> Iterable[Landed]:
    if not paths and isinstance(source.origin, FromFiles):
        folder = resolve_path(settings, source.origin.path)
        paths = [folder] if folder.exists() else []
    for path in landing.files_in(paths):
        yield _land(settings, source, staging, path)


def _land(settings: Settings, source: Source, staging: Staging, path: Path) -> Landed:
    return landing.land(settings, source.id, path, path.name, staging.folder)
