"""The warehouse's events in the words of EPCIS 2.0: what one row becomes in an ``eventList``.

Things with a GS1 key are named by its Digital Link, which, unlike a URN, does not ask where the company prefix ends.
All others get a URL below the namespace of the installation, by the templates of the Core Business Vocabulary: ``obj``
for things, ``loc`` for places, ``bt`` for transactions, ``disp`` for dispositions that the vocabulary lacks.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

Event = dict[str, Any]
Row = dict[str, Any]

TYPES = {
    "OBJECT": "ObjectEvent",
    "AGGREGATION": "AggregationEvent",
    "TRANSACTION": "TransactionEvent",
    "TRANSFORMATION": "TransformationEvent",
    "ASSOCIATION": "AssociationEvent",
}
# By the part of a thing in a captured event: where it is listed by its own name, and where by its class.
LISTS = {
    "OBJECT": ("epcList", "quantityList"),
    "CHILD": ("childEPCs", "childQuantityList"),
    "INPUT": ("inputEPCList", "inputQuantityList"),
    "OUTPUT": ("outputEPCList", "outputQuantityList"),
}
# After these steps nobody says where the thing is.
LEAVING = frozenset({"shipping", "destroying"})
PACKING = {"ADD": ("packing", "loading"), "DELETE": ("unpacking", "unloading")}
_SERIAL = re.compile(r"(\d{14})\.(.+)")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")


@dataclass(frozen=True)
class Names:
    """The URIs of an installation, whose ``namespace`` is a URL without a slash at its end."""

    namespace: str

    def serial(self, serial_number: str) -> str:
        """A thing by its serial number, which bears its GTIN where the source told one (``<GTIN-14>.<serial>``)."""
        match = _SERIAL.fullmatch(serial_number)
        if match and is_gs1(match[1]):
            return f"https://id.gs1.org/01/{match[1]}/21/{quote(match[2], safe='')}"
        return self._own("obj", serial_number)

    def plate(self, lpn: str) -> str:
        """A thing or container by its license plate: an SSCC, a URI that a source gave, or a name of the house."""
        if len(lpn) == 18 and is_gs1(lpn):
            return f"https://id.gs1.org/00/{lpn}"
        return lpn if _SCHEME.fullmatch(lpn) else self._own("obj", lpn)

    def thing(self, row: Row, otherwise: str) -> str:
        """A thing by the best that is known of it: serial number, license plate, or the name it has otherwise."""
        if row["serial_number"]:
            return self.serial(row["serial_number"])
        return self.plate(row["lpn"] or row[otherwise])

    def place(self, node_id: str) -> str:
        if len(node_id) == 13 and is_gs1(node_id):
            return f"https://id.gs1.org/414/{node_id}"
        return node_id if _SCHEME.fullmatch(node_id) else self._own("loc", node_id)

    def authorisation(self, rma_id: str) -> Event:
        return {"type": "rma", "bizTransaction": self._own("bt", rma_id)}

    def transformation(self, output_serial_number: str) -> str:
        return self._own("xform", output_serial_number)

    def disposition(self, code: str) -> str:
        return self._own("disp", code)

    def event(self, kind: str, key: str) -> str:
        """The id of an event, the same in every export of the same warehouse."""
        return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{self.namespace}/event/{kind}/{key}')}"

    def _own(self, kind: str, name: str) -> str:
        return f"{self.namespace}/{kind}/{quote(name, safe='')}"


def is_gs1(key: str) -> bool:
    """True for digits whose last one is the check digit that GS1 computes over the others."""
    if not (key.isascii() and key.isdigit()):
        return False
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(key)))
    return total % 10 == 0


def of_return(rows: list[Row], names: Names) -> Event:
    """An ObjectEvent of one step of a returned unit. A decision is a disposition of the house, for CBV has no word."""
    [row] = rows
    is_decision = row["event_type"] == "DISPOSITION_DECIDED"
    step = row["epcis_biz_step"]
    disposition = names.disposition(row["disposition_code"]) if is_decision else row["epcis_disposition"]
    return _filled(
        {
            **_head("OBJECT", names.event("return", row["event_key"]), row),
            "epcList": [names.thing(row, "unit_key")],
            "action": "DELETE" if step == "destroying" else "OBSERVE",
            "bizStep": step,
            "disposition": disposition,
            "readPoint": _place(row["node_id"], names),
            "bizLocation": None if step in LEAVING else _place(row["node_id"], names),
            "bizTransactionList": [names.authorisation(row["rma_id"])] if row["rma_id"] else None,
            "backhaul:eventType": row["event_type"],
            "backhaul:dispositionCode": row["disposition_code"],
        }
    )


def of_packing(rows: list[Row], names: Names) -> Event:
    """An AggregationEvent: a thing is put into a container (ADD) or taken out of it (DELETE)."""
    [row] = rows
    step = PACKING[row["action"]][row["container_kind"] == "TRAILER"]
    child = names.thing(row, "child_id")
    return _filled(
        {
            **_head("AGGREGATION", names.event("container", row["event_key"]), row),
            "parentID": names.plate(row["parent_id"]),
            "childEPCs": [child],
            "action": row["action"],
            "bizStep": step,
        }
    )


def of_transformation(rows: list[Row], names: Names) -> Event:
    """A TransformationEvent of one job; jobs that make one thing together share their transformationID."""
    [row] = rows
    return _filled(
        {
            **_head("TRANSFORMATION", names.event("transform", row["event_key"]), row),
            "inputEPCList": [names.thing(row, "unit_key")],
            "outputEPCList": [names.serial(row["output_serial_number"])],
            "transformationID": names.transformation(row["output_serial_number"]),
            "bizStep": "commissioning",
            "disposition": "active",
            "backhaul:workKind": row["work_kind"],
        }
    )


def of_capture(rows: list[Row], names: Names) -> Event | None:
    """A captured event from the rows of its objects, under the id it came with.

    None when the warehouse has not kept what the event must have: what a sensor measured, or the transactions of a
    TransactionEvent that lists things too.
    """
    first = rows[0]
    lists: dict[str, list[Any]] = {}
    for row in rows:
        if row["epc_role"] in LISTS:
            own, by_class = LISTS[row["epc_role"]]
            lists.setdefault(by_class if _is_class(row) else own, []).append(_captured(row, names))
    parent = next((_captured(row, names) for row in rows if row["epc_role"] == "PARENT"), None)
    transactions = [{"bizTransaction": row["epc"]} for row in rows if row["epc_role"] == "TRANSACTION"]
    if first["rma_id"]:
        others = [entry for entry in transactions if not entry["bizTransaction"].endswith(first["rma_id"])]
        transactions = [names.authorisation(first["rma_id"]), *others]
    is_transaction = first["epcis_event_type"] == "TRANSACTION"
    if (is_transaction and not transactions) or not (lists or parent or is_transaction):
        return None
    action = None if first["epcis_event_type"] == "TRANSFORMATION" else first["action"] or "OBSERVE"
    return _filled(
        {
            **_head(first["epcis_event_type"], first["event_id"], {**first, "observed_at": None}),
            "errorDeclaration": _declaration(rows),
            "parentID": parent,
            **lists,
            "action": action,
            "bizStep": first["epcis_biz_step"],
            "disposition": first["epcis_disposition"],
            "readPoint": _place(first["read_point"], names),
            "bizLocation": _place(first["node_id"], names),
            "bizTransactionList": transactions or None,
        }
    )


def _head(kind: str, event_id: str, row: Row) -> Event:
    return {
        "type": TYPES[kind],
        "eventID": event_id,
        "eventTime": moment(row["event_at"]),
        "eventTimeZoneOffset": "+00:00",
        "recordTime": moment(row["observed_at"]) if row["observed_at"] else None,
    }


def _declaration(rows: list[Row]) -> Event | None:
    wrong = next((row for row in rows if row["is_declared_error"]), None)
    if wrong is None:
        return None
    return _filled({"declarationTime": moment(wrong["observed_at"]), "reason": wrong["error_reason"]})


def _place(node_id: str | None, names: Names) -> Event | None:
    return {"id": names.place(node_id)} if node_id else None


def _is_class(row: Row) -> bool:
    has_name = row["serial_number"] or row["lpn"]
    return row["object_quantity"] is not None or bool(row["sku"] and not has_name)


def _captured(row: Row, names: Names) -> str | Event:
    uri = row["epc_uri"] or names.thing(row, "epc")
    if not _is_class(row):
        return uri
    quantity = row["object_quantity"]
    return _filled(
        {
            "epcClass": uri,
            "quantity": None if quantity is None else float(quantity),
            "uom": row["unit_of_measure"],
        }
    )


def moment(instant: datetime) -> str:
    """An instant, UTC in the warehouse, with its offset."""
    return f"{instant.isoformat()}+00:00"


def _filled(value: Event) -> Event:
    return {name: inner for name, inner in value.items() if inner is not None}
