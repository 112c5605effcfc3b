"""The fixed twelve months, and when in them returns arrive."""

from __future__ import annotations

import numpy as np

from simulator.exact import NAT, Array

START = np.datetime64("2025-10-01T00:00:00", "s")
FIRST_DAY = str(START.astype("datetime64[D]"))
CUTOFF = np.datetime64("2026-10-01T00:00:00", "s")  # what happens later is not known to any file
MONTHS = np.arange(START.astype("datetime64[M]"), CUTOFF.astype("datetime64[M]"))
DAY = 86_400
# arrivals by month against an average month: the January wave after the holidays
_SEASON = {"2025-10": 0.9, "2025-11": 0.9, "2025-12": 1.0, "2026-01": 1.8, "2026-02": 1.3}


def arrivals(rng: np.random.Generator, n: int, days_after_cutoff: int, hours: tuple[float, float]) -> Array:
    """``n`` arrival times in UTC, from START to some days after CUTOFF; peaks in January and on Mondays.

    Most fall within ``hours`` (UTC, may pass 24), so that local evenings cross the UTC day and month.
    """
    days = np.arange(START.astype("datetime64[D]"), CUTOFF.astype("datetime64[D]") + days_after_cutoff)
    season = np.array([_SEASON.get(str(month), 0.9) for month in days.astype("datetime64[M]")])
    season[(days >= np.datetime64("2026-01-02")) & (days <= np.datetime64("2026-01-09"))] = 2.4
    weekday = (days.astype(np.int64) + 3) % 7  # Monday is 0
    weight = season * np.array([1.5, 1.15, 1.0, 1.0, 0.95, 0.3, 0.1])[weekday]
    day = days[rng.choice(len(days), n, p=weight / weight.sum())]
    second = np.rint(rng.triangular(hours[0], hours[0] + 3, hours[1], n) * 3600).astype(np.int64)
    return day.astype("datetime64[s]") + second


def first_day_after(month: str) -> str:
    """The first day of the month that follows one, both as ISO 8601."""
    return str((np.datetime64(month, "M") + 1).astype("datetime64[D]"))


def later(rng: np.random.Generator, at: Array, shape: float, mean_days: float, at_least_s: int = 900) -> Array:
    """Times that follow ``at`` by a gamma-distributed delay of the given mean; NaT stays NaT."""
    delay = at_least_s + np.rint(rng.gamma(shape, mean_days / shape, len(at)) * DAY).astype(np.int64)
    return at + delay


def known(at: Array) -> Array:
    """The times up to the cutoff; NaT for those that no file can know yet."""
    seen: Array = np.where(at < CUTOFF, at, NAT)
    return seen
