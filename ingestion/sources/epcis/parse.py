"""EPCIS events from XML (1.2 and 2.0) and JSON-LD (2.0): one document per event, always in the keys of JSON-LD.

The wrappers of 1.2 are undone, lists are lists also with one element, and values of the Core Business Vocabulary are
its bare words: ``returned`` for ``urn:epcglobal:cbv:disp:returned``, the original beside it as ``dispositionUri``.
Extensions keep their prefix. ``objects`` are all that an event speaks of, each with what no column tells, ``eventKey``
is its identity; ``document`` holds the version and creation date of the file the event came in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ingestion.opening import Text, Unreadable
from ingestion.readers import json_documents, xml_documents
from ingestion.readers.document import Document
from ingestion.readers.structure import Fault
from ingestion.sources.epcis.objects import key_of, objects_of

EVENTS = (
    "ObjectEvent",
    "AggregationEvent",
    "TransactionEvent",
    "TransformationEvent",
    "AssociationEvent",
    "QuantityEvent",
)
# A service that answers by SOAP wraps its results in an Envelope.
ROOTS = (
    *EVENTS,
    "EPCISDocument",
    "EPCISMasterDataDocument",
    "EPCISQueryDocument",
    "QueryResults",
    "EventList",
    "EPCISBody",
    "Envelope",
)
HOME = ("", *(f"urn:epcglobal:{name}:xsd:{version}" for name in ("epcis", "epcis-query") for version in (1, 2)))
ACTIONS = ("ADD", "OBSERVE", "DELETE")
# In XML, what an element of these lists is called.
LISTS = {
    "epcList": "epc",
    "childEPCs": "epc",
    "inputEPCList": "epc",
    "outputEPCList": "epc",
    "quantityList": "quantityElement",
    "childQuantityList": "quantityElement",
    "inputQuantityList": "quantityElement",
    "outputQuantityList": "quantityElement",
    "bizTransactionList": "bizTransaction",
    "sourceList": "source",
    "destinationList": "destination",
    "sensorElementList": "sensorElement",
}
# Lists whose elements have a type and a value, which is named as the element is in XML.
TYPED = ("bizTransactionList", "sourceList", "destinationList")
WRAPPERS = ("extension", "baseExtension")
# What rows tell of an event, or its objects do; all else is kept with each of its objects.
TOLD = frozenset(
    {"type", "action", "eventID", "eventTime", "eventTimeZoneOffset", "recordTime", "bizStep", "disposition"}
    | {"readPoint", "bizLocation", "parentID", "errorDeclaration", "sensorElementList", "document", "epcClass"}
    | {name for name in LISTS if name.endswith(("EPCList", "QuantityList", "EPCs"))}
    | {"epcList", "quantityList", "quantity"}
)
_WORD = re.compile(
    r"(?:urn:epcglobal:cbv:(?:bizstep|disp|btt|sdt|er):"
    r"|(?:https?://(?:ref|ns)\.gs1\.org/cbv/|cbv:)(?:BizStep|Disp|BTT|SDT|ER)-)([\w-]+)",
    re.IGNORECASE,
)
_OFFSET = re.compile(r"[+-]\d{2}:\d{2}")
_LOCAL_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?")


def documents(text: Text) -> Iterator[Document | Fault]:
    """The events of a file in order, one document each.

    An event that lacks what every event must have is a fault: ``required_missing``, ``unknown_event_type``,
    ``unknown_action``, ``invalid_offset``, ``no_objects``. JSON without events is one: ``no_event``. So is each thing
    or place of XML that tells what they are in place of events: ``master_data``. Raises :class:`Unreadable` for XML
    that is no EPCIS, or has neither.
    """
    read = _from_xml if _is_xml(text) else _from_json
    for row, (event, raw) in enumerate(read(text), 1):
        if isinstance(event, Fault):
            yield Fault(row, event.rule, event.column, event.detail, event.text)
            continue
        wrong = fault_of(event)
        if wrong is not None:
            rule, column, detail = wrong
            yield Fault(row, rule, column, detail, raw or json_documents.written(event))
        else:
            kept = {name: value for name, value in event.items() if name not in TOLD and not name.endswith("Uri")}
            objects = [{**kept, **found} for found in objects_of(event)]
            yield Document(row, {**event, "eventKey": key_of(event), "objects": objects}, raw)


def _is_xml(text: Text) -> bool:
    with text.path.open(encoding="utf-8") as stream:
        return stream.read(4096).lstrip("\ufeff \t\n").startswith("<")


def _from_xml(text: Text) -> Iterator[tuple[dict[str, Any] | Fault, str | None]]:
    root = xml_documents.root_of(text)
    if root not in ROOTS:
        raise Unreadable("not_epcis", f"the root element is {root}, which holds no events")
    is_empty = True
    for unit in xml_documents.elements(text, EVENTS, HOME, ("EventList",), WRAPPERS):
        is_empty = False
        if isinstance(unit, Fault):
            yield unit, None
            continue
        _, element, raw = unit
        body = _unwrapped(element.value) if isinstance(element.value, dict) else {}
        document = {
            name: element.root[f"@{name}"] for name in ("schemaVersion", "creationDate") if f"@{name}" in element.root
        }
        yield normal({"type": element.name, **_lists_of_xml(body), "document": document}), raw
    if is_empty and next(xml_documents.elements(text, ("EventList",), HOME), None) is None:
        yield from _master_data(text, root)


def _master_data(text: Text, root: str) -> Iterator[tuple[Fault, None]]:
    """What a file without a list of events tells of things and places. Raises :class:`Unreadable` when it does not."""
    unit = None
    for unit in xml_documents.elements(text, ("VocabularyElement",), None):
        if isinstance(unit, Fault):
            yield unit, None
        else:
            number, element, raw = unit
            name = element.value.get("@id") if isinstance(element.value, dict) else None
            yield Fault(number, "master_data", None, f"says what {name or 'something'} is, and no event", raw), None
    if unit is None:
        raise Unreadable("no_event", f"{root} without a list of events")


def _from_json(text: Text) -> Iterator[tuple[dict[str, Any] | Fault, str | None]]:
    for unit in json_documents.documents(text):
        if isinstance(unit, Fault):
            yield unit, None
            continue
        listed = _events_in(unit.value)
        if listed is None:
            raw = json_documents.written(unit.value)
            yield Fault(unit.row, "no_event", None, "neither an event nor a document with a list of events", raw), None
            continue
        about = unit.value if isinstance(unit.value, dict) else {}
        document = {name: about[name] for name in ("schemaVersion", "creationDate") if about.get(name)}
        for event in listed:
            if isinstance(event, dict):
                yield normal({**event, "document": document}), None
            else:
                raw = json_documents.written(event)
                yield Fault(unit.row, "no_event", None, "an element of the list is no event", raw), None


def _events_in(value: Any) -> list[Any] | None:
    """The events of a JSON value: a list, one event, a document, the answer to a query. None when it is none."""
    if isinstance(value, list):
        return value
    if not isinstance(value, dict):
        return None
    for path in (("epcisBody", "queryResults", "resultsBody"), ("epcisBody",), ("queryResults", "resultsBody"), ()):
        found: Any = value
        for key in path:
            found = found.get(key) if isinstance(found, dict) else None
        if isinstance(found, dict):
            events = found.get("eventList", found.get("event"))
            if events is not None:
                return _listed(events)
    return [value] if _type_of(value).endswith("Event") else None


def _type_of(event: dict[str, Any]) -> str:
    found = event.get("type", event.get("@type", event.get("isA")))
    return found.rpartition(":")[2] if isinstance(found, str) else ""


def _unwrapped(value: dict[str, Any]) -> dict[str, Any]:
    """An element without the wrappers that 1.2 puts around what it added; what they hold stands in their place."""
    found: dict[str, Any] = {}
    for name, below in value.items():
        if name in WRAPPERS:
            for inner in _listed(below):
                found.update(_unwrapped(inner) if isinstance(inner, dict) else {})
        else:
            found[name] = below
    return found


def _lists_of_xml(event: dict[str, Any]) -> dict[str, Any]:
    """An event of XML with its lists and attributes as JSON-LD has them."""
    made = dict(event)
    for name, element in LISTS.items():
        if name in event:
            items = _listed(event[name].get(element) if isinstance(event[name], dict) else None)
            made[name] = [_typed(item, element) if name in TYPED else _bare(item) for item in items]
    declaration = event.get("errorDeclaration")
    if isinstance(declaration, dict):
        ids = declaration.get("correctiveEventIDs")
        corrective = _listed(ids.get("correctiveEventID")) if isinstance(ids, dict) else []
        made["errorDeclaration"] = {**declaration, "correctiveEventIDs": corrective}
    return made


def _typed(item: Any, name: str) -> dict[str, Any]:
    if not isinstance(item, dict):
        return {name: item}
    kind = {"type": item["@type"]} if item.get("@type") else {}
    return {**kind, name: item.get("_text", "")}


def _bare(value: Any) -> Any:
    """A value whose attributes are keys like any other."""
    if isinstance(value, list):
        return [_bare(item) for item in value]
    if isinstance(value, dict):
        return {name.removeprefix("@"): _bare(below) for name, below in value.items()}
    return value


def normal(event: dict[str, Any]) -> dict[str, Any]:
    """An event in the keys of JSON-LD with its lists as lists and its vocabulary as bare words."""
    made = {name: value for name, value in event.items() if name not in ("@context", "@type", "isA")}
    made["type"] = _type_of(event)
    for name in LISTS:
        if name in made:
            made[name] = _listed(made[name])
    for name in TYPED:
        if name in made:
            made[name] = [_with_words(item, ("type",)) if isinstance(item, dict) else item for item in made[name]]
    if made["type"] == "QuantityEvent" and made.get("epcClass"):
        made["quantityList"] = [{"epcClass": made.pop("epcClass"), "quantity": made.pop("quantity", None)}]
    for name in ("readPoint", "bizLocation"):
        if isinstance(made.get(name), str):
            made[name] = {"id": made[name]}
    # A time without its offset is that of the zone which the event tells beside it.
    time, offset = made.get("eventTime"), made.get("eventTimeZoneOffset")
    if isinstance(time, str) and isinstance(offset, str) and _LOCAL_TIME.fullmatch(time) and _OFFSET.fullmatch(offset):
        made["eventTime"] = time + offset
    return _with_words({**made, **_inner(made)}, ("bizStep", "disposition"))


def _inner(event: dict[str, Any]) -> dict[str, Any]:
    """The parts of an event that have a shape of their own, made normal."""
    made: dict[str, Any] = {}
    if isinstance(event.get("errorDeclaration"), dict):
        made["errorDeclaration"] = _with_words(event["errorDeclaration"], ("reason",))
    if isinstance(event.get("persistentDisposition"), dict):
        lists = {name: _listed(value) for name, value in event["persistentDisposition"].items()}
        made["persistentDisposition"] = {name: [_word(item) for item in items] for name, items in lists.items()}
    if "sensorElementList" in event:
        made["sensorElementList"] = [_sensor(item) for item in event["sensorElementList"]]
    return made


def _sensor(value: Any) -> Any:
    """A sensor element with its reports as a list, what they measure without the prefix of GS1's web vocabulary."""
    if not isinstance(value, dict):
        return value
    reports = [
        {**report, "type": report["type"].removeprefix("gs1:")} if isinstance(report.get("type"), str) else report
        for report in _listed(value.get("sensorReport"))
        if isinstance(report, dict)
    ]
    return {**value, "sensorReport": reports}


def _with_words(value: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    made = dict(value)
    for name in names:
        word = _word(value.get(name))
        if word != value.get(name):
            made[name], made[f"{name}Uri"] = word, value[name]
    return made


def _word(value: Any) -> Any:
    """The bare word of a vocabulary's value; any other value as it is."""
    found = _WORD.fullmatch(value) if isinstance(value, str) else None
    return found[1] if found else value


def _listed(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    return [] if value in (None, "") else [value]


def fault_of(event: dict[str, Any]) -> tuple[str, str | None, str] | None:
    """The rule that a normal event breaks, the column and the detail, or None for a sound one."""
    kind = event["type"]
    if kind not in EVENTS:
        return "unknown_event_type", "type", f"{kind or 'nothing'!r} is no type of event"
    required = ["eventTime", "eventTimeZoneOffset"]
    required += ["action"] if kind not in ("TransformationEvent", "QuantityEvent") else []
    absent = next((name for name in required if not isinstance(event.get(name), str) or not event[name]), None)
    if absent:
        return "required_missing", absent, f"an event must have {absent}"
    if not _OFFSET.fullmatch(event["eventTimeZoneOffset"]):
        return "invalid_offset", "eventTimeZoneOffset", f"{event['eventTimeZoneOffset']!r} is not like +02:00"
    if "action" in required and event["action"] not in ACTIONS:
        return "unknown_action", "action", f"{event['action']!r} is none of {', '.join(ACTIONS)}"
    return _fault_of_objects(kind, event)


def _fault_of_objects(kind: str, event: dict[str, Any]) -> tuple[str, str | None, str] | None:
    """An event says what it is about; one that only takes its parent apart, or measures a place, needs no more."""
    if kind == "TransformationEvent":
        sides = ("inputEPCList", "inputQuantityList", "outputEPCList", "outputQuantityList")
        sound = any(event.get(name) for name in sides)
    elif kind in ("AggregationEvent", "AssociationEvent"):
        if event["action"] != "OBSERVE" and not event.get("parentID"):
            return "required_missing", "parentID", f"an {kind} with action {event['action']} must have parentID"
        sound = any(event.get(name) for name in ("parentID", "childEPCs", "childQuantityList"))
    elif kind == "TransactionEvent":
        if not event.get("bizTransactionList"):
            return "required_missing", "bizTransactionList", "a TransactionEvent must have bizTransactionList"
        sound = True
    else:
        sound = any(event.get(name) for name in ("epcList", "quantityList", "sensorElementList"))
    if sound and objects_of(event):
        return None
    return "no_objects", None, "the event names neither thing nor place"
