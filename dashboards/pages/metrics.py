"""The catalogue of metrics: what each is, how it is worked out, what it stood at, and where its rows are."""

from __future__ import annotations

import streamlit as st

from backhaul.settings import get_settings
from dashboards.blocks import plain, section, table
from dashboards.cards import basis, card, written
from dashboards.figures import Metric
from dashboards.slices import by_member
from dashboards.tables import Column, Table
from dashboards.view import View, keep_in_url, shared


def main() -> None:
    """The whole page: one metric when the address names it, and the list of all."""
    view = shared()
    known = view.metrics()
    asked = st.query_params.get("kpi", "")
    st.session_state["kpi"] = asked if asked in known else ""
    st.selectbox(
        view.language.gettext("Metric"),
        ["", *known],
        key="kpi",
        format_func=lambda kpi_id: f"{kpi_id} · {known[kpi_id].label}" if kpi_id else view.language.gettext("All"),
        on_change=keep_in_url,
        args=("kpi",),
        width=420,
    )
    if st.session_state["kpi"]:
        one(view, known[st.session_state["kpi"]])
    everything(view, known)
    if (get_settings().root / "catalogue" / "current").exists():
        st.link_button(
            view.language.gettext("Tables, columns and lineage"),
            "catalogue/",
            icon=":material/schema:",
            type="tertiary",
        )


def one(view: View, metric: Metric) -> None:
    """A metric in full."""
    _ = view.language.gettext
    st.markdown(plain(metric.formula))
    measures = [
        (_("Numerator"), metric.numerator_label),
        (_("Denominator"), metric.denominator_label),
    ]
    for name, words in measures:
        if words:
            st.markdown(plain(_("{label}: {value}").format(label=f"**{name}**", value=words)))
    if metric.kind == "TABLE":
        st.info(_("This metric is a table, not one figure: its mart answers it."), icon=":material/table:")
        return
    with st.columns([1, 1])[0]:
        card(view, metric)
    by_member(view, metric.kpi_id)


def everything(view: View, known: dict[str, Metric]) -> None:
    """Every metric with its figure over the months shown."""
    _ = view.language.gettext
    section(view, _("All metrics"), _("Over the months and filters chosen above."))
    topics = {
        "returns": _("Returns"),
        "cost": _("Cost"),
        "recovery": _("Recovery"),
        "flow": _("Flow"),
        "carriers": _("Carriers"),
        "waste": _("Waste and carbon"),
        "customers": _("Customers and leakage"),
    }
    columns = [
        Column("kpi_id", _("Metric"), link="address"),
        Column("label", _("Name")),
        Column("value", _("Value")),
        Column("coverage", _("Coverage"), "ratio"),
        Column("basis", _("Months")),
        Column("formula", _("Formula")),
    ]
    for topic, title in topics.items():
        rows = [
            {
                "kpi_id": metric.kpi_id,
                "label": metric.label,
                "value": written(metric, figure, view) if metric.kind != "TABLE" else _("table"),
                "coverage": figure.coverage if metric.kind != "TABLE" else None,
                "basis": basis(metric, view),
                "formula": metric.formula,
                "address": view.address("metrics", kpi=metric.kpi_id),
            }
            for metric in known.values()
            if metric.topic == topic
            for figure in [metric.over(view.filters.period)]
        ]
        if rows:
            with st.expander(title, expanded=False):
                table(view, Table(f"metrics-{topic}", title, columns, rows), limit=len(rows))


main()
