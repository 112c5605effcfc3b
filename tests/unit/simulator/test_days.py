"""The business day by day: each day adds its own files, none tells the future, and in the end all is told."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from simulator.days import BeforeTheYear, simulate_until
from simulator.demo import simulate
from tests.unit.simulator.conftest import Demo
from tests.unit.simulator.test_demo import digests, label_rows

LAST_DAY = date(2026, 10, 1)
# what happened, of which a file can know only what lies before its own day's end
EVENTS = {
    "updated_at", "ordered_at", "shipped_at", "delivered_at", "received_at", "refused_at", "refunded_at", "executed_at",
    "decided_at", "inspected_at", "started_at", "completed_at", "moved_at", "packed_at", "unpacked_at", "filed_at",
    "settled_at", "first_scan_at", "answered_at", "posted_at", "recovered_at", "invoiced_at", "snapshot_at",
}  # fmt: skip


def until(home: Path, day: str, **asked: object) -> list[str]:
    """The names of the files that a call adds."""
    arrived = simulate_until(home, date.fromisoformat(day), **{"seed": 7, "units": 500, **asked})
    return [str(path.relative_to(home / "drop")) for path in arrived]


@pytest.fixture(scope="module")
def quarterly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same year in quarterly exports; read it, never change it."""
    home = tmp_path_factory.mktemp("quarterly")
    simulate(home, seed=7, units=500)
    return home


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All days at once; read it, never change it."""
    home = tmp_path_factory.mktemp("days")
    simulate_until(home, LAST_DAY, seed=7, units=500)
    return home


@pytest.fixture(scope="module")
def daily(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, list[str]]]:
    """The same year in several steps, and the files that each added."""
    home = tmp_path_factory.mktemp("daily")
    steps = ["2025-10-01", "2025-10-02", "2026-02-28", "2026-03-01", "2026-03-02", "2026-03-03", "2027-01-01"]
    return home, {day: until(home, day) for day in steps}


def test_a_day_adds_its_own_files_only(daily) -> None:
    home, added = daily
    names = [name for files in added.values() for name in files]
    assert sorted(names) == sorted({str(p.relative_to(home / "drop")) for p in (home / "drop").rglob("*.*")})
    for day in ("2025-10-02", "2026-03-02", "2026-03-03"):
        assert added[day]
        assert all(day in name for name in added[day])
    assert until(home, "2027-01-01") == until(home, "2025-10-01") == []


def test_a_report_and_a_stock_count_arrive_when_their_month_is_over(daily) -> None:
    _, added = daily
    reports = {f"fba_{country}/customer_returns_2026-02.tsv" for country in ("ca", "us")}
    assert {*reports, "wms/inventory_snapshot_2026-02.csv"} < set(added["2026-03-01"])


def test_day_by_day_or_at_once_the_files_are_the_same(whole: Path, daily) -> None:
    home, _ = daily
    assert digests(home) == digests(whole)


def test_the_truth_is_that_of_the_whole_year(whole: Path, quarterly: Path) -> None:
    figures = {**digests(quarterly / "truth"), "labels.csv": ""}
    assert {**digests(whole / "truth"), "labels.csv": ""} == figures


def rows_of(path: Path) -> Iterator[dict[str, Any]]:
    if path.suffix == ".parquet":
        yield from pq.read_table(path).to_pylist()
    elif path.suffix == ".csv":
        yield from csv.DictReader(path.read_text().splitlines())
    else:
        with suppress(json.JSONDecodeError):  # of one line: they are labelled
            yield from map(json.loads, path.read_text().splitlines())


def moment(value: Any) -> datetime | None:
    """When it was, in UTC; None for what is no time."""
    try:
        told = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return told.astimezone(UTC) if told.tzinfo else told.replace(tzinfo=UTC)


@pytest.mark.parametrize(("form", "least"), [("csv", 5_000), ("jsonl", 500), ("parquet", 2_000)])
def test_no_file_tells_the_future(whole: Path, form: str, least: int) -> None:
    checked = 0
    for path in (whole / "drop" / "shop").glob(f"*.{form}"):
        ends = datetime.fromisoformat(path.stem[-10:]).replace(tzinfo=UTC) + timedelta(days=1)
        for row in rows_of(path):
            told = {name: at for name in EVENTS & row.keys() if (at := moment(row[name]))}
            assert not {name: at for name, at in told.items() if at >= ends}, path.name
            checked += len(told)
    assert checked > least


def test_pages_of_the_platform_tell_no_scan_before_its_day(whole: Path) -> None:
    scans = 0
    for path in (whole / "drop" / "easypost").glob("trackers_*.json"):
        for tracker in json.loads(path.read_bytes())["trackers"]:
            told = [tracker["updated_at"], *(scan["datetime"] for scan in tracker["tracking_details"])]
            assert max(told)[:10] <= path.stem[-10:]
            scans += len(told)
    assert scans > 300


def test_the_same_defects_are_labelled(whole: Path, quarterly: Path) -> None:
    # what is told again is told more often day by day; a file of a day may have no accent
    by_layout = {"restated_row", "cp1252_file"}
    ours, theirs = (Counter(row["defect"] for row in label_rows(home)) for home in (whole, quarterly))
    assert {d: n for d, n in ours.items() if d not in by_layout} == {
        d: n for d, n in theirs.items() if d not in by_layout
    }
    assert ours["restated_row"] > theirs["restated_row"] > 0
    for row in label_rows(whole):
        data = (whole / "drop" / row["file"]).read_bytes()
        if row["defect"] == "cp1252_file":
            with pytest.raises(UnicodeDecodeError):
                data.decode()
        elif row["defect"] == "bad_number" and row["file"].startswith("shop"):
            record = list(csv.reader(data.decode().splitlines()))[int(row["row"])]
            assert {"#REF!", "N/A", "1,2 kg", "3 lb"} & set(record)


@pytest.mark.parametrize(
    ("day", "asked", "error", "message"),
    [
        ("2025-09-30", {}, BeforeTheYear, "begins on 2025-10-01"),
        ("2026-01-01", {"seed": 8}, FileExistsError, "another business .*seed 7, units 500"),
        ("2026-01-01", {"persona": "apparel"}, FileExistsError, "another business .*home_improvement"),
        ("2026-01-01", {"api_port": 8795}, FileExistsError, "another business"),
    ],
    ids=["before the year", "seed", "persona", "port"],
)
def test_what_cannot_be_gone_on_with_is_explained(whole: Path, day, asked, error, message) -> None:
    before = digests(whole)
    with pytest.raises(error, match=message):
        until(whole, day, **asked)
    assert digests(whole) == before


@pytest.mark.parametrize("sources", ["sources: [{id: mine}]\n", None], ids=["of its own", "the year at once"])
def test_a_home_with_sources_is_left_alone(demo: Demo, tmp_path: Path, sources: str | None) -> None:
    (tmp_path / "sources.yml").write_text(sources or (demo.home / "sources.yml").read_text())
    with pytest.raises(FileExistsError, match="already configures sources"):
        until(tmp_path, "2026-01-01")
    assert [path.name for path in tmp_path.iterdir()] == ["sources.yml"]


def test_a_first_day_that_was_cut_short_is_begun_again(tmp_path: Path) -> None:
    left = tmp_path / "days" / "2025-10-01" / "shop" / "half.csv"
    left.parent.mkdir(parents=True)
    left.touch()
    (tmp_path / "days" / "business.json").write_text("{")
    assert "shop/half.csv" not in until(tmp_path, "2025-10-01")
    assert (tmp_path / "sources.yml").exists()
