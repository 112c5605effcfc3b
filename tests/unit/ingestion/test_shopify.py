"""Shopify: GraphQL pages, bulk operations, REST lists and webhooks, each record where it belongs."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.readers.structure import Fault
from ingestion.sources.shopify import bulk
from ingestion.sources.shopify.parse import documents
from tests.unit.ingestion.parsing import SHARED, edited, golden, lines_of, parse_bytes
from tests.unit.ingestion.reading import peak_of, read_units, values

RETURNS = "rma_id, rma_line, quantity, received_quantity, sku, reason_code, order_id, order_line, tracking_number"
FORMS = ["returns_nodes.json", "returns_edges.json", "returns_bulk_grouped.jsonl", "returns_bulk_ungrouped.jsonl"]


def read(tmp_path, name):
    return parse_bytes(tmp_path, "shopify", name, golden("shopify", name))


def set_of(outcome, table, columns):
    return set(outcome.rows(f"backhaul__{table}", columns))


@pytest.mark.parametrize("name", FORMS)
def test_every_form_of_the_answer_gives_the_same_returns(tmp_path, name):
    outcome = read(tmp_path, name)
    assert set_of(outcome, "returns", RETURNS) == {
        ("71", "701", 2, 2, "TEE-S", "SIZE_SMALL", "501", "401", "PIN123"),
        ("71", "702", 1, 1, "BAG-1", "DEFECTIVE", "501", "402", "PIN123"),
        ("72", "703", 1, None, "MUG", "WRONG_ITEM_SENT", "502", "403", None),
        ("73", "704", 1, None, "HAT", None, "503", "404", None),
    }
    assert set_of(outcome, "returns", "rma_id, _withdrawn") == {("71", False), ("72", False), ("73", True)}
    moments = "rma_line, requested_at::VARCHAR, authorised_at::VARCHAR, received_at::VARCHAR, updated_at::VARCHAR"
    assert set_of(outcome, "returns", moments) == {
        ("701", "2026-03-01 09:00:00", "2026-03-02 10:00:00", "2026-03-08 15:00:00", "2026-03-09 08:00:00"),
        ("702", "2026-03-01 09:00:00", "2026-03-02 10:00:00", "2026-03-07 12:00:00", "2026-03-09 08:00:00"),
        ("703", "2026-03-10 09:00:00", None, None, "2026-03-10 09:00:00"),
        ("704", "2026-03-10 09:00:00", None, None, "2026-03-10 09:00:00"),
    }
    assert sorted(rule for (rule,) in outcome.quarantine("rule")) == ["not_decided_yet"]


@pytest.mark.parametrize("name", FORMS)
def test_decisions_are_one_for_each_unit_and_money_is_the_shops(tmp_path, name):
    outcome = read(tmp_path, name)
    assert set_of(
        outcome, "dispositions", "disposition_id, rma_id, rma_line, unit_ordinal, disposition_code, node_id"
    ) == {
        ("91-1", "71", "701", 1, "RESTOCK_NEW", "5"),
        ("91-2", "71", "701", 2, "RESTOCK_NEW", "5"),
    }
    columns = "refund_id, rma_id, rma_line, order_line, refund_amount::VARCHAR, fee_amount::VARCHAR, currency, method"
    assert set_of(outcome, "refunds", columns) == {
        ("31-311", "71", "701", "401", "61.7700", None, "CAD", "CARD"),
        ("fee-701", "71", "701", "401", "0.0000", "6.0000", "CAD", None),
    }
    assert set_of(outcome, "returns", "net_amount::VARCHAR, currency") == {
        ("59.9800", "CAD"),
        ("120.0000", "CAD"),
        (None, None),
    }
    assert set_of(outcome, "shipments", "carrier, tracking_number, is_return") == {("Purolator", "PIN123", True)}


def test_what_the_customer_wrote_stays_out_of_the_lake(tmp_path):
    for extra, customer in read(tmp_path, FORMS[0]).rows("backhaul__returns", "extra, customer_ref"):
        assert "Ann" not in (extra or "")
        assert customer in ("9", None)


def test_orders_of_the_rest_api_tell_sales_refunds_and_parcels(tmp_path):
    outcome = read(tmp_path, "orders_rest.json")
    sales = (
        "order_id, order_line, ordered_at::VARCHAR, sku, quantity, net_amount::VARCHAR, tax_amount::VARCHAR, currency"
    )
    assert set_of(outcome, "sales_lines", sales) == {
        ("501", "401", "2026-02-20 13:00:01", "TEE-S", 2, "59.9800", "8.9800", "CAD"),
        ("501", "402", "2026-02-20 13:00:01", "BAG-1", 1, "100.0000", None, "CAD"),
    }
    refunds = "refund_id, rma_id, order_id, refund_amount::VARCHAR, tax_amount::VARCHAR, currency, method"
    assert set_of(outcome, "refunds", refunds) == {
        ("32-321", "refund-32", "501", "114.9800", "14.9800", "CAD", "PAYPAL"),
        ("32-322", None, "501", "10.0000", "0.0000", "CAD", "PAYPAL"),
        ("32-adjustment-33", None, "501", "5.7500", "0.7500", "CAD", "PAYPAL"),
    }
    assert set_of(outcome, "shipments", "carrier, tracking_number, is_return, status") == {
        ("Canada Post", "CP1", False, "delivered")
    }
    assert outcome.quarantine() == [(1, "told_by_an_adjustment", None)]


def test_a_refund_that_restocks_without_a_return_is_one(tmp_path):
    outcome = read(tmp_path, "orders_rest.json")
    returns = "rma_id, rma_line, quantity, sku, order_id, received_at::VARCHAR, node_id, net_amount::VARCHAR"
    assert outcome.rows("backhaul__returns", returns) == [
        ("refund-32", "321", 2, "BAG-1", "501", "2026-03-03 15:00:00", "5", "100.0000")
    ]
    assert set_of(outcome, "dispositions", "rma_id, rma_line, unit_ordinal, disposition_code") == {
        ("refund-32", "321", 1, "RESTOCK_NEW"),
        ("refund-32", "321", 2, "RESTOCK_NEW"),
    }


def test_a_test_order_is_no_sale_and_its_refund_no_money(tmp_path):
    told = json.loads(golden("shopify", "orders_rest.json"))
    order = edited(told, {"orders.0.test": True})
    outcome = parse_bytes(tmp_path, "shopify", "orders.json", json.dumps(order).encode())
    assert set(outcome.counts[0]) == {"shipments"}
    assert set(outcome.counts[1]) == {"test_order"}
    refund = {**told["orders"][0]["refunds"][0], "transactions": [{"kind": "refund", "gateway": "bogus", "test": True}]}
    outcome = parse_bytes(tmp_path, "shopify", "refund.json", json.dumps(refund).encode())
    assert outcome.counts[0] == {}
    assert set(outcome.counts[1]) == {"test_order"}


def test_a_webhook_of_an_attached_parcel_is_that_parcel(tmp_path):
    tracking = {"carrier_name": "DHL", "tracking_number": "T1", "tracking_url": "https://example.org"}
    deliverable = {"shipping_label": {"public_file_url": "https://example.org"}, "shipping_tracking": tracking}
    told = {
        "id": 55,
        "admin_graphql_api_id": "gid://shopify/ReverseDelivery/55",
        "shipping_deliverable": deliverable,
        "return": {"id": 71},
        "reverse_delivery_line_items": [{"quantity": 1}],
    }
    outcome = parse_bytes(tmp_path, "shopify", "webhook.json", json.dumps(told).encode())
    assert outcome.rows("backhaul__shipments", "carrier, tracking_number, is_return") == [("DHL", "T1", True)]
    assert "example.org" not in str(outcome.rows("backhaul__shipments"))


def test_items_and_their_stock(tmp_path):
    outcome = read(tmp_path, "inventory.json")
    products = "sku, effective_from::VARCHAR, unit_cost::VARCHAR, currency, weight_kg::VARCHAR, hs_code, name_en"
    assert outcome.rows("backhaul__products", products) == [
        ("TEE-S", "2026-02-02", "7.2500", "CAD", "0.180000", "610910", "Tee")
    ]
    assert set_of(outcome, "inventory_snapshots", "node_id, sku, stage, quantity, snapshot_at::VARCHAR") == {
        ("5", "TEE-S", "available", 4, "2026-03-01 01:00:00"),
        ("5", "TEE-S", "damaged", 1, "2026-03-01 00:00:00"),
    }
    assert sorted(rule for (rule,) in outcome.quarantine("rule")) == ["not_in_stock_yet", "sum_of_other_states"]


RETURN = json.loads(golden("shopify", "returns_nodes.json"))["data"]["returns"]["nodes"][0]
ORDER = json.loads(golden("shopify", "orders_rest.json"))["orders"][0]
LEVEL = json.loads(golden("shopify", "inventory.json"))["data"]["inventoryItems"]["nodes"][0]
REFUND = ORDER["refunds"][0]
LINE = "returnLineItems.nodes.0"
LINES = "returnLineItems.nodes"
DECIDED = "reverseFulfillmentOrders.nodes.0.lineItems.nodes.0.dispositions.0"
# One line, one decision, one parcel, one refund line and one fee.
ONE = edited(
    RETURN, {f"{LINES}.1": ..., "reverseFulfillmentOrders.nodes.0.lineItems.nodes.1": ..., f"{DECIDED}.quantity": 1}
)
WHOLE = ["dispositions", "refunds", "refunds", "returns", "shipments"]


def but(*gone, plus=()):
    """The places of the whole return without some, and with others."""
    left = list(WHOLE)
    for place in gone:
        left.remove(place)
    return sorted([*left, *plus])


def of_line(rule):
    """A return line that is refused takes the fee that stands on it along."""
    return but("returns", "refunds", plus=[rule])


BAD_LINES = {
    "no line id": ({f"{LINE}.id": ...}, of_line("required_missing line_id")),
    "empty line id": ({f"{LINE}.id": ""}, of_line("required_missing line_id")),
    "no return id": (
        {"id": ...},
        ["no_evidence lpn, serial_number, rma_id", "refunds", "required_missing return_id", "returns", "shipments"],
    ),
    "no status": ({"status": ...}, of_line("required_missing status")),
    "no quantity": ({f"{LINE}.quantity": ...}, of_line("required_missing quantity")),
    "quantity of none": ({f"{LINE}.quantity": 0}, but("returns", plus=["below_minimum quantity"])),
    "negative quantity": ({f"{LINE}.quantity": -1}, but("returns", plus=["below_minimum quantity"])),
    "half a unit": ({f"{LINE}.quantity": 1.5}, of_line("not_a_whole_number quantity")),
    "quantity in words": ({f"{LINE}.quantity": "two"}, of_line("not_a_integer quantity")),
    "quantity of an object": ({f"{LINE}.quantity": {"value": 1}}, of_line("not_a_integer quantity")),
    "no sku": ({f"{LINE}.fulfillmentLineItem.lineItem.sku": None}, but("returns", plus=["required_missing sku"])),
    "blank sku": ({f"{LINE}.fulfillmentLineItem.lineItem.sku": ""}, but("returns", plus=["required_missing sku"])),
    "date in words": ({"createdAt": "yesterday"}, of_line("not_a_timestamp created_at")),
    "date that is none": ({"createdAt": "2026-02-30T00:00:00Z"}, of_line("not_a_timestamp created_at")),
    "date as a number": ({"createdAt": 1767225600}, of_line("not_a_timestamp created_at")),
    "approval in words": ({"requestApprovedAt": "soon"}, of_line("not_a_timestamp approved_at")),
    "closing in words": ({"closedAt": "never"}, of_line("not_a_timestamp closed_at")),
    "amount in words": (
        {f"{LINE}.withCodeDiscountedTotalPriceSet.shopMoney.amount": "free"},
        of_line("not_a_decimal amount"),
    ),
    "amount with a comma": (
        {f"{LINE}.withCodeDiscountedTotalPriceSet.shopMoney.amount": "59,98"},
        of_line("not_a_decimal amount"),
    ),
    "too many decimals": (
        {f"{LINE}.withCodeDiscountedTotalPriceSet.shopMoney.amount": "1.23456"},
        of_line("more_decimals_than_kept amount"),
    ),
    "negative amount": (
        {f"{LINE}.withCodeDiscountedTotalPriceSet.shopMoney.amount": "-1.00"},
        but("returns", plus=["below_minimum net_amount"]),
    ),
    "negative fee": ({f"{LINE}.restockingFee.amountSet.shopMoney.amount": "-6.00"}, of_line("below_minimum fee")),
    "fee in words": ({f"{LINE}.restockingFee.amountSet.shopMoney.amount": "10%"}, of_line("not_a_decimal fee")),
    "declined": ({"status": "DECLINED"}, of_line("returns withdrawn")),
    "cancelled": ({"status": "CANCELED"}, of_line("returns withdrawn")),
    "status of tomorrow": ({"status": "MELTED"}, of_line("unknown_return_status")),
    "decision without id": ({f"{DECIDED}.id": ...}, but("dispositions", plus=["required_missing decision_id"])),
    "decision without type": ({f"{DECIDED}.type": ...}, but("dispositions", plus=["required_missing type"])),
    "decision of tomorrow": ({f"{DECIDED}.type": "MELTED"}, but("dispositions", plus=["unknown_disposition"])),
    "fate not told": ({f"{DECIDED}.type": "NOT_RESTOCKED"}, but("dispositions", plus=["fate_not_told"])),
    "decision without time": ({f"{DECIDED}.createdAt": ...}, but("dispositions", plus=["no_time_of_decision"])),
    "decision at no time": (
        {f"{DECIDED}.createdAt": "once"},
        sorted(
            [*but("dispositions", "returns", "refunds"), "not_a_timestamp decided_at", "not_a_timestamp received_at"]
        ),
    ),
    "decision about no units": ({f"{DECIDED}.quantity": 0}, but("dispositions", plus=["below_minimum quantity"])),
    "decision about too many": ({f"{DECIDED}.quantity": 99999}, but("dispositions", plus=["too_many_units"])),
    "decision about words": ({f"{DECIDED}.quantity": "all"}, but("dispositions", plus=["not_a_integer quantity"])),
    "parcel without number": (
        {"reverseFulfillmentOrders.nodes.0.reverseDeliveries.nodes.0.deliverable.tracking.number": None},
        but("shipments", plus=["no_tracking_number"]),
    ),
    "parcel without carrier": (
        {"reverseFulfillmentOrders.nodes.0.reverseDeliveries.nodes.0.deliverable.tracking.carrierName": None},
        but("shipments", plus=["required_missing carrier"]),
    ),
    "refund without time": ({"refunds.nodes.0.createdAt": ...}, but("refunds", plus=["required_missing refunded_at"])),
    "refund without currency": (
        {
            "refunds.nodes.0.refundLineItems.nodes.0.subtotalSet.shopMoney.currencyCode": "",
            "refunds.nodes.0.totalRefundedSet": ...,
        },
        but("refunds", plus=["required_missing currency"]),
    ),
    "refund without amount": (
        {"refunds.nodes.0.refundLineItems.nodes.0.subtotalSet": ...},
        but("refunds", plus=["amount_not_told"]),
    ),
    "negative refund": (
        {"refunds.nodes.0.refundLineItems.nodes.0.subtotalSet.shopMoney.amount": "-3"},
        but("refunds", plus=["below_minimum subtotal"]),
    ),
    "tax in words": (
        {"refunds.nodes.0.refundLineItems.nodes.0.totalTaxSet.shopMoney.amount": "n/a"},
        but("refunds", plus=["not_a_decimal tax"]),
    ),
    "return without lines": ({LINES: []}, ["refunds", "return_without_lines", "dispositions", "shipments"]),
    "line that is text": ({f"{LINES}.0": "gid"}, ["dispositions", "no_record", "refunds", "shipments"]),
}

BAD_OTHERS = {
    "order line without id": (
        edited(ORDER, {"line_items.0.id": ..., "refunds": [], "fulfillments": []}),
        ["required_missing line_id", "sales_lines"],
    ),
    "order line without sku": (
        edited(ORDER, {"line_items.0.sku": None, "refunds": [], "fulfillments": []}),
        ["required_missing sku", "sales_lines"],
    ),
    "order line of none": (
        edited(ORDER, {"line_items.0.quantity": 0, "refunds": [], "fulfillments": []}),
        ["below_minimum quantity", "sales_lines"],
    ),
    "order without date": (
        edited(ORDER, {"created_at": ..., "processed_at": ..., "refunds": [], "fulfillments": []}),
        ["required_missing ordered_at"] * 2,
    ),
    "order without currency": (
        edited(ORDER, {"currency": ..., "refunds": [], "fulfillments": []}),
        ["required_missing currency"] * 2,
    ),
    "price in words": (
        edited(ORDER, {"line_items.0.price": "a lot", "refunds": [], "fulfillments": []}),
        ["not_a_decimal price", "sales_lines"],
    ),
    "order of nothing": ({"orders": [{"id": 1, "created_at": "2026-01-01T00:00:00Z"}]}, ["order_without_lines"]),
    "parcel without number": (
        {"fulfillment": {**ORDER["fulfillments"][0], "tracking_number": None}},
        ["no_tracking_number"],
    ),
    "event without parcel": (
        {"fulfillment_event": {"id": 1, "status": "delivered", "happened_at": "2026-01-01T00:00:00Z"}},
        ["no_tracking_number"],
    ),
    "refund not made": ({"refund": {"refund_line_items": [{"quantity": 1, "subtotal": "1.00"}]}}, ["calculated_only"]),
    "refund of an amount unknown": ({"refund": {"id": 3, "created_at": "2026-01-01T00:00:00Z"}}, ["amount_not_told"]),
    "adjustment without amount": (
        {"refund": {**REFUND, "refund_line_items": [], "refund_shipping_lines": [], "order_adjustments": [{"id": 1}]}},
        ["required_missing amount"],
    ),
    "stock of no item": (
        {"inventory_level": {"inventory_item_id": 1, "location_id": 2, "available": 3}},
        ["sku_not_told"],
    ),
    "stock nowhere": (
        edited(
            LEVEL,
            {
                "inventoryLevels.nodes.0.location": None,
                "inventoryLevels.nodes.0.quantities": [{"name": "available", "quantity": 1}],
            },
        ),
        ["location_not_told", "products"],
    ),
    "stock in words": (
        edited(LEVEL, {"inventoryLevels.nodes.0.quantities": [{"name": "available", "quantity": "few"}]}),
        ["not_a_integer quantity", "products"],
    ),
    "stock at no time": (
        edited(
            LEVEL,
            {
                "inventoryLevels.nodes.0.updatedAt": None,
                "inventoryLevels.nodes.0.quantities": [{"name": "available", "quantity": 1}],
            },
        ),
        ["products", "required_missing updated_at"],
    ),
    "negative cost": (edited(LEVEL, {"unitCost.amount": "-1", "inventoryLevels.nodes": []}), ["below_minimum cost"]),
    "item without sku": (edited(LEVEL, {"sku": "", "inventoryLevels.nodes": []}), ["sku_not_told"]),
    "item at no time": (edited(LEVEL, {"updatedAt": "then", "inventoryLevels.nodes": []}), ["not_a_timestamp since"]),
    "shipping fee not charged": (
        edited(
            ONE,
            {
                "returnShippingFees": [{"id": "f", "amountSet": {"shopMoney": {"amount": "5", "currencyCode": "CAD"}}}],
                "refunds": {"nodes": []},
                "closedAt": None,
            },
        ),
        ["dispositions", "fee_not_charged_yet", "returns", "shipments"],
    ),
    "answer that is an error": ({"errors": [{"message": "Throttled"}]}, ["api_error"]),
    "answer half an error": ({"data": {"returns": {"nodes": []}}, "errors": [{"message": "denied"}]}, ["api_error"]),
    "answer of nothing": ({"data": {"shop": {"name": "x"}}}, ["no_record"]),
    "file of another source": ({"tracking_number": "1Z", "status": "delivered"}, ["no_record"]),
    "a number": (5, ["no_record"]),
    "a text": ("hello", ["no_record"]),
    "nothing": (None, ["no_record"]),
    "a child without a parent": (
        {"id": "gid://shopify/ReturnLineItem/1", "__parentId": "gid://shopify/Return/404"},
        ["orphan __parentId"],
    ),
    "a child without an id": ({"quantity": 1, "__parentId": "gid://shopify/Return/404"}, ["nameless_child id"]),
    "a child of itself": (
        {"id": "gid://shopify/ReturnLineItem/5", "__parentId": "gid://shopify/ReturnLineItem/5"},
        ["orphan __parentId"],
    ),
    "a child of a list": ({"id": "gid://shopify/ReturnLineItem/6", "__parentId": ["gid"]}, ["orphan __parentId"]),
}

DRIFT = {
    "a new field": ({"isGift": True}, WHOLE),
    "a new field on a line": ({f"{LINE}.batch": "B7"}, WHOLE),
    "a new list": ({"exchangeLineItems": {"nodes": [{"id": "gid://shopify/ExchangeLineItem/1"}]}}, WHOLE),
    "the old reason beside the new one": ({f"{LINE}.returnReason": "OTHER"}, WHOLE),
    "no reason": ({f"{LINE}.returnReasonDefinition": ...}, WHOLE),
    "a reason of tomorrow": ({f"{LINE}.returnReasonDefinition.handle": "too-shiny"}, WHOLE),
    "no name": ({"name": ...}, WHOLE),
    "no order": ({"order": None}, WHOLE),
    "no customer": ({"order.customer": None}, WHOLE),
    "no tracking object": ({"reverseFulfillmentOrders.nodes.0.reverseDeliveries": {"nodes": []}}, but("shipments")),
    "no reverse orders": ({"reverseFulfillmentOrders": ...}, but("dispositions", "shipments")),
    "no refunds asked for": ({"refunds": ...}, but("refunds")),
    "a line of the fulfilment gone": (
        {"reverseFulfillmentOrders.nodes.0.lineItems.nodes.0.fulfillmentLineItem": None},
        WHOLE,
    ),
    "another line of the fulfilment": (
        {
            "reverseFulfillmentOrders.nodes.0.lineItems.nodes.0.fulfillmentLineItem.id": "gid://shopify/FulfillmentLineItem/9"
        },
        WHOLE,
    ),
    "ids as numbers": ({"id": 71, f"{LINE}.id": 701}, WHOLE),
    "quantity as text": ({f"{LINE}.quantity": "2"}, WHOLE),
    "money as a number": ({f"{LINE}.withCodeDiscountedTotalPriceSet.shopMoney.amount": 59.98}, WHOLE),
    "no presentment money": ({f"{LINE}.withCodeDiscountedTotalPriceSet.presentmentMoney": ...}, WHOLE),
    "status in lower case": ({"status": "open"}, WHOLE),
    "time with an offset": ({"createdAt": "2026-03-01T04:00:00-05:00"}, WHOLE),
    "time with fractions": ({"createdAt": "2026-03-01T04:00:00.123456Z"}, WHOLE),
    "no approval": ({"requestApprovedAt": None}, WHOLE),
    "a fee of none": ({f"{LINE}.restockingFee": None}, but("refunds")),
    "a field of another type": ({"totalQuantity": ["x"]}, WHOLE),
    "a connection with a count": ({"returnLineItems.totalCount": 1}, WHOLE),
    "a connection with a page": ({"returnLineItems.pageInfo": {"hasNextPage": False}}, WHOLE),
    "a null in a connection": ({LINES: [ONE["returnLineItems"]["nodes"][0], None]}, WHOLE),
    "a gid with a query": ({"id": "gid://shopify/Return/71?x=1"}, WHOLE),
}

CASES = {
    **{name: (edited(ONE, changes), places) for name, (changes, places) in {**BAD_LINES, **DRIFT}.items()},
    **{f"other: {name}": case for name, case in BAD_OTHERS.items()},
}


@pytest.fixture(scope="module")
def landed(tmp_path_factory):
    """Where the records of every case went, a case a line of one file."""
    data = lines_of(value for value, _ in CASES.values())
    return parse_bytes(tmp_path_factory.mktemp("cases"), "shopify", "cases.jsonl", data).landed


@pytest.mark.parametrize(
    ("row", "places"), [(row, case[1]) for row, case in enumerate(CASES.values(), 1)], ids=list(CASES)
)
def test_each_record_is_a_row_or_has_its_reason(landed, row, places):
    assert landed.get(row, []) == sorted(places)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ({"returnReason": "SIZE_TOO_LARGE"}, "SIZE_LARGE"),
        ({"returnReason": "COLOR"}, "COLOUR"),
        ({"returnReason": "UNWANTED"}, "CHANGED_MIND"),
        ({"returnReason": "STYLE"}, "STYLE"),
        ({"returnReasonDefinition": {"handle": "arrived-late"}, "returnReason": "OTHER"}, "LATE"),
        ({"returnReasonDefinition": {"handle": "color-too-bright"}}, "COLOUR"),
        ({"returnReasonDefinition": {"handle": "too-shiny"}}, "too-shiny"),
        ({}, None),
    ],
)
def test_both_ways_of_telling_the_reason(tmp_path, value, code):
    line = {**{key: item for key, item in ONE["returnLineItems"]["nodes"][0].items() if "Reason" not in key}, **value}
    outcome = parse_bytes(tmp_path, "shopify", "r.json", lines_of([{**ONE, "returnLineItems": {"nodes": [line]}}]))
    assert outcome.rows("backhaul__returns", "reason_code") == [(code,)]


@pytest.mark.parametrize(
    ("wrap", "count"),
    [
        (lambda value: value, 1),
        (lambda value: {"data": {"return": value}}, 1),
        (lambda value: {"data": {"node": value}}, 1),
        (lambda value: {"data": {"nodes": [value, None]}}, 1),
        (lambda value: {"data": {"order": {"id": "gid://shopify/Order/501", "returns": {"nodes": [value]}}}}, 1),
        (lambda value: [value, edited(value, {"id": "gid://shopify/Return/79"})], 2),
        (
            lambda value: {
                "data": {
                    "orders": {
                        "edges": [{"node": {"id": "gid://shopify/Order/501", "returns": {"edges": [{"node": value}]}}}]
                    }
                }
            },
            1,
        ),
    ],
    ids=["alone", "by name", "node", "nodes", "in an order", "a list", "edges in edges"],
)
def test_a_return_is_found_in_every_envelope(tmp_path, wrap, count):
    outcome = parse_bytes(tmp_path, "shopify", "r.json", json.dumps(wrap(ONE)).encode())
    assert outcome.rows("backhaul__returns", "rma_line, order_id") == [("701", "501")] * count
    assert outcome.quarantine() == []


@pytest.mark.parametrize(
    "value", [{"data": {"returns": {"nodes": []}}}, {"data": {"returns": {"edges": []}}}, {"refunds": []}, []]
)
def test_an_empty_page_is_no_fault(tmp_path, value):
    outcome = parse_bytes(tmp_path, "shopify", "r.json", json.dumps(value).encode())
    assert (outcome.parsed.rows_read, outcome.parsed.blocked) == (0, None)


def test_a_truncated_page_is_refused(tmp_path):
    outcome = parse_bytes(tmp_path, "shopify", "r.json", golden("shopify", FORMS[0])[:-200])
    assert {rule for (rule,) in outcome.quarantine("rule")} == {"invalid_json"}
    assert outcome.parsed.blocked is not None


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(st.none(), st.integers(0, 12)), min_size=1, max_size=12))
def test_each_line_of_a_bulk_operation_is_told_once_below_its_parent_or_as_an_orphan(parents):
    """In any order, also where lines name themselves, each other or none of the file as their parent."""
    ids = [f"gid://shopify/Return/{number}" for number in range(13)]
    lines = [
        {"id": ids[number]} | ({} if parent is None else {"__parentId": ids[parent]})
        for number, parent in enumerate(parents)
    ]
    rooted = {number for number, parent in enumerate(parents) if parent is None}
    while more := {n for n, parent in enumerate(parents) if parent in rooted} - rooted:
        rooted |= more
    units = read_units(bulk.nested, lines_of(lines))
    orphans = [unit.row - 1 for unit in units if isinstance(unit, Fault)]
    told = []
    for tree in values(units):
        _tell(tree, None, told)
    assert sorted(orphans) == sorted(set(range(len(parents))) - rooted)
    assert sorted(told, key=str) == sorted(
        ((ids[n], None if parents[n] is None else ids[parents[n]]) for n in rooted), key=str
    )


def _tell(node, parent, told):
    told.append((node["id"], parent))
    for child in node.get("returns", []):
        _tell(child, node["id"], told)


def test_memory_holds_a_part_of_a_bulk_operation_that_is_not_grouped(tmp_path):
    returns = [{"id": f"gid://shopify/Return/{number}", "note": "x" * 200} for number in range(10_000)]
    lines = [
        {"id": f"gid://shopify/ReturnLineItem/{number}", "note": "y" * 200, "__parentId": returns[number]["id"]}
        for number in range(10_000)
    ]
    data = lines_of([*returns, *lines])
    assert peak_of(documents, data, tmp_path) < len(data)


def test_a_broken_line_of_a_bulk_operation_costs_its_children_too(tmp_path):
    lines = golden("shopify", FORMS[2]).splitlines(keepends=True)
    lines[0] = lines[0][:40] + b"\n"
    outcome = parse_bytes(tmp_path, "shopify", "r.jsonl", b"".join(lines))
    assert outcome.rows("backhaul__returns", "rma_id, _withdrawn") == [("72", False), ("73", True)]
    rules = [rule for (rule,) in outcome.quarantine("rule")]
    assert (rules.count("invalid_json"), rules.count("orphan")) == (1, 8)


@pytest.mark.skipif(not (SHARED / "shopify").is_dir(), reason="the samples are not here")
@pytest.mark.parametrize(
    ("name", "places"),
    [
        ("fulfillment", ["shipments"]),
        ("fulfillment_event", ["no_tracking_number"]),
        ("inventory_item", ["products"]),
        ("inventory_items", ["products"] * 3),
        ("inventory_level", ["sku_not_told"]),
        ("inventory_levels", ["sku_not_told"] * 4),
        ("locations", ["not_about_returns"] * 2),
        ("refund", ["amount_not_told"] * 2),
        ("refund_calculate", ["calculated_only"]),
        ("transactions", ["told_by_refunds"]),
        ("variants", ["told_by_inventory_items"] * 4),
    ],
)
def test_each_sample_of_shopify_is_rows_or_has_its_reason(tmp_path, name, places):
    data = (SHARED / "shopify" / "api-fixtures" / f"{name}.json").read_bytes()
    assert parse_bytes(tmp_path, "shopify", f"{name}.json", data).landed == {1: places}
