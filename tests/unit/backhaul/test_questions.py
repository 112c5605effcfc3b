"""Saved questions: whose they are, who sees them, and that their files hold them whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from backhaul import questions
from backhaul.questions import Chart, NotSaved
from backhaul.settings import PROJECT, Settings

SHIPPED = PROJECT / "dashboards" / "questions"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


def titles(settings: Settings, reader: str) -> list[str]:
    return [each.title_en for each in questions.visible(settings, SHIPPED, reader) if not each.is_shipped]


def test_a_question_comes_back_as_it_was_saved(settings: Settings) -> None:
    chart = Chart("line", "month", "value")
    sql = "-- author: bob\nselect 1 as value;\n\nselect 'é'"
    saved = questions.save(settings, "Coûts  d’été\n", sql, "ann", shared=True, chart=chart)
    found = questions.find(questions.visible(settings, SHIPPED, "bob"), saved.id)
    assert found == saved
    assert (found.sql, found.title("fr"), found.chart) == (sql, "Coûts d’été", chart)
    assert questions.ID.fullmatch(found.id)


def test_a_question_that_is_not_shared_is_seen_by_its_author_alone(settings: Settings) -> None:
    questions.save(settings, "Mine", "select 1", "ann", shared=False)
    questions.save(settings, "Ours", "select 1", "ann", shared=True)
    assert titles(settings, "ann") == ["Mine", "Ours"]
    assert titles(settings, "bob") == ["Ours"]


def test_the_same_title_of_the_same_author_is_replaced(settings: Settings) -> None:
    first = questions.save(settings, "Mine", "select 1", "ann", shared=True)
    again = questions.save(settings, "Mine", "select 2", "ann", shared=True)
    other = questions.save(settings, "Mine", "select 3", "bob", shared=True)
    assert again.id == first.id != other.id
    assert titles(settings, "ann") == ["Mine", "Mine"]


def test_only_the_author_deletes(settings: Settings) -> None:
    saved = questions.save(settings, "Mine", "select 1", "ann", shared=True)
    for question_id, author in ((saved.id, "bob"), (f"../questions/{saved.id}", "ann"), ("nothing", "ann")):
        with pytest.raises(NotSaved):
            questions.delete(settings, question_id, author)
    questions.delete(settings, saved.id, "ann")
    assert titles(settings, "ann") == []


@pytest.mark.parametrize(
    ("title", "sql", "author"),
    [("", "select 1", "ann"), ("T", " ", "ann"), ("T", "select 1", ""), ("T" * 121, "select 1", "ann")],
)
def test_what_cannot_be_kept_is_said(settings: Settings, title: str, sql: str, author: str) -> None:
    with pytest.raises(NotSaved):
        questions.save(settings, title, sql, author, shared=True)


def test_an_author_cannot_fill_the_disk(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions, "PER_AUTHOR", 1)
    questions.save(settings, "First", "select 1", "ann", shared=True)
    with pytest.raises(NotSaved, match="delete one"):
        questions.save(settings, "Second", "select 1", "ann", shared=True)
    questions.save(settings, "First", "select 2", "ann", shared=True)


def test_an_author_cannot_pass_for_another_by_a_line_break(settings: Settings) -> None:
    saved = questions.save(settings, "T\n-- author: bob", "select 1", "ann\n-- shared: no", shared=True)
    assert questions.find(questions.visible(settings, SHIPPED, "x"), saved.id) == saved


def test_the_projects_own_have_both_languages_and_a_chart_of_columns_they_name() -> None:
    shipped = [questions.read(path) for path in sorted(SHIPPED.glob("*.sql"))]
    assert len(shipped) >= 8
    for question in shipped:
        assert question.is_shipped
        assert question.title("en") != question.title("fr")
        assert "_en" not in question.text("fr")
        assert question.text("en") == question.sql
