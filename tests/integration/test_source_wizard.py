"""A source is added by a sample of its files: what it is, is inferred, shown, and written."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from typer.testing import CliRunner

from backhaul.cli import app
from backhaul.settings import Settings
from ingestion import inference
from ingestion.batch import ingest
from ingestion.inference import NothingInferred, guess
from ingestion.unpacking import OLE

RETURNS = (
    "No retour;Article;Quantité;Motif;Reçu le;Couleur\nR-1;A1;2;trop grand;05/03/2026;rouge\nR-2;B7;1;;31/03/2026;\n"
)


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("BACKHAUL_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def run(*arguments):
    return CliRunner().invoke(app, ["source", *map(str, arguments)])


def test_a_french_table_is_inferred_added_and_ingested(tmp_path, home):
    sample = tmp_path / "retours.csv"
    sample.write_bytes(RETURNS.encode("cp1252"))
    shown = run("preview", sample)
    assert shown.exit_code == 0, shown.output
    assert "backhaul__returns: 2 rows" in shown.output
    assert not home.exists() or not (home / "sources.yml").exists()
    added = run("add", "boutique", sample, "--yes")
    assert added.exit_code == 0, added.output
    assert yaml.safe_load((home / "sources.yml").read_text())["sources"] == [
        {
            "id": "boutique", "kind": "delimited", "domain": "returns", "contract": "contracts/boutique.yml",
            "from": {"type": "files", "path": "drop/boutique"},
        }
    ]  # fmt: skip
    (home / "drop" / "boutique" / "retours.csv").write_bytes(sample.read_bytes())
    report = ingest("boutique", settings=Settings(home=home))
    assert (report.rows, report.quarantined) == (2, 0)
    tested = run("test", "boutique")
    assert "1 files" in tested.output
    assert "2 rows read, 2 kept" in tested.output


def test_without_a_yes_nothing_is_written(tmp_path, home):
    sample = tmp_path / "retours.csv"
    sample.write_text(RETURNS)
    assert "Nothing was written" in run("add", "boutique", sample).output
    assert not (home / "sources.yml").exists()


@pytest.mark.parametrize("margin", ["", "  "])
def test_an_entry_is_added_below_those_that_stand(tmp_path, home, margin):
    home.mkdir()
    entry = f"{margin}- {{id: one, kind: easypost, domain: carrier, from: {{type: files, path: drop/one}}}}\n"
    (home / "sources.yml").write_text("# ours\nsources:\n" + entry)
    sample = tmp_path / "returns.csv"
    sample.write_text("rma_id,sku,quantity\nR1,A,1\n")
    assert run("add", "two", sample, "--yes").exit_code == 0
    text = (home / "sources.yml").read_text()
    assert text.startswith("# ours\n")
    assert [found["kind"] for found in yaml.safe_load(text)["sources"]] == ["easypost", "backhaul"]
    assert "already" in run("add", "two", sample, "--yes").output


def test_a_known_format_is_recognised(tmp_path, home):
    sample = tmp_path / "trackers.json"
    tracker = {"object": "Tracker", "id": "trk_1", "tracking_code": "Z1", "updated_at": "2026-01-01T00:00:00Z"}
    sample.write_text(json.dumps({"trackers": [tracker], "has_more": False}))
    assert "kinds that read it: easypost" in run("preview", sample).output


def test_what_lacks_a_column_says_so_and_keeps_its_records_out(tmp_path, home):
    sample = tmp_path / "half.csv"
    sample.write_text("return_number,colour\nR1,red\n")
    shown = run("preview", sample).output
    assert "also needs" in shown
    assert "not_mapped_yet" in shown


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (["1", "2"], {"type": "integer"}),
        (["1.5", "2"], {"type": "decimal"}),
        (['"12,50"', '"3"', '"-0,5"'], {"type": "decimal", "decimal_comma": "cents"}),
        (['"1,234"'], {"type": "string"}),
        (["007", "010"], {"type": "string"}),
        (["2026-01-31", "2026-02-01"], {"type": "date", "formats": ["iso"]}),
        (["2026-01-31T10:00:00Z"], {"type": "timestamp", "formats": ["iso"]}),
        (["31/01/2026", "01/02/2026"], {"type": "date", "formats": ["%d/%m/%Y"]}),
        (["01/31/2026"], {"type": "date", "formats": ["%m/%d/%Y"]}),
        (["31.01.2026"], {"type": "date", "formats": ["%d.%m.%Y"]}),
        (["2-Jun-25"], {"type": "date", "formats": ["%d-%b-%y"]}),
        (["31/01/2026 10:05"], {"type": "timestamp", "formats": ["%d/%m/%Y %H:%M"]}),
        (["true", "FALSE"], {"type": "boolean"}),
        (["a", "1"], {"type": "string"}),
        (["", ""], {"type": "string"}),
    ],
)
def test_a_column_has_the_narrowest_type_of_its_values(tmp_path, value, expected):
    path = tmp_path / "x.csv"
    path.write_text("v,w\n" + "".join(f"{item},x\n" for item in value))
    column = guess(path).body["columns"][0]
    assert {key: column[key] for key in column if key not in ("name", "aliases")} == expected


def test_day_and_month_that_can_not_be_told_apart_are_a_note(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("v,w\n01/02/2026,x\n")
    assert any("can't be told apart" in note for note in guess(path).notes)


def test_json_lines_and_parquet_are_inferred_too(tmp_path):
    rows = [{"rma_id": "R1", "sku": "A", "qty": 2}]
    (tmp_path / "x.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / "x.json").write_text(json.dumps(rows))
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "x.parquet")
    found = [guess(tmp_path / name) for name in ("x.jsonl", "x.json", "x.parquet")]
    assert [each.kind for each in found] == ["ndjson", "ndjson", "sql"]
    assert all(each.body["routes"][0]["map"] == {"rma_id": "rma_id", "sku": "sku", "quantity": "qty"} for each in found)


def workbook(path, rows, sheets=1):
    """Sheets of notes, then one with a title, a gap, a header, and so many returns."""
    book = openpyxl.Workbook()
    book.active["A1"] = "Export des retours"
    for number in range(sheets):
        sheet = book.create_sheet(f"Retours {number}")
        for row in (["Retours de mars"], [], ["No retour", "Article", "Quantité", "Reçu le", "Traité à"]):
            sheet.append(row)
        for row in range(rows):
            moment = datetime.fromisoformat("2026-03-01") + timedelta(days=row)
            sheet.append([f"R-{row}", "007", 1, moment, moment + timedelta(hours=10)])
            sheet.cell(sheet.max_row, 4).number_format = "dd/mm/yyyy"
    book.save(path)
    return path


def test_a_workbook_is_inferred_added_and_ingested(tmp_path, home):
    sample = workbook(tmp_path / "retours.xlsx", 3)
    added = run("add", "boutique", sample, "--yes")
    assert added.exit_code == 0, added.output
    assert "backhaul__returns: 3 rows" in added.output
    [entry] = yaml.safe_load((home / "sources.yml").read_text())["sources"]
    assert entry["kind"] == "xlsx"
    described = yaml.safe_load((home / entry["contract"]).read_text())
    assert {column["name"]: column["type"] for column in described["columns"]} == {
        "no_retour": "string", "article": "string", "quantite": "integer", "recu_le": "date", "traite_a": "timestamp",
    }  # fmt: skip
    (home / "drop" / "boutique" / "retours.xlsx").write_bytes(sample.read_bytes())
    report = ingest("boutique", settings=Settings(home=home))
    assert (report.rows, report.quarantined) == (3, 0)
    assert "3 rows read, 3 kept" in run("test", "boutique").output


def test_of_a_large_workbook_the_head_is_looked_at(tmp_path, home, monkeypatch):
    monkeypatch.setattr(inference, "SAMPLE_ROWS", 20)
    assert "17 rows read" in run("preview", workbook(tmp_path / "retours.xlsx", 30)).output


@pytest.mark.parametrize(("data", "word"), [(OLE + b"x" * 999, "before 2007"), (b"PK\x03\x04broken", "broken")])
def test_a_workbook_that_cannot_be_read_says_why(tmp_path, home, data, word):
    sample = tmp_path / "retours.xls"
    sample.write_bytes(data)
    shown = run("preview", sample)
    assert shown.exit_code == 1
    assert word in shown.output


@pytest.mark.parametrize("data", [b"", b"\x00\x01\x02" * 100, b"one column\nonly\n", b"PK\x03\x04broken"])
def test_what_is_no_table_is_refused_in_words(tmp_path, data):
    path = tmp_path / "x"
    path.write_bytes(data)
    with pytest.raises(NothingInferred):
        guess(path)
