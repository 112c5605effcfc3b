"""X12 interchanges: delimiters, loops, hierarchies, and every way an envelope can be wrong."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.opening import Unreadable
from ingestion.readers.segments import parse_loop
from ingestion.readers.x12 import documents
from tests.unit.ingestion.reading import mutated, never_raises, peak_of, read_units, rules, values

RETURN = [
    "BGN*00*RMA1*20260105",
    "N1*BY*Shop*92*S1",
    "N3*1 Rue A",
    "BLI*UP*123*2*EA",
    "N9*SE*SN1",
    "N9*SE*SN2",
    "RDR*CR*DT",
    "QTY*38*1",
    "AMT*1*25.75",
    "BLI*UP*456*1*EA",
    "RDR*SC*ST",
]


def head(control="000000007", version="00401", usage="P", component=">", repeat="U"):
    who = f"ZZ*{'SHOP':15}*ZZ*{'WAREHOUSE':15}"
    return f"ISA*00*{'':10}*00*{'':10}*{who}*260105*1200*{repeat}*{version}*{control}*0*{usage}*{component}"


def a_set(body, code="180", control="0001", trailer=None):
    return [f"ST*{code}*{control}", *body, trailer or f"SE*{len(body) + 2}*{control}"]


def interchange(*sets, end="~", control="000000007", groups="1", count=None, group="GE*{}*21", **options):
    parts = [part for item in sets for part in item]
    count = len(sets) if count is None else count
    lines = ["GS*AN*SHOP*WAREHOUSE*20260105*1200*21*X*004010", *parts, group.format(count), f"IEA*{groups}*{control}"]
    return head(**options) + end + end.join(lines) + end


def test_a_set_with_its_envelope_and_its_loops():
    [value] = values(read_units(documents, interchange(a_set(RETURN), usage="T")))
    assert value["interchange"] == {
        "sender_qualifier": "ZZ",
        "sender": "SHOP",
        "receiver_qualifier": "ZZ",
        "receiver": "WAREHOUSE",
        "date": "260105",
        "time": "1200",
        "version": "00401",
        "control": "000000007",
        "usage": "T",
    }
    assert value["group"]["control"] == "21"
    assert (value["set"], value["control"], len(value["segments"])) == ("180", "0001", len(RETURN))
    assert value["N1"][0]["N3"] == [{"id": "N3", "01": "1 Rue A"}]
    first, second = value["BLI"]
    assert [item["02"] for item in first["N9"]] == ["SN1", "SN2"]
    assert first["QTY"][0]["AMT"] == [{"id": "AMT", "01": "1", "02": "25.75"}]
    assert second["RDR"] == [{"id": "RDR", "01": "SC", "02": "ST"}]
    assert "N9" not in second


@pytest.mark.parametrize("element", ["*", "~", "^", "|", "\x1d"])
@pytest.mark.parametrize("end", ["~", "\\", "}", "*", "^", "\n", "…", "'", "\x1c", "~\n", "~\r\n    ", "\r\n"])
def test_any_delimiters(element, end):
    if element == end[0]:
        pytest.skip("one character can't be both")
    text = interchange(a_set(RETURN)).replace("*", "\0").replace("~", end).replace("\0", element)
    [value] = values(read_units(documents, text))
    assert [line["02"] for line in value["BLI"]] == ["123", "456"]
    assert value["BLI"][0]["N9"][1]["02"] == "SN2"


@pytest.mark.parametrize("name", ["01", "02*x", "set", "ids", "id", "bli*1"])
def test_a_segment_that_is_named_as_none_can_be(name):
    [value] = values(read_units(documents, interchange(a_set([*RETURN[:4], name, *RETURN[4:]]))))
    assert (value["set"], [line["ids"] for line in value["BLI"]]) == ("180", [{"UP": "123"}, {"UP": "456"}])


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("\ufeff\n  " + interchange(a_set(RETURN)), id="mark and blanks before"),
        pytest.param(interchange(a_set(RETURN)).replace("          ", ""), id="a header without padding"),
        pytest.param(interchange(a_set(RETURN), end="\n"), id="the terminator lost"),
        pytest.param(interchange(a_set(RETURN), end="\n", component=""), id="component separator lost too"),
        pytest.param(interchange(a_set(RETURN), end="~\n", component=""), id="component separator lost only"),
        pytest.param(
            "\n".join(_ for _ in [interchange(a_set(RETURN))[n : n + 80] for n in range(0, 600, 80)]), id="wrapped"
        ),
        pytest.param(interchange(a_set(RETURN), control="7"), id="leading zeros lost"),
        pytest.param(interchange(a_set(RETURN)).replace("GS*", "TA1*000000006*260105*1200*A*000~GS*"), id="TA1"),
    ],
)
def test_dirt_that_does_not_matter(text):
    units = read_units(documents, text)
    assert rules(units) == [None]
    assert values(units)[0]["BLI"][1]["RDR"][0]["02"] == "ST"


def test_several_interchanges_with_delimiters_of_their_own():
    first = interchange(a_set(RETURN), a_set(RETURN, control="0002"))
    second = interchange(a_set(RETURN)).replace("*", "|").replace("~", "\n")
    assert [value["control"] for value in values(read_units(documents, first + "\n" + second))] == [
        "0001",
        "0002",
        "0001",
    ]


def test_composites_repeats_and_blanks():
    body = ["SLN*1**I*2*EA>1.5>KG", "N9*A^B*  *x", "REF*Q* spaced "]
    [value] = values(read_units(documents, interchange(a_set(body, "999"), version="00501", repeat="^")))
    assert value["SLN"][0]["05"] == {"_text": "EA>1.5>KG", "01": "EA", "02": "1.5", "03": "KG"}
    assert value["N9"][0] == {"id": "N9", "01": ["A", "B"], "03": "x"}
    assert value["REF"][0]["02"] == "spaced"


def test_ids_of_a_product_stand_by_their_qualifiers():
    body = ["BLI*UP*123*2*EA**9.5*SK*A1", "LIN*1*BP*B1*EC**SN*S1*VP", "LIN"]
    [value] = values(read_units(documents, interchange(a_set(body))))
    assert value["BLI"][0]["ids"] == {"UP": "123", "SK": "A1"}
    assert [line["ids"] for line in value["LIN"]] == [{"BP": "B1", "SN": "S1"}, {}]


def test_a_repeat_character_of_ordinary_text_repeats_nothing():
    [value] = values(read_units(documents, interchange(a_set(["N9*A*12-34"]), version="00406", repeat="-")))
    assert value["N9"][0]["02"] == "12-34"


def test_hierarchies_go_by_their_parents_not_by_place():
    body = [
        "BSN*00*1",
        "HL*1**S",
        "N1*SF*A",
        "N4*Laval",
        "HL*2*1*O",
        "PRF*PO1",
        "HL*3*1*O",
        "PRF*PO2",
        "HL*4*2*I",
        "LIN**UP*1",
        "HL*5*3*P",
        "MAN*GM*00",
        "HL*6*5*I",
        "LIN**UP*2",
        "SN1**3*EA",
        "CTT*6",
    ]
    [value] = values(read_units(documents, interchange(a_set(body, "856"))))
    [shipment] = value["HL_S"]
    orders = {order["PRF"][0]["01"]: order for order in shipment["HL_O"]}
    assert shipment["N1"][0]["N4"][0]["01"] == "Laval"
    assert orders["PO1"]["HL_I"][0]["LIN"][0]["03"] == "1"
    assert orders["PO2"]["HL_P"][0]["HL_I"][0]["SN1"][0]["02"] == "3"
    assert value["CTT"][0]["01"] == "6"


def test_a_partner_may_have_loops_of_its_own():
    loops = {"180": parse_loop({"loops": {"LX": {"segments": ["LQ"], "loops": {"QTY": None}}}})}
    text = interchange(a_set(["LX*1", "LQ*A*B", "QTY*1*2", "LX*2", "ZZZ*9"]))
    [value] = values(read_units(lambda opened: documents(opened, loops), text))
    assert value["LX"][0]["QTY"] == [{"id": "QTY", "01": "1", "02": "2"}]
    assert value["LX"][1]["ZZZ"] == [{"id": "ZZZ", "01": "9"}]


WHOLE = interchange(a_set(RETURN), a_set(RETURN, control="0002"))
CONTROL, COUNT, UNCLOSED = "envelope_control_number", "envelope_segment_count", "envelope_unclosed"
MISMATCH = "control_number_mismatch"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(WHOLE.replace("SE*13*0001", "SE*14*0001"), [COUNT, None], id="segments miscounted"),
        pytest.param(WHOLE.replace("SE*13*0001", "SE*x*0001"), [COUNT, None], id="no count"),
        pytest.param(WHOLE.replace("N3*1 Rue A~", "", 1), [COUNT, None], id="a segment lost"),
        pytest.param(WHOLE.replace("SE*13*0001", "SE*13*0009"), [None, MISMATCH, None], id="set numbers differ"),
        pytest.param(WHOLE.replace("SE*13*0001", "SE*14*0009"), [CONTROL, None], id="set numbers and counts differ"),
        pytest.param(WHOLE.replace("SE*13*0001~", ""), [UNCLOSED, None], id="no trailer"),
        pytest.param(WHOLE.replace("GE*2*21", "GE*2*22"), [None, None, MISMATCH], id="group numbers differ"),
        pytest.param(
            WHOLE.replace("GE*2*21", "GE*3*22"), [CONTROL, CONTROL, "envelope_set_count"], id="group of others"
        ),
        pytest.param(WHOLE.replace("IEA*1*000000007", "IEA*1*8"), [None, None, MISMATCH], id="interchanges differ"),
        pytest.param(
            WHOLE.replace("IEA*1*000000007", "IEA*2*8"), [CONTROL, CONTROL, "envelope_group_count"], id="parts of two"
        ),
        pytest.param(WHOLE.replace("GE*2*", "GE*3*"), [None, None, "envelope_set_count"], id="a set missing"),
        pytest.param(WHOLE.replace("IEA*1*", "IEA*2*"), [None, None, "envelope_group_count"], id="a group missing"),
        pytest.param(WHOLE.replace("GE*2*21~", ""), [None, None, UNCLOSED], id="group not closed"),
        pytest.param(WHOLE.replace("IEA*1*000000007~", ""), [None, None, UNCLOSED], id="interchange not closed"),
        pytest.param(WHOLE[: WHOLE.index("SE*13*0002") - 20], [None, UNCLOSED, UNCLOSED, UNCLOSED], id="cut in a set"),
        pytest.param(WHOLE.replace("GE*", "ZZ*1~GE*"), [None, None, "envelope_stray"], id="outside of a set"),
        pytest.param(WHOLE.replace("RDR*SC", f"RDR*{'*' * 120}SC"), ["segment_too_long"] * 2, id="too many elements"),
    ],
)
def test_envelopes_that_are_wrong(text, expected):
    assert rules(read_units(documents, text)) == expected


def test_a_damaged_line_costs_its_set_only():
    text = interchange(a_set(RETURN), a_set([*RETURN, "NTE**été", "NTE**août"], control="0002"), end="~\n")
    data = text.encode().replace(b"1 Rue A", b"1 Ru\xe9 A", 1)
    assert rules(read_units(documents, data)) == ["invalid_encoding", None]


@pytest.mark.parametrize("text", ["", "QkFTRTY0ISAasadsdfs", "<x/>", "UNB+UNOA:1+A+B", "ISA*00*", "a,b\n1,2\n"])
def test_what_is_no_interchange(text):
    with pytest.raises(Unreadable, match="not_x12"):
        read_units(documents, text)


def test_the_text_of_a_short_set_is_kept_that_of_a_long_one_is_not():
    long = a_set(["BLI*UP*1*1*EA"] * 10_000, control="0002")
    short, other = read_units(documents, interchange(a_set(RETURN), long))
    assert short.text.startswith("ST*180*0001~BGN")
    assert short.text.endswith("SE*13*0001~")
    assert other.text is None
    assert len(other.value["BLI"]) == 10_000


def test_memory_holds_one_set_of_a_long_interchange(tmp_path):
    data = interchange(*(a_set(RETURN, control=f"{number:04}") for number in range(1, 2001))).encode()
    assert len(data) > 300_000
    assert peak_of(documents, data, tmp_path) < 2.5 * len(data)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 800), st.integers(0, 20), st.binary(max_size=4)), max_size=6))
def test_mutated_bytes_never_raise(cuts):
    never_raises(documents, mutated(interchange(a_set(RETURN), a_set(["HL*1**S", "HL*2*1*O"], "856")).encode(), cuts))
