"""A small shop with every case planted once: each finding is made, none besides, measures are what a hand computes, and
each invariant of flow and money fails on what is planted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from backhaul.settings import Settings
from ingestion.batch import ingest
from tests.integration.partial import build_models, compiled, copied
from tests.integration.planted_shop import planted, rival, write

TOPICS = ["flow", "return", "parcel", "labour", "work", "customer", "cost", "recovery"]
MODELS = [
    "quality_finding",
    "mart_reconciliation",
    "bridge_container",
    "bridge_unit_reason",
    "fct_allocation_run",
    "fct_fx_difference",
]
FINDINGS = {
    "over_refund": 1, "double_refund": 1, "refund_without_goods": 2, "duplicate_charge": 1, "unmatched_charge": 1,
    "unused_label_billed": 1, "weight_uplift": 1, "swapped_unit": 1, "over_receipt": 1, "events_out_of_order": 1,
    "several_open_returns_of_a_serial": 1,
    # what nobody came with has nothing to share a charge over; the warranty unit was sold by nobody here
    "unallocated_cost": 2, "unknown_landed_cost": 1, "unknown_mass": 1,
    # of another shop: one number of both, and what it says that no list and no rate knows
    "contested_authorisation": 2, "several_final_dispositions": 1, "unmapped_disposition_code": 1,
    "unmapped_return_type": 1, "unmapped_category_code": 1, "unpriced_currency": 1,
}  # fmt: skip
MARCH, APRIL, MAY, JUNE = "2026-03", "2026-04", "2026-05", "2026-06"
# returns, units and money by hand from planted_shop; days where a single case makes them plain
MEASURES = {
    ("UNITS_SHIPPED", MARCH): 9, ("UNITS_DELIVERABLE", MARCH): 8, ("UNITS_RETURNED_OF_SHIPPED", MARCH): 6,
    ("VALUE_SHIPPED", MARCH): 1400, ("VALUE_RETURNED_OF_SHIPPED", MARCH): 1075, ("ORDERS_SHIPPED", MARCH): 6,
    ("ORDERS_WITH_RETURN", MARCH): 4, ("ORDERS_BRACKETED", MARCH): 1, ("UNITS_DELIVERED", MARCH): 8,
    # the third unit of a line of two was not asked for
    ("UNITS_REQUESTED", MARCH): 6, ("UNITS_ASKED_BACK_IN_30_DAYS", MARCH): 6, ("UNITS_AUTHORISED_AGED", APRIL): 1,
    ("UNITS_EXPECTED", APRIL): 2, ("UNITS_DISCREPANT", APRIL): 1, ("UNITS_DISCREPANT", MARCH): 1,
    ("UNITS_REFUNDED", MARCH): 3, ("UNITS_REFUNDED_AND_KEPT", MARCH): 1, ("REFUND_VALUE", APRIL): 353,
    ("REFUND_RETAINED", MARCH): 250, ("DEFECT_CLAIMED_TESTED_OK", MARCH): 1, ("UNITS_SWAPPED", MARCH): 1,
    ("OVER_REFUND", APRIL): 15, ("DOUBLE_REFUND", APRIL): 45, ("REFUND_WITHOUT_GOODS", APRIL): 308,
    ("REFUND_WITHOUT_GOODS", MAY): 25, ("REFUNDS_AGED", MAY): 1, ("REFUNDS_AGED_MATCHED", MAY): 1,
    ("COST_LINES_POSTED", JUNE): 3, ("COST_LINES_COUNTED", JUNE): 1, ("COST_POSTED", JUNE): 2,
    ("CUSTOMERS_REFUNDED", MARCH): 3, ("CUSTOMERS_RETAINED", MARCH): 1, ("CUSTOMERS_REFUNDED", APRIL): 2,
    ("CSAT_SCORE", MARCH): 7, ("CSAT_ANSWERS", MARCH): 2, ("NPS_BALANCE", MARCH): -1, ("NPS_ANSWERS", MARCH): 3,
    ("PARCELS_DELIVERED_PROMISED", MARCH): 2, ("PARCELS_ON_TIME", MARCH): 1, ("PARCELS_SCANNED", MARCH): 4,
    ("PARCELS_LOST", APRIL): 1, ("LABELS_ISSUED", APRIL): 2, ("LABELS_UNUSED", APRIL): 1,
    ("UNITS_CARRIER_DAMAGED", MARCH): 1, ("FREIGHT_OF_PARCELS", MARCH): 107, ("PARCELS_CHARGED", MARCH): 3,
    ("PARCEL_BILLED_KG", MARCH): Decimal("40.3"), ("QUOTED_OF_BILLED", MARCH): 69, ("VARIANCE_OF_BILLED", MARCH): 38,
    ("AUDIT_FINDINGS_AMOUNT", MARCH): 15, ("AUDIT_FINDINGS_AMOUNT", APRIL): 46, ("PARCELS_RECEIVED", MARCH): 3,
    ("RMAS_RECEIVED", APRIL): 1, ("LABOUR_WORKED_MINUTES", MARCH): 880, ("LABOUR_PAID_MINUTES", MARCH): 1200,
    ("LABOUR_TEMPORARY_MINUTES", MARCH): 240, ("LABOUR_UNITS", MARCH): 130, ("WORK_ENTERED", MARCH): 1,
    ("WORK_PASSED", MARCH): 1, ("CARRIER_CLAIMS_FILED", MAY): 1, ("CARRIER_CLAIMS_ELIGIBLE", MAY): 2,
    ("CARRIER_CLAIMS_PAID_AMOUNT", MAY): 80, ("CARRIER_CLAIM_CYCLE_DAYS", MAY): 20, ("DOCK_TO_STOCK_DAYS", MARCH): 2,
    ("SELL_THROUGH_DAYS", APRIL): 10, ("CASH_DAYS", APRIL): 18, ("EXECUTION_DAYS", MARCH): 12,
    ("INSPECTION_DAYS", MARCH): Decimal("3.5"),
}  # fmt: skip
# ten dollars that a rate from 1.5 to 1.4 is said to have made dearer
PAID_BADLY = """
    insert into core.fct_fx_difference (amount, currency, booked_at, paid_at, amount_reporting)
    values (10, 'USD', '2026-03-01', '2026-04-10', 1)
"""
# invariant, its test, and what is planted
PLANTED = [
    ("1", "one_disposition_stands", "update core.fct_disposition set is_standing = false"),
    ("1", "one_disposition_stands", "insert into core.fct_disposition select * from core.fct_disposition"),
    ("2", "every_announced_unit_has_a_status", "delete from core.bridge_line_unit where unit_ordinal = 3"),
    (
        "2", "every_announced_unit_has_a_status",
        "update core.fct_return_unit set unit_status = 'ELSEWHERE' where rma_id = 'R1'",
    ),
    (
        "2", "every_announced_unit_has_a_status",
        "update core.fct_return_unit set received_at = null where rma_id = 'R1'",
    ),
    (
        "8", "a_thing_lies_in_one_container",
        "update core.bridge_container set valid_to = timestamp '9999-12-31 00:00:00'",
    ),
    (
        "14", "cost_shares_add_up_to_their_document",
        "update core.fct_cost set amount = amount + 0.0001 where allocation_method <> 'DIRECT'",
    ),
    (
        "14", "documents_are_accounted_for",
        "update marts.mart_reconciliation set difference_amount = 0.01 where check_code = 'CARRIER_CHARGES'",
    ),
    ("14", "allocation_runs_add_up", "update core.fct_allocation_run set allocated_amount = allocated_amount + 0.01"),
    ("14", "allocation_runs_add_up", "update core.fct_cost set allocation_run_id = 'another'"),
    (
        "22", "reporting_amounts_follow_the_rate",
        "update core.fct_refund set amount_reporting = amount_reporting + 0.02 where currency = 'USD'",
    ),
    (
        "22", "reporting_amounts_follow_the_rate",
        "update core.fct_refund set amount_reporting = null where currency = 'USD'",
    ),
    ("22", "fx_differences_follow_the_rates", PAID_BADLY),
    ("", "identity_has_converged", "update intermediate.int_units__identity set component = evidence"),
    ("", "reasons_of_a_unit_add_up", "update core.bridge_unit_reason set reason_share = 0.5"),
]  # fmt: skip


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The planted shop, built as far as its findings and measures."""
    settings = Settings(home=tmp_path_factory.mktemp("shop"))
    for source, tables in {"shop": planted(), "rival": rival()}.items():
        write(settings.root, tables, source)
        ingest(source, (), settings)
    build_models(settings, *MODELS, *(f"fct_measure_{topic}" for topic in TOPICS))
    return settings


@pytest.fixture
def warehouse(shop: Settings, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of the shop's build database, to plant in."""
    with copied(shop, tmp_path) as connection:
        yield connection


def test_each_case_is_found_and_nothing_besides(warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = warehouse.execute("select rule_id from quality.quality_finding").fetchall()
    assert Counter(rule_id for (rule_id,) in rows) == FINDINGS


def test_measures_are_what_a_hand_computes(warehouse: duckdb.DuckDBPyConnection) -> None:
    views = " union all ".join(f"select measure_code, measured_on, amount from core.fct_measure_{t}" for t in TOPICS)
    rows = warehouse.execute(
        f"select measure_code, strftime(measured_on, '%Y-%m'), sum(amount) from ({views}) group by all"
    ).fetchall()
    found = {(code, month): amount for code, month, amount in rows}
    assert {key: found.get(key) for key in MEASURES} == MEASURES


def test_a_refund_of_more_home_currency_than_was_paid_is_not_too_much(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Of two dollars paid and two refunded, the rate between them is nobody's fault."""
    rows = warehouse.execute(
        "select leak.rule_id from core.fct_refund_leak as leak inner join core.fct_refund as refund using (refund_key) "
        "where refund.currency = 'USD'"
    ).fetchall()
    assert rows == [("refund_without_goods",)]


def test_a_number_of_two_shops_means_the_return_of_each(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Each with its own documents: the rival's costs and refund are none of the shop's."""
    rows = warehouse.execute(
        "select source_id, sku, disposition_code, cost_line_count, refunded_at is not null from core.fct_return_unit "
        "where rma_id = 'R1' order by 1"
    ).fetchall()
    assert rows == [("rival", "TEE-M", "LANDFILL", 3, True), ("shop", "TEE-S", "RESTOCK_NEW", 3, True)]


@pytest.mark.parametrize("name", sorted({test for _, test, _ in PLANTED} | {"write_down_or_proceeds_never_both"}))
def test_an_invariant_holds(shop: Settings, warehouse: duckdb.DuckDBPyConnection, name: str) -> None:
    assert warehouse.execute(compiled(shop, name)).fetchall() == []


@pytest.mark.parametrize(("invariant", "name", "plant"), PLANTED)
def test_an_invariant_fails_on_what_is_planted(
    shop: Settings, warehouse: duckdb.DuckDBPyConnection, invariant: str, name: str, plant: str
) -> None:
    warehouse.execute(plant)
    assert warehouse.execute(compiled(shop, name)).fetchall() != [], f"invariant {invariant} saw nothing"


def test_net_cost_with_both_ways_is_seen(shop: Settings, warehouse: duckdb.DuckDBPyConnection) -> None:
    """Invariant 20, on a measure view that lets proceeds into the way by write-downs."""
    view = warehouse.execute(
        "select sql from duckdb_views() where schema_name = 'core' and view_name = 'fct_measure_recovery'"
    ).fetchone()
    assert view is not None
    body = view[0].partition(" AS ")[2]
    warehouse.execute("drop view core.fct_measure_recovery")
    warehouse.execute(f"create table core.fct_measure_recovery as {body}")
    warehouse.execute(
        "update core.fct_measure_recovery set measure_code = 'NET_COST_OF_CLOSED' where component = 'REC_SALE'"
    )
    assert warehouse.execute(compiled(shop, "write_down_or_proceeds_never_both")).fetchall() != []
