"""Reports and alerts of a real business, through a real mail server and a real web server, read back."""

from __future__ import annotations

import email.policy
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.message import EmailMessage
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import duckdb
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import Browser

from backhaul import formats
from backhaul.publishing import current
from backhaul.settings import PROJECT, Settings
from bench.dashboards import free_ports
from dashboards.delivery import post
from dashboards.delivery.message import Message
from tests.e2e import mail_server

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """For this machine, signed by itself."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


class Office:
    """The home, its servers, and what they got."""

    def __init__(self, home: Path, mails: Path, env: dict[str, str]) -> None:
        self.home, self.mails, self.env = home, mails, env
        self.called: list[tuple[str, dict[str, Any]]] = []
        self.answers: list[int] = []
        self.hook = ""

    def deliver(self, text: str, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        (self.home / "deliveries.yml").write_text(text)
        return subprocess.run(
            [sys.executable, "-m", "backhaul.cli", "deliver", *arguments],
            cwd=PROJECT, env=self.env | env, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip

    def mail_to(self, address: str) -> EmailMessage:
        [path] = self.mails.glob(f"*-{address}.eml")
        return BytesParser(EmailMessage, policy=email.policy.default).parsebytes(path.read_bytes())

    def receivers(self) -> list[str]:
        return sorted(path.stem.partition("-")[2] for path in self.mails.iterdir())


@pytest.fixture
def office(published_home: Settings, certificate: tuple[Path, Path], tmp_path: Path) -> Iterator[Office]:
    """A home with the published business, a mail server as a process, and a web server."""
    home, mails = tmp_path / "home", tmp_path / "mails"
    home.mkdir()
    mails.mkdir()
    (home / "published").symlink_to(published_home.published)
    [port] = free_ports(1)
    env = os.environ | {
        "BACKHAUL_HOME": str(home),
        "BACKHAUL_DASHBOARD_URL": "https://returns.example.org/",
        "BACKHAUL_SMTP_HOST": "127.0.0.1",
        "BACKHAUL_SMTP_PORT": str(port),
        "BACKHAUL_SMTP_USER": mail_server.USER,
        "BACKHAUL_SMTP_PASSWORD": mail_server.PASSWORD,
        "BACKHAUL_SMTP_SENDER": "Backhaul <returns@example.org>",
        "SSL_CERT_FILE": str(certificate[0]),
    }
    office = Office(home, mails, env)

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            office.called.append((self.headers["Idempotency-Key"], body))
            self.send_response(office.answers.pop(0) if office.answers else 204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    web = HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    office.hook = f"http://127.0.0.1:{web.server_port}/services/secret"
    program = [sys.executable, mail_server.__file__ or "", str(port), str(mails), *map(str, certificate)]
    process = subprocess.Popen(program)
    try:
        _wait_for(port)
        yield office
    finally:
        process.terminate()
        process.wait(30)
        web.shutdown()
        web.server_close()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    pytest.fail("the mail server did not start")


def query(home: Settings, sql: str, **parameters: object) -> list[tuple[Any, ...]]:
    publish = current(home)
    assert publish
    with duckdb.connect(str(publish.path(home)), read_only=True) as connection:
        return connection.execute(sql, parameters or None).fetchall()


LAST_THREE = "period_month > (select max(period_month) from core.fct_kpi where kpi_id = 'B02') - interval 3 month"


def test_a_page_comes_as_a_mail_in_french_with_the_figures_of_the_warehouse(
    office: Office, published_home: Settings, browser: Browser
) -> None:
    report = "{id: board, page: overview, language: fr, period: last-3, when: monthly, to: [board@example.org]}"
    done = office.deliver(f"reports: [{report}]")
    assert done.returncode == 0, done.stderr
    [(value,)] = query(
        published_home,
        "select sum(numerator) / sum(denominator) from core.fct_kpi "
        f"where kpi_id = 'B02' and slice_dimension = 'ALL' and {LAST_THREE}",
    )
    figure = formats.money(Decimal(str(value)), "CAD", "fr_CA")
    mail = office.mail_to("board@example.org")
    assert mail["From"] == "Backhaul <returns@example.org>"
    assert mail["Subject"].startswith("Vue d’ensemble des retours · ")
    body = mail.get_body(("plain",))
    assert body
    assert body["Content-Language"] == "fr"
    text = body.get_content()
    publish = current(published_home)
    assert publish
    for said in (f"Coût par retour\N{NO-BREAK SPACE}: {figure}", "Publié le ", publish.publish_id, "La page entière"):
        assert said in text
    assert "https://returns.example.org/overview?lang=fr&period=last-3" in text
    [attached] = mail.iter_attachments()
    assert attached.get_content_type() == "text/html"
    opened = office.home / "report.html"
    opened.write_text(attached.get_content(), encoding="utf-8")
    page = browser.new_page()
    page.goto(opened.as_uri())
    assert page.locator("h1").inner_text() == "Vue d’ensemble des retours"
    assert page.locator(".figure b").first.inner_text() == figure
    assert page.locator("html").get_attribute("lang") == "fr"
    page.close()
    # once for one publish
    again = office.deliver(f"reports: [{report}]")
    assert (again.returncode, again.stdout.strip()) == (0, "board: nothing due")
    assert office.receivers() == ["board@example.org"]


def test_a_scoped_report_holds_the_rows_of_its_vendor_only(office: Office, published_home: Settings) -> None:
    """Where sign-in is on, too: a report is not a person."""
    [(vendor, cost, units)] = query(
        published_home,
        "select unit.vendor_id, sum(amount) filter (measure_code = 'COST_OF_RECEIVED'), "
        "sum(amount) filter (measure_code = 'UNITS_RECEIVED') from core.fct_measure as measure "
        "inner join core.fct_return_unit as unit using (unit_key) where unit.vendor_id is not null "
        "group by all order by count(*) desc, 1 limit 1",
    )
    sign_in = {f"BACKHAUL_OIDC_{name}": "https://idp.example" for name in ("METADATA_URL", "CLIENT_ID", "ADDRESS")}
    sign_in |= {f"BACKHAUL_OIDC_{name}": "x" for name in ("CLIENT_SECRET", "COOKIE_SECRET")}
    scope = f"scope: {{vendor_id: [{vendor}]}}"
    done = office.deliver(
        "reports:\n"
        f"  - {{id: vendor, page: overview, {scope}, to: [vendor@example.org]}}\n"
        f"  - {{id: whole, page: disclosures, {scope}, to: [other@example.org]}}\n",
        **sign_in,
    )
    text = office.mail_to("vendor@example.org").get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert f"Cost per return: {formats.money(cost / units, 'CAD', 'en_CA')}" in text
    # a page about the whole business is not for a part of it
    assert done.returncode == 1
    assert "'disclosures' cannot be sent with these rows" in done.stderr
    assert office.receivers() == ["vendor@example.org"]


def test_an_alert_says_the_figure_its_bound_and_its_rows_and_is_tried_again(
    office: Office, published_home: Settings
) -> None:
    office.answers = [503]
    alert = f'{{id: cost, kpi: B02, above: 0.01, language: fr, webhook: "{office.hook}", to: [later@example.org]}}'
    aged = "{id: mass, finding: unknown_mass, older_than_days: 30, to: [mass@example.org]}"
    done = office.deliver(f"alerts: [{alert}, {aged}]")
    assert done.returncode == 0, done.stderr
    [(month, value)] = query(
        published_home,
        "select period_month, round(numerator / denominator, 6) from core.fct_kpi "
        "where kpi_id = 'B02' and slice_dimension = 'ALL' order by 1 desc limit 1",
    )
    rows = query(
        published_home,
        "select sum(amount) from core.fct_measure where measure_code = 'COST_OF_RECEIVED' "
        "and date_trunc('month', measured_on) = $month "
        "group by unit_key, component, source_table, file_sha256, source_row, source_path "
        "order by abs(sum(amount)) desc limit 10",
        month=month,
    )
    (key, refused), (again, told) = office.called
    assert key == again
    assert refused == told
    assert round(Decimal(told["value"]), 4) == round(Decimal(str(value)), 4)
    assert [Decimal(row["amount"]) for row in told["rows"]] == [amount for (amount,) in rows]
    assert all(row["file"] and row["row"] for row in told["rows"])
    assert told["is_raised"] is True
    text = office.mail_to("later@example.org").get_content()
    assert told["text"].split() == text.split()
    figure = formats.money(Decimal(told["value"]), "CAD", "fr_CA")
    for said in (
        "Seuil d’alerte franchi",
        figure,
        "0,01",
        "Couverture",
        "Par rapport à",
        "Lignes les plus importantes",
    ):
        assert said in text
    assert f"https://returns.example.org/trace?lang=fr&period={month:%Y-%m}&kpi=B02" in text
    [(old,)] = query(
        published_home,
        "select count(*) from quality.quality_finding inner join core.dim_source_file using (source_id, file_sha256) "
        "where rule_id = 'unknown_mass' "
        "and horizon < (select as_of from core.dim_as_of) - interval 30 day",
    )
    assert f"{old} warnings known for more than 30 days" in office.mail_to("mass@example.org")["Subject"]


def test_what_is_refused_is_named_and_the_rest_goes_out(office: Office) -> None:
    alert = "{id: cost, kpi: B02, above: 0.01, to: [refused@example.org, ops@example.org], "
    office.answers = [404]
    done = office.deliver(f'alerts: [{alert} webhook: "{office.hook}"}}]')
    assert done.returncode == 1
    assert "cost to refused@example.org: The mail server 127.0.0.1:" in done.stderr
    assert "550 5.1.1 no such mailbox" in done.stderr
    assert "cost to webhook: The webhook at 127.0.0.1 did not take it: HTTP 404" in done.stderr
    # whoever knows the address of a webhook can write to it
    assert "secret" not in done.stdout + done.stderr
    assert office.receivers() == ["ops@example.org"]


@pytest.mark.parametrize(
    ("env", "says"),
    [
        ({"BACKHAUL_SMTP_PASSWORD": "wrong"}, "check BACKHAUL_SMTP_USER and BACKHAUL_SMTP_PASSWORD"),
        ({"BACKHAUL_SMTP_PASSWORD": ""}, "BACKHAUL_SMTP_PASSWORD is not"),
        ({"BACKHAUL_SMTP_HOST": ""}, "set BACKHAUL_SMTP_HOST"),
        ({"BACKHAUL_SMTP_PORT": "mail"}, "BACKHAUL_SMTP_* cannot be used: port"),
        ({"SSL_CERT_FILE": os.devnull}, "its certificate is not valid here"),
        ({"BACKHAUL_SMTP_STARTTLS": "false"}, "BACKHAUL_SMTP_STARTTLS"),
        ({"BACKHAUL_SMTP_PORT": "1"}, "did not take it in 4 tries"),
    ],
)
def test_a_mail_server_that_cannot_be_used_is_said(
    office: Office, env: dict[str, str], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (office.env | env).items():
        monkeypatch.setenv(name, value)
    message = Message("Subject", ["Text"], "https://returns.example.org", "en")

    def send() -> None:
        server, sender = post.smtp()
        post.mail(server, message.as_mail(sender, "ops@example.org", "key"))

    with pytest.raises(post.NotSent) as error:
        send()
    assert says in str(error.value)
    assert "wrong" not in str(error.value)
    assert office.receivers() == []
