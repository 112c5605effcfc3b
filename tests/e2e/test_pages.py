"""Every page in a real browser over a real business: it opens, is accessible, narrows, explains, traces, is kept."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from axe_playwright_python.sync_playwright import Axe
from openpyxl import load_workbook
from playwright.sync_api import Browser, expect

from backhaul.publishing import current
from backhaul.settings import Settings
from bench.dashboards import serving
from dashboards.i18n import LANGUAGES
from dashboards.menu import entries
from tests.e2e.conftest import Visit

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

PATIENCE = 60_000
MENU = {code: {entry.name: entry for entry in entries(language)} for code, language in LANGUAGES.items()}
PAGES = list(MENU["en"])
# pages with cards of metrics, and so with definitions and traces
CARDS = ["overview", "cost", "recovery", "waste", "causes", "flow", "carriers", "refunds", "decisions", "sectors"]
MONTH = "2026-05"


@pytest.fixture(scope="module")
def server(published_home: Settings) -> Iterator[str]:
    with serving(published_home) as served:
        yield served.address


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the pictures of the pages are kept: ``BACKHAUL_PICTURES``, to look at them."""
    folder = Path(os.environ.get("BACKHAUL_PICTURES", "")) if os.environ.get("BACKHAUL_PICTURES") else None
    folder = folder or tmp_path_factory.mktemp("pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def a_unit(published_home: Settings) -> str:
    [(key,)] = ask(
        published_home,
        "select unit_key from core.fct_return_unit where disposition_code is not null and cost_line_count > 3 "
        "order by unit_key limit 1",
    )
    return str(key)


def ask(settings: Settings, sql: str, *values: object) -> list[tuple[object, ...]]:
    publish = current(settings)
    assert publish is not None
    with duckdb.connect(str(publish.path(settings)), read_only=True) as connection:
        return connection.execute(sql, values).fetchall()


def settled(visit: Visit) -> None:
    """The page has run to its end: the foot that names the publish is there, and nothing is running any more."""
    expect(visit.page.locator(".st-key-foot")).to_be_visible(timeout=PATIENCE)
    # a page may run once more when it hears of the browser's theme: still is what is still a moment later
    for _ in range(2):
        visit.page.wait_for_function("!document.querySelector('[data-testid=stApp][data-test-script-state=running]')")
        # nothing moves or fades any more
        visit.page.wait_for_function(
            "document.getAnimations().every(each => each.playState !== 'running' "
            "|| each.effect.getTiming().iterations === Infinity)"
        )
        visit.page.wait_for_timeout(300)


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_in_each_language(visit: Visit, pictures: Path, a_unit: str, name: str, code: str) -> None:
    visit.open(f"{'' if name == 'overview' else name}?lang={code}&unit={a_unit}")
    expect(visit.page.get_by_role("heading", level=1, name=MENU[code][name].title)).to_be_visible(timeout=PATIENCE)
    settled(visit)
    expect(visit.page.get_by_test_id("stException")).to_have_count(0)
    expect(visit.page.locator("[data-testid=stAlertContentError]")).to_have_count(0)
    height = visit.page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    visit.page.set_viewport_size({"width": 1440, "height": min(height, 8_000)})
    visit.page.wait_for_timeout(500)
    visit.page.screenshot(path=pictures / f"{name}-{code}.png")
    assert visit.console == []
    assert visit.outside == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_nothing_serious_keeps_people_from_a_page(
    server: str, browser: Browser, a_unit: str, name: str, scheme: str
) -> None:
    """What axe calls serious or critical; and on a phone nothing has to be pushed sideways."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme=scheme)  # type: ignore[arg-type]
    visit = Visit(context.new_page(), server)
    visit.open(f"{'' if name == 'overview' else name}?lang=fr&unit={a_unit}")
    settled(visit)
    assert visit.page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
    found = Axe().run(visit.page).response["violations"]
    serious = [
        (violation["id"], [node["html"][:160] for node in violation["nodes"][:3]])
        for violation in found
        if violation["impact"] in {"serious", "critical"}
    ]
    context.close()
    assert serious == []


@pytest.mark.parametrize("name", CARDS)
def test_from_filter_to_comparison_to_definition_to_trace_to_file(
    visit: Visit, published_home: Settings, tmp_path: Path, name: str
) -> None:
    page = visit.page
    visit.open(f"{'' if name == 'overview' else name}?lang=en&period={MONTH}")
    settled(visit)
    page.locator(".st-key-compare [role=combobox]").click()
    page.get_by_role("option", name="Nothing").click()
    expect(page.get_by_text("not compared").first).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Filters").click()
    page.locator(".st-key-channel [role=combobox]").click()
    page.get_by_role("option", name="WEBSHOP").click()
    expect(page.get_by_text("Only: WEBSHOP.").first).to_be_visible(timeout=PATIENCE)
    page.keyboard.press("Escape")
    assert {f"period={MONTH}", "compare=none", "channel=WEBSHOP"} <= set(page.url.partition("?")[2].split("&"))
    # the first card that has a figure in this view, and rows behind it
    told = page.get_by_test_id("stMetricValue").filter(has_not_text=re.compile(r"–|\$0\.00"))
    card = page.locator("[class*='st-key-headline_']").filter(has=told).first
    card.get_by_role("button", name="Definition and source").click()
    about = page.get_by_test_id("stPopoverBody")
    about.get_by_role("link", name="Trace to the source rows").first.click()
    expect(page.get_by_role("heading", level=1, name="Trace")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("That is the figure, exactly.")).to_be_visible(timeout=PATIENCE)
    assert {f"period={MONTH}", "channel=WEBSHOP"} <= set(page.url.partition("?")[2].split("&"))
    with page.expect_download(timeout=PATIENCE) as download:
        page.locator("[class*='st-key-xlsx_'][class*='-rows'] button").first.click()
    download.value.save_as(tmp_path / "rows.xlsx")
    lines = list(load_workbook(tmp_path / "rows.xlsx").active.values)
    assert lines[0][:4] == ("Unit", "Component", "Amount", "File")
    assert len(lines) > 1
    assert visit.console == []


def test_a_figure_on_the_cost_page_is_that_of_the_warehouse(visit: Visit, published_home: Settings) -> None:
    for kpi_id in ("B02", "B07", "B05"):
        [(value,)] = ask(
            published_home,
            "select value from core.fct_kpi where kpi_id = ? and period_month = ? and slice_dimension = 'CHANNEL' "
            "and slice_member = 'WEBSHOP'",
            kpi_id,
            f"{MONTH}-01",
        )
        visit.page.goto(f"{visit.base}cost?lang=en&period={MONTH}&channel=WEBSHOP")
        shown = visit.page.locator(f".st-key-headline_{kpi_id} [data-testid=stMetricValue]")
        wanted = f"${value:.2f}" if kpi_id == "B02" else f"{value:.1%}"
        expect(shown).to_have_text(wanted, timeout=PATIENCE)


def test_a_report_stands_alone(visit: Visit, tmp_path: Path) -> None:
    visit.open(f"cost?lang=fr&period={MONTH}")
    settled(visit)
    with visit.page.expect_download(timeout=PATIENCE) as download:
        visit.page.locator(".st-key-report button").first.click()
    download.value.save_as(tmp_path / "cost.html")
    text = (tmp_path / "cost.html").read_text(encoding="utf-8")
    assert text.startswith('<!doctype html><html lang="fr">')
    assert "<h1>Coût par retour</h1>" in text
    assert text.count("<svg") == 2
    assert "src=" not in text
    assert "Pourquoi il a bougé" in text


def test_a_picture_of_a_chart_and_an_item_of_the_menu(visit: Visit, tmp_path: Path) -> None:
    visit.open(f"cost?lang=en&period={MONTH}")
    settled(visit)
    with visit.page.expect_download(timeout=PATIENCE) as download:
        visit.page.locator(".st-key-png_chart-cost-by-month button").first.click()
    download.value.save_as(tmp_path / "chart.png")
    assert (tmp_path / "chart.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    visit.page.get_by_role("link", name="Recovery").click()
    expect(visit.page.get_by_role("heading", level=1, name="Recovery")).to_be_visible(timeout=PATIENCE)
    assert f"period={MONTH}" in visit.page.url
    assert visit.console == []


def test_a_phone_opens_the_menu_and_a_closed_menu_is_not_tabbed_into(server: str, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    visit = Visit(context.new_page(), server)
    visit.open("?lang=en")
    settled(visit)
    link = visit.page.get_by_role("link", name="Carriers")
    expect(link).to_have_count(0)
    visit.page.get_by_test_id("stExpandSidebarButton").click()
    link.click(timeout=PATIENCE)
    expect(visit.page.get_by_role("heading", level=1, name="Carriers")).to_be_visible(timeout=PATIENCE)
    context.close()
