"""Languages: English is written in the code, every other language has a gettext catalogue below this folder.

Catalogues are read from their ``.po`` when first needed; there is no compiled file that could be out of date.
``pybabel extract`` and ``pybabel update`` keep them in step with the code (docs/how-to/read-the-pages.md).
"""

from __future__ import annotations

import gettext as standard
import io
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from backhaul.formats import LOCALES

CATALOGUES = Path(__file__).parent
DOMAIN = "dashboards"


@dataclass(frozen=True)
class Language:
    """A language that people can choose: its code in the URL, its own name, and the locale of its numbers and dates."""

    code: str
    name: str
    locale: str

    def gettext(self, message: str) -> str:
        return _translations(self.code).gettext(message)

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        return _translations(self.code).ngettext(singular, plural, count)


LANGUAGES = {
    "en": Language("en", "English", LOCALES["en"]),
    "fr": Language("fr", "Français", LOCALES["fr"]),
}


def language(*wanted: str | None) -> Language:
    """The first wanted language that there is (``fr-CA`` finds ``fr``), else English."""
    codes = [text[:2].lower() for text in wanted if text]
    return next((LANGUAGES[code] for code in codes if code in LANGUAGES), LANGUAGES["en"])


def catalogue(code: str) -> Path:
    """The file of a language's translations."""
    return CATALOGUES / code / "LC_MESSAGES" / f"{DOMAIN}.po"


@cache
def _translations(code: str) -> standard.NullTranslations:
    if code == "en":
        return standard.NullTranslations()
    compiled = io.BytesIO()
    with catalogue(code).open("rb") as source:
        write_mo(compiled, read_po(source, locale=code, domain=DOMAIN))
    compiled.seek(0)
    return standard.GNUTranslations(compiled)
