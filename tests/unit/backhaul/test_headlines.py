"""Headline figures as people write them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from backhaul.headlines import Headline


def headline(unit: str, numerator: str, denominator: str, coverage: str = "1") -> Headline:
    month = date(2026, 3, 1)
    return Headline(
        kpi_id="B02",
        label_en="Cost per return",
        label_fr="Coût par retour",
        unit=unit,
        numerator=Decimal(numerator),
        denominator=Decimal(denominator),
        coverage=Decimal(coverage),
        first_month=month,
        last_month=month,
        as_of=datetime(2026, 4, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("unit", "language", "shown"),
    [
        ("currency", "en", "$1,234.50"),
        ("currency", "fr", "1\N{NO-BREAK SPACE}234,50\N{NO-BREAK SPACE}$"),
        ("ratio", "en", "123,450.0%"),
        ("ratio", "fr", "123\N{NO-BREAK SPACE}450,0\N{NO-BREAK SPACE}%"),
    ],
)
def test_a_value_is_written_as_in_its_language(unit: str, language: str, shown: str) -> None:
    value = headline(unit, "2469", "2").shown("CAD", language)
    assert value.replace("\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}") == shown


@pytest.mark.parametrize(("denominator", "coverage"), [("0", "1"), ("2", "0")])
def test_an_unknown_value_is_a_dash_and_not_zero(denominator: str, coverage: str) -> None:
    unknown = headline("currency", "0", denominator, coverage)
    assert unknown.value is None
    assert unknown.shown("CAD") == "–"


def test_a_line_says_label_months_and_coverage() -> None:
    line = headline("ratio", "1", "2", "0.98").line("CAD", "fr")
    assert line.startswith("Coût par retour (B02): 50,0")
    assert "2026-03" in line
    assert "couverture 98" in line
