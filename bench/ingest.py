"""Ingest rate: parsing with contract, lineage and quarantine against a bare DuckDB read of the same file into a table.

Both sides run in this one run, each in a process of its own, alternating; compared is the CPU time (user + system) of
the whole process. The limit is a ratio against the read into a database file, since a batch in the lake is on disk too:
1.5 for CSV and 1.25 for Parquet, which hold from four million rows on: to start the program costs as much as to read
some 200,000. JSON lines have further to go (aimed at: 1.5). The read into memory is shown beside it.

Beside it: what a second run costs that finds the same file, against the first (at most 2 %, without what it costs to
start the program, which both pay), and the largest resident memory of each side.

Run it with ``python -m bench.ingest [--rows N] [--rounds N]``; it ends with 1 when a limit is broken.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb

LIMITS = {"csv": 1.5, "jsonl": 2.0, "parquet": 1.25}
KNOWN_LIMIT = 0.02
READERS = {".csv": "read_csv", ".jsonl": "read_json", ".parquet": "read_parquet"}
SIDES = ("backhaul", "bare_file", "bare_memory")
FAULTY_EVERY = 100_000


def generate(folder: Path, rows: int) -> dict[str, Path]:
    """A sales file of so many rows as CSV, JSON lines and Parquet; one row in 100,000 breaks the contract."""
    paths = {kind: folder / f"sales_lines.{kind}" for kind in ("csv", "jsonl", "parquet")}
    moment = "strftime(TIMESTAMP '2025-01-{day} 00:00:00' + to_minutes(i % 500000), '%Y-%m-%dT%H:%M:%S+00:00')"
    with duckdb.connect() as con:
        con.execute(
            f"""
            CREATE TABLE sales AS
            SELECT 'O' || i AS order_id, (i % 3 + 1)::VARCHAR AS order_line, {moment.format(day="01")} AS ordered_at,
                   {moment.format(day="02")} AS shipped_at, 'SKU' || i % 5000 AS sku,
                   CASE WHEN i % {FAULTY_EVERY} = 7 THEN 'many' ELSE (i % 4 + 1)::VARCHAR END AS quantity,
                   round((i * 7919 % 100000) / 100.0, 2) AS net_amount, round((i * 7 % 1000) / 100.0, 2) AS tax_amount,
                   'CAD' AS currency, round((i * 31 % 5000) / 100.0, 2) AS unit_landed_cost, 'WEB' AS channel,
                   'CA' AS ship_to_country, 'C' || i % 90000 AS customer_ref, {moment.format(day="03")} AS updated_at
            FROM range({rows}) r(i)
            """
        )
        con.execute(f"COPY sales TO '{paths['csv']}' (HEADER)")
        con.execute(f"COPY sales TO '{paths['jsonl']}' (FORMAT json)")
        con.execute(f"COPY sales TO '{paths['parquet']}' (FORMAT parquet)")
    return paths


def bare(path: Path, database: str) -> None:
    """What DuckDB does by itself."""
    with duckdb.connect(database) as con:
        con.execute("SET threads = 2")
        con.execute(f"CREATE TABLE sales AS FROM {READERS[path.suffix]}('{path}')")


def ours(path: Path, folder: Path) -> None:
    """The parse step of ingestion, from landed bytes to the batch's Parquet files."""
    from backhaul.settings import Settings
    from ingestion.columns import Lineage
    from ingestion.config import FromFiles, Source
    from ingestion.parse import connect, parse

    settings = Settings(home=folder, threads=2)
    origin = FromFiles(type="files", path="drop")
    source = Source.model_validate({"id": "bench", "kind": "backhaul", "domain": "returns", "from": origin})
    lineage = Lineage("bench", "b" * 32, "f" * 64, "2026-01-01 00:00:00")
    out, work = folder / "out", folder / "work"
    out.mkdir(exist_ok=True)
    work.mkdir(exist_ok=True)
    parsed = parse(connect(settings), settings, source, path, path.name, lineage, out, work)
    assert parsed.blocked is None, parsed.blocked
    assert parsed.quarantined > 0, "the faulty rows were not found"


def run_once(folder: Path) -> None:
    """A whole run of ingestion over the home's drop folder."""
    from backhaul.settings import Settings
    from ingestion.batch import ingest

    ingest("bench", settings=Settings(home=folder / "home", threads=2))


def measure(side: str, path: Path, folder: Path) -> tuple[float, float]:
    """CPU seconds and largest resident memory (MB) of one side in a fresh process."""
    for leftover in folder.glob("bench.duckdb*"):
        leftover.unlink()
    # Compiled modules are kept, as on any machine where the program runs for the second time.
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(folder / "pyc"), "PYTHONDONTWRITEBYTECODE": ""}
    command = [sys.executable, "-m", "bench.ingest", "--side", side, str(path), str(folder)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, check=True, env=environment, stdout=subprocess.PIPE, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return cpu, float(done.stdout.split()[-1])


def run_side(side: str, path: Path, folder: Path) -> None:
    """One side, in the process that is measured."""
    if side == "backhaul":
        ours(path, folder)
    elif side == "run":
        run_once(folder)
    else:
        bare(path, str(folder / "bench.duckdb") if side == "bare_file" else ":memory:")


def main() -> int:
    """Measure and print; the exit code says whether the limit holds."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--rows", type=int, default=4_000_000)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--side", nargs=3, metavar=("SIDE", "FILE", "FOLDER"), help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.side:
        side, path, folder = chosen.side
        run_side(side, Path(path), Path(folder))
        # the largest resident memory since the program began, kB; what getrusage tells is at least the parent's
        print(int(Path("/proc/self/status").read_text(encoding="utf-8").split("VmHWM:")[1].split()[0]) / 1024)
        return 0
    broken = False
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = generate(folder, chosen.rows)
        for kind, path in paths.items():
            rounds = [{side: measure(side, path, folder) for side in SIDES} for _ in range(chosen.rounds)]
            cpu = {side: min(each[side][0] for each in rounds) for side in SIDES}
            memory = {side: max(each[side][1] for each in rounds) for side in SIDES}
            to_file, to_memory = (cpu["backhaul"] / cpu[side] for side in ("bare_file", "bare_memory"))
            broken |= to_file > LIMITS[kind]
            print(f"{kind}, {chosen.rows:,} rows: {cpu['backhaul']:.2f} s of CPU; a bare read by DuckDB takes")
            print(f"  {cpu['bare_file']:.2f} s into a database file: ratio {to_file:.2f} (limit {LIMITS[kind]:.2f})")
            print(f"  {cpu['bare_memory']:.2f} s into a table in memory: ratio {to_memory:.2f} (no limit)")
            print(
                f"  memory: {memory['backhaul']:.0f} MB; bare {memory['bare_file']:.0f}, {memory['bare_memory']:.0f} MB"
            )
        broken |= known(paths["csv"], folder, chosen.rounds)
    return int(broken)


def known(path: Path, folder: Path, rounds: int) -> bool:
    """Whether a run that finds a file it took before costs too much, beyond a run that finds none."""
    (folder / "home" / "drop").mkdir(parents=True)
    sources = "sources:\n  - {id: bench, kind: backhaul, domain: returns, from: {type: files, path: drop}}\n"
    (folder / "home" / "sources.yml").write_text(sources, encoding="utf-8")
    nothing = min(measure("run", path, folder)[0] for _ in range(rounds))
    os.link(path, folder / "home" / "drop" / path.name)
    first = measure("run", path, folder)[0] - nothing
    again = min(measure("run", path, folder)[0] for _ in range(rounds)) - nothing
    print(f"the same file again: {again:.3f} s after {first:.2f} s: {again / first:.1%} (limit {KNOWN_LIMIT:.0%})")
    return again > first * KNOWN_LIMIT


if __name__ == "__main__":
    sys.exit(main())
