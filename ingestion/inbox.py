"""The webhook inbox: keeps what is posted to it, once its signature is verified, for the next ingest to read.

``POST /<source id>`` for every source ``from: {type: webhook}``. The answer is 200 only when the body is on disk for
good. ``python -m ingestion.inbox`` serves it on this machine; what faces the internet is a proxy that ends TLS.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from backhaul import receipts
from backhaul.connections import resolve
from backhaul.settings import Settings
from ingestion.config import ConfigError, FromWebhook, load_sources, resolve_path

BODY_SECONDS = 30


@dataclass(frozen=True)
class _Box:
    """Where one source's bodies are kept, and how they are known to be its sender's."""

    origin: FromWebhook
    folder: Path
    secret: str


def inbox(settings: Settings) -> Starlette:
    """The application for the webhook sources of now. Raises ``ConfigError`` and ``ConnectionMissing``."""
    boxes = {
        source.id: _open(settings, source.id, source.origin)
        for source in load_sources(settings)
        if isinstance(source.origin, FromWebhook)
    }
    if not boxes:
        raise ConfigError(f"{settings.sources_file}: no source has `type: webhook`; there is nothing to receive.")

    async def receive(request: Request) -> Response:
        box = boxes.get(request.path_params["source_id"])
        return await _receive(box, request) if box else PlainTextResponse("unknown", 404)

    return Starlette(routes=[Route("/{source_id}", receive, methods=["POST"])])


def serve(settings: Settings, host: str = "127.0.0.1", port: int = 8790) -> None:
    """Receive until the process is ended."""
    uvicorn.run(inbox(settings), host=host, port=port, log_level="warning", server_header=False)


def _open(settings: Settings, source_id: str, origin: FromWebhook) -> _Box:
    secret = resolve(origin.connection).password
    if not secret:
        raise ConfigError(
            f"Source {source_id}: connection {origin.connection!r} has no password; the webhook's secret belongs there."
        )
    return _Box(origin, resolve_path(settings, origin.path), secret)


async def _receive(box: _Box, request: Request) -> Response:
    try:
        async with asyncio.timeout(BODY_SECONDS):
            body = await _body(request, int(box.origin.megabytes * 1_000_000))
    except (TimeoutError, ClientDisconnect):
        return PlainTextResponse("incomplete", 408)
    if body is None:
        return PlainTextResponse("too large", 413)
    if not box.origin.signature.accepts(body, request.headers, box.secret):
        return PlainTextResponse("signature", 401)
    await asyncio.to_thread(keep, box.folder, body)
    return PlainTextResponse("kept")


async def _body(request: Request, limit: int) -> bytes | None:
    """The whole body, or None when it is larger than the limit, however it is sent."""
    pieces = bytearray()
    async for piece in request.stream():
        pieces += piece
        if len(pieces) > limit:
            return None
    return bytes(pieces)


def keep(folder: Path, body: bytes) -> Path:
    """Write a body durably as ``<day>/<sha256>.json``; the same body on the same day is the same file."""
    place = folder / datetime.now(UTC).date().isoformat() / f"{hashlib.sha256(body).hexdigest()}.json"
    place.parent.mkdir(parents=True, exist_ok=True)
    temporary = place.with_name(f".{place.name}.{secrets.token_hex(6)}")
    try:
        with temporary.open("xb") as out:
            out.write(body)
            out.flush()
            os.fsync(out.fileno())
        temporary.replace(place)
    finally:
        temporary.unlink(missing_ok=True)
    for directory in (place.parent, folder):
        receipts.sync(directory)
    return place
