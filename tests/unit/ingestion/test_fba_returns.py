"""The FBA customer-returns report: dates, headers, encodings and text as the report prints them."""

from __future__ import annotations

import pytest

from tests.unit.ingestion.parsing import parse_bytes

TABLE = "amazon_fba_returns__customer_returns"
NAMES = (
    "return-date\torder-id\tsku\tasin\tfnsku\tproduct-name\tquantity\tfulfillment-center-id\tdetailed-disposition"
    "\treason\tstatus\tlicense-plate-number\tcustomer-comments"
)


def report(*rows: str, names: str = NAMES) -> str:
    return "".join(line + "\n" for line in (names, *rows))


def row(
    date: str = "2025-06-05T15:31:40+00:00", lpn: str = "LPN1", comment: str = "", disposition: str = "SELLABLE"
) -> str:
    return f"{date}\t1-2\tSKU\tB0\tX0\tName\t1\tYYZ1\t{disposition}\tDEFECTIVE\tReimbursed\t{lpn}\t{comment}"


def read(tmp_path, text: str, encoding: str = "utf-8"):
    return parse_bytes(tmp_path, "amazon_fba_returns", "returns.txt", text.encode(encoding))


@pytest.mark.parametrize(
    ("date", "moment", "offset"),
    [
        ("2025-06-05T15:31:40+00:00", "2025-06-05 15:31:40", 0),
        ("2025-06-05T15:31:40-07:00", "2025-06-05 22:31:40", -420),
        ("2025-06-05T15:31:40+0530", "2025-06-05 10:01:40", 330),
        ("05-Jun-2025", "2025-06-05 00:00:00", None),
        ("05-JUN-2025", "2025-06-05 00:00:00", None),
        ("05-06-2025", "2025-06-05 00:00:00", None),
        ("2025-06-05", "2025-06-05 00:00:00", None),
    ],
)
def test_date_styles(tmp_path, date, moment, offset):
    outcome = read(tmp_path, report(row(date)))
    assert outcome.rows(TABLE, "returned_at::VARCHAR, returned_at_offset_minutes") == [(moment, offset)]


@pytest.mark.parametrize("date", ["infinity", "epoch", "06/05/2025", "2025-13-01", "soon"])
def test_what_is_no_date_goes_to_quarantine(tmp_path, date):
    assert read(tmp_path, report(row(date))).quarantine() == [(1, "not_a_timestamp", "returned_at")]


def test_time_zone_of_the_instance_holds_where_the_text_has_no_offset(tmp_path):
    data = report(row("05-Jun-2025", "A"), row("2025-06-05T00:00:00+00:00", "B")).encode()
    outcome = parse_bytes(tmp_path, "amazon_fba_returns", "returns.txt", data, timezone="America/Toronto")
    assert outcome.rows(TABLE, "returned_at::VARCHAR") == [("2025-06-05 04:00:00",), ("2025-06-05 00:00:00",)]


def test_header_variants(tmp_path):
    names = NAMES.replace("order-id", "Amazon-Order-Id").replace("fulfillment-center-id", "Fulfilment Centre ID")
    outcome = read(tmp_path, report(row(), names=names))
    assert outcome.rows(TABLE, "order_id, fulfillment_center_id, extra") == [("1-2", "YYZ1", None)]


def test_quotes_in_comments_are_text(tmp_path):
    outcome = read(tmp_path, report(row(comment='5" too "small'), row(lpn="L2", comment='"')))
    assert outcome.rows(TABLE, "customer_comments") == [('5" too "small',), ('"',)]


def test_a_tab_in_a_comment_goes_to_quarantine(tmp_path):
    outcome = read(tmp_path, report(row(), row(lpn="L2", comment="too\tsmall"), row(lpn="L3")))
    assert outcome.rows(TABLE, "license_plate_number, _row") == [("LPN1", 1), ("L3", 3)]
    assert outcome.quarantine("_row, rule") == [(2, "too_many_columns")]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_encodings(tmp_path, encoding):
    assert read(tmp_path, report(row(comment="Taille trop petite, déçue – 5 €")), encoding).rows(
        TABLE, "customer_comments"
    ) == [("Taille trop petite, déçue – 5 €",)]


def test_unknown_disposition_is_kept_and_counted(tmp_path):
    outcome = read(tmp_path, report(row(disposition="MELTED"), row(lpn="L2")))
    assert (outcome.parsed.rows, outcome.parsed.unknown) == (2, 1)


def test_version_and_key(tmp_path):
    outcome = read(tmp_path, report(row(), row("2025-06-07T00:00:00+00:00", "LPN2"), row(lpn=""), row(lpn="")))
    rows = outcome.rows(TABLE, "_record_key, _observed_at::VARCHAR")
    assert {observed for _, observed in rows} == {"2025-06-07 00:00:00"}
    assert len({key for key, _ in rows}) == 4
    later = read(tmp_path, report(row(comment="changed"), row("2025-06-09T00:00:00+00:00", "LPN9")))
    assert later.rows(TABLE, "_record_key")[0][0] == rows[0][0]


def test_the_report_with_commas(tmp_path):
    names = NAMES.replace("status\t", "").replace("\t", ",")
    text = f'{names}\n2025-06-05T15:31:40+00:00,1-2,SKU,B0,X0,"Art, 5""",1,YYZ1,SELLABLE,DEFECTIVE,LPN1,\n'
    assert read(tmp_path, text).rows(TABLE, "product_name, quantity, license_plate_number") == [('Art, 5"', 1, "LPN1")]
