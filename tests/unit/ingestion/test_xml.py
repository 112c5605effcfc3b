"""XML as documents: names, attributes, lists, limits, and files that mean harm."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.opening import Unreadable
from ingestion.readers import xml_documents
from ingestion.readers.structure import Fault
from ingestion.readers.xml_documents import documents, elements
from tests.unit.ingestion.reading import mutated, never_raises, read_units, rules, values

HOME = ("", "urn:home")


def units(text):
    """The values of the elements `item`, and the rules of those that are faults."""
    found = read_units(lambda opened: elements(opened, ("item",), HOME), text)
    return [unit.rule if isinstance(unit, Fault) else unit[1].value for unit in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("<a>1.50</a>", {"a": "1.50"}, id="a leaf is its text"),
        pytest.param("<a x='1'> t </a>", {"a": {"@x": "1", "_text": "t"}}, id="attributes and text"),
        pytest.param("<a><b>1</b><b>2</b><c/></a>", {"a": {"b": ["1", "2"], "c": ""}}, id="repeated elements"),
        pytest.param("<a>x<b/>y<!-- no --></a>", {"a": {"b": "", "_text": "xy"}}, id="mixed"),
        pytest.param("<a><![CDATA[<b>&]]></a>", {"a": "<b>&"}, id="CDATA"),
        pytest.param("<a>&lt;&#233;&amp;</a>", {"a": "<é&"}, id="entities of XML itself"),
        pytest.param("<x:a xmlns:x='urn:1'><x:b/></x:a>", {"a": {"b": ""}}, id="namespaces"),
        pytest.param("\ufeff<?xml version='1.0' encoding='UTF-16'?>\n<a>é</a>", {"a": "é"}, id="declared otherwise"),
    ],
)
def test_a_whole_file(text, expected):
    assert values(read_units(documents, text)) == [expected]


def test_units_stand_at_any_depth_and_foreign_names_keep_their_prefix():
    text = (
        "<r xmlns:h='urn:home' xmlns:e='urn:ext'><list><h:item><h:id>1</h:id><e:id e:x='2'>3</e:id></h:item></list>"
        "<more><item/></more></r>"
    )
    assert units(text) == [{"id": "1", "e:id": {"@e:x": "2", "_text": "3"}}, ""]


def test_the_raw_text_of_a_unit_is_as_it_stands():
    text = "<r>\n <item a='é'>\n  <b/>\n </item ><item/></r>"
    found = read_units(lambda opened: elements(opened, ("item",), HOME), text)
    assert [raw for _, _, raw in found] == ["<item a='é'>\n  <b/>\n </item >", "<item/>"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><r>&b;</r>', id="entities"),
        pytest.param(
            "<!DOCTYPE r [<!ENTITY l0 'lol'>"
            + "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 12))
            + "]><r>&l11;</r>",
            id="a billion laughs",
        ),
        pytest.param("<!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/hostname'>]><r>&x;</r>", id="a file"),
        pytest.param("<!DOCTYPE r SYSTEM 'http://127.0.0.1:9/x.dtd'><r/>", id="a document type elsewhere"),
    ],
)
def test_a_document_type_is_refused(text):
    with pytest.raises(Unreadable, match="document_type"):
        read_units(documents, text)


def test_a_document_type_that_only_names_the_root_declares_nothing():
    assert values(read_units(documents, "<!DOCTYPE project>\n<r><b>1</b></r>")) == [{"r": {"b": "1"}}]
    assert rules(read_units(documents, "<!DOCTYPE r><r><b>&x;</b></r>")) == ["invalid_xml"]


@pytest.mark.parametrize("text", ["", "{}", "a,b\n", "<", "<1>", "<?xml version='1.0'?>"])
def test_what_is_no_xml(text):
    with pytest.raises(Unreadable, match="not_xml"):
        read_units(documents, text)


@pytest.mark.parametrize(
    ("inside", "rule"),
    [
        pytest.param("<b>" * 64 + "</b>" * 64, "too_deep", id="depth"),
        pytest.param("<b " + " ".join(f"a{n}=''" for n in range(201)) + "/>", "too_many_attributes", id="attributes"),
        pytest.param("<b>" + "x" * 100 + "</b>" * 1 + "<c/>" * 300, "document_too_long", id="size"),
    ],
)
def test_a_unit_beyond_a_limit_costs_itself_only(inside, rule, monkeypatch):
    monkeypatch.setattr(xml_documents, "MAX_DOCUMENT", 1000 if rule == "document_too_long" else 100_000)
    assert units(f"<r><item>1</item><item>{inside}</item><item>2</item></r>") == ["1", rule, "2"]


def test_what_follows_broken_xml_is_a_fault_each():
    text = "<r><item>1</item><item><b></item><item>2</item><item>3</item></r>"
    found = read_units(lambda opened: elements(opened, ("item",), HOME), text)
    assert [unit.rule if isinstance(unit, Fault) else "read" for unit in found] == ["read", *["invalid_xml"] * 3]
    assert [unit.text for unit in found[1:]] == ["<item><b></item>", "<item>2</item>", "<item>3</item></r>"]
    assert [unit.row for unit in found[1:]] == [2, 3, 4]


def test_a_cut_file_keeps_its_whole_units():
    assert units("<r><item>1</item><item>2") == ["1", "invalid_xml"]
    assert rules(read_units(documents, "<r><a>1</a>")) == ["invalid_xml"]


def test_a_damaged_line_costs_its_unit_only():
    text = "<r>\n" + "".join(f"<item>é{n}</item>\n" for n in range(3))
    data = text.encode() + b"<item>\n\xe9</item>\n<item>9</item></r>"
    assert units(data) == ["é0", "é1", "é2", "invalid_encoding", "9"]


def test_an_encoding_other_than_the_one_it_was_read_by():
    with pytest.raises(Unreadable, match="encoding"):
        read_units(documents, "<?xml version='1.0' encoding='iso-8859-2'?><a>žluťoučký</a>".encode("iso-8859-2"))
    latin = "<?xml version='1.0' encoding='ISO-8859-1'?><a>é</a>".encode("latin-1")
    assert values(read_units(documents, latin)) == [{"a": "é"}]


def test_deep_nesting_outside_of_units_is_no_harm():
    assert units("<a>" * 50_000 + "<item>1</item>" + "</a>" * 50_000) == ["1"]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 9), st.binary(max_size=4)), max_size=6))
def test_mutated_bytes_never_raise(cuts):
    sample = b"<?xml version='1.0'?><r xmlns:e='urn:e'><item a='1'><b>x</b><e:c/></item><!-- x --><item>2</item></r>"
    never_raises(documents, mutated(sample, cuts))
