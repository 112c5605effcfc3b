"""Saved questions: SQL files with a title, from the project and from people, kept below the home.

A file begins with comment lines (``-- title_en: ...``, ``-- title_fr: ...``, ``-- author: ...``, ``-- shared: yes``,
``-- chart: line x y colour``); the rest is the query. Anything else that can open a text file can read it too.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from backhaul import receipts
from backhaul.errors import Explained
from backhaul.settings import Settings

ID = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
TITLE_LIMIT = 120
SQL_LIMIT = 50_000
PER_AUTHOR = 200
_HEAD = re.compile(r"-- (title_en|title_fr|author|shared|chart): (.*)")


class NotSaved(Explained):
    """The question could not be kept, or not by this author."""


@dataclass(frozen=True)
class Chart:
    """How a question's result is drawn: kind (bar, line, area, point) and the columns of its axes and colours."""

    kind: str
    x: str
    y: str
    colour: str | None = None

    @classmethod
    def parse(cls, text: str) -> Chart | None:
        words = text.split()
        return cls(words[0], words[1], words[2], words[3] if len(words) > 3 else None) if len(words) >= 3 else None

    def __str__(self) -> str:
        return " ".join(word for word in (self.kind, self.x, self.y, self.colour) if word)


@dataclass(frozen=True)
class Question:
    """One question. Those of the project have no author, and a title in each language; people write one title."""

    id: str
    title_en: str
    title_fr: str
    sql: str
    author: str = ""
    is_shared: bool = True
    chart: Chart | None = None

    @property
    def is_shipped(self) -> bool:
        return not self.author

    def title(self, language: str) -> str:
        return self.title_fr if language == "fr" else self.title_en

    def text(self, language: str) -> str:
        """The query; in the project's own, labels are those of the language (every ``_en`` column has its ``_fr``)."""
        return re.sub(r"\b([a-z]+)_en\b", rf"\1_{language}", self.sql) if self.is_shipped else self.sql

    def as_file(self) -> str:
        head = {
            "title_en": self.title_en,
            "title_fr": self.title_fr,
            "author": self.author,
            "shared": "yes" if self.is_shared else "no",
            "chart": str(self.chart or ""),
        }
        lines = [f"-- {name}: {value}" for name, value in head.items() if value]
        # the empty line ends the head: comments of the query are the query's
        return "\n".join([*lines, "", self.sql.strip(), ""])


def read(path: Path) -> Question:
    """The question in a file."""
    head: dict[str, str] = {}
    lines = path.read_text(encoding="utf-8").splitlines()
    while lines and (found := _HEAD.fullmatch(lines[0])):
        head[found[1]] = found[2].strip()
        lines.pop(0)
    title = head.get("title_en") or head.get("title_fr") or path.stem
    return Question(
        id=path.stem,
        title_en=title,
        title_fr=head.get("title_fr") or title,
        sql="\n".join(lines).strip(),
        author=head.get("author", ""),
        is_shared=head.get("shared", "yes") == "yes",
        chart=Chart.parse(head.get("chart", "")),
    )


def visible(settings: Settings, shipped: Path, reader: str) -> list[Question]:
    """The project's questions, then those of people that the reader may see: shared ones and the reader's own.

    Args:
        settings: the installation.
        shipped: the folder of the project's questions.
        reader: who asks.
    """
    own = [each for each in _kept(settings) if each.is_shared or each.author == reader]
    return [*map(read, sorted(shipped.glob("*.sql"))), *sorted(own, key=lambda each: each.title_en.casefold())]


def find(questions: Iterable[Question], question_id: str) -> Question | None:
    """The question of that id among those."""
    return next((each for each in questions if each.id == question_id), None)


def save(
    settings: Settings, title: str, sql: str, author: str, *, shared: bool, chart: Chart | None = None
) -> Question:
    """Keep a question. The author's question of the same title is replaced.

    Raises:
        NotSaved: no title, no query, too long, or too many of this author.
    """
    title, sql = " ".join(title.split()), sql.strip()
    if not title or not sql or not author:
        raise NotSaved("A question needs a title, a query and an author.")
    if len(title) > TITLE_LIMIT or len(sql) > SQL_LIMIT:
        raise NotSaved(f"The title may have {TITLE_LIMIT} characters, the query {SQL_LIMIT}.")
    own = [each for each in _kept(settings) if each.author == author]
    same = next((each for each in own if each.title_en == title), None)
    if same is None and len(own) >= PER_AUTHOR:
        raise NotSaved(f"{PER_AUTHOR} questions are kept already: delete one first.")
    question_id = same.id if same else f"{_slug(title)}-{secrets.token_hex(4)}"
    question = Question(question_id, title, title, sql, " ".join(author.split()), shared, chart)
    receipts.replace(_folder(settings) / f"{question.id}.sql", question.as_file())
    return question


def delete(settings: Settings, question_id: str, author: str) -> None:
    """Forget a question. Raises NotSaved when it is not the author's."""
    path = _folder(settings) / f"{question_id}.sql"
    if not ID.fullmatch(question_id) or not path.exists() or read(path).author != author:
        raise NotSaved("Only its author can delete a question.")
    path.unlink()


def _folder(settings: Settings) -> Path:
    return settings.root / "questions"


def _kept(settings: Settings) -> list[Question]:
    return [read(path) for path in sorted(_folder(settings).glob("*.sql")) if ID.fullmatch(path.stem)]


def _slug(title: str) -> str:
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or "question"
