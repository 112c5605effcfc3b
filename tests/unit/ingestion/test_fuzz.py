"""Every reader and every kind is fed damaged files: none crashes it or holds it up, every row is kept or has a reason.

The readers are fed by themselves, bytes to documents, records or lines, which takes a millisecond or two; every kind of
source is fed a share through the whole of the parser, which takes tens of them.
"""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from backhaul.settings import Settings
from ingestion.columns import Lineage
from ingestion.config import Source
from ingestion.contract import NATIVE, SOURCES, Options, kinds, load_contract
from ingestion.description import Description, load_description
from ingestion.opening import Text, Unreadable, open_text
from ingestion.parse import connect, parse
from ingestion.readers import delimited, edifact, json_documents, native, records, workbook, x12, xml_documents
from ingestion.readers.document import Document
from ingestion.readers.structure import Fault, fault_of
from ingestion.sources.epcis import parse as epcis
from ingestion.sources.shopify import parse as shopify
from ingestion.unpacking import members, unpack
from tests.unit.ingestion.fuzzing import Sample, damaged, samples, watched

ENCODINGS = ("utf-8", "cp1252")
PER_KIND = 40


@dataclass(frozen=True)
class Place:
    """Where a reader works: a connection, the file it is given, a folder for what it writes."""

    con: duckdb.DuckDBPyConnection
    landed: Path
    work: Path

    def text(self) -> Text:
        return open_text(self.landed, self.work, ENCODINGS)


@dataclass(frozen=True)
class Reading:
    """A reader, the files it is fed, and how many; it raises AssertionError when a row is lost."""

    read: Callable[[Place], None]
    corpus: list[Sample]
    count: int


def documents(reader: Callable[[Text], Iterator[Document | Fault]], description: Description, place: Place) -> None:
    """Documents are numbered without a gap, and each gives a record or a reason, or is an empty list."""
    units = list(reader(place.text()))
    numbers = sorted(unit.row for unit in units)
    # Children stand in their parents in the documents of a bulk answer, whose numbers are those of their lines.
    assert numbers == (sorted(set(numbers)) if reader is shopify.documents else list(range(1, len(units) + 1)))
    found, faults = records.find(units, description, place.work)
    told = {fault.row for fault in faults}
    for batch in found.values():
        told.update(map(int, batch.column("_n").to_pylist()))
    for unit in units:
        if isinstance(unit, Document) and unit.row not in told:
            assert "[]" in json.dumps(unit.value, separators=(",", ":")), "neither a record nor a reason"
        elif isinstance(unit, Fault):
            assert unit.row in told
            assert "\0" not in (unit.text or "")


def lines(options: Options, place: Place) -> None:
    """As many records as the engine yields, and faults, as there are lines; of quotes, fewer."""
    text, shaped = delimited.regular(place.con, place.text(), options, place.work)
    names = delimited.read_header(text, shaped)
    if names is None:
        return
    for closely in (False, True):
        found = delimited.read(text, shaped, len(names), place.work, closely)
        rows = yielded(place.con, found.source)
        if rows == found.records:
            break
    else:
        # The parser refuses such a file, which may be so only for the quotes of its header.
        first = text.path.read_text(encoding="utf-8").split("\n")[0]
        broken = fault_of(first, shaped.delimiter, shaped.quote, len(names))
        assert broken, f"{found.records} records counted, {rows} read"
        return
    numbers = range(1, rows + 1) if found.numbers is None else found.numbers.tolist()
    assert sorted([*numbers, *(fault.row for fault in found.faults)]) == list(range(1, rows + len(found.faults) + 1))
    content = text.path.read_text(encoding="utf-8")
    filled = sum(1 for line in content.split("\n") if line) - 1
    assert rows + len(found.faults) <= filled
    if shaped.quote is None or shaped.quote not in content:
        assert rows + len(found.faults) == filled


def yielded(con: duckdb.DuckDBPyConnection, source: str) -> int | None:
    """How many rows the engine reads, None when it refuses the file."""
    try:
        [(count,)] = con.execute(f"SELECT count(*) FROM {source}").fetchall()
    except duckdb.InvalidInputException:
        return None
    return int(count)


def json_lines(place: Place) -> None:
    """As many records as there are lines that hold something."""
    text = native.without_nul(place.text(), place.work)
    if not text.path.stat().st_size:
        return
    keyed = native.json_lines(text)
    filled = sum(1 for line in text.path.read_bytes().split(b"\n") if line)
    assert keyed.records == filled
    try:
        relation = native.json_relation(text, COSTS.columns, keyed)
    except ValueError:
        return  # two keys for one column: the parser refuses the file
    [(count, broken)] = place.con.execute(
        f"SELECT count(*), count({relation.broken}) FROM (SELECT {relation.row}, {relation.extra}, * "
        f"FROM {relation.source})"
    ).fetchall()
    assert count == filled
    assert broken <= filled


def parquet(place: Place) -> None:
    """As many records as the file says it has, each page of it sound, or no record at all."""
    plain = unpack(place.landed, place.work)
    if not native.is_parquet(plain):
        return
    keyed = native.parquet(plain)
    try:
        relation = native.parquet_relation(plain, COSTS.columns, keyed.names)
    except ValueError:
        return
    shown = ", ".join([relation.row, relation.extra, relation.text, *relation.fields.values()])
    try:
        found = place.con.execute(f"SELECT {shown} FROM {relation.source}").fetchall()
    except duckdb.Error:
        native.check_parquet(place.con, plain)
        raise
    assert len(found) == keyed.records


def sheets(place: Place) -> None:
    """Each row of the sheet that holds something is a line under its number, or has a reason."""
    sheet = workbook.read(unpack(place.landed, place.work), FLAT, place.work)
    names = delimited.read_header(sheet.text, sheet.options)
    numbers = sheet.text.numbers
    assert numbers is not None
    if names is None:
        assert len(numbers) == 0
        return
    found = delimited.read(sheet.text, sheet.options, len(names), place.work)
    assert found.records + len(found.faults) == len(numbers)
    assert len({*numbers.tolist(), *(fault.row for fault in sheet.faults)}) == len(numbers) + len(sheet.faults)


def archives(place: Place) -> None:
    """What is unpacked lies in the folder for it."""
    for member in members(place.landed, place.work):
        assert member.path.parent == place.work
    assert unpack(place.landed, place.work).is_file()


def described(kind: str) -> Description:
    return load_description(SOURCES / kind / "contract.yml")


def anything(form: str) -> Description:
    """Takes every element of a document for a record."""
    column = {"name": "value", "path": "_text", "type": "string", "description": "its text"}
    record = {"name": "part", "at": ["**"], "columns": [column], "routes": [{"reason": "not_read"}]}
    return Description.model_validate({"format": form, "records": [record]})


def book(change: Callable[[Any], None]) -> bytes:
    made, opened = io.BytesIO(), openpyxl.Workbook()
    change(opened)
    opened.save(made)
    return made.getvalue()


def plain_sheet(opened: Any) -> None:
    for row in (["rma", "sku", "quantity"], ["R1", "A", 1], [], ["R2", "B, or\nC", 2.5], [None, "x", True]):
        opened.active.append(row)


def odd_sheet(opened: Any) -> None:
    opened.active.append(["a report"])
    second = opened.create_sheet("rows")
    for row in (
        ["rma", "sku", "quantity"],
        ["R1", "=1/0", "#N/A"],
        ["R2", datetime.fromisoformat("2026-03-01"), 1e300],
    ):
        second.append(row)
    second.merge_cells("A3:B3")


def table_file(columns: dict[str, Any], **options: Any) -> bytes:
    made = io.BytesIO()
    pq.write_table(pa.table(columns), made, **options)
    return made.getvalue()


def zipped(files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compression) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return made.getvalue()


def tarred(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return made.getvalue()


LINE = b"rma,sku,quantity\nR1,A,1\n"
COSTS = load_contract(NATIVE).table("costs")
FLAT = Description.model_validate(
    {
        "format": "xlsx",
        "records": [
            {
                "name": "line",
                "columns": [
                    {"name": name, "type": kind, "required": True, "description": name}
                    for name, kind in (("rma", "string"), ("sku", "string"), ("quantity", "integer"))
                ],
                "routes": [{"reason": "not_read"}],
            }
        ],
    }
)
BOOKS = [Sample("plain.xlsx", book(plain_sheet)), Sample("odd.xlsx", book(odd_sheet))]
TABLES = [
    Sample("costs.parquet", table_file({"cost_id": ["1", "2", None], "amount": ["1.5", "x", ""], "note": ["a"] * 3})),
    Sample("typed.parquet", table_file({"cost_id": [1, 2], "amount": [1.5, float("nan")], "l": [[1], []]})),
    Sample("plain.parquet", table_file({"cost_id": ["1"] * 50}, use_dictionary=False, compression="gzip")),
]
ARCHIVES = [
    Sample("one.zip", zipped({"day.csv": LINE})),
    Sample("stored.zip", zipped({"a/day.csv": LINE, "b.csv": LINE, ".hidden": b"x"}, zipfile.ZIP_STORED)),
    Sample("inner.zip", zipped({"inner.zip": zipped({"x.tar": tarred({"day.csv": LINE})}), "y.gz": b"\x1f\x8b"})),
    Sample("several.tar", tarred({"day.csv": LINE, "../up.csv": LINE})),
    Sample("day.csv.gz", gzip.compress(LINE, mtime=0)),
    Sample("days.tar.gz", gzip.compress(tarred({"a.csv": LINE, "b.csv.gz": gzip.compress(LINE, mtime=0)}), mtime=0)),
]
CSV, JSON = samples("fuzz", "*.csv"), samples("fuzz", "*.json*")
COMMA = Options()
ANY = Options(delimiters=(",", ";", "\t", "|"))
BARE = Options(quote=None, delimiter="\t")
WIDE = Options(header=False, width=6)
EDI = samples("fuzz", "*.edi") + samples("x12", "*.edi")
READINGS = {
    "lines": Reading(partial(lines, COMMA), CSV + samples("erpnext", "*.csv"), 1000),
    "lines by any delimiter": Reading(partial(lines, ANY), CSV + samples("odoo", "*.csv"), 600),
    "lines without quotes": Reading(partial(lines, BARE), CSV + samples("amazon_fba_returns", "*.*"), 600),
    "lines without a header": Reading(partial(lines, WIDE), CSV, 400),
    "json": Reading(
        partial(documents, json_documents.documents, described("aftership")), JSON + samples("aftership"), 1000
    ),
    "json lines": Reading(json_lines, JSON + samples("backhaul", "*.json*"), 600),
    "xml": Reading(
        partial(documents, xml_documents.documents, anything("xml")),
        samples("fuzz", "*.xml") + samples("epcis", "*.xml"),
        1000,
    ),
    "x12": Reading(partial(documents, x12.documents, described("x12")), EDI, 1000),
    "edifact": Reading(partial(documents, edifact.documents, anything("edifact")), samples("fuzz", "*.edifact"), 1000),
    "epcis": Reading(partial(documents, epcis.documents, described("epcis")), samples("epcis"), 600),
    "shopify": Reading(partial(documents, shopify.documents, described("shopify")), samples("shopify") + JSON, 600),
    "parquet": Reading(parquet, TABLES, 600),
    "workbook": Reading(sheets, BOOKS, 400),
    "archives": Reading(archives, ARCHIVES, 600),
}


def test_ten_thousand_inputs() -> None:
    assert sum(reading.count for reading in READINGS.values()) + PER_KIND * len(kinds()) >= 10_000


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect(Settings(home=tmp_path_factory.mktemp("home"))) as opened:
        yield opened


@pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
@pytest.mark.parametrize("name", READINGS)
def test_damaged_files_at_a_reader(tmp_path: Path, con: duckdb.DuckDBPyConnection, name: str) -> None:
    reading = READINGS[name]
    place = Place(con, tmp_path / "landed", tmp_path / "work")
    read = 0
    for sample in damaged(reading.corpus, name, reading.count):
        emptied(place.work)
        place.landed.write_bytes(sample.data)
        with watched(sample, tmp_path), suppress(Unreadable):
            reading.read(place)
            read += 1
    # damage that kept nearly every file out would test nothing beyond the door
    assert read > 20


@pytest.mark.parametrize("kind", kinds())
def test_damaged_files_of_a_kind(tmp_path: Path, con: duckdb.DuckDBPyConnection, kind: str) -> None:
    corpus = samples(kind)
    assert corpus, f"tests/data/{kind} holds no file to damage"
    entry = {"id": "s", "kind": kind, "domain": "returns", "from": {"type": "files", "path": "drop"}}
    source = Source.model_validate(entry)
    for sample in damaged(corpus, kind, PER_KIND):
        with watched(sample, tmp_path):
            check(con, tmp_path, source, sample)


def check(con: duckdb.DuckDBPyConnection, home: Path, source: Source, sample: Sample) -> None:
    """One file through the parser: what it says it kept and quarantined stands on disk, and something came of it."""
    out, work = home / "out", home / "work"
    for folder in (out, work):
        emptied(folder)
    landed = home / "landed"
    landed.write_bytes(sample.data)
    lineage = Lineage("s", "b", "f", "2026-01-01 00:00:00")
    parsed = parse(con, Settings(home=home), source, landed, sample.name, lineage, out, work)
    for written in parsed.tables.values():
        assert pq.read_metadata(written.path).num_rows == written.rows
    assert {path.stem for path in out.iterdir()} == {*parsed.tables, "quarantine"}
    assert pq.read_metadata(out / "quarantine.parquet").num_rows == parsed.quarantined


def emptied(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for left in folder.iterdir():
        left.unlink()
