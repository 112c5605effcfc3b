"""What every page needs to know of the visit: its language, the publish it reads, its filters, and its address."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from backhaul import formats
from backhaul.publishing import Publish
from dashboards import figures
from dashboards.access import Reader
from dashboards.charts import DARK, LIGHT, Palette
from dashboards.data import Row, file_of, is_closed, rows
from dashboards.figures import Metric
from dashboards.filters import PARAMETERS, Filters
from dashboards.filters import read as read_filters
from dashboards.i18n import LANGUAGES, Language, language
from dashboards.report import Report

SHARED = "_view"
# The parameter of the address that holds a visit to one publish; without it the page follows the current one.
PUBLISH = "publish"


class OfTheWhole(Exception):
    """What a page asks for is known of the whole business only, and the reader sees a part of it."""


@dataclass(frozen=True)
class View:
    """One run of a page: read from this publish by this reader, narrowed by these filters, written in this language.

    ``current`` is the publish of today, which people see unless they ask for an earlier one.
    ``report`` collects what the page shows, for those who take it along. What was read once in a run is not read again.
    """

    language: Language
    publish: Publish
    reader: Reader
    filters: Filters
    as_of: datetime
    current: Publish
    report: Report = field(default_factory=Report)
    _kept: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def _file(self) -> str:
        return file_of(self.publish)

    @property
    def is_earlier(self) -> bool:
        return self.publish.publish_id != self.current.publish_id

    @property
    def locale(self) -> str:
        return self.language.locale

    @property
    def currency(self) -> str:
        return self.publish.reporting_currency

    @property
    def palette(self) -> Palette:
        return DARK if st.context.theme.type == "dark" else LIGHT

    def rows(self, query: str, **parameters: object) -> list[Row]:
        """The rows of a named query; language, months and filters reach it when it asks for them.

        Raises:
            OfTheWhole: the rows are not the reader's; ``blocks.parts`` says so in place of what would show them.
        """
        if self.reader.scope and is_closed(self._file, self.reader.scope, query):
            raise OfTheWhole(query)
        known = {"language": self.language.code, "currency": self.currency, **self.filters.parameters()}
        return rows(self._file, self.reader.scope, query, **(known | parameters))

    def metrics(self) -> dict[str, Metric]:
        """Every metric of the catalogue with its months, narrowed by the filters."""
        if "metrics" not in self._kept:
            self._kept["metrics"] = figures.whole(self._members(None, "ALL"), self._catalogue(), self.as_of)
        known: dict[str, Metric] = self._kept["metrics"]
        return known

    def members(self, kpi_id: str, by: str) -> dict[str, Metric]:
        """One metric by the members of a slice of ``fct_kpi``: CHANNEL, PRODUCT_CATEGORY, NODE, COMPONENT and so on."""
        if (kpi_id, by) not in self._kept:
            self._kept[kpi_id, by] = self._members(kpi_id, by)[kpi_id]
        found: dict[str, Metric] = self._kept[kpi_id, by]
        return found

    def _members(self, kpi_id: str | None, by: str) -> dict[str, dict[str, Metric]]:
        cells = self.rows("metric_cells", by=by, kpi_id=kpi_id)
        return figures.members(self._catalogue(), cells, self._medians(by), self.as_of)

    def _catalogue(self) -> list[Row]:
        if "catalogue" not in self._kept:
            self._kept["catalogue"] = self.rows("catalogue")
        found: list[Row] = self._kept["catalogue"]
        return found

    def has_medians(self, by: str = "ALL") -> bool:
        """Whether medians are kept for what is shown: along one slice at a time, none where two would be needed."""
        return len(self.filters.members) + (by != "ALL") <= 1

    def _medians(self, by: str) -> list[Row]:
        if not self.has_medians(by):
            return []
        if not self.filters.members:
            return self.rows("metric_medians", by=by, only=None)
        [(column, member)] = self.filters.members.items()
        found = self.rows("metric_medians", by=SLICES[column], only=member)
        return [row | {"member": ""} for row in found]

    def write(self, value: object, kind: formats.Kind) -> str:
        """A value as the reader writes it."""
        return formats.written(value, kind, self.locale, self.currency)

    def write_change(self, value: object, kind: formats.Kind) -> str:
        """A difference between two values of a kind, as the reader writes it."""
        return formats.change(value, kind, self.locale, self.currency)

    def parameters(self, **more: str | None) -> dict[str, str]:
        """What the address of another page needs to keep this view (language, months, filters), and ``more``."""
        # a page has thousands of links, and asking the session costs more than all else in them
        if "parameters" not in self._kept:
            self._kept["parameters"] = kept_parameters()
        kept: dict[str, str] = self._kept["parameters"]
        return kept | {name: value for name, value in more.items() if value is not None}

    def address(self, page: str, **more: str | None) -> str:
        """The address of a page in this view, for links inside tables."""
        return f"{page}?{urlencode(self.parameters(**more))}"


# What a column of the roll-up is called as a slice of fct_kpi.
SLICES = {
    "channel": "CHANNEL",
    "product_category": "PRODUCT_CATEGORY",
    "node_id": "NODE",
    "carrier": "CARRIER",
    "return_type": "RETURN_TYPE",
}


def kept_parameters() -> dict[str, str]:
    """What of the address goes along from page to page."""
    return {name: st.query_params[name] for name in ("lang", PUBLISH, *PARAMETERS) if name in st.query_params}


def look(
    publish: Publish, person: Reader, language: Language, asked: Mapping[str, str], current: Publish | None = None
) -> View | None:
    """The view that the parameters of an address ask for; None when the publish has no month with a figure yet.

    Args:
        publish: the one to show.
        person: who reads.
        language: that they read in.
        asked: the parameters.
        current: the publish of today, when it is another.
    """
    path = file_of(publish)
    [extent] = rows(path, person.scope, "extent")
    if extent["first_month"] is None:
        return None
    there: dict[str, set[str]] = {}
    for row in rows(path, person.scope, "filter_members", language=language.code):
        there.setdefault(row["dimension"], set()).add(row["member"])
    filters = read_filters(asked, extent["first_month"], extent["last_month"], there)
    return View(language, publish, person, filters, extent["as_of"], current or publish)


def share(view: View) -> None:
    """Hand the view to the page that runs next."""
    st.session_state[SHARED] = view


def shared() -> View:
    """The view of this run."""
    view: View = st.session_state[SHARED]
    return view


def spoken() -> Language:
    """The language in the address, else the browser's, else English."""
    return language(st.query_params.get("lang"), st.context.locale)


def keep_in_url(parameter: str) -> None:
    """Write what a widget of that key was set to into the address, so that the link shows the same view."""
    value = st.session_state[parameter]
    if value:
        st.query_params[parameter] = value
    elif parameter in st.query_params:
        del st.query_params[parameter]


def offer_current(language: Language) -> None:
    """The way from the publish that the address names to that of today."""

    def follow() -> None:
        st.query_params.pop(PUBLISH, None)

    st.button(language.gettext("Show today’s figures"), on_click=follow, key="today")


def choose_language(now: Language) -> None:
    """The language switch. The address is the one truth: the widget is set from it on every run."""
    st.session_state["lang"] = now.code
    st.segmented_control(
        now.gettext("Language"),
        list(LANGUAGES),
        key="lang",
        format_func=lambda code: LANGUAGES[code].name,
        on_change=keep_in_url,
        args=("lang",),
        label_visibility="collapsed",
        required=True,
    )


def say_failed(error: Exception) -> bool:
    """Whatever went wrong in a page: its cause to the log, what to do next to the visitor, in the language chosen."""
    logging.getLogger(__name__).error("A page failed.", exc_info=error)
    _ = spoken().gettext
    if PUBLISH in st.query_params:
        st.error(
            _("This page cannot be shown of an earlier publish, which may have been made before the page was."),
            icon=":material/error:",
        )
        offer_current(spoken())
        return True
    st.error(
        _(
            "These figures cannot be read right now. The reason is in the log of the dashboards; "
            "`backhaul status` says what is published, `backhaul rollback` goes back to the publish before."
        ),
        icon=":material/error:",
    )
    return True


def labels(rows_of: list[Row], key: str) -> Mapping[str, str]:
    """What the members of an enumeration are called, by their code."""
    return {row[key]: row["label"] for row in rows_of}
