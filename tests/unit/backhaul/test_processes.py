"""Every process of a run is found and ended, whatever sessions and parents it has."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from backhaul.services import processes
from backhaul.services.errors import CannotRun
from backhaul.services.stack import Stack

# A parent that starts a grandchild in a session of its own, deaf to TERM, and dies at once.
ORPHAN_MAKER = """
import subprocess, sys
deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
child = subprocess.Popen([sys.executable, "-c", deaf], start_new_session=True, stdout=subprocess.PIPE)
child.stdout.readline()
"""
SLEEPER = "import time; time.sleep(600)"


def wait_for(condition: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true"
        time.sleep(0.05)


@pytest.fixture
def run_id() -> str:
    return uuid.uuid4().hex


@pytest.fixture
def env() -> dict[str, str]:
    return dict(os.environ) | {"PYTHONPATH": str(Path(processes.__file__).parents[2])}


def test_an_orphan_that_ignores_term_is_found_and_killed(run_id: str, env: dict[str, str], tmp_path: Path) -> None:
    maker = processes.start(
        "maker", [sys.executable, "-c", ORPHAN_MAKER], env | {processes.MARK: run_id}, tmp_path / "l"
    )
    assert maker.process.wait() == 0
    (orphan,) = processes.marked(run_id)
    assert orphan.pid != maker.process.pid
    processes.stop(run_id, grace=0.2)
    assert not processes.marked(run_id)
    wait_for(lambda: not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE)


def test_processes_of_another_run_are_left_alone(run_id: str, env: dict[str, str], tmp_path: Path) -> None:
    other = uuid.uuid4().hex
    service = processes.start("other", [sys.executable, "-c", SLEEPER], env | {processes.MARK: other}, tmp_path / "l")
    wait_for(lambda: processes.marked(other))
    processes.stop(run_id)
    assert service.process.poll() is None
    processes.stop(other)
    assert service.process.wait() != 0


def test_leaving_the_stack_ends_everything(run_id: str, env: dict[str, str], tmp_path: Path) -> None:
    with Stack(run_id, env, tmp_path) as stack:
        stack.start("sleeper", [sys.executable, "-c", SLEEPER])
        stack.begin("maker", [sys.executable, "-c", ORPHAN_MAKER]).process.wait()
        wait_for(lambda: len(processes.marked(run_id)) == 2)
    assert not processes.marked(run_id)


def test_a_service_that_dies_is_reported_with_its_last_words(run_id: str, env: dict[str, str], tmp_path: Path) -> None:
    with Stack(run_id, env, tmp_path) as stack:
        stack.start("scheduler", [sys.executable, "-c", "raise SystemExit('no room on the disk')"])
        with pytest.raises(
            CannotRun, match=r"scheduler has ended unexpectedly \(exit code 1\)(?s:.*)no room on the disk"
        ):
            stack.wait_until(lambda: False, "nothing")


def test_a_failing_job_is_reported_with_its_last_words(run_id: str, env: dict[str, str], tmp_path: Path) -> None:
    with Stack(run_id, env, tmp_path) as stack:
        job = stack.begin("demo", [sys.executable, "-c", "raise SystemExit('seed is not a number')"])
        with pytest.raises(CannotRun, match=r"The demo failed(?s:.*)seed is not a number"):
            stack.finish(job, "The demo failed")


def test_nothing_outlives_a_supervisor_that_is_killed(run_id: str, env: dict[str, str], tmp_path: Path) -> None:
    supervisor = f"""
import sys, time
from pathlib import Path
from backhaul.services.stack import Stack
with Stack({run_id!r}, dict(__import__("os").environ), Path({str(tmp_path)!r})) as stack:
    stack.start("sleeper", [sys.executable, "-c", {SLEEPER!r}])
    stack.begin("maker", [sys.executable, "-c", {ORPHAN_MAKER!r}]).process.wait()
    print("up", flush=True)
    time.sleep(600)
"""
    process = subprocess.Popen([sys.executable, "-c", supervisor], env=env, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"up\n"
    assert len(processes.marked(run_id)) == 2
    process.kill()
    process.wait()
    process.stdout.close()
    wait_for(lambda: not processes.marked(run_id))


def test_a_process_that_is_unseen_for_an_instant_is_still_ended(
    monkeypatch: pytest.MonkeyPatch, run_id: str, tmp_path: Path
) -> None:
    service = processes.start(
        "late", [sys.executable, "-c", SLEEPER], os.environ | {processes.MARK: run_id}, tmp_path / "log"
    )
    marked, scans = processes.marked, []

    def blind_once(*arguments: str) -> list[psutil.Process]:
        # as in the middle of its exec, when a process has no environment yet
        scans.append(arguments)
        return [] if len(scans) == 1 else marked(*arguments)

    monkeypatch.setattr(processes, "marked", blind_once)
    processes.stop(run_id)
    assert service.process.wait(timeout=5) != 0
