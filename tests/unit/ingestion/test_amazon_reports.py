"""Amazon's tab-separated reports: each told by its header, each line a row or kept out with a reason."""

from __future__ import annotations

import pytest

from tests.unit.ingestion.parsing import parse_bytes

KIND = "amazon_reports"
RETURN = {
    "Order ID": "111-1", "Order date": "02-Jan-2026", "Return request date": "05-Jan-2026",
    "Return request status": "Approved", "Amazon RMA ID": "RMA1", "Merchant RMA ID": "M1", "Label type": "AmazonUnPaid",
    "Label cost": "4.50", "Currency code": "EUR", "Return carrier": "DHL", "Tracking ID": "T1",
    "Label to be paid by": "Seller", "ASIN": "B0", "Merchant SKU": "LAMP", "Item Name": 'Lamp 5" "blue"',
    "Return quantity": "2", "Return Reason": "CR-DEFECTIVE", "Return delivery date": "09-Jan-2026",
    "SafeT claim id": "C1", "SafeT claim state": "Granted", "SafeT claim creation time": "10-Jan-2026",
    "SafeT claim reimbursement amount": "7.00", "Refunded Amount": "20.00",
}  # fmt: skip
REIMBURSED = {
    "approval-date": "2026-01-09T10:00:00+00:00", "reimbursement-id": "R1", "case-id": "", "amazon-order-id": "111-1",
    "reason": "CustomerReturn", "sku": "LAMP", "fnsku": "X1", "asin": "B0", "product-name": "Lamp",
    "condition": "Sellable", "currency-unit": "EUR", "amount-per-unit": "9.00", "amount-total": "18.00",
    "quantity-reimbursed-total": "2", "original-reimbursement-id": "", "original-reimbursement-type": "",
}  # fmt: skip
REMOVAL = {
    "request-date": "2026-01-01T00:00:00+00:00", "order-id": "RO1", "order-type": "Disposal",
    "service-speed": "Standard", "order-status": "Completed", "last-updated-date": "2026-01-08T00:00:00+00:00",
    "sku": "LAMP", "fnsku": "X1",
    "disposition": "Unsellable", "requested-quantity": "3", "cancelled-quantity": "0", "disposed-quantity": "2",
    "shipped-quantity": "0", "in-process-quantity": "1", "removal-fee": "1.04", "currency": "EUR",
}  # fmt: skip
SHIPPED = {
    "request-date": "2026-01-01T00:00:00+00:00", "order-id": "RO2", "shipment-date": "2026-01-03T00:00:00+00:00",
    "sku": "LAMP", "fnsku": "X1", "disposition": "Sellable", "shipped-quantity": "1", "carrier": "UPS",
    "tracking-number": "1Z", "removal-order-type": "Return",
}  # fmt: skip
EVENT = {
    "Date": "01/09/2026", "FNSKU": "X1", "ASIN": "B0", "MSKU": "LAMP", "Title": "Lamp", "Event Type": "Adjustments",
    "Reference ID": "A1", "Quantity": "-1", "Fulfillment Center": "YYZ1", "Disposition": "SELLABLE", "Reason": "M",
    "Country": "CA", "Date and Time": "2026-01-09T07:00:00-0500",
}  # fmt: skip
BALANCE = {
    "Date": "01/09/2026", "FNSKU": "X1", "ASIN": "B0", "MSKU": "LAMP", "Title": "Lamp", "Disposition": "SELLABLE",
    "Starting Warehouse Balance": "5", "Customer Returns": "1", "Ending Warehouse Balance": "6", "Location": "YYZ1",
}  # fmt: skip
REPLACED = {
    "shipment-date": "2026-01-09T10:00:00+00:00", "sku": "LAMP", "asin": "B0", "fulfillment-center-id": "YYZ1",
    "original-fulfillment-center-id": "YYZ1", "quantity": "1", "replacement-reason-code": "4",
    "replacement-amazon-order-id": "222-2", "original-amazon-order-id": "111-1",
}  # fmt: skip
BASES = {
    "return": RETURN, "reimbursement": REIMBURSED, "removal": REMOVAL, "removal shipment": SHIPPED, "event": EVENT,
    "balance": BALANCE, "replacement": REPLACED,
}  # fmt: skip


def report(*rows):
    return "".join("\t".join(cells) + "\n" for cells in (rows[0].keys(), *(row.values() for row in rows)))


def read(tmp_path, *rows, encoding="utf-8", **options):
    return parse_bytes(tmp_path, KIND, "report.txt", report(*rows).encode(encoding), **options)


@pytest.mark.parametrize(
    ("row", "native", "columns", "values"),
    [
        (
            RETURN,
            "returns",
            "rma_id, rma_line, quantity, sku, order_id, reason_code, tracking_number, received_at::VARCHAR",
            ("RMA1", "LAMP", 2, "LAMP", "111-1", "DEFECTIVE", "T1", "2026-01-09 00:00:00"),
        ),
        (
            RETURN,
            "costs",
            "cost_id, tracking_number, rma_id, category_code, amount::VARCHAR, currency",
            ("RMA1-label", "T1", None, "FRT_RTN", "4.5000", "EUR"),
        ),
        (RETURN, "shipments", "carrier, tracking_number, is_return", ("DHL", "T1", True)),
        (
            RETURN,
            "claims",
            "claim_id, claim_kind, outcome, paid_amount::VARCHAR",
            ("C1", "MARKETPLACE", "PAID", "7.0000"),
        ),
        (
            REIMBURSED,
            "recoveries",
            "recovery_id, rma_id, category_code, gross_amount::VARCHAR, currency",
            ("R1-X1-LAMP", "111-1", "REC_MKT", "18.0000", "EUR"),
        ),
        (
            {**REIMBURSED, "amount-total": "-18.00", "original-reimbursement-id": "R0"},
            "recoveries",
            "document_id, gross_amount::VARCHAR",
            ("R0", "-18.0000"),
        ),
        (
            REMOVAL,
            "stock_adjustments",
            "adjustment_id, adjustment_line, sku, quantity, reason_text",
            ("RO1", "LAMP-Unsellable", "LAMP", -2, "Removal: Disposal"),
        ),
        (
            REMOVAL,
            "costs",
            "lot_id, category_code, amount::VARCHAR, posted_at::VARCHAR",
            ("RO1", "DISP", "1.0400", "2026-01-08 00:00:00"),
        ),
        (
            SHIPPED,
            "shipments",
            "carrier, tracking_number, label_created_at::VARCHAR",
            ("UPS", "1Z", "2026-01-03 00:00:00"),
        ),
        (
            EVENT,
            "stock_adjustments",
            "adjustment_id, sku, quantity, reason_text, node_id, adjusted_at::VARCHAR",
            ("A1", "LAMP", -1, "M SELLABLE", "YYZ1", "2026-01-09 12:00:00"),
        ),
        (
            BALANCE,
            "inventory_snapshots",
            "snapshot_at::VARCHAR, node_id, sku, lot, stage, quantity",
            ("2026-01-10 00:00:00", "YYZ1", "LAMP", "X1", "sellable", 6),
        ),
    ],
)
def test_a_line_becomes_what_it_tells(tmp_path, row, native, columns, values):
    outcome = read(tmp_path, row)
    assert outcome.rows(f"backhaul__{native}", columns) == [values]
    assert outcome.quarantine() == []


def test_a_replacement_is_a_refund_in_goods(tmp_path):
    outcome = read(tmp_path, REPLACED, REPLACED, {**REPLACED, "sku": "SHADE"}, currency="EUR")
    columns = "refund_id, order_id, refund_amount::VARCHAR, currency, method, refunded_at::VARCHAR"
    told = ("111-1", "0.0000", "EUR", "EXCHANGE", "2026-01-09 10:00:00")
    assert sorted(outcome.rows("backhaul__refunds", columns)) == [
        ("222-2-LAMP", *told),
        ("222-2-LAMP-2", *told),
        ("222-2-SHADE", *told),
    ]
    assert '"quantity":"1"' in outcome.rows("backhaul__refunds", "extra")[0][0]
    assert outcome.quarantine() == []


BAD = [
    (RETURN, {"Amazon RMA ID": ""}, "required_missing amazon_rma_id"),
    (RETURN, {"Order ID": ""}, "required_missing order_id"),
    (RETURN, {"Merchant SKU": ""}, "required_missing sku"),
    (RETURN, {"Return quantity": "0"}, "below_minimum quantity"),
    (RETURN, {"Return quantity": "1.5"}, "not_a_whole_number quantity"),
    (RETURN, {"Return quantity": "two"}, "not_a_integer quantity"),
    (RETURN, {"Return request date": "31-Feb-2026"}, "not_a_timestamp requested_at"),
    (RETURN, {"Return request date": "01/05/2026"}, "not_a_timestamp requested_at"),
    (RETURN, {"Return delivery date": "soon"}, "not_a_timestamp delivered_at"),
    (RETURN, {"Label cost": "1.004,50"}, "not_a_decimal label_cost"),
    (REIMBURSED, {"amount-total": "1,234"}, "not_a_decimal amount"),
    (RETURN, {"Label cost": "-4.50"}, "below_minimum label_cost"),
    (RETURN, {"SafeT claim reimbursement amount": "-1"}, "below_minimum claim_amount"),
    (RETURN, {"Return request status": ""}, "required_missing status"),
    (REIMBURSED, {"reimbursement-id": ""}, "required_missing reimbursement_id"),
    (REIMBURSED, {"amount-total": "n/a"}, "not_a_decimal amount"),
    (REIMBURSED, {"amount-total": "0"}, "paid_in_stock"),
    (REIMBURSED, {"amazon-order-id": ""}, "not_about_an_order"),
    (REIMBURSED, {"currency-unit": ""}, "required_missing currency"),
    (REIMBURSED, {"approval-date": "never"}, "not_a_timestamp approved_at"),
    (REMOVAL, {"order-type": "Teleport"}, "unknown_removal"),
    (REMOVAL, {"disposed-quantity": "0"}, "nothing_removed_yet"),
    (REMOVAL, {"disposed-quantity": "-1"}, "below_minimum disposed_quantity"),
    (REMOVAL, {"removal-fee": "free"}, "not_a_decimal fee"),
    (REMOVAL, {"sku": ""}, "required_missing sku"),
    (REMOVAL, {"request-date": "x"}, "not_a_timestamp requested_at"),
    (SHIPPED, {"tracking-number": ""}, "no_tracking_number"),
    (SHIPPED, {"shipment-date": ""}, "required_missing shipped_at"),
    (SHIPPED, {"shipped-quantity": "-1"}, "below_minimum shipped_quantity"),
    (EVENT, {"Event Type": "Shipments"}, "told_by_orders"),
    (EVENT, {"Event Type": "CustomerReturns"}, "told_by_customer_returns"),
    (EVENT, {"Event Type": "Customer Returns"}, "told_by_customer_returns"),
    (EVENT, {"Event Type": "Receipts"}, "receipt_of_new_stock"),
    (EVENT, {"Event Type": "Vendor Returns"}, "told_by_removals"),
    (EVENT, {"Event Type": "WhseTransfers"}, "transfer_between_warehouses"),
    (EVENT, {"Event Type": "Elves"}, "unknown_event_type"),
    (EVENT, {"Quantity": "0"}, "nothing_adjusted"),
    (EVENT, {"Quantity": "-1.5"}, "not_a_whole_number quantity"),
    (EVENT, {"Date": "2026-31-12"}, "not_a_timestamp happened_on"),
    (BALANCE, {"Ending Warehouse Balance": ""}, "required_missing quantity"),
    (BALANCE, {"Ending Warehouse Balance": "six"}, "not_a_integer quantity"),
    (BALANCE, {"Location": ""}, "required_missing node_id"),
    (REPLACED, {}, "currency_not_told"),
    (REPLACED, {"quantity": "x"}, "not_a_integer quantity"),
    (REPLACED, {"quantity": "0"}, "below_minimum quantity"),
    (REPLACED, {"shipment-date": "soon"}, "not_a_timestamp shipped_at"),
    (REPLACED, {"shipment-date": ""}, "required_missing shipped_at"),
    (REPLACED, {"original-amazon-order-id": ""}, "required_missing order_id"),
    (REPLACED, {"replacement-amazon-order-id": ""}, "required_missing replacement_order_id"),
    (REPLACED, {"sku": ""}, "required_missing sku"),
]


@pytest.fixture(scope="module")
def landed(tmp_path_factory):
    """Where the bad lines went, a parse for each report."""
    found = {}
    for base in BASES.values():
        cases = [number for number, (own, _, _) in enumerate(BAD) if own is base]
        outcome = read(tmp_path_factory.mktemp("cases"), *({**base, **BAD[number][1]} for number in cases))
        found.update({number: outcome.landed.get(row) for row, number in enumerate(cases, 1)})
    return found


@pytest.mark.parametrize("number", range(len(BAD)), ids=[f"{rule} {number}" for number, (_, _, rule) in enumerate(BAD)])
def test_a_bad_line_has_its_reason(landed, number):
    assert landed[number] == [BAD[number][2]]


def renamed(change):
    return lambda row: {change(name): value for name, value in row.items()}


DRIFTS = {
    "capitals": renamed(str.upper),
    "spaces for hyphens": renamed(lambda name: name.replace("-", " ")),
    "hyphens for spaces": renamed(lambda name: name.replace(" ", "-").lower()),
    "spaces that do not break": renamed(lambda name: name.replace(" ", "\u00a0").replace("-", "\u00a0")),
    "a byte order mark": lambda row: dict(zip(["\ufeff" + next(iter(row)), *list(row)[1:]], row.values(), strict=True)),
    "another order": lambda row: dict(reversed(row.items())),
    "a new column": lambda row: {**row, "prime": "yes"},
    "a column without a name": lambda row: {**row, "": "x"},
}


@pytest.mark.parametrize("status", ["Denied", "Rejected", "Canceled", "cancelled"])
def test_a_refused_request_withdraws_what_it_told(tmp_path, status):
    told = read(tmp_path, RETURN)
    again = read(tmp_path, {**RETURN, "Return request status": status})
    columns = "_record_key, _withdrawn"
    for table in ("backhaul__returns", "backhaul__costs"):
        [(before, was_withdrawn)], [(after, is_withdrawn)] = (each.rows(table, columns) for each in (told, again))
        assert (before, was_withdrawn, is_withdrawn) == (after, False, True)
    assert "backhaul__shipments" not in again.parsed.tables


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("drift", DRIFTS)
def test_a_header_that_drifts_is_still_read(tmp_path, base, drift):
    outcome = read(tmp_path, DRIFTS[drift](BASES[base]), currency="EUR")
    assert outcome.parsed.rows > 0
    assert outcome.quarantine() == []


@pytest.mark.parametrize(
    ("base", "gone"),
    [
        ("return", "Amazon RMA ID"),
        ("reimbursement", "amount-total"),
        ("removal shipment", "shipment-date"),
        ("balance", "Location"),
    ],
)
def test_a_report_without_what_it_needs_is_refused(tmp_path, base, gone):
    outcome = read(tmp_path, {name: value for name, value in BASES[base].items() if name != gone})
    assert {rule for (rule,) in outcome.quarantine("rule")} == {"unrecognised_file"}
    assert outcome.parsed.blocked is not None


@pytest.mark.parametrize(("name", "encoding"), [("Lampe d’été – 5 €", "cp1252"), ("Lampe d’été – 5 €", "utf-8")])
def test_encodings(tmp_path, name, encoding):
    outcome = read(tmp_path, {**REIMBURSED, "product-name": name}, encoding=encoding)
    assert name in outcome.rows("backhaul__recoveries", "extra")[0][0]


def test_japanese_reports_name_their_encoding_in_the_configuration(tmp_path):
    data = report({**REIMBURSED, "product-name": "ランプ"}).encode("cp932")
    outcome = parse_bytes(tmp_path, KIND, "report.txt", data, encodings=["utf-8", "cp932"])
    assert "ランプ" in outcome.rows("backhaul__recoveries", "extra")[0][0]


def test_a_line_with_a_tab_too_many_goes_to_quarantine_alone(tmp_path):
    outcome = read(
        tmp_path, REIMBURSED, {**REIMBURSED, "product-name": "a\tb"}, {**REIMBURSED, "reimbursement-id": "R3"}
    )
    assert outcome.landed == {1: ["recoveries"], 2: ["too_many_columns"], 3: ["recoveries"]}
    moved = read(tmp_path, EVENT, {**EVENT, "Title": "a\tb"})
    assert moved.landed == {1: ["stock_adjustments"], 2: ["too_many_columns"]}


@pytest.mark.parametrize("blank", ["", " ", "  "])
def test_a_blank_cell_is_empty(tmp_path, blank):
    data = report({**RETURN, "Return delivery date": blank, "Tracking ID": blank, "Label cost": blank}).encode()
    outcome = parse_bytes(tmp_path, KIND, "report.txt", data)
    assert outcome.rows("backhaul__returns", "received_at, tracking_number") == [(None, None)]
    assert outcome.counts == ({"returns": 1, "claims": 1}, {})
    missing = report({**RETURN, "Merchant SKU": blank}).encode()
    assert parse_bytes(tmp_path, KIND, "report.txt", missing).quarantine() == [(1, "required_missing", "sku")]


@pytest.mark.parametrize("mark", [",", "\t"])
def test_a_report_in_quotes(tmp_path, mark):
    row = {**EVENT, "Title": 'Lamp, 5""'}
    text = "".join(mark.join(f'"{cell}"' for cell in cells) + "\n" for cells in (row.keys(), row.values()))
    outcome = parse_bytes(tmp_path, KIND, "report.csv", text.encode())
    assert outcome.rows("backhaul__stock_adjustments", "sku, quantity") == [("LAMP", -1)]
    assert outcome.rows("backhaul__stock_adjustments", "json_extract_string(extra, '$.Title')") == [('Lamp, 5"',)]


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("AMZ-PG-WJ-TOO-SMALL", "SIZE_SMALL"),
        ("AMZ-PG-APP-TOO-LARGE", "SIZE_LARGE"),
        ("AMZ-PG-MISORDERED", "ORDER_ERROR_CUSTOMER"),
        ("AMZ-PG-APP-GLOW", "AMZ-PG-APP-GLOW"),
    ],
)
def test_a_reason_with_its_category(tmp_path, reason, code):
    outcome = parse_bytes(tmp_path, KIND, "report.txt", report({**RETURN, "Return Reason": reason}).encode())
    assert outcome.rows("backhaul__returns", "reason_code") == [(code,)]
