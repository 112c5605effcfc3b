"""The gate's runner: results as rows, failing rows by key, and no check that silently does not run."""

from __future__ import annotations

import pandas as pd
import pytest

from backhaul.settings import Settings
from expectations.batches import check_batches
from expectations.runner import Expectation, validate


def profile(batch_id: str, **changes):
    sound = {
        "batch_id": batch_id,
        "rows_read": 10,
        "unaccounted": 0,
        "quarantined_share": 0.0,
        "earliest_event": pd.Timestamp("2026-01-01"),
        "latest_event": pd.Timestamp("2026-01-02"),
        "unknown_codes": 0,
        "repeated_keys": 0,
        "new_columns": 0,
    }
    return {**sound, **changes}


def test_each_batch_gets_its_own_outcome(tmp_path):
    frame = pd.DataFrame(
        [
            profile("sound"),
            profile("dirty", quarantined_share=0.8, new_columns=1),
            profile("empty", rows_read=0, earliest_event=None, latest_event=None),
            profile("future", latest_event=pd.Timestamp("2027-06-01")),
        ]
    )
    checks = check_batches(Settings(home=tmp_path), "s", frame, 0.5, pd.Timestamp("2026-06-01").to_pydatetime())
    failed = {
        batch_id: {(check.expectation, check.severity) for check in found if not check.success}
        for batch_id, found in checks.items()
    }
    assert failed == {
        "sound": set(),
        "dirty": {("quarantined_share", "fail"), ("no_new_columns", "warn")},
        "empty": {("file_has_rows", "warn")},
        "future": {("events_not_in_the_future", "warn")},
    }
    assert (tmp_path / "data_docs" / "index.html").is_file()


def test_a_check_that_can_not_run_is_an_error(tmp_path):
    wrong = Expectation("x", "expect_column_values_to_be_between", {"column": "absent", "min_value": 1})
    with pytest.raises(RuntimeError, match="x could not be evaluated"):
        validate(Settings(home=tmp_path), pd.DataFrame({"key": ["a"]}), "suite", [wrong], ["key"])
