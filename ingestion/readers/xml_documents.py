"""XML as documents: plain dicts of a unit's elements, read as a stream, nothing fetched and nothing expanded.

An element without attributes or children is its text. Else it is a dict: attributes as ``@name``, children by name (a
list when repeated), its own text as ``_text``. Names of the home namespaces stand bare, others with their prefix, so
that an extension never passes for the standard's element. A document type that declares something is refused, and with
it every entity but the five of XML itself.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from ingestion.opening import Text, Unreadable
from ingestion.readers.document import Document
from ingestion.readers.structure import Fault

MAX_DEPTH = 64
MAX_ATTRIBUTES = 200
MAX_DOCUMENT = 16 * 1024 * 1024
CHUNK = 256 * 1024
# The separator that the parser puts between namespace, name and prefix; it stands in no name.
_BETWEEN = "\x1f"
# A tag without attributes is shorter.
_TAG = 1000
_EMPTY = re.compile(rb"""<(?:[^<>"']|"[^"]*"|'[^']*')*/>""")
_SCHEMA_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"


@dataclass(frozen=True)
class Element:
    """A unit: the name of its element, its value, and the attributes of the file's root."""

    name: str
    value: Any
    root: dict[str, str]


def documents(text: Text) -> Iterator[Document | Fault]:
    """The whole file as one document, ``{name of the root: value}``; all namespaces count as home."""
    for unit in elements(text, None, None):
        if isinstance(unit, Fault):
            yield unit
        else:
            row, element, raw = unit
            yield Document(row, {element.name: element.value}, raw)


def elements(
    text: Text,
    units: Collection[str] | None,
    home: Collection[str] | None,
    lists: Collection[str] = (),
    wrappers: Collection[str] = (),
) -> Iterator[tuple[int, Element, str] | Fault]:
    """The elements of these bare names, outermost first found, with their numbers and raw texts; None: the root.

    What stands in one of ``lists`` is a unit whatever its name, also within ``wrappers``, so that none is passed over.
    ``home`` are the namespaces whose names stand bare, None for all. A unit that breaks a limit (``too_deep``,
    ``too_many_attributes``, ``document_too_long``) or the encoding is a fault and the next goes on; after what is no
    XML (``invalid_xml``) every further unit is one. Raises :class:`Unreadable` for what is not XML from its start, or
    has a document type with declarations.
    """
    _check_encoding(text)
    building = _Building(text, units, home, lists, wrappers)
    row = 0
    with text.path.open("rb") as stream:
        while True:
            chunk = stream.read(CHUNK)
            problem = building.feed(chunk)
            for unit in building.taken():
                row += 1
                yield _numbered(row, unit)
            if problem is not None:
                for row, raw in enumerate(building.rest(), row + 1):  # noqa: B020 - the numbers go on
                    yield Fault(row, "invalid_xml", None, problem, raw)
                return
            if not chunk:
                return


def root_of(text: Text) -> str:
    """The bare name of the root element. Raises :class:`Unreadable` as :func:`elements` does."""
    with text.path.open("rb") as stream:
        building = _Building(text, (), None)
        while building.root_name is None and (chunk := stream.read(CHUNK)):
            if building.feed(chunk) is not None:
                break
    return building.root_name or ""


def _check_encoding(text: Text) -> None:
    """A file that declares an encoding of its own must have been read by it."""
    with text.path.open("rb") as stream:
        declared = re.match(rb"\s*<\?xml[^>]*encoding=[\"']([\w.-]+)", stream.read(200))
    if declared is None or text.encoding in ("ascii", "utf-8") or text.encoding.startswith(("utf-16", "utf-32")):
        return
    name = declared[1].decode("ascii", "replace").lower()
    alike = {"iso-8859-1": "cp1252", "latin1": "cp1252", "windows-1252": "cp1252"}
    if alike.get(name, name) != alike.get(text.encoding.lower(), text.encoding.lower()):
        detail = f"the file declares {name} and was read as {text.encoding}: name {name} in the source's encodings"
        raise Unreadable("encoding", detail)


@dataclass(frozen=True)
class _Unit:
    element: Element
    raw: str
    rule: tuple[str, str] | None


def _numbered(row: int, unit: _Unit) -> tuple[int, Element, str] | Fault:
    return Fault(row, unit.rule[0], None, unit.rule[1], unit.raw) if unit.rule else (row, unit.element, unit.raw)


@dataclass
class _Node:
    name: str
    attributes: dict[str, str]
    children: dict[str, Any] = field(default_factory=dict)
    text: list[str] = field(default_factory=list)

    def add(self, name: str, value: Any) -> None:
        if name not in self.children:
            self.children[name] = value
        elif isinstance(self.children[name], list):
            self.children[name].append(value)
        else:
            self.children[name] = [self.children[name], value]

    def value(self) -> Any:
        text = "".join(self.text).strip()
        if not self.attributes and not self.children:
            return text
        return {**self.attributes, **self.children, **({"_text": text} if text else {})}


class _Building:
    """The parser and what it has open: the elements around the unit as a count only, those inside as nodes."""

    def __init__(
        self,
        text: Text,
        units: Collection[str] | None,
        home: Collection[str] | None,
        lists: Collection[str] = (),
        wrappers: Collection[str] = (),
    ) -> None:
        self.text, self.units, self.home = text, units, home
        self.lists, self.wrappers = lists, wrappers
        # the names of what is open around the unit
        self.around: list[str] = []
        self.root_name: str | None = None
        self.root: dict[str, str] = {}
        self.depth = 0
        self.nodes: list[_Node] = []
        self.rule: tuple[str, str] | None = None
        self.start = self.start_line = 0
        self.done: list[_Unit] = []
        self.parser = expat.ParserCreate("utf-8", _BETWEEN)
        self.parser.namespace_prefixes = True
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._open
        self.parser.EndElementHandler = self._close
        self.parser.CharacterDataHandler = self._characters
        self.parser.StartDoctypeDeclHandler = self._refuse

    def feed(self, chunk: bytes) -> str | None:
        """Read on; what is wrong with the XML, or None."""
        try:
            self.parser.Parse(chunk, not chunk)
        except expat.ExpatError as error:
            problem = f"{expat.ErrorString(error.code)} at line {error.lineno}, column {error.offset + 1}"
            if self.root_name is None:
                raise Unreadable("not_xml", problem) from error
            return problem
        return None

    def taken(self) -> list[_Unit]:
        done, self.done = self.done, []
        return done

    def rest(self) -> list[str]:
        """What has not been read when the XML ends before its end, unit by unit."""
        begin = self.start if self.nodes else self.parser.ErrorByteIndex
        with self.text.path.open("rb") as stream:
            stream.seek(begin)
            tail = stream.read().decode("utf-8", "ignore").replace("\0", "\\x00")
        if self.units is None:
            return [tail]
        names = "|".join(map(re.escape, self.units))
        cuts = [found.start() for found in re.finditer(rf"<(?:[\w.-]+:)?(?:{names})[\s>/]", tail)]
        starts = sorted({0, *cuts})
        pieces = [tail[start:end].strip() for start, end in zip(starts, [*starts[1:], None], strict=True)]
        return [piece for piece in pieces if piece] or [tail]

    def _refuse(self, _: str, system: str | None, public: str | None, has_internal: bool) -> None:
        """A document type that only names the root declares nothing; any other may hold entities, or fetch some."""
        if system or public or has_internal:
            raise Unreadable("document_type", "the file has a document type declaration (DOCTYPE); take it out")

    def _name(self, name: str) -> str:
        space, _, rest = name.rpartition(_BETWEEN) if name.count(_BETWEEN) < 2 else name.partition(_BETWEEN)
        bare, _, prefix = rest.partition(_BETWEEN)
        return bare if not prefix or self.home is None or space in self.home else f"{prefix}:{bare}"

    def _open(self, name: str, attributes: dict[str, str]) -> None:
        bare = self._name(name)
        self.depth += 1
        if self.root_name is None:
            self.root_name = bare
            self.root = self._attributes(attributes)
        if self.nodes:
            if self.rule is None:
                self._check(attributes)
            self.nodes.append(_Node(bare, {} if self.rule else self._attributes(attributes)))
        elif self.units is None or bare in self.units or self._is_listed(bare):
            self.start, self.start_line = self.parser.CurrentByteIndex, self.parser.CurrentLineNumber
            self._check(attributes)
            self.nodes.append(_Node(bare, self._attributes(attributes)))
        else:
            self.around.append(bare)

    def _is_listed(self, name: str) -> bool:
        within = next((outer for outer in reversed(self.around) if outer not in self.wrappers), None)
        return within in self.lists and name not in self.wrappers

    def _check(self, attributes: dict[str, str]) -> None:
        if len(self.nodes) >= MAX_DEPTH:
            self.rule = ("too_deep", f"nested deeper than {MAX_DEPTH}")
        elif len(attributes) > MAX_ATTRIBUTES:
            self.rule = ("too_many_attributes", f"an element with {len(attributes)} attributes")
        elif self.parser.CurrentByteIndex - self.start > MAX_DOCUMENT:
            self.rule = ("document_too_long", f"more than {MAX_DOCUMENT:,} bytes")

    def _attributes(self, attributes: dict[str, str]) -> dict[str, str]:
        return {
            f"@{self._name(name)}": value
            for name, value in attributes.items()
            if not name.startswith(_SCHEMA_INSTANCE + _BETWEEN)
        }

    def _characters(self, text: str) -> None:
        if self.nodes and self.rule is None:
            self.nodes[-1].text.append(text)

    def _close(self, _: str) -> None:
        self.depth -= 1
        if not self.nodes:
            self.around.pop()
            return
        node = self.nodes.pop()
        if self.nodes:
            if self.rule is None:
                self.nodes[-1].add(node.name, node.value())
            return
        raw = self._unit_text()
        damaged = any(self.start_line <= line + 1 <= self.parser.CurrentLineNumber for line in self.text.damaged)
        if self.rule is None and damaged:
            self.rule = ("invalid_encoding", "bytes that the file's encoding can't read, shown escaped")
        self.done.append(_Unit(Element(node.name, node.value(), self.root), raw, self.rule))
        self.rule = None

    def _unit_text(self) -> str:
        """The text of the unit that the parser is at the end tag of."""
        size = self.parser.CurrentByteIndex - self.start
        with self.text.path.open("rb") as stream:
            stream.seek(self.start)
            raw = stream.read(min(size, MAX_DOCUMENT) + _TAG)
        # Of an empty element the parser is past its only tag.
        end = size if _EMPTY.fullmatch(raw, 0, size) else raw.find(b">", size) + 1
        return raw[: end or size].decode("utf-8", "ignore").replace("\0", "\\x00")
