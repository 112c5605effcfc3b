"""The webshop's returns: orders, return authorisations of one to three lines, parcels with labels, units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.calendar import CUTOFF, DAY, arrivals, known, later
from simulator.catalogue import FX_FIRST
from simulator.exact import NAT, UNKNOWN, Array, Frame, concat, size, take

# what a parcel holds: (authorisation within the parcel, its line, quantity) per line, and how often
_PARCELS: list[tuple[float, list[tuple[int, int, int]]]] = [
    (0.60, [(0, 1, 1)]),
    (0.10, [(0, 1, 2)]),
    (0.15, [(0, 1, 1), (0, 2, 1)]),
    (0.06, [(0, 1, 1), (0, 2, 1), (0, 3, 1)]),
    (0.03, [(0, 1, 3)]),
    (0.03, [(0, 1, 2), (0, 2, 1)]),
    (0.03, [(0, 1, 1), (1, 1, 1)]),
]
_REASONS = {
    "APPAREL": (["SIZE_TOO_SMALL", "SIZE_TOO_LARGE", "STYLE", "COLOR", "UNWANTED", "NOT_AS_DESCRIBED", "DEFECTIVE"],
                [0.30, 0.26, 0.12, 0.06, 0.12, 0.08, 0.06]),
    "ELECTRONICS": (["DEFECTIVE", "UNWANTED", "NOT_AS_DESCRIBED", "INCOMPATIBLE", "MISSING_PARTS", "WRONG_ITEM"],
                    [0.46, 0.24, 0.10, 0.10, 0.06, 0.04]),
    "HOME_IMPROVEMENT": (["UNWANTED", "WRONG_ITEM", "DAMAGED_TRANSIT", "DEFECTIVE", "NOT_AS_DESCRIBED", "OTHER"],
                         [0.38, 0.12, 0.16, 0.16, 0.12, 0.06]),
}  # fmt: skip
REFUND_AFTER = np.timedelta64(20, "D")  # when the carrier takes an unused label back


@dataclass(frozen=True)
class Webshop:
    """The channel's true tables: one row per order line, parcel, return line and returned unit."""

    sales: Frame
    parcels: Frame
    lines: Frame
    units: Frame


def draw(rng: np.random.Generator, wanted: int, products: Frame, fx_first: np.datetime64 = FX_FIRST) -> Webshop:
    """About ``wanted`` units asked to be returned, some of which never arrive."""
    parcels, lines = _parcels_and_lines(rng, wanted, products)
    sales = _sales(rng, parcels, lines, fx_first)
    units = _units(lines)
    return Webshop(sales, parcels, lines, units)


def _parcels_and_lines(rng: np.random.Generator, wanted: int, products: Frame) -> tuple[Frame, Frame]:
    shares = np.array([share for share, _ in _PARCELS])
    pattern = rng.choice(len(_PARCELS), wanted, p=shares / shares.sum())
    units_in = np.array([sum(q for _, _, q in content) for _, content in _PARCELS])[pattern]
    pattern = pattern[: int(np.searchsorted(np.cumsum(units_in), wanted)) + 1]
    parcels = _parcels(rng, len(pattern))
    inside = parcels["label_at"] < CUTOFF
    parcels, pattern = take(parcels, inside), pattern[inside]

    n_lines = np.array([len(content) for _, content in _PARCELS])[pattern]
    n_rmas = np.array([max(r for r, _, _ in content) + 1 for _, content in _PARCELS])[pattern]
    parcel = np.repeat(np.arange(len(pattern)), n_lines)
    position = np.arange(len(parcel)) - np.repeat(np.cumsum(n_lines) - n_lines, n_lines)
    content = np.zeros((len(_PARCELS), 3, 3), dtype=np.int64)
    for p, (_, rows) in enumerate(_PARCELS):
        content[p, : len(rows)] = rows
    offset, line, quantity = content[pattern[parcel], position].T
    rma = (np.cumsum(n_rmas) - n_rmas)[parcel] + offset
    n = len(parcel)
    product = rng.choice(size(products), n, p=products["popularity"])
    reason = np.full(n, "", dtype="U24")
    for category, (codes, shares_) in _REASONS.items():
        of_it = products["category"][product] == category
        reason[of_it] = rng.choice(codes, int(of_it.sum()), p=shares_)
    odd = rng.choice(n, max(3, n // 400), replace=False)
    reason[odd] = rng.choice(["VOIR-NOTE", "code 99", "autre_motif_client"], len(odd))
    label = np.full(n, "", dtype="U40")
    label[odd] = "unmapped_reason"
    received = parcels["received_at"][parcel]
    lpn = np.where((quantity == 1) & (rng.random(n) < 0.1) & ~np.isnat(received), np.char.mod("WL%08d", rma), "")
    # two lines of one authorisation may not share a plate
    lpn = np.where(line == 1, lpn, "")
    return parcels, {
        "rma_id": np.char.mod("RMA-%07d", 1_000_001 + rma),
        "rma_line": line.astype("U1"),
        "rma": rma,
        "parcel": parcel,
        "quantity": quantity,
        "product": product,
        "reason_code": reason,
        "return_type": np.where((reason == "DEFECTIVE") & (rng.random(n) < 0.35), "WARRANTY", "CUSTOMER_RETURN"),
        "lpn": lpn,
        "serial_number": np.where(
            (quantity == 1) & (products["category"][product] == "ELECTRONICS"),
            np.char.mod("SN%09d", 410_000_000 + np.arange(n) * 7),
            "",
        ),
        "defect": label,
    }


def _parcels(rng: np.random.Generator, n: int) -> Frame:
    received = np.sort(arrivals(rng, n, 14, (12.5, 27.0)))
    delivered = received - np.rint(rng.uniform(0.1, 1.4, n) * DAY).astype(np.int64)
    us = rng.random(n) < 0.25
    transit = np.rint((1.5 + rng.gamma(2.2, np.where(us, 2.4, 1.7), n)) * DAY).astype(np.int64)
    first_scan = delivered - transit
    dwell = np.rint(np.clip(rng.lognormal(np.log(5), 0.7, n), 0.2, 30) * DAY).astype(np.int64)
    label_at = first_scan - dwell
    fate = rng.choice(["", "NO_SHOW", "LOST"], n, p=[0.935, 0.058, 0.007])
    cents = np.rint(np.where(us, 780, 890) + rng.gamma(2.0, 190, n)).astype(np.int64)
    unbought = rng.random(n) < 0.004
    refunded = (fate == "NO_SHOW") & (rng.random(n) < 0.15) & (label_at + REFUND_AFTER < CUTOFF)
    scanned, arrived = fate != "NO_SHOW", fate == ""
    return {
        "tracking_number": np.char.mod("9400%012d", 100_000_000_000 + rng.permutation(n) * 9973),
        "easypost_id": np.char.mod("%032x", np.arange(n) + 0x5EED0000),
        "fate": fate,
        "is_us": us,
        "requested_at": label_at - rng.integers(600, 9 * 3600, n),
        "authorised_at": label_at - rng.integers(60, 600, n),
        "label_at": label_at,
        "first_scan_at": known(np.where(scanned, first_scan, NAT)),
        "delivered_at": known(np.where(arrived, delivered, NAT)),
        "received_at": known(np.where(arrived, received, NAT)),
        "label_e4": np.where(unbought, UNKNOWN, cents * 100),
        "currency": np.where(us, "USD", "CAD"),
        "refund_status": np.where(refunded, "refunded", ""),
        "carrier": np.where(us, "USPS", rng.choice(["CanadaPost", "Purolator"], n, p=[0.8, 0.2])),
        "weight_oz": rng.integers(60, 2400, n) / 10.0,
    }


def _sales(rng: np.random.Generator, parcels: Frame, lines: Frame, fx_first: np.datetime64) -> Frame:
    """The order lines behind the return lines; adds order_id and order_line (as the return names it) to the lines."""
    n = size(lines)
    rma, parcel = lines["rma"], lines["parcel"]
    n_rmas = int(rma.max()) + 1
    before = later(rng, np.zeros(n_rmas, "datetime64[s]"), 2.0, 16, 3 * DAY).astype(np.int64)[rma]
    ordered = np.maximum(parcels["requested_at"][parcel] - before, fx_first.astype("datetime64[s]") + DAY)
    single = np.bincount(rma)[rma] == 1
    twin = single & (rng.random(n) < 0.02)  # the same SKU stands on two lines of the order
    missing = rng.random(n) < 0.006  # sold before the export begins
    named = np.where(twin, rng.random(n) < 0.5, rng.random(n) < 0.6)
    order_id = np.char.mod("W%07d", 2_000_001 + rma)
    line = np.where(twin, "2", lines["rma_line"])
    lines["order_id"] = np.where(missing, np.char.replace(order_id, "W2", "V2"), order_id)
    lines["order_line"] = np.where(named & ~missing, line, "")
    lines["customer_ref"] = np.char.mod("C%06d", (rma * 7919) % 400_000)
    us = parcels["is_us"][parcel]
    sold: Frame = {
        "order_id": order_id,
        "order_line": line,
        "ordered_at": ordered,
        "shipped_at": later(rng, ordered, 2.0, 1.2),
        "product": lines["product"],
        "quantity": lines["quantity"] + (rng.random(n) < 0.2),
        "price_cents": np.zeros(n, np.int64),
        "currency": np.where(us, "USD", "CAD"),
        "unit_landed_e4": np.where(rng.random(n) < 0.03, rng.integers(80_000, 900_000, n), UNKNOWN),
        "channel": np.full(n, "WEBSHOP"),
        "ship_to_country": np.where(us, "US", "CA"),
        "customer_ref": lines["customer_ref"],
    }
    sibling = take(sold, twin)
    sibling["order_line"] = np.full(int(twin.sum()), "1")
    sibling["unit_landed_e4"] = rng.integers(80_000, 900_000, int(twin.sum()))
    return concat([take(sold, ~missing), sibling])


def _units(lines: Frame) -> Frame:
    line = np.repeat(np.arange(size(lines)), lines["quantity"])
    first = np.repeat(np.cumsum(lines["quantity"]) - lines["quantity"], lines["quantity"])
    return {"line": line, "unit_ordinal": np.arange(len(line)) - first + 1}


def other_sales(rng: np.random.Generator, n: int, products: Frame, first: np.datetime64, last: np.datetime64) -> Frame:
    """Order lines of which nothing came back."""
    seconds = int((last - first) / np.timedelta64(1, "s"))
    ordered: Array = first.astype("datetime64[s]") + np.sort(rng.integers(0, seconds, n))
    us = rng.random(n) < 0.25
    return {
        "order_id": np.char.mod("W%07d", 5_000_001 + np.arange(n)),
        "order_line": np.full(n, "1"),
        "ordered_at": ordered,
        "shipped_at": later(rng, ordered, 2.0, 1.2),
        "product": rng.choice(size(products), n, p=products["popularity"]),
        "quantity": rng.choice([1, 2, 3], n, p=[0.8, 0.15, 0.05]),
        "price_cents": np.zeros(n, np.int64),
        "currency": np.where(us, "USD", "CAD"),
        "unit_landed_e4": np.full(n, UNKNOWN),
        "channel": np.full(n, "WEBSHOP"),
        "ship_to_country": np.where(us, "US", "CA"),
        "customer_ref": np.char.mod("C%06d", rng.integers(0, 400_000, n)),
    }
