"""The SQL page says what tables and columns mean in the reader's language."""

from __future__ import annotations

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from backhaul.publishing import Publish
from backhaul.settings import Settings
from dashboards.words import folded
from tests.unit.dashboards.sample import texts, visit

MEANT = {"en": "Calendar days, UTC, 2010 to 2035.", "fr": "Jours du calendrier, UTC, de 2010 à 2035."}
NAMED = {"en": "Monday of the week.", "fr": "Lundi de la semaine."}


@pytest.fixture
def described(home: Settings, published: Publish) -> None:
    """A table with comments, and one whose comment no catalogue holds."""
    with duckdb.connect(str(published.path(home))) as connection:
        connection.execute("create table core.dim_date as select date '2026-01-05' as week_start, 1 as own")
        connection.execute(f"comment on table core.dim_date is '{MEANT['en']}'")
        connection.execute(f"comment on column core.dim_date.week_start is '{NAMED['en']}'")
        connection.execute("comment on column core.dim_date.own is 'Added by <somebody>.'")


def find(page: AppTest, word: str) -> None:
    labels = {"Find a table or a column", "Trouver une table ou une colonne"}
    next(box for box in page.text_input if box.label in labels).set_value(word).run()


@pytest.mark.usefixtures("described")
@pytest.mark.parametrize("code", ["en", "fr"])
def test_a_column_is_found_and_described_in_the_language_of_the_page(code: str) -> None:
    page = visit("sql", lang=code)
    find(page, MEANT[code][:8])
    shown = "\n".join(texts(page))
    assert MEANT[code] in shown
    assert NAMED[code] in shown
    assert "Added by &lt;somebody&gt;." in shown
    other = {"en": "fr", "fr": "en"}[code]
    assert MEANT[other] not in shown
    find(page, MEANT[other][:8])
    assert MEANT[code] not in "\n".join(texts(page))


@pytest.mark.usefixtures("described")
@pytest.mark.parametrize("word", ["LUNDI DE", "de 2010 a 2035", "jours  du Calendrier", "A 2035"])
def test_a_column_is_found_without_its_accents_and_in_any_case(word: str) -> None:
    page = visit("sql", lang="fr")
    find(page, word)
    assert NAMED["fr"] in "\n".join(texts(page))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Pièces D’ÉTÉ", "pieces d'ete"),
        ("1\N{NO-BREAK SPACE}%", "1 %"),
        ("Œuvre", "œuvre"),
        ("  a\tb ", "a b"),
        ("", ""),
    ],
)
def test_text_as_people_look_for_it(text: str, found: str) -> None:
    assert folded(text) == found
