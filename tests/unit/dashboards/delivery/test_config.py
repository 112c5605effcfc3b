"""deliveries.yml says clearly what is wrong with it, and a report is due when its time has come."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from dashboards.access import Scope
from dashboards.delivery.config import AlertDelivery, DeliveriesBroken, ReportDelivery, When, is_new_time, load

WHOLE = """
reports:
  - id: board
    page: overview
    language: fr
    period: latest
    filters: {channel: WEBSHOP}
    when: monthly
    to: [board@example.org, board@example.org]
  - {id: acme, page: causes, scope: {vendor_id: [V-02, V-01]}, webhook: "https://hooks.example/secret"}
alerts:
  - {id: cost, kpi: B02, above: 12.50, to: [ops@example.org]}
  - {id: mass, finding: unknown_mass, older_than_days: 30, to: [ops@example.org]}
"""


def told(tmp_path: Path, text: str) -> list[ReportDelivery | AlertDelivery]:
    path = tmp_path / "deliveries.yml"
    path.write_text(text)
    return load(path)


def test_a_whole_file(tmp_path: Path) -> None:
    board, acme, cost, mass = told(tmp_path, WHOLE)
    assert board.targets == ["board@example.org"]
    assert acme.targets == ["webhook"]
    assert acme.reader.scope == Scope("vendor_id", ("V-01", "V-02"))
    assert board.reader.scope is None
    assert isinstance(cost, AlertDelivery)
    assert cost.above == Decimal("12.50")
    assert isinstance(mass, AlertDelivery)
    assert mass.older_than_days == 30


def test_no_file_is_nothing_to_deliver(tmp_path: Path) -> None:
    assert load(tmp_path / "deliveries.yml") == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("reports: [", "not valid YAML"),
        ("reports: [{id: a, page: cost}]", "nobody receives it"),
        ("reports: [{id: a, page: cost, to: [a@b], colour: red}]", "reports.0.colour"),
        ("reports: [{id: A b, page: cost, to: [a@b]}]", "reports.0.id"),
        ("reports: [{id: a, page: cost, to: ['a@b, c@d']}]", "not an e-mail address"),
        ("reports: [{id: a, page: cost, to: ['a@b c']}]", "not an e-mail address"),
        ("reports: [{id: a, page: cost, to: [a@b], when: hourly}]", "reports.0.when"),
        ("reports: [{id: a, page: cost, to: [a@b], filters: {colour: red}}]", "unknown: colour; there are: channel"),
        ("reports: [{id: a, page: cost, to: [a@b], scope: {vendor_id: [x], node_id: [y]}}]", "reports.0.scope"),
        ("reports: [{id: a, page: cost, webhook: ftp://secret.example}]", "https://"),
        ("alerts: [{id: a, kpi: B02, to: [a@b]}]", "`above:` or `below:`"),
        ("alerts: [{id: a, to: [a@b]}]", "either a `kpi:` or a `finding:`"),
        ("alerts: [{id: a, kpi: B02, finding: x, above: 1, to: [a@b]}]", "either a `kpi:` or a `finding:`"),
        ("alerts: [{id: a, finding: x, to: [a@b]}]", "older_than_days"),
        ("alerts: [{id: a, finding: x, older_than_days: 3, above: 2, to: [a@b]}]", "without bounds"),
        ("alerts: [{id: a, kpi: B02, above: much, to: [a@b]}]", "alerts.0.above"),
        ("{reports: [{id: a, page: cost, to: [a@b]}], alerts: [{id: a, kpi: B02, above: 1, to: [a@b]}]}", "twice"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(DeliveriesBroken, match=r"deliveries\.yml") as error:
        told(tmp_path, text)
    assert says in str(error.value)
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    ("when", "now", "last", "is_due"),
    [
        ("publish", "2026-05-01", "2026-05-01", True),
        ("daily", "2026-05-01", "2026-05-01", False),
        ("daily", "2026-05-02", "2026-05-01", True),
        ("daily", "2026-04-30", "2026-05-01", False),
        ("weekly", "2026-05-03", "2026-04-27", False),
        ("weekly", "2026-05-04", "2026-05-03", True),
        ("weekly", "2027-01-01", "2026-12-31", False),
        ("weekly", "2027-01-04", "2026-12-31", True),
        ("monthly", "2026-05-31", "2026-05-01", False),
        ("monthly", "2026-06-01", "2026-05-31", True),
        ("monthly", "2027-01-01", "2026-12-31", True),
    ],
)
def test_when_a_report_is_due(when: When, now: str, last: str, is_due: bool) -> None:
    assert is_new_time(when, date.fromisoformat(now), date.fromisoformat(last)) is is_due
