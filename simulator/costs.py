"""What the returns cost: lines of units, of parcels, of lots, and the pools of the return centres."""

from __future__ import annotations

import numpy as np

from simulator.calendar import CUTOFF, DAY, MONTHS, later
from simulator.catalogue import in_currency
from simulator.categories import among, filled
from simulator.exact import TEXT, UNKNOWN, Array, Frame, concat, counted, size, take
from simulator.fate import WASTED
from simulator.settlement import paid_at


class CostBook:
    """Collects cost lines: whole cents of their currency; a line names at most one object that caused it."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._parts: list[Frame] = []

    def charge(
        self, category: str, posted_at: Array, low: float, high: float, *, unit: Array | None = None,
        parcel: Array | None = None, lot: Array | None = None, node: Array | None = None, tracking: Array | None = None,
        currency: Array | None = None, cents: Array | None = None,
    ) -> None:  # fmt: skip
        """One line per object, per ``node`` (a pool) or per ``tracking`` number that is nobody's.

        ``cents`` in ``currency`` (CAD without one), or uniform between two amounts of CAD.

        None that post after the cutoff, or that were never caused (NaT).
        """
        n = len(posted_at)
        none, blank = np.full(n, -1, np.int32), np.full(n, "", dtype=TEXT)
        named = tracking if node is None else node
        own = np.full(n, "CAD") if currency is None else currency
        if cents is None:
            cad = self._rng.integers(round(low * 100), round(high * 100) + 1, n)
            cents = np.where(cad < 0, -in_currency(-cad, own), in_currency(cad, own))
        rows: Frame = {
            "unit": none if unit is None else unit.astype(np.int32),
            "parcel": none if parcel is None else parcel.astype(np.int32),
            "lot": none if lot is None else lot.astype(np.int32),
            "object_id": blank if named is None else named,
            "is_pool": np.full(n, node is not None),
            "category": filled(n, category),
            "amount_e4": cents * 100,
            "currency": own,
            "posted_at": posted_at,
        }
        self._parts.append(take(rows, posted_at < CUTOFF))

    def lines(self) -> Frame:
        """Every line in order of posting; empties the book."""
        lines = concat(self._parts)
        self._parts.clear()
        return take(lines, np.argsort(lines["posted_at"], kind="stable"))


def draw(
    rng: np.random.Generator, units: Frame, parcels: Frame, final: Frame, inspections: Frame, recoveries: Frame,
) -> Frame:  # fmt: skip
    """One row per native cost line; labels and carriers' invoices are not among them."""
    book = CostBook(rng)
    received, executed, code = units["received_at"], final["executed_at"], final["code"]
    shop, here = units["parcel"] >= 0, ~np.isnat(received)
    fba, done = ~shop, ~np.isnat(executed)
    theirs = np.where(shop, "CAD", units["currency"])

    def some(mask: Array, share: float = 1.0) -> Array:
        return np.flatnonzero(mask & (rng.random(len(mask)) < share))

    def after(at: Array, mean_days: float) -> Array:
        return later(rng, at, 1.5, mean_days)

    rows = some(here & shop, 0.995)
    book.charge("RCV", after(received[rows], 0.1), 1.7, 3.1, unit=rows)
    book.charge("INSP", after(inspections["inspected_at"], 0.1), 1.4, 3.9, unit=inspections["unit"])
    rows = some(here & fba)
    book.charge("FRT_RTN", after(received[rows], 1), 4.6, 9.9, unit=rows, currency=theirs[rows])
    book.charge("RCV", after(received[rows], 1), 2.4, 4.8, unit=rows, currency=theirs[rows])
    rows = some(shop & ~np.isnat(units["requested_at"]) & (units["fate"] != "LOST"), 0.45)
    book.charge("CS", after(units["requested_at"][rows], 3), 2.2, 5.2, unit=rows)
    rows = some(here & fba, 0.98)
    book.charge("OVH", after(received[rows], 20), 0.6, 1.2, unit=rows)
    rows = some(here, 0.8)
    book.charge("PAY", after(received[rows], 2), 0.4, 1.3, unit=rows, currency=theirs[rows])
    rows = some(done & shop & np.isin(code, ["RESTOCK_NEW", "RESELL_OPEN_BOX"]), 0.9)
    book.charge("RPK", executed[rows], 0.8, 2.9, unit=rows)
    rows = some(done & np.isin(code, ["REFURBISH_RESELL", "REPAIR_RETURN_OWNER"]))
    book.charge("REF_LAB", executed[rows], 6, 19, unit=rows)
    rows = rows[rng.random(len(rows)) < 0.6]
    book.charge("REF_PRT", executed[rows], 1.5, 14, unit=rows)
    rows = some(done & (code == "REMANUFACTURE"))
    book.charge("REMAN", executed[rows], 12, 30, unit=rows)
    rows = some(here & fba & ~final["implicit"], 0.5)
    book.charge("STO", after(received[rows], 25), 0.3, 1.6, unit=rows, currency=theirs[rows])
    rows = some(done & np.isin(code, WASTED), 0.95)
    book.charge("DISP", after(executed[rows], 4), 0.7, 4.4, unit=rows)
    rows = some(done & np.isin(code, ["LIQUIDATE_B2B", "SALVAGE", "LANDFILL", "RECYCLE"]), 0.8)
    book.charge("WRITE_DOWN", executed[rows], 4, 60, unit=rows)
    rows = some(done & (code == "KEPT_BY_CUSTOMER") & (units["landed_e4"] != UNKNOWN))
    book.charge("RFD_UNREC", executed[rows], 0, 0, unit=rows, cents=units["landed_e4"][rows] // 100)
    abused = inspections["is_fraud_confirmed"] == "true"
    book.charge("FRAUD", after(inspections["inspected_at"][abused], 9), 3, 25, unit=inspections["unit"][abused])
    sold = among(recoveries["category"], "REC_SALE")
    sale = take(recoveries, sold & (recoveries["gross_e4"] > 0))
    fee = sale["gross_e4"] // 100 * rng.integers(8, 14, size(sale)) // 100
    book.charge(
        "OUT_SEL", sale["recovered_at"], 0, 0, unit=sale["unit"], lot=sale["lot"], currency=sale["currency"], cents=fee
    )
    _parcel_costs(rng, book, parcels)
    _pools(rng, book, units)
    lines = book.lines()
    lines["paid_at"] = paid_at(lines["posted_at"], lines["currency"])
    return lines


def _parcel_costs(rng: np.random.Generator, book: CostBook, parcels: Frame) -> None:
    platform = ~parcels["on_account"] & (parcels["tracking_number"] != "")
    scanned, currency = platform & ~np.isnat(parcels["first_scan_at"]), parcels["currency"]
    arrived = ~np.isnat(parcels["received_at"])

    def some(mask: Array, share: float) -> Array:
        return np.flatnonzero(mask & (rng.random(len(mask)) < share))

    rows = some(scanned, 0.05)
    weeks = later(rng, parcels["label_at"][rows], 4.0, 35, 14 * DAY)
    book.charge("FRT_ADJ", weeks, 1.1, 13, parcel=rows, currency=currency[rows])
    rows = some(scanned, 0.006)
    credit = later(rng, parcels["label_at"][rows], 4.0, 40, 20 * DAY)
    book.charge("FRT_ADJ", credit, -7, -1, parcel=rows, currency=currency[rows])
    rows = some((parcels["country"] != "CA") & (parcels["tracking_number"] != "") & arrived, 1.0)
    book.charge("FRT_CONS", later(rng, parcels["received_at"][rows], 2, 3), 0.9, 2.9, parcel=rows)
    rows = some(platform & arrived & np.isin(parcels["duty_treatment"], ["DUTIABLE", "DRAWBACK"]), 1.0)
    at = later(rng, parcels["received_at"][rows], 2, 6)
    book.charge("BRK", at, 1.5, 6, parcel=rows)
    book.charge("DUTY_IN", at, 0.9, 8, parcel=rows)
    # bills for parcels that no return names: they stay unallocated
    n = 4
    stray = rng.integers(0, 200, n).astype("timedelta64[D]") + np.datetime64("2026-01-05T16:00:00", "s")
    unknown = np.char.mod("9499%012d", rng.integers(1, 10**11, n))
    book.charge("FRT_ADJ", stray, 3, 18, tracking=unknown)


def _pools(rng: np.random.Generator, book: CostBook, units: Frame) -> None:
    """Overhead and storage of each return centre, posted on the last evening of the month they are for."""
    shop = (units["parcel"] >= 0) & ~np.isnat(units["received_at"])
    node, month = units["node_id"][shop], units["received_at"][shop].astype("datetime64[M]")
    for name in np.unique(node):
        handled = counted(len(MONTHS), (month[node == name] - MONTHS[0]).astype(np.int64))
        closing = (MONTHS + 1).astype("datetime64[s]") - 3600
        for category, low, high in (("OVH", 70, 115), ("STO", 40, 90)):
            cents = 500 + handled * rng.integers(low, high, len(MONTHS))
            open_ = handled > 0
            pool = np.full(int(open_.sum()), name)
            book.charge(category, closing[open_], 0, 0, node=pool, cents=cents[open_])
