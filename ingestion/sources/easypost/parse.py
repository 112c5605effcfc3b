"""EasyPost's answers as documents of one object each, whatever they came in.

A list page gives its elements, a webhook event its ``result``, in the event's mode where it tells none. Trackers and
shipments count wherever they stand: a tracker inside a shipment, a shipment inside an order.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingestion.opening import Text
from ingestion.readers import json_pages
from ingestion.readers.document import Document
from ingestion.readers.structure import Fault

# Objects that stand inside others, and are told in full there when they say when they changed.
NESTED = ("Tracker", "Shipment")
# Long lists that hold no such object.
LEAVES = frozenset({"tracking_details", "rates", "fees", "messages"})


def documents(text: Text) -> Iterator[Document | Fault]:
    """The objects of a file, each a document with its place in ``path``; what holds none is a document as it is."""
    for unit in json_pages.documents(text):
        if isinstance(unit, Fault):
            yield unit
            continue
        for value, path in [(unit.value, unit.path)] if unit.path else _elements(unit.value):
            objects = _objects(value, path) if _is_object(value) else [(value, path)]
            yield from (Document(unit.row, told, path=place) for told, place in objects)


def _is_object(value: Any) -> bool:
    return isinstance(value, dict) and bool(value.get("object")) and bool(value.get("id"))


def _elements(value: Any) -> list[tuple[Any, str]]:
    """What a page lists with the places, or the value itself. A page says has_more, or lists at least one object."""
    if isinstance(value, list):
        return [(element, f"[{index}]") for index, element in enumerate(value)]
    if not isinstance(value, dict) or value.get("object"):
        return [(value, "")]
    listed = [
        (element, f".{key}[{index}]")
        for key, elements in value.items()
        if isinstance(elements, list)
        for index, element in enumerate(elements)
    ]
    is_page = "has_more" in value or any(_is_object(element) for element, _ in listed)
    return listed if is_page else [(value, "")]


def _objects(value: dict[str, Any], path: str) -> Iterator[tuple[dict[str, Any], str]]:
    """An object, or what an event tells of, and the objects told in full inside it."""
    if value["object"] == "Event" and _is_object(value.get("result")):
        mode = {"mode": value["mode"]} if value.get("mode") else {}
        yield from _objects({**mode, **value["result"]}, f"{path}.result")
        return
    yield value, path
    yield from _inner(value, path)


def _inner(node: dict[str, Any], path: str) -> Iterator[tuple[dict[str, Any], str]]:
    for key, held in node.items():
        if key in LEAVES:
            continue
        listed = enumerate(held) if isinstance(held, list) else [(None, held)]
        for index, value in listed:
            if isinstance(value, dict):
                place = f"{path}.{key}" if index is None else f"{path}.{key}[{index}]"
                if value.get("object") in NESTED and value.get("id") and value.get("updated_at"):
                    yield value, place
                yield from _inner(value, place)
