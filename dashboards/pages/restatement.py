"""What a month was said to be when it was first known, what it is said to be now, and which part of it moved."""

from __future__ import annotations

import streamlit as st

from dashboards.blocks import nothing, section, table
from dashboards.data import Row
from dashboards.tables import Column, Table
from dashboards.view import View, keep_in_url, labels, shared


def main() -> None:
    """The whole page."""
    view = shared()
    rows = view.rows("restatement")
    changed(view, rows)
    publishes(view)


def changed(view: View, rows: list[Row]) -> None:
    """The figures that moved, and for one of them what moved it."""
    _ = view.language.gettext
    section(view, _("Figures that moved after they were published"))
    wholes = [row for row in rows if row["slice_dimension"] == "ALL"]
    if not wholes:
        nothing(_("Nothing that was published has changed since. A later publish that knows more will show here."))
        return
    metrics = {row["kpi_id"]: row["label"] for row in wholes}
    asked = st.query_params.get("kpi", "")
    st.session_state["kpi"] = asked if asked in metrics else ""
    st.selectbox(
        _("Metric"),
        ["", *metrics],
        key="kpi",
        format_func=lambda kpi_id: f"{kpi_id} · {metrics[kpi_id]}" if kpi_id else _("All"),
        on_change=keep_in_url,
        args=("kpi",),
        width=420,
    )
    kpi_id = st.session_state["kpi"]
    columns = [
        Column("label", _("Metric"), link="address"),
        Column("period_month", _("Month"), "month"),
        Column("first_as_of", _("First known on"), "day"),
        Column("then", _("Then")),
        Column("now", _("Now")),
        Column("numerator_change", _("Numerator moved by"), "number"),
        Column("denominator_change", _("Denominator moved by"), "number"),
        Column("change_count", _("Times"), "count"),
    ]
    shown = [_written(view, row) for row in wholes if kpi_id in {"", row["kpi_id"]}]
    table(view, Table("restatement", _("Figures that moved"), columns, shown), limit=30)
    if kpi_id:
        causes(view, [row for row in rows if row["kpi_id"] == kpi_id and row["slice_dimension"] == "COMPONENT"])


def causes(view: View, rows: list[Row]) -> None:
    """Which components moved the figure: a late carrier bill is freight, a late credit is a credit."""
    _ = view.language.gettext
    section(view, _("Which part of it moved"))
    if not rows:
        nothing(_("This metric has no components; its rows are in the trace."))
        return
    words = labels(view.rows("component_labels"), "component")
    columns = [
        Column("component", _("Component")),
        Column("period_month", _("Month"), "month"),
        Column("first_as_of", _("First known on"), "day"),
        Column("last_as_of", _("Last changed on"), "day"),
        Column("numerator_change", _("Moved by"), "number"),
    ]
    body = [row | {"component": words.get(row["slice_member"], row["slice_member"])} for row in rows]
    table(view, Table("restatement-causes", _("Components that moved"), columns, body), limit=30)


def _written(view: View, row: Row) -> Row:
    return row | {
        "then": view.write(row["first_value"], row["unit"]),
        "now": view.write(row["last_value"], row["unit"]),
        "address": view.address("trace", kpi=row["kpi_id"], period=f"{row['period_month']:%Y-%m}"),
    }


def publishes(view: View) -> None:
    """What was published when, as far as it changed anything."""
    _ = view.language.gettext
    section(view, _("Publishes that changed what is known"))
    columns = [
        Column("publish_id", _("Publish")),
        Column("as_of", _("Knew up to (UTC)"), "instant"),
        Column("figure_count", _("Figures set or moved"), "count"),
        Column("month_count", _("Months"), "count"),
    ]
    table(view, Table("publishes", _("Publishes"), columns, view.rows("known_publishes")))


main()
