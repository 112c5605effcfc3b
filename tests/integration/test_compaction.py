"""Merged files: which batch files go into one, which of them builds read, and when they go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from jinja2 import Environment

from backhaul import receipts
from backhaul.receipts import LandedFile, QuarantineFile, Receipt, TableFile
from backhaul.settings import PROJECT, Settings
from ingestion import compaction
from ingestion.compaction import CannotMerge, Manifest, Sizes, compact, everything, in_use

TABLE = "shop__costs"
SIZES = Sizes(small=10, full=20, least=2, most=6)
NOW = datetime.now(UTC)
LATER = NOW + timedelta(days=2)
READ_RECEIPTS = PROJECT / "dbt_project" / "macros" / "engine" / "read_receipts.sql"
ROWS = "select 'r' || i as _record_key, i as _row, timestamp '2026-03-01' as _landed_at, {name!r} as _batch_id"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


def listed(name: str, rows: int = 1) -> TableFile:
    return TableFile(f"batches/{name}/{TABLE}.parquet", rows, f"sha256 of {name}")


def commit(settings: Settings, name: str, rows: int = 1, supersedes: str = "", more: str = "") -> None:
    """A batch of the table with so many rows; ``more`` is a further column."""
    file = listed(name, rows)
    path = settings.lake / file.file
    path.parent.mkdir(parents=True)
    duckdb.execute(f"copy ({ROWS.format(name=name)}{more} from range({rows}) as t (i)) to '{path}' (format parquet)")
    receipt = Receipt(
        batch_id=name,
        source_id="shop",
        kind="shop",
        domain="returns",
        contract_version="1",
        landed_at="2026-03-01T00:00:00+00:00",
        committed_at="2026-03-01T00:00:00+00:00",
        horizon=None,
        cursor=None,
        file=LandedFile(name, f"{name}.csv", 1, f"landing/{name}"),
        directory=f"batches/{name}",
        tables={TABLE: file},
        quarantine=QuarantineFile("", 0),
        rows_read=rows,
        supersedes=list(supersedes),
    )
    assert receipts.commit(settings, receipt)


def merged(settings: Settings) -> list[str]:
    """The batches of each manifest, as words of their letters."""
    return sorted("".join(member.file.split("/")[1] for member in each.members) for each in everything(settings))


def read(settings: Settings, files: list[str]) -> tuple[list[str], list[Any]]:
    """Columns with their types, and rows as they stand in the files."""
    source = f"from read_parquet({[str(settings.lake / file) for file in files]})"
    columns = duckdb.execute(f"describe {source}").fetchall()
    return [f"{name} {kind}" for name, kind, *_ in columns], duckdb.execute(source).fetchall()


def parquet(settings: Settings) -> set[str]:
    return {f"compacted/{path.name}" for path in settings.compacted.glob("*.parquet")}


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ({"a": 1}, []),
        ({"a": 1, "b": 1}, ["ab"]),
        ({"a": 0, "b": 1, "c": 1}, ["bc"]),
        ({"a": 9, "b": 10, "c": 9}, ["ac"]),
        ({"a": 9, "b": 9, "c": 9, "d": 9}, ["ab", "cd"]),
        ({"a": 9, "b": 9, "c": 9}, ["ab"]),
        ({"a": 5, "b": 5, "c": 5, "d": 5, "e": 1}, ["abcd"]),
        (dict.fromkeys("abcdefgh", 1), ["abcdef", "gh"]),
    ],
    ids=["one", "two", "without rows", "a large one", "two packs", "too few for a second", "exactly full", "many"],
)
def test_small_files_are_merged(settings: Settings, rows: dict[str, int], found: list[str]) -> None:
    for name, count in rows.items():
        commit(settings, name, count)
    compact(settings, NOW, SIZES)
    assert merged(settings) == found
    before = sorted((path, path.stat().st_mtime_ns) for path in settings.lake.rglob("*"))
    compact(settings, LATER, SIZES)
    assert sorted((path, path.stat().st_mtime_ns) for path in settings.lake.rglob("*")) == before


def test_a_merged_file_holds_the_rows_of_its_members_in_their_order(settings: Settings) -> None:
    for name in "cab":
        commit(settings, name, 3)
    [manifest] = compact(settings, NOW, SIZES).merged
    expected = read(settings, [member.file for member in manifest.members])
    found = read(settings, [manifest.file])
    assert found == expected
    assert [row[3] for row in found[1]] == [*"aaabbbccc"]


def test_files_of_other_columns_or_types_are_merged_apart(settings: Settings) -> None:
    for name, more in {"a": "", "b": ", 1 as cost", "c": "", "d": ", 1.5 as cost", "e": ", 2 as cost"}.items():
        commit(settings, name, more=more)
    compact(settings, NOW, SIZES)
    assert merged(settings) == ["ac", "be"]


def test_a_larger_merged_file_takes_the_place_of_a_smaller_one_when_there_is_enough_new(settings: Settings) -> None:
    for name in "ab":
        commit(settings, name)
    [small] = compact(settings, NOW, SIZES).merged
    commit(settings, "c")
    assert compact(settings, NOW, SIZES).merged == []
    commit(settings, "d")
    report = compact(settings, NOW, SIZES)
    assert merged(settings) == ["abcd"]
    assert report.retired == [small]
    # a build that began before may still read it
    assert small.file in parquet(settings)
    compact(settings, LATER, SIZES)
    assert parquet(settings) == {manifest.file for manifest in report.merged}


def test_a_final_file_is_not_written_again_when_others_come(settings: Settings) -> None:
    for name in "ab":
        commit(settings, name, 9)
    [final] = compact(settings, NOW, SIZES).merged
    for name in "cd":
        commit(settings, name)
    assert [len(manifest.members) for manifest in compact(settings, NOW, SIZES).merged] == [2]
    assert final in everything(settings)


def test_a_superseded_batch_ends_its_merged_file_and_the_others_are_merged_anew(settings: Settings) -> None:
    for name in "abc":
        commit(settings, name)
    [first] = compact(settings, NOW, SIZES).merged
    commit(settings, "d", supersedes="b")
    report = compact(settings, NOW, SIZES)
    assert merged(settings) == ["acd"]
    assert report.retired == [first]
    compact(settings, LATER, SIZES)
    assert parquet(settings) == {manifest.file for manifest in report.merged}


def test_the_file_of_a_run_that_came_second_goes(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "ab":
        commit(settings, name)
    [first] = compact(settings, NOW, SIZES).merged
    with monkeypatch.context() as unaware:
        unaware.setattr(compaction, "everything", lambda settings: [])
        assert compact(settings, NOW, SIZES).merged == []
    assert parquet(settings) == {first.file}


@pytest.mark.parametrize("damage", ["gone", "cut", "rows"])
def test_a_damaged_batch_file_stops_it_and_nothing_is_left(settings: Settings, damage: str) -> None:
    for name in "ab":
        commit(settings, name, 3)
    path = settings.lake / listed("b").file
    if damage == "gone":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:-9])
    else:
        duckdb.execute(f"copy ({ROWS.format(name='b')} from range(2) as t (i)) to '{path}' (format parquet)")
    with pytest.raises(CannotMerge):
        compact(settings, NOW, SIZES)
    assert not settings.compacted.exists() or list(settings.compacted.iterdir()) == []


@pytest.mark.parametrize(
    ("manifests", "used"),
    [
        ([], []),
        (["ab"], ["ab"]),
        (["ab", "cd"], ["ab", "cd"]),
        (["ab", "abc"], ["abc"]),
        (["abx"], []),
        (["abx", "ab"], ["ab"]),
        (["ab", "bc"], ["bc"]),
        (["ab", "bcd", "de"], ["bcd"]),
        (["abc", "cdef", "ef"], ["cdef"]),
        (["ab", "bcd", "defg"], ["defg"]),
    ],
    ids=lambda value: " ".join(value) or "none",
)
def test_builds_read_by_the_manifests_that_are_in_use(
    settings: Settings, manifests: list[str], used: list[str]
) -> None:
    for name in "abcdefg":
        commit(settings, name)
    known = [Manifest(TABLE, f"compacted/{word}.parquet", [*map(listed, word)]) for word in manifests]
    for manifest in known:
        receipts.replace(settings.compacted / f"{manifest.id}.json", manifest.to_json())
    expected = {f"compacted/{word}.parquet" for word in used}
    assert {manifest.file for manifest in in_use(known, set(map(listed, "abcdefg")))} == expected
    macros = Environment(extensions=["jinja2.ext.do"]).from_string(READ_RECEIPTS.read_text(encoding="utf-8")).module
    pattern = str(settings.compacted / "*.json") if manifests else None
    with duckdb.connect() as con:
        con.execute(macros.document_query(str(settings.receipts / "*.json")))  # type: ignore[attr-defined]
        con.execute(macros.merged_file_query(pattern))  # type: ignore[attr-defined]
        rows = con.execute("select merged_file, file from merged_file").fetchall()
    members = {(f"compacted/{word}.parquet", listed(name).file) for word in used for name in word}
    assert sorted(rows) == sorted(members)
