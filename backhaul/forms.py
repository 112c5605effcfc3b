"""Forms: a command run for somebody who filled in a form elsewhere; what it says goes to that place's log."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from backhaul.settings import PROJECT

HIDDEN = "•••"


def run_by_hand(at_most: timedelta) -> dict[str, Any]:
    """How a DAG with a form runs: when somebody fills it in, one at a time, each task for so long at most."""
    return {
        "schedule": None,
        "catchup": False,
        "max_active_runs": 1,
        "tags": ["decisions"],
        "default_args": {
            "owner": "data-engineering",
            "retries": 1,
            "retry_delay": timedelta(seconds=30),
            "retry_exponential_backoff": True,
            "execution_timeout": at_most,
        },
    }


def carry_out(arguments: Sequence[str], secret: str = "", fine: Sequence[int] = (0,)) -> None:
    """Run a command of ``backhaul`` in a process of its own and print what it says, in order.

    Nobody is there to be asked. A ``secret`` is given on standard input, and blotted out of what is said. Raises
    ``CalledProcessError`` when the command ends with another code than those that are ``fine``.
    """
    done = subprocess.run(
        [sys.executable, "-m", "backhaul.cli", *arguments],
        cwd=PROJECT,
        input=secret,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    print(done.stdout.replace(secret, HIDDEN) if secret else done.stdout)
    if done.returncode not in fine:
        done.check_returncode()
