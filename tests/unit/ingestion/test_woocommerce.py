"""WooCommerce: orders and refunds; the refund's amount counts, its lines tell the goods."""

from __future__ import annotations

import json

import pytest

from tests.unit.ingestion.parsing import edited, lines_of, parse_bytes

KIND = "woocommerce"
LINE = {
    "id": 900, "name": "Mug", "product_id": 5, "quantity": -2, "sku": "MUG", "total": "-18.00", "total_tax": "-3.42",
    "meta_data": [{"id": 1, "key": "_refunded_item_id", "value": "71"}],
}  # fmt: skip
REFUND = {
    "id": 800, "parent_id": 700, "date_created": "2026-03-01T11:00:00", "date_created_gmt": "2026-03-01T10:00:00",
    "amount": "20.00", "reason": "Ann did not like it", "refunded_by": 1, "refunded_payment": True, "currency": "EUR",
    "line_items": [LINE],
}  # fmt: skip
ORDER = {
    "id": 700, "currency": "EUR", "date_created_gmt": "2026-02-01T10:00:00", "date_modified_gmt": "2026-03-01T10:00:00",
    "customer_id": 0, "billing": {"country": "FR", "email": "someone@example.org"}, "shipping": {"country": "BE"},
    "line_items": [{"id": 71, "sku": "MUG", "quantity": 3, "total": "27.00", "total_tax": "5.13", "meta_data": []}],
    "refunds": [edited(REFUND, {"currency": ..., "parent_id": ...})],
}  # fmt: skip


def read(tmp_path, value):
    return parse_bytes(tmp_path, KIND, "answer.json", json.dumps(value).encode())


@pytest.mark.parametrize("value", [REFUND, [REFUND], {"refunds": [REFUND]}, ORDER, [ORDER], {"orders": [ORDER]}])
def test_a_refund_is_the_same_in_every_answer(tmp_path, value):
    outcome = read(tmp_path, value)
    refunds = "refund_id, rma_id, order_id, refund_amount::VARCHAR, currency, refunded_at::VARCHAR"
    assert outcome.rows("backhaul__refunds", refunds) == [
        ("800", "800", "700", "20.0000", "EUR", "2026-03-01 10:00:00")
    ]
    returns = "rma_id, rma_line, quantity, sku, order_id, order_line, net_amount::VARCHAR, currency"
    assert outcome.rows("backhaul__returns", returns) == [("800", "900", 2, "MUG", "700", "71", "18.0000", "EUR")]
    assert outcome.quarantine() == []
    assert "Ann" not in str(outcome.rows("backhaul__refunds", "extra"))


def test_an_order_tells_its_sales(tmp_path):
    sales = "order_id, order_line, sku, quantity, net_amount::VARCHAR, currency, ship_to_country, customer_ref"
    assert read(tmp_path, ORDER).rows("backhaul__sales_lines", sales) == [
        ("700", "71", "MUG", 3, "27.0000", "EUR", "BE", None)
    ]


def test_the_currency_of_the_source_is_that_of_refunds_by_themselves(tmp_path):
    data = json.dumps(edited(REFUND, {"currency": ...})).encode()
    outcome = parse_bytes(tmp_path, KIND, "answer.json", data, currency="SEK")
    assert outcome.rows("backhaul__refunds", "currency") == [("SEK",)]
    assert outcome.rows("backhaul__returns", "currency, net_amount::VARCHAR") == [("SEK", "18.0000")]


def test_what_an_order_mentions_of_its_refunds_is_told_by_them(tmp_path):
    order = edited(ORDER, {"refunds": [{"id": 800, "reason": "Ann did not like it", "total": "-20.00"}]})
    for value in (order, [order], {"orders": [order]}):
        assert read(tmp_path, value).counts == ({"sales_lines": 1}, {"told_by_refunds": 1})


CASES = {
    "no id": ({"id": ...}, ["required_missing document_id"]),
    "no currency": ({"currency": ...}, ["currency_not_told", "returns"]),
    "no amount": ({"amount": ""}, ["below_minimum quantity", "required_missing amount"]),
    "negative amount": ({"amount": "-20.00"}, ["below_minimum amount", "returns"]),
    "amount in words": ({"amount": "all"}, ["not_a_decimal amount", "returns"]),
    "amount with a comma": ({"amount": "20,00"}, ["not_a_decimal amount", "returns"]),
    "amount of none": ({"amount": "0.00"}, ["no_money", "returns"]),
    "no date": ({"date_created_gmt": ...}, ["required_missing happened_at", "required_missing refunded_at"]),
    "date in words": ({"date_created_gmt": "x"}, ["not_a_timestamp happened_at", "not_a_timestamp refunded_at"]),
    "line without id": ({"line_items.0.id": ...}, ["refunds", "required_missing line_id"]),
    "line without sku": ({"line_items.0.sku": ""}, ["refunds", "required_missing sku"]),
    "line of no goods": ({"line_items.0.quantity": 0}, ["no_goods", "refunds"]),
    "line that adds": ({"line_items.0.quantity": 2}, ["quantity_not_negative", "refunds"]),
    "line of half": ({"line_items.0.quantity": -0.5}, ["not_a_whole_number quantity", "refunds"]),
    "line of words": ({"line_items.0.quantity": "two"}, ["not_a_integer quantity", "refunds"]),
    "line total in words": ({"line_items.0.total": "x"}, ["not_a_decimal total", "refunds"]),
    "line total that adds": ({"line_items.0.total": "18.00"}, ["below_minimum net_amount", "refunds"]),
    "line that is text": ({"line_items.0": "x"}, ["no_record", "refunds"]),
    "drift: no lines": ({"line_items": []}, ["refunds"]),
    "drift: no list of lines": ({"line_items": ...}, ["refunds"]),
    "drift: a new field": ({"loyalty": {"points": 3}}, ["refunds", "returns"]),
    "drift: no metadata": ({"line_items.0.meta_data": ...}, ["refunds", "returns"]),
    "drift: metadata is an object": ({"line_items.0.meta_data": {}}, ["refunds", "returns"]),
    "drift: no order": ({"parent_id": ...}, ["refunds", "returns"]),
    "drift: amount as a number": ({"amount": 20}, ["refunds", "returns"]),
    "drift: no tax": ({"line_items.0.total_tax": ...}, ["refunds", "returns"]),
}


@pytest.fixture(scope="module")
def landed(tmp_path_factory):
    """Where the refund of every case went, a case a line of one file."""
    data = lines_of(edited(REFUND, changes) for changes, _ in CASES.values())
    return parse_bytes(tmp_path_factory.mktemp("cases"), KIND, "cases.json", data).landed


@pytest.mark.parametrize(("row", "places"), [(row, case[1]) for row, case in enumerate(CASES.values(), 1)], ids=CASES)
def test_each_refund_is_a_row_or_has_its_reason(landed, row, places):
    assert landed.get(row) == places


@pytest.mark.parametrize(
    ("value", "places"),
    [
        ({"code": "woocommerce_rest_cannot_view", "message": "no", "data": {"status": 401}}, {1: ["no_record"]}),
        ([], {}),
        ("text", {1: ["no_record"]}),
    ],
    ids=["refused", "empty page", "text"],
)
def test_an_answer_without_records(tmp_path, value, places):
    assert read(tmp_path, value).landed == places
