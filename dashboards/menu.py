"""The pages: one question each, in the order in which people ask. A new one is a file in ``pages/`` and a line here."""

from __future__ import annotations

from dataclasses import dataclass

from dashboards.access import Reader
from dashboards.i18n import Language

# Pages about the whole business by their nature: of the rows of a vendor or a site there is no such thing.
OF_THE_WHOLE = {"disclosures", "restatement", "health", "sql"}
# Pages that months and filters do not narrow.
WHOLE = {"disclosures", "restatement", "health", "unit", "sql"}


@dataclass(frozen=True)
class Entry:
    """One page: its file, what it is called, the question it answers, and the group of the menu it stands in.

    ``is_narrowed``: the filters of the address apply to it.
    """

    name: str
    icon: str
    title: str
    question: str
    group: str
    is_narrowed: bool = True

    @property
    def file(self) -> str:
        return f"{self.name}.py"


def menu_of(reader: Reader, language: Language) -> list[Entry]:
    """The pages that a reader may open."""
    return [
        entry
        for entry in entries(language)
        if (reader.scope is None or entry.name not in OF_THE_WHOLE) and (entry.name != "sql" or reader.may("analyst"))
    ]


def entries(language: Language) -> list[Entry]:
    """The menu in the language of the visit; the first page is the one at the bare address."""
    _ = language.gettext
    listed = [
        ("overview", "home", _("Returns overview"), _("What do returns cost, what came back, what stays in use?")),
        ("cost", "payments", _("Cost per return"), _("What do returns really cost, and why did it move?")),
        ("recovery", "currency_exchange", _("Recovery"), _("What value came back, by which route?")),
        ("waste", "recycling", _("Waste and carbon"), _("What stayed in use, what became waste?")),
        ("causes", "troubleshoot", _("Causes of loss"), _("Which products, vendors and reasons lose money?")),
        ("flow", "conveyor_belt", _("Flow and ageing"), _("Where do goods wait, and what does waiting cost?")),
        ("carriers", "local_shipping", _("Carriers"), _("Which invoices to dispute, which parcels are lost?")),
        ("refunds", "request_quote", _("Refunds and leakage"), _("Which refunds went out with nothing back?")),
        ("decisions", "alt_route", _("Decisions"), _("What should happen to this item?")),
        ("sectors", "category", _("By sector"), _("What matters in retail, manufacturing, healthcare?")),
        ("disclosures", "gavel", _("Disclosures"), _("What do we have to publish?")),
        ("restatement", "history", _("Restatement"), _("What did we know then, and what now?")),
        ("health", "monitor_heart", _("Data health"), _("Did everything arrive, and can it be trusted?")),
        ("metrics", "menu_book", _("Metric catalogue"), _("How is each figure defined?")),
        ("trace", "account_tree", _("Trace"), _("Which source rows make this figure?")),
        ("unit", "inventory_2", _("One unit"), _("What happened to this item?")),
        ("sql", "terminal", _("SQL"), _("Ask the warehouse anything")),
    ]
    # a group begins with the page named
    groups = {
        "overview": _("Figures"),
        "flow": _("Operations"),
        "disclosures": _("To account for"),
        "metrics": _("Behind the figures"),
    }
    found, group = [], ""
    for name, icon, title, question in listed:
        group = groups.get(name, group)
        found.append(Entry(name, icon, title, question, group, is_narrowed=name not in WHOLE))
    return found
