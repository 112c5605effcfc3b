"""Records found in documents, and described files of every flat form."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from ingestion.contract import ContractError
from ingestion.description import Description, Record, load_description
from ingestion.readers import records
from ingestion.readers.document import Document
from ingestion.readers.records import find, steps, value_at
from ingestion.readers.structure import Fault
from tests.unit.ingestion.parsing import golden, parse_bytes

PAGE = {
    "returns": [
        {
            "id": "R1",
            "lines": [{"sku": "A", "qty": "1", "note": "torn"}, {"sku": "B", "qty": "2"}],
            "tags": [{"type": "po", "value": "P1"}, {"type": "rma", "value": "M1"}],
        },
        {"id": "R2", "lines": []},
    ],
    "next": None,
}


def described(**record):
    columns = [
        {"name": name, "type": "string", "description": name, "path": path} for name, path in record.pop("c").items()
    ]
    return Description(records=[Record.model_validate({"columns": columns, "routes": [{"reason": "seen"}], **record})])


def found(description, *documents):
    batches, faults = find(documents, description, Path("nothing is laid down"))
    return {name: batch.to_pylist() for name, batch in batches.items()}, faults


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("sku", "A"),
        ("^id", "R1"),
        ("^.id", "R1"),
        ("^^next", None),
        ("$.returns[1].id", "R2"),
        ("^tags[type=rma].value", "M1"),
        ("^tags[type=none].value", None),
        ("^tags[*].value", ["P1", "M1"]),
        ("^tags[7].value", None),
        ("^tags[*type=po].value", ["P1"]),
        ("^tags[*type=none].value", None),
        ("^^^^id", None),
        ('"sku"', "A"),
    ],
)
def test_a_path_leads_from_a_record_to_a_value(path, value):
    outer = PAGE["returns"][0]
    assert value_at((PAGE, outer, outer["lines"][0]), path) == value


NUMBERED = {
    "kind": "R",
    "tags": PAGE["returns"][0]["tags"],
    "orders": [{"lines": ["x"]}, {"lines": [{}, {"d": "1", "t": "2"}]}],
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("#", "2"),
        ("^#", "2"),
        ("^^#", None),
        ("d + t", "1 2"),
        ("d + none", "1"),
        ("none + nothing", None),
        ("$.tags[type=po].value + #", "P1 2"),
    ],
)
def test_a_value_may_be_a_number_of_the_place_or_several_joined(path, value):
    rows, _ = found(
        described(at=["orders[*].lines[*]"], has=["d", "$.tags"], where={"$.kind": ["R"]}, c={"value": path}),
        Document(1, NUMBERED),
    )
    assert [row["value"] for row in rows["record"]] == [value]


def test_places_in_a_document_of_another_kind_are_no_places():
    rows, faults = found(
        described(at=["orders[*].lines[*]"], where={"$.kind": ["S"]}, c={"d": "d"}), Document(1, NUMBERED)
    )
    assert rows == {}
    assert [fault.detail for fault in faults] == ["no record of the description at the top"]


@pytest.mark.parametrize("path", ['a."b', "a[1", "a]b"])
def test_what_is_no_path_is_refused(path):
    with pytest.raises(ValueError, match="not a path"):
        steps(path)


def test_a_record_is_a_row_with_its_place_what_encloses_it_and_what_no_column_takes():
    rows, faults = found(
        described(at=["returns[*].lines[*]"], c={"rma": "^id", "sku": "sku", "qty": ["count", "qty"]}),
        Document(3, PAGE),
    )
    assert [(row["rma"], row["sku"], row["qty"], row["_n"], row["_path"], row["_rest"]) for row in rows["record"]] == [
        ("R1", "A", "1", "3", ".returns[0].lines[0]", '{"note":"torn"}'),
        ("R1", "B", "2", "3", ".returns[0].lines[1]", None),
    ]
    assert json.loads(rows["record"][0]["_text"]) == PAGE["returns"][0]["lines"][0]
    assert faults == []


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ({"other": []}, "no_record"),
        ("text", "no_record"),
        (None, "no_record"),
        ({"errors": [{"message": "throttled"}]}, "api_error"),
        ({"returns": ["x"]}, "no_record"),
    ],
)
def test_a_document_without_a_record_is_a_fault(value, rule):
    rows, faults = found(described(at=["returns[*]"], has=["id"], c={"id": "id"}), Document(1, value, "raw"))
    assert rows == {}
    assert [(fault.row, fault.rule, fault.text) for fault in faults] == [(1, rule, "raw")]


@pytest.mark.parametrize("value", [{"returns": []}, []])
def test_an_empty_page_is_no_fault(value):
    assert found(described(at=["returns[*]"], c={"id": "id"}), Document(1, value)) == ({}, [])


def test_an_element_that_is_no_record_is_a_fault_beside_those_that_are():
    rows, faults = found(
        described(at=["**"], where={"object": ["T"]}, c={"id": "id"}),
        Document(1, [{"object": "T", "id": "1"}, {"object": "U"}]),
    )
    assert [row["id"] for row in rows["record"]] == ["1"]
    assert [(fault.rule, fault.detail) for fault in faults] == [("no_record", "no record of the description at [1]")]


def test_faults_of_the_reader_are_handed_on():
    fault = Fault(2, "invalid_json", None, "", "{")
    assert found(described(c={"id": "id"}), Document(1, {"id": "x"}), fault)[1] == [fault]


DESCRIPTION = {
    "codes": {"reason_of": {"too big": "SIZE_TOO_LARGE"}},
    "records": [
        {
            "name": "line",
            "columns": [
                {"name": "rma", "type": "string", "required": True},
                {"name": "sku", "type": "string", "required": True},
                {"name": "qty", "type": "integer", "required": True},
                {"name": "why", "type": "string"},
                {"name": "fee", "type": "decimal"},
                {"name": "weight", "type": "decimal"},
            ],
            "routes": [
                {"when": "qty = 0", "reason": "nothing_returned"},
                {
                    "table": "returns",
                    "map": {
                        "rma_id": "rma",
                        "sku": "sku",
                        "quantity": "qty",
                        "reason_code": "coalesce(reason_of(why), why)",
                    },
                },
            ],
            "also": [
                {
                    "table": "costs",
                    "when": "fee > 0",
                    "map": {
                        "cost_id": "rma || ':fee'",
                        "category_code": "'FRT_CONS'",
                        "amount": "fee",
                        "currency": "'CAD'",
                        "posted_at": "TIMESTAMP '2026-01-01'",
                    },
                }
            ],
        },
        {
            "name": "refund",
            "columns": [
                {"name": "refund", "type": "string", "required": True},
                {"name": "amount", "type": "decimal", "required": True},
            ],
            "routes": [
                {
                    "table": "refunds",
                    "map": {
                        "refund_id": "refund",
                        "refund_amount": "amount",
                        "currency": "'CAD'",
                        "refunded_at": "TIMESTAMP '2026-01-01'",
                    },
                }
            ],
        },
    ],
}
ROWS = [
    {"rma": "R1", "sku": "A", "qty": 1, "why": "Too Big", "fee": 4.5, "colour": "red"},
    {"rma": "R2", "sku": "B", "qty": 0, "why": "other", "fee": 9},
    {"rma": "R3", "sku": "C", "qty": 2, "why": "other", "fee": 0},
    {"rma": "R4", "sku": "D", "qty": "two", "why": "other", "fee": 1},
]


def _csv(tmp_path: Path) -> tuple[str, bytes]:
    names = list(ROWS[0])
    lines = [",".join(names), *(",".join(str(row.get(name, "")) for name in names) for row in ROWS)]
    return "delimited", "\n".join(lines).encode()


def _ndjson(tmp_path: Path) -> tuple[str, bytes]:
    return "ndjson", "\n".join(map(json.dumps, ROWS)).encode()


def _parquet(tmp_path: Path) -> tuple[str, bytes]:
    texts = [{name: None if row.get(name) is None else str(row[name]) for name in ROWS[0]} for row in ROWS]
    pq.write_table(pa.Table.from_pylist(texts), tmp_path / "rows.parquet")
    return "sql", (tmp_path / "rows.parquet").read_bytes()


@pytest.fixture
def contract(tmp_path):
    path = tmp_path / "described.yml"
    path.write_text(yaml.safe_dump(DESCRIPTION))
    return str(path)


@pytest.mark.parametrize("form", [_csv, _ndjson, _parquet])
def test_flat_files_of_every_form_give_the_same_rows(tmp_path, contract, form):
    kind, data = form(tmp_path)
    outcome = parse_bytes(tmp_path, kind, "rows", data, contract=contract)
    assert outcome.rows("backhaul__returns", "rma_id, quantity, reason_code, _row") == [
        ("R1", 1, "SIZE_TOO_LARGE", 1),
        ("R3", 2, "other", 3),
    ]
    assert json.loads(outcome.rows("backhaul__returns", "extra")[0][0])["colour"] == "red"
    assert outcome.rows("backhaul__costs", "cost_id, amount::VARCHAR, _row") == [("R1:fee", "4.5000", 1)]
    assert outcome.quarantine() == [(2, "nothing_returned", None), (4, "not_a_integer", "qty")]
    assert outcome.quarantine("raw_text")[1][0]
    assert outcome.parsed.rows_read == 5


def test_of_several_kinds_of_record_the_header_tells_which(tmp_path, contract):
    outcome = parse_bytes(tmp_path, "delimited", "day.csv", b"refund,amount\nF1,2.50\n", contract=contract)
    assert outcome.rows("backhaul__refunds", "refund_id, refund_amount::VARCHAR") == [("F1", "2.5000")]
    refused = parse_bytes(tmp_path, "delimited", "day.csv", b"x,y\n1,2\n", contract=contract)
    assert refused.parsed.blocked == "unrecognised_file: no table has the columns: x, y"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda body: body["records"][0]["also"][0].update(table=None, reason="x", map={}),
            "a route under `also` has a table",
        ),
        (lambda body: body["records"][0]["also"][0].update(table="nowhere"), "there is no table 'nowhere'"),
        (lambda body: body["records"][0]["routes"][1]["map"].update(sku="nothing_of(sku)"), "not SQL over the columns"),
        (lambda body: body.update(extends="nothing"), "no described kind 'nothing'"),
    ],
)
def test_a_wrong_description_is_named(tmp_path, change, message):
    body = yaml.safe_load(yaml.safe_dump(DESCRIPTION))
    change(body)
    path = tmp_path / "wrong.yml"
    path.write_text(yaml.safe_dump(body))
    with pytest.raises(ContractError, match=message):
        load_description(path)


@pytest.mark.parametrize("each", ["0", "-3", "NULL", "'x'::INTEGER", "10001", "9e18"])
def test_a_record_of_no_units_or_too_many_is_kept_out_and_not_lost(tmp_path, each):
    body = {
        "columns": [{"name": "rma", "type": "string", "required": True}],
        "routes": [{"table": "returns", "each": each, "map": {"rma_id": "rma", "sku": "'A'", "quantity": "unit"}}],
    }
    path = tmp_path / "none.yml"
    path.write_text(yaml.safe_dump(body))
    outcome = parse_bytes(tmp_path, "delimited", "x.csv", b"rma,note\nR1,x\n", contract=str(path))
    assert outcome.quarantine() == [(1, "units_out_of_range", None)]
    assert outcome.parsed.rows == 0


def test_a_route_gives_a_row_for_each_unit(tmp_path):
    body = {
        "columns": [
            {"name": "rma", "type": "string", "required": True},
            {"name": "qty", "type": "integer", "required": True},
        ],
        "routes": [{"table": "returns", "map": {"rma_id": "rma", "sku": "'A'", "quantity": "qty"}}],
        "also": [
            {
                "table": "dispositions",
                "each": "qty",
                "map": {
                    "disposition_id": "rma || ':' || unit",
                    "rma_id": "rma",
                    "unit_ordinal": "unit",
                    "disposition_code": "'DONATE'",
                    "decided_at": "TIMESTAMP '2026-01-01'",
                },
            }
        ],
    }
    path = tmp_path / "each.yml"
    path.write_text(yaml.safe_dump(body))
    outcome = parse_bytes(tmp_path, "delimited", "x.csv", b"rma,qty\nR1,2\nR2,1\n", contract=str(path))
    made = sorted(row[0] for row in outcome.rows("backhaul__dispositions", "disposition_id"))
    assert made == ["R1:1", "R1:2", "R2:1"]
    assert [row[0] for row in outcome.rows("backhaul__returns", "quantity")] == [2, 1]
    body["also"][0]["each"] = "pieces"
    path.write_text(yaml.safe_dump(body))
    with pytest.raises(ContractError, match="each: 'pieces' is not SQL"):
        load_description(path)


def test_a_file_without_a_header_is_read_by_the_numbers_of_its_fields(tmp_path):
    body = {
        "options": {"header": False, "width": 5, "delimiters": [",", ";"]},
        "columns": [
            {"name": "rma", "aliases": ["1"], "type": "string", "required": True},
            {"name": "sku", "aliases": ["3"], "type": "string", "required": True},
            {"name": "note", "aliases": ["5"], "type": "string"},
        ],
        "routes": [{"table": "returns", "map": {"rma_id": "rma", "sku": "sku", "quantity": "1", "channel": "note"}}],
    }
    path = tmp_path / "positional.yml"
    path.write_text(yaml.safe_dump(body))
    data = b'R1;"x;y";A;;late\nR2;;B\n\nR3;;C;;;z\n'
    outcome = parse_bytes(tmp_path, "delimited", "x.csv", data, contract=str(path))
    assert outcome.rows("backhaul__returns", "rma_id, sku, channel, _row") == [
        ("R1", "A", "late", 1),
        ("R2", "B", None, 2),
    ]
    assert outcome.quarantine("_row, rule, raw_text") == [(3, "too_many_columns", "R3;;C;;;z")]
    assert outcome.parsed.new_columns == []


def test_repeated_columns_are_told_apart_by_their_number(tmp_path):
    body = {
        "columns": [
            {"name": "invoice", "type": "string", "required": True},
            {"name": "amount_{n}", "aliases": ["Amount {n}"], "type": "decimal", "repeat": 3},
        ],
        "routes": [{"when": "amount_1 IS NULL", "reason": "no_charge"}, {"table": "costs", "map": _cost(1)}],
        "also": [{"repeat": 3, "when": "{n} > 1 AND amount_{n} IS NOT NULL", "table": "costs", "map": _cost("{n}")}],
    }
    path = tmp_path / "repeated.yml"
    path.write_text(yaml.safe_dump(body))
    data = b"Invoice,Amount,Amount,Amount\nI1,1,2,3\nI2,4,,\nI3,,,\n"
    outcome = parse_bytes(tmp_path, "delimited", "x.csv", data, contract=str(path))
    assert sorted(row[0] for row in outcome.rows("backhaul__costs", "cost_id || '=' || amount::INTEGER")) == [
        "I1:1=1",
        "I1:2=2",
        "I1:3=3",
        "I2:1=4",
    ]
    assert outcome.quarantine("_row, rule") == [(3, "no_charge")]


def _cost(number):
    return {
        "cost_id": f"invoice || ':{number}'",
        "category_code": "'FRT_CONS'",
        "amount": f"amount_{number}",
        "currency": "'CAD'",
        "posted_at": "TIMESTAMP '2026-01-01'",
    }


NUMBERING = {
    "columns": [
        {"name": "invoice", "type": "string", "required": True},
        {"name": "what", "type": "string"},
        {"name": "day", "type": "timestamp", "formats": ["iso", "%d/%m/%Y"]},
        {"name": "amount", "type": "decimal", "required": True, "decimal_comma": True},
    ],
    "routes": [
        {
            "table": "carrier_charges",
            "number_by": ["invoice", "what"],
            "map": {
                "carrier": "'C'",
                "invoice_id": "invoice",
                "invoice_line": "what || ':' || ordinal",
                "invoiced_at": "day",
                "charge_class": "'FREIGHT'",
                "net_amount": "amount",
                "currency": "'CAD'",
            },
        }
    ],
}


@pytest.fixture
def numbered(tmp_path):
    path = tmp_path / "numbered.yml"
    path.write_text(yaml.safe_dump(NUMBERING))
    return str(path)


@pytest.mark.parametrize("turn", [1, -1])
def test_lines_without_a_number_are_numbered_by_what_they_say(tmp_path, numbered, turn):
    lines = ["I1;fuel;2026-01-02;2", "I1;fuel;2026-01-02;1", "I1;fuel;2026-01-02;1", "I1;freight;2026-01-02;1"][::turn]
    data = "\n".join(["invoice;what;day;amount", *lines]).encode()
    contract = yaml.safe_load(Path(numbered).read_text()) | {"options": {"delimiter": ";"}}
    Path(numbered).write_text(yaml.safe_dump(contract))
    outcome = parse_bytes(tmp_path, "delimited", "x.csv", data, contract=numbered)
    assert sorted(outcome.rows("backhaul__carrier_charges", "invoice_line, net_amount::INTEGER")) == [
        ("freight:1", 1),
        ("fuel:1", 1),
        ("fuel:2", 1),
        ("fuel:3", 2),
    ]


@pytest.mark.parametrize(
    ("amount", "read"),
    [("12,50", "12.5000"), ("12.50", "12.5000"), ("-0,5", "-0.5000"), ("1,234.50", None), ("1.234,50", None)],
)
def test_a_decimal_comma_is_read_where_the_column_has_one(tmp_path, numbered, amount, read):
    data = f'invoice,what,day,amount\nI1,x,2026-01-02,"{amount}"\n'
    outcome = parse_bytes(tmp_path, "delimited", "x.csv", data.encode(), contract=numbered)
    if read is None:
        assert outcome.quarantine() == [(1, "not_a_decimal", "amount")]
    else:
        assert outcome.rows("backhaul__carrier_charges", "net_amount::VARCHAR") == [(read,)]


@pytest.mark.parametrize(
    ("amount", "read"),
    [("12,50", "12.5000"), ("12,5", "12.5000"), ("-12,50", "-12.5000"), ("12.50", "12.5000"), ("1234", "1234.0000"),
     ("1,234", None), ("1.234,50", None), ("1,234.50", None), ("1,234,50", None)],
)  # fmt: skip
def test_money_with_a_comma_before_three_digits_is_in_doubt(tmp_path, numbered, amount, read):
    contract = yaml.safe_load(Path(numbered).read_text())
    contract["columns"][3]["decimal_comma"] = "cents"
    Path(numbered).write_text(yaml.safe_dump(contract))
    test_a_decimal_comma_is_read_where_the_column_has_one(tmp_path, numbered, amount, read)


@pytest.mark.parametrize(
    ("month_first", "day", "read"),
    [
        (False, "03/04/2026", "2026-04-03 00:00:00"),
        (True, "03/04/2026", "2026-03-04 00:00:00"),
        (True, "2026-04-03", "2026-04-03 00:00:00"),
        (True, "31/12/2026", None),
        (False, "12/31/2026", None),
    ],
)
def test_the_source_says_whether_the_month_comes_first(tmp_path, numbered, month_first, day, read):
    data = f"invoice,what,day,amount\nI1,x,{day},1\n".encode()
    outcome = parse_bytes(tmp_path, "delimited", "x.csv", data, contract=numbered, month_first=month_first)
    if read is None:
        assert outcome.quarantine() == [(1, "not_a_timestamp", "day")]
    else:
        assert outcome.rows("backhaul__carrier_charges", "invoiced_at::VARCHAR") == [(read,)]


def test_what_a_route_numbers_by_is_a_column(tmp_path):
    body = yaml.safe_load(yaml.safe_dump(NUMBERING))
    body["routes"][0]["number_by"] = ["nothing"]
    path = tmp_path / "wrong.yml"
    path.write_text(yaml.safe_dump(body))
    with pytest.raises(ContractError, match="number_by: record has no column nothing"):
        load_description(path)


def test_values_are_said_once_and_asked_by_routes_and_by_each_other(tmp_path):
    body = yaml.safe_load(yaml.safe_dump(NUMBERING))
    body["values"] = {"doubled": "amount * 2", "told": "doubled || coalesce(own_currency(), '')"}
    body["routes"].insert(0, {"when": "doubled = 4", "reason": "two"})
    body["routes"][1]["map"] |= {"invoice_line": "told", "currency": "own_currency()"}
    path = tmp_path / "valued.yml"
    path.write_text(yaml.safe_dump(body))
    data = b"invoice,what,day,amount,note\nI1,x,2026-01-02,1,n\nI1,x,2026-01-02,2,\n"
    outcome = parse_bytes(tmp_path, "delimited", "x.csv", data, contract=str(path), currency="CAD")
    assert outcome.rows("backhaul__carrier_charges", "invoice_line, currency, extra") == [
        ("2.0000CAD", "CAD", '{"what":"x","note":"n"}')
    ]
    assert outcome.quarantine() == [(2, "two", None)]
    unsaid = parse_bytes(tmp_path, "delimited", "x.csv", data, contract=str(path))
    assert unsaid.quarantine() == [(1, "required_missing", "currency"), (2, "two", None)]


@pytest.mark.parametrize(
    ("values", "message"),
    [({"amount": "1"}, "two columns have the same name"), ({"v": "nothing + 1"}, "values, v: .* is not SQL")],
)
def test_a_wrong_value_is_named(tmp_path, values, message):
    path = tmp_path / "wrong.yml"
    path.write_text(yaml.safe_dump(NUMBERING | {"values": values}))
    with pytest.raises(ContractError, match=message):
        load_description(path)


@pytest.mark.parametrize(
    ("value", "taken"), [({"id": "1", "lines": []}, ["1"]), ({"id": "1", "lines": ["x"]}, []), ({"id": "1"}, ["1"])]
)
def test_a_record_can_be_told_by_what_it_lacks(value, taken):
    rows, _ = found(described(has=["id"], lacks=["lines"], c={"id": "id"}), Document(1, value))
    assert [row["id"] for row in rows.get("record", [])] == taken


@pytest.mark.parametrize("value", [{"data": {"returns": []}}, {"returns": []}])
def test_an_empty_list_at_any_depth_is_no_fault(value):
    assert found(described(at=["**.returns[*]"], c={"id": "id"}), Document(1, value)) == ({}, [])


def test_sql_that_fails_for_a_record_gives_it_no_value(tmp_path):
    body = yaml.safe_load(yaml.safe_dump(NUMBERING))
    body["routes"].insert(0, {"when": "what::INTEGER = 1", "reason": "one"})
    body["routes"].insert(1, {"when": "what::INTEGER = 2", "reason": "two"})
    path = tmp_path / "failing.yml"
    path.write_text(yaml.safe_dump(body))
    data = b"invoice,what,day,amount\nI1,2,2026-01-02,1\nI1,x,2026-01-02,2\n"
    outcome = parse_bytes(tmp_path, "delimited", "x.csv", data, contract=str(path))
    assert outcome.quarantine() == [(1, "two", None)]
    assert outcome.rows("backhaul__carrier_charges", "invoice_line") == [("x:1",)]


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("x12", "180_returns.edi"),
        ("edifact", "retann_d96a.edi"),
        ("epcis", "return.xml"),
        ("shopify", "returns_bulk_ungrouped.jsonl"),
    ],
    ids=lambda value: value.partition(".")[0],
)
@pytest.mark.parametrize("limit", ["BATCH", "BATCH_TEXT"])
def test_records_laid_down_on_disk_are_read_as_those_that_are_held(tmp_path, monkeypatch, kind, name, limit):
    held = parse_bytes(tmp_path, kind, name, golden(kind, name))
    monkeypatch.setattr(records, limit, 1)
    laid = parse_bytes(tmp_path, kind, name, golden(kind, name))
    assert list((tmp_path / "work1").glob("found_*.parquet"))
    assert laid.parsed.tables.keys() == held.parsed.tables.keys()
    for table in held.parsed.tables:
        assert laid.rows(table) == held.rows(table)
    assert laid.quarantine("*") == held.quarantine("*")
