"""Make the project's environment: `.venv` from the hash-pinned locks, and nothing else. Standard library only.

Run by make with any Python 3.11+. It is instant when nothing changed, starts over when an earlier run was
interrupted, and reaches no network but the package registry that pip and uv are configured for.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed.sha256"
UNFINISHED = VENV / "unfinished"
LOCKS = (ROOT / "tools" / "requirements-uv.lock", ROOT / "requirements.lock")
INPUTS = (*LOCKS, ROOT / "pyproject.toml", Path(__file__))


def fingerprint() -> str:
    """What the environment was made from: the interpreter, the project's place and every input file."""
    digest = hashlib.sha256(f"{sys.version}\n{sys.base_prefix}\n{ROOT}\n".encode())
    for path in INPUTS:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def run(*command: str | Path) -> None:
    """Run one step from the project's root; its output is the user's progress."""
    subprocess.run([str(part) for part in command], cwd=ROOT, check=True, stdin=subprocess.DEVNULL)


def install() -> None:
    """Create `.venv` if it is missing or was left unfinished, then install exactly what the locks say."""
    if UNFINISHED.exists() or not PYTHON.exists():
        shutil.rmtree(VENV, ignore_errors=True)
        run(sys.executable, "-m", "venv", VENV)
    UNFINISHED.touch()
    STAMP.unlink(missing_ok=True)
    pinned_uv, everything = LOCKS
    run(PYTHON, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "-r", pinned_uv)
    uv = ("env", f"VIRTUAL_ENV={VENV}", VENV / "bin" / "uv", "pip", "install", "--python", PYTHON, "--no-deps")
    run(*uv, "--require-hashes", "-r", everything)
    # The build backend is uv's own, so that installing the project itself downloads nothing.
    run(*uv, "--offline", "--quiet", "-e", ".")
    STAMP.write_text(fingerprint(), encoding="utf-8")
    UNFINISHED.unlink()


def main() -> int:
    """Exit code 0 when the environment is ready, else 1 with the cause and what to do."""
    if sys.version_info < (3, 11):  # noqa: UP036 - whoever runs this by hand may have an older one
        print(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}.", file=sys.stderr)
        return 1
    VENV.parent.mkdir(parents=True, exist_ok=True)
    # Two makes in one clone take turns. The lock is the folder's own, so it leaves nothing behind.
    folder = os.open(ROOT / "tools", os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    if STAMP.exists() and STAMP.read_text(encoding="utf-8") == fingerprint() and PYTHON.exists():
        return 0
    print("Setting up .venv from the locks (first time: about a minute, plus downloads) ...", flush=True)
    try:
        install()
    except subprocess.CalledProcessError as error:
        hint = (
            "On Debian and Ubuntu `python3 -m venv` needs the package python3-venv."
            if "venv" in error.cmd
            else "Check that the package registry can be reached, then run the same command again."
        )
        print(f"Set-up failed at: {' '.join(error.cmd[:6])} ...\n{hint}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
