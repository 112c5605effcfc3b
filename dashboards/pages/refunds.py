"""Refunds: which went out with nothing back, how fast they are, who abuses them, and whether customers come again."""

from __future__ import annotations

from decimal import Decimal
from itertools import groupby

import streamlit as st

from backhaul import formats
from dashboards import charts
from dashboards.blocks import chart, nothing, parts, plain, section, table
from dashboards.cards import row_of_cards
from dashboards.data import Row
from dashboards.figures import ratio
from dashboards.slices import by_member
from dashboards.tables import Column, Table
from dashboards.view import View, shared
from dashboards.words import words

# Rows of each rule: as many as a desk goes through, the largest first.
LISTED = 500
EVERY = ("period", "channel", "product_category", "node_id", "carrier", "return_type")


def main() -> None:
    """The whole page."""
    view = shared()
    _ = view.language.gettext
    known = view.metrics()
    row_of_cards(view, known, ["H03", "H04", "H02"])
    leakage(view)
    section(view, _("How fast customers get their money"))
    row_of_cards(view, known, ["D08a", "D08b", "D08c", "G04"], columns=4)
    methods(view)
    section(view, _("Abuse"))
    row_of_cards(view, known, ["H01a", "H01b", "H05"])
    parts(view, concentration, retention)
    by_member(view, "G04")


def leakage(view: View) -> None:
    """Refunds that should not have gone out as they did, a tab a rule."""
    _, language = view.language.gettext, view.language
    section(view, _("Refunds that leak"))
    rows = view.rows("leaks", row_limit=LISTED)
    if not rows:
        nothing(_("No refund of these months leaks: each has its goods, once, and no more than was paid."))
        return
    rules = [(label, list(found)) for label, found in groupby(rows, key=lambda row: str(row["rule_label"]))]
    rules.sort(key=lambda rule: -(rule[1][0]["rule_reporting"] or 0))
    total = sum((found[0]["rule_reporting"] or Decimal(0) for _label, found in rules), Decimal(0))
    count = sum(found[0]["leak_count"] for _label, found in rules)
    text = language.ngettext("**{amount}** leaked in {count} refund.", "**{amount}** leaked in {count} refunds.", count)
    amount = view.write(total, "currency")
    st.markdown(plain(text.format(amount=amount, count=formats.count(count, view.locale))))
    for tab, (label, found) in zip(st.tabs([label for label, _found in rules]), rules, strict=True):
        with tab:
            _rule(view, label, found)


def _rule(view: View, label: str, rows: list[Row]) -> None:
    _ = view.language.gettext
    named = words(view.language)
    st.caption(rows[0]["remedy"])
    columns = [
        Column("unit", _("Unit"), link="address"),
        Column("leaked_reporting", _("Leaked"), "currency"),
        Column("refunded_at", _("Refunded"), "day"),
        Column("method_label", _("Method")),
        Column("refunded_amount", _("Refund"), "number"),
        Column("refund_currency", _("Currency")),
        Column("paid_amount_reporting", _("Paid for the line"), "currency"),
        Column("order_id", _("Order")),
        Column("order_line", _("Line number")),
        Column("status_label", _("Goods")),
        Column("product_category", _("Category")),
    ]
    body = [
        row
        | {
            "unit": row["unit_key"][:8] if row["unit_key"] else None,
            "address": view.address("unit", unit=row["unit_key"]) if row["unit_key"] else None,
            "method_label": named[row["method"]],
        }
        for row in rows
    ]
    name = rows[0]["rule_id"].replace("_", "-")
    table(view, Table(name, label, columns, body), ignores=("node_id", "carrier", "return_type"))
    if rows[0]["leak_count"] > len(rows):
        text = _("The {shown} largest of {count} are listed here.")
        count, shown = formats.count(rows[0]["leak_count"], view.locale), formats.count(len(rows), view.locale)
        st.caption(text.format(shown=shown, count=count))


def methods(view: View) -> None:
    """How the money went back."""
    _ = view.language.gettext
    section(view, _("How customers are refunded"), _("Exchanges and store credit keep the money in the house"))
    rows = view.rows("refund_methods")
    if not rows:
        nothing(_("No refund was paid in these months."))
        return
    named = words(view.language)
    whole = sum((row["refunded_reporting"] for row in rows), Decimal(0))
    body = [
        row
        | {
            "label": named[row["method"] or "UNKNOWN"],
            "share": ratio(row["refunded_reporting"], whole),
        }
        for row in rows
    ]
    columns = [
        Column("label", _("Method")),
        Column("refund_count", _("Refunds"), "count"),
        Column("refunded_reporting", _("Refunded"), "currency"),
        Column("share", _("Share"), "ratio"),
    ]
    left, right = st.columns([3, 2], gap="large")
    with left:
        bars = [
            {
                "label": row["label"],
                "value": float(row["refunded_reporting"]),
                "text": f"{view.write(row['refunded_reporting'], 'whole_currency')} · "
                f"{formats.share(row['share'], view.locale, digits=0)}",
            }
            for row in body
        ]
        drawing = charts.signed_bars(bars, _("Refunded"), view.palette)
        chart(view, drawing, Table("refund-methods", _("Refunds by method"), columns, body))
    with right:
        row_of_cards(view, view.metrics(), ["A11"], columns=1)


def concentration(view: View) -> None:
    """How much of the value returned comes from few customers."""
    _ = view.language.gettext
    note = _("Share of the value returned that comes from the customers who return most; groups only, never a person")
    section(view, _("Who returns"), note)
    rows = view.rows("returner_concentration")
    if not rows:
        nothing(_("No customer is known behind the returns."))
        return
    columns = [
        Column("year", _("Year")),
        Column("group", _("Group")),
        Column("customer_count", _("Customers who returned"), "count"),
        Column("group_count", _("Customers in the group"), "count"),
        Column("returned_reporting", _("Value returned"), "whole_currency"),
        Column("group_reporting", _("of it by the group"), "whole_currency"),
        Column("concentration_rate", _("Share"), "ratio"),
    ]
    top = _("Top {share}")
    body = [
        row
        | {
            "year": str(row["year_start"].year),
            "group": top.format(share=formats.share(row["top_share"], view.locale, digits=0)),
        }
        for row in rows
    ]
    shown = Table("returner-concentration", _("Value returned by the customers who return most"), columns, body)
    table(view, shown, ignores=EVERY)
    if any(row["concentration_rate"] is None for row in rows):
        st.caption(_("Groups of fewer than five customers are not told."))


def retention(view: View) -> None:
    """Whether customers order again after a refund, beside those never refunded."""
    _ = view.language.gettext
    section(view, _("Do they come again?"), _("Share of customers with another order within 90 days, by month"))
    rows = [row for row in view.rows("retention") if row["refunded_count"] or row["csat_count"] or row["nps_count"]]
    if not rows:
        nothing(_("No refund of a known customer is old enough to say."))
        return
    row_of_cards(view, view.metrics(), ["G01", "G02a", "G02b"])
    months = [row["period_month"] for row in rows]
    points = [
        {
            "label": label,
            "x": formats.short_month(row["period_month"], view.locale),
            "position": months.index(row["period_month"]),
            "value": float(row[key]),
            "text": view.write(row[key], "ratio"),
            "dash": key == "other_retained_rate",
        }
        for key, label in (("retained_rate", _("After a refund")), ("other_retained_rate", _("Never refunded")))
        for row in rows
        if row[key] is not None and row["is_mature"]
    ]
    columns = [
        Column("period_month", _("Month"), "month"),
        Column("refunded_count", _("Customers refunded"), "count"),
        Column("retained_rate", _("ordered again"), "ratio"),
        Column("other_count", _("Customers never refunded"), "count"),
        Column("other_retained_rate", _("ordered again"), "ratio"),
        Column("csat_count", _("Answers on satisfaction"), "count"),
        Column("csat_mean", _("Mean, 1 to 5"), "points"),
        Column("nps_count", _("Answers on recommendation"), "count"),
        Column("net_promoter_rate", _("Promoters less detractors"), "ratio"),
        Column("is_mature", _("Final"), "flag"),
    ]
    shown = Table("retention", _("Customers who order again, by month"), columns, rows)
    if points:
        drawing = charts.lines(points, _("Ordered again within 90 days"), view.locale, ".0%")
        chart(view, drawing, shown)
    table(view, shown, limit=12, ignores=EVERY)
    st.caption(_("Customers who return order more to begin with: the two lines are not the same people."))


main()
