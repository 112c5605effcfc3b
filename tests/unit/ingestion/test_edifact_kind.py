"""EDIFACT as a kind of source: what each message becomes, what is kept out and why, and which habits are borne."""

from __future__ import annotations

import pytest
import yaml

from ingestion.contract import SOURCES
from tests.unit.ingestion.parsing import SHARED, golden, parse_bytes
from tests.unit.ingestion.test_edifact import interchange, message

MESSAGES = {
    "RETANN": ["BGM+70E::9+A1+9", "DTM+137:20260104:102", "CUX+2:EUR:11", "NAD+DP+N1::9", "LIN+1++G1:EN",
               "DTM+361:20260630:102", "MOA+203:20.50", "QTY+61:2:PCE", "CDI+1+17", "RFF+ON:PO7", "LIN+2++G2:EN",
               "PRI+AAA:10", "QTY+61:1", "UNS+S", "CNT+2:2"],
    "RETINS": ["BGM+71E::9+I1+9", "DTM+137:202601120815:203", "RFF+ARN:A1", "DTM+171:20260104:102", "LIN+1++G1:EN",
               "QTY+61:2", "CDI+3E+13E::9", "LIN+2++G2:EN", "QTY+61:1", "CDI+3E+12E::9", "UNS+S"],
    "IFTSTA": ["BGM+23+M1+9", "DTM+137:202601051200:203", "NAD+CA+CARR:160", "RFF+CW:1Z1", "CNI+1+C1",
               "LOC+14+:::LAVAL+:::CA", "STS+1+21+3", "DTM+78:20260104173746:204"],
    "INVRPT": ["BGM+35+V1+9", "DTM+137:20260105:102", "DTM+366:20260104:102", "NAD+WH+W1::92", "LIN+1++G1:EN",
               "QTY+145:5:PCE", "LOC+18+BIN1", "LIN+2++G2:EN", "QTY+124:1", "UNS+S", "CNT+2:2"],
}  # fmt: skip
TABLES = {"RETANN": {"returns": 2}, "RETINS": {"returns": 2, "dispositions": 2}, "IFTSTA": {"tracking_scans": 1},
          "INVRPT": {"inventory_snapshots": 2}}  # fmt: skip
RELEASE = "D:96A:UN"
COUNT, UNCLOSED, CONTROL = "envelope_segment_count", "envelope_unclosed", "envelope_control_number"
MISMATCH = "control_number_mismatch"


def read(tmp_path, text, **options):
    return parse_bytes(tmp_path, "edifact", "x.edi", text.encode() if isinstance(text, str) else text, **options)


def sent(kind, body=None, **options):
    return interchange(message(MESSAGES[kind] if body is None else body, f"{kind}:{RELEASE}"), **options)


def edited(kind, *changes, **options):
    """The message with texts replaced, which must be there, in an interchange that counts it rightly."""
    body = "'".join(MESSAGES[kind])
    for old, new in changes:
        assert old in body
        body = body.replace(old, new, 1)
    return sent(kind, [segment for segment in body.split("'") if segment], **options)


@pytest.mark.parametrize("kind", MESSAGES)
def test_a_good_message(tmp_path, kind):
    assert read(tmp_path, sent(kind)).counts == (TABLES[kind], {})


RETURN = (
    "rma_id, rma_line, quantity, sku, serial_number, reason_code, order_id, order_line, lot_number, "
    "expiry_date::VARCHAR, net_amount::VARCHAR, currency, node_id, requested_at::VARCHAR, authorised_at::VARCHAR"
)


def standing(outcome, columns):
    """The returns that no row of the same file withdraws."""
    return [row[:-1] for row in outcome.rows("backhaul__returns", f"{columns}, _withdrawn") if not row[-1]]


def test_an_announcement(tmp_path):
    outcome = read(tmp_path, golden("edifact", "retann_d96a.edi"))
    asked, node = "2026-01-04 00:00:00", "4012345500011"
    shoe, hat, bag = "4000862141404", "5412345666660", "5055555111119"
    assert sorted(standing(outcome, RETURN), key=lambda row: row[1]) == [
        ("A-1276", "1", 48, shoe, None, "DEFECTIVE", "PO7", "3", "LOT9", "2026-06-30", "120.5000", "EUR", node, asked,
         None),
        ("A-1276", "2.1", 1, hat, "SN1", "DAMAGED", None, None, None, None, "10.0000", "EUR", node, asked, None),
        ("A-1276", "2.2", 1, hat, "SN2", "DAMAGED", None, None, None, None, "10.0000", "EUR", node, asked, None),
        ("A-1276", "3/1", 3, bag, None, "92:001", None, None, None, None, None, "EUR", node, asked, None),
        ("A-1276", "3/2", 1, bag, None, "92:001", None, None, None, None, None, "EUR", node, asked, None),
    ]  # fmt: skip
    # the second message cancels a line of another announcement
    assert outcome.counts == ({"returns": 5}, {"withdrawn": 1})
    assert outcome.rows("backhaul__returns", "DISTINCT updated_at::VARCHAR") == [("2026-01-05 12:00:00",)]
    assert all("obody" not in str(row) for row in outcome.rows("backhaul__returns", "extra"))


def test_an_instruction(tmp_path):
    outcome = read(tmp_path, golden("edifact", "retins_d01b.edi"))
    columns = "rma_id, rma_line, quantity, serial_number, requested_at::VARCHAR, authorised_at::VARCHAR"
    asked = "2026-01-04 00:00:00"
    assert sorted(standing(outcome, columns), key=lambda row: row[1]) == [
        ("A-1276", "1", 48, None, asked, "2026-01-12 08:15:00"),
        ("A-1276", "2.1", 1, "SN1", asked, None),
        ("A-1276", "2.2", 1, "SN2", asked, None),
        ("A-1276", "4", 2, None, asked, None),
    ]
    columns = "disposition_id, disposition_code, rma_line, unit_ordinal, serial_number, decided_at::VARCHAR"
    decided = "2026-01-12 08:15:00"
    assert sorted(outcome.rows("backhaul__dispositions", columns)) == [
        ("A-1276:2:1", "DESTROY", "2.1", 1, "SN1", decided),
        ("A-1276:2:2", "DESTROY", "2.2", 1, "SN2", decided),
        ("A-1276:4:1", "DISPOSE", "4", 1, None, decided),
        ("A-1276:4:2", "DISPOSE", "4", 2, None, decided),
    ]
    # a line is refused
    assert outcome.counts == ({"returns": 4, "dispositions": 4}, {"withdrawn": 1})
    assert all("obody" not in str(row) for row in outcome.rows("backhaul__dispositions", "extra"))


def test_an_announcement_and_its_instruction_name_the_same_line(tmp_path):
    [first, *_] = read(tmp_path, sent("RETANN")).rows("backhaul__returns", "_record_key, rma_line")
    [second, *_] = read(tmp_path, sent("RETINS")).rows("backhaul__returns", "_record_key, rma_line")
    assert first == second


RECEIPT = ["BGM+632+R1+9", "DTM+137:20260110:102", "DTM+50:202601091015:203", "RFF+ARN:A1", "NAD+DP+W1::9",
           "LIN+1++G1:EN", "QTY+12:10", "QTY+194:7", "QTY+195:1", "LIN+2++G2:EN", "QTY+48:2", "RFF+ARN:A1:2",
           "RFF+ON:PO7:3", "CNT+2:2"]  # fmt: skip


def received(outcome):
    columns = "rma_id, rma_line, quantity, received_quantity, sku, order_line, node_id, received_at::VARCHAR"
    return outcome.rows("backhaul__returns", columns)


def test_a_receiving_advice_that_names_an_announcement_tells_what_arrived_of_it(tmp_path):
    outcome = read(tmp_path, sent("RECADV", RECEIPT))
    arrived = "2026-01-09 10:15:00"
    assert received(outcome) == [
        ("A1", "R1.1", 10, 8, "G1", None, "W1", arrived),
        ("A1", "2", 2, 2, "G2", "3", "W1", arrived),
    ]
    assert outcome.quarantine() == []


@pytest.mark.parametrize(
    ("old", "new", "landed"),
    [
        ("RFF+ARN:A1'", "RFF+DQ:D1'", ["not_about_returns", "returns"]),
        ("QTY+12:10'QTY+194:7'QTY+195:1", "QTY+12:10", ["no_received_quantity", "returns"]),
        ("QTY+48:2", "QTY+48:0", ["nothing_received", "returns"]),
        ("QTY+194:7", "QTY+194:seven", ["not_a_integer accepted", "returns"]),
        ("QTY+48:2", "QTY+48:2:KGM", ["not_in_pieces", "returns"]),
        ("R1+9", "R1+1", ["returns withdrawn", "returns withdrawn"]),
        ("CNT+2:2", "CNT+2:3", ["line_count_differs", "line_count_differs"]),
        ("QTY+194:7'QTY+195:1", "QTY+195:3", ["returns", "returns"]),
        ("QTY+194:7'QTY+195:1", "QTY+196:3", ["returns", "returns"]),
    ],
)
def test_what_a_receiving_advice_does_not_tell(tmp_path, old, new, landed):
    body = "'".join(RECEIPT)
    assert old in body
    assert read(tmp_path, sent("RECADV", body.replace(old, new, 1).split("'"))).landed == {1: landed}


def test_a_receipt_of_what_is_not_accepted_has_arrived(tmp_path):
    body = "'".join(RECEIPT).replace("QTY+194:7'QTY+195:1", "QTY+195:3'QTY+196:2").split("'")
    assert received(read(tmp_path, sent("RECADV", body)))[0][2:4] == (10, 5)


SALES = ["BGM+73E::9+S1+9", "DTM+137:20260108:102", "DTM+91:20260107:102", "NAD+SU+4007399000006::9", "CUX+2:EUR:10",
         "LOC+162+SHOP1::9", "DTM+356:20260107:102", "LIN+1++G1:EN", "PRI+AAA:9.50", "QTY+153:2:PCE", "LIN+2++G2:EN",
         "MOA+203:30", "QTY+153:3", "QTY+61:1", "LOC+162+SHOP2::9", "LIN+3++G1:EN", "PRI+AAA:9.50",
         "QTY+153:1"]  # fmt: skip


def test_a_sales_report_tells_sales_and_returns_of_its_places(tmp_path):
    outcome = read(tmp_path, sent("SLSRPT", SALES))
    columns = "order_id, order_line, sku, quantity, net_amount::VARCHAR, currency, ordered_at::VARCHAR, channel"
    day = "2026-01-07 00:00:00"
    assert outcome.rows("backhaul__sales_lines", columns) == [
        ("S1:SHOP1", "1", "G1", 2, "19.0000", "EUR", day, "SHOP1"),
        ("S1:SHOP1", "2", "G2", 3, "30.0000", "EUR", day, "SHOP1"),
        ("S1:SHOP2", "3", "G1", 1, "9.5000", "EUR", day, "SHOP2"),
    ]
    columns = "rma_id, rma_line, sku, quantity, received_at::VARCHAR, node_id"
    assert outcome.rows("backhaul__returns", columns) == [("S1:SHOP1", "2/2", "G2", 1, day, "SHOP1")]
    assert outcome.quarantine() == []


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("PRI+AAA:9.50", "PRI+AAE:9.50::RTP", "amount_not_told"),
        ("QTY+153:2:PCE", "QTY+153:-2:PCE", "negative_quantity"),
        ("QTY+153:2:PCE", "QTY+153:0:PCE", "nothing_sold"),
        ("QTY+153:2:PCE", "QTY+21:2:PCE", "unknown_quantity"),
        ("QTY+153:2:PCE", "QTY+153:2:KGM", "not_in_pieces"),
        ("QTY+153:2:PCE'", "", "no_quantity"),
        ("LIN+1++G1:EN", "LIN+1", "required_missing"),
    ],
)
def test_a_line_of_a_sales_report_that_tells_no_sale(tmp_path, old, new, reason):
    body = "'".join(SALES)
    assert old in body
    outcome = read(tmp_path, sent("SLSRPT", body.replace(old, new, 1).split("'")))
    assert outcome.counts == ({"sales_lines": 2, "returns": 1}, {reason: 1})


def test_a_sales_report_without_a_currency_waits_for_one(tmp_path):
    body = [segment for segment in SALES if not segment.startswith("CUX")]
    assert read(tmp_path, sent("SLSRPT", body)).counts == ({"returns": 1}, {"no_currency": 3})
    outcome = read(tmp_path, sent("SLSRPT", body), currency="CHF")
    assert set(outcome.rows("backhaul__sales_lines", "currency")) == {("CHF",)}


PACKS = ["CPS+1", "PAC+1++201", "PCI+33E", "GIN+BJ+354123450000000014", "CPS+2+1", "PAC+2++CT", "PCI+33E",
         "GIN+BJ+354123450000000021+354123450000000038"]  # fmt: skip


def test_packs_of_an_announcement_lie_in_the_pack_that_they_name(tmp_path):
    outcome = read(tmp_path, sent("RETANN", [*MESSAGES["RETANN"][:2], *PACKS, *MESSAGES["RETANN"][2:]]))
    columns = "child_id, parent_id, container_kind, packed_at::VARCHAR"
    assert sorted(outcome.rows("backhaul__containers", columns)) == [
        ("354123450000000021", "354123450000000014", "PALLET", "2026-01-04 00:00:00"),
        ("354123450000000038", "354123450000000014", "PALLET", "2026-01-04 00:00:00"),
    ]
    assert outcome.counts == ({"returns": 2, "containers": 2}, {})


def test_packs_within_several_say_not_in_which(tmp_path):
    several = [segment.replace("000014", "000014+354123450000000045") for segment in PACKS]
    body = [*MESSAGES["RETANN"][:2], *several, *MESSAGES["RETANN"][2:]]
    assert read(tmp_path, sent("RETANN", body)).counts == ({"returns": 2}, {"no_container": 1})


def test_a_line_of_one_unit_has_the_plate_of_its_own_pack(tmp_path):
    *head, section, count = MESSAGES["RETANN"]
    outcome = read(tmp_path, sent("RETANN", [*head, "GIN+BJ+354123450000000014", section, count]))
    plates = [("1", 2, None), ("2", 1, "354123450000000014")]
    assert outcome.rows("backhaul__returns", "rma_line, quantity, lpn") == plates


def test_a_status_in_the_place_of_its_category_is_the_carrier_s_own(tmp_path):
    outcome = read(tmp_path, edited("IFTSTA", ("STS+1+21+3", "STS+1:D2:21")))
    assert outcome.rows("backhaul__tracking_scans", "status, status_detail, city") == [("D2:21", "D2:21", "LAVAL")]
    assert outcome.quarantine() == []


def test_statuses(tmp_path):
    outcome = read(tmp_path, golden("edifact", "iftsta_d07b.edi"))
    columns = "tracking_number, carrier, scanned_at::VARCHAR, status, status_detail, message, city, country"
    assert outcome.rows("backhaul__tracking_scans", columns) == [
        ("1Z0000000000000001", "CARR", "2026-01-04 17:37:46", "delivered", "21:3", None, "LAVAL", "CA"),
        ("1Z0000000000000001", "CARR", "2026-01-03 11:30:00", "in_transit", "31", None, "FRPAR", None),
        ("1Z0000000000000001", "CARR", "2026-01-04 00:00:00", "ZZZ:DEL", "ZZZ:DEL", "Delivered to a neighbour",
         "LAVAL", "CA"),
    ]  # fmt: skip
    assert outcome.quarantine("_row, rule") == [(1, "estimate_only")]


@pytest.mark.parametrize(
    ("file", "rows", "rules"),
    [
        (
            "invrpt_d96a.edi",
            [
                ("W1", "BIN1", "4000862141404", "LOT1", None, "on_hand", 5, "2026-01-04 00:00:00"),
                ("W1", None, "4000862141404", None, None, "damaged", 2, "2026-01-04 00:00:00"),
            ],
            ["not_a_stock_level", "not_a_stock_level"],
        ),
        (
            "invrpt_d20b.edi",
            [
                ("W2", "BIN1", "4000862141404", None, None, "on_hand", 7, "2026-01-05 00:00:00"),
                ("W2", None, "5412345666660", None, "C", "quality_control", 1, "2026-01-04 23:59:00"),
            ],
            ["not_a_stock_level"],
        ),
    ],
)
def test_stock(tmp_path, file, rows, rules):
    outcome = read(tmp_path, golden("edifact", file))
    columns = "node_id, location, sku, lot, condition_grade, stage, quantity, snapshot_at::VARCHAR"
    assert outcome.rows("backhaul__inventory_snapshots", columns) == rows
    assert [rule for (rule,) in outcome.quarantine("rule")] == rules


def test_answers_and_messages_of_other_kinds(tmp_path):
    outcome = read(tmp_path, golden("edifact", "answers.edi"))
    assert outcome.counts[0] == {}
    assert sorted(outcome.quarantine("_row, rule")) == [
        (1, "acknowledgement"), (1, "rejected_by_partner"), (2, "rejected_by_partner"), (3, "not_about_returns"),
        (4, "no_record"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("told", "moment"),
    [
        ("20260104:102", "2026-01-04 00:00:00"),
        ("20260104", "2026-01-04 00:00:00"),
        ("260104:101", "2026-01-04 00:00:00"),
        ("040126:2", "2026-01-04 00:00:00"),
        ("010426:3", "2026-01-04 00:00:00"),
        ("04012026:4", "2026-01-04 00:00:00"),
        ("040120261730:5", "2026-01-04 17:30:00"),
        ("2601041730:201", "2026-01-04 17:30:00"),
        ("260104173046:202", "2026-01-04 17:30:46"),
        ("202601041730:203", "2026-01-04 17:30:00"),
        ("202601041730", "2026-01-04 17:30:00"),
        ("20260104173046:204", "2026-01-04 17:30:46"),
        ("202601041730?+0100:205", "2026-01-04 16:30:00"),
        ("202601041730-0500:205", "2026-01-04 22:30:00"),
        ("2601041730UTC:301", "2026-01-04 17:30:00"),
        ("260104173046CET:302", "2026-01-04 16:30:46"),
        ("202601041730GMT:303", "2026-01-04 17:30:00"),
        ("20260104173046EET:304", "2026-01-04 15:30:46"),
        ("202601041730?+02:303", "2026-01-04 15:30:00"),
        ("2026010420260111:718", "2026-01-04 00:00:00"),
        ("20260104-20260111:718", "2026-01-04 00:00:00"),
        ("260104260111:717", "2026-01-04 00:00:00"),
        ("202601041730202601050800:719", "2026-01-04 17:30:00"),
        ("26010417302601050800:713", "2026-01-04 17:30:00"),
    ],
)
def test_forms_of_moments(tmp_path, told, moment):
    outcome = read(tmp_path, edited("IFTSTA", ("20260104173746:204", told)))
    assert outcome.rows("backhaul__tracking_scans", "scanned_at::VARCHAR") == [(moment,)]


@pytest.mark.parametrize(
    "told",
    ["20260104:203", "202601041730:102", "20261304:102", "20260230:102", "202601042560:203", "4/1/2026:102", "260104",
     "202601:610", "202602:616", "4:804", "20260104173046EST:304", "20260104173046?+5:304", "2026010420261301:718",
     "2026010:718", "noon:102", "20260104:999", "２０２６0104:102", "00000000:102", "1730:401", "99999999:102"],
)  # fmt: skip
def test_what_is_no_moment(tmp_path, told):
    assert read(tmp_path, edited("IFTSTA", ("20260104173746:204", told))).counts == ({}, {"not_a_timestamp": 1})


def test_moments_without_an_offset_are_of_the_zone_of_the_source(tmp_path):
    outcome = read(tmp_path, sent("IFTSTA"), timezone="Europe/Paris")
    assert outcome.rows("backhaul__tracking_scans", "scanned_at::VARCHAR") == [("2026-01-04 16:37:46",)]


@pytest.mark.parametrize(
    ("service", "syntax", "amount", "expected"),
    [
        ("", "UNOC:3", "20.50", "20.5000"),
        ("", "UNOC:3", "20,50", "20.5000"),
        ("UNA:+.? '", "UNOC:3", "20.50", "20.5000"),
        ("UNA:+,? '", "UNOC:3", "20,50", "20.5000"),
        ("UNA:+.?*'", "UNOC:4", "20,50", "20.5000"),
        ("UNA:+,? '", "UNOC:3", "20.50", "other_decimal_mark"),
        ("UNA:+.? '", "UNOC:3", "20,50", "other_decimal_mark"),
        ("UNA:+.? '", "UNOC:3", "1,000", "other_decimal_mark"),
        ("UNA:+,? '", "UNOC:3", "1.000", "other_decimal_mark"),
        ("", "UNOC:3", "1.000,50", "not_a_decimal"),
        ("", "UNOC:3", "1 000", "not_a_decimal"),
    ],
)
def test_decimal_marks(tmp_path, service, syntax, amount, expected):
    outcome = read(tmp_path, edited("RETANN", ("20.50", amount), ("PRI+AAA:10'", ""), service=service, syntax=syntax))
    amounts = [(row[0], row[1]) for row in outcome.rows("backhaul__returns", "rma_line, net_amount::VARCHAR")]
    told = [("1", rule) for (rule,) in outcome.quarantine("rule")]
    assert sorted([*amounts, *told]) == [("1", expected), ("2", None)]


@pytest.mark.parametrize(
    ("syntax", "encoding", "name"),
    [
        ("UNOA:1", "ascii", "LODZ"),
        ("UNOB:2", "cp1252", "QUÉBEC"),
        ("UNOC:3", "iso-8859-1", "Québec"),
        ("UNOC:3", "cp1252", "Œuvre"),
        ("UNOC:3", "utf-8", "Québec"),
        ("UNOD:3", "iso-8859-2", "Łódź"),
        ("UNOE:3", "iso-8859-5", "Москва"),
        ("UNOF:3", "iso-8859-7", "Αθήνα"),
        ("UNOK:3", "iso-8859-9", "İğdır"),
        ("UNOW:4", "utf-8", "Łódź"),
        ("UNOY:4", "utf-8", "東京"),
        ("UNOY:4", "utf-16", "東京"),
    ],
)
def test_character_sets(tmp_path, syntax, encoding, name):
    text = edited("IFTSTA", ("LAVAL", name), syntax=syntax)
    outcome = read(tmp_path, text.encode(encoding))
    assert outcome.rows("backhaul__tracking_scans", "city") == [(name,)]


def test_a_sender_and_the_source_may_say_the_currency(tmp_path):
    text = edited("RETANN", ("CUX+2:EUR:11'", ""))
    assert set(read(tmp_path, text).rows("backhaul__returns", "currency")) == {(None,)}
    assert set(read(tmp_path, text, currency="CHF").rows("backhaul__returns", "currency")) == {("CHF",)}
    priced = edited("RETANN", ("20.50", "20.50:USD"))
    assert read(tmp_path, priced).rows("backhaul__returns", "currency") == [("USD",), ("EUR",)]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("17", "DEFECTIVE"),
        ("6", "WRONG_ITEM_SENT"),
        ("4", "DAMAGED"),
        ("2", "MISSING"),
        ("15", "OBSOLETE"),
        ("17::9", "DEFECTIVE"),
        ("17::6", "DEFECTIVE"),
        ("17::92", "92:17"),
        ("17::ZZZ", "ZZZ:17"),
        ("17:OWN", "OWN:17"),
        ("18E::9", "18E"),
        ("5", None),
        ("12E::9", None),
        ("21", None),
    ],
)
def test_reasons(tmp_path, code, reason):
    outcome = read(tmp_path, edited("RETANN", ("CDI+1+17", f"CDI+1+{code}")))
    assert outcome.rows("backhaul__returns", "reason_code") == [(reason,), (None,)]


@pytest.mark.parametrize(
    ("code", "dispositions", "rules"),
    [
        ("13E::9", ["DISPOSE", "DISPOSE"], {}),
        ("22", ["DISPOSE", "DISPOSE"], {}),
        ("14E::9", ["DESTROY", "DESTROY"], {}),
        ("23", ["DESTROY", "DESTROY"], {}),
        ("15E::9", ["REPAIR", "REPAIR"], {}),
        ("24", ["REPAIR", "REPAIR"], {}),
        ("16E::9", [], {}),
        ("21", [], {}),
        ("17E::9", [], {"withdrawn": 1}),
        ("12", [], {"withdrawn": 1}),
        ("14", [], {"withdrawn": 1}),
        ("9", [], {"unknown_instruction": 1}),
        ("99E::9", [], {"unknown_instruction": 1}),
        ("13E::92", [], {"unknown_instruction": 1}),
    ],
)
def test_instructions(tmp_path, code, dispositions, rules):
    outcome = read(tmp_path, edited("RETINS", ("13E::9", code)))
    tables, faults = outcome.counts
    found = [] if "dispositions" not in tables else outcome.rows("backhaul__dispositions", "disposition_code")
    assert ([one for (one,) in found], faults) == (dispositions, rules)


def test_an_instruction_for_all_lines(tmp_path):
    changes = [("CDI+3E+13E::9'", ""), ("'CDI+3E+12E::9", ""), ("LIN+1", "CDI+3E+14E::9'LIN+1")]
    outcome = read(tmp_path, edited("RETINS", *changes))
    assert sorted(outcome.rows("backhaul__dispositions", "disposition_id, disposition_code")) == [
        ("A1:1:1", "DESTROY"), ("A1:1:2", "DESTROY"), ("A1:2:1", "DESTROY"),
    ]  # fmt: skip


def test_what_is_said_of_people_is_not_kept_beside_a_row(tmp_path):
    words = "NAD+CN+++Nobody'CTA+IC+:Nobody'COM+nobody@x:EM'FTX+AAI+++for Nobody"
    for kind, table in (("IFTSTA", "tracking_scans"), ("RETANN", "returns"), ("INVRPT", "inventory_snapshots")):
        last = "DTM+78:20260104173746:204" if kind == "IFTSTA" else "UNS+S"
        text = edited(kind, (last, f"{last}'{words}" if kind == "IFTSTA" else f"{words}'{last}"))
        rows = read(tmp_path, text).rows(f"backhaul__{table}", "extra")
        assert rows
        assert "obody" not in str(rows)


def test_a_partner_adds_codes_and_replaces_a_record(tmp_path):
    partner = {
        "extends": "edifact",
        "codes": {
            "reason_of": {"92:17": "DAMAGED_FC"},
            "disposition_of": {"DISPOSE": "RECYCLE"},
            "own_status_of": {"ZZZ:DEL": "delivered"},
        },
        "records": [
            {
                "name": "line_without_quantity",
                "at": ["LIN[*].QTY[*01.01=12]"],
                "where": {"$.set": ["RETANN"]},
                "columns": [
                    {"include": "envelope"},
                    {"name": "rma", "path": "$.BGM[0].02.01", "type": "string", "required": True},
                    {"name": "sku", "path": "^03.01", "type": "string", "required": True},
                    {"name": "quantity", "path": "01.02", "type": "integer", "required": True},
                ],
                "routes": [{"table": "returns", "map": {"rma_id": "rma", "sku": "sku", "quantity": "quantity"}}],
            }
        ],
    }
    path = tmp_path / "partner.yml"
    path.write_text(yaml.safe_dump(partner))
    text = interchange(
        message(["BGM+1+A1", "DTM+137:20260104:102", "LIN+1++G1:EN", "QTY+12:4", "LIN+2++G2:EN", "QTY+61:1",
                 "CDI+1+17::92"]),
        message(MESSAGES["RETINS"], "RETINS:D:01B:UN", "2"),
        message([*MESSAGES["IFTSTA"][:6], "STS+1+DEL::ZZZ", "DTM+78:20260104:102"], "IFTSTA:D:01B:UN", "3"),
    )  # fmt: skip
    outcome = read(tmp_path, text, contract=str(path))
    assert set(outcome.rows("backhaul__returns", "rma_id, sku, quantity, reason_code")) == {
        ("A1", "G1", 4, None), ("A1", "G2", 1, "DAMAGED_FC"), ("A1", "G1", 2, None), ("A1", "G2", 1, None),
    }  # fmt: skip
    assert set(outcome.rows("backhaul__dispositions", "disposition_code")) == {("RECYCLE",)}
    assert outcome.rows("backhaul__tracking_scans", "status, status_detail") == [("delivered", "ZZZ:DEL")]


def test_the_dialect_in_the_readme(tmp_path):
    path = tmp_path / "partner.yml"
    text = (SOURCES / "edifact" / "README.md").read_text(encoding="utf-8")
    path.write_text(text.partition("```yaml\n")[2].partition("```")[0])
    parcel = ["RFF+CW:1Z1", "CNI+1", "STS+1:D2:21", "RFF+AAN:2", "DTM+78:20260104173746:204"]
    returned = ["BGM+1+A1", "LIN+1++G1:EN", "PIA+5+S1:SA", "QTY+12:4"]
    data = interchange(message(parcel, "IFTSTA:D:07B:UN"), message(returned, number="2"))
    outcome = read(tmp_path, data, contract=str(path))
    assert outcome.rows("backhaul__tracking_scans", "carrier, status") == [("UPS", "delivered")]
    assert outcome.rows("backhaul__returns", "rma_id, sku, quantity") == [("A1", "S1", 4)]
    assert outcome.counts[1] == {}


# What is changed in a good message, the rows that are left, and the rules that the others break.
BAD = {
    "RETANN": [
        ("QTY+61:2:PCE", "QTY+61::PCE", 1, {"required_missing": 1}),
        ("QTY+61:2:PCE", "QTY+61:two:PCE", 1, {"not_a_integer": 1}),
        ("QTY+61:2:PCE", "QTY+61:2.5:PCE", 1, {"not_a_whole_number": 1}),
        ("QTY+61:2:PCE", "QTY+61:2,5:PCE", 1, {"not_a_whole_number": 1}),
        ("QTY+61:2:PCE", "QTY+61:0:PCE", 1, {"below_minimum": 1}),
        ("QTY+61:2:PCE", "QTY+61:-2:PCE", 1, {"below_minimum": 1}),
        ("QTY+61:2:PCE", "QTY+61:100001:PCE", 1, {"above_maximum": 1}),
        ("QTY+61:2:PCE", "QTY+61:99999999999999999999:PCE", 1, {"not_a_integer": 1}),
        ("QTY+61:2:PCE", "QTY+61:1.000,5:PCE", 1, {"not_a_integer": 1}),
        ("QTY+61:2:PCE", "QTY+61:2:KGM", 1, {"not_in_pieces": 1}),
        ("QTY+61:2:PCE", "QTY+61:2:CT", 1, {"not_in_pieces": 1}),
        ("QTY+61:2:PCE", "QTY+61:2:kgm", 1, {"not_in_pieces": 1}),
        ("QTY+61:2:PCE", "QTY+46:2:PCE", 1, {"no_return_quantity": 1}),
        ("QTY+61:2:PCE", "QTY+12:2:PCE", 1, {"no_return_quantity": 1}),
        ("QTY+61:2:PCE", "QTY", 1, {"no_return_quantity": 1}),
        ("QTY+61:2:PCE", "qty+61:2:PCE", 1, {"no_return_quantity": 1}),
        ("QTY+61:2:PCE", "QTY+61/2/PCE", 1, {"no_return_quantity": 1}),
        ("LIN+1++G1:EN", "LIN+1", 1, {"required_missing": 1}),
        ("LIN+1++G1:EN", "LIN+1++:EN", 1, {"required_missing": 1}),
        ("LIN+1++G1:EN", "LIN+1+2+G1:EN", 1, {"withdrawn": 1}),
        ("LIN+1++G1:EN", "LIN+1+7+G1:EN", 1, {"withdrawn": 1}),
        ("LIN+1++G1:EN", "LIN+1++G1:EN+1:2", 1, {"part_of_another_line": 1}),
        ("LIN+1++G1:EN", "lin+1++G1:EN", 0, {"line_count_differs": 1}),
        ("CDI+1+17", "CDI+3E+17E::9", 1, {"withdrawn": 1}),
        ("CDI+1+17", "CDI+3E+14", 1, {"withdrawn": 1}),
        ("361:20260630:102", "361:20260631:102", 1, {"not_a_date": 1}),
        ("361:20260630:102", "361:soon", 1, {"not_a_date": 1}),
        ("361:20260630:102", "361:202606301200:203", 1, {"time_in_a_date": 1}),
        ("361:20260630:102", "361:202606:610", 1, {"not_a_date": 1}),
        ("20.50", "free", 1, {"not_a_decimal": 1}),
        ("20.50", "-20.50", 1, {"below_minimum": 1}),
        ("20.50", "20.50.00", 1, {"not_a_decimal": 1}),
        ("20.50", "20.505055", 1, {"more_decimals_than_kept": 1}),
        ("20.50", "NaN", 1, {"not_a_decimal": 1}),
        ("20.50", "1e400", 1, {"not_a_decimal": 1}),
        ("PRI+AAA:10", "PRI+AAA:ten", 1, {"not_a_decimal": 1}),
        ("PRI+AAA:10", "PRI+AAA:-10", 1, {"below_minimum": 1}),
        ("PRI+AAA:10", "PRI+AAA:10:::per hundred", 1, {"not_a_decimal": 1}),
        ("BGM+70E::9+A1+9", "BGM+70E::9++9", 0, {"required_missing": 2}),
        ("BGM+70E::9+A1+9'", "", 0, {"required_missing": 2}),
        ("BGM+70E::9+A1+9", "bgm+70E::9+A1+9", 0, {"required_missing": 2}),
        ("A1+9", "A1+1", 0, {"withdrawn": 2}),
        ("A1+9", "A1+3", 0, {"withdrawn": 2}),
        ("A1+9", "A1+9+RE", 0, {"withdrawn": 2}),
        ("137:20260104:102", "137:20260199:102", 0, {"not_a_timestamp": 2}),
        ("137:20260104:102", "137:4 January", 0, {"not_a_timestamp": 2}),
        ("137:20260104:102", "137:260104", 0, {"not_a_timestamp": 2}),
        ("CNT+2:2", "CNT+2:3", 0, {"line_count_differs": 2}),
        ("CNT+2:2", "CNT+2:0", 0, {"line_count_differs": 2}),
        ("CNT+2:2", "CNT+2:two", 0, {"not_a_integer": 2}),
    ],
    "RETINS": [
        ("I1+9", "I1+1", 0, {"withdrawn": 4}),
        ("I1+9", "I1+9+RE", 0, {"withdrawn": 4}),
        ("137:202601120815:203", "137:202601120815:102", 0, {"not_a_timestamp": 2}),
        ("171:20260104:102", "171:20260104:203", 0, {"not_a_timestamp": 2}),
        ("QTY+61:2", "QTY+61", 3 - 2, {"required_missing": 1}),
        ("QTY+61:2", "QTY+61:20000", 1, {"units_out_of_range": 1}),
        ("QTY+61:2", "QTY+21:2", 1, {"no_return_quantity": 1}),
        ("QTY+61:2'", "", 1, {"no_return_quantity": 1}),
        ("QTY+61:2", "QTY+61:2:LTR", 1, {"not_in_pieces": 1}),
        ("LIN+1++G1:EN", "LIN+1++", 1, {"required_missing": 1}),
        ("13E::9", "17E::9", 1, {"withdrawn": 1}),
        ("13E::9", "13e::9", 4, {}),
        ("13E::9", "XXX", 1, {"unknown_instruction": 1}),
        ("13E::9", "13E::91", 1, {"unknown_instruction": 1}),
        ("12E::9", "99", 3, {"unknown_instruction": 1}),
    ],
    "IFTSTA": [
        ("RFF+CW:1Z1'CNI+1+C1", "CNI+1", 0, {"required_missing": 1}),
        ("RFF+CW:1Z1'CNI+1+C1", "RFF+ACD:1Z1'CNI+1", 0, {"required_missing": 1}),
        ("RFF+CW:1Z1'CNI+1+C1", "RFF+cw:1Z1'CNI+1", 0, {"required_missing": 1}),
        ("STS+1+21+3", "STS+1", 0, {"no_status": 1}),
        ("STS+1+21+3", "STS", 0, {"no_status": 1}),
        ("STS+1+21+3'DTM+78:20260104173746:204", "FTX+AAI+++delivered", 0, {"no_status": 1}),
        ("STS+1+21+3", "sts+1+21+3", 0, {"no_status": 1}),
        ("DTM+78:20260104173746:204", "FTX+AAI+++yesterday", 0, {"required_missing": 1}),
        ("DTM+78", "DTM+999", 0, {"required_missing": 1}),
        ("DTM+78", "DTM+137", 0, {"required_missing": 1}),
        ("DTM+78", "DTM+132", 0, {"estimate_only": 1}),
        ("DTM+78", "DTM+17", 0, {"estimate_only": 1}),
        ("DTM+78", "DTM+133", 0, {"estimate_only": 1}),
        ("DTM+78", "DTM+191", 0, {"estimate_only": 1}),
        ("CNI+1+C1'LOC+14+:::LAVAL+:::CA'STS+1+21+3'DTM+78:20260104173746:204", "FTX+AAI", 0, {"no_record": 1}),
        ("CNI+1+C1", "CNI+1+C1'CNI+2+C2", 1, {"no_status": 1}),
    ],
    "INVRPT": [
        ("QTY+145:5:PCE", "QTY+145::PCE", 1, {"required_missing": 1}),
        ("QTY+145:5:PCE", "QTY+145:five:PCE", 1, {"not_a_integer": 1}),
        ("QTY+145:5:PCE", "QTY+145:5.5:PCE", 1, {"not_a_whole_number": 1}),
        ("QTY+145:5:PCE", "QTY+145:5,5:PCE", 1, {"not_a_whole_number": 1}),
        ("QTY+145:5:PCE", "QTY+145:1.000,5:PCE", 1, {"not_a_integer": 1}),
        ("QTY+145:5:PCE", "QTY+145:5:KGM", 1, {"not_in_pieces": 1}),
        ("QTY+145:5:PCE", "QTY+145:5:PF", 1, {"not_in_pieces": 1}),
        ("QTY+145:5:PCE", "QTY", 1, {"required_missing": 1}),
        ("QTY+145:5:PCE", "QTY+:5:PCE", 1, {"required_missing": 1}),
        ("QTY+145:5:PCE", "QTY+777:5:PCE", 1, {"unknown_quantity": 1}),
        ("QTY+145:5:PCE", "QTY+X16:5:PCE", 1, {"unknown_quantity": 1}),
        ("QTY+145:5:PCE", "QTY+21:5:PCE", 1, {"not_a_stock_level": 1}),
        ("QTY+145:5:PCE", "QTY+97:5:PCE", 1, {"not_a_stock_level": 1}),
        ("QTY+145:5:PCE", "QTY+199:5:PCE", 1, {"not_a_stock_level": 1}),
        ("QTY+145:5:PCE", "QTY+212:5:PCE", 1, {"not_a_stock_level": 1}),
        ("QTY+145:5:PCE", "QTY+157:5:PCE", 1, {"not_a_stock_level": 1}),
        ("QTY+145:5:PCE", "QTY+145:5:PCE'INV+1", 1, {"not_a_stock_level": 1}),
        ("QTY+145:5:PCE", "INV+2'QTY+145:5:PCE", 1, {"not_a_stock_level": 1}),
        ("QTY+145:5:PCE", "INV+2", 1, {"no_quantity": 1}),
        ("QTY+145:5:PCE'", "", 1, {"no_quantity": 1}),
        ("QTY+145:5:PCE", "qty+145:5:PCE", 1, {"no_quantity": 1}),
        ("LIN+1++G1:EN", "LIN+1", 1, {"required_missing": 1}),
        ("LIN+1++G1:EN", "LIN+1++:EN", 1, {"required_missing": 1}),
        ("NAD+WH+W1::92'", "", 0, {"required_missing": 2}),
        ("NAD+WH+W1::92", "NAD+WH+++W1", 0, {"required_missing": 2}),
        ("NAD+WH+W1::92", "NAD+XX+W1::92", 0, {"required_missing": 2}),
        ("DTM+137:20260105:102'DTM+366:20260104:102'", "", 0, {"required_missing": 2}),
        ("366:20260104:102", "366:20260104:203", 0, {"not_a_timestamp": 2}),
        ("366:20260104:102", "366:202601:610", 0, {"not_a_timestamp": 2}),
        ("366:20260104:102", "366:20260104:718", 0, {"not_a_timestamp": 2}),
        ("366:20260104:102", "366:today:102", 0, {"not_a_timestamp": 2}),
        ("V1+9", "V1+1", 0, {"withdrawn": 2}),
        ("CNT+2:2", "CNT+2:1", 0, {"line_count_differs": 2}),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "old", "new", "rows", "rules"),
    [pytest.param(kind, *case, id=f"{kind} {case[0]} > {case[1]}") for kind, cases in BAD.items() for case in cases],
)
def test_bad_rows(tmp_path, kind, old, new, rows, rules):
    tables, faults = read(tmp_path, edited(kind, (old, new))).counts
    assert (sum(tables.values()), faults) == (rows, rules)


@pytest.mark.parametrize("kind", MESSAGES)
def test_a_segment_lost_on_the_way(tmp_path, kind):
    broken = [message(MESSAGES[kind], f"{kind}:{RELEASE}", str(number)) for number in range(len(MESSAGES[kind]))]
    for number, whole in enumerate(broken):
        del whole[number + 1]
    outcome = read(tmp_path, interchange(*broken, message(MESSAGES[kind], f"{kind}:{RELEASE}", "whole")))
    assert outcome.quarantine("_row, rule") == [(number, COUNT) for number in range(1, len(broken) + 1)]
    assert outcome.counts[0] == TABLES[kind]


PLACES = [(kind, number) for kind, body in MESSAGES.items() for number in range(len(body))]


@pytest.mark.parametrize(("kind", "number"), PLACES)
def test_a_file_that_is_cut(tmp_path, kind, number):
    text = sent(kind)
    cut = text[: text.index(MESSAGES[kind][number]) + len(MESSAGES[kind][number]) - 1]
    assert read(tmp_path, cut).counts == ({}, {UNCLOSED: 2})


@pytest.mark.parametrize(
    ("old", "new", "tables", "rules"),
    [
        ("UNT+17+1", "UNT+16+1", {}, {COUNT: 1}),
        ("UNT+17+1", "UNT++1", {}, {COUNT: 1}),
        ("UNT+17+1", "UNT+-17+1", {}, {COUNT: 1}),
        ("UNT+17+1", "UNT+many+1", {}, {COUNT: 1}),
        ("UNT+17+1", "UNT+17+2", {"returns": 2}, {MISMATCH: 1}),
        ("UNT+17+1", "UNT+16+2", {}, {CONTROL: 1}),
        ("UNT+17+1'", "", {}, {UNCLOSED: 1}),
        ("UNZ+1+77", "UNZ+1+78", {"returns": 2}, {MISMATCH: 1}),
        ("UNZ+1+77", "UNZ+2+78", {}, {CONTROL: 1, "envelope_group_count": 1}),
        ("UNZ+1+77", "UNZ+2+77", {"returns": 2}, {"envelope_group_count": 1}),
        ("UNZ+1+77", "UNZ++77", {"returns": 2}, {"envelope_group_count": 1}),
        ("UNZ+1+77'", "", {"returns": 2}, {UNCLOSED: 1}),
        ("UNH+1+RETANN:D:96A:UN'", "", {}, {"envelope_stray": 16, "envelope_group_count": 1}),
        ("RETANN:D", "ORDERS:D", {}, {"not_about_returns": 1}),
        ("RETANN:D", "INVOIC:D", {}, {"not_about_returns": 1}),
        ("RETANN:D", "RECADV:D", {}, {"not_about_returns": 2}),
        ("RETANN:D", "PNRGOV:D", {}, {"no_record": 1}),
        ("RETANN:D", "retann:D", {}, {"no_record": 1}),
        ("RETANN:D:96A:UN", "", {}, {"no_record": 1}),
        ("+77++RETANN", "+77++RETANN++++1", {}, {"test_interchange": 2}),
        ("260105:1200", "261305:1200", {}, {"not_a_timestamp": 2}),
        ("260105:1200", "260105:2500", {}, {"not_a_timestamp": 2}),
        ("260105:1200", "", {}, {"required_missing": 2}),
        ("UNB+UNOC", "UNC+UNOC", {}, {"not_edifact": 1}),
        ("UNB+UNOC", "unb+UNOC", {}, {"not_edifact": 1}),
        ("UNB+UNOC", "UNB+uno", {}, {"not_edifact": 1}),
        ("UNB+UNOC", "x UNB+UNOC", {}, {"not_edifact": 1}),
        ("UNB+UNOC", "UNA:+.? UNB+UNOC", {}, {"not_edifact": 1}),
    ],
)
def test_envelopes_that_are_wrong(tmp_path, old, new, tables, rules):
    text = sent("RETANN")
    assert old in text
    assert read(tmp_path, text.replace(old, new, 1)).counts == (tables, rules)


@pytest.mark.parametrize(
    "data",
    [b"", b"\n", b"a,b\n1,2\n", b"<x/>", b'{"a": 1}', b"ISA*00*", b"%PDF-1.7", b"UNB", b"UNA:+.? '", b"\x00\x01\x02",
     "UNB".encode("utf-16"), b"PK\x05\x06" + b"\0" * 18, b"\x1f\x8b\x08\x00cut"],
)  # fmt: skip
def test_foreign_files(tmp_path, data):
    outcome = read(tmp_path, data)
    assert outcome.counts[0] == {}
    assert outcome.parsed.quarantined == 1
    assert outcome.parsed.blocked


def test_bytes_that_are_no_text_cost_their_message(tmp_path):
    good, bad = message(MESSAGES["IFTSTA"], "IFTSTA:D:07B:UN"), message(MESSAGES["IFTSTA"], "IFTSTA:D:07B:UN", "2")
    text = interchange(good, bad, syntax="UNOY:4").replace("'", "'\n").replace("LAVAL", "Québec").encode()
    at = text.rindex("é".encode())
    outcome = read(tmp_path, text[:at] + b"\xff" + text[at + 1 :])
    assert outcome.counts == ({"tracking_scans": 1}, {"invalid_encoding": 1})


@pytest.mark.parametrize("kind", MESSAGES)
@pytest.mark.parametrize(
    "drift",
    [
        pytest.param(lambda text: text.replace("'", "'\r\n"), id="lines"),
        pytest.param(lambda text: "UNA:+.? '" + text, id="a service string"),
        pytest.param(lambda text: "UNA|*.? #" + text.translate(str.maketrans(":+'", "|*#")), id="other delimiters"),
        pytest.param(lambda text: "UNA:+.? \n" + text.replace("'", "\n"), id="lines end segments"),
        pytest.param(lambda text: "\ufeff" + text, id="a mark at the start"),
        pytest.param(lambda text: text.replace("UNOC:3", "UNOA:1"), id="syntax 1"),
        pytest.param(lambda text: text.replace("UNOC:3", "UNOY:4").replace("260105:", "20260105:"), id="syntax 4"),
        pytest.param(lambda text: text.replace("D:96A:UN", "D:01B:UN:EAN010"), id="D.01B"),
        pytest.param(lambda text: text.replace("D:96A:UN", "D:20B:UN"), id="D.20B"),
        pytest.param(lambda text: text.replace("D:96A:UN", "S:93A:UN"), id="S.93A"),
        pytest.param(lambda text: text.replace("++RETANN", "+++A++AGREED"), id="another head"),
        pytest.param(lambda text: text.replace("+77", "+0077", 1), id="leading zeros"),
    ],
)
def test_other_habits_of_senders(tmp_path, kind, drift):
    assert read(tmp_path, drift(sent(kind))).counts == (TABLES[kind], {})


ADDED = [
    "ZZZ+1+new", "FTX+AAI+++A word", "ALI+FR", "IMD+F++:::Shoe", "MEA+PD+AAB+KGM:1.5", "GIR+3+X:AP", "PIA+1+S1:SA",
    "RFF+ZZZ:1", "CCI+++new", "RFF+ON:UNB",
]  # fmt: skip


@pytest.mark.parametrize("kind", MESSAGES)
@pytest.mark.parametrize("segment", ADDED)
def test_segments_that_are_added(tmp_path, kind, segment):
    body = list(MESSAGES[kind])
    at = next(number for number, raw in enumerate(body) if raw.startswith(("LIN", "CNI")))
    body.insert(at + 1, segment)
    assert read(tmp_path, sent(kind, body)).counts == (TABLES[kind], {})


@pytest.mark.parametrize(
    ("kind", "absent"),
    [
        ("RETANN", "CUX"), ("RETANN", "NAD"), ("RETANN", "CDI"), ("RETANN", "MOA"), ("RETANN", "PRI"),
        ("RETANN", "RFF"), ("RETANN", "DTM"), ("RETANN", "UNS"), ("RETANN", "CNT"), ("RETINS", "RFF"),
        ("RETINS", "UNS"), ("IFTSTA", "BGM"), ("IFTSTA", "NAD"), ("IFTSTA", "RFF"), ("IFTSTA", "LOC"),
        ("INVRPT", "BGM"), ("INVRPT", "LOC"), ("INVRPT", "UNS"), ("INVRPT", "CNT"),
    ],
)  # fmt: skip
def test_segments_that_are_left_out(tmp_path, kind, absent):
    body = [segment for segment in MESSAGES[kind] if not segment.startswith(absent)]
    assert len(body) < len(MESSAGES[kind])
    assert read(tmp_path, sent(kind, body)).counts == (TABLES[kind], {})


@pytest.mark.parametrize(
    ("kind", "old", "new", "table", "column", "value"),
    [
        ("RETANN", "QTY+61:2", "QTY+445:2", "returns", "quantity", 2),
        ("RETANN", "QTY+61:2", "QTY+61:2.000", "returns", "quantity", 2),
        ("RETANN", "QTY+61:2:PCE", "QTY+46:9'QTY+61:2", "returns", "quantity", 2),
        ("RETANN", "LIN+1++G1:EN", "LIN+1'PIA+5+G1:SA", "returns", "sku", "G1"),
        ("RETANN", "LIN+1++G1:EN", "LIN+++G1:SRV", "returns", "rma_line", "1"),
        ("RETANN", "MOA+203:20.50", "MOA+203:20.50:USD:4", "returns", "currency", "USD"),
        ("RETANN", "MOA+203:20.50", "TAX+7+VAT'MOA+124:3'", "returns", "net_amount", None),
        ("RETANN", "361:20260630:102", "36:260630:101", "returns", "expiry_date::VARCHAR", "2026-06-30"),
        ("RETANN", "DTM+361:20260630:102", "DTM+50:20260103:102", "returns", "received_at::VARCHAR",
         "2026-01-03 00:00:00"),
        ("RETANN", "RFF+ON:PO7", "PAC+1++BX'PCI+33E'GIN+BN+S1+S2'RFF+ON:PO7", "returns", "serial_number", "S1"),
        ("RETANN", "RFF+ON:PO7", "GIN+BN+S1:S2'RFF+ON:PO7", "returns", "serial_number", None),
        ("RETANN", "RFF+ON:PO7", "GIN+BN+S1'GIN+BN+S2'RFF+ON:PO7", "returns", "serial_number", "S1"),
        ("RETANN", "RFF+ON:PO7", "RFF+CN:T1'RFF+ON:PO7:5", "returns", "order_line", "5"),
        ("RETANN", "RFF+ON:PO7", "RFF+CW:T1", "returns", "tracking_number", "T1"),
        ("RETINS", "LIN+1++G1:EN", "LIN+9++G1:EN'RFF+ARN:A1:1", "returns", "rma_line", "1"),
        ("RETINS", "RFF+ARN:A1'", "", "returns", "rma_id", "I1"),
        ("IFTSTA", "RFF+CW:1Z1'CNI+1+C1", "CNI+1+C1", "tracking_scans", "tracking_number", "C1"),
        ("IFTSTA", "RFF+CW:1Z1'CNI+1+C1'", "RFF+CN:K1'", "tracking_scans", "tracking_number", "K1"),
        ("IFTSTA", "STS+1+21+3", "STS+1+777", "tracking_scans", "status", "777"),
        ("IFTSTA", "STS+1+21+3", "STS+1+21::92", "tracking_scans", "status", "92:21"),
        ("IFTSTA", "STS+1+21+3", "STS+1+21:LIST", "tracking_scans", "status", "LIST:21"),
        ("IFTSTA", "DTM+78:20260104173746:204", "DTM+334:20260104:102", "tracking_scans", "scanned_at::VARCHAR",
         "2026-01-04 00:00:00"),
        ("IFTSTA", "LOC+14+:::LAVAL+:::CA", "LOC+14+CALVL:139:6", "tracking_scans", "city", "CALVL"),
        ("INVRPT", "QTY+145:5", "QTY+17:5", "inventory_snapshots", "stage", "on_hand"),
        ("INVRPT", "QTY+145:5:PCE", "INV+++1+1'QTY+145:5:C62", "inventory_snapshots", "location", "BIN1"),
        ("INVRPT", "QTY+145:5", "QTY+145:-5", "inventory_snapshots", "quantity", -5),
        ("INVRPT", "NAD+WH+W1::92", "NAD+GY+W9::92", "inventory_snapshots", "node_id", "W9"),
        ("INVRPT", "NAD+WH+W1::92", "NAD+DB+W8::91", "inventory_snapshots", "node_id", "W8"),
        ("INVRPT", "NAD+WH+W1::92'LIN+1++G1:EN'QTY+145:5:PCE'LOC+18",
         "NAD+DS+D1::92'LIN+1++G1:EN'LOC+14+W3'RFF+AEN:1'QTY+17:5:EA'LOC+18", "inventory_snapshots", "node_id", "W3"),
        ("INVRPT", "366:20260104:102", "91:20260104:102", "inventory_snapshots", "snapshot_at::VARCHAR",
         "2026-01-04 00:00:00"),
        ("INVRPT", "366:20260104:102", "366:2025122820260103:718", "inventory_snapshots", "snapshot_at::VARCHAR",
         "2026-01-03 00:00:00"),
        ("INVRPT", "DTM+366:20260104:102'", "", "inventory_snapshots", "snapshot_at::VARCHAR", "2026-01-05 00:00:00"),
        ("INVRPT", "LOC+18+BIN1", "LOC+18+BIN1'RFF+BT:L1", "inventory_snapshots", "lot", "L1"),
        ("INVRPT", "LOC+18+BIN1", "GIN+BJ+354123450000000014", "inventory_snapshots", "lpn", "354123450000000014"),
    ],
)  # fmt: skip
def test_another_way_of_saying_it(tmp_path, kind, old, new, table, column, value):
    found = read(tmp_path, edited(kind, (old, new))).rows(f"backhaul__{table}", column)
    assert (value,) in found


@pytest.mark.skipif(not SHARED.exists(), reason="the samples are not there")
def test_a_real_file(tmp_path):
    [file] = (SHARED / "x12").rglob("edifact*.EDI")
    assert read(tmp_path, file.read_bytes()).counts == ({}, {COUNT: 1})
