"""What a returned unit cost landed and what it weighs: the definitions, in integer arithmetic."""

from __future__ import annotations

import numpy as np

from simulator.exact import UNKNOWN, Array, Frame, rate_e8, size, take, to_reporting


def _key(*parts: Array) -> Array:
    joined = parts[0].astype("U")
    for part in parts[1:]:
        joined = np.char.add(np.char.add(joined, "|"), part.astype("U"))
    return joined


def sale_of(units: Frame, sales: Frame, products: Frame) -> Array:
    """Per unit the index of its order line, -1 when the sale is not there.

    By order, SKU and line where the return names the line, else the lowest line of that order and SKU.
    """
    keys = _key(sales["order_id"], products["sku"][sales["product"]], sales["order_line"])
    order = np.argsort(keys, kind="stable")
    wanted = _key(units["order_id"], products["sku"][units["product"]], units["order_line"])
    at = np.searchsorted(keys[order], wanted)  # with no line named, the first key that begins so
    candidate = order[np.minimum(at, len(order) - 1)]
    named = units["order_line"] != ""
    matches = np.where(named, keys[candidate] == wanted, np.char.startswith(keys[candidate], wanted))
    found: Array = np.where(matches, candidate, -1)
    return found


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


def landed_cost(units: Frame, sales: Frame, items: Frame, products: Frame, fx: Frame) -> tuple[Array, Array]:
    """(landed cost in CAD 1/10000 or UNKNOWN, item row or -1) per unit.

    The sale's own landed cost wins, else the item version of the sale's UTC day; without a sale, of the receipt's day.
    """
    sale = sale_of(units, sales, products)
    sold = take(sales, np.maximum(sale, 0))
    at = np.where(sale >= 0, sold["ordered_at"], units["received_at"])
    version = item_version(items, units["product"], at.astype("datetime64[D]"))
    item = take(items, np.maximum(version, 0))
    from_item = np.where(version >= 0, item["unit_cost_e4"], UNKNOWN)
    on_sale = (sale >= 0) & (sold["unit_landed_e4"] != UNKNOWN)
    amount = np.where(on_sale, sold["unit_landed_e4"], from_item)
    currency = np.where(on_sale, sold["currency"], item["currency"])
    known = amount != UNKNOWN
    landed = np.full(size(units), UNKNOWN, dtype=np.int64)
    landed[known] = to_reporting(amount[known], rate_e8(fx, at[known], currency[known]))
    return landed, version


def mass(inspections: Frame, items: Frame, version: Array) -> Array:
    """Milligrams per unit: the latest inspection's scale weight where it has one, else the item's; else UNKNOWN."""
    weight = np.where(version >= 0, items["weight_mg"][np.maximum(version, 0)], UNKNOWN)
    order = np.lexsort((inspections["inspected_at"], inspections["unit"]))
    unit, scanned = inspections["unit"][order], inspections["scanned_weight_mg"][order]
    last = np.append(unit[1:] != unit[:-1], True) & (scanned != UNKNOWN)
    weight[unit[last]] = scanned[last]
    return weight
