"""Killed, or refused by the disk, at any step: nothing is half visible, and the next run gives the same tables."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from backhaul.settings import PROJECT


@pytest.mark.parametrize(
    ("action", "fault", "steps", "stride"),
    [
        ("first", "kill", 60, 1),
        ("again", "kill", 5, 1),
        ("replay", "kill", 25, 1),
        ("retry", "kill", 25, 1),
        ("release", "kill", 25, 1),
        ("first", "ENOSPC", 50, 1),
        ("retry", "EACCES", 20, 1),
        ("first", "limit", 5, 1),
        ("compact", "kill", 15, 1),
        ("compact", "ENOSPC", 10, 1),
        ("compact", "limit", 5, 1),
        ("move", "kill", 15, 5),
        ("maintain", "kill", 8, 6),
        ("erase", "kill", 6, 37),
    ],
)
def test_a_fault_at_any_step_is_healed_by_the_next_run(
    tmp_path: Path, action: str, fault: str, steps: int, stride: int
) -> None:
    driven = subprocess.run(
        [sys.executable, "-m", "tests.integration.faulty_ingest", str(tmp_path), action, fault, str(stride)],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert driven.returncode == 0, driven.stderr
    outcome = json.loads(driven.stdout)
    assert outcome["differing"] == []
    assert outcome["failures"] > steps
    [wanted, leavings, _] = outcome["wanted"]
    assert leavings == []
    assert wanted["read"]
