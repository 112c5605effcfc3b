"""What is due goes out once to each receiver, through failures and kills; alerts say when they begin and end."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path
from typing import Any

import duckdb
import pytest
from filelock import FileLock

from backhaul.ledger import Busy
from backhaul.publishing import NothingToPublish, Publish
from backhaul.settings import Settings
from dashboards.delivery import post
from dashboards.delivery.config import DeliveriesBroken
from dashboards.delivery.deliver import DeliveryFailed, deliver
from dashboards.delivery.sent import Receipts, ReceiptsBroken
from tests.unit.dashboards.sample import write_published

ALERT = "{id: cost, kpi: B02, above: 8, to: [a@example.org, b@example.org]}"


class Post:
    """Takes what is sent; refuses the receivers named."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.keys: list[str] = []
        self.refused: set[str] = set()

    def mail(self, server: post.Smtp, message: EmailMessage) -> None:
        if message["To"] in self.refused:
            raise post.NotSent("550 no such mailbox")
        self.sent.append((message["To"], message["Subject"]))
        self.keys.append(message["Message-ID"])

    def call(self, webhook: Any, body: dict[str, Any], key: str) -> None:
        if "webhook" in self.refused:
            raise KeyboardInterrupt
        self.sent.append(("webhook", body["subject"]))
        self.keys.append(key)

    def taken(self) -> list[tuple[str, str]]:
        sent, self.sent = self.sent, []
        return sent


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Post:
    office = Post()
    monkeypatch.setenv("BACKHAUL_SMTP_HOST", "mail.example.org")
    monkeypatch.setenv("BACKHAUL_SMTP_SENDER", "Backhaul <returns@example.org>")
    monkeypatch.setattr(post, "mail", office.mail)
    monkeypatch.setattr(post, "call", office.call)
    return office


def ask(home: Settings, text: str) -> None:
    (home.root / "deliveries.yml").write_text(text)


def publish(home: Settings, name: str, factor: int = 1, as_of: str = "2026-07-01") -> Publish:
    """The sample with the rows behind its measures: one for each, in line 7 of a file."""
    published = write_published(home, f"20260701T06{name}", factor)
    with duckdb.connect(str(published.path(home))) as connection:
        connection.execute(
            "create table core.dim_source_file as select 's' as source_id, 'f' as file_sha256, "
            "'costs.csv' as file_name, 'landing/f' as landing_path, timestamp '2026-05-01' as horizon, "
            "timestamp '2026-07-01' as landed_at;"
            "create table core.fct_measure as select measure_code, period_month as measured_on, 'u1' as unit_key, "
            "component, channel, product_category, node_id, carrier, return_type, amount, 'cost' as source_table, "
            "'s' as source_id, 'f' as file_sha256, 7 as source_row, null as source_path from core.fct_measure_month;"
            f"update core.dim_as_of set as_of = timestamp '{as_of}';"
            "create schema quality;"
            "create table quality.quality_finding as select 'unknown_mass' as rule_id, 'cost' as source_table, "
            "'SKU-1' as detail, 'u1' as unit_key, 's' as source_id, 'f' as file_sha256, 7 as source_row"
        )
    return published


def run(**options: Any) -> list[str]:
    return list(deliver(**options))


def test_an_alert_is_sent_at_each_publish_while_it_lasts_and_once_when_it_is_over(home: Settings, office: Post) -> None:
    ask(home, f"alerts: [{ALERT}]")
    on = "Alert: Cost per return $10.00, June 2026"
    over = "No longer: Cost per return $5.00, June 2026"
    for name, factor, expected in [
        ("0", 1, None), ("1", 2, on), ("2", 2, on), ("3", 1, over), ("4", 1, None), ("5", 2, on),
    ]:  # fmt: skip
        publish(home, name, factor)
        for again in (False, True):
            run()
            receivers = () if again or expected is None else ("a@example.org", "b@example.org")
            assert office.taken() == [(receiver, expected) for receiver in receivers], (name, again)
    assert len(set(office.keys)) == len(office.keys)


def test_going_back_to_an_earlier_publish_sends_nothing_again(home: Settings, office: Post) -> None:
    ask(home, f"alerts: [{ALERT}]")
    publish(home, "1", 2)
    pointer = home.pointer.read_text()
    run()
    publish(home, "2", 2)
    run()
    office.taken()
    home.pointer.write_text(pointer)
    assert run() == ["cost: nothing due"]
    assert not office.taken()


def test_one_broken_delivery_does_not_stop_the_others_and_is_named(home: Settings, office: Post) -> None:
    publish(home, "1", 2)
    ask(
        home,
        "alerts:\n"
        "  - {id: unknown, kpi: Z99, above: 1, to: [a@example.org]}\n"
        "  - {id: nowhere, kpi: B02, above: 1, filters: {channel: MOON}, to: [a@example.org]}\n"
        "  - {id: norule, finding: no_rule, older_than_days: 1, to: [a@example.org]}\n"
        f"  - {ALERT}\n"
        "reports:\n  - {id: nopage, page: moon, to: [a@example.org]}\n"
        "  - {id: picked, page: trace, to: [a@example.org]}\n",
    )
    office.refused = {"a@example.org"}
    with pytest.raises(DeliveryFailed) as error:
        run()
    for said in (
        "unknown: kpi: no figure by month is kept of 'Z99'; there are:",
        "nowhere: filters: there is no channel 'MOON'; there are: WEBSHOP",
        "norule: finding: there is no rule 'no_rule'",
        "cost to a@example.org: 550 no such mailbox",
        "nopage: page: 'moon' cannot be sent",
        "picked: page: 'trace' cannot be sent",
    ):
        assert said in str(error.value)
    assert [receiver for receiver, _ in office.taken()] == ["b@example.org"]
    # the next run sends what is left, and only that
    office.refused = set()
    with pytest.raises(DeliveryFailed):
        run()
    assert [receiver for receiver, _ in office.taken()] == ["a@example.org"]


def test_a_killed_run_resends_only_what_has_no_receipt(home: Settings, office: Post) -> None:
    publish(home, "1", 2)
    ask(home, f'alerts: [{ALERT[:-1]}, webhook: "https://hooks.example/x"}}]')
    office.refused = {"webhook"}
    with pytest.raises(KeyboardInterrupt):
        run()
    assert [receiver for receiver, _ in office.taken()] == ["a@example.org", "b@example.org"]
    office.refused = set()
    run()
    assert [receiver for receiver, _ in office.taken()] == ["webhook"]


def test_a_dry_run_makes_everything_and_keeps_nothing(home: Settings, office: Post) -> None:
    publish(home, "1", 2)
    ask(home, f"alerts: [{ALERT}]")
    assert run(dry_run=True)[0] == "cost: would go to a@example.org: Alert: Cost per return $10.00, June 2026"
    assert not office.taken()
    assert not (home.root / "deliveries").exists()
    assert len(run()) == 2


def test_a_monthly_report_comes_with_the_first_publish_that_knows_of_a_new_month(home: Settings, office: Post) -> None:
    ask(home, "reports: [{id: words, page: metrics, when: monthly, period: latest, to: [a@example.org]}]")
    for name, as_of, is_due in [("1", "2026-07-01", True), ("2", "2026-07-31", False), ("3", "2026-08-01", True)]:
        publish(home, name, as_of=as_of)
        run()
        expected = [("a@example.org", "Metric catalogue · June 2026")] if is_due else []
        assert office.taken() == expected, as_of


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ("page: metrics, period: 1999-01", "period: there is no '1999-01' in these figures"),
        ("page: metrics, filters: {node: MOON}", "filters: there is no node 'MOON'; there are: YYZ"),
        ("page: health, filters: {node: YYZ}", "The page health shows everything"),
        ("page: flow", "The page flow failed: Catalog Error"),
    ],
)
def test_a_report_is_never_sent_of_something_else(home: Settings, office: Post, entry: str, says: str) -> None:
    publish(home, "1")
    ask(home, f"reports: [{{id: r, {entry}, to: [a@example.org]}}]")
    with pytest.raises(DeliveryFailed) as error:
        run()
    assert f"r: {says}" in str(error.value)
    assert not office.taken()


@pytest.mark.parametrize(("days", "is_raised"), [(60, True), (61, False)])
def test_warnings_age(home: Settings, office: Post, days: int, is_raised: bool) -> None:
    """Known since 2026-05-01, as of 2026-07-01: 61 days."""
    publish(home, "1")
    ask(home, f"alerts: [{{id: mass, finding: unknown_mass, older_than_days: {days}, to: [a@example.org]}}]")
    run()
    assert bool(office.taken()) is is_raised


def test_only_one_delivery(home: Settings, office: Post) -> None:
    publish(home, "1", 2)
    ask(home, f"alerts: [{ALERT}, {{id: low, kpi: B02, below: 99, to: [c@example.org]}}]")
    run(only="low")
    assert [receiver for receiver, _ in office.taken()] == ["c@example.org"]
    with pytest.raises(DeliveriesBroken, match="has no 'high'; there are: cost, low"):
        run(only="high")


def test_nothing_to_deliver(home: Settings) -> None:
    assert "Nothing to deliver" in run()[0]
    ask(home, f"alerts: [{ALERT}]")
    with pytest.raises(NothingToPublish):
        run()


def test_two_runs_do_not_send_at_once(home: Settings, office: Post) -> None:
    publish(home, "1", 2)
    ask(home, f"alerts: [{ALERT}]")
    home.run.mkdir()
    with FileLock(home.run / "deliver.lock"), pytest.raises(Busy):
        run()
    assert not office.taken()


def test_receipts_that_cannot_be_read_are_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"x": [{"publish": 1}]}')
    with pytest.raises(ReceiptsBroken, match=r"a\.json"):
        Receipts(tmp_path / "a.json")
