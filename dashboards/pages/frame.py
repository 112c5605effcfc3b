"""The frame of every page: language, publish, menu and filters; then the page asked for. Runs once per interaction.

It stands among the pages because Streamlit takes a ``pages`` folder beside its main script for a menu of its own.
"""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import streamlit as st

from backhaul import formats
from backhaul.publishing import Publish
from dashboards.access import Reader, is_signed_in, reader
from dashboards.blocks import literal
from dashboards.controls import about_view, choose_publish, filter_bar, say_earlier
from dashboards.data import current_publish, earlier_publishes
from dashboards.i18n import Language
from dashboards.menu import Entry, entries, menu_of
from dashboards.view import PUBLISH, choose_language, kept_parameters, look, offer_current, share, spoken

PAGES = Path(__file__).resolve().parent
ROOM = PAGES.parent
LOOK_FOR_NEW_EVERY = "15s"


def main() -> None:
    """One run: the page, or what to do when there is nothing to show."""
    language = spoken()
    st.set_page_config(layout="wide", page_icon=ROOM / "icon.svg")
    person = reader()
    if person is None:
        st.navigation([st.Page(let_in, title=language.gettext("Sign in"), default=True)], position="hidden").run()
        return
    known, menu = entries(language), menu_of(person, language)
    pages = {entry.name: st.Page(PAGES / entry.file, title=entry.title, default=entry is known[0]) for entry in known}
    chosen = st.navigation(list(pages.values()), position="hidden")
    entry = next(each for each in known if pages[each.name] is chosen)
    st.html(ROOM / "style.css")
    # screen readers choose their voice by it
    st.html(f'<script>document.documentElement.lang = "{language.code}"</script>', unsafe_allow_javascript=True)
    with st.sidebar:
        navigate(menu, language)
        if person.name:
            leave(person, language)
    publish = current_publish()
    shown = asked_publish(publish) if publish else None
    if publish and shown is None:
        st.title(entry.title)
        publish_gone(language)
        return
    if PUBLISH not in st.query_params:
        follow_the_pointer(publish.publish_id if publish else None, language)
    asked = st.query_params if entry.is_narrowed else {}
    view = look(shown, person, language, asked, publish) if shown else None
    if view is None:
        st.title(entry.title if publish else language.gettext("No figures yet"))
        nothing_to_show(publish, language)
        return
    share(view)
    st.title(entry.title)
    st.caption(entry.question)
    if entry not in menu:
        not_open(person, language)
        return
    say_earlier(view)
    report_slot = filter_bar(view, entry)
    chosen.run()
    title = entry.title
    with report_slot:
        st.download_button(
            language.gettext("Report"),
            lambda: view.report.html(title, about_view(view), language.code),
            f"{entry.name}.html",
            "text/html",
            icon=":material/summarize:",
            on_click="ignore",
            key="report",
            help=language.gettext("This page as one file (HTML), to send or to print"),
        )
    with st.container(key="foot", gap="xsmall"):
        st.divider()
        for line in about_view(view):
            st.caption(literal(line))
        choose_publish(view)


def let_in() -> None:
    """The page of those who have not signed in, or for whom there is no grant."""
    language = spoken()
    _ = language.gettext
    st.html(ROOM / "style.css")
    choose_language(language)
    st.title("Backhaul")
    if not is_signed_in():
        st.write(_("These figures are for people who are known here."))
        st.button(_("Sign in"), icon=":material/login:", type="primary", on_click=st.login)
        return
    who = st.user.get("email") or st.user.get("sub")
    st.warning(_("You are signed in as {who}, and nothing is open to you. Ask whoever runs Backhaul.").format(who=who))
    st.button(_("Sign out"), icon=":material/logout:", on_click=st.logout)


def asked_publish(now: Publish) -> Publish | None:
    """The publish that the address names, else the current one; None when the one that it names is not kept."""
    wanted = st.query_params.get(PUBLISH, now.publish_id)
    return next((kept for kept in (now, *earlier_publishes(now)) if kept.publish_id == wanted), None)


def publish_gone(language: Language) -> None:
    """What stands in place of a publish that was removed or taken back: nothing else is shown for it."""
    _ = language.gettext
    text = _("The publish that this link names is not kept: only the last ones are, and none that was taken back.")
    st.warning(text, icon=":material/history:")
    offer_current(language)


def not_open(person: Reader, language: Language) -> None:
    """What stands on a page that is not for this reader, whose link somebody else sent."""
    _ = language.gettext
    if person.scope:
        text = _("This page is about the whole business, and you see the rows of: {members}. The others are yours.")
        st.info(text.format(members=literal(", ".join(person.scope.members))), icon=":material/lock:")
    else:
        st.info(_("This page is for analysts. Ask whoever runs Backhaul to make you one."), icon=":material/lock:")


def leave(person: Reader, language: Language) -> None:
    """Who is signed in, what they see, and the way out."""
    _ = language.gettext
    st.divider()
    st.caption(literal(person.name))
    if person.scope:
        st.caption(_("You see the rows of: {members}").format(members=literal(", ".join(person.scope.members))))
    st.button(_("Sign out"), icon=":material/logout:", type="tertiary", on_click=st.logout)


def navigate(menu: list[Entry], language: Language) -> None:
    """The menu; its links keep the view."""
    st.markdown(":material/undo: **Backhaul**")
    choose_language(language)
    for group, entries_of in groupby(menu, key=lambda entry: entry.group):
        st.caption(group)
        for entry in entries_of:
            st.page_link(
                entry.file,
                label=entry.title,
                icon=f":material/{entry.icon}:",
                help=entry.question,
                query_params=kept_parameters(),
            )


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


def nothing_to_show(publish: Publish | None, language: Language) -> None:
    """What a visitor sees before the first figure; the page looks for it by itself."""
    if publish is None:
        text = language.gettext(
            "Nothing has been published yet. If `make up` is running, its first figures appear here by themselves "
            "within some minutes. Otherwise start it, or run `backhaul run`."
        )
    else:
        text = language.gettext(
            "The warehouse is published, but no unit has been received or disposed of yet. "
            "Ingest returns (`backhaul ingest`), then run `backhaul run`."
        )
    st.info(text, icon=":material/hourglass_empty:")


main()
