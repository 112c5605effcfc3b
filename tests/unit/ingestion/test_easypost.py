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
    return {name.removeprefix("backhaul__"): written.rows for name, written in outcome.parsed.tables.items()}


SHIPMENTS = "backhaul__shipments"
CHARGES = "backhaul__carrier_charges"


def test_a_tracker_is_a_parcel_and_its_scans(tmp_path):
    outcome = read(
        tmp_path, tracker(is_return=True, carrier="USPS", est_delivery_date="2026-01-05T00:00:00Z"), indent=2
    )
    assert counts(outcome) == {"shipments": 1, "tracking_scans": 1}
    parcel = (
        "carrier, tracking_number, document_id, is_return, is_direction_known, status, est_delivery_at::VARCHAR, "
        "weight_kg::VARCHAR, label_created_at, updated_at::VARCHAR, _path, _row"
    )
    assert outcome.rows(SHIPMENTS, parcel) == [
        (
            *("USPS", "CODE1", "trk_1", True, True, "in_transit", "2026-01-05 00:00:00"),
            *("0.354369", None, "2026-01-02 12:00:00", None, 1),
        )
    ]
    scan = (
        "carrier, tracking_number, scanned_at::VARCHAR, status, message, city, updated_at::VARCHAR, "
        "_observed_at::VARCHAR, _path"
    )
    assert outcome.rows("backhaul__tracking_scans", scan) == [
        (
            *("USPS", "CODE1", "2026-01-02 10:00:00", "in_transit", "Departed", "Laval"),
            *("2026-01-02 12:00:00", "2026-01-02 12:00:00", ".tracking_details[0]"),
        )
    ]


@pytest.mark.parametrize("told", [True, False, None])
def test_which_way_a_parcel_goes_is_told_or_not_known(tmp_path, told):
    outcome = read(tmp_path, tracker(is_return=told))
    columns = "carrier, is_return, is_direction_known"
    assert outcome.rows(SHIPMENTS, columns) == [("OTHER", told, told is not None)]


@pytest.mark.parametrize(("ounces", "kilograms"), [("4000", "113.398093"), ("0.1", "0.002835"), ("16", "0.453592")])
def test_ounces_are_exact_to_the_milligram(tmp_path, ounces, kilograms):
    outcome = read(tmp_path, tracker(weight=ounces), {**SHIPMENT, "tracker": None, "parcel": {"weight": ounces}})
    assert outcome.rows(SHIPMENTS, "weight_kg::VARCHAR") == [(kilograms,), (kilograms,)]


def test_list_page_and_empty_page(tmp_path):
    page = read(tmp_path, {"trackers": [tracker(1), tracker(2), {"id": "x"}], "has_more": False})
    assert counts(page) == {"shipments": 2, "tracking_scans": 2}
    assert page.rows(SHIPMENTS, "_row, _path") == [(1, ".trackers[0]"), (1, ".trackers[1]")]
    assert page.quarantine("rule, raw_text") == [("no_record", '{"id":"x"}')]
    assert read(tmp_path, {"trackers": [], "has_more": False}).parsed.rows_read == 0
    assert read(tmp_path, "[]").parsed.rows_read == 0


def test_a_shipment_is_a_parcel_its_label_and_its_fees(tmp_path):
    fees = [
        {"type": "LabelFee", "amount": "0.01", "charged": True, "refunded": False},
        {"type": "PostageFee", "amount": "7.42", "charged": True, "refunded": False},
        {"type": "InsuranceFee", "amount": "0.50", "charged": True, "refunded": True},
        {"type": "TrackerFee", "amount": "0.02", "charged": False},
    ]
    outcome = read(tmp_path, {**SHIPMENT, "created_at": "2026-01-01T00:00:00Z", "fees": fees})
    assert counts(outcome) == {"shipments": 2, "tracking_scans": 1, "carrier_charges": 4}
    columns = "document_id, tracking_number, carrier, label_amount::VARCHAR, currency, label_created_at::VARCHAR, _path"
    assert outcome.rows(SHIPMENTS, columns) == [
        ("trk_1", "CODE1", "OTHER", None, None, None, ".tracker"),
        ("shp_1", "CODE1", "USPS", "7.4200", "USD", "2026-01-01 00:00:00", None),
    ]
    charges = "carrier, invoice_id, invoice_line, charge_class, net_amount::VARCHAR, currency, is_withdrawn"
    assert sorted(outcome.rows(CHARGES, charges)) == [
        ("EASYPOST", "shp_1", "InsuranceFee", "LABEL_FEE", "0.5000", "USD", True),
        ("EASYPOST", "shp_1", "Label", "LABEL", "7.4200", "USD", False),
        ("EASYPOST", "shp_1", "LabelFee", "LABEL_FEE", "0.0100", "USD", False),
        ("EASYPOST", "shp_1", "TrackerFee", "LABEL_FEE", "0.0200", "USD", True),
    ]
    assert set(outcome.rows(CHARGES, "invoiced_at::VARCHAR, tracking_number, _observed_at::VARCHAR")) == {
        ("2026-01-01 00:00:00", "CODE1", "2026-01-03 00:00:00")
    }


@pytest.mark.parametrize("is_return", [False, None])
def test_a_label_that_is_no_return_is_no_charge(tmp_path, is_return):
    outcome = read(tmp_path, {**SHIPMENT, "is_return": is_return, "tracker": None})
    assert counts(outcome) == {"shipments": 1}
    assert outcome.rows(SHIPMENTS, "label_amount::VARCHAR, is_return") == [("7.4200", is_return)]


def test_a_label_whose_shipment_says_that_it_was_refunded_is_withdrawn(tmp_path):
    outcome = read(tmp_path, {**SHIPMENT, "refund_status": "refunded", "fees": [], "tracker": None})
    assert outcome.rows(CHARGES, "invoice_line, _withdrawn") == [("Label", True)]


def test_addresses_stay_out(tmp_path):
    address = {"object": "Address", "name": "J. Doe", "street1": "1 Main Street", "country": "CA"}
    places = ("to_address", "from_address", "return_address", "buyer_address")
    label = {**SHIPMENT, **dict.fromkeys(places, address), "customs_info": {"customs_signer": "J. Doe"}}
    outcome = read(tmp_path, {**label, "reference": "RMA-7"})
    assert outcome.rows(SHIPMENTS, "from_country, to_country, extra->>'reference'")[1] == ("CA", "CA", "RMA-7")
    for table in (SHIPMENTS, CHARGES):
        assert "Doe" not in str(outcome.rows(table, "extra"))


def test_webhook_event_and_nested_shipments(tmp_path):
    order = {"id": "order_1", "object": "Order", "updated_at": "2026-01-04T00:00:00Z", "shipments": [SHIPMENT]}
    outcome = read(tmp_path, EVENT, order)
    assert counts(outcome) == {"shipments": 3, "tracking_scans": 2, "carrier_charges": 2}
    assert outcome.rows(SHIPMENTS, "document_id, _row, _path") == [
        ("trk_2", 1, ".result"), ("shp_1", 2, ".shipments[0]"), ("trk_1", 2, ".shipments[0].tracker")
    ]  # fmt: skip
    assert outcome.quarantine() == [(2, "not_modelled", None)]


def test_a_batch_lists_shipments_by_reference_only(tmp_path):
    batch = {"id": "batch_1", "object": "Batch", "shipments": [{"id": "shp_1", "batch_status": "postage_purchased"}]}
    assert read(tmp_path, batch).quarantine() == [(1, "not_modelled", None)]


@pytest.mark.parametrize(
    ("name", "rule"), [("Batch", "not_modelled"), ("Event", "not_modelled"), ("Drone", "no_record")]
)
@pytest.mark.parametrize("envelope", [lambda it: it, lambda it: {"page": [it]}], ids=["alone", "listed"])
def test_an_object_that_no_table_holds_is_kept_out_whole(tmp_path, name, rule, envelope):
    outcome = read(tmp_path, envelope({"id": "x_1", "object": name, "result": {"id": "y"}}))
    assert (outcome.parsed.rows, outcome.quarantine("rule")) == (0, [(rule,)])
    assert "x_1" in outcome.quarantine("raw_text")[0][0]


@pytest.mark.parametrize(
    ("document", "rule"),
    [
        ({"error": {"code": "NOT_FOUND", "message": "no"}}, "api_error"),
        ({"success": True}, "no_record"),
        ("[1, 2]", "no_record"),
        ("17", "no_record"),
    ],
)
def test_answers_without_an_object_go_to_quarantine(tmp_path, document, rule):
    outcome = read(tmp_path, document)
    assert {row[0] for row in outcome.quarantine("rule")} == {rule}
    assert outcome.parsed.blocked is None


def test_broken_lines_among_sound_ones(tmp_path):
    outcome = read(tmp_path, tracker(1), "{broken", tracker(3, tracking_code=None))
    assert outcome.quarantine() == [(2, "invalid_json", None), *[(3, "required_missing", "tracking_number")] * 2]
    assert counts(outcome) == {"shipments": 1, "tracking_scans": 1}


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
    assert counts(outcome) == {"claims": 1, "recoveries": 1}
    for table in ("claims", "recoveries"):
        extra = outcome.rows(f"backhaul__{table}", "extra")[0][0]
        assert "Doe" not in extra
        assert "example.org" not in extra
        assert "Main Street" not in extra


def test_an_event_gives_its_claim(tmp_path):
    outcome = read(tmp_path, event(CLAIM))
    assert outcome.rows("backhaul__claims", "claim_id, _row, _path") == [("clm_1", 1, ".result")]
    assert counts(outcome) == {"claims": 1, "recoveries": 1}


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


def test_a_cancelled_insurance_takes_back_its_premium_and_what_was_refunded_of_it(tmp_path):
    refunded = edited(INSURANCE, {"fee.refunded": True})
    cancelled = edited(INSURANCE, {"status": "cancelled", "updated_at": "2026-02-22T08:00:00Z"})
    columns = "invoice_line, _record_key, _withdrawn"
    before = {line: (key, off) for line, key, off in read(tmp_path, refunded).rows(CHARGES, columns)}
    after = {line: (key, off) for line, key, off in read(tmp_path, cancelled).rows(CHARGES, columns)}
    assert after == {line: (key, True) for line, (key, off) in before.items()}
    assert {off for _, off in before.values()} == {False}


MODES = {
    "tracker": (tracker(mode="test"), {"test_mode": 2}),
    "tracker of an event": ({**EVENT, "mode": "test"}, {"test_mode": 2}),
    "shipment": ({**SHIPMENT, "tracker": None, "mode": "test"}, {"test_mode": 1}),
    "claim": ({**CLAIM, "mode": "test"}, {"test_mode": 1}),
    "insurance": ({**INSURANCE, "mode": "test"}, {"test_mode": 1}),
    "refund of an event": ({"id": "evt_3", "object": "Event", "mode": "test", "result": REFUND}, {"test_mode": 1}),
    "production": (tracker(mode="production"), {}),
}


@pytest.mark.parametrize("case", MODES)
def test_what_is_made_for_tests_is_left_out_where_the_description_says_so(tmp_path, case):
    document, rules = MODES[case]
    (tmp_path / "mixed.yml").write_text("extends: easypost\ncodes: {mode_of: {test: OUT}}\n")
    data = json.dumps(document).encode()
    outcome = parse_bytes(tmp_path, "easypost", "x.json", data, contract=str(tmp_path / "mixed.yml"))
    assert (outcome.counts[1], bool(outcome.parsed.tables)) == (rules, not rules)


def test_what_a_key_for_tests_made_is_read(tmp_path):
    assert read(tmp_path, tracker(mode="test")).counts == ({"shipments": 1, "tracking_scans": 1}, {})


@pytest.mark.parametrize(
    ("status", "is_withdrawn"), [("refunded", False), ("submitted", True), ("rejected", True), ("not_applicable", True)]
)
def test_a_refund_of_a_label_voids_what_was_charged_for_it(tmp_path, status, is_withdrawn):
    outcome = read(tmp_path, {"refunds": [{**REFUND, "status": status}], "has_more": False})
    columns = (
        "invoice_id, invoice_line, charge_class, net_amount::VARCHAR, tracking_number, updated_at::VARCHAR, _withdrawn"
    )
    assert outcome.rows(CHARGES, columns) == [
        ("shp_2", "rfnd_1", "VOID", "0.0000", "T2", "2026-03-20 10:00:00", is_withdrawn)
    ]


BARE = {**SHIPMENT, "tracker": None}
TRACKER = tracker()

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
    "refund submitted": (REFUND, {"status": "submitted"}, ["carrier_charges withdrawn"]),
    "refund of a status of tomorrow": (REFUND, {"status": "pondered"}, ["unknown_refund_status"]),
    "refund of no shipment": (REFUND, {"shipment_id": None}, ["required_missing shipment_id"]),
    "refund without a status": (REFUND, {"status": ...}, ["required_missing status"]),
    "refund with a time in words": (REFUND, {"updated_at": "soon"}, ["not_a_timestamp updated_at"]),
    "refund, drift: a new field": (REFUND, {"reason": "unused"}, ["carrier_charges"]),
    "draft of a shipment": (BARE, {"tracking_code": None, "selected_rate": None, "fees": []}, ["label_not_bought"]),
    "shipment of a weight in words": (BARE, {"parcel": {"weight": "heavy"}}, ["not_a_decimal weight_oz"]),
    "shipment with a negative price": (BARE, {"selected_rate.rate": "-1"}, ["below_minimum label_amount"]),
    "shipment without an update": (BARE, {"updated_at": ...}, ["required_missing updated_at"]),
    "shipment without a rate": (BARE, {"selected_rate": None}, ["carrier_charges", "shipments"]),
    "shipment with a fee in words": (
        BARE,
        {"fees.0.amount": "free"},
        ["carrier_charges", "not_a_decimal net_amount", "shipments"],
    ),
    "shipment with a fee of no type": (
        BARE,
        {"fees.0.type": ...},
        ["carrier_charges", "required_missing invoice_line", "shipments"],
    ),
    "shipment, drift: fees by name": (BARE, {"fees": {"LabelFee": "0.01"}}, ["carrier_charges", "shipments"]),
    "tracker of a status of tomorrow": (TRACKER, {"status": "orbiting"}, ["shipments", "tracking_scans"]),
    "tracker with a time in words": (
        TRACKER,
        {"updated_at": "soon"},
        ["not_a_timestamp updated_at", "not_a_timestamp updated_at"],
    ),
    "scan with a time in words": (
        TRACKER,
        {"tracking_details.0.datetime": "soon"},
        ["not_a_timestamp scanned_at", "shipments"],
    ),
    "scan that is none": (TRACKER, {"tracking_details": ["lost"]}, ["no_record", "shipments"]),
}


@pytest.fixture(scope="module")
def landed(tmp_path_factory):
    """Where the object of every case went, a case a line of one file."""
    data = lines_of(edited(base, changes) for base, changes, _ in CASES.values())
    return parse_bytes(tmp_path_factory.mktemp("cases"), "easypost", "cases.json", data).landed


@pytest.mark.parametrize(("row", "places"), [(row, case[2]) for row, case in enumerate(CASES.values(), 1)], ids=CASES)
def test_each_object_is_rows_or_has_its_reason(landed, row, places):
    assert landed.get(row) == places
