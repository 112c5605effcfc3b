"""The true measures of ``recovery.yml``: what came back against what the same units cost."""

from __future__ import annotations

import numpy as np

from simulator.calendar import DAY
from simulator.categories import among
from simulator.exact import Array, counted, take
from simulator.fate import IN_LOTS
from simulator.kpis.base import AS_OF, Book, Facts, first_of
from simulator.reasons import taken_back


def tell(facts: Facts, book: Book) -> None:
    """Adds every measure of recovery to the book."""
    _closed(facts, book)
    _vendors(facts, book)
    _claims(facts, book)
    jobs = facts.world.work_orders
    done = take(jobs, ~np.isnat(jobs["completed_at"]))
    order = np.lexsort((done["completed_at"], done["unit"]))
    last = order[np.append(done["unit"][order][1:] != done["unit"][order][:-1], True)] if len(order) else order
    book.add("WORK_ENTERED", done["completed_at"][last])
    book.add("WORK_PASSED", done["completed_at"][last][done["outcome"][last] == "PASS"])


def _closed(facts: Facts, book: Book) -> None:
    units, executed, valued = facts.units, facts.units["executed_at"], facts.is_valued
    book.add("UNITS_CLOSED_VALUED", executed[valued])
    book.add("UNITS_CLOSED_OWNED", executed[facts.is_owned])
    valued = valued & facts.is_owned
    at = executed[valued]
    book.add("UNITS_CLOSED_OWNED_VALUED", at)
    book.add("LANDED_COST_OF_CLOSED", at, facts.landed[valued], 4)
    book.add("PROCEEDS_OF_CLOSED", at, facts.proceeds[valued], 4)
    spent = facts.trc - facts.given_away
    book.add("NET_RECOVERY_OF_CLOSED", at, (facts.proceeds + facts.credits - spent)[valued], 4)
    priced = facts.is_priced & facts.is_owned
    book.add("PROCEEDS_OF_CLOSED_PRICED", executed[priced], facts.proceeds[priced], 4)
    book.add("PRICE_OF_CLOSED", executed[priced], facts.price[priced], 4)
    unsold = valued & (facts.proceeds == 0)
    book.add("LANDED_COST_WRITTEN_OFF", executed[unsold], facts.landed[unsold], 4)
    listed = np.isin(units["disposition_code"], IN_LOTS) & (facts.list_price >= 0)
    book.add("LIQUIDATION_PROCEEDS", executed[listed], facts.proceeds[listed], 4)
    book.add("LIQUIDATION_LIST_PRICE", executed[listed], facts.list_price[listed], 4)
    lines = facts.recoveries
    sold = among(lines["category"], "REC_SALE") & (lines["unit"] >= 0)
    unit, first = first_of(lines["unit"][sold], lines["recovered_at"][sold])
    book.last("SELL_THROUGH_DAYS", executed[unit], first)
    warranty = units["return_type"] == "WARRANTY"
    credit = facts.recovered(among(lines["category"], "REC_WAR"))
    book.add("WARRANTY_CREDITS", executed[warranty], credit[warranty], 4)
    book.add("WARRANTY_COST", executed[warranty], facts.trc[warranty], 4)


def _vendors(facts: Facts, book: Book) -> None:
    units, world, received = facts.units, facts.world, facts.units["received_at"]
    terms = world.vendor_terms
    vendor = world.products["vendor"][world.units["product"]]
    eligible = np.zeros(facts.n, bool)
    # later terms of a supplier replace its earlier ones
    for row in np.argsort(terms["effective_from"], kind="stable").tolist():
        bound = (vendor == terms["vendor"][row]) & (received >= terms["effective_from"][row].astype("datetime64[s]"))
        eligible[bound] = np.isin(units["reason_code"], taken_back(str(terms["reason_families"][row])))[bound]
    eligible &= facts.is_owned
    credit = facts.recovered(among(facts.recoveries["category"], "REC_RTV"))
    book.add("VENDOR_CREDITS", received[eligible], credit[eligible], 4)
    valued = eligible & facts.is_valued
    book.add("VENDOR_ELIGIBLE_LANDED_COST", received[valued], facts.landed[valued], 4)
    harmed = np.isin(world.units["found"], ["DAMAGED", "CARRIER_DAMAGED"])
    paid = counted(facts.n, _units_paid(facts, "REC_MKT")) > 0
    gap = harmed & ~paid & facts.is_valued & (received <= AS_OF - 45 * DAY)
    book.add("REIMBURSEMENT_GAP", received[gap], facts.landed[gap], 4)


def _units_paid(facts: Facts, category: str) -> Array:
    lines = facts.recoveries
    paid: Array = lines["unit"][among(lines["category"], category) & (lines["unit"] >= 0)]
    return paid


def _claims(facts: Facts, book: Book) -> None:
    claims = take(facts.world.claims, facts.world.claims["claim_kind"] == "CARRIER")
    filed, paid = claims["filed_at"], claims["outcome"] == "PAID"
    book.add("CARRIER_CLAIMS_PAID_AMOUNT", filed[paid], claims["paid_e4"][paid], 4)
    book.add("CARRIER_CLAIMS_FILED_AMOUNT", filed, claims["claimed_e4"], 4)
    due = np.where(np.isnat(filed), claims["eligible_until"].astype("datetime64[s]"), filed)
    book.add("CARRIER_CLAIMS_FILED", filed)
    book.add("CARRIER_CLAIMS_ELIGIBLE", due)
    book.add("CARRIER_CLAIMS_PAID", filed[paid])
    book.last("CARRIER_CLAIM_CYCLE_DAYS", filed[paid], claims["settled_at"][paid])
