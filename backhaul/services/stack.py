"""The running services of one home: start them, wait for them, notice when one dies, end them all."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

from backhaul.services import processes, watchdog
from backhaul.services.alone import uninterrupted
from backhaul.services.errors import CannotRun

_START_TIMEOUT = 240.0


class Stack:
    """A context that owns the processes of one run; leaving it ends every one of them."""

    def __init__(self, run_id: str, env: Mapping[str, str], logs: Path) -> None:
        """``env`` is what the services get, the run's mark apart; ``logs`` is the folder of their output."""
        self.run_id, self.env, self.logs = run_id, dict(env), logs
        self._running: list[processes.Service] = []
        self._guard: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        processes.adopt_orphans()
        self._guard = watchdog.launch(self.run_id, self.env)
        return self

    def __exit__(self, *_: object) -> None:
        with uninterrupted():
            processes.stop(self.run_id)
            for service in self._running:
                service.process.wait()
            if self._guard is not None and self._guard.stdin is not None:
                self._guard.stdin.close()
                self._guard.wait()
            processes.reap_orphans()

    def start(self, name: str, command: Sequence[str]) -> processes.Service:
        """Start a service that is expected to live as long as the stack."""
        service = self._start(name, command)
        self._running.append(service)
        return service

    def begin(self, name: str, command: Sequence[str]) -> processes.Service:
        """Start a job that ends by itself; ``finish`` waits for it."""
        return self._start(name, command)

    def finish(self, job: processes.Service, complaint: str) -> None:
        """Wait for a job; raises CannotRun with the end of its output when it fails."""
        while (code := job.process.poll()) is None:
            self.check()
            time.sleep(0.2)
        if code != 0:
            raise CannotRun(f"{complaint} (exit code {code}). {_tail(job.log)}")

    def wait_until(self, condition: Callable[[], bool], complaint: str) -> None:
        """Wait for a condition; raises CannotRun when a service dies meanwhile, or after four minutes."""
        deadline = time.monotonic() + _START_TIMEOUT
        while not condition():
            self.check()
            if time.monotonic() > deadline:
                raise CannotRun(f"{complaint} after {_START_TIMEOUT:.0f} s; its log is in {self.logs}.")
            time.sleep(0.5)

    def check(self) -> None:
        """Raise CannotRun when a service has ended, which none should."""
        processes.reap_orphans()
        for service in self._running:
            if (code := service.process.poll()) is not None:
                raise CannotRun(f"{service.name} has ended unexpectedly (exit code {code}). {_tail(service.log)}")

    def _start(self, name: str, command: Sequence[str]) -> processes.Service:
        env = self.env | {processes.MARK: self.run_id}
        return processes.start(name, command, env, self.logs / f"{name}.log")


def _tail(log: Path, lines: int = 15) -> str:
    text = log.read_text(encoding="utf-8", errors="backslashreplace").splitlines()[-lines:]
    return f"The last lines of {log}:\n" + "\n".join(f"    {line}" for line in text)
