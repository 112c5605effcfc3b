"""A person is taken out of every place of a home, whole or in the end, and nothing else changes."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from backhaul import receipts, remains
from backhaul.cli import app
from backhaul.settings import PROJECT, Settings
from ingestion import batch, erasure, landing, profile, quarantine
from ingestion.erasure import BadCustomer, open_erasure

ANN, BEN = "C000001", "C000002"
SALES = "order_id,order_line,ordered_at,sku,quantity,net_amount,currency,customer_ref,updated_at,note\n"
SOLD = "O{n},1,2026-03-0{n}T06:00:00Z,A,{quantity},12.50,CAD,{ref},2026-03-0{n}T06:00:00Z,{note}\n"
FEEDBACK = (
    '{"answer_id": "F1", "order_id": "O1", "customer_ref": "C000001", "answered_at": "2026-03-05T06:00:00Z", '
    '"survey": "CSAT", "score": 9.50, "by": {"id": "C000001"}}\n'
    '{"answer_id": "F2", "order_id": "O2", "customer_ref": "C000002", "answered_at": "2026-03-05T06:00:00Z", '
    '"survey": "CSAT", "score": 7.50}\n{"answer_id": "F3", C000001\n'
)
DESCRIPTION = """
version: 1
columns:
  - {name: rma, type: string, required: true}
  - {name: line, type: string, required: true}
  - {name: came_at, type: timestamp, required: true}
  - {name: sku, type: string, required: true}
  - {name: client, type: string, personal: true}
  - {name: mail, type: string, personal: true}
routes:
  - table: returns
    map:
      {rma_id: rma, rma_line: line, received_at: came_at, sku: sku, quantity: "1",
       customer_ref: "replace(client, '.0', '')"}
"""
DESCRIBED = (
    "rma,line,came_at,sku,client,mail\nR1,1,2026-03-06T06:00:00Z,A,C000001.0,ann@example.org\n"
    "R2,1,2026-03-06T06:00:00Z,A,C000002.0,ben@example.org\n"
)
SOURCES = """
sources:
  - {id: shop, kind: backhaul, domain: returns, from: {type: files, path: drop/shop}}
  - {id: told, kind: delimited, domain: returns, contract: told.yml, from: {type: files, path: drop/told}}
"""
SOLD_ROWS = [(1, 2, ANN, ""), (2, 3, BEN, f"not {ANN}0"), (3, "x", ANN, ""), (4, 1, BEN, f"a gift to {ANN}")]
FILES = {
    "shop/sales_lines.csv": SALES + "".join(SOLD.format(n=n, quantity=q, ref=r, note=t) for n, q, r, t in SOLD_ROWS),
    "shop/feedback.jsonl": FEEDBACK,
    "told/returns.csv": DESCRIBED,
}


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A shop's CSV and JSON lines, a described file whose numbers are spelt otherwise, and quarantined rows of each."""
    monkeypatch.setattr(profile, "check", lambda con, settings, source, batches: {key: [] for key in batches})
    monkeypatch.setenv("BACKHAUL_HOME", str(tmp_path))
    (tmp_path / "sources.yml").write_text(SOURCES)
    (tmp_path / "told.yml").write_text(DESCRIPTION)
    settings = Settings()
    drop(settings)
    for source_id in ("shop", "told"):
        batch.ingest(source_id, settings=settings)
    return settings


def drop(settings: Settings) -> None:
    for name, text in FILES.items():
        path = settings.drop / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def erase(settings: Settings, ref: str = ANN, source_id: str | None = None) -> erasure.Plan:
    with open_erasure(settings, ref, source_id) as opened:
        plan = opened.plan()
        opened.run()
    return plan


def rows(settings: Settings, columns: str = "* EXCLUDE (_batch_id)") -> dict[str, list[tuple[object, ...]]]:
    """Every lake table of the batches that count, and the quarantine."""
    found: dict[str, list[tuple[object, ...]]] = {}
    for receipt in receipts.committed(settings):
        for name, file in [*((n, t.file) for n, t in receipt.tables.items()), ("quarantine", receipt.quarantine.file)]:
            relation = duckdb.sql(f"SELECT {columns} FROM read_parquet('{settings.lake / file}')")
            found.setdefault(name, []).extend(relation.fetchall())
    return {name: sorted(each, key=str) for name, each in found.items()}


def landed_text(settings: Settings) -> str:
    return "".join(
        item.path.read_text(encoding="utf-8-sig")
        for source in ("shop", "told")
        for item in landing.everything(settings, source)
    )


def test_the_person_is_nowhere_and_the_others_are_as_before(settings: Settings) -> None:
    before, sums = rows(settings), erasure.totals(settings)
    assert len(before["quarantine"]) == 2
    assert len(remains.find(settings, ANN)) > 8
    erase(settings)
    assert remains.find(settings, ANN) == {}
    assert erasure.totals(settings) == sums
    after = rows(settings)
    for name, old in before.items():
        assert len(after[name]) == len(old)
        untouched = [row for row in old if not Holder(ANN).is_in(row)]
        assert [row for row in untouched if row not in after[name]] == []
    left = [line for text in FILES.values() for line in text.splitlines() if not Holder(ANN).is_in((line,))]
    assert set(left) - {"R1,1,2026-03-06T06:00:00Z,A,C000001.0,ann@example.org"} <= set(
        landed_text(settings).splitlines()
    )
    assert "ann@example.org" not in landed_text(settings)
    assert f"not {ANN}0" in landed_text(settings)
    for receipt in receipts.committed(settings):
        for table in receipt.tables.values():
            assert landing.digest(settings.lake / table.file) == table.sha256


class Holder:
    """Whether a row names a person."""

    def __init__(self, ref: str) -> None:
        self.person = erasure.Person(ref)

    def is_in(self, row: tuple[object, ...]) -> bool:
        return any(self.person.is_in(str(value)) for value in row)


def test_only_the_personal_values_of_the_lake_change(settings: Settings) -> None:
    kept = "* EXCLUDE (_batch_id, customer_ref, extra)"
    tables = {"backhaul__sales_lines", "backhaul__feedback", "backhaul__returns"}

    def of_tables() -> dict[str, list[tuple[object, ...]]]:
        found = {}
        for receipt in receipts.committed(settings):
            for name, table in receipt.tables.items():
                file = settings.lake / table.file
                found[name] = duckdb.sql(f"SELECT {kept} FROM read_parquet('{file}')").fetchall()
        return found

    before = of_tables()
    assert set(before) == tables
    erase(settings)
    assert of_tables() == before


@pytest.mark.parametrize("again", ["erase", "ingest", "drop", "replay"])
def test_nothing_brings_the_person_back(settings: Settings, again: str) -> None:
    erase(settings)
    assert not any(path.is_file() for path in settings.drop.rglob("*"))
    names = {receipt.batch_id for receipt in receipts.everything(settings)}
    if again == "erase":
        assert erase(settings).is_empty
    elif again == "replay":
        reports = batch.replay(settings=settings)
        assert [report.held for report in reports] == [[], []]
        assert {name: len(found) for name, found in rows(settings).items()} == {
            "backhaul__sales_lines": 3, "backhaul__feedback": 2, "backhaul__returns": 2, "quarantine": 2
        }  # fmt: skip
    else:
        if again == "drop":
            drop(settings)
        for source_id in ("shop", "told"):
            assert batch.ingest(source_id, settings=settings).committed == []
        # what was dropped again is there until the erasure is run again
        erase(settings)
    if again != "replay":
        assert {receipt.batch_id for receipt in receipts.everything(settings)} == names
    assert remains.find(settings, ANN) == {}


def test_the_pages_of_an_interrupted_pull_go(settings: Settings) -> None:
    for source_id, ref in (("api", ANN), ("other", BEN)):
        page = settings.pulls / source_id / "returns-00000.json"
        page.parent.mkdir(parents=True)
        page.write_text(json.dumps([{"customer": ref}]))
    assert erase(settings).interrupted == ["api"]
    assert [folder.name for folder in settings.pulls.iterdir()] == ["other"]
    assert remains.find(settings, ANN) == {}


def test_what_was_moved_aside_goes_too(settings: Settings) -> None:
    moving = SOURCES.replace("path: drop/shop", "path: drop/shop, after: move")
    settings.sources_file.write_text(moving)
    batch.ingest("shop", settings=settings)
    assert len(list((settings.drop / "shop.taken").iterdir())) == 2
    erase(settings)
    assert list((settings.drop / "shop.taken").iterdir()) == []
    assert remains.find(settings, ANN) == {}


def test_two_people_one_after_the_other(settings: Settings) -> None:
    sums = erasure.totals(settings)
    erase(settings)
    erase(settings, BEN)
    assert (remains.find(settings, ANN), remains.find(settings, BEN)) == ({}, {})
    assert erasure.totals(settings) == sums
    assert sum(row.raw_text is None for row in quarantine.open_rows(settings)) == 2


def test_one_source_only(settings: Settings) -> None:
    erase(settings, source_id="told")
    left = {path.relative_to(settings.root).parts[:2] for path in remains.find(settings, ANN)}
    assert ("landing", "shop") in left
    assert ("landing", "told") not in left


def test_what_cannot_be_rewritten_goes_whole(settings: Settings) -> None:
    damaged = (SALES + SOLD.format(n=5, quantity=1, ref=ANN, note="\xe9")).encode("latin-1") + "é\n".encode() * 3
    (settings.drop / "shop" / "sales_lines_5.csv").write_bytes(damaged)
    (settings.drop / "shop" / "sales_lines_6.csv.gz").write_bytes(
        gzip.compress((SALES + SOLD.format(n=6, quantity=1, ref=ANN, note="")).encode())
    )
    batch.ingest("shop", settings=settings)
    plan = erase(settings)
    assert {found.file for found in plan.found if found.is_deleted} == {"sales_lines_5.csv"}
    assert remains.find(settings, ANN) == {}
    assert [landed.names[0] for landed in landing.deleted(settings, "shop")] == ["sales_lines_5.csv"]


KILLED = """
import os, signal, sys
from pathlib import Path
from typing import Any
from backhaul.settings import Settings
from ingestion.erasure import open_erasure

left = int(sys.argv[1])

def counting(name):
    real = getattr(os, name)
    def call(*args, **options):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **options)
    setattr(os, name, call)

with open_erasure(Settings(), "C000001") as opened:
    for name in ("replace", "rename", "link", "unlink", "fsync", "rmdir"):
        counting(name)
    opened.run()
"""


@pytest.mark.parametrize("step", [1, 2, 4, 7, 10, 14, 19, 25, 32, 40])
def test_killed_at_a_step_and_run_again(settings: Settings, step: int) -> None:
    sums, counts = erasure.totals(settings), {name: len(found) for name, found in rows(settings).items()}
    environment = {**os.environ, "BACKHAUL_HOME": str(settings.root), "PYTHONPATH": str(PROJECT)}
    killed = subprocess.run([sys.executable, "-c", KILLED, str(step)], env=environment, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert erasure.totals(settings) == sums
    assert {name: len(found) for name, found in rows(settings).items()} == counts
    erase(settings)
    assert remains.find(settings, ANN) == {}
    assert erasure.totals(settings) == sums
    assert erase(settings).is_empty


def run(*command: str, code: int) -> str:
    result = CliRunner().invoke(app, ["erase", *command])
    assert result.exit_code == code, result.output
    return result.output


def test_the_command_shows_then_erases_then_proves(settings: Settings) -> None:
    before = rows(settings)
    shown = run("--customer", ANN, code=1)
    assert "--yes erases it" in shown
    assert "backhaul__sales_lines" in shown
    assert rows(settings) == before
    done = run("--customer", ANN, "--yes", code=0)
    assert "No file of the home holds the person" in done
    assert "as before" in done
    assert "No file of the home" in run("--customer", ANN, code=0)


def test_a_held_batch_loses_the_person_and_stays_held(settings: Settings) -> None:
    (settings.drop / "shop" / "sales_lines_7.csv").write_text(f"order_id,customer_ref\nO7,{ANN}\nO8,{BEN}\n")
    batch.ingest("shop", settings=settings)
    [hold] = batch.held_batches(settings)
    erase(settings)
    assert batch.held_batches(settings) == [hold]
    assert [row.raw_text for row in quarantine.open_rows(settings) if row.is_held] == [None, f"O8,{BEN}"]
    assert remains.find(settings, ANN) == {}


def test_tables_that_no_contract_tells_of_any_more_lose_the_person(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {name: len(each) for name, each in rows(settings).items()}
    assert ANN in str(rows(settings, "COLUMNS('customer_ref|raw_text')"))
    monkeypatch.setattr(erasure, "kinds_with_tables", list)
    erase(settings)
    after = rows(settings)
    assert {name: len(each) for name, each in after.items()} == before
    assert [name for name, each in after.items() if f"'{ANN}'" in str(each)] == []


def test_what_is_left_is_named(settings: Settings) -> None:
    (settings.root / "mine.txt").write_text(f"{ANN} called")
    assert "mine.txt (1)" in run("--customer", ANN, "--yes", code=1)


def test_a_folder_that_may_not_be_looked_into_proves_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed, scandir = settings.lake / "batches", os.scandir

    def guarded(path: str) -> Any:
        if Path(path) == closed:
            raise PermissionError(path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", guarded)
    with pytest.raises(PermissionError):
        remains.find(settings, "C-1")


@pytest.mark.parametrize("ref", ["", "  ", " C1"])
def test_a_number_with_blanks_is_refused(settings: Settings, ref: str) -> None:
    with pytest.raises(BadCustomer), open_erasure(settings, ref):
        pass


def test_the_published_file_is_looked_into(settings: Settings) -> None:
    _, key = remains.forms_of(settings, ANN)
    for number, value in enumerate([key, ANN, json.dumps({"a": ANN}), f"{ANN}1"]):
        with duckdb.connect(str(settings.root / f"{number}.duckdb")) as con:
            con.execute("CREATE TABLE t AS SELECT ? AS x FROM range(3)", [value])
    found = remains.find(settings, ANN)
    assert [settings.root / f"{number}.duckdb" in found for number in range(4)] == [True, True, True, False]


def test_what_a_database_compresses_is_found(settings: Settings) -> None:
    _, key = remains.forms_of(settings, ANN)
    with duckdb.connect(str(settings.root / "packed.duckdb")) as con:
        con.execute(
            "CREATE TABLE t AS SELECT i, if(i % 50000 = 7, ?, md5(i::VARCHAR)) AS x FROM range(200000) r(i)", [key]
        )
    assert remains.find(settings, ANN)[settings.root / "packed.duckdb"] == 4
