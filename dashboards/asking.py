"""What the SQL page does: who asks, what was asked in this session, and the sandbox that answers."""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import streamlit as st

from backhaul import questions
from backhaul.questions import Chart, Question
from backhaul.sandbox.errors import QueryError
from backhaul.sandbox.limits import Limits
from backhaul.sandbox.pool import Answer, Sandbox
from backhaul.settings import get_settings
from dashboards.access import SignIn
from dashboards.view import View

SHIPPED = Path(__file__).with_name("questions")
HISTORY_KEPT = 30
# Who has not signed in; each of their sessions then asks for itself.
ANYBODY = "local"
_SHARED = "_asking"
queries = logging.getLogger("backhaul.sandbox")


@dataclass(frozen=True)
class Asked:
    """One query of this session: its text, when, and what came of it; rows are None when it was not answered."""

    sql: str
    at: datetime
    rows: int | None
    seconds: float


@dataclass
class Asking:
    """The state of the page in one session. Of answers only the last is held."""

    user: str = field(default_factory=lambda: uuid.uuid4().hex)
    text: str = ""
    opened: tuple[str, str] | None = None
    chart: Chart | None = None
    answer: Answer | None = None
    answered: str = ""
    plan: str = ""
    problem: QueryError | None = None
    history: list[Asked] = field(default_factory=list)
    turn: int = 0

    def run(self, view: View) -> None:
        """Answer the text, or note why not."""
        began, text, turn = datetime.now(UTC), self.text, self._take_turn()
        answer: Answer | None = None
        problem: QueryError | None = None
        try:
            answer = sandbox().run(view.publish.path(get_settings()), text, self.user)
        except QueryError as error:
            problem = error
        seconds = (datetime.now(UTC) - began).total_seconds()
        self.history.insert(0, Asked(text, began, answer.table.num_rows if answer else None, seconds))
        del self.history[HISTORY_KEPT:]
        if turn == self.turn:
            self.answer, self.answered, self.problem = answer, text, problem

    def explain(self, view: View) -> None:
        """How the engine would answer the text."""
        text, turn = self.text, self._take_turn()
        plan = ""
        problem: QueryError | None = None
        try:
            plan = sandbox().plan(view.publish.path(get_settings()), text, self.user)
        except QueryError as error:
            problem = error
        if turn == self.turn:
            self.plan, self.problem = plan, problem

    def _take_turn(self) -> int:
        """The last thing asked counts: while a query runs the page can be used, and asks again."""
        self.turn += 1
        sandbox().stop(self.user)
        self.answer, self.answered, self.plan, self.problem = None, "", "", None
        return self.turn

    def open(self, question: Question, view: View) -> None:
        """Take a question's text and answer it."""
        self.opened = (question.id, view.language.code)
        self.text, self.chart = question.text(view.language.code), question.chart
        self.run(view)

    def shows(self, question: Question, language: str) -> bool:
        """True when the text is still that of the question in that language."""
        return self.text.strip() == question.text(language).strip()


@st.cache_resource(show_spinner=False)
def sandbox() -> Sandbox:
    """The one sandbox of this server."""
    # who asked what, for the log of the dashboards: Streamlit shows warnings only
    if not queries.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
        queries.addHandler(handler)
        queries.setLevel(logging.INFO)
    settings = get_settings()
    limits = Limits(settings.sql_seconds, settings.sql_megabytes, settings.sql_rows)
    return Sandbox(limits, processes=settings.sql_processes)


def asking() -> Asking:
    """The state of this session."""
    if _SHARED not in st.session_state:
        who = reader()
        st.session_state[_SHARED] = Asking(user=who if who != ANYBODY else f"{who}-{uuid.uuid4().hex[:8]}")
    state: Asking = st.session_state[_SHARED]
    return state


def reader() -> str:
    """Who asks: the provider's own name of a signed-in person, else the one that everybody on this machine shares."""
    return str(st.user.get("sub") or ANYBODY) if SignIn().is_on else ANYBODY


def known(view: View) -> list[Question]:
    """The questions that the reader may open, by title in each of the two groups."""
    found = questions.visible(get_settings(), SHIPPED, reader())
    return sorted(found, key=lambda each: (not each.is_shipped, each.title(view.language.code).casefold()))
