"""Ratios are sums over sums; the direction decides what is good; recent months are not final."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from dashboards.figures import Figure, change, is_settling, metrics, rounded_to
from dashboards.period import Period, choices, chosen

AS_OF = datetime.fromisoformat("2026-07-01")


def figure(numerator: str, denominator: str, coverage: str | None = "1") -> Figure:
    return Figure(Decimal(numerator), Decimal(denominator), Decimal(coverage) if coverage else None, AS_OF)


def test_a_metric_over_months_is_the_sum_over_the_sum_and_coverage_is_weighted_by_units() -> None:
    catalogue = [
        {"kpi_id": "B02", "label": "L", "formula": "F", "basis": "RECEIPT", "definition_version": 1, "unit": "currency"}
    ]
    months = [(1, "10", "1", 1, "0.5"), (2, "30", "9", 9, "1"), (3, "99", "1", 1, "1")]
    rows = [
        {
            "kpi_id": "B02",
            "period_month": date(2026, month, 1),
            "numerator": Decimal(numerator),
            "denominator": Decimal(denominator),
            "units_in_period": units,
            "coverage": Decimal(coverage),
            "as_of": datetime.fromisoformat(f"2026-03-0{month}"),
        }
        for month, numerator, denominator, units, coverage in months
    ]
    found = metrics(catalogue, rows)["B02"].over(Period("x", date(2026, 1, 1), date(2026, 2, 1)))
    assert found.value == Decimal(4)
    assert found.coverage == Decimal("0.95")
    assert found.as_of == datetime.fromisoformat("2026-03-02")


@pytest.mark.parametrize(("kpi_id", "better"), [("B02", True), ("C03", False), ("F06", False)])
def test_a_fall_is_good_news_for_a_cost_only(kpi_id: str, better: bool) -> None:
    moved = change(kpi_id, figure("3", "1"), figure("4", "1"))
    assert moved is not None
    assert (moved.absolute, moved.relative, moved.is_better) == (Decimal(-1), Decimal("-0.25"), better)


def test_there_is_no_change_without_two_values_and_no_percentage_of_nothing() -> None:
    assert change("B02", figure("3", "0"), figure("4", "1")) is None
    assert change("B02", figure("3", "1"), figure("4", "0")) is None
    moved = change("C03", figure("1", "1"), figure("0", "1"))
    assert moved is not None
    assert moved.relative is None


def test_a_recovery_that_was_negative_and_rose_went_up() -> None:
    moved = change("C03", figure("1", "10"), figure("-2", "10"))
    assert moved is not None
    assert moved.relative == Decimal("1.5")
    assert moved.is_better


@pytest.mark.parametrize(("coverage", "thin"), [("0.899", True), ("0.9", False), (None, False)])
def test_coverage_below_nine_tenths_is_thin(coverage: str | None, thin: bool) -> None:
    assert figure("1", "1", coverage).is_thin is thin


@pytest.mark.parametrize(("month", "settling"), [((2026, 4), False), ((2026, 5), True), ((2025, 12), False)])
def test_a_month_settles_for_sixty_days_after_its_end(month: tuple[int, int], settling: bool) -> None:
    assert is_settling(date(*month, 1), datetime.fromisoformat("2026-06-30")) is settling


@pytest.mark.parametrize("parts", [["0.4", "0.4", "0.4"], ["99.6", "0.2", "0.2"], ["10.5", "11.5", "0"]])
def test_rounded_parts_add_up_to_the_rounded_total(parts: list[str]) -> None:
    total = sum(map(Decimal, parts), Decimal(0)).quantize(Decimal(1))
    rounded = rounded_to(total, [Decimal(part) for part in parts], Decimal(1))
    assert sum(rounded) == total
    assert all(abs(after - Decimal(before)) <= 1 for after, before in zip(rounded, parts, strict=True))


def test_periods_offered_and_the_one_before() -> None:
    begin, end = date(2025, 6, 1), date(2026, 7, 1)
    periods = choices(begin, end)
    assert [period.key for period in periods[:4]] == ["all", "last-12", "last-3", "2026-07"]
    assert periods[-1].key == "2025-06"
    last = chosen(periods, "last-3")
    assert (last.first, last.last, last.length) == (date(2026, 5, 1), date(2026, 7, 1), 3)
    before = last.previous(begin)
    assert before is not None
    assert (before.first, before.last) == (date(2026, 2, 1), date(2026, 4, 1))
    assert chosen(periods, "last-12").previous(begin) is None
    assert chosen(periods, "2031-01") == chosen(periods, None) == periods[0]


def test_short_data_offer_no_longer_period_than_they_have() -> None:
    assert [period.key for period in choices(date(2026, 7, 1), date(2026, 7, 1))] == ["all", "2026-07"]
