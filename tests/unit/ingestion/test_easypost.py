"""EasyPost documents in every envelope they come in."""

from __future__ import annotations

import json

import pytest

from tests.unit.ingestion.parsing import edited, golden, lines_of, parse_bytes

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


CLAIM = json.loads(golden("easypost", "claims.json"))["claims"][0]
INSURANCE = json.loads(golden("easypost", "insurances.json"))["insurances"][0]
REFUND = json.loads(golden("easypost", "refunds.json"))["refunds"][0]


def event(result):
    return {"id": "evt_2", "object": "Event", "description": "updated", "result": result}


@pytest.mark.parametrize("envelope", [lambda claim: claim, lambda claim: [claim], lambda claim: {"claims": [claim]}])
def test_a_claim_and_what_it_brought(tmp_path, envelope):
    outcome = read(tmp_path, envelope(CLAIM))
    claims = (
        "claim_id, tracking_number, claim_kind, counterparty_id, filed_at::VARCHAR, settled_at::VARCHAR, outcome, "
        "claimed_amount::VARCHAR, paid_amount::VARCHAR, currency, updated_at::VARCHAR"
    )
    assert outcome.rows("backhaul__claims", claims) == [
        (
            *("clm_1", "T1", "INSURANCE", "EASYPOST", "2026-03-01 09:00:00", "2026-03-11 09:00:00", "PAID"),
            *("45.0000", "40.0000", "USD", "2026-03-11 09:00:05"),
        )
    ]
    money = "recovery_id, category_code, tracking_number, gross_amount::VARCHAR, currency, recovered_at::VARCHAR"
    assert outcome.rows("backhaul__recoveries", money) == [
        ("clm_1", "REC_INS", "T1", "40.0000", "USD", "2026-03-11 09:00:00")
    ]
    assert counts(outcome) == {"backhaul__claims": 1, "backhaul__recoveries": 1}
    for table in ("claims", "recoveries"):
        extra = outcome.rows(f"backhaul__{table}", "extra")[0][0]
        assert "Doe" not in extra
        assert "example.org" not in extra
        assert "Main Street" not in extra


def test_an_event_gives_its_claim(tmp_path):
    outcome = read(tmp_path, event(CLAIM))
    assert outcome.rows("backhaul__claims", "claim_id, _row, _path") == [("clm_1", 1, "$.result")]
    assert counts(outcome) == {"objects": 1, "backhaul__claims": 1, "backhaul__recoveries": 1}


def test_the_premium_of_an_insurance_bought_alone(tmp_path):
    back = edited(INSURANCE, {"id": "ins_2", "fee.refunded": True, "updated_at": "2026-02-22T08:00:00Z"})
    outcome = read(tmp_path, INSURANCE, back)
    charges = (
        "carrier, invoice_id, invoice_line, charge_class, net_amount::VARCHAR, currency, tracking_number, "
        "invoiced_at::VARCHAR"
    )
    assert outcome.rows("backhaul__carrier_charges", charges) == [
        ("EASYPOST", "ins_1", "InsuranceFee", "SURCHARGE", "0.5000", "USD", "T1", "2026-02-20 08:00:00"),
        ("EASYPOST", "ins_2", "InsuranceFee", "SURCHARGE", "0.5000", "USD", "T1", "2026-02-20 08:00:00"),
        ("EASYPOST", "ins_2", "InsuranceFee refunded", "CREDIT", "-0.5000", "USD", "T1", "2026-02-22 08:00:00"),
    ]
    assert "Doe" not in str(outcome.rows("backhaul__carrier_charges", "extra"))


def test_a_refund_of_a_label(tmp_path):
    outcome = read(tmp_path, {"refunds": [REFUND], "has_more": False})
    columns = "refund_id, shipment_id, tracking_code, carrier, status, updated_at::VARCHAR"
    assert outcome.rows("easypost__refunds", columns) == [
        ("rfnd_1", "shp_2", "T2", "USPS", "refunded", "2026-03-20 10:00:00")
    ]


CASES = {
    "claim submitted": (CLAIM, {"status": "submitted", "approved_amount": None}, ["claims"]),
    "claim in review": (CLAIM, {"status": "in_review", "approved_amount": None}, ["claims"]),
    "claim that needs an answer": (CLAIM, {"status": "needs_action", "approved_amount": None}, ["claims"]),
    "claim rejected": (CLAIM, {"status": "rejected", "approved_amount": None}, ["claims"]),
    "claim cancelled": (CLAIM, {"status": "cancelled"}, ["claims"]),
    "claim approved in part": (CLAIM, {"status": "approved_partial"}, ["claims", "recoveries"]),
    "claim approved, amount to come": (CLAIM, {"approved_amount": None}, ["claims"]),
    "claim paid of no parcel": (CLAIM, {"tracking_code": None}, ["claims"]),
    "claim of a status of tomorrow": (CLAIM, {"status": "arbitrated"}, ["unknown_claim_status"]),
    "claim without a status": (CLAIM, {"status": None}, ["required_missing status"]),
    "claim without creation": (CLAIM, {"created_at": ...}, ["required_missing created_at"]),
    "claim with a negative amount": (CLAIM, {"requested_amount": "-1.00"}, ["below_minimum claimed_amount"]),
    "claim with an amount in words": (CLAIM, {"approved_amount": "all"}, ["not_a_decimal approved_amount"]),
    "claim with a time in words": (CLAIM, {"status_timestamp": "soon"}, ["not_a_timestamp status_at"]),
    "claim, drift: a new field": (CLAIM, {"adjuster_score": 7}, ["claims", "recoveries"]),
    "claim, drift: no time of the status": (CLAIM, {"status_timestamp": ...}, ["claims", "recoveries"]),
    "claim, drift: numbers": (CLAIM, {"requested_amount": 45, "approved_amount": 40.5}, ["claims", "recoveries"]),
    "insurance of a shipment": (INSURANCE, {"shipment_id": "shp_1"}, ["told_by_shipment"]),
    "insurance not charged": (INSURANCE, {"fee.charged": False}, ["nothing_charged"]),
    "insurance without a fee": (INSURANCE, {"fee": None}, ["nothing_charged"]),
    "insurance of nothing": (INSURANCE, {"fee.amount": "0.00"}, ["nothing_charged"]),
    "insurance of no parcel": (INSURANCE, {"tracking_code": None}, ["no_tracking_number"]),
    "insurance with a negative fee": (INSURANCE, {"fee.amount": "-1.00"}, ["below_minimum premium"]),
    "insurance with a fee in words": (INSURANCE, {"fee.amount": "free"}, ["not_a_decimal premium"]),
    "insurance charged perhaps": (INSURANCE, {"fee.charged": "perhaps"}, ["not_a_boolean is_charged"]),
    "insurance finer than kept": (INSURANCE, {"fee.amount": "0.00001"}, ["more_decimals_than_kept premium"]),
    "insurance without an update": (INSURANCE, {"updated_at": ...}, ["required_missing updated_at"]),
    "insurance, drift: a new field": (INSURANCE, {"underwriter": "X"}, ["carrier_charges"]),
    "insurance, drift: a fee without a type": (INSURANCE, {"fee.type": ...}, ["carrier_charges"]),
    "refund submitted": (REFUND, {"status": "submitted"}, ["easypost__refunds"]),
    "refund of a status of tomorrow": (REFUND, {"status": "pondered"}, ["easypost__refunds"]),
    "refund of no shipment": (REFUND, {"shipment_id": None}, ["required_missing shipment_id"]),
    "refund without a status": (REFUND, {"status": ...}, ["required_missing status"]),
    "refund with a time in words": (REFUND, {"updated_at": "soon"}, ["not_a_timestamp updated_at"]),
    "refund, drift: a new field": (REFUND, {"reason": "unused"}, ["easypost__refunds"]),
}


@pytest.fixture(scope="module")
def landed(tmp_path_factory):
    """Where the object of every case went, a case a line of one file."""
    data = lines_of(edited(base, changes) for base, changes, _ in CASES.values())
    return parse_bytes(tmp_path_factory.mktemp("cases"), "easypost", "cases.json", data).landed


@pytest.mark.parametrize(("row", "places"), [(row, case[2]) for row, case in enumerate(CASES.values(), 1)], ids=CASES)
def test_each_object_is_rows_or_has_its_reason(landed, row, places):
    assert landed.get(row) == places
