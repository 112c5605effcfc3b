"""Loop Returns: webhooks and lists, their lines, parcels and money."""

from __future__ import annotations

import json

import pytest

from tests.unit.ingestion.parsing import edited, golden, lines_of, parse_bytes

KIND = "loop"
RETURN = json.loads(golden(KIND, "closed.json"))
ALL = ["refunds", "returns", "shipments"]


@pytest.mark.parametrize("value", [RETURN, [RETURN], {"returns": [RETURN]}, {"data": [RETURN]}, {"return": RETURN}])
def test_a_return_is_the_same_in_every_answer(tmp_path, value):
    outcome = parse_bytes(tmp_path, KIND, "answer.json", json.dumps(value).encode())
    returns = "rma_id, rma_line, quantity, sku, order_id, order_line, reason_code, net_amount::VARCHAR, tracking_number"
    assert outcome.rows("backhaul__returns", returns) == [
        ("55", "1", 1, "TEE", "501", "401", "SIZE_SMALL", "37.0000", "94")
    ]
    refunds = "refund_id, rma_id, refund_amount::VARCHAR, fee_amount::VARCHAR, currency, method, refunded_at::VARCHAR"
    assert outcome.rows("backhaul__refunds", refunds) == [
        ("55", "55", "35.0000", "2.0000", "USD", "CARD", "2026-03-05 15:00:00")
    ]
    assert outcome.rows("backhaul__shipments", "carrier, tracking_number, status") == [("USPS", "94", "delivered")]
    assert outcome.quarantine() == []
    assert "example.org" not in str(outcome.rows("backhaul__returns", "extra"))


CASES = {
    "no id": ({"id": ...}, ["required_missing return_id"]),
    "no state": ({"state": ...}, ["required_missing state"]),
    "line without id": ({"line_items.0.line_item_id": ...}, ["refunds", "required_missing line_id", "shipments"]),
    "line without sku": ({"line_items.0.sku": ""}, ["refunds", "required_missing sku", "shipments"]),
    "line that is text": ({"line_items.0": "x"}, ["no_record", "refunds", "shipments"]),
    "price in words": ({"line_items.0.price": "x"}, ["not_a_decimal price", "refunds", "shipments"]),
    "negative price": ({"line_items.0.price": "-1.00"}, ["below_minimum price", "refunds", "shipments"]),
    "creation in words": ({"created_at": "x"}, ["not_a_timestamp created_at"] * 2 + ["refunds"]),
    "update in words": ({"updated_at": "x"}, ["not_a_timestamp updated_at"] * 3),
    "refund in words": ({"refund": "all"}, ["not_a_decimal refund", "returns", "shipments"]),
    "negative refund": ({"refund": "-30.00"}, ["below_minimum refund", "returns", "shipments"]),
    "negative fee": ({"handling_fee": "-2.00"}, ["below_minimum fee", "returns", "shipments"]),
    "minor units": ({"refund": 3000}, ["amount_in_minor_units", "returns", "shipments"]),
    "no currency": ({"currency": ...}, ["required_missing currency", "returns", "shipments"]),
    "no money": ({"refund": "0.00", "gift_card": "0.00", "handling_fee": "0.00"}, ["no_money", "returns", "shipments"]),
    "open": ({"state": "open"}, ["not_refunded_yet", "returns", "shipments"]),
    "cancelled": ({"state": "cancelled"}, ["not_refunded_yet", "returns withdrawn", "shipments"]),
    "expired": ({"state": "expired"}, ["not_refunded_yet", "returns withdrawn", "shipments"]),
    "state of tomorrow": ({"state": "melted"}, ["not_refunded_yet", "shipments", "unknown_return_status"]),
    "no number of the parcel": ({"tracking_number": ""}, ["no_tracking_number", "refunds", "returns"]),
    "a parcel that has no number yet": ({"tracking_number": "N/A"}, ["no_tracking_number", "refunds", "returns"]),
    "drift: no tracking": ({"tracking_number": None}, ["refunds", "returns"]),
    "drift: no money told": ({"refund": ...}, ["returns", "shipments"]),
    "drift: price in minor units": ({"line_items.0.price": 4000}, ALL),
    "drift: a new outcome": ({"outcome": "donation"}, ALL),
    "drift: a new field": ({"insured": True}, ALL),
    "drift: edited instead of updated": ({"updated_at": ..., "edited_at": "2026-03-06T00:00:00Z"}, ALL),
    "drift: the id as a number": ({"id": 55}, ALL),
    "drift: no order of the shop": ({"provider_order_id": ...}, ALL),
    "drift: no reason": ({"line_items.0.parent_return_reason": ...}, ALL),
    "drift: no carrier": ({"carrier": None}, ALL),
}


@pytest.fixture(scope="module")
def landed(tmp_path_factory):
    """Where the return of every case went, a case a line of one file."""
    data = lines_of(edited(RETURN, changes) for changes, _ in CASES.values())
    return parse_bytes(tmp_path_factory.mktemp("cases"), KIND, "cases.json", data).landed


@pytest.mark.parametrize(("row", "places"), [(row, case[1]) for row, case in enumerate(CASES.values(), 1)], ids=CASES)
def test_each_return_is_rows_or_has_its_reason(landed, row, places):
    assert landed.get(row) == places


@pytest.mark.parametrize(
    ("reason", "parent", "code"),
    [
        ("Item was too big", "Item didn't fit", "SIZE_LARGE"),
        ("It glows", "Defective", "DEFECTIVE"),
        ("It glows", "Item didn't fit", "Item didn't fit"),
        ("It glows", None, "It glows"),
    ],
)
def test_a_reason_counts_before_the_one_above_it(tmp_path, reason, parent, code):
    told = {"line_items.0.return_reason": reason, "line_items.0.parent_return_reason": parent}
    outcome = parse_bytes(tmp_path, KIND, "return.json", json.dumps(edited(RETURN, told)).encode())
    assert outcome.rows("backhaul__returns", "reason_code") == [(code,)]


def test_the_address_of_the_customer_is_not_kept_beside_a_row(tmp_path):
    told = edited(RETURN, {"address": {"name": "Nobody", "phone": "1", "country_code": "US"}})
    outcome = parse_bytes(tmp_path, KIND, "return.json", json.dumps(told).encode())
    for table in ALL:
        assert "Nobody" not in str(outcome.rows(f"backhaul__{table}", "extra"))
