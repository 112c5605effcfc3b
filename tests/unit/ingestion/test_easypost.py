"""EasyPost documents in every envelope they come in."""

from __future__ import annotations

import json

import pytest

from tests.unit.ingestion.parsing import parse_bytes

DETAIL = {
    "datetime": "2026-01-02T10:00:00Z",
    "status": "in_transit",
    "message": "Departed",
    "tracking_location": {"city": "Laval"},
}


def tracker(number: int = 1, **changes):
    return {
        "id": f"trk_{number}",
        "object": "Tracker",
        "tracking_code": f"CODE{number}",
        "status": "in_transit",
        "updated_at": "2026-01-02T12:00:00Z",
        "weight": "12.5",
        "tracking_details": [DETAIL],
        **changes,
    }


SHIPMENT = {
    "id": "shp_1",
    "object": "Shipment",
    "is_return": True,
    "updated_at": "2026-01-03T00:00:00Z",
    "tracking_code": "CODE1",
    "selected_rate": {"rate": "7.42", "currency": "USD", "carrier": "USPS"},
    "fees": [{"object": "Fee", "type": "LabelFee", "amount": "0.01", "charged": True}],
    "tracker": tracker(),
}
EVENT = {"id": "evt_1", "object": "Event", "description": "tracker.updated", "result": tracker(2)}


def read(tmp_path, *documents, indent=None):
    text = "\n".join(item if isinstance(item, str) else json.dumps(item, indent=indent) for item in documents)
    outcome = parse_bytes(tmp_path, "easypost", "x.json", text.encode())
    assert outcome.parsed.rows_read == outcome.parsed.rows + len(outcome.quarantine())
    return outcome


def counts(outcome):
    return {name.removeprefix("easypost__"): written.rows for name, written in outcome.parsed.tables.items()}


def test_one_object(tmp_path):
    outcome = read(tmp_path, tracker(), indent=2)
    assert counts(outcome) == {"trackers": 1, "tracking_details": 1}
    assert outcome.rows("easypost__trackers", "tracker_id, weight_oz::VARCHAR, _path, _row") == [
        ("trk_1", "12.5000", None, 1)
    ]
    assert outcome.rows(
        "easypost__tracking_details", "tracker_id, tracking_code, city, updated_at::VARCHAR, _path"
    ) == [("trk_1", "CODE1", "Laval", "2026-01-02 12:00:00", "$.tracking_details[0]")]


def test_list_page_and_empty_page(tmp_path):
    page = read(tmp_path, {"trackers": [tracker(1), tracker(2), {"id": "x"}], "has_more": False})
    assert counts(page) == {"trackers": 2, "tracking_details": 2}
    assert page.rows("easypost__trackers", "_row, _path") == [(1, "$.trackers[0]"), (1, "$.trackers[1]")]
    assert page.quarantine("rule, raw_text") == [("no_object", '{"id":"x"}')]
    assert read(tmp_path, {"trackers": [], "has_more": False}).parsed.rows_read == 0


def test_shipment_with_its_tracker_and_fees(tmp_path):
    outcome = read(tmp_path, SHIPMENT)
    assert counts(outcome) == {"trackers": 1, "tracking_details": 1, "shipments": 1, "shipment_fees": 1}
    assert outcome.rows("easypost__shipments", "shipment_id, label_amount::VARCHAR, label_currency, tracker_id") == [
        ("shp_1", "7.4200", "USD", "trk_1")
    ]
    assert outcome.rows("easypost__shipment_fees", "shipment_id, fee_type, currency, is_charged") == [
        ("shp_1", "LabelFee", "USD", True)
    ]
    assert outcome.rows("easypost__trackers", "_path") == [("$.tracker",)]


def test_webhook_event_and_nested_shipments(tmp_path):
    order = {"id": "order_1", "object": "Order", "updated_at": "2026-01-04T00:00:00Z", "shipments": [SHIPMENT]}
    outcome = read(tmp_path, EVENT, order)
    assert counts(outcome) == {"trackers": 2, "tracking_details": 2, "shipments": 1, "shipment_fees": 1, "objects": 2}
    assert outcome.rows("easypost__trackers", "_row, _path") == [(1, "$.result"), (2, "$.shipments[0].tracker")]


def test_a_batch_lists_shipments_by_reference_only(tmp_path):
    batch = {"id": "batch_1", "object": "Batch", "shipments": [{"id": "shp_1", "batch_status": "postage_purchased"}]}
    assert counts(read(tmp_path, batch)) == {"objects": 1}


@pytest.mark.parametrize(
    ("document", "rule"),
    [
        ({"error": {"code": "NOT_FOUND", "message": "no"}}, "api_error"),
        ({"success": True}, "no_object"),
        ("[1, 2]", "no_object"),
        ("17", "no_object"),
    ],
)
def test_answers_without_an_object_go_to_quarantine(tmp_path, document, rule):
    outcome = read(tmp_path, document)
    assert {row[0] for row in outcome.quarantine("rule")} == {rule}
    assert outcome.parsed.blocked is None


def test_broken_lines_among_sound_ones(tmp_path):
    outcome = read(tmp_path, tracker(1), "{broken", tracker(3, tracking_code=None))
    assert outcome.quarantine("_row, rule") == [(2, "invalid_json"), (3, "required_missing"), (3, "required_missing")]
    assert counts(outcome) == {"trackers": 1, "tracking_details": 1}


def test_what_is_no_json_at_all_blocks(tmp_path):
    assert read(tmp_path, "<html>", "</html>").parsed.blocked.startswith("invalid_json")
