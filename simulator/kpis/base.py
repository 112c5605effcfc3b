"""How the true measures are kept: sums of integers by UTC month, and durations with their median."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any

import numpy as np

from simulator import valuation
from simulator.calendar import CUTOFF
from simulator.categories import CREDITS, among
from simulator.exact import UNKNOWN, Array, Frame, counted, size, take, text
from simulator.world import World

AS_OF = CUTOFF  # the last stock snapshot is taken then: no file tells anything later
_PLACES = Decimal("0.00000001")


@dataclass(frozen=True)
class Facts:
    """What the measures are computed from: the world and its truth, with sums by unit (row by row with the ledger)."""

    world: World
    units: Frame
    costs: Frame
    recoveries: Frame
    mass: Frame

    def cost_of(self, rows: Array) -> Array:
        """CAD 1/10000 by unit of the cost lines of a mask."""
        chosen = rows & (self.costs["unit"] >= 0)
        return counted(self.n, self.costs["unit"][chosen], self.costs["amount_reporting_e4"][chosen])

    def recovered(self, rows: Array) -> Array:
        """CAD 1/10000 by unit of the recovery lines of a mask."""
        chosen = rows & (self.recoveries["unit"] >= 0)
        return counted(self.n, self.recoveries["unit"][chosen], self.recoveries["gross_reporting_e4"][chosen])

    @cached_property
    def n(self) -> int:
        return size(self.units)

    @cached_property
    def trc(self) -> Array:
        return self.cost_of(self.costs["is_trc"])

    @cached_property
    def write_down(self) -> Array:
        return self.cost_of(among(self.costs["category"], "WRITE_DOWN"))

    @cached_property
    def proceeds(self) -> Array:
        return self.recovered(among(self.recoveries["category"], "REC_SALE"))

    @cached_property
    def credits(self) -> Array:
        return self.recovered(among(self.recoveries["category"], *CREDITS))

    @cached_property
    def fees(self) -> Array:
        return self.recovered(among(self.recoveries["category"], "INC_FEE"))

    @cached_property
    def is_valued(self) -> Array:
        known: Array = self.units["landed_cost_reporting_e4"] != UNKNOWN
        return known

    @cached_property
    def is_owned(self) -> Array:
        owned: Array = self.units["is_owned"]
        return owned

    @cached_property
    def given_away(self) -> Array:
        return self.cost_of(among(self.costs["category"], "RFD_UNREC"))

    @cached_property
    def is_costed(self) -> Array:
        """Has a cost at all: each of the world's has a category and a rate."""
        costed: Array = counted(self.n, self.costs["unit"][self.costs["unit"] >= 0]) > 0
        return costed

    @cached_property
    def is_priced(self) -> Array:
        known: Array = self.units["unit_price_reporting_e4"] != UNKNOWN
        return known

    @cached_property
    def landed(self) -> Array:
        return np.where(self.is_valued, self.units["landed_cost_reporting_e4"], 0)

    @cached_property
    def price(self) -> Array:
        return np.where(self.is_priced, self.units["unit_price_reporting_e4"], 0)

    @cached_property
    def list_price(self) -> Array:
        return valuation.list_price(self.world.units, self.world.sales, self.world.items, self.world.fx)

    @cached_property
    def is_undeliverable(self) -> Array:
        returned = self.world.units["return_type"] == "UNDELIVERABLE"
        undelivered: Array = returned | (self.world.units["reason"] == "UNDELIVERABLE")
        return undelivered

    @cached_property
    def first_refund(self) -> Array:
        refunds = take(self.world.refunds, self.world.refunds["names_unit"])
        never = np.datetime64("9999-01-01", "s")
        first = np.full(self.n, never)
        np.minimum.at(first, refunds["unit"], refunds["refunded_at"])
        return np.where(first == never, np.datetime64("NaT", "s"), first)


class Book:
    """The measures of the world, by name and UTC month."""

    def __init__(self) -> None:
        self.figures: dict[str, dict[str, Any]] = {}

    def add(self, measure: str, at: Array, values: Array | None = None, places: int = 0) -> None:
        """Sums ``values`` / 10**places, or counts the rows, by the month of ``at``; without a time none counts."""
        dated = ~np.isnat(at)
        months, row = np.unique(at[dated].astype("datetime64[M]"), return_inverse=True)
        sums = counted(len(months), row, None if values is None else values[dated].astype(np.int64))
        self.figures[measure] = {
            str(month): text(total, places) if places else str(total)
            for month, total in zip(months, sums.tolist(), strict=True)
        }

    def last(self, measure: str, start: Array, end: Array) -> None:
        """Days from ``start`` to ``end`` by the month of ``end``: how many, their sum and their median, 8 places."""
        dated = ~np.isnat(end) & ~np.isnat(start)
        seconds = (end[dated] - start[dated]).astype(np.int64)
        months, row = np.unique(end[dated].astype("datetime64[M]"), return_inverse=True)
        order = np.lexsort((seconds, row))
        bounds = np.searchsorted(row[order], np.arange(len(months) + 1))
        self.figures[measure] = {
            str(month): _duration(seconds[order[bounds[i] : bounds[i + 1]]]) for i, month in enumerate(months)
        }


def _duration(seconds: Array) -> dict[str, Any]:
    n = len(seconds)
    middle = Decimal(int(seconds[(n - 1) // 2]) + int(seconds[n // 2])) / 2
    return {
        "n": n,
        "sum_days": str((Decimal(int(seconds.sum())) / 86400).quantize(_PLACES, ROUND_HALF_UP)),
        "median_days": str((middle / 86400).quantize(_PLACES, ROUND_HALF_UP)),
    }


def first_of(group: Array, at: Array) -> tuple[Array, Array]:
    """(groups, earliest time) of the rows that have one; a group of text '' is none."""
    rows = np.flatnonzero(~np.isnat(at) & (group != ("" if group.dtype.kind in "UT" else -1)))
    order = rows[np.lexsort((at[rows], group[rows]))]
    found, first = np.unique(group[order], return_index=True)
    return found, at[order][first]
