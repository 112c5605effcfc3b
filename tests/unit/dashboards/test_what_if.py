"""What-ifs start from the warehouse's own figures, and each change does what its name says."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from dashboards.what_if import (
    Assumed,
    break_even,
    choices,
    expected_net,
    fee_rate,
    fit,
    is_better_kept,
    january,
)


def route(code: str = "RESELL_OPEN_BOX", rank: int | None = 1, **changed: Any) -> dict[str, Any]:
    """A route that brings 100 x 0.8 x (1 - 0.1) - 5 - 3 - 2 + 4 = 66."""
    return {
        "unit_key": "u",
        "disposition_code": code,
        "price_reporting": Decimal("100.0000"),
        "sold_share": Decimal("0.800000"),
        "proceeds_reporting": Decimal("72.0000"),
        "process_reporting": Decimal("5.0000"),
        "freight_reporting": Decimal("3.0000"),
        "holding_reporting": Decimal("2.0000"),
        "credit_reporting": Decimal("4.0000"),
        "expected_net_reporting": Decimal("66.0000"),
        "route_rank": rank,
        "lead_days": 10,
        "decay_rate": Decimal("0.01"),
    } | changed


def amounts(*values: str | int) -> tuple[Decimal, ...]:
    return tuple(Decimal(value) for value in values)


def test_with_nothing_changed_a_route_brings_what_the_warehouse_says() -> None:
    assert expected_net(route(), Assumed()) == Decimal("66.0000")
    assert fee_rate(route()) == Decimal("0.1")


@pytest.mark.parametrize(
    ("assumed", "net"),
    [
        (Assumed(price=Decimal("0.1")), "73.2000"),
        (Assumed(fee=Decimal("0.1")), "58.0000"),
        (Assumed(fee=Decimal("-0.1")), "74.0000"),
        (Assumed(freight=Decimal("0.5")), "64.5000"),
        (Assumed(process=Decimal("-0.2")), "67.0000"),
        # 72 x e^-0.1 = 65.1483; two days of holding for ten of lead, so ten days more cost two more
        (Assumed(wait=10), "57.1483"),
    ],
)
def test_each_change_moves_its_own_part(assumed: Assumed, net: str) -> None:
    assert expected_net(route(), assumed) == Decimal(net)


def test_a_fee_takes_no_more_than_the_price() -> None:
    assert expected_net(route(), Assumed(fee=Decimal(2))) == Decimal("-6.0000")


def test_what_does_not_sell_has_no_fee() -> None:
    unsold = route(sold_share=Decimal(0), proceeds_reporting=Decimal(0))
    assert fee_rate(unsold) == 0
    assert expected_net(unsold, Assumed()) == Decimal("-6.0000")


def test_units_change_route_when_another_becomes_better() -> None:
    credit = route(
        "RETURN_TO_VENDOR",
        2,
        price_reporting=Decimal(0),
        sold_share=None,
        proceeds_reporting=Decimal(0),
        credit_reporting=Decimal(70),
        expected_net_reporting=Decimal("60.0000"),
    )
    [kept] = choices([route(), credit], Assumed())
    assert not kept.is_other
    assert (kept.net_after, kept.next_after, kept.margin, kept.gain) == amounts(66, 60, 6, 0)
    [moved] = choices([route(), credit], Assumed(price=Decimal("-0.5")))
    assert moved.is_other
    assert moved.after["disposition_code"] == "RETURN_TO_VENDOR"
    assert (moved.net_before, moved.old_after, moved.net_after, moved.gain) == amounts(66, 30, 60, 30)


def test_routes_that_a_rule_forbids_or_no_history_backs_do_not_compete() -> None:
    [choice] = choices([route(), route("RESTOCK_NEW", None, credit_reporting=Decimal(1000))], Assumed())
    assert choice.after["disposition_code"] == "RESELL_OPEN_BOX"
    assert choice.next_after is None
    assert choice.margin == Decimal("66.0000")


def test_of_equal_routes_the_one_that_is_better_now_stays() -> None:
    [choice] = choices([route("A", 2), route("B", 1)], Assumed())
    assert choice.after["disposition_code"] == "B"


def test_time_goes_to_what_wins_most_a_minute() -> None:
    result = fit([Decimal(1), Decimal(9), Decimal(5)], Decimal(50), Decimal(120))
    assert (result.done, result.left) == (2, 1)
    assert (result.won, result.forgone) == amounts(14, 1)


def test_more_time_than_work_does_all() -> None:
    assert fit([Decimal(1)], Decimal(50), Decimal(500)).left == 0


def product(**changed: Any) -> dict[str, Any]:
    return {
        "forbidden_by": None,
        "take_back_net_reporting": Decimal(-5),
        "value_share": Decimal("0.25"),
        "route_cost_reporting": Decimal(3),
        "inbound_reporting": Decimal(12),
    } | changed


@pytest.mark.parametrize(("abuse", "is_kept"), [("0", True), ("4.99", True), ("5", False)])
def test_abuse_weighs_against_leaving_goods(abuse: str, is_kept: bool) -> None:
    assert is_better_kept(product(), Decimal(abuse)) is is_kept


def test_what_a_rule_binds_is_never_left() -> None:
    assert not is_better_kept(product(forbidden_by="BATTERY"), Decimal(0))


def test_the_price_under_which_to_leave_it() -> None:
    assert break_even(product(), Decimal(0)) == Decimal("60.0000")
    assert break_even(product(), Decimal(5)) == Decimal("40.0000")
    assert break_even(product(), Decimal(20)) == 0
    assert break_even(product(value_share=None), Decimal(0)) is None


def week(start: date, activity: str, *, is_forecast: bool = False) -> dict[str, Any]:
    return {
        "week_start": start,
        "activity": activity,
        "is_forecast": is_forecast,
        "unit_count": 100,
        "wage_reporting": Decimal(40),
        "fte_needed": Decimal("1.5"),
    }


def test_january_grows_with_units_and_with_minutes() -> None:
    first, second = date(2026, 1, 5), date(2026, 1, 12)
    rows = [
        week(date(2025, 1, 6), "RECEIVE"),
        week(first, "RECEIVE"),
        week(first, "INSPECT"),
        week(second, "RECEIVE"),
        week(date(2026, 2, 2), "RECEIVE"),
        week(date(2027, 1, 4), "RECEIVE", is_forecast=True),
    ]
    weeks = january(rows, Decimal("0.2"), Decimal("-0.5"))
    assert [found.start for found in weeks] == [first, second]
    assert (weeks[0].units, weeks[0].jobs, weeks[0].wages) == amounts(120, "1.8", 48)


def test_without_a_january_there_is_nothing_to_start_from() -> None:
    assert january([week(date(2026, 2, 2), "RECEIVE")], Decimal(0), Decimal(0)) == []
