"""AfterShip tracking: versions of the API, local times, countries, statuses, and which way a parcel goes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from backhaul.settings import PROJECT
from tests.unit.ingestion.parsing import Outcome, parse_bytes
from tests.unit.ingestion.tracks import aftership_checkpoint, aftership_tracking

GOLDEN = PROJECT / "tests" / "data" / "aftership"
SHIPMENTS, SCANS = "backhaul__shipments", "backhaul__tracking_scans"
NUMBER = "7023210039414600"
META = {"code": 200}


def read(tmp_path, *values: Any, **options: Any) -> Outcome:
    data = "\n".join(value if isinstance(value, str) else json.dumps(value) for value in values).encode()
    return parse_bytes(tmp_path, "aftership", "trackings.json", data, **options)


@pytest.mark.parametrize("wrapped", [lambda answer: {"meta": META, "data": answer}, lambda answer: answer])
def test_the_last_checkpoint_alone_is_a_scan_of_its_parcel(tmp_path, wrapped):
    told = {name: aftership_tracking()[name] for name in ("id", "tracking_number", "slug", "tag", "subtag")}
    outcome = read(tmp_path, wrapped({**told, "checkpoint": aftership_checkpoint()}))
    columns = "carrier, tracking_number, status, updated_at::VARCHAR"
    parcel = ("CanadaPost", NUMBER, "in_transit", "2026-03-05 12:00:00")
    assert outcome.rows(SHIPMENTS, columns) == [parcel]
    assert outcome.rows(SCANS, columns) == [parcel]
    assert outcome.quarantine() == []


def test_a_tracking_is_a_parcel_and_its_checkpoints_its_scans(tmp_path):
    delivered = aftership_checkpoint("Delivered", "2026-03-06T15:00:00-05:00")
    tracking = aftership_tracking(
        aftership_checkpoint(),
        delivered,
        shipment_delivery_date="2026-03-06T15:00:00-05:00",
        shipment_pickup_date="2026-03-04T08:00:00Z",
        first_estimated_delivery={"datetime": "2026-03-07"},
    )
    outcome = read(tmp_path, {"meta": META, "data": tracking})
    assert outcome.rows(
        SHIPMENTS,
        "carrier, tracking_number, service, is_return, status, first_scan_at::VARCHAR, delivered_at::VARCHAR, "
        "promised_at::VARCHAR, from_country, to_country, weight_kg::VARCHAR, updated_at::VARCHAR, _row, _path",
    ) == [
        (
            "CanadaPost",
            NUMBER,
            "Expedited Parcel",
            True,
            "delivered",
            "2026-03-04 08:00:00",
            "2026-03-06 20:00:00",
            "2026-03-07 00:00:00",
            "US",
            "CA",
            "0.907185",
            "2026-03-05 12:05:00",
            1,
            ".data",
        )
    ]
    assert outcome.rows(
        SCANS, "carrier, tracking_number, scanned_at::VARCHAR, status, status_detail, message, city, country, _path"
    ) == [
        (
            "CanadaPost",
            NUMBER,
            "2026-03-05 10:00:00",
            "in_transit",
            "InTransit:InTransit_001:ITEM-PROC",
            "Item processed",
            "Laval",
            "CA",
            ".data.checkpoints[0]",
        ),
        (
            "CanadaPost",
            NUMBER,
            "2026-03-06 20:00:00",
            "delivered",
            "Delivered:Delivered_001:ITEM-PROC",
            "Item processed",
            "Laval",
            "CA",
            ".data.checkpoints[1]",
        ),
    ]
    assert outcome.quarantine() == []


TRACKING = aftership_tracking()


@pytest.mark.parametrize(
    ("values", "trackings"),
    [
        ([TRACKING], 1),
        ([{"meta": META, "data": TRACKING}], 1),
        ([{"meta": META, "data": {"tracking": TRACKING}}], 1),
        ([{"meta": META, "data": {"page": 1, "count": 2, "trackings": [TRACKING, TRACKING]}}], 2),
        ([{"event": "tracking_update", "event_id": "e1", "ts": 1772700000, "msg": TRACKING}], 1),
        ([[TRACKING, TRACKING]], 2),
        ([{"meta": META, "data": TRACKING}, {"event": "tracking_update", "msg": TRACKING}], 2),
    ],
    ids=["bare", "answer", "old answer", "page", "webhook", "list", "lines"],
)
def test_envelopes(tmp_path, values, trackings):
    outcome = read(tmp_path, *values)
    assert outcome.rows(SHIPMENTS, "tracking_number") == [(NUMBER,)] * trackings
    assert outcome.rows(SCANS, "tracking_number, updated_at::VARCHAR") == [(NUMBER, "2026-03-05 12:05:00")] * trackings
    assert outcome.quarantine() == []


def test_an_empty_page_is_no_fault(tmp_path):
    outcome = read(tmp_path, {"meta": META, "data": {"page": 9, "trackings": []}})
    assert outcome.parsed.rows_read == 0


STATUSES = [
    ("Pending", None, "unknown"),
    ("InfoReceived", "InfoReceived_001", "pre_transit"),
    ("InTransit", "InTransit_007", "in_transit"),
    ("OutForDelivery", "OutForDelivery_001", "out_for_delivery"),
    ("AttemptFail", "AttemptFail_001", "failure"),
    ("AvailableForPickup", "AvailableForPickup_001", "available_for_pickup"),
    ("Delivered", "Delivered_001", "delivered"),
    ("Exception", "Exception_001", "failure"),
    ("Exception", "Exception_010", "return_to_sender"),
    ("Exception", "Exception_011", "return_to_sender"),
    ("Exception", "Exception_013", "failure"),
    ("Expired", "Expired_001", "unknown"),
    ("Beamed", None, "beamed"),
]


@pytest.fixture(scope="module")
def told(tmp_path_factory) -> Outcome:
    trackings = [aftership_tracking(aftership_checkpoint(tag, subtag=subtag)) for tag, subtag, _ in STATUSES]
    return read(tmp_path_factory.mktemp("statuses"), *trackings)


@pytest.mark.parametrize(
    ("row", "case"), list(enumerate(STATUSES, 1)), ids=[":".join(map(str, case)) for case in STATUSES]
)
def test_statuses(told, row, case):
    _, _, native = case
    assert (row, native) in told.rows(SCANS, "_row, status")
    assert (row, native) in told.rows(SHIPMENTS, "_row, status")
    assert told.parsed.unknown == 2


@pytest.mark.parametrize(
    ("time", "timezone", "moment"),
    [
        ("2026-03-05T10:00:00", None, "2026-03-05 10:00:00"),
        ("2026-03-05T10:00:00", "America/Toronto", "2026-03-05 15:00:00"),
        ("2026-07-05T10:00:00", "America/Toronto", "2026-07-05 14:00:00"),
        ("2026-03-05T10:00:00-08:00", "America/Toronto", "2026-03-05 18:00:00"),
        ("2026-03-05T10:00:00Z", "America/Toronto", "2026-03-05 10:00:00"),
        ("2026-03-05", None, "2026-03-05 00:00:00"),
    ],
)
def test_a_time_without_an_offset_is_of_the_source_s_zone(tmp_path, time, timezone, moment):
    outcome = read(tmp_path, aftership_tracking(aftership_checkpoint(time=time)), timezone=timezone)
    assert outcome.rows(SCANS, "scanned_at::VARCHAR") == [(moment,)]


@pytest.mark.parametrize(
    ("key", "code", "country"),
    [
        ("country_region", "CAN", "CA"),
        ("country_iso3", "DEU", "DE"),
        ("country_iso3", "NOR", "NO"),
        ("country_region", "US", "US"),
        ("country_region", "XKX", "XKX"),
        ("country_region", None, None),
    ],
)
def test_countries_of_both_versions_are_told_by_two_letters(tmp_path, key, code, country):
    checkpoint = aftership_checkpoint()
    del checkpoint["country_region"]
    outcome = read(tmp_path, aftership_tracking({**checkpoint, key: code}))
    assert outcome.rows(SCANS, "country") == [(country,)]


@pytest.mark.parametrize(
    ("changes", "is_return"),
    [
        ({"title": "Return R-1001"}, True),
        ({"title": "R-1001", "shipment_tags": ["returns"]}, True),
        ({"title": "R-1001", "order_tags": ["RMA"]}, True),
        ({"title": None, "custom_fields": {"kind": "return"}}, True),
        ({"title": None, "return_to_sender": True}, True),
        ({"title": None}, False),
        ({"title": "Pharma order"}, False),
    ],
)
def test_what_tells_a_return(tmp_path, changes, is_return):
    assert read(tmp_path, aftership_tracking(**changes)).rows(SHIPMENTS, "is_return") == [(is_return,)]


@pytest.mark.parametrize(
    ("weight", "unit", "kilograms"),
    [({"unit": "kg", "value": 1.5}, None, "1.500000"), (2, "lb", "0.907185"), (None, None, None), ("3", None, None)],
)
def test_weights_of_both_versions(tmp_path, weight, unit, kilograms):
    outcome = read(tmp_path, aftership_tracking(shipment_weight=weight, shipment_weight_unit=unit))
    assert outcome.rows(SHIPMENTS, "weight_kg::VARCHAR") == [(kilograms,)]


def test_nothing_of_a_person_is_kept(tmp_path):
    outcome = read(tmp_path, aftership_tracking())
    [(extra,)] = outcome.rows(SHIPMENTS, "extra")
    assert json.loads(extra)["order_id"] == "SO-77"
    assert "ustomer" not in extra.lower().replace("customers", "")
    assert "example.com" not in extra


def test_webhooks_out_of_order_are_versions_and_their_scans_the_same(tmp_path):
    first = aftership_tracking(aftership_checkpoint())
    delivered = aftership_checkpoint("Delivered", "2026-03-06T15:00:00")
    later = aftership_tracking(aftership_checkpoint(), delivered, updated_at="2026-03-06T16:00:00+00:00")
    outcome = read(tmp_path, *({"event": "tracking_update", "msg": msg} for msg in (later, first, later)))
    assert len(set(outcome.rows(SHIPMENTS, "_record_key"))) == 1
    assert max(outcome.rows(SHIPMENTS, "_observed_at, status"))[1] == "delivered"
    assert len(set(outcome.rows(SCANS, "_record_key"))) == 2


BAD: list[tuple[str, Any, list[tuple[str, str | None]]]] = [
    (
        "no courier",
        aftership_tracking(aftership_checkpoint(slug=None), slug=None),
        [("required_missing", "carrier")] * 2,
    ),
    ("no number", aftership_tracking(tracking_number=""), [("required_missing", "tracking_number")] * 2),
    ("no tag", aftership_tracking(tag=None), [("required_missing", "tag")]),
    (
        "checkpoint without a tag",
        aftership_tracking(aftership_checkpoint(tag="")),
        [("required_missing", "tag")] * 2,
    ),
    (
        "checkpoint without a time",
        aftership_tracking(aftership_checkpoint(time="")),
        [("required_missing", "scanned_at")],
    ),
    (
        "checkpoint at no time",
        aftership_tracking(aftership_checkpoint(time="yesterday")),
        [("not_a_timestamp", "scanned_at")],
    ),
    ("checkpoint is a word", aftership_tracking(checkpoints=["moved"]), [("no_record", None)]),
    ("weight is a word", aftership_tracking(shipment_weight="heavy"), [("not_a_decimal", "weight")]),
    ("weight below nothing", aftership_tracking(shipment_weight={"value": -1}), [("below_minimum", "weight")]),
    ("update at no time", aftership_tracking(updated_at="now"), [("not_a_timestamp", "updated_at")] * 2),
    ("came back is a word", aftership_tracking(return_to_sender="perhaps"), [("not_a_boolean", "came_back")]),
    ("throttled", {"meta": {"code": 429, "type": "TooManyRequests"}, "data": {}}, [("no_record", None)]),
    ("errors", {"errors": [{"message": "bad"}]}, [("api_error", None)]),
    ("courier list", {"meta": META, "data": {"total": 1, "couriers": [{"slug": "ups"}]}}, [("no_record", None)]),
    (
        "one of a page",
        {"data": {"trackings": [aftership_tracking(checkpoints=[]), {"id": "x"}]}},
        [("no_record", None)],
    ),
    ("empty", {}, [("no_record", None)]),
    ("not a number", '{"tracking_number": NaN}', [("invalid_json", None)]),
    ("cut", '{"data": {"trackings"', [("invalid_json", None)]),
]
IDS = [name for name, _, _ in BAD]


@pytest.fixture(scope="module")
def bad(tmp_path_factory) -> Outcome:
    values = [value for _, value, _ in BAD]
    return read(tmp_path_factory.mktemp("bad"), *values, aftership_tracking(tracking_number="sound"))


@pytest.mark.parametrize(("row", "found"), [(row, found) for row, (_, _, found) in enumerate(BAD, 1)], ids=IDS)
def test_what_is_no_track_has_its_reason(bad, row, found):
    reasons = [reason for number, *reason in bad.quarantine() if number == row]
    assert sorted(reasons, key=str) == sorted(map(list, found), key=str)
    assert bad.rows(SHIPMENTS, "tracking_number")[-1] == ("sound",)


def test_golden_files(tmp_path):
    outcomes = [parse_bytes(tmp_path, "aftership", path.name, path.read_bytes()) for path in sorted(GOLDEN.iterdir())]
    assert [(outcome.parsed.rows, outcome.parsed.quarantined) for outcome in outcomes] == [(5, 0), (4, 1)]
