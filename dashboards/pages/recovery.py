"""What came back of the value of returned goods: by route, over time, and how waiting melts it."""

from __future__ import annotations

import streamlit as st

from backhaul import formats
from dashboards import charts
from dashboards.blocks import Drawn, chart, nothing, section, table, waterfall
from dashboards.bridge import Brought, Way, rate_bridge
from dashboards.cards import row_of_cards
from dashboards.data import Row
from dashboards.figures import ratio
from dashboards.slices import by_member
from dashboards.tables import Column, Table
from dashboards.view import View, shared

DISPOSITIONS_SHOWN = 8
CURVES_SHOWN = 6
AMOUNTS = ("unit_count", "landed_cost_reporting", "gross_proceeds_reporting", "net_recovery_reporting")


def main() -> None:
    """The whole page."""
    view = shared()
    row_of_cards(view, view.metrics(), ["C03", "C01", "C02", "C14", "C13", "C06"])
    by_route(view)
    why_it_moved(view)
    by_member(view, "C03")
    over_time(view)
    decay(view)
    row_of_cards(view, view.metrics(), ["C09", "C10", "C11a", "C12", "C15", "C08"])


def by_route(view: View) -> None:
    """What each disposition brought back, as bars and as a table."""
    _ = view.language.gettext
    section(
        view,
        _("By disposition"),
        _("Net recovery: proceeds and credits less all costs, and its share of the landed cost"),
    )
    rows = view.rows("recovery")
    if not rows:
        nothing(_("No unit with a known landed cost was disposed of in these months."))
        return
    columns = [
        Column("label", _("Disposition")),
        Column("unit_count", _("Units"), "count"),
        Column("landed_cost_reporting", _("Landed cost"), "whole_currency"),
        Column("gross_proceeds_reporting", _("Proceeds"), "whole_currency"),
        Column("gross_rate", _("Gross rate"), "ratio"),
        Column("net_recovery_reporting", _("Net"), "whole_currency"),
        Column("net_rate", _("Net rate"), "ratio"),
    ]
    body = [_rated(row) for row in rows]
    total = _rated(_sum(rows, _("All dispositions")))
    left, right = st.columns([2, 3], gap="large")
    with left:
        bars = [_bar(row, view) for row in _largest(body, _("Other dispositions ({count})"))]
        drawing = charts.signed_bars(bars, _("Net recovery"), view.palette)
        chart(view, drawing, Table("recovery-by-disposition", _("Net recovery by disposition"), columns, body))
    with right:
        ignores = ("product_category", "node_id", "carrier", "return_type")
        table(view, Table("recovery", _("Recovery by disposition"), columns, body, total), ignores=ignores)


def why_it_moved(view: View) -> None:
    """The bridge of the net recovery rate from the period before to this one."""
    _ = view.language.gettext
    note = _("Net recovery rate, from one period to the other. The steps add up, in shares of landed cost.")
    section(view, _("Why it moved"), note)
    if view.filters.before is None:
        nothing(_("Choose months that have others before them: there is nothing to compare with."))
        return
    found = rate_bridge(*(_brought(view, suffix) for suffix in ("_before", "")))
    if found is None:
        nothing(_("In one of the periods no unit with a known landed cost was disposed of."))
        return
    steps = [
        (_("Condition of the goods"), found.grade),
        (_("Routes chosen"), found.route),
        (_("Time waited"), found.wait),
        (_("Prices and credits"), found.price),
        (_("Reverse costs"), found.cost),
    ]
    waterfall(
        view,
        ("recovery-bridge", _("Why the recovery rate moved")),
        (found.before, found.after),
        steps,
        Column("amount", _("Share of landed cost"), "ratio", change="is_step"),
        Drawn("ratio", ".0%", "HIGHER"),
        ignores=("product_category", "node_id", "carrier", "return_type"),
    )


def _brought(view: View, suffix: str) -> dict[Way, Brought]:
    found: dict[Way, Brought] = {}
    for row in view.rows("recovery_mix"):
        goods = Brought(row[f"landed{suffix}"], row[f"recovered{suffix}"], row[f"cost{suffix}"])
        if goods.landed:
            found[row["grade_code"], row["disposition_code"], row["waited_bucket"]] = goods
    return found


def over_time(view: View) -> None:
    """How much of the landed cost each cohort of receipt had brought back by each day since."""
    _ = view.language.gettext
    section(
        view,
        _("How fast it comes back"),
        _("Net recovery on landed cost by days since receipt, of the units received in each month"),
    )
    rows = view.rows("recovery_curve")
    if not rows:
        nothing(_("No unit with a known landed cost was received in these months."))
        return
    cohorts = sorted({row["cohort_month"] for row in rows})[-CURVES_SHOWN:]
    days = sorted({row["day_number"] for row in rows})
    points = [
        {
            "label": formats.short_month(row["cohort_month"], view.locale),
            "x": str(row["day_number"]),
            "position": days.index(row["day_number"]),
            "value": float(row["net_recovery_rate"]),
            "text": view.write(row["net_recovery_rate"], "ratio"),
        }
        for row in rows
        if row["cohort_month"] in cohorts and row["net_recovery_rate"] is not None
    ]
    columns = [
        Column("cohort_month", _("Received in"), "month"),
        Column("day_number", _("Days since receipt"), "count"),
        Column("unit_count", _("Units"), "count"),
        Column("landed_cost_reporting", _("Landed cost"), "currency"),
        Column("net_recovery_reporting", _("Net recovery"), "currency"),
        Column("net_recovery_rate", _("Net rate"), "ratio"),
        Column("is_mature", _("Final"), "flag"),
    ]
    drawing = charts.lines(points, _("Net rate"), view.locale, ".0%", _("Days since receipt"))
    shown = Table("recovery-curve", _("Net recovery by days since receipt"), columns, rows)
    chart(view, drawing, shown, ignores=("channel", "product_category", "node_id", "carrier", "return_type"))


def decay(view: View) -> None:
    """What was paid of the list price, by the weeks that goods waited."""
    _ = view.language.gettext
    section(
        view, _("What waiting costs"), _("Proceeds on list price by weeks from receipt to sale, all months together")
    )
    rows = view.rows("value_decay")
    if not rows:
        nothing(_("Too few sales have a list price and a date to say."))
        return
    weeks = sorted({row["week_number"] for row in rows})
    points = [
        {
            "label": row["product_category"],
            "x": str(row["week_number"]),
            "position": weeks.index(row["week_number"]),
            "value": float(row["price_rate"]),
            "text": view.write(row["price_rate"], "ratio"),
        }
        for row in rows
        if row["price_rate"] is not None
    ]
    columns = [
        Column("product_category", _("Category")),
        Column("week_number", _("Weeks since receipt"), "count"),
        Column("sold_count", _("Units sold"), "count"),
        Column("price_rate", _("Price on list price"), "ratio"),
        Column("estimated_decay_rate", _("Estimated loss per day"), "number"),
    ]
    drawing = charts.lines(points, _("Price on list price"), view.locale, ".0%", _("Weeks since receipt"))
    shown = Table("value-decay", _("Price on list price by weeks since receipt"), columns, rows)
    chart(view, drawing, shown, ignores=("channel", "node_id", "carrier", "return_type", "period"))


def _rated(row: Row) -> Row:
    landed = row["landed_cost_reporting"]
    return row | {
        "gross_rate": ratio(row["gross_proceeds_reporting"], landed),
        "net_rate": ratio(row["net_recovery_reporting"], landed),
    }


def _bar(row: Row, view: View) -> Row:
    amount = view.write(row["net_recovery_reporting"], "whole_currency")
    rate = formats.share(row["net_rate"], view.locale, digits=0)
    return {"label": row["label"], "value": float(row["net_recovery_reporting"]), "text": f"{amount} · {rate}"}


def _largest(rows: list[Row], rest: str) -> list[Row]:
    """The dispositions with the largest landed cost; the others as one (the files have each)."""
    if len(rows) <= DISPOSITIONS_SHOWN + 1:
        return rows
    others = rows[DISPOSITIONS_SHOWN:]
    return [*rows[:DISPOSITIONS_SHOWN], _rated(_sum(others, rest.format(count=len(others))))]


def _sum(rows: list[Row], label: str) -> Row:
    return {"label": label} | {name: sum(row[name] for row in rows) for name in AMOUNTS}


main()
