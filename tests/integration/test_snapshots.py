"""Records that the full snapshots of a source hold no longer: which stand, in any order of loading, carried on or anew.

Each case is a source of its own whose files are snapshots of its returns, a month apart; all cases make one warehouse.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
import yaml

from backhaul.build import close_journal
from backhaul.settings import Settings
from ingestion.batch import ingest
from tests.integration.partial import build_models

ALL = frozenset(range(1, 31))
HEADER = "rma_id,rma_line,sku,quantity,received_at\n"
# Per case its snapshots, one that ends in a row without a quantity as a tuple, and the returns that stand in the end.
CASES = {
    "gone": ([ALL, ALL - {3}], ALL - {3}),
    "gone-and-more-since": ([ALL, ALL - {3}, ALL - {3, 4} | {31}], ALL - {3, 4} | {31}),
    "back": ([ALL, ALL - {3}, ALL], ALL),
    "cut-short": ([ALL, frozenset({1, 2, 31})], ALL | {31}),
    "cut-short-twice": ([ALL, frozenset(range(1, 12)), frozenset(range(1, 11))], ALL),
    "whole-after-a-cut": ([ALL, frozenset({1, 2}), ALL - {3}], ALL - {3}),
    "a-row-in-quarantine": ([ALL, (ALL - {3},)], ALL),
    "whole-after-quarantine": ([ALL, (ALL - {3},), ALL - {3}], ALL - {3}),
    "something-else-between": ([ALL, frozenset(range(101, 140)), ALL - {3}], ALL - {3} | frozenset(range(101, 140))),
    "first-one-small": ([frozenset({1, 2}), ALL], ALL),
    "only-one": ([ALL - {3}], ALL - {3}),
}
# Sources that give increments; one so much that what comes later is little beside it.
INCREMENTS = {"increments": [ALL, ALL - {3}], "much": [frozenset(range(2000))]}
FILES = {**{name: snapshots for name, (snapshots, _) in CASES.items()}, **INCREMENTS}
STAGED = (
    "select count(*), sum(cast(hash(told) as hugeint)) from staging.stg_backhaul__returns as told",
    "select count(*), sum(cast(hash(line) as hugeint)) from intermediate.int_units__return_record as line",
)


def _snapshot(returns: frozenset[int] | tuple[frozenset[int]], month: int) -> str:
    held, is_broken = (returns[0], True) if isinstance(returns, tuple) else (returns, False)
    # the least of them came back in that month, which tells the snapshots apart
    lines = [f"R{number},1,A,1,2026-{month if number == min(held) else 1:02}-02T00:00:00Z\n" for number in sorted(held)]
    return HEADER + "".join(lines) + ("R900,1,A,,2026-01-02T00:00:00Z\n" if is_broken else "")


def _home(home: Path) -> Settings:
    sources = [
        {
            "id": name,
            "kind": "backhaul",
            "domain": "returns",
            "from": {"type": "files", "path": f"drop/{name}"},
            "full_snapshot": name in CASES,
        }
        for name in FILES
    ]
    home.mkdir()
    (home / "sources.yml").write_text(yaml.safe_dump({"sources": sources}))
    return Settings(home=home)


def _load(settings: Settings, name: str, number: int) -> None:
    """Ingest a snapshot of a case by its place."""
    snapshots = FILES[name]
    if number < len(snapshots):
        file = settings.root / f"{name}_{number}_returns.csv"
        file.write_text(_snapshot(snapshots[number], month=2 + number))
        report = ingest(name, [file], settings)
        assert not report.held


def _standing(settings: Settings) -> dict[str, frozenset[int]]:
    with duckdb.connect(str(settings.build_db), read_only=True) as warehouse:
        found = warehouse.execute(
            "select source_id, list(cast(substr(rma_id, 2) as int)) from staging.stg_backhaul__returns "
            "where is_current group by source_id"
        ).fetchall()
    return {source: frozenset(numbers) for source, numbers in found}


def _build(settings: Settings) -> list[tuple[int, int]]:
    build_models(settings, "int_units__return_record", "int_units__record_finding")
    with duckdb.connect(str(settings.build_db), read_only=True) as warehouse:
        return [warehouse.execute(query).fetchall()[0] for query in STAGED]


@pytest.fixture(scope="module")
def carried(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home that was built after the first snapshots, and carried on after the third ones and the second ones."""
    settings = _home(tmp_path_factory.mktemp("snapshots") / "carried")
    carried_on = []
    for number in (0, 2, 1):
        for name in FILES:
            _load(settings, name, number)
        _build(settings)
        carried_on.append(close_journal(settings))
    assert carried_on == [False, True, True]
    return settings


@pytest.mark.parametrize("case", CASES)
def test_what_stands_is_what_the_snapshots_that_can_be_believed_hold(carried: Settings, case: str) -> None:
    assert _standing(carried)[case] == CASES[case][1]


def test_a_source_of_increments_withdraws_nothing(carried: Settings) -> None:
    assert _standing(carried)["increments"] == ALL


def test_records_that_a_snapshot_lacks_and_that_stand_nevertheless_raise_an_alarm(carried: Settings) -> None:
    with duckdb.connect(str(carried.build_db), read_only=True) as warehouse:
        found = dict(
            warehouse.execute(
                "select source_id, count(*) from intermediate.int_units__record_finding "
                "where rule_id = 'vanished_record' group by source_id"
            ).fetchall()
        )
    assert found == {
        "cut-short": 28,
        "cut-short-twice": 20,
        "a-row-in-quarantine": 1,
        "something-else-between": 39,
    }


def test_any_order_of_loading_gives_the_same(carried: Settings, tmp_path: Path) -> None:
    shuffled = _home(tmp_path / "shuffled")
    for number in (2, 0, 1):
        for name in reversed(FILES):
            _load(shuffled, name, number)
    whole = _build(shuffled)
    with duckdb.connect(str(carried.build_db), read_only=True) as warehouse:
        assert [warehouse.execute(query).fetchall()[0] for query in STAGED] == whole
