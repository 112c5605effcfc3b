"""Killed, or refused by the disk, at any step: nothing is half visible, and the next run gives the same tables."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from backhaul.settings import PROJECT


def driven(folder: Path, *told: str) -> Any:
    """What the driver found, when it has nothing to say against the action."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.integration.faulty_ingest", str(folder), *told],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout)
    assert outcome["differing"] == []
    [wanted, leavings, _] = outcome["wanted"]
    assert leavings == []
    assert wanted["read"]
    return outcome


@pytest.mark.parametrize(
    ("action", "fault", "steps", "stride"),
    [
        ("first", "kill", 60, 1),
        ("again", "kill", 5, 1),
        ("replay", "kill", 25, 1),
        ("retry", "kill", 25, 1),
        ("release", "kill", 25, 1),
        ("first", "ENOSPC", 50, 1),
        ("first", "short", 5, 1),
        ("retry", "short", 2, 1),
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
    assert driven(tmp_path, action, fault, "--stride", str(stride))["failures"] > steps


@pytest.mark.parametrize(("fault", "failures"), [("ENOSPC", 140), ("EACCES", 100)])
def test_a_fault_at_each_of_the_first_two_hundred_calls(tmp_path: Path, fault: str, failures: int) -> None:
    outcome = driven(tmp_path, "first", fault, "--calls", "200")
    assert outcome["failures"] > failures
    assert outcome["unsaid"] == []
