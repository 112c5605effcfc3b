"""What metrics are over a selection of months and members: sums over sums, never averages of ratios.

The metrics and their sides come from the catalogue; a page asks for any of them by any slice and gets the catalogue's
number (tested against ``fct_kpi``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from backhaul import formats
from dashboards.data import Row
from dashboards.period import Period, shifted

LOW_COVERAGE = Decimal("0.9")
# Costs are posted and goods are sold for some weeks after a month ends; until then its figures still move.
SETTLING_DAYS = 60
SIXTH_PLACE = Decimal("0.000001")


@dataclass(frozen=True)
class Figure:
    """A metric over some months.

    ``denominator`` is None for sums and durations; ``dated`` is the month that a duration's median stands for, because
    medians of months cannot be added; ``coverage`` the share of its population whose inputs are known.
    """

    value: Decimal | None
    numerator: Decimal
    denominator: Decimal | None
    coverage: Decimal | None
    as_of: datetime
    dated: date | None = None

    @property
    def is_thin(self) -> bool:
        return self.coverage is not None and self.coverage < LOW_COVERAGE


@dataclass(frozen=True)
class Cell:
    """One month of a metric: what each side sums to, how many rows the numerator has, and the median for durations."""

    month: date
    numerator: Decimal
    denominator: Decimal
    population: Decimal | None
    covered: Decimal | None
    row_count: int
    median: Decimal | None = None
    p90: Decimal | None = None


@dataclass(frozen=True)
class Metric:
    """A metric of the catalogue with its months in order.

    ``unit`` is currency, ratio, days, kg, minutes or points; ``kind`` RATIO, SUM, DURATION, or TABLE (a mart answers).
    """

    kpi_id: str
    label: str
    formula: str
    topic: str
    basis: str
    version: int
    kind: str
    unit: formats.Kind
    better: Literal["HIGHER", "LOWER"] | None
    maturity_days: int
    numerator_measure: str | None
    denominator_measure: str | None
    numerator_unit: str | None
    denominator_unit: str | None
    numerator_label: str | None
    denominator_label: str | None
    as_of: datetime
    months: tuple[Cell, ...]

    def over(self, period: Period) -> Figure:
        """The metric over a period."""
        found = [cell for cell in self.months if cell.month in period]
        numerator = sum((cell.numerator for cell in found), Decimal(0))
        denominator = sum((cell.denominator for cell in found), Decimal(0)) if self.kind == "RATIO" else None
        coverage = _coverage(found)
        if self.kind == "DURATION":
            last = next((cell for cell in reversed(found) if cell.median is not None), None)
            value = last.median if last else None
            return Figure(value, numerator, None, coverage, self.as_of, last.month if last else None)
        # what is known of nothing is no figure, and not zero
        is_known = bool(found) and coverage != 0
        value = (ratio(numerator, denominator) if denominator is not None else numerator) if is_known else None
        return Figure(value, numerator, denominator, coverage, self.as_of)

    def at(self, month: date) -> Figure:
        """The metric in one month."""
        return self.over(Period("", month, month))

    def is_settling(self, month: date) -> bool:
        """Whether a month ended too recently for its figures to be final."""
        ended = shifted(month, 1)
        return (self.as_of.date() - ended).days < max(self.maturity_days, SETTLING_DAYS)

    def settling(self, period: Period) -> list[date]:
        """The months of a period that are not final yet, in order."""
        return [cell.month for cell in self.months if cell.month in period and self.is_settling(cell.month)]


def _coverage(cells: list[Cell]) -> Decimal | None:
    """One where the metric needs nothing that could be missing; None where there is nothing to measure."""
    population = sum((cell.population or Decimal(0) for cell in cells), Decimal(0))
    covered = sum((cell.covered or Decimal(0) for cell in cells), Decimal(0))
    if population:
        return covered / population
    return Decimal(1) if cells else None


@dataclass(frozen=True)
class Change:
    """From the period before to this one; ``relative`` is None when there was nothing before."""

    absolute: Decimal
    relative: Decimal | None
    is_better: bool | None


def change(metric: Metric, now: Figure, before: Figure) -> Change | None:
    """How a metric moved; None when either side has no value."""
    if now.value is None or before.value is None:
        return None
    moved = now.value - before.value
    relative = moved / abs(before.value) if before.value else None
    is_better = (moved < 0) == (metric.better == "LOWER") if metric.better else None
    return Change(moved, relative, is_better)


def members(
    catalogue: Iterable[Row], cells: Iterable[Row], medians: Iterable[Row], as_of: datetime
) -> dict[str, dict[str, Metric]]:
    """Every metric by its id, then by the member of the slice asked for (one, ``""``, for the whole)."""
    middle = {(row["kpi_id"], row["member"], row["period_month"]): row for row in medians}
    found: dict[tuple[str, str], list[Cell]] = {}
    for row in cells:
        key = row["kpi_id"], row["member"]
        median = middle.get((*key, row["period_month"]), {})
        found.setdefault(key, []).append(
            Cell(
                row["period_month"],
                row["numerator"],
                row["denominator"],
                row["population"],
                row["covered"],
                row["numerator_count"],
                median.get("median_days"),
                median.get("p90_days"),
            )
        )
    rows = {row["kpi_id"]: row for row in catalogue}
    metrics: dict[str, dict[str, Metric]] = {kpi_id: {} for kpi_id in rows}
    for (kpi_id, member), months in found.items():
        metrics[kpi_id][member] = _metric(rows[kpi_id], tuple(months), as_of)
    return metrics


def _metric(row: Row, months: tuple[Cell, ...], as_of: datetime) -> Metric:
    return Metric(
        kpi_id=row["kpi_id"],
        label=row["label"],
        formula=row["formula"],
        topic=row["topic"],
        basis=row["basis"],
        version=row["definition_version"],
        kind=row["kind"],
        unit=row["unit"],
        better=row["better"],
        maturity_days=row["maturity_days"],
        numerator_measure=row["numerator_measure"],
        denominator_measure=row["denominator_measure"],
        numerator_unit=row["numerator_unit"],
        denominator_unit=row["denominator_unit"],
        numerator_label=row["numerator_label"],
        denominator_label=row["denominator_label"],
        as_of=as_of,
        months=months,
    )


def whole(metrics: dict[str, dict[str, Metric]], catalogue: Iterable[Row], as_of: datetime) -> dict[str, Metric]:
    """Every metric of the catalogue as a whole; without months where nothing counts in it."""
    return {row["kpi_id"]: metrics.get(row["kpi_id"], {}).get("") or _metric(row, (), as_of) for row in catalogue}


def ratio(numerator: Decimal, denominator: Decimal) -> Decimal | None:
    """A ratio with the six places that the marts keep; None without a denominator."""
    return (numerator / denominator).quantize(SIXTH_PLACE, ROUND_HALF_UP) if denominator else None


def rounded_to(total: Decimal, parts: list[Decimal], step: Decimal) -> list[Decimal]:
    """Parts rounded to ``step`` that add up to ``total``: the largest part takes the rounding difference."""
    rounded = [part.quantize(step) for part in parts]
    if rounded:
        largest = max(range(len(rounded)), key=rounded.__getitem__)
        rounded[largest] += total - sum(rounded, Decimal(0))
    return rounded
