"""The gate's runner: results as rows, failing rows by key, and no check that silently does not run."""

from __future__ import annotations

import pandas as pd
import pytest

from backhaul.settings import Settings
from expectations.batches import CHANGES, check_batches, suite
from expectations.runner import Expectation, validate


def profile(batch_id: str, **changes):
    sound = {
        "batch_id": batch_id,
        "rows_read": 10,
        "unaccounted": 0,
        "quarantined_share": 0.0,
        "earliest_event": pd.Timestamp("2026-01-01"),
        "latest_event": pd.Timestamp("2026-01-02"),
        "repeated_keys": 0,
        "unequal_totals": None,
        **dict.fromkeys(CHANGES, 0),
    }
    return {**sound, **changes}


def test_each_batch_gets_its_own_outcome(tmp_path):
    frame = pd.DataFrame(
        [
            profile("sound"),
            profile("dirty", quarantined_share=0.8, added=1, renamed=2),
            profile("empty", rows_read=0, earliest_event=None, latest_event=None),
            profile("future", latest_event=pd.Timestamp("2027-06-01")),
            profile("short", unequal_totals="A-1: 2.00 told, 1.00 in its lines"),
        ]
    )
    expectations = suite(0.5, {"renamed"}, pd.Timestamp("2026-06-01").to_pydatetime())
    checks = check_batches(Settings(home=tmp_path), "s", frame, expectations)
    failed = {
        batch_id: {(check.expectation, check.severity) for check in found if not check.success}
        for batch_id, found in checks.items()
    }
    assert failed == {
        "sound": set(),
        "dirty": {("quarantined_share", "fail"), ("no_new_columns", "warn"), ("no_renamed_columns", "fail")},
        "empty": {("file_has_rows", "warn")},
        "future": {("events_not_in_the_future", "warn")},
        "short": {("documents_add_up", "warn")},
    }
    [short] = [check for check in checks["short"] if not check.success]
    assert short.observed == "A-1: 2.00 told, 1.00 in its lines"
    assert (tmp_path / "data_docs" / "index.html").is_file()


def test_a_check_that_can_not_run_is_an_error(tmp_path):
    wrong = Expectation("x", "expect_column_values_to_be_between", {"column": "absent", "min_value": 1})
    with pytest.raises(RuntimeError, match="x could not be evaluated"):
        validate(Settings(home=tmp_path), pd.DataFrame({"key": ["a"]}), "suite", [wrong], ["key"])
