"""EasyPost's webhooks: an event for each version of a tracker, posted out of order and each of them twice."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import unicodedata
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress

import httpx

from simulator.vendors.objects import Document, Objects

PAUSE_SECONDS = 1.0
"""Between two looks at the files, and before an event that was not taken is sent again."""

log = logging.getLogger(__name__)


@asynccontextmanager
async def sending(trackers: Objects, url: str, secret: str) -> AsyncIterator[None]:
    """Post what the trackers tell, and what they come to tell, for as long as the context lasts."""
    task = asyncio.create_task(_send(trackers, url, secret))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def shuffled(versions: Iterable[Document]) -> list[bytes]:
    """The bodies of the events, each twice, in an order that only what they tell decides."""
    bodies = [json.dumps(_event(version), ensure_ascii=False).encode() for version in versions]
    placed = sorted((hashlib.sha256(b"%d" % copy + body).digest(), body) for copy in (1, 2) for body in bodies)
    return [body for _, body in placed]


def signature(body: bytes, secret: str) -> str:
    """What EasyPost writes into ``X-Hmac-Signature``."""
    key = unicodedata.normalize("NFKD", secret).encode()
    return f"hmac-sha256-hex={hmac.new(key, body, hashlib.sha256).hexdigest()}"


def _event(version: Document) -> Document:
    known_by = hashlib.sha256(json.dumps(version, sort_keys=True).encode()).hexdigest()[:32]
    return {
        "id": f"evt_{known_by}",
        "object": "Event",
        "mode": version["mode"],
        "description": "tracker.created" if version["status"] == "pre_transit" else "tracker.updated",
        "created_at": version["updated_at"],
        "updated_at": version["updated_at"],
        "previous_attributes": {},
        "pending_urls": [],
        "completed_urls": [],
        "status": "pending",
        "result": version,
    }


async def _send(trackers: Objects, url: str, secret: str) -> None:
    sent = 0
    async with httpx.AsyncClient() as client:
        while True:
            trackers.look()
            bodies = shuffled(trackers.versions[sent:])
            sent = len(trackers.versions)
            for body in bodies:
                await _post(client, url, body, secret)
            await asyncio.sleep(PAUSE_SECONDS)


async def _post(client: httpx.AsyncClient, url: str, body: bytes, secret: str) -> None:
    """Post until it is taken."""
    headers = {"Content-Type": "application/json", "X-Hmac-Signature": signature(body, secret)}
    said = None
    while (problem := await _problem(client, url, body, headers)) is not None:
        if problem != said:
            log.warning("%s does not take a webhook (%s): it is sent again until it does.", url, problem)
        said = problem
        await asyncio.sleep(PAUSE_SECONDS)


async def _problem(client: httpx.AsyncClient, url: str, body: bytes, headers: dict[str, str]) -> str | None:
    try:
        response = await client.post(url, content=body, headers=headers)
    except httpx.TransportError as error:
        return type(error).__name__
    return None if response.is_success else f"HTTP {response.status_code}"
