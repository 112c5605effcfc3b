from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from simulator import valuation
from simulator.exact import TEXT, UNKNOWN, rate_e8, text, to_reporting
from simulator.sharing import EQUALLY, MASS, MINUTES, VALUE, shared


def test_reporting_amounts_round_half_away_from_zero() -> None:
    amounts = np.array([1, -1, 3, 10_000, -10_000])
    assert to_reporting(amounts, np.full(5, 150_000_000)).tolist() == [2, -2, 5, 15_000, -15_000]
    assert to_reporting(np.array([1, -1]), np.full(2, 149_999_999)).tolist() == [1, -1]


def test_the_rate_is_that_of_the_utc_day_and_one_for_cad() -> None:
    days = np.arange("2026-01-01", "2026-01-03", dtype="datetime64[D]")
    fx = {
        "currency": np.array(["EUR", "EUR", "USD", "USD"]),
        "day": np.concatenate([days, days]),
        "rate_e8": np.array([33, 44, 11, 22]),
    }
    at = np.array(["2026-01-01T23:59:59", "2026-01-02T00:00:00", "1999-01-01T00:00:00", "2026-01-02"], "datetime64[s]")
    assert rate_e8(fx, at, np.array(["USD", "USD", "CAD", "EUR"])).tolist() == [11, 22, 100_000_000, 44]
    with pytest.raises(IndexError, match="outside the days"):
        rate_e8(fx, at, np.array(["USD", "USD", "USD", "EUR"]))
    with pytest.raises(IndexError, match="GBP"):
        rate_e8(fx, at, np.array(["USD", "USD", "CAD", "GBP"]))


def test_text_keeps_all_places() -> None:
    assert [text(v, 4) for v in (0, 5, -5, 123_456)] == ["0.0000", "0.0005", "-0.0005", "12.3456"]


def test_the_sale_is_the_named_line_else_the_lowest_of_the_sku() -> None:
    sales = {
        "order": np.array([1, 1, 1, 2]),
        "order_line": np.array(["3", "2", "1", "1"]),
        "product": np.array([0, 0, 1, 0]),
    }
    units = {
        "order": np.array([1, 1, 1, 2, 3, 2, -1]),
        "order_line": np.array(["", "3", "1", "", "", "", ""]),
        "product": np.array([0, 0, 0, 0, 0, 1, 0]),
    }
    # line 1 of order 1 is another SKU, 3 is no order, 2 has no SKU 1, the last was never sold
    assert valuation.sale_of(units, sales).tolist() == [1, 0, -1, 3, -1, -1, -1]


def test_the_price_of_a_unit_is_its_part_of_the_line_rounded_away_from_zero() -> None:
    sales = {"net_reporting_e4": np.array([100_001, 100_000]), "quantity": np.array([2, 3])}
    assert valuation.unit_price({"sale": np.array([0, 1, -1])}, sales).tolist() == [50_001, 33_333, UNKNOWN]


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


def share(
    cents: int, mass: list[int], landed: list[int], driver: int = MASS, *, group: str = "parcel",
    minutes: list[int] | None = None,
) -> list[int]:  # fmt: skip
    """Cents by unit of one charge on the units of one parcel, lot or return centre; a stranger stands before them."""
    n = len(mass)
    at = np.full(n + 1, np.datetime64("2026-03-10", "s"))
    world = SimpleNamespace(
        units={
            "parcel": np.array([1] + [0] * n), "rank": np.arange(n + 1), "received_at": at,
            "node_id": np.array(["OTHER"] + ["HERE"] * n, dtype=TEXT),
        },
        parcels={"row": np.arange(2)},
        lots={"row": np.arange(1)},
        final={"lot": np.array([-1] + [0] * n)},
        inspections={"unit": np.arange(n + 1), "minutes_e4": np.array([9, *(minutes or [UNKNOWN] * n)])},
    )  # fmt: skip
    ledger = {"unit_mass_mg": np.array([9, *mass]), "landed_cost_reporting_e4": np.array([9, *landed])}
    records = {
        "unit": np.array([-1]), "parcel": np.array([0 if group == "parcel" else -1]),
        "lot": np.array([0 if group == "lot" else -1]), "is_pool": np.array([group == "node"]),
        "object_id": np.array(["HERE" if group == "node" else ""], dtype=TEXT),
        "driver": np.array([driver]), "amount_e4": np.array([cents * 100]),
    }  # fmt: skip
    posted = np.array(["2026-03-31T23:00:00"], "datetime64[s]")
    found = shared(world, ledger, records, "amount_e4", posted)  # type: ignore[arg-type]
    assert found["unit"].tolist() == list(range(1, n + 1))
    return (found["amount_e4"] // 100).tolist()


def test_a_parcel_amount_is_shared_by_mass_in_whole_cents() -> None:
    assert share(100, [1, 1, 1], [5, 5, 5]) == [34, 33, 33]  # the tie goes to the smaller key
    assert share(101, [1, 1, 1], [5, 5, 5]) == [34, 34, 33]
    assert share(100, [1, 2, 3], [5, 5, 5]) == [17, 33, 50]  # remainders 4/6, 2/6, 0
    assert share(1, [1, 5], [5, 5]) == [0, 1]


def test_a_credit_is_shared_like_the_charge_it_takes_back() -> None:
    assert share(-100, [1, 2, 3], [5, 5, 5]) == [-17, -33, -50]


def test_without_all_weights_landed_cost_drives_and_without_those_nothing() -> None:
    assert share(100, [1, UNKNOWN], [30, 10]) == [75, 25]
    assert share(101, [1, UNKNOWN], [30, UNKNOWN]) == [51, 50]


def test_duty_and_lots_follow_the_value() -> None:
    assert share(100, [1, 3], [30, 10], VALUE) == [75, 25]
    assert share(100, [1, 3], [30, UNKNOWN], VALUE) == [50, 50]
    assert share(100, [1, 3], [30, 10], VALUE, group="lot") == [75, 25]


def test_a_centre_shares_overhead_by_minutes_and_storage_equally() -> None:
    assert share(100, [1, 3], [30, 10], MINUTES, group="node", minutes=[10, 30]) == [25, 75]
    assert share(100, [1, 3], [30, 10], MINUTES, group="node", minutes=[UNKNOWN, 30]) == [0, 100]
    assert share(100, [1, 3], [30, 10], MINUTES, group="node") == [50, 50]
    assert share(100, [1, 3], [30, 10], EQUALLY, group="node", minutes=[10, 30]) == [50, 50]
