"""Write the data dictionary from the entries that enforce the contracts: a page per published schema and language.

Run it after a model or a column changed (`make sources`); a test fails while the committed files differ from it. What
has no translation yet is left empty in the catalogue of the language, and stands in English until it is filled in.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from babel.messages.pofile import read_po, write_po

from backhaul.candidate import RUN_TABLES
from backhaul.formats import LOCALES, NBSP
from backhaul.restatement import VIEW_COLUMNS, VIEW_COMMENT
from backhaul.translations import DICTIONARY, catalogue, meaning

HERE = Path(__file__).parent
PAGES = HERE.parent / "docs" / "dictionary"
# The folders of what is published, by the schema that readers see; a reference list stands in core.
SCHEMAS = {
    "core": [HERE / "models" / "core", HERE / "seeds" / "reference"],
    "marts": [HERE / "models" / "marts"],
    "quality": [HERE / "models" / "quality"],
}

_WORDS = {
    "en": {
        "grain": "Grain: {}.", "answers": "Answers: {}", "cannot_answer": "Cannot answer: {}",
        "head": "| column | type | meaning |",
    },
    "fr": {
        "grain": f"Granularité{NBSP}: {{}}.", "answers": f"Répond à{NBSP}: {{}}",
        "cannot_answer": f"Ne dit pas{NBSP}: {{}}", "head": "| colonne | type | sens |",
    },
}  # fmt: skip


def column_docs() -> dict[str, str]:
    """The one description of every column name."""
    text = (HERE / "models" / "docs" / "columns.md").read_text(encoding="utf-8")
    return dict(re.findall(r"{% docs (\w+) %}\n(.*?)\n{% enddocs %}", text, re.DOTALL))


def entries(schema: str) -> list[dict[str, Any]]:
    """The models and lists of a schema as their yml describes them, by name; maps of vendors' words are not published."""
    found: list[dict[str, Any]] = []
    for folder in SCHEMAS[schema]:
        for path in [*folder.rglob("_*__models.yml"), *folder.rglob("_*__seeds.yml")]:
            body = yaml.safe_load(path.read_text(encoding="utf-8"))
            found += [*body.get("models", []), *body.get("seeds", [])]
    return sorted((entry for entry in found if not entry["name"].startswith("map_")), key=lambda entry: entry["name"])


def descriptions() -> set[str]:
    """Every text that a reader of the published warehouse or of its dictionary meets, in English, each on one line."""
    return {" ".join(text.split()) for text in [*_modelled(), *_of_the_run()]}


def _modelled() -> Iterator[str]:
    docs = column_docs()
    for schema in SCHEMAS:
        for entry in entries(schema):
            meta = entry["config"]["meta"]
            yield from (entry["description"], meta["grain"], *meta.get("answers", []), *meta.get("cannot_answer", []))
            yield from (docs[column["name"]] for column in entry["columns"])


def _of_the_run() -> Iterator[str]:
    for comment, columns in RUN_TABLES.values():
        yield from (comment, *(text for _type, text in columns.values()))
    yield from (VIEW_COMMENT, *VIEW_COLUMNS.values())


def _catalogue(code: str) -> str:
    """The catalogue of a language, of exactly what is described; what is new has no translation yet."""
    with catalogue(DICTIONARY, "dictionary", code).open("rb") as source:
        messages = read_po(source, locale=code)
    wanted = descriptions()
    for message in list(messages):
        if message.id and message.id not in wanted:
            messages.delete(message.id)
    for text in sorted(wanted):
        if text not in messages:
            messages.add(text)
    written = io.BytesIO()
    write_po(written, messages, width=110, sort_output=True, no_location=True, ignore_obsolete=True)
    return written.getvalue().decode()


def _table(entry: dict[str, Any], docs: dict[str, str], code: str) -> str:
    meta, words = entry["config"]["meta"], _WORDS[code]
    lines = [f"## {entry['name']}\n", f"{meaning(entry['description'], code)}\n"]
    lines.append(words["grain"].format(meaning(meta["grain"], code)) + "\n")
    for kind in ("answers", "cannot_answer"):
        lines += [f"- {words[kind].format(meaning(text, code))}" for text in meta.get(kind, [])]
    lines += ["", words["head"], "| --- | --- | --- |"]
    for column in entry["columns"]:
        name = column["name"]
        text = meaning(docs[name], code).replace("|", "\\|")
        lines.append(f"| `{name}` | {column.get('data_type', '')} | {text} |")
    return "\n".join(lines) + "\n"


def files() -> dict[Path, str]:
    """Every catalogue and page with the text it should have."""
    docs = column_docs()
    head = "<!-- Generated from dbt_project/models and seeds by `make sources`; do not edit. -->\n"
    pages = {
        PAGES / f"{schema}.{code}.md": "\n".join(
            [f"{head}# {schema}\n", *(_table(entry, docs, code) for entry in entries(schema))]
        )
        for schema in SCHEMAS
        for code in LOCALES
    }
    catalogues = {catalogue(DICTIONARY, "dictionary", code): _catalogue(code) for code in LOCALES if code != "en"}
    return catalogues | pages


def main() -> None:
    """Rewrite the files."""
    PAGES.mkdir(parents=True, exist_ok=True)
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
