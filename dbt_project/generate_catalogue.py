"""Write the metric catalogue's seeds and pages from ``metrics/*.yml``, the one place where a metric is defined.

Run it after a definition changed (`make sources`); a test fails while the committed files differ from what it writes.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
METRICS = HERE / "metrics"
SEEDS = HERE / "seeds" / "reference"
PAGES = HERE.parent / "docs" / "metrics"
MEASURE_ROLES = ("numerator", "denominator", "population", "covered")
BASES = ("ORDER_COHORT", "REQUEST", "SHIPMENT", "RECEIPT", "DISPOSITION", "POSTING", "AS_OF")
KINDS = ("RATIO", "SUM", "DURATION", "TABLE")
# A French label with an unquoted comma would lose its end in silence.
MEASURE_WORDS = {"unit", "dated_by", "en", "fr", "topic"}
METRIC_WORDS = {
    *("version", "basis", "unit", "kind", *MEASURE_ROLES, "maturity_days", "better", "mart", "headline"),
    *("en", "fr", "note_en", "note_fr", "topic"),
}

_WORDS = {
    "en": {
        "divided by": "divided by:", "median of": "median of", "title": "Metrics", "measured": "Dated by",
        "in the mart": "Answered by the mart", "definition": "Definition", "note": "Mind", "basis": "Basis",
        "unit": "Unit", "mature": "A month is marked immature until it is {} days old.",
        "covered": "Coverage: {} out of {}.",
    },
    "fr": {
        "divided by": "le tout divisé par :", "median of": "médiane de", "title": "Indicateurs", "measured": "Daté par",
        "in the mart": "Réponse dans le comptoir de données", "definition": "Définition", "note": "À savoir", "basis": "Base",
        "unit": "Unité", "mature": "Un mois est signalé comme immature jusqu’à {} jours.",
        "covered": "Couverture : {} sur {}.",
    },
}  # fmt: skip


class BadCatalogue(ValueError):
    """A definition that cannot be used; the message names the metric."""


@dataclass(frozen=True)
class Catalogue:
    """Every measure and metric of the catalogue by its code, in order, as the files hold them, checked."""

    measures: dict[str, dict[str, Any]]
    metrics: dict[str, dict[str, Any]]


def load() -> Catalogue:
    """The catalogue of all groups. BadCatalogue when a definition is incomplete, unknown or there twice."""
    measures: dict[str, dict[str, Any]] = {}
    metrics: dict[str, dict[str, Any]] = {}
    for path in sorted(METRICS.glob("*.yml")):
        group = yaml.safe_load(path.read_text(encoding="utf-8"))
        for target, found in ((measures, group["measures"]), (metrics, group["metrics"])):
            if twice := target.keys() & found.keys():
                raise BadCatalogue(f"defined twice: {', '.join(sorted(twice))}")
            target.update({code: {**entry, "topic": path.stem} for code, entry in found.items()})
    for words, entries in ((MEASURE_WORDS, measures), (METRIC_WORDS, metrics)):
        for code, entry in entries.items():
            if unknown := entry.keys() - words:
                raise BadCatalogue(f"{code}: {', '.join(sorted(map(str, unknown)))} is no word of a definition")
    for kpi_id, metric in metrics.items():
        _check(kpi_id, metric, measures)
    return Catalogue(measures, dict(sorted(metrics.items())))


def _check(kpi_id: str, metric: dict[str, Any], measures: dict[str, dict[str, Any]]) -> None:
    for role in MEASURE_ROLES:
        if metric.get(role) is not None and metric[role] not in measures:
            raise BadCatalogue(f"{kpi_id}: no measure {metric[role]}")
    kind = kind_of(metric)
    if metric["basis"] not in BASES or kind not in KINDS:
        raise BadCatalogue(f"{kpi_id}: basis {metric['basis']}, kind {kind}")
    if kind == "DURATION" and measures[metric["numerator"]]["unit"] != "days":
        raise BadCatalogue(f"{kpi_id}: a duration is measured in days")
    if kind == "TABLE" and "mart" not in metric:
        raise BadCatalogue(f"{kpi_id}: neither a numerator nor a mart")


def kind_of(metric: dict[str, Any]) -> str:
    """RATIO (sum over sum), SUM, DURATION (median of days) or TABLE (a mart of its own answers)."""
    if "numerator" not in metric:
        return "TABLE"
    return str(metric.get("kind", "RATIO" if "denominator" in metric else "SUM"))


def formula(catalogue: Catalogue, metric: dict[str, Any], language: str) -> str:
    """The definition in words: what is summed, and what it is divided by."""
    words, text = _WORDS[language], []
    if kind_of(metric) == "TABLE":
        text.append(f"{words['in the mart']} {metric['mart']}.")
    else:
        sentence: str = catalogue.measures[metric["numerator"]][language]
        if kind_of(metric) == "DURATION":
            sentence = f"{words['median of']} {sentence}"
        if "denominator" in metric:
            sentence = f"{sentence}, {words['divided by']} {catalogue.measures[metric['denominator']][language]}"
        text.append(f"{sentence[0].upper()}{sentence[1:]}.")
    if note := metric.get(f"note_{language}"):
        text.append(note)
    return " ".join(text)


def _csv(header: list[str], rows: list[list[Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([header, *rows])
    return out.getvalue()


def _kpi_seed(catalogue: Catalogue) -> str:
    header = [
        "kpi_id", "definition_version", "topic", "basis", "kind", "unit", "numerator_measure", "denominator_measure",
        "population_measure", "covered_measure", "maturity_days", "better", "mart_name", "label_en", "label_fr",
        "formula_en", "formula_fr", "is_headline", "sort_order",
    ]  # fmt: skip
    rows = []
    for position, (kpi_id, metric) in enumerate(catalogue.metrics.items(), start=1):
        headline = metric.get("headline")
        rows.append([
            kpi_id, metric["version"], metric["topic"], metric["basis"], kind_of(metric), metric["unit"],
            *(metric.get(role, "") for role in MEASURE_ROLES), metric.get("maturity_days", 0),
            metric.get("better", ""), metric.get("mart", ""), metric["en"], metric["fr"],
            formula(catalogue, metric, "en"), formula(catalogue, metric, "fr"),
            str(headline is not None).lower(), headline or 100 + position,
        ])  # fmt: skip
    return _csv(header, rows)


def _measure_seed(catalogue: Catalogue) -> str:
    header = ["measure_code", "topic", "unit", "dated_by", "label_en", "label_fr"]
    rows = [[code, m["topic"], m["unit"], m["dated_by"], m["en"], m["fr"]] for code, m in catalogue.measures.items()]
    return _csv(header, rows)


def _page(catalogue: Catalogue, language: str) -> str:
    words = _WORDS[language]
    lines = [f"<!-- Generated from dbt_project/metrics by `make sources`; do not edit. -->\n# {words['title']}\n"]
    for kpi_id, metric in catalogue.metrics.items():
        lines.append(f"## {kpi_id} {metric[language]}\n\n{formula(catalogue, metric, language)}\n")
        facts = [f"{words['basis']}: `{metric['basis']}`", f"{words['unit']}: `{metric['unit']}`"]
        facts += [f"`{metric[role]}`" for role in ("numerator", "denominator") if role in metric]
        facts += [f"`{metric['mart']}`"] if "mart" in metric else []
        lines.append(" · ".join([*facts, f"v{metric['version']}"]) + "\n")
        if "population" in metric:
            sides = (catalogue.measures[metric[role]][language] for role in ("covered", "population"))
            lines.append(words["covered"].format(*sides) + "\n")
        if "maturity_days" in metric:
            lines.append(words["mature"].format(metric["maturity_days"]) + "\n")
    return "\n".join(lines)


def files() -> dict[Path, str]:
    """Every generated file with the text it should have."""
    catalogue = load()
    pages = {PAGES / f"metrics.{language}.md": _page(catalogue, language) for language in _WORDS}
    return {SEEDS / "dim_kpi.csv": _kpi_seed(catalogue), SEEDS / "dim_measure.csv": _measure_seed(catalogue), **pages}


def main() -> None:
    """Rewrite the seeds and the pages."""
    PAGES.mkdir(parents=True, exist_ok=True)
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
