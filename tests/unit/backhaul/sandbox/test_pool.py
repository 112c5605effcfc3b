"""Queries in their real processes: answers, limits that hold, and a second wall behind the check."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import psutil
import pytest

from backhaul.sandbox import errors
from backhaul.sandbox.limits import GRACE_SECONDS, NICENESS, Limits
from backhaul.sandbox.pool import Sandbox
from backhaul.settings import PROJECT

LIMITS = Limits(seconds=2, megabytes=256, rows=1_000, result_megabytes=8)
RUNAWAY = "select max(hash(a.range + b.range)) from range(1000000000) a, range(1000000) b"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox(LIMITS, processes=2)
    yield sandbox
    sandbox.close()


def test_a_question_is_answered_with_its_types(sandbox: Sandbox, database: Path) -> None:
    sql = "select unit_key, amount_reporting, mass from core.fct_cost where unit_key = 4"
    answer = sandbox.run(database, sql, "ann")
    assert answer.table.to_pylist() == [{"unit_key": 4, "amount_reporting": Decimal("5.0000"), "mass": {"kg": 4}}]
    assert answer.cut == ""
    assert 0 <= answer.seconds < LIMITS.seconds


def test_a_plan_names_the_tables_and_runs_nothing(sandbox: Sandbox, database: Path) -> None:
    plan = sandbox.plan(database, f"{RUNAWAY}, core.fct_cost c where c.unit_key > b.range", "ann")
    assert "fct_cost" in plan
    with pytest.raises(errors.TableNotAllowed):
        sandbox.plan(database, "from '/etc/passwd'", "ann")
    with pytest.raises(errors.NotParsed):
        sandbox.plan(database, "analyze from core.fct_cost", "ann")


@pytest.mark.parametrize(
    ("sql", "cut", "rows"),
    [
        ("from range(1000)", "", 1_000),
        ("from range(1001)", "rows", 1_000),
        ("from range(100000000000)", "rows", 1_000),
        ("select repeat('x', 100000) from range(900)", "bytes", 0),
    ],
)
def test_a_result_is_cut_at_its_limits(sandbox: Sandbox, database: Path, sql: str, cut: str, rows: int) -> None:
    answer = sandbox.run(database, sql, "ann")
    assert (answer.cut, answer.table.num_rows) == (cut, rows)


@pytest.mark.parametrize(
    "sql",
    [
        RUNAWAY,
        "with recursive a as (select 1 as x union all select x + 1 from a) select max(x) from a",
        "select count(*) from fct_cost a, fct_cost b, fct_cost c, fct_cost d where hash(a.mass, b.mass) < hash(d.mass)",
        # one call that the engine's own clock cannot interrupt
        "select length(list_aggregate(list_transform(range(400), lambda x: lpad('a', 100000000, 'b')), 'max'))",
    ],
)
def test_a_runaway_is_stopped_at_its_time(sandbox: Sandbox, database: Path, sql: str) -> None:
    began = time.monotonic()
    with pytest.raises((errors.OutOfTime, errors.OutOfMemory)) as stopped:
        sandbox.run(database, sql, "ann")
    assert time.monotonic() - began < LIMITS.seconds + GRACE_SECONDS + 2
    assert any(limit in str(stopped.value) for limit in ("2 s", "256 MB"))


@pytest.mark.parametrize(
    "sql",
    [
        "select repeat('a', 1000000000)",
        "select string_agg(repeat('x', 1000000), '') from range(100000)",
        "select list(i) from range(1000000000) t(i)",
        "select list_resize([1], 2000000000)",
        "select format('{:>2000000000}', 'a')",
        "select printf('%2000000000d', 1)",
        "select range(1000000000)",
        "select * from core.fct_cost a, core.fct_cost b, range(1000) order by hash(a.evidence || b.evidence)",
        "select node_id, list(mass) from (from core.fct_cost, range(100000)) group by all order by all",
    ],
)
def test_a_memory_bomb_is_stopped(sandbox: Sandbox, database: Path, sql: str) -> None:
    with pytest.raises((errors.OutOfMemory, errors.OutOfTime)):
        sandbox.run(database, sql, "ann")


def test_a_query_that_breaks_the_parser_breaks_nothing_else(sandbox: Sandbox, database: Path) -> None:
    with pytest.raises(errors.QueryError):
        sandbox.run(database, "select " + "(" * 20_000 + "1" + ")" * 20_000, "ann")
    assert sandbox.run(database, "select 1", "ann").table.num_rows == 1


def test_an_unknown_column_is_answered_with_those_there_are(sandbox: Sandbox, database: Path) -> None:
    with pytest.raises(errors.EngineError, match="amount_reporting"):
        sandbox.run(database, "select amount from core.fct_cost", "ann")


def test_a_user_waits_for_the_own_query_and_others_do_not(sandbox: Sandbox, database: Path) -> None:
    stopped: list[errors.QueryError] = []

    def run_away() -> None:
        try:
            sandbox.run(database, RUNAWAY, "ann")
        except errors.QueryError as error:
            stopped.append(error)

    runaway = threading.Thread(target=run_away)
    runaway.start()
    time.sleep(0.5)
    with pytest.raises(errors.TooManyQueries, match="1 queries at once"):
        sandbox.run(database, "select 1", "ann")
    # another user's answer does not wait for it
    began = time.monotonic()
    assert sandbox.run(database, "select 1", "bob").table.num_rows == 1
    assert time.monotonic() - began < LIMITS.seconds
    runaway.join()
    assert [type(error) for error in stopped] == [errors.OutOfTime]
    assert sandbox.run(database, "select 1", "ann").table.num_rows == 1


def test_a_reader_who_asks_again_ends_the_query_before(sandbox: Sandbox, database: Path) -> None:
    stopped: list[type[errors.QueryError]] = []

    def run_away() -> None:
        try:
            sandbox.run(database, RUNAWAY, "ann")
        except errors.QueryError as error:
            stopped.append(type(error))

    runaway = threading.Thread(target=run_away)
    runaway.start()
    time.sleep(0.5)
    sandbox.stop("bob")
    began = time.monotonic()
    sandbox.stop("ann")
    assert sandbox.run(database, "select 1", "ann").table.num_rows == 1
    assert time.monotonic() - began < LIMITS.seconds - 0.5
    runaway.join()
    assert stopped == [errors.Replaced]


def test_a_query_stands_behind_the_pages_and_leaves_no_process(database: Path) -> None:
    sandbox = Sandbox(LIMITS)
    before = set(psutil.Process().children())
    sandbox.run(database, "select 1", "ann")
    waiting = [child for child in psutil.Process().children() if child not in before]
    assert [child.nice() for child in waiting] == [NICENESS]
    assert all(child.environ().get("HOME") is None for child in waiting)
    sandbox.close()
    assert not [child for child in waiting if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]


# What could be done by somebody who had got past the check: each prints what it got, and must print nothing.
SECOND_WALL = [
    "print(connection.execute(\"from read_text('/etc/hostname')\").fetchall())",
    "print(connection.execute('from read_blob(?)', [database]).fetchall())",
    "print(connection.execute(\"attach 'OUTSIDE'\"))",
    "print(connection.execute(\"copy core.fct_cost to 'OUTSIDE'\"))",
    "print(connection.execute('install httpfs'))",
    "print(connection.execute('load httpfs'))",
    "print(connection.execute('set memory_limit = 1000000000'))",
    "print(connection.execute('create table core.x as select 1'))",
    "print(connection.execute(\"select * from enable_logging(storage='file', storage_path='OUTSIDE')\"))",
    "print(connection.execute('from request').fetchall())",
    "print(open('/etc/hostname').read())",
    "print(open('OUTSIDE', 'w').write('x'))",
    "import socket; print(socket.socket())",
    "import subprocess; print(subprocess.run(['true']))",
    "import os; print(os.pipe())",
    "print(len(bytearray(3 * 1024 ** 3)))",
]


@pytest.mark.parametrize("attempt", SECOND_WALL)
def test_behind_the_check_stands_a_second_wall(database: Path, tmp_path: Path, attempt: str) -> None:
    outside = tmp_path / "outside"
    program = (
        "import os, sys; from backhaul.sandbox.limits import *; from backhaul.sandbox.worker import opened\n"
        "database, limits, request = sys.argv[1], Limits(seconds=2, megabytes=256), [1]\n"
        "confine(limits); connection = opened(database, limits); seal()\n"
        "if not is_sealed(): print('not sealed')\n" + attempt.replace("OUTSIDE", str(outside))
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", program, str(database)],
        env={"PYTHONPATH": str(PROJECT)}, cwd="/", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0, done.stdout
    assert done.stdout == ""
    assert not outside.exists()
