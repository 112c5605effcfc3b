"""What X12 and EDIFACT share: segments as dicts, and the loops of a set as a tree, by the data of ``loops.yml``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from ingestion.contract import read_yaml

LOOPS = Path(__file__).with_name("loops.yml")
# The keys of elements and components.
KEYS = [f"{number:02}" for number in range(100)]
MAX_ELEMENTS = len(KEYS) - 1
# What both standards call segments. Other names would meet the keys of elements, and of the document.
TAG = re.compile("[A-Z][A-Z0-9]{1,2}")

Segment = dict[str, Any]


@dataclass(frozen=True)
class RawSegment:
    """A segment as it stands: its elements as text, the first its name, and its place in the file."""

    elements: list[str]
    start: int
    end: int

    def __getitem__(self, number: int) -> str:
        return self.elements[number].strip() if number < len(self.elements) else ""


@dataclass(frozen=True)
class Loop:
    """What stands in a loop: segments of its own and loops that a segment opens.

    ``parent`` is the element that names the enclosing loop of the same kind by its first element, ``level`` the one
    whose code the loop's name ends in: hierarchies (HL) are nested by them, not by place.
    """

    segments: frozenset[str] = frozenset()
    loops: Mapping[str, Loop] = field(default_factory=dict)
    parent: str | None = None
    level: str | None = None

    def holds(self, name: str) -> bool:
        return name in self.segments or name in self.loops


def parse_loop(raw: Mapping[str, Any] | None) -> Loop:
    """A loop from its mapping in YAML: ``segments``, ``loops``, ``parent`` and ``level``."""
    raw = raw or {}
    return Loop(
        frozenset(raw.get("segments", ())),
        {name: parse_loop(below) for name, below in (raw.get("loops") or {}).items()},
        raw.get("parent"),
        raw.get("level"),
    )


@cache
def shipped_loops(standard: str) -> Mapping[str, Loop]:
    """The loops of the sets that we know, by the set's code. ``standard`` is ``x12`` or ``edifact``."""
    raw = read_yaml(LOOPS)[standard]
    return {str(code): parse_loop(loop) for code, loop in raw.items()}


@dataclass(frozen=True)
class _Open:
    loop: Loop
    node: Segment


@dataclass
class _Tree:
    """Where the next segment may go: the loops open, outermost first, and those open below each named node."""

    stack: list[_Open]
    hierarchy: dict[tuple[str, str], list[_Open]] = field(default_factory=dict)

    def add(self, segment: Segment) -> None:
        name = segment["id"]
        if any(level.loop.holds(name) for level in self.stack):
            while not self.stack[-1].loop.holds(name):
                self.stack.pop()
        node = dict(segment)
        loop = self.stack[-1].loop.loops.get(name)
        key = name
        if loop is not None and loop.parent is not None:
            key = self._climb(name, node, loop)
        self.stack[-1].node.setdefault(key, []).append(node)
        if loop is not None:
            self.stack.append(_Open(loop, node))
            if loop.parent is not None:
                self.hierarchy[name, _text(node.get("01"))] = list(self.stack)

    def _climb(self, name: str, node: Segment, loop: Loop) -> str:
        """Go to the loop that a node names as its parent, else to the top of its hierarchy. The node's key there."""
        parent = self.hierarchy.get((name, _text(node.get(loop.parent or ""))))
        top = next((place for place, level in enumerate(self.stack) if level.loop is loop), len(self.stack))
        self.stack = list(parent) if parent else self.stack[:top]
        level = _text(node.get(loop.level or ""))
        return f"{name}_{level}" if level else name


def tree(segments: Iterable[Segment], loop: Loop) -> dict[str, list[Segment]]:
    """The segments by name, each a list; what a loop holds stands in the segment that opens it.

    A segment belongs to the innermost open loop that knows it. One that no loop knows stays where it is met. In a
    hierarchy (HL) a node stands under the parent it names, and its key ends in the code of its level: ``HL_I``. What
    is named as no segment can be (``01``) is left out.
    """
    root: dict[str, list[Segment]] = {}
    growing = _Tree([_Open(loop, root)])
    for segment in segments:
        if TAG.fullmatch(segment["id"]):
            growing.add(segment)
    return root


def _text(value: Any) -> str:
    """The text of an element, of one with components the first."""
    if isinstance(value, dict):
        value = value.get(KEYS[1])
    return value if isinstance(value, str) else ""
