"""Moments as EDIFACT writes them: a text, and the code of its form (data element 2379)."""

from __future__ import annotations

import re
from datetime import datetime

_FORMS = {
    "2": "%d%m%y",
    "3": "%m%d%y",
    "4": "%d%m%Y",
    "5": "%d%m%Y%H%M",
    "101": "%y%m%d",
    "102": "%Y%m%d",
    "201": "%y%m%d%H%M",
    "202": "%y%m%d%H%M%S",
    "203": "%Y%m%d%H%M",
    "204": "%Y%m%d%H%M%S",
}
# Forms that end in a zone, and the form before it.
_ZONED = {"205": "203", "301": "201", "302": "202", "303": "203", "304": "204"}
# Periods: the form of their start, which their end follows with or without a hyphen.
_PERIODS = {"713": "201", "717": "101", "718": "102", "719": "203"}
# The form that the length of a text without a code leaves no doubt of.
_BY_LENGTH = {8: "102", 12: "203", 14: "204"}
_ZONE = re.compile(r"([0-9]+)([A-Z]{1,4}|[+-][0-9]{2}(?::?[0-9]{2})?)")
# Abbreviations that mean one offset only.
_OFFSETS = {"Z": "+00:00", "UTC": "+00:00", "GMT": "+00:00", "WET": "+00:00", "CET": "+01:00", "EET": "+02:00"}


def moments(text: str, form: str | None) -> tuple[str, str | None]:
    """A moment as ISO text, and the end of a period or None. A text that is not of its form is given as it stands.

    Without an offset in the text there is none in the answer: the source's zone counts.
    """
    form = form or _BY_LENGTH.get(len(text), "")
    if form in _PERIODS:
        whole = text.replace("-", "")
        start, end = (_plain(part, _PERIODS[form]) for part in (whole[: len(whole) // 2], whole[len(whole) // 2 :]))
        return (start, end) if start and end else (text, None)
    return (_zoned(text, _ZONED[form]) if form in _ZONED else _plain(text, form)) or text, None


def _plain(text: str, form: str) -> str | None:
    """The ISO text; None for a form that is not known and a text that is not of it."""
    pattern = _FORMS.get(form, "")
    width = sum(4 if letter == "Y" else 2 for letter in pattern.replace("%", ""))
    if len(text) != width or not (text.isascii() and text.isdigit()):
        return None
    try:
        read = datetime.strptime(text, pattern)  # noqa: DTZ007 - the zone is the source's
    except ValueError:
        return None
    return read.isoformat() if "%H" in pattern else read.date().isoformat()


def _zoned(text: str, form: str) -> str | None:
    found = _ZONE.fullmatch(text)
    moment = _plain(found[1], form) if found else None
    if found is None or moment is None:
        return None
    if found[2] in _OFFSETS:
        return moment + _OFFSETS[found[2]]
    digits = found[2][1:].replace(":", "")
    return f"{moment}{found[2][0]}{digits[:2]}:{digits[2:] or '00'}" if digits.isdigit() else None
