"""Carriers: which invoices to dispute, which parcels are lost, which claims run out; and how each carrier does."""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from backhaul import formats
from dashboards import charts
from dashboards.blocks import chart, nothing, parts, plain, section, table
from dashboards.cards import row_of_cards
from dashboards.data import Row
from dashboards.figures import ratio
from dashboards.slices import scorecard
from dashboards.tables import Column, Table
from dashboards.view import View, shared
from dashboards.words import words

# As many as a desk goes through; the largest or the most urgent come first.
LISTED = 500
SCORES = ["E01", "E02", "E03", "E05", "E06", "E07", "B11b", "E04", "E08b", "E08a"]


def main() -> None:
    """The whole page."""
    view = shared()
    known = view.metrics()
    row_of_cards(view, known, ["E06", "E02", "C11b"])
    parts(view, disputes, lost, claims, match)
    section(view, view.language.gettext("Scorecard"))
    title = view.language.gettext("Carriers by what they are measured by")
    scorecard(view, SCORES, "CARRIER", "carrier-scorecard", title)
    row_of_cards(view, known, ["E01", "E05", "B12"])
    borders(view)


def disputes(view: View) -> None:
    """Charges to dispute, by rule and one by one, with what to do."""
    _ = view.language.gettext
    section(view, _("Invoices to dispute"))
    rows = view.rows("disputes", row_limit=LISTED)
    if not rows:
        nothing(_("The audit disputes no charge of the invoices of these months."))
        return
    rules = {row["rule_id"]: row for row in view.rows("rule_labels")}
    bars = [
        {
            "label": rules[rule]["label"],
            "remedy": rules[rule]["remedy"],
            "value": float(figure.numerator),
            "amount": figure.numerator,
            "text": view.write(figure.numerator, "currency"),
        }
        for rule, metric in view.members("E06", "COMPONENT").items()
        for figure in [metric.over(view.filters.period)]
        if figure.numerator
    ]
    bars.sort(key=lambda bar: -bar["value"])
    if bars:
        columns = [
            Column("label", _("Finding")),
            Column("amount", _("To dispute"), "currency"),
            Column("remedy", _("What to do")),
        ]
        drawing = charts.signed_bars(bars, _("To dispute"), view.palette)
        chart(view, drawing, Table("disputes-by-rule", _("Amount to dispute by finding"), columns, bars))
        for bar in bars:
            st.caption(f"{bar['label']} · {bar['remedy']}")
    columns = [
        Column("tracking_number", _("Parcel")),
        Column("rule_label", _("Finding")),
        Column("disputed_reporting", _("To dispute"), "currency"),
        Column("carrier", _("Carrier")),
        Column("invoice_id", _("Invoice")),
        Column("invoice_line", _("Line number")),
        Column("invoiced_at", _("Invoiced on"), "day"),
        Column("charge_label", _("Charge line")),
        Column("first_invoice_id", _("Billed before on")),
        Column("parcel_weight_kg", _("Weighed (kg)"), "number"),
        Column("billed_weight_kg", _("Billed (kg)"), "number"),
    ]
    ignores = ("channel", "product_category", "node_id", "return_type")
    table(view, Table("disputes", _("Charges to dispute"), columns, rows), ignores=ignores)
    _say_limit(view, rows)


def _say_limit(view: View, rows: list[Row]) -> None:
    if len(rows) == LISTED:
        text = view.language.gettext("The first {count} are listed here.")
        st.caption(text.format(count=formats.count(LISTED, view.locale)))


def lost(view: View) -> None:
    """Parcels that neither arrived nor were delivered, and whether they were claimed."""
    _, language = view.language.gettext, view.language
    section(
        view,
        _("Lost parcels"),
        _("Neither delivered nor received, first scanned more than 30 days before the as-of date"),
    )
    rows = view.rows("lost_parcels", row_limit=LISTED)
    if not rows:
        nothing(_("No parcel first scanned in these months is lost."))
        return
    unclaimed = rows[0]["unclaimed_count"]
    text = language.ngettext("**{count}** parcel is lost", "**{count}** parcels are lost", rows[0]["parcel_count"])
    more = language.ngettext(
        "for {count} of them no claim was filed.", "for {count} of them no claim was filed.", unclaimed
    )
    count = formats.count(rows[0]["parcel_count"], view.locale)
    st.markdown(f"{text.format(count=count)}; {more.format(count=formats.count(unclaimed, view.locale))}")
    named = words(language)
    columns = [
        Column("tracking_number", _("Parcel")),
        Column("carrier", _("Carrier")),
        Column("from_country", _("From country")),
        Column("node_id", _("Site")),
        Column("first_scan_at", _("First scan"), "day"),
        Column("last_scan_at", _("Last scan"), "day"),
        Column("unit_count", _("Units"), "count"),
        Column("quoted_reporting", _("Price of the label"), "currency"),
        Column("filed_at", _("Claim filed"), "day"),
        Column("outcome_label", _("Answer")),
        Column("eligible_until", _("Last day to claim"), "day"),
        Column("paid_reporting", _("Amount paid"), "currency"),
    ]
    body = [row | {"outcome_label": named[row["outcome"]]} for row in rows]
    table(view, Table("lost-parcels", _("Lost parcels"), columns, body))
    _say_limit(view, rows)


def claims(view: View) -> None:
    """Claims that may still be filed, the soonest to expire first; and those that expired unfiled."""
    _, language = view.language.gettext, view.language
    section(view, _("Claims about to expire"), _("With carriers, vendors, marketplaces; whatever the months shown"))
    found = view.rows("open_claims", as_of=view.as_of.date(), expired=False, row_limit=LISTED)
    if found:
        _claims_table(view, found, "claims-open", _("Claims to file, the soonest to expire first"))
    else:
        nothing(_("No claim that could be filed is waiting: each is filed, or its last day has passed."))
    missed = view.rows("open_claims", as_of=view.as_of.date(), expired=True, row_limit=LISTED)
    if missed:
        text = language.ngettext(
            "**{count}** claim expired unfiled in the months shown; its goods cost {amount}.",
            "**{count}** claims expired unfiled in the months shown; their goods cost {amount}.",
            missed[0]["claim_count"],
        )
        count = formats.count(missed[0]["claim_count"], view.locale)
        st.markdown(plain(text.format(count=count, amount=view.write(missed[0]["total_reporting"], "whole_currency"))))
        with st.expander(_("Claims that expired unfiled")):
            _claims_table(view, missed, "claims-expired", _("Claims that expired unfiled, the latest first"))


def _claims_table(view: View, rows: list[Row], name: str, title: str) -> None:
    _ = view.language.gettext
    named = words(view.language)
    columns = [
        Column("claim_id", _("Claim")),
        Column("kind_label", _("Claim on")),
        Column("counterparty", _("Counterparty")),
        Column("eligible_until", _("Last day to claim"), "day"),
        Column("landed_cost_reporting", _("Landed cost"), "currency"),
        Column("unit", _("Unit"), link="address"),
        Column("tracking_number", _("Parcel")),
    ]
    body = [
        row
        | {
            "kind_label": named[row["claim_kind"]],
            "unit": row["unit_key"][:8] if row["unit_key"] else None,
            "address": view.address("unit", unit=row["unit_key"]) if row["unit_key"] else None,
        }
        for row in rows
    ]
    ignores = ("channel", "product_category", "node_id", "carrier", "return_type")
    table(view, Table(name, title, columns, body), ignores=ignores)
    _say_limit(view, rows)


def match(view: View) -> None:
    """Three accounts of the same parcels: the carrier's scans, its invoices, the receipts."""
    _ = view.language.gettext
    section(view, _("Three-way match"), _("Return parcels by what is known of them: scanned, billed, received"))
    rows = view.rows("parcel_match")
    if not rows:
        nothing(_("No parcel is known in these months."))
        return
    meanings = {
        (True, True, True): _("All three agree"),
        (True, False, True): _("Arrived, no bill: a cost still to come"),
        (True, True, False): _("Billed and not arrived: on the way, or lost"),
        (True, False, False): _("Scanned only: on the way, or lost"),
        (False, True, False): _("Billed, never seen: dispute"),
        (False, True, True): _("Arrived and billed without a scan"),
        (False, False, True): _("Arrived without a scan or a bill"),
        (False, False, False): _("Label only: not used, or not yet"),
    }
    whole = sum(row["parcel_count"] for row in rows)
    columns = [
        Column("meaning", _("What it means")),
        Column("is_scanned", _("Scanned"), "flag"),
        Column("is_billed", _("Billed"), "flag"),
        Column("is_received", _("Received"), "flag"),
        Column("parcel_count", _("Parcels"), "count"),
        Column("share", _("Share"), "ratio"),
        Column("billed_reporting", _("Amount billed"), "currency"),
    ]
    body = [
        row
        | {
            "meaning": meanings[row["is_scanned"], row["is_billed"], row["is_received"]],
            "share": ratio(Decimal(row["parcel_count"]), Decimal(whole)),
        }
        for row in rows
    ]
    total = {
        "meaning": _("All parcels"),
        "parcel_count": whole,
        "billed_reporting": sum(row["billed_reporting"] for row in rows),
    }
    ignores = ("channel", "product_category", "node_id", "return_type")
    table(view, Table("parcel-match", _("Parcels scanned, billed and received"), columns, body, total), ignores=ignores)


def borders(view: View) -> None:
    """What crossing borders costs, and what was drawn back."""
    _ = view.language.gettext
    section(view, _("Duty across borders"), _("Duty and brokerage on what came back across a border, less drawback"))
    rows = view.rows("border_duty")
    if not rows:
        nothing(_("No unit received in these months crossed a border."))
        return
    named = words(view.language)
    columns = [
        Column("lane", _("Lane")),
        Column("treatment", _("Customs treatment")),
        Column("unit_count", _("Units"), "count"),
        Column("duty_reporting", _("Duty"), "currency"),
        Column("brokerage_reporting", _("Brokerage"), "currency"),
        Column("drawback_reporting", _("Drawback"), "currency"),
        Column("net_duty_reporting", _("Net"), "currency"),
        Column("per_unit", _("Per unit"), "currency"),
    ]
    body = [
        row
        | {
            "lane": f"{row['from_country']} → {row['to_country']}",
            "treatment": named[row["duty_treatment"]],
            "per_unit": ratio(row["net_duty_reporting"], Decimal(row["unit_count"])),
        }
        for row in rows
    ]
    ignores = ("channel", "product_category", "node_id", "carrier", "return_type")
    table(view, Table("border-duty", _("Duty by lane and customs treatment"), columns, body), ignores=ignores)


main()
