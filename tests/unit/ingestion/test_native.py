"""The native contract in its three forms."""

from __future__ import annotations

import json

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion.contract import load_contract
from tests.unit.ingestion.parsing import parse_bytes

TABLE = "backhaul__costs"
COST = {
    "cost_id": "C1",
    "category_code": "RCV",
    "amount": "12.3400",
    "currency": "CAD",
    "posted_at": "2026-01-02T03:04:05-05:00",
    "updated_at": "2026-01-03T00:00:00Z",
}
WANTED = [("C1", "12.3400", "2026-01-02 08:04:05", "2026-01-03 00:00:00", None, 1)]
COLUMNS = "cost_id, amount::VARCHAR, posted_at::VARCHAR, _observed_at::VARCHAR, extra, _row"

COSTS_REQUIRED = [name for name in load_contract("backhaul").table("costs").required if name != "cost_id"]


def lines(*records) -> bytes:
    return "".join((record if isinstance(record, str) else json.dumps(record)) + "\n" for record in records).encode()


def test_csv_json_and_parquet_give_the_same_row(tmp_path):
    csv = ",".join(COST) + "\n" + ",".join(COST.values()) + "\n"
    file = tmp_path / "costs.parquet"
    columns = ", ".join(f"'{value}' AS {name}" for name, value in COST.items())
    duckdb.sql(f"COPY (SELECT {columns}) TO '{file}' (FORMAT parquet)")
    for data in (csv.encode(), lines(COST), file.read_bytes()):
        outcome = parse_bytes(tmp_path, "backhaul", "costs", data)
        assert outcome.rows(TABLE, COLUMNS) == WANTED
    keys = {
        parse_bytes(tmp_path, "backhaul", "costs", data).rows(TABLE, "_record_key")[0]
        for data in (csv.encode(), lines(COST))
    }
    assert len(keys) == 1


def test_typed_parquet(tmp_path):
    file = tmp_path / "costs.parquet"
    duckdb.sql(
        f"""COPY (SELECT 'C' || i AS cost_id, 'RCV' AS category_code, 1.5::DOUBLE AS amount, 'CAD' AS currency,
            TIMESTAMP '2026-01-02 03:04:05' + to_days(i::INTEGER) AS posted_at, i AS batch FROM range(3) r(i))
            TO '{file}' (FORMAT parquet)"""
    )
    outcome = parse_bytes(tmp_path, "backhaul", "costs.parquet", file.read_bytes())
    assert outcome.rows(TABLE, "cost_id, amount::VARCHAR, extra, _row")[2] == ("C2", "1.5000", '{"batch":"2"}', 3)
    assert outcome.rows(TABLE, "DISTINCT ON (_observed_at) _observed_at::VARCHAR") == [("2026-01-04 03:04:05",)]


def test_json_lines_faults(tmp_path):
    data = lines(COST, "{broken", [1], {**COST, "amount": "dear"}, {**COST, "cost_id": None}, {**COST, "cost_id": "C6"})
    outcome = parse_bytes(tmp_path, "backhaul", "costs.jsonl", data)
    assert outcome.rows(TABLE, "cost_id, _row") == [("C1", 1), ("C6", 6)]
    assert outcome.quarantine("_row, rule") == [
        (2, "invalid_json"),
        (3, "required_missing"),
        (4, "not_a_decimal"),
        (5, "required_missing"),
    ]
    assert outcome.quarantine("raw_text")[0] == ("{broken",)


def test_a_key_that_turns_up_late_is_kept(tmp_path):
    data = lines(
        *[{**COST, "cost_id": f"C{number}"} for number in range(3000)], {**COST, "cost_id": "X", "memo": {"a": 1}}
    )
    outcome = parse_bytes(tmp_path, "backhaul", "costs.jsonl", data)
    assert outcome.rows(TABLE, "extra")[-2:] == [(None,), ('{"memo":{"a":1}}',)]


def test_a_late_key_in_place_of_a_known_one_is_kept(tmp_path):
    swapped = {key: value for key, value in COST.items() if key != "updated_at"} | {"memo": "x"}
    outcome = parse_bytes(tmp_path, "backhaul", "costs.jsonl", lines(COST, {**COST, "document_id": None}, swapped))
    assert outcome.rows(TABLE, "extra") == [(None,), (None,), ('{"memo":"x"}',)]
    assert outcome.rows(TABLE, "_observed_at::VARCHAR")[2] == ("2026-01-02 08:04:05",)


@pytest.mark.parametrize(
    ("value", "kept"),
    [("0.1", True), ("0.30000000000000004", True), ("12.34567", False), ("99999999999999.9999", True), ("nan", False)],
)
def test_decimals_are_kept_exactly_or_refused(tmp_path, value, kept):
    outcome = parse_bytes(tmp_path, "backhaul", "costs.jsonl", lines({**COST, "amount": value}))
    assert (outcome.parsed.rows == 1) is kept


def test_evidence_is_wanted(tmp_path):
    record = {"inspection_id": "I1", "inspected_at": "2026-01-01T00:00:00Z", "grade": "A"}
    outcome = parse_bytes(tmp_path, "backhaul", "inspections.jsonl", lines(record, {**record, "lpn": "L"}))
    assert outcome.quarantine() == [(1, "no_evidence", "lpn, serial_number, rma_id")]


def test_a_date_with_a_time_of_day_is_refused(tmp_path):
    record = {"sku": "S", "effective_from": "2026-01-01", "updated_at": "2026-01-01T00:00:00Z"}
    data = lines(
        record, {**record, "effective_from": "2026-01-01T00:00:00"}, {**record, "effective_from": "2026-01-01T10:00:00"}
    )
    assert parse_bytes(tmp_path, "backhaul", "products.jsonl", data).quarantine() == [
        (3, "time_in_a_date", "effective_from")
    ]


def test_a_damaged_page_without_nulls_is_seen_before_its_values_are_read(tmp_path):
    file = tmp_path / "costs.parquet"
    table = pa.table({name: [str(n) for n in range(200)] for name in ("cost_id", *COSTS_REQUIRED)})
    pq.write_table(table, file, use_dictionary=False, compression="gzip")
    data = file.read_bytes()
    at = data.index(b"\x1f\x8b") + 40
    outcome = parse_bytes(tmp_path, "backhaul", "costs.parquet", data[:at] + b"\xff\xff\xff" + data[at + 3 :])
    assert outcome.quarantine("_row, rule") == [(1, "broken_parquet")]
    assert outcome.parsed.blocked
    assert [path.name for path in outcome.out.iterdir()] == ["quarantine.parquet"]


@pytest.mark.parametrize("place", [0.05, 0.3, 0.5, 0.7, 0.9])
def test_a_page_that_is_damaged_far_into_a_long_file_keeps_out_all_of_it(tmp_path, place):
    rows = 150_000
    digits = np.random.default_rng(1).integers(0, 10**12, rows).astype(str)
    sound = {name: [COST[name]] * rows for name in COSTS_REQUIRED}
    table = pa.table({"cost_id": digits, **sound, "other": digits[::-1]})
    pq.write_table(table, tmp_path / "costs.parquet", compression="zstd", row_group_size=50_000)
    data = (tmp_path / "costs.parquet").read_bytes()
    at = int(len(data) * place)
    outcome = parse_bytes(tmp_path, "backhaul", "costs.parquet", data[:at] + bytes(64) + data[at + 64 :])
    assert outcome.quarantine("_row, rule") == [(1, "broken_parquet")]
    assert [path.name for path in outcome.out.iterdir()] == ["quarantine.parquet"]
