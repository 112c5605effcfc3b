"""One unit: what it is, what happened to it, what it cost and brought, where its mass went; each with file and row."""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from dashboards.blocks import literal, nothing, section, table
from dashboards.data import Row
from dashboards.tables import Column, Table
from dashboards.view import View, labels, shared
from dashboards.words import words


def main() -> None:
    """The whole page, of the unit that the address names."""
    view = shared()
    _ = view.language.gettext
    key = st.text_input(
        _("Unit key"), value=st.query_params.get("unit", ""), help=_("As `trace` and the tables show it, in full")
    ).strip()
    if key:
        st.query_params["unit"] = key
    found = view.rows("unit", unit_key=key) if key else []
    if not found:
        nothing(_("No such unit. The trace of a figure leads to its units.") if key else _("Which unit?"))
        return
    what_it_is(view, found[0])
    events(view, key)
    money(view, key)
    mass(view, key)
    routes(view, key)


def what_it_is(view: View, unit: Row) -> None:
    """The unit in a few words."""
    _ = view.language.gettext
    section(view, literal(unit["product_name"] or unit["sku"] or _("Unknown product")))
    facts: list[tuple[str, str]] = [
        (_("SKU"), view.write(unit["sku"], "text")),
        (_("Serial number"), view.write(unit["serial_number"], "text")),
        (_("License plate"), view.write(unit["lpn"], "text")),
        (_("Authorisation"), view.write(unit["rma_id"], "text")),
        (_("Parcel"), view.write(unit["tracking_number"], "text")),
        (_("Return type"), view.write(unit["return_type_label"], "text")),
        (_("Reason"), view.write(unit["reason_label"], "text")),
        (_("Grade"), view.write(unit["grade_label"], "text")),
        (_("Status"), view.write(unit["status_label"], "text")),
        (_("Final disposition"), view.write(unit["disposition_label"], "text")),
        (_("Landed cost"), view.write(unit["landed_cost_reporting"], "currency")),
        (_("Reverse cost"), view.write(unit["cost_reporting"], "currency")),
        (_("Recovered"), view.write(unit["recovery_reporting"], "currency")),
        (_("Mass"), view.write(unit["mass_kg"], "kg")),
    ]
    columns = st.columns(4)
    for place, (name, value) in enumerate(facts):
        with columns[place % len(columns)]:
            st.markdown(f"{name}  \n**{literal(value)}**")


def _lineage(view: View) -> list[Column]:
    _ = view.language.gettext
    return [
        Column("file_name", _("File")),
        Column("source_row", _("Row"), "count"),
        Column("source_table", _("Table")),
    ]


def events(view: View, key: str) -> None:
    """What happened, in order."""
    _ = view.language.gettext
    section(view, _("What happened"))
    columns = [
        Column("event_at", _("When (UTC)"), "instant"),
        Column("label", _("Event")),
        Column("node_id", _("Site")),
        *_lineage(view),
    ]
    table(
        view, Table("unit-events", _("Events of the unit"), columns, view.rows("unit_events", unit_key=key)), limit=50
    )


def money(view: View, key: str) -> None:
    """Costs and recoveries."""
    _ = view.language.gettext
    section(view, _("What it cost and brought"))
    named = words(view.language)
    rows = [
        row | {"allocation": named[row["allocation_method"]] if row["allocation_method"] else None}
        for row in view.rows("unit_money", unit_key=key)
    ]
    if not rows:
        nothing(_("No cost and no recovery is known of this unit."))
        return
    columns = [
        Column("told_at", _("Posted (UTC)"), "instant"),
        Column("label", _("Category")),
        Column("amount_reporting", _("Amount ({currency})").format(currency=view.currency), "currency"),
        Column("allocation", _("Allocated by")),
        *_lineage(view),
    ]
    known = [row["amount_reporting"] for row in rows if row["amount_reporting"] is not None]
    total = {"label": _("Net"), "amount_reporting": sum(known, Decimal(0))}
    table(view, Table("unit-money", _("Costs and recoveries of the unit"), columns, rows, total), limit=50)


def mass(view: View, key: str) -> None:
    """Where its kilograms went."""
    _ = view.language.gettext
    rows = view.rows("unit_mass", unit_key=key)
    if not rows:
        return
    section(view, _("Where its mass went"))
    columns = [
        Column("material_label", _("Material")),
        Column("treatment_label", _("Treatment")),
        Column("class_label", _("Counts as")),
        Column("mass_kg", _("Mass (kg)"), "number"),
        *_lineage(view),
    ]
    table(view, Table("unit-mass", _("Mass of the unit"), columns, rows))


def routes(view: View, key: str) -> None:
    """The routes it can take or could have taken."""
    _ = view.language.gettext
    named = words(view.language)
    named.update(labels(view.rows("regulation_labels"), "regulation_class"))
    rows = [
        row | {"ruled_out": named[row["forbidden_by"]] if row["forbidden_by"] else None}
        for row in view.rows("unit_routes", unit_key=key)
    ]
    if not rows:
        return
    section(view, _("Routes, the best first"))
    columns = [
        Column("label", _("Disposition")),
        Column("expected_net_reporting", _("Expected net"), "currency"),
        Column("proceeds_reporting", _("Proceeds"), "currency"),
        Column("credit_reporting", _("Credits"), "currency"),
        Column("process_reporting", _("Processing"), "currency"),
        Column("freight_reporting", _("Freight"), "currency"),
        Column("holding_reporting", _("Holding"), "currency"),
        Column("ruled_out", _("Forbidden by")),
        Column("is_taken", _("Taken"), "flag"),
        Column("evidence_unit_count", _("Units of evidence"), "count"),
    ]
    table(view, Table("unit-routes", _("Routes of the unit"), columns, rows), limit=20)


main()
