from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from simulator.demo import Figures, simulate
from simulator.personas import PERSONAS


class Demo(NamedTuple):
    home: Path
    truth: Figures


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """A small demo business; read it, never change it."""
    home = tmp_path_factory.mktemp("demo")
    return Demo(home, simulate(home, seed=7, units=2000))


@pytest.fixture(scope="session", params=list(PERSONAS))
def business(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """A small business of each persona; read it, never change it."""
    home = tmp_path_factory.mktemp(request.param)
    return Demo(home, simulate(home, seed=4, units=1500, persona=request.param))
