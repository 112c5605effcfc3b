"""What becomes of files whose form has changed since they were described, in each family of formats.

A change that the description can bear is read and what is new is kept; one that it can't is held or quarantined with a
reason. Nothing is taken for something else.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from ingestion.sources.epcis.parse import LISTS
from tests.unit.ingestion import test_x12_kind as x12
from tests.unit.ingestion.parsing import Outcome, parse_bytes
from tests.unit.ingestion.tracks import aftership_checkpoint, aftership_tracking

FLAT = {
    "options": {"encodings": ["utf-8", "cp1252"]},
    "codes": {"reason_of": {"too big": "SIZE_LARGE"}},
    "columns": [
        {"name": "rma", "aliases": ["RMA Number", "Return No"], "type": "string", "required": True},
        {"name": "sku", "type": "string", "required": True},
        {"name": "quantity", "aliases": ["Qty"], "type": "integer", "required": True, "minimum": 1},
        {"name": "reason", "type": "string"},
        {"name": "received_at", "aliases": ["Received"], "type": "timestamp", "formats": ["iso", "%d/%m/%Y"]},
        {"name": "amount", "type": "decimal", "minimum": 0},
        {"name": "size_class", "type": "string", "enum": ["S", "L"]},
        {"name": "buyer", "type": "string", "personal": True},
    ],
    "routes": [
        {
            "table": "returns",
            "map": {
                "rma_id": "rma",
                "sku": "sku",
                "quantity": "quantity",
                "reason_code": "coalesce(reason_of(reason), reason)",
                "received_at": "received_at",
                "net_amount": "amount",
            },
        }
    ],
}
HEADER = "rma,sku,quantity,reason,received_at,amount"
ROW = "R1,A,2,too big,2026-03-05,9.5"
SOUND = ("R1", "A", 2, "SIZE_LARGE", "2026-03-05", "9.5000")


@dataclass(frozen=True)
class Flat:
    """A changed file and what comes of it: the row, what is kept beside it, and its reasons."""

    name: str
    header: str = HEADER
    row: str = ROW
    kept: tuple[Any, ...] | None = SOUND
    extra: dict[str, str] = field(default_factory=dict)
    new: tuple[str, ...] = ()
    faults: tuple[tuple[str, str | None], ...] = ()
    blocked: str | None = None


def without(*fields: int) -> tuple[Any, ...]:
    return tuple(None if index in fields else value for index, value in enumerate(SOUND))


def changed(index: int, value: Any) -> tuple[Any, ...]:
    return (*SOUND[:index], value, *SOUND[index + 1 :])


def refused(rule: str, column: str | None = None, *, blocked: str | None = None) -> dict[str, Any]:
    return {"kept": None, "faults": ((rule, column),), "blocked": blocked}


MISSING = "missing_required_column"
FLAT_CASES = [
    # Columns that come
    Flat("added at the end", HEADER + ",colour", ROW + ",red", extra={"colour": "red"}, new=("colour",)),
    Flat("added at the start", "colour," + HEADER, "red," + ROW, extra={"colour": "red"}, new=("colour",)),
    Flat("added and empty", HEADER + ",colour", ROW + ",", new=("colour",)),
    Flat("added without a name", HEADER + ",", ROW + ",x", extra={"column_7": "x"}, new=("column_7",)),
    Flat("two added", HEADER + ",a,b", ROW + ",1,2", extra={"a": "1", "b": "2"}, new=("a", "b")),
    Flat("two added of one name", HEADER + ",a,a", ROW + ",1,2", extra={"a 1": "1", "a 2": "2"}, new=("a 1", "a 2")),
    Flat("added with a comma in its name", HEADER + ',"a,b"', ROW + ",1", extra={"a,b": "1"}, new=("a,b",)),
    Flat("a described one appears", HEADER + ",size_class", ROW + ",L", extra={"size_class": "L"}),
    Flat("a personal one appears", HEADER + ",buyer", ROW + ",A. Customer"),
    # Columns that go
    Flat("optional goes", "rma,sku,quantity,reason,received_at", "R1,A,2,too big,2026-03-05", kept=without(5)),
    Flat("all optional go", "rma,sku,quantity", "R1,A,2", kept=without(3, 4, 5)),
    Flat("required goes", "rma,quantity", "R1,2", **refused(MISSING, blocked=f"{MISSING}: sku")),
    Flat("two required go", "quantity", "2", **refused(MISSING, blocked=f"{MISSING}: rma, sku")),
    Flat("the header goes", ROW, ROW, **refused(MISSING, blocked=f"{MISSING}: rma, sku, quantity")),
    # Names that change
    Flat("capitals", HEADER.upper()),
    Flat("spaces for underscores", HEADER.replace("_", " ")),
    Flat("hyphens for underscores", HEADER.replace("_", "-")),
    Flat("spaces around", HEADER.replace(",", " , ")),
    Flat("no-break space", HEADER.replace("received_at", "received\u00a0at")),
    Flat("tab inside", HEADER.replace("received_at", "received\tat")),
    Flat("two spaces", HEADER.replace("received_at", "received  at")),
    Flat("quoted", ",".join(f'"{name}"' for name in HEADER.split(","))),
    Flat("byte order mark", "\ufeff" + HEADER),
    Flat("alias", HEADER.replace("rma", "RMA Number").replace("quantity", "Qty")),
    Flat("other alias", HEADER.replace("rma", "return_no").replace("received_at", "RECEIVED")),
    Flat(
        "required renamed",
        HEADER.replace("sku", "article"),
        **refused(MISSING, blocked=f"{MISSING}: sku"),
    ),
    Flat(
        "optional renamed",
        HEADER.replace("amount", "value"),
        kept=without(5),
        extra={"value": "9.5"},
        new=("value",),
    ),
    Flat(
        "plural", HEADER.replace("reason", "reasons"), kept=without(3), extra={"reasons": "too big"}, new=("reasons",)
    ),
    # Order
    Flat("turned round", ",".join(HEADER.split(",")[::-1]), ",".join(ROW.split(",")[::-1])),
    Flat("two change places", "sku,rma,quantity,reason,received_at,amount", "A,R1,2,too big,2026-03-05,9.5"),
    # One twice
    Flat("required twice", HEADER + ",sku", ROW + ",B", **refused(MISSING, blocked=f"{MISSING}: sku")),
    Flat(
        "name and alias",
        HEADER + ",Qty",
        ROW + ",3",
        kept=None,
        # Which of the two is meant is not known, so the header is no header: it is a line like the other.
        faults=(("duplicate_header", None), ("duplicate_header", None)),
        blocked="duplicate_header: the header has two columns for quantity: 'quantity' and 'Qty'",
    ),
    # Types
    Flat("whole number with a fraction of zero", row="R1,A,2.0,too big,2026-03-05,9.5"),
    Flat(
        "whole number with a fraction",
        row="R1,A,2.5,too big,2026-03-05,9.5",
        **refused("not_a_whole_number", "quantity"),
    ),
    Flat("number becomes a word", row="R1,A,two,too big,2026-03-05,9.5", **refused("not_a_integer", "quantity")),
    Flat("number below its minimum", row="R1,A,-2,too big,2026-03-05,9.5", **refused("below_minimum", "quantity")),
    Flat("amount with a sign", row="R1,A,2,too big,2026-03-05,$9.5", **refused("not_a_decimal", "amount")),
    Flat("amount with a comma", row='R1,A,2,too big,2026-03-05,"9,5"', **refused("not_a_decimal", "amount")),
    Flat("amount below zero", row="R1,A,2,too big,2026-03-05,-9.5", **refused("below_minimum", "amount")),
    Flat("day becomes a moment", row="R1,A,2,too big,2026-03-05T23:30:00-05:00,9.5", kept=changed(4, "2026-03-06")),
    Flat("day in the other style", row="R1,A,2,too big,05/03/2026,9.5"),
    Flat("day in no known style", row="R1,A,2,too big,March 5,9.5", **refused("not_a_timestamp", "received_at")),
    Flat("day becomes a serial number", row="R1,A,2,too big,46086,9.5", **refused("not_a_timestamp", "received_at")),
    Flat("required becomes empty", row=",A,2,too big,2026-03-05,9.5", **refused("required_missing", "rma")),
    Flat("text becomes a number", row="0012,A,2,too big,2026-03-05,9.5", kept=changed(0, "0012")),
    # Codes
    Flat("new code of an open list", row="R1,A,2,too loud,2026-03-05,9.5", kept=changed(3, "too loud")),
    Flat("code in capitals", row="R1,A,2,TOO BIG,2026-03-05,9.5"),
    Flat("new code of a closed list", HEADER + ",size_class", ROW + ",XL", **refused("unknown_code", "size_class")),
    # The form of lines
    Flat("a field too many", row=ROW + ",x", **refused("too_many_columns")),
    Flat("a field too few", row="R1,A,2,too big,2026-03-05", **refused("too_few_columns")),
    Flat(
        "semicolons",
        HEADER.replace(",", ";"),
        ROW.replace(",", ";"),
        **refused(MISSING, blocked=f"{MISSING}: rma, sku, quantity"),
    ),
    Flat("a quote that does not end", row='R1,A,2,"too big,2026-03-05,9.5', **refused("unclosed_quote")),
]


def fields(case: Flat) -> tuple[list[str], list[str]]:
    """The names and values of a case that stands in no text: what is wrong with its lines can't be so there."""
    header, row = csv.reader([case.header.removeprefix("\ufeff"), case.row])
    return header, row


def comma_separated(case: Flat) -> bytes:
    return f"{case.header}\n{case.row}\n".encode()


def tab_separated(case: Flat) -> bytes:
    made = io.StringIO(newline="")
    csv.writer(made, delimiter="\t", lineterminator="\n").writerows(fields(case))
    return made.getvalue().encode()


def sheet(case: Flat) -> bytes:
    made, book = io.BytesIO(), openpyxl.Workbook()
    active = book.active
    assert active is not None
    for line in fields(case):
        active.append(line)
    book.save(made)
    return made.getvalue()


def query_result(case: Flat) -> bytes:
    header, row = fields(case)
    made = io.BytesIO()
    pq.write_table(pa.Table.from_arrays([pa.array([value]) for value in row], names=header), made)
    return made.getvalue()


FORM_OF_LINES = {"a field too many", "a field too few", "semicolons", "a quote that does not end"}
TWICE = {"two added of one name", "required twice", "name and alias"}
# Per family: the kind, the file's name, how a case is written, and the cases that it can't have.
FLAT_FAMILIES: dict[str, tuple[str, str, Callable[[Flat], bytes], set[str]]] = {
    "csv": ("delimited", "returns.csv", comma_separated, set()),
    "tsv": ("delimited", "returns.tsv", tab_separated, FORM_OF_LINES),
    "xlsx": ("xlsx", "returns.xlsx", sheet, FORM_OF_LINES | {"added without a name", "name and alias"}),
    "table": ("sql", "returns.parquet", query_result, FORM_OF_LINES | TWICE),
}
CASES = {
    family: [case for case in FLAT_CASES if case.name not in left_out]
    for family, (*_, left_out) in FLAT_FAMILIES.items()
}


def read_flat(tmp_path: Path, family: str, case: Flat) -> Outcome:
    kind, name, write, _ = FLAT_FAMILIES[family]
    contract = tmp_path / "flat.yml"
    options = {**FLAT["options"], "delimiter": "\t" if family == "tsv" else ","}
    contract.write_text(yaml.safe_dump({**FLAT, "options": options}))
    return parse_bytes(tmp_path, kind, name, write(case), contract=str(contract))


@pytest.mark.parametrize(
    ("family", "case"),
    [pytest.param(family, case, id=f"{family}: {case.name}") for family, cases in CASES.items() for case in cases],
)
def test_a_flat_file_that_changed(tmp_path, family, case):
    outcome = read_flat(tmp_path, family, case)
    columns = "rma_id, sku, quantity, reason_code, received_at::DATE::VARCHAR, net_amount::VARCHAR"
    rows = outcome.rows("backhaul__returns", f"{columns}, extra") if outcome.parsed.tables else []
    assert [row[:-1] for row in rows] == ([case.kept] if case.kept else [])
    assert [json.loads(row[-1] or "{}") for row in rows] == ([case.extra] if case.kept else [])
    assert tuple(outcome.quarantine("rule, column_name")) == case.faults
    assert outcome.parsed.blocked == case.blocked
    if case.kept:
        assert tuple(outcome.parsed.new_columns) == case.new


def test_every_family_has_forty_cases():
    counted = {family: len(cases) for family, cases in {**CASES, "json": JSON_CASES}.items()}
    counted["x12"] = len(x12.DIALECTS) * len(x12.SETS)
    assert {family: count for family, count in counted.items() if count < 40} == {}


SCAN = ("CanadaPost", "7023210039414600", "2026-03-05 10:00:00", "in_transit", "Laval", "CA")
PARCEL = ("CanadaPost", "7023210039414600", "in_transit", "US", "CA", "0.907185")


@dataclass(frozen=True)
class Json:
    """A changed document and what comes of it: its parcel, its scan, and its reasons."""

    name: str
    value: Any
    parcel: tuple[Any, ...] | None = PARCEL
    scan: tuple[Any, ...] | None = SCAN
    extra: dict[str, Any] | None = None
    faults: tuple[tuple[str, str | None], ...] = ()


def tracking(**changes: Any) -> dict[str, Any]:
    """A tracking with one checkpoint; a change to ``...`` takes the key away."""
    return {key: value for key, value in aftership_tracking(**changes).items() if value is not ...}


def checkpoint(**changes: Any) -> dict[str, Any]:
    found = {key: value for key, value in aftership_checkpoint(**changes).items() if value is not ...}
    return tracking(checkpoints=[found])


def but(row: tuple[Any, ...], index: int, value: Any = None) -> tuple[Any, ...]:
    return (*row[:index], value, *row[index + 1 :])


NOTHING: dict[str, Any] = {"parcel": None, "scan": None}
TRACKING = tracking()
JSON_CASES = [
    # Keys that come
    Json("added", tracking(first_mile={"slug": "x"}), extra={"first_mile": {"slug": "x"}}),
    Json("added and null", tracking(first_mile=None)),
    Json("added and empty", tracking(first_mile={})),
    Json("added with a dot in its name", tracking(**{"a.b": "1"}), extra={"a.b": "1"}),
    Json("added to a checkpoint", checkpoint(source="carrier")),
    Json("added in other letters", tracking(Tag="Delivered"), extra={"Tag": "Delivered"}),
    Json("a list of records that are none of ours", tracking(parcels=[{"id": 1}]), extra={"parcels": [{"id": "1"}]}),
    # Keys that go
    Json("optional goes", tracking(origin_country_region=...), parcel=but(PARCEL, 3)),
    Json("optional object goes", tracking(shipment_weight=...), parcel=but(PARCEL, 5)),
    Json("optional of a checkpoint goes", checkpoint(city=...), scan=but(SCAN, 4)),
    Json("required goes", tracking(tag=...), parcel=None, faults=(("required_missing", "tag"),)),
    Json("number goes", tracking(tracking_number=...), **NOTHING, faults=(("required_missing", "tracking_number"),)),
    Json(
        "time of a checkpoint goes",
        checkpoint(checkpoint_time=...),
        scan=None,
        faults=(("required_missing", "scanned_at"),),
    ),
    Json("slug of a checkpoint goes", checkpoint(slug=...)),
    Json("checkpoints go", tracking(checkpoints=...), scan=None),
    Json("all but the number go", {"tracking_number": "1"}, **NOTHING, faults=(("required_missing", "carrier"),)),
    # Null, empty, one for many
    Json("optional is null", tracking(destination_country_region=None), parcel=but(PARCEL, 4)),
    Json("optional is empty", tracking(destination_country_region=""), parcel=but(PARCEL, 4)),
    Json("required is null", tracking(tag=None), parcel=None, faults=(("required_missing", "tag"),)),
    Json("required is empty", tracking(tag=""), parcel=None, faults=(("required_missing", "tag"),)),
    Json("checkpoints are null", tracking(checkpoints=None), scan=None),
    Json("checkpoints are an empty list", tracking(checkpoints=[]), scan=None),
    Json("one checkpoint without its list", tracking(checkpoints=aftership_checkpoint())),
    Json("checkpoint is null", tracking(checkpoints=[None]), scan=None, faults=(("no_record", None),)),
    Json("checkpoint is text", tracking(checkpoints=["x"]), scan=None, faults=(("no_record", None),)),
    Json(
        "checkpoints in a list of lists",
        tracking(checkpoints=[[aftership_checkpoint()]]),
        scan=None,
        faults=(("no_record", None),),
    ),
    # Names that change
    Json("alias of an older version", tracking(origin_country_region=..., origin_country_iso3="USA")),
    Json("alias of a checkpoint", checkpoint(country_region=..., country_iso3="CAN")),
    Json("unit beside the weight", tracking(shipment_weight=2, shipment_weight_unit="lb")),
    Json("required renamed", tracking(tag=..., status="InTransit"), parcel=None, faults=(("required_missing", "tag"),)),
    Json(
        "optional renamed",
        tracking(origin_country_region=..., origin="USA"),
        parcel=but(PARCEL, 3),
        extra={"origin": "USA"},
    ),
    # Types
    Json("number for text", tracking(tracking_number=7023210039414600)),
    Json(
        "long number for text",
        tracking(tracking_number=12345678901234567890123),
        parcel=but(PARCEL, 1, "12345678901234567890123"),
        scan=but(SCAN, 1, "12345678901234567890123"),
    ),
    Json("text for number", tracking(shipment_weight={"value": "2", "unit": "lb"})),
    Json(
        "word for number",
        tracking(shipment_weight={"value": "two", "unit": "lb"}),
        parcel=None,
        faults=(("not_a_decimal", "weight"),),
    ),
    Json("object for text", tracking(tag={"code": "InTransit"}), parcel=but(PARCEL, 2, '{"code":"intransit"}')),
    Json("text for a boolean", tracking(return_to_sender="false")),
    Json("number for a boolean", tracking(return_to_sender=0)),
    Json(
        "word for a boolean", tracking(return_to_sender="never"), parcel=None, faults=(("not_a_boolean", "came_back"),)
    ),
    Json("seconds for a time", checkpoint(time=1772704800), scan=None, faults=(("not_a_timestamp", "scanned_at"),)),
    Json(
        "object for a time",
        checkpoint(time={"at": "2026-03-05"}),
        scan=None,
        faults=(("not_a_timestamp", "scanned_at"),),
    ),
    Json("time with milliseconds", checkpoint(time="2026-03-05T10:00:00.000Z")),
    Json("time with a space", checkpoint(time="2026-03-05 10:00:00")),
    # Codes
    Json("new code", tracking(tag="Beamed", subtag=None), parcel=but(PARCEL, 2, "beamed")),
    Json("new code of a checkpoint", checkpoint(tag="Beamed"), scan=but(SCAN, 3, "beamed")),
    Json("code in capitals", tracking(tag="INTRANSIT")),
    # Envelopes
    Json("in data", {"data": TRACKING}),
    Json("in data and meta", {"meta": {"code": 200}, "data": TRACKING}),
    Json("in a message", {"event": "tracking_update", "msg": TRACKING}),
    Json("in an old answer", {"data": {"tracking": TRACKING}}),
    Json("in a page", {"data": {"trackings": [TRACKING]}}),
    Json("a page of one without its list", {"data": {"trackings": TRACKING}}),
    Json("in a list", [TRACKING]),
    Json("in an unknown envelope", {"payload": TRACKING}, **NOTHING, faults=(("no_record", None),)),
    Json("one envelope deeper", {"data": {"data": TRACKING}}, **NOTHING, faults=(("no_record", None),)),
    Json("as text", {"data": json.dumps(TRACKING)}, **NOTHING, faults=(("no_record", None),)),
    Json("an error", {"errors": ["gone"]}, **NOTHING, faults=(("api_error", None),)),
]


@pytest.fixture(scope="module")
def documents(tmp_path_factory) -> Outcome:
    """All cases as lines of one file: what is wrong with one is the matter of that one alone."""
    data = "\n".join(json.dumps(case.value) for case in JSON_CASES).encode()
    return parse_bytes(tmp_path_factory.mktemp("drift"), "aftership", "trackings.ndjson", data)


@pytest.mark.parametrize(("row", "case"), list(enumerate(JSON_CASES, 1)), ids=[case.name for case in JSON_CASES])
def test_a_document_that_changed(documents, row, case):
    parcels = "carrier, tracking_number, status, from_country, to_country, weight_kg::VARCHAR"
    scans = "carrier, tracking_number, scanned_at::VARCHAR, status, city, country"
    assert of(documents, "backhaul__shipments", parcels, row) == ([case.parcel] if case.parcel else [])
    assert of(documents, "backhaul__tracking_scans", scans, row) == ([case.scan] if case.scan else [])
    faults = [(rule, column) for number, rule, column in documents.quarantine() if number == row]
    assert sorted(set(faults)) == sorted(set(case.faults))
    if case.extra is not None:
        [(extra,)] = of(documents, "backhaul__shipments", "extra", row)
        assert case.extra.items() <= json.loads(extra).items()


EVENT: dict[str, Any] = {
    "type": "ObjectEvent",
    "eventID": "urn:uuid:0",
    "eventTime": "2026-01-05T10:00:00+01:00",
    "eventTimeZoneOffset": "+01:00",
    "action": "OBSERVE",
    "epcList": ["urn:epc:id:sgtin:4012345.011122.25"],
    "bizStep": "receiving",
    "disposition": "returned",
    "readPoint": {"id": "urn:dock:1"},
    "bizLocation": {"id": "urn:hall:1"},
    "bizTransactionList": [{"type": "rma", "bizTransaction": "RMA1"}],
}
SEEN = ("OBJECT", "OBSERVE", "04012345111224.25", "receiving", "returned", "urn:dock:1", "urn:hall:1", "RMA1",
        "2026-01-05 09:00:00")  # fmt: skip
NAMES = ' xmlns:ext="urn:ext" xmlns:cbvmda="urn:epcglobal:cbv:mda"'


@dataclass(frozen=True)
class Event:
    """A changed event, as JSON-LD and as XML, and what comes of it: its row, what is kept, and its reasons."""

    name: str
    value: dict[str, Any]
    seen: tuple[Any, ...] | None = SEEN
    extra: dict[str, Any] | None = None
    faults: tuple[tuple[str, str | None], ...] = ()


def event(**changes: Any) -> dict[str, Any]:
    """The event with these changes; one to ``...`` takes the key away."""
    return {key: value for key, value in {**EVENT, **changes}.items() if value is not ...}


def lacking(rule: str, column: str | None) -> dict[str, Any]:
    return {"seen": None, "faults": ((rule, column),)}


EVENT_CASES = [
    # Keys that come
    Event("added by a vendor", event(**{"ext:note": "x"}), extra={"ext:note": "x"}),
    Event("added by a vendor, nested", event(**{"ext:place": {"ext:row": "7"}}), extra={"ext:place": {"ext:row": "7"}}),
    Event("added without a name space", event(note="x"), extra={"note": "x"}),
    Event("added and empty", event(note="")),
    Event("record time comes", event(recordTime="2026-01-06T00:00:00Z")),
    Event("lot comes", event(ilmd={"cbvmda:lotNumber": "L1"})),
    Event("source comes", event(sourceList=[{"type": "owning_party", "source": "urn:party:1"}])),
    Event("state comes", event(persistentDisposition={"set": ["damaged"]})),
    Event("second transaction comes", event(bizTransactionList=[{"type": "rma", "bizTransaction": "RMA1"},
                                                               {"type": "po", "bizTransaction": "PO1"}])),
    # Keys that go
    Event("step goes", event(bizStep=...), but(SEEN, 3)),
    Event("disposition goes", event(disposition=...), but(SEEN, 4)),
    Event("read point goes", event(readPoint=...), but(SEEN, 5)),
    Event("location goes", event(bizLocation=...), but(SEEN, 6)),
    Event("transactions go", event(bizTransactionList=...), but(SEEN, 7)),
    Event("id goes", event(eventID=...)),
    Event("time goes", event(eventTime=...), **lacking("required_missing", "eventTime")),
    Event("offset goes", event(eventTimeZoneOffset=...), **lacking("required_missing", "eventTimeZoneOffset")),
    Event("action goes", event(action=...), **lacking("required_missing", "action")),
    Event("things go", event(epcList=...), **lacking("no_objects", None)),
    Event("things are an empty list", event(epcList=[]), **lacking("no_objects", None)),
    Event("time is empty", event(eventTime=""), **lacking("required_missing", "eventTime")),
    Event("step is empty", event(bizStep=""), but(SEEN, 3)),
    # Vocabulary in its other forms
    Event("step as a name", event(bizStep="urn:epcglobal:cbv:bizstep:receiving")),
    Event("step as an address", event(bizStep="https://ref.gs1.org/cbv/BizStep-receiving")),
    Event("step as a short name", event(bizStep="cbv:BizStep-receiving")),
    Event("step of a vendor", event(bizStep="urn:ext:bs:sorting"), but(SEEN, 3, "urn:ext:bs:sorting")),
    Event("disposition as a name", event(disposition="urn:epcglobal:cbv:disp:returned")),
    Event("disposition of tomorrow", event(disposition="pondered"), but(SEEN, 4, "pondered")),
    Event("type of a transaction as a name",
          event(bizTransactionList=[{"type": "urn:epcglobal:cbv:btt:rma", "bizTransaction": "RMA1"}])),
    Event("type of a transaction of tomorrow", event(bizTransactionList=[{"type": "rmx", "bizTransaction": "RMA1"}]),
          but(SEEN, 7)),
    Event("transaction as a name",
          event(bizTransactionList=[{"type": "rma", "bizTransaction": "urn:epcglobal:cbv:bt:4012345000054:RMA1"}])),
    Event("thing as an address", event(epcList=["https://id.gs1.org/01/04012345111224/21/25"])),
    Event("thing of a vendor", event(epcList=["urn:ext:unit:7"]), but(SEEN, 2, "urn:ext:unit:7")),
    # Types
    Event("text for a place", event(readPoint="urn:dock:1")),
    Event("time with milliseconds", event(eventTime="2026-01-05T10:00:00.000+01:00")),
    Event("time of Greenwich", event(eventTime="2026-01-05T09:00:00Z")),
    Event("time without an offset", event(eventTime="2026-01-05T10:00:00")),
    Event("time in words", event(eventTime="soon"), **lacking("not_a_timestamp", "event_time")),
    Event("offset in hours", event(eventTimeZoneOffset="+1"), **lacking("invalid_offset", "eventTimeZoneOffset")),
    # Codes
    Event("action of tomorrow", event(action="MODIFY"), **lacking("unknown_action", "action")),
    Event("action in small letters", event(action="observe"), **lacking("unknown_action", "action")),
    Event("type of tomorrow", event(type="TransportEvent"), **lacking("unknown_event_type", "type")),
]  # fmt: skip


def as_xml(value: Any, name: str) -> str:
    """A value of JSON-LD as the XML of EPCIS 2.0."""
    if isinstance(value, dict) and name in LISTS.values():
        kind = f' type="{value["type"]}"' if "type" in value else ""
        return f"<{name}{kind}>{value[name]}</{name}>"
    if isinstance(value, dict):
        return f"<{name}>{''.join(as_xml(inner, key) for key, inner in value.items())}</{name}>"
    if isinstance(value, list):
        listed = "".join(as_xml(item, LISTS.get(name, name)) for item in value)
        return f"<{name}>{listed}</{name}>" if name in LISTS else listed
    return f"<{name}>{value}</{name}>"


def events_as_xml(values: list[dict[str, Any]]) -> str:
    listed = "".join(
        as_xml({key: inner for key, inner in value.items() if key != "type"}, value["type"]) for value in values
    )
    body = f"<EPCISBody><EventList>{listed}</EventList></EPCISBody>"
    return f'<e:EPCISDocument xmlns:e="urn:epcglobal:epcis:xsd:2"{NAMES} schemaVersion="2.0">{body}</e:EPCISDocument>'


@pytest.fixture(scope="module")
def events(tmp_path_factory) -> dict[str, Outcome]:
    """All cases in one document of each form."""
    values = [case.value for case in EVENT_CASES]
    texts = {"json": json.dumps({"epcisBody": {"eventList": values}}), "xml": events_as_xml(values)}
    folder = tmp_path_factory.mktemp("drift")
    return {form: parse_bytes(folder, "epcis", f"e.{form}", text.encode()) for form, text in texts.items()}


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize(("row", "case"), list(enumerate(EVENT_CASES, 1)), ids=[case.name for case in EVENT_CASES])
def test_an_event_that_changed(events, form, row, case):
    columns = (
        "event_type, action, object_id, biz_step, disposition, read_point, node_id, rma_id, "
        "strftime(event_at, '%Y-%m-%d %H:%M:%S')"
    )
    found = of(events[form], "backhaul__events", columns, row)
    assert found == ([case.seen] if case.seen else [])
    faults = {(rule, column) for number, rule, column in events[form].quarantine() if number == row}
    assert faults == set(case.faults)
    if case.extra is not None:
        [(extra,)] = of(events[form], "backhaul__events", "extra", row)
        assert case.extra.items() <= json.loads(extra).items()


def of(outcome: Outcome, table: str, columns: str, row: int) -> list[tuple[Any, ...]]:
    return [found[1:] for found in outcome.rows(table, f"_row, {columns}") if found[0] == row]
