"""What loses money: products, vendors, reasons; and what each would be worth if it stopped."""

from __future__ import annotations

from decimal import Decimal
from itertools import groupby

import streamlit as st

from backhaul import formats
from dashboards import charts, diagrams
from dashboards.blocks import chart, nothing, parts, plain, section, table
from dashboards.cards import row_of_cards
from dashboards.data import Row
from dashboards.figures import ratio
from dashboards.slices import by_member
from dashboards.tables import Column, Table
from dashboards.view import View, shared
from dashboards.words import words

PRODUCTS_SHOWN = 20
# As many as a buyer goes through; the mart has every product.
PRODUCTS_LISTED = 200
REASONS_DRAWN = 12
CURVE_DAYS = range(0, 61, 5)


def main() -> None:
    """The whole page."""
    view = shared()
    products(view)
    vendors(view)
    reasons(view)
    row_of_cards(view, view.metrics(), ["A15", "A09", "E03"])
    no_fault_found(view)
    parts(view, return_rates)
    by_member(view, "A01")


def products(view: View) -> None:
    """The products that lose most, and what the first twenty would be worth."""
    _ = view.language.gettext
    section(
        view,
        _("Products that lose most"),
        _("Net loss: costs and write-downs less credits and fees, of the units received in the last twelve months"),
    )
    rows = view.rows("sku_losses", row_limit=PRODUCTS_LISTED)
    if not rows:
        nothing(_("No product lost money on its returns in the last twelve months."))
        return
    worst = rows[:PRODUCTS_SHOWN]
    st.markdown(plain(_worth(view, worst)))
    bars = [
        {
            "label": row["sku"],
            "position": position,
            "value": float(row["net_loss_reporting"]),
            "share": float(row["running_reporting"] / row["total_reporting"]),
            "text": f"{view.write(row['net_loss_reporting'], 'currency')} · {row['product_name'] or row['sku']}",
        }
        for position, row in enumerate(worst)
    ]
    columns = [
        Column("sku", _("SKU")),
        Column("product_name", _("Product")),
        Column("product_category", _("Category")),
        Column("unit_count", _("Units"), "count"),
        Column("coverage", _("Coverage"), "ratio"),
        Column("net_loss_reporting", _("Net loss"), "currency"),
        Column("running_share", _("Running share"), "ratio"),
        Column("net_loss_per_unit_reporting", _("Per unit"), "currency"),
        Column("cost_reporting", _("Cost"), "currency"),
        Column("write_down_reporting", _("Write-downs"), "currency"),
        Column("credit_reporting", _("Credits"), "currency"),
    ]
    body = [row | {"running_share": ratio(row["running_reporting"], row["total_reporting"])} for row in rows]
    title = _("Net loss by product ({currency})").format(currency=view.currency)
    drawing = diagrams.pareto(bars, title, _("Share of all losses"), view.locale, ",.0f", view.palette)
    chart(view, drawing, Table("loss-pareto", _("Net loss by product, the largest first"), columns, body))
    ignores = ("period", "channel", "node_id", "carrier", "return_type")
    table(view, Table("loss-products", _("Products that lose most"), columns, body), ignores=ignores)


def _worth(view: View, worst: list[Row]) -> str:
    language, total = view.language, worst[0]["total_reporting"]
    lost = worst[-1]["running_reporting"]
    text = language.ngettext(
        "The product that loses most costs **{lost}** a year: {share} of all {total} lost on {all} products. "
        "That is what it would be worth if it only broke even.",
        "The {count} products that lose most cost **{lost}** a year: {share} of all {total} lost on {all} products. "
        "That is what they would be worth if they only broke even.",
        len(worst),
    )
    return text.format(
        count=len(worst),
        lost=view.write(lost, "whole_currency"),
        share=formats.share(lost / total, view.locale, digits=0),
        total=view.write(total, "whole_currency"),
        all=formats.count(worst[0]["sku_count"], view.locale),
    )


def vendors(view: View) -> None:
    """What vendors owe by their terms and have not credited."""
    _ = view.language.gettext
    section(view, _("Vendors"), _("What the vendors’ terms promise for the units received, and what was credited"))
    rows = [_named(row, view) for row in view.rows("vendors")]
    if not rows:
        nothing(_("No unit received in these months is covered by a vendor’s terms."))
        return
    missing = sum((row["missing_reporting"] for row in rows), Decimal(0))
    missed = sum((row["window_missed_reporting"] for row in rows), Decimal(0))
    text = _("**{missing}** of credits are missing; {missed} of them are lost, because their return window passed.")
    st.markdown(
        plain(text.format(missing=view.write(missing, "whole_currency"), missed=view.write(missed, "whole_currency")))
    )
    columns = [
        Column("label", _("Vendor")),
        Column("eligible_count", _("Units covered"), "count"),
        Column("owed_reporting", _("Promised"), "currency"),
        Column("credited_reporting", _("Credited"), "currency"),
        Column("missing_reporting", _("Credits missing"), "currency"),
        Column("window_missed_count", _("Windows missed"), "count"),
        Column("window_missed_reporting", _("Lost by the window"), "currency"),
        Column("recovery_rate", view.metrics()["C09"].label, "ratio"),
    ]
    total = _named(
        {"vendor_name": _("All vendors"), "vendor_id": None}
        | {column.key: sum(row[column.key] for row in rows) for column in columns[1:7]}
        | {"landed_cost_reporting": sum(row["landed_cost_reporting"] for row in rows)},
        view,
    )
    ignores = ("channel", "product_category", "node_id", "carrier", "return_type")
    table(view, Table("vendors", _("Vendors"), columns, rows, total), ignores=ignores)


def _named(row: Row, view: View) -> Row:
    label = row["vendor_name"] or row["vendor_id"] or view.language.gettext("Unknown")
    return row | {"label": label, "recovery_rate": ratio(row["credited_reporting"], row["landed_cost_reporting"])}


def reasons(view: View) -> None:
    """Which condition is found behind each reason that customers state."""
    _ = view.language.gettext
    section(view, _("Said and found"), _("Of the units returned for a reason, the share in each grade"))
    rows = view.rows("said_and_found")
    if not rows:
        nothing(_("Nothing was received in these months."))
        return
    reasons_of = _by_reason(view, rows)
    drawn = reasons_of[:REASONS_DRAWN]
    grades = sorted({row["grade_code"] for row in rows}, key=lambda code: (code == "NONE", code))
    names = {row["grade_code"]: row["grade_label"] or _("Not graded") for row in rows}
    cells = [
        {
            "row": reason["label"],
            "row_position": position,
            "column": names[grade],
            "column_position": grades.index(grade),
            "value": float(reason["grades"].get(grade, 0) / reason["unit_count"]),
            "text": formats.share(reason["grades"].get(grade, 0) / reason["unit_count"], view.locale, digits=0),
            "detail": formats.count(reason["grades"].get(grade, 0), view.locale),
        }
        for position, reason in enumerate(drawn)
        for grade in grades
    ]
    columns = [
        Column("label", _("Reason stated")),
        Column("unit_count", _("Units"), "count"),
        *(Column(grade, names[grade], "count") for grade in grades),
        Column("found_count", _("Inspector found a reason"), "count"),
        Column("other_found_count", _("of them another one"), "count"),
        Column("defect_tested_count", _("Defects tested"), "count"),
        Column("no_fault_found_count", _("No fault found"), "count"),
    ]
    body = [reason | {grade: reason["grades"].get(grade, 0) for grade in grades} for reason in reasons_of]
    drawing = diagrams.matrix(cells, _("Units"), view.palette)
    chart(view, drawing, Table("said-and-found", _("Reason stated and grade found"), columns, body))
    ignores = ("channel", "node_id", "carrier", "return_type")
    table(view, Table("reasons", _("Reasons stated and what was found"), columns, body), ignores=ignores)


def _by_reason(view: View, rows: list[Row]) -> list[Row]:
    """A row a reason, the most frequent first; ``grades`` counts the units in each."""
    found: dict[str, Row] = {}
    measures = ("unit_count", "defect_tested_count", "no_fault_found_count", "found_count", "other_found_count")
    for row in rows:
        label = row["reason_label"] or view.language.gettext("Unknown")
        reason = found.setdefault(row["reason_code"], {"label": label, "grades": {}} | dict.fromkeys(measures, 0))
        reason["grades"][row["grade_code"]] = row["unit_count"]
        for measure in measures:
            reason[measure] += row[measure]
    return sorted(found.values(), key=lambda reason: (-reason["unit_count"], reason["label"]))


def no_fault_found(view: View) -> None:
    """The products whose claimed defects tests do not find."""
    _ = view.language.gettext
    section(view, _("No fault found, by product"), _("Returned as defective and tested, in the last twelve months"))
    rows = view.rows("no_fault_found", row_limit=PRODUCTS_LISTED)
    if not rows:
        nothing(_("No unit returned as defective was found without fault in the last twelve months."))
        return
    columns = [
        Column("sku", _("SKU")),
        Column("product_name", _("Product")),
        Column("product_category", _("Category")),
        Column("defect_tested_count", _("Defects tested"), "count"),
        Column("no_fault_found_count", _("No fault found"), "count"),
        Column("no_fault_found_rate", _("Share"), "ratio"),
        Column("net_loss_per_unit_reporting", _("Net loss per unit"), "currency"),
    ]
    ignores = ("period", "channel", "node_id", "carrier", "return_type")
    table(view, Table("no-fault-found", _("No fault found, by product"), columns, rows), ignores=ignores)


def return_rates(view: View) -> None:
    """How fast each category is asked back, and how the months of order compare."""
    _ = view.language.gettext
    section(
        view, _("When goods are asked back"), _("Share of units asked back by days since delivery, all months together")
    )
    curve = view.rows("return_curve")
    if not curve:
        nothing(_("No delivery is known: without it there is no day to count from."))
        return
    names = words(view.language)
    points = [
        {
            "label": names[category],
            "x": str(day),
            "position": day,
            "value": float(rate),
            "text": view.write(rate, "ratio"),
        }
        for category, steps in groupby(curve, key=lambda row: str(row["product_category"]))
        for day, rate in _at_days(list(steps))
    ]
    columns = [
        Column("product_category", _("Category")),
        Column("day_number", _("Days since delivery"), "count"),
        Column("at_risk_count", _("Units observed"), "count"),
        Column("asked_count", _("Asked back on the day"), "count"),
        Column("asked_back_rate", _("Asked back by then"), "ratio"),
    ]
    drawing = charts.lines(points, _("Asked back by then"), view.locale, ".0%", _("Days since delivery"))
    title = _("Share of units asked back by days since delivery")
    ignores = ("period", "channel", "node_id", "carrier", "return_type")
    chart(view, drawing, Table("return-curve", title, columns, curve), ignores)


def _at_days(steps: list[Row]) -> list[tuple[int, Decimal]]:
    """The curve at even days: between the days on which something happened it stays where it was."""
    return [
        (day, max((step["asked_back_rate"] for step in steps if step["day_number"] <= day), default=Decimal(0)))
        for day in CURVE_DAYS
    ]


main()
