"""A build killed anywhere is simply run again: readers keep the last publish, and the figures come out the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from backhaul.build import build
from backhaul.headlines import read
from backhaul.ledger import last_build
from backhaul.publishing import NothingToPublish, current, publish
from backhaul.settings import PROJECT, Settings
from expectations.marts import audit_marts
from ingestion.batch import ingest
from ingestion.config import load_sources
from simulator.demo import simulate


def _figures(settings: Settings) -> list[tuple[str, Decimal, Decimal]]:
    return [(item.kpi_id, item.numerator, item.denominator) for item in read(settings)]


def _nodes(settings: Settings) -> int:
    newest = max((settings.root / "builds").glob("*.jsonl"), default=None)
    return len(newest.read_text().splitlines()) if newest else 0


def _kill_build_after(settings: Settings, nodes: int) -> None:
    """Start a build in a process of its own and kill it once it has finished some nodes."""
    seen = set((settings.root / "builds").glob("*.jsonl"))
    process = subprocess.Popen(
        [sys.executable, "-m", "backhaul.cli", "build"],
        cwd=PROJECT,
        env={**os.environ, "BACKHAUL_HOME": str(settings.root)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline and process.poll() is None:
        new = set((settings.root / "builds").glob("*.jsonl")) - seen
        if new and _nodes(settings) >= nodes:
            break
        time.sleep(0.05)
    assert process.poll() is None, "the build ended before it could be killed"
    process.send_signal(signal.SIGKILL)
    process.wait()


def test_a_killed_build_publishes_nothing_and_the_next_one_gives_the_same_figures(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    simulate(settings.root, seed=11, units=600)
    for source in load_sources(settings):
        ingest(source.id, (), settings)
    build(settings)
    first = publish(settings, audit_marts)
    figures = _figures(settings)

    for nodes in (1, 60, 250):
        _kill_build_after(settings, nodes)
        record: Any = last_build(settings)
        assert record.state == "running"
        with pytest.raises(NothingToPublish, match="did not finish"):
            publish(settings, audit_marts)
        assert current(settings) == first
        assert _figures(settings) == figures

    build(settings)
    assert publish(settings, audit_marts).publish_id != first.publish_id
    assert _figures(settings) == figures
