"""Mistakes that people make in the records themselves: each is told by its ``defect``, and counts as it was told."""

from __future__ import annotations

import numpy as np

from simulator.calendar import CUTOFF, DAY, START
from simulator.categories import among, filled
from simulator.exact import TEXT, UNKNOWN, Array, Frame, concat, counted, size, take

_EACH = 2  # of every kind


def _some(rng: np.random.Generator, mask: Array) -> Array:
    """A few of the rows of a mask."""
    return np.sort(rng.permutation(np.flatnonzero(mask))[:_EACH])


def _sound(frame: Frame) -> Array:
    sound: Array = frame["defect"] == ""
    return sound


def in_inspections(rng: np.random.Generator, inspections: Frame, units: Frame) -> Frame:
    """A grade that no list knows, of a look that a second one replaced; and looks before the goods were there."""
    unit = inspections["unit"]
    looks = counted(size(units), unit)[unit]
    is_first = np.zeros(len(unit), bool)
    is_first[np.unique(unit, return_index=True)[1]] = True
    rows = _some(rng, (looks > 1) & is_first & _sound(inspections))
    inspections["grade"][rows], inspections["defect"][rows] = "Z", "unmapped_grade_code"
    received = units["received_at"][unit]
    rows = _some(rng, (looks == 1) & (received > START + 30 * DAY) & _sound(inspections))
    inspections["inspected_at"][rows] = received[rows] - 3 * DAY
    inspections["defect"][rows] = "events_out_of_order"
    return take(inspections, np.argsort(inspections["inspected_at"], kind="stable"))


def in_dispositions(
    rng: np.random.Generator, documents: Frame, final: Frame, units: Frame, wasted: list[str]
) -> None:  # fmt: skip
    """Two final decisions, a route that no list knows, and recalled goods sold on."""
    documents["defect"] = np.full(size(documents), "", dtype=TEXT)
    given_up = documents["is_final"] == "false"
    rows = _some(rng, given_up)
    documents["is_final"][rows], documents["defect"][rows] = "true", "several_final_dispositions"
    rows = _some(rng, given_up & _sound(documents))
    documents["disposition_code"][rows], documents["defect"][rows] = "DISMANTLE", "unmapped_disposition_code"
    unit = documents["unit"]
    recalled = (units["grade"] == "R") & ~units["is_short_dated"]
    alone = counted(size(units), unit) == 1
    rows = _some(rng, (recalled & alone)[unit] & np.isin(documents["disposition_code"], wasted))
    documents["disposition_code"][rows], documents["defect"][rows] = "RESELL_OPEN_BOX", "forbidden_resale"
    final["code"][unit[rows]] = "RESELL_OPEN_BOX"


def in_movements(rng: np.random.Generator, movements: Frame, units: Frame, final: Frame, mass_mg: Array) -> Frame:
    """Tickets of unknown matter or treatment, too heavy, without a certificate, or of goods that stayed in use."""
    movements["defect"] = np.full(size(movements), "", dtype=TEXT)
    unit = movements["unit"]
    single = (counted(size(units), unit) == 1)[unit] & (mass_mg[unit] != UNKNOWN)
    rows = _some(rng, single & ~movements["has_certificate"])
    movements["is_hazardous"][rows], movements["defect"][rows] = "true", "hazardous_without_certificate"
    harmless = single & (movements["is_hazardous"] == "false")
    rows = _some(rng, harmless & _sound(movements))
    movements["material_code"][rows], movements["defect"][rows] = "UNOBTAINIUM", "unmapped_material"
    light = movements["mass_mg"] * 100 < mass_mg[unit] * 95
    odd = take(movements, _some(rng, harmless & light & _sound(movements)))
    odd["mass_mg"] = mass_mg[odd["unit"]] // 50
    odd["treatment_code"] = np.full(size(odd), "GASIFY", dtype=TEXT)
    odd["defect"] = np.full(size(odd), "unmapped_treatment_code", dtype=TEXT)
    others = ~np.isin(unit, odd["unit"])
    whole = movements["treatment_code"] != "PREPARE_FOR_REUSE"  # parts weigh less than their unit
    rows = _some(rng, harmless & others & whole & _sound(movements))
    movements["mass_mg"][rows], movements["defect"][rows] = mass_mg[unit[rows]] * 3 // 2, "ticket_over_unit_mass"
    kept = (final["code"] == "RESTOCK_NEW") & ~np.isnat(final["executed_at"]) & (units["parcel"] >= 0)
    back = _some(rng, kept & (mass_mg != UNKNOWN))
    wrong: Frame = {
        "unit": back,
        "material_code": np.full(len(back), "MIXED"),
        "treatment_code": np.full(len(back), "LANDFILL"),
        "mass_mg": mass_mg[back] // 10,
        "is_hazardous": np.full(len(back), "false"),
        "moved_at": final["executed_at"][back],
        "has_certificate": np.zeros(len(back), bool),
        "defect": np.full(len(back), "waste_of_kept_unit", dtype=TEXT),
    }
    odd["has_certificate"] = np.zeros(size(odd), bool)
    return concat([movements, odd, wrong])


def in_charges(rng: np.random.Generator, charges: Frame) -> None:
    """Surcharges with the sign of a credit."""
    rows = _some(rng, (charges["charge_class"] == "SURCHARGE") & _sound(charges))
    charges["net_e4"][rows], charges["incentive_e4"][rows] = -charges["net_e4"][rows], UNKNOWN
    charges["defect"][rows] = "wrong_sign"


def in_claims(rng: np.random.Generator, claims: Frame) -> None:
    """Carriers that paid more than was claimed."""
    claims["defect"] = np.full(size(claims), "", dtype=TEXT)
    paid = (claims["claim_kind"] == "CARRIER") & (claims["outcome"] == "PAID")
    rows = _some(rng, paid & (claims["claimed_e4"] > 100_000))
    claims["paid_e4"][rows] = claims["claimed_e4"][rows] * 11 // 1000 * 100
    claims["defect"][rows] = "claim_above_value"


def in_recoveries(rng: np.random.Generator, recoveries: Frame, units: Frame, parcels: Frame, final: Frame) -> Frame:
    """Vendors' credits above what the unit had cost, an unknown channel, and drawback of duty that was never paid."""
    recoveries["defect"] = np.full(size(recoveries), "", dtype=TEXT)
    unit = np.maximum(recoveries["unit"], 0)
    credit = among(recoveries["category"], "REC_RTV") & (recoveries["unit"] >= 0) & (units["landed_e4"][unit] > 0)
    rows = _some(rng, credit)
    recoveries["gross_e4"][rows] = units["landed_e4"][unit[rows]] * 12 // 1000 * 100
    recoveries["defect"][rows] = "recovered_above_limit"
    rows = _some(rng, among(recoveries["category"], "REC_SALE") & (recoveries["unit"] >= 0))
    recoveries["resale_channel"][rows], recoveries["defect"][rows] = "FLEA_MARKET", "unmapped_resale_channel"
    parcel = np.maximum(units["parcel"], 0)
    alone = (units["parcel"] >= 0) & (counted(size(parcels), units["parcel"][units["parcel"] >= 0]) == 1)[parcel]
    spared = alone & (parcels["duty_treatment"][parcel] == "FREE_9814") & ~np.isnat(units["received_at"])
    back = _some(rng, spared & (final["executed_at"] < CUTOFF - 61 * DAY))
    n = len(back)
    drawn: Frame = {
        "unit": back,
        "parcel": np.full(n, -1),
        "lot": np.full(n, -1),
        "category": filled(n, "REC_DBK"),
        "gross_e4": np.full(n, 4_000),
        "currency": np.full(n, "CAD"),
        "recovered_at": final["executed_at"][back] + 60 * DAY,
        "resale_channel": np.full(n, "", dtype=TEXT),
        "defect": np.full(n, "duty_spared_and_drawn_back", dtype=TEXT),
    }
    return concat([recoveries, drawn])
