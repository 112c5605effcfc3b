"""The business day by day: each day adds its own files, none tells the future, and in the end all is told."""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import date
from pathlib import Path

import duckdb
import pytest

from simulator.days import simulate_until
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
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All days at once; read it, never change it."""
    home = tmp_path_factory.mktemp("days")
    simulate_until(home, LAST_DAY, seed=7, units=500)
    return home


def test_a_day_adds_its_own_files_and_changes_no_other(tmp_path: Path) -> None:
    first = until(tmp_path, "2026-03-02")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "drop").rglob("*") if path.is_file()}
    assert len(before) == len(first)
    assert until(tmp_path, "2026-03-02") == until(tmp_path, "2025-12-01") == []
    new = until(tmp_path, "2026-03-03")
    assert new
    assert all("2026-03-03" in name for name in new)
    assert not set(first) & set(new)
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_day_by_day_or_at_once_the_files_are_the_same(whole: Path, tmp_path: Path) -> None:
    for day in ("2025-10-01", "2025-10-02", "2026-04-09", "2026-04-10", "2027-01-01"):
        until(tmp_path, day)
    assert digests(tmp_path) == digests(whole)


def test_the_truth_is_that_of_the_whole_year_from_the_first_day(whole: Path, tmp_path: Path) -> None:
    until(tmp_path / "begun", "2025-10-01")
    assert digests(tmp_path / "begun" / "truth") == digests(whole / "truth")
    simulate(tmp_path / "quarterly", seed=7, units=500)
    told = {**digests(whole / "truth"), "labels.csv": ""}
    assert told == {**digests(tmp_path / "quarterly" / "truth"), "labels.csv": ""}


def test_a_report_and_a_stock_count_arrive_when_their_month_is_over(whole: Path, tmp_path: Path) -> None:
    monthly = {"fba_ca/customer_returns_2026-02.tsv", "fba_us/customer_returns_2026-02.tsv"}
    monthly.add("wms/inventory_snapshot_2026-02.csv")
    until(tmp_path, "2026-02-28")
    assert monthly < set(until(tmp_path, "2026-03-01"))


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_no_file_tells_the_future(whole: Path, form: str) -> None:
    readers = {"csv": "read_csv(?, all_varchar = true, ", "jsonl": "read_ndjson(?, ignore_errors = true, "}
    reader = readers.get(form, "read_parquet(?, ") + "filename = true, union_by_name = true)"
    checked = 0
    for name in {path.name.rsplit("_", 1)[0] for path in (whole / "drop" / "shop").glob(f"*.{form}")}:
        files = [str(path) for path in (whole / "drop" / "shop").glob(f"{name}_????-*.{form}")]
        columns = [row[0] for row in duckdb.execute(f"describe from {reader}", [files]).fetchall()]
        for column in EVENTS & set(columns):
            wrong, known = duckdb.execute(
                f"select count_if(told >= day + interval 1 day), count(told) from (select "
                f"timezone('UTC', try_cast({column} as timestamptz)) as told, "
                f"greatest(cast(right(parse_filename(filename, true), 10) as date), date '2025-10-01') as day "
                f"from {reader})",
                [files],
            ).fetchall()[0]
            assert wrong == 0, (name, column)
            checked += known
    assert checked > 300


def test_pages_of_the_platform_tell_no_scan_before_its_day(whole: Path) -> None:
    scans = 0
    for path in (whole / "drop" / "easypost").glob("trackers_*.json"):
        for tracker in json.loads(path.read_bytes())["trackers"]:
            told = [tracker["updated_at"], *(scan["datetime"] for scan in tracker["tracking_details"])]
            assert max(told)[:10] <= path.stem[-10:]
            scans += len(told)
    assert scans > 300


def test_the_same_defects_are_labelled(whole: Path, tmp_path: Path) -> None:
    simulate(tmp_path, seed=7, units=500)
    # what is told again is told more often day by day; a file of a day may have no accent
    by_layout = {"restated_row", "cp1252_file"}
    ours, theirs = (Counter(row["defect"] for row in label_rows(home)) for home in (whole, tmp_path))
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
        ("2025-09-30", {}, ValueError, "begins on 2025-10-01"),
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
