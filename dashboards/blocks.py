"""The blocks that pages are made of: a section, a chart, a table; each can be taken along, and goes into the report."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import streamlit as st

from backhaul import formats
from dashboards import charts
from dashboards.charts import Drawing
from dashboards.report import png
from dashboards.tables import Column, Table, csv_bytes, xlsx_bytes
from dashboards.view import OfTheWhole, View

ROWS_SHOWN = 15


@dataclass(frozen=True)
class Drawn:
    """How a figure is written on a chart (``axis`` is a d3 format), and which way is good."""

    kind: formats.Kind
    axis: str
    better: Literal["LOWER", "HIGHER"]


# what markdown takes for more than text
MARKDOWN = re.compile(r"[\\`*_\[\]()#~<>$]")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def literal(value: object) -> str:
    """Text that comes from data, as it is: nothing in it is markdown."""
    return MARKDOWN.sub(r"\\\g<0>", str(value))


def plain(text: str) -> str:
    """Text for markdown in which a dollar sign is money, not mathematics."""
    return text.replace("$", r"\$")


def section(view: View, title: str, note: str = "") -> None:
    """A heading, and under it what the section answers."""
    st.subheader(title, divider="gray")
    view.report.heading(title)
    if note:
        st.caption(plain(note))
        view.report.note(note)


def nothing(text: str) -> None:
    """What stands where there is nothing to show, saying why."""
    st.caption(f":material/info: {text}")


def parts(view: View, *shown: Callable[[View], None]) -> None:
    """Parts of a page one after the other; each that a reader of some rows cannot have ends by saying so."""
    for part in shown:
        try:
            part(view)
        except OfTheWhole:
            text = view.language.gettext("Known of the whole business only, not of the rows that you see.")
            nothing(text)
            view.report.note(text)


def chart(view: View, drawing: Drawing, table: Table, ignores: tuple[str, ...] = ()) -> None:
    """A chart with what it is drawn from; ``table`` gives it its name, its words for screen readers and its file.

    ``ignores`` are the filters (columns) that it is not kept by; said when one of them is set.
    """
    st.vega_lite_chart(drawing.to_dict(validate=False), alt=table.title, key=f"chart_{table.name}")
    view.report.chart(drawing)
    say_ignored(view, ignores)
    downloads(view, table, drawing)


def waterfall(
    view: View,
    named: tuple[str, str],
    ends: tuple[Decimal, Decimal],
    steps: Sequence[tuple[str, Decimal | None]],
    amount: Column,
    drawn: Drawn,
    ignores: tuple[str, ...] = (),
) -> None:
    """A figure from the period before to this one, drawn by steps and as a table; a step of None is not one.

    Args:
        view: of the page, which compares with a period before.
        named: what the files are called, and the title.
        ends: the figure then and now.
        steps: what each did, by its label.
        amount: the column ``amount`` of the table, whose steps are changes (``is_step``).
        drawn: how the figure is written and the axis numbered, and which way is good.
        ignores: as those of a chart.
    """
    before, period = view.filters.before, view.filters.period
    assert before is not None
    then, now = (formats.heading(formats.months(each.first, each.last, view.locale)) for each in (before, period))
    rows = [
        {
            "label": label,
            "value": float(value),
            "amount": value,
            "text": (view.write if is_total else view.write_change)(value, drawn.kind),
            "is_total": is_total,
            "is_step": not is_total,
        }
        for label, value, is_total in [
            (then, ends[0], True),
            *((label, value, False) for label, value in steps),
            (now, ends[1], True),
        ]
        if value is not None
    ]
    name, title = named
    drawing = charts.waterfall(rows, amount.label, view.locale, drawn.axis, view.palette, drawn.better)
    columns = [Column("label", view.language.gettext("Step")), amount]
    chart(view, drawing, Table(name, title, columns, rows), ignores=ignores)


def table(view: View, shown: Table, limit: int = ROWS_SHOWN, ignores: tuple[str, ...] = ()) -> None:
    """A table, the first ``limit`` rows in sight and all of them in its files.

    Args:
        view: of the page.
        shown: the table.
        limit: rows in sight.
        ignores: the filters (columns) that this table is not kept by; said when one of them is set.
    """
    _ = view.language.gettext
    html = shown.html(view.locale, view.currency, limit)
    st.html(html)
    view.report.table(html)
    if len(shown.rows) > limit:
        more = _("{shown} rows are shown; the files hold {count}.")
        st.caption(more.format(shown=limit, count=formats.count(len(shown.rows), view.locale)))
    say_ignored(view, ignores)
    downloads(view, shown)


def say_ignored(view: View, columns: tuple[str, ...]) -> None:
    """Say it on the page and in the report."""
    if said := ignored(view, columns):
        st.caption(said)
        view.report.note(said)


def ignored(view: View, columns: tuple[str, ...]) -> str:
    """Which of the filters that are set do not narrow a block; empty when none."""
    _ = view.language.gettext
    names = {
        "channel": _("channel"),
        "product_category": _("category"),
        "node_id": _("site"),
        "carrier": _("carrier"),
        "return_type": _("return type"),
        "period": _("month"),
    }
    narrowed = {*view.filters.members, *(["period"] if view.filters.period.key != "all" else [])}
    wide = [names[column] for column in columns if column in narrowed]
    return _("Not narrowed by: {filters}.").format(filters=", ".join(wide)) if wide else ""


def downloads(
    view: View, source: Table, drawing: Drawing | None = None, parquet: Callable[[], bytes] | None = None
) -> None:
    """Buttons for the files of a table, and the picture of its chart. A file is made when it is asked for."""
    _ = view.language.gettext
    files: list[tuple[str, str, str, Callable[[], bytes]]] = [
        (_("CSV"), "csv", "text/csv", lambda: csv_bytes(source.header, source.body())),
        (_("Excel"), "xlsx", XLSX, lambda: xlsx_bytes(source.header, source.body())),
    ]
    if parquet is not None:
        files.append((_("Parquet"), "parquet", "application/vnd.apache.parquet", parquet))
    if drawing is not None:
        files.append((_("PNG"), "png", "image/png", lambda: png(drawing)))
    kind = "chart-" if drawing is not None else ""
    with st.container(horizontal=True, gap="small", key=f"files_{kind}{source.name}"):
        for label, ending, mime, make in files:
            st.download_button(
                label,
                make,
                f"{source.name}.{ending}",
                mime,
                type="tertiary",
                icon=":material/download:",
                on_click="ignore",
                key=f"{ending}_{kind}{source.name}",
                help=_("Download: {title}").format(title=source.title),
            )
