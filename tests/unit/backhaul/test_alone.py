"""One supervisor per home; ports and signals."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from backhaul.services import processes
from backhaul.services.alone import alone, check_ports, stoppable
from backhaul.services.errors import CannotRun, Stopped
from backhaul.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


def test_a_second_supervisor_is_refused_and_the_first_named(settings: Settings) -> None:
    with alone(settings), pytest.raises(CannotRun, match=rf"already running .*process {os.getpid()}"):
        alone(settings).__enter__()
    with alone(settings):
        pass


def test_what_a_killed_supervisor_left_running_is_ended(settings: Settings, tmp_path: Path) -> None:
    earlier = uuid.uuid4().hex
    left = processes.start(
        "left",
        [sys.executable, "-c", "import time; time.sleep(600)"],
        os.environ | {processes.MARK: earlier},
        tmp_path / "l",
    )
    settings.run.mkdir()
    (settings.run / "supervisor.json").write_text(json.dumps({"pid": 1, "run_id": earlier}))
    with alone(settings) as run_id:
        assert left.process.wait(timeout=5) != 0
        assert run_id != earlier
    assert not (settings.run / "supervisor.json").exists()


@pytest.mark.parametrize("name", ["airflow_port", "dashboard_port"])
def test_a_taken_port_is_named_with_the_setting_that_changes_it(name: str) -> None:
    with socket.socket() as taken, socket.socket() as free:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        free.bind(("127.0.0.1", 0))
        ports = {"airflow_port": free.getsockname()[1], "dashboard_port": free.getsockname()[1]}
        free.close()
        check_ports(Settings(**ports))
        port = taken.getsockname()[1]
        with pytest.raises(CannotRun, match=rf"Port {port}.*BACKHAUL_{name.upper()}="):
            check_ports(Settings(**ports | {name: port}))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_become_an_orderly_stop(number: signal.Signals) -> None:
    with pytest.raises(Stopped), stoppable():
        signal.raise_signal(number)


def test_the_lock_of_a_killed_supervisor_is_free(settings: Settings) -> None:
    holder = (
        "import sys, time; from backhaul.settings import Settings; from backhaul.services.alone import alone\n"
        f"with alone(Settings(home={str(settings.root)!r})): print('held', flush=True); time.sleep(600)"
    )
    process = subprocess.Popen([sys.executable, "-c", holder], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    with pytest.raises(CannotRun):
        alone(settings).__enter__()
    process.kill()
    process.wait()
    process.stdout.close()
    with alone(settings):
        pass
