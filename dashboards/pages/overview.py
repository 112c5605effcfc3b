"""The executive overview: what a return costs, what is recovered, what stays in use, and what else to look at."""

from __future__ import annotations

import streamlit as st

from backhaul import formats
from dashboards.blocks import section
from dashboards.cards import card, row_of_cards
from dashboards.view import shared

# One of each topic, the one whose page says why.
BESIDE = ["A02", "D07", "C06", "E06", "H03", "F08"]


def main() -> None:
    """The whole page, from one publish."""
    view = shared()
    _ = view.language.gettext
    known = view.metrics()
    units = int(known["B02"].over(view.filters.period).denominator or 0)
    text = view.language.ngettext("{count} unit received", "{count} units received", units)
    columns = st.columns(3)
    with columns[0]:
        card(view, known["B02"], aside=text.format(count=f"**{formats.count(units, view.locale)}**"))
    with columns[1]:
        card(view, known["C03"], beside=known["C01"])
    with columns[2]:
        card(view, known["F06"], beside=known["F04a"])
    section(view, _("Also worth a look"))
    row_of_cards(view, known, BESIDE)


main()
