"""X12 sets that also tell of returns: activity (852), receipts (861, 944), transfers (867), shipments (945)."""

from __future__ import annotations

import pytest

from tests.unit.ingestion.parsing import golden
from tests.unit.ingestion.test_x12 import a_set, interchange
from tests.unit.ingestion.test_x12_kind import read

SETS = {
    "852": ["XQ*H*20260101*20260107", "N1*ST*Shop*92*S1", "LIN*1*UP*A1", "ZA*QU*3*EA", "ZA*QA*5*EA"],
    "861": ["BRA*R1*20260107*00*1*0930", "REF*RZ*RMA1", "N1*ST**92*W1", "RCD*1*8*EA***2*EA*02", "LIN*1*SK*A1"],
    "867": ["BPT*00*D1*20260107*PR", "PTD*RV", "REF*RZ*RMA1", "QTY*76*4*EA", "LIN**VN*A1", "UIT*EA*2.5"],
    "944": ["W17*C*20260107*RC1*DO1", "N1*WH**92*W1", "W07*5*EA**SK*A1", "N9*LT*L1", "W13*2*EA*02", "W14*5"],
    "945": ["W06*F*O1*20260107*SH1", "N1*ST**92*M1", "N9*RZ*RMA9", "W27*M*ABCD", "LX*1", "W12*CC*1*1**EA**VN*A1"],
}
TABLES = {
    "852": {"returns": 1, "inventory_snapshots": 1},
    "861": {"returns": 1},
    "867": {"returns": 1},
    "944": {"returns": 1},
    "945": {"shipments": 1},
}


def edited(code, old, new):
    """The set with a text replaced, which must be there, in an envelope that counts it rightly."""
    body = "~".join(SETS[code])
    assert old in body
    return interchange(a_set([segment for segment in body.replace(old, new, 1).split("~") if segment], code))


@pytest.mark.parametrize("code", SETS)
def test_a_good_set(tmp_path, code):
    assert read(tmp_path, interchange(a_set(SETS[code], code))).counts == (TABLES[code], {})


def test_activity(tmp_path):
    outcome = read(tmp_path, golden("x12", "852_activity.edi"))
    columns = "rma_id, rma_line, quantity, sku, received_at::VARCHAR, node_id"
    assert outcome.rows("backhaul__returns", columns) == [
        ("S1:20260101:20260107", "A1:QU", 4, "A1", "2026-01-07 00:00:00", "S1"),
        ("S2:20260101:20260107", "A1:QU", 1, "A1", "2026-01-07 00:00:00", "S2"),
        ("SHOP1:20260101:20260107", "B2:Q3", 2, "B2", "2026-01-07 00:00:00", "SHOP1"),
    ]
    columns = "node_id, sku, stage, quantity, snapshot_at::VARCHAR"
    assert outcome.rows("backhaul__inventory_snapshots", columns) == [
        ("S1", "A1", "available", 40, "2026-01-07 00:00:00"),
        ("S2", "A1", "available", 0, "2026-01-07 00:00:00"),
        ("SHOP1", "B2", "on_hold", 3, "2026-01-06 00:00:00"),
        ("R1", "A1", "available", 5, "2026-01-07 00:00:00"),
        ("R2", "A1", "available", 6, "2026-01-07 00:00:00"),
    ]
    assert sorted(outcome.quarantine("_row, rule")) == [
        (1, "not_a_stock_level"), (1, "nothing_returned"), (1, "unknown_activity"), (2, "not_a_stock_level"),
    ]  # fmt: skip


RECEIPT = "rma_id, rma_line, quantity, received_quantity, sku, serial_number, lpn, received_at::VARCHAR, node_id"


def test_a_receiving_advice(tmp_path):
    outcome = read(tmp_path, golden("x12", "861_receipt.edi"))
    assert outcome.rows("backhaul__returns", RECEIPT) == [
        ("RMA1", "1", 10, 8, "A1", None, None, "2026-01-06 15:00:00", "W1"),
        ("RMA1", "2", 3, 0, "B2", None, None, None, "W1"),
        ("RMA2", "3", 1, 1, "C3", "SN1", None, "2026-01-06 15:00:00", "W1"),
    ]
    assert '"code":"01"' in outcome.rows("backhaul__returns", "extra ->> 'conditions'")[0][0]
    assert outcome.quarantine("_row, rule") == [(2, "not_about_returns")]


def test_a_stock_receipt(tmp_path):
    outcome = read(tmp_path, golden("x12", "944_receipt.edi"))
    moment = "2026-01-07 00:00:00"
    assert sorted(outcome.rows("backhaul__returns", RECEIPT), key=lambda row: row[:2]) == [
        ("DO1", "9", 1, 1, "C3", None, "LP1", moment, "W1"),
        ("DO1", "RC1.1.1", 1, 1, "A1", "SN1", None, moment, "W1"),
        ("DO1", "RC1.1.2", 1, 1, "A1", "SN2", None, moment, "W1"),
        ("DO1", "RC1.2", 7, 5, "B2", None, None, moment, "W1"),
        ("RMA3", "RC3.1.1", 2, 2, "000000000012", None, None, moment, None),
        ("RMA3", "RC3.1.2", 1, 1, "D4", None, None, moment, None),
    ]
    assert set(outcome.rows("backhaul__returns", "order_id")) == {("PO7",), (None,)}
    assert outcome.quarantine("_row, rule") == [(2, "not_about_returns")]


def test_two_receipts_of_one_authorisation_are_both_there(tmp_path):
    first = a_set(SETS["944"], "944")
    again = a_set([segment.replace("RC1", "RC2") for segment in SETS["944"]], "944", "0002")
    outcome = read(tmp_path, interchange(first, again))
    assert len(set(outcome.rows("backhaul__returns", "_record_key"))) == 2


def test_transfers(tmp_path):
    outcome = read(tmp_path, golden("x12", "867_transfers.edi"))
    columns = "rma_id, rma_line, quantity, sku, serial_number, net_amount::VARCHAR, currency, received_at::VARCHAR"
    assert outcome.rows("backhaul__returns", columns) == [
        ("RMA1", "D1.1.1", 4, "A1", None, "10.0000", "USD", "2026-01-06 00:00:00"),
        ("RMA1", "D1.1.2", 1, "B2", "SN1", "20.0000", "USD", "2026-01-06 00:00:00"),
        ("D1", "D1.3.1", 2, "C3", None, None, "USD", None),
    ]
    assert sorted(outcome.quarantine("_row, rule")) == [(1, "negative_quantity"), (1, "not_about_returns")]


def test_shipments(tmp_path):
    outcome = read(tmp_path, golden("x12", "945_shipments.edi"))
    columns = "carrier, tracking_number, is_return, to_node_id"
    assert outcome.rows("backhaul__shipments", columns) == [("ABCD", "1Z8", True, "M1")]
    assert outcome.quarantine("_row, rule") == [(2, "not_about_returns"), (3, "no_parcel")]


# What is changed in a good set, the rows that are left, and the rules that the others break.
BAD = [
    ("852", "QU*3", "QU*three", 1, {"not_a_integer": 1}),
    ("852", "QU*3", "QU*2.5", 1, {"not_a_whole_number": 1}),
    ("852", "QU*3", "QU*", 1, {"required_missing": 1}),
    ("852", "QU*3", "QU*0", 1, {"nothing_returned": 1}),
    ("852", "QU*3", "QU*-3", 1, {"below_minimum": 1}),
    ("852", "QU*3*EA", "QU*3*CA", 1, {"not_in_pieces": 1}),
    ("852", "ZA*QU", "ZA*", 1, {"required_missing": 1}),
    ("852", "ZA*QU", "ZA*qq", 1, {"unknown_activity": 1}),
    ("852", "ZA*QU", "ZA*QS", 1, {"not_a_stock_level": 1}),
    ("852", "ZA*QU", "ZA*QR", 1, {"not_a_stock_level": 1}),
    ("852", "ZA*QU*3*EA", "ZA*QU*3*EA*007*tomorrow", 1, {"not_a_timestamp": 1}),
    ("852", "LIN*1*UP*A1", "LIN*1", 0, {"required_missing": 2}),
    ("852", "LIN*1*UP*A1", "LIN*1*XX*A1", 0, {"required_missing": 2}),
    ("852", "N1*ST*Shop*92*S1~", "", 0, {"no_place": 2}),
    ("852", "N1*ST", "N1*VN", 0, {"no_place": 2}),
    ("852", "*92*S1", "", 0, {"no_place": 2}),
    ("852", "20260101", "20261301", 0, {"not_a_timestamp": 2}),
    ("852", "*20260101*20260107", "", 0, {"required_missing": 2}),
    ("852", "ZA*QU*3*EA~ZA*QA*5*EA", "CTT*1", 0, {"no_record": 1}),
    ("852", "ZA*QU*3*EA", "ZA*QU~SDQ*EA*92*S1*x*S2*1", 2, {"not_a_integer": 1}),
    ("852", "ZA*QU*3*EA", "ZA*QU~SDQ*EA*92*S1", 1, {"required_missing": 1}),
    ("852", "ZA*QU*3*EA", "ZA*QU~SDQ*EA*92**4", 1, {"no_place": 1}),
    ("861", "RZ*RMA1", "PO*PO7", 0, {"not_about_returns": 1}),
    ("861", "RZ*RMA1", "RZ", 0, {"not_about_returns": 1}),
    ("861", "*00*1", "*01*1", 0, {"withdrawn": 1}),
    ("861", "*00*1", "*03*1", 0, {"withdrawn": 1}),
    ("861", "R1*20260107", "R1*", 0, {"not_a_timestamp": 1}),
    ("861", "20260107", "2026-01-07", 0, {"not_a_timestamp": 1}),
    ("861", "RCD*1*8", "RCD*1*eight", 0, {"not_a_integer": 1}),
    ("861", "RCD*1*8", "RCD*1*-8", 0, {"below_minimum": 1}),
    ("861", "RCD*1*8", "RCD*1*8.5", 0, {"not_a_whole_number": 1}),
    ("861", "RCD*1*8", "RCD*1*100001", 0, {"above_maximum": 1}),
    ("861", "RCD*1*8*EA***2*EA*02", "RCD*1*0*EA", 0, {"nothing_received": 1}),
    ("861", "RCD*1*8*EA***2*EA*02", "RCD*1", 0, {"nothing_received": 1}),
    ("861", "*8*EA", "*8*CA", 0, {"not_in_pieces": 1}),
    ("861", "*2*EA*02", "*two*EA*02", 0, {"exception_not_read": 1}),
    ("861", "*2*EA*02", "*2.5*EA*02", 0, {"not_a_whole_number": 1}),
    ("861", "LIN*1*SK*A1", "LIN*1", 0, {"required_missing": 1}),
    ("861", "RCD*1*8*EA***2*EA*02", "REF*IV*1", 0, {"no_record": 1}),
    ("867", "*76*4", "*76*four", 0, {"not_a_integer": 1}),
    ("867", "*76*4", "*76*4.5", 0, {"not_a_whole_number": 1}),
    ("867", "*76*4", "*76*-4", 0, {"negative_quantity": 1}),
    ("867", "*76*4", "*76*0", 0, {"nothing_returned": 1}),
    ("867", "*76*4", "*76*", 0, {"required_missing": 1}),
    ("867", "*4*EA", "*4*KG", 0, {"not_in_pieces": 1}),
    ("867", "PTD*RV~REF*RZ*RMA1~QTY*76", "PTD*SS~QTY*32", 0, {"not_about_returns": 1}),
    ("867", "PTD*RV~REF*RZ*RMA1~QTY*76", "PTD*SC~QTY*38", 0, {"not_about_returns": 1}),
    ("867", "BPT*00", "BPT*01", 0, {"withdrawn": 1}),
    ("867", "20260107", "7 Jan", 0, {"not_a_timestamp": 1}),
    ("867", "LIN**VN*A1~", "", 0, {"required_missing": 1}),
    ("867", "LIN**VN*A1", "LIN**VN", 0, {"required_missing": 1}),
    ("867", "EA*2.5", "EA*free", 0, {"not_a_decimal": 1}),
    ("867", "EA*2.5", "EA*-2.5", 0, {"below_minimum": 1}),
    ("867", "QTY*76*4*EA~", "", 0, {"no_record": 1}),
    ("944", "W17*C", "W17*F", 0, {"not_about_returns": 1}),
    ("944", "W17*C", "W17*K", 0, {"test_interchange": 1}),
    ("944", "W17*C", "W17*c", 0, {"not_about_returns": 1}),
    ("944", "*RC1*DO1", "", 0, {"not_about_returns": 1}),
    ("944", "20260107", "20260132", 0, {"not_a_timestamp": 1}),
    ("944", "20260107", "", 0, {"required_missing": 1}),
    ("944", "W07*5", "W07*five", 0, {"not_a_integer": 1}),
    ("944", "W07*5", "W07*-5", 0, {"below_minimum": 1}),
    ("944", "W07*5", "W07*", 0, {"required_missing": 1}),
    ("944", "W07*5*EA**SK*A1", "W07*5*EA", 0, {"required_missing": 1}),
    ("944", "W07*5*EA**SK*A1", "W07*5*EA**XX*A1", 0, {"required_missing": 1}),
    ("944", "5*EA", "5*PL", 0, {"not_in_pieces": 1}),
    ("944", "W13*2", "W13*two", 0, {"exception_not_read": 1}),
    ("944", "W07*5*EA**SK*A1~N9*LT*L1~W13*2*EA*02", "W07*0*EA**SK*A1", 0, {"nothing_received": 1}),
    ("944", "W07", "w07", 0, {"no_record": 1}),
    ("945", "RZ*RMA9", "PO*PO9", 0, {"not_about_returns": 1}),
    ("945", "W27*M*ABCD~", "", 0, {"no_parcel": 1}),
    ("945", "W27*M*ABCD", "W27*M", 0, {"no_parcel": 1}),
    ("945", "*SH1", "", 0, {"no_parcel": 1}),
    ("945", "W06", "w06", 0, {"no_record": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("code", "old", "new", "rows", "rules"), BAD)
def test_bad_rows(tmp_path, code, old, new, rows, rules):
    tables, faults = read(tmp_path, edited(code, old, new)).counts
    assert (sum(tables.values()), faults) == (rows, rules)


@pytest.mark.parametrize(
    ("code", "old", "new", "table", "column", "value"),
    [
        ("852", "N1*ST*Shop*92*S1", "N1*ST*Shop*92*S1~N1*VN*Maker*92*M1", "returns", "node_id", "S1"),
        ("852", "N1*ST*Shop*92*S1", "N1*BY*Shop*92*B1", "returns", "node_id", "B1"),
        ("852", "N1*ST*Shop*92*S1", "N1*RL**92*R1~LIN**UP*Z9~ZA*QA*1~N1*SN**92*S2", "returns", "node_id", "S2"),
        ("852", "*20260107", "", "returns", "rma_id", "S1:20260101:20260101"),
        ("852", "20260101*20260107", "260101*260107", "returns", "received_at::VARCHAR", "2026-01-07 00:00:00"),
        ("852", "ZA*QU*3*EA", "ZA*RQ*3", "returns", "rma_line", "A1:RQ"),
        ("852", "LIN*1*UP*A1", "LIN*1*UP*A1*LT*L1", "returns", "lot_number", "L1"),
        ("852", "ZA*QA*5*EA", "ZA*QE*5*EA", "inventory_snapshots", "stage", "on_hand"),
        ("861", "RCD*1*8*EA***2*EA*02", "RCD*1*8*EA", "returns", "quantity", 8),
        ("861", "LIN*1*SK*A1", "LIN*1*SK*A1~SN1**9*EA", "returns", "quantity", 10),
        ("861", "LIN*1*SK*A1", "LIN*1*SK*A1~SN1**12*EA", "returns", "quantity", 12),
        ("861", "*2*EA*02", "*2*EA*01", "returns", "quantity", 8),
        ("861", "LIN*1*SK*A1", "LIN**SK*A1", "returns", "rma_line", "R1.1"),
        ("861", "LIN*1*SK*A1", "LIN**SK*A1~REF*LI*7", "returns", "rma_line", "7"),
        ("861", "8*EA", "8*EA>1", "returns", "received_quantity", 8),
        ("861", "REF*RZ*RMA1", "REF*RZ*RMA1~PRF*PO7", "returns", "order_id", "PO7"),
        ("867", "REF*RZ*RMA1~", "", "returns", "rma_id", "D1"),
        ("867", "PTD*RV", "PTD*SS", "returns", "quantity", 4),
        ("867", "QTY*76", "QTY*38", "returns", "quantity", 4),
        ("867", "PTD*RV", "PTD*BN~PRF*PO7", "returns", "order_id", "PO7"),
        ("944", "W13*2*EA*02", "W13*2*EA*01", "returns", "quantity", 5),
        ("944", "W07*5*EA**SK*A1", "LX*1~W07*5*EA**SK*A1", "returns", "rma_line", "RC1.1.1"),
        ("944", "*DO1", "", "returns", "rma_id", "RC1"),
        ("944", "N1*WH", "N9*RZ*RMA1~N1*WH", "returns", "rma_id", "RMA1"),
        ("944", "W07*5*EA**SK*A1", "W07*5*EA*000000000012", "returns", "sku", "000000000012"),
        ("945", "N9*RZ*RMA9", "N9*RZ*RMA9~N9*2I*1Z9", "shipments", "tracking_number", "1Z9"),
    ],
)
def test_another_way_of_saying_it(tmp_path, code, old, new, table, column, value):
    assert (value,) in read(tmp_path, edited(code, old, new)).rows(f"backhaul__{table}", column)


@pytest.mark.parametrize("code", SETS)
@pytest.mark.parametrize(
    "drift",
    [
        pytest.param(lambda text: text.replace("~", "~\r\n"), id="lines"),
        pytest.param(lambda text: text.replace("~", "\n"), id="line breaks end segments"),
        pytest.param(lambda text: text.replace("*", "|"), id="another separator"),
        pytest.param(lambda text: text.replace("00401", "00304").replace("004010", "003040"), id="version 3040"),
        pytest.param(lambda text: text.replace("00401", "00501").replace("004010", "005010"), id="version 5010"),
        pytest.param(lambda text: text.replace("202601", "2601"), id="six digits"),
    ],
)
def test_other_habits_of_senders(tmp_path, code, drift):
    assert read(tmp_path, drift(interchange(a_set(SETS[code], code)))).counts == (TABLES[code], {})


@pytest.mark.parametrize("code", SETS)
@pytest.mark.parametrize("segment", ["ZZZ*1*new", "N9*ZZ*1", "NTE*GEN*A word", "PER*IC*Nobody*TE*1"])
def test_segments_that_are_added(tmp_path, code, segment):
    body = [SETS[code][0], segment, *SETS[code][1:], segment]
    outcome = read(tmp_path, interchange(a_set(body, code)))
    assert outcome.counts == (TABLES[code], {})
    assert all("Nobody" not in str(row) for name in TABLES[code] for row in outcome.rows(f"backhaul__{name}", "extra"))
