"""EDIFACT interchanges: service strings, released characters, segment groups, and what is wrong with an envelope."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.opening import Unreadable
from ingestion.readers.edifact import documents
from tests.unit.ingestion.reading import mutated, never_raises, read_units, rules, values

RETURN = [
    "BGM+262+R?'1??2?+3+9",
    "DTM+137:20260105:102",
    "NAD+BY+5412345000013::9",
    "RFF+VA:123",
    "LIN+1++5410000000019:EN",
    "PIA+1+SKU1:SA",
    "QTY+12:2",
    "RFF+ON:PO1",
    "DTM+171:20260101:102",
    "LIN+2++5410000000026:EN",
    "QTY+12:1",
]


def message(body, kind="RETANN:D:96A:UN", number="1", trailer=None):
    return [f"UNH+{number}+{kind}", *body, trailer or f"UNT+{len(body) + 2}+{number}"]


def interchange(*messages, service="", trailer=None, syntax="UNOC:3"):
    lines = [
        f"UNB+{syntax}+SENDER:14+RECEIVER:14+260105:1200+77++RETANN",
        *[part for item in messages for part in item],
    ]
    return service + "'".join([*lines, trailer or f"UNZ+{len(messages)}+77"]) + "'"


@pytest.mark.parametrize("end", ["\n", "\r\n", " \n"])
def test_line_ends_that_took_the_place_of_terminators(end):
    text = interchange(message(RETURN), message(RETURN, number="2")).replace("?'", "")
    [one, two] = values(read_units(documents, text.replace("'", end)))
    assert [one, two] == values(read_units(documents, text))


def test_a_message_with_its_envelope_and_its_groups():
    [value] = values(read_units(documents, interchange(message(RETURN))))
    assert value["interchange"] == {
        "syntax": "UNOC",
        "syntax_version": "3",
        "sender": "SENDER",
        "sender_qualifier": "14",
        "receiver": "RECEIVER",
        "receiver_qualifier": "14",
        "date": "260105",
        "time": "1200",
        "control": "77",
        "application": "RETANN",
    }
    assert {key: value[key] for key in ("set", "control", "version", "release", "agency")} == {
        "set": "RETANN",
        "control": "1",
        "version": "D",
        "release": "96A",
        "agency": "UN",
    }
    assert value["BGM"][0]["02"] == {"01": "R'1?2+3"}
    assert value["NAD"][0]["02"] == {"01": "5412345000013", "03": "9"}
    assert value["NAD"][0]["RFF"][0]["01"] == {"01": "VA", "02": "123"}
    first, second = value["LIN"]
    assert first["03"]["01"] == "5410000000019"
    assert first["RFF"][0]["DTM"][0]["01"]["02"] == "20260101"
    assert second["QTY"][0]["01"] == {"01": "12", "02": "1"}
    assert len(value["segments"]) == len(RETURN)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(interchange(message(RETURN), service="UNA:+.? '"), id="service string"),
        pytest.param(interchange(message(RETURN), service="UNA:+.? '\r\n").replace("'", "'\r\n"), id="line breaks"),
        pytest.param("\ufeff " + interchange(message(RETURN)).replace("R?'", "X"), id="mark and blanks"),
        pytest.param(
            interchange(message(RETURN))
            .replace("?'", "\0")
            .replace("'", "\n")
            .replace("\0", "'")
            .replace("UNB", "UNA:+.? \nUNB"),
            id="lines end segments",
        ),
        pytest.param(
            interchange(message(["BGM+262+X", *RETURN[1:]]), service="UNA|*,  #")
            .replace(":", "|")
            .replace("+", "*")
            .replace("'", "#"),
            id="delimiters of its own",
        ),
        pytest.param(interchange(message(RETURN)).replace("UNZ+1+77", "UNZ+1+0077"), id="leading zeros"),
    ],
)
def test_dirt_that_does_not_matter(text):
    units = read_units(documents, text)
    assert rules(units) == [None]
    assert [line["QTY"][0]["01"]["02"] for line in values(units)[0]["LIN"]] == ["2", "1"]


def test_groups_and_repeats():
    grouped = [
        "UNG+RETANN+S:14+R:14+260105:1200+5+UN+D:96A",
        *message(["BGM+262+A*B"]),
        *message(["BGM+262+C"], number="2"),
        "UNE+2+5",
    ]
    units = read_units(documents, interchange(grouped, trailer="UNZ+1+77", syntax="UNOC:4"))
    assert rules(units) == [None, None]
    assert values(units)[0]["BGM"][0]["02"] == [{"01": "A"}, {"01": "B"}]
    assert values(units)[0]["group"]["05"] == {"01": "5"}


def test_a_syntax_that_says_more_than_its_version():
    units = read_units(documents, interchange(message(["BGM+262+A*B"]), syntax="UNOY:4:::02", service="UNA:+,?*'"))
    assert values(units)[0]["BGM"][0]["02"] == [{"01": "A"}, {"01": "B"}]
    assert "decimal" not in values(units)[0]["interchange"]


def test_a_reference_that_is_called_like_a_header():
    body = ["BGM+262+A", "RFF+ON:UNB", "FTX+AAI+++UNB", "LIN+1++X:EN"]
    [value] = values(read_units(documents, interchange(message(body))))
    assert (value["lines"], value["RFF"][0]["01"]["02"]) == ("1", "UNB")


def test_a_service_string_says_which_decimal_mark_counts():
    texts = [interchange(message(RETURN), service=service) for service in ("", "UNA:+.? '", "UNA:+,? '")]
    found = [values(read_units(documents, text))[0]["interchange"].get("decimal") for text in texts]
    assert found == [None, ".", ","]


def test_what_segments_hold_beside_their_elements():
    body = ["BGM+1+2", "DTM+137:20260105:102", "DTM+90:2026010120260131:718", "DTM+7:soon:102", "DTM+8", "GIN+BN+1+2",
            "GIN+BN+1:9"]  # fmt: skip
    [value] = values(read_units(documents, interchange(message(body))))
    told = [(moment.get("at"), moment.get("until")) for moment in value["DTM"]]
    assert told == [("2026-01-05", None), ("2026-01-01", "2026-01-31"), ("soon", None), (None, None)]
    assert [goods.get("numbers") for goods in value["GIN"]] == [["1", "2"], None]


def test_stock_is_in_its_quantity_or_in_what_is_done_to_it():
    body = ["BGM+35+1", "LIN+1++X:EN", "QTY+145:1", "INV+1", "LOC+18+A", "QTY+124:2", "LIN+2++Y:EN", "INV+++1+1",
            "QTY+145:3", "LOC+18+B", "INV+2", "QTY+145:4", "UNS+S", "CNT+2:2"]  # fmt: skip
    [value] = values(read_units(documents, interchange(message(body, "INVRPT:D:01B:UN"))))
    first, second = value["LIN"]
    assert [("INV" in quantity, "LOC" in quantity) for quantity in first["QTY"]] == [(True, True), (False, False)]
    assert [inventory["QTY"][0]["01"]["02"] for inventory in second["INV"]] == ["3", "4"]
    assert value["CNT"][0]["01"] == {"01": "2", "02": "2"}


def test_a_service_string_that_lost_its_terminator_is_mended_by_the_line_below():
    text = interchange(message(RETURN)).replace("?'", "")
    [expected] = values(read_units(documents, interchange(message(RETURN), service="UNA:+.? '").replace("?'", "")))
    assert values(read_units(documents, "UNA:+.? \n" + text.replace("'", "'\n"))) == [expected]


@pytest.mark.parametrize("name", ["01", "02+x", "set", "lines", "id", "at", "", "lin+1"])
def test_a_segment_that_is_named_as_none_can_be(name):
    body = [*RETURN[:8], name, *RETURN[8:]]
    [value] = values(read_units(documents, interchange(message(body, trailer=f"UNT+{len(body) + 2 - (not name)}+1"))))
    assert (value["set"], value["lines"], len(value["LIN"])) == ("RETANN", "2", 2)
    assert value["LIN"][0]["RFF"][0]["DTM"][0]["at"] == "2026-01-01"


WHOLE = interchange(message(RETURN), message(["BGM+1"], "IFTSTA:D:01B:UN", "2"))
CONTROL, COUNT, UNCLOSED = "envelope_control_number", "envelope_segment_count", "envelope_unclosed"
MISMATCH = "control_number_mismatch"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(WHOLE.replace("UNT+13+1", "UNT+787+1"), [COUNT, None], id="segments miscounted"),
        pytest.param(WHOLE.replace("UNT+13+1", "UNT+13+9"), [None, MISMATCH, None], id="message numbers differ"),
        pytest.param(WHOLE.replace("UNT+13+1", "UNT+12+9"), [CONTROL, None], id="message numbers and counts differ"),
        pytest.param(WHOLE.replace("UNT+13+1'", ""), [UNCLOSED, None], id="no trailer"),
        pytest.param(WHOLE.replace("UNZ+2+77", "UNZ+2+78"), [None, None, MISMATCH], id="interchange numbers differ"),
        pytest.param(
            WHOLE.replace("UNZ+2+77", "UNZ+1+78"), [CONTROL, CONTROL, "envelope_group_count"], id="parts of two"
        ),
        pytest.param(WHOLE.replace("UNZ+2+", "UNZ+3+"), [None, None, "envelope_group_count"], id="a message missing"),
        pytest.param(WHOLE.replace("UNZ+2+77'", ""), [None, None, UNCLOSED], id="interchange not closed"),
        pytest.param(WHOLE[: WHOLE.index("IFTSTA") + 20], [None, UNCLOSED, UNCLOSED], id="cut"),
        pytest.param(WHOLE.replace("UNZ", "XXX+1'UNZ"), [None, None, "envelope_stray"], id="outside of a message"),
    ],
)
def test_envelopes_that_are_wrong(text, expected):
    assert rules(read_units(documents, text)) == expected


def test_the_tail_of_a_cut_file_is_in_the_fault():
    [*_, cut, _] = read_units(documents, WHOLE[: WHOLE.index("IFTSTA") + 20])
    assert cut.text.startswith("UNH+2+IFTSTA")


@pytest.mark.parametrize("text", ["", "UNAS:+.? '", "ISA*00*", "a UNB+", "<x/>"])
def test_what_is_no_interchange(text):
    with pytest.raises(Unreadable, match="not_edifact"):
        read_units(documents, text)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 20), st.binary(max_size=4)), max_size=6))
def test_mutated_bytes_never_raise(cuts):
    never_raises(documents, mutated(interchange(message(RETURN), service="UNA:+.? '").encode(), cuts))
