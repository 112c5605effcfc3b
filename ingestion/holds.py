"""Holds: batches that failed their check and wait for a person, each with its reason and its quarantine."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from backhaul import receipts
from backhaul.errors import Explained
from backhaul.receipts import Check, LandedFile, QuarantineFile
from backhaul.settings import Settings


class NoSuchHold(Explained):
    """No batch of that id is held."""


@dataclass(frozen=True)
class Hold:
    """A batch that is not in the lake. ``tables`` are the rows it would bring; times are ISO 8601 in UTC."""

    batch_id: str
    source_id: str
    kind: str
    domain: str
    contract_version: str
    reason: str
    held_at: str
    file: LandedFile
    tables: dict[str, int]
    quarantine: QuarantineFile
    rows_read: int
    checks: list[Check] = field(default_factory=list)
    status: Literal["held", "rejected"] = "held"
    decided_at: str | None = None
    decision: str | None = None


def path_of(settings: Settings, batch_id: str) -> Path:
    """Where the record of a hold stands."""
    return settings.held / f"{batch_id}.json"


def read(settings: Settings, batch_id: str) -> Hold:
    """The hold of a batch. Raises :class:`NoSuchHold`."""
    try:
        raw: dict[str, Any] = json.loads(path_of(settings, batch_id).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NoSuchHold(f"No batch {batch_id} is held; `backhaul batch list --held` shows those that are.") from None
    return Hold(
        **{
            **raw,
            "file": LandedFile(**raw["file"]),
            "quarantine": QuarantineFile(**raw["quarantine"]),
            "checks": [Check(**check) for check in raw["checks"]],
        }
    )


def everything(settings: Settings) -> list[Hold]:
    """All holds, rejected ones included, oldest first."""
    found = [read(settings, path.stem) for path in receipts.listed(settings.held)]
    return sorted(found, key=lambda hold: (hold.held_at, hold.batch_id))


def write(settings: Settings, hold: Hold, quarantine: Path) -> None:
    """Record a hold and keep its quarantine beside it."""
    target = settings.lake / hold.quarantine.file
    target.parent.mkdir(parents=True, exist_ok=True)
    quarantine.replace(target)
    receipts.replace(path_of(settings, hold.batch_id), json.dumps(asdict(hold), indent=1, ensure_ascii=False) + "\n")


def reject(settings: Settings, batch_id: str, reason: str) -> Hold:
    """Decide that a held batch shall not be loaded; the record stays. Raises :class:`NoSuchHold`."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    hold = replace(read(settings, batch_id), status="rejected", decided_at=now, decision=reason)
    receipts.replace(path_of(settings, batch_id), json.dumps(asdict(hold), indent=1, ensure_ascii=False) + "\n")
    return hold


def remove(settings: Settings, hold: Hold) -> None:
    """Forget a hold whose batch was committed or is tried again."""
    path_of(settings, hold.batch_id).unlink(missing_ok=True)
    (settings.lake / hold.quarantine.file).unlink(missing_ok=True)
