"""The true measures of ``flow.yml``: how long things take, per unit."""

from __future__ import annotations

import numpy as np

from simulator.categories import among
from simulator.exact import NAT, Array
from simulator.kpis.base import Book, Facts, first_of


def tell(facts: Facts, book: Book) -> None:
    """Adds every duration to the book."""
    units, inspections = facts.units, facts.world.inspections
    received, executed, refund = units["received_at"], units["executed_at"], facts.first_refund
    book.last("CUSTOMER_DWELL_DAYS", units["authorised_at"], units["first_scan_at"])
    book.last("TRANSIT_DAYS", units["first_scan_at"], units["delivered_at"])
    book.last("DOCK_DWELL_DAYS", units["delivered_at"], received)
    restocked = units["disposition_code"] == "RESTOCK_NEW"
    book.last("DOCK_TO_STOCK_DAYS", received[restocked], executed[restocked])
    looked, first = first_of(inspections["unit"], inspections["inspected_at"])
    book.last("INSPECTION_DAYS", received[looked], first)
    book.last("DECISION_DAYS", received, units["decided_at"])
    book.last("EXECUTION_DAYS", received, executed)
    book.last("RETURN_CYCLE_DAYS", units["requested_at"], executed)
    book.last("REFUND_DAYS_FROM_REQUEST", units["requested_at"], refund)
    book.last("REFUND_DAYS_FROM_SCAN", units["first_scan_at"], refund)
    book.last("REFUND_DAYS_FROM_RECEIPT", received, refund)
    book.last("CASH_DAYS", refund, _last_recovery(facts))


def _last_recovery(facts: Facts) -> Array:
    """When the last money or credit of each unit came; a fee charged to the customer is neither."""
    lines = facts.recoveries
    rows = (lines["unit"] >= 0) & ~among(lines["category"], "INC_FEE")
    nothing = np.datetime64("1970-01-01", "s")
    last = np.full(facts.n, nothing)
    np.maximum.at(last, lines["unit"][rows], lines["recovered_at"][rows])
    return np.where(last == nothing, NAT, last)
