"""The categories of costs and recoveries, held in the tables as their place in one list (column ``category``)."""

from __future__ import annotations

import numpy as np

from simulator.exact import Array

CATEGORIES = [
    "FRT_RTN", "FRT_CONS", "FRT_ADJ", "RCV", "INSP", "REF_LAB", "REF_PRT", "REMAN", "RPK", "STO", "CS", "PAY",
    "DUTY_IN", "BRK", "RFD_UNREC", "FRAUD", "WRITE_DOWN", "DISP", "OUT_SEL", "OVH",
    "REC_SALE", "REC_RTV", "REC_WAR", "REC_CAR", "REC_MKT", "REC_DBK", "INC_FEE",
]  # fmt: skip
FREIGHT = ("FRT_RTN", "FRT_CONS", "FRT_ADJ")
CREDITS = ("REC_RTV", "REC_WAR", "REC_CAR", "REC_MKT", "REC_DBK")


def filled(n: int, name: str) -> Array:
    """A column of one category."""
    return np.full(n, CATEGORIES.index(name), np.int8)


def among(category: Array, *names: str) -> Array:
    """Which rows are of one of the named categories."""
    wanted = np.zeros(len(CATEGORIES), bool)
    wanted[[CATEGORIES.index(name) for name in names]] = True
    chosen: Array = wanted[category]
    return chosen
