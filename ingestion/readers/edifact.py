"""EDIFACT: one document per message, with its interchange, its group if it has one, and its segment groups.

The service string (UNA) gives the delimiters, else the standard's are taken. An element is always a dict of its
components, for senders leave out trailing ones: ``LIN[*].03.01``. Line breaks do not count, unless they took the place
of lost terminators. Beside its elements a DTM
has ``at`` and ``until`` (:mod:`ingestion.readers.moments`), a GIN the list of its ``numbers``.
See :mod:`ingestion.readers.envelopes` for what is read when an envelope is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Any

from ingestion.opening import Text, Unreadable
from ingestion.readers.document import Document
from ingestion.readers.envelopes import Dialect, Head, Set, read_sets
from ingestion.readers.moments import moments
from ingestion.readers.segments import KEYS, MAX_ELEMENTS, Loop, RawSegment, Segment, shipped_loops, tree
from ingestion.readers.structure import Fault

DIALECT = Dialect(
    head="UNB",
    trailer="UNZ",
    group="UNG",
    group_trailer="UNE",
    group_control=5,
    part="UNH",
    part_trailer="UNT",
    part_control=1,
    needs_group=False,
)
_HEAD_NAMES = {
    "syntax": (1, 0),
    "syntax_version": (1, 1),
    "sender": (2, 0),
    "sender_qualifier": (2, 1),
    "receiver": (3, 0),
    "receiver_qualifier": (3, 1),
    "date": (4, 0),
    "time": (4, 1),
    "control": (5, 0),
    "application": (7, 0),
    "test": (11, 0),
}
_SERVICE = re.compile(r"UNA(.)(.)(.)(.)(.)(.)\s*(?=UNB)", re.DOTALL)
_TERMINATED = re.compile(r"UNB[^'\n]*'[ \t]*\n")
# Lines whose ends took the place of lost terminators.
_BARE_LINES = re.compile(r"UNB[^'\n]*\n\s*UN[GH][^\w\s]")
# The syntax identifier tells a header from a reference that happens to be called UNB.
_HEAD = re.compile(r"(?<![A-Za-z0-9])(?:UNA.{6}\s*)?UNB(?=[^A-Za-z0-9\s][A-Z]{4}\W)", re.DOTALL)


@dataclass(frozen=True)
class _Delimiters:
    component: str = ":"
    element: str = "+"
    decimal: str = "."
    release: str = "?"
    repeat: str | None = None
    terminator: str = "'"

    def split(self, text: str, separator: str) -> list[str]:
        """The parts between separators that no release character stands before; the parts keep theirs."""
        if self.release not in text:
            return text.split(separator)
        parts, last = [], 0
        for found in re.finditer(f"{re.escape(self.release)}.|{re.escape(separator)}", text, re.DOTALL):
            if found[0] == separator:
                parts.append(text[last : found.start()])
                last = found.end()
        return [*parts, text[last:]]

    def bare(self, text: str) -> str:
        """Text without its release characters."""
        if self.release not in text:
            return text.strip()
        return re.sub(f"{re.escape(self.release)}(.)", r"\1", text, flags=re.DOTALL).strip()


def documents(text: Text, loops: Mapping[str, Loop] | None = None) -> Iterator[Document | Fault]:
    """The messages of a file in order, and what is wrong with its envelopes.

    ``{"interchange": {…}, "group": {…}, "set": "RETANN", "control": "1", "version": "D", "release": "96A", "lines":
    "2", "segments": [{"id": "BGM", "01": {"01": …}}, …]}``, and beside them the segments by name as a tree
    (:func:`segments.tree`). ``lines`` is the number of LIN segments; ``interchange.decimal`` is there when a service
    string says which decimal mark counts. ``loops`` by the type of message takes the place of those shipped. Raises
    :class:`Unreadable` for what is no interchange.
    """
    body = text.read()
    known = {**shipped_loops("edifact"), **(loops or {})}
    heads = [_head(body, match.start(), known) for match in _HEAD.finditer(body)]
    if not heads or body[: heads[0].start].strip("\ufeff \t\n\0"):
        raise Unreadable("not_edifact", "the file does not begin with an interchange header (UNA or UNB)")
    yield from read_sets(text, body, heads, DIALECT)


def _head(body: str, start: int, loops: Mapping[str, Loop]) -> Head:
    service = _SERVICE.match(body, start)
    delimiters = _delimiters(service)
    if service is None and _BARE_LINES.match(body, start):
        delimiters = replace(delimiters, terminator="\n")
    elif delimiters.terminator == "\n" and _TERMINATED.match(body, service.end() if service else start):
        # A service string that lost its own terminator: the next line shows which it is.
        delimiters = replace(delimiters, terminator="'")
    [first] = islice(_segments(body, service.end() if service else start, delimiters, len(body)), 1)
    parts = [
        [delimiters.bare(part) for part in delimiters.split(text, delimiters.component)] for text in first.elements
    ]
    value = {
        name: found for name, (element, component) in _HEAD_NAMES.items() if (found := _part(parts, element, component))
    }
    if value.get("syntax_version") == "4":
        delimiters = replace(delimiters, repeat=_repeats(service))
    elif service is not None:
        value["decimal"] = delimiters.decimal
    return Head(
        _part(parts, 5, 0),
        start,
        first.end,
        partial(_segments, body, first.end, delimiters),
        partial(_value, value, delimiters, loops),
    )


def _delimiters(service: re.Match[str] | None) -> _Delimiters:
    if service is None:
        return _Delimiters()
    component, element, decimal, release, _, terminator = service.groups()
    # A blank says that nothing is released; NUL stands in no text.
    return _Delimiters(component, element, decimal, "\0" if release == " " else release, None, terminator)


def _repeats(service: re.Match[str] | None) -> str | None:
    if service is None:
        return "*"
    return service[5] if service[5] != " " else None


def _part(parts: list[list[str]], element: int, component: int) -> str:
    if element >= len(parts) or component >= len(parts[element]):
        return ""
    return parts[element][component]


def _segments(body: str, position: int, delimiters: _Delimiters, end: int) -> Iterator[RawSegment]:
    release, terminator = re.escape(delimiters.release), re.escape(delimiters.terminator)
    segment = re.compile(f"[^{release}{terminator}]*(?:{release}.[^{release}{terminator}]*)*", re.DOTALL)
    while position < end:
        found = segment.match(body, position, end)
        stop = found.end() if found else end
        raw = body[position:stop].replace("\n", "").lstrip()
        if raw:
            yield RawSegment(delimiters.split(raw, delimiters.element), position, min(stop + 1, end))
        position = stop + 1


def _value(
    head: dict[str, str], delimiters: _Delimiters, loops: Mapping[str, Loop], group: RawSegment | None, part: Set
) -> dict[str, Any]:
    kind = [delimiters.bare(text) for text in delimiters.split(part.head[2], delimiters.component)]
    segments = [_segment(raw, delimiters) for raw in part.body]
    return {
        "interchange": head,
        "group": _segment(group, delimiters) if group else {},
        "set": kind[0],
        "control": part.head[1],
        **{
            name: text
            for name, text in zip(("version", "release", "agency", "association"), kind[1:], strict=False)
            if text
        },
        "lines": str(sum(segment["id"] == "LIN" for segment in segments)),
        "segments": segments,
        **tree(segments, loops.get(kind[0], Loop())),
    }


def _segment(raw: RawSegment, delimiters: _Delimiters) -> Segment:
    segment: Segment = {"id": delimiters.split(raw[0], delimiters.component)[0]}
    for number, text in enumerate(raw.elements[1:], 1):
        if delimiters.repeat is not None and delimiters.repeat in text:
            segment[KEYS[number]] = [_element(item, delimiters) for item in delimiters.split(text, delimiters.repeat)]
        elif element := _element(text, delimiters):
            segment[KEYS[number]] = element
    return {**segment, **_DERIVED[segment["id"]](segment)} if segment["id"] in _DERIVED else segment


def _moment(segment: Segment) -> Segment:
    told = segment.get("01")
    if not isinstance(told, dict) or "02" not in told:
        return {}
    start, end = moments(told["02"], told.get("03"))
    return {"at": start} if end is None else {"at": start, "until": end}


def _numbers(segment: Segment) -> Segment:
    """The identity numbers of a GIN, none when it names a range of them."""
    listed = [segment[key] for key in KEYS[2:7] if isinstance(segment.get(key), dict)]
    is_range = any("02" in number for number in listed)
    return {} if is_range else {"numbers": [number["01"] for number in listed if "01" in number]}


# What segments hold beside their elements.
_DERIVED: dict[str, Callable[[Segment], Segment]] = {"DTM": _moment, "GIN": _numbers}


def _element(text: str, delimiters: _Delimiters) -> dict[str, str]:
    parts = delimiters.split(text, delimiters.component)[:MAX_ELEMENTS]
    return {KEYS[number]: bare for number, part in enumerate(parts, 1) if (bare := delimiters.bare(part))}
