"""EPCIS events, as XML and as JSON-LD, in one form; and what no event may lack."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backhaul.settings import PROJECT
from ingestion.opening import Unreadable
from ingestion.sources.epcis.parse import documents
from tests.unit.ingestion.reading import mutated, never_raises, read_units, rules, values

DATA = PROJECT.parent / "shared" / "data" / "epcis"
EVENT = {
    "type": "ObjectEvent",
    "eventTime": "2026-01-05T10:00:00+01:00",
    "eventTimeZoneOffset": "+01:00",
    "action": "OBSERVE",
    "epcList": ["urn:epc:id:sgtin:4012345.011122.25"],
    "quantityList": [{"epcClass": "urn:epc:class:lgtin:4012345.011111.A", "quantity": "2.50", "uom": "KGM"}],
    "bizStep": "receiving",
    "disposition": "returned",
    "readPoint": {"id": "urn:epc:id:sgln:4012345.00001.0"},
    "bizTransactionList": [{"type": "rma", "bizTransaction": "RMA1"}, {"bizTransaction": "PO1"}],
    "sourceList": [{"type": "owning_party", "source": "urn:epc:id:pgln:4012345.00225"}],
    "persistentDisposition": {"set": ["completeness_verified"]},
    "errorDeclaration": {
        "declarationTime": "2026-01-06T00:00:00Z",
        "reason": "incorrect_data",
        "correctiveEventIDs": ["urn:uuid:1"],
    },
    "eventID": "urn:uuid:0",
    "ilmd": {"cbvmda:lotNumber": "L1"},
    "ext:note": "x",
}
XML_EVENT = """
<ObjectEvent>
 <eventTime>2026-01-05T10:00:00+01:00</eventTime>
 <eventTimeZoneOffset>+01:00</eventTimeZoneOffset>
 <baseExtension>
  <eventID>urn:uuid:0</eventID>
  <errorDeclaration>
   <declarationTime>2026-01-06T00:00:00Z</declarationTime>
   <reason>urn:epcglobal:cbv:er:incorrect_data</reason>
   <correctiveEventIDs><correctiveEventID>urn:uuid:1</correctiveEventID></correctiveEventIDs>
  </errorDeclaration>
 </baseExtension>
 <epcList><epc>urn:epc:id:sgtin:4012345.011122.25</epc></epcList>
 <action>OBSERVE</action>
 <bizStep>urn:epcglobal:cbv:bizstep:receiving</bizStep>
 <disposition>urn:epcglobal:cbv:disp:returned</disposition>
 <readPoint><id>urn:epc:id:sgln:4012345.00001.0</id></readPoint>
 <bizTransactionList>
  <bizTransaction type="urn:epcglobal:cbv:btt:rma"> RMA1
  </bizTransaction>
  <bizTransaction>PO1</bizTransaction>
 </bizTransactionList>
 <extension>
  <quantityList>
   <quantityElement>
    <epcClass>urn:epc:class:lgtin:4012345.011111.A</epcClass><quantity>2.50</quantity><uom>KGM</uom>
   </quantityElement>
  </quantityList>
  <sourceList><source type="urn:epcglobal:cbv:sdt:owning_party">urn:epc:id:pgln:4012345.00225</source></sourceList>
  <ilmd><cbvmda:lotNumber xmlns:cbvmda="urn:epcglobal:cbv:mda">L1</cbvmda:lotNumber></ilmd>
  <extension>
   <persistentDisposition><set>urn:epcglobal:cbv:disp:completeness_verified</set></persistentDisposition>
  </extension>
 </extension>
 <ext:note>x</ext:note>
</ObjectEvent>"""


def xml(*events, list_of="{}", root="epcis:EPCISDocument", version="1"):
    names = f"xmlns:epcis='urn:epcglobal:epcis:xsd:{version}' xmlns:ext='urn:ext' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'"
    body = f"<EPCISBody><EventList>{list_of.format(''.join(events))}</EventList></EPCISBody>"
    return f"<{root} {names} schemaVersion='1.2' creationDate='2026-01-07T00:00:00Z'>{body}</{root}>"


def document(*events):
    return {
        "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-01-07T00:00:00Z",
        "epcisBody": {"eventList": list(events)},
    }


def plain(value):
    """Without what tells where it came from, and the originals of the vocabulary's words."""
    if isinstance(value, dict):
        added = ("document", "objects", "eventKey")
        return {key: plain(item) for key, item in value.items() if key not in added and not key.endswith("Uri")}
    return [plain(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(json.dumps(document(EVENT)), id="JSON document"),
        pytest.param(json.dumps(document(EVENT), indent=2), id="JSON, pretty-printed"),
        pytest.param(json.dumps({"eventList": [EVENT]}), id="bare list of events"),
        pytest.param(json.dumps([EVENT]), id="list"),
        pytest.param(json.dumps({**EVENT, "@context": "x"}), id="one event"),
        pytest.param(json.dumps({**{k: v for k, v in EVENT.items() if k != "type"}, "isA": "ObjectEvent"}), id="isA"),
        pytest.param(json.dumps({**EVENT, "type": "epcis:ObjectEvent"}), id="prefixed type"),
        pytest.param(
            json.dumps(
                {"type": "EPCISQueryDocument", "epcisBody": {"queryResults": {"resultsBody": {"eventList": [EVENT]}}}}
            ),
            id="answer to a query",
        ),
        pytest.param(json.dumps({"epcisBody": {"event": EVENT}}), id="one captured event"),
        pytest.param(json.dumps({**EVENT, "epcList": EVENT["epcList"][0]}), id="a value for a list"),
        pytest.param(xml(XML_EVENT), id="XML 1.2"),
        pytest.param(xml(XML_EVENT, version="2"), id="XML 2.0"),
        pytest.param(xml(XML_EVENT, list_of="<extension><extension>{}</extension></extension>"), id="wrapped events"),
        pytest.param(xml(XML_EVENT.replace("ObjectEvent", "epcis:ObjectEvent")), id="qualified names"),
        pytest.param(XML_EVENT.strip().replace("<ObjectEvent", "<ObjectEvent xmlns:ext='urn:ext'"), id="one XML event"),
    ],
)
def test_every_form_gives_the_same_event(text):
    units = read_units(documents, text)
    assert rules(units) == [None]
    assert plain(values(units)[0]) == EVENT


@pytest.mark.parametrize(
    ("given_value", "word", "original"),
    [
        ("returned", "returned", None),
        ("urn:epcglobal:cbv:disp:returned", "returned", "urn:epcglobal:cbv:disp:returned"),
        ("https://ref.gs1.org/cbv/Disp-returned", "returned", "https://ref.gs1.org/cbv/Disp-returned"),
        ("cbv:Disp-returned", "returned", "cbv:Disp-returned"),
        ("cbv:my_own", "cbv:my_own", None),
        ("https://example.com/disp/returned", "https://example.com/disp/returned", None),
    ],
)
def test_words_of_the_vocabulary(given_value, word, original):
    [value] = values(read_units(documents, json.dumps({**EVENT, "disposition": given_value})))
    assert (value["disposition"], value.get("dispositionUri")) == (word, original)


def test_where_an_event_came_from_stands_in_it():
    [value] = values(read_units(documents, xml(XML_EVENT)))
    assert value["document"] == {"schemaVersion": "1.2", "creationDate": "2026-01-07T00:00:00Z"}
    [value] = values(read_units(documents, json.dumps(document(EVENT))))
    assert value["document"] == {"schemaVersion": "2.0", "creationDate": "2026-01-07T00:00:00Z"}


def without(name, **changes):
    return {**{key: value for key, value in EVENT.items() if key != name}, **changes}


AGGREGATION = {**without("epcList"), "type": "AggregationEvent", "childEPCs": ["x"], "parentID": "p"}


@pytest.mark.parametrize(
    ("event", "rule", "column"),
    [
        (without("eventTime"), "required_missing", "eventTime"),
        (without("eventTimeZoneOffset"), "required_missing", "eventTimeZoneOffset"),
        (without("action"), "required_missing", "action"),
        (without("", eventTimeZoneOffset="+0100"), "invalid_offset", "eventTimeZoneOffset"),
        (without("", eventTimeZoneOffset=60), "invalid_offset", "eventTimeZoneOffset"),
        (without("", action="SEEN"), "unknown_action", "action"),
        (without("", type="PartyEvent"), "unknown_event_type", "type"),
        (without("epcList", quantityList=[]), "no_objects", None),
        ({**AGGREGATION, "action": "ADD", "parentID": ""}, "required_missing", "parentID"),
        (
            {**AGGREGATION, "type": "TransactionEvent", "bizTransactionList": []},
            "required_missing",
            "bizTransactionList",
        ),
        (without("action", type="TransformationEvent"), "no_objects", None),
    ],
)
def test_what_no_event_may_lack(event, rule, column):
    units = read_units(documents, json.dumps(document(EVENT, event, EVENT)))
    found = units[1]
    assert rules(units) == [None, rule, None]
    assert (found.row, found.column) == (2, column)
    assert json.loads(found.text)["eventID"] == "urn:uuid:0"


@pytest.mark.parametrize(
    "event",
    [
        AGGREGATION,
        {**AGGREGATION, "action": "DELETE", "childEPCs": []},
        {**without("action"), "type": "TransformationEvent", "outputEPCList": ["x"]},
        without("epcList", quantityList=[], sensorElementList=[{"sensorReport": {"type": "gs1:Temperature"}}]),
    ],
)
def test_events_of_other_kinds(event):
    assert rules(read_units(documents, json.dumps(event))) == [None]


def test_json_that_holds_no_event():
    units = read_units(documents, '{"a":1}\n{"eventList":[1]}\n{broken\n' + json.dumps(EVENT))
    assert rules(units) == ["no_event", "no_event", "invalid_json", None]
    assert [unit.row for unit in units] == [1, 2, 3, 4]


def test_xml_that_is_no_epcis():
    with pytest.raises(Unreadable, match="not_epcis"):
        read_units(documents, "<html><ObjectEvent/></html>")


@pytest.mark.parametrize(
    "text",
    [
        "<q:EPCISQueryDocument xmlns:q='urn:epcglobal:epcis-query:xsd:1'><q:Poll/></q:EPCISQueryDocument>",
        "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body><s:Fault/></s:Body></s:Envelope>",
    ],
    ids=["a query", "an error"],
)
def test_xml_without_a_list_of_events(text):
    with pytest.raises(Unreadable, match="no_event"):
        read_units(documents, text)


VOCABULARY = """<VocabularyList><Vocabulary type="urn:epcglobal:epcis:vtype:BusinessLocation"><VocabularyElementList>
    <VocabularyElement id="urn:epc:id:sgln:0614141.00777.0"><attribute id="urn:epcglobal:cbv:mda#name">Laval</attribute>
    </VocabularyElement><VocabularyElement id="urn:epc:id:sgln:0614141.00888.0"/></VocabularyElementList></Vocabulary>
    </VocabularyList>"""


@pytest.mark.parametrize(
    "text",
    [
        f"""<m:EPCISMasterDataDocument xmlns:m="urn:epcglobal:epcis-masterdata:xsd:1" schemaVersion="1.0"
        creationDate="2026-01-05T00:00:00Z"><EPCISBody>{VOCABULARY}</EPCISBody></m:EPCISMasterDataDocument>""",
        f"""<q:EPCISQueryDocument xmlns:q="urn:epcglobal:epcis-query:xsd:1"><EPCISBody><q:QueryResults>
        <queryName>SimpleMasterDataQuery</queryName><resultsBody>{VOCABULARY}</resultsBody></q:QueryResults></EPCISBody>
        </q:EPCISQueryDocument>""",
    ],
    ids=["a document", "results of a query"],
)
def test_master_data_is_out_element_by_element(text):
    units = read_units(documents, text)
    assert rules(units) == ["master_data", "master_data"]
    assert "0614141.00777.0" in units[0].detail


def test_master_data_in_the_header_of_events_is_no_record():
    header = f"<EPCISHeader><extension><EPCISMasterData>{VOCABULARY}</EPCISMasterData></extension></EPCISHeader>"
    assert rules(read_units(documents, xml(XML_EVENT).replace("<EPCISBody>", f"{header}<EPCISBody>"))) == [None]


def test_results_that_a_service_wraps_in_an_envelope():
    results = xml(XML_EVENT).partition("<EPCISBody>")[2].partition("</EPCISBody>")[0]
    text = f"""<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/' xmlns:ext='urn:ext'><s:Body>
        <q:QueryResults xmlns:q='urn:epcglobal:epcis-query:xsd:1'><resultsBody>{results}</resultsBody></q:QueryResults>
        </s:Body></s:Envelope>"""
    [found] = values(read_units(documents, text))
    [expected] = values(read_units(documents, xml(XML_EVENT)))
    assert {**found, "document": expected["document"]} == expected


def test_empty_documents_hold_no_event():
    assert read_units(documents, xml()) == []
    assert read_units(documents, json.dumps(document())) == []


@pytest.mark.parametrize("sample", [xml(XML_EVENT, XML_EVENT), json.dumps(document(EVENT, EVENT))], ids=["xml", "json"])
@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 9), st.binary(max_size=4)), max_size=6))
def test_mutated_bytes_never_raise(sample, cuts):
    never_raises(documents, mutated(sample.encode(), cuts))


@pytest.mark.skipif(not DATA.is_dir(), reason="the EPCIS test documents are not here")
def test_every_event_of_the_public_test_documents_is_read():
    expected = found = 0
    for path in sorted(DATA.rglob("Documents/*")):
        body = path.read_text(encoding="utf-8")
        pattern = r"<(?:\w+:)?\w+Event[\s>]" if path.suffix == ".xml" else r'"type"\s*:\s*"\w+Event"'
        units = read_units(documents, body)
        assert set(rules(units)) == {None}, path.name
        expected += len(re.findall(pattern, body))
        found += len(units)
    assert found == expected == 108
