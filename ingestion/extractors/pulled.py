"""What every extractor gives back, and how it fails."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class ExtractError(RuntimeError):
    """The outside did not answer, or not as expected; the message says what to do."""


@dataclass(frozen=True)
class Pulled:
    """Fetched files in order, and the cursor that holds once all of them are in the lake (None: as before)."""

    files: list[Path] = field(default_factory=list)
    cursor: dict[str, Any] | None = None
