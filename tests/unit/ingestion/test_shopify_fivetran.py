"""Shopify's tables as a warehouse loader lands them: what a line tells by itself, and what only a join does."""

from __future__ import annotations

import pytest

from tests.unit.ingestion.parsing import SHARED, parse_bytes

KIND = "shopify_fivetran"
SOLD = {
    "order_id": "1", "order_line_id": "11", "ordered_at": "2026-01-02 03:04:05.000000",
    "sku": "TEE ", "quantity": "2",
    "price": "10.5", "total_discount": "1", "currency": "EUR", "updated_at": "2026-01-03 00:00:00",
}  # fmt: skip
REFUNDED = {
    "refund_id": "5", "refund_line_id": "51", "order_id": "1", "order_line_id": "11",
    "refunded_at": "2026-02-01 10:00:00", "sku": "TEE", "quantity": "1", "restock_type": "return",
    "location_id": "7", "subtotal": "20", "total_tax": "3.8",
    "currency": "EUR",
}  # fmt: skip
STOCK = {"sku": "TEE", "location_id": "7", "name": "available", "quantity": "3", "updated_at": "2026-01-03 00:00:00"}
ITEM = {
    "id": "9", "created_at": "2026-01-01 00:00:00", "sku": "TEE", "tracked": "TRUE", "measurement_weight_value": "2",
    "measurement_weight_unit": "POUNDS", "unit_cost_amount": "4.5", "unit_cost_currency_code": "EUR", "updated_at": "",
    "_fivetran_deleted": "FALSE",
}  # fmt: skip
PARCEL = {
    "id": "3", "created_at": "2026-01-05 00:00:00", "order_id": "1", "service": "manual", "tracking_company": "DHL",
    "tracking_number": "T1 ", "shipment_status": "delivered", "updated_at": "2026-01-06 00:00:00",
}  # fmt: skip
TENDER = {
    "id": "4", "amount": "-9.99", "currency": "EUR", "order_id": "1", "payment_method": "credit_card",
    "processed_at": "2026-02-01 10:00:00", "test": "false",
}  # fmt: skip

# The tables of GraphQL.
RETURNED = {
    "return_id": "8", "return_line_id": "81", "order_id": "1", "order_line_id": "11", "sku": "TEE", "quantity": "2",
    "status": "closed", "return_reason": "size_too_small", "updated_at": "2026-02-01 10:00:00",
}  # fmt: skip
REFUND = {
    "_fivetran_synced": "2026-02-02 11:00:00", "created_at": "2026-02-01 10:00:00", "id": "5", "order_id": "1",
    "return_id": "8", "total_refunded_set_pres_amount": "21.50", "total_refunded_set_pres_currency_code": "USD",
    "total_refunded_set_shop_amount": "19.99", "total_refunded_set_shop_currency_code": "EUR",
    "updated_at": "2026-02-02 00:00:00",
}  # fmt: skip
OTHERS = {
    "return": ({"id": "8", "order_id": "1", "name": "#R1", "status": "open", "total_quantity": "2"}, "sku_not_told"),
    "line of a return": (
        {"id": "81", "return_id": "8", "order_line_id": "11", "quantity": "2", "return_reason": "style"},
        "sku_not_told",
    ),
    "fee": ({"id": "7", "return_id": "8", "amount_set_shop_money_amount": "7.99"}, "date_not_told"),
    "adjustment": (
        {"id": "6", "refund_id": "5", "amount_set_shop_amount": "1", "tax_amount_set_shop_amount": "0"},
        "date_not_told",
    ),
    "line of an order": (
        {"id": "11", "order_id": "1", "original_unit_price_set_shop_amount": "2", "unfulfilled_quantity": "0"},
        "date_not_told",
    ),
    "parcel": (
        {"id": "3", "created_at": "2026-01-05 00:00:00", "order_id": "1", "service_id": "4", "display_status": "x"},
        "no_tracking_number",
    ),
    "number": ({"fulfillment_id": "3", "index": "1", "company": "DHL", "number": "T1", "url": "u"}, "date_not_told"),
    "place": ({"id": "9", "is_fulfillment_service": "FALSE", "country_code": ""}, "not_about_returns"),
    "tender": (
        {"id": "4", "order_id": "1", "amount": "-9.99", "currency_code": "EUR", "payment_method": "cash",
         "processed_at": "2026-02-01 10:00:00"},
        "told_by_refunds",
    ),
    "refund paid": (
        {"id": "4", "order_id": "1", "amount_set_shop_amount": "9.99", "gateway": "g", "kind": "refund"},
        "told_by_refunds",
    ),
    "sale paid": ({"id": "4", "order_id": "1", "amount": "9.99", "gateway": "g", "kind": "sale"}, "not_a_refund"),
}  # fmt: skip


def table(*rows):
    """Rows as CSV, a byte order mark before it."""
    lines = [",".join(rows[0]), *(",".join(f'"{value}"' for value in row.values()) for row in rows)]
    return b"\xef\xbb\xbf" + "".join(line + "\n" for line in lines).encode()


def read(tmp_path, *rows, name="table.csv"):
    return parse_bytes(tmp_path, KIND, name, table(*rows))


@pytest.mark.parametrize(
    ("row", "native", "columns", "values"),
    [
        (
            SOLD,
            "sales_lines",
            "order_id, order_line, ordered_at::VARCHAR, sku, quantity, net_amount::VARCHAR, currency",
            ("1", "11", "2026-01-02 03:04:05", "TEE", 2, "20.0000", "EUR"),
        ),
        (
            REFUNDED,
            "refunds",
            "refund_id, rma_id, rma_line, refund_amount::VARCHAR, tax_amount::VARCHAR, currency",
            ("5-51", "refund-5", "51", "23.8000", "3.8000", "EUR"),
        ),
        (
            REFUNDED,
            "returns",
            "rma_id, rma_line, sku, quantity, order_id, received_at::VARCHAR, node_id",
            ("refund-5", "51", "TEE", 1, "1", "2026-02-01 10:00:00", "7"),
        ),
        ({**REFUNDED, "restock_type": "no_restock"}, "refunds", "refund_id, rma_id", ("5-51", None)),
        (
            STOCK,
            "inventory_snapshots",
            "sku, node_id, stage, quantity, snapshot_at::VARCHAR",
            ("TEE", "7", "available", 3, "2026-01-03 00:00:00"),
        ),
        (
            ITEM,
            "products",
            "sku, effective_from::VARCHAR, unit_cost::VARCHAR, currency, weight_kg::VARCHAR",
            ("TEE", "2026-01-01", "4.5000", "EUR", "0.907185"),
        ),
        (PARCEL, "shipments", "carrier, tracking_number, is_return, status", ("DHL", "T1", False, "delivered")),
        (
            TENDER,
            "refunds",
            "refund_id, order_id, refund_amount::VARCHAR, currency, method",
            ("tender-4", "1", "9.9900", "EUR", "CARD"),
        ),
        ({**ITEM, "measurement_weight_unit": "kg"}, "products", "weight_kg::VARCHAR", ("2.000000",)),
        (
            RETURNED,
            "returns",
            "rma_id, rma_line, sku, quantity, reason_code, order_line, _withdrawn",
            ("8", "81", "TEE", 2, "SIZE_SMALL", "11", False),
        ),
        ({**RETURNED, "status": "declined"}, "returns", "rma_id, _withdrawn", ("8", True)),
        (
            REFUND,
            "refunds",
            "refund_id, rma_id, order_id, refund_amount::VARCHAR, currency, refunded_at::VARCHAR, updated_at::VARCHAR",
            ("5", "8", "1", "19.9900", "EUR", "2026-02-01 10:00:00", "2026-02-01 10:00:00"),
        ),
    ],
    ids=[
        "sale", "refund", "return", "refund alone", "stock", "item", "parcel", "tender", "item in kilograms",
        "return of its own", "declined return", "refund with its amount",
    ],
)  # fmt: skip
def test_a_line_becomes_what_it_tells(tmp_path, row, native, columns, values):
    outcome = read(tmp_path, row)
    assert outcome.rows(f"backhaul__{native}", columns)[0] == values
    assert outcome.quarantine() == []


def test_a_refund_told_whole_and_by_its_lines_counts_once(tmp_path):
    columns = "refund_id, _record_key, _withdrawn, updated_at"
    [whole] = read(tmp_path, REFUND).rows("backhaul__refunds", columns)
    line, taken_back = read(tmp_path, REFUNDED).rows("backhaul__refunds", columns)
    assert (whole[0], whole[2]) == ("5", False)
    assert (line[0], line[2]) == ("5-51", False)
    # another version of the same record, and the later one in whatever order they come
    assert taken_back[:3] == ("5", whole[1], True)
    assert taken_back[3] > whole[3]


@pytest.mark.parametrize("name", OTHERS)
def test_a_table_of_graphql_that_is_no_row_has_its_reason(tmp_path, name):
    row, reason = OTHERS[name]
    assert read(tmp_path, row).landed == {1: [reason]}


BAD = {
    "sold without order": (SOLD, {"order_id": ""}, "required_missing order_id"),
    "sold at no time": (SOLD, {"ordered_at": "soon"}, "not_a_timestamp ordered_at"),
    "sold nothing": (SOLD, {"quantity": "0"}, "below_minimum quantity"),
    "sold half": (SOLD, {"quantity": "0.5"}, "not_a_whole_number quantity"),
    "sold without sku": (SOLD, {"sku": ""}, "required_missing sku"),
    "sold for words": (SOLD, {"price": "free"}, "not_a_decimal price"),
    "sold in no currency": (SOLD, {"currency": ""}, "required_missing currency"),
    "discount in words": (SOLD, {"total_discount": "ten"}, "not_a_decimal total_discount"),
    "refund without id": (REFUNDED, {"refund_id": ""}, "required_missing refund_id"),
    "refund of negative": (REFUNDED, {"subtotal": "-1"}, "below_minimum subtotal"),
    "refund at no time": (REFUNDED, {"refunded_at": "32/01/2026"}, "not_a_timestamp refunded_at"),
    "refund of minus one": (REFUNDED, {"quantity": "-1"}, "below_minimum quantity"),
    "refund with tax in words": (REFUNDED, {"total_tax": "VAT"}, "not_a_decimal total_tax"),
    "refund too exact": (REFUNDED, {"subtotal": "1.234567"}, "more_decimals_than_kept subtotal"),
    "stock in all": (STOCK, {"name": "on_hand"}, "sum_of_other_states"),
    "stock to come": (STOCK, {"name": "incoming"}, "not_in_stock_yet"),
    "stock of words": (STOCK, {"quantity": "many"}, "not_a_integer quantity"),
    "stock nowhere": (STOCK, {"location_id": ""}, "required_missing location_id"),
    "item deleted": (ITEM, {"_fivetran_deleted": "TRUE"}, "deleted_at_source"),
    "item deleted perhaps": (ITEM, {"_fivetran_deleted": "maybe"}, "not_a_boolean is_deleted"),
    "item of negative cost": (ITEM, {"unit_cost_amount": "-4"}, "below_minimum unit_cost_amount"),
    "item of negative weight": (ITEM, {"measurement_weight_value": "-2"}, "below_minimum weight"),
    "item without sku": (ITEM, {"sku": ""}, "required_missing sku"),
    "parcel without number": (PARCEL, {"tracking_number": ""}, "no_tracking_number"),
    "parcel at no time": (PARCEL, {"created_at": "x"}, "not_a_timestamp created_at"),
    "refund of nothing": (REFUND, {"total_refunded_set_shop_amount": "0.00"}, "nothing_refunded"),
    "payment": (TENDER, {"amount": "9.99"}, "not_a_refund"),
    "test payment": (TENDER, {"test": "true"}, "test_transaction"),
    "payment of words": (TENDER, {"amount": "€9"}, "not_a_decimal amount"),
}


@pytest.fixture(scope="module")
def landed(tmp_path_factory):
    """Where the bad lines went, each table of them parsed once."""
    found = {}
    for base in (SOLD, REFUNDED, STOCK, ITEM, PARCEL, TENDER, REFUND):
        cases = {name: {**base, **changes} for name, (own, changes, _) in BAD.items() if own is base}
        outcome = read(tmp_path_factory.mktemp("cases"), *cases.values())
        found.update({name: outcome.landed.get(row) for row, name in enumerate(cases, 1)})
    return found


@pytest.mark.parametrize("name", BAD)
def test_a_bad_line_has_its_reason(landed, name):
    assert landed[name] == [BAD[name][2]]


@pytest.mark.parametrize(
    ("row", "places"),
    [
        ({**ITEM, "new_column": "x"}, {1: ["products"]}),
        ({key.upper(): value for key, value in ITEM.items()}, {1: ["products"]}),
        ({key.replace("_", " "): value for key, value in SOLD.items()}, {1: ["sales_lines"]}),
        (dict(reversed(SOLD.items())), {1: ["sales_lines"]}),
        ({key: value for key, value in SOLD.items() if key != "total_discount"}, {1: ["sales_lines"]}),
        ({key: value for key, value in ITEM.items() if key != "_fivetran_deleted"}, {1: ["products"]}),
        (
            {key: value for key, value in SOLD.items() if key != "sku"},
            {1: ["unrecognised_file"], 2: ["unrecognised_file"]},
        ),
        ({"a": "1", "b": "2"}, {1: ["unrecognised_file"], 2: ["unrecognised_file"]}),
        ({**SOLD, "Order ID": "2"}, {1: ["unrecognised_file"], 2: ["unrecognised_file"]}),
    ],
    ids=["new", "capitals", "spaces", "order", "optional gone", "deleted gone", "required gone", "foreign", "twice"],
)
def test_a_header_that_drifts(tmp_path, row, places):
    assert read(tmp_path, row).landed == places


@pytest.mark.skipif(not (SHARED / "shopify").is_dir(), reason="the samples are not here")
@pytest.mark.parametrize(
    ("name", "places"),
    [
        ("fulfillment", {"no_tracking_number"}),
        ("fulfillment_event", {"no_tracking_number"}),
        ("inventory_item", {"products"}),
        ("inventory_level", {"no_quantity"}),
        ("inventory_quantity", {"sku_not_told"}),
        ("location", {"not_about_returns"}),
        ("order_adjustment", {"date_not_told"}),
        ("order_line", {"date_not_told"}),
        ("order_line_refund", {"date_not_told"}),
        ("order_shipping_line", {"not_about_returns"}),
        ("product_variant", {"told_by_inventory_items"}),
        ("refund", {"amount_not_told"}),
        ("tax_line", {"not_about_returns"}),
        ("tender_transaction", {"not_a_refund", "refunds"}),
    ],
)
def test_each_sample_of_the_loader_is_rows_or_has_its_reason(tmp_path, name, places):
    data = (SHARED / "shopify" / "fivetran-rest" / f"shopify_{name}.csv").read_bytes()
    outcome = parse_bytes(tmp_path, KIND, f"shopify_{name}.csv", data)
    assert {place for found in outcome.landed.values() for place in found} == places
    assert outcome.parsed.blocked is None
