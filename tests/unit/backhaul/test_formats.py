"""Numbers, money and dates as English and French readers in Canada write them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

import pytest

from backhaul import formats

NBSP = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
OCTOBER, JANUARY, MARCH = date(2025, 10, 1), date(2026, 1, 1), date(2026, 3, 1)
OCTOBER_FIRST = datetime.fromisoformat("2026-10-01T03:00")


@pytest.mark.parametrize(
    ("write", "english", "french"),
    [
        (lambda loc: formats.money(Decimal("1616.484"), "CAD", loc), "$1,616.48", f"1{NBSP}616,48{NBSP}$"),
        (lambda loc: formats.money(Decimal("-1.5"), "CAD", loc), f"{MINUS}$1.50", f"{MINUS}1,50{NBSP}$"),
        (lambda loc: formats.money(Decimal("1.5"), "USD", loc, signed=True), "+US$1.50", f"+1,50{NBSP}${NBSP}US"),
        (lambda loc: formats.money(Decimal("1616.5"), "CAD", loc, whole=True), "$1,616", f"1{NBSP}616{NBSP}$"),
        (lambda loc: formats.money(Decimal("-0.001"), "CAD", loc, signed=True), "$0.00", f"0,00{NBSP}$"),
        (lambda loc: formats.money(None, "CAD", loc), "–", "–"),
        (lambda loc: formats.share(Decimal("0.4923"), loc), "49.2%", f"49,2{NBSP}%"),
        (lambda loc: formats.share(Decimal("-0.4923"), loc, digits=0), f"{MINUS}49%", f"{MINUS}49{NBSP}%"),
        (lambda loc: formats.change(Decimal("0.021"), "ratio", loc, "CAD"), f"+2.1{NBSP}pts", f"+2,1{NBSP}pts"),
        (lambda loc: formats.change(Decimal("-0.2"), "ratio", loc, "CAD"), f"{MINUS}20.0{NBSP}pts",
         f"{MINUS}20,0{NBSP}pts"),
        (lambda loc: formats.change(Decimal("0.00001"), "ratio", loc, "CAD"), f"0.0{NBSP}pts", f"0,0{NBSP}pts"),
        (lambda loc: formats.change(Decimal("1.5"), "currency", loc, "CAD"), "+$1.50", f"+1,50{NBSP}$"),
        (lambda loc: formats.change(None, "ratio", loc, "CAD"), "–", "–"),
        (lambda loc: formats.count(Decimal(18954), loc), "18,954", f"18{NBSP}954"),
        (lambda loc: formats.kilograms(Decimal("1044.2"), loc), f"1,044.2{NBSP}kg", f"1{NBSP}044,2{NBSP}kg"),
        (lambda loc: formats.kilograms(Decimal(1044), loc), f"1,044{NBSP}kg", f"1{NBSP}044{NBSP}kg"),
        (lambda loc: formats.months(OCTOBER, MARCH, loc), "October 2025 – March 2026", "octobre 2025 – mars 2026"),
        (lambda loc: formats.months(JANUARY, MARCH, loc), "January – March 2026", "janvier – mars 2026"),
        (lambda loc: formats.months(MARCH, MARCH, loc), "March 2026", "mars 2026"),
        (lambda loc: formats.day(OCTOBER_FIRST, loc), "October 1, 2026", f"1er{NBSP}octobre 2026"),
        (lambda loc: formats.day(datetime.fromisoformat("2026-10-21"), loc), "October 21, 2026", "21 octobre 2026"),
        (
            lambda loc: formats.instant("2026-11-24T15:54:39.15-05:00", loc),
            f"November 24, 2026, 20:54{NBSP}UTC",
            f"24 novembre 2026, 20:54{NBSP}UTC",
        ),
    ],
)  # fmt: skip
def test_written_in_both_languages(write: Callable[[str], str], english: str, french: str) -> None:
    # CLDR writes the group separator of fr_CA as a no-break space, of newer editions as a narrow one
    assert write("en_CA") == english
    assert write("fr_CA").replace("\N{NARROW NO-BREAK SPACE}", NBSP) == french


def test_a_french_line_begins_with_a_capital() -> None:
    assert formats.heading("août 2026") == "Août 2026"
    assert formats.heading("") == ""
