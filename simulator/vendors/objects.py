"""What a vendor holds: every version of its objects, as the business's own files tell them."""

from __future__ import annotations

import json
from bisect import insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

Document = dict[str, Any]


@dataclass(order=True)
class Held:
    """An object as it stands; in order of creation. ``strays`` are values without an id that its page brought too."""

    created_at: datetime
    id: str
    document: Document = field(compare=False)
    strays: list[Document] = field(compare=False, default_factory=list)


class Objects:
    """One kind of object, such as trackers: it knows what the files ``<kind>_*.json`` of a folder tell by now.

    ``held`` is in order of creation; ``versions`` is every version, in the order in which they were told.
    """

    def __init__(self, folder: Path, kind: str) -> None:
        self.kind = kind
        self.held: list[Held] = []
        self.versions: list[Document] = []
        self._folder = folder
        self._known: dict[str, Held] = {}
        self._read: set[Path] = set()

    def look(self) -> None:
        """Take in the files that have arrived since the last look."""
        for file in sorted(set(self._folder.glob(f"{self.kind}_*.json")) - self._read):
            self._read.add(file)
            for document in json.loads(file.read_bytes())[self.kind]:
                self._take(document)

    def since(self, start: datetime | None, end: datetime | None) -> list[Held]:
        """The objects that were created between two instants, the newest first."""
        return [
            held
            for held in reversed(self.held)
            if (start is None or held.created_at >= start) and (end is None or held.created_at < end)
        ]

    def find(self, object_id: str) -> Held | None:
        """The object of that id."""
        return self._known.get(object_id)

    def _take(self, document: Document) -> None:
        if "id" not in document:
            # the files put it below a sound one
            self._known[self.versions[-1]["id"]].strays.append(document)
            return
        self.versions.append(document)
        held = self._known.get(document["id"])
        if held is None:
            held = Held(datetime.fromisoformat(document["created_at"]), document["id"], document)
            self._known[held.id] = held
            insort(self.held, held)
        elif document["updated_at"] >= held.document["updated_at"]:
            held.document = document


def documents(page: list[Held]) -> Iterator[Document]:
    """The objects of a page, each with its strays before it: a page ends with an id, where the next one begins."""
    for held in page:
        yield from held.strays
        yield held.document
