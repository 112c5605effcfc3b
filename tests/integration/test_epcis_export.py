"""EPCIS out: what a small shop tells is a sound document, and says the same when it is read back."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, datetime
from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from backhaul.build import build
from backhaul.epcis_export import CannotExportEvents, export_events
from backhaul.publishing import publish
from backhaul.settings import PROJECT, Settings
from expectations.marts import audit_marts
from ingestion.batch import ingest
from tests.integration.planted_shop import planted, write
from tests.unit.ingestion.parsing import parse_bytes

DATA = PROJECT / "tests" / "data" / "epcis"
SCHEMA = json.loads((DATA / "written.schema.json").read_text())
PARTNER = "- {id: partner, kind: epcis, domain: returns, from: {type: files, path: partner}}\n"
NOT_KEPT = ("recordTime", "transformationID")
HOUSE = "https://returns.example.org/backhaul"


def _published(settings: Settings) -> Settings:
    """The home after a build and a publish."""
    build(settings)
    publish(settings, audit_marts)
    return settings


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The planted shop, whose partner sends EPCIS events."""
    settings = Settings(home=tmp_path_factory.mktemp("shop"), namespace=HOUSE)
    write(settings.root, planted())
    partner = settings.root / "partner"
    partner.mkdir()
    (partner / "chain.json").write_bytes((DATA / "return_chain.json").read_bytes())
    with settings.sources_file.open("a") as sources:
        sources.write(PARTNER)
    for source in ("shop", "partner"):
        ingest(source, (), settings)
    return _published(settings)


@pytest.fixture(scope="module")
def exported(shop: Settings) -> Path:
    target = shop.root / "out" / "events.jsonld"
    export_events(shop, target)
    return target


def _events(file: Path) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(file.read_text())["epcisBody"]["eventList"]
    return listed


def _said(file: Path) -> list[dict[str, Any]]:
    """What the events of a file say, by their ids, without what a reader does not keep."""
    told = [
        {name: value for name, value in event.items() if name not in NOT_KEPT and not name.startswith("backhaul:")}
        for event in _events(file)
    ]
    return sorted(told, key=itemgetter("eventID"))


def test_the_document_is_as_its_schema_says(exported: Path) -> None:
    document = json.loads(exported.read_text())
    assert [error.message for error in Draft202012Validator(SCHEMA).iter_errors(document)] == []
    ids = [event["eventID"] for event in _events(exported)]
    assert len(ids) == len(set(ids))
    times = [datetime.fromisoformat(event["eventTime"]) for event in _events(exported)]
    assert times == sorted(times)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"eventTimeZoneOffset": "Z"}, "eventTimeZoneOffset"),
        ({"eventTime": "2026-03-01T00:00:00"}, "eventTime"),
        ({"bizStep": "urn:epcglobal:cbv:bizstep:nothing more"}, "bizStep"),
        ({"epcList": []}, "epcList"),
        ({"surprise": 1}, ""),
    ],
)
def test_the_schema_can_fail(exported: Path, change: dict[str, Any], place: str) -> None:
    document = json.loads(exported.read_text())
    listed = document["epcisBody"]["eventList"]
    number = next(number for number, event in enumerate(listed) if event["type"] == "ObjectEvent")
    listed[number].update(change)
    assert list(Draft202012Validator(SCHEMA).iter_errors(document))


def test_what_the_shop_did_is_told_in_the_words_of_the_vocabulary(exported: Path) -> None:
    of_l2 = [event for event in _events(exported) if event.get("epcList") == [f"{HOUSE}/obj/S2"]]
    assert [(event["eventTime"], event.get("bizStep"), event.get("disposition")) for event in of_l2] == [
        ("2026-03-12T10:00:00+00:00", "accepting", "in_transit"),
        ("2026-03-19T10:00:00+00:00", "arriving", "in_progress"),
        ("2026-03-20T10:00:00+00:00", "receiving", "returned"),
        ("2026-03-21T22:00:00+00:00", "inspecting", "sellable_accessible"),
        ("2026-03-22T10:00:00+00:00", None, f"{HOUSE}/disp/REFURBISH_RESELL"),
        ("2026-03-30T10:00:00+00:00", "repairing", "sellable_accessible"),
    ]
    assert of_l2[2]["bizTransactionList"] == [{"type": "rma", "bizTransaction": f"{HOUSE}/bt/R2"}]
    assert of_l2[2]["readPoint"] == of_l2[2]["bizLocation"] == {"id": f"{HOUSE}/loc/TOR"}


def test_containers_and_jobs_are_events_of_their_own(exported: Path) -> None:
    packed = [event for event in _events(exported) if event["type"] == "AggregationEvent"]
    assert [
        (event["action"], event["parentID"], event["childEPCs"]) for event in packed if HOUSE in event["parentID"]
    ] == [
        ("ADD", f"{HOUSE}/obj/TOTE1", [f"{HOUSE}/obj/L1"]),
        ("DELETE", f"{HOUSE}/obj/TOTE1", [f"{HOUSE}/obj/L1"]),
        ("ADD", f"{HOUSE}/obj/TOTE2", [f"{HOUSE}/obj/L1"]),
        ("ADD", f"{HOUSE}/obj/PAL1", [f"{HOUSE}/obj/TOTE2"]),
        ("DELETE", f"{HOUSE}/obj/PAL1", [f"{HOUSE}/obj/TOTE2"]),
    ]
    [made] = [event for event in _events(exported) if HOUSE in event.get("transformationID", "")]
    assert (made["inputEPCList"], made["outputEPCList"]) == ([f"{HOUSE}/obj/S2"], [f"{HOUSE}/obj/S8"])


def test_a_captured_event_is_told_once_under_its_own_id_with_its_declaration(exported: Path) -> None:
    by_id = {event["eventID"]: event for event in _events(exported)}
    assert by_id["urn:uuid:1"]["errorDeclaration"] == {
        "declarationTime": "2026-03-08T00:00:00+00:00", "reason": "did_not_occur"
    }  # fmt: skip
    assert by_id["urn:uuid:4"]["action"] == "DELETE"
    of_27 = [event for event in by_id.values() if "urn:epc:id:sgtin:4012345.011122.27" in json.dumps(event)]
    assert Counter(event["type"] for event in of_27) == {"ObjectEvent": 1, "TransformationEvent": 1}
    assert not any("https://id.gs1.org/01/04012345111224/21/27" in json.dumps(event) for event in by_id.values())


def test_read_back_every_event_is_there_and_says_the_same(shop: Settings, exported: Path, tmp_path: Path) -> None:
    outcome = parse_bytes(tmp_path, "epcis", "events.jsonld", exported.read_bytes())
    assert outcome.quarantine() == []
    things = [thing for event in _events(exported) for thing in _things(event)]
    assert len(outcome.rows("backhaul__events")) == len(things)
    # an authorisation is known by its number only, and so named by whoever tells it
    other = Settings(home=tmp_path / "other", namespace=HOUSE)
    (other.root / "partner").mkdir(parents=True)
    (other.root / "partner" / "events.jsonld").write_bytes(exported.read_bytes())
    other.sources_file.write_text("sources:\n" + PARTNER)
    ingest("partner", (), other)
    again = tmp_path / "again.jsonld"
    export_events(_published(other), again)
    assert _said(again) == _said(exported)


def _things(event: dict[str, Any]) -> list[Any]:
    lists = [value for name, value in event.items() if name.lower().endswith(("epclist", "epcs", "quantitylist"))]
    return [*(thing for listed in lists for thing in listed), *([event["parentID"]] if "parentID" in event else [])]


def test_days_choose_and_the_same_publish_gives_the_same_bytes(shop: Settings, exported: Path, tmp_path: Path) -> None:
    whole, days = tmp_path / "whole.jsonld", tmp_path / "days.jsonld"
    export_events(shop, whole)
    assert whole.read_bytes() == exported.read_bytes()
    export_events(shop, days, date(2026, 3, 16), date(2026, 3, 17))
    within = [event for event in _events(whole) if "2026-03-16" <= event["eventTime"] < "2026-03-18"]
    assert _events(days) == within != []


def test_what_cannot_be_exported_is_said_and_leaves_nothing(shop: Settings, tmp_path: Path) -> None:
    with pytest.raises(CannotExportEvents, match="before they begin"):
        export_events(shop, tmp_path / "new.jsonld", date(2026, 3, 2), date(2026, 3, 1))
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(CannotExportEvents, match="exists"):
        export_events(shop, tmp_path / "mine")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("mine", "mine")]
