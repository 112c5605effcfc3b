"""What the returns cost and what came back: cost lines, recoveries and refunds."""

from __future__ import annotations

import numpy as np

from simulator.calendar import CUTOFF, DAY, later
from simulator.exact import UNKNOWN, Array, Frame, concat, size, take

_RESALE = {  # share of the selling price that the resale brings
    "RESTOCK_NEW": 0.60, "RESELL_OPEN_BOX": 0.50, "REFURBISH_RESELL": 0.44, "REMANUFACTURE": 0.42,
    "LIQUIDATE_B2B": 0.11, "SALVAGE": 0.04, "PARTS_HARVEST": 0.06,
}  # fmt: skip
MARKUP = 1.9  # selling price over landed cost


class CostBook:
    """Collects cost lines: unit costs by unit, parcel costs by parcel. Amounts are whole cents of their currency."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._parts: list[Frame] = []

    def charge(
        self, category: str, posted_at: Array, low: float, high: float, *, unit: Array | None = None,
        parcel: Array | None = None, tracking: Array | None = None, usd: Array | None = None, planned: str = "",
        label: str = "",
    ) -> None:  # fmt: skip
        """One line per unit or parcel, uniform between two amounts, in USD where ``usd``.

        None that post after the cutoff, or that were never caused (NaT).
        """
        n = len(posted_at)
        none = np.full(n, -1)
        cents = self._rng.integers(round(low * 100), round(high * 100) + 1, n)
        foreign = np.zeros(n, bool) if usd is None else usd
        rows: Frame = {
            "unit": none if unit is None else unit,
            "parcel": none if parcel is None else parcel,
            "tracking_number": np.full(n, "", dtype="U20") if tracking is None else tracking,
            "category_code": np.full(n, category, dtype="U12"),
            "amount_e4": np.where(foreign, cents * 100 // 137, cents) * 100,
            "currency": np.where(foreign, "USD", "CAD"),
            "posted_at": posted_at,
            "is_planned": np.full(n, planned, dtype="U5"),
            "defect": np.full(n, label, dtype="U40"),
        }
        self._parts.append(take(rows, posted_at < CUTOFF))

    def add(self, rows: Frame) -> None:
        """Lines made elsewhere, of the same columns."""
        self._parts.append(rows)

    def lines(self) -> Frame:
        """Every line in order of posting."""
        all_lines = concat(self._parts)
        return take(all_lines, np.argsort(all_lines["posted_at"], kind="stable"))


def draw_costs(
    rng: np.random.Generator, units: Frame, parcels: Frame, final: Frame, inspections: Frame, recoveries: Frame
) -> Frame:
    """One row per native cost line; labels bought through the carrier are not among them."""
    book = CostBook(rng)
    received, us = units["received_at"], units["is_us"]
    shop, fba = units["parcel"] >= 0, units["parcel"] < 0
    executed, code = final["executed_at"], final["code"]

    def some(mask: Array, share: float = 1.0) -> Array:
        return np.flatnonzero(mask & (rng.random(len(mask)) < share))

    def after(at: Array, mean_days: float) -> Array:
        return later(rng, at, 1.5, mean_days)

    rows = some(~np.isnat(received) & shop, 0.995)
    book.charge("RCV", after(received[rows], 0.1), 1.7, 3.1, unit=rows)
    book.charge("INSP", after(inspections["inspected_at"], 0.1), 1.4, 3.9, unit=inspections["unit"])
    rows = some(~np.isnat(received) & fba)
    book.charge("FRT_RTN", after(received[rows], 1), 4.6, 9.9, unit=rows, usd=us[rows])
    book.charge("RCV", after(received[rows], 1), 2.4, 4.8, unit=rows, usd=us[rows])
    rows = some(shop & (units["fate"] != "LOST"), 0.45)
    book.charge("CS", after(units["requested_at"][rows], 3), 2.2, 5.2, unit=rows)
    rows = some(~np.isnat(received), 0.98)
    book.charge("OVH", after(received[rows], 20), 0.6, 1.2, unit=rows)
    rows = some(~np.isnat(received), 0.8)
    book.charge("PAY", after(received[rows], 2), 0.4, 1.3, unit=rows, usd=us[rows] & fba[rows])
    rows = some(~np.isnat(executed) & shop & np.isin(code, ["RESTOCK_NEW", "RESELL_OPEN_BOX"]), 0.9)
    book.charge("RPK", executed[rows], 0.8, 2.9, unit=rows)
    rows = some(~np.isnat(executed) & np.isin(code, ["REFURBISH_RESELL", "REPAIR_RETURN_OWNER"]))
    book.charge("REF_LAB", executed[rows], 6, 19, unit=rows)
    rows = rows[rng.random(len(rows)) < 0.6]
    book.charge("REF_PRT", executed[rows], 1.5, 14, unit=rows)
    rows = some(~np.isnat(executed) & (code == "REMANUFACTURE"))
    book.charge("REMAN", executed[rows], 12, 30, unit=rows)
    rows = some(~np.isnat(received) & ~final["implicit"], 0.5)
    book.charge("STO", after(received[rows], 25), 0.3, 1.6, unit=rows, usd=us[rows] & fba[rows])
    wasted = np.isin(code, ["RECYCLE", "LANDFILL", "PARTS_HARVEST", "ENERGY_RECOVERY", "INCINERATE",
                            "DESTROY_CERTIFIED", "COMPOST_AD"])  # fmt: skip
    rows = some(~np.isnat(executed) & wasted, 0.95)
    book.charge("DISP", after(executed[rows], 4), 0.7, 4.4, unit=rows)
    rows = some(~np.isnat(executed) & np.isin(code, ["LIQUIDATE_B2B", "SALVAGE", "LANDFILL", "RECYCLE"]), 0.8)
    book.charge("WRITE_DOWN", executed[rows], 4, 60, unit=rows)
    sale = take(recoveries, (recoveries["category_code"] == "REC_SALE") & (recoveries["gross_e4"] > 0))
    fee_share = rng.integers(8, 14, size(sale))
    book.add({
        "unit": sale["unit"], "parcel": np.full(size(sale), -1),
        "tracking_number": np.full(size(sale), "", dtype="U20"),
        "category_code": np.full(size(sale), "OUT_SEL", dtype="U12"),
        "amount_e4": sale["gross_e4"] // 100 * fee_share // 100 * 100,
        "currency": sale["currency"], "posted_at": sale["recovered_at"],
        "is_planned": np.full(size(sale), "", dtype="U5"), "defect": np.full(size(sale), "", dtype="U40"),
    })  # fmt: skip
    _parcel_costs(rng, book, parcels)
    return book.lines()


def _parcel_costs(rng: np.random.Generator, book: CostBook, parcels: Frame) -> None:
    scanned, us = ~np.isnat(parcels["first_scan_at"]), parcels["is_us"]

    def some(mask: Array, share: float) -> Array:
        return np.flatnonzero(mask & (rng.random(len(mask)) < share))

    rows = some(scanned, 0.05)
    weeks = later(rng, parcels["label_at"][rows], 4.0, 35, 14 * DAY)
    late = "late_carrier_adjustment"
    book.charge("FRT_ADJ", weeks, 1.1, 13, parcel=rows, usd=us[rows], planned="false", label=late)
    rows = some(scanned, 0.006)
    credit = later(rng, parcels["label_at"][rows], 4.0, 40, 20 * DAY)
    book.charge("FRT_ADJ", credit, -7, -1, parcel=rows, usd=us[rows], planned="false", label="carrier_credit_note")
    rows = some(us & ~np.isnat(parcels["received_at"]), 1.0)
    book.charge("FRT_CONS", later(rng, parcels["received_at"][rows], 2, 3), 0.9, 2.9, parcel=rows)
    rows = rows[rng.random(len(rows)) < 0.35]
    book.charge("BRK", later(rng, parcels["received_at"][rows], 2, 6), 1.5, 6, parcel=rows)
    rows = rows[rng.random(len(rows)) < 0.6]
    book.charge("DUTY_IN", later(rng, parcels["received_at"][rows], 2, 6), 0.9, 8, parcel=rows, planned="false")
    # bills for parcels that no return names: they stay unallocated
    n = 4
    stray = rng.integers(0, 200, n).astype("timedelta64[D]") + np.datetime64("2026-01-05T16:00:00", "s")
    unknown = np.char.mod("9499%012d", rng.integers(1, 10**11, n))
    book.charge("FRT_ADJ", stray, 3, 18, tracking=unknown, planned="false", label="orphan_parcel_cost")


def draw_recoveries(rng: np.random.Generator, units: Frame, final: Frame, landed_e4: Array) -> Frame:
    """One row per proceeds or credit line, gross."""
    basis = np.where(landed_e4 == UNKNOWN, 300_000, landed_e4) // 100  # cents
    executed, code = final["executed_at"], final["code"]
    usd = units["is_us"] & (units["parcel"] < 0)
    parts: list[Frame] = []

    def credit(category: str, rows: Array, cents: Array, at: Array, channel: str = "") -> None:
        frame: Frame = {
            "unit": rows,
            "category_code": np.full(len(rows), category, dtype="U10"),
            "gross_e4": np.where(usd[rows], cents * 100 // 137, cents) * 100,
            "currency": np.where(usd[rows], "USD", "CAD"),
            "recovered_at": at,
            "resale_channel": np.full(len(rows), channel, dtype="U20"),
        }
        parts.append(take(frame, (at < CUTOFF) & (np.abs(frame["gross_e4"]) > 0)))

    for name, share in _RESALE.items():
        rows = np.flatnonzero((code == name) & ~np.isnat(executed) & (units["status"] != "Reimbursed"))
        rows = rows[rng.random(len(rows)) < 0.93]
        price = basis[rows] * MARKUP * share * rng.uniform(0.85, 1.12, len(rows))
        resale = "WEBSHOP" if share > 0.5 else "OUTLET" if share > 0.4 else "B2B_LOT"
        credit("REC_SALE", rows, np.rint(price).astype(np.int64), later(rng, executed[rows], 1.6, 17), resale)
    reversed_ = take(parts[0], rng.random(size(parts[0])) < 0.006)
    reversed_["gross_e4"], reversed_["recovered_at"] = -reversed_["gross_e4"], reversed_["recovered_at"] + 6 * DAY
    parts.append(take(reversed_, reversed_["recovered_at"] < CUTOFF))
    rows = np.flatnonzero((code == "RETURN_TO_VENDOR") & ~np.isnat(executed))
    rows = rows[rng.random(len(rows)) < 0.9]
    credit("REC_RTV", rows, basis[rows] * rng.integers(60, 101, len(rows)) // 100, later(rng, executed[rows], 3, 30))
    rows = np.flatnonzero((units["return_type"] == "WARRANTY") & ~np.isnat(executed) & (code != "RETURN_TO_VENDOR"))
    credit("REC_WAR", rows, basis[rows] * rng.integers(25, 70, len(rows)) // 100, later(rng, executed[rows], 3, 40))
    rows = np.flatnonzero(units["status"] == "Reimbursed")
    arrived = units["received_at"]
    credit("REC_MKT", rows, basis[rows] * rng.integers(110, 160, len(rows)) // 100, later(rng, arrived[rows], 3, 9))
    damaged = (units["reason_code"] == "DAMAGED_TRANSIT") & ~np.isnat(arrived) & (rng.random(len(code)) < 0.3)
    rows = np.flatnonzero(damaged | (units["fate"] == "LOST"))
    claimed = later(rng, np.where(np.isnat(arrived), units["requested_at"], arrived)[rows], 4, 30, 12 * DAY)
    credit("REC_CAR", rows, basis[rows] * rng.integers(50, 101, len(rows)) // 100, claimed)
    rows = np.flatnonzero((units["reason_code"] == "UNWANTED") & ~np.isnat(arrived))
    credit("INC_FEE", rows, rng.integers(3, 9, len(rows)) * 100, later(rng, arrived[rows], 2, 2))
    lines = concat(parts)
    return take(lines, np.argsort(lines["recovered_at"], kind="stable"))


def draw_refunds(rng: np.random.Generator, units: Frame, landed_e4: Array) -> Frame:
    """One row per refund of a webshop unit; money back to the customer, not a cost."""
    rows = np.flatnonzero((units["parcel"] >= 0) & ~np.isnat(units["received_at"]))
    at = later(rng, units["received_at"][rows], 2.0, 3)
    cents = np.rint(np.where(landed_e4[rows] == UNKNOWN, 300_000, landed_e4[rows]) / 100 * MARKUP).astype(np.int64)
    fee = np.where(units["reason_code"][rows] == "UNWANTED", 500, 0)
    refunds: Frame = {
        "unit": rows,
        "refund_e4": np.where(units["is_us"][rows], cents * 100 // 137, cents) * 100,
        "fee_e4": fee * 100,
        "currency": np.where(units["is_us"][rows], "USD", "CAD"),
        "refunded_at": at,
        "method": rng.choice(["CARD", "CREDIT", "EXCHANGE"], len(rows), p=[0.8, 0.12, 0.08]),
    }
    refunds = take(refunds, at < CUTOFF)
    return take(refunds, np.argsort(refunds["refunded_at"], kind="stable"))
