"""From a figure to the rows it is made of: which units, which amounts, which file and line; and that they add up."""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from backhaul import formats
from dashboards.blocks import nothing, plain, section, table
from dashboards.cards import basis, side, sides
from dashboards.data import Row
from dashboards.figures import Figure, Metric
from dashboards.tables import Column, Table
from dashboards.view import View, keep_in_url, labels, shared

ROLES = ("NUMERATOR", "DENOMINATOR")
# A figure over a year has millions of rows behind it: a page lists the largest, the command line lists all.
ROW_LIMIT = 5_000
ROWS_SHOWN = 25


def main() -> None:
    """The whole page."""
    view = shared()
    metric, role, component = _asked(view)
    figure = metric.over(view.filters.period)
    said = view.language.gettext("{label}: {value}")
    name = f"**{metric.label} ({metric.kpi_id})**"
    st.markdown(plain(said.format(label=name, value=sides(view, metric, figure))))
    st.caption(plain(f"{metric.formula} {formats.heading(basis(metric, view))}."))
    totals = view.rows("contribution_totals", measure_code=measure(metric, role))
    if not totals:
        nothing(view.language.gettext("No row counts in this side of the metric in these months."))
        return
    if component not in {row["component"] for row in totals}:
        component = None
    adds_up(view, metric, role, figure, totals)
    source_rows(view, metric, role, component)


def _asked(view: View) -> tuple[Metric, str, str | None]:
    """What the address asks for; what it asks for and is not there is ignored."""
    _ = view.language.gettext
    known = {kpi_id: metric for kpi_id, metric in view.metrics().items() if metric.kind != "TABLE"}
    asked = st.query_params.get("kpi", "")
    st.session_state["kpi"] = asked if asked in known else next(iter(known))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            _("Metric"),
            list(known),
            key="kpi",
            format_func=lambda kpi_id: f"{kpi_id} · {known[kpi_id].label}",
            on_change=keep_in_url,
            args=("kpi",),
            width=420,
        )
        metric = known[st.session_state["kpi"]]
        # a sum has one side, and what a duration is divided by is the number of its rows
        roles = ROLES if metric.kind == "RATIO" else ROLES[:1]
        role = st.query_params.get("role", "")
        st.session_state["role"] = role if role in roles else ROLES[0]
        names = {"NUMERATOR": _("Numerator"), "DENOMINATOR": _("Denominator")}
        st.segmented_control(
            _("Side"),
            roles,
            key="role",
            format_func=names.__getitem__,
            on_change=keep_in_url,
            args=("role",),
            required=True,
        )
    return metric, st.session_state["role"], st.query_params.get("component")


def adds_up(view: View, metric: Metric, role: str, figure: Figure, totals: list[Row]) -> None:
    """The rows' sum against the figure's side, and the sum of each component."""
    _, language = view.language.gettext, view.language
    section(view, _("It adds up"))
    traced = sum((row["amount"] for row in totals), Decimal(0))
    shown = _published(role, figure)
    unit = metric.numerator_unit if role == ROLES[0] else metric.denominator_unit
    rows = sum(row["row_count"] for row in totals)
    text = language.ngettext("{count} row adds up to {amount}.", "{count} rows add up to {amount}.", rows)
    said = text.format(count=formats.count(rows, view.locale), amount=side(view, traced, unit))
    if shown is None:
        st.info(plain(said), icon=":material/functions:")
    elif shown == traced:
        same = _("That is the figure, exactly.")
        st.success(plain(f"{said} {same}"), icon=":material/check_circle:")
    else:
        off = _("The figure is {amount}: they differ. Please report this.").format(amount=side(view, shown, unit))
        st.error(plain(f"{said} {off}"), icon=":material/error:")
    if len(totals) > 1:
        words = labels(view.rows("component_labels"), "component")
        columns = [
            Column("label", _("Component"), link="address"),
            Column("row_count", _("Rows"), "count"),
            Column("unit_count", _("Units"), "count"),
            Column("file_count", _("Files"), "count"),
            Column("amount", _("Amount"), _kind(unit)),
        ]
        body = [
            row
            | {
                "label": words.get(row["component"], row["component"]),
                "address": view.address("trace", kpi=metric.kpi_id, role=role, component=row["component"]),
            }
            for row in totals
        ]
        table(view, Table(f"{metric.kpi_id}-components", _("Amount by component"), columns, body))


def measure(metric: Metric, role: str) -> str | None:
    """The measure that a side of a metric sums."""
    return metric.numerator_measure if role == ROLES[0] else metric.denominator_measure


def _published(role: str, figure: Figure) -> Decimal | None:
    """What the page shows of a side; the rows of a duration's denominator are counted, which no page shows."""
    if role == ROLES[0]:
        return figure.numerator
    return figure.denominator


def _kind(unit: str | None) -> formats.Kind:
    """How amounts of a measure are written; what is counted by other words is a number."""
    match unit:
        case "currency" | "kg" | "days" | "minutes" | "points":
            return unit
        case _:
            return "number"


def source_rows(view: View, metric: Metric, role: str, component: str | None) -> None:
    """The records, the largest amounts first: file, row, unit."""
    _ = view.language.gettext
    words = labels(view.rows("component_labels"), "component")
    title = _("Source rows")
    if component:
        title = _("Source rows: {component}").format(component=words.get(component, component))
    section(view, title, _("A unit leads to everything that happened to it."))
    asked = {"measure_code": measure(metric, role), "component": component, "row_limit": ROW_LIMIT}
    found = view.rows("contributions", **asked)
    unit = metric.numerator_unit if role == ROLES[0] else metric.denominator_unit
    columns = [
        Column("short_key", _("Unit"), link="address"),
        Column("component_label", _("Component")),
        Column("amount", _("Amount"), _kind(unit)),
        Column("file_name", _("File")),
        Column("source_row", _("Row"), "count"),
        Column("source_path", _("Place in the row")),
        Column("source_table", _("Table")),
        Column("landing_path", _("Kept as")),
        Column("unit_key", _("Unit key")),
    ]
    body = [
        row
        | {
            "short_key": (row["unit_key"] or "")[:8] or None,
            # links are for the rows in sight
            "address": view.address("unit", unit=row["unit_key"]) if row["unit_key"] and place < ROWS_SHOWN else None,
            "component_label": words.get(row["component"], row["component"]),
        }
        for place, row in enumerate(found)
    ]
    shown = Table(f"{metric.kpi_id}-rows", title, columns, body)
    table(view, shown, limit=ROWS_SHOWN)
    if len(found) == ROW_LIMIT:
        text = _("The {count} largest are listed here; `backhaul trace {kpi_id} {month}` lists every one of a month.")
        month = f"{view.filters.period.last:%Y-%m}"
        st.caption(text.format(count=formats.count(ROW_LIMIT, view.locale), kpi_id=metric.kpi_id, month=month))


main()
