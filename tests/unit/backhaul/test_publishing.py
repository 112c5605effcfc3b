"""Write, audit, publish: atomic swap, refusal, rollback, and kills at every boundary."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import duckdb
import pytest

from backhaul.ledger import BuildRecord, write_build
from backhaul.publishing import GateFailed, NothingToPublish, current, history, publish, rollback
from backhaul.receipts import Check
from backhaul.settings import PROJECT, Settings


def passes(_settings: Settings, _candidate: Path, _before: Path | None) -> list[Check]:
    return [Check("rows are there", True, "1", "fail")]


def built(settings: Settings, build_id: str, value: int, state: str = "success") -> None:
    """A finished build with one table, one view on it and a comment, as dbt leaves them."""
    settings.build_db.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(settings.build_db)) as connection:
        for schema in ("core", "marts", "quality", "staging"):
            connection.execute(f"create schema if not exists {schema}")
        connection.execute(f"create or replace table core.fact as select {value} as value, 'é' as label")
        connection.execute("comment on table core.fact is 'It''s a fact.'")
        connection.execute("comment on column core.fact.value is 'The value.'")
        connection.execute("create or replace view marts.seen as select value from core.fact")
        connection.execute(
            "create or replace table core.fct_kpi as select 'B02' as kpi_id, date '2026-03-01' as period_month, "
            f"'ALL' as slice_dimension, '' as slice_member, {value} as numerator, 1 as denominator, {value} as value, "
            "1 as coverage, now()::timestamp as as_of"
        )
        connection.execute("create or replace table staging.secret as select 'raw text' as raw")
    runs = settings.root / "builds" / f"{build_id}.jsonl"
    runs.parent.mkdir(exist_ok=True)
    runs.write_text('{"build_id": "b", "node_id": "model.x", "status": "success"}\n')
    write_build(settings, BuildRecord(build_id, state, "2026-01-01T00:00:00+00:00", None, "lake", "CAD"))


def served(settings: Settings) -> int:
    """What a reader that follows the pointer sees."""
    now = current(settings)
    assert now is not None
    with duckdb.connect(str(now.path(settings)), read_only=True) as connection:
        row = connection.execute("select value from marts.seen").fetchone()
    assert row is not None
    return int(row[0])


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


def test_readers_get_tables_views_and_comments_and_no_raw_rows(settings: Settings) -> None:
    built(settings, "b1", 7)
    published = publish(settings, passes)
    assert served(settings) == 7
    with duckdb.connect(str(published.path(settings)), read_only=True) as connection:
        schemas = {row[0] for row in connection.execute("select distinct schema_name from duckdb_tables()").fetchall()}
        assert schemas == {"core", "marts", "quality"}
        comments = connection.execute("select comment from duckdb_tables() where table_name = 'fact'").fetchall()
        assert comments == [("It's a fact.",)]
        columns = connection.execute(
            "select comment from duckdb_columns() where column_name = 'value' and table_name = 'fact'"
        )
        assert columns.fetchall() == [("The value.",)]
        assert connection.execute("select expectation, is_success from quality.quality_gate_result").fetchall() == [
            ("rows are there", True)
        ]


def test_every_table_and_column_that_the_publish_adds_is_described(settings: Settings) -> None:
    built(settings, "b1", 7)
    published = publish(settings, passes)
    with duckdb.connect(str(published.path(settings)), read_only=True) as connection:
        undescribed = connection.execute(
            "select table_name, column_name from duckdb_columns() where comment is null and table_name in "
            "('quality_model_run', 'quality_gate_result', 'mart_kpi_as_known')"
        ).fetchall()
        runs = connection.execute("select node_id, status from quality.quality_model_run").fetchall()
    assert undescribed == []
    assert runs == [("model.x", "success")]


def test_publishing_a_build_twice_changes_nothing(settings: Settings) -> None:
    built(settings, "b1", 7)
    first = publish(settings, passes)
    pointer = settings.pointer.stat().st_mtime_ns
    assert publish(settings, passes) == first
    assert settings.pointer.stat().st_mtime_ns == pointer


def test_a_failing_gate_publishes_nothing_and_says_which_rows(settings: Settings) -> None:
    built(settings, "b1", 7)
    publish(settings, passes)
    built(settings, "b2", 8)
    with pytest.raises(GateFailed, match="B02 2026-03 is negative"):
        publish(settings, lambda *_: [Check("cost is positive", False, "B02 2026-03 is negative", "fail")])
    assert served(settings) == 7
    assert not list(settings.published.glob(".candidate-*"))


def test_a_warning_does_not_stop_a_publish(settings: Settings) -> None:
    built(settings, "b1", 7)
    publish(settings, lambda *_: [Check("coverage is high", False, "0.4", "warn")])
    assert served(settings) == 7


@pytest.mark.parametrize("state", ["running", "failed"])
def test_an_unfinished_build_is_not_published(settings: Settings, state: str) -> None:
    built(settings, "b1", 7, state=state)
    with pytest.raises(NothingToPublish, match=state):
        publish(settings, passes)
    assert current(settings) is None


def test_rollback_and_forward_again(settings: Settings) -> None:
    built(settings, "b1", 7)
    publish(settings, passes)
    built(settings, "b2", 8)
    publish(settings, passes)
    assert rollback(settings).publish_id == "b1"
    assert served(settings) == 7
    # the newest build is published again under its own, never rewritten, file
    before = (settings.published / "b2.duckdb").stat().st_mtime_ns
    publish(settings, passes)
    assert served(settings) == 8
    assert (settings.published / "b2.duckdb").stat().st_mtime_ns == before


def test_nothing_earlier_to_roll_back_to(settings: Settings) -> None:
    built(settings, "b1", 7)
    publish(settings, passes)
    with pytest.raises(NothingToPublish):
        rollback(settings)
    assert served(settings) == 7


def test_only_the_last_publishes_are_kept_and_metrics_stay_known(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, keep_publishes=2)
    for number in (1, 2, 3):
        built(settings, f"b{number}", number)
        publish(settings, passes)
    assert [item.publish_id for item in history(settings)] == ["b2", "b3"]
    now = current(settings)
    assert now is not None
    with duckdb.connect(str(now.path(settings)), read_only=True) as connection:
        known = connection.execute("select publish_id, value from marts.mart_kpi_as_known order by 1").fetchall()
    assert known == [("b1", 1), ("b2", 2), ("b3", 3)]


# every call that a publish makes of what changes the disk, by its order
BOUNDARIES = [
    ("backhaul.publishing.write_candidate", 1),
    *(("os.fsync", nth) for nth in range(1, 7)),
    *(("os.replace", nth) for nth in range(1, 4)),
    ("backhaul.publishing._prune", 1),
]


@pytest.mark.parametrize(("boundary", "nth"), BOUNDARIES)
@pytest.mark.parametrize("after", [False, True])
def test_a_killed_publish_leaves_the_old_or_the_new_one(
    settings: Settings, boundary: str, nth: int, after: bool
) -> None:
    built(settings, "b1", 7)
    publish(settings, passes)
    built(settings, "b2", 8)
    module, _, name = boundary.rpartition(".")
    program = textwrap.dedent(f"""
        import importlib, os, signal
        from pathlib import Path
        import backhaul.publishing as publishing
        from backhaul.receipts import Check
        from backhaul.settings import Settings
        module = importlib.import_module({module!r})
        original, calls = getattr(module, {name!r}), 0
        def deadly(*args, **kwargs):
            global calls
            calls += 1
            if calls == {nth} and not {after}:
                os.kill(os.getpid(), signal.SIGKILL)
            result = original(*args, **kwargs)
            if calls == {nth}:
                os.kill(os.getpid(), signal.SIGKILL)
            return result
        setattr(module, {name!r}, deadly)
        publishing.publish(Settings(home=Path({str(settings.root)!r})), lambda *_: [Check("ok", True, "", "fail")])
    """)
    done = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, env=os.environ, check=False)
    assert done.returncode == -signal.SIGKILL, "the publish never came to this point"
    assert served(settings) in {7, 8}
    publish(settings, passes)
    assert served(settings) == 8
    assert not list(settings.published.glob(".candidate-*"))
