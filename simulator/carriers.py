"""What the carriers bill for the labels on one's own account, invoice line by invoice line, mistakes included."""

from __future__ import annotations

import numpy as np

from simulator import mistakes
from simulator.calendar import CUTOFF, DAY, later
from simulator.catalogue import in_currency
from simulator.exact import TEXT, UNKNOWN, Array, Frame, concat, size, take


def draw_charges(rng: np.random.Generator, parcels: Frame) -> Frame:
    """One row per invoice line; ``parcel`` -1: the tracking number is nobody's. ``net_e4`` is negative for a credit."""
    account = parcels["on_account"] & (parcels["tracking_number"] != "")
    scanned = account & ~np.isnat(parcels["first_scan_at"])
    parts: list[Frame] = []

    def bill(kind: str, rows: Array, at: Array, cents: Array, defect: str = "") -> Frame:
        frame: Frame = {
            "parcel": rows,
            "carrier": parcels["carrier"][rows],
            "tracking_number": parcels["tracking_number"][rows],
            "charge_class": np.full(len(rows), kind, dtype=TEXT),
            "invoiced_at": at,
            "net_e4": cents * 100,
            "incentive_e4": np.where(cents > 0, cents * 100 // 500 * 100, UNKNOWN),
            "currency": parcels["currency"][rows],
            "billed_mg": parcels["billed_mg"][rows] if kind == "FREIGHT" else np.full(len(rows), UNKNOWN),
            "defect": np.full(len(rows), defect, dtype=TEXT),
        }
        parts.append(take(frame, at < CUTOFF))
        return parts[-1]

    def some(mask: Array, share: float) -> Array:
        return np.flatnonzero(mask & (rng.random(len(mask)) < share))

    def cents(rows: Array, low: float, high: float) -> Array:
        cad = rng.integers(round(low * 100), round(high * 100) + 1, len(rows))
        return np.where(
            cad < 0, -in_currency(-cad, parcels["currency"][rows]), in_currency(cad, parcels["currency"][rows])
        )

    rows = np.flatnonzero(scanned)
    quoted = parcels["label_e4"][rows] // 100
    percent = np.where(rng.random(len(rows)) < 0.12, rng.integers(102, 116, len(rows)), 100)
    percent = np.where(parcels["is_uplifted"][rows], rng.integers(130, 181, len(rows)), percent)
    freight = bill(
        "FREIGHT", rows, later(rng, parcels["first_scan_at"][rows], 3.0, 8, 2 * DAY), quoted * percent // 100
    )
    freight["defect"][parcels["is_uplifted"][freight["parcel"]]] = "weight_uplift"
    rows = some(scanned, 0.2)
    bill("SURCHARGE", rows, later(rng, parcels["first_scan_at"][rows], 3.0, 8, 2 * DAY), cents(rows, 0.8, 4.2))
    rows = some(scanned, 0.06)
    weeks = later(rng, parcels["label_at"][rows], 4.0, 35, 20 * DAY)
    bill("ADJUSTMENT", rows, weeks, cents(rows, 1.1, 12), "late_carrier_adjustment")
    rows = some(scanned, 0.012)
    weeks = later(rng, parcels["label_at"][rows], 4.0, 40, 24 * DAY)
    bill("CREDIT", rows, weeks, cents(rows, -6, -1), "carrier_credit_note")
    dutiable = account & np.isin(parcels["duty_treatment"], ["DUTIABLE", "DRAWBACK"])
    rows = np.flatnonzero(dutiable & ~np.isnat(parcels["received_at"]))
    at = later(rng, parcels["received_at"][rows], 2.0, 6)
    bill("DUTY", rows, at, cents(rows, 0.9, 14))
    bill("BROKERAGE", rows, at, cents(rows, 1.5, 6))
    # a label that was never used, and billed all the same
    idle = np.flatnonzero(account & (parcels["fate"] == "NO_SHOW") & (parcels["label_at"] < CUTOFF - 75 * DAY))
    idle = np.sort(rng.permutation(idle)[: max(1, len(idle) // 8)])
    at = later(rng, parcels["label_at"][idle], 3.0, 6, 20 * DAY)
    bill("FREIGHT", idle, at, parcels["label_e4"][idle] // 100, "unused_label_billed")
    # the same freight on a later invoice
    sound = np.flatnonzero((freight["defect"] == "") & (freight["invoiced_at"] < CUTOFF - 40 * DAY))
    twice = take(freight, np.sort(rng.permutation(sound)[: max(2, len(sound) // 60)]))
    twice["invoiced_at"] = later(rng, twice["invoiced_at"], 3.0, 5, 14 * DAY)
    twice["defect"] = np.full(size(twice), "duplicate_charge", dtype=TEXT)
    parts.append(take(twice, twice["invoiced_at"] < CUTOFF))
    parts.append(_strange(rng))
    charges = concat(parts)
    mistakes.in_charges(rng.spawn(1)[0], charges)
    charges = take(charges, np.argsort(charges["invoiced_at"], kind="stable"))
    week = charges["invoiced_at"].astype("datetime64[D]").astype(np.int64) // 7
    charges["invoice_id"] = np.char.add(np.char.add(charges["carrier"], "-"), np.char.mod("%05d", week))
    order = np.argsort(charges["invoice_id"], kind="stable")
    _, first, count = np.unique(charges["invoice_id"][order], return_index=True, return_counts=True)
    line = np.empty(size(charges), np.int64)
    line[order] = np.arange(size(charges)) - np.repeat(first, count) + 1
    charges["invoice_line"] = np.char.mod("%d", line)
    return charges


def _strange(rng: np.random.Generator) -> Frame:
    """Charges for tracking numbers that no label has."""
    n = 3
    at = rng.integers(0, 200, n).astype("timedelta64[D]") + np.datetime64("2026-01-06T16:00:00", "s")
    return {
        "parcel": np.full(n, -1),
        "carrier": np.full(n, "UPS"),
        "tracking_number": np.char.mod("1Z99%010d", rng.integers(1, 10**9, n)),
        "charge_class": np.full(n, "FREIGHT"),
        "invoiced_at": at,
        "net_e4": rng.integers(600, 2400, n) * 100,
        "incentive_e4": np.full(n, UNKNOWN),
        "currency": np.full(n, "CAD"),
        "billed_mg": np.full(n, UNKNOWN),
        "defect": np.full(n, "unmatched_charge", dtype=TEXT),
    }
