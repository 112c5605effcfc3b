"""Where goods wait: the bottleneck today, the steps against their targets, the backlog and what melts in it, people."""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from backhaul import formats
from dashboards import charts
from dashboards.blocks import chart, literal, nothing, parts, plain, section, table
from dashboards.cards import row_of_cards
from dashboards.data import Row
from dashboards.figures import ratio
from dashboards.tables import Column, Table
from dashboards.view import View, shared
from dashboards.waiting import STEPS, bottleneck
from dashboards.words import words

HUNDREDTH = Decimal("0.01")
NOT_IN_MARTS = ("period", "channel", "carrier", "return_type")
BACKLOG = (
    "unit_count",
    "landed_cost_reporting",
    "value_now_reporting",
    "value_lost_reporting",
    "weekly_loss_reporting",
)


def main() -> None:
    """The whole page."""
    view = shared()
    today(view)
    row_of_cards(view, view.metrics(), ["D07", "D06a", "D05"])
    over_time(view)
    backlog(view)
    parts(view, people)


def today(view: View) -> None:
    """Which step holds goods back now, and every step with what waits in it."""
    _, language, locale = view.language.gettext, view.language, view.locale
    section(
        view, _("The bottleneck today"), _("Units that wait at the as-of date, against the days each step should take")
    )
    stages = view.rows("stages")
    late = view.rows("stages_waiting")
    worst = bottleneck(stages)
    if worst is None:
        st.success(_("No unit waits longer than it should, at any step."), icon=":material/check_circle:")
    else:
        text = language.ngettext(
            "**{step}**: {late} of the {open} units there have waited longer than the {target} day it should take.",
            "**{step}**: {late} of the {open} units there have waited longer than the {target} days it should take.",
            worst["target_days"],
        )
        said = text.format(
            step=worst["label"],
            late=formats.count(worst["open_late_count"], locale),
            open=formats.count(worst["open_count"], locale),
            target=worst["target_days"],
        )
        place = next(row for row in late if row["stage_code"] == worst["stage_code"])
        most = _("Most of them at {site}, {category}, where half have waited more than {days}.")
        named = words(language)
        said += " " + most.format(
            site=literal(named[place["node_id"]]),
            category=literal(named[place["product_category"]]),
            days=view.write(place["open_median_days"], "days"),
        )
        st.warning(plain(said), icon=":material/hourglass_top:")
    _steps(view, stages)
    if late:
        _places(view, late)


def _steps(view: View, stages: list[Row]) -> None:
    _ = view.language.gettext
    known = view.metrics()
    columns = [
        Column("label", _("Step"), link="address"),
        Column("target_days", _("Target (days)"), "count"),
        Column("open_count", _("Waiting"), "count"),
        Column("open_late_count", _("Waiting too long"), "count"),
        Column("late_rate", _("Share too long"), "ratio"),
        Column("closed_count", _("Ended in the months shown"), "count"),
        Column("within_target_rate", _("Within target"), "ratio"),
        Column("median_days", _("Median, latest month"), "days"),
    ]
    body = [
        row
        | {
            "late_rate": ratio(Decimal(row["open_late_count"]), Decimal(row["open_count"])),
            "within_target_rate": ratio(Decimal(row["within_target_count"] or 0), Decimal(row["closed_count"] or 0)),
            "median_days": known[row["kpi_id"]].over(view.filters.period).value,
            "address": view.address("metrics", kpi=row["kpi_id"]),
        }
        for row in stages
    ]
    table(view, Table("steps", _("Steps of a return against their targets"), columns, body), ignores=NOT_IN_MARTS[1:])


def _places(view: View, late: list[Row]) -> None:
    _ = view.language.gettext
    columns = [
        Column("label", _("Step")),
        Column("node_id", _("Site")),
        Column("product_category", _("Category")),
        Column("open_late_count", _("Waiting too long"), "count"),
        Column("open_count", _("Waiting"), "count"),
        Column("open_median_days", _("Half have waited more than"), "days"),
    ]
    named = words(view.language)
    body = [
        row
        | {
            "node_id": named[row["node_id"]],
            "product_category": named[row["product_category"]],
        }
        for row in late
        if row["stage_code"] in STEPS
    ]
    with st.expander(_("By step, site and category")):
        table(view, Table("steps-late", _("Where units wait too long"), columns, body))


def over_time(view: View) -> None:
    """The share of each step that ended within its target, month by month."""
    _ = view.language.gettext
    section(
        view, _("Steps against their targets over time"), _("Share of the units whose step ended within its target")
    )
    rows = [row for row in view.rows("stages_by_month") if row["stage_code"] in STEPS]
    if not rows:
        nothing(_("No step has ended yet."))
        return
    months = sorted({row["period_month"] for row in rows})
    body = [row | {"rate": ratio(Decimal(row["within_target_count"]), Decimal(row["closed_count"]))} for row in rows]
    points = [
        {
            "label": row["label"],
            "x": formats.short_month(row["period_month"], view.locale),
            "position": months.index(row["period_month"]),
            "value": float(row["rate"] or 0),
            "text": view.write(row["rate"], "ratio"),
        }
        for row in body
    ]
    columns = [
        Column("label", _("Step")),
        Column("period_month", _("Month"), "month"),
        Column("target_days", _("Target (days)"), "count"),
        Column("closed_count", _("Units"), "count"),
        Column("within_target_count", _("Within target"), "count"),
        Column("rate", _("Share"), "ratio"),
    ]
    drawing = charts.lines(points, _("Within target"), view.locale, ".0%")
    shown = Table("steps-by-month", _("Share of units within target by month"), columns, body)
    chart(view, drawing, shown, NOT_IN_MARTS)


def backlog(view: View) -> None:
    """What waits, for how long, and what is left of its value."""
    _ = view.language.gettext
    section(
        view,
        _("The backlog, and what melts in it"),
        _("Open units at the as-of date; their value is an estimate from the loss of value a day of their category"),
    )
    rows = view.rows("backlog")
    if not rows:
        nothing(_("No unit is open: everything has reached its final disposition."))
        return
    total = _sum(rows)
    text = view.language.ngettext(
        "**{units}** open unit cost **{cost}**; {lost} of it has melted away while waiting. A week more takes {week}.",
        "**{units}** open units cost **{cost}**; {lost} of it has melted away while waiting. A week more takes {week}.",
        total["unit_count"],
    )
    st.markdown(
        plain(
            text.format(
                units=formats.count(total["unit_count"], view.locale),
                cost=view.write(total["landed_cost_reporting"], "whole_currency"),
                lost=view.write(total["value_lost_reporting"], "whole_currency"),
                week=view.write(total["weekly_loss_reporting"], "whole_currency"),
            )
        )
    )
    buckets = sorted({row["age_bucket"] for row in rows})
    bars = [
        {
            "x": row["bucket_label"],
            "position": buckets.index(row["age_bucket"]),
            "label": row["status_label"],
            "value": row["unit_count"],
            "text": formats.count(row["unit_count"], view.locale),
        }
        for row in rows
    ]
    columns = [
        Column("status_label", _("Status")),
        Column("bucket_label", _("Waiting since")),
        Column("unit_count", _("Units"), "count"),
        Column("landed_cost_reporting", _("Landed cost"), "whole_currency"),
        Column("value_now_reporting", _("Left of it"), "whole_currency"),
        Column("value_lost_reporting", _("Melted away"), "whole_currency"),
        Column("weekly_loss_reporting", _("A week more takes"), "currency"),
        Column("at_risk_count", _("Only disposal is left"), "count"),
    ]
    drawing = charts.columns(bars, _("Units"), view.locale, ",.0f")
    chart(view, drawing, Table("backlog-by-age", _("Open units by age and status"), columns, rows))
    last = {"status_label": _("All open units"), "at_risk_count": sum(row["at_risk_count"] for row in rows)} | total
    table(
        view,
        Table("backlog", _("Open units by status"), [columns[0], *columns[2:]], _by_status(rows), last),
        ignores=NOT_IN_MARTS,
    )


def _sum(rows: list[Row]) -> Row:
    return {name: sum(row[name] or 0 for row in rows) for name in BACKLOG}


def _by_status(rows: list[Row]) -> list[Row]:
    statuses: dict[str, list[Row]] = {}
    for row in rows:
        statuses.setdefault(row["status_label"] or row["unit_status"], []).append(row)
    return [
        {"status_label": label, "at_risk_count": sum(row["at_risk_count"] for row in of)} | _sum(of)
        for label, of in statuses.items()
    ]


def people(view: View) -> None:
    """How many full-time jobs the work filled, and what the next weeks need."""
    _ = view.language.gettext
    section(view, _("People"), _("Full-time jobs that the work fills, by week; the last four weeks are a forecast"))
    rows = view.rows("staffing")
    if not rows:
        nothing(_("No source tells of working time."))
        return
    named = words(view.language)
    weeks = sorted({row["week_start"] for row in rows})
    body = [row | {"label": named[row["activity"]]} for row in rows]
    bars = [
        {
            "x": view.write(row["week_start"], "day"),
            "position": weeks.index(row["week_start"]),
            "label": row["label"],
            "value": float(row["fte_needed"]),
            "text": view.write(row["fte_needed"], "number"),
        }
        for row in body
        # a week that is not over needs nothing that is known yet
        if row["fte_needed"] is not None
    ]
    columns = [
        Column("week_start", _("Week from"), "day"),
        Column("label", _("Work")),
        Column("is_forecast", _("Forecast"), "flag"),
        Column("unit_count", _("Units"), "count"),
        Column("worked_minutes", _("Minutes worked"), "count"),
        Column("paid_minutes", _("Minutes paid"), "count"),
        Column("temporary_minutes", _("of them temporary staff"), "count"),
        Column("wage_reporting", _("Wages"), "currency"),
        Column("fte_needed", _("Full-time jobs"), "number"),
    ]
    st.markdown(_busiest(view, rows))
    drawing = charts.columns(bars, _("Full-time jobs"), view.locale, ",.2~f")
    shown = Table("staffing", _("Full-time jobs by week and work"), columns, body)
    chart(view, drawing, shown, (*NOT_IN_MARTS, "product_category"))
    st.page_link(
        "decisions.py",
        label=_("What January needs, at another volume"),
        icon=":material/groups:",
        query_params=view.parameters(),
    )


def _busiest(view: View, rows: list[Row]) -> str:
    needed: dict[object, Decimal] = {}
    ahead: dict[object, Decimal] = {}
    for row in rows:
        of = ahead if row["is_forecast"] else needed
        of[row["week_start"]] = of.get(row["week_start"], Decimal(0)) + (row["fte_needed"] or Decimal(0))
    if not needed:
        return ""
    week = max(needed, key=lambda day: needed[day])
    text = view.language.gettext(
        "The busiest week, from {day}, filled **{jobs}** full-time jobs; the next weeks need up to {ahead}."
    )
    return text.format(
        day=view.write(week, "day"),
        jobs=view.write(needed[week].quantize(HUNDREDTH), "number"),
        ahead=view.write(max(ahead.values(), default=Decimal(0)).quantize(HUNDREDTH), "number"),
    )


main()
