"""What has been sent: one file per delivery in ``<home>/deliveries``, with the receipts of each of its receivers."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from backhaul import receipts
from backhaul.errors import Explained

# enough to know every publish that can be gone back to
KEPT = 200


class ReceiptsBroken(Explained):
    """The file of what was sent cannot be read; sending again could be sending twice."""


@dataclass(frozen=True)
class Sent:
    """One receipt: of which publish, what its data knew (as-of), when it went out (ISO 8601, UTC).

    ``is_raised``: an alert that lasts; False for reports, and for the word that an alert is over.
    """

    publish_id: str
    as_of: str
    sent_at: str
    is_raised: bool = False

    @property
    def knew(self) -> datetime:
        return datetime.fromisoformat(self.as_of)


class Receipts:
    """The receipts of one delivery by receiver, oldest first."""

    def __init__(self, path: Path) -> None:
        """Read them.

        Raises:
            ReceiptsBroken: the file is not what was written.
        """
        self.path = path
        self._of: dict[str, list[Sent]] = {}
        if path.exists():
            try:
                told = json.loads(path.read_text(encoding="utf-8"))
                self._of = {target: [Sent(**each) for each in sent] for target, sent in told.items()}
            except (ValueError, TypeError, AttributeError) as error:
                raise ReceiptsBroken(
                    f"{path} cannot be read ({error}): put it right, or remove it to send anew."
                ) from error

    def has(self, target: str, publish_id: str) -> bool:
        """Whether a receiver was sent something for a publish."""
        return any(sent.publish_id == publish_id for sent in self._of.get(target, []))

    def last(self, target: str) -> Sent | None:
        """The latest that a receiver was sent."""
        return self._of[target][-1] if self._of.get(target) else None

    def add(self, target: str, publish_id: str, as_of: datetime, *, is_raised: bool = False) -> None:
        """Keep a receipt, at once and durably."""
        sent = Sent(publish_id, as_of.isoformat(), datetime.now(UTC).isoformat(timespec="seconds"), is_raised)
        self._of[target] = [*self._of.get(target, []), sent][-KEPT:]
        told = {name: [asdict(each) for each in of] for name, of in self._of.items()}
        receipts.replace(self.path, json.dumps(told, indent=1) + "\n")
