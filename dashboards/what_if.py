"""What would change if fees, prices, costs, waiting, policy, hours or volume were others: sums that anyone can redo.

Everything starts from the parts that the warehouse publishes of each route; with nothing changed, the result is the
warehouse's own. Amounts are in the reporting currency, four decimals.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from dashboards.data import Row

ONE, NOTHING = Decimal(1), Decimal(0)
CENT_OF_CENT = Decimal("0.0001")
JANUARY = 1


@dataclass(frozen=True)
class Assumed:
    """What is taken to change. Shares: 0.1 is a tenth more, -0.1 a tenth less; ``fee`` is added to each fee rate.

    ``wait`` is how many days later everything happens: prices lose value and goods are stored meanwhile.
    """

    price: Decimal = NOTHING
    fee: Decimal = NOTHING
    freight: Decimal = NOTHING
    process: Decimal = NOTHING
    wait: int = 0


def fee_rate(route: Row) -> Decimal:
    """The share of the price that selling costs: what of price x share sold is not among the proceeds."""
    gross = route["price_reporting"] * (route["sold_share"] or NOTHING)
    return ONE - route["proceeds_reporting"] / gross if gross else NOTHING


def expected_net(route: Row, assumed: Assumed) -> Decimal:
    """What a route is expected to bring: price x share sold x (1 - fee) - processing - freight - holding + credit.

    Args:
        route: a row of ``mart_decision_worklist``.
        assumed: what changes.
    """
    price = route["price_reporting"] * (ONE + assumed.price)
    if assumed.wait:
        price *= (-Decimal(route["decay_rate"]) * assumed.wait).exp()
    sold = price * (route["sold_share"] or NOTHING)
    kept = max(ONE - fee_rate(route) - assumed.fee, NOTHING)
    stored = ONE + Decimal(assumed.wait) / route["lead_days"] if route["lead_days"] else ONE
    net = (
        sold * kept
        - route["process_reporting"] * (ONE + assumed.process)
        - route["freight_reporting"] * (ONE + assumed.freight)
        - route["holding_reporting"] * stored
        + route["credit_reporting"]
    )
    return Decimal(net).quantize(CENT_OF_CENT)


@dataclass(frozen=True)
class Choice:
    """The best route of a unit as things are, and under what is assumed.

    ``old_after`` is what the route that is best now would bring then, ``next_after`` what the second best would then;
    None when the unit has no other.
    """

    unit_key: str
    before: Row
    after: Row
    net_before: Decimal
    net_after: Decimal
    old_after: Decimal
    next_after: Decimal | None

    @property
    def margin(self) -> Decimal:
        """What the best route wins then over the next best, or over doing nothing."""
        return self.net_after - (self.next_after or NOTHING)

    @property
    def is_other(self) -> bool:
        return bool(self.before["disposition_code"] != self.after["disposition_code"])

    @property
    def gain(self) -> Decimal:
        """What is won by changing the route, rather than staying with the old one."""
        return self.net_after - self.old_after


def choices(routes: Iterable[Row], assumed: Assumed) -> list[Choice]:
    """The best route of each unit before and after. Only routes compete that no rule forbids and history backs."""
    units: dict[str, list[Row]] = {}
    for route in routes:
        if route["route_rank"] is not None:
            units.setdefault(route["unit_key"], []).append(route)
    found = []
    for unit_key, ranked in units.items():
        before = min(ranked, key=lambda route: int(route["route_rank"]))
        nets = [(expected_net(route, assumed), route) for route in ranked]
        old_after = next(net for net, route in nets if route is before)
        # of equals the one that is better now stays
        nets.sort(key=lambda pair: (-pair[0], int(pair[1]["route_rank"])))
        (net_after, after), others = nets[0], nets[1:]
        next_after = others[0][0] if others else None
        net_before = before["expected_net_reporting"]
        found.append(Choice(unit_key, before, after, net_before, net_after, old_after, next_after))
    return found


@dataclass(frozen=True)
class Fit:
    """Which work is done within limited time: units and what they win over their next best route, done and not done."""

    done: int
    won: Decimal
    left: int
    forgone: Decimal


def fit(margins: Iterable[Decimal], minutes_each: Decimal, minutes: Decimal) -> Fit:
    """The units that win most a minute first, until the time is used up.

    Args:
        margins: of each unit, what the work wins over its next best route.
        minutes_each: what the work takes a unit, on average.
        minutes: that there are.
    """
    ordered = sorted(margins, reverse=True)
    room = min(int(minutes // minutes_each), len(ordered)) if minutes_each else len(ordered)
    done, left = ordered[:room], ordered[room:]
    return Fit(len(done), sum(done, NOTHING), len(left), sum(left, NOTHING))


def is_better_kept(product: Row, abuse: Decimal) -> bool:
    """Whether a product is better left to the customer: no rule forbids it, taking back loses more than abuse."""
    return product["forbidden_by"] is None and bool(product["take_back_net_reporting"] < -abuse)


def break_even(product: Row, abuse: Decimal) -> Decimal | None:
    """The price under which a product is better left to the customer; None where it brings nothing at any price."""
    if not product["value_share"]:
        return None
    costs = product["route_cost_reporting"] + product["inbound_reporting"] - abuse
    return Decimal(max(costs, NOTHING) / product["value_share"]).quantize(CENT_OF_CENT)


@dataclass(frozen=True)
class Week:
    """One week of January: units, full-time jobs needed, and what the wages would come to."""

    start: date
    units: Decimal
    jobs: Decimal
    wages: Decimal


def january(weeks: Sequence[Row], volume: Decimal, minutes: Decimal) -> list[Week]:
    """The weeks that began in the latest January worked, at another volume and other minutes a unit.

    Wages follow the minutes. Units are those received.

    Args:
        weeks: week_start, activity, is_forecast, unit_count, wage_reporting, fte_needed (None: the week is not over).
        volume: 0.1 is a tenth more units.
        minutes: 0.1 is a tenth more minutes a unit.
    """
    over = [row for row in weeks if not row["is_forecast"] and row["fte_needed"] is not None]
    worked = [row for row in over if row["week_start"].month == JANUARY]
    if not worked:
        return []
    year = max(row["week_start"].year for row in worked)
    growth, effort = ONE + volume, (ONE + volume) * (ONE + minutes)
    found = []
    for start in sorted({row["week_start"] for row in worked if row["week_start"].year == year}):
        rows = [row for row in worked if row["week_start"] == start]
        units = sum(row["unit_count"] for row in rows if row["activity"] == "RECEIVE")
        jobs = sum((row["fte_needed"] for row in rows), NOTHING)
        wages = sum((row["wage_reporting"] or NOTHING for row in rows), NOTHING)
        amounts = (units * growth, jobs * effort, wages * effort)
        found.append(Week(start, *(amount.quantize(CENT_OF_CENT) for amount in amounts)))
    return found
