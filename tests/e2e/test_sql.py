"""The analyst's doors on the demo business: the SQL page in a real browser, the project's questions, the catalogue."""

from __future__ import annotations

import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Locator, Page, expect

from backhaul import questions
from backhaul.publishing import current
from backhaul.sandbox.pool import Sandbox
from backhaul.settings import PROJECT, Settings
from bench.dashboards import free_ports, serving
from dashboards import asked, catalogue
from dashboards.asking import SHIPPED
from tests.e2e.conftest import Visit

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

PATIENCE = 60_000
LANGUAGES = ["en", "fr"]


@pytest.fixture(scope="module")
def analysts_home(tmp_path_factory: pytest.TempPathFactory, published_home: Settings) -> Settings:
    """The published business in a home of its own, in which questions can be saved."""
    settings = Settings(home=tmp_path_factory.mktemp("analysts"), dashboard_port=free_ports(1)[0])
    settings.published.symlink_to(published_home.published)
    return settings


@pytest.fixture(scope="module")
def server(analysts_home: Settings) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BACKHAUL_SQL_SECONDS", "4")
        with serving(analysts_home) as served:
            yield served.address


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the pictures of the page are kept: ``BACKHAUL_PICTURES``, to look at them."""
    folder = Path(os.environ.get("BACKHAUL_PICTURES") or tmp_path_factory.mktemp("pictures"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox()
    yield sandbox
    sandbox.close()


def shipped() -> list[questions.Question]:
    return [questions.read(path) for path in sorted(SHIPPED.glob("*.sql"))]


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("question", shipped(), ids=lambda question: question.id)
def test_a_question_of_the_project_gives_rows_and_its_chart(
    sandbox: Sandbox, published_home: Settings, question: questions.Question, code: str
) -> None:
    publish = current(published_home)
    assert publish is not None
    answer = sandbox.run(publish.path(published_home), question.text(code), "test")
    assert answer.table.num_rows
    assert answer.cut == ""
    if question.chart is not None:
        assert asked.fitting(question.chart, answer.table) == question.chart


def test_the_cost_question_adds_up_to_the_metric(sandbox: Sandbox, published_home: Settings) -> None:
    publish = current(published_home)
    assert publish is not None
    path = publish.path(published_home)
    question = next(each for each in shipped() if each.id == "cost-by-component")
    costs: dict[object, Decimal] = {}
    for row in sandbox.run(path, question.sql, "test").table.to_pylist():
        month = row["period_month"]
        costs[month] = costs.get(month, Decimal(0)) + row["cost_reporting"] / row["units_received"]
    with duckdb.connect(str(path), read_only=True) as connection:
        figures = connection.execute(
            "select period_month, value from marts.mart_exec_kpi where kpi_id = 'B02' and value is not null"
        ).fetchall()
    assert figures
    for month, value in figures:
        assert abs(costs[month] - value) < Decimal("0.000001")


def text_of(page: Page) -> Locator:
    editor = page.locator("textarea.text")
    expect(editor).to_be_visible(timeout=PATIENCE)
    return editor


def ran(page: Page, words: str) -> Locator:
    found = page.get_by_text(words).first
    expect(found).to_be_visible(timeout=PATIENCE)
    return found


def test_an_analyst_writes_runs_saves_and_shares(visit: Visit) -> None:
    visit.open("sql?lang=en")
    page, editor = visit.page, text_of(visit.page)
    editor.press_sequentially("from mart_exec", delay=20)
    expect(page.locator("ul.names li").first).to_contain_text("marts.mart_exec_kpi")
    editor.press("Enter")
    editor.press_sequentially(" e where e.kp", delay=20)
    editor.press("Tab")
    editor.press_sequentially(" = 'B02'")
    assert editor.input_value() == "from marts.mart_exec_kpi e where e.kpi_id = 'B02'"
    editor.press("Control+Enter")
    ran(page, "12 rows in")
    expect(page.locator(".bh-table tbody tr")).to_have_count(12)
    # an error says what there is
    editor.fill("select kpi from marts.mart_exec_kpi")
    page.get_by_role("button", name="Run").click()
    ran(page, "not found in FROM clause")
    ran(page, '"kpi_id"')
    editor.fill("select kpi_id, sum(value) as total from marts.mart_exec_kpi group by all")
    page.get_by_role("button", name="Explain").click()
    ran(page, "Hash Group By")
    editor.press("Control+Enter")
    ran(page, "5 rows in")
    page.get_by_role("tab", name="Chart").click()
    expect(page.locator("[data-testid=stVegaLiteChart]").first).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Save").click()
    page.get_by_label("Title", exact=True).fill("Totals")
    page.get_by_label("Title", exact=True).press("Enter")
    page.get_by_role("button", name="Save the question").click()
    page.wait_for_function("location.search.includes('question=totals-')", timeout=PATIENCE)
    link = page.evaluate("location.search")
    # the link shows somebody else the same
    page.goto(f"{visit.base}sql{link}")
    assert text_of(page).input_value().startswith("select kpi_id, sum(value) as total")
    ran(page, "5 rows in")
    page.get_by_role("button", name="Delete").click()
    page.wait_for_function("!location.search.includes('question=')", timeout=PATIENCE)
    assert visit.console == []
    assert visit.outside == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_question_opens_by_its_link_with_its_files(visit: Visit, pictures: Path, code: str) -> None:
    visit.open(f"sql?lang={code}&question=said-and-found")
    page = visit.page
    assert f"label_{code}" in text_of(page).input_value()
    expect(page.locator(".bh-table tbody tr").first).to_be_visible(timeout=PATIENCE)
    for ending in ("CSV", "Excel", "Parquet"):
        with page.expect_download(timeout=PATIENCE) as download:
            page.get_by_role("button", name=ending, exact=True).first.click()
        assert download.value.path().stat().st_size > 100
    page.screenshot(path=pictures / f"sql-question-{code}.png")
    label, meaning = {
        "en": ("Find a table or a column", "Estimated share of units asked back by the day"),
        "fr": ("Trouver une table ou une colonne", "Part estimée des unités dont le retour est demandé"),
    }[code]
    page.get_by_label(label).fill("kaplan")
    page.keyboard.press("Enter")
    expect(page.locator(".bh-schema").first).to_contain_text(meaning, timeout=PATIENCE)
    assert visit.console == []
    assert visit.outside == []


def test_a_runaway_is_stopped_while_other_pages_answer(visit: Visit, server: str) -> None:
    visit.open("sql?lang=fr")
    page, editor = visit.page, text_of(visit.page)
    editor.fill("select max(hash(a.range + b.range)) from range(1000000) a, range(1000000) b")
    editor.press("Control+Enter")
    other = page.context.new_page()
    other.goto(f"{server}sql?lang=en&question=carrier-on-time")
    expect(other.locator(".bh-table tbody tr").first).to_be_visible(timeout=PATIENCE)
    ran(page, "Arrêtée après 4")
    other.close()


def test_the_catalogue_says_what_each_metric_is_made_of(analysts_home: Settings, visit: Visit) -> None:
    site = catalogue.write(analysts_home)
    assert len(list((site / "fr").iterdir())) == len(list((site / "en").iterdir())) > 90
    visit.base = f"file://{site}/"
    visit.open("fr/C03.html")
    expect(visit.page.locator("h1")).to_have_text("C03 Taux net de récupération")
    for name in ("LANDED_COST_OF_CLOSED", "fct_measure_recovery", "fct_return_unit", "backhaul.recoveries"):
        expect(visit.page.get_by_text(name, exact=True).first).to_be_visible()
    visit.page.get_by_text("Tables et colonnes").click()
    expect(visit.page.get_by_text("Balayages des transporteurs.", exact=True)).to_be_visible()
    visit.open("fr/C03.html")
    visit.page.get_by_text("English").click()
    expect(visit.page.locator("h1")).to_have_text("C03 Net recovery rate")
    assert visit.outside == []
    dbt = (site / "dbt" / "index.html").read_text()
    assert "fct_return_unit" in dbt
    for private in (str(analysts_home.root), str(PROJECT), "cloudfront"):
        assert private not in dbt
