"""Draws the true world: what really happened, before any system wrote it down."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator import (
    carriers,
    catalogue,
    claims,
    costs,
    fate,
    inspection,
    marketplace,
    network,
    operations,
    personas,
    recoveries,
    refunds,
    valuation,
    webshop,
)  # fmt: skip
from simulator.exact import NAT, TEXT, UNKNOWN, Array, Frame, compact, concat, rate_e8, size, take, to_reporting
from simulator.reasons import canonical

SHELF_LIFE = 60  # days that goods must keep to be sold again: more than anybody takes to decide
SMALLEST = 500  # below it some quarter may have no row of some kind for a defect to spoil


@dataclass(frozen=True)
class World:
    """One table per truth entity; a column ``unit``, ``parcel``, ``line`` or ``product`` is a row number of that table.

    Grains: products SKU; items SKU and effective date; vendor_terms supplier and effective date; nodes place and
    effective date; policies policy and effective date; fx currency and day;
    sales order line; parcels return consignment with its label; lines return line; units returned unit; lots
    liquidation lot; inspections, dispositions, work_orders, costs, charges, recoveries, refunds, claims, movements,
    containers, shifts, feedback: one document line each; final: the fate of each unit, row by row with units.
    """

    products: Frame
    items: Frame
    vendor_terms: Frame
    nodes: Frame
    policies: Frame
    fx: Frame
    sales: Frame
    parcels: Frame
    lines: Frame
    units: Frame
    inspections: Frame
    dispositions: Frame
    final: Frame
    lots: Frame
    work_orders: Frame
    costs: Frame
    charges: Frame
    recoveries: Frame
    refunds: Frame
    claims: Frame
    movements: Frame
    containers: Frame
    shifts: Frame
    feedback: Frame


def draw(seed: int, units: int, persona: str = "home_improvement") -> World:
    """The world of a seed, with about ``units`` returned units.

    ValueError when fewer than 500 are asked for, or there is no such persona.
    """
    if units < SMALLEST:
        raise ValueError(f"the demo business needs at least {SMALLEST} units, {units} were asked for")
    who = personas.persona(persona)
    rng = np.random.default_rng(seed)
    products = catalogue.draw_products(rng, who)
    items = catalogue.draw_items(rng, products, who)
    vendor_terms = catalogue.draw_vendor_terms(rng)
    fx = catalogue.draw_rates(rng)
    fba_units = max(round(units * who.marketplace_share), 48)
    shop = webshop.draw(rng, units - fba_units, products, who)
    fba, fba_sales = marketplace.draw(rng, fba_units, products, who)
    others = webshop.other_sales(rng, units * 3, products, who, max(60, (units - fba_units) // 2))
    sales = compact(_priced(rng, concat([compact(t) for t in (shop.sales, fba_sales, others)]), items, fx))
    for drawn in (shop.sales, fba_sales, others):
        drawn.clear()  # they live on in the one table of sales
    table = compact(_units(shop, fba, products))
    table["sale"] = valuation.sale_of(table, sales)
    landed, version = valuation.landed_cost(table, sales, items, fx)
    table["landed_e4"], table["version"] = landed, version
    table["item_mg"] = np.where(version >= 0, items["weight_mg"][np.maximum(version, 0)], UNKNOWN)

    inspections, table["grade"] = inspection.draw(rng, table, products, who)
    dispositions, final, lots = fate.draw_dispositions(rng, table, inspections, who)
    mass = valuation.mass(inspections, items, version)
    movements = fate.draw_movements(rng, table, final, products, mass)
    charges = carriers.draw_charges(rng, shop.parcels)
    filed = claims.draw(rng, table, shop.parcels, final, inspections)
    back = recoveries.draw(rng, table, shop.parcels, final, lots, filed)
    money = costs.draw(rng, table, shop.parcels, final, inspections, back)
    refunded = refunds.draw(rng, table, sales, shop.parcels, final, fx)
    return World(
        products, items, vendor_terms, network.draw_nodes(who), network.draw_policies(), fx, sales, shop.parcels,
        shop.lines, table, inspections, dispositions, final, lots,
        operations.draw_work_orders(rng, table, final), money, charges, back, refunded, filed, movements,
        operations.draw_containers(table), operations.draw_shifts(rng, table, inspections, final),
        operations.draw_feedback(rng, refunded),
    )  # fmt: skip


def _units(shop: webshop.Webshop, fba: Frame, products: Frame) -> Frame:
    """Both channels as one table, the webshop's units first, in the order of their consignments."""
    line = shop.units["line"]
    lines = take(shop.lines, line)
    parcel = take(shop.parcels, lines["parcel"])
    n, m = len(line), size(fba)
    blank, nat = np.full(m, "", dtype=TEXT), np.full(m, NAT)
    ordinal = shop.units["unit_ordinal"]
    over = ordinal > lines["quantity"]
    short = (lines["received_quantity"] != UNKNOWN) & (ordinal > lines["received_quantity"])
    received = np.where(short, NAT, parcel["received_at"])
    # what nobody asked for was neither asked for nor authorised
    asked, authorised = (np.where(over, NAT, parcel[c]) for c in ("requested_at", "authorised_at"))
    begun = np.where(np.isnat(received), parcel["authorised_at"], received).astype("datetime64[D]")
    units = concat([
        {
            "channel": np.full(n, "WEBSHOP"), "is_us": parcel["country"] == "US", "country": parcel["country"],
            "crosses": parcel["crosses"], "lpn": lines["lpn"], "serial_number": lines["serial_number"],
            "rma_id": lines["rma_id"], "rma_line": lines["rma_line"], "unit_ordinal": ordinal, "line": line,
            "parcel": lines["parcel"], "product": lines["product"],
            "order": lines["order"], "order_id": lines["order_id"],
            "order_line": lines["order_line"], "customer_ref": lines["customer_ref"], "currency": parcel["currency"],
            "reason_code": lines["reason_code"], "reason": canonical(lines["reason_code"], marketplace=False),
            "return_type": lines["return_type"], "requested_at": asked, "authorised_at": authorised,
            "received_at": received,
            "fate": np.where((short | over) & np.isnat(received) & ~np.isnat(parcel["received_at"]), "SHORT",
                             parcel["fate"]),
            "status": np.full(n, "", dtype=TEXT), "found": np.full(n, "", dtype=TEXT),
            "decided_after": np.zeros(n, np.int64), "node_id": parcel["node_id"],
            "is_expired": lines["expires_at"] < begun, "is_short_dated": lines["expires_at"] < begun + SHELF_LIFE,
            "is_first_return": lines["is_first_return"],
            "is_other_article": lines["received_product"] >= 0, "is_over": over,
        },
        {
            "channel": np.full(m, "MARKETPLACE"), "is_us": fba["is_us"],
            "country": np.where(fba["is_us"], "US", "CA"), "crosses": np.zeros(m, bool), "lpn": fba["lpn"],
            "serial_number": blank, "rma_id": blank, "rma_line": blank, "unit_ordinal": np.full(m, 1),
            "line": np.full(m, -1), "parcel": np.full(m, -1), "product": fba["product"],
            "order": fba["order"], "order_id": fba["order_id"],
            "order_line": blank, "customer_ref": blank, "currency": np.where(fba["is_us"], "USD", "CAD"),
            "reason_code": fba["reason_code"], "reason": canonical(fba["reason_code"], marketplace=True),
            "return_type": np.full(m, "CUSTOMER_RETURN"), "requested_at": nat, "authorised_at": nat,
            "received_at": fba["received_at"], "fate": blank, "status": fba["status"], "found": fba["found"],
            "decided_after": fba["decided_after"], "node_id": fba["node_id"],
            "is_expired": np.zeros(m, bool), "is_short_dated": np.zeros(m, bool), "is_first_return": np.zeros(m, bool),
            "is_other_article": np.zeros(m, bool), "is_over": np.zeros(m, bool),
        },
    ])  # fmt: skip
    # the order of the units' keys: ties of a shared amount go to the first
    blind = np.char.startswith(lines["rma_id"], "BLD")
    order = np.lexsort((ordinal, lines["rma_line"].astype(np.int64), lines["rma"], ~blind))
    rank = np.arange(n + m)
    rank[order] = np.arange(n)
    units["rank"] = rank
    units["is_resale_allowed"] = products["is_resale_allowed"][units["product"]]
    return units


def _priced(rng: np.random.Generator, sales: Frame, items: Frame, fx: Frame) -> Frame:
    """Adds what the customer paid: landed cost times a markup, in the order's currency, with tax and shipping.

    A line that tells its own landed cost (a placeholder so far) tells about that of the item.
    """
    version = valuation.item_version(items, sales["product"], sales["ordered_at"].astype("datetime64[D]"))
    item = take(items, version)
    cost = np.where(item["unit_cost_e4"] == UNKNOWN, 250_000, item["unit_cost_e4"])
    # prices need no exactness: in CAD, then in the order's currency
    rates = rate_e8(fx, sales["ordered_at"], sales["currency"])
    cad = cost * (rate_e8(fx, sales["ordered_at"], item["currency"]) / 1e8)
    own = cad / (rates / 1e8)
    price = np.rint(own / 100 * catalogue.MARKUP * rng.uniform(0.92, 1.1, size(sales))).astype(np.int64)
    net: Array = price * sales["quantity"]
    told = np.rint(own * rng.uniform(0.9, 1.1, size(sales))).astype(np.int64)
    sales["unit_landed_e4"] = np.where(sales["unit_landed_e4"] == UNKNOWN, UNKNOWN, told)
    sales["net_e4"] = net * 100
    sales["tax_e4"] = net * 13 // 100 * 100
    shipping = np.where(rng.random(size(sales)) < 0.4, rng.integers(400, 1500, size(sales)), 0)
    sales["shipping_e4"] = np.where(sales["channel"] == "WEBSHOP", shipping * 100, UNKNOWN)
    sales["net_reporting_e4"] = to_reporting(sales["net_e4"], rates)
    return sales
