"""The demo business day by day: its files wait below ``days/`` of the home until their day has come."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

from backhaul.errors import Explained
from simulator.calendar import FIRST_DAY
from simulator.demo import UNITS, has_sources, simulate


class BeforeTheYear(Explained, ValueError):
    """Nothing has happened by the day that is asked for."""


def simulate_until(
    target: Path,
    until: date,
    seed: int = 1,
    units: int = UNITS,
    persona: str = "home_improvement",
    api_port: int | None = None,
) -> list[Path]:
    """Drops what arrives up to a day (included) and did not before; returns the new files, in order of day.

    The first call draws the whole year and its truth, the next ones only move files. Raises :class:`BeforeTheYear`,
    FileExistsError when the home holds something else, ValueError as :func:`simulator.demo.simulate` does.
    """
    if until < date.fromisoformat(FIRST_DAY):
        raise BeforeTheYear(f"The year begins on {FIRST_DAY}: {until} lies before it.")
    business = {"persona": persona, "seed": seed, "units": units, "api_port": api_port}
    waiting = target / "days"
    told = waiting / "business.json"
    if told.exists() and has_sources(target):
        _check_same(target, json.loads(told.read_text("utf-8")), business)
    else:
        if not has_sources(target):
            shutil.rmtree(waiting, ignore_errors=True)
            waiting.mkdir(parents=True)
            told.write_text(json.dumps(business) + "\n", "utf-8")
        simulate(target, seed, units, persona, api_port=api_port, is_daily=True)
    days = [day for day in sorted(waiting.iterdir()) if day.is_dir() and day.name <= until.isoformat()]
    return [file for day in days for file in _drop(day, target / "drop")]


def _check_same(target: Path, held: dict[str, Any], asked: dict[str, Any]) -> None:
    if held != asked:
        said = ", ".join(f"{name} {value}" for name, value in held.items() if value is not None)
        raise FileExistsError(
            f"{target} holds another business ({said}): ask for the same, or choose another home (BACKHAUL_HOME)"
        )


def _drop(day: Path, drop: Path) -> list[Path]:
    """Moves a day's files: each is in the drop whole, or waits still."""
    arrived = []
    for file in sorted(path for path in day.rglob("*") if path.is_file()):
        place = drop / file.relative_to(day)
        place.parent.mkdir(parents=True, exist_ok=True)
        arrived.append(file.replace(place))
    shutil.rmtree(day)
    return arrived
