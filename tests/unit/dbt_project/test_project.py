"""The dbt project holds to docs/naming.md: names, descriptions, owners, and labels in both languages."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from backhaul.settings import PROJECT

DBT = PROJECT / "dbt_project"
PATTERNS = {
    "staging": r"stg_[a-z_]+__[a-z_]+",
    "intermediate": r"int_[a-z]+__[a-z_]+",
    "core": r"(fct|dim|bridge)_[a-z_]+",
    "marts": r"mart_[a-z0-9_]+",
    "quality": r"quality_[a-z_]+",
}
MODELS = sorted((DBT / "models").rglob("*.sql"))
SEEDS = sorted((DBT / "seeds").rglob("*.csv"))


def _entries() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for path in [*DBT.rglob("_*__models.yml"), *DBT.rglob("_*__seeds.yml")]:
        body = yaml.safe_load(path.read_text(encoding="utf-8"))
        for entry in body.get("models", []) + body.get("seeds", []):
            found[entry["name"]] = entry
    return found


ENTRIES = _entries()


@pytest.mark.parametrize("model", MODELS, ids=lambda path: path.stem)
def test_a_model_is_named_by_its_layer(model: Path) -> None:
    layer = model.relative_to(DBT / "models").parts[0]
    assert re.fullmatch(PATTERNS[layer], model.stem)


@pytest.mark.parametrize("path", [*MODELS, *SEEDS], ids=lambda path: path.stem)
def test_a_model_says_its_grain_owner_and_every_column(path: Path) -> None:
    entry = ENTRIES[path.stem]
    assert entry["description"].strip()
    assert entry["config"]["meta"]["grain"].startswith("one row per")
    assert entry["config"]["meta"]["owner"]
    for column in entry["columns"]:
        assert re.fullmatch(r"\{\{ doc\('[a-z0-9_]+'\) \}\}", column["description"]), column["name"]


@pytest.mark.parametrize("model", MODELS, ids=lambda path: path.stem)
def test_a_table_is_touched_by_key_or_says_why_it_is_recomputed_whole(model: Path) -> None:
    """SMALL: it reads sums, receipts or findings; AS_OF: its rows depend on the as-of day; HISTORY: not yet by key."""
    is_whole = not re.search(r"materialized='(touched|view)'", model.read_text(encoding="utf-8"))
    why = ENTRIES[model.stem]["config"]["meta"].get("whole")
    expected = {"SMALL", "AS_OF", "HISTORY"} if is_whole and "staging" not in model.parts else {None}
    assert why in expected


# What the end of a name promises (docs/naming.md), for the layers whose types are contracts.
PROMISES = {
    r".*_at": {"timestamp"},
    r".*_(date|day|month)": {"date"},
    r"(is|has)_.*": {"boolean"},
    r"(?!customer_).*_key": {"uuid"},
    r".*_(id|code)|customer_key": {"varchar"},
    r".*_count|quantity|source_row": {"bigint"},
    r".*_(kg|cm|minutes|amount|reporting|share)|amount|coverage": {"decimal"},
}


@pytest.mark.parametrize(
    "path",
    [path for path in MODELS if path.parts[-2] in {"core", "executive", "operations", "disclosure", "quality"}],
    ids=lambda path: path.stem,
)
def test_a_column_is_of_the_type_its_name_promises(path: Path) -> None:
    for column in ENTRIES[path.stem]["columns"]:
        for pattern, types in PROMISES.items():
            if re.fullmatch(pattern, column["name"]):
                assert column["data_type"].partition("(")[0] in types, column["name"]


# joins measures with the catalogue: its rows are tested where they come from, and are too many to read twice
TESTED_BELOW = {"mart_kpi_contribution", "fct_measure"}


@pytest.mark.parametrize(
    "path", [path for path in [*MODELS, *SEEDS] if path.stem not in TESTED_BELOW], ids=lambda path: path.stem
)
def test_a_model_has_a_test_of_its_key(path: Path) -> None:
    entry = ENTRIES[path.stem]
    tests = entry.get("data_tests", []) + [test for column in entry["columns"] for test in column.get("data_tests", [])]
    names = {test if isinstance(test, str) else next(iter(test)) for test in tests}
    assert names & {"unique", "unique_combination", "one_current_version", "not_null", "complete"}


def test_every_column_doc_is_used_and_in_order() -> None:
    text = (DBT / "models" / "docs" / "columns.md").read_text(encoding="utf-8")
    names = re.findall(r"{% docs (\w+) %}", text)
    assert names == sorted(names)
    used = {
        match
        for path in DBT.rglob("*.yml")
        for match in re.findall(r"doc\('(\w+)'\)", path.read_text(encoding="utf-8"))
    }
    assert used == set(names)


@pytest.mark.parametrize("path", [path for path in SEEDS if path.stem.startswith("dim_")], ids=lambda path: path.stem)
def test_a_reference_list_speaks_both_languages(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert rows
    for row in rows:
        assert row["label_en"].strip()
        assert row["label_fr"].strip()


def test_no_module_in_the_dbt_folder_is_a_package() -> None:
    """dbt imports every importable module named dbt_* as a plugin."""
    assert not list(DBT.rglob("__init__.py"))
