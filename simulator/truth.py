"""What really happened, to the cent and the gram: the ledger of units and the tables behind every figure.

Everything is computed from the world in integers and shares no code and no query with the warehouse.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator import valuation
from simulator.categories import CATEGORIES, among, filled
from simulator.exact import NAT, TEXT, UNKNOWN, Array, Frame, concat, rate_e8, size, take, to_reporting
from simulator.fate import WASTED
from simulator.sharing import EQUALLY, MASS, MINUTES, VALUE, shared
from simulator.world import World

NOT_TRC = ["WRITE_DOWN"]
UNPLANNED = ["FRT_ADJ", "DUTY_IN", "BRK", "RFD_UNREC", "FRAUD"]
BOOKS = ["shop/costs", "easypost/shipments", "shop/carrier_charges"]  # the files that tell costs
PREVENTED = [
    "RESTOCK_NEW", "RESELL_OPEN_BOX", "EXCHANGE_REUSE", "REDEPLOY", "REPAIR_RETURN_OWNER", "REFURBISH_RESELL",
    "REMANUFACTURE", "REPURPOSE", "DONATE", "KEPT_BY_CUSTOMER",
]  # fmt: skip
_CLASS = {
    **dict.fromkeys(PREVENTED, "PREVENTED"),
    **dict.fromkeys(["RETURN_TO_VENDOR", "LIQUIDATE_B2B", "SALVAGE"], "FATE_UNKNOWN"),
    **dict.fromkeys(["PARTS_HARVEST", "RECYCLE", "COMPOST_AD"], "RECYCLED"),
    "ENERGY_RECOVERY": "ENERGY_RECOVERY",
    **dict.fromkeys(["INCINERATE", "LANDFILL", "DESTROY_CERTIFIED"], "DISPOSED"),
}
_TREATED = {
    "PREPARE_FOR_REUSE": "PREPARED_FOR_REUSE", "RECYCLE": "RECYCLED", "COMPOST_AD": "RECYCLED",
    "ENERGY_RECOVERY": "ENERGY_RECOVERY", "INCINERATE": "DISPOSED", "LANDFILL": "DISPOSED",
}  # fmt: skip
CHARGED_AS = {
    "FREIGHT": "FRT_RTN", "SURCHARGE": "FRT_RTN", "ADJUSTMENT": "FRT_ADJ", "CREDIT": "FRT_ADJ", "DUTY": "DUTY_IN",
    "BROKERAGE": "BRK",
}  # fmt: skip


@dataclass(frozen=True)
class Truth:
    """The oracle: tables of the truth, and the KPIs by month.

    ``ledger``: one row per unit; ``costs``: one per unit and cost record (unit -1: unallocated); ``recoveries``: one
    per unit and recovery record; ``mass``: one per unit and mass line; ``exchange``: one per cost or recovery line in
    another currency that was paid; ``headline``: what ``simulator.headline`` tells; ``kpi``: what ``simulator.kpis``
    tells. Money is in CAD where the name says reporting, else in the row's currency; times are UTC.
    """

    ledger: Frame
    costs: Frame
    recoveries: Frame
    mass: Frame
    exchange: Frame
    headline: dict[str, Any]
    kpi: dict[str, dict[str, Any]]


def ledger(world: World) -> Frame:
    """One row per unit: its evidence, its times, what it cost and weighs, and its fate."""
    units, final, sales = world.units, world.final, world.sales
    shop = units["channel"] == "WEBSHOP"
    ordinal = units["unit_ordinal"].astype("U4")
    rma = np.char.add(np.char.add(np.char.add(units["rma_id"], "|"), np.char.add(units["rma_line"], "|")), ordinal)
    received, executed = units["received_at"], final["executed_at"]
    status = np.where(np.isnat(received), "IN_TRANSIT", "RECEIVED").astype("U12")
    status[final["code"] != ""] = "DECIDED"
    status[~np.isnat(executed)] = "EXECUTED"
    status[units["fate"] != ""] = units["fate"][units["fate"] != ""]
    parcel = take(world.parcels, np.maximum(units["parcel"], 0))

    def of_parcel(column: str) -> Array:
        return np.where(shop, parcel[column], NAT)

    return {
        "unit_id": np.where(shop, rma, units["lpn"]),
        **{name: units[name] for name in ("channel", "lpn", "rma_id", "rma_line", "unit_ordinal", "serial_number")},
        "tracking_number": np.where(shop, parcel["tracking_number"], ""),
        "lane": units["country"],
        "node_id": np.where(np.isnat(received), "", units["node_id"]),
        "sku": world.products["sku"][units["product"]],
        "order_id": units["order_id"],
        "return_type": units["return_type"],
        "status": status,
        "reason_code": units["reason"],
        "grade": units["grade"],
        "requested_at": units["requested_at"],
        "authorised_at": units["authorised_at"],
        "first_scan_at": of_parcel("first_scan_at"),
        "delivered_at": of_parcel("delivered_at"),
        "received_at": received,
        "disposition_code": final["code"],
        "decided_at": final["decided_at"],
        "executed_at": executed,
        "landed_cost_reporting_e4": units["landed_e4"],
        "unit_price_reporting_e4": valuation.unit_price(units, sales),
        "is_owned": _is_owned(world),
        "unit_mass_mg": valuation.mass(world.inspections, world.items, units["version"]),
    }


def _is_owned(world: World) -> Array:
    """Not the customer's: what is repaired for its owner is, and what came to be repaired until it is paid for."""
    paid = np.zeros(size(world.units), bool)
    paid[world.refunds["unit"][world.refunds["names_unit"]]] = True
    to_repair = np.isin(world.units["return_type"], ["WARRANTY", "REPAIR_AND_RETURN"])
    owned: Array = ~((world.final["code"] == "REPAIR_RETURN_OWNER") | (to_repair & ~paid))
    return owned


def costs(world: World, units: Frame) -> Frame:
    """Every cost record by unit: its own, and its share of what its parcel, lot or return centre caused.

    ``book`` is a place in BOOKS, ``record`` a row number of the table that the book stands for.
    """
    parcels, charges = world.parcels, world.charges
    bought = ~parcels["on_account"] & (parcels["label_e4"] != UNKNOWN) & (parcels["refund_status"] != "refunded")
    rows = np.flatnonzero(bought)
    label = take(parcels, rows)
    native = {
        **world.costs, "book": np.zeros(size(world.costs), np.int8),
        "record": np.arange(size(world.costs), dtype=np.int32), "driver": _driver(world.costs),
    }  # fmt: skip
    labels = {
        **_of_parcels(rows), "book": np.full(len(rows), 1, np.int8), "record": rows.astype(np.int32),
        "category": filled(len(rows), "FRT_RTN"), "amount_e4": label["label_e4"], "currency": label["currency"],
        "posted_at": label["label_at"], "paid_at": np.full(len(rows), NAT),
    }  # fmt: skip
    charged = {name: CATEGORIES.index(category) for name, category in CHARGED_AS.items()}
    billed = {
        **_of_parcels(charges["parcel"]), "book": np.full(size(charges), 2, np.int8),
        "record": np.arange(size(charges), dtype=np.int32), "amount_e4": charges["net_e4"],
        "category": np.array([charged[c] for c in charges["charge_class"].tolist()], np.int8),
        "currency": charges["currency"], "posted_at": charges["invoiced_at"],
        "paid_at": np.full(size(charges), NAT),
    }  # fmt: skip
    billed["driver"] = _driver(billed)
    direct = native["unit"] >= 0
    objects = [{name: part[name] for name in labels} for part in (take(native, ~direct), labels, billed)]
    records = concat(objects)
    lines = shared(world, units, records, "amount_e4", records["posted_at"])
    lines = concat([take({name: native[name] for name in lines}, direct), lines])
    lines["amount_reporting_e4"] = to_reporting(
        lines["amount_e4"], rate_e8(world.fx, lines["posted_at"], lines["currency"])
    )
    lines["is_trc"] = ~among(lines["category"], *NOT_TRC)
    lines["is_planned"] = ~among(lines["category"], *UNPLANNED)
    return lines


def _driver(records: Frame) -> Array:
    """What each record that names no unit is shared by."""
    of_parcel = np.where(among(records["category"], "DUTY_IN", "BRK"), VALUE, MASS)
    of_pool = np.where(among(records["category"], "OVH"), MINUTES, EQUALLY)
    driver: Array = np.where(records["is_pool"], of_pool, np.where(records["lot"] >= 0, VALUE, of_parcel))
    return driver.astype(np.int8)


def _of_parcels(parcel: Array) -> Frame:
    n = len(parcel)
    none = np.full(n, -1, np.int32)
    return {
        "unit": none, "parcel": parcel.astype(np.int32), "lot": none, "object_id": np.full(n, "", dtype=TEXT),
        "is_pool": np.zeros(n, bool), "driver": np.full(n, MASS, np.int8),
    }  # fmt: skip


def recoveries(world: World, units: Frame) -> Frame:
    """Every recovery record by unit, with its amount in CAD; ``record`` is its row number."""
    n = size(world.recoveries)
    records = {**_of_parcels(np.full(n, -1)), **world.recoveries, "record": np.arange(n, dtype=np.int32)}
    records["driver"] = _driver(records)
    lines = shared(world, units, records, "gross_e4", records["recovered_at"])
    rates = rate_e8(world.fx, lines["recovered_at"], lines["currency"])
    lines["gross_reporting_e4"] = to_reporting(lines["gross_e4"], rates)
    return lines


def exchange(world: World, costs: Frame, recoveries: Frame) -> Frame:
    """Every line in another currency that was paid: what it was booked at and paid at in CAD, positive for a cost."""
    parts: list[Frame] = []
    for lines, amount, booked, sign in (
        (costs, "amount_e4", "amount_reporting_e4", 1),
        (recoveries, "gross_e4", "gross_reporting_e4", -1),
    ):
        paid = take(lines, ~np.isnat(lines["paid_at"]))
        rates = rate_e8(world.fx, paid["paid_at"], paid["currency"])
        parts.append({
            "unit": paid["unit"].astype(np.int64), "category": paid["category"], "paid_at": paid["paid_at"],
            "booked_rate_reporting_e4": paid[booked] * sign,
            "paid_rate_reporting_e4": to_reporting(paid[amount], rates) * sign,
        })  # fmt: skip
    return concat(parts)


def mass_lines(world: World, units: Frame) -> Frame:
    """The mass of every executed unit of known mass: what its movements say, and the rest by its disposition."""
    counted = ~np.isnat(units["executed_at"]) & (units["unit_mass_mg"] != UNKNOWN)
    tickets = world.movements
    is_waste = np.isin(units["disposition_code"], WASTED)[tickets["unit"]]
    told = is_waste & np.isin(tickets["treatment_code"], list(_TREATED))
    moved = take(tickets, told & counted[tickets["unit"]])
    known: Frame = {
        "unit": moved["unit"],
        "mass_class": np.array([_TREATED[t] for t in moved["treatment_code"]], dtype=TEXT),
        "mass_signed_mg": moved["mass_mg"],
        "record": moved["movement_id"],
    }
    rest = np.where(counted, units["unit_mass_mg"], 0)
    np.subtract.at(rest, moved["unit"], moved["mass_mg"])
    rows = np.flatnonzero(counted)
    remainder: Frame = {
        "unit": rows,
        "mass_class": np.array([_CLASS[c] for c in units["disposition_code"][rows]], dtype=TEXT),
        "mass_signed_mg": rest[rows],
        "record": np.full(len(rows), "", dtype=TEXT),
    }
    return concat([known, remainder])


def month_of(at: Array) -> Array:
    """The UTC month, NaT where the time is not known."""
    months: Array = np.where(np.isnat(at), NAT, at).astype("datetime64[M]")
    return months
