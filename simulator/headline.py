"""The headline KPIs of the true world, per month and in total: numerators, denominators and components."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np

from simulator import truth
from simulator.calendar import MONTHS
from simulator.exact import REPORTING, UNKNOWN, Array, Frame, text
from simulator.truth import Truth, month_of
from simulator.world import World

CLASSES = ["PREVENTED", "PREPARED_FOR_REUSE", "RECYCLED", "ENERGY_RECOVERY", "DISPOSED", "FATE_UNKNOWN"]
_KEPT_IN_USE = ["PREVENTED", "PREPARED_FOR_REUSE"]
_DIVERTED = ["PREPARED_FOR_REUSE", "RECYCLED"]
_WASTE = [*_DIVERTED, "ENERGY_RECOVERY", "DISPOSED"]


def _total(values: Array, rows: Array) -> int:
    return int(values[rows].sum())


def _ratio(numerator: str, denominator: str, **more: Any) -> dict[str, Any]:
    """A KPI cell; ``value`` is rounded to 8 decimals, null when the denominator is zero."""
    value = None
    if Decimal(denominator) != 0:
        exact = Decimal(numerator) / Decimal(denominator)
        value = str(exact.quantize(Decimal("0.00000001"), ROUND_HALF_UP))
    return {"numerator": numerator, "denominator": denominator, "value": value, **more}


def cost_per_return(costs: Frame, received: Array) -> dict[str, Any]:
    """B02 over the units of a mask: every cost they ever caused, per unit received."""
    counted = costs["is_trc"] & (costs["unit"] >= 0) & received[costs["unit"]]
    categories = sorted(set(costs["category_code"][counted].tolist()))
    parts = {c: _total(costs["amount_reporting_e4"], counted & (costs["category_code"] == c)) for c in categories}
    components = {c: text(amount, 4) for c, amount in parts.items()}
    return _ratio(text(sum(parts.values()), 4), str(int(received.sum())), components=components)


def recovery_rates(units: Frame, costs: Frame, recoveries: Frame, executed: Array) -> tuple[dict[str, Any], ...]:
    """(C01, C03) over the units of a mask: proceeds, and all recoveries net of cost, on landed cost."""
    valued = executed & (units["landed_cost_reporting_e4"] != UNKNOWN)
    landed = text(_total(units["landed_cost_reporting_e4"], valued), 4)
    ours = valued[recoveries["unit"]]
    category, gross = recoveries["category_code"], recoveries["gross_reporting_e4"]
    sales = _total(gross, ours & (category == "REC_SALE"))
    recovered = _total(gross, ours & np.char.startswith(category.astype("U"), "REC_"))
    trc = costs["is_trc"] & (costs["unit"] >= 0) & valued[costs["unit"]]
    cost = _total(costs["amount_reporting_e4"], trc)
    parts = {"recoveries": text(recovered, 4), "costs": text(cost, 4)}
    return _ratio(text(sales, 4), landed), _ratio(text(recovered - cost, 4), landed, components=parts)


def mass_rates(mass: Frame, executed: Array) -> tuple[dict[str, Any], ...]:
    """(F06, F04a, kilograms by class) over the units of a mask."""
    ours = executed[mass["unit"]]
    mg = {c: _total(mass["mass_signed_mg"], ours & (mass["mass_class"] == c)) for c in CLASSES}

    def share(top: list[str], bottom: list[str]) -> dict[str, Any]:
        return _ratio(text(sum(mg[c] for c in top), 6), text(sum(mg[c] for c in bottom), 6))

    return share(_KEPT_IN_USE, CLASSES), share(_DIVERTED, _WASTE), {c: text(v, 6) for c, v in mg.items()}


def mass_balance(units: Frame, month: np.datetime64, by_class: dict[str, str]) -> dict[str, Any]:
    """Kilograms of known mass in process before and after a month, in and out of it."""
    mg = units["unit_mass_mg"]
    known = mg != UNKNOWN
    into, out = month_of(units["received_at"]), month_of(units["executed_at"])

    def in_process(at: np.datetime64) -> int:
        return _total(mg, known & (into < at) & ~(out < at))

    return {
        "opening_kg": text(in_process(month), 6),
        "received_kg": text(_total(mg, known & (into == month)), 6),
        "out_kg": by_class,
        "closing_kg": text(in_process(month + 1), 6),
    }


def headline(units: Frame, costs: Frame, recoveries: Frame, mass: Frame) -> dict[str, Any]:
    """All KPIs by month and in total; amounts and kilograms as decimal strings, counts as text of an integer."""
    kpis: dict[str, dict[str, Any]] = {k: {"months": {}} for k in ("B02", "C01", "C03", "F06", "F04a", "mass")}
    into, out = month_of(units["received_at"]), month_of(units["executed_at"])
    masks = [(str(m), into == m, out == m) for m in MONTHS]
    everything = ("total", ~np.isnat(into), ~np.isnat(out))
    for name, received, executed in [*masks, everything]:
        c01, c03 = recovery_rates(units, costs, recoveries, executed)
        f06, f04a, by_class = mass_rates(mass, executed)
        cells = {"B02": cost_per_return(costs, received), "C01": c01, "C03": c03, "F06": f06, "F04a": f04a}
        for kpi, cell in cells.items():
            (kpis[kpi] if name == "total" else kpis[kpi]["months"])[name] = cell
        if name == "total":
            kpis["mass"]["total"] = by_class
        else:
            kpis["mass"]["months"][name] = mass_balance(units, np.datetime64(name, "M"), by_class)
    stray = costs["unit"] < 0
    status, counts = np.unique(units["status"], return_counts=True)
    return {
        "reporting_currency": REPORTING,
        "kpis": kpis,
        "units": {"all": len(into), "received": int((~np.isnat(into)).sum()),
                  "by_status": dict(zip(status.tolist(), counts.tolist(), strict=True))},
        "unallocated": {"records": int(stray.sum()), "amount": text(_total(costs["amount_reporting_e4"], stray), 4)},
    }  # fmt: skip


def tell(world: World) -> Truth:
    """The whole truth of a world."""
    units = truth.ledger(world)
    costs = truth.costs(world, units)
    recoveries = truth.recoveries(world)
    mass = truth.mass_lines(world, units)
    return Truth(units, costs, recoveries, mass, headline(units, costs, recoveries, mass))
