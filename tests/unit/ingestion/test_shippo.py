"""Shippo tracking: answers and webhooks, statuses, versions, and which way a parcel goes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from backhaul.settings import PROJECT
from tests.unit.ingestion.parsing import Outcome, parse_bytes
from tests.unit.ingestion.tracks import shippo_scan, shippo_track

GOLDEN = PROJECT / "tests" / "data" / "shippo"
SHIPMENTS, SCANS = "backhaul__shipments", "backhaul__tracking_scans"
NUMBER = "9205590164917300000017"


def read(tmp_path, *values: Any) -> Outcome:
    data = "\n".join(value if isinstance(value, str) else json.dumps(value) for value in values).encode()
    return parse_bytes(tmp_path, "shippo", "tracks.json", data)


def test_a_track_is_a_parcel_and_its_history_its_scans(tmp_path):
    delivered = shippo_scan("DELIVERED", "2026-03-06T15:00:00Z", object_updated="2026-03-06T15:10:00Z")
    outcome = read(tmp_path, shippo_track(shippo_scan(), delivered))
    assert outcome.rows(
        SHIPMENTS,
        "carrier, tracking_number, service, is_return, status, delivered_at::VARCHAR, promised_at::VARCHAR, "
        "from_country, to_country, updated_at::VARCHAR, _row, _path",
    ) == [
        (
            "USPS",
            NUMBER,
            "Priority Mail",
            True,
            "delivered",
            "2026-03-06 15:00:00",
            "2026-03-07 00:00:00",
            "US",
            "CA",
            "2026-03-06 15:10:00",
            1,
            None,
        )
    ]
    assert outcome.rows(
        SCANS,
        "carrier, tracking_number, scanned_at::VARCHAR, status, status_detail, message, city, state, country, _path",
    ) == [
        (
            "USPS",
            NUMBER,
            "2026-03-05 10:00:00",
            "in_transit",
            "TRANSIT",
            "Your parcel moved.",
            "Laval",
            "QC",
            "CA",
            ".tracking_history[0]",
        ),
        (
            "USPS",
            NUMBER,
            "2026-03-06 15:00:00",
            "delivered",
            "DELIVERED",
            "Your parcel moved.",
            "Laval",
            "QC",
            "CA",
            ".tracking_history[1]",
        ),
    ]
    assert outcome.quarantine() == []


TRACK = shippo_track()


@pytest.mark.parametrize(
    ("values", "tracks"),
    [
        ([TRACK], 1),
        ([{"event": "track_updated", "test": False, "carrier": "usps", "data": TRACK}], 1),
        ([{"event": "track_updated", "data": TRACK}], 1),
        ([[TRACK, TRACK]], 2),
        ([TRACK, TRACK], 2),
        ([json.dumps(TRACK, indent=2), TRACK], 2),
    ],
    ids=["answer", "webhook", "bare webhook", "list", "lines", "pretty"],
)
def test_envelopes(tmp_path, values, tracks):
    outcome = read(tmp_path, *values)
    assert outcome.rows(SHIPMENTS, "tracking_number") == [(NUMBER,)] * tracks
    assert outcome.rows(SCANS, "tracking_number, carrier") == [(NUMBER, "USPS")] * tracks
    assert outcome.quarantine() == []


STATUSES = [
    ("UNKNOWN", None, "unknown", "UNKNOWN"),
    ("PRE_TRANSIT", None, "pre_transit", "PRE_TRANSIT"),
    ("TRANSIT", None, "in_transit", "TRANSIT"),
    ("TRANSIT", "package_departed", "in_transit", "TRANSIT:package_departed"),
    ("TRANSIT", "out_for_delivery", "out_for_delivery", "TRANSIT:out_for_delivery"),
    ("TRANSIT", "pickup_available", "available_for_pickup", "TRANSIT:pickup_available"),
    ("TRANSIT", "return_to_sender", "return_to_sender", "TRANSIT:return_to_sender"),
    ("DELIVERED", "delivered", "delivered", "DELIVERED:delivered"),
    ("RETURNED", None, "return_to_sender", "RETURNED"),
    ("FAILURE", "package_lost", "failure", "FAILURE:package_lost"),
    ("Delivered", None, "delivered", "Delivered"),
    ("TELEPORTED", None, "teleported", "TELEPORTED"),
]


@pytest.fixture(scope="module", params=["object", "text"])
def told(request, tmp_path_factory) -> Outcome:
    tracks = [
        shippo_track(shippo_scan(status, substatus={"code": code} if code and request.param == "object" else code))
        for status, code, _, _ in STATUSES
    ]
    return read(tmp_path_factory.mktemp("statuses"), *tracks)


@pytest.mark.parametrize(
    ("row", "case"), list(enumerate(STATUSES, 1)), ids=[":".join(map(str, case)) for case in STATUSES]
)
def test_statuses(told, row, case):
    _, _, native, detail = case
    assert (row, native, detail) in told.rows(SCANS, "_row, status, status_detail")
    assert (row, native) in told.rows(SHIPMENTS, "_row, status")
    assert told.parsed.unknown == 2


@pytest.mark.parametrize(
    ("metadata", "is_return"),
    [
        ("RMA R-1001", True),
        ("return of SO-77", True),
        ("Returns", True),
        ("Order 000123", False),
        (None, False),
        ("armature", False),
        ("", False),
    ],
)
def test_the_metadata_tells_a_return(tmp_path, metadata, is_return):
    assert read(tmp_path, shippo_track(metadata=metadata)).rows(SHIPMENTS, "is_return") == [(is_return,)]


def test_webhooks_out_of_order_are_versions_and_their_scans_the_same(tmp_path):
    first = shippo_track(shippo_scan())
    later = shippo_track(
        shippo_scan(), shippo_scan("DELIVERED", "2026-03-06T15:00:00Z", object_updated="2026-03-06T15:10:00Z")
    )
    outcome = read(tmp_path, later, first, later)
    assert len(set(outcome.rows(SHIPMENTS, "_record_key"))) == 1
    latest = max(outcome.rows(SHIPMENTS, "_observed_at, status"))
    assert latest[1] == "delivered"
    assert len(set(outcome.rows(SCANS, "_record_key"))) == 2


def test_the_address_is_dropped(tmp_path):
    [(extra,)] = read(tmp_path, shippo_track()).rows(SHIPMENTS, "extra")
    assert "02118" not in (extra or "")


@pytest.mark.parametrize("place", ["track", "event"])
def test_test_mode_is_out(tmp_path, place):
    value = shippo_track(test=True) if place == "track" else {"event": "track_updated", "test": True, "data": TRACK}
    outcome = read(tmp_path, value)
    assert outcome.quarantine("rule") == [("test_mode",), ("test_mode",)]
    assert outcome.parsed.rows == 0


BAD: list[tuple[str, Any, list[tuple[str, str | None]]]] = [
    ("no carrier", shippo_track(carrier=None), [("required_missing", "carrier")] * 2),
    (
        "no number",
        shippo_track(tracking_number=None),
        [("required_missing", "tracking_number")],
    ),
    ("bad eta", shippo_track(eta="soon", original_eta=None), [("not_a_timestamp", "promised_at")]),
    ("scan without a time", shippo_track(shippo_scan(date="")), [("required_missing", "scanned_at")]),
    ("scan without a status", shippo_track(shippo_scan(""), tracking_status=None), [("required_missing", "status")]),
    (
        "scan at no time",
        shippo_track(shippo_scan(date="2026-02-30"), tracking_status=None),
        [("not_a_timestamp", "scanned_at")],
    ),
    ("scan is a word", shippo_track(tracking_history=["moved"]), [("no_record", None)]),
    ("test is a word", shippo_track(test="maybe"), [("not_a_boolean", "is_test")] * 2),
    ("error", {"error": {"message": "throttled"}}, [("api_error", None)]),
    ("detail", {"detail": "Authentication credentials were not provided."}, [("no_record", None)]),
    ("foreign", {"object": "Shipment", "id": "shp_1"}, [("no_record", None)]),
    ("empty", {}, [("no_record", None)]),
    ("a word", '"delivered"', [("no_record", None)]),
    ("null", "null", [("no_record", None)]),
    ("cut", '{"carrier": "usps", "tracking_number": "1', [("invalid_json", None)]),
    ("twice a key", '{"carrier": "usps", "carrier": "ups", "tracking_number": "1"}', [("duplicate_key", None)]),
]
IDS = [name for name, _, _ in BAD]


@pytest.fixture(scope="module")
def bad(tmp_path_factory) -> Outcome:
    values = [value for _, value, _ in BAD]
    return read(tmp_path_factory.mktemp("bad"), *values, shippo_track(tracking_number="sound"))


@pytest.mark.parametrize(("row", "found"), [(row, found) for row, (_, _, found) in enumerate(BAD, 1)], ids=IDS)
def test_what_is_no_track_has_its_reason(bad, row, found):
    reasons = [reason for number, *reason in bad.quarantine() if number == row]
    assert sorted(reasons, key=str) == sorted(map(list, found), key=str)
    assert bad.rows(SHIPMENTS, "tracking_number")[-1] == ("sound",)


def test_golden_files(tmp_path):
    outcomes = [parse_bytes(tmp_path, "shippo", path.name, path.read_bytes()) for path in sorted(GOLDEN.iterdir())]
    assert [(outcome.parsed.rows, outcome.parsed.quarantined) for outcome in outcomes] == [(4, 0), (7, 1)]
