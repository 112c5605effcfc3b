"""A metric by the members of a slice: who is highest, with both sides, coverage and the change."""

from __future__ import annotations

import streamlit as st

from dashboards.blocks import section, table
from dashboards.cards import side
from dashboards.data import Row
from dashboards.figures import Metric, change
from dashboards.tables import Column, Table
from dashboards.view import SLICES, View


def names(view: View) -> dict[str, str]:
    """The slices of a metric, in words."""
    _ = view.language.gettext
    return {
        "PRODUCT_CATEGORY": _("Category"),
        "CHANNEL": _("Channel"),
        "NODE": _("Site"),
        "CARRIER": _("Carrier"),
        "RETURN_TYPE": _("Return type"),
    }


def by_member(view: View, kpi_id: str) -> None:
    """A section with one tab a slice: the members of each, the largest denominators first."""
    _ = view.language.gettext
    metric = view.metrics()[kpi_id]
    section(view, _("{label}: where").format(label=metric.label))
    slices = names(view)
    for tab, by in zip(st.tabs(list(slices.values())), slices, strict=True):
        with tab:
            table(view, slice_table(view, kpi_id, by))
            _say_no_medians(view, [kpi_id], by)


def slice_table(view: View, kpi_id: str, by: str) -> Table:
    """The members of a slice, each with the metric over the months shown."""
    _ = view.language.gettext
    members = view.members(kpi_id, by)
    labels = _labels(view, by)
    rows = [_line(view, metric, labels.get(member, member)) for member, metric in members.items()]
    rows.sort(key=lambda row: (-(row["denominator"] or abs(row["numerator"]) or 0), row["label"]))
    metric = view.metrics()[kpi_id]
    columns = [
        Column("label", names(view)[by]),
        Column("value", metric.label, metric.unit),
        Column("change", _("Change"), metric.unit, change=True),
        Column("numerator_text", _("Numerator")),
        Column("denominator_text", _("Denominator")),
        Column("coverage", _("Coverage"), "ratio"),
    ]
    if metric.kind != "RATIO":
        columns = [each for each in columns if each.key not in {"numerator_text", "denominator_text"}]
    title = _("{label} by {slice}").format(label=metric.label, slice=names(view)[by].lower())
    return Table(f"{kpi_id}-{by.lower().replace('_', '-')}", title, columns, [row for row in rows if row["is_told"]])


def _say_no_medians(view: View, kpi_ids: list[str], by: str) -> None:
    """Why a table of a slice has no durations while the page is narrowed."""
    if not view.has_medians(by) and any(view.metrics()[kpi_id].kind == "DURATION" for kpi_id in kpi_ids):
        text = view.language.gettext("No median is kept of a slice within a filter: take the filter off to see them.")
        st.caption(text)
        view.report.note(text)


def scorecard(view: View, kpi_ids: list[str], by: str, name: str, title: str) -> None:
    """A table of the members of a slice by several metrics over the months shown.

    Args:
        view: of the page.
        kpi_ids: the metrics, a column each.
        by: a slice of ``fct_kpi``.
        name: of the file.
        title: of the table.
    """
    metrics, labels = view.metrics(), _labels(view, by)
    columns = [Column("label", names(view)[by])]
    found: dict[str, Row] = {}
    for kpi_id in kpi_ids:
        columns.append(Column(kpi_id, metrics[kpi_id].label, metrics[kpi_id].unit))
        for member, metric in view.members(kpi_id, by).items():
            value = metric.over(view.filters.period).value
            if value is not None:
                found.setdefault(member, {"label": labels.get(member, member)})[kpi_id] = value
    table(view, Table(name, title, columns, sorted(found.values(), key=lambda row: str(row["label"]))))
    _say_no_medians(view, kpi_ids, by)


def _labels(view: View, by: str) -> dict[str, str]:
    """What the members of a slice are called."""
    column = next(column for column, name in SLICES.items() if name == by)
    labels = {row["member"]: row["label"] for row in view.rows("filter_members") if row["dimension"] == column}
    return labels | {"UNKNOWN": view.language.gettext("Unknown")}


def _line(view: View, metric: Metric, label: str) -> Row:
    period, before = view.filters.period, view.filters.before
    figure = metric.over(period)
    moved = change(metric, figure, metric.over(before)) if before else None
    return {
        "label": label,
        "value": figure.value,
        "change": moved.absolute if moved else None,
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "numerator_text": side(view, figure.numerator, metric.numerator_unit),
        "denominator_text": side(view, figure.denominator, metric.denominator_unit)
        if figure.denominator is not None
        else None,
        "coverage": figure.coverage,
        "is_told": figure.value is not None or bool(figure.numerator),
    }
