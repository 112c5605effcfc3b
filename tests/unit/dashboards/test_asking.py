"""The SQL page's state: the last thing asked counts, and a question follows the language."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pyarrow as pa
import pytest

from backhaul import questions
from backhaul.sandbox import errors
from backhaul.sandbox.pool import Answer
from dashboards import asking
from dashboards.asking import HISTORY_KEPT, SHIPPED, Asking
from dashboards.i18n import language
from dashboards.view import View


class Engine:
    """Answers with the text; may be told to fail, or to be asked something else meanwhile."""

    def __init__(self) -> None:
        self.fails: errors.QueryError | None = None
        self.meanwhile: list[Asking] = []
        self.stopped: list[str] = []

    def run(self, database: Path, sql: str, user: str) -> Answer:
        if self.meanwhile:
            other = self.meanwhile.pop()
            other.text = "select 2"
            other.run(view("en"))
        if self.fails:
            raise self.fails
        return Answer(pa.table({"sql": [sql]}), 0.1, "")

    def plan(self, database: Path, sql: str, user: str) -> str:
        return f"plan of {sql}"

    def stop(self, user: str) -> None:
        self.stopped.append(user)


def view(code: str) -> View:
    return cast(
        "View", SimpleNamespace(language=language(code), publish=SimpleNamespace(path=lambda settings: Path("x")))
    )


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    engine = Engine()
    monkeypatch.setattr(asking, "sandbox", lambda: engine)
    return engine


def test_an_answer_replaces_the_error_before_and_is_remembered(engine: Engine) -> None:
    state = Asking(text="select 1")
    engine.fails = errors.OutOfTime(seconds="4")
    state.run(view("en"))
    assert (state.answer, state.problem) == (None, engine.fails)
    engine.fails = None
    state.run(view("en"))
    assert state.problem is None
    assert state.answered == "select 1"
    assert [each.rows for each in state.history] == [1, None]
    state.explain(view("en"))
    assert (state.plan, state.answer) == ("plan of select 1", None)
    assert engine.stopped == [state.user] * 3


def test_an_answer_that_comes_after_the_next_question_is_not_shown(engine: Engine) -> None:
    state = Asking(text="select 1")
    engine.meanwhile = [state]
    state.run(view("en"))
    assert state.answered == "select 2"
    assert state.answer is not None
    assert state.answer.table.to_pylist() == [{"sql": "select 2"}]


def test_the_history_has_an_end(engine: Engine) -> None:
    state = Asking()
    for number in range(HISTORY_KEPT + 5):
        state.text = f"select {number}"
        state.run(view("en"))
    assert len(state.history) == HISTORY_KEPT
    assert state.history[0].sql == f"select {HISTORY_KEPT + 4}"


def test_a_question_of_the_project_is_opened_in_the_language_of_the_page(engine: Engine) -> None:
    question = questions.read(SHIPPED / "said-and-found.sql")
    state = Asking()
    state.open(question, view("fr"))
    assert "label_fr" in state.text
    assert state.answered == state.text
    assert state.shows(question, "fr")
    assert not state.shows(question, "en")
    assert state.chart == question.chart
