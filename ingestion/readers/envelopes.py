"""Envelopes of X12 and EDIFACT: interchanges hold groups, groups hold sets; each is closed by a trailer that counts.

A set is read when it is whole: its trailer is there and counts its segments rightly. What is wrong around it is a fault
of its own rule:

- ``envelope_segment_count``, ``envelope_unclosed`` on a set: that set is not read.
- ``control_number_mismatch``: a trailer has another control number than its head, and counts rightly what stands
  between them. Senders number so, and nothing is lost: what it closes is read.
- ``envelope_control_number``: it has another number and counts otherwise too. What it closes may be parts of two
  envelopes, and no set in it is read.
- ``envelope_set_count``, ``envelope_group_count``, ``envelope_unclosed`` on a group or an interchange: its whole sets
  are read, and the trailer is a fault that says that others may be missing.
- ``envelope_stray``: what stands outside of all sets.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate, zip_longest
from typing import Any

from ingestion.opening import Text
from ingestion.readers.document import Document
from ingestion.readers.segments import MAX_ELEMENTS, RawSegment
from ingestion.readers.structure import Fault

# The text of a longer set is left out: each of its records would carry all of it.
MAX_TEXT = 64 * 1024


@dataclass(frozen=True)
class Dialect:
    """The names of the segments that open and close the parts of an interchange; where their control numbers stand.

    Trailers count what they close in their first element and repeat its control number in the second.
    """

    head: str
    trailer: str
    group: str
    group_trailer: str
    group_control: int
    part: str
    part_trailer: str
    part_control: int
    needs_group: bool
    outside: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Head:
    """An interchange's header: its control number, where it begins, and where the first segment after it does.

    ``segments`` gives the segments from there to a position, ``value`` what a set becomes.
    """

    control: str
    start: int
    end: int
    segments: Callable[[int], Iterable[RawSegment]]
    value: Callable[[RawSegment | None, Set], dict[str, Any]]


@dataclass
class Set:
    """A transaction set or message: its head, the segments between, and its trailer if there is one."""

    head: RawSegment
    body: list[RawSegment] = field(default_factory=list)
    trailer: RawSegment | None = None

    @property
    def end(self) -> int:
        return (self.trailer or (self.body or [self.head])[-1]).end


@dataclass
class _Group:
    """A group without its sets: how many they are, and the one that is being read."""

    head: RawSegment | None
    count: int = 0
    within: Set | None = None
    trailer: RawSegment | None = None


@dataclass
class _Reading:
    """What reading a file needs all along: its text, its dialect and the number of the last unit told."""

    text: Text
    body: str
    dialect: Dialect
    last: int = 0

    def __post_init__(self) -> None:
        lines = self.body.split("\n") if self.text.damaged else []
        ends = list(accumulate(len(line) + 1 for line in lines))
        # The last character of each damaged line.
        self.damaged = [ends[line] - 2 for line in sorted(self.text.damaged) if line < len(ends)]

    def fault(self, rule: str, detail: str, start: int, end: int) -> Fault:
        self.last += 1
        raw = self.body[start:end].strip().replace("\0", "\\x00")
        return Fault(self.last, rule, None, detail, raw)

    def is_damaged(self, start: int, end: int) -> bool:
        """True when the encoding could not read some line of this part of the file."""
        return bisect_left(self.damaged, start) < bisect_left(self.damaged, end)


@dataclass
class _Interchange:
    """The parts of an interchange, and what stands where nothing may."""

    head: Head
    groups: list[_Group] = field(default_factory=list)
    trailer: RawSegment | None = None
    stray: list[RawSegment] = field(default_factory=list)

    @property
    def open_group(self) -> _Group | None:
        return self.groups[-1] if self.groups and self.groups[-1].trailer is None else None


def read_sets(text: Text, body: str, heads: list[Head], dialect: Dialect) -> Iterator[Document | Fault]:
    """The sets of all interchanges in order, and what is wrong with their envelopes.

    Trailers say whether the sets before them may be read, so an interchange is gone through twice; memory holds the
    text and one set at a time.
    """
    reading = _Reading(text, body, dialect)
    for head, following in zip_longest(heads, heads[1:]):
        end = following.start if following else len(body)
        whole = _Interchange(head)
        for _ in _sets(whole, end, dialect):
            pass
        yield from _told(whole, _sets(_Interchange(head), end, dialect), reading)


def _sets(found: _Interchange, end: int, dialect: Dialect) -> Iterator[tuple[int, Set]]:
    """Each set, when it ends, with the number of its group; the rest of the interchange is kept in ``found``."""
    for segment in found.head.segments(end):
        number, group = len(found.groups) - 1, found.open_group
        within = group.within if group else None
        _place(found, group, segment, dialect)
        if group and within and (group.within is not within or group is not found.groups[-1]):
            yield number, within
            # a group that another follows has no set under way
            group.within = None if group is not found.groups[-1] else group.within
    last = found.groups[-1] if found.groups else None
    if last and last.within:
        yield len(found.groups) - 1, last.within


def _place(found: _Interchange, group: _Group | None, segment: RawSegment, dialect: Dialect) -> None:
    name = segment.elements[0]
    within = group.within if group else None
    if found.trailer is not None:
        found.stray.append(segment)
    elif name == dialect.trailer:
        found.trailer = segment
    elif name == dialect.group:
        found.groups.append(_Group(segment))
    elif name == dialect.group_trailer and group:
        group.trailer, group.within = segment, None
    elif name == dialect.part:
        if group is None:
            group = _Group(None)
            found.groups.append(group)
        group.count += 1
        group.within = Set(segment)
    elif group is None or within is None:
        if name not in dialect.outside:
            found.stray.append(segment)
    elif name == dialect.part_trailer:
        within.trailer = segment
        group.within = None
    else:
        within.body.append(segment)


def _told(found: _Interchange, sets: Iterable[tuple[int, Set]], reading: _Reading) -> Iterator[Document | Fault]:
    head, trailer, dialect = found.head, found.trailer, reading.dialect
    grouped = [group for group in found.groups if group.head is not None]
    count = len(grouped) if grouped or dialect.needs_group else sum(group.count for group in found.groups)
    mismatch = _mismatch("interchange", dialect.head, head.control, trailer)
    problem = mismatch if mismatch and not _counts(trailer, count) else None
    told = 0
    for number, part in sets:
        for group in found.groups[told:number]:
            yield from _told_group(found, group, reading)
        told = number
        group = found.groups[number]
        yield from _told_set(part, found.head, group, problem or _problem_of(group, dialect), reading)
    for group in found.groups[told:]:
        yield from _told_group(found, group, reading)
    if trailer is None:
        detail = f"the interchange has no {dialect.trailer}"
        yield reading.fault("envelope_unclosed", detail, head.start, head.end)
    elif not _counts(trailer, count):
        detail = f"{dialect.trailer} counts {trailer[1]}, there are {count}"
        yield reading.fault("envelope_group_count", detail, trailer.start, trailer.end)
    elif mismatch:
        yield reading.fault("control_number_mismatch", mismatch, trailer.start, trailer.end)
    for segment in found.stray:
        yield reading.fault("envelope_stray", "outside of every set", segment.start, segment.end)


def _problem_of(group: _Group, dialect: Dialect) -> str | None:
    """Why no set of a group is read."""
    mismatch = _mismatch_of(group, dialect)
    return None if mismatch is None or _counts(group.trailer, group.count) else mismatch


def _mismatch_of(group: _Group, dialect: Dialect) -> str | None:
    if group.head is None:
        return None
    return _mismatch("group", dialect.group, group.head[dialect.group_control], group.trailer)


def _mismatch(what: str, name: str, control: str, trailer: RawSegment | None) -> str | None:
    """How the control numbers of a head and its trailer differ, in words."""
    if trailer is None or same_number(trailer[2], control):
        return None
    return f"{name} says {what} {control}, {trailer.elements[0]} {trailer[2]}"


def _counts(trailer: RawSegment | None, count: int) -> bool:
    return trailer is not None and count_of(trailer[1]) == count


def _told_set(
    part: Set, head: Head, group: _Group, problem: str | None, reading: _Reading
) -> Iterator[Document | Fault]:
    dialect = reading.dialect
    mismatch = _mismatch("set", dialect.part, part.head[dialect.part_control], part.trailer)
    wrong = ("envelope_control_number", problem) if problem else _wrong(part, mismatch, reading)
    if wrong:
        yield reading.fault(*wrong, part.head.start, part.end)
        return
    reading.last += 1
    raw = reading.body[part.head.start : part.end].strip()
    yield Document(reading.last, head.value(group.head, part), raw if len(raw) <= MAX_TEXT else None)
    if mismatch and part.trailer:
        yield reading.fault("control_number_mismatch", mismatch, part.trailer.start, part.trailer.end)


def _told_group(found: _Interchange, group: _Group, reading: _Reading) -> Iterator[Fault]:
    """What is wrong with a group besides its sets."""
    head, trailer, dialect = group.head, group.trailer, reading.dialect
    if head is None:
        if dialect.needs_group:
            detail = f"sets outside of a group ({dialect.group})"
            yield reading.fault("envelope_unclosed", detail, found.head.start, found.head.end)
    elif trailer is None:
        yield reading.fault("envelope_unclosed", f"the group has no {dialect.group_trailer}", head.start, head.end)
    elif not _counts(trailer, group.count):
        detail = f"{dialect.group_trailer} counts {trailer[1]} sets, there are {group.count}"
        yield reading.fault("envelope_set_count", detail, trailer.start, trailer.end)
    elif mismatch := _mismatch_of(group, dialect):
        yield reading.fault("control_number_mismatch", mismatch, trailer.start, trailer.end)


def _wrong(part: Set, mismatch: str | None, reading: _Reading) -> tuple[str, str] | None:
    """The rule that a set breaks, and the detail. ``mismatch`` says how its control numbers differ."""
    dialect = reading.dialect
    control = part.head[dialect.part_control]
    if reading.is_damaged(part.head.start, part.end):
        return "invalid_encoding", "bytes that the file's encoding can't read, shown escaped"
    if part.trailer is None:
        return "envelope_unclosed", f"set {control} has no {dialect.part_trailer}: it may be cut"
    count = len(part.body) + 2
    if not _counts(part.trailer, count):
        counts = f"{dialect.part_trailer} counts {part.trailer[1]} segments, there are {count}"
        return ("envelope_control_number", f"{mismatch}; {counts}") if mismatch else ("envelope_segment_count", counts)
    longest = max((len(raw.elements) - 1 for raw in part.body), default=0)
    if longest > MAX_ELEMENTS:
        return "segment_too_long", f"a segment of {longest} elements"
    if "\0" in reading.body[part.head.start : part.end]:
        return "nul_character", "a NUL character"
    return None


def same_number(one: str, other: str) -> bool:
    """Control numbers are the same when they differ in leading zeros only."""
    return one.strip().lstrip("0") == other.strip().lstrip("0")


def count_of(text: str) -> int | None:
    """A count as printed, None for what is none."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
