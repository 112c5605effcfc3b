"""What a query may use, told to the operating system. Linux keeps every limit, macOS all but that of memory."""

from __future__ import annotations

import resource
from dataclasses import dataclass
from pathlib import Path

import psutil

# What the process needs beyond the engine's own budget: reading the file's catalogue, writing out the answer.
HEADROOM_MB = 512
# The engine stops itself first and says why; the process is killed if it does not.
GRACE_SECONDS = 3
# Every query stands behind pages and builds.
NICENESS = 10


@dataclass(frozen=True)
class Limits:
    """Of one query: seconds it may run, memory of the engine, and how much of its result is given out."""

    seconds: float = 20
    megabytes: int = 512
    rows: int = 50_000
    result_megabytes: int = 32


def confine(limits: Limits) -> None:
    """Bound this process: memory, processor time, no core dump, no byte written to a file."""
    memory = psutil.Process().memory_info().vms + (limits.megabytes + HEADROOM_MB) * 1024**2
    seconds = int(limits.seconds) + GRACE_SECONDS
    for what, value in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (value, value))


def seal() -> None:
    """Let this process open nothing any more: no file, no socket, no pipe. What is open stays usable.

    A process that can get no descriptor has no network and no file system, whatever it is tricked into.
    """
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def is_sealed() -> bool:
    """True when nothing can be opened any more."""
    try:
        Path("/").joinpath("dev", "null").open("rb").close()
    except OSError:
        return True
    return False
