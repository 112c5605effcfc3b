"""The catalogue as a site of plain files: what each metric means and what it is made of, every table, dbt's own pages.

It needs no server and no network: it can be opened from a folder, or is served beside the dashboards.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import duckdb
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from backhaul import dbt_docs, formats
from backhaul.export import described
from backhaul.lineage import Lineage
from backhaul.publishing import Publish
from backhaul.reading import published
from backhaul.settings import Settings
from dashboards.i18n import LANGUAGES, Language

TEMPLATES = Path(__file__).with_name("templates")
METRICS = Path(__file__).parent.parent / "queries" / "catalogue.sql"
CURRENT = "current"

Row = dict[str, Any]


def write(settings: Settings) -> Path:
    """Write the site of the current publish below ``<home>/catalogue``, and let ``current`` lead to it; gives it.

    Raises:
        NothingToPublish: nothing was published yet.
        DocsFailed: dbt could not read the project.
    """
    home = settings.root / "catalogue"
    home.mkdir(parents=True, exist_ok=True)
    site = Path(tempfile.mkdtemp(prefix=".new-", dir=home))
    try:
        with tempfile.TemporaryDirectory() as scratch:
            lineage = Lineage.read(dbt_docs.generate(Path(scratch)))
            (site / "dbt").mkdir()
            (site / "dbt" / "index.html").write_text(dbt_docs.page(Path(scratch)), encoding="utf-8")
        with published(settings) as (publish, connection):
            render(site, publish, connection, lineage)
        site.chmod(0o755)
        whole = home / publish.publish_id
        shutil.rmtree(whole, ignore_errors=True)
        site.replace(whole)
    except BaseException:
        shutil.rmtree(site, ignore_errors=True)
        raise
    _lead_to(home, whole)
    return home / CURRENT


def render(site: Path, publish: Publish, connection: duckdb.DuckDBPyConnection, lineage: Lineage) -> None:
    """Write the pages of every language into ``site``."""
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    (site / "index.html").write_text(
        environment.get_template("start.html").render(languages=LANGUAGES.values()), "utf-8"
    )
    for language in LANGUAGES.values():
        folder = site / language.code
        folder.mkdir()
        metrics = _metrics(connection, language)
        shared = {
            "language": language,
            "others": [each for each in LANGUAGES.values() if each is not language],
            "words": words(language),
            "published": formats.instant(publish.published_at, language.locale),
            "publish_id": publish.publish_id,
        }
        pages: dict[str, tuple[str, dict[str, Any]]] = {
            "index.html": ("index.html", {"topics": _topics(metrics, language)}),
            "tables.html": ("tables.html", {"tables": described(connection, language.code)}),
            **{f"{each['kpi_id']}.html": ("metric.html", _made_of(each, lineage)) for each in metrics},
        }
        for name, (template, content) in pages.items():
            text = environment.get_template(template).render(**shared, **content, page=name)
            (folder / name).write_text(text, encoding="utf-8")


def words(language: Language) -> dict[str, str]:
    """What the pages say besides the catalogue's own words."""
    _ = language.gettext
    return {
        "title": _("Metric catalogue"),
        "metrics": _("Metrics"),
        "tables": _("Tables and columns"),
        "models": _("Models (dbt, in English)"),
        "definition": _("Definition"),
        "numerator": _("Numerator"),
        "denominator": _("Denominator"),
        "basis": _("Basis of its months"),
        "unit": _("Unit"),
        "version": _("Version of the definition"),
        "mart": _("Answered by the mart"),
        "maturity": _("Days until a month is mature"),
        "lineage": _("What it is made of"),
        "metric": _("Metric"),
        "measures": _("Measures"),
        "holding": _("Models that hold them"),
        "facts": _("Facts and dimensions"),
        "sources": _("Sources"),
        "column": _("Column"),
        "type": _("Type"),
        "meaning": _("Meaning"),
        "published": _("Published {when} · {publish}"),
    }


def _metrics(connection: duckdb.DuckDBPyConnection, language: Language) -> list[Row]:
    found = connection.execute(METRICS.read_text(encoding="utf-8"), {"language": language.code})
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, values, strict=True)) for values in found.fetchall()]


def _topics(metrics: list[Row], language: Language) -> list[tuple[str, list[Row]]]:
    _ = language.gettext
    titles = {
        "returns": _("Returns"),
        "cost": _("Cost"),
        "recovery": _("Recovery"),
        "flow": _("Flow"),
        "carriers": _("Carriers"),
        "waste": _("Waste and carbon"),
        "customers": _("Customers and leakage"),
    }
    by_topic: dict[str, list[Row]] = {}
    for metric in sorted(metrics, key=lambda each: each["kpi_id"]):
        by_topic.setdefault(metric["topic"], []).append(metric)
    return [(titles.get(topic, topic), each) for topic, each in sorted(by_topic.items())]


def _made_of(metric: Row, lineage: Lineage) -> dict[str, Any]:
    """A metric's measures, the models that hold them, what those read, and the sources behind all of it."""
    sides = [
        (metric[f"{role}_measure"], metric[f"{role}_label"])
        for role in ("numerator", "denominator")
        if metric[f"{role}_measure"]
    ]
    holding = {node.unique_id: node for code, _ in sides for node in lineage.holding(code)}
    if metric["mart_name"]:
        found = lineage.named(metric["mart_name"])
        holding |= {found.unique_id: found} if found else {}
    facts = {
        node.unique_id: node for each in holding for node in lineage.made_from(each) if node.unique_id not in holding
    }
    sources = {node.unique_id: node for each in holding for node in lineage.sources(each)}
    return {
        "metric": metric,
        "measures": dict.fromkeys(sides),
        "holding": list(holding.values()),
        "facts": sorted(facts.values(), key=lambda node: node.name),
        "sources": sorted(sources.values(), key=lambda node: node.name),
    }


def _lead_to(home: Path, site: Path) -> None:
    """Move ``current`` in one step, and keep nothing else."""
    link = home / f".{CURRENT}-{os.getpid()}"
    link.unlink(missing_ok=True)
    link.symlink_to(site.name)
    link.replace(home / CURRENT)
    for old in home.iterdir():
        if old.is_dir() and not old.is_symlink() and old.name != site.name and not old.name.startswith("."):
            shutil.rmtree(old, ignore_errors=True)
