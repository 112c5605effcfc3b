"""What really happened, to the cent and the gram: the ledger of units and the tables behind the headline figures.

Everything is computed from the world in integers and shares no code and no query with the warehouse.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator import valuation
from simulator.exact import NAT, UNKNOWN, Array, Frame, concat, rate_e8, size, take, to_reporting
from simulator.world import World

NOT_TRC = ["WRITE_DOWN"]
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


@dataclass(frozen=True)
class Truth:
    """The oracle: tables of the truth, and the KPIs by month.

    ``ledger``: one row per unit; ``costs``: one per unit and cost record (unit -1: unallocated); ``recoveries``: one
    per recovery record; ``mass``: one per unit and mass line; ``headline``: what ``simulator.headline`` tells. Money is
    in CAD where the name says reporting, else in the row's currency; times are UTC.
    """

    ledger: Frame
    costs: Frame
    recoveries: Frame
    mass: Frame
    headline: dict[str, Any]


def ledger(world: World) -> Frame:
    """One row per unit: its evidence, its times, what it cost and weighs, and its fate."""
    units, final = world.units, world.final
    landed, version = valuation.landed_cost(units, world.sales, world.items, world.products, world.fx)
    shop = units["channel"] == "WEBSHOP"
    ordinal = units["unit_ordinal"].astype("U4")
    rma = np.char.add(np.char.add(np.char.add(units["rma_id"], "|"), np.char.add(units["rma_line"], "|")), ordinal)
    received, executed = units["received_at"], final["executed_at"]
    status = np.where(np.isnat(received), "IN_TRANSIT", "RECEIVED").astype("U12")
    status[final["code"] != ""] = "DECIDED"
    status[~np.isnat(executed)] = "EXECUTED"
    status[units["fate"] != ""] = units["fate"][units["fate"] != ""]
    tracking = np.where(shop, world.parcels["tracking_number"][np.maximum(units["parcel"], 0)], "")
    return {
        "unit_id": np.where(shop, rma, units["lpn"]),
        **{name: units[name] for name in ("channel", "lpn", "rma_id", "rma_line", "unit_ordinal")},
        "tracking_number": tracking,
        "lane": np.where(units["is_us"], "US", "CA"),
        "sku": world.products["sku"][units["product"]],
        "order_id": units["order_id"],
        "status": status,
        "reason_code": units["reason_code"],
        "grade": units["grade"],
        "requested_at": units["requested_at"],
        "received_at": received,
        "disposition_code": final["code"],
        "decided_at": final["decided_at"],
        "executed_at": executed,
        "landed_cost_reporting_e4": landed,
        "unit_mass_mg": valuation.mass(world.inspections, world.items, version),
    }


def costs(world: World, units: Frame) -> Frame:
    """Every cost record by unit: its own, and its share of its parcel's; ``units`` is the ledger."""
    columns = ["record", "source", "category_code", "amount_e4", "currency", "posted_at", "is_planned"]
    native = {**world.costs, "record": world.costs["cost_id"], "source": np.full(size(world.costs), "shop/costs")}
    parcels = world.parcels
    bought = np.flatnonzero((parcels["label_e4"] != UNKNOWN) & (parcels["refund_status"] != "refunded"))
    labels: Frame = {
        "parcel": bought,
        "record": np.char.add("shp_", parcels["easypost_id"][bought]),
        "source": np.full(len(bought), "easypost/shipments"),
        "category_code": np.full(len(bought), "FRT_RTN"),
        "amount_e4": parcels["label_e4"][bought],
        "currency": parcels["currency"][bought],
        "posted_at": parcels["label_at"][bought],
        "is_planned": np.full(len(bought), "true"),
    }
    direct = take(native, native["parcel"] < 0)
    by_parcel = take(native, native["parcel"] >= 0)
    charges = concat([{c: part[c] for c in ["parcel", *columns]} for part in (by_parcel, labels)])
    charge, unit, share = _share(charges, world.units["parcel"], units)
    shared = {**take({c: charges[c] for c in columns}, charge), "unit": unit, "amount_e4": share}
    lines = concat([{c: part[c] for c in ["unit", *columns]} for part in (direct, shared)])
    rates = rate_e8(world.fx, lines["posted_at"], lines["currency"])
    lines["amount_reporting_e4"] = to_reporting(lines["amount_e4"], rates)
    lines["is_trc"] = ~np.isin(lines["category_code"], NOT_TRC)
    return lines


def _share(charges: Frame, parcel_of: Array, units: Frame) -> tuple[Array, Array, Array]:
    """(charge, unit, amount_e4) of each share: whole cents by largest remainder, ties to the smaller unit key.

    By mass where all units of the parcel have one, else by landed cost where all have one, else equally.
    """
    order = np.argsort(parcel_of, kind="stable")
    order = order[np.searchsorted(parcel_of[order], 0) :]  # units without a parcel stand first
    first = np.searchsorted(parcel_of[order], charges["parcel"])
    count = np.searchsorted(parcel_of[order], charges["parcel"], side="right") - first
    charge = np.repeat(np.arange(len(count)), count)
    within = np.arange(len(charge)) - np.repeat(np.cumsum(count) - count, count)
    unit = order[first[charge] + within]

    def all_known(values: Array) -> Array:
        missing = np.bincount(charge, weights=values[unit] == UNKNOWN, minlength=len(count))
        complete: Array = missing[charge] == 0
        return complete

    mass, landed = units["unit_mass_mg"], units["landed_cost_reporting_e4"]
    driver = np.where(all_known(mass), mass[unit], np.where(all_known(landed), landed[unit], 1)).astype(np.int64)
    total = np.zeros(len(count), np.int64)
    np.add.at(total, charge, driver)
    cents, odd = np.divmod(np.abs(charges["amount_e4"]), 100)
    if np.any(odd) or np.any(total == 0):
        raise ArithmeticError("a parcel amount is not in whole cents, or its units have no weight to share by")
    share, remainder = np.divmod(cents[charge] * driver, total[charge])
    left = cents.copy()
    np.subtract.at(left, charge, share)
    ranked = np.lexsort((unit, -remainder, charge))  # unit numbers follow the unit keys
    rank = np.empty(len(charge), np.int64)
    rank[ranked] = within
    share = share + (rank < left[charge])
    return charge, unit, share * np.sign(charges["amount_e4"])[charge] * 100


def recoveries(world: World) -> Frame:
    """Every recovery record by unit, with its amount in CAD."""
    lines = dict(world.recoveries)
    rates = rate_e8(world.fx, lines["recovered_at"], lines["currency"])
    lines["gross_reporting_e4"] = to_reporting(lines["gross_e4"], rates)
    return lines


def mass_lines(world: World, units: Frame) -> Frame:
    """The mass of every executed unit of known mass: what its movements say, and the rest by its disposition."""
    counted = ~np.isnat(units["executed_at"]) & (units["unit_mass_mg"] != UNKNOWN)
    moved = take(world.movements, counted[world.movements["unit"]])
    known: Frame = {
        "unit": moved["unit"],
        "mass_class": np.array([_TREATED[t] for t in moved["treatment_code"]], dtype="U20"),
        "mass_signed_mg": moved["mass_mg"],
        "record": moved["movement_id"],
    }
    rest = np.where(counted, units["unit_mass_mg"], 0)
    np.subtract.at(rest, moved["unit"], moved["mass_mg"])
    rows = np.flatnonzero(counted)
    remainder: Frame = {
        "unit": rows,
        "mass_class": np.array([_CLASS[c] for c in units["disposition_code"][rows]], dtype="U20"),
        "mass_signed_mg": rest[rows],
        "record": np.full(len(rows), "", dtype="U11"),
    }
    return concat([known, remainder])


def month_of(at: Array) -> Array:
    """The UTC month, NaT where the time is not known."""
    months: Array = np.where(np.isnat(at), NAT, at).astype("datetime64[M]")
    return months
