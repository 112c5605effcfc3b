"""Asking: a warm process for each query, a place for it, and an end to it."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa

from backhaul.sandbox import errors
from backhaul.sandbox.limits import GRACE_SECONDS, NICENESS, Limits
from backhaul.settings import PROJECT

log = logging.getLogger(__name__)
# The answer's first line and the frame of the Arrow stream.
OVERHEAD_BYTES = 4 * 1024**2
# A query that is just ending is worth waiting for.
PATIENCE_SECONDS = 1.0
ENDED_BY_TIME = frozenset({-signal.SIGKILL, -signal.SIGXCPU})
Mode = Literal["run", "plan"]


@dataclass(frozen=True)
class Answer:
    """The rows of a query, the seconds the engine took, and what cut them short: rows, bytes or nothing."""

    table: pa.Table
    seconds: float
    cut: Literal["", "rows", "bytes"]


class Sandbox:
    """Runs queries, each in a process that serves it alone and is waiting before it is asked.

    Thread-safe; one for a server. Beyond ``processes`` queries at once, or ``per_user`` of the same user, it says so
    after a moment instead of queueing: a page that waits unseen looks broken.
    """

    def __init__(self, limits: Limits | None = None, processes: int = 3, per_user: int = 1) -> None:
        self.limits = limits or Limits()
        self._processes, self._per_user = processes, per_user
        self._running: Counter[str] = Counter()
        self._waiting: list[subprocess.Popen[bytes]] = []
        self._working: dict[subprocess.Popen[bytes], str] = {}
        self._replaced: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._free = threading.Condition(self._lock)

    def run(self, database: Path, sql: str, user: str) -> Answer:
        """The rows of one query over a published file.

        Raises:
            QueryError: the query may not be run, failed, or was stopped; the class says which.
        """
        head, body = self._ask(database, sql, user, "run")
        try:
            with pa.ipc.open_stream(body) as stream:
                table = stream.read_all()
            table.validate(full=True)
        except pa.ArrowException as error:
            raise errors.Crashed from error
        return Answer(table, float(head["seconds"]), head["cut"])

    def plan(self, database: Path, sql: str, user: str) -> str:
        """How the engine would answer: its operators as a tree, in plain text. Raises as ``run`` does."""
        head, _ = self._ask(database, sql, user, "plan")
        return str(head["plan"])

    def stop(self, user: str) -> None:
        """End what runs for a user, who asks something else now; whoever waits for it is told ``Replaced``."""
        with self._lock:
            for process, whose in self._working.items():
                if whose == user:
                    self._replaced.add(process)
                    process.kill()

    def close(self) -> None:
        """End the processes that wait."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
        for process in waiting:
            _end(process)

    def _ask(self, database: Path, sql: str, user: str, mode: Mode) -> tuple[dict[str, Any], bytes]:
        began = time.monotonic()
        outcome = "answered"
        try:
            with self._place(user), self._process(user) as process:
                request = {"database": str(database), "sql": sql, "mode": mode, "limits": asdict(self.limits)}
                return self._answer(process, request)
        except errors.QueryError as error:
            outcome = error.code
            raise
        finally:
            log.info("query %s %s by %s in %.2f s: %r", mode, outcome, user, time.monotonic() - began, sql[:2000])

    def _answer(self, process: subprocess.Popen[bytes], request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        most = self.limits.result_megabytes * 1024**2 + OVERHEAD_BYTES
        stopper = threading.Timer(self.limits.seconds + GRACE_SECONDS, process.kill)
        stopper.start()
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps(request).encode() + b"\n")
            process.stdin.close()
            content = process.stdout.read(most + 1)
        except BrokenPipeError:
            content = b""
        finally:
            stopper.cancel()
        line, _, body = content.partition(b"\n")
        if process in self._replaced:
            raise errors.Replaced
        if not line and process.wait() in ENDED_BY_TIME:
            raise errors.OutOfTime(seconds=f"{self.limits.seconds:g}")
        if not line or len(content) > most:
            raise errors.Crashed
        head = json.loads(line)
        if "error" in head:
            raise errors.REASONS[head["error"]](**head["parts"])
        return head, body

    @contextmanager
    def _place(self, user: str) -> Iterator[None]:
        def is_free() -> bool:
            return self._running[user] < self._per_user and self._running.total() < self._processes

        with self._free:
            if not self._free.wait_for(is_free, PATIENCE_SECONDS):
                own = self._running[user]
                raise errors.TooManyQueries(running=str(own if own >= self._per_user else self._running.total()))
            self._running[user] += 1
        try:
            yield
        finally:
            with self._free:
                self._running[user] -= 1
                # users without a query are not kept
                self._running += Counter()
                self._free.notify_all()

    @contextmanager
    def _process(self, user: str) -> Iterator[subprocess.Popen[bytes]]:
        """A process for one query; the next one starts while it works."""
        with self._lock:
            process = self._waiting.pop() if self._waiting else None
        if process is None or process.poll() is not None:
            process = _start()
        try:
            with self._lock:
                self._working[process] = user
                if not self._waiting:
                    self._waiting.append(_start())
            yield process
        finally:
            with self._lock:
                self._working.pop(process, None)
                self._replaced.discard(process)
            _end(process)


def _start() -> subprocess.Popen[bytes]:
    """A worker that has loaded what it needs, with nothing of this process's environment."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "backhaul.sandbox.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=os.sep,
        env={"PYTHONPATH": str(PROJECT), "PYTHONDONTWRITEBYTECODE": "1"},
        start_new_session=True,
    )
    # behind the pages from its first breath
    os.setpriority(os.PRIO_PROCESS, process.pid, NICENESS)
    return process


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    process.wait()
