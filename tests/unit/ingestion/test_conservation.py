"""Whatever a file holds, every record is in the lake or in quarantine; nothing raises and nothing is lost."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.ingestion.parsing import parse_bytes

HEADER = "snapshot_at,node_id,sku,quantity"
SOUND = "2026-03-01T06:00:00Z,DC1,A,1"
LINES = st.lists(
    st.one_of(
        st.just(SOUND),
        st.sampled_from(
            [
                "",
                ",",
                ",,,",
                '"',
                '""',
                'a"b,c,d,1',
                '2026-03-01,"x',
                'x","y,1',
                '2026-03-01,DC1,"a""b",1',
                ",,,,,,",
                "é,ü,ß,1",
            ]
        ),
        st.text(alphabet='ab",;\t 0é', max_size=20),
    ),
    max_size=12,
)
PRINTABLE = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=15)
SLOW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def check(kind: str, name: str, data: bytes):
    with tempfile.TemporaryDirectory() as folder:
        outcome = parse_bytes(Path(folder), kind, name, data)
        found = outcome.quarantine("_row, raw_text, rule")
        assert outcome.parsed.quarantined == len(found)
        assert outcome.parsed.rows_read == outcome.parsed.rows + len(found)
        kept = [row for table in outcome.parsed.tables for row in outcome.rows(table, "_row")]
        return outcome.parsed, kept, found


@SLOW
@given(LINES)
def test_every_line_of_garbled_csv_is_accounted_for(lines):
    parsed, kept, found = check("wms_inventory", "snapshot.csv", "\n".join([HEADER, *lines]).encode())
    numbers = [row for (row,) in kept] + [row for row, _, _ in found]
    assert sorted(numbers) == list(range(1, len(numbers) + 1))
    assert lines.count(SOUND) <= parsed.rows + sum(text.count(SOUND) for _, text, _ in found)
    filled = [line for line in lines if line]
    # Quotes may join lines to one record; without an odd number of them anywhere, each line is a record.
    assert len(numbers) <= len(filled)
    if not any(line.count('"') % 2 for line in lines):
        assert len(numbers) == len(filled)


@SLOW
@given(st.binary(max_size=300), st.sampled_from(["x.csv", "snapshot.csv"]))
def test_any_bytes_as_csv(data, name):
    parsed, _, found = check("wms_inventory", name, data)
    assert parsed.rows == 0
    assert found or not data.strip(b"\r\n\xef\xbb\xbf\xfe\xff\0") or parsed.blocked or parsed.rows_read == 0


@SLOW
@given(
    st.lists(
        st.one_of(PRINTABLE, st.sampled_from(['{"cost_id":1}', "{", "[]", "null", '{"a":{"b":1}}'])),
        min_size=1,
        max_size=8,
    )
)
def test_any_lines_as_json(lines):
    text = "{}\n" + "\n".join(lines)
    _, kept, found = check("backhaul", "costs.jsonl", text.encode())
    expected = sum(1 for line in text.split("\n") if line)
    assert len(kept) + len(found) == expected


@SLOW
@given(st.binary(max_size=200))
def test_any_bytes_as_easypost(data):
    check("easypost", "x.json", data)


def test_a_sound_file_cut_anywhere():
    whole = ("\n".join([HEADER, *[f'2026-03-01T06:00:00Z,DC1,"A, ""{n}""",{n}' for n in range(20)]]) + "\n").encode()
    for end in random.Random(1).sample(range(len(HEADER) + 1, len(whole)), 25):
        parsed, _, found = check("wms_inventory", "snapshot.csv", whole[:end])
        lines = [line for line in whole[:end].split(b"\n")[1:] if line]
        assert parsed.rows + len(found) == len(lines)
        assert len(found) <= 1
