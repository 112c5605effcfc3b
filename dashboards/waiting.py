"""Which step of a return holds goods back today."""

from __future__ import annotations

from collections.abc import Iterable

from dashboards.data import Row

# Goods go through these one after the other; refunds and sales have clocks of their own.
STEPS = ("CUSTOMER_DWELL", "TRANSIT", "DOCK", "INSPECTION", "DECISION", "EXECUTION")


def bottleneck(stages: Iterable[Row]) -> Row | None:
    """The step that holds back most; None when no unit waits longer than it should.

    What is late at one step is late at every later one that counts from the same moment, so the largest number late is
    not the cause. The cause is the first step, in the order of the process, that holds at least half of that number.

    Args:
        stages: ``stage_code`` and ``open_late_count`` (units that wait longer than the target of the step).
    """
    steps = {row["stage_code"]: row for row in stages if row["stage_code"] in STEPS}
    most = max((row["open_late_count"] for row in steps.values()), default=0)
    if not most:
        return None
    return next(steps[code] for code in STEPS if code in steps and steps[code]["open_late_count"] * 2 >= most)
