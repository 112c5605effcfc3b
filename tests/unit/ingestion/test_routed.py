"""Files that their user describes in YAML."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ingestion.contract import ContractError
from ingestion.description import load_description
from tests.unit.ingestion.parsing import parse_bytes

UCI = Path("ingestion/sources/delimited/examples/uci_online_retail.yml").resolve()
HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
DAY = HEADER + (
    '536365,85123A,"HOLDER, ""WHITE""",6,2011-05-01 08:26:00,2.55,17850.0,United Kingdom\n'
    "536365,85123A,HOLDER,6,2010-12-01 08:26:00,0,17850.0,United Kingdom\n"
    "C536379,D,Discount,-1,2010-12-01 09:41:00,27.5,14527.0,United Kingdom\n"
    "C536383,35004C,SET OF 3,-2,2010-12-01 09:49:00,4.65,,United Kingdom\n"
    "C536383,35004C,SET OF 3,-2,2010-12-01 09:49:00,4.65,,United Kingdom\n"
    "536589,21777,wet pallet,-10,2010-12-01 16:50:00,0.0,,United Kingdom\n"
    "A563185,B,Adjust bad debt,1,2010-12-01 14:50:00,-11062.06,,United Kingdom\n"
    "536400,22086,many,x,2010-12-01 16:50:00,1,,United Kingdom\n"
)


def read(tmp_path, text: str = DAY):
    return parse_bytes(tmp_path, "delimited", "day.csv", text.encode(), contract=str(UCI))


def test_each_record_goes_to_its_table(tmp_path):
    outcome = read(tmp_path)
    assert outcome.rows(
        "backhaul__returns",
        "rma_id, quantity, net_amount::VARCHAR, line_class, customer_ref, received_at::VARCHAR, _row",
    ) == [
        ("C536379", 1, "27.5000", "FEE", "14527", "2010-12-01 09:41:00", 3),
        ("C536383", 2, "9.3000", "GOODS", None, "2010-12-01 09:49:00", 4),
        ("C536383", 2, "9.3000", "GOODS", None, "2010-12-01 09:49:00", 5),
    ]
    assert outcome.rows("backhaul__stock_adjustments", "quantity, amount::VARCHAR, reason_text, line_class, _row") == [
        (-10, "0.0000", "wet pallet", "GOODS", 6),
        (1, "-11062.0600", "Adjust bad debt", "FEE", 7),
    ]
    assert outcome.rows("backhaul__sales_lines", "ordered_at::VARCHAR, net_amount::VARCHAR, extra, _row") == [
        ("2011-05-01 07:26:00", "15.3000", '{"Description":"HOLDER, \\"WHITE\\"","Country":"United Kingdom"}', 1),
        ("2010-12-01 08:26:00", "0.0000", '{"Description":"HOLDER","Country":"United Kingdom"}', 2),
    ]
    assert outcome.quarantine("_row, rule, raw_text") == [
        (8, "not_a_integer", "536400,22086,many,x,2010-12-01 16:50:00,1,,United Kingdom")
    ]


def test_equal_lines_have_keys_that_the_order_of_lines_does_not_change(tmp_path):
    lines = DAY.splitlines(keepends=True)
    shuffled = "".join([lines[0], *reversed(lines[1:])])
    keys = [sorted(read(tmp_path, text).rows("backhaul__returns", "_record_key")) for text in (DAY, shuffled)]
    assert keys[0] == keys[1]
    assert len(set(keys[0])) == 3


def test_structural_faults(tmp_path):
    outcome = read(tmp_path, DAY + "broken\n" + '536365,85123A,"open,6,2011-05-01 08:26:00,2.55,17850.0,UK\n')
    assert outcome.quarantine("_row, rule") == [(8, "not_a_integer"), (9, "too_few_columns"), (10, "unclosed_quote")]
    assert outcome.parsed.rows == 7


def test_unrouted_records(tmp_path):
    body = yaml.safe_load(UCI.read_text())
    body["routes"] = body["routes"][:1]
    path = tmp_path / "returns_only.yml"
    path.write_text(yaml.safe_dump(body))
    outcome = parse_bytes(tmp_path, "delimited", "day.csv", DAY.encode(), contract=str(path))
    assert {row[0] for row in outcome.quarantine("rule")} == {"unrouted", "not_a_integer"}
    assert outcome.parsed.rows_read == 8


def test_a_record_is_kept_out_under_the_reason_that_the_description_gives(tmp_path):
    body = yaml.safe_load(UCI.read_text())
    body["routes"].insert(0, {"when": "stock_code = 'D'", "reason": "discount_line"})
    path = tmp_path / "without_discounts.yml"
    path.write_text(yaml.safe_dump(body))
    outcome = parse_bytes(tmp_path, "delimited", "day.csv", DAY.encode(), contract=str(path))
    assert outcome.quarantine("_row, rule, raw_text") == [
        (3, "discount_line", "C536379,D,Discount,-1,2010-12-01 09:41:00,27.5,14527.0,United Kingdom"),
        (8, "not_a_integer", "536400,22086,many,x,2010-12-01 16:50:00,1,,United Kingdom"),
    ]
    assert outcome.rows("backhaul__returns", "_row") == [(4,), (5,)]
    assert outcome.parsed.rows_read == 8


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda body: body["routes"][0].update(reason="both"), "a route has a table or a reason"),
        (lambda body: body["routes"][0].pop("table"), "a route has a table or a reason"),
        (lambda body: body["routes"].insert(0, {"reason": "no", "map": {"sku": "stock_code"}}), "maps nothing"),
        (lambda body: body["routes"][0].update(table="refnds"), "route 1: there is no table 'refnds'"),
        (lambda body: body["routes"][0]["map"].pop("sku"), "map the required column sku"),
        (lambda body: body["routes"][0]["map"].update(colour="'red'"), "returns has no column colour"),
        (lambda body: body["routes"][0].update(when="quantty < 0"), "'quantty < 0' is not SQL over the columns"),
        (lambda body: body["columns"][0].update(type="text"), "columns.0.type"),
        (lambda body: body.update(totals=[{"by": ["a"], "sum": "1", "told": "1"}]), 'totals: ."a". is not SQL over'),
        (lambda body: body.pop("columns"), "it is not a description of a file"),
    ],
)
def test_a_wrong_description_is_refused_in_plain_words(tmp_path, change, message):
    body = yaml.safe_load(UCI.read_text())
    change(body)
    path = tmp_path / "wrong.yml"
    path.write_text(yaml.safe_dump(body))
    with pytest.raises(ContractError, match=message.replace("(", r"\(")):
        load_description(path)


ENCLOSED = {
    "parent": ["rma", "asked"],
    "columns": [
        {"name": "rma", "type": "string", "required": True},
        {"name": "asked", "type": "timestamp"},
        {"name": "line", "type": "string"},
        {"name": "sku", "type": "string", "required": True},
    ],
    "routes": [
        {
            "table": "returns",
            "map": {"rma_id": "rma", "rma_line": "line", "sku": "sku", "quantity": "1", "requested_at": "asked"},
        }
    ],
}


@pytest.mark.parametrize(
    ("lines", "returns", "kept_out"),
    [
        (
            ["R1,2026-01-02,1,A", ",,2,B", "R2,,1,C", ",,2,D"],
            [("R1", "1", "2026-01-02"), ("R1", "2", "2026-01-02"), ("R2", "1", None), ("R2", "2", None)],
            [],
        ),
        (["R1,2026-01-02,1,A", "R1,2026-01-03,2,B"], [("R1", "1", "2026-01-02"), ("R1", "2", "2026-01-03")], []),
        ([",,1,A", "R1,,1,B"], [("R1", "1", None)], [(1, "no_line_above", "rma")]),
        (["R1,soon,1,A", ",,2,B"], [], [(1, "not_a_timestamp", "asked"), (2, "not_a_timestamp", "asked")]),
        (
            ["R1,,1,A", "R2,,1,B,tail", ",,2,C", ",,3,D", "R3,,1,E", ",,2,F"],
            [("R1", "1", None), ("R3", "1", None), ("R3", "2", None)],
            [(2, "too_many_columns", None), (3, "no_line_above", "rma"), (4, "no_line_above", "rma")],
        ),
        (
            ["R1,,1,A", ',,2,"B', ",,3,C"],
            [("R1", "1", None)],
            [(2, "unclosed_quote", None), (3, "no_line_above", "rma")],
        ),
    ],
    ids=["below", "told again", "none above", "faulty above", "unread above", "an open quote above"],
)
def test_a_line_takes_what_encloses_it_from_the_line_above(tmp_path, lines, returns, kept_out):
    path = tmp_path / "enclosed.yml"
    path.write_text(yaml.safe_dump(ENCLOSED))
    data = "\n".join(["rma,asked,line,sku", *lines, ""]).encode()
    outcome = parse_bytes(tmp_path, "delimited", "x.csv", data, contract=str(path))
    columns = "rma_id, rma_line, requested_at::DATE::VARCHAR"
    assert (outcome.rows("backhaul__returns", columns) if returns else []) == returns
    assert outcome.quarantine() == kept_out


def test_what_encloses_lines_is_told_once(tmp_path):
    body = yaml.safe_load(yaml.safe_dump(ENCLOSED))
    body["routes"].insert(0, {"when": "line_number > 1", "reason": "told_above"})
    path = tmp_path / "once.yml"
    path.write_text(yaml.safe_dump(body))
    data = b"rma,asked,line,sku\nR1,,1,A\n,,2,B\n,,3,C\nR2,,1,D\n"
    outcome = parse_bytes(tmp_path, "delimited", "x.csv", data, contract=str(path))
    assert outcome.landed == {1: ["returns"], 2: ["told_above"], 3: ["told_above"], 4: ["returns"]}
    lines = parse_bytes(tmp_path, "ndjson", "x.json", b'{"rma": "R1", "sku": "A"}\n' * 2, contract=str(path))
    assert lines.landed == {1: ["returns"], 2: ["returns"]}


def test_a_file_without_the_column_that_encloses_is_read_as_it_is(tmp_path):
    body = yaml.safe_load(yaml.safe_dump(ENCLOSED))
    body["columns"][0]["required"] = False
    body["routes"][0]["map"]["rma_id"] = "coalesce(rma, 'NONE')"
    path = tmp_path / "enclosed.yml"
    path.write_text(yaml.safe_dump(body))
    outcome = parse_bytes(tmp_path, "delimited", "x.csv", b"sku,line\nA,1\n", contract=str(path))
    assert outcome.rows("backhaul__returns", "rma_id, sku") == [("NONE", "A")]


def test_what_encloses_is_named_by_columns(tmp_path):
    path = tmp_path / "wrong.yml"
    path.write_text(yaml.safe_dump(ENCLOSED | {"parent": ["nothing"]}))
    with pytest.raises(ContractError, match="parent: there is no column nothing"):
        load_description(path)


@pytest.mark.parametrize(
    ("data", "returns"),
    [
        (b'{"lines": [{"rma": "R1", "sku": "A", "asked": false}]}', [("R1", "A")]),
        (b' \n[{"lines": [{"rma": "R1", "sku": "A"}]}]', [("R1", "A")]),
        (b"rma,sku\nR1,A\n,B\n", [("R1", "A"), ("R1", "B")]),
    ],
)
def test_a_description_of_documents_reads_lines_too_where_it_says_so(tmp_path, data, returns):
    options = {"lines": True, "empty": ["false"]}
    record = {**ENCLOSED, "name": "line", "at": ["lines[*]"]}
    path = tmp_path / "both.yml"
    path.write_text(yaml.safe_dump({"format": "json", "options": options, "records": [record]}))
    outcome = parse_bytes(tmp_path, "ndjson", "x.txt", data, contract=str(path))
    assert outcome.rows("backhaul__returns", "rma_id, sku") == returns
    assert outcome.quarantine() == []
