"""What came back: proceeds of units and of lots, credits that claims brought, drawback, fees charged."""

from __future__ import annotations

import numpy as np

from simulator import mistakes
from simulator.calendar import CUTOFF, DAY, later
from simulator.catalogue import MARKUP, in_currency
from simulator.categories import filled
from simulator.exact import TEXT, UNKNOWN, Array, Frame, concat, counted, size, take
from simulator.fate import IN_LOTS
from simulator.settlement import paid_at

_RESALE = {  # share of the selling price that the resale brings
    "RESTOCK_NEW": 0.60, "RESELL_OPEN_BOX": 0.50, "REFURBISH_RESELL": 0.44, "REMANUFACTURE": 0.42,
    "LIQUIDATE_B2B": 0.11, "SALVAGE": 0.04, "PARTS_HARVEST": 0.06,
}  # fmt: skip
_CREDITS = {"CARRIER": "REC_CAR", "VENDOR": "REC_RTV", "WARRANTY": "REC_WAR", "MARKETPLACE": "REC_MKT"}


def draw(rng: np.random.Generator, units: Frame, parcels: Frame, final: Frame, lots: Frame, claims: Frame) -> Frame:
    """One row per proceeds or credit line, gross; of ``unit``, ``parcel`` and ``lot`` two are -1."""
    basis = np.where(units["landed_e4"] == UNKNOWN, 300_000, units["landed_e4"]) // 100  # cents
    executed, code = final["executed_at"], final["code"]
    parts: list[Frame] = []

    def credit(
        category: str, at: Array, cents: Array, currency: Array, channel: str = "", *, unit: Array | None = None,
        parcel: Array | None = None, lot: Array | None = None,
    ) -> None:  # fmt: skip
        none = np.full(len(at), -1)
        frame: Frame = {
            "unit": none if unit is None else unit,
            "parcel": none if parcel is None else parcel,
            "lot": none if lot is None else lot,
            "category": filled(len(at), category),
            "gross_e4": cents * 100,
            "currency": currency.astype("U3"),
            "recovered_at": at,
            "resale_channel": np.full(len(at), channel, dtype=TEXT),
        }
        parts.append(take(frame, (at < CUTOFF) & (np.abs(frame["gross_e4"]) > 0)))

    abroad = np.where(units["parcel"] < 0, units["currency"], "CAD")  # the shop resells at home
    for name, share in _RESALE.items():
        alone = (final["lot"] < 0) & (units["status"] != "Reimbursed")
        rows = np.flatnonzero((code == name) & ~np.isnat(executed) & alone)
        rows = rows[rng.random(len(rows)) < 0.93]
        price = np.rint(basis[rows] * MARKUP * share * rng.uniform(0.85, 1.12, len(rows))).astype(np.int64)
        resale = "WEBSHOP" if share > 0.5 else "OUTLET" if share > 0.4 else "B2B_LOT"
        at = later(rng, executed[rows], 1.6, 17)
        credit("REC_SALE", at, in_currency(price, abroad[rows]), abroad[rows], resale, unit=rows)
    undone = take(parts[0], (rng.random(size(parts[0])) < 0.006) & (parts[0]["currency"] == "CAD"))
    undone["gross_e4"], undone["recovered_at"] = -undone["gross_e4"], undone["recovered_at"] + 6 * DAY
    parts.append(take(undone, undone["recovered_at"] < CUTOFF))
    at, cents = _lot_proceeds(rng, final, lots, basis)
    credit("REC_SALE", at, cents, np.full(len(at), "CAD"), "B2B_LOT", lot=np.arange(len(at)))
    for kind, category in _CREDITS.items():
        paid = take(claims, (claims["claim_kind"] == kind) & (claims["outcome"] == "PAID"))
        currency = np.full(size(paid), "CAD")
        at = later(rng, paid["settled_at"], 2.0, 4)
        credit(category, at, paid["paid_e4"] // 100, currency, unit=paid["unit"], parcel=paid["parcel"])
    rows = np.flatnonzero(
        (units["reason"] == "CHANGED_MIND") & ~np.isnat(units["received_at"]) & (units["parcel"] >= 0)
    )
    at = later(rng, units["received_at"][rows], 2.0, 2)
    credit("INC_FEE", at, rng.integers(3, 9, len(rows)) * 100, np.full(len(rows), "CAD"), unit=rows)
    # duty given back for what left again: the import had been dutiable, so it never had the free way as well
    single = counted(size(parcels), units["parcel"][units["parcel"] >= 0]) == 1
    claimed = single & (parcels["duty_treatment"] == "DRAWBACK") & ~np.isnat(parcels["received_at"])
    rows = np.flatnonzero(claimed[np.maximum(units["parcel"], 0)] & (units["parcel"] >= 0) & ~np.isnat(executed))
    at = later(rng, executed[rows], 3.0, 50, 30 * DAY)
    cents = rng.integers(30, 80, len(rows))  # less than the least duty
    credit("REC_DBK", at, in_currency(cents, units["currency"][rows]), units["currency"][rows], unit=rows)
    lines = mistakes.in_recoveries(rng.spawn(1)[0], concat(parts), units, parcels, final)
    lines = take(lines, np.argsort(lines["recovered_at"], kind="stable"))
    lines["paid_at"] = paid_at(lines["recovered_at"], lines["currency"])
    return lines


def _lot_proceeds(rng: np.random.Generator, final: Frame, lots: Frame, basis: Array) -> tuple[Array, Array]:
    """When each lot is paid, NaT while one of its units is still here, and what it brings in cents."""
    n = size(lots)
    rows = np.flatnonzero(final["lot"] >= 0)
    lot, executed = final["lot"][rows], final["executed_at"][rows]
    gone = np.full(n, np.datetime64("1970-01-01", "s"))
    np.maximum.at(gone, lot, executed)  # NaT spreads
    share = np.where(final["code"][rows] == IN_LOTS[0], _RESALE["LIQUIDATE_B2B"], _RESALE["SALVAGE"])
    worth = counted(n, lot, np.rint(basis[rows] * MARKUP * share).astype(np.int64))
    return later(rng, gone, 3.0, 15, 2 * DAY), worth * rng.integers(85, 113, n) // 100
