"""Which months a page shows. A period is a run of calendar months (UTC), named in the URL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


def shifted(month: date, months: int) -> date:
    """The first day of the month so many months later (earlier when negative)."""
    index = month.year * 12 + month.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def months_between(first: date, last: date) -> int:
    """How many calendar months a span has, both ends counted."""
    return (last.year - first.year) * 12 + last.month - first.month + 1


@dataclass(frozen=True)
class Period:
    """Months ``first`` to ``last``; ``key`` is ``all``, ``last-12``, ``last-3``, a year or a month (``2026-05``)."""

    key: str
    first: date
    last: date

    @property
    def length(self) -> int:
        return months_between(self.first, self.last)

    def __contains__(self, month: date) -> bool:
        return self.first <= month <= self.last

    def previous(self, begin: date) -> Period | None:
        """The period of equal length just before; None when the data, which begin at ``begin``, do not cover it."""
        return self._back(self.length, begin)

    def a_year_before(self, begin: date) -> Period | None:
        """The same months of the year before; None when the data do not cover them."""
        return self._back(12, begin)

    def _back(self, months: int, begin: date) -> Period | None:
        first = shifted(self.first, -months)
        return Period("before", first, shifted(self.last, -months)) if first >= begin else None


def choices(begin: date, end: date) -> list[Period]:
    """What can be selected in data from ``begin`` to ``end``: all, the latest months, years, months (newest first)."""
    length = months_between(begin, end)
    recent = [Period(f"last-{n}", shifted(end, 1 - n), end) for n in (12, 3) if n < length]
    years = [
        Period(str(year), max(begin, date(year, 1, 1)), min(end, date(year, 12, 1)))
        for year in range(end.year, begin.year - 1, -1)
        if begin.year != end.year
    ]
    single = [shifted(end, -back) for back in range(length)]
    return [
        Period("all", begin, end),
        *recent,
        *years,
        *(Period(f"{month:%Y-%m}", month, month) for month in single),
    ]


def chosen(periods: list[Period], key: str | None) -> Period:
    """The period that the URL names; the first when it names none that there is."""
    return next((period for period in periods if period.key == key), periods[0])
