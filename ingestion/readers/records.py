"""Records inside documents: found by the places that a description names, their values as text.

A place (`at`) and a path are keys joined by dots. `[*]` goes through a list (or takes a single value as a list of one),
`[2]` takes one element, `[key=value]` the first element with that value, `[*key=value]` all of them, `**` any depth. A
path starts at the record; with `^` at what encloses it, `^^` one further out, with `$` at the document. A key with a
dot or bracket is quoted. `#` is the number of the record in its list, from 1, `^#` that of what encloses it. `a + b`
are the values of several paths with a blank between, as of a date and a time that stand apart.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.contract import Column
from ingestion.description import Description, Record
from ingestion.readers.document import Document
from ingestion.readers.structure import Fault
from ingestion.writer import strings

TOKEN = re.compile(r"""\.?(?:"(?P<quoted>[^"]*)"|\[(?P<inside>[^\]]*)\]|(?P<deep>\*\*)|(?P<key>[^.\[\]"]+))""")
# Records, and characters of their raw texts, that are held until they go to disk together.
BATCH = 20_000
BATCH_TEXT = 16 * 1024 * 1024
# Characters of a document up to which each of its records in quarantine may repeat it.
MAX_RAW = 16_384
EMPTY: tuple[Any, ...] = (None, "", [], {})
ERRORS = ("error", "errors", "fault", "Fault")

Step = tuple[str, Any]


@dataclass(frozen=True)
class Found:
    """A record in a document: the document, the elements that enclose it, itself; and its place."""

    chain: tuple[Any, ...]
    path: str


@lru_cache(maxsize=4096)
def steps(path: str) -> tuple[Step, ...]:
    """The steps of a path. Raises ``ValueError`` for one that is none."""
    found: list[Step] = []
    position = 0
    while position < len(path):
        token = TOKEN.match(path, position)
        if token is None:
            raise ValueError(f"{path!r} is not a path")
        position = token.end()
        inside = token["inside"]
        if inside is None:
            found.append(("deep", None) if token["deep"] else ("key", token["quoted"] or token["key"]))
        elif inside == "*":
            found.append(("all", None))
        elif "=" in inside:
            wanted = tuple(part.strip() for part in inside.lstrip("*").split("=", 1))
            found.append(("all with" if inside.startswith("*") else "with", wanted))
        else:
            found.append(("index", int(inside)))
    return tuple(found)


def places(chain: tuple[Any, ...], node: Any, path: str, rest: Sequence[Step]) -> Iterator[Found]:
    """Every node that the steps lead to; ``chain`` are the document and the elements gone through to ``node``."""
    if not rest:
        yield Found(chain if chain[-1] is node else (*chain, node), path)
        return
    (kind, wanted), rest = rest[0], rest[1:]
    if kind in ("all", "all with"):
        listed = node if isinstance(node, list) else [] if node is None else [node]
        for index, element in enumerate(listed):
            if kind == "all" or _has(element, *wanted):
                yield from places((*chain, element), element, f"{path}[{index}]", rest)
    elif kind == "deep":
        yield from places(chain, node, path, rest)
        for name, value in _inner(node):
            deeper = (*chain, value) if isinstance(value, dict) else chain
            yield from places(deeper, value, path + name, [("deep", None), *rest])
    else:
        below = _step(node, kind, wanted)
        if below is not None:
            yield from places(chain, below, path + _name(kind, wanted), rest)


@dataclass(frozen=True)
class _Way:
    """A path taken apart: how far out it starts (None: at the document), and whether a record's number is asked for."""

    outer: int | None
    is_number: bool
    steps: tuple[Step, ...]


def value_at(chain: Sequence[Any], path: str) -> Any:
    """The value that a path leads to from a record, or None; with `[*]`, a list of all."""
    return _value_on(chain, _way(path))


def value_of(found: Found, path: str) -> str | None:
    """The text of a path's value from a record that was found; None where nothing stands."""
    joined = parts(path)
    if len(joined) == 1:
        return _text_on(found, _way(path))
    texts = [_text_on(found, _way(part)) for part in joined]
    return " ".join(text for text in texts if text is not None) or None


@lru_cache(maxsize=4096)
def parts(path: str) -> tuple[str, ...]:
    """The paths that a path joins by ` + `."""
    return tuple(path.split(" + "))


@lru_cache(maxsize=4096)
def _way(path: str) -> _Way:
    outer = len(path) - len(path.lstrip("^"))
    if path.endswith("#"):
        return _Way(outer, True, ())
    return _Way(None, False, steps(path[1:])) if path.startswith("$") else _Way(outer, False, steps(path[outer:]))


def _text_on(found: Found, way: _Way) -> str | None:
    return _number(found, way.outer or 0) if way.is_number else text_of(_value_on(found.chain, way))


def _value_on(chain: Sequence[Any], way: _Way) -> Any:
    if way.outer is None:
        return _follow(chain[0], way.steps)
    return _follow(chain[-1 - way.outer], way.steps) if way.outer < len(chain) else None


def _number(found: Found, outer: int) -> str | None:
    numbers = re.findall(r"\[(\d+)\]", found.path)
    return str(int(numbers[-1 - outer]) + 1) if outer < len(numbers) else None


def _follow(node: Any, rest: Sequence[Step]) -> Any:
    for number, (kind, wanted) in enumerate(rest):
        if kind in ("all", "all with"):
            listed = node if isinstance(node, list) else [] if node is None else [node]
            if kind == "all with":
                listed = [element for element in listed if _has(element, *wanted)]
            found = [_follow(element, rest[number + 1 :]) for element in listed]
            return [value for value in found if value is not None] or None
        # the commonest step, many millions of times in a long file
        node = node.get(wanted) if kind == "key" and type(node) is dict else _step(node, kind, wanted)
        if node is None:
            return None
    return node


def _step(node: Any, kind: str, wanted: Any) -> Any:
    if kind == "key":
        return node.get(wanted) if isinstance(node, dict) else None
    listed = node if isinstance(node, list) else [node]
    if kind == "index":
        return listed[wanted] if -len(listed) <= wanted < len(listed) else None
    return next((item for item in listed if _has(item, *wanted)), None)


def _has(node: Any, key: str, value: str) -> bool:
    return isinstance(node, dict) and _follow(node, steps(key)) == value


def _inner(node: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict):
        yield from ((f".{key}", value) for key, value in node.items() if isinstance(value, dict | list))
    elif isinstance(node, list):
        yield from ((f"[{index}]", value) for index, value in enumerate(node) if isinstance(value, dict | list))


def _name(kind: str, wanted: Any) -> str:
    if kind == "key":
        return f".{wanted}"
    return f"[{wanted}]" if kind == "index" else f"[{'='.join(wanted)}]"


def text_of(value: Any) -> str | None:
    """A value as the text that its column is typed from; what is nested as JSON, what is empty as None."""
    if value is None or value == "" or isinstance(value, str):
        return value or None
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@dataclass
class _Sheet:
    """The records of one kind found so far: the last ones as rows of texts, those before them in ``file``."""

    record: Record
    consumed: frozenset[str]
    empty: tuple[str, ...]
    file: Path
    rows: list[list[str | None]] = field(default_factory=list)
    characters: int = 0
    writer: pq.ParquetWriter | None = None

    @property
    def names(self) -> list[str]:
        return [*(column.name for column in self.record.columns), "_n", "_path", "_rest", "_text"]

    def add(self, document: Document, found: Found) -> None:
        node = found.chain[-1]
        rest = {key: value for key, value in node.items() if key not in self.consumed and value not in EMPTY}
        raw = _raw(document, node)
        self.rows.append(
            [
                *(self._value(column, found) for column in self.record.columns),
                str(document.row),
                document.path + found.path or None,
                text_of(rest or None),
                raw,
            ]
        )
        self.characters += len(raw or "")
        if len(self.rows) == BATCH or self.characters > BATCH_TEXT:
            self._lay_down()

    def finish(self) -> pa.RecordBatch | Path | None:
        """All records: held where they are few, else as a Parquet file; None when there are none."""
        if self.writer is None:
            return self._batch() if self.rows else None
        if self.rows:
            self._lay_down()
        self.writer.close()
        return self.file

    def _lay_down(self) -> None:
        batch = self._batch()
        if self.writer is None:
            # the texts of documents repeat from record to record
            self.writer = pq.ParquetWriter(self.file, batch.schema, compression="lz4", use_dictionary=["_text"])
        self.writer.write_batch(batch)
        self.rows = []
        self.characters = 0

    def _batch(self) -> pa.RecordBatch:
        return pa.RecordBatch.from_arrays([strings(column) for column in zip(*self.rows, strict=True)], self.names)

    def _value(self, column: Column, found: Found) -> str | None:
        empty = () if column.type == "boolean" else self.empty
        for path in column.path or (column.name,):
            text = value_of(found, path)
            if text is not None and text not in empty:
                return text
        return None


def find(
    documents: Iterable[Document | Fault], description: Description, work: Path
) -> tuple[dict[str, pa.RecordBatch | Path], list[Fault]]:
    """The records of the documents, by kind, and what is none; many of one kind are a Parquet file in ``work``.

    They have the columns of its kind of record as text, ``_n`` (row of the document), ``_path``, ``_rest`` (JSON of
    the keys that no column takes) and ``_text``. A document, or an element of a list at one of the places, that holds
    no record at all is a fault, unless the list is there and empty: ``api_error`` for an answer that says so, else
    ``no_record``.
    """
    sheets = [
        _Sheet(record, _consumed(record, description), description.options.empty, work / f"found_{number}.parquet")
        for number, record in enumerate(description.records)
    ]
    faults: list[Fault] = []
    for document in documents:
        if isinstance(document, Fault):
            faults.append(document)
            continue
        taken: list[str] = []
        others: dict[str, Any] = dict(_tops(document))
        for sheet in sheets:
            if not _is_of(sheet.record, document):
                continue
            for found in _candidates(document, sheet.record):
                if _is(sheet.record, found.chain):
                    sheet.add(document, found)
                    taken.append(found.path)
                else:
                    others[found.path] = found.chain[-1]
            taken += _empty(document, sheet.record)
        # A record stands at or below the place, or the place is told of by one below it.
        told = {*taken, *_above(taken), *_above(others)}
        faults += [_fault(document, path, node) for path, node in others.items() if path not in told]
    finished = ((sheet.record.name, sheet.finish()) for sheet in sheets)
    return {name: records for name, records in finished if records is not None}, faults


def _tops(document: Document) -> Iterator[tuple[str, Any]]:
    if isinstance(document.value, list):
        yield from ((f"[{index}]", value) for index, value in enumerate(document.value))
    if not isinstance(document.value, list) or not document.value:
        yield "", document.value


def _candidates(document: Document, record: Record) -> Iterator[Found]:
    seen: set[str] = set()
    for place in record.at:
        # A list at the top is a list of documents.
        rest = (("all", None), *steps(place)) if isinstance(document.value, list) else steps(place)
        for found in places((document.value,), document.value, "", rest):
            if found.path not in seen:
                seen.add(found.path)
                yield found


def _empty(document: Document, record: Record) -> Iterator[str]:
    """The places whose list is there and holds nothing, as on the last page of an answer."""
    if document.value == []:
        yield ""
    for place in record.at:
        outer, listed, _ = place.partition("[*]")
        if listed:
            found = places((document.value,), document.value, "", steps(outer))
            yield from (list_at.path for list_at in found if list_at.chain[-1] == [])


def _is_of(record: Record, document: Document) -> bool:
    """False when the record asks for another kind of document: its places there are none of its own."""
    asked = {path: values for path, values in record.where.items() if path.startswith("$")}
    return all(value_at((document.value,), path) in values for path, values in asked.items())


def _is(record: Record, chain: Sequence[Any]) -> bool:
    if not isinstance(chain[-1], dict):
        return False
    if any(value_at(chain, path) is None for path in record.has):
        return False
    if any(value_at(chain, path) not in EMPTY for path in record.lacks):
        return False
    return all(value_at(chain, path) in values for path, values in record.where.items())


def _above(paths: Iterable[str]) -> Iterator[str]:
    """What encloses the places: each path up to one of its steps."""
    return (path[:position] for path in paths for position, letter in enumerate(path) if letter in ".[")


def _fault(document: Document, path: str, node: Any) -> Fault:
    text = _raw(document, node)
    error = next((node[key] for key in ERRORS if node.get(key)), None) if isinstance(node, dict) else None
    if error is not None:
        return Fault(document.row, "api_error", None, (text_of(error) or "")[:200], text)
    place = document.path + path or "the top"
    return Fault(document.row, "no_record", None, f"no record of the description at {place}", text)


def _raw(document: Document, node: Any) -> str | None:
    """What quarantine shows of a record: its document as it was written, or of a long one the record alone."""
    is_short = document.text is not None and len(document.text) <= MAX_RAW
    return document.text if is_short else text_of(node)


def _consumed(record: Record, description: Description) -> frozenset[str]:
    """The keys of a record that a column takes, or that hold records of their own."""
    paths = [part for column in record.columns for path in column.path or (column.name,) for part in parts(path)]
    paths = [path for path in paths if path[:1] not in ("^", "$", "#")]
    places_of_all = {place for other in description.records for place in other.at}
    for own in record.at:
        paths += [place[len(own) :].lstrip(".") for place in places_of_all if place.startswith(own) and place != own]
    firsts = [steps(path)[:1] for path in paths]
    return frozenset(wanted for first in firsts for kind, wanted in first if kind == "key")
