"""`backhaul up` with Airflow's real scheduler: from files to figures, and nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import psutil
import pytest

from backhaul.reading import published
from backhaul.services import processes
from backhaul.settings import Settings

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

MARK = "BACKHAUL_E2E"
# Loaded by every Python process of the run: writes down each attempt to leave the machine.
RECORDER = """
import ipaddress, os, socket
connect, connect_ex = socket.socket.connect, socket.socket.connect_ex
def note(sock, address):
    if sock.family in (socket.AF_INET, socket.AF_INET6):
        try: local = ipaddress.ip_address(address[0].split("%")[0]).is_loopback
        except ValueError: local = address[0] == "localhost"
        if not local:
            with open(os.environ["E2E_RECORD"], "a") as file: print(os.getpid(), address, file=file)
def recorded(original):
    def call(sock, address): note(sock, address); return original(sock, address)
    return call
socket.socket.connect, socket.socket.connect_ex = recorded(connect), recorded(connect_ex)
open(os.environ["E2E_RECORD"] + ".loaded", "a").close()
"""


class Up:
    """A `backhaul up` in a process of its own, its output in a file."""

    def __init__(self, settings: Settings, folder: Path, *arguments: str) -> None:
        hook = folder / "hook"
        hook.mkdir(exist_ok=True)
        (hook / "sitecustomize.py").write_text(textwrap.dedent(RECORDER))
        self.record = folder / "connections"
        self.output = folder / f"output{len(list(folder.glob('output*')))}"
        self.mark = f"{time.time_ns()}"
        env = os.environ | {
            "BACKHAUL_HOME": str(settings.root),
            "BACKHAUL_AIRFLOW_PORT": str(settings.airflow_port),
            "BACKHAUL_DASHBOARD_PORT": str(settings.dashboard_port),
            "PYTHONPATH": str(hook),
            "E2E_RECORD": str(self.record),
            "SPT_NOENV": "1",
            MARK: self.mark,
        }
        command = [sys.executable, "-m", "backhaul.cli", "up", *arguments]
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                command,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def wait_for(self, text: str, seconds: float = 240) -> None:
        deadline = time.monotonic() + seconds
        while text not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.2)

    def living(self) -> list[psutil.Process]:
        return processes.marked(self.mark, MARK)

    def wait_until_all_gone(self, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while left := self.living():
            assert time.monotonic() < deadline, [process.cmdline() for process in left]
            time.sleep(0.1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("up")


@pytest.fixture(scope="module")
def once(demo_settings: Settings, folder: Path) -> Iterator[Up]:
    """`backhaul up --once` on a new home, ended."""
    up = Up(demo_settings, folder, "--once")
    try:
        up.process.wait(timeout=600)
        yield up
    finally:
        processes.stop(up.mark, grace=1, mark=MARK)


def test_the_scheduler_publishes_figures_equal_to_the_truth(once: Up, demo_settings: Settings) -> None:
    assert once.process.returncode == 0, once.said()
    truth = json.loads((demo_settings.root / "truth" / "headline.json").read_text(encoding="utf-8"))
    expected = {
        (kpi_id, month[:7]): (Decimal(figure["numerator"]), Decimal(figure["denominator"]))
        for kpi_id, kpi in truth["kpis"].items()
        for month, figure in kpi["months"].items()
        if "numerator" in figure  # the mass balance is no ratio
    }
    with published(demo_settings) as (_, connection):
        rows = connection.execute(
            "select kpi_id, period_month, numerator, denominator from marts.mart_exec_kpi"
        ).fetchall()
    assert {(kpi, f"{month:%Y-%m}"): (above, below) for kpi, month, above, below in rows} == expected


def test_the_headlines_are_printed(once: Up) -> None:
    for kpi_id in ("B02", "C03", "F06"):
        assert f"({kpi_id}): " in once.said()


def test_nothing_is_left_running(once: Up) -> None:
    assert once.living() == []


def test_no_process_of_the_run_tried_to_leave_the_machine(once: Up) -> None:
    assert once.record.with_name("connections.loaded").exists(), "the recorder was not loaded"
    assert not once.record.exists(), once.record.read_text(encoding="utf-8")


def test_a_killed_supervisor_takes_everything_with_it_and_the_next_one_goes_on(
    once: Up, demo_settings: Settings, folder: Path
) -> None:
    killed = Up(demo_settings, folder)
    try:
        killed.wait_for("Served while the rest starts", seconds=60)
        killed.wait_for("Airflow is up")
        killed.process.kill()
        killed.process.wait()
        killed.wait_until_all_gone()
    finally:
        processes.stop(killed.mark, grace=1, mark=MARK)
    following = Up(demo_settings, folder)
    try:
        following.wait_for("Airflow is up")
        scheduler = next(process for process in following.living() if "scheduler" in " ".join(process.cmdline()))
        scheduler.send_signal(signal.SIGKILL)
        assert following.process.wait(timeout=60) == 1
        assert "airflow-scheduler has ended unexpectedly (exit code -9)" in following.said()
        following.wait_until_all_gone()
    finally:
        processes.stop(following.mark, grace=1, mark=MARK)
