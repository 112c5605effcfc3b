"""What a page shows: its months, what they are compared with, and the members it is narrowed to; all in the URL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from dashboards.period import Period, choices, chosen

# The parameter of the address, and the column of the roll-up that it narrows.
DIMENSIONS = {
    "channel": "channel",
    "category": "product_category",
    "node": "node_id",
    "carrier": "carrier",
    "type": "return_type",
}
COMPARISONS = ("previous", "year", "none")
PARAMETERS = ("period", "compare", *DIMENSIONS)


@dataclass(frozen=True)
class Filters:
    """``before`` is the period to compare with: None when none is wanted or the data do not reach back.

    ``members`` holds the columns narrowed, each with the one member that is shown.
    """

    period: Period
    before: Period | None
    compare: str = "previous"
    members: Mapping[str, str] = field(default_factory=dict)

    def parameters(self) -> dict[str, Any]:
        """What the queries may ask for: null stands for every member."""
        return {
            "first": self.period.first,
            "last": self.period.last,
            "before_first": self.before.first if self.before else None,
            "before_last": self.before.last if self.before else None,
            **{column: self.members.get(column) for column in DIMENSIONS.values()},
        }

    def only(self, column: str | None) -> bool:
        """Whether nothing, or nothing but that column, is narrowed."""
        return set(self.members) <= {column}


def read(parameters: Mapping[str, str], begin: date, end: date, members: Mapping[str, set[str]]) -> Filters:
    """The filters that an address names, in data from ``begin`` to ``end``; what it names and is not there is ignored.

    Args:
        parameters: of the address.
        begin: first month of the data.
        end: last month of the data.
        members: of each column, those that there are.
    """
    period = chosen(choices(begin, end), parameters.get("period"))
    compare = parameters.get("compare", "previous")
    if compare not in COMPARISONS:
        compare = "previous"
    before = {"previous": period.previous(begin), "year": period.a_year_before(begin), "none": None}[compare]
    narrowed = {
        column: parameters[name]
        for name, column in DIMENSIONS.items()
        if parameters.get(name) in members.get(column, set())
    }
    return Filters(period, before, compare, narrowed)
