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


def test_a_demo_business_arrives_day_by_day() -> None:
    asked = ["simulate", "--units", "500", "--until"]
    first, same, early = (runner.invoke(app, [*asked, day]) for day in ("2025-10-02", "2025-10-02", "2025-09-30"))
    assert (first.exit_code, same.exit_code, early.exit_code) == (0, 0, 1)
    assert "0 new files" not in first.output
    assert "0 new files in drop/, up to 2025-10-02" in same.output
    assert "The year begins on 2025-10-01" in early.output
    assert "Traceback" not in early.output


def test_vendors_without_a_business_are_explained() -> None:
    found = runner.invoke(app, ["vendors"])
    assert found.exit_code == 1
    assert "holds no simulated business" in found.output


def test_a_demo_business_is_written_once(tmp_path: Path) -> None:
    assert runner.invoke(app, ["simulate", "--units", "600"]).exit_code == 0
    assert (tmp_path / "sources.yml").is_file()
    again = runner.invoke(app, ["simulate", "--units", "600"])
    assert again.exit_code == 1
    assert "sources.yml" in again.output
    assert "Traceback" not in again.output
    assert "easypost" in runner.invoke(app, ["status"]).output
