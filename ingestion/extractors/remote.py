"""Pulling files from a store elsewhere: what is new there, streamed to disk, carried on where a transfer broke.

A file is known by its path, size and the tag that the store gives its content, or else its time of modification. The
cursor holds ``until``, the time up to which everything is in the lake, and ``seen``, the files of the overlap before it
that need not come again: ``{path: [size, tag or time]}``, times in seconds since 1970. What differs is another file.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from backhaul.bar import with_bar
from ingestion.extractors.pulled import ExtractError, Pulled, Refused
from ingestion.extractors.trying import Transient, trying
from ingestion.landing import UNFINISHED

DAY = 86_400.0


@dataclass(frozen=True)
class RemoteFile:
    """A file of a store: its path below the configured place, bytes, and seconds since 1970 of its last change.

    ``tag`` is the store's own word for its content, another for another content; empty where there is none.
    """

    path: str
    size: int
    modified: float
    tag: str = ""

    @property
    def identity(self) -> list[Any]:
        """What tells it from another of its path."""
        return [self.size, self.tag or self.modified]


class Store(Protocol):
    """A place that holds files.

    Methods raise :class:`Transient` when another try may help, ``FileNotFoundError`` and ``PermissionError`` about one
    file, and :class:`Refused` when nothing but a person helps.
    """

    @property
    def name(self) -> str:
        """The place in words, for messages."""

    def connect(self) -> AbstractContextManager[None]:
        """Reach the store, anew after a failure."""

    def close(self) -> None:
        """End the session."""

    def walk(self) -> Iterator[RemoteFile]:
        """Every file below the place."""

    def look(self, path: str) -> RemoteFile:
        """The file as it is now."""

    def read(self, path: str, start: int) -> Iterator[bytes]:
        """Its bytes from an offset on, in pieces of bounded size."""

    def delete(self, path: str) -> None:
        """Take the file away."""

    def move(self, path: str, target: str) -> None:
        """Give the file another place, relative to the store's; raises ``FileExistsError``."""


@dataclass(frozen=True)
class Wanted:
    """Which files of a store a source takes, and how hard it tries."""

    pattern: str
    settle_seconds: float
    attempts: int
    overlap_days: float


@dataclass
class _Taken:
    """What came of a pull so far: fetched files, and those that stay for a later run."""

    files: list[Path] = field(default_factory=list)
    fetched: list[RemoteFile] = field(default_factory=list)
    left: list[RemoteFile] = field(default_factory=list)
    denied: list[str] = field(default_factory=list)


def pull(
    store: Store,
    wanted: Wanted,
    cursor: dict[str, Any] | None,
    folder: Path,
    sleep: Callable[[float], None] = time.sleep,
) -> Pulled:
    """Fetch the files that the cursor does not know, oldest first, each into a folder of its own under its name.

    What changes while it is read, vanished, or may not be read is left; the cursor stays before it. Raises
    :class:`ExtractError`, and :class:`Refused` when nothing at all may be read.
    """
    with closing(store):
        return _pull(store, wanted, cursor, folder, sleep)


def settled(store: Store, wanted: Wanted, sleep: Callable[[float], None] = time.sleep) -> list[RemoteFile]:
    """The wanted files that are not being written. Raises :class:`ExtractError`."""
    latest = time.time() - wanted.settle_seconds
    return [file for file in _listed(store, wanted, sleep) if not wanted.settle_seconds or file.modified <= latest]


def fetch(
    store: Store, wanted: Wanted, file: RemoteFile, folder: Path, sleep: Callable[[float], None] = time.sleep
) -> Path | None:
    """Fetch one file into a new folder; None when it changes, is gone, or may not be read. Raises ``ExtractError``."""
    taken = _Taken()
    _take(store, wanted, file, folder, taken, sleep)
    return taken.files[0] if taken.files else None


def at(
    store: Store,
    wanted: Wanted,
    file: RemoteFile,
    action: Callable[[], None],
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Do something with a file while it is the one that was seen. Raises ``ExtractError`` and ``PermissionError``."""

    def once() -> None:
        with suppress(FileNotFoundError), store.connect():
            if store.look(file.path) == file:
                action()

    try:
        trying(wanted.attempts, sleep)(once)
    except Transient as problem:
        raise ExtractError(f"{store.name}, {file.path}: gave up after {wanted.attempts} tries: {problem}") from problem


def _pull(
    store: Store, wanted: Wanted, cursor: dict[str, Any] | None, folder: Path, sleep: Callable[[float], None]
) -> Pulled:
    listed = sorted(_listed(store, wanted, sleep), key=lambda file: (file.modified, file.path))
    seen = (cursor or {}).get("seen", {})
    begin = cursor["until"] - wanted.overlap_days * DAY if cursor else None
    settled = time.time() - wanted.settle_seconds
    taken = _Taken()
    new = [
        file for file in listed if (begin is None or file.modified >= begin) and seen.get(file.path) != file.identity
    ]
    for file in with_bar(new, f"fetching from {store.name}"):
        if wanted.settle_seconds and file.modified > settled:
            taken.left.append(file)
        else:
            _take(store, wanted, file, folder / f"{len(taken.files):05d}", taken, sleep)
    if taken.denied and not taken.files:
        raise Refused(f"{store.name}: no permission to read {', '.join(taken.denied[:5])}; let the login read it.")
    return Pulled(taken.files, _next_cursor(cursor, listed, taken, wanted.overlap_days) if taken.files else None)


def _listed(store: Store, wanted: Wanted, sleep: Callable[[float], None]) -> list[RemoteFile]:
    def once() -> list[RemoteFile]:
        with store.connect():
            return [file for file in store.walk() if _is_wanted(file.path, wanted.pattern)]

    try:
        return trying(wanted.attempts, sleep)(once)
    except Transient as problem:
        raise ExtractError(f"{store.name}: gave up after {wanted.attempts} tries: {problem}") from problem


def _is_wanted(path: str, pattern: str) -> bool:
    place = PurePosixPath(path)
    hidden = any(part.startswith(".") for part in place.parts)
    return not hidden and place.suffix.lower() not in UNFINISHED and place.match(pattern)


def _take(
    store: Store, wanted: Wanted, file: RemoteFile, folder: Path, taken: _Taken, sleep: Callable[[float], None]
) -> None:
    """Fetch one file; it counts only if it is the same before and after."""
    folder.mkdir()
    target = folder / PurePosixPath(file.path).name
    target.touch()

    def once() -> bool:
        with store.connect():
            if store.look(file.path) != file:
                return False
            with target.open("ab") as out:
                for piece in store.read(file.path, out.tell()):
                    out.write(piece)
            return store.look(file.path) == file and target.stat().st_size == file.size

    reason = "it changes while it is read"
    try:
        if trying(wanted.attempts, sleep)(once):
            taken.files.append(target)
            taken.fetched.append(file)
            return
    except FileNotFoundError:
        reason = "it is gone"
    except PermissionError:
        reason = "no permission to read it"
        taken.denied.append(file.path)
    except Transient as problem:
        raise ExtractError(
            f"{store.name}, {file.path}: gave up after {wanted.attempts} tries at byte {target.stat().st_size:,} "
            f"of {file.size:,}: {problem}"
        ) from problem
    target.unlink()
    folder.rmdir()
    taken.left.append(file)
    logging.getLogger(__name__).warning("%s, %s is left for a later run: %s.", store.name, file.path, reason)


def _next_cursor(
    cursor: dict[str, Any] | None, listed: list[RemoteFile], taken: _Taken, overlap_days: float
) -> dict[str, Any]:
    """Not beyond a file that was left; with the files of the overlap that are in the lake."""
    until = max([file.modified for file in taken.fetched] + ([cursor["until"]] if cursor else []))
    until = min([until, *(file.modified for file in taken.left)])
    left = set(taken.left)
    begin = until - overlap_days * DAY
    known = [file for file in listed if file.modified >= begin and file not in left]
    return {"until": until, "seen": {file.path: file.identity for file in known}}
