"""Places in a JSON document, such as ``data.orders.nodes``."""

from __future__ import annotations

from typing import Any


def at(document: Any, place: str) -> Any:
    """What stands at a place; a number is a position in a list. Raises ``KeyError`` when nothing stands there."""
    found = document
    for step in filter(None, place.split(".")):
        if isinstance(found, dict) and step in found:
            found = found[step]
        elif isinstance(found, list) and step.isdigit() and int(step) < len(found):
            found = found[int(step)]
        else:
            raise KeyError(place)
    return found


def maybe_at(document: Any, place: str | None) -> Any:
    """What stands at a place, or None when nothing does or no place is named."""
    if place is None:
        return None
    try:
        return at(document, place)
    except KeyError:
        return None


def placed(document: dict[str, Any], place: str, value: Any) -> dict[str, Any]:
    """A copy of the document with the value at a place; what is missing on the way is made."""
    head, _, rest = place.partition(".")
    inner = document.get(head)
    return {**document, head: placed(inner if isinstance(inner, dict) else {}, rest, value) if rest else value}
