"""What a build carries on with equals what a full refresh gives, table by table and row by row.

A business comes in deliveries that pay no heed to what belongs together: documents before their returns, versions out
of order, corrections of what is months old, evidence that makes two units one. A build is killed in the middle.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from backhaul import receipts
from backhaul.build import build
from backhaul.receipts import QuarantineFile, Repair, TableFile
from backhaul.settings import Settings
from bench.daily_build import commit_cut, cut, prepare
from ingestion.compaction import Sizes, compact

UNITS = 600
SHARES = {"first": (0, 80), "second": (80, 90), "third": (90, 100)}
LAYERS = ("staging", "intermediate", "core", "marts", "quality")
NOTHING_BAD = QuarantineFile("", 0)
KILLED_AFTER = "model.backhaul.fct_cost"


def _rows(database: Path) -> dict[str, tuple[int, int]]:
    """Every table of the warehouse as how many rows it has and the sum of their hashes."""
    with duckdb.connect(str(database), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where schema_name in $layers order by all",
            {"layers": list(LAYERS)},
        ).fetchall()
        return {
            table: connection.execute(f"select count(*), sum(cast(hash(t) as hugeint)) from {table} as t").fetchone()  # type: ignore[misc]
            for (table,) in tables
        }


def _deliver(whole: Settings, home: Settings, name: str) -> None:
    low, high = SHARES[name]
    cut(whole, home, lambda _: f"hash(_record_key || _content_hash) % 100 between {low} and {high - 1}", None, name)


def _restate(whole: Settings, home: Settings, table: str, rows: str, name: str) -> None:
    """Delivers rows of a lake table once more, told otherwise; `rows` is a query on `told`, its rows of all batches."""
    receipt = next(each for each in receipts.committed(whole) if table in each.tables)
    files = [str(whole.lake / each.tables[table].file) for each in receipts.committed(whole) if table in each.tables]
    file = f"batches/{receipt.batch_id}-{name}/{table}.parquet"
    (home.lake / file).parent.mkdir(parents=True)
    with duckdb.connect() as connection:
        row = connection.execute(
            f"copy (with told as (from read_parquet({files}, union_by_name = true)) {rows}) "
            f"to '{home.lake / file}' (format parquet)"
        ).fetchone()
    assert row
    assert row[0] > 0
    commit_cut(home, receipt, {table: TableFile(file, row[0], "")}, receipt.quarantine, None, name)


def _corrections(whole: Settings, home: Settings) -> None:
    # costs of more than sixty days ago, known better since; and an old version of others that arrives last
    again = "_row + 1000000 as _row, md5(_content_hash || 'again') as _content_hash"
    _restate(
        whole, home, "backhaul__costs",
        f"select * replace (amount + 7 as amount, _observed_at + interval 30 day as _observed_at, {again}) from told "
        "where posted_at < timestamp '2026-07-01' order by md5(_record_key) limit 20", "corrected",
    )  # fmt: skip
    _restate(
        whole, home, "backhaul__costs",
        f"select * replace (amount + 9 as amount, _observed_at - interval 30 day as _observed_at, {again}) from told "
        "where posted_at < timestamp '2026-07-01' order by md5(_record_key) desc limit 20", "outdated",
    )  # fmt: skip
    # returns taken back after they were told, others before, and some that their source told anew since
    for name, shift, is_withdrawn in (("withdrawn", 30, True), ("withdrawn-before", -30, True), ("anew", 60, False)):
        taken = {"withdrawn": "in (3, 4)", "withdrawn-before": "= 5", "anew": "= 4"}[name]
        _restate(
            whole, home, "backhaul__returns",
            f"select * replace ({is_withdrawn} as is_withdrawn, {is_withdrawn} as _withdrawn, "
            f"_observed_at + interval ({shift}) day as _observed_at, _row + 1000000 as _row, "
            f"md5(_content_hash || '{name}') as _content_hash) from told where hash(_record_key) % 40 {taken}", name,
        )  # fmt: skip
    # inspections that name another unit's authorisation beside their own evidence
    _restate(
        whole, home, "backhaul__inspections",
        "select * exclude (number, next_rma_id, next_rma_line, next_ordinal) replace (next_rma_id as rma_id, "
        "next_rma_line as rma_line, next_ordinal as unit_ordinal, _observed_at + interval 30 day as _observed_at, "
        f"{again}) from (select *, row_number() over told_in_order as number, "
        "lead(rma_id) over told_in_order as next_rma_id, lead(rma_line) over told_in_order as next_rma_line, "
        "lead(unit_ordinal) over told_in_order as next_ordinal from told where rma_id is not null "
        "window told_in_order as (order by _record_key)) where number % 40 = 0 and next_rma_id is not null", "merging",
    )  # fmt: skip


def _mend(whole: Settings, home: Settings) -> None:
    """Delivers a receipt that brings the first quarantined row of a file mended, and another row of its table."""
    broken = next(each for each in receipts.committed(whole) if each.quarantine.rows and each.tables)
    file = whole.lake / broken.quarantine.file
    [(row,)] = duckdb.execute(f"select min(_row) from read_parquet('{file}')").fetchall()
    repair = Repair(broken.file.sha256, broken.batch_id, [row])
    table, own = next(iter(broken.tables.items()))
    place = f"batches/{broken.batch_id}-mended"
    (home.lake / place).mkdir()
    duckdb.execute(
        f"copy (select * replace (_row + 2000000 as _row, md5(_content_hash || 'mended') as _content_hash) from "
        f"read_parquet('{whole.lake / own.file}') limit 1) to '{home.lake / place / table}.parquet' (format parquet)"
    )
    mended = replace(broken, repairs=[repair])
    commit_cut(home, mended, {table: TableFile(f"{place}/{table}.parquet", 1, "")}, NOTHING_BAD, None, "mended")


def _kill_a_build(home: Settings) -> None:
    """Starts a build in a process of its own and ends it by SIGKILL once a certain table has been replaced."""
    before = set((home.root / "builds").glob("*.jsonl"))
    code = (
        "import sys; from pathlib import Path; from backhaul.build import build; from backhaul.settings import Settings"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", f"{code}; build(Settings(home=Path(sys.argv[1])))", str(home.root)]
    )
    try:
        while process.poll() is None:
            time.sleep(0.1)
            new = set((home.root / "builds").glob("*.jsonl")) - before
            if any(KILLED_AFTER in path.read_text(encoding="utf-8") for path in new):
                os.kill(process.pid, signal.SIGKILL)
                break
        assert process.wait() == -signal.SIGKILL
    finally:
        if process.poll() is None:
            process.kill()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home whose last build carried on over a killed one, with the tables it left under ``carried``."""
    whole = prepare(tmp_path_factory.mktemp("whole"), UNITS)
    home = Settings(home=tmp_path_factory.mktemp("parts"))
    _deliver(whole, home, "first")
    assert not build(home).is_incremental
    _deliver(whole, home, "second")
    _kill_a_build(home)
    _deliver(whole, home, "third")
    _corrections(whole, home)
    _mend(whole, home)
    assert build(home).is_incremental
    shutil.copytree(home.build_db.parent, home.root / "carried")
    return home


def test_carrying_on_equals_a_full_refresh_that_reads_merged_files(home: Settings) -> None:
    carried = _rows(home.root / "carried" / home.build_db.name)
    merged = compact(home, datetime.now(UTC), Sizes(least=2)).merged
    assert not build(home, whole=True).is_incremental
    whole = _rows(home.build_db)
    with duckdb.connect(str(home.build_db), read_only=True) as connection:
        read = connection.execute("select count(distinct merged_file), count(merged_file) from lake.receipt_file")
        assert read.fetchone() == (len(merged), sum(len(manifest.members) for manifest in merged))
    assert len(merged) > 10
    assert carried.keys() == whole.keys()
    assert [table for table in whole if carried[table] != whole[table]] == []


def test_a_late_correction_reaches_the_facts_and_an_outdated_version_does_not(home: Settings) -> None:
    with duckdb.connect(str(home.root / "carried" / home.build_db.name), read_only=True) as connection:
        corrected, outdated = (
            connection.execute(
                "select count(*) from staging.stg_backhaul__costs as told "
                "join core.fct_cost as fact using (record_key) "
                f"where told.source_row > 1000000 and fact.source_row = told.source_row and told.is_current = {current}"
            ).fetchone()
            for current in ("true", "false")
        )
    assert corrected is not None
    assert corrected[0] >= 20
    assert outdated == (0,)


def test_a_record_that_its_source_takes_back_is_in_no_fact_until_it_is_told_anew(home: Settings) -> None:
    with duckdb.connect(str(home.root / "carried" / home.build_db.name), read_only=True) as connection:
        withdrawn, before, anew = connection.execute(
            "with told as (select bool_or(is_current) as stands, "
            "hash(replace(cast(record_key as varchar), '-', '')) % 40 as share "
            "from staging.stg_backhaul__returns group by record_key having bool_or(is_withdrawn)) "
            "select count_if(share = 3 and not stands), count_if(share = 5 and stands), count_if(share = 4 and stands) "
            "from told"
        ).fetchall()[0]
        left = connection.execute(
            "select count(*) from core.fct_return_line as line join staging.stg_backhaul__returns as told "
            "on told.record_key = line.record_key "
            "where hash(replace(cast(told.record_key as varchar), '-', '')) % 40 = 3"
        ).fetchone()
    assert min(withdrawn, before, anew) > 3
    assert left == (0,)


def test_rows_that_a_later_batch_mends_are_not_counted_as_bad(home: Settings) -> None:
    counting = receipts.committed(home)
    [mended] = [repair for receipt in counting for repair in receipt.repairs]
    files = [str(home.lake / receipt.quarantine.file) for receipt in counting if receipt.quarantine.rows]
    still_bad, every = duckdb.execute(
        "select count_if(_file_sha256 <> $sha256 or _row not in $rows), count(*) from read_parquet($files)",
        {"sha256": mended.file_sha256, "rows": mended.rows, "files": files},
    ).fetchall()[0]
    with duckdb.connect(str(home.root / "carried" / home.build_db.name), read_only=True) as connection:
        assert connection.execute("select sum(row_count) from quality.quality_quarantine").fetchone() == (still_bad,)
    assert still_bad < every
