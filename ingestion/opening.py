"""Opening landed bytes as text: encoding, line ends. Nothing is replaced silently."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from mmap import ACCESS_READ, mmap
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ingestion.unpacking import CHUNK, Unreadable, unpack

__all__ = ["Text", "Unreadable", "open_text"]

BOMS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
# The encodings of EDIFACT's character sets; A, B and C are read by the declared ones.
SETS = {b"UNOD": "iso-8859-2", b"UNOE": "iso-8859-5", b"UNOF": "iso-8859-7", b"UNOG": "iso-8859-3",
        b"UNOH": "iso-8859-4", b"UNOI": "iso-8859-6", b"UNOJ": "iso-8859-8", b"UNOK": "iso-8859-9",
        b"UNOW": "utf-8", b"UNOY": "utf-8"}  # fmt: skip
INTERCHANGE = re.compile(rb"\s*(?:UNA.{6}\s*)?UNB[^A-Za-z0-9](UNO[A-Z])", re.DOTALL)
# Control characters that text files do not hold (tab, line feed, form feed, carriage return, escape, ^Z, ^_ may).
BINARY = bytes(set(range(1, 32)) - {9, 10, 12, 13, 26, 27, 28, 29, 30, 31})

Bytes = npt.NDArray[np.uint8]
# Bytes that are looked at together: they fit the processor's cache.
WINDOW = 512 * 1024

# What the text of a sheet is quoted with.
SHEET_QUOTE = '"'


@dataclass(frozen=True)
class Text:
    r"""A file as UTF-8 with line feeds and no byte order mark.

    ``damaged`` are the 0-based lines that the encoding could not read; they stand escaped (``\xe9``) in the file.
    ``suspect`` says that records need a closer look before they are read (damaged lines, NUL characters). ``numbers``
    are the numbers of the records below the header when they are not 1, 2, 3, …: rows of a sheet.
    """

    path: Path
    encoding: str
    damaged: frozenset[int] = field(default_factory=frozenset)
    suspect: bool = False
    numbers: npt.NDArray[np.int64] | None = None

    def read(self) -> str:
        """The whole text, decoded from where it lies: no copy of its bytes is made."""
        if not self.path.stat().st_size:
            return ""
        with self.path.open("rb") as stream, mmap(stream.fileno(), 0, access=ACCESS_READ) as data:
            return str(data, "utf-8")


def open_text(path: Path, work: Path, encodings: Sequence[str]) -> Text:
    """The file as :class:`Text`; unchanged files are used where they lie, others are written into ``work``.

    Raises :class:`Unreadable` for binary content and for bytes that no encoding reads.
    """
    plain = unpack(path, work)
    if _is_plain(plain):
        return Text(plain, "ascii")
    data = plain.read_bytes()
    if data.startswith(b"PAR1"):
        raise Unreadable("binary", "a Parquet file where text was expected")
    mark = next((bom for bom in sorted(BOMS, key=len, reverse=True) if data.startswith(bom)), b"")
    body = data[len(mark) :]
    encoding = BOMS[mark] if mark else _wide(body)
    damaged: frozenset[int] = frozenset()
    if encoding is None:
        _refuse_binary(body)
    if encoding in (None, "utf-8"):
        sound = _decodes(body, "utf-8")
        encoding = encoding or ("utf-8" if sound else _narrow(body, encodings))
        if encoding == "utf-8" and not sound:
            body, damaged = _escape_damaged(body)
    if encoding != "utf-8":
        try:
            body = body.decode(encoding).encode("utf-8")
        except UnicodeDecodeError as error:
            raise Unreadable("encoding", f"not readable as {encoding}: {error.reason} at byte {error.start}") from error
        _refuse_binary(body)
    if b"\r" in body:
        body = body.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    leading = len(body) - len(body.lstrip(b"\n"))
    body = body[leading:] if leading else body
    suspect = bool(damaged) or b"\0" in body
    if body == data:
        return Text(plain, encoding, damaged, suspect)
    target = work / "text"
    target.write_bytes(body)
    return Text(target, encoding, frozenset(line - leading for line in damaged), suspect)


def windows(path: Path) -> Iterator[Bytes]:
    """The bytes of a file, a window at a time, each in the place of the one before: a map of it would fill memory."""
    buffer = bytearray(WINDOW)
    with path.open("rb", buffering=0) as file:
        while size := file.readinto(buffer):
            yield np.frombuffer(buffer, np.uint8, size)


def _is_plain(path: Path) -> bool:
    """ASCII text with line feeds only, seen in one pass: nothing else need be looked at."""
    with path.open("rb") as file:
        head = file.read(65536)
    if not head or head[0] == 10:
        return False
    if not all(window.max() < 128 and window.min() > 0 and not (window == 13).any() for window in windows(path)):
        return False
    _refuse_binary(head)
    return True


def _wide(body: bytes) -> str | None:
    """UTF-16 without a mark shows as NULs on every second byte of Latin text."""
    head = body[:4096]
    if len(head) < 4 or head.count(0) < len(head) // 4:
        return None
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > 4 * even:
        return "utf-16-le"
    return "utf-16-be" if even > 4 * odd else None


def _refuse_binary(body: bytes) -> None:
    head = body[:65536]
    strange = len(head) - len(head.translate(None, BINARY))
    if head and (strange > len(head) // 50 or head.count(0) > len(head) // 10):
        raise Unreadable("binary", "the file is not text")


def _decodes(body: bytes, encoding: str) -> bool:
    if body.isascii():
        return True
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for start in range(0, len(body), CHUNK):
            decoder.decode(body[start : start + CHUNK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _narrow(body: bytes, encodings: Sequence[str]) -> str:
    """The encoding of bytes that are not UTF-8 throughout.

    A file with more sound UTF-8 sequences than broken ones is UTF-8 with damaged lines; reading it as another encoding
    would spoil its good lines. Otherwise the set that an EDIFACT interchange names is tried, the declared encodings,
    then what detection finds.
    """
    interchange = INTERCHANGE.match(body)
    named = [SETS[interchange[1]]] if interchange and interchange[1] in SETS else []
    if named == ["utf-8"] and "utf-8" in encodings:
        return "utf-8"
    sound = broken = 0
    for line in body.split(b"\n"):
        if not line.isascii():
            if _decodes(line, "utf-8"):
                sound += 1
            else:
                broken += 1
    if sound > broken:
        return "utf-8"
    for encoding in (*named, *encodings):
        if encoding.lower().replace("_", "-") not in ("utf-8", "utf8") and _decodes(body, encoding):
            return encoding
    from charset_normalizer import from_bytes

    best = from_bytes(body[: 1024 * 1024]).best()
    if best is not None and _decodes(body, best.encoding):
        return best.encoding
    return "utf-8"


def _escape_damaged(body: bytes) -> tuple[bytes, frozenset[int]]:
    lines = body.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    damaged = frozenset(
        number for number, line in enumerate(lines) if not line.isascii() and not _decodes(line, "utf-8")
    )
    for number in damaged:
        lines[number] = lines[number].decode("utf-8", errors="backslashreplace").encode("utf-8")
    return b"\n".join(lines), damaged
