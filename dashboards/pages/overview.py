"""The executive overview: what a return costs, what is recovered, what stays in use, and why."""

from __future__ import annotations

from datetime import date

import streamlit as st

from backhaul import formats
from dashboards import sections
from dashboards.cards import Selection, card
from dashboards.figures import Metric, is_settling, metrics
from dashboards.period import Period, choices, chosen
from dashboards.view import View, keep_in_url, shared


def main() -> None:
    """The whole page, from one publish."""
    view = shared()
    catalogue = view.rows("catalogue", language=view.language.code)
    known = metrics(catalogue, view.rows("headlines"))
    months = sorted({row["period_month"] for metric in known.values() for row in metric.months})
    if not months:
        st.title(view.language.gettext("Returns overview"))
        st.info(
            view.language.gettext(
                "The warehouse is published, but no unit has been received or disposed of yet. "
                "Ingest returns (`backhaul ingest`), then run `backhaul run`."
            ),
            icon=":material/inbox:",
        )
        return
    periods = choices(months[0], months[-1])
    period = chosen(periods, st.query_params.get("period"))
    recent = recent_months(known, period)
    selection = Selection(period, period.previous(months[0]), is_provisional=bool(recent))
    head(view, periods, period)
    # always there, so that what follows keeps its place when the months change
    with st.container(key="provisional"):
        if recent:
            provisional(view, recent)
    headlines(view, known, selection)
    sections.cost(view, known["B02"], selection)
    sections.recovery(view, period)
    sections.mass_balance(view, period)


def head(view: View, periods: list[Period], period: Period) -> None:
    """Title, the months shown, where the figures come from, and the choice of months."""
    _, locale = view.language.gettext, view.locale
    names = {
        "all": _("All months"),
        "last-12": _("Last 12 months"),
        "last-3": _("Last 3 months"),
    }
    first = {each.key: each.first for each in periods}
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        st.title(_("Returns overview"))
        source = _("Published {when} · {publish}").format(
            when=formats.instant(view.publish.published_at, locale), publish=f"`{view.publish.publish_id}`"
        )
        st.markdown(f"**{formats.heading(formats.months(period.first, period.last, locale))}**")
        st.caption(source)
    with right:
        st.session_state["period"] = period.key
        st.selectbox(
            _("Months shown"),
            [each.key for each in periods],
            key="period",
            format_func=lambda key: names.get(key) or formats.heading(formats.month(first[key], locale)),
            on_change=keep_in_url,
            args=("period",),
            filter_mode=None,
        )


def recent_months(known: dict[str, Metric], period: Period) -> list[date]:
    """The months shown that are not final yet, in order."""
    rows = [row for metric in known.values() for row in metric.months if row["period_month"] in period]
    return sorted({row["period_month"] for row in rows if is_settling(row["period_month"], row["as_of"])})


def provisional(view: View, recent: list[date]) -> None:
    """Say that the latest months will still move (their points in the trends are hollow)."""
    text = view.language.gettext(
        "Provisional: {months}. Costs, sales and weights still to come will move these figures."
    )
    months = formats.months(recent[0], recent[-1], view.locale)
    st.caption(f":material/hourglass_top: {text.format(months=months)}")


def headlines(view: View, known: dict[str, Metric], selection: Selection) -> None:
    """The three figures, with the two that belong beside them."""
    cost = known["B02"].over(selection.period)
    units = view.language.ngettext("{count} unit received", "{count} units received", int(cost.denominator))
    received = units.format(count=f"**{formats.count(cost.denominator, view.locale)}**")
    columns = st.columns(3)
    with columns[0]:
        card(known["B02"], None, received, selection, view)
    with columns[1]:
        card(known["C03"], known["C01"], "", selection, view)
    with columns[2]:
        card(known["F06"], known["F04a"], "", selection, view)


main()
