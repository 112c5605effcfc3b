"""Why a figure moved between two periods, in steps that add up exactly.

A cost moves by volume, return rate, mix, exchange rates and price. With U units received in segments s (share m, unit
cost c), S units shipped and the return rate r = U / S:

- volume: (S1 - S0) r0 c0, as many more units went out
- return rate: S1 (r1 - r0) c0, as many more of them came back
- mix: U1 sum of (m1 - m0) c0(s), other goods came back
- exchange rates: what was billed in a currency, at the new rate less the old one
- price: the rest, the same goods billed at other prices

Without units shipped (a filter that sales do not know) volume and return rate are one step.

A recovery rate moves by the condition of the goods, the routes chosen, the time waited, prices and costs. Each of the
first three is what the rate would have become had only the shares of landed cost moved, by one thing more each time:
condition, then the route within a condition, then the time within both. What the same goods by the same route after the
same time brought, and cost, otherwise than before are the other two.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext

ZERO = Decimal(0)
CENT = Decimal("0.01")
MILLIONTH = Decimal("0.000001")


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


@dataclass(frozen=True)
class Brought:
    """What goods cost landed, brought (proceeds and credits) and cost on the way; reporting currency."""

    landed: Decimal
    recovered: Decimal
    cost: Decimal

    def __add__(self, other: Brought) -> Brought:
        return Brought(self.landed + other.landed, self.recovered + other.recovered, self.cost + other.cost)

    @property
    def rate(self) -> Decimal:
        return (self.recovered - self.cost) / self.landed


Way = tuple[str, ...]
"""What recovery depends on, the first thing first: condition grade, disposition, time waited."""


@dataclass(frozen=True)
class RateBridge:
    """The steps from one net recovery rate to the other, to the millionth."""

    before: Decimal
    grade: Decimal
    route: Decimal
    wait: Decimal
    price: Decimal
    cost: Decimal
    after: Decimal


def rate_bridge(before: Mapping[Way, Brought], after: Mapping[Way, Brought]) -> RateBridge | None:
    """The steps of the net recovery rate; None when in either period nothing of known landed cost was closed."""
    then, now = _levels(before), _levels(after)
    if not _landed(then) or not _landed(now):
        return None
    with localcontext(prec=50):
        first, last = then[()].rate, now[()].rate
        # the rate there would be if goods of each kind had brought what such goods did before, kinds told ever finer
        expected = [
            sum(
                (goods.landed * _known(then, way[:depth], lambda known: known.rate) for way, goods in after.items()),
                ZERO,
            )
            / now[()].landed
            for depth in range(4)
        ]
        costs = sum(
            (goods.landed * _known(then, way, lambda known: known.cost / known.landed) for way, goods in after.items()),
            ZERO,
        )
        cost = (costs - now[()].cost) / now[()].landed
    ends = first.quantize(MILLIONTH), last.quantize(MILLIONTH)
    grade, route, wait = ((expected[depth] - expected[depth - 1]).quantize(MILLIONTH) for depth in (1, 2, 3))
    cost = cost.quantize(MILLIONTH)
    return RateBridge(ends[0], grade, route, wait, ends[1] - ends[0] - grade - route - wait - cost, cost, ends[1])


def _levels(ways: Mapping[Way, Brought]) -> dict[Way, Brought]:
    """The sums by each way and by every beginning of one; the empty one is the whole."""
    levels: dict[Way, Brought] = defaultdict(lambda: Brought(ZERO, ZERO, ZERO))
    for way, goods in ways.items():
        for depth in range(len(way) + 1):
            levels[way[:depth]] += goods
    return dict(levels)


def _landed(levels: Mapping[Way, Brought]) -> Decimal:
    return levels[()].landed if levels else ZERO


def _known(levels: Mapping[Way, Brought], way: Way, rate: Callable[[Brought], Decimal]) -> Decimal:
    """A rate of a way before; one that is new brought what its beginning did."""
    known = levels.get(way)
    return rate(known) if known and known.landed else _known(levels, way[:-1], rate)
