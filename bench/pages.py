"""Pages: what a reader waits for, on a small business and on a large one, alone and among others while a build runs.

The dashboards are served over each home in turn. Readers open sessions as a browser does; measured is the time from
asking until the last of a page was sent, and the CPU that the server spent on it. First the first page after the start,
then every page in both languages, warm, the two homes in turn; then twenty sessions that each think for five seconds
between pages while the larger home is built whole.

Limits: the first page 3 s; warm, the 95th percentile 0.5 s on the larger home and 1.1 times that of the smaller; among
twenty, 1.5 s, no error, and 5 MB of the server's memory a session. Times say as much of the machine as of the pages:
run it on a quiet one, and compare the ratios.

Run it with ``python -m bench.pages SMALL LARGE``, two homes that have published; it ends with 1 when a limit is broken.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles

import psutil

from backhaul.settings import Settings
from bench.dashboards import Reader, Reading, free_ports, serving, session
from dashboards.access import ANYBODY
from dashboards.i18n import LANGUAGES
from dashboards.menu import menu_of

FIRST, WARM, GROWTH, AMONG_OTHERS, SESSION_BYTES = 3.0, 0.5, 1.1, 1.5, 5_000_000
SESSIONS, THINKING = 20, 5.0
PAGES = [entry.name for entry in menu_of(ANYBODY, LANGUAGES["en"])]
VISITS = [(page, f"lang={code}") for page in PAGES for code in LANGUAGES]


@dataclass
class Measured:
    """Readings of a home: the first page, every page warm, and the CPU seconds of the warm ones."""

    first: float = 0
    warm: dict[str, list[float]] = field(default_factory=dict)
    cpu: list[float] = field(default_factory=list)

    @property
    def p95(self) -> float:
        return p95(seconds for page in self.warm.values() for seconds in page)


def p95(seconds: Iterable[float]) -> float:
    """The 95th percentile."""
    return quantiles(seconds, n=20, method="inclusive")[-1]


def checked(reading: Reading, page: str) -> Reading:
    """A reading without an error."""
    if reading.errors:
        raise AssertionError(f"{page or 'the first page'} failed: {reading.errors}")
    return reading


def warm(home: Settings, rounds: int) -> Measured:
    """One home alone: the first page after the start, then each page so many times after it was seen once."""
    found = Measured()
    with serving(home) as served, session(served.address) as reader:
        found.first = checked(reader.read(PAGES[0]), PAGES[0]).seconds
        for page, query in VISITS:
            checked(reader.read(page, query), page)
        process = psutil.Process(served.pid)
        for _ in range(rounds):
            for page, query in VISITS:
                before = _cpu(process)
                found.warm.setdefault(page, []).append(checked(reader.read(page, query), page).seconds)
                found.cpu.append(_cpu(process) - before)
    return found


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def crowd(home: Settings, seconds: float) -> tuple[list[float], float]:
    """Twenty sessions for so long while the home is built whole: what each page took, and bytes a session."""
    with ExitStack() as held:
        served = held.enter_context(serving(home))
        process = psutil.Process(served.pid)
        with session(served.address) as reader:
            for page, query in VISITS:
                reader.read(page, query)
        alone = process.memory_info().rss
        build = subprocess.Popen(
            [sys.executable, "-m", "backhaul.cli", "build", "--full"],
            env=os.environ | {"BACKHAUL_HOME": str(home.root)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        held.callback(_end, build)
        until = time.monotonic() + seconds
        readers = [held.enter_context(session(served.address)) for _ in range(SESSIONS)]
        with ThreadPoolExecutor(SESSIONS) as threads:
            wandering = [threads.submit(_wander, reader, seed, until) for seed, reader in enumerate(readers)]
        taken = [seconds for wandered in wandering for seconds in wandered.result()]
        if build.poll() not in (None, 0):
            raise AssertionError("the build failed")
        grown = (process.memory_info().rss - alone) / SESSIONS
    return taken, grown


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(60)


def _wander(reader: Reader, seed: int, until: float) -> list[float]:
    chance = random.Random(seed)  # noqa: S311 - no secret
    taken = []
    time.sleep(chance.uniform(0, THINKING))
    while time.monotonic() < until:
        page, query = chance.choice(VISITS)
        taken.append(checked(reader.read(page, query), page).seconds)
        time.sleep(THINKING)
    return taken


def main() -> int:
    """Both homes, then the crowd; 1 when a limit is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("small", type=Path)
    parser.add_argument("large", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--crowd-seconds", type=float, default=120)
    arguments = parser.parse_args()
    small, large = (Settings(home=home, dashboard_port=free_ports(1)[0]) for home in (arguments.small, arguments.large))
    alone = {name: warm(home, arguments.rounds) for name, home in (("small", small), ("large", large))}
    for page in PAGES:
        print(f"{page:>12}: p95 {p95(alone['small'].warm[page]):.2f} s, large {p95(alone['large'].warm[page]):.2f} s")
    for name, found in alone.items():
        print(f"{name}: first page {found.first:.2f} s, warm p95 {found.p95:.2f} s, CPU {sum(found.cpu):.1f} s in all")
    growth, cpu = alone["large"].p95 / alone["small"].p95, sum(alone["large"].cpu) / sum(alone["small"].cpu)
    print(f"large against small: {growth:.2f} times the p95, {cpu:.2f} times the CPU")
    taken, grown = crowd(large, arguments.crowd_seconds)
    print(
        f"{SESSIONS} sessions during a build: {len(taken)} pages, p95 {p95(taken):.2f} s, "
        f"{grown / 1e6:.1f} MB of memory a session"
    )
    broken = [
        alone["large"].first > FIRST,
        alone["large"].p95 > WARM,
        growth > GROWTH,
        p95(taken) > AMONG_OTHERS,
        grown > SESSION_BYTES,
    ]
    return int(any(broken))


if __name__ == "__main__":
    raise SystemExit(main())
