"""Signing in with a real OpenID provider, as those who may see everything, a part, or nothing."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

import duckdb
import httpx
import pytest
from playwright.sync_api import expect

from backhaul.publishing import current
from backhaul.settings import Settings
from bench.dashboards import free_ports, serving
from tests.e2e.conftest import Visit

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

PATIENCE = 60_000
ACCESS = """
grants:
  - {group: analysts, role: analyst}
  - {email: site@shop.example, scope: {node_id: [%s]}}
"""
PEOPLE = {
    "ana": {"name": "Ana Lyst", "email": "ana@shop.example", "groups": ["analysts"]},
    "site": {"name": "Site Manager", "email": "site@shop.example", "email_verified": True},
    "stranger": {"name": "Stranger", "email": "who@else.example"},
}


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """An OpenID provider in a process of its own, which knows some people."""
    [port] = free_ports(1)
    process = subprocess.Popen(
        [sys.executable, "-m", "oidc_provider_mock", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                httpx.get(f"{address}/.well-known/openid-configuration").raise_for_status()
                break
            except httpx.HTTPError:
                assert time.monotonic() < deadline
                time.sleep(0.2)
        for subject, claims in PEOPLE.items():
            httpx.put(f"{address}/users/{subject}", json=claims).raise_for_status()
        yield address
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="module")
def node(published_home: Settings) -> str:
    """The site with the second most units: some business, and most of it not its own."""
    publish = current(published_home)
    assert publish is not None
    with duckdb.connect(str(publish.path(published_home)), read_only=True) as connection:
        found = connection.execute(
            "select node_id from core.fct_return_unit where node_id is not null group by 1 "
            "order by count(*) desc, 1 limit 1 offset 1"
        ).fetchone()
    assert found is not None
    return str(found[0])


@pytest.fixture(scope="module")
def server(
    published_home: Settings, provider: str, node: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    home = Settings(home=tmp_path_factory.mktemp("signed"), dashboard_port=free_ports(1)[0])
    home.published.symlink_to(published_home.published, target_is_directory=True)
    (home.root / "access.yml").write_text(ACCESS % node)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BACKHAUL_OIDC_METADATA_URL", f"{provider}/.well-known/openid-configuration")
        patch.setenv("BACKHAUL_OIDC_CLIENT_ID", "backhaul")
        patch.setenv("BACKHAUL_OIDC_CLIENT_SECRET", "secret-of-the-client")
        patch.setenv("BACKHAUL_OIDC_COOKIE_SECRET", "a-long-random-text-that-signs-the-cookie")
        patch.setenv("BACKHAUL_OIDC_ADDRESS", f"http://127.0.0.1:{home.dashboard_port}")
        with serving(home) as served:
            yield served.address


def sign_in(visit: Visit, subject: str, address: str = "?lang=en") -> None:
    visit.open(address)
    visit.page.get_by_role("button", name="Sign in").click(timeout=PATIENCE)
    visit.page.get_by_role("textbox").first.fill(subject, timeout=PATIENCE)
    visit.page.get_by_role("button", name="Authorize").click()


def test_nobody_sees_a_figure_before_signing_in(visit: Visit) -> None:
    for address in ("?lang=en", "cost?lang=en", "trace?lang=en&kpi=B02", "sql?lang=en"):
        visit.page.goto(visit.base + address)
        expect(visit.page.get_by_role("button", name="Sign in")).to_be_visible(timeout=PATIENCE)
        assert visit.page.get_by_test_id("stMetricValue").count() == 0


def test_an_analyst_signs_in_and_out(visit: Visit) -> None:
    sign_in(visit, "ana")
    expect(visit.page.get_by_role("heading", level=1, name="Returns overview")).to_be_visible(timeout=PATIENCE)
    expect(visit.page.get_by_text("Ana Lyst")).to_be_visible()
    expect(visit.page.get_by_role("link", name="SQL")).to_be_visible()
    visit.page.get_by_role("button", name="Sign out").click()
    # the provider has its say as well
    visit.page.get_by_role("button", name="End session").click(timeout=PATIENCE)
    expect(visit.page.get_by_role("button", name="Sign in")).to_be_visible(timeout=PATIENCE)


def test_somebody_without_a_grant_is_told_so_and_sees_nothing(visit: Visit) -> None:
    sign_in(visit, "stranger")
    expect(visit.page.get_by_text("nothing is open to you")).to_be_visible(timeout=PATIENCE)
    assert visit.page.get_by_test_id("stMetricValue").count() == 0


def test_a_site_sees_its_own_figures_and_is_told_which_page_is_about_the_whole(
    visit: Visit, published_home: Settings, node: str
) -> None:
    sign_in(visit, "site")
    expect(visit.page.get_by_text(f"You see the rows of: {node}")).to_be_visible(timeout=PATIENCE)
    publish = current(published_home)
    assert publish is not None
    with duckdb.connect(str(publish.path(published_home)), read_only=True) as connection:
        found = connection.execute(
            "select sum(numerator) / sum(denominator) from core.fct_kpi where kpi_id = 'B02' "
            "and slice_dimension = 'NODE' and slice_member = ?",
            [node],
        ).fetchone()
    assert found is not None
    shown = visit.page.locator(".st-key-headline_B02 [data-testid=stMetricValue]")
    expect(shown).to_have_text(f"${found[0]:.2f}", timeout=PATIENCE)
    assert visit.page.get_by_role("link", name="SQL").count() == 0
    assert visit.page.get_by_role("link", name="Data health").count() == 0
    expect(visit.page.get_by_role("link", name="Recovery")).to_be_visible()
    visit.page.goto(f"{visit.base}health?lang=fr")
    expect(visit.page.get_by_text("Cette page porte sur l’ensemble de l’entreprise")).to_be_visible(timeout=PATIENCE)
    assert visit.page.get_by_test_id("stMetricValue").count() == 0
