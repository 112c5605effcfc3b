"""Landed bytes go when their time is over; what a person still has to see waits; what they gave stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backhaul import receipts
from backhaul.settings import Settings
from ingestion import batch, landing, profile, quarantine, retention
from ingestion.config import load_sources
from ingestion.landing import BytesDeleted
from ingestion.repair import export, retry
from ingestion.replay import open_replay

HEADER = "snapshot_at,node_id,sku,quantity\n"
FILES = {
    "snapshot_sound.csv": HEADER + "2026-03-01T06:00:00Z,DC1,A,1\n",
    "snapshot_bad.csv": HEADER + "2026-03-02T06:00:00Z,DC1,A,x\n2026-03-02T06:00:00Z,DC1,B,1\n",
    "snapshot_held.csv": "snapshot_at,quantity\n2026-01-01,1\n",
}


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Three files of a source whose bytes are kept for ten days: sound, with a bad row, and held."""
    monkeypatch.setattr(profile, "check", lambda con, settings, source, batches: {key: [] for key in batches})
    drop = tmp_path / "drop" / "wms"
    drop.mkdir(parents=True)
    (tmp_path / "sources.yml").write_text(
        "sources:\n  - {id: wms, kind: wms_inventory, domain: inventory, from: {type: files, path: drop/wms}, "
        "retention_days: 10}\n"
    )
    for name, text in FILES.items():
        (drop / name).write_text(text)
    settings = Settings(home=tmp_path)
    batch.ingest("wms", settings=settings)
    return settings


def expire(settings: Settings, days: float) -> tuple[set[str], set[str]]:
    report = retention.expire(settings, datetime.now(UTC) + timedelta(days=days))
    return {landed.names[0] for landed in report.deleted}, {landed.names[0] for landed in report.waiting}


@pytest.mark.parametrize(
    ("days", "deleted", "waiting"),
    [
        (9, set(), set()),
        (11, {"snapshot_sound.csv"}, {"snapshot_bad.csv", "snapshot_held.csv"}),
        (29, {"snapshot_sound.csv"}, {"snapshot_bad.csv", "snapshot_held.csv"}),
        (31, set(FILES), set()),
    ],
)
def test_what_is_deleted_after(settings: Settings, days: float, deleted: set[str], waiting: set[str]) -> None:
    before = receipts.everything(settings)
    assert expire(settings, days) == (deleted, waiting)
    assert {landed.names[0] for landed in landing.deleted(settings, "wms")} == deleted
    there = {landed.path.read_text() for landed in landing.everything(settings, "wms")}
    assert there == {text for name, text in FILES.items() if name not in deleted}
    assert receipts.everything(settings) == before
    assert expire(settings, days) == (set(), waiting)


def test_bytes_that_nothing_answers_for_are_never_deleted(settings: Settings) -> None:
    for path in settings.receipts.iterdir():
        path.unlink()
    assert expire(settings, 10_000)[0] == {"snapshot_held.csv"}


def test_deleted_bytes_stay_away_and_their_batch_stays(settings: Settings) -> None:
    expire(settings, 31)
    report = batch.ingest("wms", settings=settings)
    assert (report.committed, len(report.already), len(report.waiting)) == ([], 2, 1)
    assert landing.digests(settings, "wms") == set()
    with open_replay(settings, "wms") as prepared:
        assert (len(prepared.deleted), prepared.differences, prepared.unchanged) == (3, [], 0)
    committed = receipts.committed(settings)
    assert len(committed) == 2
    assert "bytes deleted" in dict(batch.describe(settings, committed[0].batch_id))


def test_what_was_held_is_rejected_with_its_bytes(settings: Settings) -> None:
    [hold] = batch.held_batches(settings)
    expire(settings, 31)
    assert batch.held_batches(settings) == []
    with pytest.raises(BytesDeleted, match="sent again"):
        batch.release(hold.batch_id, settings)


def test_rows_of_deleted_bytes_are_explained_not_mended(settings: Settings, tmp_path: Path) -> None:
    target = tmp_path / "rows.jsonl"
    assert export(settings, target, quarantine.open_rows(settings)) == 1
    target.write_text(target.read_text().replace("A,x", "A,5"))
    expire(settings, 31)
    with pytest.raises(BytesDeleted, match="were deleted on"):
        retry(settings, target)


def test_a_mark_without_its_deed_is_carried_out(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as killed:
        killed.setattr(Path, "unlink", lambda *_, **__: (_ for _ in ()).throw(OSError("killed")))
        with pytest.raises(OSError, match="killed"):
            expire(settings, 31)
    # marked: not read again, although it is there
    with open_replay(settings, "wms") as prepared:
        assert len(prepared.deleted) == 1
    expire(settings, 31)
    assert landing.digests(settings, "wms") == set()


def test_a_source_that_keeps_personal_data_without_end_is_named(settings: Settings, monkeypatch) -> None:
    monkeypatch.setattr(retention, "load_sources", load_sources)
    entry = "  - {id: fba, kind: amazon_fba_returns, domain: returns, from: {type: files, path: drop/fba}}\n"
    settings.sources_file.write_text(settings.sources_file.read_text() + entry)
    report = retention.expire(settings, datetime.now(UTC))
    assert report.endless == ["fba"]
    assert "set its retention_days" in str(report)


@pytest.mark.parametrize(("days", "is_there"), [(1, True), (3, False)])
def test_the_pages_of_a_pull_that_nobody_went_on_with_go(settings: Settings, days: float, is_there: bool) -> None:
    journal = settings.pulls / "api" / "journal.jsonl"
    journal.parent.mkdir(parents=True)
    journal.write_text("")
    expire(settings, days)
    assert journal.exists() == is_there
