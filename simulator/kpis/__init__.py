"""The true value of every additive measure of the metric catalogue, computed from the world in integers.

What a measure counts is its English text in ``dbt_project/metrics``; one module per file of that catalogue. Left out
are carbon, the regret of a disposition and the findings of an audit, which rest on estimates.
"""

from __future__ import annotations

from typing import Any

from simulator.exact import Frame
from simulator.kpis import carriers, cost, customers, flow, recovery, returns, waste
from simulator.kpis.base import Book, Facts
from simulator.world import World


def tell(world: World, units: Frame, costs: Frame, recoveries: Frame, mass: Frame) -> dict[str, dict[str, Any]]:
    """By measure and UTC month ("2026-03"): a decimal string; for days: ``n``, ``sum_days``, ``median_days``.

    Money is CAD, mass kilograms. A month in which nothing is dated is not there.
    """
    facts, book = Facts(world, units, costs, recoveries, mass), Book()
    for part in (returns, cost, recovery, flow, carriers, waste, customers):
        part.tell(facts, book)
    return book.figures
