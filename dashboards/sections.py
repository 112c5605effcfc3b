"""What stands behind the headlines: cost by component, recovery by disposition, and the mass balance."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import streamlit as st

from backhaul import formats
from dashboards import charts
from dashboards.cards import Selection
from dashboards.data import Row
from dashboards.figures import Metric, ratio, rounded_to
from dashboards.period import Period
from dashboards.tables import csv_bytes, html_table
from dashboards.view import View

# As many as the palette tells apart; what is smaller goes together.
COMPONENTS_SHOWN = 6
DISPOSITIONS_SHOWN = 8
_WHOLE = Decimal(1)
_FINE_BELOW = Decimal(1000)
REST = "REST"


def cost(view: View, metric: Metric, selection: Selection) -> None:
    """Cost per return by component: each month as a stack, the selected months as a table."""
    _ = view.language.gettext
    st.subheader(_("What a return costs"), divider="gray")
    rows = view.rows("cost_components", language=view.language.code)
    inside = [row for row in rows if row["period_month"] in selection.period]
    units = metric.over(selection.period).denominator
    if not inside or not units:
        st.caption(_("No cost is known for these months."))
        return
    left, right = st.columns([3, 2], gap="large")
    with left:
        _cost_chart(view, metric, rows, selection.period)
    with right:
        _cost_table(view, metric, rows, selection)


def _cost_chart(view: View, metric: Metric, rows: list[Row], period: Period) -> None:
    _ = view.language.gettext
    # ranked over all months, so that a component keeps its colour when the selection changes
    ranking = [component for component, _total in _totals(rows)]
    labels = {row["cost_component"]: row["label"] for row in rows} | {REST: _("Other components")}
    kept = set(ranking[:COMPONENTS_SHOWN] if len(ranking) > COMPONENTS_SHOWN + 1 else ranking)
    units = {row["period_month"]: row["denominator"] for row in metric.months}
    positions = {month: position for position, month in enumerate(sorted(units))}
    amounts: dict[tuple[date, str], Decimal] = {}
    for row in rows:
        key = row["period_month"], row["cost_component"] if row["cost_component"] in kept else REST
        amounts[key] = amounts.get(key, Decimal(0)) + row["cost_reporting"]
    order = [*(component for component in ranking if component in kept), REST]
    shown = [component for component in order if any(key[1] == component for key in amounts)]
    bars: list[Row] = [
        {
            "month": formats.short_month(month, view.locale),
            "position": positions[month],
            "label": labels[component],
            "rank": shown.index(component),
            "value": float(amount / units[month]),
            "text": formats.money(amount / units[month], view.currency, view.locale),
            "is_selected": month in period,
        }
        for (month, component), amount in amounts.items()
        if units.get(month)
    ]
    title = _("{currency} per return").format(currency=view.currency)
    chart = charts.stacked_months(bars, [labels[component] for component in shown], title, view.locale, ",.0f")
    st.altair_chart(chart, alt=_("Cost per return by month and component"), key="chart_cost")
    header = [
        _("Month"),
        _("Component"),
        _("Cost ({currency})"),
        _("Units received"),
        _("Cost per return ({currency})"),
    ]
    body = [
        [
            row["period_month"].strftime("%Y-%m"),
            row["label"],
            row["cost_reporting"],
            units[row["period_month"]],
            ratio(row["cost_reporting"], units[row["period_month"]]),
        ]
        for row in rows
    ]
    _download(view, "cost-by-month", _("Chart (CSV)"), header, body)


def _cost_table(view: View, metric: Metric, rows: list[Row], selection: Selection) -> None:
    _, locale = view.language.gettext, view.locale
    labels = {row["cost_component"]: row["label"] for row in rows}
    now, before = metric.over(selection.period), selection.before
    amounts = _totals([row for row in rows if row["period_month"] in selection.period])
    earlier = dict(_totals([row for row in rows if before and row["period_month"] in before]))
    earlier_units = metric.over(before).denominator if before else Decimal(0)

    def line(name: str, amount: Decimal, was: Decimal) -> list[str]:
        cells = [
            name,
            formats.money(amount / now.denominator, view.currency, locale),
            formats.share(amount / now.numerator if now.numerator else None, locale),
        ]
        if earlier_units:
            moved = amount / now.denominator - was / earlier_units
            cells.append(formats.money(moved, view.currency, locale, signed=True))
        return cells

    header = [_("Component"), _("Per return"), _("Share")] + ([_("Change")] if earlier_units else [])
    body = [line(labels[component], amount, earlier.get(component, Decimal(0))) for component, amount in amounts]
    was = sum(earlier.values(), Decimal(0))
    total = line(metric.label, sum((amount for _component, amount in amounts), Decimal(0)), was)
    st.html(html_table(_("Cost per return by component"), header, body, total))
    plain = [_("Component"), _("Cost ({currency})"), _("Units received"), _("Cost per return ({currency})")]
    exact = [
        [labels[component], amount, now.denominator, ratio(amount, now.denominator)] for component, amount in amounts
    ]
    _download(view, "cost-by-component", _("Table (CSV)"), plain, exact)


def recovery(view: View, period: Period) -> None:
    """What each disposition brought back, as bars and as a table."""
    _, locale, currency = view.language.gettext, view.locale, view.currency
    st.subheader(_("What is recovered, by disposition"), divider="gray")
    rows = view.rows("recovery", language=view.language.code, first=period.first, last=period.last)
    if not rows:
        st.caption(_("No unit with a known landed cost was disposed of in these months."))
        return
    shown = _largest(rows, _("Other dispositions ({count})"))
    left, right = st.columns([2, 3], gap="large")
    with left:
        st.caption(_("Net recovery: proceeds and credits less all costs, and its share of the landed cost"))
        bars = [_recovery_bar(row, view) for row in shown]
        chart = charts.signed_bars(bars, _("Net recovery"), view.palette)
        st.altair_chart(chart, alt=_("Net recovery by disposition"), key="chart_recovery")
    header = [_("Disposition"), _("Units"), _("Landed cost"), _("Proceeds"), _("Gross rate"), _("Net"), _("Net rate")]

    def line(row: Row) -> list[str]:
        landed = row["landed_cost_reporting"] or None
        gross, net = row["gross_proceeds_reporting"], row["net_recovery_reporting"]
        return [
            row["label"],
            formats.count(row["unit_count"], locale),
            formats.money(row["landed_cost_reporting"], currency, locale, whole=True),
            formats.money(gross, currency, locale, whole=True),
            formats.share(gross / landed if landed else None, locale),
            formats.money(net, currency, locale, whole=True),
            formats.share(net / landed if landed else None, locale),
        ]

    with right:
        total = line(_sum(rows, _("All dispositions")))
        st.html(html_table(_("Recovery by disposition"), header, [line(row) for row in shown], total))
        plain = [
            _("Disposition"), _("Units"), _("Landed cost ({currency})"), _("Proceeds ({currency})"),
            _("Net recovery ({currency})"),
        ]  # fmt: skip
        columns = ("label", "unit_count", "landed_cost_reporting", "gross_proceeds_reporting", "net_recovery_reporting")
        _download(
            view, "recovery", _("Chart and table (CSV)"), plain, [[row[name] for name in columns] for row in rows]
        )


def mass_balance(view: View, period: Period) -> None:
    """Kilograms: in process before, in, out (and where to), in process after. What is shown adds up as it is shown."""
    _, locale = view.language.gettext, view.locale
    st.subheader(_("Where the goods went, by mass"), divider="gray")
    months = {"first": period.first, "last": period.last}
    balance = view.rows("mass_balance", **months)[0]
    if balance["closing_kg"] is None:
        st.caption(_("No mass is known for these months."))
        return
    fates = view.rows("mass_fates", language=view.language.code, **months)
    left_kg = sum((row["mass_kg"] for row in fates), Decimal(0))
    step = _WHOLE if balance["opening_kg"] + balance["received_kg"] >= _FINE_BELOW else formats.TENTH
    opening, received, closing = (balance[f"{name}_kg"].quantize(step) for name in ("opening", "received", "closing"))
    gone = opening + received - closing
    terms = [
        ("opening", _("In process at the start"), opening),
        ("received", _("+ Came in"), received),
        ("gone", _("− Left the process"), gone),
        ("closing", _("= In process at the end"), closing),
    ]
    for column, (name, label, mass) in zip(st.columns(4), terms, strict=True):
        with column, st.container(key=f"mass_{name}"):
            st.metric(label, formats.kilograms(mass, locale))
    rounded = rounded_to(gone, [row["mass_kg"] for row in fates], step)
    shares = [row["mass_kg"] / left_kg if left_kg else None for row in fates]
    present = [
        (row, mass, share) for row, mass, share in zip(fates, rounded, shares, strict=True) if row["mass_kg"] or mass
    ]
    left, right = st.columns([2, 3], gap="large")
    with left:
        st.caption(_("Where the mass that left went"))
        body = [
            [row["label"], formats.kilograms(mass, locale), formats.share(share, locale)]
            for row, mass, share in present
        ]
        total = [
            _("Left the process"),
            formats.kilograms(gone, locale),
            formats.share(_WHOLE if left_kg else None, locale),
        ]
        st.html(html_table(_("Mass balance"), [_("Where to"), _("Mass"), _("Share")], body, total))
        exact = [
            [_("In process at the start"), balance["opening_kg"]],
            [_("Came in"), balance["received_kg"]],
            *([row["label"], -row["mass_kg"]] for row in fates),
            [_("In process at the end"), balance["closing_kg"]],
        ]
        _download(view, "mass-balance", _("Chart and table (CSV)"), [_("Where to"), _("Mass (kg)")], exact)
    with right:
        bars: list[Row] = [
            {
                "label": row["label"],
                "value": float(row["mass_kg"]),
                "text": f"{formats.kilograms(mass, locale)} · {formats.share(share, locale)}",
            }
            for row, mass, share in present
        ]
        if bars:
            chart = charts.signed_bars(bars, _("Mass"), view.palette)
            st.altair_chart(chart, alt=_("Mass by destination"), key="chart_mass")


def _totals(rows: list[Row]) -> list[tuple[str, Decimal]]:
    """Cost by component, the largest first."""
    sums: dict[str, Decimal] = {}
    for row in rows:
        sums[row["cost_component"]] = sums.get(row["cost_component"], Decimal(0)) + row["cost_reporting"]
    return sorted(sums.items(), key=lambda item: (-item[1], item[0]))


def _recovery_bar(row: Row, view: View) -> Row:
    landed, net = row["landed_cost_reporting"], row["net_recovery_reporting"]
    amount = formats.money(net, view.currency, view.locale, whole=True)
    rate = formats.share(net / landed if landed else None, view.locale, digits=0)
    return {"label": row["label"], "value": float(net), "text": f"{amount} · {rate}"}


def _largest(rows: list[Row], rest: str) -> list[Row]:
    """The dispositions with the largest landed cost; the others as one (the download has each)."""
    if len(rows) <= DISPOSITIONS_SHOWN + 1:
        return rows
    others = rows[DISPOSITIONS_SHOWN:]
    return [*rows[:DISPOSITIONS_SHOWN], _sum(others, rest.format(count=len(others)))]


def _sum(rows: list[Row], label: str) -> Row:
    names = ("unit_count", "landed_cost_reporting", "gross_proceeds_reporting", "net_recovery_reporting")
    return {"label": label} | {name: sum(row[name] for row in rows) for name in names}


def _download(view: View, name: str, label: str, header: list[str], body: list[list[object]]) -> None:
    columns = [column.format(currency=view.currency) for column in header]
    st.download_button(
        label,
        csv_bytes(columns, body),
        f"{name}.csv",
        "text/csv",
        type="tertiary",
        icon=":material/download:",
        on_click="ignore",
        key=f"csv_{name}",
    )
