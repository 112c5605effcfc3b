"""The controls above a page: months, comparison, members; all of them write the address, which is the one truth."""

from __future__ import annotations

from datetime import date

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from backhaul import formats
from dashboards.blocks import literal
from dashboards.data import earlier_publishes
from dashboards.filters import DIMENSIONS
from dashboards.menu import Entry
from dashboards.period import choices
from dashboards.view import PUBLISH, View, keep_in_url, offer_current


def filter_bar(view: View, entry: Entry) -> DeltaGenerator:
    """The controls of a page in one row; gives the place that is left for its report."""
    _ = view.language.gettext
    if not entry.is_narrowed:
        with st.container(horizontal=True, horizontal_alignment="right"):
            return st.container(width="content")
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        _months(view)
        _comparison(view)
        narrowed = len(view.filters.members)
        label = _("Filters ({count})").format(count=narrowed) if narrowed else _("Filters")
        with st.popover(label, icon=":material/filter_alt:"):
            _members(view)
        slot = st.container(width="content")
    # always there, so that what follows keeps its place when the months change
    with st.container(key="notes", gap="xsmall"):
        for line in shown(view)[1:]:
            st.caption(literal(line))
    return slot


def _months(view: View) -> None:
    _, locale = view.language.gettext, view.locale
    [extent] = view.rows("extent")
    periods = choices(extent["first_month"], extent["last_month"])
    names = {"all": _("All months"), "last-12": _("Last 12 months"), "last-3": _("Last 3 months")}
    first = {period.key: period.first for period in periods}

    def name(key: str) -> str:
        if key in names or len(key) == len("2026"):
            return names.get(key, key)
        return formats.heading(formats.month(first[key], locale))

    st.session_state["period"] = view.filters.period.key
    st.selectbox(
        _("Months shown"),
        [period.key for period in periods],
        key="period",
        format_func=name,
        on_change=keep_in_url,
        args=("period",),
        filter_mode=None,
        width=220,
    )


def _comparison(view: View) -> None:
    _ = view.language.gettext
    names = {"previous": _("The months before"), "year": _("The year before"), "none": _("Nothing")}
    st.session_state["compare"] = view.filters.compare
    st.selectbox(
        _("Compared with"),
        list(names),
        key="compare",
        format_func=lambda key: names[key],
        on_change=keep_in_url,
        args=("compare",),
        filter_mode=None,
        width=200,
    )


def _members(view: View) -> None:
    _ = view.language.gettext
    titles = {
        "channel": _("Channel"),
        "category": _("Category"),
        "node": _("Site"),
        "carrier": _("Carrier"),
        "type": _("Return type"),
    }
    told = view.rows("filter_members")
    for name, column in DIMENSIONS.items():
        labels = {"": _("All")} | {row["member"]: row["label"] for row in told if row["dimension"] == column}
        st.session_state[name] = view.filters.members.get(column, "")
        st.selectbox(
            titles[name],
            list(labels),
            key=name,
            format_func=labels.__getitem__,
            on_change=keep_in_url,
            args=(name,),
        )


def choose_publish(view: View) -> None:
    """The publish that is shown: the current one, or one before it that is kept. It stands where it is named."""
    earlier = earlier_publishes(view.current)
    if not earlier:
        return
    _ = view.language.gettext
    names = {"": _("Today’s")} | {kept.publish_id: formats.instant(kept.published_at, view.locale) for kept in earlier}
    st.session_state[PUBLISH] = view.publish.publish_id if view.is_earlier else ""
    st.selectbox(
        _("Figures as they were published"),
        list(names),
        key=PUBLISH,
        format_func=names.__getitem__,
        on_change=keep_in_url,
        args=(PUBLISH,),
        filter_mode=None,
        width=280,
    )


def say_earlier(view: View) -> None:
    """That what is shown is not today's, and the way back to it."""
    if not view.is_earlier:
        return
    _ = view.language.gettext
    text = _("The figures as they were published on {when}: they know what happened up to {day}, and no more.")
    said = text.format(
        when=formats.instant(view.publish.published_at, view.locale), day=formats.day(view.as_of, view.locale)
    )
    with st.container(key="earlier"):
        st.warning(said, icon=":material/history:")
        offer_current(view.language)
    view.report.note(said)


def shown(view: View) -> list[str]:
    """What is shown, in words: the months, and a line for each thing that is to be known of them."""
    _ = view.language.gettext
    period = view.filters.period
    lines = [formats.heading(formats.months(period.first, period.last, view.locale))]
    if view.filters.members:
        labels = {(row["dimension"], row["member"]): row["label"] for row in view.rows("filter_members")}
        only = ", ".join(labels[item] for item in view.filters.members.items())
        lines.append(_("Only: {members}.").format(members=only))
    recent = recent_months(view)
    if recent:
        months = formats.months(recent[0], recent[-1], view.locale)
        text = _("Provisional: {months}. Costs, sales and weights still to come will move these figures.")
        lines.append(text.format(months=months))
    return lines


def recent_months(view: View) -> list[date]:
    """The months shown that are not final yet in any headline, in order."""
    known = view.metrics()
    headlines = [row["kpi_id"] for row in view.rows("catalogue") if row["is_headline"]]
    return sorted({month for kpi_id in headlines for month in known[kpi_id].settling(view.filters.period)})


def about_view(view: View) -> list[str]:
    """Where the figures come from: months and filters, as-of, publish."""
    _ = view.language.gettext
    told = _("Published {when} · {publish}")
    if view.is_earlier:
        told = _("Published {when}, not today’s figures · {publish}")
    published = told.format(
        when=formats.instant(view.publish.published_at, view.locale), publish=view.publish.publish_id
    )
    known = _("Figures know what happened up to {day}. Months are calendar months, UTC.")
    return [*shown(view), known.format(day=formats.day(view.as_of, view.locale)), published]
