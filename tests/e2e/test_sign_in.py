"""Signing in with a real OpenID provider, and what is kept from those who may see a part only."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import httpx
import pytest
import streamlit as st
from playwright.sync_api import expect

from backhaul.publishing import Publish, current
from backhaul.settings import Settings
from bench.dashboards import free_ports, serving
from dashboards.access import Scope
from dashboards.data import QUERIES, file_of, rows, statement
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


def test_a_site_sees_its_own_figures_and_no_page_about_the_whole(
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


SAMPLE: dict[str, Any] = {
    "language": "en", "currency": "CAD", "by": "ALL", "only": None, "row_limit": 5000, "component": None,
    "first": date(2000, 1, 1), "last": date(2100, 1, 1), "before_first": date(2000, 1, 1),
    "before_last": date(2100, 1, 1), "measure_code": "UNITS_RECEIVED", "kpi_id": "B02", "rule_id": "unknown_mass",
}  # fmt: skip


@pytest.mark.parametrize("query", sorted(path.stem for path in QUERIES.glob("*.sql")))
def test_no_query_tells_a_site_of_what_is_not_its_own(
    published_home: Settings, published: Publish, foreign: dict[str, Any], node: str, query: str
) -> None:
    """Whatever a page asks: no unit, number or parcel of another site, by key or by what is asked for."""
    _sql, wanted = statement(query)
    for unit_key in (foreign["unit_key"], foreign["own_unit_key"]):
        asked = dict.fromkeys(wanted) | {name: SAMPLE[name] for name in wanted if name in SAMPLE}
        asked |= {name: unit_key for name in wanted if name == "unit_key"}
        found = rows(file_of(published), Scope("node_id", (node,)), query, **asked)
        told = {
            str(value) for row in found for value in row.values() if not isinstance(value, Decimal | datetime | date)
        }
        assert not told & foreign["names"]
        if unit_key == foreign["unit_key"] and "unit_key" in wanted:
            assert found == []


@pytest.fixture(scope="module")
def published(published_home: Settings) -> Iterator[Publish]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BACKHAUL_HOME", str(published_home.root))
        found = current(published_home)
        assert found is not None
        yield found
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture(scope="module")
def foreign(published_home: Settings, node: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What only units of other sites are called: keys, serial numbers, plates, authorisations, parcels."""
    publish = current(published_home)
    assert publish is not None
    copy = tmp_path_factory.mktemp("copy") / "copy.duckdb"
    copy.write_bytes(publish.path(published_home).read_bytes())
    with duckdb.connect(str(copy), read_only=True) as connection:
        names: set[str] = set()
        for column in ("unit_key", "serial_number", "lpn", "rma_id", "tracking_number"):
            names |= {
                row[0]
                for row in connection.execute(
                    f"select distinct {column} from core.fct_return_unit where node_id is distinct from $node "
                    f"and {column} is not null except "
                    f"select {column} from core.fct_return_unit where node_id = $node",
                    {"node": node},
                ).fetchall()
            }
        own, other = (
            connection.execute(
                f"select min(unit_key) from core.fct_return_unit where node_id {condition} $node", {"node": node}
            ).fetchone()
            for condition in ("=", "is distinct from")
        )
    assert own is not None
    assert other is not None
    assert len(names) > 1000
    return {"names": names, "own_unit_key": own[0], "unit_key": other[0]}
