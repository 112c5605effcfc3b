"""Documents: the top-level units of files whose records are nested."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Document:
    """One top-level unit of a file: a JSON value, an XML event, an X12 transaction set, an EDIFACT message.

    ``row`` is its 1-based number in the file. In ``value``, numbers and booleans are their texts, so that no digit is
    lost. ``text`` is the unit as it stands in the file; None when the JSON of the value says the same. ``path`` is the
    place of the value inside its unit, where a reader takes units apart.
    """

    row: int
    value: Any
    text: str | None = None
    path: str = ""
