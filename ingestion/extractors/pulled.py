"""What every extractor gives back, and how it fails."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backhaul.errors import Explained


class ExtractError(Explained):
    """The outside did not answer, or not as expected; the message says what to do."""

    is_transient = True


class Refused(ExtractError):
    """The outside answered, and will answer the same again: a login, a key, an address or a permission is wrong."""

    is_transient = False


@dataclass(frozen=True)
class Pulled:
    """Fetched files in order, and the cursor that holds once all of them are in the lake (None: as before)."""

    files: list[Path] = field(default_factory=list)
    cursor: dict[str, Any] | None = None
