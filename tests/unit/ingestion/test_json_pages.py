"""Pages too long to be held whole: their elements one by one, and what is broken in them."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from string import ascii_letters
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.opening import Text, Unreadable
from ingestion.readers import json_documents, json_pages
from ingestion.readers.document import Document
from ingestion.readers.structure import Fault
from tests.unit.ingestion.reading import SECONDS, mutated, peak_of, read_units

# What a page of a real dump is longer than, made short: the reader then takes every page below apart.
PAGE, CHUNK = 8, 4
SAMPLE = b'{"page":[{"id":"a","q":1.50},{"id":"b","ok":[true,null]}],"has_more":false}'


@pytest.fixture(scope="module", autouse=True)
def _short() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_pages, "PAGE", PAGE)
        patch.setattr(json_pages, "CHUNK", CHUNK)
        yield


def told(units: list[Document | Fault]) -> list[tuple[int, str, Any]]:
    """Row, place and value of what was read; of a fault its rule."""
    return [
        (unit.row, "fault", unit.rule) if isinstance(unit, Fault) else (unit.row, unit.path, unit.value)
        for unit in units
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            '{"things":[{"a":1.50},{"a":true}],"has_more":false}',
            [(1, ".things[0]", {"a": "1.50"}), (1, ".things[1]", {"a": "true"})],
            id="an object with a list",
        ),
        pytest.param(
            '{ "n" : 1234567 ,\n "a" : [ 1 , 2 ] ,\n "b" : [ {"x":[]} ] }',
            [(1, ".a[0]", "1"), (1, ".a[1]", "2"), (1, ".b[0]", {"x": []})],
            id="lists between other fields, and blanks",
        ),
        pytest.param('[{"a":1},\n{"a":2}]', [(1, "[0]", {"a": "1"}), (1, "[1]", {"a": "2"})], id="a list"),
        pytest.param('{"a":[12345678]}', [(1, ".a[0]", "12345678")], id="a number over the end of a chunk"),
        pytest.param('{"a":["\\u00e9}]\\""]}', [(1, ".a[0]", 'é}]"')], id="brackets and quotes in text"),
        pytest.param('{"a":[],"n":"none"}', [], id="an empty list"),
        pytest.param('{"key":"a value"}', [(1, "", {"key": "a value"})], id="an object without lists"),
        pytest.param(
            '{"object":"T","id":1,"a":[1]}', [(1, "", {"object": "T", "id": "1", "a": ["1"]})], id="an object of a type"
        ),
        pytest.param(
            '[{"a":123}]\n{"b":[2]}', [(1, "[0]", {"a": "123"}), (2, ".b[0]", "2")], id="pages one after another"
        ),
        pytest.param('{"a":1}\n{"b":[1,2,3]}', [(1, "", {"a": "1"}), (2, "", {"b": ["1", "2", "3"]})], id="lines"),
        pytest.param('{"a":[{"x":1},{"x":2', [(1, ".a[0]", {"x": "1"}), (1, "fault", "invalid_json")], id="cut short"),
        pytest.param(
            '[{"x":1},{"x":2}oops,{"x":3}]\n{"x":4}',
            [(1, "[0]", {"x": "1"}), (1, "[1]", {"x": "2"}), (1, "fault", "invalid_json")],
            id="broken between elements",
        ),
        pytest.param('[{"x":1}{"x":2}]', [(1, "[0]", {"x": "1"}), (1, "fault", "invalid_json")], id="no comma"),
        pytest.param('{"abcdef":["a"],7:1}', [(1, ".abcdef[0]", "a"), (1, "fault", "invalid_json")], id="no name"),
        pytest.param('[{"x":1,"x":2},3]', [(1, "fault", "duplicate_key")], id="a key twice"),
        pytest.param(f"[1,{'[' * 70}{']' * 70}]", [(1, "[0]", "1"), (1, "fault", "too_deep")], id="too deep"),
        pytest.param('["12345678\\u0000"]', [(1, "fault", "nul_character")], id="a NUL"),
    ],
)
def test_a_long_page_gives_its_elements(text: str, expected: list[tuple[int, str, Any]]) -> None:
    assert told(read_units(json_pages.documents, text)) == expected


def test_a_fault_shows_where_it_stopped() -> None:
    [_, fault] = read_units(json_pages.documents, '[{"x":1},oops and more]')
    assert isinstance(fault, Fault)
    assert (fault.text, fault.column) == ("oops and more]", None)
    assert fault.detail.endswith("; the rest of the file is not read")


def test_a_short_file_is_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_pages, "PAGE", 1000)
    text = '{"a":[1,2]}\n[3]'
    assert told(read_units(json_pages.documents, text)) == [(1, "", {"a": ["1", "2"]}), (2, "", ["3"])]


def _elements(text: Text) -> Iterator[Document | Fault]:
    for unit in json_documents.documents(text):
        if isinstance(unit, Fault):
            yield unit
        else:
            yield from (Document(unit.row, value, path=f".page[{i}]") for i, value in enumerate(unit.value["page"]))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(ascii_letters + 'é"\\[]{},', max_size=9),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(ascii_letters + 'é"\\[]{},', max_size=9), inner),
    max_leaves=9,
)


@settings(max_examples=100, deadline=None)
@given(st.lists(JSON, min_size=1, max_size=5), st.sampled_from([None, 1]))
def test_elements_are_those_of_the_page_read_whole(elements: list[Any], indent: int | None) -> None:
    text = json.dumps({"page": [*elements, "x" * PAGE]}, indent=indent)
    assert told(read_units(json_pages.documents, text)) == told(read_units(_elements, text))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 9), st.binary(max_size=4)), max_size=6))
def test_mutated_bytes_never_raise(cuts: list[tuple[int, int, bytes]]) -> None:
    with contextlib.suppress(Unreadable):
        units = read_units(json_pages.documents, mutated(SAMPLE, cuts))
        assert [unit.row for unit in units] == sorted(unit.row for unit in units)
        assert sum(isinstance(unit, Fault) and unit.text is None for unit in units) == 0


@pytest.mark.parametrize("part", ['{"a":1},', "[1,", '{"a":[', '"'])
def test_time_grows_with_the_file_only(part: str) -> None:
    started = time.monotonic()
    read_units(json_pages.documents, "[" + part * (50_000 // len(part)))
    assert time.monotonic() - started < SECONDS


def test_memory_holds_an_element_not_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_pages, "CHUNK", 1024)
    page = json.dumps({"page": [{"id": number, "text": "x" * 80} for number in range(10_000)]}).encode()
    assert peak_of(json_pages.documents, page, tmp_path) < len(page) / 10
