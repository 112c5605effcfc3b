"""Why a cost moved between two periods: volume, return rate, mix, exchange rates and price, which add up exactly.

With U units received in segments s (share m, unit cost c), S units shipped and the return rate r = U / S:

- volume: (S1 - S0) r0 c0, as many more units went out
- return rate: S1 (r1 - r0) c0, as many more of them came back
- mix: U1 sum of (m1 - m0) c0(s), other goods came back
- exchange rates: what was billed in a currency, at the new rate less the old one
- price: the rest, the same goods billed at other prices

Without units shipped (a filter that sales do not know) volume and return rate are one step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext

ZERO = Decimal(0)
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Side:
    """One period: units and cost by segment, units shipped, by currency what was billed and what that reports as."""

    units: Mapping[str, Decimal]
    cost: Mapping[str, Decimal]
    shipped: Decimal | None
    billed: Mapping[str, tuple[Decimal, Decimal]]

    @property
    def unit_total(self) -> Decimal:
        return sum(self.units.values(), ZERO)

    @property
    def cost_total(self) -> Decimal:
        return sum(self.cost.values(), ZERO)


@dataclass(frozen=True)
class Bridge:
    """The steps from one total to the other, to the cent, reporting currency; ``rate`` is None without shipments.

    ``exchange`` is None where no currencies are told, and then part of ``price``.
    """

    before: Decimal
    volume: Decimal
    rate: Decimal | None
    mix: Decimal
    exchange: Decimal | None
    price: Decimal
    after: Decimal


def bridge(before: Side, after: Side) -> Bridge | None:
    """The steps; None when nothing was received in either period, so that there is no unit cost to start from."""
    if not before.unit_total or not after.unit_total:
        return None
    with localcontext(prec=50):
        unit_cost = before.cost_total / before.unit_total
        received = (after.unit_total - before.unit_total) * unit_cost
        volume, rate = received, None
        if before.shipped and after.shipped:
            volume = (after.shipped - before.shipped) * (before.unit_total / before.shipped) * unit_cost
            rate = received - volume
        expected = sum((units * _unit_cost(before, segment, unit_cost) for segment, units in after.units.items()), ZERO)
        mix = expected - after.unit_total * unit_cost
        exchange = (
            sum((_exchange(before, after, currency) for currency in after.billed), ZERO) if after.billed else None
        )
    first, last = before.cost_total.quantize(CENT), after.cost_total.quantize(CENT)
    steps = [step.quantize(CENT) if step is not None else None for step in (volume, rate, mix, exchange)]
    price = last - first - sum((step for step in steps if step is not None), ZERO)
    volume, rate, mix, exchange = steps  # type: ignore[assignment]
    return Bridge(first, volume, rate, mix, exchange, price, last)


def _unit_cost(before: Side, segment: str, otherwise: Decimal) -> Decimal:
    """What a unit of a segment cost before; a segment that is new cost as much as any."""
    units = before.units.get(segment)
    return before.cost.get(segment, ZERO) / units if units else otherwise


def _exchange(before: Side, after: Side, currency: str) -> Decimal:
    """What a currency's new rate adds to what was billed in it; nothing where the old rate is not known."""
    then_billed, then_reported = before.billed.get(currency, (ZERO, ZERO))
    billed, reported = after.billed[currency]
    if not then_billed or not billed:
        return ZERO
    return reported - billed * (then_reported / then_billed)
