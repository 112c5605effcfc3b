"""What the simulated carrier platform answers, asked as its real one is, and what it sends by itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from ingestion.signatures import Signature
from simulator.vendors.easypost import RateLimit, easypost
from simulator.vendors.objects import Objects
from simulator.vendors.webhooks import shuffled, signature

KEY = "EZTK-simulated"
STRAY = {"mode": "production"}


def tracker(number: int, day: int, status: str = "pre_transit") -> dict[str, Any]:
    """Created on its own day of March, last changed on another."""
    created, updated = f"2026-03-{number:02d}T10:00:00Z", f"2026-03-{day:02d}T12:00:00Z"
    return {"id": f"trk_{number}", "mode": "production", "status": status, "created_at": created, "updated_at": updated}


def write(folder: Path, name: str, *documents: dict[str, Any]) -> None:
    (folder / f"trackers_{name}.json").write_text(json.dumps({"trackers": documents, "has_more": False}))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, "2026-03-09", *(tracker(number, number) for number in (3, 1, 2, 5)), STRAY, tracker(4, 4))
    return tmp_path


@pytest.fixture
def client(folder: Path) -> Iterator[TestClient]:
    with TestClient(easypost({"trackers": Objects(folder, "trackers")}, KEY)) as client:
        client.auth = (KEY, "")
        yield client


def ask(client: TestClient, **params: object) -> tuple[list[str], bool]:
    answer = client.get("/v2/trackers", params=params)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    return [each.get("id", "stray").removeprefix("trk_") for each in body["trackers"]], body["has_more"]


@pytest.mark.parametrize(
    ("params", "found", "has_more"),
    [
        ({}, "stray 5 4 3 2 1", False),
        ({"page_size": 2}, "stray 5 4", True),
        ({"page_size": 1}, "stray 5", True),
        ({"page_size": 2, "before_id": "trk_4"}, "3 2", True),
        ({"page_size": 2, "before_id": "trk_2"}, "1", False),
        ({"before_id": "trk_1"}, "", False),
        ({"page_size": 2, "after_id": "trk_1"}, "3 2", True),
        ({"page_size": 2, "after_id": "trk_3"}, "stray 5 4", False),
        ({"start_datetime": "2026-03-04T00:00:00.000Z"}, "stray 5 4", False),
        ({"start_datetime": "2026-03-02", "end_datetime": "2026-03-04T10:00:00Z"}, "3 2", False),
        ({"start_datetime": "2026-03-02", "before_id": "trk_4", "page_size": 1}, "3", True),
    ],
    ids=lambda value: "&".join(f"{k}={v}" for k, v in value.items()) if isinstance(value, dict) else str(value),
)
def test_a_list_is_paged_newest_first(client: TestClient, params: dict[str, Any], found: str, has_more: bool) -> None:
    assert ask(client, **params) == (found.split(), has_more)


def test_an_object_comes_again_when_a_later_file_tells_it_otherwise(client: TestClient, folder: Path) -> None:
    write(folder, "2026-03-20", tracker(2, 20, "delivered"), tracker(6, 6))
    write(folder, "2026-03-21", tracker(2, 11, "in_transit"))
    answer = client.get("/v2/trackers").json()["trackers"]
    assert [each["id"] for each in answer if "id" in each] == [f"trk_{number}" for number in (6, 5, 4, 3, 2, 1)]
    assert next(each for each in answer if each.get("id") == "trk_2") == tracker(2, 20, "delivered")


@pytest.mark.parametrize(
    ("path", "params", "auth", "status"),
    [
        ("trackers", {}, None, 401),
        ("trackers", {}, ("other", ""), 401),
        ("trackers", {}, ("", KEY), 401),
        ("refunds", {}, (KEY, ""), 404),
        ("trackers", {"before_id": "trk_99"}, (KEY, ""), 404),
        ("trackers", {"page_size": "101"}, (KEY, ""), 422),
        ("trackers", {"page_size": "0"}, (KEY, ""), 422),
        ("trackers", {"page_size": "many"}, (KEY, ""), 422),
        ("trackers", {"start_datetime": "yesterday"}, (KEY, ""), 422),
    ],
    ids=["no key", "another key", "as password", "list", "id", "large page", "no page", "words", "time"],
)
def test_what_is_not_right_is_refused(client: TestClient, path, params, auth, status) -> None:
    client.auth = auth
    answer = client.get(f"/v2/{path}", params=params)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]


@pytest.mark.parametrize("header", ["Basic ???", "Basic /w==", "Bearer x", "Basic"])
def test_a_key_that_is_none_is_refused(client: TestClient, header: str) -> None:
    client.auth = None
    assert client.get("/v2/trackers", headers={"Authorization": header}).status_code == 401


def test_so_many_requests_a_second_are_admitted() -> None:
    now = 0.0
    limit = RateLimit(2, lambda: now)
    assert [limit.admits() for _ in range(3)] == [True, True, False]
    now = 0.9
    assert not limit.admits()
    now = 1.0
    assert [limit.admits() for _ in range(3)] == [True, True, False]
    assert all(RateLimit(None).admits() for _ in range(100))


def test_too_many_requests_are_told_when_to_come_again(folder: Path) -> None:
    with TestClient(easypost({"trackers": Objects(folder, "trackers")}, KEY, per_second=1)) as client:
        client.auth = (KEY, "")
        answers = [client.get("/v2/trackers") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert answers[1].headers["Retry-After"] == "1"


def test_every_version_is_posted_twice_and_out_of_order(folder: Path) -> None:
    write(folder, "2026-03-20", *(tracker(number, 20, "delivered") for number in range(1, 6)))
    trackers = Objects(folder, "trackers")
    trackers.look()
    bodies = shuffled(trackers.versions)
    assert bodies == shuffled(reversed(trackers.versions)), "the order rests on what is told only"
    told = [json.loads(body) for body in bodies]
    assert sorted(bodies) == sorted([*dict.fromkeys(bodies)] * 2)
    assert len({event["id"] for event in told}) == len(trackers.versions) == 10
    assert [event["updated_at"] for event in told] != sorted(event["updated_at"] for event in told)
    assert {event["description"] for event in told} == {"tracker.created", "tracker.updated"}
    assert all(event["result"] in trackers.versions for event in told)


@pytest.mark.parametrize("secret", ["hush", "ﬁancé"])
def test_what_is_posted_is_signed_as_the_platform_signs(secret: str) -> None:
    described = Signature.model_validate({"style": "easypost"})
    assert described.accepts(b"{}", {"x-hmac-signature": signature(b"{}", secret)}, secret)
