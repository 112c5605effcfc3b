"""Compaction: what reading one lake table costs from a thousand small batches, before and after they are merged.

A source's files of a hundred rows each are ingested; the staging table's own SQL, as dbt compiles it, is run in a bare
DuckDB process before and after ``compact``. Compared is the wall time of that query, best of some rounds, with its sort
of the versions; the rows must be equal. The limit is that it takes half the time at most.

Run it with ``python -m bench.compaction [--batches N] [--rows N]``; it ends with 1 when the limit is broken.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from backhaul.build import dbt_arguments, dbt_environment
from backhaul.settings import Settings

LIMIT = 1 / 2
JUDGED_FROM = 1_000  # batches; below, opening the database outweighs them
MODEL = "stg_wms_inventory__inventory_snapshots"
SOURCES = "sources:\n  - {id: wms, kind: wms_inventory, domain: inventory, from: {type: files, path: drop/wms}}\n"


def prepare(home: Path, batches: int, rows: int) -> Settings:
    """A home with so many committed batches of so many rows of one table."""
    from ingestion.batch import ingest

    settings = Settings(home=home)
    drop = settings.drop / "wms"
    drop.mkdir(parents=True)
    settings.sources_file.write_text(SOURCES, encoding="utf-8")
    for batch in range(batches):
        lines = (f"2026-03-01T06:00:00Z,DC{batch},SKU{row},{row}\n" for row in range(rows))
        text = "snapshot_at,node_id,sku,quantity\n" + "".join(lines)
        (drop / f"snapshot_{batch}.csv").write_text(text, encoding="utf-8")
    ingest("wms", (), settings)
    return settings


def staging_query(settings: Settings) -> str:
    """The SQL by which a build reads the table now."""
    settings.build_db.parent.mkdir(parents=True, exist_ok=True)
    command = [str(Path(sys.executable).with_name("dbt")), *dbt_arguments(settings, "run", "--select", MODEL)]
    subprocess.run(command, env={**os.environ, **dbt_environment(settings)}, check=True, stdout=sys.stderr)
    (path,) = (settings.dbt_target / "compiled").rglob(f"{MODEL}.sql")
    return path.read_text(encoding="utf-8")


def measured(settings: Settings, rounds: int) -> tuple[float, tuple[int, int]]:
    """Seconds of the staging query, best of some rounds, and its rows as their number and the sum of their hashes."""
    query = staging_query(settings)
    best = float("inf")
    with duckdb.connect() as con:
        con.execute(f"set threads = {settings.threads}; set memory_limit = '{settings.memory_limit}'")
        con.execute("set TimeZone = 'UTC'")
        for _ in range(rounds):
            started = time.perf_counter()
            con.execute(f"create or replace table read as {query}")
            best = min(best, time.perf_counter() - started)
        [(count, hashes)] = con.execute("select count(*), sum(cast(hash(read) as hugeint)) from read").fetchall()
    return best, (count, hashes)


def main() -> int:
    """Measure and print; the exit code says whether the limit holds."""
    from ingestion.compaction import compact

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batches", type=int, default=1_000)
    parser.add_argument("--rows", type=int, default=100, help="of each batch")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        settings = prepare(Path(scratch), arguments.batches, arguments.rows)
        before, rows = measured(settings, arguments.rounds)
        started = time.perf_counter()
        report = compact(settings, datetime.now(UTC))
        took = time.perf_counter() - started
        after, rows_after = measured(settings, arguments.rounds)
    if rows_after != rows:
        print(f"the rows differ: {rows} before, {rows_after} after")
        return 1
    print(f"{arguments.batches:,} batches of {arguments.rows:,} rows: {report}, in {took:.2f} s")
    print(f"staging query {before:.3f} s before, {after:.3f} s after: 1/{before / after:.1f} (limit 1/{1 / LIMIT:.0f})")
    return int(arguments.batches >= JUDGED_FROM and after / before > LIMIT)


if __name__ == "__main__":
    raise SystemExit(main())
