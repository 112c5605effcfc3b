"""What becomes of the units: dispositions, liquidation lots, and the mass that is handed to a treatment."""

from __future__ import annotations

import numpy as np

from simulator import mistakes
from simulator.calendar import CUTOFF, DAY, known, later
from simulator.consignments import choose
from simulator.exact import NAT, TEXT, UNKNOWN, Array, Frame, concat, size, take
from simulator.marketplace import PENDING, TO_INVENTORY
from simulator.personas import Persona

_BY_FOUND: dict[str, dict[str, float]] = {
    "SELLABLE": {"RESELL_OPEN_BOX": 1.0},
    "CUSTOMER_DAMAGED": {"LIQUIDATE_B2B": 0.5, "RECYCLE": 0.24, "LANDFILL": 0.15, "DONATE": 0.11},
    "DEFECTIVE": {"RETURN_TO_VENDOR": 0.4, "RECYCLE": 0.3, "PARTS_HARVEST": 0.15, "LIQUIDATE_B2B": 0.15},
    "DAMAGED": {"LIQUIDATE_B2B": 0.85, "SALVAGE": 0.15},
    "CARRIER_DAMAGED": {"LIQUIDATE_B2B": 0.85, "LANDFILL": 0.15},
}
_DAYS_TO_EXECUTE = {"RESTOCK_NEW": 2, "RESELL_OPEN_BOX": 4, "REFURBISH_RESELL": 14, "REMANUFACTURE": 20}
_TREATMENT = {
    "PARTS_HARVEST": "PREPARE_FOR_REUSE", "RECYCLE": "RECYCLE", "COMPOST_AD": "COMPOST_AD", "LANDFILL": "LANDFILL",
    "ENERGY_RECOVERY": "ENERGY_RECOVERY", "INCINERATE": "INCINERATE", "DESTROY_CERTIFIED": "INCINERATE",
}  # fmt: skip
WASTED = list(_TREATMENT)
IN_LOTS = ["LIQUIDATE_B2B", "SALVAGE"]


def _routes(rng: np.random.Generator, units: Frame, persona: Persona) -> Array:
    """The final route of each unit, '' where nobody looked at it: by law, else by the kind of return, else by grade."""
    code = np.full(size(units), "", dtype=TEXT)
    forbidden = ~units["is_resale_allowed"] | np.isin(units["grade"], ["R", "X"]) | units["is_short_dated"]
    seen, routed = units["grade"] != "", np.zeros(size(units), bool)
    for name, shares in persona.routes.items():
        if name == "NO_RESALE":
            continue
        chosen = (units["return_type"] == name) & ~routed if len(name) > 1 else None
        if chosen is None:
            chosen = (units["grade"] == name) & ~np.isin(units["return_type"], list(persona.routes))
        rows = np.flatnonzero(chosen & seen & ~forbidden & (units["parcel"] >= 0))
        code[rows] = choose(rng, len(rows), shares)
        routed[rows] = True
    rows = np.flatnonzero(seen & forbidden & (units["parcel"] >= 0))
    code[rows] = choose(rng, len(rows), persona.routes["NO_RESALE"])
    for value, shares in _BY_FOUND.items():
        rows = np.flatnonzero(units["found"] == value)
        code[rows] = choose(rng, len(rows), shares)
    code[units["is_first_return"] & seen] = "RESELL_OPEN_BOX"
    code[units["fate"] == "KEPT"] = "KEPT_BY_CUSTOMER"
    return code


def draw_dispositions(
    rng: np.random.Generator, units: Frame, inspections: Frame, persona: Persona
) -> tuple[Frame, Frame, Frame]:
    """(every decision with a document of its own, final fate per unit: code, decided_at, executed_at, implicit; lots).

    A marketplace unit put back to inventory is decided and executed on arrival, by its status alone (implicit). Goods
    left to the customer are decided on with the authorisation. The shop's liquidated units are sold in lots, one per
    return centre and month of decision; ``lot`` of the units is a row of the lots, -1 for none.
    """
    n = size(units)
    ready = units["received_at"].copy()
    np.maximum.at(ready, inspections["unit"], inspections["inspected_at"])
    shop = units["parcel"] >= 0
    code = _routes(rng, units, persona)
    decided = np.where(shop, later(rng, ready, 1.5, 1.8), later(rng, ready, 3.0, 16, 2 * DAY))
    delay = np.full(n, 7.0)
    for name, days in _DAYS_TO_EXECUTE.items():
        delay[code == name] = days
    lag = np.rint(rng.gamma(2.0, delay / 2.0, n) * DAY).astype(np.int64)
    executed = decided + 1800 + np.where(units["is_first_return"], np.minimum(lag, 30 * DAY), lag)
    implicit = units["status"] == TO_INVENTORY
    code[implicit] = "RESTOCK_NEW"
    kept = code == "KEPT_BY_CUSTOMER"
    decided = np.where(kept, units["authorised_at"] + 7200, decided)
    executed = np.where(kept, decided, executed)
    decided = np.where(implicit, units["received_at"], decided)
    executed = np.where(implicit, units["received_at"], executed)
    stuck = ~implicit & ~kept & ~units["is_first_return"] & ((rng.random(n) < 0.01) | (units["status"] == PENDING))
    open_ = (np.isnat(units["received_at"]) & ~kept) | (code == "") | stuck | ~(decided < CUTOFF)
    final: Frame = {
        "code": np.where(open_, "", code),
        "decided_at": np.where(open_, NAT, decided),
        "executed_at": known(np.where(open_, NAT, executed)),
        "implicit": implicit & ~open_,
    }
    final["lot"], lots = _lots(units, final)
    rows = np.flatnonzero(~open_ & ~implicit)
    documents: Frame = {
        "unit": rows,
        "disposition_code": code[rows],
        "is_final": np.where(rng.random(len(rows)) < 0.7, "true", ""),
        "decided_at": decided[rows],
        "executed_at": final["executed_at"][rows],
        "lot": final["lot"][rows],
    }
    # a first route that was given up again: it must not count
    revised = take(documents, (rng.random(len(rows)) < 0.03) & ~kept[rows])
    sellable = units["is_resale_allowed"] & ~np.isin(units["grade"], ["R", "X"])
    revised["disposition_code"] = np.where(sellable[revised["unit"]], "RESTOCK_NEW", "QUARANTINE_RECALL")
    revised["is_final"] = np.full(size(revised), "false")
    revised["decided_at"] = revised["decided_at"] - 600
    revised["executed_at"] = np.where(rng.random(size(revised)) < 0.5, revised["decided_at"] + 300, NAT)
    revised["lot"] = np.full(size(revised), -1)
    both = concat([documents, revised])
    both = take(both, np.argsort(both["decided_at"], kind="stable"))
    mistakes.in_dispositions(rng.spawn(1)[0], both, final, units, WASTED)
    return both, final, lots


def _lots(units: Frame, final: Frame) -> tuple[Array, Frame]:
    """(lot of each unit or -1, one row per lot: lot_id and node_id)."""
    rows = np.flatnonzero(np.isin(final["code"], IN_LOTS) & (units["parcel"] >= 0))
    month = final["decided_at"][rows].astype("datetime64[M]").astype("U7")
    name = np.char.add(np.char.add("LOT-", month), np.char.add("-", units["node_id"][rows]))
    found, first, lot = np.unique(name, return_index=True, return_inverse=True)
    of_unit = np.full(size(units), -1)
    of_unit[rows] = lot
    return of_unit, {"lot_id": found, "node_id": units["node_id"][rows][first]}


def draw_movements(rng: np.random.Generator, units: Frame, final: Frame, products: Frame, mass_mg: Array) -> Frame:
    """One row per treatment of a wasted unit; most weigh what the unit weighs, some less, a few more."""
    treated = np.isin(final["code"], WASTED) & ~np.isnat(final["executed_at"]) & (rng.random(size(final)) < 0.86)
    rows = np.flatnonzero(treated)
    code, unit_mg = final["code"][rows], np.where(mass_mg[rows] == UNKNOWN, 900_000, mass_mg[rows])
    main = np.array([_TREATMENT[c] for c in code], dtype=TEXT)
    permille = rng.choice([1000, 940, 1015], len(rows), p=[0.8, 0.15, 0.05])
    permille = np.where(code == "PARTS_HARVEST", rng.integers(150, 500, len(rows)), permille)
    material = products["material"][units["product"][rows]]
    first: Frame = {
        "unit": rows,
        "material_code": material,
        "treatment_code": main,
        "mass_mg": unit_mg * permille // 1000,
        "is_hazardous": np.where(np.isin(material, ["LITHIUM_BATTERY"]), "true", "false"),
        "moved_at": final["executed_at"][rows],
        # what is hazardous is never handed over without one
        "has_certificate": (rng.random(len(rows)) < 0.85) | np.isin(material, ["LITHIUM_BATTERY"]),
    }
    split = (main == "RECYCLE") & (permille == 1000) & (rng.random(len(rows)) < 0.3)
    residue = take(first, split | ((code == "PARTS_HARVEST") & (rng.random(len(rows)) < 0.3)))
    residue["mass_mg"] = residue["mass_mg"] * 3 // 20
    residue["treatment_code"] = np.full(size(residue), "LANDFILL")
    residue["material_code"] = np.full(size(residue), "MIXED")
    first["mass_mg"] = np.where(split, first["mass_mg"] - first["mass_mg"] * 3 // 20, first["mass_mg"])
    both = mistakes.in_movements(rng.spawn(1)[0], concat([first, residue]), units, final, mass_mg)
    both = take(both, np.argsort(both["moved_at"], kind="stable"))
    both["movement_id"] = np.char.mod("MOV-%06d", 1 + np.arange(size(both)))
    return both
