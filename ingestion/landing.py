"""Landing: the bytes of a source exactly as received, named by their sha256; only an erasure changes them."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from backhaul import receipts
from backhaul.errors import Explained
from backhaul.receipts import Repair
from backhaul.settings import Settings
from ingestion.unpacking import Unreadable, members

UNFINISHED = (".part", ".tmp", ".crdownload", ".filepart", ".partial")


class BytesDeleted(Explained):
    """A landed file can't be read again: its bytes were deleted."""


@dataclass(frozen=True)
class Landed:
    """Bytes in landing. ``names`` are the original names, first seen first; ``landed_at`` is ISO 8601 in UTC.

    ``repairs`` are the quarantined rows that a person mended in this file; ``deleted_at`` is when its bytes were
    deleted. ``erased_at`` is when somebody was last erased from it: its bytes are no longer those that its name tells.
    """

    source_id: str
    sha256: str
    path: Path
    names: tuple[str, ...]
    bytes: int
    landed_at: str
    repairs: tuple[Repair, ...] = ()
    deleted_at: str | None = None
    erased_at: str | None = None

    def check_bytes(self) -> None:
        """Raises :class:`BytesDeleted` when there is nothing to read any more."""
        if self.deleted_at is not None:
            why = "its retention_days say" if self.erased_at is None else "they held a person who was erased"
            raise BytesDeleted(
                f"The bytes of {self.names[0]} ({self.source_id}) were deleted on {self.deleted_at[:10]}, as {why}. "
                "What was read of them stays; to read them otherwise, have the file sent again."
            )


def files_in(paths: Sequence[Path], pattern: str = "*") -> Iterator[Path]:
    """The files at these paths, folders searched in name order for the pattern.

    Hidden and half-uploaded ones are left alone.

    Raises ``FileNotFoundError`` for a path that does not exist, ``OSError`` for a folder that may not be looked into.
    """
    for path in paths:
        if path.is_dir():
            for found in sorted(_below(path)):
                parts = found.relative_to(path).parts
                hidden = any(part.startswith(".") for part in parts)
                if found.is_file() and not hidden and _is_whole(found) and found.match(pattern):
                    yield found
        elif path.is_file():
            yield path
        else:
            raise FileNotFoundError(f"No such file or folder: {path}")


def _below(folder: Path) -> Iterator[Path]:
    def refuse(error: OSError) -> None:
        raise error

    for place, _, names in os.walk(folder, onerror=refuse):
        yield from (Path(place, name) for name in names)


def _is_whole(path: Path) -> bool:
    return path.suffix.lower() not in UNFINISHED


def digest(path: Path) -> str:
    """sha256 of a file, hex."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def land(
    settings: Settings, source_id: str, path: Path, name: str, incoming: Path, repairs: Sequence[Repair] = ()
) -> Landed:
    """Copy a file into landing, unless its bytes are there; a further name of the same bytes, or repair, is noted.

    ``incoming`` is a folder on the same file system for the copy in progress. Bytes that were deleted stay away, unless
    they mend something now.
    """
    known = settings.landing / source_id / digest(path)
    former = of(settings, source_id, known.name) if _sidecar(known).exists() else None
    if not known.exists() and (repairs or former is None or former.deleted_at is None):
        target, size = _copy(path, incoming)
        known = settings.landing / source_id / digest(target)
        landed_at = _instant(datetime.now(UTC))
        mended = (*(former.repairs if former else ()), *repairs)
        _write_sidecar(Landed(source_id, known.name, known, (name,), size, landed_at, mended))
        target.replace(known)
        receipts.sync(known.parent)
    landed = of(settings, source_id, known.name)
    names = tuple(dict.fromkeys([*landed.names, name]))
    noted = (*landed.repairs, *(repair for repair in repairs if repair not in landed.repairs))
    if (names, noted) != (landed.names, landed.repairs):
        landed = replace(landed, names=names, repairs=noted)
        _write_sidecar(landed)
    return landed


def land_each(settings: Settings, source_id: str, path: Path, incoming: Path) -> Iterator[Landed]:
    """Land a file, or each member of an archive of several as a file of its own, named ``archive.zip/member.csv``.

    An archive that can't be taken is landed itself: reading it says why.
    """
    for piece, name in pieces(path, incoming):
        yield land(settings, source_id, piece, name, incoming)


def pieces(path: Path, folder: Path) -> Iterator[tuple[Path, str]]:
    """What a file lands as, with its name: the members of an archive of several, one after the other, or itself."""
    with TemporaryDirectory(dir=folder) as work:
        try:
            found = members(path, Path(work))
        except Unreadable:
            found = []
        for member in found:
            yield member.path, f"{path.name}/{member.name}"
    if not found:
        yield path, path.name


def of(settings: Settings, source_id: str, sha256: str) -> Landed:
    """The landed file of that digest. Raises ``FileNotFoundError``."""
    path = settings.landing / source_id / sha256
    sidecar = json.loads(_sidecar(path).read_text(encoding="utf-8"))
    repairs = tuple(Repair(**repair) for repair in sidecar.get("repairs", []))
    told = (tuple(sidecar["names"]), sidecar["bytes"], sidecar["landed_at"], repairs)
    return Landed(source_id, sha256, path, *told, sidecar.get("deleted_at"), sidecar.get("erased_at"))


def delete(landed: Landed, now: datetime) -> None:
    """Delete the bytes; names, size and the time of it stay. A kill leaves the mark, and the next call the deed."""
    if landed.deleted_at is None:
        _write_sidecar(replace(landed, deleted_at=_instant(now)))
    landed.path.unlink(missing_ok=True)
    receipts.sync(landed.path.parent)


def erase(landed: Landed, made: Path | None, now: datetime) -> None:
    """Put ``made`` in the place of the bytes, which held a person; without it they are deleted.

    The file keeps its name, the digest of what came: the same original, sent again, is known and not taken. A kill
    leaves the mark, and the bytes as they were. ``made`` is on the same file system.
    """
    marked = replace(landed, erased_at=_instant(now))
    _write_sidecar(marked)
    if made is None:
        delete(marked, now)
        return
    with made.open("rb") as handle:
        os.fsync(handle.fileno())
    made.replace(landed.path)
    receipts.sync(landed.path.parent)


def deleted(settings: Settings, source_id: str) -> list[Landed]:
    """The landed files of a source whose bytes were deleted."""
    sidecars = receipts.listed(settings.landing / source_id)
    found = [of(settings, source_id, path.stem) for path in sidecars]
    return [landed for landed in found if landed.deleted_at is not None]


def source_ids(settings: Settings) -> list[str]:
    """The sources that landed something, those no longer configured included."""
    return sorted(path.name for path in settings.landing.iterdir()) if settings.landing.is_dir() else []


def digests(settings: Settings, source_id: str) -> set[str]:
    """The digests of all that a source landed and that is there."""
    folder = settings.landing / source_id
    return {path.name for path in folder.iterdir() if "." not in path.name} if folder.is_dir() else set()


def everything(settings: Settings, source_id: str) -> list[Landed]:
    """All that a source landed and that is there, first landed first."""
    found = [of(settings, source_id, name) for name in digests(settings, source_id)]
    found = [landed for landed in found if landed.deleted_at is None]
    return sorted(found, key=lambda landed: (landed.landed_at, landed.sha256))


def _copy(path: Path, incoming: Path) -> tuple[Path, int]:
    target = incoming / "bytes"
    size = 0
    with path.open("rb") as source, target.open("wb") as out:
        while chunk := source.read(1024 * 1024):
            size += out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    return target, size


def _instant(now: datetime) -> str:
    return now.astimezone(UTC).isoformat(timespec="milliseconds")


def _sidecar(path: Path) -> Path:
    return path.with_name(path.name + ".json")


def _write_sidecar(landed: Landed) -> None:
    body: dict[str, Any] = {"names": landed.names, "bytes": landed.bytes, "landed_at": landed.landed_at}
    if landed.repairs:
        body["repairs"] = [asdict(repair) for repair in landed.repairs]
    if landed.deleted_at:
        body["deleted_at"] = landed.deleted_at
    if landed.erased_at:
        body["erased_at"] = landed.erased_at
    receipts.replace(_sidecar(landed.path), json.dumps(body, ensure_ascii=False, indent=1) + "\n")
