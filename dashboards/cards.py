"""A figure on a page: its value, how it moved, its trend, its coverage, and the ways to its definition and rows."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import streamlit as st

from backhaul import formats
from dashboards import charts
from dashboards.blocks import downloads, plain
from dashboards.data import Row
from dashboards.figures import Figure, Metric, change
from dashboards.tables import Column, Table
from dashboards.view import View


@dataclass(frozen=True)
class Movement:
    """A change in signs and words; colour and arrow only repeat them."""

    text: str
    colour: Literal["green", "orange", "gray"]
    arrow: Literal["up", "down", "off"]


def written(metric: Metric, figure: Figure, view: View) -> str:
    """The value of a metric as the reader writes it; a dash where there is none."""
    return view.write(figure.value, metric.unit)


def movement(metric: Metric, view: View) -> Movement | None:
    """The change against the period before; None when there is nothing to compare."""
    period, before = view.filters.period, view.filters.before
    moved = change(metric, metric.over(period), metric.over(before)) if before else None
    if moved is None:
        return None
    _ = view.language.gettext
    if not moved.absolute:
        return Movement(_("unchanged"), "gray", "off")
    arrow: Literal["up", "down"] = "up" if moved.absolute > 0 else "down"
    size = view.write_change(moved.absolute, metric.unit)
    if metric.unit != "ratio" and moved.relative is not None:
        size += f" ({formats.share(moved.relative, view.locale, signed=True)})"
    if moved.is_better is None:
        return Movement(size, "gray", arrow)
    verdict = _("better") if moved.is_better else _("worse")
    return Movement(f"{size}, {verdict}", "green" if moved.is_better else "orange", arrow)


def row_of_cards(view: View, metrics: dict[str, Metric], kpi_ids: list[str], columns: int = 3) -> None:
    """Cards side by side, in rows of ``columns``; on a phone one below the other."""
    for start in range(0, len(kpi_ids), columns):
        places = st.columns(columns)
        for place, kpi_id in zip(places, kpi_ids[start : start + columns], strict=False):
            with place:
                card(view, metrics[kpi_id])


def card(view: View, main: Metric, beside: Metric | None = None, aside: str = "") -> None:
    """One headline: ``main`` large, ``beside`` (or the words of ``aside``) under it."""
    figure, moved = main.over(view.filters.period), movement(main, view)
    text = written(main, figure, view)
    with st.container(border=True, key=f"headline_{main.kpi_id}", height="stretch", gap="small"):
        st.metric(
            main.label,
            text,
            delta=moved.text if moved else None,
            delta_color=moved.colour if moved else "off",
            delta_arrow=moved.arrow if moved else "off",
        )
        note = _compared(main, figure, moved, view)
        st.caption(note)
        view.report.figure(main.label, text, f"{moved.text} · {note}" if moved else note)
        _trend(main, view)
        if beside or aside:
            st.markdown(plain(_second(beside, view) if beside else aside))
        _known(figure, view)
        label = view.language.gettext("Definition and source")
        with st.popover(label, icon=":material/info:", type="tertiary", key=f"about_{main.kpi_id}"):
            for metric in (main, beside) if beside else (main,):
                about(view, metric)


def _compared(metric: Metric, figure: Figure, moved: Movement | None, view: View) -> str:
    _, before = view.language.gettext, view.filters.before
    if metric.kind == "DURATION" and not view.has_medians():
        return _("No median is kept where filters meet: choose one of them. A median is no sum of others.")
    if figure.dated and view.filters.period.length > 1:
        months = formats.month(figure.dated, view.locale)
        then = metric.over(before).dated if before and moved else None
        if then is None:
            return _("median of {month}; medians of months are not added").format(month=months)
        text = _("median of {month}, compared with that of {before}; medians of months are not added")
        return text.format(month=months, before=formats.month(then, view.locale))
    if view.filters.compare == "none":
        return _("not compared")
    if not moved or not before:
        return _("No earlier period of this length to compare with")
    months = formats.months(before.first, before.last, view.locale)
    if metric.settling(view.filters.period):
        return _("compared with {months}; provisional").format(months=months)
    return _("compared with {months}").format(months=months)


def _second(metric: Metric, view: View) -> str:
    moved = movement(metric, view)
    text = f"{metric.label} **{written(metric, metric.over(view.filters.period), view)}**"
    if moved is None:
        return text
    arrow = {"up": "▲", "down": "▼", "off": ""}[moved.arrow]
    return f"{text} :{moved.colour}[{arrow} {moved.text}]"


def _known(figure: Figure, view: View) -> None:
    """Coverage and as-of, always in sight; little coverage is said in words."""
    language = view.language
    covered = formats.share(figure.coverage, view.locale, digits=0)
    known = language.gettext("Coverage {share} · as of {day}")
    with st.container(gap="xsmall"):
        st.caption(known.format(share=covered, day=formats.day(figure.as_of, view.locale)))
        if figure.is_thin:
            warning = language.gettext("Low coverage: the inputs are known for only {share} of the units.")
            st.markdown(f":orange[:material/warning: {warning.format(share=covered)}]")


def _trend(metric: Metric, view: View) -> None:
    told = [(cell, metric.at(cell.month)) for cell in metric.months]
    points: list[Row] = [
        {
            "month": formats.short_month(cell.month, view.locale),
            "position": position,
            "value": float(figure.value),
            "text": written(metric, figure, view),
            "is_selected": cell.month in view.filters.period,
            "is_settling": metric.is_settling(cell.month),
        }
        for position, (cell, figure) in enumerate(told)
        if figure.value is not None
    ]
    if not points:
        _ = view.language.gettext
        # of what a scope leaves no row there is no month at all
        is_closed = view.reader.scope is not None and not told
        st.caption(_("Not known of the rows that you see") if is_closed else _("No month has a value yet"))
        return
    alt = view.language.gettext("{label} by month").format(label=metric.label)
    st.vega_lite_chart(charts.trend(points, metric.label, view.palette), alt=alt, key=f"trend_{metric.kpi_id}")


def basis(metric: Metric, view: View) -> str:
    """Which date puts a row into a month of the metric, in words."""
    _ = view.language.gettext
    words = {
        "RECEIPT": _("months are those in which the units were received"),
        "DISPOSITION": _("months are those in which the final disposition was carried out"),
        "POSTING": _("months are those in which the amounts were posted"),
        "SHIPMENT": _("months are those in which the parcels left"),
        "REQUEST": _("months are those in which the returns were asked for"),
        "ORDER_COHORT": _("months are those of the orders"),
        "AS_OF": _("as things stood on the as-of day"),
    }
    return words.get(metric.basis, metric.basis)


def about(view: View, metric: Metric) -> None:
    """Definition, both sides, coverage, publish, and the way to the source rows."""
    language, figure = view.language, metric.over(view.filters.period)
    _ = language.gettext
    st.markdown(plain(f"**{metric.label} ({metric.kpi_id})**  \n{metric.formula}"))
    st.caption(_("Definition {version}; {basis}.").format(version=metric.version, basis=basis(metric, view)))
    st.markdown(plain(sides(view, metric, figure)))
    day = formats.day(figure.as_of, view.locale)
    publish = f"`{view.publish.publish_id}`"
    st.caption(_("As of {day}; publish {publish}.").format(day=day, publish=publish))
    with st.container(horizontal=True):
        trace_link(view, metric)
        st.page_link(
            "metrics.py",
            label=_("In the catalogue"),
            icon=":material/menu_book:",
            query_params=view.parameters(kpi=metric.kpi_id),
        )
    downloads(view, months_table(view, metric))


def trace_link(view: View, metric: Metric, component: str | None = None) -> None:
    """The way from a figure to the rows it is made of."""
    st.page_link(
        "trace.py",
        label=view.language.gettext("Trace to the source rows"),
        icon=":material/account_tree:",
        query_params=view.parameters(kpi=metric.kpi_id, component=component),
    )


def sides(view: View, metric: Metric, figure: Figure) -> str:
    """What is divided by what, each in its own unit."""
    value = written(metric, figure, view)
    if figure.denominator is None:
        return view.language.gettext("{label}: **{value}**").format(label=metric.label, value=value)
    numerator = side(view, figure.numerator, metric.numerator_unit)
    denominator = side(view, figure.denominator, metric.denominator_unit)
    text = view.language.gettext("{numerator} divided by {denominator} = **{value}**")
    return text.format(numerator=numerator, denominator=denominator, value=value)


def side(view: View, amount: Decimal, unit: str | None) -> str:
    """One side of a metric, in the unit of its measure."""
    language, count = view.language, int(amount)
    counted = {
        "units": language.ngettext("{count} unit", "{count} units", count),
        "parcels": language.ngettext("{count} parcel", "{count} parcels", count),
        "orders": language.ngettext("{count} order", "{count} orders", count),
        "customers": language.ngettext("{count} customer", "{count} customers", count),
        "authorisations": language.ngettext("{count} authorisation", "{count} authorisations", count),
        "labels": language.ngettext("{count} label", "{count} labels", count),
        "claims": language.ngettext("{count} claim", "{count} claims", count),
        "answers": language.ngettext("{count} answer", "{count} answers", count),
    }
    if unit in counted:
        return counted[unit].format(count=formats.count(amount, view.locale))
    match unit:
        case "currency" | "kg" | "days" | "minutes" | "points":
            return view.write(amount, unit)
        case _:
            return view.write(amount, "number")


def months_table(view: View, metric: Metric) -> Table:
    """Every month of a metric with both its sides, as published."""
    _ = view.language.gettext
    columns = [
        Column("kpi_id", _("Metric")),
        Column("month", _("Month"), "month"),
        Column("numerator", _("Numerator"), "number"),
        Column("denominator", _("Denominator"), "number"),
        Column("value", _("Value"), metric.unit),
        Column("coverage", _("Coverage"), "ratio"),
        Column("as_of", _("As of"), "instant"),
        Column("publish", _("Publish")),
    ]
    rows = [
        {
            "kpi_id": metric.kpi_id,
            "month": cell.month,
            "numerator": figure.numerator,
            "denominator": figure.denominator,
            "value": figure.value,
            "coverage": figure.coverage,
            "as_of": figure.as_of,
            "publish": view.publish.publish_id,
        }
        for cell in metric.months
        for figure in [metric.at(cell.month)]
    ]
    return Table(metric.kpi_id, metric.label, columns, rows)
