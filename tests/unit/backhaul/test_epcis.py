"""The URIs of exported events, and captured events that are not known whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from backhaul import epcis_export
from backhaul.cli import app
from backhaul.epcis import Names, is_gs1, of_capture
from backhaul.epcis_export import CannotExportEvents, export_events
from backhaul.publishing import Publish
from backhaul.settings import Settings
from ingestion.sources.epcis.objects import identified

NAMES = Names("https://returns.example.org/a")
OWN = "https://returns.example.org/a"
CAPTURED = {
    "epcis_event_type": "OBJECT", "event_id": "urn:uuid:1", "action": "OBSERVE", "epc_role": "OBJECT", "epc": "A",
    "event_at": datetime.fromisoformat("2026-03-01T10:00:00.005"), "observed_at": datetime.fromisoformat("2026-03-02"),
    "epc_uri": "https://x.example/obj/A", "serial_number": "A", "lpn": None, "sku": None, "object_quantity": None,
    "unit_of_measure": None, "rma_id": None, "epcis_biz_step": None, "epcis_disposition": None, "read_point": None,
    "node_id": None, "is_declared_error": False, "error_reason": None,
}  # fmt: skip

NOON = "2026-01-01T12:00:00+00:00"


@pytest.mark.parametrize(
    ("key", "is_one"),
    [("04012345111224", True), ("04012345111225", False), ("4012345000016", True), ("A", False), ("", False)],
)
def test_a_gs1_key_has_its_check_digit(key: str, is_one: bool) -> None:
    assert is_gs1(key) is is_one


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        (NAMES.serial("04012345111224.25"), "https://id.gs1.org/01/04012345111224/21/25"),
        (NAMES.serial("04012345111225.25"), f"{OWN}/obj/04012345111225.25"),
        (NAMES.serial("SN 1/2"), f"{OWN}/obj/SN%201%2F2"),
        (NAMES.plate("140123450000000013"), "https://id.gs1.org/00/140123450000000013"),
        (NAMES.plate("140123450000000014"), f"{OWN}/obj/140123450000000014"),
        (NAMES.plate("urn:epc:id:sscc:4012345.1000000001"), "urn:epc:id:sscc:4012345.1000000001"),
        (NAMES.place("4012345000016"), "https://id.gs1.org/414/4012345000016"),
        (NAMES.place("Montréal"), f"{OWN}/loc/Montr%C3%A9al"),
    ],
)
def test_a_thing_has_the_uri_of_its_gs1_key_or_one_of_the_house(uri: str, expected: str) -> None:
    assert uri == expected


@pytest.mark.parametrize("serial_number", ["04012345111224.25", "04012345111224.A/B 1"])
def test_a_serial_number_is_read_back_as_it_was(serial_number: str) -> None:
    assert identified(NAMES.serial(serial_number))["serial"] == serial_number


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ([{}], {"epcList": ["https://x.example/obj/A"], "eventTime": "2026-03-01T10:00:00.005000+00:00"}),
        ([{"epc_uri": None}], {"epcList": [f"{OWN}/obj/A"]}),
        (
            [{"object_quantity": Decimal("2.5000"), "unit_of_measure": "KGM"}],
            {"quantityList": [{"epcClass": "https://x.example/obj/A", "quantity": 2.5, "uom": "KGM"}]},
        ),
        ([{"action": None}], {"action": "OBSERVE"}),
        ([{"is_declared_error": True}], {"errorDeclaration": {"declarationTime": "2026-03-02T00:00:00+00:00"}}),
        (
            [{"epcis_event_type": "AGGREGATION", "action": "DELETE", "epc_role": "PARENT"}],
            {"type": "AggregationEvent", "parentID": "https://x.example/obj/A"},
        ),
        (
            [{"epcis_event_type": "TRANSACTION", "epc_role": "TRANSACTION", "epc": "x:RMA-7", "rma_id": "RMA-7"}],
            {"bizTransactionList": [{"type": "rma", "bizTransaction": f"{OWN}/bt/RMA-7"}]},
        ),
    ],
    ids=["a thing", "without its URI", "a class", "a quantity event", "declared wrong", "taken apart", "a transaction"],
)
def test_a_captured_event_is_told_again(changes: list[dict[str, Any]], says: dict[str, Any]) -> None:
    event = of_capture([{**CAPTURED, **change} for change in changes], NAMES)
    assert event is not None
    assert {name: event.get(name) for name in says} == says


@pytest.mark.parametrize(
    "change", [{"epc_role": "PLACE"}, {"epcis_event_type": "TRANSACTION"}], ids=["a sensor's", "transactions not kept"]
)
def test_a_captured_event_that_is_not_known_whole_is_not_told(change: dict[str, Any]) -> None:
    assert of_capture([{**CAPTURED, **change}], NAMES) is None


def test_a_publish_from_before_events_went_out_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A warehouse without the columns that events are made of."""

    @contextmanager
    def old(settings: Settings) -> Iterator[tuple[Publish, duckdb.DuckDBPyConnection]]:
        with duckdb.connect() as connection:
            yield Publish("p", "f.duckdb", "b", "v", NOON, NOON, "CAD", {}, "", ""), connection

    monkeypatch.setattr(epcis_export, "published", old)
    with pytest.raises(CannotExportEvents, match="backhaul build"):
        export_events(Settings(home=tmp_path), tmp_path / "events.jsonld")
    assert list(tmp_path.iterdir()) == []


def test_days_are_for_events(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKHAUL_HOME", str(tmp_path))
    refused = CliRunner().invoke(app, ["export", str(tmp_path / "out"), "--from", "2026-03-01"])
    assert refused.exit_code == 2
    unpublished = CliRunner().invoke(app, ["export", str(tmp_path / "out.jsonld"), "--epcis", "--to", "2026-03-01"])
    assert (unpublished.exit_code, list(tmp_path.iterdir())) == (1, [])
    assert "make up" in unpublished.output


@pytest.mark.parametrize("namespace", ["", "house", "https://", "https://example.org/", "https://example.org/a?b"])
def test_a_namespace_is_a_url_without_an_end(namespace: str) -> None:
    with pytest.raises(ValueError, match="namespace"):
        Settings(namespace=namespace)
