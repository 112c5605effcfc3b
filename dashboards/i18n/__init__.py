"""Languages: English is written in the code, every other language has a gettext catalogue below this folder.

``pybabel extract`` and ``pybabel update`` keep them in step with the code (docs/how-to/read-the-pages.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from gettext import NullTranslations
from pathlib import Path

from backhaul import translations
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
        return self._catalogue.gettext(message)

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        return self._catalogue.ngettext(singular, plural, count)

    def meaning(self, description: str) -> str:
        """The description of a table or column."""
        return translations.meaning(description, self.code)

    @property
    def _catalogue(self) -> NullTranslations:
        return translations.translations(CATALOGUES, DOMAIN, self.code)


LANGUAGES = {
    "en": Language("en", "English", LOCALES["en"]),
    "fr": Language("fr", "Français", LOCALES["fr"]),
}


def language(*wanted: str | None) -> Language:
    """The first wanted language that there is (``fr-CA`` finds ``fr``), else English."""
    codes = [text[:2].lower() for text in wanted if text]
    return next((LANGUAGES[code] for code in codes if code in LANGUAGES), LANGUAGES["en"])
