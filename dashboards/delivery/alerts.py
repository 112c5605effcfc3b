"""Alerts: whether a metric is out of its bounds or warnings are too old, said with definition, rows and a link."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from backhaul import formats
from backhaul.publishing import Publish
from backhaul.settings import get_settings
from dashboards.cards import basis, movement, side, sides, written
from dashboards.controls import about_view
from dashboards.data import Row
from dashboards.delivery.config import AlertDelivery, DeliveriesBroken
from dashboards.delivery.message import Message, link_to
from dashboards.delivery.pages import check_members
from dashboards.figures import Figure, Metric
from dashboards.i18n import LANGUAGES
from dashboards.view import View, look

ROW_LIMIT = 10


@dataclass(frozen=True)
class State:
    """How an alert stands on a publish, and what is to be said of it."""

    is_raised: bool
    message: Message


def state_of(alert: AlertDelivery, publish: Publish) -> State | None:
    """How an alert stands; None where there is no figure to judge.

    Raises:
        DeliveriesBroken: there is no such metric, member or rule.
    """
    view = _view(alert, publish)
    if view is None:
        return None
    check_members(alert.filters, view)
    return _bounded(alert, view, publish) if alert.kpi else _aged(alert, view)


def _view(alert: AlertDelivery, publish: Publish, period: str | None = None) -> View | None:
    asked = alert.filters | ({"period": period} if period else {})
    return look(publish, alert.reader, LANGUAGES[alert.language], asked)


def _bounded(alert: AlertDelivery, view: View, publish: Publish) -> State | None:
    """A metric on its latest month with a figure."""
    metric = view.metrics().get(alert.kpi or "")
    if metric is None or metric.kind == "TABLE":
        known = ", ".join(each.kpi_id for each in view.metrics().values() if each.kind != "TABLE")
        raise DeliveriesBroken(f"kpi: no figure by month is kept of {alert.kpi!r}; there are: {known}.")
    months = [cell.month for cell in metric.months if cell.month in view.filters.period]
    latest = next((month for month in reversed(months) if metric.at(month).value is not None), None)
    if latest is None:
        return None
    narrowed = _view(alert, publish, f"{latest:%Y-%m}")
    assert narrowed
    value = metric.at(latest).value
    assert value is not None
    is_above = alert.above is not None and value > alert.above
    is_raised = is_above or (alert.below is not None and value < alert.below)
    return State(is_raised, _of_metric(alert, narrowed, metric, is_raised=is_raised))


def _of_metric(alert: AlertDelivery, view: View, metric: Metric, *, is_raised: bool) -> Message:
    """The figure, its bounds, how it moved, what it is made of, and its largest rows."""
    _, figure, month = view.language.gettext, metric.over(view.filters.period), view.filters.period.first
    told = {
        "label": metric.label,
        "value": written(metric, figure, view),
        "bounds": _bounds(alert, view, metric),
        "month": formats.month(month, view.locale),
    }
    if is_raised:
        subject, said = _("Alert: {label} {value}, {month}"), _("{label}: {value} in {month}. Out of bounds: {bounds}.")
    else:
        subject = _("No longer: {label} {value}, {month}")
        said = _("{label}: {value} in {month}. Within bounds again: {bounds}.")
    found = view.rows("contributions", measure_code=metric.numerator_measure, component=None, row_limit=ROW_LIMIT)
    lines = [
        said.format(**told),
        sides(view, metric, figure).replace("**", ""),
        *_change(view, metric),
        _known(view, figure),
        "",
        _("{label}: {value}").format(label=metric.kpi_id, value=metric.formula)
        + f" {formats.heading(basis(metric, view))}.",
        *about_view(view),
        "",
        _("The largest rows of the numerator:") if metric.denominator_measure else _("The largest rows:"),
        *[_line(view, row, side(view, row["amount"], metric.numerator_unit)) for row in found],
        "",
        _("Every row, and that they add up to the figure:"),
    ]
    parameters = {"lang": alert.language, **alert.filters, "period": view.filters.period.key, "kpi": metric.kpi_id}
    facts = {
        "kpi": metric.kpi_id,
        "month": f"{month:%Y-%m}",
        "value": str(figure.value),
        "above": _text(alert.above),
        "below": _text(alert.below),
        "coverage": _text(figure.coverage),
        "is_raised": is_raised,
        "rows": [_fact(row) | {"amount": str(row["amount"])} for row in found],
    }
    return Message(subject.format(**told), lines, link_to(get_settings(), "trace", parameters), alert.language, facts)


def _bounds(alert: AlertDelivery, view: View, metric: Metric) -> str:
    """When the alert goes off, in words."""
    _ = view.language.gettext
    words = []
    if alert.above is not None:
        words.append(_("more than {bound}").format(bound=view.write(alert.above, metric.unit)))
    if alert.below is not None:
        words.append(_("less than {bound}").format(bound=view.write(alert.below, metric.unit)))
    return _(" or ").join(words)


def _change(view: View, metric: Metric) -> list[str]:
    moved, before = movement(metric, view), view.filters.before
    if moved is None or before is None:
        return []
    said = view.language.gettext("Against {month}: {change}")
    return [said.format(month=formats.month(before.first, view.locale), change=moved.text)]


def _known(view: View, figure: Figure) -> str:
    covered = formats.share(figure.coverage, view.locale, digits=0)
    known = view.language.gettext("Coverage {share} · as of {day}")
    return known.format(share=covered, day=formats.day(figure.as_of, view.locale))


def _aged(alert: AlertDelivery, view: View) -> State:
    """The warnings of a rule that have been known for longer than so many days."""
    rules = {row["rule_id"]: row for row in view.rows("rule_labels")}
    rule_id, days = alert.finding or "", alert.older_than_days or 0
    if rule_id not in rules:
        raise DeliveriesBroken(f"finding: there is no rule {rule_id!r}; there are: {', '.join(rules)}.")
    rule = rules[rule_id]
    found = view.rows(
        "aged_findings",
        rule_id=rule_id,
        known_before=view.as_of - timedelta(days=days),
        row_limit=ROW_LIMIT,
    )
    count = found[0]["finding_count"] if found else 0
    language = view.language
    _ = language.gettext
    waiting = language.ngettext(
        "{label}: {count} warning known for more than {days} days",
        "{label}: {count} warnings known for more than {days} days",
        count,
    ).format(label=rule["label"], count=formats.count(count, view.locale), days=formats.count(days, view.locale))
    lines = [
        f"{waiting}.",
        *([_("What to do: {remedy}").format(remedy=rule["remedy"])] if rule["remedy"] and found else []),
        "",
        *about_view(view)[-2:],
        "",
        *([_("The longest known:")] if found else []),
        *[_line(view, row, _aged_row(view, row)) for row in found],
        *([""] if found else []),
        _("Every one of them:"),
    ]
    subject = _("Alert: {said}") if found else _("No longer: {said}")
    facts = {
        "finding": rule_id,
        "older_than_days": days,
        "count": count,
        "is_raised": bool(found),
        "rows": [_fact(row) | {"detail": row["detail"], "known_at": row["known_at"].isoformat()} for row in found],
    }
    link = link_to(get_settings(), "health", {"lang": alert.language, "rule": rule_id})
    return State(bool(found), Message(subject.format(said=waiting), lines, link, alert.language, facts))


def _aged_row(view: View, row: Row) -> str:
    known = view.language.gettext("{detail} (known since {day})")
    return known.format(detail=row["detail"], day=formats.day(row["known_at"], view.locale))


def _line(view: View, row: Row, said: str) -> str:
    """A source row, and what is said of it."""
    _ = view.language.gettext
    text = _("{file}: {said}") if row["source_row"] is None else _("{file}, row {row}: {said}")
    # a row is looked up by its number, as it is; what is nested in it by its path
    number = f"{row['source_row']} ({path})" if (path := row.get("source_path")) else row["source_row"]
    return "- " + text.format(file=row["file_name"], row=number, said=said)


def _fact(row: Row) -> dict[str, Any]:
    place = {"file": row["file_name"], "row": row["source_row"], "path": row.get("source_path")}
    return place | {"unit_key": row["unit_key"]}


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)
