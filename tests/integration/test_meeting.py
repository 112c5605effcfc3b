"""Two runs of a source at once: the second waits or leaves with a word, and all ends as if one came after the other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from backhaul.settings import PROJECT

SOURCE = "Another run is at work on the source 'shop'"
PAIRS = {
    "ingest+ingest": SOURCE,
    "ingest+replay": SOURCE,
    "ingest+maintain": SOURCE,
    "ingest+erase": SOURCE,
    "replay+ingest": SOURCE,
    "erase+ingest": SOURCE,
    "compact+erase": "Another run is merging batch files",
}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    driven = subprocess.run(
        [sys.executable, "-m", "tests.integration.meeting", str(tmp_path_factory.mktemp("meeting")), *PAIRS],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert driven.returncode == 0, driven.stderr
    return json.loads(driven.stdout)  # type: ignore[no-any-return]


@pytest.mark.parametrize(("pair", "word"), PAIRS.items(), ids=PAIRS)
def test_the_second_of_two_runs_waits_or_says_why_not(outcomes: dict[str, Any], pair: str, word: str) -> None:
    outcome = outcomes[pair]
    assert outcome["impatient"][-1] == f"Busy: {word}; wait for it to end and try again."
    assert outcome["is_waiting"]
    assert outcome["patient"] == [f"{word}; this one waits for it up to 60 s."]
    assert outcome["codes"] == [0, 0]
    assert outcome["got"] == outcome["wanted"]
    [stands, _] = outcome["got"]
    assert len(stands["tables"]["backhaul__sales_lines"]) == (2 if pair == "compact+erase" else 3)
