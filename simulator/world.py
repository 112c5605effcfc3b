"""Draws the true world: what really happened, before any system wrote it down."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator import catalogue, fate, marketplace, money, valuation, webshop
from simulator.exact import NAT, UNKNOWN, Array, Frame, concat, rate_e8, size, take

SMALLEST = 500  # below it some quarter may have no row of some kind for a defect to spoil
_WEBSHOP_SHARE = 0.60


@dataclass(frozen=True)
class World:
    """One table per truth entity; a column ``unit``, ``parcel``, ``line`` or ``product`` is a row number of that table.

    Grains: products SKU; items SKU and effective date; fx day; sales order line; parcels return parcel with its
    label; lines return line; units returned unit; inspections, dispositions, costs, recoveries, refunds, movements:
    one document line each; final: the fate of each unit, row by row with units.
    """

    products: Frame
    items: Frame
    fx: Frame
    sales: Frame
    parcels: Frame
    lines: Frame
    units: Frame
    inspections: Frame
    dispositions: Frame
    final: Frame
    costs: Frame
    recoveries: Frame
    refunds: Frame
    movements: Frame


def draw(seed: int, units: int) -> World:
    """The world of a seed, with about ``units`` returned units. ValueError when fewer than 500 are asked for."""
    if units < SMALLEST:
        raise ValueError(f"the demo business needs at least {SMALLEST} units, {units} were asked for")
    rng = np.random.default_rng(seed)
    products = catalogue.draw_products(rng)
    items = catalogue.draw_items(rng, products)
    fx = catalogue.draw_rates(rng)
    shop_units = round(units * _WEBSHOP_SHARE)
    shop = webshop.draw(rng, shop_units, products)
    fba, fba_sales = marketplace.draw(rng, units - shop_units, products)
    others = webshop.other_sales(rng, units * 3, products, catalogue.FX_FIRST, catalogue.FX_LAST)
    sales = _priced(rng, concat([shop.sales, fba_sales, others]), items, fx)
    table = _units(shop, fba)
    landed, version = valuation.landed_cost(table, sales, items, products, fx)
    table["item_mg"] = np.where(version >= 0, items["weight_mg"][np.maximum(version, 0)], UNKNOWN)

    inspections, table["grade"] = fate.draw_inspections(rng, table)
    inspections["inspection_id"] = np.char.mod("INS-%07d", 1 + np.arange(size(inspections)))
    dispositions, final = fate.draw_dispositions(rng, table, inspections)
    dispositions["disposition_id"] = np.char.mod("DSP-%07d", 1 + np.arange(size(dispositions)))
    mass = valuation.mass(inspections, items, version)
    movements = fate.draw_movements(rng, table, final, products, mass)
    movements["movement_id"] = np.char.mod("MOV-%06d", 1 + np.arange(size(movements)))
    recoveries = money.draw_recoveries(rng, table, final, landed)
    recoveries["recovery_id"] = np.char.mod("REC-%07d", 1 + np.arange(size(recoveries)))
    costs = money.draw_costs(rng, table, shop.parcels, final, inspections, recoveries)
    costs["cost_id"] = np.char.mod("CST-%07d", 1 + np.arange(size(costs)))
    refunds = money.draw_refunds(rng, table, landed)
    refunds["refund_id"] = np.char.mod("RFD-%07d", 1 + np.arange(size(refunds)))
    return World(
        products, items, fx, sales, shop.parcels, shop.lines, table, inspections, dispositions, final, costs,
        recoveries, refunds, movements,
    )  # fmt: skip


def _units(shop: webshop.Webshop, fba: Frame) -> Frame:
    """Both channels as one table, the webshop's units first, in the order of their key."""
    line = shop.units["line"]
    lines = take(shop.lines, line)
    parcel = take(shop.parcels, lines["parcel"])
    n, m = len(line), size(fba)
    blank, nat = np.full(m, "", dtype="U20"), np.full(m, NAT)
    return concat([
        {
            "channel": np.full(n, "WEBSHOP"), "is_us": parcel["is_us"], "lpn": lines["lpn"],
            "rma_id": lines["rma_id"], "rma_line": lines["rma_line"], "unit_ordinal": shop.units["unit_ordinal"],
            "line": line, "parcel": lines["parcel"], "product": lines["product"], "order_id": lines["order_id"],
            "order_line": lines["order_line"], "reason_code": lines["reason_code"],
            "return_type": lines["return_type"], "requested_at": parcel["requested_at"],
            "received_at": parcel["received_at"], "fate": parcel["fate"], "status": np.full(n, "", dtype="U40"),
            "found": np.full(n, "", dtype="U20"), "decided_after": np.zeros(n, np.int64),
            "node_id": np.where(parcel["is_us"], "RC-BUF", "RC-MTL"),
        },
        {
            "channel": np.full(m, "MARKETPLACE"), "is_us": fba["is_us"], "lpn": fba["lpn"],
            "rma_id": blank, "rma_line": blank, "unit_ordinal": np.full(m, 1),
            "line": np.full(m, -1), "parcel": np.full(m, -1), "product": fba["product"], "order_id": fba["order_id"],
            "order_line": blank, "reason_code": fba["reason_code"],
            "return_type": np.full(m, "CUSTOMER_RETURN"), "requested_at": nat,
            "received_at": fba["received_at"], "fate": blank, "status": fba["status"], "found": fba["found"],
            "decided_after": fba["decided_after"], "node_id": fba["node_id"],
        },
    ])  # fmt: skip


def _priced(rng: np.random.Generator, sales: Frame, items: Frame, fx: Frame) -> Frame:
    """Adds what the customer paid: landed cost times a markup, in the order's currency; drops the draft price."""
    version = valuation.item_version(items, sales["product"], sales["ordered_at"].astype("datetime64[D]"))
    item = take(items, version)
    cost = np.where(item["unit_cost_e4"] == UNKNOWN, 250_000, item["unit_cost_e4"])
    # prices need no exactness: in CAD, then in the order's currency
    cad = cost * (rate_e8(fx, sales["ordered_at"], item["currency"]) / 1e8)
    own = cad / (rate_e8(fx, sales["ordered_at"], sales["currency"]) / 1e8)
    price = np.rint(own / 100 * money.MARKUP * rng.uniform(0.92, 1.1, size(sales))).astype(np.int64)
    net: Array = price * sales["quantity"]
    del sales["price_cents"]
    sales["net_e4"] = net * 100
    sales["tax_e4"] = net * 13 // 100 * 100
    return sales
