"""What the headline figures are over a selection of months: sums over sums, never averages of ratios."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from dashboards.data import Row
from dashboards.period import Period, shifted

# For these a fall is good news; for every other metric a rise is.
LOWER_IS_BETTER = frozenset({"B02"})
LOW_COVERAGE = Decimal("0.9")
# Costs are posted and goods are sold for some weeks after a month ends; until then its figures still move.
SETTLING_DAYS = 60


@dataclass(frozen=True)
class Figure:
    """A metric over some months: both sides in its unit, the share of units whose inputs are known, and the as-of."""

    numerator: Decimal
    denominator: Decimal
    coverage: Decimal | None
    as_of: datetime | None

    @property
    def value(self) -> Decimal | None:
        """None without a denominator."""
        return self.numerator / self.denominator if self.denominator else None

    @property
    def is_thin(self) -> bool:
        return self.coverage is not None and self.coverage < LOW_COVERAGE


@dataclass(frozen=True)
class Metric:
    """A metric of the catalogue with its months; ``unit`` is currency or ratio."""

    kpi_id: str
    label: str
    formula: str
    basis: str
    version: int
    unit: str
    months: tuple[Row, ...]

    def over(self, period: Period) -> Figure:
        """The metric over a period."""
        found = [row for row in self.months if row["period_month"] in period]
        units = sum(row["units_in_period"] for row in found)
        covered = sum((row["coverage"] * row["units_in_period"] for row in found), Decimal(0))
        return Figure(
            numerator=sum((row["numerator"] for row in found), Decimal(0)),
            denominator=sum((row["denominator"] for row in found), Decimal(0)),
            coverage=covered / units if units else None,
            as_of=max((row["as_of"] for row in found), default=None),
        )


@dataclass(frozen=True)
class Change:
    """From the period before to this one; ``relative`` is None when there was nothing before."""

    absolute: Decimal
    relative: Decimal | None
    is_better: bool


def change(kpi_id: str, now: Figure, before: Figure) -> Change | None:
    """How a metric moved; None when either side has no value."""
    if now.value is None or before.value is None:
        return None
    moved = now.value - before.value
    relative = moved / abs(before.value) if before.value else None
    return Change(moved, relative, is_better=(moved < 0) == (kpi_id in LOWER_IS_BETTER))


def metrics(catalogue: Iterable[Row], headlines: Iterable[Row]) -> dict[str, Metric]:
    """The metrics of the catalogue by id, each with its months in order."""
    by_kpi: dict[str, list[Row]] = {}
    for row in headlines:
        by_kpi.setdefault(row["kpi_id"], []).append(row)
    return {
        row["kpi_id"]: Metric(
            kpi_id=row["kpi_id"],
            label=row["label"],
            formula=row["formula"],
            basis=row["basis"],
            version=row["definition_version"],
            unit=row["unit"],
            months=tuple(by_kpi.get(row["kpi_id"], ())),
        )
        for row in catalogue
    }


def is_settling(month: date, as_of: datetime) -> bool:
    """Whether a month ended too recently for its figures to be final."""
    return (as_of.date() - shifted(month, 1)).days < SETTLING_DAYS


def ratio(numerator: Decimal, denominator: Decimal) -> Decimal | None:
    """A ratio with the six places that the marts keep; None without a denominator."""
    return (numerator / denominator).quantize(Decimal("0.000001")) if denominator else None


def rounded_to(total: Decimal, parts: list[Decimal], step: Decimal) -> list[Decimal]:
    """Parts rounded to ``step`` that add up to ``total``: the largest part takes the rounding difference."""
    rounded = [part.quantize(step) for part in parts]
    if rounded:
        largest = max(range(len(rounded)), key=rounded.__getitem__)
        rounded[largest] += total - sum(rounded, Decimal(0))
    return rounded
