"""Run pytest and see that it leaves no process behind; the exit code is pytest's, or 1 when something survived it."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid

from backhaul import telemetry
from backhaul.services import processes

MARK = "BACKHAUL_TEST_RUN"


def main(arguments: list[str]) -> int:
    """Run pytest with the arguments, in an environment that marks everything it starts."""
    run_id = uuid.uuid4().hex
    env = os.environ | {MARK: run_id, "SPT_NOENV": "1"}
    telemetry.switch_off(env)
    processes.adopt_orphans()
    pytest = [sys.executable, "-m", "pytest", *arguments]
    code = subprocess.run(pytest, env=env, stdin=subprocess.DEVNULL, check=False).returncode
    left = processes.marked(run_id, MARK)
    if not left:
        return code
    print("The tests left processes behind (ended now):", file=sys.stderr)
    for process in left:
        print(f"  {process.pid} {' '.join(process.cmdline())[:160]}", file=sys.stderr)
    processes.stop(run_id, mark=MARK)
    return code or 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
