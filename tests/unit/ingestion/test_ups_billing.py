"""UPS Billing Data: positions, classes of charge, directions, and what of a line is no charge of a return."""

from __future__ import annotations

import json

import pytest

from backhaul.settings import PROJECT
from tests.unit.ingestion.invoices import UPS_WIDTH, ups_line
from tests.unit.ingestion.parsing import Outcome, parse_bytes

GOLDEN = PROJECT / "tests" / "data" / "ups_billing"
CHARGES = "backhaul__carrier_charges"
SHIPMENTS = "backhaul__shipments"
PARCEL = "1ZA1B2C30300000014"
BLANK = {"lead": "", "tracking": ""}
REASON = "_row, rule, column_name, raw_text"


def read(tmp_path, *lines: str, **options) -> Outcome:
    return parse_bytes(tmp_path, "ups_billing", "invoice.csv", "".join(f"{x}\n" for x in lines).encode(), **options)


def test_a_line_is_a_charge_and_a_freight_line_a_parcel(tmp_path):
    outcome = read(tmp_path, ups_line())
    assert outcome.rows(
        CHARGES,
        "carrier, invoice_id, invoice_line, invoiced_at::VARCHAR, tracking_number, charge_class, net_amount::VARCHAR, "
        "incentive_amount::VARCHAR, currency, billed_weight_kg::VARCHAR, _row",
    ) == [
        (
            "UPS",
            "0000A1B2C3106",
            f"{PARCEL}:RTN:ROW:FRT:003:1",
            "2026-03-07 00:00:00",
            PARCEL,
            "FREIGHT",
            "9.2600",
            "3.1000",
            "USD",
            "2.721554",
            1,
        )
    ]
    assert outcome.rows(
        SHIPMENTS,
        "carrier, tracking_number, service, is_return, from_country, to_country, weight_kg::VARCHAR, "
        "billed_weight_kg::VARCHAR, updated_at::VARCHAR, _row",
    ) == [("UPS", PARCEL, "Ground Returns", True, "US", "US", "1.814369", "2.721554", "2026-03-07 00:00:00", 1)]


def test_what_no_column_takes_is_kept_by_its_position_and_nothing_of_a_person(tmp_path):
    [(extra,)] = read(tmp_path, ups_line(contact="A. Customer")).rows(CHARGES, "extra")
    kept = json.loads(extra)
    assert (kept["1"], kept["11"], kept["16"], kept["33"], kept["34"]) == (
        "2.1",
        "512.40",
        "RMA-1001",
        "12.0x 9.0x 7.0",
        "005",
    )
    assert "Customer" not in extra
    assert "Main St" not in extra


CLASSES: list[tuple[dict[str, str], str]] = [
    ({"class": "FRT"}, "FREIGHT"),
    ({"class": "frt "}, "FREIGHT"),
    ({"class": "FSC"}, "SURCHARGE"),
    ({"class": "ACC"}, "SURCHARGE"),
    ({"class": "MSC"}, "SURCHARGE"),
    ({"class": "BRK"}, "BROKERAGE"),
    ({"class": "TAX"}, "DUTY"),
    ({"class": "GOV", "code": "201"}, "DUTY"),
    ({"class": "GOV", "code": "205"}, "DUTY"),
    ({"class": "GOV", "code": "206"}, "DUTY"),
    ({"class": "GOV", "code": "214"}, "DUTY"),
    ({"category": "ADJ", "detail": "ADC"}, "ADJUSTMENT"),
    ({"category": "ADJ", "detail": "RADJ", "class": "ACC"}, "ADJUSTMENT"),
    ({"category": "ADJ", "detail": "SCC"}, "ADJUSTMENT"),
    ({"category": "ADJ", "detail": "ZONE"}, "ADJUSTMENT"),
    ({"category": "ADJ", "detail": "CLB", "class": "MSC"}, "ADJUSTMENT"),
    ({"category": "ADJ", "detail": "CADJ", "class": "FSC", "net": "-2.00"}, "ADJUSTMENT"),
    ({"category": "ADJ", "detail": "XXXX"}, "ADJUSTMENT"),
    ({"category": "ADJ", "detail": "CADJ", "class": "GOV"}, "DUTY"),
    ({"category": "ADJ", "detail": "GSR", "net": "-9.26"}, "CREDIT"),
    ({"category": "MIS", "detail": "", "class": "MSC"}, "SURCHARGE"),
    ({"category": "SHP", "detail": "RTS"}, "FREIGHT"),
    ({"category": "SHP", "detail": "SCC"}, "ADJUSTMENT"),
]


@pytest.fixture(scope="module")
def classified(tmp_path_factory) -> Outcome:
    return read(tmp_path_factory.mktemp("classes"), *(ups_line(**fields) for fields, _ in CLASSES))


@pytest.mark.parametrize(("row", "fields", "charge_class"), [(row, *case) for row, case in enumerate(CLASSES, 1)])
def test_class_of_a_charge(classified, row, fields, charge_class):
    assert dict(classified.rows(CHARGES, "_row, charge_class"))[row] == charge_class
    assert classified.quarantine() == []


@pytest.mark.parametrize("detail", ["ARS", "RS", "ROW", "RSPU", "RTS", "CTAG", ""])
def test_a_return_of_any_kind_is_a_parcel(tmp_path, detail):
    assert read(tmp_path, ups_line(detail=detail)).rows(SHIPMENTS, "tracking_number, is_return") == [(PARCEL, True)]


@pytest.mark.parametrize(
    "fields",
    [
        {"class": "FSC"},
        {"category": "ADJ", "detail": "SCC"},
        {"detail": "SCC"},
        {"net": "-9.26"},
        {"tracking": ""},
    ],
)
def test_only_freight_of_a_return_makes_a_parcel(tmp_path, fields):
    outcome = read(tmp_path, ups_line(**fields))
    assert list(outcome.parsed.tables) == [CHARGES]


REFUSED: list[tuple[dict[str, str], str, str | None]] = [
    ({"class": "INF", "net": "0.00"}, "informational_line", None),
    ({"class": "EXM", "net": "0"}, "informational_line", None),
    ({"class": "INF", "net": "4.00"}, "informational_line_with_amount", None),
    ({"class": "EXM", "net": "4.00"}, "unknown_charge_classification", None),
    ({"category": "SHP", "detail": "SHP"}, "forward_shipment", None),
    ({"category": "SHP", "detail": ""}, "forward_shipment", None),
    ({"category": "shp", "detail": "", "class": "GOV"}, "forward_shipment", None),
    ({"category": "XYZ", "detail": ""}, "unknown_charge_category", None),
    ({"class": "ZZZ"}, "unknown_charge_classification", None),
    ({"category": "MIS", "detail": "SVCH", "class": "MSC", **BLANK}, "account_charge", None),
    ({"category": "ADJ", "detail": "CADJ", "lead": "   ", "tracking": "  "}, "account_charge", None),
    ({"category": ""}, "required_missing", "charge_category"),
    ({"class": ""}, "required_missing", "charge_classification"),
    ({"invoice": ""}, "required_missing", "invoice_number"),
    ({"date": ""}, "required_missing", "invoice_date"),
    ({"net": ""}, "required_missing", "net_amount"),
    ({"date": "2026-13-01"}, "not_a_timestamp", "invoice_date"),
    ({"date": "31/31/2026"}, "not_a_timestamp", "invoice_date"),
    ({"date": "20260307"}, "not_a_timestamp", "invoice_date"),
    ({"date": "soon"}, "not_a_timestamp", "invoice_date"),
    ({"date": "infinity"}, "not_a_timestamp", "invoice_date"),
    ({"transaction_date": "tomorrow"}, "not_a_timestamp", "transaction_date"),
    ({"net": "nine"}, "not_a_decimal", "net_amount"),
    ({"net": "1,234.50"}, "not_a_decimal", "net_amount"),
    ({"net": "$9.26"}, "not_a_decimal", "net_amount"),
    ({"net": "(9.26)"}, "not_a_decimal", "net_amount"),
    ({"net": "9.26001"}, "more_decimals_than_kept", "net_amount"),
    ({"net": "123456789012345678"}, "not_a_decimal", "net_amount"),
    ({"incentive": "x"}, "not_a_decimal", "incentive_amount"),
    ({"billed": "-1"}, "below_minimum", "billed_weight"),
    ({"entered": "-0.1"}, "below_minimum", "entered_weight"),
    ({"entered": "heavy"}, "not_a_decimal", "entered_weight"),
    ({"currency": "", "invoice_currency": ""}, "required_missing", "currency"),
]


@pytest.fixture(scope="module")
def refused(tmp_path_factory) -> Outcome:
    return read(tmp_path_factory.mktemp("refused"), *(ups_line(**fields) for fields, _, _ in REFUSED), ups_line())


@pytest.mark.parametrize(("row", "fields", "rule", "column"), [(row, *case) for row, case in enumerate(REFUSED, 1)])
def test_what_is_no_charge_of_a_return_has_its_reason(refused, row, fields, rule, column):
    found = {number: (rule, column, text) for number, rule, column, text in refused.quarantine(REASON)}
    assert found[row] == (rule, column, ups_line(**fields))
    assert refused.rows(CHARGES, "_row") == [(len(REFUSED) + 1,)]


def test_what_a_freight_line_without_a_currency_tells_of_its_parcel_stays(tmp_path):
    outcome = read(tmp_path, ups_line(currency="", invoice_currency=""))
    assert outcome.rows(SHIPMENTS, "_row") == [(1,)]
    assert outcome.quarantine() == [(1, "required_missing", "currency")]


@pytest.mark.parametrize(
    ("date", "month_first", "read_as"),
    [
        ("2026-03-07", False, "2026-03-07"),
        ("07/03/2026", False, "2026-03-07"),
        ("07.03.2026", False, "2026-03-07"),
        ("25/03/2026", False, "2026-03-25"),
        ("03/07/2026", True, "2026-03-07"),
        ("2026-03-07", True, "2026-03-07"),
    ],
)
def test_dates(tmp_path, date, month_first, read_as):
    outcome = read(tmp_path, ups_line(date=date), month_first=month_first)
    assert outcome.rows(CHARGES, "invoiced_at::DATE::VARCHAR") == [(read_as,)]


def test_days_are_those_of_the_source_s_zone(tmp_path):
    outcome = read(tmp_path, ups_line(), timezone="America/Toronto")
    assert outcome.rows(CHARGES, "invoiced_at::VARCHAR") == [("2026-03-07 05:00:00",)]


@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("amount", ["9.26", "9,26"])
def test_delimiters_and_decimal_marks(tmp_path, delimiter, amount):
    outcome = read(tmp_path, ups_line(delimiter, net=amount, billed="6,5"))
    assert outcome.rows(CHARGES, "net_amount::VARCHAR, billed_weight_kg::VARCHAR") == [("9.2600", "2.948350")]


@pytest.mark.parametrize("width", [53, 82, 201, 230, 249, UPS_WIDTH])
def test_fields_that_are_trimmed_at_the_end_are_empty(tmp_path, width):
    outcome = read(tmp_path, ups_line(width=width))
    assert outcome.rows(CHARGES, "net_amount::VARCHAR") == [("9.2600",)]


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        (ups_line(width=52), "required_missing"),
        (ups_line() + ",x", "too_many_columns"),
        ("Version,Recipient Number,Account Number", "required_missing"),
        (",".join(str(number) for number in range(1, 251)), "not_a_timestamp"),
    ],
    ids=["cut", "longer", "header", "numbers"],
)
def test_a_line_of_another_form_is_out_alone(tmp_path, line, rule):
    outcome = read(tmp_path, ups_line(), line)
    assert outcome.quarantine("_row, rule") == [(2, rule)]
    assert outcome.parsed.rows == 2


@pytest.mark.parametrize(
    ("weight", "unit", "kilograms"),
    [
        ("6.0", "L", "2.721554"),
        ("6.0", "K", "6.000000"),
        ("16.0", "O", "0.453592"),
        ("6.0", "", None),
        ("0", "L", None),
    ],
)
def test_weights_are_told_in_kilograms(tmp_path, weight, unit, kilograms):
    outcome = read(tmp_path, ups_line(billed=weight, billed_unit=unit))
    assert outcome.rows(CHARGES, "billed_weight_kg::VARCHAR") == [(kilograms,)]


@pytest.mark.parametrize(
    ("fields", "tracking"),
    [
        ({"category": "ADJ", "detail": "SCC", "original": "1ZORIGINAL"}, "1ZORIGINAL"),
        ({"category": "ADJ", "detail": "SCC"}, PARCEL),
        ({"category": "RTN", "detail": "RTS", "original": "1ZORIGINAL"}, PARCEL),
        ({"tracking": "", "lead": "1ZLEAD"}, "1ZLEAD"),
        ({"tracking": "0012345678"}, "0012345678"),
    ],
)
def test_the_parcel_of_a_charge(tmp_path, fields, tracking):
    assert read(tmp_path, ups_line(**fields)).rows(CHARGES, "tracking_number") == [(tracking,)]


def test_a_charge_that_occurs_twice_counts_twice_and_a_file_sent_again_counts_once(tmp_path):
    lines = [ups_line(), ups_line(**{"class": "FSC"}, net="1.00"), ups_line(), ups_line(**{"class": "FSC"}, net="0.50")]
    first, again = read(tmp_path, *lines), read(tmp_path, *reversed(lines))
    keys = sorted(first.rows(CHARGES, "_record_key, invoice_line, net_amount"))
    assert len({key for key, _, _ in keys}) == 4
    assert keys == sorted(again.rows(CHARGES, "_record_key, invoice_line, net_amount"))


def test_a_corrected_amount_is_another_version_of_the_same_line(tmp_path):
    first, again = read(tmp_path, ups_line()), read(tmp_path, ups_line(net="8.00"))
    assert first.rows(CHARGES, "_record_key") == again.rows(CHARGES, "_record_key")
    assert first.rows(CHARGES, "_content_hash") != again.rows(CHARGES, "_content_hash")


def test_the_same_charge_on_a_later_invoice_is_a_line_of_its_own(tmp_path):
    outcome = read(tmp_path, ups_line(), ups_line(invoice="0000A1B2C3116", category="ADJ", detail="SCC", net="2.15"))
    assert [row[0] for row in outcome.rows(CHARGES, "net_amount::VARCHAR")] == ["9.2600", "2.1500"]
    assert len(set(outcome.rows(CHARGES, "_record_key"))) == 2


@pytest.mark.parametrize(
    ("file", "rules", "classes"),
    [
        (
            "week_10.csv",
            {"forward_shipment": 2, "informational_line": 1, "account_charge": 1},
            {"FREIGHT": 2, "SURCHARGE": 3},
        ),
        ("week_11_adjustments.csv", {}, {"ADJUSTMENT": 2, "CREDIT": 1}),
        ("import_semicolons.csv", {"informational_line": 1}, {"FREIGHT": 1, "DUTY": 3, "BROKERAGE": 1}),
    ],
)
def test_golden_files(tmp_path, file, rules, classes):
    outcome = parse_bytes(tmp_path, "ups_billing", file, (GOLDEN / file).read_bytes())
    assert dict(outcome.quarantine("rule, count(*) OVER (PARTITION BY rule)")) == rules
    assert dict(outcome.rows(CHARGES, "charge_class, count(*) OVER (PARTITION BY charge_class)")) == classes


def test_what_a_parcel_cost_is_the_sum_over_all_invoices(tmp_path):
    files = [GOLDEN / "week_10.csv", GOLDEN / "week_11_adjustments.csv"]
    parsed = [parse_bytes(tmp_path, "ups_billing", file.name, file.read_bytes()) for file in files]
    amounts = [
        amount
        for outcome in parsed
        for tracking, amount in outcome.rows(CHARGES, "tracking_number, net_amount")
        if tracking == PARCEL
    ]
    assert str(sum(amounts)) == "14.1800"
