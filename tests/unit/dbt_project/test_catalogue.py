"""The metric catalogue is the one place where a metric is defined, and the SQL measures what it names."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po

from backhaul.settings import PROJECT
from backhaul.translations import DICTIONARY, catalogue, meaning
from dbt_project import generate_catalogue, generate_dictionary
from dbt_project.generate_catalogue import load

METRICS = PROJECT / "dbt_project" / "models" / "core" / "metrics"
# the others sum up what these list
VIEWS = sorted(path for path in METRICS.glob("fct_measure_*.sql") if "measure(" in path.read_text(encoding="utf-8"))
MARTS = {path.stem for path in (PROJECT / "dbt_project" / "models" / "marts").rglob("*.sql")}


def measured() -> set[str]:
    """The measure codes that stand in the measure views: a first string of a `measure` call or of a branch."""
    found: set[str] = set()
    for path in VIEWS:
        text = path.read_text(encoding="utf-8")
        found |= set(re.findall(r"measure\(\s*'([A-Z0-9_]+)'", text))
        found |= set(re.findall(r"[(\[]\s*'([A-Z0-9_]+)'\s*,", text))
    return found & set(load().measures)


def test_every_measure_of_the_catalogue_is_measured() -> None:
    assert measured() == set(load().measures)


@pytest.mark.parametrize("view", VIEWS, ids=lambda path: path.stem)
def test_a_branch_names_a_measure_of_the_catalogue(view: Path) -> None:
    """A branch of a measure view whose code the catalogue lacks would count in nothing."""
    branches = re.findall(r"\n    \('([A-Z0-9_]+)',\s*'?\w", view.read_text(encoding="utf-8"))
    calls = re.findall(r"measure\(\s*'([A-Z0-9_]+)'", view.read_text(encoding="utf-8"))
    assert {*branches, *calls} <= set(load().measures)


def test_every_measure_view_is_registered() -> None:
    macro = (PROJECT / "dbt_project" / "macros" / "metrics.sql").read_text(encoding="utf-8")
    listed = re.search(r"macro measure_views\(\).*?return\(\[(.*?)\]\)", macro, re.DOTALL)
    assert listed is not None
    assert set(re.findall(r"'(\w+)'", listed[1])) == {path.stem for path in VIEWS}


@pytest.mark.parametrize("view", VIEWS, ids=lambda path: path.stem)
def test_a_measure_view_reads_facts_whose_changes_are_followed(view: Path) -> None:
    """Measures are carried on over copies of these facts; another would count as it stands, before and after."""
    dbt = PROJECT / "dbt_project"
    macro = (dbt / "macros" / "engine" / "measured.sql").read_text(encoding="utf-8")
    facts = re.search(r"macro measured_facts\(\).*?endmacro", macro, re.DOTALL)
    assert facts is not None
    followed = set(re.findall(r"^        '(\w+)':", facts[0], re.MULTILINE))
    lists = {path.stem for path in (dbt / "seeds").rglob("*.csv")}
    assert set(re.findall(r"ref\('(\w+)'\)", view.read_text(encoding="utf-8"))) <= followed | lists


def test_a_mart_that_a_metric_names_exists() -> None:
    named = {metric["mart"] for metric in load().metrics.values() if "mart" in metric}
    assert named <= MARTS


@pytest.mark.parametrize(
    ("path", "text"),
    [*generate_catalogue.files().items(), *generate_dictionary.files().items()],
    ids=lambda value: value.name if isinstance(value, Path) else "",
)
def test_what_is_generated_equals_its_definitions(path: Path, text: str) -> None:
    assert path.read_text(encoding="utf-8") == text, "run `make sources`"


# what is the same in every language: names of columns and tables, codes, disclosures, figures
KEPT = re.compile(r"`[^`]*`|\w+_\w+|\b[A-Z]{2,}\b|\b[A-H]\d\d[a-d]?\b|\bt\d+\b|\d+(?:[.,-]\d+)*")
# words that French says otherwise, or says where English does not
OTHERWISE = {
    "GST": "TPS",
    "VAT": "TVA",
    "EU": "UE",
    "HS": "SH",
    "MSRP": "PDSF",
    "SKU": "UGS",
    "LPN": "",
    "RMA": "",
    "UK": "",
}


def kept(text: str) -> Counter[str]:
    found = (word.replace(",", ".") for word in KEPT.findall(text))
    return Counter(word for word in found if word not in {*OTHERWISE, *OTHERWISE.values()})


@pytest.mark.parametrize("english", sorted(generate_dictionary.descriptions()), ids=lambda text: text[:40])
def test_the_french_of_a_description_names_the_same_things(english: str) -> None:
    assert kept(meaning(english, "fr")) == kept(english)


def test_what_is_described_in_several_lines_is_found() -> None:
    assert meaning("Return\n  lines and the units\nthey became.", "fr").startswith("Lignes de retour")


@pytest.mark.parametrize("code", ["en", "fr"])
@pytest.mark.parametrize("text", ["", "Of a model that somebody added."])
def test_what_no_catalogue_knows_is_said_as_it_is(code: str, text: str) -> None:
    assert meaning(text, code) == text


def test_a_new_description_waits_for_its_translation_and_a_stale_one_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        generate_dictionary, "descriptions", lambda: {"Return lines and the units they became.", "New."}
    )
    written = generate_dictionary.files()[catalogue(DICTIONARY, "dictionary", "fr")]
    messages = {message.id: message.string for message in read_po(written.splitlines(), locale="fr") if message.id}
    assert messages == {
        "Return lines and the units they became.": "Lignes de retour et unités qu’elles sont devenues.",
        "New.": "",
    }


@pytest.mark.parametrize(
    "entry",
    [entry for schema in generate_dictionary.SCHEMAS for entry in generate_dictionary.entries(schema)],
    ids=lambda entry: entry["name"],
)
def test_questions_and_limits_are_lists(entry: dict[str, Any]) -> None:
    """A single text would be written letter by letter."""
    meta = entry["config"]["meta"]
    assert all(isinstance(meta.get(kind, []), list) for kind in ("answers", "cannot_answer"))
