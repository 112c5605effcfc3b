"""EasyPost's recorded answers: each loads or is quarantined with a reason, and replaying changes nothing."""

from __future__ import annotations

import json
from collections import Counter
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
    out = quarantine.open_rows(settings)
    # a shipment without a label is no parcel yet
    told = {json.loads(row.raw_text or "{}")["id"] for row in out if row.rule == "label_not_bought"}
    files_of_parcels = str(settings.lake / "batches/*/backhaul__shipments.parquet")
    told |= {
        told_by
        for (told_by,) in duckdb.execute("SELECT document_id FROM read_parquet(?)", [files_of_parcels]).fetchall()
    }
    # 48 and 34 in the recordings, and one each in the documentation's examples.
    assert Counter(told_by.split("_")[0] for told_by in told) == {"shp": 49, "trk": 35}
    assert {row.rule for row in out} == {"label_not_bought", "no_record", "not_modelled", "told_by_shipment"}
    again = batch.ingest("ep", files, settings)
    assert (again.committed, again.held) == ([], [])
    assert batch.replay("ep", settings=settings)[0].committed == []
