"""What comes by itself: webhooks, received by the real process, and files put into a folder."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from backhaul.connections import ConnectionMissing
from backhaul.errors import Explained
from backhaul.settings import PROJECT, Settings
from ingestion import batch, profile
from ingestion.config import ConfigError
from ingestion.inbox import inbox
from ingestion.signatures import Signature
from ingestion.watch import watch
from tests.integration.servers import free_port, running

SECRET = "hush"
TRACKER = '{"id": "trk_1", "object": "Tracker", "tracking_code": "C1", "updated_at": "2026-01-02T00:00:00Z"}'
EVENT = f'{{"id": "evt_1", "object": "Event", "result": {TRACKER}}}'.encode()
SOURCES = """
sources:
  - id: parcels
    kind: easypost
    domain: carrier
    from: {type: webhook, path: inbox/parcels, connection: hook, megabytes: 0.01, signature: {style: easypost}}
  - {id: files, kind: easypost, domain: carrier, from: {type: files, path: drop}}
"""


def digest(body: bytes, algorithm: str = "sha256") -> hmac.HMAC:
    return hmac.new(SECRET.encode(), body, algorithm)


def signed(body: bytes) -> dict[str, str]:
    return {"X-Hmac-Signature": "hmac-sha256-hex=" + digest(body).hexdigest()}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    home, port = tmp_path_factory.mktemp("home"), free_port()
    (home / "sources.yml").write_text(SOURCES)
    hook = json.dumps({"conn_type": "http", "password": SECRET})
    env = os.environ | {"BACKHAUL_HOME": str(home), "AIRFLOW_CONN_HOOK": hook, "PYTHONPATH": str(PROJECT)}
    command = [sys.executable, "-m", "backhaul.cli", "inbox", "--port", str(port)]

    def is_up() -> None:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()

    with running(command, home / "inbox.log", is_up, env):
        yield home, f"http://127.0.0.1:{port}"


def kept(home: Path) -> list[Path]:
    return [path for path in (home / "inbox").rglob("*") if path.is_file()]


def test_what_is_signed_is_kept_once_and_ingested(served, monkeypatch):
    monkeypatch.setattr(profile, "check", lambda con, settings, source, batches: {key: [] for key in batches})
    home, url = served
    for _ in range(2):
        assert httpx.post(f"{url}/parcels", content=EVENT, headers=signed(EVENT)).status_code == 200
    files = kept(home)
    assert [path.read_bytes() for path in files] == [EVENT]
    assert files[0].stem == hashlib.sha256(EVENT).hexdigest()
    monkeypatch.delenv("AIRFLOW_CONN_HOOK", raising=False)
    assert batch.ingest("parcels", settings=Settings(home=home)).rows == 1
    assert batch.ingest("parcels", settings=Settings(home=home)).committed == []


def test_many_at_once_are_all_kept(served):
    home, url = served
    before = len(kept(home))
    bodies = [json.dumps({"id": number}).encode() for number in range(30)]

    def post(body: bytes) -> None:
        httpx.post(f"{url}/parcels", content=body, headers=signed(body)).raise_for_status()

    threads = [threading.Thread(target=post, args=(body,)) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(kept(home)) == before + 30


def in_pieces() -> Iterator[bytes]:
    for _ in range(20):
        yield b"x" * 1000


@pytest.mark.parametrize(
    ("path", "body", "headers", "status"),
    [
        ("parcels", b"{}", {}, 401),
        ("parcels", b"{}", signed(b"{ }"), 401),
        ("parcels", b"{}", {"X-Hmac-Signature": digest(b"{}").hexdigest()}, 401),
        ("parcels", b"x" * 10_001, signed(b"x" * 10_001), 413),
        ("parcels", in_pieces, {}, 413),
        ("files", b"{}", signed(b"{}"), 404),
        ("nothing", b"{}", signed(b"{}"), 404),
        ("parcels/..", b"{}", signed(b"{}"), 404),
    ],
    ids=["unsigned", "other body", "no prefix", "too large", "too large in pieces", "file drop", "unknown", "deeper"],
)
def test_what_is_not_right_is_not_kept(served, path, body, headers, status):
    home, url = served
    before = kept(home)
    content = body() if callable(body) else body
    assert httpx.post(f"{url}/{path}", content=content, headers=headers).status_code == status
    assert httpx.get(f"{url}/parcels").status_code == 405
    assert kept(home) == before


def test_a_sender_that_breaks_off_leaves_nothing(served):
    home, url = served
    before = kept(home)
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as line:
        line.sendall(b"POST /parcels HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
    assert httpx.post(f"{url}/parcels", content=b"{}").status_code == 401
    assert kept(home) == before


@pytest.mark.parametrize(
    ("sources", "connection", "error", "message"),
    [
        ("sources: []", "", ConfigError, "nothing to receive"),
        (SOURCES, None, ConnectionMissing, "AIRFLOW_CONN_HOOK"),
        (SOURCES, "http://host", ConfigError, "has no password"),
    ],
    ids=["no source", "no connection", "no secret"],
)
def test_an_inbox_that_could_verify_nothing_does_not_open(tmp_path, monkeypatch, sources, connection, error, message):
    (tmp_path / "sources.yml").write_text(sources)
    monkeypatch.delenv("AIRFLOW_CONN_HOOK", raising=False)
    if connection is not None:
        monkeypatch.setenv("AIRFLOW_CONN_HOOK", connection)
    with pytest.raises(error, match=message):
        inbox(Settings(home=tmp_path))


def test_the_command_says_what_is_wrong(tmp_path):
    env = os.environ | {"BACKHAUL_HOME": str(tmp_path), "PYTHONPATH": str(PROJECT)}
    command = [sys.executable, "-m", "backhaul.cli", "inbox"]
    done = subprocess.run(command, env=env, check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert "nothing to receive" in done.stderr
    assert "Traceback" not in done.stderr


BASE64 = base64.b64encode(digest(EVENT).digest()).decode()
TIMED = digest(b"1700000000." + EVENT).hexdigest()


@pytest.mark.parametrize(
    ("described", "header", "value"),
    [
        ({"style": "easypost"}, "x-hmac-signature", "hmac-sha256-hex=" + digest(EVENT).hexdigest()),
        ({"style": "shopify"}, "x-shopify-hmac-sha256", BASE64),
        ({"style": "loop"}, "x-loop-signature", BASE64),
        ({"style": "aftership"}, "aftership-hmac-sha256", BASE64),
        ({"style": "aftership", "header": "as-signature-hmac-sha256"}, "as-signature-hmac-sha256", BASE64),
        ({"style": "shippo"}, "shippo-auth-signature", f"t=1700000000,v1={TIMED}"),
        ({"style": "woocommerce"}, "x-wc-webhook-signature", BASE64),
        ({"header": "X-Sig"}, "x-sig", digest(EVENT).hexdigest().upper()),
        (
            {"header": "X-Sig", "algorithm": "sha1", "prefix": "sha1="},
            "x-sig",
            "sha1=" + digest(EVENT, "sha1").hexdigest(),
        ),
    ],
    ids=lambda value: str(value)[:40],
)
def test_each_vendor_signs_its_way(described, header, value):
    signature = Signature.model_validate(described)
    assert signature.accepts(EVENT, {header: value}, SECRET)
    assert not signature.accepts(EVENT + b" ", {header: value}, SECRET)
    assert not signature.accepts(EVENT, {header: value}, "other")
    assert not signature.accepts(EVENT, {header: value[:-1]}, SECRET)
    assert not signature.accepts(EVENT, {header: "é"}, SECRET)
    assert not signature.accepts(EVENT, {}, SECRET)
    assert not signature.accepts(EVENT, {header: value}, "")


def test_a_generic_signature_needs_a_header():
    with pytest.raises(ValueError, match="header"):
        Signature.model_validate({"style": "generic"})


# --- Watching -------------------------------------------------------------------------------------------------------


class Steps(threading.Event):
    """What happens between the looks; after the last, the watch is to stop."""

    def __init__(self, *steps: Callable[[], object]) -> None:
        super().__init__()
        self._steps = list(steps)

    def wait(self, timeout: float | None = None) -> bool:
        if not self._steps:
            self.set()
            return True
        self._steps.pop(0)()
        return False


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    (tmp_path / "sources.yml").write_text(SOURCES)
    return tmp_path / "drop"


def watched(drop: Path, *steps: Callable[[], object], errors: list[Exception] | None = None) -> list[list[str]]:
    """What a watch asks to ingest; ``errors`` are what the first ingests raise."""
    asked: list[list[str]] = []

    def ingest(source_id: str, paths: list[Path]) -> None:
        asked.append([source_id, *sorted(path.name for path in paths)])
        if errors:
            raise errors.pop(0)

    watch(Settings(home=drop.parent), ingest, Steps(*steps))
    return asked


def nothing() -> None:
    pass


def test_a_file_is_ingested_once_it_has_settled_and_again_when_it_changed(drop):
    drop.mkdir()

    def write(name: str, content: str) -> Callable[[], object]:
        return lambda: (drop / name).write_text(content)

    growing = [write("a.json", "{}" * times) for times in range(1, 5)]
    assert watched(drop, *growing) == [], "there is nothing, then it grows"
    assert watched(drop, nothing, nothing, nothing) == [["files", "a.json"]]
    found = watched(drop, nothing, nothing, write("a.json", "[]"), nothing, write("b.json.part", "{}"), nothing)
    assert found == [["files", "a.json"], ["files", "a.json"]]


def test_an_ingest_that_fails_is_tried_again(drop, caplog):
    drop.mkdir()
    (drop / "a.json").write_text("{}")
    assert watched(drop, *[nothing] * 5, errors=[Explained("the disk is full")]) == [["files", "a.json"]] * 2
    assert "files is tried again: the disk is full" in caplog.text


def test_a_drop_that_is_not_there_yet_is_no_error(drop):
    assert watched(drop, nothing) == []
