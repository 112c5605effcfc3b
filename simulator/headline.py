"""The headline KPIs of the true world, per month and in total: numerators, denominators and components."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np

from simulator import kpis, truth
from simulator.calendar import MONTHS
from simulator.categories import CATEGORIES, among
from simulator.exact import REPORTING, UNKNOWN, Array, Frame, counted, size, take, text
from simulator.truth import Truth, month_of
from simulator.world import World

CLASSES = ["PREVENTED", "PREPARED_FOR_REUSE", "RECYCLED", "ENERGY_RECOVERY", "DISPOSED", "FATE_UNKNOWN"]
_KEPT_IN_USE = ["PREVENTED", "PREPARED_FOR_REUSE"]
_DIVERTED = ["PREPARED_FOR_REUSE", "RECYCLED"]
_WASTE = [*_DIVERTED, "ENERGY_RECOVERY", "DISPOSED"]


_ALL = len(MONTHS)  # the row of a table of sums that stands for the whole year


def _ratio(numerator: str, denominator: str, **more: Any) -> dict[str, Any]:
    """A KPI cell; ``value`` is rounded to 8 decimals, null when the denominator is zero."""
    value = None
    if Decimal(denominator) != 0:
        exact = Decimal(numerator) / Decimal(denominator)
        value = str(exact.quantize(Decimal("0.00000001"), ROUND_HALF_UP))
    return {"numerator": numerator, "denominator": denominator, "value": value, **more}


def _period(at: Array) -> Array:
    """The place of each time's UTC month in MONTHS, -1 for those that have no time."""
    months = month_of(at)
    place: Array = np.where(np.isnat(months), -1, (months - MONTHS[0]).astype(np.int64))
    return place


def _by_period(period: Array, kind: Array, values: Array) -> tuple[list[Any], Array]:
    """(kinds, sums by period and kind, the last row over all periods) of the rows that have a period."""
    names, code = np.unique(kind, return_inverse=True)
    rows = period >= 0
    sums = counted(_ALL * len(names), period[rows] * len(names) + code[rows], values[rows]).reshape(_ALL, len(names))
    return names.tolist(), np.vstack([sums, sums.sum(axis=0)])


def _of_units(period: Array, values: Array | None = None) -> Array:
    """Sums (or counts) of units by period, the last over all."""
    rows = period >= 0
    sums = counted(_ALL, period[rows], None if values is None else values[rows])
    return np.append(sums, sums.sum())


def cost_per_return(units: Frame, costs: Frame) -> list[dict[str, Any]]:
    """B02 by period: every cost that the units received in it ever caused, per unit."""
    received = _period(units["received_at"])
    ours = take(costs, costs["is_trc"] & (costs["unit"] >= 0))
    names, sums = _by_period(received[ours["unit"]], ours["category"], ours["amount_reporting_e4"])
    _, lines = _by_period(received[ours["unit"]], ours["category"], np.ones(size(ours), np.int64))
    counts = _of_units(received)
    cells = []
    for period, count in enumerate(counts.tolist()):
        parts = {CATEGORIES[c]: text(int(sums[period, i]), 4) for i, c in enumerate(names) if lines[period, i]}
        cells.append(_ratio(text(int(sums[period].sum()), 4), str(count), components=parts))
    return cells


def recovery_rates(units: Frame, costs: Frame, recoveries: Frame) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(C01, C03) by period of execution: proceeds, and recoveries net of cost, on landed cost of goods of our own."""
    counts = units["is_owned"] & (units["landed_cost_reporting_e4"] != UNKNOWN)
    executed = np.where(counts, _period(units["executed_at"]), -1)
    landed = _of_units(executed, units["landed_cost_reporting_e4"])
    back = take(recoveries, recoveries["unit"] >= 0)
    names, sums = _by_period(executed[back["unit"]], back["category"], back["gross_reporting_e4"])
    sold = sums[:, [i for i, c in enumerate(names) if CATEGORIES[c] == "REC_SALE"]].sum(axis=1)
    recovered = sums[:, [i for i, c in enumerate(names) if CATEGORIES[c].startswith("REC_")]].sum(axis=1)
    # goods that were given away already stand in landed cost
    ours = take(costs, costs["is_trc"] & (costs["unit"] >= 0) & ~among(costs["category"], "RFD_UNREC"))
    cost = _by_period(executed[ours["unit"]], ours["category"], ours["amount_reporting_e4"])[1].sum(axis=1)
    c01 = [_ratio(text(int(s), 4), text(int(base), 4)) for s, base in zip(sold, landed, strict=True)]
    c03 = [
        _ratio(
            text(int(r - c), 4),
            text(int(base), 4),
            components={"recoveries": text(int(r), 4), "costs": text(int(c), 4)},
        )
        for r, c, base in zip(recovered, cost, landed, strict=True)
    ]
    return c01, c03


def mass_rates(units: Frame, mass: Frame) -> list[tuple[dict[str, Any], dict[str, Any], dict[str, str]]]:
    """(F06, F04a, kilograms by class) by period of execution."""
    executed = _period(units["executed_at"])[mass["unit"]]
    names, sums = _by_period(executed, mass["mass_class"], mass["mass_signed_mg"])
    cells = []
    for row in sums.tolist():
        mg = {c: row[names.index(c)] if c in names else 0 for c in CLASSES}
        f06 = _ratio(text(sum(mg[c] for c in _KEPT_IN_USE), 6), text(sum(mg.values()), 6))
        f04a = _ratio(text(sum(mg[c] for c in _DIVERTED), 6), text(sum(mg[c] for c in _WASTE), 6))
        cells.append((f06, f04a, {c: text(v, 6) for c, v in mg.items()}))
    return cells


def mass_balance(units: Frame) -> list[dict[str, str]]:
    """Kilograms of known mass in process before and after each month, and those that came in."""
    known = units["unit_mass_mg"] != UNKNOWN
    into, out = _period(units["received_at"])[known], _period(units["executed_at"])[known]
    # what was never here (left to the customer) comes and goes at once
    into = np.where(into < 0, out, into)
    mg = units["unit_mass_mg"][known]
    received, gone = _of_units(into, mg)[:_ALL], _of_units(out, mg)[:_ALL]
    closing = np.cumsum(received - gone)
    return [
        {"opening_kg": text(int(c - r + g), 6), "received_kg": text(int(r), 6), "closing_kg": text(int(c), 6)}
        for r, g, c in zip(received, gone, closing, strict=True)
    ]


def headline(units: Frame, costs: Frame, recoveries: Frame, mass: Frame) -> dict[str, Any]:
    """All KPIs by month and in total; amounts and kilograms as decimal strings, counts as text of an integer."""
    c01, c03 = recovery_rates(units, costs, recoveries)
    masses = mass_rates(units, mass)
    figures = {
        "B02": cost_per_return(units, costs), "C01": c01, "C03": c03, "F06": [m[0] for m in masses],
        "F04a": [m[1] for m in masses],
    }  # fmt: skip
    months = [str(m) for m in MONTHS]
    kpis: dict[str, dict[str, Any]] = {
        kpi: {"months": dict(zip(months, cells[:_ALL], strict=True)), "total": cells[_ALL]}
        for kpi, cells in figures.items()
    }
    balance = mass_balance(units)
    kpis["mass"] = {
        "months": {m: {**balance[i], "out_kg": masses[i][2]} for i, m in enumerate(months)},
        "total": masses[_ALL][2],
    }
    stray = costs["unit"] < 0
    status, counts = np.unique(units["status"], return_counts=True)
    return {
        "reporting_currency": REPORTING,
        "kpis": kpis,
        "units": {"all": size(units), "received": int((~np.isnat(units["received_at"])).sum()),
                  "by_status": dict(zip(status.tolist(), counts.tolist(), strict=True))},
        "unallocated": {"records": int(stray.sum()), "amount": text(int(costs["amount_reporting_e4"][stray].sum()), 4)},
    }  # fmt: skip


def tell(world: World) -> Truth:
    """The whole truth of a world."""
    units = truth.ledger(world)
    costs = truth.costs(world, units)
    recoveries = truth.recoveries(world, units)
    mass = truth.mass_lines(world, units)
    exchange = truth.exchange(world, costs, recoveries)
    figures = kpis.tell(world, units, costs, recoveries, mass)
    return Truth(units, costs, recoveries, mass, exchange, headline(units, costs, recoveries, mass), figures)
