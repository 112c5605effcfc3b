"""Staging: where one run builds its batches, and how the leavings of a killed run are told from a live run's.

Each run holds a lock on its own file; the kernel drops it when the process ends, however it ends. Whoever can take
the lock may therefore clear up after its owner.
"""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from backhaul import receipts
from backhaul.settings import Settings


@dataclass(frozen=True)
class Staging:
    """A run's own folder; ``nonce`` marks the batch directories that it makes."""

    settings: Settings
    nonce: str
    folder: Path

    @property
    def spill(self) -> Path:
        """Where a database in memory puts what does not fit; two that share a folder would overwrite each other."""
        return self.folder / "spill"

    def fetched(self) -> Path:
        """A new folder for what is fetched from outside."""
        folder = self.folder / "fetched"
        folder.mkdir()
        return folder

    def open_batch(self, batch_id: str) -> tuple[Path, Path]:
        """New folders for a batch: what it will hold, and temporary files."""
        out, work = self.folder / batch_id, self.folder / "work"
        for folder in (out, work):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        return out, work

    def publish(self, batch_id: str) -> Path:
        """Move a built batch to its place in the lake, durable but not yet visible."""
        built = self.folder / batch_id
        for file in built.iterdir():
            receipts.sync(file)
        receipts.sync(built)
        target = self.settings.lake / "batches" / f"{batch_id}-{self.nonce}"
        target.parent.mkdir(parents=True, exist_ok=True)
        built.rename(target)
        receipts.sync(target.parent)
        return target


@contextmanager
def open_staging(settings: Settings) -> Iterator[Staging]:
    """A staging folder for this run; leavings of ended runs are cleared first."""
    root = settings.lake / "staging"
    root.mkdir(parents=True, exist_ok=True)
    nonce = secrets.token_hex(6)
    lock = FileLock(root / f"{nonce}.lock")
    with lock:
        _sweep(settings, root, nonce)
        folder = root / nonce
        folder.mkdir()
        try:
            yield Staging(settings, nonce, folder)
        finally:
            _clear(settings, root, nonce)


def _sweep(settings: Settings, root: Path, own: str) -> None:
    for path in root.glob("*.lock"):
        if path.stem == own:
            continue
        lock = FileLock(path, timeout=0)
        try:
            lock.acquire()
        except Timeout:
            continue
        try:
            _clear(settings, root, path.stem)
        finally:
            lock.release()
    for folder in root.iterdir():
        # its run has ended: a lock goes after its folder
        if folder.is_dir() and not (root / f"{folder.name}.lock").exists():
            shutil.rmtree(folder, ignore_errors=True)
    for folder in (settings.receipts, settings.held, settings.landing):
        for temporary in folder.rglob(".*.json.*") if folder.is_dir() else ():
            if _old(temporary):
                temporary.unlink(missing_ok=True)


def _clear(settings: Settings, root: Path, nonce: str) -> None:
    """Take away what a run left: its folder, and batch directories that it moved to the lake and did not commit."""
    shutil.rmtree(root / nonce, ignore_errors=True)
    for orphan in (settings.lake / "batches").glob(f"*-{nonce}"):
        # Looked up by its lock's holder: its owner can't be about to commit any more.
        receipt = receipts.read(settings, orphan.name.rsplit("-", 1)[0])
        if receipt is None or receipt.directory != f"batches/{orphan.name}":
            shutil.rmtree(orphan, ignore_errors=True)
    (root / f"{nonce}.lock").unlink(missing_ok=True)


def _old(path: Path) -> bool:
    """Older than any write in progress can be."""
    try:
        return time.time() - path.stat().st_mtime > 3600
    except FileNotFoundError:
        return False
