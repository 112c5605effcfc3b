"""A page as a file to send: the page itself is run without a browser, and says what it shows."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

from backhaul.publishing import Publish
from backhaul.settings import get_settings
from dashboards import data
from dashboards.access import Reader, reading_as
from dashboards.controls import about_view
from dashboards.delivery.config import DeliveriesBroken, ReportDelivery
from dashboards.delivery.message import Message, link_to
from dashboards.delivery.post import NotSent
from dashboards.filters import DIMENSIONS
from dashboards.i18n import LANGUAGES
from dashboards.menu import Entry, menu_of
from dashboards.view import SHARED, View

FRAME = Path(data.__file__).with_name("pages") / "frame.py"
SECONDS = 180
LATEST = "latest"
# pages that are about what a visitor picks
PICKED = {"trace", "unit"}


def report_message(delivery: ReportDelivery, publish: Publish) -> Message:
    """The page with its figures in words.

    Raises:
        DeliveriesBroken: there is no such page for these rows, or the page does not show what is asked for.
        NotSent: the page failed, or another publish came while it was made.
    """
    entry = _entry(delivery)
    asked = _asked(delivery, entry, publish)
    view = _run(entry, delivery.reader, {"lang": delivery.language, **asked})
    if view.publish.publish_id != publish.publish_id:
        raise NotSent("A newer publish came while the page was made; run `backhaul deliver` again for it.")
    _check(delivery, view, asked)
    _ = view.language.gettext
    about, name = about_view(view), f"{entry.name}-{publish.publish_id}.html"
    said = _("{label}: {value}")
    figures = [
        said.format(label=shown.label, value=shown.value) + (f" ({shown.note})" if shown.note else "")
        for shown in view.report.figures
    ]
    lines = [entry.title, entry.question, "", *figures, *([""] if figures else []), *about, ""]
    attached = _("The whole page is attached ({name}). It stands here:").format(name=name)
    return Message(
        subject=f"{entry.title} · {about[0]}" if entry.is_narrowed else entry.title,
        lines=[*lines, attached],
        link=link_to(get_settings(), entry.name, {"lang": delivery.language, **asked}),
        language=delivery.language,
        facts={"page": entry.name, "figures": [vars(shown) for shown in view.report.figures]},
        attachment=(name, view.report.html(entry.title, about, delivery.language).decode()),
    )


def _entry(delivery: ReportDelivery) -> Entry:
    menu = menu_of(delivery.reader, LANGUAGES[delivery.language])
    there = {entry.name: entry for entry in menu if entry.name not in PICKED}
    if delivery.page not in there:
        raise DeliveriesBroken(
            f"page: {delivery.page!r} cannot be sent with these rows; there are: {', '.join(there)}."
        )
    return there[delivery.page]


def _asked(delivery: ReportDelivery, entry: Entry, publish: Publish) -> dict[str, str]:
    """The parameters of the page's address, without the language."""
    period = delivery.period
    if not entry.is_narrowed and (period or delivery.filters):
        raise DeliveriesBroken(f"The page {entry.name} shows everything: leave `period` and `filters` out.")
    if period == LATEST:
        [extent] = data.rows(data.file_of(publish), delivery.reader.scope, "extent")
        period = f"{extent['last_month']:%Y-%m}" if extent["last_month"] else None
    return delivery.filters | ({"period": period} if period else {})


def _run(entry: Entry, reader: Reader, parameters: dict[str, str]) -> View:
    page = AppTest.from_file(str(FRAME), default_timeout=SECONDS)
    for name, value in parameters.items():
        page.query_params[name] = value
    if entry.name != "overview":
        page.switch_page(entry.file)
    with reading_as(reader):
        try:
            page.run()
        except RuntimeError as error:
            raise NotSent(f"The page {entry.name} was not ready in {SECONDS} s.") from error
    if page.exception:
        raise NotSent(f"The page {entry.name} failed: {page.exception[0].message}")
    if SHARED not in page.session_state:
        raise NotSent(f"The page {entry.name} has no figure of these rows yet.")
    view: View = page.session_state[SHARED]
    return view


def _check(delivery: ReportDelivery, view: View, asked: dict[str, str]) -> None:
    """A page shows everything where its address asks for what is not there; a report has to say so instead."""
    if "period" in asked and view.filters.period.key != asked["period"]:
        raise DeliveriesBroken(f"period: there is no {asked['period']!r} in these figures.")
    check_members(delivery.filters, view)


def check_members(wanted: dict[str, str], view: View) -> None:
    """Whether the view is narrowed to what was wanted.

    Raises:
        DeliveriesBroken: there is no such member.
    """
    for name, member in wanted.items():
        if view.filters.members.get(DIMENSIONS[name]) != member:
            there = sorted(row["member"] for row in view.rows("filter_members") if row["dimension"] == DIMENSIONS[name])
            raise DeliveriesBroken(f"filters: there is no {name} {member!r}; there are: {', '.join(there)}.")
