"""Translations: English stands where a text is declared, every other language has gettext catalogues.

Catalogues are read from their ``.po`` when first needed; there is no compiled file that could be out of date.
"""

from __future__ import annotations

import gettext as standard
import io
from functools import cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from backhaul.settings import PROJECT

DICTIONARY = PROJECT / "dbt_project" / "i18n"
"""Catalogues of the descriptions of tables and columns (domain ``dictionary``)."""


def catalogue(folder: Path, domain: str, code: str) -> Path:
    """The file of a domain's translations into a language."""
    return folder / code / "LC_MESSAGES" / f"{domain}.po"


@cache
def translations(folder: Path, domain: str, code: str) -> standard.NullTranslations:
    """A domain's translations into a language; English says every text as it is."""
    if code == "en":
        return standard.NullTranslations()
    compiled = io.BytesIO()
    with catalogue(folder, domain, code).open("rb") as source:
        write_mo(compiled, read_po(source, locale=code, domain=domain))
    compiled.seek(0)
    return standard.GNUTranslations(compiled)


def meaning(description: str, code: str) -> str:
    """The description of a table or column in a language, on one line; in English where it has no translation."""
    text = " ".join(description.split())
    return translations(DICTIONARY, "dictionary", code).gettext(text) if text else ""
