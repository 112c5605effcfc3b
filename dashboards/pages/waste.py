"""What stayed in use and what became waste: the mass balance, four ways to say diversion, and carbon, never mixed."""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from backhaul import formats
from dashboards import charts
from dashboards.blocks import chart, nothing, parts, say_ignored, section, table
from dashboards.cards import row_of_cards
from dashboards.data import Row
from dashboards.figures import ratio, rounded_to
from dashboards.sankey import Flow, layout
from dashboards.slices import by_member
from dashboards.tables import Column, Table
from dashboards.view import View, shared

# The four definitions of diversion, and what each is good for is in its own formula.
DIVERSIONS = ["F04a", "F04b", "F04c", "F04d"]
_WHOLE, _FINE_BELOW = Decimal(1), Decimal(1000)
EVERY_FILTER = ("channel", "product_category", "node_id", "carrier", "return_type")


def main() -> None:
    """The whole page."""
    view = shared()
    known = view.metrics()
    row_of_cards(view, known, ["F06", "F01", "F07"])
    balance(view)
    where_it_went(view)
    four_diversions(view)
    parts(view, carbon)
    by_member(view, "F06")
    row_of_cards(view, known, ["F05", "F02", "F03"])


def balance(view: View) -> None:
    """In process before, in, out, in process after. What is shown adds up as it is shown."""
    _, locale = view.language.gettext, view.locale
    section(view, _("Mass balance"))
    [row] = view.rows("mass_balance")
    if row["closing_kg"] is None:
        nothing(_("No mass is known for these months."))
        return
    step = _WHOLE if row["opening_kg"] + row["received_kg"] >= _FINE_BELOW else formats.TENTH
    opening, received, closing = (row[f"{name}_kg"].quantize(step) for name in ("opening", "received", "closing"))
    terms = [
        ("opening", _("In process at the start"), opening),
        ("received", _("+ Came in"), received),
        ("gone", _("− Left the process"), opening + received - closing),
        ("closing", _("= In process at the end"), closing),
    ]
    for column, (name, label, mass) in zip(st.columns(4), terms, strict=True):
        with column, st.container(key=f"mass_{name}"):
            st.metric(label, formats.kilograms(mass, locale))
            view.report.figure(label, formats.kilograms(mass, locale), "")
    say_ignored(view, EVERY_FILTER)


def where_it_went(view: View) -> None:
    """Kilograms from each category to each fate."""
    _ = view.language.gettext
    section(view, _("Where the goods went, by mass"), _("Units closed in these months, by category"))
    rows = [row for row in view.rows("mass_fates") if row["mass_kg"]]
    if not rows:
        nothing(_("No unit of known mass was closed in these months."))
        return
    fates, categories = _sums(rows, "label"), _sums(rows, "product_category")
    total = sum(fates.values(), Decimal(0))
    columns = [
        Column("label", _("Where to")),
        Column("is_kept_in_use", _("Kept in use"), "flag"),
        Column("is_diverted", _("Diverted waste"), "flag"),
        Column("mass_kg", _("Mass (kg)"), "kg"),
        Column("share", _("Share"), "ratio"),
    ]
    first = {row["label"]: row for row in reversed(rows)}
    shown = rounded_to(total.quantize(formats.TENTH), list(fates.values()), formats.TENTH)
    body = [
        first[label] | {"mass_kg": mass, "share": ratio(fates[label], total)}
        for label, mass in zip(fates, shown, strict=True)
    ]
    whole = {"label": _("Left the process"), "mass_kg": total, "share": _WHOLE}
    _sankey(view, rows, fates, categories)
    table(view, Table("mass-balance", _("Mass by destination"), columns, body, whole))


def _sankey(view: View, rows: list[Row], fates: dict[str, Decimal], categories: dict[str, Decimal]) -> None:
    _ = view.language.gettext

    def named(name: str, mass: Decimal) -> str:
        return f"{name} · {view.write(mass, 'kg')}"

    sources = {name: named(_("Unknown") if name == "UNKNOWN" else name, mass) for name, mass in categories.items()}
    targets = {name: named(name, mass) for name, mass in fates.items()}
    said = _("{label}: {value}")
    flows = [
        Flow(
            sources[row["product_category"]],
            targets[row["label"]],
            float(row["mass_kg"]),
            said.format(label=f"{row['product_category']} → {row['label']}", value=view.write(row["mass_kg"], "kg")),
        )
        for row in rows
    ]
    drawn = layout(flows, list(sources.values()), list(targets.values()))
    drawing = charts.sankey(drawn, list(targets.values()), _("Mass"), view.palette)
    columns = [
        Column("product_category", _("Category")),
        Column("label", _("Where to")),
        Column("mass_kg", _("Mass (kg)"), "kg"),
    ]
    chart(view, drawing, Table("mass-flows", _("Mass from each category to each destination"), columns, rows))


def _sums(rows: list[Row], key: str) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for row in rows:
        sums[row[key]] = sums.get(row[key], Decimal(0)) + row["mass_kg"]
    return sums


def four_diversions(view: View) -> None:
    """The same months by four definitions in use; none of them is wrong, and they are not to be compared."""
    _ = view.language.gettext
    section(
        view,
        _("Diversion, by four definitions"),
        _("Each asks something else of the same goods: a figure is worth what its definition says."),
    )
    known = view.metrics()
    row_of_cards(view, known, DIVERSIONS, columns=4)
    columns = [
        Column("label", _("Definition"), link="address"),
        Column("value", _("Value"), "ratio"),
        Column("numerator", _("Diverted (kg)"), "kg"),
        Column("denominator", _("Of (kg)"), "kg"),
        Column("coverage", _("Coverage"), "ratio"),
        Column("formula", _("Formula")),
    ]
    rows = [
        {
            "label": metric.label,
            "address": view.address("metrics", kpi=kpi_id),
            "value": figure.value,
            "numerator": figure.numerator,
            "denominator": figure.denominator,
            "coverage": figure.coverage,
            "formula": metric.formula,
        }
        for kpi_id in DIVERSIONS
        for metric in [known[kpi_id]]
        for figure in [metric.over(view.filters.period)]
    ]
    table(view, Table("diversions", _("Diversion, by four definitions"), columns, rows))


def carbon(view: View) -> None:
    """Inventory and avoided CO2e, each with the factors behind it; the two are never added."""
    _ = view.language.gettext
    section(
        view,
        _("Carbon"),
        _(
            "What waste treatment emits belongs to the inventory; what recycling spares others does not. "
            "The two answer different questions and are never added."
        ),
    )
    known = view.metrics()
    row_of_cards(view, known, ["F08", "F09"], columns=2)
    rows = view.rows("carbon")
    if not rows:
        nothing(_("No waste of known mass in these months."))
        return
    titles = {
        "INVENTORY": _("Inventory: what the treatment of our waste emits"),
        "AVOIDED": _("Avoided, against landfill: what the treatment spares elsewhere"),
        "PRODUCTION": _("For comparison: what making the same materials anew would emit"),
    }
    columns = [
        Column("treatment_label", _("Treatment")),
        Column("factor_set_label", _("Factors")),
        Column("edition", _("Edition")),
        Column("mass_kg", _("Mass (kg)"), "kg"),
        Column("proxy_mass_kg", _("By a stand-in factor (kg)"), "kg"),
        Column("co2e_kg", _("CO2e (kg)"), "kg"),
    ]
    for boundary, title in titles.items():
        told = [
            row | {"factor_set_label": row["factor_set_label"] or _("No factor")}
            for row in rows
            if row["boundary"] == boundary
        ]
        if told:
            st.markdown(f"**{title}**")
            table(view, Table(f"carbon-{boundary.lower()}", title, columns, told), ignores=EVERY_FILTER)


main()
