"""Delimited text: one test per quirk that real files have."""

from __future__ import annotations

import gzip
from itertools import product
from pathlib import Path

import duckdb
import pytest

from ingestion.contract import Options
from ingestion.readers.delimited import scan
from ingestion.readers.structure import fault_of
from tests.unit.ingestion.parsing import parse_bytes

SNAPSHOTS = "wms_inventory__inventory_snapshots"
HEADER = b"snapshot_at,node_id,location,lpn,sku,lot,condition_grade,stage,quantity\n"


def snapshot(*lines: bytes, end: bytes = b"\n") -> bytes:
    return HEADER.replace(b"\n", end) + b"".join(line + end for line in lines)


def line(sku: bytes, location: bytes = b"A1", quantity: bytes = b"1") -> bytes:
    return b"2026-03-01T06:00:00Z,DC1," + location + b",," + sku + b",,A,GRADED," + quantity


def read(tmp_path: Path, data: bytes, name: str = "inventory_snapshot.csv"):
    outcome = parse_bytes(tmp_path, "wms_inventory", name, data)
    assert outcome.parsed.rows_read == outcome.parsed.rows + len(outcome.quarantine())
    return outcome


def test_sound_file_is_typed_with_lineage(tmp_path):
    outcome = read(tmp_path, snapshot(line(b"A"), line(b"B", quantity=b"7")))
    assert outcome.parsed.blocked is None
    assert outcome.rows(SNAPSHOTS, "sku, quantity, snapshot_at::VARCHAR, snapshot_at_offset_minutes, lpn, _row") == [
        ("A", 1, "2026-03-01 06:00:00", 0, None, 1),
        ("B", 7, "2026-03-01 06:00:00", 0, None, 2),
    ]
    assert outcome.parsed.horizon == "2026-03-01 06:00:00"


@pytest.mark.parametrize("end", [b"\r\n", b"\r"])
def test_line_ends(tmp_path, end):
    assert [row[0] for row in read(tmp_path, snapshot(line(b"A"), line(b"B"), end=end)).rows(SNAPSHOTS, "sku")] == [
        "A",
        "B",
    ]


def test_mixed_line_ends(tmp_path):
    data = HEADER + line(b"A") + b"\r\n" + line(b"B") + b"\n" + line(b"C") + b"\r\n"
    assert len(read(tmp_path, data).rows(SNAPSHOTS)) == 3


def test_byte_order_mark_blank_lines_and_no_last_line_end(tmp_path):
    data = b"\xef\xbb\xbf\n\n" + HEADER + line(b"A") + b"\n\n" + line(b"B")
    assert read(tmp_path, data).rows(SNAPSHOTS, "sku, _row") == [("A", 1), ("B", 2)]


def test_quoted_fields_hold_delimiters_quotes_and_line_ends(tmp_path):
    data = snapshot(line(b"A", location=b'"a, ""b""\nc"'), line(b"B"))
    assert read(tmp_path, data).rows(SNAPSHOTS, "location, sku, _row") == [('a, "b"\nc', "A", 1), ("A1", "B", 2)]


def test_quotes_inside_unquoted_fields_are_text(tmp_path):
    fine = [line(b"A", location=b'5"'), line(b"B"), line(b"C", location=b'6" or 7"'), line(b"D", location=b'"x\ny"')]
    bad = line(b"E", location=b'8"', quantity=b"x")
    outcome = read(tmp_path, snapshot(*fine, bad, line(b"F")))
    assert [row[0] for row in outcome.rows(SNAPSHOTS, "location")] == ['5"', "A1", '6" or 7"', "x\ny", "A1"]
    assert outcome.quarantine("_row, rule, raw_text") == [(5, "not_a_integer", bad.decode())]


def test_structural_faults_keep_number_and_raw_text(tmp_path):
    data = snapshot(line(b"A", location=b'"x\ny"'), b"too,few", line(b"B"), line(b"C") + b",more", line(b"D"))
    outcome = read(tmp_path, data)
    assert outcome.rows(SNAPSHOTS, "sku, _row") == [("A", 1), ("B", 3), ("D", 5)]
    assert outcome.quarantine("_row, rule, raw_text") == [
        (2, "too_few_columns", "too,few"),
        (4, "too_many_columns", (line(b"C") + b",more").decode()),
    ]


@pytest.mark.parametrize(
    ("others", "odd"),
    [
        ([line(b"A"), line(b"B")], line(b"", location=b"x,A1", quantity=b"")),
        ([line(b"A", quantity=b""), line(b"B")], line(b"", location=b"x,A1", quantity=b"")),
        ([line(b"A", location=b'"a,b"'), line(b"B", location=b'"c\nd"')], line(b"", location=b"x,A1", quantity=b"")),
    ],
    ids=["alone", "beside empty last cells", "beside quoted delimiters"],
)
def test_a_delimiter_too_many_before_an_empty_last_cell_is_no_shift(tmp_path, others, odd):
    outcome = read(tmp_path, snapshot(*others, odd))
    assert (3, "too_many_columns", odd.decode()) in outcome.quarantine("_row, rule, raw_text")
    assert "x" not in [row[0] for row in outcome.rows(SNAPSHOTS, "location")]


def test_a_delimiter_at_the_end_of_every_line_shifts_nothing(tmp_path):
    data = snapshot(line(b"A") + b",", line(b"B", location=b'"a,b"') + b",")
    assert read(tmp_path, data).rows(SNAPSHOTS, "sku, location, quantity") == [("A", "A1", 1), ("B", "a,b", 1)]


def test_unclosed_quote_costs_its_own_line_only(tmp_path):
    data = snapshot(line(b"A"), line(b"B", location=b'"open'), line(b"C"), line(b"D", location=b'"q"'), line(b"E"))
    outcome = read(tmp_path, data)
    assert [row[0] for row in outcome.rows(SNAPSHOTS, "sku")] == ["A", "C", "D", "E"]
    assert outcome.quarantine("_row, rule") == [(2, "unclosed_quote")]


def test_unclosed_quote_in_a_large_file_loses_nothing(tmp_path):
    lines = [line(b"%d" % number) for number in range(60_000)]
    lines[10] = line(b"10", location=b'"open')
    outcome = read(tmp_path, snapshot(*lines))
    assert (outcome.parsed.rows, outcome.parsed.quarantined) == (59_999, 1)


def test_type_faults_name_the_column_and_show_the_value(tmp_path):
    data = snapshot(
        line(b"A", quantity=b"many"), line(b"B", quantity=b"1.5"), line(b"C", quantity=b"-1"), line(b"", b"x")
    )
    assert read(tmp_path, data).quarantine("_row, rule, column_name, detail") == [
        (1, "not_a_integer", "quantity", "many"),
        (2, "not_a_whole_number", "quantity", "1.5"),
        (3, "below_minimum", "quantity", "-1"),
        (4, "required_missing", "sku", "no value"),
    ]


def test_raw_text_of_a_type_fault_is_the_line_as_it_stood(tmp_path):
    bad = line(b"B", location=b'"a ""b""\nc"', quantity=b"x")
    outcome = read(tmp_path, snapshot(line(b"A"), bad))
    assert outcome.quarantine("_row, raw_text") == [(2, bad.decode())]


def test_equal_rows_are_kept_and_have_their_own_keys(tmp_path):
    header = b"movement_id,treatment_code,mass_kg,moved_at\n"
    row = b",RECYCLE,1.5,2026-01-01\n"
    contract = parse_bytes(
        tmp_path,
        "backhaul",
        "sales_lines.csv",
        b"order_id,ordered_at,sku,quantity,net_amount,currency\n" + 2 * b"O1,2026-01-01,S,1,2.50,CAD\n",
    )
    keys = {row[0] for row in contract.rows("backhaul__sales_lines", "_record_key")}
    assert contract.parsed.rows == 2
    assert len(keys) == 2
    again = parse_bytes(tmp_path, "backhaul", "waste_movements.csv", header + row)
    assert again.quarantine() == [(1, "required_missing", "movement_id")]


def test_new_column_is_kept_in_extra_and_reported(tmp_path):
    data = HEADER[:-1] + b",shelf life\n" + line(b"A") + b",9\n" + line(b"B") + b",\n"
    outcome = read(tmp_path, data)
    assert outcome.rows(SNAPSHOTS, "extra") == [('{"shelf life":"9"}',), (None,)]
    assert outcome.parsed.new_columns == ["shelf life"]


def test_missing_required_column_blocks_and_keeps_every_line(tmp_path):
    outcome = read(tmp_path, b"snapshot_at,node_id,quantity\n2026-01-01,DC1,3\n2026-01-02,DC1,4\n")
    assert outcome.parsed.blocked == "missing_required_column: sku"
    assert outcome.quarantine("_row, rule, raw_text") == [
        (1, "missing_required_column", "2026-01-01,DC1,3"),
        (2, "missing_required_column", "2026-01-02,DC1,4"),
    ]


def test_header_that_names_a_column_twice_blocks(tmp_path):
    outcome = read(tmp_path, HEADER[:-1] + b",qty\n" + line(b"A") + b",2\n")
    assert outcome.parsed.blocked.startswith("duplicate_header")


def test_unknown_file_and_wrong_delimiter(tmp_path):
    semicolons = snapshot(line(b"A")).replace(b",", b";")
    assert read(tmp_path, semicolons).parsed.blocked.startswith("missing_required_column")
    assert read(tmp_path, b"a;b\n1;2\n", name="what.csv").quarantine("rule, raw_text") == [
        ("unrecognised_file", "a;b"),
        ("unrecognised_file", "1;2"),
    ]


def test_table_is_found_by_header_when_the_name_says_nothing(tmp_path):
    outcome = read(tmp_path, snapshot(line(b"A")), name="export_17.csv")
    assert list(outcome.parsed.tables) == [SNAPSHOTS]


@pytest.mark.parametrize("data", [b"", b"\n\n", HEADER])
def test_empty_files_give_no_rows_and_no_block(tmp_path, data):
    outcome = read(tmp_path, data)
    assert (outcome.parsed.rows_read, outcome.parsed.blocked) == (0, None)


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (bytes(range(256)) * 50, "binary"),
        (b"PK\x03\x04" + b"x" * 100, "archive_broken"),
        (b"\x1f\x8b\x08" + b"x" * 100, "broken_compression"),
        (gzip.compress(b"0" * 40_000_000), "unpacks_too_large"),
        (gzip.compress(snapshot(line(b"A")))[:-12], "broken_compression"),
        (b"PAR1" + b"x" * 100, "broken_parquet"),
    ],
)
def test_files_that_give_no_records(tmp_path, data, rule):
    outcome = read(tmp_path, data)
    assert outcome.parsed.blocked.startswith(rule)
    assert outcome.quarantine("_row, rule") == [(1, rule)]


def test_a_refused_file_leaves_no_rows_behind(tmp_path):
    outcome = read(tmp_path, snapshot(line(b"A")).replace(b"node_id", b'""node_id', 1))
    assert outcome.parsed.blocked
    assert [path.name for path in outcome.out.iterdir()] == ["quarantine.parquet"]


def test_gzip_of_a_sound_file(tmp_path):
    assert len(read(tmp_path, gzip.compress(snapshot(line(b"A"), line(b"B")))).rows(SNAPSHOTS)) == 2


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_encodings(tmp_path, encoding):
    text = snapshot(line(b"A", location=b"@"), line(b"B")).decode().replace("@", "Entrepôt n° 2 – été")
    outcome = read(tmp_path, text.encode(encoding))
    assert outcome.rows(SNAPSHOTS, "location")[0] == ("Entrepôt n° 2 – été",)


def test_damaged_line_of_a_utf8_file_does_not_spoil_the_others(tmp_path):
    data = snapshot(line("Zürich".encode()), line("Genève".encode()), line(b"Z\xfcrich"))
    outcome = read(tmp_path, data)
    assert [row[0] for row in outcome.rows(SNAPSHOTS, "sku")] == ["Zürich", "Genève"]
    assert outcome.quarantine("_row, rule") == [(3, "invalid_encoding")]
    assert "Z\\xfcrich" in outcome.quarantine("raw_text")[0][0]


def test_nul_character_goes_to_quarantine(tmp_path):
    outcome = read(tmp_path, snapshot(line(b"A"), line(b"B\0"), line(b"C")))
    assert outcome.quarantine("_row, rule") == [(2, "nul_character")]
    assert outcome.rows(SNAPSHOTS, "_row") == [(1,), (3,)]


def test_field_of_ten_megabytes_goes_to_quarantine_whole(tmp_path):
    outcome = read(tmp_path, snapshot(line(b"A"), line(b"x" * 10_000_000), line(b"C")))
    assert outcome.rows(SNAPSHOTS, "sku, _row") == [("A", 1), ("C", 3)]
    assert outcome.quarantine("_row, rule, length(raw_text) > 10000000") == [(2, "record_too_long", True)]


def test_record_numbers_are_true_when_the_engine_reads_in_parallel(tmp_path):
    lines = [
        line(b"%d" % number, location=b'"a\nb"' if number % 7 == 0 else b"x" * 200) for number in range(1, 160_001)
    ]
    outcome = read(tmp_path, snapshot(*lines))
    file = outcome.out / f"{SNAPSHOTS}.parquet"
    counted = duckdb.sql(
        f"SELECT count(*), count(*) FILTER (sku::BIGINT <> _row) FROM read_parquet('{file}')"
    ).fetchall()
    assert counted == [(160_000, 0)]


def test_what_is_taken_for_a_sound_field_is_one_for_the_engine(tmp_path):
    """One line on which they disagreed would keep its whole file out."""
    file = tmp_path / "lines.csv"
    for length in range(1, 5):
        for field in map("".join, product('a", ', repeat=length)):
            if fault_of(f"x,{field}", ",", '"', 2) is None:
                file.write_text(f"a,b\nx,{field}\ny,z\n")
                rows = duckdb.sql(f"FROM {scan(file, Options(), 2)}").fetchall()
                assert [row[0] for row in rows] == ["x", "y"], field


def test_a_quote_after_a_blank_costs_its_own_line(tmp_path):
    outcome = read(tmp_path, snapshot(*map(line, (b' "A"', b' ""B""', b' "C', b'  "D"', b"E"))))
    assert outcome.rows(SNAPSHOTS, "sku") == [("A",), ('  "D"',), ("E",)]
    assert outcome.quarantine("_row, rule") == [(2, "broken_quoting"), (3, "unclosed_quote")]
