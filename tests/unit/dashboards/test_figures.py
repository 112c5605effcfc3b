"""Ratios are sums over sums; the direction decides what is good; recent months are not final."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from dashboards.figures import Figure, Metric, change, members, ratio, rounded_to, whole
from dashboards.period import Period, choices, chosen

AS_OF = datetime.fromisoformat("2026-06-30")
ROW = {
    "kpi_id": "B02", "label": "L", "formula": "F", "topic": "cost", "basis": "RECEIPT", "definition_version": 1,
    "kind": "RATIO", "unit": "currency", "better": "LOWER", "maturity_days": 0, "numerator_unit": "currency",
    "denominator_unit": "units", "numerator_label": "n", "denominator_label": "d",
    "numerator_measure": "N", "denominator_measure": "D",
}  # fmt: skip


def cell(month: int, numerator: str, denominator: str, known: tuple[str, str] | None = None) -> dict[str, Any]:
    return {
        "kpi_id": "B02",
        "member": "",
        "period_month": date(2026, month, 1),
        "numerator": Decimal(numerator),
        "numerator_count": 3,
        "denominator": Decimal(denominator),
        "population": Decimal(known[0]) if known else None,
        "covered": Decimal(known[1]) if known else None,
    }


def metric(*cells: dict[str, Any], medians: list[dict[str, Any]] | None = None, **changed: Any) -> Metric:
    [catalogue] = [ROW | changed]
    found = members([catalogue], cells, medians or [], AS_OF)
    return whole(found, [catalogue], AS_OF)["B02"]


def months(first: int, last: int) -> Period:
    return Period("x", date(2026, first, 1), date(2026, last, 1))


def figure(numerator: str, denominator: str, coverage: str | None = "1") -> Figure:
    value = ratio(Decimal(numerator), Decimal(denominator))
    known = Decimal(coverage) if coverage else None
    return Figure(value, Decimal(numerator), Decimal(denominator), known, AS_OF)


def test_a_metric_over_months_is_the_sum_over_the_sum_and_coverage_is_weighted() -> None:
    told = metric(cell(1, "10", "1", ("1", "0.5")), cell(2, "30", "9", ("9", "9")), cell(3, "99", "1", ("1", "1")))
    found = told.over(months(1, 2))
    assert found.value == Decimal(4)
    assert found.coverage == Decimal("0.95")


def test_a_sum_has_no_denominator_and_a_metric_that_needs_nothing_is_covered() -> None:
    found = metric(cell(1, "10", "1"), cell(2, "30", "9"), kind="SUM").over(months(1, 2))
    assert (found.value, found.denominator, found.coverage) == (Decimal(40), None, Decimal(1))


def test_what_is_known_of_nothing_is_no_figure_and_not_zero() -> None:
    assert metric(cell(1, "0", "1", ("5", "0")), kind="SUM").over(months(1, 1)).value is None
    assert metric(kind="SUM").over(months(1, 1)).value is None


def test_a_duration_is_the_median_of_the_last_month_that_has_one() -> None:
    medians = [
        {"kpi_id": "B02", "member": "", "period_month": date(2026, 1, 1), "median_days": Decimal(2), "p90_days": None}
    ]
    found = metric(cell(1, "10", "0"), cell(2, "30", "0"), medians=medians, kind="DURATION").over(months(1, 2))
    assert (found.value, found.dated) == (Decimal(2), date(2026, 1, 1))


@pytest.mark.parametrize(("better", "is_better"), [("LOWER", True), ("HIGHER", False), (None, None)])
def test_whether_a_fall_is_good_news_is_said_by_the_catalogue(better: str | None, is_better: bool | None) -> None:
    moved = change(metric(better=better), figure("3", "1"), figure("4", "1"))
    assert moved is not None
    assert (moved.absolute, moved.relative, moved.is_better) == (Decimal(-1), Decimal("-0.25"), is_better)


def test_there_is_no_change_without_two_values_and_no_percentage_of_nothing() -> None:
    assert change(metric(), figure("3", "0"), figure("4", "1")) is None
    assert change(metric(), figure("3", "1"), figure("4", "0")) is None
    moved = change(metric(), figure("1", "1"), figure("0", "1"))
    assert moved is not None
    assert moved.relative is None


def test_a_recovery_that_was_negative_and_rose_went_up() -> None:
    moved = change(metric(better="HIGHER"), figure("1", "10"), figure("-2", "10"))
    assert moved is not None
    assert moved.relative == Decimal("1.5")
    assert moved.is_better


@pytest.mark.parametrize(("coverage", "thin"), [("0.899", True), ("0.9", False), (None, False)])
def test_coverage_below_nine_tenths_is_thin(coverage: str | None, thin: bool) -> None:
    assert figure("1", "1", coverage).is_thin is thin


@pytest.mark.parametrize(("month", "settling"), [((2026, 4), False), ((2026, 5), True), ((2025, 12), False)])
def test_a_month_settles_for_sixty_days_after_its_end(month: tuple[int, int], settling: bool) -> None:
    assert metric().is_settling(date(*month, 1)) is settling


def test_a_metric_that_matures_later_settles_later() -> None:
    assert metric(maturity_days=91).is_settling(date(2026, 3, 1))


@pytest.mark.parametrize("parts", [["0.4", "0.4", "0.4"], ["99.6", "0.2", "0.2"], ["10.5", "11.5", "0"]])
def test_rounded_parts_add_up_to_the_rounded_total(parts: list[str]) -> None:
    total = sum(map(Decimal, parts), Decimal(0)).quantize(Decimal(1))
    rounded = rounded_to(total, [Decimal(part) for part in parts], Decimal(1))
    assert sum(rounded) == total
    assert all(abs(after - Decimal(before)) <= 1 for after, before in zip(rounded, parts, strict=True))


def test_periods_offered_and_the_one_before() -> None:
    begin, end = date(2025, 6, 1), date(2026, 7, 1)
    periods = choices(begin, end)
    assert [period.key for period in periods[:6]] == ["all", "last-12", "last-3", "2026", "2025", "2026-07"]
    assert periods[-1].key == "2025-06"
    last = chosen(periods, "last-3")
    assert (last.first, last.last, last.length) == (date(2026, 5, 1), date(2026, 7, 1), 3)
    before = last.previous(begin)
    assert before is not None
    assert (before.first, before.last) == (date(2026, 2, 1), date(2026, 4, 1))
    assert chosen(periods, "last-12").previous(begin) is None
    assert chosen(periods, "2031-01") == chosen(periods, None) == periods[0]


def test_a_year_before_is_the_same_months_and_a_year_is_cut_to_the_data() -> None:
    periods = choices(date(2025, 6, 1), date(2026, 7, 1))
    year = chosen(periods, "2025")
    assert (year.first, year.last) == (date(2025, 6, 1), date(2025, 12, 1))
    july = chosen(periods, "2026-07").a_year_before(date(2025, 6, 1))
    assert july is not None
    assert (july.first, july.last) == (date(2025, 7, 1), date(2025, 7, 1))
    assert chosen(periods, "2026").a_year_before(date(2025, 6, 1)) is None


def test_short_data_offer_no_longer_period_than_they_have() -> None:
    assert [period.key for period in choices(date(2026, 7, 1), date(2026, 7, 1))] == ["all", "2026-07"]
