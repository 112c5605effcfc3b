"""Whether the data arrived, were whole, passed their gates, and what is known to be wrong with them."""

from __future__ import annotations

from operator import itemgetter

import streamlit as st

from backhaul import formats
from dashboards import verdicts
from dashboards.blocks import nothing, section, table
from dashboards.data import Row
from dashboards.tables import Column, Table
from dashboards.view import View, keep_in_url, shared
from dashboards.words import words


def main() -> None:
    """The whole page."""
    view = shared()
    verdict(view)
    freshness(view)
    gates(view)
    findings(view)
    quarantine(view)
    changes(view)
    reconciliation(view)
    coverage(view)


def verdict(view: View) -> None:
    """In one row: nothing lost, what is held back, what failed."""
    _, locale = view.language.gettext, view.locale
    [row] = view.rows("conservation")
    failed = [gate for gate in view.rows("gates") if not gate["is_success"]]
    cells = [
        (_("Batches"), formats.count(row["batch_count"], locale)),
        (_("Rows read"), formats.count(row["rows_read"], locale)),
        (_("Rows loaded"), formats.count(row["rows_loaded"], locale)),
        (_("In quarantine"), formats.count(row["rows_quarantined"], locale)),
        (_("Checks with a warning"), formats.count(len(failed), locale)),
    ]
    for column, (label, value) in zip(st.columns(len(cells)), cells, strict=True):
        with column:
            st.metric(label, value)
            view.report.figure(label, value, "")
    if row["broken_count"]:
        text = _("{count} batches do not add up: rows read are not rows loaded and quarantined.")
        st.error(text.format(count=row["broken_count"]), icon=":material/error:")
    else:
        st.success(
            _("Every row that was read is loaded or in quarantine: nothing is lost."), icon=":material/check_circle:"
        )


def freshness(view: View) -> None:
    """How far each source reaches."""
    _ = view.language.gettext
    section(view, _("Did every source arrive?"))
    columns = [
        Column("source_id", _("Source")),
        Column("source_domain", _("Domain")),
        Column("file_count", _("Files"), "count"),
        Column("rows_read", _("Rows"), "count"),
        Column("rows_quarantined", _("In quarantine"), "count"),
        Column("horizon", _("Latest event (UTC)"), "instant"),
        Column("days_behind", _("Days behind the newest"), "count"),
        Column("last_landed_at", _("Last landed (UTC)"), "instant"),
    ]
    domains = {"returns": _("returns"), "carrier": _("carriers"), "inventory": _("inventory")}
    rows = [
        row | {"source_domain": domains.get(row["source_domain"], row["source_domain"])}
        for row in view.rows("source_freshness")
    ]
    table(view, Table("sources", _("Sources"), columns, rows), limit=len(rows))


def gates(view: View) -> None:
    """What the gates checked before this publish, and what of the batches was not as expected."""
    _ = view.language.gettext
    section(
        view,
        _("What the gates said"),
        _("A gate that fails publishes nothing; a warning is shown here until it is settled."),
    )
    names = {"PUBLISH": _("before the publish"), "BATCH": _("batch")}
    severities = {"fail": _("stops"), "warn": _("warns")}
    columns = [
        Column("gate", _("Gate")),
        Column("expectation", _("Expectation")),
        Column("is_success", _("Held"), "flag"),
        Column("severity", _("If it fails")),
        Column("source_id", _("Source")),
        Column("file_name", _("File")),
        Column("observed", _("Observed")),
    ]
    named = verdicts.checks(view.language)
    rows = [
        row
        | {
            "gate": names[row["gate"]],
            "expectation": named[row["expectation"].rpartition(".")[2]],
            "severity": severities.get(row["severity"], row["severity"]),
            "observed": verdicts.observed(row["observed"], view.language),
        }
        for row in view.rows("gates")
    ]
    table(view, Table("gates", _("Gates"), columns, rows))


def findings(view: View) -> None:
    """Rows that are kept and counted as told, and that a person should look at."""
    _ = view.language.gettext
    section(view, _("Findings"), _("Rows that are kept and counted as told, and that a person should look at."))
    rules = view.rows("findings")
    if not rules:
        nothing(_("No rule found anything."))
        return
    columns = [
        Column("label", _("Finding"), link="address"),
        Column("finding_count", _("Rows"), "count"),
        Column("unit_count", _("Units"), "count"),
        Column("remedy", _("What to do")),
    ]
    body = [
        row | {"label": row["label"] or row["rule_id"], "address": view.address("health", rule=row["rule_id"])}
        for row in rules
    ]
    table(view, Table("findings", _("Findings by rule"), columns, body), limit=len(body))
    known = {row["rule_id"]: row["label"] or row["rule_id"] for row in rules}
    asked = st.query_params.get("rule", "")
    st.session_state["rule"] = asked if asked in known else rules[0]["rule_id"]
    st.selectbox(
        _("Rows of"), list(known), key="rule", format_func=known.__getitem__, on_change=keep_in_url, args=("rule",),
        width=420,
    )  # fmt: skip
    _rows_of(view, st.session_state["rule"], known[st.session_state["rule"]])


def _rows_of(view: View, rule_id: str, title: str) -> None:
    _ = view.language.gettext
    columns = [
        Column("short_key", _("Unit"), link="address"),
        Column("detail", _("Detail")),
        Column("file_name", _("File")),
        Column("source_row", _("Row"), "count"),
        Column("source_table", _("Table")),
        Column("known_at", _("Known up to (UTC)"), "instant"),
    ]
    body = [
        row
        | {
            "short_key": (row["unit_key"] or "")[:8] or None,
            "address": view.address("unit", unit=row["unit_key"]) if row["unit_key"] else None,
        }
        for row in view.rows("finding_rows", rule_id=rule_id)
    ]
    table(view, Table(f"finding-{rule_id}", title, columns, body))


def quarantine(view: View) -> None:
    """What could not be read, by file and rule."""
    _ = view.language.gettext
    section(
        view,
        _("Quarantine"),
        _(
            "Rows that could not be read, kept with their reason; `backhaul quarantine` shows their text "
            "and how to repair it."
        ),
    )
    rows = view.rows("quarantine")
    if not rows:
        nothing(_("Every row could be read."))
        return
    columns = [
        Column("file_name", _("File")),
        Column("source_id", _("Source")),
        Column("table_name", _("Table")),
        Column("rule", _("Rule")),
        Column("column_name", _("Column")),
        Column("row_count", _("Rows"), "count"),
        Column("first_source_row", _("First row"), "count"),
        Column("landed_at", _("Landed (UTC)"), "instant"),
    ]
    named = verdicts.rules(view.language)
    body = [row | {"rule": named[row["rule"]]} for row in rows]
    table(view, Table("quarantine", _("Quarantine"), columns, body))


def changes(view: View) -> None:
    """How files came in another form than before, or than their contract says."""
    _, named = view.language.gettext, words(view.language)
    section(
        view,
        _("Changes of form"),
        _("How files differed from the one before, or from their contract. What was read in spite of it is counted."),
    )
    rows = view.rows("contract_changes")
    if not rows:
        nothing(_("Every file came in the form that its contract says."))
        return
    columns = [
        Column("source_id", _("Source")),
        Column("change", _("What changed")),
        Column("column_name", _("Column")),
        Column("names", _("Name before → now")),
        Column("table_name", _("Table")),
        Column("file_count", _("Files"), "count"),
        Column("file_name", _("Last file")),
        Column("landed_at", _("Landed (UTC)"), "instant"),
    ]
    body = [row | {"change": named[row["change_kind"]]} for row in rows]
    table(view, Table("contract-changes", _("Changes of form"), columns, body))


def reconciliation(view: View) -> None:
    """Totals that two tellings of the same thing should share."""
    _ = view.language.gettext
    section(
        view,
        _("Reconciliation"),
        _("What the documents tell, against what the warehouse counts, in their own currency."),
    )
    columns = [
        Column("label", _("Check")),
        Column("currency", _("Currency")),
        Column("record_count", _("Records"), "count"),
        Column("told_amount", _("Told"), "number"),
        Column("matched_amount", _("Matched"), "number"),
        Column("unmatched_amount", _("Unmatched"), "number"),
        Column("difference_amount", _("Difference"), "number"),
    ]
    rows = view.rows("reconciliation")
    table(view, Table("reconciliation", _("Reconciliation"), columns, rows), limit=len(rows))


def coverage(view: View) -> None:
    """The metrics whose inputs are known the least."""
    _ = view.language.gettext
    section(view, _("Coverage"), _("The metrics whose inputs are known of the fewest; over all months."))
    rows: list[Row] = [
        {
            "kpi": f"{metric.kpi_id} · {metric.label}",
            "coverage": figure.coverage,
            "address": view.address("metrics", kpi=metric.kpi_id),
        }
        for metric in view.metrics().values()
        if metric.kind != "TABLE"
        for figure in [metric.over(view.filters.period)]
        if figure.coverage is not None and figure.coverage < 1
    ]
    if not rows:
        nothing(_("Every metric has all its inputs."))
        return
    columns = [Column("kpi", _("Metric"), link="address"), Column("coverage", _("Coverage"), "ratio")]
    table(view, Table("coverage", _("Coverage by metric"), columns, sorted(rows, key=itemgetter("coverage"))), limit=20)


main()
