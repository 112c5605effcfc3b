"""The last guard: when the supervisor dies without a word (kill -9), end what it started.

Run as ``python -m backhaul.services.watchdog RUN_ID`` with a pipe from the supervisor as its input. The pipe closes
when the supervisor ends, in whatever way; nothing is ever written to it.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Mapping

from backhaul.services import processes


def launch(run_id: str, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start the watchdog of a run; closing the returned process's ``stdin`` lets it end.

    ``env`` must not carry the run's mark, or the watchdog would end itself first.
    """
    command = [sys.executable, "-m", "backhaul.services.watchdog", run_id]
    return subprocess.Popen(command, env=dict(env), stdin=subprocess.PIPE, start_new_session=True)


def main(run_id: str) -> None:
    """Wait for the supervisor's end, then stop the run's processes."""
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    sys.stdin.buffer.read()
    processes.stop(run_id, grace=5.0)


if __name__ == "__main__":
    main(sys.argv[1])
