"""Run by test_ingest.py in a process of its own: ingest, killed at each durable step in turn, then ingest again.

Every attempt is a fork of this process, which itself never opens a database. Prints one JSON object.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from pathlib import Path

import pandas as pd  # noqa: F401 - imported once here instead of in every fork

from backhaul import receipts
from backhaul.settings import Settings
from ingestion import batch, profile

STEPS = ("fsync", "replace", "rename", "link", "unlink", "rmdir")
ROWS = "* EXCLUDE (_landed_at)"


def arm(step: int) -> None:
    """Die by SIGKILL just before the step-th call that changes what is on disk (just after the one before it)."""
    seen = 0

    def wrapped(real):
        def call(*args, **options):
            nonlocal seen
            seen += 1
            if seen == step:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **options)

        return call

    for name in STEPS:
        setattr(os, name, wrapped(getattr(os, name)))


def state(settings: Settings) -> dict[str, object]:
    """All that a reader can see, and what should not be there."""
    import duckdb

    found: dict[str, object] = {"tables": {}, "quarantine": []}
    for receipt in receipts.committed(settings):
        assert receipt.rows_read == sum(table.rows for table in receipt.tables.values()) + receipt.quarantine.rows
        for name, table in receipt.tables.items():
            rows = duckdb.sql(f"SELECT {ROWS} FROM read_parquet('{settings.lake / table.file}')").fetchall()
            found["tables"].setdefault(name, []).extend(map(str, rows))  # type: ignore[attr-defined]
        file = settings.lake / receipt.quarantine.file
        found["quarantine"] += map(str, duckdb.sql(f"FROM read_parquet('{file}')").fetchall())  # type: ignore[operator]
    named = {receipt.directory for receipt in receipts.everything(settings)}
    found["orphans"] = sorted({f"batches/{path.name}" for path in (settings.lake / "batches").iterdir()} - named)
    found["staging"] = sorted(path.name for path in (settings.lake / "staging").iterdir())
    found["held"] = sorted(path.name for path in settings.held.glob("*.json")) if settings.held.exists() else []
    return json.loads(json.dumps(found, sort_keys=True))


def ingest(settings: Settings) -> None:
    profile.check = lambda con, settings, source, batches: {batch_id: [] for batch_id in batches}
    batch.ingest("wms", settings=settings)


def in_fork(action) -> tuple[int, str]:
    """The signal that ended a fork (0 for none) and what it returned as JSON."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(reading)
            with os.fdopen(writing, "w") as out:
                out.write(json.dumps(action()))
            os._exit(0)
        except BaseException as error:  # noqa: BLE001
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        text = pipe.read()
    _, status = os.waitpid(pid, 0)
    assert not os.WIFEXITED(status) or os.WEXITSTATUS(status) == 0, "the fork failed"
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0, text


def main(root: Path) -> None:
    whole = Settings(home=root / "whole")
    shutil.copytree(root / "template", whole.root)
    _, wanted = in_fork(lambda: (ingest(whole), state(whole))[1])
    step, differing = 1, []
    while True:
        settings = Settings(home=root / f"killed{step}")
        shutil.copytree(root / "template", settings.root)
        killed, _ = in_fork(lambda step=step, settings=settings: (arm(step), ingest(settings))[0])
        _, got = in_fork(lambda settings=settings: (ingest(settings), state(settings))[1])
        if got != wanted:
            differing.append((step, got))
        shutil.rmtree(settings.root)
        if not killed:
            break
        step += 1
    print(json.dumps({"steps": step, "wanted": json.loads(wanted), "differing": differing}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
