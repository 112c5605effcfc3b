"""What matters in retail, in manufacturing and in healthcare: the metrics of each, and its own tables."""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from backhaul import formats
from dashboards.blocks import nothing, parts, section, table
from dashboards.cards import row_of_cards
from dashboards.figures import ratio
from dashboards.slices import scorecard
from dashboards.tables import Column, Table
from dashboards.view import View, keep_in_url, shared
from dashboards.words import words

CARDS = {
    "retail": ["A01", "A03", "A16", "C03", "C02", "F06", "D08a", "G01", "H01a"],
    "manufacturing": ["C10", "A15", "C15", "B03", "C14", "D07", "C09", "B09a", "F06"],
    "healthcare": ["F13", "F03", "A08", "A09", "C14", "D05", "D06a", "C09"],
}
LISTED = 200


def main() -> None:
    """The sector that the address names."""
    view = shared()
    sector = _chosen(view)
    row_of_cards(view, view.metrics(), CARDS[sector])
    {"retail": retail, "manufacturing": manufacturing, "healthcare": healthcare}[sector](view)


def _chosen(view: View) -> str:
    _ = view.language.gettext
    names = {"retail": _("Retail"), "manufacturing": _("Manufacturing"), "healthcare": _("Healthcare")}
    asked = st.query_params.get("sector", "")
    st.session_state["sector"] = asked if asked in names else next(iter(names))
    st.segmented_control(
        _("Sector"),
        list(names),
        key="sector",
        format_func=lambda name: names[name],
        on_change=keep_in_url,
        args=("sector",),
        required=True,
    )
    return str(st.session_state["sector"])


def retail(view: View) -> None:
    """Categories: how many are asked back, how many products are better left to the customer, and their metrics."""
    parts(view, _categories)
    title = view.language.gettext("Categories by what retail is measured by")
    scorecard(view, ["A01", "A03", "A16", "C03", "F06", "H01a"], "PRODUCT_CATEGORY", "retail-scores", title)


def _categories(view: View) -> None:
    _ = view.language.gettext
    section(view, _("Categories"), _("Asked back by days since delivery, all months together; products better left"))
    rows = view.rows("retail_categories")
    if rows:
        columns = [
            Column("category", _("Category")),
            Column("by_14_days", _("Asked back in 14 days"), "ratio"),
            Column("by_30_days", _("in 30 days"), "ratio"),
            Column("by_60_days", _("in 60 days"), "ratio"),
            Column("product_count", _("Products"), "count"),
            Column("kept_count", _("Better left to the customer"), "count"),
        ]
        ignores = ("period", "channel", "node_id", "carrier", "return_type")
        table(
            view, Table("retail-categories", _("Categories: asked back, better left"), columns, rows), ignores=ignores
        )
    else:
        nothing(_("No delivery and no product history is known."))


def manufacturing(view: View) -> None:
    """Warranty, faults not found, and what work is worth."""
    _ = view.language.gettext
    section(view, _("Warranty and work, by category"))
    title = _("Categories by what manufacturing is measured by")
    scores = ["C10", "A15", "C15", "B03", "C14", "D07"]
    scorecard(view, scores, "PRODUCT_CATEGORY", "manufacturing-scores", title)
    section(view, _("Yield of the work"), _("Units that passed after work, of those that entered it"))
    rows = view.rows("work_yield")
    if not rows:
        nothing(_("No work order ended in these months."))
        return
    named = words(view.language)
    columns = [
        Column("label", _("Work")),
        Column("entered_count", _("Units that entered"), "count"),
        Column("passed_count", _("Units that passed"), "count"),
        Column("yield_rate", _("Yield"), "ratio"),
    ]
    body = [
        row
        | {
            "label": named[row["work_kind"]],
            "yield_rate": ratio(row["passed_count"], row["entered_count"] or Decimal(0)),
        }
        for row in rows
    ]
    table(view, Table("work-yield", _("Yield by kind of work"), columns, body))


def healthcare(view: View) -> None:
    """Lots and last days of use, certificates, and resale that was not allowed."""
    _ = view.language.gettext
    section(view, _("Lots and last days of use"), _("Open units, the soonest to expire first; today is the as-of day"))
    rows = view.rows("lots", as_of=view.as_of.date(), row_limit=LISTED)
    if rows:
        columns = [
            Column("lot_number", _("Lot")),
            Column("sku", _("SKU")),
            Column("expiry_date", _("Last day of use"), "day"),
            Column("is_expired", _("Expired"), "flag"),
            Column("unit_count", _("Units"), "count"),
            Column("no_resale_count", _("never to be resold"), "count"),
            Column("landed_cost_reporting", _("Landed cost"), "whole_currency"),
        ]
        table(view, Table("lots", _("Lots by their last day of use"), columns, rows), ignores=("period",))
        if len(rows) == LISTED:
            text = _("The first {count} are listed here.")
            st.caption(text.format(count=formats.count(LISTED, view.locale)))
    else:
        nothing(_("No open unit has a last day of use: no source tells lots and expiry of these goods."))
    certificates(view)
    forbidden(view)


def certificates(view: View) -> None:
    """Regulated goods that left as waste, and whether the certificate is there."""
    _ = view.language.gettext
    section(view, _("Regulated waste and its certificates"))
    rows = view.rows("certificates")
    if not rows:
        nothing(_("No regulated goods were disposed of in these months."))
        return
    columns = [
        Column("label", _("Bound by")),
        Column("is_hazardous_waste", _("Hazardous"), "flag"),
        Column("required_count", _("Certificates required"), "count"),
        Column("held_count", _("Certificates held"), "count"),
        Column("missing_count", _("Certificates missing"), "count"),
        Column("rate", view.metrics()["F13"].label, "ratio"),
    ]
    body = [
        row
        | {
            "label": row["label"] or row["regulation_class"],
            "missing_count": (row["required_count"] or 0) - row["held_count"],
            "rate": ratio(row["held_count"], row["required_count"] or Decimal(0)),
        }
        for row in rows
    ]
    table(view, Table("certificates", _("Certificates required and held"), columns, body))


def forbidden(view: View) -> None:
    """Units resold although law or brand forbids it."""
    _ = view.language.gettext
    section(view, _("Resale that was not allowed"))
    rows = view.rows("forbidden_resales", row_limit=LISTED)
    if not rows:
        nothing(_("No unit was resold against the law or the brand’s word."))
        return
    columns = [
        Column("unit", _("Unit"), link="address"),
        Column("sku", _("SKU")),
        Column("disposition_label", _("Disposition")),
        Column("disposition_executed_at", _("Carried out"), "day"),
        Column("node_id", _("Site")),
    ]
    body = [
        row
        | {
            "unit": row["unit_key"][:8] if row["unit_key"] else None,
            "address": view.address("unit", unit=row["unit_key"]) if row["unit_key"] else None,
        }
        for row in rows
    ]
    ignores = ("period", "channel", "product_category", "node_id", "carrier", "return_type")
    table(view, Table("forbidden-resales", _("Units resold against a rule"), columns, body), ignores=ignores)


main()
