"""How far a pull got: its pages so far and what comes after each, kept so that the next pull goes on there.

The journal has a line for the pull and one for each page; a page counts when its line is whole, and is on disk before.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from backhaul import receipts
from ingestion.extractors.http.session import Call

FILE = "journal.jsonl"
LONGEST_PAUSE = timedelta(days=2)
"""A pull that got nothing for longer begins anew: what a server says of its pages does not hold for ever."""


@dataclass(frozen=True)
class Got:
    """A page of a request: the call for it and for the next one (None: it was the last), its file if it had items.

    ``newest`` is the latest time in it, ISO 8601 in UTC.
    """

    request: str
    call: Call
    following: Call | None
    file: str | None
    newest: str | None

    @classmethod
    def from_json(cls, text: str) -> Got:
        raw = json.loads(text)
        following = Call(**raw["following"]) if raw["following"] else None
        return cls(**{**raw, "call": Call(**raw["call"]), "following": following})


class Journal:
    """The pages of one pull in a folder that outlives the run. Of one with another ``identity`` nothing is kept.

    ``began_at`` is when the pull began; ``is_resumed`` says that it was an earlier run that did.
    """

    def __init__(self, folder: Path, identity: object) -> None:
        self.folder = folder
        self.pages: list[Got] = []
        self._identity = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()
        self.began_at = datetime.now(UTC)
        self.is_resumed = self._read()
        if not self.is_resumed:
            self.begin_anew()

    def begin_anew(self) -> None:
        """Forget what there is."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.pages, self.is_resumed, self.began_at = [], False, datetime.now(UTC)
        self._note({"identity": self._identity, "began_at": self.began_at.isoformat()})

    def of(self, request: str) -> list[Got]:
        """The pages of a request."""
        return [page for page in self.pages if page.request == request]

    def files(self) -> list[Path]:
        """The pages with items, in order."""
        return [self.folder / page.file for page in self.pages if page.file]

    def add(self, page: Got, content: bytes) -> None:
        """Keep a page, whose bytes are left out when it has no file."""
        if page.file:
            with (self.folder / page.file).open("wb") as out:
                out.write(content)
                os.fsync(out.fileno())
        self._note(asdict(page))
        self.pages.append(page)

    def _note(self, line: dict[str, Any]) -> None:
        with (self.folder / FILE).open("a", encoding="utf-8") as out:
            out.write(json.dumps(line) + "\n")
            out.flush()
            os.fsync(out.fileno())
        receipts.sync(self.folder)

    def _read(self) -> bool:
        """Take up the pull that stands in the folder, if it is this one."""
        if is_over(self.folder, datetime.now(UTC)):
            return False
        try:
            *lines, torn = (self.folder / FILE).read_text(encoding="utf-8").split("\n")
            head, *pages = lines
            told = json.loads(head)
            self.began_at = datetime.fromisoformat(told["began_at"])
            self.pages = [Got.from_json(page) for page in pages]
        except (ValueError, KeyError, TypeError):
            return False
        if torn:
            receipts.replace(self.folder / FILE, "".join(f"{line}\n" for line in lines))
        return bool(self.pages) and told["identity"] == self._identity and all(map(Path.exists, self.files()))


def is_over(folder: Path, now: datetime) -> bool:
    """Whether no pull goes on from what stands there. ``now`` is aware."""
    journal = folder / FILE
    return not journal.exists() or now.timestamp() - journal.stat().st_mtime > LONGEST_PAUSE.total_seconds()
