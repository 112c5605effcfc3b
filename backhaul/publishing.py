"""Write, audit, publish: a new file beside the old one, then the pointer that readers follow.

A published file holds marts, core facts and dimensions without personal data, and quality; never staging, raw rows or
quarantined text. Its name is never reused, because DuckDB caches files by path within a process.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from backhaul import receipts
from backhaul.candidate import add_gate_results, write_candidate
from backhaul.errors import Explained
from backhaul.ledger import BuildRecord, last_build, writer_lock
from backhaul.receipts import Check
from backhaul.settings import Settings

Audit = Callable[[Settings, Path, Path | None], list[Check]]
"""The gate: checks a candidate file (first path), also against the last publish (second path, if any)."""


class NothingToPublish(Explained):
    """There is no finished build."""


class GateFailed(Explained):
    """An audit of the candidate failed; the message says which expectation and which rows. The last publish stays."""


@dataclass(frozen=True)
class Publish:
    """What ``current.json`` says: the file readers open, and where it came from. Times are ISO 8601, UTC."""

    publish_id: str
    file: str
    build_id: str
    lake_version: str
    built_at: str
    published_at: str
    reporting_currency: str
    rows: dict[str, int]
    sha256: str
    duckdb_version: str

    def path(self, settings: Settings) -> Path:
        return settings.published / self.file


def current(settings: Settings) -> Publish | None:
    """The publish that readers see now, or None before the first."""
    try:
        return Publish(**json.loads(settings.pointer.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


def history(settings: Settings) -> list[Publish]:
    """Every publish that is kept, oldest first."""
    manifests = [path for path in receipts.listed(settings.published) if path != settings.pointer]
    found = [Publish(**json.loads(path.read_text(encoding="utf-8"))) for path in manifests]
    return sorted((publish for publish in found if publish.path(settings).exists()), key=lambda item: item.publish_id)


def publish(settings: Settings, audit: Audit) -> Publish:
    """Publish the last build. Publishing the same build twice changes nothing.

    Args:
        settings: the installation.
        audit: the gate; ``expectations.marts.audit_marts`` everywhere but in tests of publishing itself.

    Raises:
        NothingToPublish: no build has finished since the last one began.
        GateFailed: the candidate did not pass.
        Busy: a build is running.
    """
    with writer_lock(settings):
        build = last_build(settings)
        if build is None:
            raise NothingToPublish("Nothing was built yet: run `backhaul build` first.")
        if not build.succeeded:
            raise NothingToPublish(f"The last build did not finish ({build.state}): run `backhaul build` again.")
        previous = current(settings)
        if previous is not None and previous.build_id == build.build_id:
            return previous
        kept = [publish for publish in history(settings) if publish.build_id == build.build_id]
        if kept:
            # published before and rolled back since: point at it again, its name is not reused
            receipts.replace(settings.pointer, _as_text(kept[0]))
            return kept[0]
        settings.published.mkdir(parents=True, exist_ok=True)
        for leftover in settings.published.glob(".candidate-*"):
            leftover.unlink()
        publish_id = build.build_id
        candidate = settings.published / f".candidate-{publish_id}.duckdb"
        before = previous.path(settings) if previous else None
        write_candidate(settings, build, candidate, before)
        checks = audit(settings, candidate, before)
        failed = [check for check in checks if not check.success and check.severity == "fail"]
        if failed:
            candidate.unlink()
            raise GateFailed("\n".join(f"{check.expectation}: {check.observed}" for check in failed))
        return _point_to(settings, build, candidate, checks)


def rollback(settings: Settings, publish_id: str | None = None) -> Publish:
    """Point readers at an earlier publish (the one before the current by default).

    Raises:
        NothingToPublish: there is no such publish.
    """
    with writer_lock(settings):
        kept, now = history(settings), current(settings)
        if publish_id is None:
            kept = [publish for publish in kept if now is None or publish.publish_id < now.publish_id]
        else:
            kept = [publish for publish in kept if publish.publish_id == publish_id]
        if not kept:
            raise NothingToPublish("No such publish is kept: `backhaul status` lists them.")
        receipts.replace(settings.pointer, _as_text(kept[-1]))
        return kept[-1]


def _as_text(published: Publish) -> str:
    return json.dumps(asdict(published), indent=1) + "\n"


def _point_to(settings: Settings, build: BuildRecord, candidate: Path, checks: list[Check]) -> Publish:
    with duckdb.connect(str(candidate)) as connection:
        add_gate_results(connection, checks)
        counted = connection.execute(
            "select schema_name || '.' || table_name, estimated_size from duckdb_tables() order by 1"
        ).fetchall()
        connection.execute("checkpoint")
    digest = _fsynced_digest(candidate)
    file = settings.published / f"{build.build_id}.duckdb"
    candidate.replace(file)
    receipts.sync(settings.published)
    published = Publish(
        publish_id=build.build_id,
        file=file.name,
        build_id=build.build_id,
        lake_version=build.lake_version,
        built_at=build.finished_at or build.started_at,
        published_at=datetime.now(UTC).isoformat(),
        reporting_currency=build.reporting_currency,
        rows={name: int(count) for name, count in counted},
        sha256=digest,
        duckdb_version=duckdb.__version__,
    )
    receipts.replace(file.with_suffix(".json"), _as_text(published))
    receipts.replace(settings.pointer, _as_text(published))
    _prune(settings, published)
    return published


def _fsynced_digest(path: Path) -> str:
    with path.open("rb") as handle:
        os.fsync(handle.fileno())
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _prune(settings: Settings, published: Publish) -> None:
    """Keep the last publishes. A reader that still has an older file open keeps it until it lets go (POSIX)."""
    for old in history(settings)[: -settings.keep_publishes]:
        if old.publish_id != published.publish_id:
            old.path(settings).unlink(missing_ok=True)
            old.path(settings).with_suffix(".json").unlink(missing_ok=True)
