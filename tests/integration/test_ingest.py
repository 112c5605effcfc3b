"""Ingestion as a whole: atomic, idempotent, order-free, and clear about what it holds back."""

from __future__ import annotations

import json
import zipfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import duckdb
import pytest

from backhaul import receipts
from backhaul.ledger import source_runs
from backhaul.settings import Settings
from ingestion import batch, contract, profile, quarantine
from ingestion.holds import NoSuchHold
from ingestion.readers import json_pages

SNAPSHOT = "snapshot_at,node_id,sku,quantity\n2026-03-0{day}T06:00:00Z,DC1,A,1\n2026-03-0{day}T06:00:00Z,DC1,B,{bad}\n"
SOURCES = "sources:\n  - {id: wms, kind: wms_inventory, domain: inventory, from: {type: files, path: drop/wms}}\n"


def prepare(home: Path, days: int = 3) -> Settings:
    drop = home / "drop" / "wms"
    drop.mkdir(parents=True)
    (home / "sources.yml").write_text(SOURCES)
    for day in range(1, days + 1):
        (drop / f"snapshot_{day}.csv").write_text(SNAPSHOT.format(day=day, bad="x" if day == 2 else day))
    return Settings(home=home)


@pytest.fixture
def ungated(monkeypatch):
    """Without the gate, whose import takes ten seconds."""
    monkeypatch.setattr(profile, "check", lambda con, settings, source, batches: {key: [] for key in batches})


def rows(settings: Settings, table: str = "wms_inventory__inventory_snapshots") -> list[tuple]:
    files = [str(settings.lake / r.tables[table].file) for r in receipts.committed(settings) if table in r.tables]
    query = "SELECT * EXCLUDE (_landed_at) FROM read_parquet(?) ORDER BY ALL"
    return duckdb.execute(query, [files]).fetchall() if files else []


def test_a_second_run_changes_nothing(tmp_path, ungated):
    settings = prepare(tmp_path)
    first = batch.ingest("wms", settings=settings)
    before = {path: path.read_bytes() for path in settings.lake.rglob("*") if path.is_file()}
    second = batch.ingest("wms", settings=settings)
    assert (len(first.committed), first.rows, first.quarantined) == (3, 5, 1)
    assert (second.committed, len(second.already)) == ([], 3)
    assert {path: path.read_bytes() for path in settings.lake.rglob("*") if path.is_file()} == before


def test_a_pattern_chooses_among_the_files_of_a_folder(tmp_path, ungated):
    settings = prepare(tmp_path)
    settings.sources_file.write_text(SOURCES.replace("path: drop/wms", 'path: drop/wms, pattern: "*_[12].csv"'))
    assert len(batch.ingest("wms", settings=settings).committed) == 2


def test_order_and_names_of_files_do_not_matter(tmp_path, ungated):
    first, second = prepare(tmp_path / "a"), prepare(tmp_path / "b")
    batch.ingest("wms", settings=first)
    files = sorted((second.drop / "wms").iterdir(), reverse=True)
    for file in [*files, *files]:
        batch.ingest("wms", [file], second)
    (second.drop / "wms" / "snapshot_copy.csv").write_bytes(files[0].read_bytes())
    batch.ingest("wms", settings=second)
    assert rows(first) == rows(second)
    assert len(receipts.committed(second)) == 3


def test_receipts_name_files_with_their_rows_and_checksums(tmp_path, ungated):
    settings = prepare(tmp_path)
    batch.ingest("wms", settings=settings)
    for receipt in receipts.committed(settings):
        assert receipt.rows_read == sum(table.rows for table in receipt.tables.values()) + receipt.quarantine.rows
        assert (settings.root / receipt.file.landing).stat().st_size == receipt.file.bytes
        for table in receipt.tables.values():
            path = settings.lake / table.file
            counted = duckdb.execute("SELECT count(*) FROM read_parquet(?)", [str(path)]).fetchall()
            assert counted == [(table.rows,)]
            assert batch.landing.digest(path) == table.sha256
    assert receipts.Receipt.from_json(receipt.to_json()) == receipt


def _ingest_ungated(home: str) -> tuple[int, int]:
    profile.check = lambda con, settings, source, batches: {key: [] for key in batches}
    report = batch.ingest("wms", settings=Settings(home=Path(home)))
    return len(report.committed), len(report.already)


def test_two_processes_at_once_commit_each_batch_once(tmp_path):
    settings = prepare(tmp_path, days=9)
    with ProcessPoolExecutor(2) as pool:
        outcomes = list(pool.map(_ingest_ungated, [str(tmp_path)] * 2))
    assert sum(committed for committed, _ in outcomes) == 9
    assert len(list((settings.lake / "batches").iterdir())) == 9
    assert len(rows(settings)) == 17


def test_a_live_run_is_not_swept(tmp_path, ungated):
    from ingestion.staging import open_staging

    settings = prepare(tmp_path)
    with open_staging(settings) as live:
        out, _ = live.open_batch("a" * 32)
        (out / "x.parquet").write_bytes(b"x")
        place = live.publish("a" * 32)
        batch.ingest("wms", settings=settings)
        assert place.exists()
    batch.ingest("wms", settings=settings)
    assert live.folder.exists() is False


def test_replay_by_a_new_contract_supersedes_the_old_batches(tmp_path, ungated, monkeypatch):
    settings = prepare(tmp_path)
    old = batch.ingest("wms", settings=settings).committed
    assert batch.replay("wms", settings=settings)[0].committed == []
    newer = contract.load_contract("wms_inventory").model_copy(update={"version": 2})
    for module in ("ingestion.parse", "ingestion.tabled", "ingestion.profile"):
        monkeypatch.setattr(f"{module}.load_contract", lambda kind: newer)
    again = batch.ingest("wms", settings=settings)
    assert again.committed == []
    assert "3 files were read by another contract version than today's" in str(again)
    [report] = batch.replay("wms", settings=settings)
    assert len(report.committed) == 3
    assert {receipt.batch_id for receipt in receipts.committed(settings)} == set(report.committed)
    assert {receipt.batch_id for receipt in receipts.everything(settings)} == {*old, *report.committed}
    assert len(rows(settings)) == 5
    assert batch.ingest("wms", settings=settings).outdated == 0


def test_the_gate_holds_what_a_person_should_see(tmp_path):
    settings = prepare(tmp_path, days=1)
    drop = settings.drop / "wms"
    (drop / "snapshot_bad.csv").write_text(
        "snapshot_at,node_id,sku,quantity\n" + "2026-01-01,DC1,A,x\n" * 3 + "2026-01-01,DC1,A,1\n"
    )
    (drop / "snapshot_old.csv").write_text("snapshot_at,node_id,sku,quantity\n0201-01-01,DC1,A,1\n")
    (drop / "snapshot_empty.csv").write_text("snapshot_at,node_id,sku,quantity\n")
    (drop / "snapshot_columns.csv").write_text("snapshot_at,quantity\n2026-01-01,1\n")
    report = batch.ingest("wms", settings=settings)
    reasons = {hold.file.name: hold.reason for hold in report.held}
    assert set(reasons) == {"snapshot_bad.csv", "snapshot_old.csv", "snapshot_columns.csv"}
    assert reasons["snapshot_bad.csv"] == "quarantined_share (found 0.75)"
    assert reasons["snapshot_old.csv"].startswith("events_not_before_1990")
    assert reasons["snapshot_columns.csv"] == "missing_required_column: node_id, sku"
    assert all(hold.rows_read == sum(hold.tables.values()) + hold.quarantine.rows for hold in report.held)
    by_name = {receipt.file.name: receipt for receipt in receipts.committed(settings)}
    assert set(by_name) == {"snapshot_1.csv", "snapshot_empty.csv"}
    warned = [check.expectation for check in by_name["snapshot_empty.csv"].checks if not check.success]
    assert warned == ["file_has_rows"]
    assert all(check.success for check in by_name["snapshot_1.csv"].checks)
    assert (settings.data_docs / "index.html").exists()
    assert len(quarantine.open_rows(settings)) == 4

    again = batch.ingest("wms", settings=settings)
    assert (again.committed, again.held, len(again.waiting)) == ([], [], 3)

    ids = {hold.file.name: hold.batch_id for hold in report.held}
    batch.reject(ids["snapshot_old.csv"], "dates from another century", settings)
    released = batch.release(ids["snapshot_bad.csv"], settings)
    assert (released.rows_read, released.quarantine.rows) == (4, 3)
    assert released.checks[-1].expectation == "released_by_a_person"
    assert [hold.file.name for hold in batch.held_batches(settings)] == ["snapshot_columns.csv"]
    [replayed] = batch.replay("wms", settings=settings)
    assert ([hold.file.name for hold in replayed.held], len(replayed.waiting)) == (["snapshot_columns.csv"], 1)
    with pytest.raises(NoSuchHold):
        batch.release("0" * 32, settings)


def pack(archive: Path, files: dict[str, str]) -> None:
    with zipfile.ZipFile(archive, "w") as packed:
        for name, text in files.items():
            packed.writestr(name, text)


def quoting(run) -> None:
    raise ValueError("no number: Ann, 1 Main St")


def test_how_a_run_over_a_source_ended_is_noted_until_the_next_one_ends(tmp_path, ungated, monkeypatch):
    settings = prepare(tmp_path)
    settings.sources_file.write_text(SOURCES.replace("inventory, from", "inventory, expected_hours: 26, from"))
    with pytest.raises(FileNotFoundError):
        batch.ingest("wms", [tmp_path / "absent.csv"], settings)
    [failed] = source_runs(settings)
    assert (failed.source_id, failed.expected_hours, failed.if_late) == ("wms", 26, "warn")
    assert failed.failed is not None
    assert "absent.csv" in failed.failed
    with monkeypatch.context() as broken:
        broken.setattr(batch, "tidy", quoting)
        with pytest.raises(ValueError, match="Ann"):
            batch.ingest("wms", settings=settings)
    # it is published: nothing of a row
    assert [run.failed for run in source_runs(settings)] == ["ValueError"]
    batch.ingest("wms", settings=settings)
    assert [run.failed for run in source_runs(settings)] == [None]


def test_each_file_of_an_archive_is_a_file_of_its_own(tmp_path, ungated):
    settings = prepare(tmp_path, days=0)
    days = {f"snapshot_{day}.csv": SNAPSHOT.format(day=day, bad="x" if day == 2 else day) for day in (1, 2)}
    pack(settings.drop / "wms" / "week.zip", days)
    report = batch.ingest("wms", settings=settings)
    assert (report.rows, report.quarantined) == (3, 1)
    names = sorted(receipt.file.name for receipt in receipts.committed(settings))
    assert names == ["week.zip/snapshot_1.csv", "week.zip/snapshot_2.csv"]
    again = batch.ingest("wms", settings=settings)
    assert (again.committed, len(again.already)) == ([], 2)
    assert not list((settings.lake / "staging").glob("*/*"))


def test_an_archive_that_is_not_safe_is_held_as_it_came(tmp_path, ungated):
    settings = prepare(tmp_path, days=1)
    pack(settings.drop / "wms" / "week.zip", {"a.csv": SNAPSHOT.format(day=2, bad=1), "../b.csv": "x"})
    report = batch.ingest("wms", settings=settings)
    assert [hold.file.name for hold in report.held] == ["week.zip"]
    assert report.held[0].reason.startswith("archive_unsafe_name")
    assert len(report.committed) == 1


def test_a_page_of_some_megabytes_is_read_within_the_memory_there_is(tmp_path, ungated):
    """A page longer than what is held whole is read element by element."""
    detail = {"datetime": "2026-01-02T10:00:00Z", "status": "in_transit", "message": "Departed", "source": "ups"}
    trackers = [
        {
            "id": f"trk_{number}",
            "object": "Tracker",
            "tracking_code": f"1Z{number:016d}",
            "updated_at": "2026-01-02T12:00:00Z",
            "tracking_details": [{**detail, "message": f"Departed {step}"} for step in range(5)],
        }
        for number in range(13_000)
    ]
    (tmp_path / "drop").mkdir()
    page = json.dumps({"trackers": trackers, "has_more": False})
    assert len(page) > json_pages.PAGE
    (tmp_path / "drop" / "page.json").write_text(page)
    (tmp_path / "sources.yml").write_text(
        "sources:\n  - {id: parcels, kind: easypost, domain: carrier, from: {type: files, path: drop}}\n"
    )
    settings = Settings(home=tmp_path, ingest_memory_limit="128MB")
    report = batch.ingest("parcels", settings=settings)
    assert (report.rows, report.quarantined) == (13_000 + 65_000, 0)
