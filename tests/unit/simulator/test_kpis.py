"""The true measures hold together, and agree with what the files and the truth tables tell by other means."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import yaml

from simulator.kpis.base import Book
from tests.unit.simulator.conftest import Demo

CATALOGUE = Path(__file__).parents[3] / "dbt_project" / "metrics"
ESTIMATES = {
    "INVENTORY_CO2E_KG", "AVOIDED_CO2E_KG", "WASTE_FACTORED_INVENTORY_KG", "WASTE_FACTORED_AVOIDED_KG",
    "REGRET_OF_CLOSED", "UNITS_CLOSED_COMPARED", "AUDIT_FINDINGS_AMOUNT",
}  # fmt: skip
# (part, whole): the part is counted among the whole, month by month
PARTS = [
    ("UNITS_AUTHORISED_OF_REQUESTED", "UNITS_REQUESTED"), ("UNITS_ARRIVED_IN_28_DAYS", "UNITS_AUTHORISED_AGED"),
    ("UNITS_RETURNED_OF_SHIPPED", "UNITS_DELIVERABLE"), ("UNITS_DELIVERABLE", "UNITS_SHIPPED"),
    ("VALUE_RETURNED_OF_SHIPPED", "VALUE_SHIPPED"), ("ORDERS_WITH_RETURN", "ORDERS_SHIPPED"),
    ("ORDERS_BRACKETED", "ORDERS_SHIPPED"), ("UNITS_ASKED_BACK_IN_30_DAYS", "UNITS_DELIVERED"),
    ("UNITS_BLIND", "UNITS_RECEIVED"), ("UNITS_GRADED", "UNITS_RECEIVED"), ("UNITS_WITH_REASON", "UNITS_RECEIVED"),
    ("UNITS_RECEIVED_COSTED", "UNITS_RECEIVED"), ("UNITS_RECEIVED_LOCATED", "UNITS_RECEIVED"),
    ("UNITS_CROSSED", "UNITS_RECEIVED_LOCATED"), ("PARCELS_CHARGED_WEIGHED", "PARCELS_CHARGED"),
    ("UNITS_BACK_OF_DELIVERED_TIMED", "UNITS_BACK_OF_DELIVERED"), ("REFUNDS_AGED_MATCHED", "REFUNDS_AGED"),
    ("UNITS_SWAPPED", "UNITS_RECEIVED"), ("UNITS_CARRIER_DAMAGED", "UNITS_RECEIVED"),
    ("DEFECT_CLAIMED_TESTED_OK", "DEFECT_CLAIMED_TESTED"), ("REFUND_RETAINED", "REFUND_VALUE"),
    ("UNITS_REFUNDED_AND_KEPT", "UNITS_REFUNDED"), ("REFUNDS_IN_14_DAYS", "REFUNDS_TIMED"),
    ("CUSTOMERS_RETAINED", "CUSTOMERS_REFUNDED"), ("COST_UNPLANNED_OF_RECEIVED", "COST_OF_RECEIVED"),
    ("UNITS_CLOSED_VALUED", "UNITS_CLOSED"), ("UNITS_CLOSED_OWNED", "UNITS_CLOSED"),
    ("UNITS_CLOSED_OWNED_VALUED", "UNITS_CLOSED_OWNED"), ("UNITS_CLOSED_COSTED", "UNITS_CLOSED"),
    ("UNITS_CLOSED_WEIGHED", "UNITS_CLOSED"),
    ("LANDED_COST_WRITTEN_OFF", "LANDED_COST_OF_CLOSED"), ("CARRIER_CLAIMS_PAID", "CARRIER_CLAIMS_FILED"),
    ("CARRIER_CLAIMS_FILED", "CARRIER_CLAIMS_ELIGIBLE"), ("WORK_PASSED", "WORK_ENTERED"),
    ("LABOUR_WORKED_MINUTES", "LABOUR_PAID_MINUTES"), ("LABOUR_TEMPORARY_MINUTES", "LABOUR_PAID_MINUTES"),
    ("PARCELS_ON_TIME", "PARCELS_DELIVERED_PROMISED"), ("PARCELS_LOST", "PARCELS_SCANNED"),
    ("LABELS_UNUSED", "LABELS_ISSUED"), ("CERTIFICATE_HELD", "CERTIFICATE_REQUIRED"),
]  # fmt: skip
# (sum, its parts)
SUMS = [
    ("WASTE_KG", ["WASTE_DIVERTED_KG", "WASTE_DISPOSED_KG"]),
    ("COST_AND_LANDED_OF_CLOSED", ["NET_COST_OF_CLOSED_BY_PROCEEDS", "RECOVERY_AND_INCOME_OF_CLOSED"]),
]


def figures(demo: Demo) -> dict[str, dict[str, Any]]:
    loaded: dict[str, dict[str, Any]] = json.loads((demo.home / "truth" / "kpi.json").read_text())
    return loaded


def test_every_measure_of_the_catalogue_is_told(business: Demo) -> None:
    named = {
        measure for file in CATALOGUE.glob("*.yml") for measure in yaml.safe_load(file.read_text("utf-8"))["measures"]
    }
    assert figures(business).keys() == named - ESTIMATES


def test_parts_never_exceed_their_whole(business: Demo) -> None:
    kpi = figures(business)
    for part, whole in PARTS:
        for month, value in kpi[part].items():
            assert Decimal(value) <= Decimal(kpi[whole].get(month, "0")), (part, month)


def test_sums_are_the_sum_of_their_parts(business: Demo) -> None:
    kpi = figures(business)
    for total, parts in SUMS:
        assert kpi[total]
        for month, value in kpi[total].items():
            assert Decimal(value) == sum(Decimal(kpi[part].get(month, "0")) for part in parts), (total, month)


def test_the_headline_is_made_of_the_same_measures(business: Demo) -> None:
    kpi, headline = figures(business), business.truth.headline["kpis"]
    for kpi_id, numerator, denominator in (
        ("B02", "COST_OF_RECEIVED", "UNITS_RECEIVED"),
        ("C01", "PROCEEDS_OF_CLOSED", "LANDED_COST_OF_CLOSED"),
        ("C03", "NET_RECOVERY_OF_CLOSED", "LANDED_COST_OF_CLOSED"),
        ("F06", "KEPT_IN_USE_KG", "MASS_KG"),
        ("F04a", "WASTE_DIVERTED_KG", "WASTE_KG"),
    ):
        for month, cell in headline[kpi_id]["months"].items():
            assert Decimal(cell["numerator"]) == Decimal(kpi[numerator].get(month, "0")), (kpi_id, month)
            assert Decimal(cell["denominator"]) == Decimal(kpi[denominator].get(month, "0")), (kpi_id, month)


def test_measures_of_units_re_add_from_the_ledger(business: Demo) -> None:
    kpi = figures(business)
    truth = business.home / "truth"
    with duckdb.connect() as db:
        for name in ("ledger", "costs", "recoveries"):
            db.execute(f"create view {name} as from '{truth}/{name}.parquet'")
        for measure, query in {
            "UNITS_REQUESTED": "select requested_at as dated, 1 as amount from ledger",
            "UNITS_CLOSED": "select executed_at as dated, 1 as amount from ledger",
            "COST_POSTED": "select posted_at as dated, amount_reporting as amount from costs where is_trc",
            "COST_OF_CLOSED": "select executed_at as dated, amount_reporting as amount from costs "
            "join ledger using (unit_id)",
            "PRICE_OF_RECEIVED": "select received_at as dated, unit_price_reporting as amount from ledger",
            "WARRANTY_CREDITS": "select executed_at as dated, sum(gross_reporting) as amount from recoveries "
            "join ledger using (unit_id) where category_code = 'REC_WAR' and return_type = 'WARRANTY' group by all",
        }.items():
            rows = db.execute(
                f"select strftime(dated, '%Y-%m'), sum(amount) from ({query}) "
                "where dated is not null and amount is not null group by 1"
            ).fetchall()
            assert {m: v for m, v in rows if v} == {m: Decimal(v) for m, v in kpi[measure].items() if Decimal(v)}, (
                measure
            )
        days = db.execute(
            "select strftime(executed_at, '%Y-%m'), count(*), sum(epoch(executed_at - received_at)) / 86400, "
            "median(epoch(executed_at - received_at)) / 86400 from ledger "
            "where executed_at is not null and received_at is not null group by 1"
        ).fetchall()
    told = {m: (d["n"], float(d["sum_days"]), float(d["median_days"])) for m, d in kpi["EXECUTION_DAYS"].items()}
    assert told.keys() == {month for month, *_ in days}
    for month, *rest in days:
        assert np.allclose(told[month], rest), month


def test_a_duration_has_the_median_of_the_two_middle_ones() -> None:
    book = Book()
    start = np.full(4, np.datetime64("2026-03-01T00:00:00"))
    days = np.array([1, 2, 4, 9])
    end = start + days * 86_400
    end[3] = np.datetime64("NaT")
    book.last("THREE", start, end)
    assert book.figures["THREE"] == {"2026-03": {"n": 3, "sum_days": "7.00000000", "median_days": "2.00000000"}}
    book.last("FOUR", start, start + days * 86_400)
    assert book.figures["FOUR"]["2026-03"]["median_days"] == "3.00000000"
