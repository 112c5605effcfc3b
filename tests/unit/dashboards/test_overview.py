"""The executive overview in both languages: its figures are those of the marts, and its states are in words."""

from __future__ import annotations

import re
from decimal import Decimal
from urllib.parse import parse_qsl

import duckdb
import pytest
from babel.numbers import format_currency, format_percent
from streamlit.testing.v1 import AppTest

from backhaul.publishing import Publish
from backhaul.settings import Settings
from dashboards.i18n import LANGUAGES
from tests.unit.dashboards.sample import texts, visit, write_published
from tests.unit.dashboards.test_i18n import parts, translated

NBSP = "\N{NO-BREAK SPACE}"
PERIODS = {"all": ("2026-01-01", "2026-06-01"), "last-3": ("2026-04-01", "2026-06-01"), "2026-03": ("2026-03-01",) * 2}
HEADLINES = ["B02", "C03", "F06"]


def expected(path: str, kpi_id: str, period: str, code: str) -> str:
    """The value as SQL on the marts gives it, written by Babel."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{path}' as published (read_only)")
        row = connection.execute(
            "select sum(numerator) / sum(denominator) from published.marts.mart_exec_kpi "
            "where kpi_id = ? and period_month between ? and ?",
            [kpi_id, *PERIODS[period]],
        ).fetchone()
    assert row is not None
    value = Decimal(str(row[0]))
    locale = LANGUAGES[code].locale
    if kpi_id == "B02":
        return format_currency(value, "CAD", locale=locale)
    return format_percent(value, f"#,##0.0{NBSP}%" if code == "fr" else "#,##0.0%", locale=locale)


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("period", PERIODS)
def test_the_headlines_are_sums_over_sums_of_the_selected_months(
    published: Publish, home: Settings, tmp_path_factory: pytest.TempPathFactory, code: str, period: str
) -> None:
    page = visit(lang=code, period=period)
    copy = tmp_path_factory.mktemp("copy") / "file.duckdb"
    copy.write_bytes(published.path(home).read_bytes())
    assert [metric.value for metric in page.metric[:3]] == [
        expected(str(copy), kpi_id, period, code) for kpi_id in HEADLINES
    ]
    shown = " ".join(texts(page))
    for beside in ("C01", "F04a"):
        assert f"**{expected(str(copy), beside, period, code)}**" in shown


def test_a_change_is_said_in_signs_and_words_and_knows_what_is_good(published: Publish) -> None:
    page = visit(lang="en", period="last-3")
    # 4500 / 400 against 5500 / 500; 50 / 400 against 170 / 500; 160.4 / 210.6 against 180 / 280
    assert [metric.delta for metric in page.metric[:3]] == [
        "+$0.25 (+2.3%), worse",
        f"−21.5{NBSP}pts, worse",
        f"+11.9{NBSP}pts, better",
    ]
    assert "compared with January – March 2026; provisional" in texts(page)
    french = visit(lang="fr", period="last-3")
    assert french.metric[0].delta == f"+0,25{NBSP}$ (+2,3{NBSP}%), moins bien"
    assert french.metric[2].delta == f"+11,9{NBSP}pts, mieux"
    assert "par rapport à janvier – mars 2026; provisoire" in texts(french)


def test_without_an_earlier_period_no_change_is_made_up(published: Publish) -> None:
    page = visit(lang="en", period="all")
    assert [metric.delta for metric in page.metric[:3]] == ["", "", ""]
    assert texts(page).count("No earlier period of this length to compare with") >= 3


def test_a_metric_without_denominator_shows_a_dash(published: Publish) -> None:
    page = visit(lang="en", period="2026-06")
    assert "Waste diverted from disposal (GRI 306) **–**" in texts(page)
    assert page.metric[2].value == "60.1%"


def test_low_coverage_is_said_in_words_where_it_is_low(published: Publish) -> None:
    def warnings(period: str, code: str) -> list[str]:
        word = {"en": "Low coverage", "fr": "Couverture faible"}[code]
        return sorted({text for text in texts(visit(lang=code, period=period)) if word in text})

    [english] = warnings("2026-05", "en")
    assert "only 50% of the units" in english
    assert f"50{NBSP}% des unités" in warnings("2026-05", "fr")[0]
    assert warnings("2026-04", "en") == []


def test_the_latest_months_are_called_provisional_and_settled_ones_are_not(published: Publish) -> None:
    assert any("Provisional: May – June 2026" in text for text in texts(visit(lang="en", period="all")))
    assert not any("rovisional" in text for text in texts(visit(lang="en", period="2026-03")))


def test_each_figure_tells_its_definition_and_its_publish_and_leads_to_its_rows(published: Publish) -> None:
    page = visit(lang="en", period="last-3")
    shown = "\n".join(texts(page))
    assert "of the company's own units closed whose landed cost is known" in shown
    assert shown.count(f"publish `{published.publish_id}`") >= 5
    assert r"\$4,500.00 divided by 400 units = **\$11.25**" in shown
    addresses = [
        dict(parse_qsl(link.proto.query_string)) for link in page.get("page_link") if link.proto.page == "trace"
    ]
    traced = [address for address in addresses if "kpi" in address]
    assert {"B02", "C03", "C01", "F06", "F04a"} <= {address["kpi"] for address in traced}
    assert {(address["lang"], address["period"]) for address in traced} == {("en", "last-3")}


def test_the_mass_balance_adds_up_as_it_is_shown(published: Publish) -> None:
    for period in ("all", "last-3", "2026-01"):
        page = visit("waste", lang="en", period=period)
        shown = {metric.label: metric.value for metric in page.metric}
        opening, came, left, closing = (
            Decimal(shown[label].removesuffix(f"{NBSP}kg").replace(",", ""))
            for label in ("In process at the start", "+ Came in", "− Left the process", "= In process at the end")
        )
        assert opening + came - left == closing
        [table] = [text for text in texts(page) if 'aria-label="Mass by destination"' in text]
        masses = [Decimal(mass.replace(",", "")) for mass in re.findall(rf">([\d,.]+){NBSP}kg</td>", table)]
        assert sum(masses[:-1]) == masses[-1]
    assert masses == [Decimal("70.0"), Decimal("30.0"), Decimal("100.0")]


def test_components_add_up_to_the_headline(published: Publish) -> None:
    page = visit("cost", lang="en", period="2026-03")
    [table] = [text for text in texts(page) if 'aria-label="Cost per return by component"' in text]
    assert re.findall(r">(\$[\d]\.[\d]+)</td>", table) == ["$3.00", "$2.00", "$5.00"]


def test_filters_narrow_the_figures_and_say_so(published: Publish, home: Settings) -> None:
    with duckdb.connect(str(published.path(home))) as connection:
        connection.execute(
            "insert into core.fct_measure_month select measure_code, period_month, component, 'OUTLET', "
            "product_category, node_id, carrier, return_type, amount * 3, row_count from core.fct_measure_month "
            "where measure_code = 'COST_OF_RECEIVED'"
        )
    assert visit(lang="en", period="2026-03").metric[0].value == "$20.00"
    narrowed = visit(lang="en", period="2026-03", channel="WEBSHOP")
    assert narrowed.metric[0].value == "$5.00"
    assert "Only: WEBSHOP." in texts(narrowed)
    assert visit(lang="en", period="2026-03", channel="NOWHERE").metric[0].value == "$20.00"


def test_a_year_before_is_compared_only_where_there_is_one(published: Publish) -> None:
    page = visit(lang="en", period="2026-03", compare="year")
    assert page.metric[0].delta == ""
    assert visit(lang="en", period="2026-03", compare="none").metric[0].delta == ""
    assert "not compared" in texts(visit(lang="en", period="2026-03", compare="none"))


@pytest.mark.parametrize("period", ["all", "2026-06"])
def test_nothing_english_is_left_on_the_french_page(published: Publish, period: str) -> None:
    page = texts(visit(lang="fr", period=period))
    shown = "\n".join(text for text in page if not re.match(r"\s*<(script|style)", text) and "<script>" not in text)
    for message in translated("fr"):
        for source, target in zip(parts(message.id), parts(message.string), strict=True):
            pieces = [piece for piece in re.split(r"\{\w+\}|`[^`]*`|\*\*", source) if len(piece.strip()) > 4]
            for piece in pieces:
                assert piece in target or not re.search(rf"(?<!\w){re.escape(piece.strip())}(?!\w)", shown), piece


def test_switching_the_language_keeps_the_view_and_the_address_keeps_both(published: Publish) -> None:
    page = visit(lang="en", period="2026-03")
    page.get("button_group")[0].set_value("fr").run()
    assert page.title[0].value == "Vue d’ensemble des retours"
    assert page.selectbox[0].value == "2026-03"
    page.selectbox[0].select("last-3").run()
    assert {name: str(value) for name, value in page.query_params.items()} == {"lang": "fr", "period": "last-3"}
    assert page.metric[0].value == f"11,25{NBSP}$"


def test_an_address_that_names_no_period_shows_all_months(published: Publish) -> None:
    assert visit(lang="en", period="2031-01").selectbox[0].value == "all"


def test_before_the_first_publish_the_page_says_what_to_do(home: Settings) -> None:
    page = visit(lang="en")
    assert page.title[0].value == "No figures yet"
    assert "`make up`" in page.info[0].value
    assert visit(lang="fr").title[0].value == "Pas encore de chiffres"


def test_a_publish_without_months_says_what_to_do(published: Publish, home: Settings) -> None:
    with duckdb.connect(str(published.path(home))) as connection:
        connection.execute("delete from core.fct_measure_month")
    assert "`backhaul ingest`" in visit(lang="en").info[0].value


def test_a_new_publish_is_shown_on_the_page_that_is_open(published: Publish, home: Settings) -> None:
    page = visit(lang="en", period="2026-03")
    assert page.metric[0].value == "$5.00"
    write_published(home, "20260701T070000-second", factor=2)
    page.run()
    assert page.metric[0].value == "$10.00"
    assert "20260701T070000-second" in "".join(texts(page))


def test_a_failure_is_told_in_the_language_chosen_without_its_cause() -> None:
    def script() -> None:
        import streamlit as st

        from dashboards.view import say_failed

        assert say_failed(RuntimeError("secret cause"))
        assert st is not None

    page = AppTest.from_function(script)
    page.query_params["lang"] = "fr"
    page.run()
    assert page.error[0].value.startswith("Ces chiffres ne peuvent pas être lus")
    assert "secret" not in page.error[0].value
