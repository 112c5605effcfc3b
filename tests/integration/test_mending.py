"""A person in the loop: rows found, mended and retried; batches shown and decided; the difference before a replay."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import duckdb
import openpyxl
import pytest
import yaml
from typer.testing import CliRunner

from backhaul import receipts
from backhaul.cli import app
from backhaul.settings import Settings
from ingestion import batch, contract, landing, profile, quarantine
from ingestion.batch import NoSuchBatch
from ingestion.quarantine import NoSuchRow, Selection
from ingestion.repair import BadMendedFile, export, retry

SNAPSHOTS = "wms_inventory__inventory_snapshots"
HEADER = "snapshot_at,node_id,sku,quantity\n"
SOUND = "2026-03-01T06:00:00Z,DC1,A,1\n"
SOURCES = """
sources:
  - {id: wms, kind: wms_inventory, domain: inventory, from: {type: files, path: drop/wms}, full_snapshot: true}
"""
NAMES = ["rma", "sku", "qty"]
BOOK = """
sources:
  - {id: book, kind: xlsx, domain: returns, contract: book.yml, from: {type: files, path: drop/book}}
"""


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A source whose first file has three bad rows and whose second one is sound; no gate (its import is slow)."""
    monkeypatch.setattr(profile, "check", lambda con, settings, source, batches: {key: [] for key in batches})
    home = tmp_path / "home"
    drop = home / "drop" / "wms"
    drop.mkdir(parents=True)
    (home / "sources.yml").write_text(SOURCES)
    bad = "2026-03-01T06:00:00Z,DC1,B,x\n=1+1,DC1,C,3\n2026-03-01T06:00:00Z,DC1,D\n"
    (drop / "snapshot_1.csv").write_text(HEADER + SOUND + bad)
    (drop / "snapshot_2.csv").write_text(HEADER + SOUND.replace("03-01", "03-02"))
    monkeypatch.setenv("BACKHAUL_HOME", str(home))
    settings = Settings()
    batch.ingest("wms", settings=settings)
    return settings


def run(*command: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, [*command])
    assert result.exit_code == code, result.output
    return result.output


def stock(settings: Settings) -> list[tuple[str, int]]:
    files = [str(settings.lake / receipt.tables[SNAPSHOTS].file) for receipt in receipts.committed(settings)]
    return duckdb.execute("SELECT sku, quantity FROM read_parquet(?) ORDER BY ALL", [files]).fetchall()


def mend(path: Path, texts: dict[int, str]) -> None:
    """Write new raw texts by row number into an exported file, as a spreadsheet would save it."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        row["raw_text"] = texts.get(int(row["id"].split(":")[1]), row["raw_text"])
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]), delimiter=";")
        writer.writeheader()
        writer.writerows(rows)


@pytest.mark.parametrize(
    ("options", "rows"),
    [
        ([], {2, 3, 4}),
        (["--rule", "too_few_columns"], {4}),
        (["--table", "inventory_snapshots"], {2, 3}),
        (["--file", "snapshot_1*"], {2, 3, 4}),
        (["--file", "snapshot_2*"], set()),
        (["--source", "other"], set()),
        (["--since", "2026-01-01"], {2, 3, 4}),
        (["--since", "2999-01-01"], set()),
    ],
    ids=lambda value: " ".join(value) or "all" if isinstance(value, list) else "",
)
def test_rows_are_listed_by(settings: Settings, options: list[str], rows: set[int]) -> None:
    lines = run("quarantine", "list", "--json", *options).splitlines()
    assert {json.loads(line)["row"] for line in lines} == rows


def test_rows_are_counted_first_and_shown_on_demand(settings: Settings) -> None:
    alone = run("quarantine")
    assert "not_a_integer" in alone
    assert "snapshot_1.csv" not in alone
    assert "snapshot_1.csv" in run("quarantine", "list", "--rows")


def test_a_row_is_shown_with_its_remedy_and_whole_text(settings: Settings) -> None:
    [row] = [row for row in quarantine.open_rows(settings) if row.rule == "too_few_columns"]
    shown = run("quarantine", "show", f"{row.batch_id[:8]}:{row.row}")
    assert "2026-03-01T06:00:00Z,DC1,D" in shown
    assert row.remedy in shown
    with pytest.raises(NoSuchRow, match="quarantine list"):
        quarantine.find(settings, "ffff:1")


@pytest.mark.parametrize("name", ["rows.csv", "rows.jsonl"])
def test_mended_rows_come_in_and_are_closed(settings: Settings, tmp_path: Path, name: str) -> None:
    target = tmp_path / name
    run("quarantine", "export", str(target), "--source", "wms")
    mended = {2: "2026-03-01T06:00:00Z,DC1,B,2", 3: "2026-03-01T06:00:00Z,DC1,C,x"}
    if target.suffix == ".csv":
        mend(target, mended)
    else:
        rows = [json.loads(line) for line in target.read_text().splitlines()]
        told = [row | {"raw_text": mended.get(int(row["id"][33:]), row["raw_text"])} for row in rows]
        target.write_text("".join(json.dumps(row) + "\n" for row in told))
    assert "2 rows mended, 1 left as they were" in run("quarantine", "retry", str(target))
    assert stock(settings) == [("A", 1), ("A", 1), ("B", 2)]
    # what is still bad is open as a row of the new file, and only there
    assert {(row.row, row.rule) for row in quarantine.open_rows(settings)} == {
        (2, "not_a_integer"),
        (4, "too_few_columns"),
    }
    [receipt] = [receipt for receipt in receipts.committed(settings) if receipt.repairs]
    assert receipt.repairs[0].rows == [2, 3]
    assert receipt.is_full_snapshot is False
    assert receipts.Receipt.from_json(receipt.to_json()) == receipt
    assert "0 rows mended, 1 left as they were, 2 not open any more" in run("quarantine", "retry", str(target))
    assert len(receipts.everything(settings)) == 3


def test_a_file_mended_to_the_same_rows_closes_further_rows(settings: Settings, tmp_path: Path) -> None:
    same = "2026-03-01T06:00:00Z,DC1,B,2"
    for row in (2, 3):
        target = tmp_path / f"{row}.csv"
        export(settings, target, quarantine.open_rows(settings))
        mend(target, {row: same})
        retry(settings, target)
    assert [row.row for row in quarantine.open_rows(settings)] == [4]
    assert stock(settings) == [("A", 1), ("A", 1), ("B", 2)]


def test_repairs_outlive_a_replay_of_the_file(settings: Settings, tmp_path: Path, monkeypatch) -> None:
    target = tmp_path / "rows.csv"
    export(settings, target, quarantine.open_rows(settings, Selection(rule="not_a_integer")))
    mend(target, {2: "2026-03-01T06:00:00Z,DC1,B,2"})
    retry(settings, target)
    newer = contract.load_contract("wms_inventory").model_copy(update={"version": 99})
    for module in ("ingestion.parse", "ingestion.tabled", "ingestion.profile"):
        monkeypatch.setattr(f"{module}.load_contract", lambda kind: newer)
    batch.replay("wms", settings=settings)
    assert {receipt.contract_version for receipt in receipts.committed(settings)} == {"99"}
    assert {row.row for row in quarantine.open_rows(settings)} == {3, 4}


def test_what_was_landed_by_a_killed_retry_is_a_repair_in_the_next_run(settings: Settings, tmp_path: Path, monkeypatch):
    target = tmp_path / "rows.csv"
    export(settings, target, quarantine.open_rows(settings))
    mend(target, {2: "2026-03-01T06:00:00Z,DC1,B,2"})
    with monkeypatch.context() as broken:
        broken.setattr("ingestion.pipeline.Run.settle", lambda *_: (_ for _ in ()).throw(OSError("no space")))
        with pytest.raises(OSError, match="no space"):
            retry(settings, target)
    assert len(quarantine.open_rows(settings)) == 3
    batch.ingest("wms", settings=settings)
    assert [row.row for row in quarantine.open_rows(settings)] == [3, 4]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "'=1", "''+1", "'quoted", "plain", "a=b"])
def test_no_cell_of_an_export_is_a_formula(settings: Settings, tmp_path: Path, text: str) -> None:
    bad = f"{text},DC1,E,1"
    (settings.drop / "wms" / "snapshot_3.csv").write_text(HEADER + bad + "\n")
    batch.ingest("wms", settings=settings)
    target = tmp_path / "rows.csv"
    export(settings, target, quarantine.open_rows(settings, Selection(file="snapshot_3.csv")))
    with target.open(encoding="utf-8-sig", newline="") as lines:
        [_, cells] = csv.reader(lines)
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)
    # and comes back as it was
    assert retry(settings, target).untouched == 1


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"id,text\nx,y\n", "needs id and raw_text"),
        (b"id;raw_text\n\xff;y\n", "CSV UTF-8"),
        (b'id,raw_text\nx,"y', "not CSV|not open"),
    ],
    ids=["columns", "encoding", "quote"],
)
def test_a_file_that_holds_no_mended_rows_is_explained(settings: Settings, tmp_path: Path, content, says) -> None:
    target = tmp_path / "rows.csv"
    target.write_bytes(content)
    result = CliRunner().invoke(app, ["quarantine", "retry", str(target)])
    assert "Traceback" not in result.output
    assert len(receipts.everything(settings)) == 2
    if b'"' not in content:
        with pytest.raises(BadMendedFile, match=says):
            retry(settings, target)


def test_rows_of_parquet_are_mended_as_objects(settings: Settings, tmp_path: Path) -> None:
    bad = settings.drop / "wms" / "snapshot_3.parquet"
    duckdb.execute(
        "COPY (SELECT '2026-03-03' AS snapshot_at, 'DC1' AS node_id, 'P' AS sku, unnest(['7', 'x']) AS quantity) "
        f"TO '{bad}'"
    )
    batch.ingest("wms", settings=settings)
    target = tmp_path / "rows.csv"
    [row] = quarantine.open_rows(settings, Selection(file="*.parquet"))
    export(settings, target, [row])
    mend(target, {2: row.raw_text.replace('"x"', '"8"')})
    retry(settings, target)
    assert quarantine.open_rows(settings, Selection(file="*.parquet")) == []
    assert stock(settings)[-2:] == [("P", 7), ("P", 8)]


def test_rows_of_a_workbook_are_mended_as_lines(settings: Settings, tmp_path: Path) -> None:
    columns = [{"name": name, "type": "integer" if name == "qty" else "string", "required": True} for name in NAMES]
    route = {"table": "returns", "map": {"rma_id": "rma", "sku": "sku", "quantity": "qty"}}
    body = {"options": {"delimiter": ";"}, "columns": columns, "routes": [route]}
    (settings.root / "book.yml").write_text(yaml.safe_dump(body))
    (settings.root / "sources.yml").write_text(BOOK)
    drop = settings.root / "drop" / "book"
    drop.mkdir()
    book = openpyxl.Workbook()
    for row in (NAMES, ["R1", "A", 1], ["R2", "B; or C", "x"]):
        book.active.append(row)
    book.save(drop / "day.xlsx")
    batch.ingest("book", settings=settings)
    target = tmp_path / "rows.csv"
    [row] = quarantine.open_rows(settings, Selection(source_id="book"))
    export(settings, target, [row])
    mend(target, {3: row.raw_text.replace("x", "2")})
    retry(settings, target)
    files = [
        str(settings.lake / receipt.tables["backhaul__returns"].file)
        for receipt in receipts.committed(settings)
        if receipt.source_id == "book"
    ]
    found = duckdb.execute("SELECT rma_id, sku, quantity FROM read_parquet(?) ORDER BY ALL", [files]).fetchall()
    assert found == [("R1", "A", 1), ("R2", "B; or C", 2)]


def test_batches_are_listed_and_shown(settings: Settings) -> None:
    listed = [json.loads(line) for line in run("batch", "list", "--json").splitlines()]
    assert [(entry["state"], entry["file"]["name"]) for entry in listed] == [
        ("committed", "snapshot_1.csv"),
        ("committed", "snapshot_2.csv"),
    ]
    assert "snapshot_1.csv" not in run("batch", "list", "--limit", "1")
    shown = run("batch", "show", listed[0]["batch_id"][:10])
    assert f"1 in {SNAPSHOTS}" in shown
    assert "not_a_integer" in shown
    with pytest.raises(NoSuchBatch, match="batch list"):
        batch.find(settings, "")


def test_a_held_batch_is_decided_by_the_beginning_of_its_id(settings: Settings) -> None:
    for name in ("a", "b"):
        (settings.drop / "wms" / f"snapshot_{name}.csv").write_text(f"snapshot_at,quantity\n2026-01-01,{name}\n")
    run("ingest", "--source", "wms")
    first, second = (json.loads(line)["batch_id"] for line in run("batch", "list", "--held", "--json").splitlines())
    assert "missing_required_column" in run("batch", "show", first)
    run("batch", "release", first[:12], "--reason", "looked at")
    assert "looked at" in run("batch", "show", first)
    run("batch", "reject", second[:12], "--reason", "a test file")
    assert "a test file" in run("batch", "show", second)
    assert run("batch", "list", "--held", "--json") == ""


def test_the_difference_is_shown_before_a_replay_is_committed(settings: Settings, monkeypatch) -> None:
    table = contract.load_contract("wms_inventory").tables[0]
    columns = tuple(
        column.model_copy(update={"type": "decimal"}) if column.name == "quantity" else column
        for column in table.columns
    )
    tables = (table.model_copy(update={"columns": columns}), *contract.load_contract("wms_inventory").tables[1:])
    # the parser reads otherwise, and nobody raised the version
    other = contract.load_contract("wms_inventory").model_copy(update={"tables": tables})
    before = sorted(path.name for path in settings.receipts.iterdir())
    assert "2 files as before, 0 differ" in run("replay", "--source", "wms", "--yes")
    for module in ("ingestion.parse", "ingestion.tabled", "ingestion.profile"):
        monkeypatch.setattr(f"{module}.load_contract", lambda kind: other)
    shown = run("replay", "--source", "wms")
    assert "0 files as before, 2 differ" in shown
    assert "Nothing was committed" in shown
    assert sorted(path.name for path in settings.receipts.iterdir()) == before
    assert list((settings.lake / "staging").iterdir()) == []
    assert "2 batches committed" in run("replay", "--source", "wms", "--yes")
    assert len(receipts.committed(settings)) == 2
    assert "2 files as before, 0 differ" in run("replay", "--source", "wms", "--yes")
    # and back: a third batch, not the first one, which is superseded
    monkeypatch.undo()
    monkeypatch.setenv("BACKHAUL_HOME", str(settings.root))
    monkeypatch.setattr(profile, "check", lambda con, settings, source, batches: {key: [] for key in batches})
    assert "2 batches committed" in run("replay", "--source", "wms", "--yes")
    assert len(receipts.everything(settings)) == 6
    assert stock(settings) == [("A", 1), ("A", 1)]


@pytest.mark.parametrize(
    ("options", "read"),
    [
        (["--from", "2026-01-01"], 2),
        (["--from", "2999-01-01"], 0),
        (["--to", "2026-01-01"], 0),
        (["--batch", "FIRST"], 1),
    ],
    ids=lambda value: " ".join(value) or "all" if isinstance(value, list) else "",
)
def test_a_replay_reads_what_was_landed_between(settings: Settings, options: list[str], read: int) -> None:
    first = receipts.everything(settings)[0].batch_id
    options = [first[:12] if option == "FIRST" else option for option in options]
    assert f"wms: {read} files as before" in run("replay", *options)


def test_retry_without_a_file_reads_those_with_open_rows(settings: Settings) -> None:
    assert "wms: 1 files as before, 0 differ" in run("quarantine", "retry", "--rule", "not_a_integer")


def test_a_hold_left_by_a_kill_after_its_release_is_cleared(settings: Settings, monkeypatch) -> None:
    (settings.drop / "wms" / "snapshot_a.csv").write_text("snapshot_at,quantity\n2026-01-01,1\n")
    [hold] = batch.ingest("wms", settings=settings).held
    with monkeypatch.context() as killed:
        killed.setattr("ingestion.holds.remove", lambda *_: None)
        first = batch.release(hold.batch_id, settings)
    assert batch.held_batches(settings) == [hold]
    assert batch.release(hold.batch_id, settings) == first
    assert batch.held_batches(settings) == []
    assert landing.digests(settings, "wms") == {receipt.file.sha256 for receipt in receipts.committed(settings)}
