"""The true measures of ``customers.yml``: who stays, and what leaks."""

from __future__ import annotations

import numpy as np

from simulator.calendar import DAY
from simulator.exact import UNKNOWN, Array, counted, rate_e8, size, take, to_reporting
from simulator.kpis.base import AS_OF, Book, Facts


def tell(facts: Facts, book: Book) -> None:
    """Adds every measure of customers and integrity to the book."""
    _retention(facts, book)
    _answers(facts, book)
    _refunds(facts, book)
    _over_refund(facts, book)
    units, inspections = facts.world.units, facts.world.inspections
    received = units["received_at"]

    def seen(rows: Array) -> Array:
        mask = np.zeros(facts.n, bool)
        mask[inspections["unit"][rows]] = True
        return mask

    book.add("FRAUD_SUSPECTED", received[seen(inspections["is_fraud_suspected"] == "true")])
    confirmed = seen(inspections["is_fraud_confirmed"] == "true")
    book.add("FRAUD_CONFIRMED_VALUE", received[confirmed], facts.price[confirmed], 4)
    weight, catalogue = inspections["scanned_weight_mg"], units["item_mg"][inspections["unit"]]
    light = (weight != UNKNOWN) & (catalogue != UNKNOWN) & (2 * weight < catalogue)
    swapped = seen(light | (inspections["found_product"] >= 0)) | units["is_other_article"]
    book.add("UNITS_SWAPPED", received[swapped])


def _retention(facts: Facts, book: Book) -> None:
    refunds, sales = facts.world.refunds, facts.world.sales
    named = np.flatnonzero(refunds["customer_ref"] != "")
    month = refunds["refunded_at"][named].astype("datetime64[M]").astype(np.int64)
    customers, customer = np.unique(refunds["customer_ref"][named], return_inverse=True)
    order = np.lexsort((refunds["refunded_at"][named], month, customer))
    key = customer[order] * 10_000 + month[order]
    first = order[np.append(True, key[1:] != key[:-1])] if len(order) else order
    at = refunds["refunded_at"][named][first]
    book.add("CUSTOMERS_REFUNDED", at)
    # the first order after the refund: orders by customer and time, found by one search
    place = np.searchsorted(customers, sales["customer_ref"])
    place = np.minimum(place, len(customers) - 1)
    known = customers[place] == sales["customer_ref"]
    span = 10**11
    ordered = np.sort(place[known] * span + sales["ordered_at"][known].astype(np.int64))
    asked = customer[first] * span + at.astype(np.int64)
    following = np.append(ordered, np.iinfo(np.int64).max)[np.searchsorted(ordered, asked, side="right")]
    book.add("CUSTOMERS_RETAINED", at[following <= asked + 90 * DAY])


def _answers(facts: Facts, book: Book) -> None:
    answers = facts.world.feedback
    csat, nps = take(answers, answers["survey"] == "CSAT"), take(answers, answers["survey"] == "NPS")
    book.add("CSAT_SCORE", csat["answered_at"], csat["score"])
    book.add("CSAT_ANSWERS", csat["answered_at"])
    balance = (nps["score"] >= 9).astype(np.int64) - (nps["score"] <= 6)
    book.add("NPS_BALANCE", nps["answered_at"], balance)
    book.add("NPS_ANSWERS", nps["answered_at"])


def _refunds(facts: Facts, book: Book) -> None:
    refunds, units, first = facts.world.refunds, facts.units, facts.first_refund
    timed = ~np.isnat(units["requested_at"])
    book.add("REFUNDS_TIMED", first[timed])
    book.add("REFUNDS_IN_14_DAYS", first[timed & (first <= units["requested_at"] + 14 * DAY)])
    at, unit, amount = refunds["refunded_at"], refunds["unit"], refunds["reporting_e4"]
    without = np.isnat(units["received_at"]) & (units["disposition_code"] != "KEPT_BY_CUSTOMER")
    aged = (at < AS_OF - 30 * DAY) & (refunds["exception_code"] == "")
    leaked = aged & without[unit]
    book.add("REFUNDS_AGED", at[aged])
    book.add("REFUNDS_AGED_MATCHED", at[aged])
    book.add("REFUND_WITHOUT_GOODS", at[leaked], amount[leaked], 4)
    again = at > first[unit]
    book.add("DOUBLE_REFUND", at[again], amount[again], 4)


def _over_refund(facts: Facts, book: Book) -> None:
    """By order line, in the currency that the customer paid in, at the rate of the last refund's day."""
    refunds, sales = facts.world.refunds, facts.world.sales
    sale = facts.world.units["sale"][refunds["unit"]]
    linked = sale >= 0
    n = size(sales)
    refunded = counted(n, sale[linked], refunds["refund_e4"][linked])
    paid = sales["net_e4"] + sales["tax_e4"] + np.maximum(sales["shipping_e4"], 0)
    last = np.full(n, np.datetime64("1970-01-01", "s"))
    np.maximum.at(last, sale[linked], refunds["refunded_at"][linked])
    over = np.flatnonzero(refunded > paid)
    rates = rate_e8(facts.world.fx, last[over], sales["currency"][over])
    book.add("OVER_REFUND", last[over], to_reporting((refunded - paid)[over], rates), 4)
