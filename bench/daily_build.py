"""Daily build: what one day's batches cost, beside a full build and beside a longer history.

A simulated year is cut into the history before a day and that day's batches; the history is built, then the day on top
of it, then once more with nothing new, then everything anew. Once for a history of N units and once for so many times
as many, with as many rows in the day. Compared is the CPU time (user + system) of the whole process: the day against
the full build of the same home (limit 1/50), and the day on the long history against the day on the short one (limit
1.3). dbt's start, its parsing and its thousand nodes cost the same for any size: the build with nothing new tells how
much, and the limits are judged from a million units on. The same ratios without it are printed beside them, and the
models and tests of data whose time (seconds on the clock) grew most with the history.

Both histories last a year, so the longer one is denser: its day has as many rows, but what is open on that day and what
falls in its month grow with the units. A million units want ``BACKHAUL_MEMORY_LIMIT=10GB`` for EasyPost's page dump.

Run it with ``python -m bench.daily_build [--units N] [--times N]``; it ends with 1 when a limit is broken.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import duckdb
import yaml

from backhaul import receipts
from backhaul.receipts import QuarantineFile, Receipt, TableFile
from backhaul.settings import PROJECT, Settings

LIMIT_OF_FULL = 1 / 50
LIMIT_OF_HISTORY = 1.3
JUDGED_FROM = 1_000_000  # units of the longer history
GROWN = 10  # nodes to name
DAY = "2026-09-15"  # no month's end: what is shared over a month's receipts touches all of them, as it should


def event_times() -> dict[str, str]:
    """The column that tells when a row of a lake table happened."""
    found = {}
    for path in (PROJECT / "ingestion" / "sources").glob("*/contract.yml"):
        contract = yaml.safe_load(path.read_text(encoding="utf-8"))
        for name, table in contract.get("tables", {}).items():
            found[f"{contract['kind']}__{name}"] = table["event_time"]
    return found


def cut(whole: Settings, part: Settings, picks: Callable[[str], str], horizon: str | None, suffix: str) -> None:
    """Commits to a home the rows of another home's batches that a condition picks, as batches of their own.

    ``picks`` gives the condition for a lake table (``<kind>__<table>``); ``suffix`` tells the new batches from others
    that are cut from the same ones; ``horizon`` (ISO 8601, UTC) is the latest event that they may speak of.
    """
    with duckdb.connect() as connection:
        for receipt in receipts.committed(whole):
            directory = f"batches/{receipt.batch_id}-{suffix}"
            (part.lake / directory).mkdir(parents=True, exist_ok=True)
            tables = {}
            for name, table in receipt.tables.items():
                file = f"{directory}/{name}.parquet"
                row = connection.execute(
                    f"copy (from read_parquet('{whole.lake / table.file}') where {picks(name)}) "
                    f"to '{part.lake / file}' (format parquet)"
                ).fetchone()
                tables[name] = TableFile(file, row[0] if row else 0, "")
            quarantine = f"{directory}/quarantine.parquet"
            shutil.copy(whole.lake / receipt.quarantine.file, part.lake / quarantine)
            commit_cut(part, receipt, tables, QuarantineFile(quarantine, receipt.quarantine.rows), horizon, suffix)


def commit_cut(
    part: Settings,
    receipt: Receipt,
    tables: dict[str, TableFile],
    quarantine: QuarantineFile,
    horizon: str | None,
    suffix: str,
) -> None:
    """Commits one cut batch, unless nothing of it is left."""
    rows = sum(table.rows for table in tables.values())
    if rows:
        until = min(receipt.horizon, horizon) if receipt.horizon and horizon else receipt.horizon
        receipts.commit(
            part,
            replace(
                receipt,
                batch_id=f"{receipt.batch_id}-{suffix}",
                directory=f"batches/{receipt.batch_id}-{suffix}",
                tables=tables,
                quarantine=quarantine,
                rows_read=rows + quarantine.rows,
                horizon=until,
                cursor=None,
            ),
        )


def prepare(home: Path, units: int) -> Settings:
    """A demo business of so many units, ingested."""
    from ingestion.batch import ingest
    from ingestion.config import load_sources
    from simulator.demo import simulate

    settings = Settings(home=home)
    simulate(settings.root, seed=1, units=units)
    for source in load_sources(settings):
        ingest(source.id, (), settings)
    return settings


def measured(home: Path, *, whole: bool) -> float:
    """CPU seconds of a build in a process of its own."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "bench.daily_build", "--build", str(home), *(["--whole"] if whole else [])]
    subprocess.run(command, check=True, stdout=sys.stderr)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


class Costs(NamedTuple):
    """CPU seconds of the day, of a build with nothing new, and of a full build; the day's seconds by node."""

    day: float
    idle: float
    full: float
    nodes: dict[str, float]


def seconds_by_node(settings: Settings) -> dict[str, float]:
    """How long each model and test of the last build took on the clock."""
    outcome = json.loads((settings.dbt_target / "run_results.json").read_text(encoding="utf-8"))
    return {result["unique_id"]: result["execution_time"] for result in outcome["results"]}


def costs(scratch: Path, units: int, one_in: int) -> Costs:
    """What the builds of a history of so many units cost, with one in so many of the day's records."""
    simulated = prepare(scratch / f"simulated{units}", units)
    home = Settings(home=scratch / f"home{units}")
    clocks = event_times()

    def history(table: str) -> str:
        return f"coalesce(cast({clocks[table]} as timestamp) < timestamp '{DAY}', true)"

    def day(table: str) -> str:
        return f"cast({clocks[table]} as date) = date '{DAY}' and hash(_record_key) % {one_in} = 0"

    cut(simulated, home, history, f"{DAY} 00:00:00", "history")
    shutil.copy(simulated.root / "sources.yml", home.root / "sources.yml")
    measured(home.root, whole=False)
    cut(simulated, home, day, f"{DAY} 23:59:59", "day")
    shutil.rmtree(simulated.root)
    day_cost = measured(home.root, whole=False)
    nodes = seconds_by_node(home)
    idle, full = (measured(home.root, whole=whole) for whole in (False, True))
    shutil.rmtree(home.root)
    return Costs(day_cost, idle, full, nodes)


def main() -> int:
    """Both histories, one after the other; 1 when a limit is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=5_000, help="of the shorter history")
    parser.add_argument("--times", type=int, default=10, help="units of the longer history by those of the shorter")
    parser.add_argument("--build", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--whole", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.build:
        from backhaul.build import build

        print(build(Settings(home=arguments.build), whole=arguments.whole))
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        short = costs(Path(scratch), arguments.units, 1)
        long = costs(Path(scratch), arguments.units * arguments.times, arguments.times)
    for units, cost in ((arguments.units, short), (arguments.units * arguments.times, long)):
        print(
            f"{units:>10,} units: the day {cost.day:.1f} s CPU, nothing new {cost.idle:.1f} s, a full build "
            f"{cost.full:.1f} s, ratio 1/{cost.full / cost.day:.1f}, "
            f"without the fixed part 1/{(cost.full - cost.idle) / (cost.day - cost.idle):.1f}"
        )
    growth = long.day / short.day
    print(
        f"{arguments.times} times the history: {growth:.2f} times the day, without the fixed part "
        f"{(long.day - long.idle) / (short.day - short.idle):.2f} "
        f"(limits 1/{1 / LIMIT_OF_FULL:.0f} and {LIMIT_OF_HISTORY})"
    )
    grown = {node: seconds - short.nodes.get(node, 0.0) for node, seconds in long.nodes.items()}
    for node in sorted(grown, key=lambda node: -grown[node])[:GROWN]:
        print(f"{short.nodes.get(node, 0.0):>8.2f} s to {long.nodes[node]:.2f} s  {node}")
    judged = arguments.units * arguments.times >= JUDGED_FROM
    return int(judged and (long.day / long.full > LIMIT_OF_FULL or growth > LIMIT_OF_HISTORY))


if __name__ == "__main__":
    raise SystemExit(main())
