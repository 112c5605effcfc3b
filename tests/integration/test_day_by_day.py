"""A business that arrives day by day is in the end what it is when all days arrive at once."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest

from backhaul import receipts
from backhaul.build import BuildResult, build
from backhaul.publishing import publish
from backhaul.settings import Settings
from ingestion import batch, profile
from ingestion.config import load_sources
from simulator.days import simulate_until
from tests.integration.comparing import assert_same_tables

FIRST, *NEXT = [date(2025, 10, day) for day in range(4, 8)]
# three builds more; that carrying on equals a full refresh, and any order any other, is tested elsewhere too
IS_BUILT = bool(os.environ.get("BACKHAUL_DAILY_RUNS"))


@pytest.fixture
def homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Settings, Settings]:
    """Two homes that hash customers with the same salt, to be compared."""
    monkeypatch.setattr(profile, "check", lambda con, settings, source, batches: {key: [] for key in batches})
    pair = Settings(home=tmp_path / "daily"), Settings(home=tmp_path / "at_once")
    for settings in pair:
        settings.root.mkdir()
        (settings.root / "salt").write_text("one salt")
    return pair


def ingest(settings: Settings) -> None:
    for source in load_sources(settings):
        batch.ingest(source.id, (), settings)


def arrive(daily: Settings, at_once: Settings, after_first: Callable[[Settings], object]) -> None:
    """Ingests the days one by one, then the same files in another home at once."""
    for day in (FIRST, *NEXT):
        assert simulate_until(daily.root, day, seed=3, units=1500)
        ingest(daily)
        if day == FIRST:
            after_first(daily)
    for name in ("drop", "sources.yml"):
        (daily.root / name).rename(at_once.root / name)
    ingest(at_once)


def lake(settings: Settings) -> dict[str, list[tuple[object, ...]]]:
    """The rows of every table, in a fixed order."""
    files: dict[str, list[str]] = {}
    for receipt in receipts.committed(settings):
        for table, file in receipt.tables.items():
            files.setdefault(table, []).append(str(settings.lake / file.file))
    own = "_landed_at, _batch_id"
    query = f"SELECT * EXCLUDE ({own}) FROM read_parquet($files, union_by_name = true) ORDER BY ALL"
    return {table: duckdb.execute(query, {"files": paths}).fetchall() for table, paths in files.items()}


def test_day_by_day_the_lake_is_the_same_as_at_once(homes: tuple[Settings, Settings]) -> None:
    daily, at_once = homes
    counted: list[int] = []
    arrive(daily, at_once, lambda first: counted.append(len(receipts.committed(first))))
    assert lake(daily) == lake(at_once)
    assert len(receipts.committed(daily)) > counted[0] + 5 * len(NEXT)


def shown(settings: Settings) -> BuildResult:
    built = build(settings)
    publish(settings, lambda *_: [])
    return built


@pytest.mark.skipif(not IS_BUILT, reason="three builds; set BACKHAUL_DAILY_RUNS=1")
def test_day_by_day_the_same_is_published_as_at_once(homes: tuple[Settings, Settings]) -> None:
    daily, at_once = homes
    arrive(daily, at_once, build)
    assert shown(daily).is_incremental
    assert not shown(at_once).is_incremental
    assert_same_tables(daily, at_once)
