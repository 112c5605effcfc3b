"""Write the data dictionary from the entries that enforce the contracts: one page per published schema.

Run it after a model or a column changed (`make sources`); a test fails while the committed pages differ from it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
PAGES = HERE.parent / "docs" / "dictionary"
# The folders of what is published, by the schema that readers see; a reference list stands in core.
SCHEMAS = {
    "core": [HERE / "models" / "core", HERE / "seeds" / "reference"],
    "marts": [HERE / "models" / "marts"],
    "quality": [HERE / "models" / "quality"],
}


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


def _table(entry: dict[str, Any], docs: dict[str, str]) -> str:
    meta = entry["config"]["meta"]
    lines = [f"## {entry['name']}\n", f"{entry['description']}\n", f"Grain: {meta['grain']}.\n"]
    lines += [f"- Answers: {question}" for question in meta.get("answers", [])]
    lines += [f"- Cannot answer: {limit}" for limit in meta.get("cannot_answer", [])]
    lines += ["", "| column | type | meaning |", "| --- | --- | --- |"]
    for column in entry["columns"]:
        name = column["name"]
        meaning = docs[name].replace("\n", " ").replace("|", "\\|")
        lines.append(f"| `{name}` | {column.get('data_type', '')} | {meaning} |")
    return "\n".join(lines) + "\n"


def files() -> dict[Path, str]:
    """Every page with the text it should have."""
    docs = column_docs()
    head = "<!-- Generated from dbt_project/models and seeds by `make sources`; do not edit. -->\n"
    return {
        PAGES / f"{schema}.md": "\n".join([f"{head}# {schema}\n", *(_table(entry, docs) for entry in entries(schema))])
        for schema in SCHEMAS
    }


def main() -> None:
    """Rewrite the pages."""
    PAGES.mkdir(parents=True, exist_ok=True)
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
