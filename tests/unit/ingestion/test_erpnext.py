"""ERPNext: returns as negative documents, of its API and of data exports."""

from __future__ import annotations

import csv
import io
import json

import pytest
import xlsxwriter

from tests.unit.ingestion.parsing import edited, golden, lines_of, parse_bytes

KIND = "erpnext"
DELIVERY = json.loads(golden(KIND, "delivery_note.json"))["data"]
NOTE = json.loads(golden(KIND, "credit_note.json"))["data"]
ENTRY = json.loads(golden(KIND, "stock_entry.json"))["message"]
CLAIM = json.loads(golden(KIND, "warranty_claim.json"))["data"]
BUNDLE = json.loads(golden(KIND, "serial_and_batch_bundle.json"))["data"]
RETURNS = (
    "rma_id, rma_line, quantity, sku, order_id, serial_number, lot_number, net_amount::VARCHAR, currency, "
    "received_at::VARCHAR"
)
LAMP = ("MAT-DN-RET-00003", "a1b2c3", 1, "LAMP", "SAL-ORD-7", "SN-1", None, "20.0000", "CAD")
SHADE = ("MAT-DN-RET-00003", "a1b2c4", 2, "SHADE", "SAL-ORD-7", None)


def people_free(outcome):
    told = str([outcome.rows(table) for table in outcome.parsed.tables])
    return not any(word in told for word in ("Jean", "Doe", "example.org", "555"))


def test_a_delivery_note_is_its_lines(tmp_path):
    outcome = parse_bytes(tmp_path, KIND, "answer.json", golden(KIND, "delivery_note.json"))
    assert outcome.rows("backhaul__returns", RETURNS) == [
        (*LAMP, "2026-03-05 09:05:00.5"),
        (*SHADE, "B9", "10.0000", "CAD", "2026-03-05 09:05:00.5"),
    ]
    assert outcome.quarantine() == []
    assert people_free(outcome)


def test_an_export_of_delivery_notes_carries_the_document_down(tmp_path):
    outcome = parse_bytes(tmp_path, KIND, "Delivery_Note.csv", golden(KIND, "Delivery_Note.csv"))
    assert outcome.rows("backhaul__returns", RETURNS + ", _row") == [
        (*LAMP, "2026-03-05 09:05:00", 1),
        (*SHADE, None, "10.0000", "CAD", "2026-03-05 09:05:00", 2),
    ]
    assert outcome.quarantine() == [(3, "not_a_return", None)]
    assert people_free(outcome)


def test_times_are_those_of_the_site(tmp_path):
    data = golden(KIND, "Delivery_Note.csv")
    outcome = parse_bytes(tmp_path, KIND, "Delivery_Note.csv", data, timezone="America/Toronto")
    assert outcome.rows("backhaul__returns", "received_at::VARCHAR")[0] == ("2026-03-05 14:05:00",)


def test_a_credit_note_is_a_refund_and_its_goods_are_told_elsewhere(tmp_path):
    outcome = parse_bytes(tmp_path, KIND, "answer.json", golden(KIND, "credit_note.json"))
    columns = (
        "refund_id, rma_id, order_id, refund_amount::VARCHAR, tax_amount::VARCHAR, currency, refunded_at::VARCHAR, "
        "updated_at::VARCHAR"
    )
    assert outcome.rows("backhaul__refunds", columns) == [
        (
            *("ACC-SINV-RET-00009", None, "SAL-ORD-7", "34.5000", "4.5000", "CAD", "2026-03-06 10:00:00"),
            "2026-03-06 10:00:00.000001",
        )
    ]
    assert outcome.quarantine() == [(1, "told_by_delivery_note", None)]
    assert people_free(outcome)


def test_a_credit_note_that_updates_the_stock_tells_its_goods(tmp_path):
    data = json.dumps({"data": edited(NOTE, {"update_stock": 1})}).encode()
    outcome = parse_bytes(tmp_path, KIND, "answer.json", data)
    assert outcome.rows("backhaul__refunds", "rma_id") == [("ACC-SINV-RET-00009",)]
    assert outcome.rows("backhaul__returns", "rma_id, rma_line, quantity, net_amount::VARCHAR") == [
        ("ACC-SINV-RET-00009", "d1", 1, "30.0000")
    ]


def test_an_export_of_credit_notes_counts_a_refund_once(tmp_path):
    outcome = parse_bytes(tmp_path, KIND, "Sales_Invoice.csv", golden(KIND, "Sales_Invoice.csv"))
    assert outcome.rows("backhaul__refunds", "refund_id, refund_amount::VARCHAR, tax_amount::VARCHAR") == [
        ("ACC-SINV-RET-00010", "34.5000", "4.5000")
    ]
    assert outcome.rows("backhaul__returns", "rma_line, quantity, sku, currency") == [
        ("e1", 1, "LAMP", "CAD"),
        ("e2", 2, "SHADE", "CAD"),
    ]
    assert people_free(outcome)


def test_an_export_of_credit_notes_without_goods_is_a_refund(tmp_path):
    data = golden(KIND, "Sales_Invoice.csv").replace(b'"10:00:00","1","1"', b'"10:00:00","1","0"')
    outcome = parse_bytes(tmp_path, KIND, "Sales_Invoice.csv", data)
    assert outcome.rows("backhaul__refunds", "rma_id, refund_amount::VARCHAR") == [(None, "34.5000")]
    assert outcome.landed == {1: ["refunds"], 2: ["told_by_delivery_note"]}


def test_a_stock_entry_is_a_correction(tmp_path):
    received = edited(ENTRY, {"purpose": "Material Receipt", "items.0.s_warehouse": None, "items.0.t_warehouse": "B"})
    outcome = parse_bytes(tmp_path, KIND, "entries.json", json.dumps([ENTRY, received]).encode())
    columns = "adjustment_id, adjustment_line, sku, quantity, reason_text, node_id, adjusted_at::VARCHAR"
    assert outcome.rows("backhaul__stock_adjustments", columns) == [
        ("MAT-STE-00012", "s1", "LAMP", -2, "Material Issue", "Returns - X", "2026-03-07 11:00:00"),
        ("MAT-STE-00012", "s1", "LAMP", 2, "Material Receipt", "B", "2026-03-07 11:00:00"),
    ]


def test_a_bundle_tells_which_numbers_came_back_with_its_note(tmp_path):
    outcome = parse_bytes(tmp_path, KIND, "answer.json", golden(KIND, "serial_and_batch_bundle.json"))
    columns = "event_id, object_id, serial_number, sku, biz_step, rma_id, node_id, event_at::VARCHAR"
    assert outcome.rows("backhaul__events", columns) == [
        (*("SABB-00000012", number, number, "LAMP", "receiving", "MAT-DN-RET-00003", "Returns - X"),
         "2026-03-05 09:05:00.5")
        for number in ("SN-2", "SN-3")
    ]  # fmt: skip
    batch = {"entries": [{"batch_no": "B9", "qty": 3.0}]}
    outcome = parse_bytes(tmp_path, KIND, "answer.json", lines_of([edited(BUNDLE, batch)]))
    columns = "object_id, lot_number, serial_number, quantity::VARCHAR"
    assert outcome.rows("backhaul__events", columns) == [("B9", "B9", None, "3.0000")]
    assert people_free(outcome)


def test_a_warranty_claim_is_a_return_that_was_asked_for(tmp_path):
    outcome = parse_bytes(tmp_path, KIND, "answer.json", golden(KIND, "warranty_claim.json"))
    columns = "rma_id, rma_line, quantity, sku, serial_number, return_type, requested_at::VARCHAR, received_at"
    assert outcome.rows("backhaul__returns", columns) == [
        ("SER-WRN-2026-00001", "1", 1, "LAMP", "SN-1", "WARRANTY", "2026-03-08 00:00:00", None)
    ]
    assert people_free(outcome)


@pytest.mark.parametrize(
    "base", [DELIVERY, NOTE, ENTRY, CLAIM, BUNDLE], ids=["delivery", "invoice", "entry", "claim", "bundle"]
)
@pytest.mark.parametrize(
    "envelope",
    [
        lambda value: value,
        lambda value: [value],
        lambda value: {"data": value},
        lambda value: {"data": [value]},
        lambda value: {"message": value},
        lambda value: {"message": [value]},
    ],
    ids=["webhook", "list", "resource", "resources", "method", "methods"],
)
def test_a_document_is_the_same_in_every_envelope(tmp_path, base, envelope):
    outcome = parse_bytes(tmp_path, KIND, "answer.json", json.dumps(envelope(base)).encode())
    assert outcome.parsed.rows == (2 if base in (DELIVERY, BUNDLE) else 1)
    assert {rule for _, rule, _ in outcome.quarantine()} == ({"told_by_delivery_note"} if base is NOTE else set())


LISTED = {
    name: NOTE[name]
    for name in ("name", "is_return", "docstatus", "grand_total", "outstanding_amount", "currency", "posting_date")
}


@pytest.mark.parametrize(
    ("value", "landed"),
    [
        ({"data": []}, {}),
        ({"data": [LISTED]}, {1: ["refunds"]}),
        ({"data": [{"name": "ACC-SINV-RET-00009"}]}, {1: ["no_record"]}),
        ({"data": [{**LISTED, "supplier": "ACME"}]}, {1: ["no_record"]}),
        ({"data": {"doctype": "Customer", "name": "Jeanne Doe"}}, {1: ["no_record"]}),
        ({"data": {**DELIVERY, "doctype": "Purchase Receipt"}}, {1: ["no_record", "no_record"]}),
        ({"data": {"doctype": "Serial No", "name": "SN-1", "item_code": "LAMP"}}, {1: ["register_of_serial_numbers"]}),
        ({"exc_type": "PermissionError", "errors": [{"message": "no"}]}, {1: ["api_error"]}),
        ({"exc_type": "PermissionError"}, {1: ["no_record"]}),
    ],
    ids=["none", "list", "names", "purchase", "customer", "purchase receipt", "serial no", "errors", "exception"],
)
def test_lists_and_other_documents(tmp_path, value, landed):
    assert parse_bytes(tmp_path, KIND, "answer.json", json.dumps(value).encode()).landed == landed


ONE = edited(DELIVERY, {"items.1": ...})
CASES = {
    "delivery drafted": (ONE, {"docstatus": 0, "status": "Draft"}, ["not_submitted_yet"]),
    "delivery cancelled": (ONE, {"docstatus": 2}, ["returns withdrawn"]),
    "delivery of no status": (ONE, {"docstatus": ..., "status": ...}, ["status_not_told"]),
    "delivery of a status of tomorrow": (ONE, {"docstatus": 3}, ["above_maximum docstatus"]),
    "delivery outward": (ONE, {"is_return": 0}, ["not_a_return"]),
    "delivery that perhaps returns": (ONE, {"is_return": "perhaps"}, ["not_a_boolean is_return"]),
    "delivery of a positive line": (ONE, {"items.0.qty": 1.0}, ["quantity_not_negative"]),
    "delivery of nothing": (ONE, {"items.0.qty": 0.0}, ["quantity_not_negative"]),
    "delivery of half a one": (ONE, {"items.0.qty": -1.5}, ["not_a_whole_number qty"]),
    "delivery of words": (ONE, {"items.0.qty": "some"}, ["not_a_integer qty"]),
    "delivery of no item": (ONE, {"items.0.item_code": None}, ["no_record"]),
    "delivery without a name": (ONE, {"name": ...}, ["required_missing document"]),
    "delivery without a date": (ONE, {"posting_date": ...}, ["not_a_timestamp posted"]),
    "delivery dated in words": (ONE, {"posting_date": "spring"}, ["not_a_timestamp posted"]),
    "delivery dated the day first": (ONE, {"posting_date": "05-03-2026"}, ["not_a_timestamp posted"]),
    "delivery changed in words": (ONE, {"modified": "lately"}, ["not_a_timestamp updated_at"]),
    "delivery of an amount in words": (ONE, {"items.0.net_amount": "nothing"}, ["not_a_decimal net_amount"]),
    "delivery, drift: no currency": (ONE, {"currency": ...}, ["returns"]),
    "delivery, drift: no lines named": (ONE, {"items.0.name": ...}, ["returns"]),
    "delivery, drift: no time": (ONE, {"posting_time": ...}, ["returns"]),
    "delivery, drift: a field of the site": (ONE, {"items.0.custom_grade": "B"}, ["returns"]),
    "delivery, drift: booleans": (ONE, {"is_return": True}, ["returns"]),
    "delivery, drift: several serial numbers": (ONE, {"items.0.serial_no": "SN-1\nSN-2"}, ["returns"]),
    "invoice drafted": (NOTE, {"docstatus": 0}, ["not_submitted_yet", "told_by_delivery_note"]),
    "invoice cancelled": (NOTE, {"docstatus": 2}, ["refunds withdrawn", "told_by_delivery_note"]),
    "invoice of a sale": (NOTE, {"is_return": 0}, ["not_a_return", "not_a_return"]),
    "invoice of a positive total": (NOTE, {"grand_total": 34.5}, ["amount_not_negative", "told_by_delivery_note"]),
    "invoice of nothing": (NOTE, {"grand_total": 0.0}, ["no_money", "told_by_delivery_note"]),
    "invoice of words": (NOTE, {"grand_total": "all"}, ["not_a_decimal total", "told_by_delivery_note"]),
    "invoice of no currency": (NOTE, {"currency": None}, ["required_missing currency", "told_by_delivery_note"]),
    "invoice without a date": (NOTE, {"posting_date": None, "posting_time": None}, ["required_missing posted"] * 2),
    "invoice of half a cent too fine": (
        NOTE, {"grand_total": -34.50001}, ["more_decimals_than_kept total", "told_by_delivery_note"]
    ),
    "invoice, drift: no taxes": (NOTE, {"total_taxes_and_charges": ...}, ["refunds", "told_by_delivery_note"]),
    "invoice, drift: of the till": (NOTE, {"doctype": "POS Invoice"}, ["refunds", "told_by_delivery_note"]),
    "bundle of goods that went out": (BUNDLE, {"type_of_transaction": "Outward"}, ["not_a_return"] * 2),
    "bundle of a purchase": (BUNDLE, {"voucher_type": "Purchase Receipt"}, ["not_a_return"] * 2),
    "bundle drafted": (BUNDLE, {"docstatus": 0}, ["not_submitted_yet"] * 2),
    "bundle cancelled": (BUNDLE, {"docstatus": 2}, ["events withdrawn"] * 2),
    "bundle that its note cancelled": (BUNDLE, {"is_cancelled": 1}, ["events withdrawn"] * 2),
    "bundle of no number": (BUNDLE, {"entries": [{"qty": 1.0}]}, ["no_number"]),
    "bundle, drift: one moment": (BUNDLE, {"posting_datetime": "2026-03-05 09:05:00", "posting_date": ...},
                                  ["events"] * 2),
    "entry drafted": (ENTRY, {"docstatus": 0}, ["not_submitted_yet"]),
    "entry cancelled": (ENTRY, {"docstatus": 2}, ["stock_adjustments withdrawn"]),
    "entry of a transfer": (ENTRY, {"purpose": "Material Transfer"}, ["transfer_between_warehouses"]),
    "entry of production": (ENTRY, {"purpose": "Manufacture"}, ["production"]),
    "entry of subcontracting": (ENTRY, {"is_return": 1}, ["return_of_subcontracting"]),
    "entry of a purpose of tomorrow": (ENTRY, {"purpose": "Teleport"}, ["unknown_purpose"]),
    "entry of no purpose": (ENTRY, {"purpose": None}, ["required_missing purpose"]),
    "entry of nothing": (ENTRY, {"items.0.qty": 0.0}, ["quantity_not_positive"]),
    "entry of less than nothing": (ENTRY, {"items.0.qty": -2.0}, ["quantity_not_positive"]),
    "entry of parts": (ENTRY, {"items.0.qty": 0.5}, ["not_a_whole_number qty"]),
    "entry, drift: the type in place of the purpose": (
        ENTRY, {"purpose": ..., "stock_entry_type": "Material Issue"}, ["stock_adjustments"]
    ),
    "claim closed": (CLAIM, {"status": "Closed"}, ["returns"]),
    "claim cancelled": (CLAIM, {"status": "Cancelled"}, ["returns withdrawn"]),
    "claim of a status of tomorrow": (CLAIM, {"status": "Arbitrated"}, ["unknown_status"]),
    "claim of no item": (CLAIM, {"item_code": None}, ["required_missing sku"]),
    "claim of no status": (CLAIM, {"status": None}, ["required_missing status"]),
    "claim dated in words": (CLAIM, {"complaint_date": "lately"}, ["not_a_timestamp asked_at"]),
    "claim, drift: no serial number": (CLAIM, {"serial_no": None}, ["returns"]),
}  # fmt: skip


@pytest.fixture(scope="module")
def landed(tmp_path_factory):
    """Where the document of every case went, a case a line of one file."""
    data = lines_of({"data": edited(base, changes)} for base, changes, _ in CASES.values())
    return parse_bytes(tmp_path_factory.mktemp("cases"), KIND, "cases.json", data).landed


@pytest.mark.parametrize(("row", "places"), [(row, case[2]) for row, case in enumerate(CASES.values(), 1)], ids=CASES)
def test_each_document_is_rows_or_has_its_reason(landed, row, places):
    assert landed.get(row) == sorted(places)


HEADER = ["ID", "Date", "Is Return", "Status", "Currency", "ID (Items)", "Item Code (Items)", "Quantity (Items)"]
LINE = ["DN-1", "2026-03-05", "1", "Return", "CAD", "l1", "LAMP", "-1"]
UNDER = ["", "", "", "", "", "l2", "SHADE", "-2"]
EXPORTS = {
    "lines": ([HEADER, LINE, UNDER], [["returns"], ["returns"]]),
    "a line of nothing above": ([HEADER, UNDER, LINE], [["no_line_above document"], ["returns"]]),
    "a document that is faulty, with its lines": (
        [HEADER, ["DN-1", "soon", *LINE[2:]], UNDER, ["DN-2", *LINE[1:]]],
        [["not_a_timestamp posted"], ["not_a_timestamp posted"], ["returns"]],
    ),
    "a draft, with its lines": ([HEADER, [*LINE[:3], "Draft", *LINE[4:]], UNDER], [["not_submitted_yet"]] * 2),
    "no lines named": ([HEADER[:5] + HEADER[6:], LINE[:5] + LINE[6:], UNDER[:5] + UNDER[6:]], [["returns"]] * 2),
    "an item in words": ([HEADER, LINE, [*UNDER[:7], "two"]], [["returns"], ["not_a_integer qty"]]),
    "no status": ([HEADER[:3] + HEADER[4:], LINE[:3] + LINE[4:]], [["status_not_told"]]),
    "a column more": ([[*HEADER, "Grade (Items)"], [*LINE, "B"]], [["returns"]]),
    "no date": ([HEADER[:1] + HEADER[2:], LINE[:1] + LINE[2:]], [["missing_required_column"]]),
}


def made(rows, form):
    if form == "xlsx":
        book = io.BytesIO()
        with xlsxwriter.Workbook(book) as workbook:
            sheet = workbook.add_worksheet()
            for number, cells in enumerate(rows):
                sheet.write_row(number, 0, cells)
        return book.getvalue()
    text = io.StringIO()
    csv.writer(text, delimiter=form).writerows(rows)
    return text.getvalue().encode()


@pytest.mark.parametrize("form", [",", ";", "xlsx"])
@pytest.mark.parametrize("case", EXPORTS)
def test_a_data_export(tmp_path, case, form):
    rows, places = EXPORTS[case]
    name = f"Delivery Note.{'xlsx' if form == 'xlsx' else 'csv'}"
    landed = parse_bytes(tmp_path, KIND, name, made(rows, form)).landed
    first = 2 if form == "xlsx" else 1
    assert landed == dict(enumerate(places, first))


@pytest.mark.parametrize(
    ("name", "rows", "places"),
    [
        (
            "Stock Entry.csv",
            [
                ["ID", "Purpose", "Date", "Document Status", "Item Code (Items)", "Quantity (Items)"],
                ["STE-1", "Material Issue", "2026-03-05", "1", "LAMP", "2"],
                ["", "", "", "", "SHADE", "1"],
            ],
            [["stock_adjustments"], ["stock_adjustments"]],
        ),
        (
            "Warranty Claim.csv",
            [
                ["ID", "Status", "Issue Date", "Serial No", "Item Code", "Customer"],
                ["W-1", "Open", "2026-03-05", "SN", "LAMP", "Doe"],
            ],
            [["returns"]],
        ),
        ("Serial No.csv", [["Serial No", "Item Code"], ["SN", "LAMP"]], [["register_of_serial_numbers"]]),
        ("Customer.csv", [["ID", "Customer Name"], ["C", "Doe"]], [["unrecognised_file"]] * 2),
    ],
)
def test_exports_of_other_documents(tmp_path, name, rows, places):
    assert parse_bytes(tmp_path, KIND, name, made(rows, ",")).landed == dict(enumerate(places, 1))
