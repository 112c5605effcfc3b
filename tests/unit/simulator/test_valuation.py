from __future__ import annotations

import numpy as np

from simulator import valuation
from simulator.exact import UNKNOWN, rate_e8, text, to_reporting
from simulator.truth import _share


def test_reporting_amounts_round_half_away_from_zero() -> None:
    amounts = np.array([1, -1, 3, 10_000, -10_000])
    assert to_reporting(amounts, np.full(5, 150_000_000)).tolist() == [2, -2, 5, 15_000, -15_000]
    assert to_reporting(np.array([1, -1]), np.full(2, 149_999_999)).tolist() == [1, -1]


def test_the_rate_is_that_of_the_utc_day_and_one_for_cad() -> None:
    fx = {"day": np.arange("2026-01-01", "2026-01-03", dtype="datetime64[D]"), "rate_e8": np.array([11, 22])}
    at = np.array(["2026-01-01T23:59:59", "2026-01-02T00:00:00", "1999-01-01T00:00:00"], "datetime64[s]")
    assert rate_e8(fx, at, np.array(["USD", "USD", "CAD"])).tolist() == [11, 22, 100_000_000]


def test_text_keeps_all_places() -> None:
    assert [text(v, 4) for v in (0, 5, -5, 123_456)] == ["0.0000", "0.0005", "-0.0005", "12.3456"]


def sales_and_units() -> tuple[dict, dict, dict]:
    products = {"sku": np.array(["A", "AB"])}
    sales = {
        "order_id": np.array(["o1", "o1", "o1", "o2"]),
        "order_line": np.array(["3", "2", "1", "1"]),
        "product": np.array([0, 0, 1, 0]),
    }
    units = {
        "order_id": np.array(["o1", "o1", "o1", "o2", "o3", "o2"]),
        "order_line": np.array(["", "3", "1", "", "", ""]),
        "product": np.array([0, 0, 0, 0, 0, 1]),
    }
    return products, sales, units


def test_the_sale_is_the_named_line_else_the_lowest_of_the_sku() -> None:
    products, sales, units = sales_and_units()
    # line 1 of o1 is another SKU, o3 is no order, o2 has no AB
    assert valuation.sale_of(units, sales, products).tolist() == [1, 0, -1, 3, -1, -1]


def test_the_item_version_is_the_latest_begun() -> None:
    items = {"product": np.array([1, 0, 1]), "effective_from": np.array(["2026-01-01"] * 2 + ["2026-03-01"], "M8[D]")}
    days = np.array(["2025-12-31", "2026-01-01", "2026-02-28", "2026-03-01", "NaT"], "M8[D]")
    assert valuation.item_version(items, np.full(5, 1), days).tolist() == [-1, 0, 0, 2, -1]


def test_the_latest_inspection_weighs_where_it_has_a_weight() -> None:
    times = np.array(["2026-01-02", "2026-01-01", "2026-01-01", "2026-01-02"], "M8[s]")
    inspections = {
        "unit": np.array([0, 0, 1, 1]),
        "inspected_at": times,
        "scanned_weight_mg": np.array([700, 600, 500, UNKNOWN]),
    }
    items = {"weight_mg": np.array([100, UNKNOWN])}
    assert valuation.mass(inspections, items, np.array([0, 0, 1, -1])).tolist() == [700, 100, UNKNOWN, UNKNOWN]


def shares(cents: int, mass: list[int], landed: list[int]) -> list[int]:
    units = {"unit_mass_mg": np.array([9, *mass]), "landed_cost_reporting_e4": np.array([9, *landed])}
    charges = {"parcel": np.array([0]), "amount_e4": np.array([cents * 100])}
    charge, unit, amount = _share(charges, np.array([-1] + [0] * len(mass)), units)
    assert unit.tolist() == list(range(1, len(mass) + 1))
    assert set(charge.tolist()) == {0}
    return (amount // 100).tolist()


def test_a_parcel_amount_is_shared_by_mass_in_whole_cents() -> None:
    assert shares(100, [1, 1, 1], [5, 5, 5]) == [34, 33, 33]  # the tie goes to the smaller key
    assert shares(101, [1, 1, 1], [5, 5, 5]) == [34, 34, 33]
    assert shares(100, [1, 2, 3], [5, 5, 5]) == [17, 33, 50]  # remainders 4/6, 2/6, 0
    assert shares(1, [1, 5], [5, 5]) == [0, 1]


def test_a_credit_is_shared_like_the_charge_it_takes_back() -> None:
    assert shares(-100, [1, 2, 3], [5, 5, 5]) == [-17, -33, -50]


def test_without_all_weights_landed_cost_drives_and_without_those_nothing() -> None:
    assert shares(100, [1, UNKNOWN], [30, 10]) == [75, 25]
    assert shares(101, [1, UNKNOWN], [30, UNKNOWN]) == [51, 50]
