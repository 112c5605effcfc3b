"""Real repairs: what became of what people brought, by number and by mass, each share with its denominator named.

Loaded are the latest full snapshots of three partners, and in a home apart two successive snapshots of a partner that
gave 575 of its repairs new numbers in between. The figures are counted from the files themselves.
"""

from __future__ import annotations

import csv
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from backhaul.settings import PROJECT, Settings
from ingestion.batch import ingest
from tests.integration.partial import build_models

DATA = PROJECT.parent / "shared" / "data" / "open-repair"
WEIGHTS = DATA / "reference" / "ords_product_category_unu_key_map.csv"
EXAMPLES = PROJECT / "ingestion" / "sources" / "delimited" / "examples"
ROUTE = {"Fixed": "REPAIR_RETURN_OWNER", "Repairable": "KEPT_BY_CUSTOMER", "End of life": "RECYCLE", "Unknown": None}

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the Open Repair data are not beside the project")


def _snapshot(partner: str, month: str) -> Path:
    (path,) = (DATA / partner / month).glob("*.csv")
    return path


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def _home(home: Path, files: list[Path], *models: str) -> Settings:
    sources: list[dict[str, Any]] = [
        {
            "id": name,
            "kind": "delimited",
            "domain": "returns",
            "contract": str(EXAMPLES / f"open_repair_{name}.yml"),
            "from": {"type": "files", "path": "drop"},
            "full_snapshot": True,
            "max_quarantined_share": 0.9,
        }
        for name in ("returns", "outcomes", "products")
    ]
    (home / "sources.yml").write_text(yaml.safe_dump({"sources": sources}))
    settings = Settings(home=home)
    for file in files:
        for name in ("returns", "outcomes"):
            ingest(name, [file], settings)
    ingest("products", [WEIGHTS], settings)
    build_models(settings, *models)
    return settings


def test_dispositions_mass_and_recovery_are_those_of_the_files(tmp_path: Path) -> None:
    files = [_snapshot(name, "202507") for name in ("FixitClinic", "RepairCafeToronto", "RepairConnects")]
    rows = [row for file in files for row in _read(file)]
    weights = {row["product_category_id"]: Decimal(row["unu_2012"]) for row in _read(WEIGHTS)}
    outcomes = Counter(ROUTE[row["repair_status"]] for row in rows)
    masses: Counter[str | None] = Counter()
    for row in rows:
        masses[ROUTE[row["repair_status"]]] += weights[row["product_category_id"]]  # type: ignore[assignment]
    settings = _home(tmp_path, files, "fct_measure_mass", "fct_measure_unit", "quality_quarantine")
    with duckdb.connect(str(settings.build_db), read_only=True) as warehouse:
        found = warehouse.execute(
            "select disposition_code, count(*), sum(mass_kg) from core.fct_return_unit group by disposition_code"
        ).fetchall()
        measures = dict(
            warehouse.execute(
                "select measure_code, sum(amount) from core.fct_measure_mass group by measure_code "
                "union all select measure_code, sum(amount) from core.fct_measure_unit "
                "where measure_code in ('UNITS_RECEIVED', 'UNITS_CLOSED', 'UNITS_CLOSED_WEIGHED') group by measure_code"
            ).fetchall()
        )
        kept_out = warehouse.execute("select rule, sum(row_count)::bigint from quality.quality_quarantine group by 1")
        assert kept_out.fetchall() == [("outcome_not_told", outcomes[None])]
    assert {code: (count, mass) for code, count, mass in found} == {
        code: (outcomes[code], masses[code]) for code in outcomes
    }
    # of everything brought, of everything whose outcome is known, and of the mass whose outcome is known
    closed = len(rows) - outcomes[None]
    assert measures["UNITS_RECEIVED"] == len(rows)
    assert measures["UNITS_CLOSED"] == measures["UNITS_CLOSED_WEIGHED"] == closed
    assert measures["MASS_KG"] == sum(masses.values()) - masses[None]
    assert measures["PREVENTED_KG"] == masses["REPAIR_RETURN_OWNER"] + masses["KEPT_BY_CUSTOMER"]
    assert measures["WASTE_KG"] == measures["WASTE_DIVERTED_KG"] == masses["RECYCLE"]


def test_rows_that_vanish_and_numbers_used_again_raise_an_alarm(tmp_path: Path) -> None:
    files = [_snapshot("FixitClinic", "202303"), _snapshot("FixitClinic", "202309")]
    earlier, later = ({row["id"]: row for row in _read(file)} for file in files)
    vanished = earlier.keys() - later.keys()
    again = {
        number
        for number in earlier.keys() & later.keys()
        if all(earlier[number][name] != later[number][name] for name in ("product_category_id", "event_date"))
    }
    assert (len(vanished), len(again)) == (575, 20)
    settings = _home(tmp_path, files, "int_units__record_finding")
    with duckdb.connect(str(settings.build_db), read_only=True) as warehouse:
        found = warehouse.execute(
            "select rule_id, detail from intermediate.int_units__record_finding order by all"
        ).fetchall()
    assert {detail for rule, detail in found if rule == "vanished_record"} == vanished
    assert {detail for rule, detail in found if rule == "reused_identifier"} == again
    assert len(found) == 595
