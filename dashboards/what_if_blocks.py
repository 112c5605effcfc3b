"""The what-ifs of the decisions page: routes under other prices and costs, keep-it offers, hours, January."""

from __future__ import annotations

from decimal import Decimal
from math import ceil

import streamlit as st

from backhaul import formats
from dashboards import charts
from dashboards.blocks import chart, nothing, parts, plain, section, table
from dashboards.data import Row
from dashboards.sliders import slider
from dashboards.tables import Column, Table
from dashboards.view import View
from dashboards.what_if import Assumed, Choice, Fit, break_even, choices, fit, is_better_kept, january
from dashboards.words import words

HUNDREDTH = Decimal("0.01")
MINUTES_AN_HOUR = 60
REFURBISHING = "REFURBISH_RESELL"
WORK = "REFURBISH"
PRODUCTS_LISTED = 2_000
# Units whose decision is worth most; as many as a shift goes through, and as a what-if works out while one waits.
UNITS_WEIGHED = 500


def _share(percent: int) -> Decimal:
    return percent * HUNDREDTH


def say_weighed(view: View, units: int) -> None:
    """That not every open unit is weighed here, where that is so."""
    if units == UNITS_WEIGHED:
        text = view.language.gettext("The {count} units whose best route brings most.")
        st.caption(text.format(count=formats.count(units, view.locale)))


def routes_block(view: View, routes: list[Row]) -> None:
    """Which open units would go another way, and for how much money, if prices and costs were others."""
    if not routes:
        return
    _ = view.language.gettext
    section(
        view,
        _("What if: prices, fees, costs, waiting"),
        _("Expected net = price × share sold × (1 − fee) − processing − freight − holding + credit, for each route"),
    )
    columns = st.columns(5)
    with columns[0]:
        price = slider("price", _("Prices (%)"), -50, 50)
    with columns[1]:
        fee = slider("fee", _("Selling fees (points)"), -20, 30)
    with columns[2]:
        freight = slider("freight", _("Freight to the route (%)"), -50, 200, step=5)
    with columns[3]:
        process = slider("process", _("Processing (%)"), -50, 200, step=5)
    with columns[4]:
        wait = slider("wait", _("Longer wait (days)"), 0, 90)
    assumed = Assumed(_share(price), _share(fee), _share(freight), _share(process), wait)
    found = choices(routes, assumed)
    say_weighed(view, len(found))
    if assumed == Assumed():
        nothing(_("Nothing is changed yet: move a slider to see which units would go another way, and for how much."))
    else:
        _said(view, found)
    _moves(view, found)
    parts(view, lambda view: _hours(view, routes, found))


def _said(view: View, found: list[Choice]) -> None:
    language, changed = view.language, [choice for choice in found if choice.is_other]
    before = sum((choice.net_before for choice in found), Decimal(0))
    after = sum((choice.net_after for choice in found), Decimal(0))
    gain = sum((choice.gain for choice in changed), Decimal(0))
    text = language.ngettext(
        "**{count}** of {all} units would take another route. The best routes would bring **{after}** instead of "
        "{before} ({change}); changing the route makes {gain} of it.",
        "**{count}** of {all} units would take another route. The best routes would bring **{after}** instead of "
        "{before} ({change}); changing the routes makes {gain} of it.",
        len(changed),
    )
    said = text.format(
        count=formats.count(len(changed), view.locale),
        all=formats.count(len(found), view.locale),
        after=view.write(after, "whole_currency"),
        before=view.write(before, "whole_currency"),
        change=view.write_change(after - before, "whole_currency"),
        gain=view.write(gain, "whole_currency"),
    )
    st.markdown(plain(said))
    view.report.note(said.replace("**", ""))


def _moves(view: View, found: list[Choice]) -> None:
    """From which best route to which, with the money."""
    _ = view.language.gettext
    moves: dict[tuple[str, str], list[Choice]] = {}
    for choice in found:
        moves.setdefault((choice.before["label"], choice.after["label"]), []).append(choice)
    # the routes that change first, then those of most units
    ordered = sorted(moves.items(), key=lambda move: (move[0][0] == move[0][1], -len(move[1]), move[0]))
    rows = [
        {
            "before": before,
            "after": after,
            "is_other": before != after,
            "unit_count": len(chosen),
            "net_before": sum((choice.net_before for choice in chosen), Decimal(0)),
            "old_after": sum((choice.old_after for choice in chosen), Decimal(0)),
            "net_after": sum((choice.net_after for choice in chosen), Decimal(0)),
        }
        for (before, after), chosen in ordered
    ]
    columns = [
        Column("before", _("Best route now")),
        Column("after", _("Best route then")),
        Column("is_other", _("Another one"), "flag"),
        Column("unit_count", _("Units"), "count"),
        Column("net_before", _("Expected net now"), "currency"),
        Column("old_after", _("Then, by the old route"), "currency"),
        Column("net_after", _("Then, by the new route"), "currency"),
    ]
    ignores = ("channel", "node_id", "carrier", "return_type")
    table(
        view, Table("what-if-routes", _("Open units by their best route, now and then"), columns, rows), ignores=ignores
    )


def _hours(view: View, routes: list[Row], found: list[Choice]) -> None:
    """With limited hours of refurbishing: the units that win most a minute first."""
    _ = view.language.gettext
    section(view, _("What if: hours of refurbishing"))
    worked = [row for row in view.rows("staffing") if row["activity"] == WORK and not row["is_forecast"]]
    units = sum(row["unit_count"] for row in worked)
    wins = [choice for choice in found if choice.after["disposition_code"] == REFURBISHING]
    if not units or not wins:
        nothing(_("No open unit is best refurbished, or no source tells how long that takes."))
        return
    each = sum((row["worked_minutes"] for row in worked), Decimal(0)) / units
    # as many as all that could be refurbished would need, whatever the other sliders say
    able = [row for row in routes if row["disposition_code"] == REFURBISHING and row["route_rank"] is not None]
    most = ceil(each * len(able) / MINUTES_AN_HOUR)
    hours = slider("hours", _("Hours of refurbishing there are"), 0, most, default=most)
    result = fit([choice.margin for choice in wins], each, Decimal(hours * MINUTES_AN_HOUR))
    st.markdown(plain(_fitted(view, result, each)))


def _fitted(view: View, result: Fit, each: Decimal) -> str:
    text = view.language.ngettext(
        "{done} unit fits and wins **{won}** over its next best route; {left} do not, which forgoes **{forgone}**. "
        "Those that win most a minute come first; each is taken to need {minutes}, the mean of the work done so far.",
        "{done} units fit and win **{won}** over their next best routes; {left} do not, which forgoes **{forgone}**. "
        "Those that win most a minute come first; each is taken to need {minutes}, the mean of the work done so far.",
        result.done,
    )
    return text.format(
        done=formats.count(result.done, view.locale),
        won=view.write(result.won, "whole_currency"),
        left=formats.count(result.left, view.locale),
        forgone=view.write(result.forgone, "whole_currency"),
        minutes=view.write(each, "minutes"),
    )


def keep_it_block(view: View) -> None:
    """Under which price each product is better left to the customer, at a cost of abuse."""
    _, language, named = view.language.gettext, view.language, words(view.language)
    section(
        view,
        _("Under which price to let the customer keep it"),
        _("Better kept: what the best route brings, less the cost of taking back, is below minus the cost of abuse"),
    )
    rows = view.rows("keep_it", row_limit=PRODUCTS_LISTED)
    if not rows:
        nothing(_("No product has a history of what taking it back brings."))
        return
    with st.columns(3)[0]:
        label = _("Cost of abuse of one more offer ({currency})").format(currency=view.currency)
        configured = rows[0]["abuse_cost_reporting"]
        nearest = int(configured.to_integral_value())
        asked = slider("abuse", label, 0, max(100, nearest), default=nearest)
    # the slider knows whole amounts only: where nobody moved it, the warehouse's own stands
    abuse = configured if asked == nearest else Decimal(asked)
    body = [
        row
        | {
            "is_kept": is_better_kept(row, abuse),
            "break_even": break_even(row, abuse),
            "rule": named[row["forbidden_by"]],
            "level": named[row["evidence_level"]],
        }
        for row in rows
    ]
    kept = [row for row in body if row["is_kept"]]
    saved = -sum((row["take_back_net_reporting"] + abuse for row in kept), Decimal(0))
    text = language.ngettext(
        "**{count}** of {all} products is better left to the customer: {saved} saved for one unit of each.",
        "**{count}** of {all} products are better left to the customer: {saved} saved for one unit of each.",
        len(kept),
    )
    count, whole = formats.count(len(kept), view.locale), formats.count(len(body), view.locale)
    st.markdown(plain(text.format(count=count, all=whole, saved=view.write(saved, "whole_currency"))))
    columns = [
        Column("sku", _("SKU")),
        Column("product_name", _("Product")),
        Column("product_category", _("Category")),
        Column("is_kept", _("Better kept"), "flag"),
        Column("break_even", _("Under a price of"), "currency"),
        Column("unit_price_reporting", _("Price"), "currency"),
        Column("value_reporting", _("Brings"), "currency"),
        Column("route_cost_reporting", _("Cost of the route"), "currency"),
        Column("inbound_reporting", _("Cost of taking back"), "currency"),
        Column("take_back_net_reporting", _("Net"), "currency"),
        Column("rule", _("Never, because of")),
        Column("level", _("Evidence")),
    ]
    ignores = ("period", "channel", "node_id", "carrier", "return_type")
    table(view, Table("keep-it", _("Products and the price under which to leave them"), columns, body), ignores=ignores)


def january_block(view: View) -> None:
    """What January needs in people and wages, at another volume and other minutes a unit."""
    _ = view.language.gettext
    section(
        view, _("What if: January"), _("The weeks of the latest January, at another volume and other minutes a unit")
    )
    rows = view.rows("staffing")
    left, right = st.columns(2)
    if not january(rows, Decimal(0), Decimal(0)):
        nothing(_("No January of work is known yet: there is nothing to start from."))
        return
    with left:
        volume = slider("volume", _("Units (%)"), -50, 200, step=5)
    with right:
        minutes = slider("minutes", _("Minutes a unit (%)"), -50, 100, step=5)
    weeks = january(rows, _share(volume), _share(minutes))
    peak = max(weeks, key=lambda week: week.jobs)
    usual = _usual(rows)
    text = _(
        "The busiest week needs **{jobs}** full-time jobs; the last four weeks filled {usual} on average: {more} more. "
        "The month costs **{wages}** in wages."
    )
    said = text.format(
        jobs=_jobs(view, peak.jobs),
        usual=_jobs(view, usual),
        more=_jobs(view, max(peak.jobs - usual, Decimal(0))),
        wages=view.write(sum((week.wages for week in weeks), Decimal(0)), "whole_currency"),
    )
    st.markdown(plain(said))
    view.report.note(said.replace("**", ""))
    body = [{"start": week.start, "units": week.units, "jobs": week.jobs, "wages": week.wages} for week in weeks]
    bars = [
        {
            "x": view.write(week.start, "day"),
            "position": position,
            "label": _("Full-time jobs"),
            "value": float(week.jobs),
            "text": _jobs(view, week.jobs),
        }
        for position, week in enumerate(weeks)
    ]
    columns = [
        Column("start", _("Week from"), "day"),
        Column("units", _("Units received"), "count"),
        Column("jobs", _("Full-time jobs"), "number"),
        Column("wages", _("Wages"), "currency"),
    ]
    drawing = charts.columns(bars, _("Full-time jobs"), view.locale, ",.2~f")
    ignores = ("period", "channel", "product_category", "carrier", "return_type")
    chart(view, drawing, Table("january", _("Full-time jobs in January"), columns, body), ignores)


def _jobs(view: View, jobs: Decimal) -> str:
    return view.write(jobs.quantize(HUNDREDTH), "number")


def _usual(rows: list[Row]) -> Decimal:
    """Full-time jobs a week over the last four weeks worked."""
    worked: dict[object, Decimal] = {}
    for row in rows:
        if not row["is_forecast"] and row["fte_needed"] is not None:
            worked[row["week_start"]] = worked.get(row["week_start"], Decimal(0)) + row["fte_needed"]
    last = sorted(worked, key=str)[-4:]
    return sum((worked[week] for week in last), Decimal(0)) / len(last)
