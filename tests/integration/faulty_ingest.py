"""Run by test_faults.py in a process of its own: an action that fails at each step in turn, then the action again.

``python -m tests.integration.faulty_ingest FOLDER ACTION FAULT [--stride N] [--calls N]``; the stride is how far one
step is from the next. Every attempt is a fork of this process, which itself never opens a database. Prints one JSON
object: how many failures there were, the steps after which things differ, and those of which the action said nothing
though it did not do what it should.

Faults: ``kill`` ends the process just before a step; ``ENOSPC`` and ``EACCES`` let the step fail; ``short`` lets a
write fail that is half done; ``limit`` lets the kernel refuse every file beyond a size, which the writers in C++ feel
too.

A step is what changes the disk, and steps are tried until none is left. With ``CALLS``, each of so many calls is tried,
those among them that only look: opening to read, listing, asking for a file's size.
"""

from __future__ import annotations

import argparse
import builtins
import errno
import gzip
import io
import json
import os
import resource
import shutil
import signal
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any, Self

import duckdb
import pandas as pd  # noqa: F401 - imported once here instead of in every fork

from backhaul import batch_commands, erase_command, receipts
from backhaul.errors import Explained
from backhaul.ledger import BuildRecord, lake_version, write_build
from backhaul.publishing import current, history, publish
from backhaul.settings import Settings
from ingestion import batch, compaction, contract, holds, landing, parse, profile, quarantine, repair
from ingestion.compaction import CannotMerge, Sizes

ROWS = "* EXCLUDE (_landed_at)"
STEPS = ("utime", "open", "mkdir", "fsync", "replace", "rename", "link", "unlink", "rmdir")
PERSON = "C000001"
SALES = "order_id,order_line,ordered_at,sku,quantity,net_amount,currency,customer_ref,updated_at\n"
SOLD = "O{n},1,2026-03-0{n}T06:00:00Z,A,{n},12.50,CAD,{person},2026-03-0{n}T06:00:00Z\n"
SHOP = "  - {id: shop, kind: backhaul, domain: returns, from: {type: files, path: drop/shop}}\n"
LOOKS = ("stat", "lstat", "scandir", "listdir")
CLEAN = (OSError, duckdb.Error, CannotMerge, Explained)
SNAPSHOT = "snapshot_at,node_id,sku,quantity\n2026-03-0{day}T06:00:00Z,DC1,A,1\n2026-03-0{day}T06:00:00Z,DC1,B,{bad}\n"
SOURCES = "sources:\n  - {id: wms, kind: wms_inventory, domain: inventory, from: {type: files, path: drop/wms}}\n"


class Steps:
    """Counts what an action does to the disk, and fails at one step."""

    def __init__(self, fault: str, step: int) -> None:
        self.fault, self.step, self.seen = fault, step, 0

    def take(self) -> bool:
        """Whether this step is the one; the process may not outlive it."""
        self.seen += 1
        if self.seen == self.step and self.fault == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        return self.seen == self.step

    def error(self) -> OSError:
        number = errno.ENOSPC if self.fault == "short" else getattr(errno, self.fault)
        return OSError(number, os.strerror(number))

    def wrapped(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            if self.take():
                raise self.error()
            return real(*args, **options)

        return call


class Writing:
    """A file open for writing whose writes are steps."""

    def __init__(self, file: Any, steps: Steps) -> None:
        self.file, self.steps = file, steps

    def __enter__(self) -> Self:
        self.file.__enter__()
        return self

    def __exit__(self, *told: object) -> None:
        self.file.__exit__(*told)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)

    def write(self, data: Any) -> int:
        if self.steps.take():
            if self.steps.fault == "short":
                self.file.write(data[: len(data) // 2])
                self.file.flush()
            raise self.steps.error()
        return int(self.file.write(data))


def arm(fault: str, step: int, looks: bool = False) -> None:
    """Let the step-th thing done to the disk from here on fail; with ``looks``, of all that it is asked."""
    if fault == "limit":
        resource.setrlimit(resource.RLIMIT_FSIZE, (step * 300, step * 300))
        return
    steps, real_open = Steps(fault, step), io.open

    def opened(file: Any, mode: str = "r", *args: Any, **options: Any) -> Any:
        is_writing = bool(set(mode) & set("wxa+"))
        if (is_writing or looks) and fault != "short" and steps.take():
            raise steps.error()
        real = real_open(file, mode, *args, **options)
        return Writing(real, steps) if is_writing else real

    failing = STEPS if fault != "ENOSPC" else STEPS[:-2]
    for name in () if fault == "short" else (*failing, *LOOKS) if looks else failing:
        setattr(os, name, steps.wrapped(getattr(os, name)))
    io.open = builtins.open = opened  # type: ignore[assignment]


def state(settings: Settings) -> dict[str, Any]:
    """All that a reader can see, and what should not be there."""
    found: dict[str, Any] = {"tables": {}, "quarantine": []}
    for receipt in receipts.committed(settings):
        assert receipt.rows_read == sum(table.rows for table in receipt.tables.values()) + receipt.quarantine.rows
        for name, table in receipt.tables.items():
            rows = duckdb.sql(f"SELECT {ROWS} FROM read_parquet('{settings.lake / table.file}')").fetchall()
            found["tables"].setdefault(name, []).extend(map(str, rows))
        file = settings.lake / receipt.quarantine.file
        found["quarantine"] += map(str, duckdb.sql(f"FROM read_parquet('{file}')").fetchall())
    found["read"] = read_by_builds(settings)
    found["published"] = read_by_readers(settings)
    dropped = (path for path in settings.drop.rglob("*") if path.is_file())
    found["dropped"] = sorted(str(path.relative_to(settings.drop)) for path in dropped)
    found["tables"] = {name: sorted(rows) for name, rows in found["tables"].items()}
    found["open"] = [f"{row.file} {row.row} {row.rule}" for row in quarantine.open_rows(settings)]
    for source_id in landing.source_ids(settings):
        gone = [landed.sha256 for landed in landing.deleted(settings, source_id)]
        found[f"landed {source_id}"] = [sorted(landing.digests(settings, source_id)), sorted(gone)]
    return json.loads(json.dumps(found, sort_keys=True))  # type: ignore[no-any-return]


def read_by_builds(settings: Settings) -> list[str]:
    """All rows of the lake, with merged files in place of the batch files they stand for."""
    counting = receipts.committed(settings)
    listed = {file for receipt in counting for file in receipt.tables.values() if file.rows}
    used = compaction.in_use(compaction.everything(settings), listed)
    members = {member for manifest in used for member in manifest.members}
    rows: list[Any] = []
    for file in (*(file.file for file in listed - members), *(manifest.file for manifest in used)):
        rows += duckdb.sql(f"SELECT {ROWS} FROM read_parquet('{settings.lake / file}')").fetchall()
    return sorted(map(str, rows))


def read_by_readers(settings: Settings) -> list[str]:
    """What the current publish says, and which ones a rollback could choose."""
    now = current(settings)
    if now is None:
        return []
    with duckdb.connect(str(now.path(settings)), read_only=True) as con:
        rows = con.execute("FROM core.fact ORDER BY ALL").fetchall()
    return [*map(str, rows), *(publish.publish_id for publish in history(settings))]


def leavings(settings: Settings, fault: str) -> list[str]:
    """What no receipt, hold or landed file accounts for. What was not unlinked is hidden, and swept when it is old."""
    named = {receipt.directory for receipt in receipts.everything(settings)}
    orphans = {f"batches/{path.name}" for path in (settings.lake / "batches").iterdir()} - named
    named = {path for manifest in compaction.everything(settings) for path in (manifest.file, f"{manifest.id}.json")}
    orphans |= {f"compacted/{path.name}" for path in settings.compacted.glob("*.parquet")} - named
    half = [path.name for path in settings.root.rglob(".*.json.*") if fault == "ENOSPC"]
    return sorted([*orphans, *half, *(path.name for path in (settings.lake / "staging").iterdir())])


def ingest(settings: Settings) -> None:
    """The source, without its gate."""
    batch.ingest("wms", settings=settings)


def replay(settings: Settings) -> None:
    """By a newer contract."""
    newer = contract.load_contract("wms_inventory").model_copy(update={"version": 99})
    parse.load_contract = profile.load_contract = lambda kind: newer
    batch.replay("wms", settings=settings)


def export(settings: Settings) -> None:
    """What is in quarantine, and a person mends it."""
    ingest(settings)
    target = settings.root / "rows.jsonl"
    repair.export(settings, target, quarantine.open_rows(settings))
    target.write_text(target.read_text().replace("B,x", "B,9"))


def retry(settings: Settings) -> None:
    """With what the person mended."""
    repair.retry(settings, settings.root / "rows.jsonl")
    ingest(settings)


def hold(settings: Settings) -> None:
    """A file without its columns."""
    (settings.drop / "wms" / "snapshot_9.csv").write_text("snapshot_at,quantity\n2026-01-01,1\n")
    ingest(settings)


def release(settings: Settings) -> None:
    """What is held, if it still is."""
    for held in holds.everything(settings):
        batch.release(held.batch_id, settings)
    ingest(settings)


def compact(settings: Settings) -> None:
    """Today, and when what is retired today can go."""
    for now in (datetime.now(UTC), datetime.now(UTC) + timedelta(days=2)):
        compaction.compact(settings, now, Sizes(least=2))


def outdate(settings: Settings) -> None:
    """A merged file whose batches are superseded."""
    arrive(settings)
    ingest(settings)
    compact(settings)
    replay(settings)


def arrive(settings: Settings) -> None:
    """A second file, so that something happens between two batches."""
    (settings.drop / "wms" / "snapshot_2.csv").write_text(SNAPSHOT.format(day=2, bad=2))


def age(settings: Settings) -> None:
    """Sources whose landed bytes are kept for a day, and merged files of which one is superseded."""
    settings.sources_file.write_text(SOURCES.replace("domain:", "retention_days: 1, domain:"))
    outdate(settings)


def maintain(settings: Settings) -> None:
    """The command, when every landed byte is too old, and when what it retired can go."""
    real = compaction.compact
    compaction.compact = lambda settings, now: real(settings, now, Sizes(least=2))
    batch_commands.get_settings = lambda: settings
    for days in (4, 6):
        batch_commands.datetime = Later(days)  # type: ignore[assignment,misc]
        with redirect_stdout(io.StringIO()):
            batch_commands.maintain()
    compaction.compact = real


class Later:
    """A clock that is some days ahead."""

    def __init__(self, days: int) -> None:
        self.ahead = timedelta(days=days)

    def now(self, zone: tzinfo) -> datetime:
        return datetime.now(zone) + self.ahead


def serve(settings: Settings) -> None:
    """A shop with a person in landing, lake, quarantine, a merged file and two publishes."""
    folder = settings.drop / "shop"
    folder.mkdir()
    settings.sources_file.write_text(SOURCES + SHOP)
    for number, person in ((1, PERSON), (2, "C000002"), (3, PERSON)):
        (folder / f"sales_lines_{number}.csv").write_text(SALES + SOLD.format(n=number, person=person))
        (folder / f"sales_lines_{number + 3}.csv").write_text(SALES + SOLD.format(n="x", person=person))
    for count in (1, 2):
        batch.ingest("shop", settings=settings)
        compaction.compact(settings, datetime.now(UTC), Sizes(least=2))
        build(settings, str(count))
        publish(settings, lambda *_: [])


def build(settings: Settings, build_id: str) -> None:
    """What dbt leaves, for one table of the lake."""
    files = [str(settings.lake / table.file) for receipt in receipts.committed(settings) for table in
             receipt.tables.values()]  # fmt: skip
    settings.build_db.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(settings.build_db)) as con:
        for schema in ("core", "marts", "quality"):
            con.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        con.execute(f"CREATE OR REPLACE TABLE core.fact AS SELECT order_id, customer_ref FROM read_parquet({files})")
        con.execute(
            "CREATE OR REPLACE TABLE core.fct_kpi AS SELECT 'B02' AS kpi_id, date '2026-03-01' AS period_month, "
            "'ALL' AS slice_dimension, '' AS slice_member, 1 AS numerator, 1 AS denominator, 1 AS value, "
            "1 AS coverage, timestamp '2026-03-01' AS as_of"
        )
    (settings.root / "builds").mkdir(exist_ok=True)
    (settings.root / "builds" / f"{build_id}.jsonl").write_text("{}\n")
    moment = "2026-03-01T00:00:00+00:00"
    write_build(settings, BuildRecord(build_id, "success", moment, moment, lake_version(settings), "CAD"))


def erase(settings: Settings) -> None:
    """The command; dbt's place is taken by something quicker, which gives the same lake the same build."""

    def run(command: list[str], check: bool) -> None:
        if "build" in command:
            build(settings, f"3-{lake_version(settings)}")
        else:
            publish(settings, lambda *_: [])

    erase_command.get_settings = lambda: settings
    erase_command.subprocess.run = run  # type: ignore[assignment]
    with redirect_stdout(io.StringIO()):
        erase_command.erase(PERSON, None, yes=True)


def move(settings: Settings) -> None:
    """A second file, and a source whose files are moved once they are in the lake."""
    settings.sources_file.write_text(SOURCES.replace("path: drop/wms", "path: drop/wms, after: move"))
    arrive(settings)


ACTIONS: dict[str, tuple[Callable[[Settings], None], Callable[[Settings], None]]] = {
    "first": (arrive, ingest),
    "again": (ingest, ingest),
    "replay": (ingest, replay),
    "retry": (export, retry),
    "release": (hold, release),
    "compact": (outdate, compact),
    "move": (move, ingest),
    "maintain": (age, maintain),
    "erase": (serve, erase),
}
STILL: dict[str, Callable[[dict[str, Any]], object]] = {
    "compact": lambda found: found["read"],
    "maintain": lambda found: found["read"],
    "erase": lambda found: [len(found["read"]), bool(found["published"])],
}
"""What readers see at any moment of an action as they do before and after."""


def template(home: Path) -> Settings:
    """A home with one packed file, which has a bad row."""
    drop = home / "drop" / "wms"
    drop.mkdir(parents=True)
    (home / "sources.yml").write_text(SOURCES)
    (drop / "snapshot_1.csv.gz").write_bytes(gzip.compress(SNAPSHOT.format(day=1, bad="x").encode(), mtime=0))
    return Settings(home=home)


def in_fork(action: Callable[[], Any]) -> tuple[int, Any]:
    """The signal that ended a fork (0 for none) and what it returned."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(reading)
            # this pipe is no file of the home
            os.write(writing, json.dumps(action()).encode())
            os._exit(0)
        except BaseException as error:  # noqa: BLE001
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        text = pipe.read()
    _, status = os.waitpid(pid, 0)
    assert not os.WIFEXITED(status) or os.WEXITSTATUS(status) == 0, "the fork failed"
    return (os.WTERMSIG(status), None) if os.WIFSIGNALED(status) else (0, json.loads(text))


def failing(settings: Settings, action: Callable[[Settings], None], fault: str, step: int, looks: bool) -> bool:
    """Whether the action failed; anything but a clean failure ends the fork with an error."""
    arm(fault, step, looks)
    try:
        action(settings)
    except CLEAN:
        return True
    return False


def healed(settings: Settings, name: str, fault: str) -> list[Any]:
    """What stands after the fault, without a word of it being half there, and after the action again."""
    at_once = state(settings) if settings.receipts.is_dir() else {}
    seen = STILL[name](at_once) if name in STILL else None
    ACTIONS[name][1](settings)
    return [at_once, [state(settings), leavings(settings, fault), seen]]


def main(root: Path, name: str, fault: str, stride: int, calls: int) -> None:
    profile.check = lambda con, settings, source, batches: {batch_id: [] for batch_id in batches}
    before, action = ACTIONS[name]
    start = template(root / "template")
    in_fork(lambda: before(start))
    whole = Settings(home=root / "whole")
    shutil.copytree(start.root, whole.root)
    _, wanted = in_fork(lambda: (action(whole), [state(whole), []])[1])
    wanted.append(STILL[name](wanted[0]) if name in STILL else None)
    differing, unsaid, failures, quiet, step = [], [], 0, 0, 1 - stride
    # some failures are of clearing up, and mended in passing: the end is where nothing fails for a while
    while step + stride <= (calls or 400) and (calls or quiet < max(8 // stride, 1)):
        step += stride
        settings = Settings(home=root / f"step{step}")
        shutil.copytree(start.root, settings.root)
        killed, failed = in_fork(
            lambda step=step, settings=settings: failing(settings, action, fault, step, bool(calls))
        )
        quiet = 0 if killed or failed else quiet + 1
        failures += not quiet
        _, (after, got) = in_fork(lambda settings=settings: healed(settings, name, fault))
        if got != wanted:
            differing.append([step, got])
        if not (killed or failed) and after != wanted[0]:
            unsaid.append(step)
        shutil.rmtree(settings.root)
    print(json.dumps({"failures": failures, "wanted": wanted, "differing": differing, "unsaid": unsaid}))


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("root", type=Path)
    arguments.add_argument("name", choices=ACTIONS)
    arguments.add_argument("fault")
    arguments.add_argument("--stride", type=int, default=1)
    arguments.add_argument("--calls", type=int, default=0)
    main(**vars(arguments.parse_args()))
