"""Receipts: the ledger of committed batches.

A batch directory of the lake is visible when, and only when, its receipt exists. The receipt is created last and
with create-if-absent, so a kill at any instant leaves either the whole batch or nothing.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from backhaul.settings import Settings


@dataclass(frozen=True)
class LandedFile:
    """The landed bytes of a batch; ``landing`` is relative to the home."""

    sha256: str
    name: str
    bytes: int
    landing: str


@dataclass(frozen=True)
class TableFile:
    """One Parquet file of a batch; ``file`` is relative to the lake, ``sha256`` that of its bytes."""

    file: str
    rows: int
    sha256: str


@dataclass(frozen=True)
class QuarantineFile:
    """The rows of a batch that could not be taken; ``file`` is relative to the lake."""

    file: str
    rows: int


@dataclass(frozen=True)
class Check:
    """The outcome of one expectation; ``severity`` is ``fail`` or ``warn``."""

    expectation: str
    success: bool
    observed: str
    severity: str


@dataclass(frozen=True)
class Repair:
    """Quarantined rows that a batch brings mended: their file, the batch that read it, and their numbers in it."""

    file_sha256: str
    batch_id: str
    rows: list[int]


@dataclass(frozen=True)
class Form:
    """What a flat file holds, by the name of its table or kind of record, and how.

    ``columns`` are those of the contract with their names in its header, none for JSON, where a key that lacks says
    nothing of the form; ``extra`` are the fields that the contract lacks.
    """

    shape: str
    columns: dict[str, str]
    extra: list[str]


@dataclass(frozen=True)
class Change:
    """One change of contract that a file brought: its kind (see ``ingestion.changes``), where it is, and what it is."""

    kind: str
    table: str
    column: str
    detail: str


@dataclass(frozen=True)
class Receipt:
    """One committed batch. Times are ISO 8601 in UTC; ``horizon`` is the latest event time in the file, or None.

    ``is_full_snapshot``: the file held everything that its source knew then. ``form`` is that of a flat file.
    """

    batch_id: str
    source_id: str
    kind: str
    domain: str
    contract_version: str
    landed_at: str
    committed_at: str
    horizon: str | None
    cursor: dict[str, Any] | None
    file: LandedFile
    directory: str
    tables: dict[str, TableFile]
    quarantine: QuarantineFile
    rows_read: int
    checks: list[Check] = field(default_factory=list)
    supersedes: list[str] = field(default_factory=list)
    is_full_snapshot: bool = False
    form: Form | None = None
    changes: list[Change] = field(default_factory=list)
    repairs: list[Repair] = field(default_factory=list)

    @classmethod
    def from_json(cls, text: str) -> Receipt:
        """Raises ``ValueError`` or ``TypeError`` when the text is not a receipt."""
        raw = json.loads(text)
        # receipts written before there were kinds of change
        added = [Change("added", "", name, "kept in extra") for name in raw.pop("new_columns", [])]
        return cls(
            **{
                **raw,
                "file": LandedFile(**raw["file"]),
                "tables": {name: TableFile(**table) for name, table in raw["tables"].items()},
                "quarantine": QuarantineFile(**raw["quarantine"]),
                "checks": [Check(**check) for check in raw["checks"]],
                "form": Form(**raw["form"]) if raw.get("form") else None,
                "changes": added + [Change(**change) for change in raw.get("changes", [])],
                "repairs": [Repair(**repair) for repair in raw.get("repairs", [])],
            }
        )

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def path_of(settings: Settings, batch_id: str) -> Path:
    """Where the receipt of a batch stands once it is committed."""
    return settings.receipts / f"{batch_id}.json"


def read(settings: Settings, batch_id: str) -> Receipt | None:
    """The receipt of a batch, or None when it is not committed."""
    try:
        return Receipt.from_json(path_of(settings, batch_id).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def listed(folder: Path) -> list[Path]:
    """The JSON files of a folder by name, none when there is no folder.

    Raises ``OSError`` for one that may not be looked into: as ``Path.glob`` does not, it would seem to be empty.
    """
    try:
        found = sorted(folder.iterdir())
    except FileNotFoundError:
        return []
    return [path for path in found if path.suffix == ".json" and not path.name.startswith(".")]


def everything(settings: Settings) -> list[Receipt]:
    """Every receipt, superseded ones included, by commit time and batch id."""
    found = [Receipt.from_json(path.read_text(encoding="utf-8")) for path in listed(settings.receipts)]
    return sorted(found, key=lambda receipt: (receipt.committed_at, receipt.batch_id))


def committed(settings: Settings) -> list[Receipt]:
    """The receipts that count: those that no other receipt supersedes, by commit time and batch id."""
    return unsuperseded(everything(settings))


def unsuperseded(receipts: Sequence[Receipt]) -> list[Receipt]:
    """Those that none of the others supersedes, in the order given."""
    superseded = {batch_id for receipt in receipts for batch_id in receipt.supersedes}
    return [receipt for receipt in receipts if receipt.batch_id not in superseded]


def commit(settings: Settings, receipt: Receipt) -> bool:
    """Make a batch visible. False when another process committed the same batch first; nothing is changed then."""
    return create(path_of(settings, receipt.batch_id), receipt.to_json())


def create(target: Path, text: str) -> bool:
    """Write a file whole, unless it is there: False then, and nothing is changed."""
    temporary = write_temporary(target, text)
    try:
        os.link(temporary, target)
    except FileExistsError:
        return False
    finally:
        temporary.unlink()
    sync(target.parent)
    return True


def write_temporary(target: Path, text: str) -> Path:
    """A fsynced hidden file beside ``target`` with the text; the caller links or renames it into place."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.parent / f".{target.name}.{secrets.token_hex(6)}"
    try:
        with temporary.open("x", encoding="utf-8") as handle:
            handle.write(text)
            handle.flush()
            os.fsync(handle.fileno())
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def replace(target: Path, text: str) -> None:
    """Write a file so that readers see the old text or the new one, never a part."""
    temporary = write_temporary(target, text)
    try:
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    sync(target.parent)


def sync(path: Path) -> None:
    """Make the bytes of a file durable, or the names in a directory."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
