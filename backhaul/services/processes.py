"""Own every process of a run, however far removed, and end them all.

A run has an id, which stands in the environment of everything it starts. Airflow's tasks make sessions of their
own and outlive their parents, so that neither process groups nor parent links find them all: the mark does.
On Linux the supervisor also adopts orphans, so that they are reaped.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

MARK = "BACKHAUL_RUN"
_PR_SET_CHILD_SUBREAPER = 36
_started: set[int] = set()


@dataclass(frozen=True)
class Service:
    """A long-lived child: its name for people, its process and the file that has its output."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parent dies (Linux; elsewhere init adopts and reaps them)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def start(name: str, command: Sequence[str], env: Mapping[str, str], log: Path) -> Service:
    """Start a service in a session of its own (Ctrl-C is ours to handle), its output appended to ``log``."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            list(command),
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _started.add(process.pid)
    return Service(name, process, log)


def marked(run_id: str, mark: str = MARK) -> list[psutil.Process]:
    """Every living process of the run but this one."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.pid != os.getpid() and process.environ().get(mark) == run_id and _alive(process):
                found.append(process)
    return found


def reap_orphans() -> None:
    """Collect adopted processes that have ended; those started by ``start`` are left to their ``Popen``."""
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.Error, ChildProcessError):
            if child.pid not in _started and child.status() == psutil.STATUS_ZOMBIE:
                os.waitpid(child.pid, os.WNOHANG)


def stop(run_id: str, grace: float = 8.0, mark: str = MARK) -> None:
    """End every process of the run: ask, wait ``grace`` seconds, then kill until nothing is left."""
    asked: set[psutil.Process] = set()
    deadline = time.monotonic() + grace
    unseen = 0
    # Seen twice as empty: a process in the middle of its exec has no environment to be known by for an instant.
    while unseen < 2:
        remaining = marked(run_id, mark)
        unseen = 0 if remaining else unseen + 1
        late = time.monotonic() > deadline
        for process in remaining:
            with contextlib.suppress(psutil.Error):
                if late:
                    process.kill()
                elif process not in asked:
                    process.terminate()
                    asked.add(process)
        time.sleep(0.1)


def _alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
