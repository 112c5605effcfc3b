"""Odoo: answers of its API and exports of its lists, in English, in French and by technical names."""

from __future__ import annotations

import csv
import io
import json

import pytest
import xlsxwriter

from tests.unit.ingestion.parsing import edited, golden, lines_of, parse_bytes

KIND = "odoo"
RMA = json.loads(golden(KIND, "rma.json"))["result"][0]
MOVE = json.loads(golden(KIND, "moves.json"))["result"][0]
PICKING = json.loads(golden(KIND, "picking.json"))["result"]["records"][0]
NOTE = json.loads(golden(KIND, "credit_notes.json"))[0]
REPAIR = json.loads(golden(KIND, "repairs.json"))[0]
SCRAP = json.loads(golden(KIND, "scraps.json"))["result"][0]
GOLDEN = {
    "rma.json": (
        "returns",
        "rma_id, rma_line, quantity, sku, order_id, return_type, reason_code, requested_at::VARCHAR",
        [(*("RMA0012", "1", 2, "FURN_0096", "S00055", "EXCHANGE", "DEFECTIVE", "2026-03-02 09:15:00"),)],
    ),
    "moves.json": (
        "returns",
        "rma_id, rma_line, quantity, sku, order_id, node_id, requested_at::VARCHAR, received_at::VARCHAR",
        [
            (
                *("WH/IN/00032", "FURN_0096", 2, "FURN_0096", "S00020", "WH/Stock"),
                *("2026-03-05 08:00:00", "2026-03-07 14:00:00"),
            )
        ],
    ),
    "picking.json": (
        "shipments",
        "carrier, tracking_number, is_return, label_created_at::VARCHAR, delivered_at::VARCHAR",
        [("Colissimo", "TRK9", True, "2026-03-05 08:00:00", "2026-03-07 14:00:00")],
    ),
    "credit_notes.json": (
        "refunds",
        "refund_id, order_id, refund_amount::VARCHAR, tax_amount::VARCHAR, currency, refunded_at::VARCHAR",
        [("RINV/2026/00005", "S00020", "240.0000", "40.0000", "EUR", "2026-03-08 00:00:00")],
    ),
    "repairs.json": (
        "work_orders",
        "work_order_id, rma_id, rma_line, unit_ordinal, work_kind, started_at::VARCHAR, completed_at::VARCHAR, outcome",
        [
            (
                *(f"RO/00003-{unit}", "WH/IN/00032", "FURN_0096", unit, "REPAIR"),
                *("2026-03-08 08:00:00", "2026-03-10 16:00:00", "PASS"),
            )
            for unit in (1, 2)
        ],
    ),
    "scraps.json": (
        "stock_adjustments",
        "adjustment_id, adjustment_line, sku, quantity, reason_text, adjusted_at::VARCHAR, node_id",
        [
            ("SP/00003", "1", "FURN_0096", -2, "Scrap: Broken", "2026-03-08 10:00:00", "WH/Stock"),
        ],
    ),
    "scraps_fr.csv": (
        "stock_adjustments",
        "adjustment_id, sku, quantity, adjusted_at::VARCHAR, node_id, _row",
        [("SP/00004", "FURN_0096", -1, "2026-03-09 10:00:00", "WH/Stock", 1)],
    ),
    "rma_fr.csv": (
        "returns",
        "rma_id, quantity, sku, order_id, return_type, node_id, received_at::VARCHAR, _row",
        [
            ("RMA0020", 1, "FURN_0096", "S00030", "EXCHANGE", "Lyon", "2026-03-04 11:00:00", 1),
            ("RMA0021", 2, "Lampe sans référence", None, None, None, None, 2),
        ],
    ),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_a_file_becomes_what_it_tells(tmp_path, name):
    native, columns, rows = GOLDEN[name]
    outcome = parse_bytes(tmp_path, KIND, name, golden(KIND, name))
    assert sorted(outcome.rows(f"backhaul__{native}", columns)) == sorted(rows)
    assert outcome.quarantine() == []
    told = str(outcome.rows(f"backhaul__{native}"))
    assert not any(person in told for person in ("Doe", "Jean", "Smith"))


def test_the_lines_of_an_exported_credit_note_are_one_refund(tmp_path):
    outcome = parse_bytes(tmp_path, KIND, "credit_notes_fr.csv", golden(KIND, "credit_notes_fr.csv"))
    columns = "refund_id, refund_amount::VARCHAR, currency, refunded_at::DATE::VARCHAR, _row"
    assert outcome.rows("backhaul__refunds", columns) == [("AVOIR/2026/0007", "120.5000", "EUR", "2026-03-08", 1)]
    assert outcome.quarantine() == [(2, "told_by_first_line", None), (3, "not_posted_yet", None)]


@pytest.mark.parametrize(
    "base", [RMA, MOVE, PICKING, NOTE, REPAIR, SCRAP], ids=["rma", "move", "picking", "note", "repair", "scrap"]
)
@pytest.mark.parametrize(
    "envelope",
    [
        lambda value: value,
        lambda value: [value],
        lambda value: {"jsonrpc": "2.0", "id": None, "result": [value]},
        lambda value: {"jsonrpc": "2.0", "result": {"length": 1, "records": [value]}},
        lambda value: {"records": [value]},
    ],
    ids=["bare", "list", "search_read", "web_search_read", "records"],
)
def test_an_answer_is_the_same_in_every_envelope(tmp_path, base, envelope):
    outcome = parse_bytes(tmp_path, KIND, "answer.json", json.dumps(envelope(base)).encode())
    assert len(outcome.parsed.tables) == 1
    assert outcome.quarantine() == []


@pytest.mark.parametrize(
    ("data", "landed"),
    [
        (b'{"jsonrpc": "2.0", "result": []}', {}),
        (b'{"jsonrpc": "2.0", "result": {"length": 0, "records": []}}', {1: ["no_record"]}),
        (b'{"jsonrpc": "2.0", "error": {"code": 200, "message": "Odoo Server Error"}}', {1: ["api_error"]}),
        (b'{"jsonrpc": "2.0", "result": [{"id": 1, "name": "Azure", "email": "a@example.org"}]}', {1: ["no_record"]}),
        (b'[{"id": 1}, 17]', {1: ["no_record", "no_record"]}),
        (b'{"jsonrpc": "2.0", "result": [', {1: ["invalid_json"]}),
    ],
    ids=["nothing", "nothing paged", "error", "another model", "no records", "cut"],
)  # fmt: skip
def test_answers_without_a_record(tmp_path, data, landed):
    assert parse_bytes(tmp_path, KIND, "answer.json", data).landed == landed


CASES = {
    "rma draft": (RMA, {"state": "draft"}, ["returns"]),
    "rma finished": (RMA, {"state": "finished"}, ["returns"]),
    "rma cancelled": (RMA, {"state": "cancelled"}, ["returns withdrawn"]),
    "rma of a state of tomorrow": (RMA, {"state": "pondered"}, ["unknown_state"]),
    "rma without a state": (RMA, {"state": False}, ["required_missing state"]),
    "rma without a name": (RMA, {"name": False}, ["required_missing rma_id"]),
    "rma without a product": (RMA, {"product_id": False}, ["required_missing product"]),
    "rma without a date": (RMA, {"date": False}, ["required_missing requested_at"]),
    "rma dated in words": (RMA, {"date": "yesterday"}, ["not_a_timestamp requested_at"]),
    "rma dated the month first": (RMA, {"date": "03/31/2026 10:00:00"}, ["not_a_timestamp requested_at"]),
    "rma of none": (RMA, {"product_uom_qty": 0.0}, ["below_minimum quantity"]),
    "rma of half a one": (RMA, {"product_uom_qty": 0.5}, ["not_a_whole_number quantity"]),
    "rma of one and a half": (RMA, {"product_uom_qty": 1.5}, ["not_a_whole_number quantity"]),
    "rma of minus one": (RMA, {"product_uom_qty": -1.0}, ["below_minimum quantity"]),
    "rma of words": (RMA, {"product_uom_qty": "some"}, ["not_a_integer quantity"]),
    "rma, drift: no operation": (RMA, {"operation_id": False}, ["returns"]),
    "rma, drift: product by name": (RMA, {"product_id": "[FURN_0096] Desk"}, ["returns"]),
    "rma, drift: product nested": (RMA, {"product_id": {"id": 31, "display_name": "Desk"}}, ["returns"]),
    "rma, drift: a field of a module": (RMA, {"x_studio_grade": "B"}, ["returns"]),
    "rma, drift: no reason asked for": (RMA, {"reason_id": ...}, ["returns"]),
    "rma, drift: no operation asked for": (RMA, {"operation_id": ...}, ["no_record"]),
    "move in dozens": (MOVE, {"product_uom": [2, "Dozens"]}, ["not_in_pieces"]),
    "rma in dozens": (RMA, {"product_uom": [2, "Dozens"]}, ["not_in_pieces"]),
    "rma in units": (RMA, {"product_uom": [1, "Units"]}, ["returns"]),
    "scrap in dozens": (SCRAP, {"product_uom_id": [2, "Dozens"]}, ["not_in_pieces"]),
    "scrap to come": (SCRAP, {"state": "draft", "date_done": False}, ["not_scrapped_yet"]),
    "scrap cancelled": (SCRAP, {"state": "cancel"}, ["stock_adjustments withdrawn"]),
    "scrap of a state of tomorrow": (SCRAP, {"state": "burning"}, ["unknown_state"]),
    "scrap of nothing": (SCRAP, {"scrap_qty": 0.0}, ["quantity_not_positive"]),
    "scrap of parts": (SCRAP, {"scrap_qty": 0.5}, ["not_a_whole_number quantity"]),
    "scrap of no product": (SCRAP, {"product_id": False}, ["required_missing product"]),
    "scrap, drift: no reason": (SCRAP, {"scrap_reason_tag_ids": ...}, ["stock_adjustments"]),
    "scrap, drift: a new field": (SCRAP, {"should_replenish": True}, ["stock_adjustments"]),
    "move to come": (MOVE, {"state": "assigned", "quantity": 0.0}, ["returns"]),
    "move cancelled": (MOVE, {"state": "cancel"}, ["returns withdrawn"]),
    "move of a state of tomorrow": (MOVE, {"state": "lost"}, ["unknown_state"]),
    "move of nothing": (MOVE, {"quantity": 0.0}, ["nothing_moved"]),
    "move of parts": (MOVE, {"quantity": 0.25}, ["not_a_whole_number moved"]),
    "move that reverses nothing": (MOVE, {"origin_returned_move_id": False}, ["not_a_return"]),
    "move to a vendor": (MOVE, {"picking_code": "outgoing"}, ["return_to_vendor"]),
    "move to a vendor by its place": (
        MOVE, {"picking_code": ..., "location_dest_id": [4, "Partners/Vendors"]}, ["return_to_vendor"]
    ),
    "move that an rma received": (MOVE, {"rma_receiver_ids": [12]}, ["told_by_rma"]),
    "move without a picking": (MOVE, {"reference": False, "picking_id": False}, ["required_missing picking"]),
    "move without a product": (MOVE, {"product_id": False}, ["required_missing product"]),
    "move dated in words": (MOVE, {"date": "later"}, ["not_a_timestamp moved_at"]),
    "move of a negative demand": (MOVE, {"product_uom_qty": -1.0}, ["below_minimum demand"]),
    "move, drift: quantity_done of Odoo 16": (MOVE, {"quantity": ..., "quantity_done": 2.0}, ["returns"]),
    "move, drift: picking only": (MOVE, {"reference": ...}, ["returns"]),
    "move, drift: no rmas": (MOVE, {"rma_receiver_ids": ...}, ["returns"]),
    "picking outward": (PICKING, {"return_id": False, "origin": "S00020"}, ["not_a_return"]),
    "picking to a vendor": (PICKING, {"picking_type_code": "outgoing"}, ["return_to_vendor"]),
    "picking without a parcel": (PICKING, {"carrier_tracking_ref": False}, ["no_tracking_number"]),
    "picking cancelled": (PICKING, {"state": "cancel"}, ["shipments withdrawn"]),
    "picking of a state of tomorrow": (PICKING, {"state": "lost"}, ["unknown_state"]),
    "picking done in words": (PICKING, {"date_done": "soon"}, ["not_a_timestamp done_at"]),
    "picking of minus a kilogram": (PICKING, {"shipping_weight": -1.0}, ["below_minimum weight"]),
    "picking, drift: told by its origin": (PICKING, {"return_id": ..., "origin": "Retour de WH/OUT/1"}, ["shipments"]),
    "picking, drift: no carrier": (PICKING, {"carrier_id": False}, ["shipments"]),
    "note drafted": (NOTE, {"state": "draft"}, ["not_posted_yet"]),
    "note cancelled": (NOTE, {"state": "cancel"}, ["refunds withdrawn"]),
    "note of a state of tomorrow": (NOTE, {"state": "sealed"}, ["unknown_state"]),
    "invoice": (NOTE, {"move_type": "out_invoice"}, ["not_a_credit_note"]),
    "journal entry": (NOTE, {"move_type": "entry"}, ["not_a_credit_note"]),
    "credit of a vendor": (NOTE, {"move_type": "in_refund"}, ["credit_of_vendor"]),
    "note of a type of tomorrow": (NOTE, {"move_type": "out_gift"}, ["unknown_type"]),
    "note of nothing": (NOTE, {"amount_total": 0.0}, ["no_money"]),
    "note of words": (NOTE, {"amount_total": "all"}, ["not_a_decimal total"]),
    "note without a date": (NOTE, {"invoice_date": False}, ["required_missing refunded_at"]),
    "note without a currency": (NOTE, {"currency_id": False}, ["required_missing currency"]),
    "note without a number": (NOTE, {"name": False}, ["required_missing refund_id"]),
    "note dated in words": (NOTE, {"invoice_date": "March"}, ["not_a_timestamp refunded_at"]),
    "note, drift: signed": (NOTE, {"amount_total": ..., "amount_total_in_currency_signed": -240.0}, ["refunds"]),
    "note, drift: no origin": (NOTE, {"invoice_origin": False}, ["refunds"]),
    "repair begun": (REPAIR, {"state": "under_repair", "product_qty": 1.0}, ["work_orders"]),
    "repair to come": (REPAIR, {"state": "confirmed"}, ["not_begun_yet"]),
    "repair cancelled": (REPAIR, {"state": "cancel"}, ["work_orders withdrawn"] * 2),
    "repair of a state of tomorrow": (REPAIR, {"state": "blessed"}, ["unknown_state"]),
    "repair of no return": (REPAIR, {"picking_id": False}, ["no_return_named"]),
    "repair of a lot only": (
        REPAIR, {"picking_id": False, "product_qty": 1.0, "lot_id": [1, "L1"], "tracking": "lot"}, ["no_return_named"]
    ),
    "repair of a serial number": (
        REPAIR, {"picking_id": False, "product_qty": 1.0, "lot_id": [1, "SN1"], "tracking": "serial"}, ["work_orders"]
    ),
    "repair of too many": (REPAIR, {"product_qty": 1e9}, ["units_out_of_range"]),
    "repair of none": (REPAIR, {"product_qty": 0.0}, ["below_minimum quantity"]),
    "repair without creation": (REPAIR, {"create_date": ..., "product_qty": 1.0}, ["required_missing started_at"]),
}  # fmt: skip


@pytest.fixture(scope="module")
def landed(tmp_path_factory):
    """Where the record of every case went, a case a line of one file."""
    data = lines_of(edited(base, changes) for base, changes, _ in CASES.values())
    return parse_bytes(tmp_path_factory.mktemp("cases"), KIND, "cases.json", data).landed


@pytest.mark.parametrize(("row", "places"), [(row, case[2]) for row, case in enumerate(CASES.values(), 1)], ids=CASES)
def test_each_record_is_a_row_or_has_its_reason(landed, row, places):
    assert landed.get(row) == places


def exported(header, *rows, delimiter=","):
    made = io.StringIO()
    csv.writer(made, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([header, *rows])
    return made.getvalue().encode()


EXPORTS = {
    "rma, technical": (
        "RMA (rma).csv",
        ["id", "name", "date", "product_id", "product_uom_qty", "operation_id", "state"],
        ["__export__.rma_1", "RMA1", "2026-03-02 09:00:00", "[DESK] Desk", "1.0", "Repair", "confirmed"],
        ["returns"],
    ),
    "rma, English": (
        "rma.csv",
        ["Name", "Date", "Product", "Quantity", "Requested operation", "State", "Customer", "Responsible"],
        ["RMA1", "2026-03-02 09:00:00", "[DESK] Desk", "1.0", "Repair", "Waiting for return", "J. Doe", "A. Smith"],
        ["returns"],
    ),
    "rma, German": (
        "rma.csv",
        ["Name", "Date", "Product", "Quantity", "Requested operation", "State"],
        ["RMA1", "2026-03-02 09:00:00", "[DESK] Desk", "1.0", "Repair", "Bestätigt"],
        ["unknown_state"],
    ),
    "moves, English": (
        "Stock Move (stock.move).csv",
        ["Reference", "Date", "Product", "Demand", "Quantity", "Status", "From", "To", "Origin return move"],
        ["WH/IN/1", "2026-03-02 09:00:00", "[DESK] Desk", "1.00", "1.00", "Done", "Customers", "WH/Stock", "Desk: A>B"],
        ["returns"],
    ),
    "moves, French": (
        "Mouvement de stock (stock.move).csv",
        ["Référence", "Date", "Produit", "Demande", "Fait", "Statut", "Mouvement de retour d'origine"],
        ["WH/IN/1", "2026-03-02 09:00:00", "[DESK] Bureau", "1,00", "1,00", "Fait", "Bureau: A>B"],
        ["returns"],
    ),
    "pickings, French": (
        "Transfert (stock.picking).csv",
        ["Référence", "Statut", "Document d'origine", "Référence de suivi", "Transporteur", "Date effective"],
        ["WH/IN/1", "Terminé", "Retour de WH/OUT/2", "T1", "Colissimo", "2026-03-02 09:00:00"],
        ["shipments"],
    ),
    "credit notes, English": (
        "Journal Entry (account.move).csv",
        ["Number", "Type", "Status", "Invoice/Bill Date", "Total in Currency Signed", "Currency", "Customer"],
        ["RINV/1", "Customer Credit Note", "Posted", "2026-03-02", "-12.00", "EUR", "J. Doe"],
        ["refunds"],
    ),
    "credit notes without a currency": (
        "Journal Entry (account.move).csv",
        ["Number", "Type", "Status", "Invoice/Bill Date", "Total"],
        ["RINV/1", "Customer Credit Note", "Posted", "2026-03-02", "12.00"],
        ["required_missing currency"],
    ),
    "repairs, French": (
        "Ordre de réparation (repair.order).csv",
        ["Référence de réparation", "Produit à réparer", "Quantité de produit", "Statut", "Retour", "Créé le"],
        ["RO/1", "[DESK] Bureau", "1,00", "En réparation", "WH/IN/1", "2026-03-02 09:00:00"],
        ["work_orders"],
    ),
}


@pytest.mark.parametrize("case", EXPORTS)
@pytest.mark.parametrize("form", [",", ";", "xlsx"])
def test_an_export_of_a_list(tmp_path, case, form):
    name, header, row, places = EXPORTS[case]
    if form == "xlsx":
        made = io.BytesIO()
        with xlsxwriter.Workbook(made) as book:
            sheet = book.add_worksheet()
            for number, cells in enumerate([header, row]):
                sheet.write_row(number, 0, cells)
        data = made.getvalue()
    else:
        data = exported(header, row, delimiter=form)
    outcome = parse_bytes(tmp_path, KIND, name.replace(".csv", ".xlsx") if form == "xlsx" else name, data)
    assert outcome.landed == {2 if form == "xlsx" else 1: places}


@pytest.mark.parametrize(
    ("name", "header", "rule"),
    [
        ("RMA (rma).csv", ["Name", "Date", "Product", "Quantity"], "missing_required_column"),
        ("RMA (rma).csv", ["Name", "Date", "Product", "Quantity", "State", "Status"], "duplicate_header"),
        ("contacts.csv", ["Name", "Email", "Phone", "City"], "unrecognised_file"),
    ],
)
def test_an_export_that_does_not_fit_is_refused(tmp_path, name, header, rule):
    outcome = parse_bytes(tmp_path, KIND, name, exported(header, ["x"] * len(header)))
    assert {kept_out for places in outcome.landed.values() for kept_out in places} == {rule}
    assert outcome.parsed.blocked.startswith(rule)


def test_a_customer_is_a_number_and_never_a_name(tmp_path):
    named = [RMA, edited(RMA, {"partner_id": "Jeanne Doe"}), edited(RMA, {"partner_id": False})]
    outcome = parse_bytes(tmp_path, KIND, "rma.json", json.dumps(named).encode())
    assert outcome.rows("backhaul__returns", "customer_ref") == [("14",), (None,), (None,)]
    assert "Doe" not in str(outcome.rows("backhaul__returns"))


def test_one_product_twice_in_a_picking_is_two_lines(tmp_path):
    data = json.dumps([MOVE, edited(MOVE, {"id": 78, "quantity": 1.0})]).encode()
    outcome = parse_bytes(tmp_path, KIND, "moves.json", data)
    lines = outcome.rows("backhaul__returns", "rma_line, quantity")
    assert sorted(lines) == [("FURN_0096", 1), ("FURN_0096-2", 2)]
