"""Usage reporting off: dbt, Streamlit, Great Expectations and Cosmos report usage unless told not to.

The switches are environment variables, because that is the one thing that reaches every process of a run.
They stand in ``telemetry.env``, which make and docker-compose read as well.
"""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from pathlib import Path

_FILE = Path(__file__).with_name("telemetry.env")


def switches() -> dict[str, str]:
    """Every switch and the value that turns its tool's reporting off."""
    lines = (line.strip() for line in _FILE.read_text(encoding="utf-8").splitlines())
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def switch_off(environ: MutableMapping[str, str] = os.environ) -> None:
    """Put the switches into an environment (this process's by default), whatever stood there before."""
    environ.update(switches())
