"""Rows that can't be taken, in every family of formats: each lands in quarantine with its reason, and costs no other.

All cases of a family stand in one file, sound rows before and behind them. What is wrong with a value is the same in
every family; what is wrong with the form of a record is each family's own.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from tests.unit.ingestion import test_x12_kind as x12
from tests.unit.ingestion.parsing import Outcome, parse_bytes

DESCRIPTION: dict[str, Any] = {
    "columns": [
        {"name": "rma", "type": "string", "required": True},
        {"name": "sku", "type": "string", "required": True},
        {"name": "quantity", "type": "integer", "required": True, "minimum": 1, "maximum": 1000},
        {"name": "received", "type": "timestamp", "formats": ["iso", "%d/%m/%Y"]},
        {"name": "day", "type": "date"},
        {"name": "amount", "type": "decimal", "minimum": 0},
        {"name": "rate", "type": "rate"},
        {"name": "good", "type": "boolean"},
        {"name": "size", "type": "string", "enum": ["S", "M", "L"], "on_unknown": "quarantine"},
        {"name": "state", "type": "string"},
        {"name": "line", "type": "string"},
    ],
    "routes": [
        {"reason": "cancelled", "when": "state = 'cancelled'"},
        {
            "table": "returns",
            "when": "state = 'open'",
            "map": {
                "rma_id": "rma",
                "sku": "sku",
                "quantity": "quantity",
                "received_at": "received",
                "net_amount": "amount",
            },
        },
    ],
}
SOUND = {
    "rma": "R0", "sku": "A", "quantity": "2", "received": "2026-03-01T06:00:00Z", "day": "2026-03-01", "amount": "9.50",
    "rate": "0.125", "good": "true", "size": "S", "state": "open", "line": "0",
}  # fmt: skip
NAMES = list(SOUND)

NO_NUMBERS = ["x", "two", "1,000", "1.000,5", "1 000", "1e400", "--1", "1-", "+", "-", ".", "NaN", "inf",
              "-infinity", "1/2", "1;2", "#N/A", "null", "None", "½", "$1", "1 EUR", "1%", "(1)", "'1", "=1+1", "1.2.3",
              "\u0661", "\uff11", "true", "1 2", "1__0", "e5", "1e"]  # fmt: skip
NO_TIMES = ["x", "soon", "2026-02-30", "2026-13-01", "2026-00-10", "0000-00-00", "2026-03-01T25:00:00Z", "20260301",
            "2026-03-01T10:61:00Z", "2026-03-01T10:00:61Z", "March 1", "1 mars 2026", "46082", "46082.5", "1772704800",
            "1772704800000", "infinity", "-infinity", "epoch", "now", "today", "32/01/2026", "01/13/2026", "2026-W10",
            "2026-060", "10:00", "2026", "2026-03", "T10:00:00Z", "2026-03-01T10:00:00 Nowhere/Land", "12026-03-01",
            "2026-03-01T10:00:00Z2026", "null", "--"]  # fmt: skip
NO_BOOLEANS = ["x", "2", "-1", "ja", "oui", "vrai", "ok", "maybe", "tru", "truee", "1.0", "null", "✓", "TRUE.", "0x1"]


@dataclass(frozen=True)
class Bad:
    """A row with one wrong value, and the reason: rule and column as quarantine tells them."""

    column: str
    value: str
    reason: str

    @property
    def row(self) -> dict[str, str]:
        return {**SOUND, self.column: self.value}


VALUES = [
    *(Bad(column, "", f"required_missing {column}") for column in ("rma", "sku", "quantity")),
    *(Bad("quantity", value, "not_a_integer quantity") for value in [*NO_NUMBERS, "9223372036854775808"]),
    *(
        Bad("quantity", value, "not_a_whole_number quantity")
        for value in ("1.5", "2.0001", "1e-1", "0.9", "999.99", "0x1F", "0b1")
    ),
    *(Bad("quantity", value, "below_minimum quantity") for value in ("0", "-1", "-0", "-9223372036854775808")),
    *(Bad("quantity", value, "above_maximum quantity") for value in ("1001", "9223372036854775807", "1e6", "1001.0")),
    *(Bad("amount", value, "not_a_decimal amount") for value in [*NO_NUMBERS, "0x1F", "0b1", "99999999999999999999"]),
    *(Bad("amount", value, "more_decimals_than_kept amount") for value in ("0.00001", "1.23456", "1e-5", "9.99999")),
    *(Bad("amount", value, "below_minimum amount") for value in ("-0.01", "-1", "-99999999999999")),
    *(Bad("rate", value, "not_a_rate rate") for value in ("x", "1,5", "12%", "1/8", "99999999999", "NaN", "inf")),
    *(Bad("rate", value, "more_decimals_than_kept rate") for value in ("0.000000006", "0.123456784")),
    *(Bad("received", value, "not_a_timestamp received") for value in NO_TIMES),
    *(Bad("day", value, "not_a_date day") for value in NO_TIMES if "Nowhere" not in value),
    *(
        Bad("day", value, "time_in_a_date day")
        for value in ("2026-03-01T10:00:00", "2026-03-01T10:00:00 Nowhere/Land", "2026-03-01 00:00:01")
    ),
    *(Bad("good", value, "not_a_boolean good") for value in NO_BOOLEANS),
    *(Bad("size", value, "unknown_code size") for value in ("XL", "s", "S ", "S,M", "Small", "0", "null", "ß")),
    *(Bad("state", value, "unrouted") for value in ("", "closed", "OPEN", "open ", "null", "ouvert")),
    Bad("state", "cancelled", "cancelled"),
]
Row = dict[str, str] | str


def separated(rows: list[Row], delimiter: str) -> bytes:
    def field(text: str) -> str:
        return f'"{text}"' if delimiter in text or text.startswith(" ") else text

    lines = [row if isinstance(row, str) else delimiter.join(field(row[name]) for name in NAMES) for row in rows]
    return "\n".join([delimiter.join(NAMES), *lines, ""]).encode()


def json_lines(rows: list[Row]) -> bytes:
    return "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows).encode()


def xml(rows: list[Row]) -> bytes:
    def element(row: dict[str, str]) -> str:
        return "<row>" + "".join(f"<{name}>{escape(value)}</{name}>" for name, value in row.items()) + "</row>"

    return f"<rows>{''.join(row if isinstance(row, str) else element(row) for row in rows)}</rows>".encode()


def workbook(rows: list[Row]) -> bytes:
    made, book = io.BytesIO(), openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(NAMES)
    for number, row in enumerate(rows, 2):
        assert isinstance(row, dict)
        for place, value in enumerate(row.values(), 1):
            cell = sheet.cell(number, place, value)
            cell.data_type = "s"
    book.save(made)
    return made.getvalue()


def table(rows: list[Row]) -> bytes:
    made = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([row for row in rows if isinstance(row, dict)]), made)
    return made.getvalue()


@dataclass(frozen=True)
class Family:
    """How a family writes rows, and the records of its own that are wrong in form, with their reasons.

    ``first`` is the number of its first record: rows of a sheet are counted with the header.
    """

    name: str
    kind: str
    file: str
    write: Callable[[list[Row]], bytes]
    form: tuple[tuple[str, str], ...] = ()
    description: tuple[tuple[str, Any], ...] = ()
    first: int = 1


WIDTH = len(NAMES)
FAMILIES = [
    Family(
        "csv", "delimited", "rows.csv", lambda rows: separated(rows, ","),
        (("R1,A", "too_few_columns"), ("," * (WIDTH - 2), "too_few_columns"), ("," * WIDTH, "too_many_columns"),
         (",".join(SOUND.values()) + ",", "too_many_columns"), ("R1;A;1;;;;;;;", "too_few_columns"),
         ('R1,"A" b,1' + "," * (WIDTH - 3), "broken_quoting"), ('R1,"A"b",1' + "," * (WIDTH - 3), "unclosed_quote"),
         ('R1, ""A"",1' + "," * (WIDTH - 3), "broken_quoting"), ("R1,A\0,1" + "," * (WIDTH - 3), "nul_character"),
         ("," * (WIDTH - 1), "required_missing rma"), (" ", "too_few_columns"), ("\t", "too_few_columns")),
    ),
    Family(
        "tsv", "delimited", "rows.tsv", lambda rows: separated(rows, "\t"),
        (("R1\tA", "too_few_columns"), ("\t" * WIDTH, "too_many_columns"), ("R1,A,1", "too_few_columns"),
         ('R1\t"A" b\t1' + "\t" * (WIDTH - 3), "broken_quoting"), ("\t" * (WIDTH - 1), "required_missing rma")),
        (("options", {"delimiter": "\t"}),),
    ),
    Family(
        "json", "ndjson", "rows.ndjson", json_lines,
        (("{", "invalid_json"), ("x", "invalid_json"), ("{'rma': 1}", "invalid_json"),
         ('{"rma": "R1"}}', "invalid_json"), ('{"rma": "a\tb"}', "invalid_json"), ("[1", "invalid_json"),
         ("[]", "required_missing rma"), ("null", "required_missing rma"), ("1", "required_missing rma"),
         ('"text"', "required_missing rma"), ("{}", "required_missing rma"),
         ('[{"rma": "R1"}]', "required_missing rma"),
         ('{"row": {"rma": "R1"}}', "required_missing rma"), ('{"rma": null}', "required_missing rma")),
    ),
    Family("xlsx", "xlsx", "rows.xlsx", workbook, first=2),
    Family(
        "xml", "ndjson", "rows.xml", xml,
        (("<row><line>{row}</line></row>", "required_missing rma"),
         ("<row><line>{row}</line><RMA>R1</RMA></row>", "required_missing rma"),
         ('<row rma="R1"><line>{row}</line></row>', "required_missing rma"),
         ("<row><line>{row}</line><x><rma>R1</rma></x></row>", "required_missing rma")),
        (("format", "xml"),),
    ),
    Family("table", "sql", "rows.parquet", table),
]  # fmt: skip
LEAST = 150


def cases_of(family: Family) -> list[tuple[str, Row, str]]:
    """Per case its name, the row and the reason."""
    # blanks around the text of an element are no part of it
    values = [bad for bad in VALUES if family.name != "xml" or bad.value == bad.value.strip()]
    return [
        *((f"{bad.column} is {bad.value!r}", bad.row, bad.reason) for bad in values),
        *((f"form {text!r}", text, reason) for text, reason in family.form),
    ]


CASES = {family.name: cases_of(family) for family in FAMILIES}


def rows_of(family: Family) -> list[Row]:
    """A sound row, the cases, and a sound row again; each tells its number."""
    numbered: list[Row] = []
    for number, row in enumerate([SOUND, *(row for _, row, _ in CASES[family.name]), SOUND], 1):
        numbered.append(row.replace("{row}", str(number)) if isinstance(row, str) else {**row, "line": str(number)})
    return numbered


def read(folder: Path, family: Family) -> Outcome:
    described = {**DESCRIPTION, **dict(family.description)}
    if described.get("format") == "xml":
        record = {key: described.pop(key) for key in ("columns", "routes")}
        described["records"] = [{"name": "row", "at": ["rows.row[*]"], **record}]
    contract = folder / "rows.yml"
    contract.write_text(yaml.safe_dump(described))
    return parse_bytes(folder, family.kind, family.file, family.write(rows_of(family)), contract=str(contract))


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    return {family.name: read(tmp_path_factory.mktemp(family.name), family) for family in FAMILIES}


@pytest.fixture(scope="module")
def landed(outcomes: dict[str, Outcome]) -> dict[str, dict[int, list[str]]]:
    """By family and row, where it went. Of XML the file is the row, so its records are told apart by what they hold."""
    found = {name: outcome.landed for name, outcome in outcomes.items()}
    found["xml"] = {}
    for text, rule, column in outcomes["xml"].quarantine("raw_text, rule, column_name"):
        found["xml"].setdefault(int(json.loads(text)["line"]), []).append(f"{rule} {column or ''}".strip())
    return found


@pytest.mark.parametrize(
    ("family", "row", "reason"),
    [
        pytest.param(family.name, row, reason, id=f"{family.name}: {case}")
        for family in FAMILIES
        for row, (case, _, reason) in enumerate(CASES[family.name], family.first + 1)
    ],
)
def test_a_row_that_is_wrong(landed: dict[str, dict[int, list[str]]], family: str, row: int, reason: str) -> None:
    assert landed[family][row] == [reason]


@pytest.mark.parametrize("family", CASES)
def test_sound_rows_beside_wrong_ones(outcomes: dict[str, Outcome], family: str) -> None:
    outcome = outcomes[family]
    kept = outcome.rows("backhaul__returns", "extra::JSON ->> '$.line'")
    assert sorted(int(line) for (line,) in kept) == [1, len(CASES[family]) + 2]
    assert outcome.parsed.rows_read == len(CASES[family]) + 2
    assert outcome.parsed.blocked is None


def test_every_family_has_its_cases() -> None:
    counted = {name: len(cases) for name, cases in CASES.items()}
    counted["x12"] = sum(map(len, (x12.KEPT_OUT, x12.PARTLY, x12.LOST, x12.LOST, x12.FOREIGN, *x12.WRONG.values())))
    assert {name: count for name, count in counted.items() if count < LEAST} == {}
