"""Full build: what dbt adds to the SQL that it runs.

One side is ``backhaul build`` on a home (every model and test, one process); the other the same compiled statements,
in the same order, sent bare to one DuckDB process with the same memory limit and threads. Compared is the CPU time
(user + system) of the whole process; the peak memory of both is shown. The limits are a ratio of 1.3 and 4 GB.

dbt's start and its parsing cost the same for any size, so the ratio is judged on large homes only. Run it with
``python -m bench.full_build [--units N | --home PATH]``; it ends with 1 when a limit is broken.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

LIMIT = 1.3
LIMIT_GB = 4.0
JUDGED_FROM = 1_000_000  # units; below, dbt's start and parsing outweigh the work


def prepare(home: Path, units: int) -> None:
    """A demo business of so many units, ingested."""
    from backhaul.settings import Settings
    from ingestion.batch import ingest
    from ingestion.config import load_sources
    from simulator.demo import simulate

    settings = Settings(home=home)
    simulate(settings.root, seed=1, units=units)
    for source in load_sources(settings):
        ingest(source.id, (), settings)


def ours(home: Path) -> None:
    """The build as a user runs it."""
    from backhaul.build import build
    from backhaul.settings import Settings

    build(Settings(home=home), whole=True)


def bare(home: Path) -> None:
    """The statements that dbt ran, model by model and test by test, in a database of their own."""
    import duckdb

    from backhaul.settings import Settings

    settings = Settings(home=home)
    target = settings.dbt_target
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    newest = max((settings.root / "builds").glob("*.jsonl"), key=lambda path: path.stat().st_mtime)
    order = [json.loads(line) for line in newest.read_text(encoding="utf-8").splitlines()]
    database = settings.build_db.with_name("bare") / settings.build_db.name
    database.parent.mkdir(exist_ok=True)
    database.unlink(missing_ok=True)
    # what dbt reads before the first model: receipts and reference lists
    with duckdb.connect(str(database)) as con:
        con.execute(f"attach '{settings.build_db}' as built (read_only)")
        for schema in ("lake", "core", "reference"):
            con.execute(f"create schema if not exists {schema}")
        kept = {
            (node["schema"], node["name"]) for node in manifest["nodes"].values() if node["resource_type"] == "seed"
        }
        kept |= {
            ("lake", name)
            for name in ("receipt", "receipt_file", "receipt_repair", "receipt_check", "receipt_change", "vanished")
        }
        for schema, name in sorted(kept):
            con.execute(f"create table {schema}.{name} as from built.{schema}.{name}")
        con.execute("detach built")
    with duckdb.connect(
        str(database), config={"memory_limit": settings.memory_limit, "threads": settings.threads}
    ) as con:
        con.execute("set TimeZone = 'UTC'")
        for entry in order:
            node = manifest["nodes"].get(entry["node_id"])
            if node is None or node["resource_type"] not in {"model", "test"}:
                continue
            compiled = (target / "compiled" / node["package_name"] / node["original_file_path"]).with_suffix(".sql")
            if node["resource_type"] == "model":
                con.execute(f"create schema if not exists {node['schema']}")
                kind = "view" if node["config"]["materialized"] == "view" else "table"
                con.execute(f"create {kind} {node['schema']}.{node['name']} as ({compiled.read_text('utf-8')})")
            else:
                path = target / "compiled" / node["package_name"] / node["original_file_path"]
                path = path / node["path"] if path.suffix in {".yml", ".yaml"} else path
                con.execute(f"select count(*) from ({path.read_text('utf-8')})").fetchall()


def measured(side: str, home: Path) -> tuple[float, float]:
    """CPU seconds and peak gigabytes of one side, run in a process of its own."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "bench.full_build", "--side", side, "--home", str(home)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, float(done.stdout.strip().splitlines()[-1])


def main() -> int:
    """Both sides, one after the other; 1 when a limit is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=50_000)
    parser.add_argument("--home", type=Path, help="a home that holds a lake already")
    parser.add_argument("--side", choices=["ours", "bare"], help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.side:
        {"ours": ours, "bare": bare}[arguments.side](arguments.home)
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2)
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        home = arguments.home or Path(scratch)
        if arguments.home is None:
            prepare(home, arguments.units)
        ours_cpu, ours_gb = measured("ours", home)
        bare_cpu, bare_gb = measured("bare", home)
    ratio = ours_cpu / bare_cpu
    print(f"build {ours_cpu:.1f} s CPU, {ours_gb:.2f} GB at most; bare SQL {bare_cpu:.1f} s, {bare_gb:.2f} GB")
    print(
        f"ratio {ratio:.2f} (limit {LIMIT} from {JUDGED_FROM:,} units on), memory {ours_gb:.2f} GB (limit {LIMIT_GB})"
    )
    large = arguments.home is not None or arguments.units >= JUDGED_FROM
    return int(ours_gb > LIMIT_GB or (large and ratio > LIMIT))


if __name__ == "__main__":
    raise SystemExit(main())
