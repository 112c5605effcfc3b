"""Every code of a check, a rule and a finding that a page can show has its words, in both languages."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from backhaul.settings import PROJECT
from dashboards import verdicts
from dashboards.i18n import LANGUAGES
from expectations.batches import suite
from expectations.marts import SUITES
from ingestion.remedies import REMEDIES

ENGLISH, FRENCH = LANGUAGES["en"], LANGUAGES["fr"]
SEEDS = sorted((PROJECT / "dbt_project" / "seeds" / "reference").glob("dim_*.csv"))
WORD = re.compile(r"[a-z]+(_[a-z]+)*")
NOW = datetime.fromisoformat("2026-07-01")


def reasons(told: Any) -> Iterator[str]:
    """Of a description, why its routes keep records out."""
    if isinstance(told, list):
        for each in told:
            yield from reasons(each)
    elif isinstance(told, dict):
        if WORD.fullmatch(str(told.get("reason", ""))):
            yield told["reason"]
        for key, each in told.items():
            # there a reason is why goods came back
            if key != "map":
                yield from reasons(each)


def shipped_reasons() -> set[str]:
    paths = (PROJECT / "ingestion" / "sources").rglob("*.yml")
    return {reason for path in paths for reason in reasons(yaml.safe_load(path.read_text(encoding="utf-8")))}


def test_every_check_has_words_and_no_other_has() -> None:
    batches = {item.name for item in suite(0.1, (), NOW)}
    marts = {item.name for _sql, _keys, expectations in SUITES.values() for item in expectations}
    assert set(verdicts.checks(ENGLISH)) == batches | marts


def test_every_rule_of_the_quarantine_has_words_and_no_other_has() -> None:
    shipped = shipped_reasons()
    assert len(shipped) > 100
    assert set(verdicts.rules(ENGLISH)) == set(REMEDIES) | shipped


@pytest.mark.parametrize("named", [verdicts.checks, verdicts.rules])
def test_the_words_are_french_where_french_is_read(named: Any) -> None:
    english, french = named(ENGLISH), named(FRENCH)
    assert [code for code in english if english[code] == french[code]] == []


def test_a_rule_of_a_users_own_description_keeps_its_name() -> None:
    assert verdicts.rules(FRENCH)["our_own_reason"] == "our_own_reason"


@pytest.mark.parametrize(
    ("text", "english", "french"),
    [
        ("[]", "", ""),
        ("33", "33", "33"),
        ("a nothing new for 30 hours; b nothing yet ([])", None, "a rien de nouveau depuis 30 heures; b rien encore"),
        ("a nothing new for 1 hours", "a nothing new for 1 hour", "a rien de nouveau depuis 1 heure"),
    ],
)  # fmt: skip
def test_what_a_check_found_is_said_in_words(text: str, english: str | None, french: str) -> None:
    assert verdicts.observed(text, FRENCH) == french
    assert verdicts.observed(text, ENGLISH) == (english if english is not None else text.removesuffix(" ([])"))


@pytest.mark.parametrize("seed", SEEDS, ids=lambda path: path.stem)
def test_every_list_has_its_words_in_both_languages(seed: Path) -> None:
    with seed.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        for column in row:
            if column.endswith("_en"):
                french = column.removesuffix("_en") + "_fr"
                assert bool(row[column]) == bool(row[french]), row
