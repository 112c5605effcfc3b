"""A business with a source of every kind: what each kind's files become stands in one warehouse, and its tests hold."""

from __future__ import annotations

import shutil

import duckdb
import pytest
import yaml

from backhaul.build import build
from backhaul.settings import PROJECT, Settings
from ingestion.batch import ingest
from ingestion.config import load_sources
from ingestion.contract import SOURCES, kinds, kinds_with_tables

GOLDEN = PROJECT / "tests" / "data"
REAL = PROJECT.parent / "shared" / "data"
# Samples that nobody here wrote, where they are at hand.
SAMPLES = {
    "amazon_external_returns": "amazon-external-returns",
    "easypost": "easypost",
    "edifact": "x12",
    "epcis": "epcis",
    "shopify": "shopify",
    "x12": "x12",
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home whose every kind has its golden files and real samples, ingested and built."""
    settings = Settings(home=tmp_path_factory.mktemp("home"))
    entries = []
    for kind in kinds():
        drop = settings.root / "drop" / kind
        shutil.copytree(GOLDEN / kind, drop / "golden")
        if kind in SAMPLES and (REAL / SAMPLES[kind]).is_dir():
            shutil.copytree(REAL / SAMPLES[kind], drop / "real")
        contract = yaml.safe_load((SOURCES / kind / "contract.yml").read_text(encoding="utf-8"))
        entry = {"id": kind, "kind": kind, "domain": contract["domain"]}
        money = {} if kind in kinds_with_tables() else {"currency": "CAD"}
        entries.append({**entry, "from": {"type": "files", "path": f"drop/{kind}"}, **money})
    settings.sources_file.write_text(yaml.safe_dump({"sources": entries}), encoding="utf-8")
    for source in load_sources(settings):
        ingest(source.id, (), settings)
    build(settings)
    return settings


def test_every_kind_is_in_the_warehouse(home: Settings) -> None:
    with duckdb.connect(str(home.build_db), read_only=True) as connection:
        told = connection.execute(
            "select source_id, sum(rows_loaded), count_if(rows_read <> rows_loaded + rows_quarantined) "
            "from quality.quality_row_conservation group by source_id"
        ).fetchall()
    assert {source for source, rows, _ in told if rows} == set(kinds())
    assert {unaccounted for _, _, unaccounted in told} == {0}


def test_golden_files_leave_rows_behind_in_the_facts(home: Settings) -> None:
    """Kinds that tell of returned goods make units; each fact names the source that told it."""
    facts = ("fct_return_unit", "fct_return_shipment", "fct_carrier_charge", "fct_refund", "fct_recovery",
             "fct_stock_adjustment", "fct_inventory_snapshot", "fct_epcis_event", "fct_tracking_scan")  # fmt: skip
    with duckdb.connect(str(home.build_db), read_only=True) as connection:
        sources = {
            source
            for fact in facts
            for (source,) in connection.execute(f"select distinct source_id from core.{fact}").fetchall()
        }
    assert set(kinds()) - sources == set()
