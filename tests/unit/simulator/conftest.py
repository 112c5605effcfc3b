from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from simulator.demo import simulate
from simulator.truth import Truth


class Demo(NamedTuple):
    home: Path
    truth: Truth


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """A small demo business; read it, never change it."""
    home = tmp_path_factory.mktemp("demo")
    return Demo(home, simulate(home, seed=7, units=2000))
