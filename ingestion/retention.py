"""Retention: landed bytes are deleted when their time is over; what they gave, and that they were there, stays."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from backhaul.bar import with_bar
from backhaul.ledger import source_lock
from backhaul.settings import Settings
from ingestion import holds, landing, quarantine
from ingestion.config import Source, load_sources
from ingestion.contract import Column, load_contract
from ingestion.description import description_of
from ingestion.extractors.http.journal import is_over
from ingestion.landing import Landed
from ingestion.pipeline import known_files
from ingestion.quarantine import Selection

PATIENCE = 3
"""A file that a person should still see to outlives its time so many times."""


@dataclass
class RetentionReport:
    """Files whose bytes were deleted, files that wait for a person, and sources that keep personal data without end."""

    deleted: list[Landed] = field(default_factory=list)
    waiting: list[Landed] = field(default_factory=list)
    endless: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [f"{len(self.deleted)} landed files deleted, their time being over"]
        lines += [f"  {landed.source_id}: {landed.names[0]}, landed {landed.landed_at}" for landed in self.deleted]
        if self.waiting:
            lines.append(f"{len(self.waiting)} are kept for now: they are held, or have rows open in quarantine")
        lines += [f"{name} keeps personal data without end: set its retention_days" for name in self.endless]
        return "\n".join(lines)


def expire(settings: Settings, now: datetime) -> RetentionReport:
    """Delete the landed bytes of every source beyond its ``retention_days``; doing it again changes nothing.

    Bytes that no receipt or hold answers for stay: the next run reads them. Those of a held batch, or with rows open in
    quarantine, wait :data:`PATIENCE` times as long; then the hold is rejected. Pages of an interrupted
    pull that nobody went on with go too. ``now`` is aware. Raises ``Busy``, ``ConfigError`` or ``ContractError``.
    """
    report = RetentionReport()
    for folder in sorted(settings.pulls.iterdir()) if settings.pulls.is_dir() else ():
        with source_lock(settings, folder.name):
            if is_over(folder, now):
                shutil.rmtree(folder, ignore_errors=True)
    for source in load_sources(settings):
        days = source.retention_days
        if days is None:
            if any(column.personal for column in _columns(settings, source)):
                report.endless.append(source.id)
            continue
        with source_lock(settings, source.id):
            _expire(settings, source, now, timedelta(days=days), report)
    return report


def _expire(settings: Settings, source: Source, now: datetime, kept: timedelta, report: RetentionReport) -> None:
    held = {hold.file.sha256: hold for hold in holds.everything(settings) if hold.source_id == source.id}
    answered = set(known_files(settings, source.id)) | set(held)
    wanted = {row.file_sha256 for row in quarantine.open_rows(settings, Selection(source.id))}
    wanted |= {digest for digest, hold in held.items() if hold.status == "held"}
    for landed in landing.deleted(settings, source.id):
        # a kill may have left it marked and there
        if landed.path.exists():
            landing.delete(landed, now)
    for landed in with_bar(landing.everything(settings, source.id), f"what {source.id} landed"):
        age = now - datetime.fromisoformat(landed.landed_at)
        if age <= kept or landed.sha256 not in answered:
            continue
        if landed.sha256 in wanted and age <= PATIENCE * kept:
            report.waiting.append(landed)
            continue
        if landed.sha256 in held and landed.sha256 in wanted:
            holds.reject(settings, held[landed.sha256].batch_id, "nobody decided before its bytes had to be deleted")
        landing.delete(landed, now)
        report.deleted.append(landed)


def _columns(settings: Settings, source: Source) -> list[Column]:
    description = description_of(settings, source)
    if description is not None:
        return [column for record in description.records for column in record.columns]
    return [column for table in load_contract(source.kind).tables for column in table.columns]
