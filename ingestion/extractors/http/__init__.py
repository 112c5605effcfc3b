"""Pulling lists from an HTTP API: what to ask for is data (``sources.yml`` and the presets), how to ask is here."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from backhaul.connections import resolve
from ingestion.config import FromHttp
from ingestion.extractors.http.auth import auth_of
from ingestion.extractors.http.paging import first, following, put
from ingestion.extractors.http.places import at, maybe_at
from ingestion.extractors.http.presets import api_of
from ingestion.extractors.http.session import Answer, Call, Session
from ingestion.extractors.pulled import ExtractError, Pulled
from ingestion.http_requests import Incremental, Request


def pull(
    origin: FromHttp,
    kind: str,
    overlap_days: float,
    cursor: dict[str, Any] | None,
    folder: Path,
    sleep: Callable[[float], None] = time.sleep,
) -> Pulled:
    """Fetch every page of each list since the cursor, less the overlap; one file per page, bytes as received.

    A page without items is not kept. The cursor is, per request, the latest value of its incremental field (ISO 8601,
    UTC). Raises :class:`ExtractError`.
    """
    api = api_of(origin, kind)
    auth = auth_of(api.auth, resolve(origin.connection))
    files: list[Path] = []
    latest: dict[str, Any] = dict(cursor or {})
    with Session(api.base_url, auth, origin.timeout_seconds, origin.attempts, sleep) as session:
        for request in api.requests:
            since = _since(request.incremental, latest.get(request.name), overlap_days)
            newest: datetime | None = None
            for answer, items in _pages(session, request, _first(request, since, origin.page_size), origin.max_pages):
                if not items:
                    continue
                path = folder / f"{request.name}-{len(files):05d}.json"
                path.write_bytes(answer.content)
                files.append(path)
                newest = _newest(request.incremental, items, newest)
            if newest is not None:
                known = latest.get(request.name)
                latest[request.name] = _iso(max(newest, _moment(known)) if known else newest)
    return Pulled(files, latest or None)


def _pages(session: Session, request: Request, call: Call, max_pages: int) -> Iterator[tuple[Answer, list[Any]]]:
    """Each page and its items, until the last; a page that comes again is an error, not an endless loop."""
    following_call: Call | None = call
    asked: set[str] = set()
    before: list[Any] = []
    while following_call is not None:
        key = json.dumps([following_call.url, following_call.params, following_call.body], sort_keys=True)
        if key in asked or len(asked) >= max_pages:
            raise ExtractError(f"{request.name}: the API does not come to an end; stopped after {len(asked)} pages.")
        asked.add(key)
        answer = session.fetch(request.name, following_call, request.errors)
        items = _items(request, answer)
        if items and items == before:
            raise ExtractError(f"{request.name}: the API gives the same page again.")
        yield answer, items
        before = items
        following_call = following(request.page, following_call, answer, items)


def _items(request: Request, answer: Answer) -> list[Any]:
    try:
        items = at(answer.document, request.items)
    except KeyError:
        items = {}
    if items is None:
        return []
    if not isinstance(items, list):
        raise ExtractError(f"{request.name}: the answer has no list at {request.items or 'its top'!r}.")
    return items


def _since(incremental: Incremental | None, known: str | None, overlap_days: float) -> datetime | None:
    if incremental is None:
        return None
    if known:
        return _moment(known) - timedelta(days=overlap_days)
    return datetime.now(UTC) - timedelta(days=incremental.first_days) if incremental.first_days else None


def _first(request: Request, since: datetime | None, page_size: int | None) -> Call:
    call = first(request, page_size)
    if since is None or request.incremental is None:
        return call
    value = request.incremental.template.replace("{since}", _written(since, request.incremental.format))
    return put(call, request.incremental.place, request.incremental.param, value)


def _written(moment: datetime, form: str) -> str:
    if form == "date":
        return moment.date().isoformat()
    if form == "iso":
        return _iso(moment)
    return str(int(moment.timestamp() * (1000 if form == "epoch_ms" else 1)))


def _newest(incremental: Incremental | None, items: list[Any], newest: datetime | None) -> datetime | None:
    """The latest of the items' times and the one before; what is not a time is no time."""
    if incremental is None:
        return newest
    for item in items:
        value = maybe_at(item, incremental.field)
        try:
            moment = _moment(value) if value else None
        except (ValueError, TypeError, OverflowError):
            moment = None
        if moment is not None and (newest is None or moment > newest):
            newest = moment
    return newest


def _moment(value: Any) -> datetime:
    """An instant in UTC: ISO 8601, or seconds or milliseconds since 1970."""
    if isinstance(value, int | float) or str(value).isdigit():
        number = float(value)
        return datetime.fromtimestamp(number / 1000 if number > 1e11 else number, UTC)
    moment = datetime.fromisoformat(str(value))
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
