"""The true measures of ``waste.yml``, but for carbon: where the mass went."""

from __future__ import annotations

import numpy as np

from simulator.exact import UNKNOWN, Array
from simulator.fate import IN_LOTS, WASTED
from simulator.kpis.base import Book, Facts

_QUARTERS = {"PREVENTED": 4, "PREPARED_FOR_REUSE": 3, "RECYCLED": 2, "ENERGY_RECOVERY": 1, "DISPOSED": 0}
_REUSED = ["PREPARED_FOR_REUSE", "RECYCLED"]
_WASTE = [*_REUSED, "ENERGY_RECOVERY", "DISPOSED"]


def tell(facts: Facts, book: Book) -> None:
    """Adds every measure of mass to the book."""
    lines, units, executed = facts.mass, facts.units, facts.units["executed_at"]
    place, mg, at = lines["mass_class"], lines["mass_signed_mg"], executed[lines["unit"]]
    code = units["disposition_code"][lines["unit"]]

    def kilograms(measure: str, mask: Array) -> None:
        book.add(measure, at[mask], mg[mask], 6)

    book.add("UNITS_CLOSED_WEIGHED", executed[units["unit_mass_mg"] != UNKNOWN])
    kilograms("MASS_KG", np.ones(len(mg), bool))
    kilograms("KEPT_IN_USE_KG", np.isin(place, ["PREVENTED", "PREPARED_FOR_REUSE"]))
    kilograms("PREVENTED_KG", place == "PREVENTED")
    waste = np.isin(place, _WASTE)
    given = (code == "DONATE") & ~waste
    kilograms("WASTE_KG", waste)
    kilograms("WASTE_DIVERTED_KG", np.isin(place, _REUSED))
    kilograms("WASTE_DISPOSED_KG", np.isin(place, ["ENERGY_RECOVERY", "DISPOSED"]))
    kilograms("US_DIVERTED_KG", np.isin(place, _REUSED) | given)
    kilograms("US_TOTAL_KG", waste | given)
    kilograms("LANDFILL_AVOIDED_KG", np.isin(place, [*_REUSED, "ENERGY_RECOVERY"]))
    kilograms("ALL_DISCARDS_KG", waste | given | np.isin(code, IN_LOTS))
    ranked = np.isin(place, list(_QUARTERS))
    quarters = np.array([_QUARTERS.get(p, 0) for p in place.tolist()], dtype=np.int64)
    book.add("HIERARCHY_POINTS", at[ranked], (mg * quarters * 25)[ranked], 8)
    kilograms("HIERARCHY_KG", ranked)
    regulated = facts.world.products["regulation_class"][facts.world.units["product"]] != ""
    required = regulated & np.isin(units["disposition_code"], WASTED)
    book.add("CERTIFICATE_REQUIRED", executed[required])
    held = np.zeros(facts.n, bool)
    held[facts.world.movements["unit"][facts.world.movements["has_certificate"]]] = True
    book.add("CERTIFICATE_HELD", executed[required & held])
