"""What becomes of the units: inspections, dispositions, and the mass that is handed to a treatment."""

from __future__ import annotations

import numpy as np

from simulator.calendar import CUTOFF, DAY, known, later
from simulator.exact import NAT, UNKNOWN, Array, Frame, concat, size, take
from simulator.marketplace import PENDING, TO_INVENTORY

_BY_GRADE: dict[str, dict[str, float]] = {
    "A": {"RESTOCK_NEW": 0.84, "RESELL_OPEN_BOX": 0.12, "DONATE": 0.03, "EXCHANGE_REUSE": 0.01},
    "B": {"RESELL_OPEN_BOX": 0.62, "RESTOCK_NEW": 0.13, "DONATE": 0.05, "LIQUIDATE_B2B": 0.18, "REDEPLOY": 0.02},
    "C": {"REFURBISH_RESELL": 0.40, "LIQUIDATE_B2B": 0.28, "DONATE": 0.14, "SALVAGE": 0.05, "RESELL_OPEN_BOX": 0.13},
    "D": {
        "REFURBISH_RESELL": 0.27, "RETURN_TO_VENDOR": 0.30, "PARTS_HARVEST": 0.16, "RECYCLE": 0.17,
        "REMANUFACTURE": 0.04, "REPURPOSE": 0.03, "REPAIR_RETURN_OWNER": 0.03,
    },
    "E": {
        "RECYCLE": 0.44, "LANDFILL": 0.24, "PARTS_HARVEST": 0.13, "ENERGY_RECOVERY": 0.08, "DESTROY_CERTIFIED": 0.05,
        "INCINERATE": 0.02, "COMPOST_AD": 0.01, "RETURN_TO_VENDOR": 0.03,
    },
}  # fmt: skip
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


def _choose(rng: np.random.Generator, n: int, shares: dict[str, float]) -> Array:
    return rng.choice(list(shares), n, p=np.array(list(shares.values())) / sum(shares.values()))


def draw_inspections(rng: np.random.Generator, units: Frame) -> tuple[Frame, Array]:
    """One row per inspection of a unit received by the webshop, and per unit the grade of the last ('' if none)."""
    n = size(units)
    grade = np.full(n, "", dtype="U1")
    faulty = np.isin(units["reason_code"], ["DEFECTIVE", "DAMAGED_TRANSIT"])
    grade[~faulty] = rng.choice(list("ABCDE"), int((~faulty).sum()), p=[0.58, 0.22, 0.12, 0.05, 0.03])
    grade[faulty] = rng.choice(list("ABCDE"), int(faulty.sum()), p=[0.16, 0.18, 0.22, 0.27, 0.17])
    inspected_at = later(rng, units["received_at"], 1.5, 2.2)
    inspected = (units["parcel"] >= 0) & (rng.random(n) < 0.97) & (inspected_at < CUTOFF)
    grade[(units["parcel"] >= 0) & ~inspected] = ""
    rows = np.flatnonzero(inspected)
    jitter = rng.integers(-60, 61, len(rows)) * 1000
    weighed = (rng.random(len(rows)) < 0.4) & (units["item_mg"][rows] != UNKNOWN)
    unknown_but_weighed = (rng.random(len(rows)) < 0.5) & (units["item_mg"][rows] == UNKNOWN)
    scanned = np.where(weighed, np.maximum(units["item_mg"][rows] + jitter, 40_000), UNKNOWN)
    scanned = np.where(unknown_but_weighed, rng.integers(300, 4000, len(rows)) * 1000, scanned)
    first: Frame = {
        "unit": rows,
        "inspected_at": inspected_at[rows],
        "grade": grade[rows],
        "scanned_weight_mg": scanned,
        "minutes_e4": rng.integers(30, 220, len(rows)) * 1000,
    }
    # a second look weighs again whatever was weighed, and stands
    again = take(first, rng.random(len(rows)) < 0.02)
    again["inspected_at"] = later(rng, again["inspected_at"], 2.0, 0.5)
    weight = again["scanned_weight_mg"]
    again["scanned_weight_mg"] = np.where(weight == UNKNOWN, UNKNOWN, weight + 10_000)
    again = take(again, again["inspected_at"] < CUTOFF)
    both = concat([first, again])
    return take(both, np.argsort(both["inspected_at"], kind="stable")), grade


def draw_dispositions(rng: np.random.Generator, units: Frame, inspections: Frame) -> tuple[Frame, Frame]:
    """(every decision with a document of its own, final fate per unit: code, decided_at, executed_at, implicit).

    A marketplace unit put back to inventory is decided and executed on arrival, by its status alone (implicit).
    """
    n = size(units)
    ready = units["received_at"].copy()
    np.maximum.at(ready, inspections["unit"], inspections["inspected_at"])
    webshop = units["parcel"] >= 0
    code = np.full(n, "", dtype="U24")
    for column, table in (("grade", _BY_GRADE), ("found", _BY_FOUND)):
        for value, shares in table.items():
            rows = np.flatnonzero(units[column] == value)
            code[rows] = _choose(rng, len(rows), shares)
    decided = np.where(webshop, later(rng, ready, 1.5, 1.8), later(rng, ready, 3.0, 16, 2 * DAY))
    delay = np.full(n, 7.0)
    for name, days in _DAYS_TO_EXECUTE.items():
        delay[code == name] = days
    executed = decided + 1800 + np.rint(rng.gamma(2.0, delay / 2.0, n) * DAY).astype(np.int64)
    implicit = units["status"] == TO_INVENTORY
    code[implicit] = "RESTOCK_NEW"
    decided = np.where(implicit, units["received_at"], decided)
    executed = np.where(implicit, units["received_at"], executed)
    stuck = ~implicit & ((rng.random(n) < 0.01) | (units["status"] == PENDING))
    open_ = np.isnat(units["received_at"]) | (code == "") | stuck | ~(decided < CUTOFF)
    final: Frame = {
        "code": np.where(open_, "", code),
        "decided_at": np.where(open_, NAT, decided),
        "executed_at": known(np.where(open_, NAT, executed)),
        "implicit": implicit & ~open_,
    }
    rows = np.flatnonzero(~open_ & ~implicit)
    documents: Frame = {
        "unit": rows,
        "disposition_code": code[rows],
        "is_final": np.where(rng.random(len(rows)) < 0.7, "true", ""),
        "decided_at": decided[rows],
        "executed_at": final["executed_at"][rows],
    }
    # a first route that was given up again: it must not count
    revised = take(documents, rng.random(len(rows)) < 0.03)
    revised["disposition_code"] = np.full(size(revised), "RESTOCK_NEW")
    revised["is_final"] = np.full(size(revised), "false")
    revised["decided_at"] = revised["decided_at"] - 600
    revised["executed_at"] = np.where(rng.random(size(revised)) < 0.5, revised["decided_at"] + 300, NAT)
    both = concat([documents, revised])
    return take(both, np.argsort(both["decided_at"], kind="stable")), final


def draw_movements(rng: np.random.Generator, units: Frame, final: Frame, products: Frame, mass_mg: Array) -> Frame:
    """One row per treatment of a wasted unit; most weigh what the unit weighs, some less, a few more."""
    treated = (
        np.isin(final["code"], list(_TREATMENT)) & ~np.isnat(final["executed_at"]) & (rng.random(size(final)) < 0.86)
    )
    rows = np.flatnonzero(treated)
    code, unit_mg = final["code"][rows], np.where(mass_mg[rows] == UNKNOWN, 900_000, mass_mg[rows])
    main = np.array([_TREATMENT[c] for c in code], dtype="U20")
    permille = rng.choice([1000, 940, 1015], len(rows), p=[0.8, 0.15, 0.05])
    permille = np.where(code == "PARTS_HARVEST", rng.integers(150, 500, len(rows)), permille)
    material = products["material"][units["product"][rows]]
    first: Frame = {
        "unit": rows,
        "material_code": material,
        "treatment_code": main,
        "mass_mg": unit_mg * permille // 1000,
        "is_hazardous": np.full(len(rows), "false"),
        "moved_at": final["executed_at"][rows],
    }
    split = (main == "RECYCLE") & (permille == 1000) & (rng.random(len(rows)) < 0.3)
    residue = take(first, split | ((code == "PARTS_HARVEST") & (rng.random(len(rows)) < 0.3)))
    residue["mass_mg"] = residue["mass_mg"] * 3 // 20
    residue["treatment_code"] = np.full(size(residue), "LANDFILL")
    residue["material_code"] = np.full(size(residue), "MIXED")
    first["mass_mg"] = np.where(split, first["mass_mg"] - first["mass_mg"] * 3 // 20, first["mass_mg"])
    both = concat([first, residue])
    return take(both, np.argsort(both["moved_at"], kind="stable"))
