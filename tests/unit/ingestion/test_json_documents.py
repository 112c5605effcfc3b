"""JSON documents in every arrangement, and what is no JSON beside them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.readers import json_documents
from ingestion.readers.json_documents import documents
from tests.unit.ingestion.reading import mutated, never_raises, read_units, rules, values

SAMPLE = b'{"id":"a","lines":[{"q":1.50,"ok":true},null]}\n{\n "id": "b"\n}\n[1,2]{"c":"\\u00e9"}\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('{"a":1}', [{"a": "1"}], id="one object"),
        pytest.param('[{"a":1},{"a":2}]', [[{"a": "1"}, {"a": "2"}]], id="a list is one document"),
        pytest.param('[\n{"a":1},\n{"a":2}\n]', [[{"a": "1"}, {"a": "2"}]], id="a list with a line each"),
        pytest.param('{"a":1}\n\n{"a":2}\n', [{"a": "1"}, {"a": "2"}], id="lines"),
        pytest.param('{\n "a": 1\n}\n{\n "a": 2\n}', [{"a": "1"}, {"a": "2"}], id="pretty-printed"),
        pytest.param('{"a":1}{"b":2}{\n"c":3}{"d":4}', [{"a": "1"}, {"b": "2"}, {"c": "3"}, {"d": "4"}], id="joined"),
        pytest.param('\x1e{"a":1}\n\x1e{"a":2}\n', [{"a": "1"}, {"a": "2"}], id="json-seq"),
        pytest.param("\ufeff{}", [{}], id="byte order mark"),
        pytest.param('{"a":"}{","b":"\\"["}', [{"a": "}{", "b": '"['}], id="brackets in text"),
        pytest.param('"\\\\u0000"', ["\\u0000"], id="an escaped backslash is no NUL"),
        pytest.param('"\\ud83d\\ude00"', ["😀"], id="a pair of surrogates"),
        pytest.param("", [], id="empty"),
    ],
)
def test_every_arrangement_gives_its_values(text: str, expected: list[object]) -> None:
    units = read_units(documents, text)
    assert values(units) == expected
    assert rules(units) == [None] * len(expected)


def test_no_digit_is_lost_and_booleans_are_words() -> None:
    text = '{"a":[1.10,1e400,12345678901234567890.123456789,-0,true,[false]],"b":null}'
    assert values(read_units(documents, text)) == [
        {"a": ["1.10", "1e400", "12345678901234567890.123456789", "-0", "true", ["false"]], "b": None}
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('{"a":1}\n{broken\n{"a":2}', [None, "invalid_json", None], id="a broken line costs itself"),
        pytest.param('{"a":1,\n{"a":2}\n{"a":3}', ["invalid_json", None, None], id="a cut line"),
        pytest.param('{"a":[\n{"a":2}\n{"a":3}', ["invalid_json", None, None], id="cut inside a list"),
        pytest.param('{"a":1}\n{\n"b": [\n1,', [None, "invalid_json"], id="cut at the end: one fault"),
        pytest.param('{"a":1}} {"a":2}', [None, "invalid_json"], id="rubbish after a value"),
        pytest.param('{"a":"x\ny"}\n{"b":1}', ["invalid_json", None], id="a line break in text"),
        pytest.param("<html>\n</html>", ["invalid_json", "invalid_json"], id="no JSON at all"),
        pytest.param('{"a":NaN}\n{"a":-Infinity}', ["invalid_json", "invalid_json"], id="no numbers"),
        pytest.param('{"a":1,"b":{"c":1,"c":2}}\n{}', ["duplicate_key", None], id="a key twice"),
        pytest.param('{"a":' * 65 + "1" + "}" * 65, ["too_deep"], id="too deep"),
        pytest.param("[" * 200_000, ["too_deep"], id="brackets without end"),
        pytest.param('{"a":' * 100_000 + "\n{}", ["too_deep", None], id="objects without end"),
        pytest.param('"\\ud800"\n1', ["lone_surrogate", None], id="half a character"),
        pytest.param('{"a":"\\u0000"}', ["nul_character"], id="a NUL"),
    ],
)
def test_what_cannot_be_read_is_a_fault_and_the_next_goes_on(text: str, expected: list[str | None]) -> None:
    assert rules(read_units(documents, text)) == expected


def test_a_depth_at_the_limit_is_read() -> None:
    assert rules(read_units(documents, "[" * 64 + "]" * 64)) == [None]


def test_a_damaged_line_is_a_fault_also_inside_a_value() -> None:
    sound = "".join(f'{{"n":"é{n}"}}\n' for n in range(5)).encode()
    units = read_units(documents, sound + b'{"n":"\xe9"}\n{\n"a":"\xe9"\n}\n{"a":1}')
    assert rules(units) == [None] * 5 + ["invalid_encoding", "invalid_encoding", None]


def test_a_value_longer_than_the_limit_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_documents, "MAX_DOCUMENT", 100)
    long = json.dumps({"a": "x" * 500})
    spread = '{"a":[\n' + '"x",\n' * 50 + "1]}"
    assert rules(read_units(documents, f'{long}\n{{"b":1}}')) == ["document_too_long", None]
    assert rules(read_units(documents, f'{spread}\n{{"b":1}}')) == ["document_too_long", None]


@pytest.mark.parametrize("part", ["{}", "{x}", "[\n{}\n,\n", '{"a":[\n{}\n', "[\n", '{"a":1\n', '"'])
def test_time_grows_with_the_file_only(part: str) -> None:
    never_raises(documents, (part * (200_000 // len(part))).encode())


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 9), st.binary(max_size=4)), max_size=6))
def test_mutated_bytes_never_raise(cuts: list[tuple[int, int, bytes]]) -> None:
    never_raises(documents, mutated(SAMPLE, cuts))
