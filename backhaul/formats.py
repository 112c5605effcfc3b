"""Numbers, money, masses and dates as people of a locale write them (Babel); a dash stands for what is not known."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import format_currency, format_decimal, format_percent

LOCALES = {"en": "en_CA", "fr": "fr_CA"}
DASH = "–"
NBSP = "\N{NO-BREAK SPACE}"
TENTH = Decimal("0.1")

Kind = Literal[
    "text", "currency", "whole_currency", "ratio", "count", "kg", "days", "minutes", "points", "units", "number",
    "day", "month", "instant", "flag",
]  # fmt: skip
"""What a value is, and so how it is written; the units of the metric catalogue are among them."""

WORDS: frozenset[Kind] = frozenset({"text", "day", "month", "instant", "flag"})
"""Kinds that are read, not compared: they stand on the left of a column."""


def written(value: Any, kind: Kind, locale: str, currency: str, *, signed: bool = False) -> str:
    """A value of any kind as people of the locale write it; a dash for none.

    Args:
        value: a number (decimal where exactness counts), a date, an instant in UTC, or text.
        kind: what it is.
        locale: as Babel names it.
        currency: of the amounts, ISO 4217.
        signed: with a plus where it grew.
    """
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return DASH
    return _in_words(value, kind, locale) if kind in WORDS else _in_numbers(value, kind, locale, currency, signed)


def _in_words(value: Any, kind: Kind, locale: str) -> str:
    match kind:
        case "day":
            return format_date(value, "yyyy-MM-dd", locale=locale)
        case "month":
            return short_month(value, locale)
        case "instant":
            return f"{value:%Y-%m-%d %H:%M}"
        case "flag":
            return "✓" if value else DASH
        case _:
            return str(value)


def _in_numbers(value: Any, kind: Kind, locale: str, currency: str, signed: bool) -> str:
    size = abs(value)
    match kind:
        case "currency" | "whole_currency":
            return money(value, currency, locale, whole=kind == "whole_currency", signed=signed)
        case "ratio":
            return share(value, locale, signed=signed)
        case "kg":
            text = format_decimal(size, "#,##0" if size >= 1000 else "#,##0.0", locale=locale) + NBSP + "kg"
        case "days" | "minutes" | "points":
            text = measured(size, kind, locale)
        case "count" | "units":
            text = format_decimal(size, "#,##0", locale=locale)
        case _:
            text = format_decimal(size, "#,##0.00##", locale=locale)
    return _with_sign(text, value, signed)


def measured(value: Decimal | float, kind: str, locale: str) -> str:
    """A number to the tenth with the sign of its unit: days (d or j), minutes (min), points (none)."""
    sign = {"days": "j" if locale.startswith("fr") else "d", "minutes": "min", "points": ""}[kind]
    text = format_decimal(value, "#,##0.0", locale=locale)
    return f"{text}{NBSP}{sign}" if sign else text


def money(value: Decimal | None, currency: str, locale: str, *, whole: bool = False, signed: bool = False) -> str:
    """An amount in its currency, to the cent or ``whole``."""
    if value is None:
        return DASH
    pattern = Locale.parse(locale).currency_formats["standard"].pattern
    if whole:
        pattern = pattern.replace(".00", "")
    text = format_currency(abs(value), currency, pattern, locale=locale, currency_digits=not whole)
    return _with_sign(text, value, signed)


def share(value: Decimal | None, locale: str, *, digits: int = 1, signed: bool = False) -> str:
    """A ratio as a percentage."""
    if value is None:
        return DASH
    text = format_percent(abs(value), _percent_pattern(locale, digits), locale=locale)
    return _with_sign(text, value, signed)


def change(value: Any, kind: Kind, locale: str, currency: str) -> str:
    """A difference between two values of a kind, with a plus where it grew; of two shares in points: ``+2.1 pts``."""
    if kind == "ratio" and value is not None:
        text = format_decimal(abs(value) * 100, "#,##0.0", locale=locale)
        return _with_sign(text, value, signed=True) + NBSP + "pts"
    return written(value, kind, locale, currency, signed=True)


def count(value: Decimal | int | None, locale: str) -> str:
    """A whole number."""
    return DASH if value is None else format_decimal(value, "#,##0", locale=locale)


def kilograms(value: Decimal | None, locale: str) -> str:
    """A mass with as many places as the value carries."""
    if value is None:
        return DASH
    pattern = "#,##0" if value == value.to_integral_value() else "#,##0.0"
    return _with_sign(format_decimal(abs(value), pattern, locale=locale) + NBSP + "kg", value, signed=False)


def month(day: date, locale: str) -> str:
    """A month in full: ``September 2026``."""
    return format_skeleton("yMMMM", day, locale=locale)


def short_month(day: date, locale: str) -> str:
    """A month for an axis: ``Sep 2026``."""
    return format_skeleton("yMMM", day, locale=locale)


def months(first: date, last: date, locale: str) -> str:
    """A span of months, the year said once when it is the same."""
    if first == last:
        return month(first, locale)
    start = format_date(first, "LLLL", locale=locale) if first.year == last.year else month(first, locale)
    return f"{start} {DASH} {month(last, locale)}"


def heading(text: str) -> str:
    """Text that begins a line: French month names are lower case within a sentence only."""
    return text[:1].upper() + text[1:]


def day(moment: datetime | None, locale: str) -> str:
    """A day in full; UTC, like everything in the warehouse. French writes the first of a month as an ordinal."""
    if moment is None:
        return DASH
    text = format_date(moment.date(), "long", locale=locale)
    return text.replace("1 ", f"1er{NBSP}", 1) if locale.startswith("fr") and moment.day == 1 else text


def instant(iso: str, locale: str) -> str:
    """A day and time (UTC) from ISO 8601."""
    moment = datetime.fromisoformat(iso).astimezone(UTC)
    return f"{day(moment, locale)}, {format_time(moment, 'HH:mm', locale=locale)}{NBSP}UTC"


def _percent_pattern(locale: str, digits: int) -> str:
    places = "." + "0" * digits if digits else ""
    return f"#,##0{places}" + (f"{NBSP}%" if locale.startswith("fr") else "%")


def _with_sign(text: str, value: Decimal, signed: bool) -> str:
    """The typographic minus, which Babel's locales do not use, and a plus where a change is meant; none for a zero."""
    if not any(character in "123456789" for character in text):
        return text
    if value < 0:
        return "\N{MINUS SIGN}" + text
    return "+" + text if signed and value > 0 else text
