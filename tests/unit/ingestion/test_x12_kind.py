"""X12 as a kind of source: what each set becomes, what is kept out and why, and how it bears what senders do wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.unit.ingestion.parsing import parse_bytes
from tests.unit.ingestion.test_x12 import a_set, interchange

DATA = Path(__file__).resolve().parents[2] / "data" / "x12"
REAL = Path(__file__).resolve().parents[4] / "shared" / "data" / "x12"

RETURN = [
    "BGN*00*DOC1*20260105*0930",
    "N9*RZ*RMA1",
    "CUR*BY*CAD",
    "BLI*SK*A1*2*EA**25.75",
    "N9*2I*1Z9",
    "RDR*SC*DT",
    "PRF*PO7",
]
SCANS = ["B10*PRO1*SHIP1*ABCD", "LX*1", "AT7*X6*NS***20260105*1230*ET", "MS1*LAVAL*QC*CA"]
INVOICE = [
    "B3**INV1*SHIP1*PP**20260104*12550****ABCD",
    "C3*CAD",
    "LX*1",
    "L0*1***50*G******K",
    "L1*1*100*FR*10000",
    "L1*1***2550****FUE",
    "L3*50*G***12550",
]
AIR_INVOICE = [
    "B3**INV2**MX**20260104*1150****FDE",
    "LX*1",
    "N1*SH*Nobody",
    "N9*AW*333",
    "L1****1000****080****050********USD",
    "L1****200****RES****022********USD",
    "L1****-50****DSC****185********USD",
    "L3*****1150",
]
STOCK = ["BIA*00*SI*B1*20260105*0800", "N1*WH*Laval*92*W1", "LIN*1*SK*A1", "QTY*33*5*EA", "QTY*17*7*EA"]
SETS = {"180": RETURN, "214": SCANS, "210": INVOICE, "846": STOCK}
TABLES = {"180": {"returns": 1, "dispositions": 2}, "214": {"tracking_scans": 1}, "210": {"carrier_charges": 2},
          "846": {"inventory_snapshots": 2}}  # fmt: skip
COUNT, UNCLOSED, CONTROL = "envelope_segment_count", "envelope_unclosed", "envelope_control_number"
MISMATCH = "control_number_mismatch"


def read(tmp_path, text, **options):
    return parse_bytes(tmp_path, "x12", "sets.edi", text.encode() if isinstance(text, str) else text, **options)


def edited(code, old, new):
    """The set with a text replaced, which must be there."""
    body = "~".join(SETS[code])
    assert old in body
    return interchange(a_set([segment for segment in body.replace(old, new, 1).split("~") if segment], code))


@pytest.mark.parametrize("code", SETS)
def test_a_good_set(tmp_path, code):
    assert read(tmp_path, interchange(a_set(SETS[code], code))).counts == (TABLES[code], {})


def test_a_return_with_all_it_tells(tmp_path):
    outcome = read(tmp_path, (DATA / "180_returns.edi").read_bytes())
    columns = (
        "rma_id, rma_line, quantity, sku, serial_number, reason_code, return_type, order_id, tracking_number, "
        "requested_at::VARCHAR, received_at::VARCHAR, net_amount::VARCHAR, currency, updated_at::VARCHAR"
    )
    asked, sent = "2026-01-05 09:30:00", "2026-01-06 12:00:00"
    assert sorted(outcome.rows("backhaul__returns", columns), key=lambda row: row[:2]) == [
        ("RMA1", "1", 3, "A1", None, "DAMAGED_TRANSIT", None, "PO7", "1Z9", asked, None, "77.2500", "CAD", sent),
        ("RMA1", "2.1", 1, "B2", "SN1", "RECALL", "RECALL", "PO7", None, asked, None, "10.0000", "CAD", sent),
        ("RMA1", "2.2", 1, "B2", "SN2", "RECALL", "RECALL", "PO7", None, asked, None, "10.0000", "CAD", sent),
        ("RMA2", "1", 1, "C3", "SN3", "ZZ", "WARRANTY", None, None, "2026-01-06 00:00:00", "2026-01-07 08:15:00",
         None, None, sent),
        ("RMA3", "1", 1, "D4", None, None, None, None, None, "2026-01-06 00:00:00", None, None, None, sent),
        ("RMA4", "1", 1, "D4", None, "STYLE", None, None, None, "2026-01-06 00:00:00", None, None, None, sent),
    ]  # fmt: skip
    # one is cancelled, and one denied
    withdrawn = outcome.rows("backhaul__returns", "rma_id, _withdrawn")
    assert {rma for rma, is_withdrawn in withdrawn if is_withdrawn} == {"RMA3", "RMA4"}
    decisions = sorted(
        outcome.rows("backhaul__dispositions", "disposition_id, disposition_code, rma_line, unit_ordinal")
    )
    assert decisions == [(f"RMA1:1:{unit}", "DONATE", "1", unit) for unit in (1, 2, 3)]
    assert outcome.quarantine("_row, rule") == []
    # names and addresses stay out of what is kept beside a row
    assert all("Nobody" not in str(row) for row in outcome.rows("backhaul__returns", "extra"))


def test_a_stock_told_by_place_counts_there_and_its_sum_nowhere(tmp_path):
    told = ["BIA*00*SI*B1*20260105", "LIN**VP*A1", "SDQ*EA*54*W1*0*W2*7", "QTY*33*7*EA", "LIN**VP*B2", "QTY*33*1*EA"]
    outcome = read(tmp_path, interchange(a_set(told, "846")))
    assert sorted(outcome.rows("backhaul__inventory_snapshots", "node_id, sku, stage, quantity")) == [
        ("W1", "A1", "available", 0),
        ("W2", "A1", "available", 7),
    ]
    assert sorted(outcome.quarantine("rule")) == [("no_place",), ("told_by_place",)]


@pytest.mark.parametrize(("code", "table"), [("180", "returns"), ("210", "carrier_charges")])
def test_the_currency_of_the_source_is_that_of_documents_without_one(tmp_path, code, table):
    text = interchange(a_set([segment for segment in SETS[code] if segment[:2] not in ("CU", "C3")], code))
    outcome = read(tmp_path, text, currency="CHF")
    assert {currency for (currency,) in outcome.rows(f"backhaul__{table}", "currency")} == {"CHF"}
    told = read(tmp_path, interchange(a_set(SETS[code], code)), currency="CHF")
    assert {currency for (currency,) in told.rows(f"backhaul__{table}", "currency")} == {"CAD"}


def test_an_air_invoice_tells_currency_and_waybill_by_the_charge(tmp_path):
    outcome = read(tmp_path, interchange(a_set(AIR_INVOICE, "110")))
    columns = "invoice_line, charge_class, net_amount::VARCHAR, currency, tracking_number"
    assert outcome.rows("backhaul__carrier_charges", columns) == [
        ("1.1", "FREIGHT", "10.0000", "USD", "333"),
        ("1.2", "SURCHARGE", "2.0000", "USD", "333"),
        ("1.3", "FREIGHT", "-0.5000", "USD", "333"),
    ]
    assert outcome.quarantine() == []


@pytest.mark.parametrize(("old", "new"), [("BGN*00", "BGN*01"), ("BGN*00", "BGN*03"), ("RDR*SC", "RDR*RD")])
def test_a_cancelled_or_denied_return_is_withdrawn_under_its_own_key(tmp_path, old, new):
    told = interchange(a_set(RETURN, "180"))
    assert old in told
    columns = "_record_key, _withdrawn"
    [before], [after] = (
        read(tmp_path, text).rows("backhaul__returns", columns) for text in (told, told.replace(old, new))
    )
    assert (before[0], before[1], after[1]) == (after[0], False, True)


def test_a_replacement_is_a_later_version_of_the_same_lines(tmp_path):
    first = interchange(a_set(RETURN, "180"))
    second = first.replace("BGN*00", "BGN*05").replace("GS*AN*SHOP*WAREHOUSE*20260105", "GS*AN*SHOP*WAREHOUSE*20260109")
    [before], [after] = (
        read(tmp_path, text).rows("backhaul__returns", "_record_key, updated_at") for text in (first, second)
    )
    assert before[0] == after[0]
    assert before[1] < after[1]


@pytest.mark.parametrize(
    ("at", "moment"),
    [
        ("20260105*1230*ET", "2026-01-05 17:30:00"),
        ("20260705*1230*ET", "2026-07-05 16:30:00"),
        ("20260705*1230*ES", "2026-07-05 17:30:00"),
        ("20260105*1230*UT", "2026-01-05 12:30:00"),
        ("20260105*123045*PT", "2026-01-05 20:30:45"),
        ("260105*1230*CT", "2026-01-05 18:30:00"),
        ("20260105*1230*LT", "2026-01-05 12:30:00"),
        ("20260105*1230", "2026-01-05 12:30:00"),
        ("20260105*12304512", "2026-01-05 12:30:45.12"),
        ("20260105", "2026-01-05 00:00:00"),
    ],
)
def test_the_time_of_a_scan(tmp_path, at, moment):
    outcome = read(tmp_path, edited("214", "20260105*1230*ET", at))
    assert outcome.rows("backhaul__tracking_scans", "scanned_at::VARCHAR") == [(moment,)]


@pytest.mark.parametrize(
    ("old", "new", "parcel"),
    [
        pytest.param("SHIP1*ABCD", "SHIP1*ABCD", "SHIP1", id="a freight carrier names it by the shipper's number"),
        pytest.param("SHIP1*ABCD", "SHIP1*FDEG", "PRO1", id="a parcel carrier by its own"),
        pytest.param("PRO1*SHIP1*ABCD", "*SHIP1*FDEG", "SHIP1", id="that it does not tell"),
        pytest.param("SHIP1*ABCD", "SHIP1*FDEG~L11*T1*2I", "T1", id="the one that is named counts first"),
    ],
)
def test_the_parcel_of_a_scan(tmp_path, old, new, parcel):
    outcome = read(tmp_path, edited("214", old, new))
    assert outcome.rows("backhaul__tracking_scans", "tracking_number") == [(parcel,)]


def test_a_scan_in_the_zone_of_the_source(tmp_path):
    outcome = read(tmp_path, edited("214", "*ET", "*LT"), timezone="America/Toronto")
    assert outcome.rows("backhaul__tracking_scans", "scanned_at::VARCHAR, status, carrier, tracking_number, city") == [
        ("2026-01-05 17:30:00", "in_transit", "ABCD", "SHIP1", "LAVAL")
    ]


def test_charges_have_two_decimals_that_are_not_written(tmp_path):
    outcome = read(tmp_path, interchange(a_set(INVOICE, "210")))
    columns = "invoice_line, charge_class, net_amount::VARCHAR, currency, billed_weight_kg::VARCHAR, tracking_number"
    assert outcome.rows("backhaul__carrier_charges", columns) == [
        ("1.1", "FREIGHT", "100.0000", "CAD", "50.000000", "SHIP1"),
        ("1.2", "SURCHARGE", "25.5000", "CAD", None, "SHIP1"),
    ]


def test_the_parcel_of_a_charge_may_stand_with_its_carton(tmp_path):
    body = [*INVOICE[:-1], "CD3*G*4*004*0*ND", "N9*2I*1Z9", INVOICE[-1]]
    outcome = read(tmp_path, interchange(a_set(body, "210")))
    assert set(outcome.rows("backhaul__carrier_charges", "tracking_number")) == {("1Z9",)}


def test_a_charge_of_an_unknown_code_counts_and_tells_its_code(tmp_path):
    outcome = read(tmp_path, edited("210", "FUE", "Q99"))
    assert outcome.rows("backhaul__carrier_charges", "charge_class, net_amount::VARCHAR, extra->>'told_code'") == [
        ("FREIGHT", "100.0000", None),
        ("OTHER", "25.5000", "Q99"),
    ]
    assert outcome.quarantine() == []


def test_decimals_that_are_written_count_as_they_stand(tmp_path):
    text = edited("210", "10000", "100.00").replace("2550*", "25.50*").replace("12550", "125.50")
    assert read(tmp_path, text).rows("backhaul__carrier_charges", "net_amount::VARCHAR") == [
        ("100.0000",),
        ("25.5000",),
    ]


def test_a_partner_replaces_a_record_and_adds_to_the_codes(tmp_path):
    partner = {
        "extends": "x12",
        "codes": {"currency_of": {"ABCD": "USD"}, "reason_of": {"DA": "DAMAGED_FC"}},
        "records": [
            {
                "name": "return_line",
                "at": ["BLI[*]"],
                "where": {"$.set": ["180"]},
                "columns": [
                    {"include": "envelope"},
                    {"name": "rma", "path": "$.N9[01=QR].02", "type": "string", "required": True},
                    {"name": "sku", "path": "02", "type": "string", "required": True},
                    {"name": "quantity", "path": "03", "type": "integer", "required": True},
                    {"name": "why", "path": "N9[01=ZZ].02", "type": "string"},
                ],
                "routes": [
                    {
                        "table": "returns",
                        "map": {
                            "rma_id": "rma",
                            "sku": "sku",
                            "quantity": "quantity",
                            "reason_code": "coalesce(reason_of(why), why)",
                            "updated_at": "sent_at",
                        },
                    }
                ],
            }
        ],
    }
    path = tmp_path / "partner.yml"
    path.write_text(yaml.safe_dump(partner))
    theirs = ["BGN*00*D*20260105", "N9*QR*R9", "BLI*ZZ*Q1*4*EA", "N9*ZZ*DA"]
    bill = [segment for segment in INVOICE if segment != "C3*CAD"]
    outcome = read(tmp_path, interchange(a_set(theirs, "180"), a_set(bill, "210", control="0002")), contract=str(path))
    assert outcome.rows("backhaul__returns", "rma_id, sku, quantity, reason_code") == [("R9", "Q1", 4, "DAMAGED_FC")]
    assert outcome.rows("backhaul__carrier_charges", "currency") == [("USD",), ("USD",)]


NOTICE = ["BSN*00*N1*20260105*0800", "HL*1**S", "TD5*B*2*ABCD", "TD1*CTN*1****G*10*LB", "REF*CN*T1"]
NOTICE += ["HL*2*1*T", "MAN*GM*P1", "HL*3*2*P", "MAN*GM*C1"]


def test_a_ship_notice_of_returns_is_a_parcel_and_what_lies_in_it(tmp_path):
    body = [*NOTICE[:5], "REF*RZ*RMA1", *NOTICE[5:]]
    outcome = read(tmp_path, interchange(a_set(body, "856")))
    assert outcome.rows("backhaul__shipments", "carrier, tracking_number, weight_kg::VARCHAR") == [
        ("ABCD", "T1", "4.535924")
    ]
    assert outcome.rows("backhaul__containers", "child_id, parent_id") == [("C1", "P1")]
    assert read(tmp_path, interchange(a_set(NOTICE, "856"))).counts == ({}, {"not_about_returns": 2})


KEPT_OUT = [
    ("180", "*EA*", "*CA*", "not_in_pieces"),
    ("180", "*EA*", "*KG*", "not_in_pieces"),
    ("180", "BLI*SK*A1*2", "BLI*SK*A1*", "required_missing"),
    ("180", "BLI*SK*A1", "BLI*SK*", "required_missing"),
    ("180", "BLI*SK", "BLI*", "required_missing"),
    ("180", "BLI*SK", "BLI*QQ", "required_missing"),
    ("180", "BLI*SK", "BLI*sk", "required_missing"),
    ("180", "A1*2*", "A1*two*", "not_a_integer"),
    ("180", "A1*2*", "A1*2.5*", "not_a_whole_number"),
    ("180", "A1*2*", "A1*0*", "below_minimum"),
    ("180", "A1*2*", "A1*-2*", "below_minimum"),
    ("180", "A1*2*", "A1*100001*", "above_maximum"),
    ("180", "A1*2*", "A1*99999999999999999999*", "not_a_integer"),
    ("180", "A1*2*", "A1*1,5*", "not_a_integer"),
    ("180", "25.75", "free", "not_a_decimal"),
    ("180", "25.75", "-25.75", "below_minimum"),
    ("180", "25.75", "25.757575", "more_decimals_than_kept"),
    ("180", "*20260105*0930", "", "required_missing"),
    ("180", "20260105", "20261305", "not_a_timestamp"),
    ("180", "20260105", "05/01/2026", "not_a_timestamp"),
    ("180", "20260105", "20260230", "not_a_timestamp"),
    ("180", "20260105", "tomorrow", "not_a_timestamp"),
    ("180", "0930", "2560", "not_a_timestamp"),
    ("180", "0930", "9h30", "not_a_timestamp"),
    ("180", "BLI*SK*A1*2*EA**25.75~", "", "no_record"),
    ("180", "BLI", "bli", "no_record"),
    ("214", "X6*NS", "*", "appointment_only"),
    ("214", "X6", "AG", "estimate_only"),
    ("214", "X6", "B6", "estimate_only"),
    ("214", "X6", "X2", "estimate_only"),
    ("214", "*20260105*1230*ET", "", "required_missing"),
    ("214", "20260105", "20260199", "not_a_timestamp"),
    ("214", "20260105", "2026-01-05", "not_a_timestamp"),
    ("214", "1230", "2430", "not_a_timestamp"),
    ("214", "1230", "noon", "not_a_timestamp"),
    ("214", "AT7*X6*NS***20260105*1230*ET~", "", "no_record"),
    ("214", "AT7", "at7", "no_record"),
    ("214", "PRO1*SHIP1", "*", "required_missing"),
    ("210", "INV1", "", "required_missing"),
    ("210", "20260104", "", "required_missing"),
    ("210", "20260104", "20260431", "not_a_timestamp"),
    ("210", "20260104", "4 Jan", "not_a_timestamp"),
    ("210", "*12550****", "*12551****", "charges_do_not_add_up"),
    ("210", "L3*50*G***12550", "L3*50*G***12551", "charges_do_not_add_up"),
    ("210", "10000", "1000", "charges_do_not_add_up"),
    ("210", "10000", "-10000", "charges_do_not_add_up"),
    ("210", "L1*1*100*FR*10000~", "", "charges_do_not_add_up"),
    ("210", "*2550*", "*25.50*", "charges_do_not_add_up"),
    ("210", "*12550****", "*125.50****", "charges_do_not_add_up"),
    ("210", "C3*CAD~", "", "no_currency"),
    ("210", "C3*CAD", "C3*", "no_currency"),
    ("210", "*12550****", "*much****", "not_a_decimal"),
    ("210", "L3*50*G***12550", "L3*50*G***x", "not_a_decimal"),
    ("210", "50*G*", "heavy*G*", "not_a_decimal"),
    ("210", "***50*G", "***-50*G", "below_minimum"),
    ("846", "N1*WH*Laval*92*W1~", "", "no_place"),
    ("846", "*92*W1", "", "no_place"),
    ("846", "N1*WH", "N1*XX", "no_place"),
    ("846", "*20260105*0800", "", "required_missing"),
    ("846", "20260105", "2026 01", "not_a_timestamp"),
    ("846", "0800", "8 am", "not_a_timestamp"),
    ("846", "LIN*1*SK*A1", "LIN*1", "required_missing"),
    ("846", "LIN*1*SK*A1", "LIN*1*SK", "required_missing"),
    ("846", "LIN*1*SK*A1", "LIN*1**A1", "required_missing"),
    ("846", "LIN*1*SK*A1", "LIN*1*XX*A1", "required_missing"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "old", "new", "rule"), KEPT_OUT)
def test_what_is_wrong_with_all_of_a_set_keeps_it_out(tmp_path, code, old, new, rule):
    tables, rules = read(tmp_path, edited(code, old, new)).counts
    assert tables == {}
    assert set(rules) == {rule}


PARTLY = [
    ("210", "L1*1*100*FR*10000", "L1*1*100*FR", {"no_charge": 1, "charges_do_not_add_up": 1}, 0),
    ("210", "10000", "ten", {"not_a_decimal": 1, "charges_do_not_add_up": 1}, 0),
    ("846", "33*5*EA", "33*five*EA", {"not_a_integer": 1}, 1),
    ("846", "33*5*EA", "33*5.5*EA", {"not_a_whole_number": 1}, 1),
    ("846", "33*5*EA", "33**EA", {"required_missing": 1}, 1),
    ("846", "33*5*EA", "*5*EA", {"required_missing": 1}, 1),
    ("846", "33*5*EA", "33*5*CA", {"not_in_pieces": 1}, 1),
    ("846", "33*5*EA", "33*5*KG", {"not_in_pieces": 1}, 1),
    ("846", "QTY*33", "QTY*63", {"not_a_stock_level": 1}, 1),
    ("846", "QTY*33", "QTY*87", {"not_a_stock_level": 1}, 1),
    ("846", "QTY*33", "QTY*77", {"not_a_stock_level": 1}, 1),
    ("846", "QTY*33", "qty*33", {}, 1),
]


@pytest.mark.parametrize(("code", "old", "new", "rules", "rows"), PARTLY)
def test_what_is_wrong_with_one_record_costs_that_record(tmp_path, code, old, new, rules, rows):
    found, faults = read(tmp_path, edited(code, old, new)).counts
    assert (sum(found.values()), faults) == (rows, rules)


LOST = [(code, number) for code, body in SETS.items() for number in range(len(body))]


@pytest.mark.parametrize(("code", "number"), LOST)
def test_a_segment_lost_on_the_way(tmp_path, code, number):
    whole = a_set(SETS[code], code)
    del whole[number + 1]
    assert read(tmp_path, interchange(whole)).counts == ({}, {COUNT: 1})


@pytest.mark.parametrize(("code", "number"), LOST)
def test_a_file_that_is_cut(tmp_path, code, number):
    text = interchange(a_set(SETS[code], code))
    cut = text[: text.index(SETS[code][number]) + len(SETS[code][number]) - 1]
    assert read(tmp_path, cut).counts == ({}, {UNCLOSED: 3})


WRONG = {
    "set": [("SE*9*0001", "SE*8*0002", {CONTROL: 1}), ("SE*9*", "SE*8*", {COUNT: 1}), ("SE*9*", "SE**", {COUNT: 1}),
            ("SE*9*", "SE*-9*", {COUNT: 1}), ("SE*9*", "SE*nine*", {COUNT: 1}), ("SE*9*", "SE*90*", {COUNT: 1}),
            ("ST*180*0001~", "ST*180*~BGN*00*X~", {CONTROL: 1}), ("ST*180", "ST*850", {"no_record": 1}),
            ("ST*180", "ST*990", {"no_record": 1}), ("ST*180", "ST*", {"no_record": 1}),
            ("ST*180", "ST*0180", {"no_record": 1}), ("ST*180", "ST*856", {"no_record": 1}),
            ("ST*180*0001~", "", {"envelope_stray": 8, "envelope_set_count": 1})],
    "envelope": [("GE*1*21", "GE*2*22", {CONTROL: 1, "envelope_set_count": 1}),
                 ("IEA*1*000000007", "IEA*3*000000008", {CONTROL: 1, "envelope_group_count": 1}),
                 ("ISA*00", "ISB*00", {"not_x12": 1}), ("ISA*00", "isa*00", {"not_x12": 1}),
                 ("ISA*00", "x ISA*00", {"not_x12": 1}), ("*P*>", "*T*>", {"test_interchange": 1}),
                 ("WAREHOUSE*20260105*1200*21", "WAREHOUSE*2026*1200*21", {"not_a_timestamp": 1}),
                 ("WAREHOUSE*20260105*1200*21", "WAREHOUSE*20260105*x*21", {"not_a_timestamp": 1})],
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "rules"), [*WRONG["set"], *WRONG["envelope"]])
def test_envelopes_that_are_wrong(tmp_path, old, new, rules):
    text = interchange(a_set(RETURN, "180"))
    assert old in text
    assert read(tmp_path, text.replace(old, new, 1)).counts == ({}, rules)


FOREIGN = [b"", b"\n", b"a,b\n1,2\n", b"<x/>", b'{"a": 1}', b"UNB+UNOA:1+A+B+1+2'", b"%PDF-1.7", b"ISA",
           b"ISA*00*short~", b"\x00\x01\x02", "ISA".encode("utf-16"), b"PK\x05\x06" + b"\0" * 18]  # fmt: skip


@pytest.mark.parametrize("data", FOREIGN)
def test_foreign_files(tmp_path, data):
    outcome = read(tmp_path, data)
    assert outcome.counts[0] == {}
    assert outcome.parsed.quarantined == 1
    assert outcome.parsed.blocked


DIALECTS = [
    pytest.param(lambda text: text.replace("~", "~\r\n"), id="lines"),
    pytest.param(lambda text: text.replace("~", "\n"), id="line breaks end segments"),
    pytest.param(lambda text: text.replace("~", "'"), id="another terminator"),
    pytest.param(lambda text: text.replace("*", "|"), id="another separator"),
    pytest.param(lambda text: "\ufeff" + text, id="a mark at the start"),
    pytest.param(lambda text: text.replace("00401", "00304").replace("004010", "003040"), id="version 3040"),
    pytest.param(lambda text: text.replace("00401", "00501").replace("004010", "005010"), id="version 5010"),
    pytest.param(lambda text: text.replace("          ", ""), id="a header without padding"),
    pytest.param(lambda text: text.replace("GS*AN", "GS*ZZ"), id="another group code"),
    pytest.param(lambda text: text.replace("WAREHOUSE*20260105*1200", "WAREHOUSE*260105*1200"), id="six digits"),
    pytest.param(lambda text: text.replace("WAREHOUSE*20260105*1200", "WAREHOUSE*20260105*120059"), id="seconds"),
]


@pytest.mark.parametrize("code", SETS)
@pytest.mark.parametrize("drift", DIALECTS)
def test_dialects_that_mean_the_same(tmp_path, code, drift):
    assert read(tmp_path, drift(interchange(a_set(SETS[code], code)))).counts == (TABLES[code], {})


@pytest.mark.parametrize(("code", "number"), LOST)
def test_unknown_segments_and_further_elements_change_nothing(tmp_path, code, number):
    body = [*SETS[code]]
    body[number] += "*" * 20 + "new"
    body.insert(number, "ZZZ*1*new")
    assert read(tmp_path, interchange(a_set(body, code))).counts == (TABLES[code], {})


REAL_ROWS = {
    "ORD_180__FromEasistandards.txt": ({"returns": 1}, {}),
    "ORD_846__Example1.txt": ({"inventory_snapshots": 3}, {"not_a_stock_level": 1}),
    "TAM_210__CN_FreightInvoiceSample1.txt": ({"carrier_charges": 2}, {}),
    "210-MGCTLYST-SAMPLE.EDI": ({}, {"test_interchange": 4}),
    "214-MGCTLYST-SAMPLE.EDI": ({}, {"test_interchange": 1}),
    "204-MGCTLYST-SAMPLE.EDI": ({}, {COUNT: 1}),
    "990-MGCTLYST-SAMPLE.EDI": ({}, {"no_record": 1}),
    "MultipleInterchangesAndGroups.edi": ({}, {"not_about_returns": 6}),
    "WAR_940__simplot.txt": ({}, {"not_about_returns": 1, MISMATCH: 2}),
    "WAR_945__inter-americanproducts.txt": ({}, {"not_a_timestamp": 1, MISMATCH: 1}),
    "MAN_852__AftermarketExample.txt": ({"inventory_snapshots": 2}, {"not_a_stock_level": 2}),
    "MAN_867__Example2.txt": ({}, {"test_interchange": 1}),
    "ORD_857__Kroger_DeliveryExample.txt": ({}, {"no_record": 1}),
}


@pytest.mark.skipif(not REAL.exists(), reason="the samples are not there")
def test_real_files(tmp_path):
    files = [file for file in REAL.rglob("*") if file.suffix.lower() in (".edi", ".txt") and "edifact" not in file.name]
    for file in files:
        outcome = read(tmp_path, file.read_bytes())
        assert outcome.parsed.rows_read, file.name
        if file.name in REAL_ROWS:
            assert outcome.counts == REAL_ROWS[file.name], file.name
    assert {file.name for file in files} >= set(REAL_ROWS)


@pytest.mark.skipif(not REAL.exists(), reason="the samples are not there")
def test_a_real_invoice_adds_up(tmp_path):
    data = (REAL / "edi.net" / "210-MGCTLYST-SAMPLE.EDI").read_bytes().replace(b"*0*T*:", b"*0*P*:")
    assert read(tmp_path, data).counts == ({}, {"no_currency": 4})
    priced = data.replace(b"G62*86", b"C3*USD~\nG62*86").replace(b"SE*31", b"SE*32")
    outcome = read(tmp_path, priced)
    assert outcome.rows("backhaul__carrier_charges", "net_amount::VARCHAR, charge_class") == [
        ("3636.0400", "FREIGHT"),
        ("15.0000", "BROKERAGE"),
        ("26.2700", "SURCHARGE"),
        ("-3017.9100", "FREIGHT"),
    ]
