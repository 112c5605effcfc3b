"""The frame of every page: chooses language and publish, then runs the page asked for. Runs once per interaction.

It stands among the pages because Streamlit takes a ``pages`` folder beside its main script for a menu of its own.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from backhaul import formats
from dashboards.data import current_publish
from dashboards.i18n import Language
from dashboards.view import View, choose_language, share, spoken

PAGES = Path(__file__).resolve().parent
ROOM = PAGES.parent
LOOK_FOR_NEW_EVERY = "15s"


def main() -> None:
    """One run: the page, or what to do when there is nothing to show."""
    language = spoken()
    st.set_page_config(layout="wide", page_icon=ROOM / "icon.svg")
    page = st.navigation(
        [st.Page(PAGES / "overview.py", title=language.gettext("Returns overview"), default=True)],
        position="hidden",
    )
    st.html(ROOM / "style.css")
    # screen readers choose their voice by it
    st.html(f'<script>document.documentElement.lang = "{language.code}"</script>', unsafe_allow_javascript=True)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(":material/undo: **Backhaul**", width="content")
        choose_language(language)
    publish = current_publish()
    follow_the_pointer(publish.publish_id if publish else None, language)
    if publish is None:
        nothing_published(language)
        return
    share(View(language, publish))
    page.run()


@st.fragment(run_every=LOOK_FOR_NEW_EVERY)
def follow_the_pointer(shown: str | None, language: Language) -> None:
    """While a page is open: when another publish is current, run the page again on it and say so."""
    publish = current_publish()
    if publish is not None and publish.publish_id != shown:
        st.session_state["_announce"] = publish.publish_id
        st.rerun(scope="app")
    if publish is not None and st.session_state.pop("_announce", None) == shown:
        when = formats.instant(publish.published_at, language.locale)
        st.toast(language.gettext("New figures, published {when}.").format(when=when), icon=":material/update:")


def nothing_published(language: Language) -> None:
    """What a visitor sees before the first publish; the page looks for it by itself."""
    st.title(language.gettext("No figures yet"))
    st.info(
        language.gettext(
            "Nothing has been published yet. If `make up` is running, its first figures appear here by themselves "
            "within some minutes. Otherwise start it, or run `backhaul run`."
        ),
        icon=":material/hourglass_empty:",
    )


main()
