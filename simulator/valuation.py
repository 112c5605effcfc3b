"""What a returned unit cost landed and what it weighs: the definitions, in integer arithmetic."""

from __future__ import annotations

import numpy as np

from simulator.exact import UNKNOWN, Array, Frame, rate_e8, size, take, to_reporting

_SKUS, _LINES = 100_000, 10  # more than there are


def sale_of(units: Frame, sales: Frame) -> Array:
    """Per unit the index of its order line, -1 when the sale is not there.

    By order, SKU and line where the return names the line, else the lowest line of that order and SKU.
    """
    lowest = np.lexsort((_line(sales["order_line"]), sales["product"], sales["order"]))
    keys = [_pair(sales)[lowest], _line(sales["order_line"])[lowest]]
    exact = keys[0] * _LINES + keys[1]
    wanted, line = _pair(units), _line(units["order_line"])
    at = np.where(line > 0, np.searchsorted(exact, wanted * _LINES + line), np.searchsorted(keys[0], wanted))
    candidate = np.minimum(at, len(lowest) - 1)
    matches = (units["order"] >= 0) & (keys[0][candidate] == wanted) & ((line == 0) | (keys[1][candidate] == line))
    found: Array = np.where(matches, lowest[candidate], -1)
    return found


def _pair(table: Frame) -> Array:
    """One number for order and SKU."""
    pair: Array = table["order"] * _SKUS + table["product"]
    return pair


def _line(text: Array) -> Array:
    """Order lines as numbers, 0 where none is named."""
    number: Array = np.where(text == "", "0", text).astype(np.int64)
    return number


def item_version(items: Frame, product: Array, day: Array) -> Array:
    """Per unit the item row valid on a day, -1 where there is none or the day is NaT."""
    order = np.lexsort((items["effective_from"], items["product"]))
    span = 1_000_000  # more than any day number
    known = items["product"][order] * span + items["effective_from"][order].astype(np.int64)
    no_day = np.isnat(day)
    asked = product * span + np.where(no_day, 0, day.astype("datetime64[D]").astype(np.int64))
    at = np.searchsorted(known, asked, side="right") - 1
    row = order[np.maximum(at, 0)]
    valid: Array = np.where((at >= 0) & ~no_day & (items["product"][row] == product), row, -1)
    return valid


def landed_cost(units: Frame, sales: Frame, items: Frame, fx: Frame) -> tuple[Array, Array]:
    """(landed cost in CAD 1/10000 or UNKNOWN, item row or -1) per unit.

    The sale's own landed cost wins, else the item version of the sale's UTC day; without a sale, of the receipt's day.
    """
    sale = units["sale"]
    sold = take(sales, np.maximum(sale, 0))
    version = item_version(items, units["product"], valued_at(units, sales).astype("datetime64[D]"))
    item = take(items, np.maximum(version, 0))
    from_item = np.where(version >= 0, item["unit_cost_e4"], UNKNOWN)
    on_sale = (sale >= 0) & (sold["unit_landed_e4"] != UNKNOWN)
    amount = np.where(on_sale, sold["unit_landed_e4"], from_item)
    currency = np.where(on_sale, sold["currency"], item["currency"])
    known = amount != UNKNOWN
    landed = np.full(size(units), UNKNOWN, dtype=np.int64)
    landed[known] = to_reporting(amount[known], rate_e8(fx, valued_at(units, sales)[known], currency[known]))
    return landed, version


def unit_price(units: Frame, sales: Frame) -> Array:
    """Net selling price in CAD 1/10000 per unit, half a unit in the last place rounded away; UNKNOWN without a sale."""
    sold = take(sales, np.maximum(units["sale"], 0))
    net, quantity = sold["net_reporting_e4"], sold["quantity"]
    return np.where(units["sale"] >= 0, (2 * net + quantity) // (2 * quantity), UNKNOWN)


def list_price(units: Frame, sales: Frame, items: Frame, fx: Frame) -> Array:
    """List price in CAD 1/10000 per unit, of the item version that values it; UNKNOWN where the item has none."""
    item = take(items, np.maximum(units["version"], 0))
    known = (units["version"] >= 0) & (item["list_price_e4"] != UNKNOWN)
    price = np.full(size(units), UNKNOWN, dtype=np.int64)
    rates = rate_e8(fx, valued_at(units, sales)[known], item["currency"][known])
    price[known] = to_reporting(item["list_price_e4"][known], rates)
    return price


def valued_at(units: Frame, sales: Frame) -> Array:
    """When a unit is valued: at its sale, else at its receipt."""
    sold: Array = sales["ordered_at"][np.maximum(units["sale"], 0)]
    at: Array = np.where(units["sale"] >= 0, sold, units["received_at"])
    return at


def mass(inspections: Frame, items: Frame, version: Array) -> Array:
    """Milligrams per unit: the latest inspection's scale weight where it has one, else the item's; else UNKNOWN."""
    weight = np.where(version >= 0, items["weight_mg"][np.maximum(version, 0)], UNKNOWN)
    order = np.lexsort((inspections["inspected_at"], inspections["unit"]))
    unit, scanned = inspections["unit"][order], inspections["scanned_weight_mg"][order]
    last = np.append(unit[1:] != unit[:-1], True) & (scanned != UNKNOWN)
    weight[unit[last]] = scanned[last]
    return weight
