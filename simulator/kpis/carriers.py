"""The true measures of ``carriers.yml``: did parcels move, on time and at the price agreed."""

from __future__ import annotations

import numpy as np

from simulator.calendar import DAY
from simulator.exact import UNKNOWN, Array, counted, rate_e8, size, take, to_reporting
from simulator.kpis.base import AS_OF, Book, Facts


def tell(facts: Facts, book: Book) -> None:
    """Adds every measure of carriers to the book."""
    parcels, received = facts.world.parcels, facts.units["received_at"]
    scan, delivered, promised = parcels["first_scan_at"], parcels["delivered_at"], parcels["promised_at"]
    due = ~np.isnat(promised)
    book.add("PARCELS_DELIVERED_PROMISED", delivered[due])
    book.add("PARCELS_ON_TIME", delivered[due & (delivered <= promised)])
    book.add("PARCELS_SCANNED", scan)
    gone = np.isnat(delivered) & np.isnat(parcels["received_at"]) & (scan < AS_OF - 30 * DAY)
    book.add("PARCELS_LOST", scan[gone])
    book.add("UNITS_CARRIER_DAMAGED", received[_damaged(facts)])
    label_at = parcels["label_at"]
    book.add("LABELS_ISSUED", label_at)
    idle = (label_at < AS_OF - 30 * DAY) & ~(scan <= label_at + 30 * DAY)
    book.add("LABELS_UNUSED", label_at[idle])
    _variance(facts, book)


def _damaged(facts: Facts) -> Array:
    damaged: Array = facts.world.units["found"] == "CARRIER_DAMAGED"
    seen = facts.world.inspections
    damaged[seen["unit"][seen["damage_cause"] == "CARRIER"]] = True
    return damaged


def _variance(facts: Facts, book: Book) -> None:
    """Of the labels of which an invoice told freight: what was billed, in all, against what was quoted."""
    parcels, charges, fx = facts.world.parcels, facts.world.charges, facts.world.fx
    freight = np.isin(charges["charge_class"], ["FREIGHT", "SURCHARGE", "ADJUSTMENT", "CREDIT"])
    billed = take(charges, freight & (charges["parcel"] >= 0))
    amount = to_reporting(billed["net_e4"], rate_e8(fx, billed["invoiced_at"], billed["currency"]))
    n = size(parcels)
    total = counted(n, billed["parcel"], amount)
    known = (counted(n, billed["parcel"]) > 0) & (parcels["label_e4"] != UNKNOWN)
    label_at = parcels["label_at"][known]
    quoted = to_reporting(parcels["label_e4"][known], rate_e8(fx, label_at, parcels["currency"][known]))
    book.add("QUOTED_OF_BILLED", label_at, quoted, 4)
    book.add("VARIANCE_OF_BILLED", label_at, total[known] - quoted, 4)
