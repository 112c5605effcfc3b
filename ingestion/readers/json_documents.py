"""JSON documents: one value, values one after another (a line each, pretty-printed, or RS-separated), as documents.

A list is one document. Numbers keep their raw text, ``true`` and ``false`` become text. Memory holds one value at a
time, so lines may go on for gigabytes; a value may not.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ingestion.opening import Text
from ingestion.readers.document import Document
from ingestion.readers.structure import Fault

MAX_DEPTH = 64
MAX_DOCUMENT = 64 * 1024 * 1024
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]')
_BLANK = " \t\n\r\x1e"
_SPACE = re.compile(f"[{_BLANK}]*")
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
_DAMAGED = ("invalid_encoding", "bytes that the file's encoding can't read, shown escaped")
_TOO_LONG = ("document_too_long", f"more than {MAX_DOCUMENT:,} characters")
# Characters of what is broken as a whole where it is cut: a word such as false, or \u and four digits.
_LONGEST_WORD = 6
# What may stand before an element inside an object and inside a list.
_BEFORE = {"{": ":", "[": "[,"}


class Broken(Exception):
    """A value that can't be taken: the rule it breaks and the detail. ``is_cut``: the text ends before the value."""

    def __init__(self, rule: str, detail: str, is_cut: bool = False) -> None:
        super().__init__(detail)
        self.rule = rule
        self.detail = detail
        self.is_cut = is_cut


def documents(text: Text) -> Iterator[Document | Fault]:
    """The JSON values of a file in order. A value that can't be read is a fault, and the next one goes on.

    Rules: ``invalid_json`` (NaN and Infinity too), ``duplicate_key``, ``too_deep``, ``lone_surrogate``,
    ``nul_character``, ``document_too_long``, ``invalid_encoding``.
    """
    for row, unit in enumerate(_units(text), 1):
        found = _resolved(unit)
        if found.rule is None:
            yield Document(row, found.value)
        else:
            rule, detail = found.rule
            yield Fault(row, rule, None, detail, unit.text.replace("\0", "\\x00"))


def written(value: Any) -> str:
    """A value as JSON text, as it stands in quarantine."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def value_at(text: str, position: int) -> tuple[Any, int]:
    """The value that begins at a position of a text, numbers and booleans as text, and the position after it.

    Raises :class:`Broken`; that the value is not nested too deep is for the caller to see (:func:`check_depth`).
    """
    try:
        value, end = _DECODER.raw_decode(text, position)
    except json.JSONDecodeError as error:
        is_cut = error.pos > len(text) - _LONGEST_WORD or error.msg.startswith("Unterminated string")
        raise Broken("invalid_json", f"{error.msg} at character {error.pos - position + 1}", is_cut) from error
    except RecursionError as error:
        raise Broken("too_deep", f"nested deeper than {MAX_DEPTH}") from error
    value = _plain(value)
    if text.find("\\u", position, end) >= 0:
        _check_characters(value)
    return value, end


def _whole(text: str) -> Any:
    check_depth(text)
    value, end = value_at(text, 0)
    if end != len(text):
        raise Broken("invalid_json", f"Extra data at character {end + 1}")
    return value


def check_depth(text: str, start: int = 0, end: int | None = None) -> None:
    """Raises :class:`Broken` where brackets are nested deeper than ``MAX_DEPTH``."""
    end = len(text) if end is None else end
    if text.count("{", start, end) + text.count("[", start, end) <= MAX_DEPTH:
        return
    depth = 0
    for token in _TOKEN.finditer(text, start, end):
        bracket = token[0]
        if bracket in "{[":
            depth += 1
            if depth > MAX_DEPTH:
                raise Broken("too_deep", f"nested deeper than {MAX_DEPTH}")
        elif bracket in "}]":
            depth -= 1


def _check_characters(value: Any) -> None:
    written = json.dumps(value, ensure_ascii=False)
    if _NUL.search(written):
        raise Broken("nul_character", "a NUL character")
    try:
        written.encode()
    except UnicodeEncodeError as error:
        raise Broken("lone_surrogate", f"half a character: \\u{ord(written[error.start]):x}") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = {key: value if type(value) is str else _plain(value) for key, value in pairs}
    if len(made) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise Broken("duplicate_key", f"the key {twice!r} stands twice in an object")
    return made


def _plain(value: Any) -> Any:
    """Booleans as text, those of a list too; objects have been seen to."""
    if value is True:
        return "true"
    if value is False:
        return "false"
    if type(value) is list:
        return [item if type(item) is str else _plain(item) for item in value]
    return value


def _no_constant(name: str) -> Any:
    raise Broken("invalid_json", f"{name} is not a JSON number")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=str, parse_float=str, parse_constant=_no_constant)


@dataclass
class _Unit:
    """The text of one value; ``value`` when it was read on the way, ``rule`` when it is known to be no value."""

    text: str
    value: Any = None
    is_read: bool = False
    rule: tuple[str, str] | None = None


@dataclass
class _Lines:
    """The lines of a file with their 0-based numbers; lines can be put back."""

    text: Text
    back: deque[tuple[int, str]] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self._stream = self._read()

    def __iter__(self) -> Iterator[tuple[int, str]]:
        return self

    def __next__(self) -> tuple[int, str]:
        return self.back.popleft() if self.back else next(self._stream)

    def put_back(self, lines: list[tuple[int, str]]) -> None:
        self.back.extendleft(reversed(lines))

    def _read(self) -> Iterator[tuple[int, str]]:
        with self.text.path.open(encoding="utf-8", newline="\n") as lines:
            number = 0
            while line := lines.readline(MAX_DOCUMENT + 1):
                yield number, line
                number += line.endswith("\n")


def _units(text: Text) -> Iterator[_Unit]:
    lines = _Lines(text)
    for number, line in lines:
        bare = line.strip(_BLANK)
        if not bare:
            continue
        if number in text.damaged:
            yield _Unit(bare, rule=_DAMAGED)
        elif len(line) > MAX_DOCUMENT:
            yield _Unit(bare[:1000], rule=_TOO_LONG)
            _skip_line(lines, line)
        else:
            yield from _values_on(lines, number, bare)


def _values_on(lines: _Lines, number: int, bare: str) -> Iterator[_Unit]:
    """The values of one line. When the last is not whole, it goes on over the next lines."""
    position = 0
    while position < len(bare):
        try:
            if not position:
                check_depth(bare)
            value, end = value_at(bare, position)
        except Broken as broken:
            rest = bare[position:]
            if broken.rule == "invalid_json" and rest[0] in "{[":
                yield _grow(lines, number, rest)
            else:
                yield _Unit(rest, rule=(broken.rule, broken.detail))
            return
        yield _Unit(bare[position:end], value, is_read=True)
        position = _SPACE.match(bare, end).end()  # type: ignore[union-attr]


def _skip_line(lines: _Lines, line: str) -> None:
    while not line.endswith("\n"):
        try:
            _, line = next(lines)
        except StopIteration:
            return


def _grow(lines: _Lines, number: int, line: str) -> _Unit:
    """The value that begins on a line and goes on over the next, up to the bracket that closes it.

    A line which is a value by itself where none may stand begins the next one: so a broken line costs itself only.
    """
    stack: list[str] = []
    if _closing(line, stack) is not None:
        return _Unit(line)
    taken = [(number, line + "\n")]
    size = len(line)
    last_is_value = False
    for number, line in lines:
        size += len(line)
        is_value = _is_value(line)
        if is_value and _last_character(taken) not in _BEFORE[stack[-1]]:
            lines.put_back([*([taken.pop()] if last_is_value else []), (number, line)])
            break
        end = _closing(line, stack)
        # Of a value that is too long only the end is looked for.
        if size > MAX_DOCUMENT:
            del taken[1:]
        taken.append((number, line[:end]))
        if end is not None:
            lines.put_back([(number, line[end:])])
            break
        last_is_value = is_value
    else:
        if last_is_value:
            lines.put_back([taken.pop()])
    return _Unit(taken[0][1][:1000], rule=_TOO_LONG) if size > MAX_DOCUMENT else _unit(lines, taken)


def _last_character(taken: list[tuple[int, str]]) -> str:
    """The last character of the lines that is not blank."""
    return next((bare[-1] for _, line in reversed(taken) if (bare := line.rstrip(_BLANK))), "")


def _unit(lines: _Lines, taken: list[tuple[int, str]]) -> _Unit:
    text = "".join(line for _, line in taken).strip(_BLANK)
    if any(number in lines.text.damaged for number, _ in taken):
        return _Unit(text, rule=_DAMAGED)
    return _Unit(text)


def _is_value(line: str) -> bool:
    """True for a line that is an object or a list by itself."""
    bare = line.strip(_BLANK)
    if bare[:1] not in ("{", "[") or bare[-1:] not in ("}", "]"):
        return False
    try:
        _whole(bare)
    except Broken as broken:
        return broken.rule != "invalid_json"
    return True


def _resolved(unit: _Unit) -> _Unit:
    """The unit with its value, or with the rule that it breaks."""
    if unit.is_read or unit.rule is not None:
        return unit
    try:
        return _Unit(unit.text, _whole(unit.text), is_read=True)
    except Broken as broken:
        return _Unit(unit.text, rule=(broken.rule, broken.detail))


def _closing(line: str, stack: list[str]) -> int | None:
    """Where on the line the outermost bracket closes, or None. ``stack`` are the brackets open, and is kept up."""
    for token in _TOKEN.finditer(line):
        bracket = token[0]
        if bracket in "{[":
            stack.append(bracket)
        elif bracket in "}]":
            stack.pop()
            if not stack:
                return token.end()
    return None
