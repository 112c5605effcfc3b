"""What should happen to each item, what the routes taken left on the table, and what would change it."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import streamlit as st

from backhaul import formats
from dashboards import charts
from dashboards.blocks import chart, nothing, parts, plain, section, table
from dashboards.cards import row_of_cards
from dashboards.data import Row
from dashboards.tables import Column, Table
from dashboards.view import View, labels, shared
from dashboards.what_if_blocks import UNITS_WEIGHED, january_block, keep_it_block, routes_block, say_weighed
from dashboards.words import Words, words

REGRETS_LISTED = 200
NOT_IN_OPTIONS = ("channel", "node_id", "carrier", "return_type")


def main() -> None:
    """The whole page."""
    view = shared()
    routes = view.rows("open_routes", unit_limit=UNITS_WEIGHED)
    best_routes(view, routes)
    routes_block(view, routes)
    regret(view)
    parts(view, keep_it_block, january_block)


def best_routes(view: View, routes: list[Row]) -> None:
    """The best route of what is open: how many units by each, and unit by unit."""
    _, language = view.language.gettext, view.language
    section(
        view,
        _("What should happen to what is open"),
        _("Expected net recovery of each route, from the history of like goods"),
    )
    best = view.rows("open_best")
    if not best:
        nothing(_("No open unit has a route with enough history to be ranked."))
        return
    units = sum(row["unit_count"] for row in best)
    text = language.ngettext(
        "**{units}** open unit should bring **{net}** by its best route: {margin} more than by the next best.",
        "**{units}** open units should bring **{net}** by their best routes: {margin} more than by the next best.",
        units,
    )
    amounts = {
        name: view.write(sum(row[key] for row in best), "whole_currency")
        for name, key in (("net", "expected_net_reporting"), ("margin", "margin_reporting"))
    }
    st.markdown(plain(text.format(units=formats.count(units, view.locale), **amounts)))
    bars = [
        {
            "label": row["label"],
            "value": row["unit_count"],
            "text": f"{formats.count(row['unit_count'], view.locale)} · "
            f"{view.write(row['expected_net_reporting'], 'whole_currency')}",
        }
        for row in best
    ]
    columns = [
        Column("label", _("Best route")),
        Column("unit_count", _("Units"), "count"),
        Column("expected_net_reporting", _("Expected net"), "currency"),
        Column("margin_reporting", _("More than the next best"), "currency"),
    ]
    drawing = charts.signed_bars(bars, _("Units"), view.palette)
    chart(view, drawing, Table("best-routes", _("Open units by their best route"), columns, best))
    _items(view, routes)


def _items(view: View, routes: list[Row]) -> None:
    _, named = view.language.gettext, words(view.language)
    named.update(labels(view.rows("regulation_labels"), "regulation_class"))
    units: dict[str, list[Row]] = {}
    for route in routes:
        units.setdefault(route["unit_key"], []).append(route)
    body = [_item(view, named, unit_routes) for unit_routes in units.values()]
    body.sort(key=lambda row: (-(row["margin"] if row["margin"] is not None else Decimal("-inf")), row["unit"]))
    columns = [
        Column("unit", _("Unit"), link="address"),
        Column("sku", _("SKU")),
        Column("node_id", _("Site")),
        Column("grade_label", _("Grade")),
        Column("age_days", _("Days here"), "count"),
        Column("best_label", _("Best route")),
        Column("net", _("Expected net"), "currency"),
        Column("next_label", _("Next best")),
        Column("margin", _("Less by"), "currency"),
        Column("taken_label", _("Decided")),
        Column("ruled_out", _("Ruled out by")),
        Column("evidence", _("Evidence")),
    ]
    table(
        view, Table("open-items", _("Open units and their routes"), columns, body), ignores=("period", *NOT_IN_OPTIONS)
    )
    text = _("Evidence: how many units went that route before, of the same category and grade where there are enough.")
    st.caption(text)
    say_weighed(view, len(units))
    _rules(view, named, routes)


def _rules(view: View, named: Words, routes: list[Row]) -> None:
    """Which rule forbids which route, and for how many of the units."""
    _ = view.language.gettext
    found = Counter(
        (named[route["forbidden_by"]], str(route["label"])) for route in routes if route["forbidden_by"] is not None
    )
    if not found:
        return
    columns = [Column("rule", _("Rule")), Column("label", _("Route")), Column("unit_count", _("Units"), "count")]
    body = [{"rule": rule, "label": label, "unit_count": count} for (rule, label), count in found.most_common()]
    with st.expander(_("Which rule rules out which route")):
        table(view, Table("ruled-out", _("Routes ruled out, by rule"), columns, body), ignores=NOT_IN_OPTIONS)


def _item(view: View, named: Words, routes: list[Row]) -> Row:
    """A unit in one row; its routes come the best first."""
    ranked = [route for route in routes if route["route_rank"] is not None]
    best, following = ranked[0], ranked[1] if len(ranked) > 1 else None
    rules = Counter(named[route["forbidden_by"]] for route in routes if route["forbidden_by"] is not None)
    level = named[best["evidence_level"]]
    return {
        "unit": best["unit_key"][:8],
        "address": view.address("unit", unit=best["unit_key"]),
        "sku": best["sku"],
        "node_id": best["node_id"],
        "grade_label": best["grade_label"] or view.language.gettext("Not graded"),
        "age_days": best["age_days"],
        "best_label": best["label"],
        "net": best["expected_net_reporting"],
        "next_label": following["label"] if following else None,
        "margin": best["margin_to_next_reporting"],
        "taken_label": next((route["label"] for route in routes if route["is_taken"]), None),
        "ruled_out": ", ".join(f"{rule} ({count})" for rule, count in rules.items()) or None,
        "evidence": f"{formats.count(best['evidence_unit_count'], view.locale)} · {level}",
    }


def regret(view: View) -> None:
    """What the routes taken left on the table, by route and unit by unit."""
    _ = view.language.gettext
    section(
        view,
        _("Left on the table"),
        _("Of the units closed: what the best route that was allowed was expected to bring more than the one taken"),
    )
    left, right = st.columns([1, 2], gap="large")
    with left:
        row_of_cards(view, view.metrics(), ["C06"], columns=1)
    named = Words(labels(view.rows("component_labels"), "component"))
    amounts = {
        route: metric.over(view.filters.period).numerator for route, metric in view.members("C06", "COMPONENT").items()
    }
    bars = [
        {
            "label": named[route],
            "value": float(amount),
            "amount": amount,
            "text": view.write(amount, "whole_currency"),
        }
        for route, amount in sorted(amounts.items(), key=lambda item: -item[1])
        if amount
    ]
    with right:
        if bars:
            columns = [Column("label", _("Route taken")), Column("amount", _("Left on the table"), "currency")]
            drawing = charts.signed_bars(bars, _("Left on the table"), view.palette)
            chart(view, drawing, Table("regret-by-route", _("Left on the table by the route taken"), columns, bars))
        else:
            nothing(_("Every unit closed in these months took the best route, as far as history can say."))
    _regrets(view)


def _regrets(view: View) -> None:
    _, named = view.language.gettext, words(view.language)
    rows = view.rows("regrets", row_limit=REGRETS_LISTED)
    if not rows:
        return
    columns = [
        Column("unit", _("Unit"), link="address"),
        Column("sku", _("SKU")),
        Column("product_category", _("Category")),
        Column("taken_label", _("Route taken")),
        Column("expected_net_reporting", _("expected to bring"), "currency"),
        Column("best_label", _("Best route")),
        Column("best_expected_net_reporting", _("would have brought"), "currency"),
        Column("regret_reporting", _("Left on the table"), "currency"),
        Column("evidence", _("Evidence")),
    ]
    body = [
        row
        | {
            "unit": row["unit_key"][:8],
            "address": view.address("unit", unit=row["unit_key"]),
            "evidence": f"{formats.count(row['evidence_unit_count'], view.locale)} · {named[row['evidence_level']]}",
        }
        for row in rows
    ]
    table(view, Table("regrets", _("Units that a better route was left aside for"), columns, body), limit=10)
    if len(rows) == REGRETS_LISTED:
        text = _("The first {count} are listed here.")
        st.caption(text.format(count=formats.count(REGRETS_LISTED, view.locale)))


main()
