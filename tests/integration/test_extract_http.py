"""Pulling from HTTP APIs: a server on a real socket that pages, limits, refuses and fails as the vendors' do."""

from __future__ import annotations

import base64
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import duckdb
import pytest

from backhaul import receipts
from backhaul.connections import ConnectionMissing
from backhaul.settings import PROJECT, Settings
from ingestion import batch, profile
from ingestion.config import ConfigError, FromHttp
from ingestion.extractors import ExtractError, Pulled, Refused, http
from ingestion.extractors.http import presets

KEY = "EZTK-secret"
NUMBERS = list(range(5))
TIMES = [f"2026-01-0{number + 1}T00:00:00Z" for number in NUMBERS]
ITEMS = [{"id": number, "updated_at": moment} for number, moment in zip(NUMBERS, TIMES, strict=True)]


@dataclass
class Asked:
    """A request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass
class Answer:
    """What is answered; ``raw`` bytes in place of the document, ``cut`` ends the connection after so many of them."""

    document: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    cut: int | None = None


class Api:
    """Answers by ``answer``; ``faults`` come first."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[Asked] = []
        self.faults: list[Answer] = []
        self.answer: Callable[[Asked], Answer] = lambda asked: Answer(status=404)

    def reply(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        return self.faults.pop(0) if self.faults else self.answer(asked)


@pytest.fixture
def api() -> Iterator[Api]:
    state = Api()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            is_json = "json" in (self.headers.get("Content-Type") or "")
            query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
            parsed = json.loads(body) if is_json else {k: v[-1] for k, v in parse_qs(body.decode()).items()}
            self.send(state.reply(Asked(self.command, parts.path, query, dict(self.headers), parsed)))

        do_POST = do_GET  # noqa: N815

        def send(self, answer: Answer) -> None:
            content = json.dumps(answer.document).encode() if answer.raw is None else answer.raw
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: answer.cut])

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}/v2"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield state
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def _ungated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profile, "check", lambda con, settings, source, batches: {key: [] for key in batches})
    monkeypatch.setenv("AIRFLOW_CONN_EASYPOST", json.dumps({"conn_type": "http", "login": KEY}))
    shop = {"login": "id", "password": "hush", "extra": {"refresh_token": "again"}}
    monkeypatch.setenv("AIRFLOW_CONN_SHOP", json.dumps(shop))


def origin(api: Api, **changes: object) -> FromHttp:
    body = {"type": "http", "base_url": api.url, "connection": "shop", "auth": {"style": "bearer"}, "attempts": 4}
    return FromHttp.model_validate({**body, **changes})


def things(**changes: object) -> list[dict[str, object]]:
    return [{"name": "things", "path": "things", "items": "things", **changes}]


def run(
    origin: FromHttp, folder: Path, cursor: dict[str, Any] | None = None, kind: str = "none"
) -> tuple[Pulled, list[float]]:
    """A pull with an overlap of one day, and the seconds that it would have waited."""
    waits: list[float] = []
    return http.pull(origin, kind, 1, cursor, folder, waits.append), waits


def ids(pulled: Pulled, place: str = "things") -> list[int]:
    pages = [json.loads(file.read_bytes()) for file in pulled.files]
    lists = [page if place == "" else page[place] for page in pages]
    return [item["id"] for page in lists for item in page]


# --- Paging ---------------------------------------------------------------------------------------------------------


def by_cursor(asked: Asked) -> Answer:
    start = int(asked.query.get("cursor", 0))
    return Answer({"things": ITEMS[start : start + 2], "meta": {"next": start + 2 if start < 4 else None}})


def by_last_id(asked: Asked) -> Answer:
    start = int(asked.query.get("before_id", -1)) + 1
    return Answer({"things": ITEMS[start : start + 2], "has_more": start < 4})


def by_number(asked: Asked) -> Answer:
    start = (int(asked.query["page"]) - 1) * 2
    return Answer({"things": ITEMS[start : start + 2], "pages": 3})


def by_offset(asked: Asked) -> Answer:
    start = int(asked.query["offset"])
    return Answer({"things": ITEMS[start : start + 2], "count": 5})


def by_link(asked: Asked) -> Answer:
    start = int(asked.query.get("at", 0))
    link = {"Link": f'</v2/things?at={start + 2}&q=1>; rel="next"'} if start < 4 else {}
    return Answer({"things": ITEMS[start : start + 2]}, headers=link)


def by_address(asked: Asked) -> Answer:
    start = int(asked.query.get("at", 0))
    following = f"http://{asked.headers['Host']}/v2/things?at={start + 2}" if start < 4 else None
    return Answer({"things": ITEMS[start : start + 2], "next": following})


def by_graphql(asked: Asked) -> Answer:
    start = int(asked.body["variables"].get("after") or 0)
    return Answer({"things": ITEMS[start : start + 2], "more": start < 4, "end": str(start + 2)})


PAGING = {
    "cursor": (by_cursor, {"style": "cursor", "param": "cursor", "next": "meta.next"}, {}),
    "before_id": (by_last_id, {"style": "before_id", "param": "before_id", "field": "id", "more": "has_more"}, {}),
    "page_number": (by_number, {"style": "page_number", "param": "page", "start": 1, "total": "pages"}, {}),
    "page_number until empty": (by_number, {"style": "page_number", "param": "page", "start": 1}, {}),
    "offset": (by_offset, {"style": "offset", "param": "offset", "start": 0, "total": "count"}, {}),
    "offset until empty": (by_offset, {"style": "offset", "param": "offset", "start": 0}, {}),
    "link_header": (by_link, {"style": "link_header"}, {}),
    "next_url": (by_address, {"style": "next_url", "next": "next"}, {}),
    "graphql": (
        by_graphql,
        {"style": "cursor", "place": "body", "param": "variables.after", "next": "end", "more": "more"},
        {"method": "POST", "body": {"query": "{things}", "variables": {"first": 2}}},
    ),
}


@pytest.mark.parametrize(("answer", "page", "more"), PAGING.values(), ids=PAGING)
def test_every_style_of_paging_brings_everything_once(api, tmp_path, answer, page, more):
    api.answer = answer
    pulled, waits = run(origin(api, requests=things(page=page, **more)), tmp_path)
    assert ids(pulled) == NUMBERS
    assert len(pulled.files) == 3
    assert waits == []


def test_a_page_size_is_asked_for(api, tmp_path):
    api.answer = by_cursor
    page = {"style": "cursor", "param": "cursor", "next": "meta.next", "size_param": "limit", "size": 2}
    run(origin(api, requests=things(page=page)), tmp_path)
    assert {asked.query["limit"] for asked in api.asked} == {"2"}
    run(origin(api, requests=things(page=page), page_size=7), tmp_path)
    assert api.asked[-1].query["limit"] == "7"


@pytest.mark.parametrize(
    ("answer", "page", "message"),
    [
        (
            lambda asked: Answer({"things": ITEMS[:2], "pages": 9}),
            {"style": "page_number", "param": "page", "start": 1},
            "the same page again",
        ),
        (
            lambda asked: Answer({"things": [{"id": time.perf_counter_ns()}], "meta": {"next": "x"}}),
            {"style": "cursor", "param": "cursor", "next": "meta.next"},
            "does not come to an end; stopped after 2 pages",
        ),
        (
            lambda asked: Answer({"things": [{"id": time.perf_counter_ns()}]}),
            {"style": "page_number", "param": "page", "start": 1},
            "stopped after 20 pages",
        ),
    ],
    ids=["repeated page", "repeated cursor", "no end"],
)
def test_a_list_without_end_is_an_error(api, tmp_path, answer, page, message):
    api.answer = answer
    with pytest.raises(ExtractError, match=message):
        run(origin(api, requests=things(page=page), max_pages=20), tmp_path)


@pytest.mark.parametrize("style", [{"style": "next_url", "next": "next"}, {"style": "link_header"}])
def test_a_next_page_on_another_server_gets_no_key(api, tmp_path, style):
    away = "http://localhost:9/things"
    api.answer = lambda asked: Answer({"things": ITEMS, "next": away}, headers={"Link": f'<{away}>; rel="next"'})
    with pytest.raises(Refused, match=r"another server \(localhost\)"):
        run(origin(api, requests=things(page=style)), tmp_path)


# --- Incremental ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("iso", "2026-01-04T00:00:00.000Z"),
        ("date", "2026-01-04"),
        ("epoch", "1767484800"),
        ("epoch_ms", "1767484800000"),
    ],
)
def test_the_next_pull_begins_before_the_latest_seen(api, tmp_path, form, expected):
    api.answer = lambda asked: Answer({"things": ITEMS})
    incremental = {"field": "updated_at", "param": "since", "format": form}
    described = origin(api, requests=things(incremental=incremental))
    cursor = run(described, tmp_path)[0].cursor
    assert cursor == {"things": "2026-01-05T00:00:00.000Z"}
    assert "since" not in api.asked[0].query
    run(described, tmp_path, cursor)
    assert api.asked[1].query["since"] == expected


def test_a_cursor_goes_into_a_query_of_graphql_and_a_first_pull_may_have_a_beginning(api, tmp_path):
    api.answer = lambda asked: Answer({"things": [{"id": 1, "at": {"time": 1767225600}}]})
    described = origin(
        api,
        requests=things(
            method="POST",
            body={"query": "q", "variables": {"first": 5}},
            incremental={
                "field": "at.time",
                "place": "body",
                "param": "variables.filter",
                "template": "updated_at:>='{since}'",
                "first_days": 2,
            },
        ),
    )
    cursor = run(described, tmp_path)[0].cursor
    assert api.asked[0].body["variables"]["filter"].startswith("updated_at:>='20")
    run(described, tmp_path, cursor)
    assert api.asked[1].body == {
        "query": "q",
        "variables": {"first": 5, "filter": "updated_at:>='2025-12-31T00:00:00.000Z'"},
    }


@pytest.mark.parametrize("value", [None, "soon", [], {"a": 1}, 10**30], ids=str)
def test_what_is_no_time_moves_no_cursor(api, tmp_path, value):
    api.answer = lambda asked: Answer({"things": [{"id": 1, "updated_at": value}, ITEMS[0]]})
    described = origin(api, requests=things(incremental={"field": "updated_at", "param": "since"}))
    assert run(described, tmp_path)[0].cursor == {"things": "2026-01-01T00:00:00.000Z"}


def test_a_page_without_items_is_not_kept(api, tmp_path):
    api.answer = lambda asked: Answer({"things": [], "request_id": time.perf_counter_ns()})
    pulled, _ = run(origin(api, requests=things()), tmp_path)
    assert (pulled.files, pulled.cursor) == ([], None)


# --- Limits and failures --------------------------------------------------------------------------------------------

WHOLE = Answer({"things": ITEMS})


@pytest.mark.parametrize(
    ("fault", "wait"),
    [
        (Answer(status=429, headers={"Retry-After": "7"}), 7),
        (Answer(status=429, headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "9"}), 9),
        (Answer(status=429, headers={"Retry-After": "3600"}), 120),
        (Answer(status=429, headers={"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}), 0),
        (Answer(status=429, headers={"Retry-After": "soon"}), None),
        (Answer(status=503), None),
        (Answer(raw=b'{"things": [', cut=None), None),
        (Answer(raw=b"<html>we are back soon</html>"), None),
        (Answer(raw=b'{"things": []}' * 10, cut=5), None),
        (
            Answer(
                {
                    "errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
                    "extensions": {
                        "cost": {
                            "requestedQueryCost": 500,
                            "throttleStatus": {"currentlyAvailable": 100, "restoreRate": 50},
                        }
                    },
                }
            ),
            8,
        ),
    ],
    ids=["429", "reset", "too long", "date", "garbled", "503", "cut json", "html", "cut line", "graphql"],
)
def test_what_passes_is_tried_again(api, tmp_path, fault, wait):
    api.faults = [fault]
    api.answer = lambda asked: WHOLE
    pulled, waits = run(origin(api, requests=things(errors="errors")), tmp_path)
    assert ids(pulled) == NUMBERS
    assert len(waits) == 1
    assert wait is None or waits == [wait]


@pytest.mark.parametrize(
    ("headers", "more", "wait"),
    [
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "4"}, {}, 4),
        ({"X-RateLimit-Remaining": "3", "X-RateLimit-Reset": "4"}, {}, None),
        ({"X-Shopify-Shop-Api-Call-Limit": "39/40"}, {}, 1),
        ({"X-Shopify-Shop-Api-Call-Limit": "10/40"}, {}, None),
        ({"x-amzn-RateLimit-Limit": "0.5"}, {}, 2),
        (
            {},
            {"cost": {"requestedQueryCost": 90, "throttleStatus": {"currentlyAvailable": 40, "restoreRate": 100}}},
            0.5,
        ),
        ({"X-RateLimit-Remaining": "none"}, {"cost": "much"}, None),
    ],
    ids=["reset", "left", "bucket full", "bucket", "amazon", "graphql", "garbled"],
)
def test_the_next_page_waits_for_the_limit(api, tmp_path, headers, more, wait):
    def answer(asked: Asked) -> Answer:
        page = by_cursor(asked)
        return Answer({**page.document, "extensions": more}, headers=headers)

    api.answer = answer
    page = {"style": "cursor", "param": "cursor", "next": "meta.next"}
    _, waits = run(origin(api, requests=things(page=page)), tmp_path)
    assert waits == ([] if wait is None else [wait, wait])


@pytest.mark.parametrize(
    ("faults", "error", "message"),
    [
        ([Answer(status=500)] * 4, ExtractError, "gave up after 4 tries: HTTP 500"),
        ([Answer(raw=b"{")] * 4, ExtractError, "gave up after 4 tries: the answer is not JSON"),
        ([Answer(status=401)], Refused, "refuses the key"),
        ([Answer(status=404)], Refused, "check `base_url`"),
        ([Answer(status=302, headers={"Location": "http://localhost:9/"})], Refused, "sends us elsewhere"),
        ([Answer({"data": []})], ExtractError, "no list at 'things'"),
        ([Answer({"things": {"a": 1}})], ExtractError, "no list at 'things'"),
        ([Answer([1])], ExtractError, "no list at 'things'"),
        ([Answer({"errors": [{"message": "no such field"}]})], Refused, "refuses the query: no such field"),
    ],
    ids=["500", "cut", "401", "404", "redirect", "no list", "no list there", "other", "graphql"],
)
@pytest.mark.parametrize("auth", ["bearer", "query"])
def test_failures_say_what_to_do_and_no_secret(api, tmp_path, caplog, faults, error, message, auth):
    caplog.set_level(logging.DEBUG)
    api.faults = list(faults)
    with pytest.raises(error, match=message) as caught:
        run(origin(api, requests=things(errors="errors"), auth={"style": auth, "name": "Authorization"}), tmp_path)
    assert type(caught.value) is error
    assert "hush" not in str(caught.value)
    assert "hush" not in caplog.text


def test_nobody_there_is_worth_another_try(api, tmp_path):
    described = origin(api, base_url="http://127.0.0.1:1", requests=things(), attempts=2)
    with pytest.raises(ExtractError, match=r"gave up after 2 tries: no answer \(ConnectError\)") as caught:
        run(described, tmp_path)
    assert caught.value.is_transient


def test_a_server_that_says_nothing(api, tmp_path):
    api.answer = lambda asked: time.sleep(0.6) or WHOLE
    with pytest.raises(ExtractError, match="ReadTimeout"):
        run(origin(api, requests=things(), attempts=1, timeout_seconds=0.2), tmp_path)


def test_a_connection_that_is_not_defined_or_empty(api, tmp_path, monkeypatch):
    with pytest.raises(ConnectionMissing, match="AIRFLOW_CONN_NOWHERE"):
        run(origin(api, connection="nowhere", requests=things()), tmp_path)
    monkeypatch.setenv("AIRFLOW_CONN_EMPTY", "http://host")
    with pytest.raises(Refused, match="neither login nor password"):
        run(origin(api, connection="empty", requests=things()), tmp_path)


# --- Who asks -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("auth", "sent"),
    [
        ({"style": "basic"}, "Basic " + base64.b64encode(b"id:hush").decode()),
        ({"style": "bearer"}, "Bearer hush"),
        ({"style": "header", "prefix": "ShippoToken "}, "ShippoToken hush"),
    ],
    ids=lambda value: value["style"] if isinstance(value, dict) else "",
)
def test_the_key_is_sent_as_the_api_wants_it(api, tmp_path, auth, sent):
    api.answer = lambda asked: WHOLE
    run(origin(api, requests=things(), auth=auth), tmp_path)
    assert api.asked[0].headers["Authorization"] == sent


def test_a_key_in_a_header_of_its_own_or_in_the_query(api, tmp_path):
    api.answer = lambda asked: WHOLE
    run(origin(api, requests=things(), auth={"style": "header", "name": "X-Key"}), tmp_path)
    assert api.asked[0].headers["X-Key"] == "hush"
    run(origin(api, requests=things(params={"a": 1}), auth={"style": "query", "name": "api_key"}), tmp_path)
    assert api.asked[1].query == {"a": "1", "api_key": "hush"}


@pytest.mark.parametrize(
    ("style", "form"),
    [
        ("oauth2_client_credentials", {"grant_type": "client_credentials", "scope": "read"}),
        ("oauth2_refresh", {"grant_type": "refresh_token", "refresh_token": "again", "scope": "read"}),
    ],
)
def test_a_token_is_got_once_and_again_when_it_has_expired(api, tmp_path, style, form):
    tokens: list[str] = []

    def answer(asked: Asked) -> Answer:
        if asked.path == "/token":
            assert asked.body == {"client_id": "id", "client_secret": "hush", **form}
            tokens.append(f"token{len(tokens)}")
            return Answer({"access_token": tokens[-1], "expires_in": 3600})
        if asked.headers["Authorization"] != f"Bearer {tokens[-1]}":
            return Answer(status=401)
        page = by_cursor(asked)
        if asked.query.get("cursor") == "2" and len(tokens) == 1:
            tokens[0] = "expired"
            return Answer(status=401)
        return page

    api.answer = answer
    page = {"style": "cursor", "param": "cursor", "next": "meta.next"}
    auth = {"style": style, "token_url": api.url.replace("/v2", "/token"), "scope": "read"}
    pulled, _ = run(origin(api, requests=things(page=page), auth=auth), tmp_path)
    assert ids(pulled) == NUMBERS
    assert tokens == ["expired", "token1"]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer({"error": "hush"}, status=400), Refused),
        (Answer({"token": "hush"}), Refused),
        (Answer(raw=b"hush"), Refused),
        (Answer([]), Refused),
        (Answer(status=503), ExtractError),
    ],
    ids=["refused", "no token", "no json", "no object", "away"],
)
def test_a_token_server_that_gives_none(api, tmp_path, answer, error):
    api.answer = lambda asked: answer
    auth = {"style": "oauth2_client_credentials", "token_url": api.url + "/token"}
    with pytest.raises(error, match="token server") as caught:
        run(origin(api, requests=things(), auth=auth), tmp_path)
    assert "hush" not in str(caught.value)


# --- Presets --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", presets.names())
def test_every_preset_is_complete(name):
    preset = presets.load(name)
    assert preset.auth
    assert any(request.default for request in preset.requests)
    described = FromHttp(type="http", connection="c", base_url=preset.base_url or "https://example.org")
    assert presets.api_of(described, name).requests


@pytest.mark.parametrize(
    ("changes", "kind", "message"),
    [
        ({}, "none", "needs base_url and auth and requests: the kind 'none' has no preset"),
        ({}, "shopify", "needs base_url: the preset 'shopify' does not say it"),
        ({"preset": "nothing"}, "shopify", "no preset 'nothing'.*easypost"),
        ({"endpoints": ["parcels"]}, "easypost", "there is no parcels; there are: trackers"),
    ],
    ids=["no preset", "no address", "unknown preset", "unknown endpoint"],
)
def test_what_a_source_lacks_is_named(tmp_path, changes, kind, message):
    described = FromHttp.model_validate({"type": "http", "connection": "shop", **changes})
    with pytest.raises(ConfigError, match=message):
        run(described, tmp_path, kind=kind)


def answer_of_shopify(asked: Asked) -> Answer:
    if asked.path.endswith("orders.json"):
        return Answer({"orders": [{"id": 9, "updated_at": TIMES[1], "refunds": [{"id": 1}]}]})
    order = {"id": "gid://1", "updatedAt": TIMES[0], "returns": {"nodes": []}}
    page = {"hasNextPage": asked.body["variables"].get("after") is None, "endCursor": "c1"}
    return Answer({"data": {"orders": {"nodes": [order | {"id": page["hasNextPage"]}], "pageInfo": page}}})


VENDORS: dict[str, tuple[Callable[[Asked], Answer], tuple[str, str], int, dict[str, str]]] = {
    "shopify": (
        answer_of_shopify,
        ("X-Shopify-Access-Token", "hush"),
        3,
        {"returns": "2026-01-01T00:00:00.000Z", "refunds": "2026-01-02T00:00:00.000Z"},
    ),
    "aftership": (
        lambda asked: Answer(
            {
                "data": {
                    "trackings": [{"id": asked.query.get("cursor", "0"), "updated_at": TIMES[2]}],
                    "pagination": {"next_cursor": "c", "has_next_page": "cursor" not in asked.query},
                }
            }
        ),
        ("as-api-key", "hush"),
        2,
        {"trackings": "2026-01-03T00:00:00.000Z"},
    ),
    "woocommerce": (
        lambda asked: Answer([{"id": 1, "date_created_gmt": "2026-01-01T00:00:00", "date_modified_gmt": TIMES[1]}]),
        ("Authorization", "Basic " + base64.b64encode(b"id:hush").decode()),
        2,
        {"refunds": "2026-01-01T00:00:00.000Z", "orders": "2026-01-02T00:00:00.000Z"},
    ),
    "shippo": (
        lambda asked: Answer({"results": [{"object_created": TIMES[0]}], "next": None}),
        ("Authorization", "ShippoToken hush"),
        3,
        {"shipments": "2026-01-01T00:00:00.000Z"},
    ),
    "loop": (
        lambda asked: Answer({"returns": [{"id": 1, "updated_at": TIMES[0]}], "nextPageUrl": None}),
        ("X-Authorization", "hush"),
        1,
        {"returns": "2026-01-01T00:00:00.000Z"},
    ),
}


@pytest.mark.parametrize(("answer", "header", "files", "cursor"), VENDORS.values(), ids=VENDORS)
def test_a_preset_asks_as_its_vendor_wants(api, tmp_path, request, answer, header, files, cursor):
    api.answer = answer
    name = request.node.callspec.id
    described = FromHttp(type="http", connection="shop", base_url=api.url)
    pulled, _ = run(described, tmp_path, kind=name)
    assert len(pulled.files) == files
    assert pulled.cursor == cursor
    sent = {key.lower(): value for key, value in api.asked[0].headers.items()}
    assert sent[header[0].lower()] == header[1]


# --- Interrupted ----------------------------------------------------------------------------------------------------

PAGED = {name: PAGING[name] for name in ("cursor", "before_id", "page_number until empty", "link_header", "graphql")}
MORE = [*ITEMS, *({"id": number, "updated_at": f"2026-02-0{number}T00:00:00Z"} for number in range(5, 9))]
"""Five pages of two, the last of one."""


def stopping_at(api: Api, answer: Callable[[Asked], Answer], page: int) -> None:
    """The server answers so many pages and is away then."""
    api.asked.clear()
    api.answer = lambda asked: answer(asked) if len(api.asked) < page else Answer(status=503)


def places(api: Api, param: str = "cursor") -> list[str | None]:
    return [asked.query.get(param) for asked in api.asked]


def by_long_cursor(asked: Asked) -> Answer:
    start = int(asked.query.get("cursor", 0))
    return Answer({"things": MORE[start : start + 2], "meta": {"next": start + 2 if start < 8 else None}})


BY_CURSOR = {"style": "cursor", "param": "cursor", "next": "meta.next"}
NEWEST = {"field": "updated_at", "param": "since"}


@pytest.mark.parametrize("page", range(1, 6))
def test_a_pull_goes_on_where_it_stopped(api, tmp_path, page):
    described = origin(api, requests=things(page=BY_CURSOR, incremental=NEWEST), attempts=1)
    stopping_at(api, by_long_cursor, page)
    with pytest.raises(ExtractError, match="503"):
        run(described, tmp_path)
    before = places(api)[:-1]
    api.asked.clear()
    api.answer = by_long_cursor
    pulled, _ = run(described, tmp_path)
    assert before + places(api) == [None, "2", "4", "6", "8"]
    assert ids(pulled) == list(range(9))
    assert pulled.cursor == {"things": "2026-02-08T00:00:00.000Z"}


@pytest.mark.parametrize(("answer", "page", "more"), PAGED.values(), ids=PAGED)
def test_every_style_of_paging_goes_on(api, tmp_path, answer, page, more):
    described = origin(api, requests=things(page=page, **more), attempts=1)
    stopping_at(api, answer, 3)
    with pytest.raises(ExtractError, match="503"):
        run(described, tmp_path)
    api.asked.clear()
    api.answer = answer
    assert ids(run(described, tmp_path)[0]) == NUMBERS
    # where pages are counted, the last one is looked at again: has the list shifted?
    assert len(api.asked) == (3 if "page_number" in page["style"] else 1)


def test_lists_that_are_whole_are_not_asked_for_again(api, tmp_path):
    api.answer = lambda asked: WHOLE if asked.path.endswith("/one") else Answer(status=503)
    requests = [{"name": name, "path": name, "items": "things"} for name in ("one", "two")]
    with pytest.raises(ExtractError, match="503"):
        run(origin(api, requests=requests, attempts=1), tmp_path)
    api.asked.clear()
    api.answer = lambda asked: Answer({"things": [{"id": 7}]})
    assert ids(run(origin(api, requests=requests), tmp_path)[0]) == [*NUMBERS, 7]
    assert [asked.path for asked in api.asked] == ["/v2/two"]


@pytest.mark.parametrize(
    ("changes", "cursor"),
    [
        ({"requests": things(page=BY_CURSOR, params={"status": "any"})}, None),
        ({"requests": things(page=BY_CURSOR, incremental=NEWEST)}, {"things": TIMES[0]}),
        ({"connection": "easypost"}, None),
        ({"page_size": 3}, None),
    ],
    ids=["query", "cursor", "connection", "page size"],
)
def test_another_query_begins_anew(api, tmp_path, changes, cursor):
    described = {"requests": things(page=BY_CURSOR), "attempts": 1}
    stopping_at(api, by_long_cursor, 4)
    with pytest.raises(ExtractError, match="503"):
        run(origin(api, **described), tmp_path)
    api.asked.clear()
    api.answer = by_long_cursor
    assert ids(run(origin(api, **{**described, **changes}), tmp_path, cursor)[0]) == list(range(9))
    assert len(api.asked) == 5


@pytest.mark.parametrize(
    "forgetful",
    [
        Answer(status=400),
        Answer(status=403),
        Answer(status=410),
        Answer(status=302, headers={"Location": "/login"}),
        Answer({"errors": [{"message": "invalid cursor"}]}),
        Answer({"things": [], "meta": {"next": None}}),
        Answer({"message": "no such cursor"}),
        Answer({"things": MORE[2:4], "meta": {"next": "4"}}),
    ],
    ids=["400", "403", "410", "redirect", "graphql", "empty", "no list", "the page before"],
)
def test_a_server_that_forgot_the_place_is_asked_from_the_beginning(api, tmp_path, caplog, forgetful):
    described = origin(api, requests=things(page=BY_CURSOR, errors="errors"), attempts=1)
    stopping_at(api, by_long_cursor, 3)
    with pytest.raises(ExtractError, match="503"):
        run(described, tmp_path)
    api.asked.clear()
    api.faults = [forgetful]
    api.answer = by_long_cursor
    assert ids(run(described, tmp_path)[0]) == list(range(9))
    assert places(api) == ["4", None, "2", "4", "6", "8"]
    assert "begins again at its first page" in caplog.text
    assert "hush" not in caplog.text


def test_counted_pages_that_have_shifted_are_asked_for_again(api, tmp_path):
    items = list(MORE)

    def answer(asked: Asked) -> Answer:
        start = int(asked.query["offset"])
        return Answer({"things": items[start : start + 2]})

    described = origin(api, requests=things(page={"style": "offset", "param": "offset", "start": 0}), attempts=1)
    stopping_at(api, answer, 4)
    with pytest.raises(ExtractError, match="503"):
        run(described, tmp_path)
    del items[0]
    api.answer = answer
    assert ids(run(described, tmp_path)[0]) == list(range(1, 9))


@pytest.mark.parametrize("damage", ["torn", "garbled", "a page gone", "too long ago"])
def test_what_was_not_kept_whole_is_asked_for_again(api, tmp_path, damage):
    described = origin(api, requests=things(page=BY_CURSOR), attempts=1)
    stopping_at(api, by_long_cursor, 4)
    with pytest.raises(ExtractError, match="503"):
        run(described, tmp_path)
    journal = tmp_path / "journal.jsonl"
    if damage == "torn":
        journal.write_text(journal.read_text()[:-9])
    elif damage == "garbled":
        journal.write_text(journal.read_text().replace("{", "[", 1))
    elif damage == "a page gone":
        (tmp_path / "things-00001.json").unlink()
    else:
        os.utime(journal, (time.time() - 3 * 86_400,) * 2)
    api.asked.clear()
    api.answer = by_long_cursor
    assert ids(run(described, tmp_path)[0]) == list(range(9))
    assert len(api.asked) == (3 if damage == "torn" else 5)


def test_the_cursor_of_a_resumed_pull_stays_before_its_beginning(api, tmp_path):
    """What changed between the two runs may stand in a page of the first as it was."""
    described = origin(api, requests=things(page=BY_CURSOR, incremental=NEWEST), attempts=1)
    stopping_at(api, by_long_cursor, 3)
    began = datetime.now(UTC)
    with pytest.raises(ExtractError, match="503"):
        run(described, tmp_path)
    api.answer = lambda asked: Answer({"things": [{"id": 9, "updated_at": "2999-01-01T00:00:00Z"}], "meta": {}})
    cursor = datetime.fromisoformat(run(described, tmp_path)[0].cursor["things"])
    assert abs(cursor - began) < timedelta(minutes=1)


def test_a_key_in_the_address_of_the_next_page_is_not_kept(api, tmp_path):
    def answer(asked: Asked) -> Answer:
        assert asked.query["api_key"] == "hush"
        start = int(asked.query.get("at", 0))
        return Answer({"things": MORE[start : start + 2], "next": f"{api.url}/things?api_key=hush&at={start + 2}"})

    stopping_at(api, answer, 3)
    described = origin(
        api,
        requests=things(page={"style": "next_url", "next": "next"}),
        auth={"style": "query", "name": "api_key"},
        attempts=1,
    )
    with pytest.raises(ExtractError, match="503"):
        run(described, tmp_path)
    assert "hush" not in (tmp_path / "journal.jsonl").read_text()


INGEST = """
import sys
from pathlib import Path
from backhaul.settings import Settings
from ingestion import batch, profile
profile.check = lambda con, settings, source, batches: {key: [] for key in batches}
if step := int(sys.argv[2]):
    from tests.integration.faulty_ingest import arm
    arm("kill", step)
batch.ingest("ep", settings=Settings(home=Path(sys.argv[1])))
"""


@pytest.mark.parametrize(
    ("page", "step"),
    [*((page, 0) for page in range(1, 6)), (6, 100), (6, 205), (6, 250)],
    ids=[*(f"page {page}" for page in range(1, 6)), "landing", "committing", "the last receipt"],
)
def test_killed_at_a_page_and_run_again_the_lake_is_the_same(api, tmp_path, page, step):
    """The server kills the process when it asks for a page; or, with all pages, it dies at a step on the disk."""
    easypost = EasyPost(api)
    for number in range(9):
        easypost.add(number, f"2026-01-0{number + 1}T00:00:00Z")
    whole, killed = (settings_of(tmp_path / name, api) for name in ("whole", "killed"))
    batch.ingest("ep", settings=whole)
    wanted = [asked.query for asked in api.asked]
    api.asked.clear()
    has_begun = threading.Event()

    def deadly(asked: Asked) -> Answer:
        if len(api.asked) == page:
            has_begun.wait(20)
            process.kill()
            process.wait()
        return easypost.answer(asked)

    api.answer = deadly
    process = subprocess.Popen([sys.executable, "-c", INGEST, str(killed.root), str(step)], cwd=PROJECT)
    has_begun.set()
    assert process.wait(60) == -signal.SIGKILL
    asked_before = [asked.query for asked in api.asked][: page - 1]
    api.asked.clear()
    api.answer = easypost.answer
    batch.ingest("ep", settings=killed)
    assert asked_before + [asked.query for asked in api.asked] == wanted
    assert lake(killed) == lake(whole)
    assert list(killed.pulls.iterdir()) == []


def settings_of(home: Path, api: Api) -> Settings:
    home.mkdir()
    source = f"{{type: http, base_url: '{api.url}', connection: easypost, endpoints: [trackers]}}"
    entry = f"{{id: ep, kind: easypost, domain: carrier, overlap: 1, from: {source}}}"
    (home / "sources.yml").write_text(f"sources:\n  - {entry}\n")
    return Settings(home=home)


def lake(settings: Settings) -> list[Any]:
    """Every row of the lake but when it was landed, and the cursor."""
    rows: list[str] = []
    for receipt in receipts.committed(settings):
        for table in receipt.tables.values():
            query = f"SELECT * EXCLUDE (_landed_at) FROM read_parquet('{settings.lake / table.file}')"
            rows += map(str, duckdb.sql(query).fetchall())
    return [sorted(rows), batch.latest_cursor(settings, "ep")]


# --- As a source ----------------------------------------------------------------------------------------------------


class EasyPost:
    """Trackers, newest first, in pages of two, for who has the key."""

    def __init__(self, api: Api) -> None:
        self.trackers: list[dict[str, object]] = []
        api.answer = self.answer

    def add(self, number: int, updated_at: str) -> None:
        tracker = {"id": f"trk_{number}", "object": "Tracker", "tracking_code": f"C{number}", "updated_at": updated_at}
        self.trackers.insert(0, tracker)

    def answer(self, asked: Asked) -> Answer:
        if asked.headers["Authorization"] != "Basic " + base64.b64encode(f"{KEY}:".encode()).decode():
            return Answer(status=401)
        found = [
            tracker for tracker in self.trackers if str(tracker["updated_at"]) >= asked.query.get("start_datetime", "")
        ]
        if before := asked.query.get("before_id"):
            found = found[[tracker["id"] for tracker in found].index(before) + 1 :]
        return Answer({"trackers": found[:2], "has_more": len(found) > 2})


def test_the_cursor_is_in_the_last_receipt_and_overlaps(api, tmp_path):
    easypost = EasyPost(api)
    settings = settings_of(tmp_path / "home", api)
    for number in range(3):
        easypost.add(number, f"2026-01-0{number + 1}T00:00:00Z")
    report = batch.ingest("ep", settings=settings)
    assert report.rows == 3
    cursors = [receipt.cursor for receipt in receipts.committed(settings)]
    assert sorted(map(str, cursors)) == ["None", "{'trackers': '2026-01-03T00:00:00.000Z'}"]
    easypost.add(9, "2026-01-09T00:00:00Z")
    batch.ingest("ep", settings=settings)
    assert api.asked[-1].query["start_datetime"] == "2026-01-02T00:00:00.000Z"
    assert batch.latest_cursor(settings, "ep") == {"trackers": "2026-01-09T00:00:00.000Z"}
    before = len(receipts.committed(settings))
    batch.ingest("ep", settings=settings)
    unchanged = batch.ingest("ep", settings=settings)
    assert unchanged.committed == []
    assert len(receipts.committed(settings)) <= before + 1
