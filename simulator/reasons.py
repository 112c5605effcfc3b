"""What the reasons in the files mean: the words of the shop and of the marketplace, and the families that count."""

from __future__ import annotations

import numpy as np

from simulator.exact import TEXT, Array

_SHOP = {
    "COLOR": "COLOUR", "SIZE_TOO_LARGE": "SIZE_LARGE", "SIZE_TOO_SMALL": "SIZE_SMALL", "UNWANTED": "CHANGED_MIND",
    "WRONG_ITEM": "WRONG_ITEM_SENT", "": "UNKNOWN",
}  # fmt: skip
MARKETPLACE = {
    "UNWANTED_ITEM": "CHANGED_MIND", "NOT_AS_DESCRIBED": "NOT_AS_DESCRIBED", "DEFECTIVE": "DEFECTIVE",
    "CR-DEFECTIVE": "DEFECTIVE", "APPAREL_TOO_SMALL": "SIZE_SMALL", "APPAREL_TOO_LARGE": "SIZE_LARGE",
    "ORDERED_WRONG_ITEM": "ORDER_ERROR_CUSTOMER", "FOUND_BETTER_PRICE": "BETTER_PRICE",
    "NO_REASON_GIVEN": "CHANGED_MIND", "QUALITY_UNACCEPTABLE": "QUALITY", "MISSING_PARTS": "MISSING_PARTS",
    "AMZ-PG-BAD-DESC": "NOT_AS_DESCRIBED", "UNDELIVERABLE_REFUSED": "UNDELIVERABLE",
    "DAMAGED_BY_CARRIER": "DAMAGED_TRANSIT",
}  # fmt: skip
UNMAPPED = ["VOIR-NOTE", "code 99", "autre_motif_client"]
FAULTY = [
    "DEFECTIVE",
    "DAMAGED_TRANSIT",
    "QUALITY",
    "DAMAGED_FC",
    "DAMAGED_PACK",
]  # complaints that inspections confirm
_FAMILIES = {"DEFECT": ["DEFECTIVE"], "QUALITY": ["QUALITY"], "UNSOLD": ["EXCESS", "SEASON_END", "DISCONTINUED"]}


def taken_back(families: str) -> list[str]:
    """The reasons for which a supplier takes goods back: families with bars between them, '' for faulty goods."""
    return [reason for family in (families or "DEFECT|QUALITY").split("|") for reason in _FAMILIES[family]]


def canonical(codes: Array, *, marketplace: bool) -> Array:
    """The canonical reason of each code as its source writes it, UNKNOWN where it means nothing to anyone."""
    words = MARKETPLACE if marketplace else _SHOP
    found, index = np.unique(codes, return_inverse=True)
    meant = ["UNKNOWN" if code in UNMAPPED else words.get(code, code) for code in found.tolist()]
    return np.array(meant, dtype=TEXT)[index]
