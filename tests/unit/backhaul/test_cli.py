"""The command line: errors that say what to do, on an installation that has nothing yet."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from backhaul.cli import app

runner = CliRunner()


@pytest.fixture(autouse=True)
def _empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKHAUL_HOME", str(tmp_path))


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["figures"], "make up"),
        (["trace", "B02", "2026-05"], "make up"),
        (["publish"], "backhaul build"),
        (["rollback"], "backhaul status"),
        (["ingest", "--source", "nowhere"], "nowhere"),
        (["replay", "--source", "nowhere"], "nowhere"),
    ],
)
def test_what_cannot_be_done_is_said_in_plain_words(command: list[str], says: str) -> None:
    result = runner.invoke(app, command)
    assert result.exit_code == 1
    assert says in result.output
    assert "Traceback" not in result.output


def test_a_month_is_written_as_a_month() -> None:
    result = runner.invoke(app, ["trace", "B02", "2026-13"])
    assert result.exit_code == 2
    assert "%Y-%m" in result.output


def test_status_of_an_empty_home() -> None:
    result = runner.invoke(app, ["status"])
    assert result.exit_code == 0
    assert "nothing yet" in result.output


def test_a_demo_business_is_written_once(tmp_path: Path) -> None:
    assert runner.invoke(app, ["simulate", "--units", "600"]).exit_code == 0
    assert (tmp_path / "sources.yml").is_file()
    again = runner.invoke(app, ["simulate", "--units", "600"])
    assert again.exit_code == 1
    assert "sources.yml" in again.output
    assert "Traceback" not in again.output
    assert "easypost" in runner.invoke(app, ["status"]).output
