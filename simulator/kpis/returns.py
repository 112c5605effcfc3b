"""The true measures of ``returns.yml``: how many come back, why, in what state and where they go."""

from __future__ import annotations

import numpy as np

from simulator.calendar import DAY
from simulator.exact import UNKNOWN, Array, counted, size
from simulator.kpis.base import AS_OF, Book, Facts, first_of


def tell(facts: Facts, book: Book) -> None:
    """Adds every measure of volume, rate and mix to the book."""
    _of_sales(facts, book)
    _asked(facts, book)
    _arrived(facts, book)
    _lines(facts, book)
    _refunded(facts, book)


def _of_sales(facts: Facts, book: Book) -> None:
    units, sales, sale = facts.world.units, facts.world.sales, facts.world.units["sale"]
    n = size(sales)
    shipped = np.where(sales["shipped_at"] < AS_OF, sales["shipped_at"], np.datetime64("NaT", "s"))
    back = ~np.isnat(units["received_at"]) | (facts.world.final["code"] == "KEPT_BY_CUSTOMER")
    linked = sale >= 0
    kept_away = linked & ~np.isnat(units["received_at"]) & facts.is_undeliverable
    undelivered = counted(n, sale[kept_away])
    returned = back & linked & ~facts.is_undeliverable
    book.add("UNITS_SHIPPED", shipped, sales["quantity"])
    book.add("UNITS_DELIVERABLE", shipped, sales["quantity"] - undelivered)
    book.add("UNITS_RETURNED_OF_SHIPPED", shipped, counted(n, sale[returned]))
    book.add("VALUE_SHIPPED", shipped, sales["net_reporting_e4"], 4)
    came = back & linked
    book.add("VALUE_RETURNED_OF_SHIPPED", shipped, counted(n, sale[came], facts.price[came]), 4)
    delivered = np.where(sales["delivered_at"] < AS_OF, sales["delivered_at"], np.datetime64("NaT", "s"))
    book.add("UNITS_DELIVERED", delivered, sales["quantity"])
    book.add("UNITS_BACK_OF_DELIVERED", delivered[sale[linked]])
    book.add("UNITS_BACK_OF_DELIVERED_TIMED", delivered[sale[linked & ~np.isnat(units["requested_at"])]])
    asked = units["requested_at"] <= delivered[np.maximum(sale, 0)] + 30 * DAY
    book.add("UNITS_ASKED_BACK_IN_30_DAYS", delivered[sale[linked & asked]])

    orders, order = np.unique(sales["order"], return_inverse=True)
    first = np.full(len(orders), np.datetime64("9999-01-01", "s"))
    known = ~np.isnat(shipped)
    np.minimum.at(first, order[known], shipped[known])
    first = np.where(first > AS_OF, np.datetime64("NaT", "s"), first)
    book.add("ORDERS_SHIPPED", first)
    with_return = counted(len(orders), order[sale[returned]]) > 0
    book.add("ORDERS_WITH_RETURN", first[with_return])
    came_back = counted(len(orders), order[sale[linked & ~np.isnat(units["received_at"])]]) > 0
    book.add("ORDERS_BRACKETED", first[came_back & _of_one_style(facts, order, len(orders))])


def _of_one_style(facts: Facts, order: Array, n: int) -> Array:
    """Whether an order holds two or more SKUs of one style."""
    sales, products = facts.world.sales, facts.world.products
    styled = products["style_id"][sales["product"]] != ""
    span = size(products)
    each = np.unique(order[styled] * span + sales["product"][styled])  # one of each SKU of an order
    style = (each // span) * span + products["style"][each % span]
    _, where, times = np.unique(style, return_index=True, return_counts=True)
    several = np.zeros(n, bool)
    several[(each // span)[where[times > 1]]] = True
    return several


def _asked(facts: Facts, book: Book) -> None:
    units = facts.units
    requested, authorised, received = units["requested_at"], units["authorised_at"], units["received_at"]
    book.add("UNITS_REQUESTED", requested)
    book.add("UNITS_AUTHORISED_OF_REQUESTED", requested[~np.isnat(authorised)])
    aged = authorised <= AS_OF - 28 * DAY
    book.add("UNITS_AUTHORISED_AGED", authorised[aged])
    book.add("UNITS_ARRIVED_IN_28_DAYS", authorised[aged & (received <= authorised + 28 * DAY)])


def _arrived(facts: Facts, book: Book) -> None:
    units, received, executed = facts.units, facts.units["received_at"], facts.units["executed_at"]
    book.add("UNITS_RECEIVED", received)
    book.add("UNITS_BLIND", received[units["return_type"] == "BLIND"])
    book.add("UNITS_WITH_REASON", received[units["reason_code"] != "UNKNOWN"])
    graded = (units["grade"] != "") | (facts.world.units["found"] != "")
    book.add("UNITS_GRADED", received[graded])
    book.add("UNITS_CLOSED", executed)
    inspections = facts.world.inspections
    looked, first = first_of(inspections["unit"], inspections["inspected_at"])
    tested = np.zeros(facts.n, bool)
    tested[inspections["unit"][inspections["test_result"] != ""]] = True
    sound = np.zeros(facts.n, bool)
    sound[inspections["unit"][inspections["test_result"] == "OK"]] = True
    claimed = (units["reason_code"] == "DEFECTIVE") & tested
    book.add("DEFECT_CLAIMED_TESTED", first[claimed[looked]])
    book.add("DEFECT_CLAIMED_TESTED_OK", first[(claimed & sound)[looked]])


def _lines(facts: Facts, book: Book) -> None:
    """By line of the shop, as the receiving scan told it; a marketplace's report expects nothing."""
    lines, told = facts.world.lines, facts.world.lines["received_quantity"]
    at = facts.world.parcels["received_at"][lines["parcel"]]
    there = np.where(told == UNKNOWN, lines["quantity"], told)
    other = np.where(lines["received_product"] >= 0, np.minimum(there, lines["quantity"]), 0)
    book.add("UNITS_EXPECTED", at, lines["quantity"])
    book.add("UNITS_DISCREPANT", at, np.abs(there - lines["quantity"]) + other)


def _refunded(facts: Facts, book: Book) -> None:
    refunds, first = facts.world.refunds, facts.first_refund
    book.add("UNITS_REFUNDED", first)
    book.add("UNITS_REFUNDED_AND_KEPT", first[facts.units["disposition_code"] == "KEPT_BY_CUSTOMER"])
    amount = facts.world.refunds["reporting_e4"]
    book.add("REFUND_VALUE", refunds["refunded_at"], amount, 4)
    retained = np.isin(refunds["method"], ["EXCHANGE", "CREDIT"])
    book.add("REFUND_RETAINED", refunds["refunded_at"][retained], amount[retained], 4)
