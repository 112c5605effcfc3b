"""EasyPost's recorded answers: each loads or is quarantined with a reason, and replaying changes nothing."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from backhaul import receipts
from backhaul.settings import PROJECT, Settings
from ingestion import batch, profile, quarantine

DATA = PROJECT.parent / "shared" / "data" / "easypost"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the recorded EasyPost answers are not beside the clone")


def test_every_recorded_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profile, "check", lambda con, settings, source, batches: {key: [] for key in batches})
    entry = f"{{id: ep, kind: easypost, domain: carrier, from: {{type: files, path: {DATA}}}}}"
    (tmp_path / "sources.yml").write_text(f"sources:\n  - {entry}\n")
    settings = Settings(home=tmp_path)
    files = sorted(DATA.rglob("*.json"))
    report = batch.ingest("ep", files, settings)
    assert report.held == []
    assert len(report.committed) == len({file.read_bytes() for file in files})
    for receipt in receipts.committed(settings):
        assert receipt.rows_read == sum(table.rows for table in receipt.tables.values()) + receipt.quarantine.rows
        assert receipt.rows_read or b'": []' in (settings.root / receipt.file.landing).read_bytes()
    tables = {
        table: duckdb.execute(
            f"SELECT count(DISTINCT {key}) FROM read_parquet(?)",
            [str(settings.lake / f"batches/*/easypost__{table}.parquet")],
        ).fetchall()[0][0]
        for table, key in {"shipments": "shipment_id", "trackers": "tracker_id"}.items()
    }
    # 48 and 34 in the recordings, and one each in the documentation's examples.
    assert tables == {"shipments": 49, "trackers": 35}
    rules = {row.rule for row in quarantine.open_rows(settings)}
    assert rules == {"no_object", "told_by_shipment"}
    again = batch.ingest("ep", files, settings)
    assert (again.committed, again.held) == ([], [])
    assert batch.replay("ep", settings=settings)[0].committed == []
