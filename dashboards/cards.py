"""The headline cards: a figure, how it moved, its trend, and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import streamlit as st

from backhaul import formats
from dashboards import charts
from dashboards.data import Row
from dashboards.figures import Figure, Metric, change, is_settling, ratio
from dashboards.period import Period
from dashboards.tables import csv_bytes
from dashboards.view import View


@dataclass(frozen=True)
class Selection:
    """The months a page shows, and those before them to compare with (None when the data do not reach back).

    ``is_provisional``: some of the months shown ended so recently that their figures will still move.
    """

    period: Period
    before: Period | None
    is_provisional: bool


@dataclass(frozen=True)
class Movement:
    """A change in signs and words; colour and arrow only repeat them."""

    text: str
    colour: Literal["green", "orange", "gray"]
    arrow: Literal["up", "down", "off"]


def written(metric: Metric, figure: Figure, view: View) -> str:
    """The value of a metric as the reader writes it; a dash without a denominator."""
    if metric.unit == "currency":
        return formats.money(figure.value, view.currency, view.locale)
    return formats.share(figure.value, view.locale)


def movement(metric: Metric, selection: Selection, view: View) -> Movement | None:
    """The change against the period before; None when there is nothing to compare."""
    if selection.before is None:
        return None
    moved = change(metric.kpi_id, metric.over(selection.period), metric.over(selection.before))
    if moved is None:
        return None
    if not moved.absolute:
        return Movement(view.language.gettext("unchanged"), "gray", "off")
    if metric.unit == "currency":
        size = formats.money(moved.absolute, view.currency, view.locale, signed=True)
        if moved.relative is not None:
            size += f" ({formats.share(moved.relative, view.locale, signed=True)})"
    else:
        size = view.language.gettext("{signed} pts").format(signed=formats.points(moved.absolute, view.locale))
    verdict = view.language.gettext("better") if moved.is_better else view.language.gettext("worse")
    return Movement(
        f"{size}, {verdict}", "green" if moved.is_better else "orange", "up" if moved.absolute > 0 else "down"
    )


def card(main: Metric, beside: Metric | None, aside: str, selection: Selection, view: View) -> None:
    """One headline: ``main`` large, ``beside`` (or the words of ``aside``) under it."""
    figure, moved = main.over(selection.period), movement(main, selection, view)
    with st.container(border=True, key=f"headline_{main.kpi_id}", height="stretch", gap="small"):
        st.metric(
            main.label,
            written(main, figure, view),
            delta=moved.text if moved else None,
            delta_color=moved.colour if moved else "off",
            delta_arrow=moved.arrow if moved else "off",
        )
        st.caption(_compared(selection, moved, view))
        _trend(main, selection, view)
        st.markdown(_second(beside, selection, view) if beside else aside)
        _known(figure, view)
        label = view.language.gettext("Definition and source")
        with st.popover(label, icon=":material/info:", type="tertiary", key=f"about_{main.kpi_id}"):
            for metric in (main, beside) if beside else (main,):
                _about(metric, selection, view)


def _compared(selection: Selection, moved: Movement | None, view: View) -> str:
    if not moved or not selection.before:
        return view.language.gettext("No earlier period of this length to compare with")
    months = formats.months(selection.before.first, selection.before.last, view.locale)
    if selection.is_provisional:
        return view.language.gettext("compared with {months}; provisional").format(months=months)
    return view.language.gettext("compared with {months}").format(months=months)


def _second(metric: Metric, selection: Selection, view: View) -> str:
    moved = movement(metric, selection, view)
    text = f"{metric.label} **{written(metric, metric.over(selection.period), view)}**"
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


def _trend(metric: Metric, selection: Selection, view: View) -> None:
    points: list[Row] = [
        {
            "month": formats.short_month(row["period_month"], view.locale),
            "position": position,
            "value": float(row["numerator"] / row["denominator"]),
            "text": written(metric, Figure(row["numerator"], row["denominator"], None, None), view),
            "is_selected": row["period_month"] in selection.period,
            "is_settling": is_settling(row["period_month"], row["as_of"]),
        }
        for position, row in enumerate(metric.months)
        if row["denominator"]
    ]
    if not points:
        st.caption(view.language.gettext("No month has a value yet"))
        return
    alt = view.language.gettext("{label} by month").format(label=metric.label)
    st.altair_chart(charts.trend(points, metric.label, view.palette), alt=alt, key=f"trend_{metric.kpi_id}")


def _about(metric: Metric, selection: Selection, view: View) -> None:
    """Definition, both sides, coverage, publish, and the way to the source rows."""
    language, figure, last = view.language, metric.over(selection.period), selection.period.last
    basis = {
        "RECEIPT": language.gettext("months are those in which the units were received"),
        "DISPOSITION": language.gettext("months are those in which the final disposition was carried out"),
    }
    st.markdown(f"**{metric.label} ({metric.kpi_id})**  \n{metric.formula}")
    version = language.gettext("Definition {version}; {basis}.")
    st.caption(version.format(version=metric.version, basis=basis.get(metric.basis, metric.basis)))
    sides = language.gettext("{numerator} divided by {denominator} = **{value}**")
    numerator, denominator = _sides(metric, figure, view)
    value = written(metric, figure, view)
    st.markdown(sides.format(numerator=numerator, denominator=denominator, value=value).replace("$", r"\$"))
    published = language.gettext("As of {day}; publish {publish}.")
    day = formats.day(figure.as_of, view.locale)
    st.caption(published.format(day=day, publish=f"`{view.publish.publish_id}`"))
    trace = language.gettext("Source rows of {month}: {command}")
    command = f"`backhaul trace {metric.kpi_id} {last:%Y-%m}`"
    st.markdown(trace.format(month=formats.month(last, view.locale), command=command))
    st.download_button(
        language.gettext("Every month (CSV)"),
        _months_csv(metric, view),
        f"{metric.kpi_id}.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
        key=f"csv_{metric.kpi_id}",
    )


def _sides(metric: Metric, figure: Figure, view: View) -> tuple[str, str]:
    """Numerator and denominator in their own units: money, units or kilograms."""
    if metric.unit == "currency":
        units = view.language.ngettext("{count} unit", "{count} units", int(figure.denominator))
        return (
            formats.money(figure.numerator, view.currency, view.locale),
            units.format(count=formats.count(figure.denominator, view.locale)),
        )
    if metric.kpi_id.startswith("F"):
        tenth = figure.numerator.quantize(formats.TENTH), figure.denominator.quantize(formats.TENTH)
        return formats.kilograms(tenth[0], view.locale), formats.kilograms(tenth[1], view.locale)
    return (
        formats.money(figure.numerator, view.currency, view.locale),
        formats.money(figure.denominator, view.currency, view.locale),
    )


def _months_csv(metric: Metric, view: View) -> bytes:
    _ = view.language.gettext
    header = [
        _("Metric"), _("Month"), _("Numerator"), _("Denominator"), _("Value"), _("Coverage"), _("As of"), _("Publish"),
    ]  # fmt: skip
    body = [
        [
            metric.kpi_id,
            row["period_month"].strftime("%Y-%m"),
            row["numerator"],
            row["denominator"],
            ratio(row["numerator"], row["denominator"]),
            row["coverage"],
            row["as_of"].isoformat(),
            view.publish.publish_id,
        ]
        for row in metric.months
    ]
    return csv_bytes(header, body)
