"""Happy Returns: webhooks of returns, bulk shipments and bags."""

from __future__ import annotations

import json

import pytest

from tests.unit.ingestion.parsing import edited, golden, lines_of, parse_bytes

KIND = "happy_returns"
RETURN = json.loads(golden(KIND, "return.json"))
ONE = edited(RETURN, {"items.1": ...})
OUTBOUND = json.loads(golden(KIND, "outbound.json"))
ALL = ["refunds", "returns", "shipments"]


def test_a_return_is_its_items(tmp_path):
    outcome = parse_bytes(tmp_path, KIND, "return.json", golden(KIND, "return.json"))
    returns = (
        "rma_id, rma_line, quantity, sku, order_id, order_line, reason_code, tracking_number, requested_at::VARCHAR, "
        "received_at, updated_at::VARCHAR"
    )
    times = ("94", "2026-03-02 14:00:00", None, "2026-03-04 18:00:00")
    assert outcome.rows("backhaul__returns", returns) == [
        ("8d5c0c1e", "401-0-2", 1, "TEE-M", "501", "401", "SIZE_SMALL", *times),
        ("8d5c0c1e", "401-1-2", 1, "TEE-M", "501", "401", "Sleeves", *times),
    ]
    refunds = "refund_id, rma_line, refund_amount::VARCHAR, currency, method, refunded_at::VARCHAR"
    assert outcome.rows("backhaul__refunds", refunds) == [
        ("8d5c0c1e:401-0-2", "401-0-2", "35.0000", "USD", "CARD", "2026-03-04 18:00:00"),
        ("8d5c0c1e:401-1-2", "401-1-2", "35.0000", "USD", "CREDIT", "2026-03-04 18:00:00"),
    ]
    parcels = outcome.rows("backhaul__shipments", "carrier, tracking_number, is_return, _record_key")
    assert len(set(parcels)) == 1
    assert parcels[0][:3] == ("USPS", "94", True)
    assert outcome.quarantine() == []
    assert "example.org" not in str([outcome.rows(table) for table in outcome.parsed.tables])


def test_a_bulk_shipment_is_a_parcel(tmp_path):
    outcome = parse_bytes(tmp_path, KIND, "outbound.json", golden(KIND, "outbound.json"))
    assert outcome.rows("backhaul__shipments", "carrier, tracking_number") == [("FEDEX", "7700")]
    assert list(outcome.parsed.tables) == ["backhaul__shipments"]


def test_a_bag_has_no_time(tmp_path):
    outcome = parse_bytes(tmp_path, KIND, "label.json", golden(KIND, "label.json"))
    assert outcome.landed == {1: ["bag_without_a_time"]}


def test_items_of_one_name_are_two_articles(tmp_path):
    data = json.dumps(edited(RETURN, {f"items.{item}.orderLineItemID": "401" for item in (0, 1)})).encode()
    outcome = parse_bytes(tmp_path, KIND, "return.json", data)
    for table, column in [("returns", "rma_line"), ("refunds", "rma_line")]:
        assert sorted(outcome.rows(f"backhaul__{table}", column)) == [("401",), ("401#2",)]


@pytest.mark.parametrize(
    "envelope", [lambda value: value, lambda value: [value], lambda value: {"returns": [value]}],
    ids=["webhook", "list", "returns"],
)  # fmt: skip
def test_a_return_is_the_same_in_every_envelope(tmp_path, envelope):
    outcome = parse_bytes(tmp_path, KIND, "answer.json", json.dumps(envelope(RETURN)).encode())
    assert {name.removeprefix("backhaul__"): table.rows for name, table in outcome.parsed.tables.items()} == {
        "returns": 2, "refunds": 2, "shipments": 2
    }  # fmt: skip


def status(name, event="return_status_updated"):
    return {"event": event, "typeID": name, "otherEvents": []}


CASES = {
    "started": (ONE, status("started"), ["returns", "shipments"]),
    "dropped off": (ONE, status("dropped_off"), ["returns", "shipments"]),
    "dropped off, otherwise": (ONE, status("Dropped Off"), ["returns", "shipments"]),
    "expired": (ONE, status("expired"), ["returns withdrawn"]),
    "cancelled": (ONE, status("cancelled"), ["returns withdrawn"]),
    "status of tomorrow": (ONE, status("levitated"), ["unknown_return_status"]),
    "no status": (ONE, {"event": ..., "typeID": ..., "otherEvents": ...}, ["status_not_told"]),
    "drop-off method": (ONE, status("mail", "return_dropoff_method_created"), ["returns", "shipments"]),
    "drop-off method, then approved": (
        ONE,
        {
            "event": "return_dropoff_method_created", "typeID": "mail",
            "otherEvents": [{"event": "return_status_updated", "typeID": "approved"}],
        },
        ALL,
    ),
    "event of tomorrow with a status in the item": (
        ONE, {"event": "return_praised", "items.0.status": "started"}, ["returns", "shipments"]
    ),
    "no id of the return": (ONE, {"items.0.happyReturnsReturnID": None}, ["required_missing return_id"]),
    "no line": (ONE, {"items.0.orderLineItemID": None}, ["no_record"]),
    "empty line": (ONE, {"items.0.orderLineItemID": ""}, ["required_missing line_id"]),
    "item that is text": (ONE, {"items.0": "x"}, ["no_record"]),
    "no items": (ONE, {"items": []}, None),
    "items gone": (ONE, {"items": ...}, ["no_record"]),
    "no sku": (
        ONE, {"items.0.sku": None, "items.0.productVariantID": None}, ["refunds", "required_missing sku", "shipments"]
    ),
    "refund in words": (ONE, {"items.0.refundAmount": "all"}, ["not_a_decimal refund_amount"]),
    "negative refund": (ONE, {"items.0.refundAmount": "-35.00"}, ["below_minimum refund_amount"]),
    "refund of nothing": (ONE, {"items.0.refundAmount": "0.00"}, ["returns", "shipments"]),
    "refund without a currency": (
        ONE, {"items.0.currency": None}, ["required_missing currency", "returns", "shipments"]
    ),
    "price in words": (ONE, {"items.0.price": "free"}, ["not_a_decimal price"]),
    "start in words": (ONE, {"items.0.startedAt": "lately"}, ["not_a_timestamp started_at"]),
    "update in words": (ONE, {"occurredAt": "lately"}, ["not_a_timestamp updated_at"]),
    "bulk shipment without a number": (OUTBOUND, {"trackingNumber": None}, ["no_tracking_number"]),
    "drift: the variant for the sku": (ONE, {"items.0.sku": None}, ALL),
    "drift: no parcel": (ONE, {"items.0.trackingNumber": None}, ["refunds", "returns"]),
    "drift: no carrier": (ONE, {"items.0.carrier": None}, ALL),
    "drift: no refund told": (ONE, {"items.0.refundAmount": ...}, ["returns", "shipments"]),
    "drift: nested money": (ONE, {"items.0.refundAmount": {"amount": "35.00", "currency": "USD"}}, ALL),
    "drift: reasons as a list": (ONE, {"items.0.returnReasons": [{"name": "Style"}]}, ALL),
    "drift: another way of refunding": (ONE, {"items.0.refundType": "points"}, ALL),
    "drift: a new field": (ONE, {"items.0.insured": True}, ALL),
    "drift: no time of the event": (ONE, {"occurredAt": ...}, ALL),
    "another webhook": ({"event": "nps", "score": 9}, {}, ["no_record"]),
    "an error": ({"errors": ["too many requests"]}, {}, ["api_error"]),
}  # fmt: skip


@pytest.fixture(scope="module")
def landed(tmp_path_factory):
    """Where the message of every case went, a case a line of one file."""
    data = lines_of(edited(base, changes) for base, changes, _ in CASES.values())
    return parse_bytes(tmp_path_factory.mktemp("cases"), KIND, "cases.json", data).landed


@pytest.mark.parametrize(("row", "places"), [(row, case[2]) for row, case in enumerate(CASES.values(), 1)], ids=CASES)
def test_each_message_is_rows_or_has_its_reason(landed, row, places):
    assert landed.get(row) == places
