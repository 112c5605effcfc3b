from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from pathlib import Path

import duckdb
import pytest
import yaml

from simulator import defects
from simulator.demo import simulate
from tests.unit.simulator.conftest import Demo


def digests(home: Path) -> dict[str, str]:
    files = (p for p in sorted(home.rglob("*")) if p.is_file())
    return {str(p.relative_to(home)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def label_rows(home: Path) -> list[dict[str, str]]:
    with (home / "truth" / "labels.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_seed_gives_the_same_bytes_again(demo: Demo, tmp_path: Path) -> None:
    simulate(tmp_path, seed=7, units=2000)
    assert digests(tmp_path) == digests(demo.home)


def test_another_seed_gives_another_business_of_the_same_files(demo: Demo, tmp_path: Path) -> None:
    simulate(tmp_path, seed=8, units=2000)
    ours, other = digests(demo.home), digests(tmp_path)
    assert ours.keys() == other.keys()
    same = {path for path in ours if ours[path] == other[path]}
    # what goods are made of, the places and the policies are not drawn
    masters = ("shop/nodes.csv", "shop/return_policies.csv", "wms/item_materials.csv")
    assert same == {"sources.yml", *(f"drop/{name}" for name in masters)}


def test_the_smallest_business_has_every_file_too(demo: Demo, tmp_path: Path) -> None:
    simulate(tmp_path, seed=3, units=500)
    assert digests(tmp_path).keys() == digests(demo.home).keys()


def test_a_home_with_sources_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "sources.yml").write_text("sources: [{id: mine}]\n")
    with pytest.raises(FileExistsError, match="already configures sources"):
        simulate(tmp_path, units=500)
    assert [p.name for p in tmp_path.iterdir()] == ["sources.yml"]


def test_an_empty_list_of_sources_is_filled(tmp_path: Path) -> None:
    (tmp_path / "sources.yml").write_text("sources: []\n")
    simulate(tmp_path, units=500)
    assert len(yaml.safe_load((tmp_path / "sources.yml").read_text())["sources"]) == 5


def test_too_few_units_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least 500"):
        simulate(tmp_path, units=499)


def test_every_source_has_its_files_and_they_are_few(demo: Demo) -> None:
    sources = yaml.safe_load((demo.home / "sources.yml").read_text())["sources"]
    folders = [demo.home / source["from"]["path"] for source in sources]
    assert sorted(f.name for f in folders) == sorted(p.name for p in (demo.home / "drop").iterdir())
    assert sum(len(list(folder.iterdir())) for folder in folders) == 103


def test_every_defect_is_told_what_to_do_with(demo: Demo) -> None:
    seen = Counter(row["defect"] for row in label_rows(demo.home))
    # this business has nothing that may not be sold on
    assert seen.keys() == defects.EXPECTED.keys() - {"forbidden_resale"}
    quarantined = sum(row["expected"] == defects.QUARANTINE for row in label_rows(demo.home))
    assert quarantined == 38
    assert {row["rule"] for row in label_rows(demo.home)} == {"", *defects.RULES.values()} - {"forbidden_resale"}


def test_labels_point_at_the_rows_they_name(demo: Demo) -> None:
    bad = {"bad_number": {"#REF!", "N/A", "1,2 kg", "douze", "3 lb"}, "bad_date": {"32/13/2026", "31-31-2026"}}
    bad["bad_date"] |= {"2026-02-30T10:00:00-05:00"}
    bad["negative_quantity"] = {"-1"}
    checked = 0
    for row in label_rows(demo.home):
        path = demo.home / "drop" / row["file"]
        if row["defect"] not in bad or path.suffix not in (".csv", ".tsv"):
            continue
        dialect = {"delimiter": "\t", "quoting": csv.QUOTE_NONE} if path.suffix == ".tsv" else {}
        with path.open(encoding="utf-8", newline="") as file:
            record = list(csv.reader(file, **dialect))[int(row["row"])]  # the header is record 0
        assert bad[row["defect"]] & set(record), row
        checked += 1
    assert checked == 29


def test_cp1252_files_hold_accents_that_utf_8_refuses(demo: Demo) -> None:
    files = [row["file"] for row in label_rows(demo.home) if row["defect"] == "cp1252_file"]
    assert len(files) == 3
    for name in files:
        data = (demo.home / "drop" / name).read_bytes()
        with pytest.raises(UnicodeDecodeError):
            data.decode("utf-8")
        assert "é" in data.decode("cp1252")


def test_the_report_comes_in_all_its_styles(demo: Demo) -> None:
    heads, dates = set(), set()
    for path in (demo.home / "drop").glob("fba_*/*.tsv"):
        head, first = path.read_bytes().decode("cp1252").splitlines()[:2]
        heads.add(head)
        day = first.split("\t")[0]
        dates.add("iso" if "T" in day else "name" if day[3:6].isalpha() else "digits")
    assert dates == {"iso", "name", "digits"}
    assert {h.split("\t")[1] for h in heads} == {"order-id", "amazon-order-id", "Order ID"}
    assert any(h.endswith("return-program") for h in heads)


def test_pages_are_json_and_parquet_is_typed(demo: Demo) -> None:
    for path in (demo.home / "drop" / "easypost").glob("*.json"):
        page = json.loads(path.read_bytes())
        assert page["has_more"] is False
        assert len(page[path.name.split("_")[0]]) > 10
    costs = demo.home / "drop" / "shop" / "costs_2026Q1.parquet"
    types = dict(duckdb.sql(f"select column_name, column_type from (describe from '{costs}')").fetchall())
    assert (types["amount"], types["posted_at"]) == ("DECIMAL(18,4)", "TIMESTAMP")
