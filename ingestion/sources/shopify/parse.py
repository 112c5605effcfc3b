"""Shopify's answers as documents of one shape, whichever API or export they came from.

Connections (``nodes``, ``edges``) are lists, keys are camel case, ``gid://shopify/Type/1`` is ``1``, an object that
stands alone stands under the name of its type, and the lines of a bulk operation are nested under their parents. A
return hands its id to what hangs on it, and a decision about several units is one for each.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from ingestion.opening import Text
from ingestion.readers.document import Document
from ingestion.readers.records import text_of
from ingestion.readers.structure import Fault
from ingestion.sources.shopify import bulk
from ingestion.sources.shopify.bulk import GID, Node, list_for, type_of

CONNECTION_KEYS = frozenset({"nodes", "edges", "pageInfo", "totalCount", "totalCountV2"})
# The keys under which an answer holds one object.
ONE = ("return", "refund", "order", "fulfillment", "fulfillmentEvent", "inventoryItem", "inventoryLevel", "variant")
# What tells the type of an object that stands alone without a global id.
SHAPES = {"returnLineItems": "returns", "refundLineItems": "refunds", "lineItems": "orders"}
# A decision about more units than this stays one.
MOST_UNITS = 1000


def documents(text: Text) -> Iterator[Document | Fault]:
    """The documents of a file.

    Rules besides those of JSON: ``orphan`` and ``nameless_child`` for lines of a bulk operation without their parent or
    their id, ``api_error`` for errors beside data.
    """
    for unit in bulk.nested(text):
        if isinstance(unit, Fault):
            yield unit
            continue
        value = _listed(unit.value)
        if isinstance(value, dict) and value.get("data") and value.get("errors"):
            yield Fault(unit.row, "api_error", None, (text_of(value["errors"]) or "")[:200], text_of(value["errors"]))
        value = _plain(_named(value))
        _each(value, "orders", _tell_order)
        _each(value, "returns", _tell_return)
        _each(value, "refunds", _tell_refund)
        yield Document(unit.row, value)


def _list_of(value: Any) -> str | None:
    """The name under which an object is listed, by its global id or its shape; None for what is no such object."""
    if not isinstance(value, dict):
        return None
    kind = type_of(value)
    if kind is not None:
        return list_for(kind)
    return next((SHAPES[_camel(key)] for key in value if _camel(key) in SHAPES), None)


def _listed(value: Any) -> Any:
    """The value with its connections as lists."""
    if isinstance(value, list):
        return [_listed(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value and value.keys() <= CONNECTION_KEYS and isinstance(value.get("nodes", value.get("edges")), list):
        items = value["nodes"] if "nodes" in value else [_node_of(edge) for edge in value["edges"]]
        return [_listed(item) for item in items if item is not None]
    return {key: _listed(item) for key, item in value.items()}


def _node_of(edge: Any) -> Any:
    return edge["node"] if isinstance(edge, dict) and "node" in edge else edge


def _named(value: Any) -> Any:
    """The value with an object that stands alone under the name of its type, out of its envelope."""
    if isinstance(value, list) and value and all(_list_of(item) for item in value):
        named: dict[str, list[Any]] = defaultdict(list)
        for item in value:
            named[str(_list_of(item))].append(item)
        return dict(named)
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("data"), dict | list) and value["data"]:
        return _named(value["data"])
    if isinstance(value.get("node"), dict):
        return _named(value["node"])
    name = _list_of(value)
    return dict(_several(key, inner) for key, inner in value.items()) if name is None else {name: [value]}


def _several(key: str, inner: Any) -> tuple[str, Any]:
    """The entry, one for a single object as a list of one."""
    return (f"{key}s", [inner]) if _camel(key) in ONE and isinstance(inner, dict) else (key, inner)


def _plain(value: Any) -> Any:
    """The value with camel-case keys and ids without their type."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {_camel(key): _plain(item) for key, item in value.items()}
    if isinstance(value, str) and value.startswith("gid:"):
        found = GID.fullmatch(value)
        return value if found is None else found[2]
    return value


def _camel(key: str) -> str:
    head, *rest = key.lstrip("_").split("_")
    return key if not head else head + "".join(part[:1].upper() + part[1:] for part in rest)


def _each(value: Any, name: str, tell: Callable[[Node], None]) -> None:
    """Call ``tell`` with every object in a list of that name, wherever it stands."""
    if isinstance(value, list):
        for item in value:
            _each(item, name, tell)
    elif isinstance(value, dict):
        for node in _nodes(value.get(name)):
            tell(node)
        for item in list(value.values()):
            _each(item, name, tell)


def _nodes(value: Any) -> list[Node]:
    """The objects of a list, or the one that stands for it."""
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, dict)]


def _tell_order(order: Node) -> None:
    told = {key: order[key] for key in ("id", "customer", "currency", "currencyCode") if order.get(key) is not None}
    for node in (*_nodes(order.get("returns")), *_nodes(order.get("refunds"))):
        if told and not isinstance(node.get("order"), dict):
            node["order"] = told


def _tell_return(returned: Node) -> None:
    """What hangs on a return names it: its decisions stand on the lines they are about, its refunds name the line."""
    lines = _nodes(returned.get("returnLineItems"))
    _decide(returned, lines)
    for refund in _nodes(returned.get("refunds")):
        refund.setdefault("return", {"id": returned.get("id")})
        refund.setdefault("order", returned.get("order"))
        for line in _nodes(refund.get("refundLineItems")):
            found = [own for own in lines if _item_id(own) is not None and _item_id(own) == _item_id(line)]
            if len(found) == 1:
                line["returnLineItem"] = {"id": found[0].get("id")}


def _item_id(line: Node) -> Any:
    """The order line that a line of a return or refund is about."""
    inner = line.get("fulfillmentLineItem") if isinstance(line.get("fulfillmentLineItem"), dict) else line
    item = inner.get("lineItem") if isinstance(inner, dict) else None
    return item.get("id") if isinstance(item, dict) else line.get("lineItemId")


def _decide(returned: Node, lines: list[Node]) -> None:
    counts: dict[int, int] = defaultdict(int)
    for order in _nodes(returned.get("reverseFulfillmentOrders")):
        for item in _nodes(order.get("lineItems")):
            place = _line_for(item, lines)
            found = _nodes(item.pop("dispositions", None))
            holder = returned if place is None else lines[place]
            for decision in found:
                units = _units(decision)
                first = counts[-1 if place is None else place]
                counts[-1 if place is None else place] += len(units)
                holder.setdefault("dispositions", []).extend(
                    {
                        **decision,
                        "unit": number,
                        "unitOrdinal": None if place is None else str(first + int(number)),
                        "returnId": returned.get("id"),
                        "returnLineItemId": None if place is None else lines[place].get("id"),
                    }
                    for number in units
                )
    for line in lines:
        arrived = [decision for decision in _nodes(line.get("dispositions")) if decision.get("type") != "MISSING"]
        if arrived:
            moments = [str(decision["createdAt"]) for decision in arrived if decision.get("createdAt")]
            line["received"] = {"quantity": str(len(arrived)), "at": min(moments, default=None)}


def _line_for(item: Node, lines: list[Node]) -> int | None:
    """The place of the line that an item of a reverse fulfilment order stands for; None when none or several may."""
    shipped = item.get("fulfillmentLineItem")
    if not isinstance(shipped, dict):
        return 0 if len(lines) == 1 else None
    found = [
        number
        for number, line in enumerate(lines)
        if isinstance(line.get("fulfillmentLineItem"), dict)
        and line["fulfillmentLineItem"].get("id") == shipped.get("id")
    ]
    return found[0] if len(found) == 1 else None


def _units(node: Node) -> list[str]:
    """The numbers of the units that a quantity stands for; one for a quantity that is none."""
    text = str(node.get("quantity"))
    quantity = int(text) if text.isdecimal() and len(text) < 6 else 1
    return [str(number) for number in range(1, quantity + 1)] if 0 < quantity <= MOST_UNITS else ["1"]


def _tell_refund(refund: Node) -> None:
    """Goods that a refund put back in stock without a return: one of them for each unit."""
    for line in _nodes(refund.get("refundLineItems")):
        if refund.get("return") is None and str(line.get("restockType")).upper() == "RETURN":
            line["restocked"] = [{"unit": number} for number in _units(line)]
