"""Every word that the pages show is in a catalogue, and its French is there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

from backhaul.settings import PROJECT
from backhaul.translations import DICTIONARY, catalogue
from dashboards.i18n import CATALOGUES, DOMAIN, LANGUAGES, language

ROOM = PROJECT / "dashboards"
FRENCH = language("fr")
# arguments of Streamlit calls that people never read
UNSEEN = {
    "key", "type", "icon", "layout", "page_icon", "position", "height", "width", "gap", "divider", "delta_color",
    "delta_arrow", "label_visibility", "vertical_alignment", "horizontal_alignment", "on_click", "mime", "file_name",
    "scope", "run_every",
}  # fmt: skip


# files, pages and kinds of content
ADDRESS = re.compile(r"text/\w+|[\w-]+/|[\w-]*\.(py|html|csv)")


def used() -> set[str | tuple[str, ...]]:
    return {found[2] for found in extract_from_dir(str(ROOM), keywords=DEFAULT_KEYWORDS)}


def translated(code: str, folder: Path = CATALOGUES, domain: str = DOMAIN) -> list[Message]:
    with catalogue(folder, domain, code).open("rb") as source:
        return [message for message in read_po(source, locale=code) if message.id]


def parts(text: str | tuple[str, ...] | list[str]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


FRENCH_MESSAGES = [*translated("fr"), *translated("fr", DICTIONARY, "dictionary")]


def test_the_catalogue_holds_the_messages_of_the_code_and_no_others() -> None:
    assert {message.id for message in translated("fr")} == used()


@pytest.mark.parametrize("message", FRENCH_MESSAGES, ids=lambda message: parts(message.id)[0][:40])
def test_each_message_has_a_french_translation_that_takes_the_same_values(message: Message) -> None:
    assert not message.fuzzy
    for source, target in zip(parts(message.id), parts(message.string), strict=True):
        assert target.strip()
        assert placeholders(target) == placeholders(source)
        assert target.count("`") == source.count("`")


@pytest.mark.parametrize("message", FRENCH_MESSAGES, ids=lambda message: parts(message.id)[0][:40])
def test_french_typography(message: Message) -> None:
    for text in parts(message.string):
        without_values = re.sub(r"\{\w+\}|`[^`]*`", "", text)
        assert not re.search(r"[^\N{NO-BREAK SPACE}]:", without_values), "no-break space before a colon"
        assert "'" not in without_values, "typographic apostrophe"
        assert not re.search(r" [%$»;!?]|« ", text), "no-break spaces"


def spoken_literals(path: Path) -> Iterator[str]:
    """Literal texts handed to Streamlit outside the catalogue: constants that hold two letters in a row."""
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        is_streamlit = (
            isinstance(call, ast.Call)
            and isinstance(call.func, ast.Attribute)
            and isinstance(call.func.value, ast.Name)
            and call.func.value.id == "st"
        )
        if not is_streamlit or call.func.attr in {"html", "Page", "App", "cache_resource", "cache_data"}:
            continue
        shown = [*call.args, *(word.value for word in call.keywords if word.arg not in UNSEEN)]
        for value in shown:
            constants = [value] if isinstance(value, ast.Constant) else getattr(value, "values", [])
            for constant in constants:
                text = constant.value if isinstance(constant, ast.Constant) else None
                # icons, colours and the product's name are the same in every language
                plain = re.sub(r":[a-z-]+(/\w+:|\[)|:material/\w+:|Backhaul", "", text) if isinstance(text, str) else ""
                if re.search(r"[^\W\d_]{2}", plain):
                    yield plain


@pytest.mark.parametrize("path", sorted(ROOM.rglob("*.py")), ids=lambda path: path.name)
def test_no_text_is_shown_that_is_not_in_the_catalogue(path: Path) -> None:
    assert [text for text in spoken_literals(path) if not ADDRESS.fullmatch(text)] == []


def asked_of_the_catalogue(path: Path) -> Iterator[str]:
    """Literal texts that the code looks up, wherever they stand."""
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(call, ast.Call):
            name = getattr(call.func, "id", getattr(call.func, "attr", ""))
            texts = call.args[: {"_": 1, "gettext": 1, "ngettext": 2}.get(name, 0)]
            yield from (text.value for text in texts if isinstance(text, ast.Constant))


@pytest.mark.parametrize("path", sorted(ROOM.rglob("*.py")), ids=lambda path: path.name)
def test_every_text_that_is_looked_up_can_be_found(path: Path) -> None:
    """What stands inside an f-string is not extracted: it would stay English without a word."""
    known = {text for message in translated("fr") for text in parts(message.id)}
    assert [text for text in asked_of_the_catalogue(path) if text not in known] == []


@pytest.mark.parametrize(
    ("wanted", "code"),
    [(("fr",), "fr"), ((None, "fr-FR"), "fr"), (("en", "fr-CA"), "en"), (("xx", "fr"), "fr"), ((None, None), "en")],
)
def test_the_address_comes_before_the_browser_and_english_is_the_rest(
    wanted: tuple[str | None, ...], code: str
) -> None:
    assert language(*wanted).code == code


def test_plurals_follow_each_language() -> None:
    english = LANGUAGES["en"]
    assert english.ngettext("{count} unit", "{count} units", 0) == "{count} units"
    assert FRENCH.ngettext("{count} unit", "{count} units", 0) == "{count} unité"
    assert FRENCH.ngettext("{count} unit", "{count} units", 2) == "{count} unités"
