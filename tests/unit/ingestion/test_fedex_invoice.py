"""The FedEx invoice with all columns: charges side by side, what they add up to, and which parcels come back."""

from __future__ import annotations

import json

import pytest

from backhaul.settings import PROJECT
from tests.unit.ingestion.invoices import FEDEX_CHARGES, FEDEX_EDI, fedex_edi_line, fedex_header, fedex_line
from tests.unit.ingestion.parsing import Outcome, parse_bytes

GOLDEN = PROJECT / "tests" / "data" / "fedex_invoice"
CHARGES = "backhaul__carrier_charges"
SHIPMENTS = "backhaul__shipments"
PARCEL = "794600000011"
TRACKING, SERVICE, NET = "Express or Ground Tracking ID", "Service Type", "Net Charge Amount"
FREIGHT, RMA = "Transportation Charge Amount", "RMA#"
# A line of its own on a later invoice: no transportation, one charge.
LATER = {FREIGHT: "", SERVICE: "Ground", RMA: ""}


def read(tmp_path, *lines: str, header: str | None = None, **options) -> Outcome:
    data = "\n".join([header or fedex_header(), *lines, ""]).encode()
    return parse_bytes(tmp_path, "fedex_invoice", "invoice.csv", data, **{"currency": "USD", **options})


def amounts(outcome: Outcome) -> list[str]:
    return [str(amount) for (amount,) in sorted(outcome.rows(CHARGES, "net_amount"))]


def test_a_line_is_its_transportation_its_charges_and_its_parcel(tmp_path):
    outcome = read(tmp_path, fedex_line())
    assert set(outcome.rows(CHARGES, "carrier, invoice_id, invoiced_at::VARCHAR, tracking_number, currency, _row")) == {
        ("FedEx", "869483570", "2026-03-09 00:00:00", PARCEL, "USD", 1)
    }
    charges = "invoice_line, charge_class, net_amount::VARCHAR, billed_weight_kg::VARCHAR"
    assert sorted(outcome.rows(CHARGES, charges)) == [
        (f"{PARCEL}:1:Fuel Surcharge:1", "SURCHARGE", "1.3000", None),
        (f"{PARCEL}:2:Earned Discount:1", "FREIGHT", "-3.0000", None),
        (f"{PARCEL}:Transportation:1", "FREIGHT", "14.1000", "1.814369"),
    ]
    assert outcome.rows(
        SHIPMENTS,
        "carrier, tracking_number, service, is_return, delivered_at::VARCHAR, from_country, to_country, "
        "weight_kg::VARCHAR, billed_weight_kg::VARCHAR, updated_at::VARCHAR",
    ) == [
        (
            "FedEx",
            PARCEL,
            "Ground - Return",
            True,
            "2026-03-05 10:32:00",
            "US",
            "US",
            "1.587573",
            "1.814369",
            "2026-03-09 00:00:00",
        )
    ]


def test_evidence_is_kept_and_nothing_of_a_person(tmp_path):
    [(extra,), *_] = read(tmp_path, fedex_line()).rows(CHARGES, "extra")
    kept = json.loads(extra)
    assert (kept["RMA#"], kept["Original Amount Due"], kept["Zone Code"]) == ("RMA-1001", "412.55", "05")
    assert "ustomer" not in extra.replace("Original Customer Reference", "")
    assert "CUSTOMER" not in extra
    assert "Main St" not in extra


RETURNS: list[tuple[dict[str, str], list[tuple[str, str]]]] = [
    ({SERVICE: "Ground - Return"}, []),
    ({SERVICE: "FedEx Ground Returns"}, []),
    ({SERVICE: "Ground", "Ground Service": "PRP"}, []),
    ({SERVICE: "Ground", RMA: "R1"}, []),
    ({SERVICE: "Ground"}, [("Print Return Label", "1.00")]),
    ({SERVICE: "Ground"}, [("Email Return Label", "1.00")]),
    ({SERVICE: "Ground"}, [("Return Email Label", "1.00")]),
    ({SERVICE: "Ground"}, [("Return Pickup Fee", "1.00")]),
    ({SERVICE: "Ground"}, [("Return To Shipper", "1.00")]),
    ({SERVICE: "Ground"}, [("Call Tag", "1.00")]),
]


@pytest.fixture(scope="module")
def returned(tmp_path_factory) -> Outcome:
    lines = [
        fedex_line(charges, **{RMA: "", FREIGHT: "9.00", NET: "10.00" if charges else "9.00", **fields})
        for fields, charges in RETURNS
    ]
    return read(tmp_path_factory.mktemp("returned"), *lines)


@pytest.mark.parametrize(("row", "fields", "charges"), [(row, *case) for row, case in enumerate(RETURNS, 1)])
def test_what_tells_a_return(returned, row, fields, charges):
    assert (row, True) in returned.rows(SHIPMENTS, "_row, is_return")
    assert returned.quarantine() == []


CLASSES = [
    ("Fuel Surcharge", "SURCHARGE"),
    ("Residential", "SURCHARGE"),
    ("DAS Extended Resi", "SURCHARGE"),
    ("Peak - AHS Charge", "SURCHARGE"),
    ("Print Return Label", "SURCHARGE"),
    ("Delivery and Returns", "SURCHARGE"),
    ("Earned Discount", "FREIGHT"),
    ("Performance Pricing", "FREIGHT"),
    ("Grace Discount", "FREIGHT"),
    ("Customs Duty", "DUTY"),
    ("Original VAT", "DUTY"),
    ("Canada GST", "DUTY"),
    ("Canada HST", "DUTY"),
    ("Rebill Duty", "DUTY"),
    ("Clearance Entry Fee", "BROKERAGE"),
    ("Broker Document Transfer Fee", "BROKERAGE"),
    ("Additional Entry Line Items Fee", "BROKERAGE"),
    ("US Inbound Processing Fee", "BROKERAGE"),
    ("Other Government Agency Fee", "BROKERAGE"),
    ("Additional Tax Admin", "BROKERAGE"),
    ("Disbursement Fee", "BROKERAGE"),
    ("Address Correction", "ADJUSTMENT"),
    ("Weight Adjustment", "ADJUSTMENT"),
    ("Service Failure Credit", "CREDIT"),
    ("Money Back Guarantee", "CREDIT"),
]


def test_classes_of_charges_all_25_at_once(tmp_path):
    charges = [(description, "1.00") for description, _ in CLASSES]
    outcome = read(tmp_path, fedex_line(charges, **{FREIGHT: "10.00", NET: f"{10 + len(charges)}.00"}))
    found = dict(outcome.rows(CHARGES, "split_part(invoice_line, ':', 3), charge_class"))
    assert {description: found[description] for description, _ in CLASSES} == dict(CLASSES)
    assert outcome.rows(CHARGES, "count(*) OVER ()")[0] == (len(CLASSES) + 1,)


@pytest.mark.parametrize(
    ("charge", "net", "found"),
    [
        (("Address Correction", "17.00"), "17.00", ("ADJUSTMENT", "17.0000")),
        (("Residential", "4.00"), "4.00", ("ADJUSTMENT", "4.0000")),
        (("Fuel Surcharge", "-1.30"), "-1.30", ("CREDIT", "-1.3000")),
        (("Canada GST", "2.00"), "2.00", ("DUTY", "2.0000")),
        (("Print Return Label", "1.00"), "1.00", ("SURCHARGE", "1.0000")),
    ],
)
def test_a_later_invoice_corrects_and_makes_no_parcel(tmp_path, charge, net, found):
    outcome = read(tmp_path, fedex_line([charge], **LATER, **{NET: net}))
    assert outcome.rows(CHARGES, "charge_class, net_amount::VARCHAR") == [found]
    assert list(outcome.parsed.tables) == [CHARGES]


def test_freight_given_back_is_a_credit(tmp_path):
    outcome = read(tmp_path, fedex_line([], **{FREIGHT: "-14.10", NET: "-14.10"}))
    assert outcome.rows(CHARGES, "charge_class, net_amount::VARCHAR") == [("CREDIT", "-14.1000")]
    assert list(outcome.parsed.tables) == [CHARGES]


REFUSED: list[tuple[dict[str, str], list[tuple[str, str]], str, str | None]] = [
    ({SERVICE: "Ground", RMA: ""}, FEDEX_CHARGES, "forward_shipment", None),
    ({SERVICE: "Ground", RMA: " "}, FEDEX_CHARGES, "forward_shipment", None),
    ({SERVICE: "SmartPost", RMA: "", NET: "15.10"}, [("Delivery and Returns", "1.00")], "forward_shipment", None),
    ({NET: "12.41"}, FEDEX_CHARGES, "charges_do_not_add_up", None),
    ({NET: "14.10"}, FEDEX_CHARGES, "charges_do_not_add_up", None),
    ({FREIGHT: ""}, FEDEX_CHARGES, "charges_do_not_add_up", None),
    ({}, FEDEX_CHARGES[:1], "charges_do_not_add_up", None),
    ({FREIGHT: "", NET: "0.00"}, [], "no_charge", None),
    ({FREIGHT: "0", NET: "0"}, [("Residential", "0.00")], "no_charge", None),
    ({TRACKING: ""}, FEDEX_CHARGES, "account_charge", None),
    ({TRACKING: "7.946E+11"}, FEDEX_CHARGES, "tracking_number_damaged", None),
    ({"Invoice Date": ""}, FEDEX_CHARGES, "required_missing", "invoice_date"),
    ({"Invoice Number": ""}, FEDEX_CHARGES, "required_missing", "invoice_number"),
    ({NET: ""}, FEDEX_CHARGES, "required_missing", "net_amount"),
    ({NET: "12.4O"}, FEDEX_CHARGES, "not_a_decimal", "net_amount"),
    ({NET: "$12.40"}, FEDEX_CHARGES, "not_a_decimal", "net_amount"),
    ({NET: '"1,012.40"'}, FEDEX_CHARGES, "not_a_decimal", "net_amount"),
    ({FREIGHT: "ten"}, FEDEX_CHARGES, "not_a_decimal", "transportation_amount"),
    ({}, [("Fuel Surcharge", "x"), *FEDEX_CHARGES], "not_a_decimal", "charge_amount_1"),
    ({}, [*FEDEX_CHARGES, ("Fuel Surcharge", "1.00001")], "more_decimals_than_kept", "charge_amount_3"),
    ({"Invoice Date": "20261301"}, FEDEX_CHARGES, "not_a_timestamp", "invoice_date"),
    ({"Invoice Date": "2026030"}, FEDEX_CHARGES, "not_a_timestamp", "invoice_date"),
    ({"Invoice Date": "03/09/2026"}, FEDEX_CHARGES, "not_a_timestamp", "invoice_date"),
    ({"POD Delivery Date": "later"}, FEDEX_CHARGES, "not_a_timestamp", "delivered_date"),
    ({"Rated Weight Amount": "-4"}, FEDEX_CHARGES, "below_minimum", "rated_weight"),
    ({"Actual Weight Amount": "-1"}, FEDEX_CHARGES, "below_minimum", "actual_weight"),
    ({"Actual Weight Amount": "3 lb"}, FEDEX_CHARGES, "not_a_decimal", "actual_weight"),
]


@pytest.fixture(scope="module")
def refused(tmp_path_factory) -> Outcome:
    lines = [fedex_line(charges, **fields) for fields, charges, _, _ in REFUSED]
    return read(tmp_path_factory.mktemp("refused"), *lines, fedex_line())


@pytest.mark.parametrize(
    ("row", "fields", "charges", "rule", "column"), [(row, *case) for row, case in enumerate(REFUSED, 1)]
)
def test_what_is_no_charge_of_a_return_has_its_reason(refused, row, fields, charges, rule, column):
    found = {number: rest for number, *rest in refused.quarantine("_row, rule, column_name, raw_text")}
    assert found[row] == [rule, column, fedex_line(charges, **fields)]
    assert set(refused.rows(CHARGES, "_row")) == {(len(REFUSED) + 1,)}


def test_a_file_that_names_no_currency_waits_for_one(tmp_path):
    assert read(tmp_path, fedex_line(), currency=None).quarantine("rule") == [("currency_not_configured",)]
    header = fedex_header().replace("Payor", "Invoice Currency")
    outcome = read(tmp_path, fedex_line(Payor="CAD"), header=header)
    assert set(outcome.rows(CHARGES, "currency")) == {("CAD",)}


@pytest.mark.parametrize(
    ("prefix", "number", "tracking"),
    [
        ("", "794600000011", "794600000011"),
        ("9612019", "794600000011", "794600000011"),
        ("0391234", "12345678", "039123412345678"),
        ("0391234", "039123412345678", "039123412345678"),
        ("", "12345678", "12345678"),
        ("", "9632001234567890123456", "9632001234567890123456"),
    ],
)
def test_the_prefix_of_a_ground_number_is_put_before_a_short_one(tmp_path, prefix, number, tracking):
    outcome = read(tmp_path, fedex_line(**{"Ground Tracking ID Prefix": prefix, TRACKING: number}))
    assert set(outcome.rows(CHARGES, "tracking_number")) == {(tracking,)}


@pytest.mark.parametrize(
    ("pairs", "style"),
    [(25, "{name}"), (2, "{name}"), (12, "{name} {n}"), (12, "{name}_{n}"), (12, "{name}.{n}"), (12, "{name}({n})")],
)
@pytest.mark.parametrize("first", [0, 1])
def test_names_of_repeated_columns_as_readers_write_them_again(tmp_path, pairs, style, first):
    header = fedex_header(0)
    for number in range(first, pairs + first):
        for name in ("Tracking ID Charge Description", "Tracking ID Charge Amount"):
            header += "," + (style.format(name=name, n=number) if number else name)
    outcome = read(tmp_path, fedex_line(pairs=pairs), header=header)
    assert amounts(outcome) == ["-3.0000", "1.3000", "14.1000"]


def read_edi(tmp_path, *lines: str, **options) -> Outcome:
    return read(tmp_path, *lines, header=",".join(FEDEX_EDI), **options)


def test_the_edi_csv_says_by_its_columns_what_is_charged(tmp_path):
    outcome = read_edi(tmp_path, fedex_edi_line())
    charges = "invoice_line, charge_class, net_amount::VARCHAR, currency, billed_weight_kg::VARCHAR"
    assert sorted(outcome.rows(CHARGES, charges)) == [
        (f"{PARCEL}:0:Freight:1", "FREIGHT", "14.1000", "CAD", "1.814369"),
        (f"{PARCEL}:1:Volume Discount:1", "FREIGHT", "-3.0000", "CAD", None),
        (f"{PARCEL}:5:Fuel Surcharge:1", "SURCHARGE", "1.3000", "CAD", None),
    ]
    parcel = "tracking_number, is_return, delivered_at::VARCHAR, from_country, to_country, weight_kg::VARCHAR"
    assert outcome.rows(SHIPMENTS, parcel) == [(PARCEL, True, "2026-03-05 10:32:00", "US", "CA", "1.587573")]
    assert all("ustomer" not in str(row).lower() for row in outcome.rows(CHARGES, "extra"))


EDI_LATER = {"RMA No": "", "Freight Amt": "", "Vol Disc Amt": "", "Fuel Amt": ""}


@pytest.mark.parametrize(
    ("fields", "rule", "classes"),
    [
        pytest.param({"RMA No": ""}, "forward_shipment", [], id="went out"),
        pytest.param({"RMA No": "", "Call Tag": "C1"}, None, ["FREIGHT", "FREIGHT", "SURCHARGE"], id="a call tag"),
        pytest.param({"Net Chrg": "12.41"}, "charges_do_not_add_up", [], id="does not add up"),
        pytest.param({"Tracking Number": ""}, "account_charge", [], id="no parcel"),
        pytest.param({"Misc 1 Amt": "2.00", "Net Chrg": "14.40"}, None, ["FREIGHT", "FREIGHT", "OTHER", "SURCHARGE"],
                     id="of a kind that is not told"),
        pytest.param({**EDI_LATER, "Duty Amt": "9", "Net Chrg": "9"}, None, ["DUTY"], id="duty alone"),
        pytest.param({**EDI_LATER, "Adr Corr Amt": "9", "Net Chrg": "9"}, None, ["ADJUSTMENT"], id="a correction"),
        pytest.param({**EDI_LATER, "Fuel Amt": "-9", "Net Chrg": "-9"}, None, ["CREDIT"], id="given back"),
    ],
)  # fmt: skip
def test_what_a_line_of_the_edi_csv_becomes(tmp_path, fields, rule, classes):
    outcome = read_edi(tmp_path, fedex_edi_line(**fields))
    assert outcome.quarantine("rule") == ([(rule,)] if rule else [])
    found = outcome.rows(CHARGES, "charge_class") if classes else []
    assert sorted(kind for (kind,) in found) == classes


def test_a_header_with_one_pair(tmp_path):
    outcome = read(tmp_path, fedex_line([("Fuel Surcharge", "1.30")], 1, **{NET: "15.40"}), header=fedex_header(1))
    assert amounts(outcome) == ["1.3000", "14.1000"]


def test_transportation_that_stands_among_the_charges_is_not_told_twice(tmp_path):
    charges = [("Transportation Charge", "14.10"), *FEDEX_CHARGES]
    outcome = read(tmp_path, fedex_line(charges), fedex_line(charges, **{SERVICE: "Ground", RMA: ""}))
    assert amounts(outcome) == ["-3.0000", "1.3000", "14.1000"]
    assert sorted(kind for (kind,) in outcome.rows(CHARGES, "charge_class")) == ["FREIGHT", "FREIGHT", "SURCHARGE"]
    assert outcome.rows(SHIPMENTS, "tracking_number, _row") == [(PARCEL, 1)]
    # what went out is left out however its transportation is written
    assert outcome.quarantine("_row, rule") == [(2, "forward_shipment")]


def test_charges_of_a_return_told_by_its_authorisation_are_no_corrections(tmp_path):
    outcome = read(tmp_path, fedex_line(**{SERVICE: "Ground"}))
    assert sorted(kind for (kind,) in outcome.rows(CHARGES, "charge_class")) == ["FREIGHT", "FREIGHT", "SURCHARGE"]


@pytest.mark.parametrize(
    ("time", "delivered"),
    [
        ("1032", "2026-03-05 10:32:00"),
        ("0905", "2026-03-05 09:05:00"),
        ("905", "2026-03-05 09:05:00"),
        ("10:32", "2026-03-05 10:32:00"),
        ("", None),
        ("noon", None),
    ],
)
def test_a_delivery_has_a_time_or_is_left_to_tracking(tmp_path, time, delivered):
    outcome = read(tmp_path, fedex_line(**{"POD Delivery Time": time}))
    assert outcome.rows(SHIPMENTS, "delivered_at::VARCHAR") == [(delivered,)]


def test_times_are_those_of_the_source_s_zone(tmp_path):
    outcome = read(tmp_path, fedex_line(), timezone="America/Toronto")
    assert outcome.rows(SHIPMENTS, "delivered_at::VARCHAR, updated_at::VARCHAR") == [
        ("2026-03-05 15:32:00", "2026-03-09 04:00:00")
    ]


def test_express_weighs_in_kilograms_and_ground_in_pounds(tmp_path):
    express = {"Rated Weight Amount": "2", "Rated Weight Units": "K", TRACKING: "794600000022"}
    outcome = read(tmp_path, fedex_line(), fedex_line(**express))
    assert outcome.rows(SHIPMENTS, "billed_weight_kg::VARCHAR") == [("1.814369",), ("2.000000",)]


def test_a_parcel_twice_on_an_invoice_counts_twice_and_a_file_sent_again_once(tmp_path):
    lines = [fedex_line(), fedex_line([], **{FREIGHT: "2.00", NET: "2.00"})]
    first, again = read(tmp_path, *lines), read(tmp_path, *reversed(lines))
    keys = sorted(first.rows(CHARGES, "_record_key, net_amount"))
    assert len({key for key, _ in keys}) == 4
    assert keys == sorted(again.rows(CHARGES, "_record_key, net_amount"))


@pytest.mark.parametrize(
    ("file", "rules", "net"),
    [("869483570.csv", {"forward_shipment": 1}, "41.0500"), ("869511204_later.csv", {}, "3.1000")],
)
def test_golden_files(tmp_path, file, rules, net):
    outcome = parse_bytes(tmp_path, "fedex_invoice", file, (GOLDEN / file).read_bytes(), currency="USD")
    assert dict(outcome.quarantine("rule, count(*) OVER (PARTITION BY rule)")) == rules
    assert outcome.rows(CHARGES, "sum(net_amount) OVER ()::VARCHAR")[0] == (net,)
