"""Tidying: files that are in the lake are moved aside or deleted where they came from, when their source says so.

Nothing is noted of it. What a file holds now is compared with what the lake took, by its bytes: so the next run makes
up for a kill, and a file that was replaced meanwhile, is held, or still grows stays.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath

from ingestion import landing
from ingestion.config import Filed
from ingestion.extractors import remote, store_of
from ingestion.extractors.pulled import Refused
from ingestion.extractors.remote import RemoteFile, Store, Wanted
from ingestion.pipeline import Run, known_files


def tidy(run: Run) -> None:
    """Move or delete each file of the source's place of which every batch is committed.

    It is read once more for that. Raises ``ExtractError`` when the place does not answer, or refuses.
    """
    origin = run.source.origin
    if not isinstance(origin, Filed) or origin.after == "keep":
        return
    store, wanted = store_of(run.settings, origin, run.source.overlap)
    taken = _Taken.of(run)
    denied = []
    with closing(store):
        for file in remote.settled(store, wanted):
            if not taken.may_hold(file) or not (found := _digests(run, store, wanted, file)):
                continue
            if found <= taken.digests:
                try:
                    remote.at(store, wanted, file, partial(_put_away, store, origin, file, found))
                except PermissionError:
                    denied.append(file.path)
    if denied:
        raise Refused(
            f"{store.name}: all is in the lake, but there is no permission to {origin.after} "
            f"{', '.join(denied[:5])}; let the login do so, or say `after: keep`."
        )


@dataclass(frozen=True)
class _Taken:
    """What of a source is in the lake: digests, sizes, and the names of archives."""

    digests: frozenset[str]
    sizes: frozenset[int]
    archives: frozenset[str]

    @classmethod
    def of(cls, run: Run) -> _Taken:
        files = [receipt.file for receipt in known_files(run.settings, run.source.id).values()]
        archives = (file.name.partition("/") for file in files)
        return cls(
            frozenset(file.sha256 for file in files),
            frozenset(file.bytes for file in files),
            frozenset(name for name, slash, _ in archives if slash),
        )

    def may_hold(self, file: RemoteFile) -> bool:
        """Whether it is worth reading."""
        return file.size in self.sizes or PurePosixPath(file.path).name in self.archives


def _digests(run: Run, store: Store, wanted: Wanted, file: RemoteFile) -> set[str]:
    """What the file lands as, by digest; nothing when it is gone, changes, or may not be read."""
    folder = run.staging.folder / "tidying"
    path = remote.fetch(store, wanted, file, folder)
    if path is None:
        return set()
    found = {landing.digest(piece) for piece, _ in landing.pieces(path, run.staging.folder)}
    shutil.rmtree(folder)
    return found


def _put_away(store: Store, origin: Filed, file: RemoteFile, digests: Iterable[str]) -> None:
    if origin.after == "move":
        path = PurePosixPath(file.path)
        # another file of that name may be there from before
        other = path.with_name(f"{path.stem}-{min(digests)[:12]}{path.suffix}")
        for name in (path, other):
            with suppress(FileExistsError):
                store.move(file.path, f"{origin.aside}/{name}")
                return
    store.delete(file.path)
