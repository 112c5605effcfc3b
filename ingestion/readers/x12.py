"""X12: one document per transaction set, with its interchange, its group and its loops.

An interchange's head gives its delimiters. Line breaks and blanks between segments do not count; a line break that took
the place of a lost terminator does. An element is text; a composite is a dict of its components and ``_text``. A
segment that lists ids of a product, each after its qualifier, has them by qualifier as well: ``LIN[*].ids.UP``.

See :mod:`ingestion.readers.envelopes` for what is read when an envelope is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from ingestion.opening import Text, Unreadable
from ingestion.readers.document import Document
from ingestion.readers.envelopes import Dialect, Head, Set, read_sets
from ingestion.readers.segments import KEYS, MAX_ELEMENTS, Loop, RawSegment, Segment, shipped_loops, tree
from ingestion.readers.structure import Fault

_HEAD = re.compile(r"(?<![A-Za-z0-9])ISA([^A-Za-z0-9 \t\n])")
# Its elements are of fixed width, 106 characters in all; some write them shorter.
_HEAD_LENGTH = 200
_HEAD_NAMES = (
    ("sender_qualifier", 5),
    ("sender", 6),
    ("receiver_qualifier", 7),
    ("receiver", 8),
    ("date", 9),
    ("time", 10),
    ("version", 12),
    ("control", 13),
    ("usage", 15),
)
_GROUP_NAMES = (
    ("code", 1),
    ("sender", 2),
    ("receiver", 3),
    ("date", 4),
    ("time", 5),
    ("control", 6),
    ("agency", 7),
    ("version", 8),
)
# Other characters are also used in data, and so never taken to repeat an element.
_REPEATS = "^|!`\\%"
# The first elements of the pairs of qualifier and product id that a segment lists.
_PAIRS = {
    "BLI": (1, *range(7, 27, 2)),
    "IT1": range(6, 25, 2),
    "LIN": range(2, 31, 2),
    "PO1": range(6, 25, 2),
    "SLN": range(9, 28, 2),
    "W07": (4, 6, 10),
}
# What other segments list: its name, where each entry begins, and where its parts are from there.
_LISTS: dict[str, tuple[str, Iterable[int], dict[str, int]]] = {
    "RCD": ("conditions", range(6, 19, 3), {"quantity": 0, "code": 2}),
    "SDQ": ("stores", range(3, 22, 2), {"node": 0, "quantity": 1}),
}
DIALECT = Dialect(
    head="ISA",
    trailer="IEA",
    group="GS",
    group_trailer="GE",
    group_control=6,
    part="ST",
    part_trailer="SE",
    part_control=2,
    needs_group=True,
    outside=frozenset({"TA1"}),
)


@dataclass(frozen=True)
class _Delimiters:
    element: str
    component: str | None
    repeat: str | None
    terminator: str


def documents(text: Text, loops: Mapping[str, Loop] | None = None) -> Iterator[Document | Fault]:
    """The transaction sets of a file in order, and what is wrong with its envelopes.

    ``{"interchange": {…}, "group": {…}, "set": "180", "control": "0001", "segments": [{"id": "BGN", "01": …}, …]}``,
    and beside them the segments by name as a tree (:func:`segments.tree`): ``BLI[*].N9[*].02``. A segment that lists
    product ids has them by qualifier as ``ids``, an SDQ its ``stores``, an RCD its ``conditions``. ``loops`` by the
    code of the set takes the place of those shipped. Raises :class:`Unreadable` for what is no interchange.
    """
    body = text.read()
    known = {**shipped_loops("x12"), **(loops or {})}
    heads = list(_heads(body, known))
    if not heads or body[: heads[0].start].strip("\ufeff \t\n\0"):
        raise Unreadable("not_x12", "the file does not begin with an interchange header (ISA)")
    yield from read_sets(text, body, heads, DIALECT)


def _heads(body: str, loops: Mapping[str, Loop]) -> Iterator[Head]:
    for match in _HEAD.finditer(body):
        separator = match[1]
        parts = body[match.start() : match.start() + _HEAD_LENGTH].split(separator, 16)
        if len(parts) < 17:
            continue
        elements = [part.replace("\n", "").strip() for part in parts[:16]]
        if not elements[12].isdigit():
            continue
        rest = match.start() + sum(len(part) + 1 for part in parts[:16])
        repeat = elements[11] if elements[12] >= "00402" and elements[11] and elements[11] in _REPEATS else None
        component, terminator, end = _last_delimiters(body, rest)
        delimiters = _Delimiters(separator, component, repeat, terminator)
        yield Head(
            elements[13],
            match.start(),
            end,
            partial(_segments, body, end, delimiters),
            partial(_value, elements, delimiters, loops),
        )


def _last_delimiters(body: str, position: int) -> tuple[str | None, str, int]:
    """The component separator and the terminator, which stand at the end of a header, and the place after them."""
    component, terminator = body[position : position + 1] or "\n", body[position + 1 : position + 2] or "\n"
    if component == "\n":
        return None, "\n", position + 1
    line = body[position + 1 : position + 1000].lstrip().partition("\n")[0].rstrip()
    is_lost = terminator == "\n" and line.endswith(component)
    if is_lost or terminator.isalnum() or terminator == " ":
        # There is no component separator: what stands in its place ends the segments.
        return None, component, position + 1
    return component, terminator, position + 2


def _segments(body: str, position: int, delimiters: _Delimiters, end: int) -> Iterator[RawSegment]:
    while position < end:
        stop = body.find(delimiters.terminator, position, end)
        stop = end if stop < 0 else stop
        raw = body[position:stop].lstrip()
        if delimiters.terminator == "\n":
            raw = raw.rstrip(" \t")
        elif "\n" in raw:
            raw = raw.replace("\n", "")
        if raw:
            yield RawSegment(raw.split(delimiters.element), position, min(stop + 1, end))
        position = stop + 1


def _value(
    head: list[str], delimiters: _Delimiters, loops: Mapping[str, Loop], group: RawSegment | None, part: Set
) -> dict[str, Any]:
    segments = [_segment(raw, delimiters) for raw in part.body]
    return {
        "interchange": {name: head[number] for name, number in _HEAD_NAMES if head[number]},
        "group": {name: group[number] for name, number in _GROUP_NAMES if group[number]} if group else {},
        "set": part.head[1],
        "control": part.head[2],
        "segments": segments,
        **tree(segments, loops.get(part.head[1], Loop())),
    }


def _segment(raw: RawSegment, delimiters: _Delimiters) -> Segment:
    segment: Segment = {"id": raw[0]}
    for number, element in enumerate(raw.elements[1:], 1):
        if element and not element.isspace():
            segment[KEYS[number]] = _element(element, delimiters)
    if raw[0] in _PAIRS:
        segment["ids"] = _ids(segment, _PAIRS[raw[0]])
    elif raw[0] in _LISTS:
        name, starts, places = _LISTS[raw[0]]
        listed = [{key: segment.get(KEYS[start + place]) for key, place in places.items()} for start in starts]
        segment[name] = [entry for entry in listed if any(entry.values())]
    return segment


def _ids(segment: Segment, pairs: Iterable[int]) -> dict[str, str]:
    listed = [(segment.get(KEYS[number]), segment.get(KEYS[number + 1])) for number in pairs]
    return {qualifier: value for qualifier, value in listed if isinstance(qualifier, str) and isinstance(value, str)}


def _element(text: str, delimiters: _Delimiters) -> Any:
    if delimiters.repeat is not None and delimiters.repeat in text:
        return [_component(item, delimiters) for item in text.split(delimiters.repeat)]
    return _component(text, delimiters)


def _component(text: str, delimiters: _Delimiters) -> Any:
    text = text.strip()
    if delimiters.component is None or delimiters.component not in text:
        return text
    parts = text.split(delimiters.component)[:MAX_ELEMENTS]
    return {"_text": text, **{KEYS[number]: part for number, part in enumerate(parts, 1) if part}}
