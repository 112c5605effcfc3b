"""What an EPCIS event speaks of: its objects with their parts, and the GS1 keys in their URIs.

An EPC is written as a URN (``urn:epc:id:sgtin:4012345.011122.25``) or as a GS1 Digital Link
(``https://id.gs1.org/01/04012345111224/21/25``); both give the same key here, and characters that they must escape
(``%2F``) stand as themselves.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from typing import Any
from urllib.parse import unquote

INSTANCES = {"epcList": "OBJECT", "childEPCs": "CHILD", "inputEPCList": "INPUT", "outputEPCList": "OUTPUT"}
QUANTITIES = {
    "quantityList": "OBJECT",
    "childQuantityList": "CHILD",
    "inputQuantityList": "INPUT",
    "outputQuantityList": "OUTPUT",
}
_URN = re.compile(r"urn:epc:(?:id|idpat|class):(?P<scheme>[a-z]+):(?P<body>.+)", re.IGNORECASE)
_LINK = re.compile(
    r"https?://[^/]+(?:/.*?)??/(?P<ai>00|01|8003|8004|8006)/(?P<key>[^/?]+)(?P<rest>[^?]*)(?:\?.*)?", re.IGNORECASE
)
_SERIAL = re.compile(r"/21/([^/]+)")
_LOT = re.compile(r"/10/([^/]+)")


def objects_of(event: dict[str, Any]) -> list[dict[str, Any]]:
    """The objects of an event in the keys of JSON-LD: ``id``, ``role``, ``uri``, their GS1 keys, quantity and unit.

    An event without things speaks of its transactions, or, as sensors do, of a place. ``id`` is unique within an event
    and a role: a class that is listed again has its ordinal behind it.
    """
    found: list[dict[str, Any]] = []
    for name, role in INSTANCES.items():
        found += [_thing(role, uri) for uri in event.get(name) or []]
    if event.get("parentID"):
        found.append(_thing("PARENT", event["parentID"]))
    for name, role in QUANTITIES.items():
        for element in event.get(name) or []:
            told = element if isinstance(element, dict) else {"epcClass": element}
            kept = {"quantity": told.get("quantity"), "uom": told.get("uom")}
            found.append({**_thing(role, told.get("epcClass")), **kept})
    seen: Counter[tuple[Any, Any]] = Counter()
    found = found or _without_things(event)
    for entry in found:
        seen[entry["role"], entry["id"]] += 1
        if seen[entry["role"], entry["id"]] > 1:
            entry["id"] += f"#{seen[entry['role'], entry['id']]}"
    return found


def _thing(role: str, uri: Any) -> dict[str, Any]:
    written = uri if isinstance(uri, str) else json.dumps(uri, ensure_ascii=False)
    return {"role": role, "uri": written, **identified(written)}


def _without_things(event: dict[str, Any]) -> list[dict[str, Any]]:
    transactions = [_value(entry, "bizTransaction") for entry in event.get("bizTransactionList") or []]
    places = [_value(event.get(name), "id") for name in ("readPoint", "bizLocation")]
    named = [("TRANSACTION", uri) for uri in transactions if uri] or [("PLACE", uri) for uri in places if uri][:1]
    return [{"role": role, "uri": str(uri), "id": str(uri)} for role, uri in named]


def _value(entry: Any, name: str) -> Any:
    return entry.get(name) if isinstance(entry, dict) else entry


def identified(uri: str) -> dict[str, str]:
    """The keys of an EPC: ``gtin``, ``serial``, ``lot`` and ``lpn`` as far as it has them, and ``id`` made of them.

    A serial number is unique within its GTIN only, so it bears it. Any other URI is its own id.
    """
    keys = _of_urn(uri) or _of_link(uri)
    return {"id": ".".join(dict.fromkeys(keys.values())) or uri, **_scoped(keys)}


def _scoped(keys: dict[str, str]) -> dict[str, str]:
    if "serial" in keys:
        return {**keys, "serial": f"{keys['gtin']}.{keys['serial']}"}
    return keys


def _of_urn(uri: str) -> dict[str, str]:
    match = _URN.fullmatch(uri.strip())
    if match is None:
        return {}
    scheme, parts = match["scheme"].lower(), match["body"].split(".")
    if scheme in ("sgtin", "lgtin") and len(parts) >= 2 and (parts[0] + parts[1]).isdigit():
        last = unquote(".".join(parts[2:]))
        key = {"gtin": with_check_digit(parts[1][:1] + parts[0] + parts[1][1:])}
        return key if last in ("", "*") else {**key, "serial" if scheme == "sgtin" else "lot": last}
    if scheme == "sscc" and len(parts) == 2 and "".join(parts).isdigit():
        return {"lpn": with_check_digit(parts[1][:1] + parts[0] + parts[1][1:])}
    return {"lpn": match["body"]} if scheme in ("grai", "giai") else {}


def _of_link(uri: str) -> dict[str, str]:
    match = _LINK.fullmatch(uri.strip())
    if match is None:
        return {}
    if match["ai"] != "01":
        return {"lpn": match["key"]} if match["ai"] in ("00", "8003", "8004") else {}
    serial, lot = _SERIAL.search(match["rest"]), _LOT.search(match["rest"])
    keys = {"gtin": match["key"].zfill(14)}
    if serial:
        return {**keys, "serial": unquote(serial[1])}
    return {**keys, "lot": unquote(lot[1])} if lot else keys


def with_check_digit(digits: str) -> str:
    """A GTIN or SSCC with the check digit that GS1 computes over its other digits."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return f"{digits}{-total % 10}"


def key_of(event: dict[str, Any]) -> str:
    """The event's id; without one, a hash of what it says, which a second capture gives again."""
    if event.get("eventID"):
        return str(event["eventID"])
    told = {name: value for name, value in event.items() if name not in ("document", "recordTime", "errorDeclaration")}
    return "hash:" + hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
