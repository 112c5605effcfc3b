"""The gate between parse and commit: what is expected of a batch of a source, checked on its profile."""

from __future__ import annotations

from collections.abc import Container
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from backhaul.receipts import Check
from backhaul.settings import Settings
from expectations.runner import Expectation, validate

if TYPE_CHECKING:
    import pandas as pd

CHANGES = {
    "added": ("no_new_columns", "Columns that the contract lacks; kept in extra."),
    "missing": ("no_missing_columns", "Columns that the file before had."),
    "renamed": ("no_renamed_columns", "Columns under another of their names than before."),
    "retyped": ("types_are_stable", "Columns that many rows of the file don't fill with their type."),
    "new_code": ("codes_are_known", "Codes outside the contract's enumerations."),
}
EARLIEST = datetime(1990, 1, 1)  # noqa: DTZ001 - the profile's instants are UTC without a zone


def suite(max_quarantined_share: float, held: Container[str], now: datetime) -> list[Expectation]:
    """The expectations of a source's batches, over a frame with one row per batch (see ``ingestion.profile``).

    A batch is held for changes of contract of the kinds ``held``.
    """

    def between(name: str, column: str, low: Any, high: Any, severity: Any, description: str) -> Expectation:
        arguments = {"column": column, "min_value": low, "max_value": high}
        return Expectation(name, "expect_column_values_to_be_between", arguments, severity, description)

    soon, far = now + timedelta(days=2), now + timedelta(days=3660)
    return [
        between("rows_are_conserved", "unaccounted", 0, 0, "fail", "Rows read = rows kept + rows in quarantine."),
        between(
            "quarantined_share",
            "quarantined_share",
            0,
            max_quarantined_share,
            "fail",
            "Beyond this share the file, not a row, is at fault.",
        ),
        between("events_not_before_1990", "earliest_event", EARLIEST, None, "fail", "Earlier dates are misread dates."),
        between("events_not_in_ten_years", "latest_event", None, far, "fail", "Later dates are misread dates."),
        between("events_not_in_the_future", "latest_event", None, soon, "warn", "An event after it was reported."),
        between("file_has_rows", "rows_read", 1, None, "warn", "An empty file is committed as such."),
        between("keys_are_unique", "repeated_keys", 0, 0, "warn", "The same record more than once in a file."),
        Expectation(
            "documents_add_up",
            "expect_column_values_to_be_null",
            {"column": "unequal_totals"},
            "warn",
            "Lines of an invoice add up to the total it tells, unless a part of it is in another file.",
        ),
        *(
            between(name, kind, 0, 0, "fail" if kind in held else "warn", description)
            for kind, (name, description) in CHANGES.items()
        ),
    ]


def check_batches(
    settings: Settings, source_id: str, frame: pd.DataFrame, expectations: list[Expectation]
) -> dict[str, list[Check]]:
    """Validate the profiles of a run's batches at once; the outcome per batch id."""
    results = validate(settings, frame, f"batches_{source_id}", expectations, ["batch_id"])
    columns = {item.name: item.arguments["column"] for item in expectations}
    checks: dict[str, list[Check]] = {}
    for row in frame.to_dict("records"):
        checks[row["batch_id"]] = [
            Check(
                expectation=result.expectation,
                success=all(failing["batch_id"] != row["batch_id"] for failing in result.failing),
                observed=str(row[columns[result.expectation]]),
                severity=result.severity,
            )
            for result in results
        ]
    return checks
