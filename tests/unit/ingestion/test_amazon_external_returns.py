"""Amazon's External Fulfillment Returns API: lists, single answers, errors."""

from __future__ import annotations

import json

import pytest

from tests.unit.ingestion.parsing import SHARED, edited, golden, lines_of, parse_bytes

KIND = "amazon_external_returns"
LIST = json.loads(golden(KIND, "list.json"))
RETURN = LIST["returns"][0]
COLUMNS = "rma_id, rma_line, quantity, sku, return_type, reason_code, order_id, tracking_number, node_id, channel"
BOTH = ["returns", "shipments"]


@pytest.mark.parametrize(
    "value",
    [LIST, RETURN, [RETURN], {"request": {"parameters": {}}, "response": LIST}, {"request": {}, "response": RETURN}],
    ids=["list", "single", "bare list", "recorded list", "recorded single"],
)
def test_every_envelope_gives_the_same_return(tmp_path, value):
    outcome = parse_bytes(tmp_path, KIND, "a.json", json.dumps(value).encode())
    assert outcome.rows("backhaul__returns", COLUMNS) == [
        ("RMA9", "r-1", 2, "LAMP", "CUSTOMER_RETURN", "NOT_AS_DESCRIBED", "111-22", "BACK1", "EDD9", "AMAZON_US")
    ]
    moments = "requested_at::VARCHAR, received_at::VARCHAR, updated_at::VARCHAR"
    assert outcome.rows("backhaul__returns", moments) == [
        ("2026-01-05 08:00:00", "2026-01-08 10:00:00", "2026-01-09 08:00:00")
    ]
    parcel = "carrier, tracking_number, is_return, first_scan_at::VARCHAR, delivered_at::VARCHAR"
    assert outcome.rows("backhaul__shipments", parcel) == [
        ("UPSN", "BACK1", True, "2026-01-06 10:00:00", "2026-01-08 10:00:00")
    ]
    assert outcome.quarantine() == []
    assert "123456" not in (outcome.rows("backhaul__returns", "extra")[0][0] or "")


CASES = {
    "no id": ({"id": ...}, ["no_record"]),
    "no sku": ({"merchantSku": ...}, ["no_record"]),
    "blank sku": ({"merchantSku": ""}, ["required_missing sku"]),
    "no units": ({"numberOfUnits": ...}, ["required_missing units"]),
    "units of none": ({"numberOfUnits": 0}, ["below_minimum quantity", "shipments"]),
    "negative units": ({"numberOfUnits": -2}, ["below_minimum quantity", "shipments"]),
    "half a unit": ({"numberOfUnits": 0.5}, ["not_a_whole_number units"]),
    "units in words": ({"numberOfUnits": "two"}, ["not_a_integer units"]),
    "no status": ({"status": None}, ["required_missing status"]),
    "cancelled": ({"status": "CANCELLED"}, ["returns withdrawn"]),
    "no creation": ({"creationDateTime": ...}, ["required_missing created_at"]),
    "creation in words": ({"creationDateTime": "today"}, ["not_a_timestamp created_at"]),
    "creation of month 13": ({"creationDateTime": "2026-13-01T00:00:00Z"}, ["not_a_timestamp created_at"]),
    "creation in seconds": ({"creationDateTime": 1612933142}, ["not_a_timestamp created_at"]),
    "no update": ({"lastUpdatedDateTime": None}, ["required_missing updated_at"]),
    "delivery in words": ({"returnShippingInfo.deliveryDateTime": "soon"}, ["not_a_timestamp delivered_at"]),
    "pick-up in words": ({"returnShippingInfo.pickupDateTime": "soon"}, ["not_a_timestamp picked_up_at"]),
    "drift: a new field": ({"brandNew": {"x": 1}}, BOTH),
    "drift: a new status": ({"status": "IN_A_DRONE"}, BOTH),
    "drift: a new type": ({"returnType": "GIFT"}, BOTH),
    "drift: no metadata": ({"returnMetadata": ...}, BOTH),
    "drift: no shipping": ({"returnShippingInfo": ...}, ["returns"]),
    "drift: shipping is empty": ({"returnShippingInfo": {}}, ["returns"]),
    "drift: no carrier": ({"returnShippingInfo.reverseTrackingInfo.carrierName": None}, ["returns"]),
    "drift: no channel": ({"marketplaceChannelDetails": None}, BOTH),
    "drift: units as text": ({"numberOfUnits": "2"}, BOTH),
    "drift: time with offset": ({"creationDateTime": "2026-01-05T08:00:00+05:30"}, BOTH),
    "drift: list instead of object": ({"returnMetadata": []}, BOTH),
    "drift: re-planned": ({"replanningDetails": {"previousTrackingInfo": [{"trackingId": "x"}]}}, BOTH),
}


@pytest.fixture(scope="module")
def landed(tmp_path_factory):
    """Where the record of every case went, a case a line of one file."""
    data = lines_of({"returns": [edited(RETURN, changes)]} for changes, _ in CASES.values())
    return parse_bytes(tmp_path_factory.mktemp("cases"), KIND, "cases.json", data).landed


@pytest.mark.parametrize(("row", "places"), [(row, case[1]) for row, case in enumerate(CASES.values(), 1)], ids=CASES)
def test_each_return_is_a_row_or_has_its_reason(landed, row, places):
    assert landed.get(row) == places


@pytest.mark.parametrize(
    ("value", "places"),
    [
        ({"errors": [{"code": "QuotaExceeded"}]}, {1: ["api_error"]}),
        ({"request": {}, "response": {"errors": [{"code": "Forbidden"}]}}, {1: ["api_error"]}),
        ({"returns": []}, {}),
        ({"orders": []}, {1: ["no_record"]}),
        ("text", {1: ["no_record"]}),
    ],
    ids=["error", "recorded error", "empty page", "foreign", "text"],
)
def test_an_answer_without_returns(tmp_path, value, places):
    assert parse_bytes(tmp_path, KIND, "a.json", json.dumps(value).encode()).landed == places


def test_a_pick_up_after_the_delivery_is_not_believed(tmp_path):
    value = edited(RETURN, {"returnShippingInfo.pickupDateTime": "2026-01-09T00:00:00Z"})
    outcome = parse_bytes(tmp_path, KIND, "a.json", json.dumps(value).encode())
    assert outcome.rows("backhaul__shipments", "first_scan_at") == [(None,)]


@pytest.mark.skipif(not (SHARED / "amazon-external-returns").is_dir(), reason="the samples are not here")
def test_the_sandbox_answers_are_23_returns_and_7_errors(tmp_path):
    returns, errors = 0, []
    for path in sorted((SHARED / "amazon-external-returns").glob("*.json")):
        outcome = parse_bytes(tmp_path, KIND, path.name, path.read_bytes())
        returns += len(outcome.rows("backhaul__returns")) if outcome.parsed.tables else 0
        errors += outcome.quarantine("rule")
    assert (returns, errors) == (23, [("api_error",)] * 7)
