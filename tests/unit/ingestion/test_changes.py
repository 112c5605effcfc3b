"""Changes of contract: each is told by its kind, noted with the batch, and holds it where the source says so."""

from __future__ import annotations

import json

import pytest
import yaml

from backhaul import receipts
from backhaul.receipts import Receipt
from backhaul.settings import Settings
from ingestion.batch import describe, ingest, release

DESCRIPTION = {
    "columns": [
        {"name": "rma", "aliases": ["RMA Number", "Return No"], "type": "string", "required": True},
        {"name": "sku", "type": "string", "required": True},
        {"name": "quantity", "aliases": ["Qty"], "type": "integer", "minimum": 1},
        {"name": "size", "type": "string", "enum": ["S", "L"]},
        {"name": "grade", "type": "string"},
    ],
    "routes": [{"table": "returns", "map": {"rma_id": "rma", "sku": "sku", "quantity": "coalesce(quantity, 1)"}}],
}
HEADER = "rma,sku,quantity,size"
ROWS = [f"R{number},A,2,S" for number in range(20)]
BEFORE = "\n".join([HEADER, *ROWS])
SECOND = [f"Q{number},A,2,S" for number in range(20)]


def lines(header: str, rows: list[str]) -> str:
    return "\n".join([header, *rows])


CASES = {
    "nothing": (lines(HEADER, SECOND), []),
    "letters and spaces of a name": (lines("RMA, Sku ,Quantity,SIZE", SECOND), []),
    "order of columns": (lines("sku,rma,size,quantity", [f"A,Q{n},S,2" for n in range(20)]), []),
    "added": (lines(HEADER + ",shelf", [row + ",7" for row in SECOND]), [("added", "shelf", "kept in extra")]),
    "missing": (lines("rma,sku,size", [f"Q{n},A,S" for n in range(20)]), [("missing", "quantity", "was quantity")]),
    "renamed": (lines("RMA Number,sku,Qty,size", SECOND), [
        ("renamed", "quantity", "quantity → Qty"), ("renamed", "rma", "rma → RMA Number")]),
    "a known column that comes back": (lines(HEADER + ",grade", [row + ",A" for row in SECOND]), []),
    "retyped": (lines(HEADER, [*SECOND[2:], "Q0,A,two,S", "Q1,A,three,S"]), [
        ("retyped", "quantity", "not_a_integer in 2 of 20 records")]),
    "a word or two in many rows": (lines(HEADER, [*SECOND[1:], "Q0,A,two,S"]), []),
    "new code": (lines(HEADER, [*SECOND[2:], "Q0,A,2,XL", "Q1,A,2,XXL"]), [
        ("new_code", "size", "2 unknown in 2 records")]),
}  # fmt: skip


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path / "home")


def configure(settings, description=DESCRIPTION, **source):
    settings.root.mkdir(exist_ok=True)
    (settings.root / "returns.yml").write_text(yaml.safe_dump(description))
    entry = {"id": "shop", "kind": "delimited", "domain": "returns", "contract": "returns.yml"}
    origin = {"type": "files", "path": "drop"}
    settings.sources_file.write_text(yaml.safe_dump({"sources": [{**entry, "from": origin, **source}]}))
    (settings.root / "drop").mkdir(exist_ok=True)


def deliver(settings, name, text):
    (settings.root / "drop" / name).write_text(text)
    return ingest("shop", settings=settings)


@pytest.mark.parametrize(("second", "changes"), CASES.values(), ids=CASES)
def test_each_change_is_told_by_its_kind(settings, second, changes):
    configure(settings)
    deliver(settings, "1.csv", BEFORE)
    report = deliver(settings, "2.csv", second)
    assert [(c.kind, c.column, c.detail) for c in report.changes.get("2.csv", [])] == changes
    [receipt] = [receipt for receipt in receipts.committed(settings) if receipt.file.name == "2.csv"]
    assert [(c.kind, c.column, c.detail) for c in receipt.changes] == changes
    failed = {check.expectation for check in receipt.checks if not check.success and check.severity == "warn"}
    assert len(failed) == len({kind for kind, _, _ in changes})
    said = [said for name, said in describe(settings, receipt.batch_id) if name == "changed"]
    assert len(said) == len(changes)
    assert all(column in line for (_, column, _), line in zip(changes, said, strict=True))


@pytest.mark.parametrize("name", ["added", "missing", "renamed", "retyped", "new code"])
def test_a_source_may_hold_batches_for_a_kind_of_change(settings, name):
    second, [(kind, *_), *_] = CASES[name]
    configure(settings, on_change={kind: "hold"})
    deliver(settings, "1.csv", BEFORE)
    report = deliver(settings, "2.csv", second)
    assert [hold.file.name for hold in report.held] == ["2.csv"]
    assert report.committed == []


def test_a_description_may_say_so_and_its_source_otherwise(settings):
    for source, held in (({}, 1), ({"on_change": {"added": "note"}}, 0)):
        configure(settings, {**DESCRIPTION, "on_change": {"added": "hold"}}, **source)
        assert len(deliver(settings, f"{held}.csv", lines(HEADER + ",shelf", [f"{held},A,2,S,7"])).held) == held


def test_the_form_of_a_held_or_an_older_file_is_not_what_later_ones_are_compared_with(settings):
    configure(settings, on_change={"renamed": "hold"})
    deliver(settings, "1.csv", BEFORE)
    (settings.root / "drop" / "2.csv").write_text(lines("RMA Number,sku,Qty,size", SECOND))
    report = deliver(settings, "2b.csv", lines("RMA Number,sku,Qty,size", ["S,A,2,S"]))
    assert len(report.held) == 2
    assert "3.csv" not in deliver(settings, "3.csv", lines(HEADER, [f"P{n},A,2,S" for n in range(20)])).changes


def test_a_field_is_added_once(settings):
    configure(settings, on_change={"added": "hold"})
    deliver(settings, "1.csv", BEFORE)
    [hold] = deliver(settings, "2.csv", lines(HEADER + ",shelf", ["Q,A,2,S,7"])).held
    assert [change.column for change in release(hold.batch_id, settings).changes] == ["shelf"]
    later = deliver(settings, "3.csv", lines(HEADER + ",shelf", ["P,A,2,S,7"]))
    assert (later.held, later.changes) == ([], {})


def test_json_that_lacks_a_key_changed_nothing(settings):
    configure(settings, kind="ndjson")
    rows = [{"rma": "R1", "sku": "A", "quantity": 2}, {"rma": "R2", "sku": "A"}]
    for number, row in enumerate(rows):
        assert deliver(settings, f"{number}.jsonl", json.dumps(row) + "\n").changes == {}


def test_a_code_outside_an_open_list_is_new(settings):
    (settings.root).mkdir()
    (settings.root / "drop").mkdir()
    origin = {"type": "files", "path": "drop"}
    source = {"id": "shop", "kind": "backhaul", "domain": "carrier", "from": origin}
    settings.sources_file.write_text(yaml.safe_dump({"sources": [source]}))
    text = "carrier,tracking_number,status\nUPS,1,melted\nUPS,2,delivered\nUPS,3,eaten\n"
    [change] = deliver(settings, "shipments.csv", text).changes["shipments.csv"]
    assert (change.kind, change.table, change.column, change.detail) == (
        "new_code", "shipments", "status", "2 unknown in 2 records",
    )  # fmt: skip


@pytest.mark.parametrize("place", ["quantity", "size"])
def test_no_value_of_a_file_is_noted_in_a_receipt_which_outlives_an_erasure(settings, place):
    """A person's number that slipped into a column of another kind, in every row."""
    configure(settings, max_quarantined_share=1)
    shifted = {"quantity": "Q{n},A,C4711,S", "size": "Q{n},A,2,C4711"}[place]
    deliver(settings, "1.csv", lines(HEADER, [shifted.format(n=number) for number in range(5)]))
    [receipt] = receipts.committed(settings)
    assert receipt.changes
    assert "C4711" not in receipt.to_json()


def test_receipts_of_before_are_read(settings):
    configure(settings)
    deliver(settings, "1.csv", BEFORE)
    [receipt] = receipts.committed(settings)
    old = json.loads(receipt.to_json())
    del old["form"], old["changes"]
    read = Receipt.from_json(json.dumps({**old, "new_columns": ["shelf"]}))
    assert [(change.kind, change.column) for change in read.changes] == [("added", "shelf")]
