"""Real freight: what a kilogram cost to ship, with the lines that carry words instead of a figure kept apart.

The figures are those of the data's own description (USAID SCMS delivery history, first 4,000 lines).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path

import duckdb
import pytest
import yaml

from backhaul.settings import PROJECT, Settings
from ingestion.batch import ingest
from tests.integration.partial import build_models

DATA = PROJECT.parent / "shared" / "data" / "usaid-scms" / "SCMS_Delivery_History_first4000.tsv"
EXAMPLES = PROJECT / "ingestion" / "sources" / "delimited" / "examples"
SOURCES = ["scms_shipments", "scms_freight"]

pytestmark = pytest.mark.skipif(not DATA.is_file(), reason="the SCMS delivery history is not beside the project")


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The build database of a home that knows nothing but the SCMS file, read for weights and for freight."""
    home: Path = tmp_path_factory.mktemp("scms")
    sources = [
        {
            "id": name,
            "kind": "delimited",
            "domain": "carrier",
            "contract": str(EXAMPLES / f"{name}.yml"),
            "from": {"type": "files", "path": "drop"},
        }
        for name in SOURCES
    ]
    (home / "sources.yml").write_text(yaml.safe_dump({"sources": sources}))
    settings = Settings(home=home, reporting_currency="USD")
    for name in SOURCES:
        ingest(name, [DATA], settings)
    build_models(settings, "fct_measure_parcel", "quality_quarantine", "quality_row_conservation")
    with duckdb.connect(str(settings.build_db), read_only=True) as connection:
        yield connection


def test_freight_is_what_the_numbers_say(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = warehouse.execute("select count(*), sum(amount), sum(amount_reporting) from core.fct_cost").fetchone()
    assert found == (2_487, Decimal("22196944.93"), Decimal("22196944.93"))
    zero = warehouse.execute("select count(*) from core.fct_cost where amount = 0").fetchone()
    assert zero == (0,)


def test_a_line_without_a_figure_is_kept_with_its_reason(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = warehouse.execute(
        "select rule, sum(row_count)::bigint from quality.quality_quarantine group by rule order by rule"
    ).fetchall()
    assert found == [
        ("freight_in_commodity_cost", 668),
        ("freight_invoiced_separately", 107),
        ("freight_on_another_line", 738),
    ]
    lost = warehouse.execute(
        "select sum(rows_read - rows_loaded - rows_quarantined)::bigint, sum(rows_read)::bigint "
        "from quality.quality_row_conservation"
    ).fetchone()
    assert lost == (0, 8_000)


def test_weights_are_what_the_numbers_say(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = warehouse.execute(
        "select count(*), count(parcel_weight_kg), sum(parcel_weight_kg) from core.fct_return_shipment"
    ).fetchone()
    assert found == (4_000, 2_510, Decimal(6_186_248))


def test_cost_per_kilogram_divides_the_same_consignments(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Both figures of a line have to be numbers: 2,471 lines; neither words nor the other figure count as zero."""
    both = []
    with DATA.open(encoding="cp1252", newline="") as handle:
        for row in csv.DictReader(handle, delimiter="\t"):
            try:
                both.append((Decimal(row["Freight Cost (USD)"]), Decimal(row["Weight (Kilograms)"])))
            except InvalidOperation:
                continue
    expected = (sum(freight for freight, _ in both), sum(weight for _, weight in both), 2_471)
    found = warehouse.execute(
        "select sum(amount) filter (measure_code = 'FREIGHT_OF_WEIGHED_PARCELS'), "
        "sum(amount) filter (measure_code = 'PARCEL_BILLED_KG'), "
        "count(*) filter (measure_code = 'PARCEL_BILLED_KG') from core.fct_measure_parcel"
    ).fetchone()
    assert found == expected
