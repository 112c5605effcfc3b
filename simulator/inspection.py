"""What the return centres find when they look: grades, weights, tests, causes of damage, abuse, other articles."""

from __future__ import annotations

import numpy as np

from simulator import mistakes
from simulator.calendar import CUTOFF, later
from simulator.consignments import choose
from simulator.exact import TEXT, UNKNOWN, Array, Frame, concat, size, take
from simulator.personas import Persona
from simulator.reasons import FAULTY

_WORN = {"B": 0.1, "C": 0.35, "D": 0.33, "E": 0.22}
_WORN_TYPES = ["END_OF_LIFE", "CORE", "TRADE_IN"]
_TESTED = ["ELECTRONICS", "PARTS", "DEVICE"]


def draw(rng: np.random.Generator, units: Frame, products: Frame, persona: Persona) -> tuple[Frame, Array]:
    """One row per inspection of a unit received by the shop, and per unit the grade of the last ('' if none)."""
    n = size(units)
    shop = units["parcel"] >= 0
    grade = _grades(rng, units, persona)
    inspected_at = later(rng, units["received_at"], 1.5, 2.2)
    # nobody sells on what nobody looked at
    inspected = shop & ((rng.random(n) < 0.97) | units["is_first_return"]) & (inspected_at < CUTOFF)
    grade[shop & ~inspected] = ""
    rows = np.flatnonzero(inspected)
    item_mg = units["item_mg"][rows]
    jitter = rng.integers(-60, 61, len(rows)) * 1000
    # an article of another kind is always put on the scale
    weighed = ((rng.random(len(rows)) < 0.4) | units["is_other_article"][rows]) & (item_mg != UNKNOWN)
    unknown_but_weighed = (rng.random(len(rows)) < 0.5) & (item_mg == UNKNOWN)
    scanned = np.where(weighed, np.maximum(item_mg + np.minimum(jitter, item_mg // 4), item_mg * 3 // 4), UNKNOWN)
    scanned = np.where(unknown_but_weighed, rng.integers(300, 4000, len(rows)) * 1000, scanned)
    first: Frame = {
        "unit": rows,
        "inspected_at": inspected_at[rows],
        "grade": grade[rows],
        "scanned_weight_mg": scanned,
        "minutes_e4": np.where(rng.random(len(rows)) < 0.96, rng.integers(30, 220, len(rows)) * 1000, UNKNOWN),
        **_found(rng, take(units, rows), products, grade[rows]),
    }
    _swaps(rng, first, units, products)
    # a second look weighs again whatever was weighed, and stands
    again = take(first, (rng.random(len(rows)) < 0.02) & (first["defect"] == ""))
    again["inspected_at"] = later(rng, again["inspected_at"], 2.0, 0.5)
    weight = again["scanned_weight_mg"]
    again["scanned_weight_mg"] = np.where(weight == UNKNOWN, UNKNOWN, weight + 10_000)
    again = take(again, again["inspected_at"] < CUTOFF)
    both = concat([first, again])
    both = take(both, np.argsort(both["inspected_at"], kind="stable"))
    return mistakes.in_inspections(rng.spawn(1)[0], both, units), grade


def _grades(rng: np.random.Generator, units: Frame, persona: Persona) -> Array:
    grade = np.full(size(units), "", dtype="U1")
    worn = np.isin(units["return_type"], _WORN_TYPES)
    faulty = np.isin(units["reason"], FAULTY) & ~worn
    for mask, shares in ((worn, _WORN), (faulty, persona.faulty), (~worn & ~faulty, persona.sound)):
        rows = np.flatnonzero(mask)
        grade[rows] = choose(rng, len(rows), shares)
    grade[units["is_expired"]] = "X"
    grade[units["return_type"] == "RECALL"] = "R"
    grade[units["is_first_return"]] = "B"  # to be sold on
    return grade


def _found(rng: np.random.Generator, units: Frame, products: Frame, grade: Array) -> Frame:
    n = size(units)
    bad = np.isin(grade, ["D", "E"])
    tested = np.isin(products["category"][units["product"]], _TESTED) & (rng.random(n) < 0.85)
    cause = np.full(n, "", dtype=TEXT)
    for reason, causes in (
        ("DAMAGED_TRANSIT", {"CARRIER": 0.7, "CUSTOMER": 0.15, "UNKNOWN": 0.15}),
        ("DAMAGED_FC", {"WAREHOUSE": 0.9, "UNKNOWN": 0.1}),
    ):
        rows = np.flatnonzero(units["reason"] == reason)
        cause[rows] = choose(rng, len(rows), causes)
    cause[(cause == "") & bad & (rng.random(n) < 0.2)] = "CUSTOMER"
    draw_ = rng.random(n)
    sold = units["order_id"] != ""
    return {
        "test_result": np.where(tested, np.where(bad, "DEFECT", "OK"), ""),
        "found_reason": np.where(rng.random(n) < 0.3, np.where(bad, "DEFECTIVE", "CHANGED_MIND"), ""),
        "damage_cause": cause,
        "is_fraud_suspected": np.where(sold & (draw_ < 0.045), "true", np.where(draw_ < 0.6, "false", "")),
        "is_fraud_confirmed": np.where(sold & (draw_ < 0.015), "true", ""),
        "found_product": np.full(n, -1),
        "defect": np.full(n, "", dtype=TEXT),
    }


def _swaps(rng: np.random.Generator, first: Frame, units: Frame, products: Frame) -> None:
    """Boxes with another article in them, or with next to nothing."""
    unit = first["unit"]
    plain = ~units["is_other_article"][unit] & ~units["is_first_return"][unit] & (units["order_id"][unit] != "")
    plain &= units["item_mg"][unit] != UNKNOWN
    rows = rng.permutation(np.flatnonzero(plain))
    count = max(2, len(rows) // 250)
    other, empty = rows[:count], rows[count : 2 * count]
    product = units["product"][unit]
    first["found_product"][other] = (product[other] + 1 + rng.integers(0, 7, count)) % size(products)
    first["scanned_weight_mg"][empty] = units["item_mg"][unit[empty]] * rng.integers(15, 45, len(empty)) // 100
    for found in (other, empty):
        first["defect"][found] = "swapped_unit"
        first["is_fraud_suspected"][found] = "true"
