"""The overview in a real browser, in both languages: its figures are the published ones, before and after a publish."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import psutil
import pytest
from playwright.sync_api import Browser, expect

from backhaul.headlines import read
from backhaul.settings import Settings
from bench.dashboards import free_ports, serving
from tests.e2e.conftest import Visit

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

PATIENCE = 60_000
HEADLINES = ("B02", "C03", "F06")
# one trend a card
CHARTS = 9
TITLES = {"en": "Returns overview", "fr": "Vue d’ensemble des retours"}


def headline(visit: Visit, kpi_id: str) -> str:
    metric = visit.page.locator(f".st-key-headline_{kpi_id} [data-testid=stMetricValue]")
    expect(metric).to_be_visible(timeout=PATIENCE)
    return plain(metric.inner_text())


def plain(text: str) -> str:
    """Any kind of space as a space: which one it is, the unit tests check."""
    return " ".join(text.split())


def expected(settings: Settings, code: str) -> dict[str, str]:
    return {headline.kpi_id: plain(headline.shown("CAD", code)) for headline in read(settings)}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home in which nothing is published yet."""
    return Settings(home=tmp_path_factory.mktemp("pages"), dashboard_port=free_ports(1)[0])


@pytest.fixture(scope="module")
def server(home: Settings) -> Iterator[str]:
    with serving(home) as served:
        yield served.address


@pytest.fixture(scope="module")
def published_pages(home: Settings, published_home: Settings) -> Settings:
    """The same home once something is published."""
    if not home.pointer.exists():
        shutil.copytree(published_home.published, home.published)
    return home


def test_a_page_that_waits_for_the_first_publish_shows_it_by_itself(
    visit: Visit, home: Settings, request: pytest.FixtureRequest
) -> None:
    visit.open("?lang=fr")
    expect(visit.page.get_by_role("heading", name="Pas encore de chiffres")).to_be_visible(timeout=PATIENCE)
    request.getfixturevalue("published_pages")
    assert headline(visit, "B02") == expected(home, "fr")["B02"]
    assert visit.console == []


@pytest.mark.parametrize("code", TITLES)
def test_the_three_figures_on_the_page_are_the_published_ones(
    visit: Visit, published_pages: Settings, tmp_path: Path, code: str
) -> None:
    visit.open(f"?lang={code}")
    figures = {kpi_id: headline(visit, kpi_id) for kpi_id in HEADLINES}
    known = expected(published_pages, code)
    assert figures == {kpi_id: known[kpi_id] for kpi_id in HEADLINES}
    expect(visit.page.get_by_role("heading", name=TITLES[code], level=1)).to_be_visible()
    for beside, card in (("C01", "C03"), ("F04a", "F06")):
        expect(visit.page.locator(f".st-key-headline_{card}")).to_contain_text(known[beside].split()[0])
    expect(visit.page.locator("[data-testid=stVegaLiteChart]")).to_have_count(CHARTS, timeout=PATIENCE)
    expect(visit.page.locator("[data-testid=stVegaLiteChart] :is(canvas, svg)").last).to_be_visible(timeout=PATIENCE)
    assert visit.page.evaluate("document.documentElement.lang") == code
    visit.page.screenshot(path=tmp_path / f"overview-{code}.png")
    assert (tmp_path / f"overview-{code}.png").stat().st_size > 20_000
    assert visit.console == []
    assert visit.outside == []


def test_language_and_month_are_switched_by_clicks_and_kept_in_the_address(
    visit: Visit, published_pages: Settings
) -> None:
    with duckdb.connect(str(published_pages.published / file_of(published_pages)), read_only=True) as connection:
        row = connection.execute(
            "select value from marts.mart_exec_kpi where kpi_id = 'B02' and period_month = '2026-05-01'"
        ).fetchone()
    assert row is not None
    visit.open("?lang=en")
    headline(visit, "B02")
    visit.page.locator(".st-key-period [role=combobox]").click()
    visit.page.get_by_role("option", name="May 2026").click()
    figure = visit.page.locator(".st-key-headline_B02 [data-testid=stMetricValue]")
    expect(figure).to_have_text(f"${row[0]:.2f}", timeout=PATIENCE)
    visit.page.get_by_text("Français").click()
    expect(figure).to_contain_text(f"{row[0]:.2f}".replace(".", ","), timeout=PATIENCE)
    expect(visit.page.locator(".st-key-headline_B02")).to_contain_text("par rapport à avril 2026")
    assert set(visit.page.url.partition("?")[2].split("&")) == {"lang=fr", "period=2026-05"}
    assert visit.console == []


def test_a_definition_is_one_click_away_and_a_table_can_be_taken_along(
    visit: Visit, published_pages: Settings, tmp_path: Path
) -> None:
    visit.open("?lang=fr&period=2026-05")
    headline(visit, "B02")
    visit.page.locator(".st-key-about_B02 button").click()
    about = visit.page.get_by_test_id("stPopoverBody")
    expect(about).to_contain_text("Coûts inverses des unités reçues", timeout=PATIENCE)
    expect(about.get_by_role("link", name="Remonter aux lignes sources").first).to_be_visible()
    with visit.page.expect_download(timeout=PATIENCE) as download:
        visit.page.locator(".st-key-csv_B02 button").first.click()
    download.value.save_as(tmp_path / "cost.csv")
    lines = (tmp_path / "cost.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].startswith("Indicateur,Mois,Numérateur,Dénominateur,Valeur")
    assert len(lines) > 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_in_either_light_needs_no_sideways_scrolling(
    server: str, browser: Browser, published_pages: Settings, tmp_path: Path, scheme: str
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme=scheme)  # type: ignore[arg-type]
    visit = Visit(context.new_page(), server)
    visit.open("?lang=fr&period=last-3")
    headline(visit, "F06")
    expect(visit.page.locator("[data-testid=stVegaLiteChart]").last).to_be_visible(timeout=PATIENCE)
    assert visit.page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
    visit.page.screenshot(path=tmp_path / f"phone-{scheme}.png")
    assert visit.console == []
    context.close()


def test_a_warm_page_is_answered_quickly(visit: Visit, published_pages: Settings) -> None:
    """Server side, in processor time, because the machine that runs the tests is shared: at most half a second."""
    visit.open("?lang=en")
    headline(visit, "F06")
    server = next(
        psutil.Process(connection.pid)
        for connection in psutil.net_connections("tcp")
        if connection.pid and connection.status == "LISTEN" and connection.laddr.port == published_pages.dashboard_port
    )
    expect(visit.page.locator("[data-testid=stVegaLiteChart]")).to_have_count(CHARTS, timeout=PATIENCE)
    before = sum(server.cpu_times()[:2])
    visit.page.locator(".st-key-period [role=combobox]").click()
    visit.page.get_by_role("option", name="Last 3 months").click()
    expect(visit.page.locator(".st-key-headline_F06")).to_contain_text("compared with", timeout=PATIENCE)
    visit.page.wait_for_timeout(1000)
    assert sum(server.cpu_times()[:2]) - before <= 0.5


def test_what_cannot_be_read_is_said_in_the_language_chosen(visit: Visit, published_pages: Settings) -> None:
    pointer = published_pages.pointer.read_text()
    broken = json.loads(pointer) | {"publish_id": "broken", "file": "broken.duckdb"}
    (published_pages.published / "broken.duckdb").write_bytes(b"not a database")
    published_pages.pointer.write_text(json.dumps(broken))
    try:
        visit.open("?lang=fr")
        expect(visit.page.get_by_text("Ces chiffres ne peuvent pas être lus")).to_be_visible(timeout=PATIENCE)
        assert "Traceback" not in visit.page.content()
    finally:
        published_pages.pointer.write_text(pointer)
    assert "not a valid DuckDB" in (published_pages.root / "dashboards.log").read_text()


def file_of(settings: Settings) -> str:
    return str(json.loads(settings.pointer.read_text())["file"])
