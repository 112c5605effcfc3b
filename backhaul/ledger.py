"""The installation's own state on disk: who may write what, what the last build did, and the secret salt.

Each fact has one place. Locks are the operating system's (flock): a killed process leaves none behind. Whoever takes
several takes the writer's first, then those of sources in the order of their names, then that of merged files.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import secrets
from collections.abc import Container, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from backhaul import receipts
from backhaul.errors import Explained
from backhaul.settings import Settings


class Busy(Explained):
    """Another process does in the same home what only one may do at a time."""

    is_transient = True


def writer_lock(settings: Settings) -> AbstractContextManager[None]:
    """Hold the home's one writer slot. Raises :class:`Busy` when it is not free in time."""
    return _held(settings, "writer", f"Another build or publish is running in {settings.root}")


def source_lock(settings: Settings, source_id: str) -> AbstractContextManager[None]:
    """Hold a source: what lands, reads, deletes or erases its files does so alone. Raises :class:`Busy`."""
    return _held(settings, f"source-{source_id}", f"Another run is at work on the source {source_id!r}")


def compaction_lock(settings: Settings) -> AbstractContextManager[None]:
    """Hold the merged files of the lake. Raises :class:`Busy`."""
    return _held(settings, "compaction", "Another run is merging batch files")


@contextmanager
def _held(settings: Settings, name: str, why: str) -> Iterator[None]:
    settings.run.mkdir(parents=True, exist_ok=True)
    lock = FileLock(settings.run / f"{name}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        logging.getLogger(__name__).info("%s; this one waits for it up to %g s.", why, settings.wait_seconds)
        try:
            lock.acquire(timeout=settings.wait_seconds)
        except Timeout as error:
            raise Busy(f"{why}; wait for it to end and try again.") from error
    try:
        yield
    finally:
        lock.release()


@dataclass(frozen=True)
class BuildRecord:
    """What the last build did. ``state`` is running, success or failed; times are ISO 8601, UTC."""

    build_id: str
    state: str
    started_at: str
    finished_at: str | None
    lake_version: str
    reporting_currency: str
    message: str = ""

    @property
    def succeeded(self) -> bool:
        return self.state == "success"


def _record_path(settings: Settings) -> Path:
    return settings.build_db.parent / "build.json"


def write_build(settings: Settings, record: BuildRecord) -> None:
    """Replace the record of the last build."""
    receipts.replace(_record_path(settings), json.dumps(asdict(record), indent=1) + "\n")


def last_build(settings: Settings) -> BuildRecord | None:
    """The record of the last build, or None when there was none."""
    try:
        return BuildRecord(**json.loads(_record_path(settings).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


@dataclass(frozen=True)
class SourceRun:
    """What the last run over a source came to; ``failed`` is what it said, None when it ended well.

    ``ended_at`` is ISO 8601, UTC. ``expected_hours`` and ``if_late`` are what its entry says: how often something new
    comes, and whether a publish waits for it (``warn`` or ``stop``).
    """

    source_id: str
    ended_at: str
    failed: str | None = None
    expected_hours: float | None = None
    if_late: str = "warn"


def write_source_run(settings: Settings, record: SourceRun, configured: Container[str]) -> None:
    """Replace the record of a source; those of sources that are no longer ``configured`` go."""
    settings.source_runs.mkdir(parents=True, exist_ok=True)
    receipts.replace(settings.source_runs / f"{record.source_id}.json", json.dumps(asdict(record), indent=1) + "\n")
    for path in receipts.listed(settings.source_runs):
        if path.stem not in configured:
            path.unlink(missing_ok=True)


def source_runs(settings: Settings) -> list[SourceRun]:
    """The last run over each source, by source."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in receipts.listed(settings.source_runs)]
    return [SourceRun(**record) for record in found]


def lake_version(settings: Settings) -> str:
    """Which batches the lake holds, as one short hash: equal lakes give equal versions, whatever the load order."""
    names = [path.name for path in receipts.listed(settings.receipts)]
    return hashlib.sha256("\n".join(names).encode()).hexdigest()[:12]


def salt(settings: Settings) -> str:
    """This home's secret salt for hashing customer numbers; made once, readable by its owner only."""
    path = settings.root / "salt"
    settings.root.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="utf-8")
    made = secrets.token_hex(16)
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        handle.write(made)
    return made
