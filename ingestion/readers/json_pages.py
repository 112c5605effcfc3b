"""JSON pages: a value too long to be held whole comes as its elements, so that memory holds one of them at a time.

A page is a list, or an object with lists among its fields, as an API answers or a dump is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TextIO

from ingestion.opening import Text
from ingestion.readers import json_documents
from ingestion.readers.document import Document
from ingestion.readers.json_documents import MAX_DOCUMENT, Broken, check_depth, value_at
from ingestion.readers.structure import Fault

# Characters of a file's first value up to which the values of the file are held whole.
PAGE = 8 * 1024 * 1024
CHUNK = 1024 * 1024
MAX_RAW = 1000
_SPACE = re.compile("[ \t\n\r\x1e]*")


def documents(text: Text) -> Iterator[Document | Fault]:
    """The JSON values of a file in order; where the first is longer than ``PAGE``, the elements of its values.

    An element has the ``row`` of its page, and its place in it as ``path``. What can't be read is a fault as in
    ``json_documents``; of a page that breaks off or is broken, it is all that follows.
    """
    if text.damaged or not _begins_long(text):
        yield from json_documents.documents(text)
        return
    with text.path.open(encoding="utf-8", newline="\n") as stream:
        yield from _Reader(stream).documents()


def _begins_long(text: Text) -> bool:
    """True when the first value goes on where ``PAGE`` characters end."""
    if text.path.stat().st_size <= PAGE:
        return False
    with text.path.open(encoding="utf-8", newline="\n") as stream:
        head = stream.read(PAGE)
    try:
        value_at(head, _SPACE.match(head).end())  # type: ignore[union-attr]
    except Broken as broken:
        return broken.is_cut
    return False


class _Reader:
    """A file read on from value to value: ``text`` is what is held of it, ``position`` where the next value begins."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.text = ""
        self.position = 0
        self.is_at_end = False

    def documents(self) -> Iterator[Document | Fault]:
        row = 0
        while self._next():
            row += 1
            try:
                yield from self._page(row)
            except Broken as broken:
                self._read(MAX_RAW)
                rest = self.text[:MAX_RAW].replace("\0", "\\x00")
                yield Fault(row, broken.rule, None, f"{broken}; the rest of the file is not read", rest)
                return

    def _page(self, row: int) -> Iterator[Document]:
        if self._next() == "[":
            yield from self._elements(row, "")
            return
        if self._next() != "{":
            yield Document(row, self._value())
            return
        own: dict[str, Any] = {}
        has_lists = False
        for _ in self._items("}"):
            name = self._name()
            if self._next() == "[" and "object" not in own:
                has_lists = True
                yield from self._elements(row, f".{name}")
            else:
                own[name] = self._value()
        if not has_lists:
            yield Document(row, own)

    def _elements(self, row: int, path: str) -> Iterator[Document]:
        for index in self._items("]"):
            yield Document(row, self._value(), path=f"{path}[{index}]")

    def _items(self, closing: str) -> Iterator[int]:
        """The number of each item up to the closing bracket, when the position is at it. The bracket opens here."""
        self.position += 1
        index = 0
        while self._next() != closing:
            if index:
                self._take(",")
            yield index
            index += 1
        self.position += 1

    def _name(self) -> str:
        if self._next() != '"':
            raise Broken("invalid_json", "Expecting a name in quotes")
        name: str = self._value()
        self._take(":")
        return name

    def _take(self, mark: str) -> None:
        if self._next() != mark:
            raise Broken("invalid_json", f"Expecting {mark!r}")
        self.position += 1
        self._next()

    def _next(self) -> str:
        """The character at which the next value begins, or a mark stands; empty at the end of the file."""
        while True:
            self.position = _SPACE.match(self.text, self.position).end()  # type: ignore[union-attr]
            if self.position < len(self.text) or self.is_at_end:
                return self.text[self.position : self.position + 1]
            self._read(CHUNK)

    def _value(self) -> Any:
        self._next()
        size = CHUNK
        while True:
            try:
                value, end = value_at(self.text, self.position)
            except Broken as broken:
                held = len(self.text) - self.position
                if not broken.is_cut or self.is_at_end or held > MAX_DOCUMENT:
                    raise
            else:
                # a number may go on in what is not read yet
                if end < len(self.text) or self.is_at_end:
                    check_depth(self.text, self.position, end)
                    self.position = end
                    return value
            self._read(size)
            size *= 2

    def _read(self, size: int) -> None:
        more = self.stream.read(size)
        self.is_at_end = len(more) < size
        self.text = self.text[self.position :] + more
        self.position = 0
