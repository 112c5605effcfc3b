"""What holds of the models as a whole: their unit tests, and that the order of arrival changes nothing."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from backhaul.build import build, dbt_arguments, dbt_environment
from backhaul.publishing import publish
from backhaul.settings import Settings
from expectations.marts import audit_marts
from ingestion.batch import ingest
from ingestion.config import load_sources
from simulator.demo import simulate
from tests.integration.comparing import assert_same_tables
from tests.integration.partial import compiled, copied

UNITS = 600
# tests that need all of the warehouse, and what is planted for each
PLANTED = [
    (
        "cost_components_add_up_to_the_headline",
        "update marts.mart_cost_per_return set cost_reporting = cost_reporting + 0.0001",
    ),
    (
        "waste_marts_equal_the_metrics",
        "update marts.mart_waste_diversion set hierarchy_score = hierarchy_score - 0.000001 where hierarchy_score > 0",
    ),
]


def _home(path: Path) -> Settings:
    settings = Settings(home=path)
    simulate(settings.root, seed=11, units=UNITS)
    # customers are hashed with the home's own salt: homes that are to agree share it
    (path / "salt").write_text("one salt")
    return settings


@pytest.fixture(scope="module")
def at_once(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The demo business, loaded at once and published."""
    settings = _home(tmp_path_factory.mktemp("at_once"))
    for source in load_sources(settings):
        ingest(source.id, (), settings)
    build(settings)
    publish(settings, audit_marts)
    return settings


def test_the_models_pass_their_unit_tests(at_once: Settings) -> None:
    command = [str(Path(sys.executable).with_name("dbt")), *dbt_arguments(at_once, "test")]
    done = subprocess.run(
        [*command, "--select", "test_type:unit"],
        env={**os.environ, **dbt_environment(at_once)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:]


@pytest.mark.parametrize(("name", "plant"), PLANTED, ids=[name for name, _ in PLANTED])
def test_a_mart_that_differs_from_its_metric_is_seen(at_once: Settings, tmp_path: Path, name: str, plant: str) -> None:
    with copied(at_once, tmp_path) as warehouse:
        assert warehouse.execute(compiled(at_once, name)).fetchall() == []
        warehouse.execute(plant)
        assert warehouse.execute(compiled(at_once, name)).fetchall() != []


def test_any_order_gives_the_same_tables(at_once: Settings, tmp_path: Path) -> None:
    """Shuffled, in two deliveries that share five files, with a build of the first half."""
    in_parts = _home(tmp_path / "in_parts")
    deliveries = [
        (source.id, file)
        for source in load_sources(in_parts)
        for file in sorted((in_parts.root / "drop" / source.id).rglob("*"))
        if file.is_file()
    ]
    random.Random(3).shuffle(deliveries)
    half = len(deliveries) // 2
    for part in (deliveries[:half], deliveries[half - 5 :]):
        for source_id, file in part:
            ingest(source_id, [file], in_parts)
        build(in_parts)
    publish(in_parts, audit_marts)
    assert_same_tables(at_once, in_parts)
