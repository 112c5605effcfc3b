"""Amazon's Finances API: what liquidations and removals brought and cost."""

from __future__ import annotations

import json

import pytest

from tests.unit.ingestion.parsing import edited, lines_of, parse_bytes

KIND = "amazon_finances"


def money(amount):
    return {"CurrencyCode": "USD", "CurrencyAmount": amount}


LIQUIDATION = {
    "PostedDate": "2026-03-01T00:00:00Z",
    "OriginalRemovalOrderId": "L1",
    "LiquidationProceedsAmount": money(120.5),
    "LiquidationFeeAmount": money(-18.08),
}
ITEM = {
    "RemovalShipmentItemId": "I1",
    "Quantity": 2,
    "Revenue": money(30),
    "FeeAmount": money(-4.5),
    "TaxAmount": money(0),
}
REMOVAL = {
    "PostedDate": "2026-03-02T00:00:00Z",
    "OrderId": "R1",
    "TransactionType": "WHOLESALE_LIQUIDATION",
    "RemovalShipmentItemList": [ITEM],
}


def events(liquidation=LIQUIDATION, removal=REMOVAL):
    return {"FBALiquidationEventList": [liquidation], "RemovalShipmentEventList": [removal]}


@pytest.mark.parametrize(
    "wrap",
    [
        lambda found: {"payload": {"FinancialEvents": found}},
        lambda found: {"FinancialEvents": found},
        lambda found: found,
    ],
    ids=["payload", "events", "bare"],
)
def test_proceeds_and_fees_are_of_the_lot(tmp_path, wrap):
    outcome = parse_bytes(tmp_path, KIND, "events.json", json.dumps(wrap(events())).encode())
    columns = "recovery_id, lot_id, category_code, gross_amount::VARCHAR, currency"
    assert set(outcome.rows("backhaul__recoveries", columns)) == {
        ("L1-20260301T000000", "L1", "REC_SALE", "120.5000", "USD"),
        ("R1-I1", "R1", "REC_SALE", "30.0000", "USD"),
    }
    assert set(outcome.rows("backhaul__costs", "cost_id, lot_id, category_code, amount::VARCHAR, currency")) == {
        ("L1-fee-20260301T000000", "L1", "OUT_SEL", "18.0800", "USD"),
        ("R1-I1", "R1", "OUT_SEL", "4.5000", "USD"),
    }
    assert outcome.quarantine() == []


ROWS = ["costs", "recoveries"]
LIQUIDATIONS = {
    "no order": ({"OriginalRemovalOrderId": ...}, ["required_missing order_id"]),
    "no date": ({"PostedDate": ...}, ["required_missing posted_at"]),
    "date in words": ({"PostedDate": "soon"}, ["not_a_timestamp posted_at"]),
    "no proceeds": ({"LiquidationProceedsAmount": ...}, ["required_missing proceeds"]),
    "proceeds in words": ({"LiquidationProceedsAmount.CurrencyAmount": "much"}, ["not_a_decimal proceeds"]),
    "no currency": ({"LiquidationProceedsAmount.CurrencyCode": ""}, ["required_missing currency"]),
    "fee in words": ({"LiquidationFeeAmount.CurrencyAmount": "some"}, ["not_a_decimal fee"]),
    "drift: no fee": ({"LiquidationFeeAmount": ...}, ["recoveries"]),
    "drift: a fee of none": ({"LiquidationFeeAmount": money(0)}, ["recoveries"]),
    "drift: proceeds taken back": ({"LiquidationProceedsAmount": money(-120.5)}, ROWS),
    "drift: a new field": ({"Marketplace": "DE"}, ROWS),
    "drift: money as text": ({"LiquidationProceedsAmount.CurrencyAmount": "120.50"}, ROWS),
}
REMOVALS = {
    "no item id": ({"RemovalShipmentItemId": ...}, ["required_missing item_id"]),
    "negative quantity": ({"Quantity": -1}, ["below_minimum quantity"]),
    "quantity in words": ({"Quantity": "two"}, ["not_a_integer quantity"]),
    "revenue in words": ({"Revenue.CurrencyAmount": "x"}, ["not_a_decimal revenue"]),
    "no money": ({"Revenue": money(0), "FeeAmount": money(0)}, ["no_money"]),
    "nothing about money": ({"Revenue": ..., "FeeAmount": ...}, ["required_missing currency"]),
    "drift: a fee alone": ({"Revenue": money(0)}, ["costs"]),
    "drift: revenue alone": ({"FeeAmount": ...}, ["recoveries"]),
    "drift: no quantity": ({"Quantity": ...}, ROWS),
    "drift: a new field": ({"FulfillmentNetworkSKU": "X1"}, ROWS),
}
CASES = {
    **{
        f"liquidation {name}": ({"FBALiquidationEventList": [edited(LIQUIDATION, change)]}, places)
        for name, (change, places) in LIQUIDATIONS.items()
    },
    **{
        f"removal {name}": (
            {"RemovalShipmentEventList": [{**REMOVAL, "RemovalShipmentItemList": [edited(ITEM, change)]}]},
            places,
        )
        for name, (change, places) in REMOVALS.items()
    },
    "an error": ({"errors": [{"code": "QuotaExceeded"}]}, ["api_error"]),
    "other events": ({"payload": {"FinancialEvents": {"ShipmentEventList": [{"AmazonOrderId": "1"}]}}}, ["no_record"]),
    "an event that is text": ({"FBALiquidationEventList": ["x"]}, ["no_record"]),
}


@pytest.fixture(scope="module")
def landed(tmp_path_factory):
    """Where the events of every case went, a case a line of one file."""
    data = lines_of(value for value, _ in CASES.values())
    return parse_bytes(tmp_path_factory.mktemp("cases"), KIND, "cases.json", data).landed


@pytest.mark.parametrize(("row", "places"), [(row, case[1]) for row, case in enumerate(CASES.values(), 1)], ids=CASES)
def test_each_event_is_a_row_or_has_its_reason(landed, row, places):
    assert landed.get(row) == places


def test_a_page_without_events_is_no_fault(tmp_path):
    value = {"payload": {"FinancialEvents": {"FBALiquidationEventList": [], "RemovalShipmentEventList": []}}}
    assert parse_bytes(tmp_path, KIND, "events.json", json.dumps(value).encode()).landed == {}
