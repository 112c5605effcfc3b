"""What EPCIS events become: events whole, and returns, packings and dispositions as far as they say so."""

from __future__ import annotations

import json

import pytest

from backhaul.settings import PROJECT
from ingestion.sources.epcis.objects import identified, with_check_digit
from tests.unit.ingestion.parsing import edited, parse_bytes

DATA = PROJECT / "tests" / "data" / "epcis"
REAL = PROJECT.parent / "shared" / "data" / "epcis"
GTIN = "04012345111224"


@pytest.fixture
def chain(tmp_path):
    return parse_bytes(tmp_path, "epcis", "chain.json", (DATA / "return_chain.json").read_bytes())


def test_every_object_of_an_event_is_a_row(chain):
    rows = chain.rows("backhaul__events", "event_type, object_role, object_id, biz_step, quantity::VARCHAR, _row")
    assert rows == [
        ("OBJECT", "OBJECT", f"{GTIN}.25", "receiving", None, 1),
        ("OBJECT", "OBJECT", f"{GTIN}.26", "receiving", None, 1),
        ("OBJECT", "OBJECT", f"{GTIN}.27", "receiving", None, 2),
        ("AGGREGATION", "CHILD", f"{GTIN}.25", "packing", None, 3),
        ("AGGREGATION", "PARENT", "140123450000000013", "packing", None, 3),
        ("AGGREGATION", "CHILD", "04012345111118.L1", "packing", "2.5000", 3),
        ("OBJECT", "OBJECT", f"{GTIN}.26", "destroying", None, 4),
        ("OBJECT", "OBJECT", f"{GTIN}.25", "receiving", None, 5),
        ("TRANSFORMATION", "INPUT", f"{GTIN}.27", "commissioning", None, 6),
        ("TRANSFORMATION", "OUTPUT", "04012345999990.1", "commissioning", None, 6),
    ]
    assert chain.parsed.quarantined == 0


def test_what_came_back_is_a_return_with_its_authorisation_or_blind(chain):
    assert chain.rows("backhaul__returns", "rma_id, rma_line, return_type, received_at::VARCHAR, _row, _withdrawn") == [
        ("RMA-7", f"{GTIN}.25", None, "2026-03-02 15:00:00", 1, False),
        ("RMA-7", f"{GTIN}.26", None, "2026-03-02 15:00:00", 1, False),
        (f"{GTIN}.27", f"{GTIN}.27", "BLIND", "2026-03-02 16:00:00", 2, False),
        ("RMA-7", f"{GTIN}.25", None, "2026-03-02 15:00:00", 5, True),
    ]
    [told, _, _, taken_back] = chain.rows("backhaul__returns", "_record_key, _observed_at")
    assert told[0] == taken_back[0]
    assert told[1] < taken_back[1]


RECEIVED = {
    "type": "ObjectEvent", "eventID": "urn:uuid:1", "eventTime": "2026-03-02T10:00:00Z",
    "eventTimeZoneOffset": "+00:00", "epcList": ["urn:epc:id:sgtin:4012345.011122.25"], "action": "OBSERVE",
    "bizStep": "receiving", "disposition": "returned", "recordTime": "2026-03-02T10:05:00Z",
}  # fmt: skip
WRONG = {"declarationTime": "2026-03-08T00:00:00Z", "reason": "incorrect_data", "correctiveEventIDs": ["urn:uuid:2"]}
CORRECTIONS = {
    "recorded later": ({"recordTime": "2026-03-08T00:00:00Z"}, {}, False),
    "at an earlier time": ({"recordTime": "2026-03-08T00:00:00Z", "eventTime": "2026-03-01T10:00:00Z"}, {}, False),
    "no record times": ({"recordTime": ..., "eventTime": "2026-03-03T10:00:00Z"}, {"recordTime": ...}, False),
    "of another thing": ({"epcList": ["urn:epc:id:sgtin:4012345.011122.26"]}, {}, True),
}


@pytest.mark.parametrize(("correction", "wrong", "is_withdrawn"), CORRECTIONS.values(), ids=CORRECTIONS)
def test_a_correction_stands_in_place_of_what_was_declared_wrong(tmp_path, correction, wrong, is_withdrawn):
    events = [
        edited(RECEIVED, wrong),
        edited(RECEIVED, {**wrong, "errorDeclaration": WRONG}),
        edited(RECEIVED, {"eventID": "urn:uuid:2", **correction}),
    ]
    outcome = parse_bytes(tmp_path, "epcis", "events.json", json.dumps(events).encode())
    versions = outcome.rows("backhaul__returns", "_observed_at, _withdrawn, _row, rma_line")
    [*_, (_, withdrawn, row, _)] = sorted(version for version in versions if version[3] == f"{GTIN}.25")
    assert (withdrawn, row) == (is_withdrawn, 2 if is_withdrawn else 3)


def test_an_event_declared_wrong_is_a_later_version_of_itself(chain):
    rows = chain.rows("backhaul__events", "is_declared_error, error_reason, updated_at::VARCHAR, object_id, event_id")
    versions = [row[:3] for row in rows if row[3:] == (f"{GTIN}.25", "urn:uuid:1")]
    assert versions == [(False, None, "2026-03-02 15:00:00"), (True, "did_not_occur", "2026-03-08 00:00:00")]


def test_packing_and_destruction(chain):
    assert chain.rows("backhaul__containers", "child_id, parent_id, packed_at::VARCHAR") == [
        (f"{GTIN}.25", "urn:epc:id:sscc:4012345.1000000001", "2026-03-03 08:00:00")
    ]
    assert chain.rows("backhaul__dispositions", "disposition_code, serial_number, executed_at::VARCHAR") == [
        ("DESTROY_CERTIFIED", f"{GTIN}.26", "2026-03-05 08:00:00")
    ]


def test_xml_gives_the_same_key_as_json(tmp_path):
    outcome = parse_bytes(tmp_path, "epcis", "return.xml", (DATA / "return.xml").read_bytes())
    assert outcome.rows("backhaul__returns", "rma_id, return_type") == [(f"{GTIN}.25", "BLIND")]


@pytest.mark.parametrize(
    ("uri", "keys"),
    [
        ("urn:epc:id:sgtin:4012345.011122.25", {"gtin": GTIN, "serial": f"{GTIN}.25", "id": f"{GTIN}.25"}),
        ("https://id.gs1.org/01/04012345111224/21/25", {"gtin": GTIN, "serial": f"{GTIN}.25", "id": f"{GTIN}.25"}),
        ("https://shop.example/x/01/4012345111224/10/L1?a=b", {"gtin": GTIN, "lot": "L1", "id": f"{GTIN}.L1"}),
        ("urn:epc:id:sgtin:4012345.011122.A%2FB", {"gtin": GTIN, "serial": f"{GTIN}.A/B", "id": f"{GTIN}.A/B"}),
        ("https://id.gs1.org/01/04012345111224/10/L%201", {"gtin": GTIN, "lot": "L 1", "id": f"{GTIN}.L 1"}),
        ("urn:epc:idpat:sgtin:4012345.011122.*", {"gtin": GTIN, "id": GTIN}),
        ("urn:epc:class:lgtin:4012345.011122.L.1", {"gtin": GTIN, "lot": "L.1", "id": f"{GTIN}.L.1"}),
        ("urn:epc:id:sscc:4012345.1000000001", {"lpn": "140123450000000013", "id": "140123450000000013"}),
        ("https://id.gs1.org/00/140123450000000013", {"lpn": "140123450000000013", "id": "140123450000000013"}),
        ("urn:epc:id:giai:4000001.111", {"lpn": "4000001.111", "id": "4000001.111"}),
        ("urn:epc:id:gdti:0614141.12345.400", {"id": "urn:epc:id:gdti:0614141.12345.400"}),
        ("urn:epc:id:sgtin:x.y.z", {"id": "urn:epc:id:sgtin:x.y.z"}),
        ("anything", {"id": "anything"}),
        ("", {"id": ""}),
    ],
)
def test_gs1_keys(uri, keys):
    assert identified(uri) == keys


@pytest.mark.parametrize(("digits", "whole"), [("0401234511122", GTIN), ("629104150021", "6291041500213")])
def test_check_digits(digits, whole):
    assert with_check_digit(digits) == whole


@pytest.mark.skipif(not REAL.exists(), reason="the shared data is not here")
def test_every_real_event_is_kept(tmp_path):
    files = [path for path in sorted(REAL.rglob("*")) if path.suffix in (".json", ".xml")]
    outcomes = [parse_bytes(tmp_path, "epcis", path.name, path.read_bytes()) for path in files]
    assert sum(len({row[0] for row in outcome.rows("backhaul__events", "_row")}) for outcome in outcomes) == 108
    assert sum(outcome.parsed.quarantined for outcome in outcomes) == 0
