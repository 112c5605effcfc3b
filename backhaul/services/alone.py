"""One supervisor per home: refuse a second, clean up after one that was killed, mind the ports and the signals."""

from __future__ import annotations

import json
import os
import signal
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from filelock import FileLock, Timeout

from backhaul.services import processes
from backhaul.services.errors import CannotRun, Stopped
from backhaul.settings import Settings

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def alone(settings: Settings) -> Iterator[str]:
    """Hold the home for this process and give a new run id; raises CannotRun while another supervisor lives.

    The kernel frees the lock when its holder dies, however it dies. What such a holder left running is ended here.
    """
    settings.run.mkdir(parents=True, exist_ok=True)
    lock, note = FileLock(settings.run / "supervisor.lock"), settings.run / "supervisor.json"
    try:
        lock.acquire(timeout=0)
    except Timeout:
        pid = json.loads(note.read_text(encoding="utf-8"))["pid"] if note.exists() else "unknown"
        raise CannotRun(
            f"Backhaul is already running for {settings.root} (process {pid}). Stop it with Ctrl-C there, or "
            f"`kill {pid}`; to run a second one, give it a BACKHAUL_HOME and ports of its own."
        ) from None
    try:
        if note.exists():
            processes.stop(json.loads(note.read_text(encoding="utf-8"))["run_id"])
        run_id = uuid.uuid4().hex
        fresh = note.with_suffix(".new")
        fresh.write_text(json.dumps({"pid": os.getpid(), "run_id": run_id}), encoding="utf-8")
        fresh.replace(note)
        try:
            yield run_id
        finally:
            note.unlink()
    finally:
        lock.release()


def check_ports(settings: Settings) -> None:
    """Raise CannotRun when a port is taken, naming it and the setting that changes it."""
    ports = (
        ("Airflow", "BACKHAUL_AIRFLOW_PORT", settings.airflow_port),
        ("the dashboards", "BACKHAUL_DASHBOARD_PORT", settings.dashboard_port),
    )
    for user, setting, port in ports:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                raise CannotRun(
                    f"Port {port}, which {user} would use, is not free ({error.strerror}). "
                    f"Stop what uses it, or choose another: {setting}={port + 1} make up"
                ) from None


@contextmanager
def stoppable() -> Iterator[None]:
    """Turn Ctrl-C, TERM and HUP into Stopped, raised wherever this process is."""

    def stop(number: int, _frame: FrameType | None) -> None:
        raise Stopped(signal.Signals(number).name)

    before = {number: signal.signal(number, stop) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let nothing cut a clean-up short."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
