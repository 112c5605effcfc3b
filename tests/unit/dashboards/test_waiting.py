"""The bottleneck is the step that makes goods late, not the last one that shows it."""

from __future__ import annotations

from typing import Any

from dashboards.waiting import bottleneck


def stages(**late: int) -> list[dict[str, Any]]:
    return [{"stage_code": code, "open_late_count": count} for code, count in late.items()]


def test_the_first_step_with_half_of_the_most_late_is_the_cause() -> None:
    found = bottleneck(stages(EXECUTION=60, DECISION=55, INSPECTION=50, DOCK=29, CUSTOMER_DWELL=4))
    assert found is not None
    assert found["stage_code"] == "INSPECTION"


def test_a_step_that_is_late_by_itself_is_found() -> None:
    found = bottleneck(stages(EXECUTION=60, DECISION=10, INSPECTION=8))
    assert found is not None
    assert found["stage_code"] == "EXECUTION"


def test_refunds_and_the_whole_return_are_no_steps_of_the_goods() -> None:
    assert bottleneck(stages(CYCLE=90, REFUND_FROM_REQUEST=90, INSPECTION=0)) is None


def test_nothing_late_is_no_bottleneck() -> None:
    assert bottleneck([]) is None
