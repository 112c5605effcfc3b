"""Unpacking landed bytes within limits: compressed files, and archives whose members are files of their own.

An archive is taken whole or not at all: what is wrong with one member, or with an archive inside it, is wrong with it.
"""

from __future__ import annotations

import bz2
import errno
import gzip
import lzma
import os
import re
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

CHUNK = 1024 * 1024
MAX_UNPACKED = 4 * 1024**3
MAX_RATIO = 200
RATIO_FREE = 16 * 1024 * 1024
MAX_MEMBERS = 10_000
MAX_DEPTH = 3
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BLOCK = 512

Opener = Callable[[Path], Any]
COMPRESSIONS: tuple[tuple[re.Pattern[bytes], Opener], ...] = (
    (re.compile(rb"\x1f\x8b"), gzip.open),
    (re.compile(rb"BZh[1-9]1AY&SY"), bz2.open),
    (re.compile(rb"\xfd7zXZ\x00"), lzma.open),
    (re.compile(rb"\x28\xb5\x2f\xfd"), lambda path: pa.CompressedInputStream(pa.OSFile(str(path)), "zstd")),
)
BROKEN = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, struct.error,
    EOFError, NotImplementedError, OverflowError, ValueError,
)  # fmt: skip


class Unreadable(Exception):
    """A file that gives no records at all: ``rule`` names why, ``detail`` says it in words."""

    def __init__(self, rule: str, detail: str) -> None:
        super().__init__(f"{rule}: {detail}")
        self.rule = rule
        self.detail = detail


@dataclass(frozen=True)
class Member:
    """A file of an archive: its name there (``inner.zip/day.csv`` in an archive inside) and where it was unpacked."""

    name: str
    path: Path


def unpack(path: Path, work: Path) -> Path:
    """The file itself, or what is compressed in it or the one member of an archive, unpacked into ``work``.

    Raises :class:`Unreadable` for damaged files, beyond the limits, and for an archive of several.
    """
    unpacking = _Unpacking(path, work)
    files = list(unpacking.files(path))
    if not files:
        raise Unreadable("archive_empty", "the archive holds no file")
    if len(files) > 1:
        raise Unreadable("archive", f"the archive holds {len(files)} files")
    return unpacking.plain(files[0].path)


def members(path: Path, work: Path) -> list[Member]:
    """The files of an archive of several, unpacked into ``work``; none when it is no such archive.

    A member that is compressed stays so. Raises :class:`Unreadable` for what is damaged or beyond the limits.
    """
    files = list(_Unpacking(path, work).files(path))
    return files if len(files) > 1 else []


def is_workbook(path: Path) -> bool:
    """True for the files of office programs: they are ZIP archives, or of the older form that all of them share."""
    with path.open("rb") as opened:
        head = opened.read(len(OLE))
    if head.startswith(OLE):
        return True
    if not head.startswith(ZIP):
        return False
    with reading("archive_broken"), zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
    return "[Content_Types].xml" in names or {"mimetype", "content.xml"} <= names


class _Unpacking:
    """One file on its way out of its wrappings; the limits hold for all of it together."""

    def __init__(self, path: Path, work: Path) -> None:
        self.work = work
        self.size = path.stat().st_size
        self.limit = min(MAX_UNPACKED, max(RATIO_FREE, self.size * MAX_RATIO))
        self.count = 0

    def files(self, path: Path, name: str = "", depth: int = 0) -> Iterator[Member]:
        """The files that it holds, itself when it is no archive."""
        head = _head(path)
        is_tar = head[257:262] == b"ustar"
        if not is_tar and not head.startswith(ZIP):
            yield Member(name, path)
            return
        plain = self.plain(path)
        if not is_tar and is_workbook(plain):
            yield Member(name, path)
            return
        if depth == MAX_DEPTH:
            raise Unreadable("archive_too_deep", f"{name} is an archive, {depth} archives deep")
        seen: set[str] = set()
        for inner, opened in (_tar if is_tar else _zip)(plain):
            self.count += 1
            if self.count > MAX_MEMBERS:
                raise Unreadable("archive_too_many", f"more than {MAX_MEMBERS:,} members")
            safe = _safe(inner)
            if safe in seen:
                raise Unreadable("archive_duplicate_name", f"two members are called {safe}")
            seen.add(safe)
            if not _is_left_alone(safe):
                copied = self._copy(opened, "archive_broken")
                yield from self.files(copied, f"{name}/{safe}" if name else safe, depth + 1)

    def plain(self, path: Path) -> Path:
        """The file, decompressed when it is compressed."""
        opener = _compression(path)
        if opener is None:
            return path
        return self._copy(lambda: opener(path), "broken_compression")

    def _copy(self, open_stream: Callable[[], IO[bytes]], rule: str) -> Path:
        handle, name = tempfile.mkstemp(prefix="unpacked", dir=self.work)
        with os.fdopen(handle, "wb") as out:
            for chunk in _chunks(open_stream, rule):
                self.limit -= len(chunk)
                if self.limit < 0:
                    raise Unreadable("unpacks_too_large", f"{self.size:,} bytes hold more than is safe to unpack")
                out.write(chunk)
        return Path(name)


def _chunks(open_stream: Callable[[], IO[bytes]], rule: str) -> Iterator[bytes]:
    with reading(rule):
        stream = open_stream()
    with stream:
        while True:
            with reading(rule):
                chunk = stream.read(CHUNK)
            if not chunk:
                return
            yield chunk


@contextmanager
def reading(rule: str, broken: tuple[type[Exception], ...] = BROKEN) -> Iterator[None]:
    """What the bytes are at fault for is :class:`Unreadable`; what the disk refuses stays an ``OSError``."""
    try:
        yield
    except broken as error:
        raise Unreadable(rule, str(error) or type(error).__name__) from error
    except OSError as error:
        # an offset in the file that leads nowhere is EINVAL
        if error.errno not in (None, errno.EINVAL):
            raise
        raise Unreadable(rule, str(error)) from error


def _compression(path: Path) -> Opener | None:
    with path.open("rb") as opened:
        head = opened.read(16)
    return next((opener for magic, opener in COMPRESSIONS if magic.match(head)), None)


def _head(path: Path) -> bytes:
    """The first bytes of the file, of what it holds when it is compressed; none when that is damaged."""
    opener = _compression(path) or (lambda path: path.open("rb"))
    try:
        with reading("broken_compression"), opener(path) as stream:
            return bytes(stream.read(BLOCK))
    except Unreadable:
        return b""


def _zip(path: Path) -> Iterator[tuple[str, Callable[[], IO[bytes]]]]:
    with reading("archive_broken"):
        archive = zipfile.ZipFile(path)
    with archive:
        for info in archive.infolist():
            if info.flag_bits & 1:
                raise Unreadable("encrypted", f"{info.filename} is encrypted")
            if (info.external_attr >> 16) & 0o170000 == 0o120000:
                raise Unreadable("archive_special_file", f"{info.filename} is a link")
            # what is_dir() asks, which fails for a member without a name
            if not info.filename.endswith("/"):
                yield info.filename, lambda info=info: archive.open(info)  # type: ignore[misc]


def _tar(path: Path) -> Iterator[tuple[str, Callable[[], IO[bytes]]]]:
    with reading("archive_broken"):
        archive = tarfile.open(path, "r:")  # noqa: SIM115 - closed below, where errors are the reader's
    with archive:
        while True:
            with reading("archive_broken"):
                info = archive.next()
            if info is None:
                break
            if info.isfile():
                yield info.name, lambda info=info: archive.extractfile(info)  # type: ignore[misc]
            elif not info.isdir():
                raise Unreadable("archive_special_file", f"{info.name} is a link or a device")
        end = archive.offset
    # the library takes a damaged header for the end; the end is a block of NULs
    with path.open("rb") as opened:
        opened.seek(end)
        if opened.read(BLOCK) != bytes(BLOCK):
            raise Unreadable("archive_broken", f"the archive is damaged or cut at byte {end:,}")


def _safe(name: str) -> str:
    """The name with slashes. Raises :class:`Unreadable` for none, and for one that leads out of the folder."""
    slashed = name.replace("\\", "/").removeprefix("./")
    leads_out = slashed.startswith("/") or ".." in slashed.split("/")
    if not slashed or leads_out or re.search(r"^[A-Za-z]:|[\x00-\x1f\x7f]", slashed):
        raise Unreadable("archive_unsafe_name", f"a member is called {name!r}")
    return slashed


def _is_left_alone(name: str) -> bool:
    """Hidden files, and what one system adds to the archives that it makes."""
    parts = name.split("/")
    return parts[0] == "__MACOSX" or any(part.startswith(".") for part in parts)
