"""Money given back to customers, and what goes wrong with it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simulator.calendar import CUTOFF, DAY, later
from simulator.exact import TEXT, UNKNOWN, Array, Frame, concat, counted, rate_e8, size, take, to_reporting

_REFUNDED = ["CUSTOMER_RETURN", "EXCHANGE", "WARRANTY", "RECALL", "UNDELIVERABLE"]


def draw(rng: np.random.Generator, units: Frame, sales: Frame, parcels: Frame, final: Frame, fx: Frame) -> Frame:
    """One row per refund of a unit of the shop, in the currency of its order; reverses revenue, is not a cost.

    ``names_unit`` false: its document tells the order and not the unit.
    """
    n = size(units)
    sold = take(sales, np.maximum(units["sale"], 0))
    quantity = np.where(units["sale"] >= 0, sold["quantity"], 1)
    without = np.where(units["landed_e4"] == UNKNOWN, 300_000, units["landed_e4"]) // 100 * 190
    price = np.where(units["sale"] >= 0, sold["net_e4"] // quantity, without) // 100 * 100
    tax = np.where(units["sale"] >= 0, sold["tax_e4"] // quantity, 0) // 100 * 100
    currency = np.where(units["sale"] >= 0, sold["currency"], units["currency"])
    owed = (units["parcel"] >= 0) & np.isin(units["return_type"], _REFUNDED) & ~units["is_over"]
    exchanged = units["return_type"] == "EXCHANGE"
    parts: list[Frame] = []

    def refund(rows: Array, at: Array, exception: str = "", defect: str = "") -> Frame:
        method = rng.choice(["CARD", "CREDIT", "GIFT_CARD", "EXCHANGE"], len(rows), p=[0.79, 0.12, 0.04, 0.05])
        frame: Frame = {
            "unit": rows,
            "refund_e4": price[rows] + tax[rows],
            "tax_e4": tax[rows],
            "fee_e4": np.where(units["reason"][rows] == "CHANGED_MIND", 500 * 100, 0),
            "currency": currency[rows],
            "refunded_at": at,
            "method": np.where(exchanged[rows], "EXCHANGE", method),
            "exception_code": np.full(len(rows), exception, dtype=TEXT),
            "customer_ref": units["customer_ref"][rows],
            "names_unit": np.ones(len(rows), bool),
            "defect": np.full(len(rows), defect, dtype=TEXT),
        }
        parts.append(take(frame, at < CUTOFF))
        return parts[-1]

    parcel = np.maximum(units["parcel"], 0)
    scan = parcels["first_scan_at"][parcel]
    received = units["received_at"]
    # good customers have their money at the first scan
    early = owed & (rng.random(n) < 0.05) & ~np.isnat(scan) & (parcels["fate"][parcel] == "")
    rows = np.flatnonzero(early & (units["fate"] != "SHORT"))
    refund(rows, later(rng, scan[rows], 2.0, 0.2), "PRE_REFUND")
    rows = np.flatnonzero(owed & ~early & ~np.isnat(received))
    normal = refund(rows, later(rng, received[rows], 2.0, 3))
    rows = np.flatnonzero(final["code"] == "KEPT_BY_CUSTOMER")
    refund(rows, later(rng, final["decided_at"][rows], 2.0, 1), "KEEP_IT")
    rows = np.flatnonzero(owed & (parcels["fate"][parcel] == "LOST") & (scan < CUTOFF))
    refund(rows, later(rng, scan[rows], 3.0, 5, 15 * DAY), "LOST_CLAIM")
    _mistakes(rng, parts, normal, refund, units, sales, parcels, owed)
    lines = concat(parts)
    lines = take(lines, np.argsort(lines["refunded_at"], kind="stable"))
    rates = rate_e8(fx, lines["refunded_at"], lines["currency"])
    lines["reporting_e4"] = to_reporting(lines["refund_e4"], rates)
    return lines


def _mistakes(
    rng: np.random.Generator, parts: list[Frame], normal: Frame, refund: Callable[..., Frame], units: Frame,
    sales: Frame, parcels: Frame, owed: Array,
) -> None:  # fmt: skip
    """Too much, twice, and for nothing; each kind on order lines where it is no other mistake as well."""
    sale = units["sale"][normal["unit"]]
    sold = take(sales, np.maximum(sale, 0))
    returned = counted(size(sales), units["sale"][units["sale"] >= 0])[np.maximum(sale, 0)]
    single = np.flatnonzero((sale >= 0) & (sold["quantity"] == 1) & (returned == 1))
    wrong = np.sort(rng.permutation(single)[: max(2, len(single) // 150)])
    paid = (sold["net_e4"] + sold["tax_e4"] + np.maximum(sold["shipping_e4"], 0))[wrong]
    normal["refund_e4"][wrong] = paid + rng.integers(500, 4000, len(wrong)) * 100
    normal["defect"][wrong] = "over_refund"
    roomy = np.flatnonzero(
        (sale >= 0) & (sold["quantity"] >= 2 * returned) & (normal["refunded_at"] < CUTOFF - 30 * DAY)
    )
    twice = take(normal, np.sort(rng.permutation(roomy)[: max(2, len(roomy) // 40)]))
    twice["refunded_at"] = twice["refunded_at"] + rng.integers(4 * DAY, 25 * DAY, size(twice))
    twice["defect"] = np.full(size(twice), "double_refund", dtype=TEXT)
    parts.append(twice)
    parcel = np.maximum(units["parcel"], 0)
    never = (units["fate"] == "NO_SHOW") & owed & (parcels["label_at"][parcel] < CUTOFF - 95 * DAY)
    rows = np.flatnonzero(never)
    rows = np.sort(rng.permutation(rows)[: max(2, len(rows) // 12)])
    refund(rows, later(rng, parcels["label_at"][parcel[rows]], 3.0, 10, 10 * DAY), "", "refund_without_goods")
    # every second one tells the order only, where nothing of that order came or was left to the customer
    here = (units["sale"] >= 0) & (~np.isnat(units["received_at"]) | (units["fate"] == "KEPT"))
    sale = units["sale"][parts[-1]["unit"]]
    came = np.isin(sales["order"][np.maximum(sale, 0)], sales["order"][units["sale"][here]])
    parts[-1]["names_unit"] = (sale < 0) | came | (np.arange(len(sale)) % 2 == 1)
