"""What every page needs to know of the visit: its language, the publish it reads, and the address it stands under."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import streamlit as st

from backhaul.publishing import Publish
from dashboards.charts import DARK, LIGHT, Palette
from dashboards.data import Row, rows
from dashboards.i18n import LANGUAGES, Language, language

_SHARED = "_view"


@dataclass(frozen=True)
class View:
    """One run of a page: everything on it is read from this publish and written in this language."""

    language: Language
    publish: Publish

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
        return rows(self.publish, query, **parameters)


def share(view: View) -> None:
    """Hand the view to the page that runs next."""
    st.session_state[_SHARED] = view


def shared() -> View:
    """The view of this run."""
    view: View = st.session_state[_SHARED]
    return view


def spoken() -> Language:
    """The language in the address, else the browser's, else English."""
    return language(st.query_params.get("lang"), st.context.locale)


def keep_in_url(parameter: str) -> None:
    """Write what a widget of that key was set to into the address, so that the link shows the same view."""
    value = st.session_state[parameter]
    if value is not None:
        st.query_params[parameter] = value


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
    st.error(
        spoken().gettext(
            "These figures cannot be read right now. The reason is in the log of the dashboards; "
            "`backhaul status` says what is published, `backhaul rollback` goes back to the publish before."
        ),
        icon=":material/error:",
    )
    return True
