"""The steps of a cost's bridge are each what they say, and add up to the cent whatever the numbers."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.bridge import Bridge, Brought, RateBridge, Side, Way, bridge, rate_bridge


def side(units: dict[str, int], cost: dict[str, int], shipped: int | None, billed: object = None) -> Side:
    return Side(
        {segment: Decimal(count) for segment, count in units.items()},
        {segment: Decimal(amount) for segment, amount in cost.items()},
        Decimal(shipped) if shipped is not None else None,
        {"CAD": (Decimal(sum(cost.values())),) * 2} if billed is None else billed,  # type: ignore[arg-type]
    )


def steps(found: Bridge | None) -> list[Decimal | None]:
    assert found is not None
    return [found.volume, found.rate, found.mix, found.exchange, found.price]


def test_more_shipped_at_the_same_rate_and_price_is_volume_alone() -> None:
    found = bridge(side({"a": 10}, {"a": 100}, 100), side({"a": 20}, {"a": 200}, 200))
    assert steps(found) == [100, 0, 0, 0, 0]


def test_more_of_them_coming_back_is_the_return_rate_alone() -> None:
    found = bridge(side({"a": 10}, {"a": 100}, 100), side({"a": 20}, {"a": 200}, 100))
    assert steps(found) == [0, 100, 0, 0, 0]


def test_dearer_goods_coming_back_is_mix_alone() -> None:
    found = bridge(side({"a": 5, "b": 5}, {"a": 50, "b": 150}, 100), side({"a": 0, "b": 10}, {"a": 0, "b": 300}, 100))
    assert steps(found) == [0, 0, 100, 0, 0]


def test_a_dearer_currency_is_exchange_alone_and_a_dearer_bill_is_price() -> None:
    before = side({"a": 10}, {"a": 100}, 100, {"USD": (Decimal(80), Decimal(100))})
    dearer_currency = side({"a": 10}, {"a": 120}, 100, {"USD": (Decimal(80), Decimal(120))})
    assert steps(bridge(before, dearer_currency)) == [0, 0, 0, 20, 0]
    dearer_bill = side({"a": 10}, {"a": 120}, 100, {"USD": (Decimal(96), Decimal(120))})
    assert steps(bridge(before, dearer_bill)) == [0, 0, 0, 0, 20]


def test_without_shipments_there_is_one_step_for_the_units_received() -> None:
    assert steps(bridge(side({"a": 10}, {"a": 100}, None), side({"a": 20}, {"a": 200}, None))) == [100, None, 0, 0, 0]


def test_where_no_currency_is_told_its_effect_is_part_of_the_price() -> None:
    assert steps(bridge(side({"a": 10}, {"a": 100}, 100, {}), side({"a": 10}, {"a": 120}, 100, {}))) == [
        0,
        0,
        0,
        None,
        20,
    ]


def test_there_is_no_bridge_from_nothing() -> None:
    assert bridge(side({}, {}, 10), side({"a": 1}, {"a": 1}, 10)) is None
    assert bridge(side({"a": 1}, {"a": 1}, 10), side({}, {}, 10)) is None


counts = st.dictionaries(st.sampled_from("abcd"), st.integers(1, 10**6), min_size=1)
amounts = st.decimals(-(10**6), 10**9, places=4)


@given(counts, counts, st.data())
def test_the_steps_add_up_to_the_cent(then: dict[str, int], now: dict[str, int], data: st.DataObject) -> None:
    def drawn(units: dict[str, int]) -> Side:
        return Side(
            {segment: Decimal(count) for segment, count in units.items()},
            {segment: data.draw(amounts) for segment in units},
            data.draw(st.none() | st.integers(1, 10**7).map(Decimal)),
            {"USD": (data.draw(amounts), data.draw(amounts))},
        )

    found = bridge(drawn(then), drawn(now))
    assert found is not None
    assert found.before + sum(step for step in steps(found) if step is not None) == found.after


RESOLD, SCRAPPED = ("A", "RESELL_B2C", "000-007"), ("E", "RECYCLE", "000-007")


def brought(**ways: tuple[Way, int, int, int]) -> dict[Way, Brought]:
    return {
        way: Brought(Decimal(landed), Decimal(recovered), Decimal(cost))
        for way, landed, recovered, cost in ways.values()
    }


def rate_steps(before: dict[Way, Brought], after: dict[Way, Brought]) -> list[Decimal]:
    found = rate_bridge(before, after)
    assert found is not None
    return [found.grade, found.route, found.wait, found.price, found.cost]


@pytest.mark.parametrize(
    ("after", "steps"),
    [
        ({"good": (RESOLD, 200, 120, 20), "bad": (SCRAPPED, 200, 0, 20)}, ["0", "0", "0", "0", "0"]),
        ({"good": (RESOLD, 50, 30, 5), "bad": (SCRAPPED, 150, 0, 15)}, ["-0.15", "0", "0", "0", "0"]),
        (
            {
                "good": (RESOLD, 50, 30, 5),
                "same": (("A", "RECYCLE", "000-007"), 50, 0, 5),
                "bad": (SCRAPPED, 100, 0, 10),
            },
            ["0", "0", "0", "-0.15", "0"],
        ),
        ({"good": (RESOLD, 100, 40, 10), "bad": (SCRAPPED, 100, 0, 10)}, ["0", "0", "0", "-0.1", "0"]),
        ({"good": (RESOLD, 100, 60, 20), "bad": (SCRAPPED, 100, 0, 30)}, ["0", "0", "0", "0", "-0.15"]),
    ],
    ids=[
        "nothing but more of it",
        "worse goods",
        "a new route is judged by what it brings",
        "lower prices",
        "dearer work",
    ],
)
def test_each_cause_alone_is_its_own_step(after: dict[str, tuple[Way, int, int, int]], steps: list[str]) -> None:
    before = brought(good=(RESOLD, 100, 60, 10), bad=(SCRAPPED, 100, 0, 10))
    assert rate_steps(before, brought(**after)) == [Decimal(step) for step in steps]


def test_routes_and_waits_within_the_same_condition_are_steps_of_their_own() -> None:
    soon, late, scrap = ("A", "RESELL", "soon"), ("A", "RESELL", "late"), ("A", "RECYCLE", "soon")
    before = brought(soon=(soon, 50, 40, 0), late=(late, 50, 20, 0), scrap=(scrap, 100, 0, 0))
    later = brought(soon=(soon, 0, 0, 0), late=(late, 100, 40, 0), scrap=(scrap, 100, 0, 0))
    other = brought(soon=(soon, 25, 20, 0), late=(late, 25, 10, 0), scrap=(scrap, 150, 0, 0))
    assert rate_steps(before, later) == [0, 0, Decimal("-0.1"), 0, 0]
    assert rate_steps(before, other) == [0, Decimal("-0.15"), 0, 0, 0]


def test_without_goods_in_a_period_there_is_no_rate_to_start_from() -> None:
    assert rate_bridge({}, brought(good=(RESOLD, 100, 60, 10))) is None
    assert rate_bridge(brought(good=(RESOLD, 100, 60, 10)), {}) is None


WAYS = st.dictionaries(
    st.tuples(st.sampled_from("AB"), st.sampled_from("RS"), st.sampled_from("xy")),
    st.builds(
        Brought,
        st.decimals(1, 10_000, places=4),
        st.decimals(0, 10_000, places=4),
        st.decimals(0, 10_000, places=4),
    ),
    min_size=1,
)


@given(WAYS, WAYS)
def test_the_steps_of_a_rate_lead_from_one_to_the_other(before: dict[Way, Brought], after: dict[Way, Brought]) -> None:
    found = rate_bridge(before, after)
    assert isinstance(found, RateBridge)
    assert found.before + sum(rate_steps(before, after)) == found.after
    for told, ways in ((found.before, before), (found.after, after)):
        landed, net = (
            sum(values) for values in zip(*((b.landed, b.recovered - b.cost) for b in ways.values()), strict=True)
        )
        assert abs(told - net / landed) <= Decimal("0.000001")
