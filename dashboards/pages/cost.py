"""What returns cost, of what it is made, where it is highest, and why it moved."""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from backhaul import formats
from dashboards import charts
from dashboards.blocks import Drawn, chart, nothing, section, table, waterfall
from dashboards.bridge import Side, bridge
from dashboards.cards import row_of_cards
from dashboards.data import Row
from dashboards.figures import Metric, ratio
from dashboards.period import Period
from dashboards.slices import by_member
from dashboards.tables import Column, Table
from dashboards.view import View, shared

# As many as the palette tells apart; what is smaller goes together.
COMPONENTS_SHOWN = 6
REST = "REST"


def main() -> None:
    """The whole page."""
    view = shared()
    known = view.metrics()
    row_of_cards(view, known, ["B02", "B07", "B05", "B01", "B06b", "B04a"])
    rows = view.rows("cost_components")
    if not known["B02"].over(view.filters.period).denominator or not rows:
        nothing(view.language.gettext("No cost is known for these months."))
        return
    by_component(view, known["B02"], rows)
    why_it_moved(view, known)
    by_member(view, "B02")


def by_component(view: View, metric: Metric, rows: list[Row]) -> None:
    """Cost per return by component: each month as a stack, the selected months as a table."""
    section(view, view.language.gettext("What it is made of"))
    left, right = st.columns([3, 2], gap="large")
    with left:
        _by_month(view, metric, rows)
    with right:
        _over_the_period(view, metric, rows)


def _by_month(view: View, metric: Metric, rows: list[Row]) -> None:
    _ = view.language.gettext
    units = {cell.month: cell.denominator for cell in metric.months}
    positions = {month: position for position, month in enumerate(sorted(units))}
    # ranked over all months, so that a component keeps its colour when the selection changes
    ranking = list(_totals(rows))
    kept = ranking[:COMPONENTS_SHOWN] if len(ranking) > COMPONENTS_SHOWN + 1 else ranking
    labels = {row["cost_component"]: row["label"] for row in rows} | {REST: _("Other components")}
    order = [component for component in (*kept, REST) if component in kept or len(kept) < len(ranking)]
    amounts: dict[tuple[object, str], Decimal] = {}
    for row in rows:
        key = row["period_month"], row["cost_component"] if row["cost_component"] in kept else REST
        amounts[key] = amounts.get(key, Decimal(0)) + row["cost_reporting"]
    bars = [
        {
            "month": formats.short_month(month, view.locale),
            "position": positions[month],
            "label": labels[component],
            "rank": order.index(component),
            "value": float(amounts[month, component] / units[month]),
            "text": view.write(amounts[month, component] / units[month], "currency"),
            "is_selected": month in view.filters.period,
        }
        for month in positions
        for component in order
        if units[month] and (month, component) in amounts
    ]
    title = _("{currency} per return").format(currency=view.currency)
    columns = [
        Column("period_month", _("Month"), "month"),
        Column("label", _("Component")),
        Column("is_planned", _("Planned"), "flag"),
        Column("cost_reporting", _("Cost ({currency})").format(currency=view.currency), "currency"),
        Column("units", _("Units received"), "count"),
        Column("per_return", title, "currency"),
    ]
    exact = [
        row
        | {
            "units": units.get(row["period_month"]),
            "per_return": ratio(row["cost_reporting"], units.get(row["period_month"], Decimal(0))),
        }
        for row in rows
    ]
    drawing = charts.stacked_months(bars, [labels[component] for component in order], title, view.locale, ",.0f")
    chart(view, drawing, Table("cost-by-month", _("Cost per return by month and component"), columns, exact))


def _over_the_period(view: View, metric: Metric, rows: list[Row]) -> None:
    _ = view.language.gettext
    period, before = view.filters.period, view.filters.before
    now, then = metric.over(period), metric.over(before) if before else None
    labels = {row["cost_component"]: row["label"] for row in rows}
    # a component whose categories are of both kinds is neither
    kinds = {
        component: {row["is_planned"] for row in rows if row["cost_component"] == component} for component in labels
    }
    planned = {component: kind == {True} if len(kind) == 1 else None for component, kind in kinds.items()}
    amounts = _totals(row for row in rows if row["period_month"] in period)
    earlier = _totals(row for row in rows if before and row["period_month"] in before)

    def line(label: str, amount: Decimal, was: Decimal, is_planned: bool | None) -> Row:
        per_return = ratio(amount, now.denominator or Decimal(0))
        per_return_then = ratio(was, then.denominator) if then and then.denominator else None
        moved = per_return - per_return_then if per_return is not None and per_return_then is not None else None
        return {
            "label": label,
            "cost": amount,
            "per_return": per_return,
            "share": ratio(amount, now.numerator),
            "change": moved,
            "is_planned": is_planned,
        }

    columns = [
        Column("label", _("Component")),
        Column("per_return", _("Per return"), "currency"),
        Column("share", _("Share"), "ratio"),
        Column("is_planned", _("Planned"), "flag"),
        Column("cost", _("Cost ({currency})").format(currency=view.currency), "whole_currency"),
    ]
    if then and then.denominator:
        columns.insert(3, Column("change", _("Change"), "currency", change=True))
    body = [
        line(labels[component], amount, earlier.get(component, Decimal(0)), planned[component])
        for component, amount in amounts.items()
    ]
    total = line(metric.label, sum(amounts.values(), Decimal(0)), sum(earlier.values(), Decimal(0)), None)
    table(view, Table("cost-by-component", _("Cost per return by component"), columns, body, total))


def _totals(rows: object) -> dict[str, Decimal]:
    """Cost by component, the largest first."""
    sums: dict[str, Decimal] = {}
    for row in rows:  # type: ignore[attr-defined]
        sums[row["cost_component"]] = sums.get(row["cost_component"], Decimal(0)) + row["cost_reporting"]
    return dict(sorted(sums.items(), key=lambda item: (-item[1], item[0])))


def why_it_moved(view: View, known: dict[str, Metric]) -> None:
    """The bridge from the period before to this one."""
    _ = view.language.gettext
    note = _("Total cost of the units received, from one period to the other. The steps add up to the cent.")
    section(view, _("Why it moved"), note)
    before = view.filters.before
    if before is None:
        nothing(_("Choose months that have others before them: there is nothing to compare with."))
        return
    found = bridge(_side(view, known, before, "_before"), _side(view, known, view.filters.period, ""))
    if found is None:
        nothing(_("In one of the periods nothing was received: there is no unit cost to start from."))
        return
    steps = [
        (_("Units shipped") if found.rate is not None else _("Units received"), found.volume),
        (_("Return rate"), found.rate),
        (_("Mix of goods"), found.mix),
        (_("Exchange rates"), found.exchange),
        (_("Price of the same"), found.price),
    ]
    waterfall(
        view,
        ("cost-bridge", _("Why the cost of returns moved")),
        (found.before, found.after),
        steps,
        Column("amount", _("Amount ({currency})").format(currency=view.currency), "currency", change="is_step"),
        Drawn("whole_currency", ",.0f", "LOWER"),
    )


def _side(view: View, known: dict[str, Metric], period: Period, suffix: str) -> Side:
    segments = view.members("B02", "PRODUCT_CATEGORY")
    figures = {segment: metric.over(period) for segment, metric in segments.items()}
    # sales know the channel and the category of what was shipped, not by which site or carrier it would come back
    shipped = (
        known["A02"].over(period).denominator if set(view.filters.members) <= {"channel", "product_category"} else None
    )
    return Side(
        units={segment: figure.denominator or Decimal(0) for segment, figure in figures.items()},
        cost={segment: figure.numerator for segment, figure in figures.items()},
        shipped=shipped or None,
        billed={
            row["currency"]: (row[f"billed{suffix}"], row[f"reported{suffix}"]) for row in view.rows("cost_currencies")
        },
    )


main()
