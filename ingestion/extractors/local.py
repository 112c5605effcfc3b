"""A folder of this machine as a store of files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingestion import landing
from ingestion.extractors.remote import RemoteFile

PIECE = 1024 * 1024


class LocalStore:
    """The files below a folder, or one file."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._root = place.parent if place.is_file() else place

    @property
    def name(self) -> str:
        return str(self._place)

    @contextmanager
    def connect(self) -> Iterator[None]:
        """It is always there."""
        yield

    def close(self) -> None:
        """There is nothing to end."""

    def walk(self) -> Iterator[RemoteFile]:
        """Every file that is whole; none when there is no such place."""
        for path in landing.files_in([self._place]) if self._place.exists() else ():
            yield self.look(path.relative_to(self._root).as_posix())

    def look(self, path: str) -> RemoteFile:
        found = (self._root / path).stat()
        return RemoteFile(path, found.st_size, found.st_mtime)

    def read(self, path: str, start: int) -> Iterator[bytes]:
        with (self._root / path).open("rb") as file:
            file.seek(start)
            while piece := file.read(PIECE):
                yield piece

    def delete(self, path: str) -> None:
        (self._root / path).unlink()

    def move(self, path: str, target: str) -> None:
        place = Path(os.path.normpath(self._place / target))
        if place.exists():
            raise FileExistsError(place)
        place.parent.mkdir(parents=True, exist_ok=True)
        (self._root / path).rename(place)
