"""Ingest rate: parsing with contract, lineage and quarantine against a bare DuckDB read of the same file into a table.

Both sides run in this one run, each in a process of its own, alternating; compared is the CPU time (user + system) of
the whole process. The limit is a ratio of 2 for CSV and for JSON lines against the read into a database file, since a
batch in the lake is on disk too. The read into memory is shown beside it.

Run it with ``python -m bench.ingest [--rows N] [--rounds N]``; it ends with 1 when the limit is broken.
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

LIMIT = 2.0
SIDES = ("backhaul", "bare_file", "bare_memory")
FAULTY_EVERY = 100_000


def generate(folder: Path, rows: int) -> dict[str, Path]:
    """A sales file of so many rows as CSV and JSON lines; one row in 100,000 breaks the contract."""
    paths = {"csv": folder / "sales_lines.csv", "jsonl": folder / "sales_lines.jsonl"}
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
    return paths


def bare(path: Path, database: str) -> None:
    """What DuckDB does by itself."""
    reader = "read_csv" if path.suffix == ".csv" else "read_json"
    with duckdb.connect(database) as con:
        con.execute("SET threads = 2")
        con.execute(f"CREATE TABLE sales AS FROM {reader}('{path}')")


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


def measure(side: str, path: Path, folder: Path) -> float:
    """CPU seconds of one side in a fresh process."""
    for leftover in folder.glob("bench.duckdb*"):
        leftover.unlink()
    # Compiled modules are kept, as on any machine where the program runs for the second time.
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(folder / "pyc"), "PYTHONDONTWRITEBYTECODE": ""}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "bench.ingest", "--side", side, str(path), str(folder)], check=True, env=environment
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def run_side(side: str, path: Path, folder: Path) -> None:
    """One side, in the process that is measured."""
    if side == "backhaul":
        ours(path, folder)
    else:
        bare(path, str(folder / "bench.duckdb") if side == "bare_file" else ":memory:")


def main() -> int:
    """Measure and print; the exit code says whether the limit holds."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--side", nargs=3, metavar=("SIDE", "FILE", "FOLDER"), help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.side:
        side, path, folder = chosen.side
        run_side(side, Path(path), Path(folder))
        return 0
    broken = False
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for kind, path in generate(folder, chosen.rows).items():
            best = {side: float("inf") for side in SIDES}
            for _ in range(chosen.rounds):
                best = {side: min(best[side], measure(side, path, folder)) for side in SIDES}
            to_file, to_memory = (best["backhaul"] / best[side] for side in ("bare_file", "bare_memory"))
            broken |= to_file > LIMIT
            print(f"{kind}, {chosen.rows:,} rows: {best['backhaul']:.2f} s of CPU; a bare read by DuckDB takes")
            print(f"  {best['bare_file']:.2f} s into a database file: ratio {to_file:.2f} (limit {LIMIT:.2f})")
            print(f"  {best['bare_memory']:.2f} s into a table in memory: ratio {to_memory:.2f} (no limit)")
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())
