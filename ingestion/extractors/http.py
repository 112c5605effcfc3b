"""Pulling from an EasyPost-style HTTP API: list endpoints, newest first, paged by ``before_id`` and ``has_more``."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from backhaul.connections import resolve
from ingestion.config import FromHttp
from ingestion.extractors.pulled import ExtractError, Pulled

LONGEST_WAIT = 120.0


class _Transient(Exception):
    """Worth another try: no answer, too many requests, or the server's own failure."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


def pull(
    origin: FromHttp,
    overlap_days: float,
    cursor: dict[str, Any] | None,
    folder: Path,
    sleep: Callable[[float], None] = time.sleep,
) -> Pulled:
    """Fetch every page of each endpoint since the cursor, less the overlap; one file per page, bytes as received.

    The cursor is, per endpoint, the latest ``updated_at`` seen (ISO 8601, UTC). Raises :class:`ExtractError`.
    """
    connection = resolve(origin.connection)
    files: list[Path] = []
    latest: dict[str, Any] = dict(cursor or {})
    with httpx.Client(
        base_url=origin.base_url.rstrip("/") + "/",
        auth=(connection.login, connection.password),
        timeout=origin.timeout_seconds,
        follow_redirects=False,
    ) as client:
        for endpoint in origin.endpoints:
            parameters: dict[str, str] = {"page_size": str(origin.page_size)}
            if since := (cursor or {}).get(endpoint):
                parameters["start_datetime"] = _iso(_moment(since) - timedelta(days=overlap_days))
            while True:
                response = _get(client, endpoint, parameters, origin, sleep)
                page = _page(endpoint, response)
                path = folder / f"{endpoint.replace('/', '_')}-{len(files):05d}.json"
                path.write_bytes(response.content)
                files.append(path)
                seen = [item["updated_at"] for item in page["items"] if item.get("updated_at")]
                if seen:
                    newest = max(map(_moment, [*seen, *([latest[endpoint]] if endpoint in latest else [])]))
                    latest[endpoint] = _iso(newest)
                if not page["has_more"] or not page["items"]:
                    break
                last = page["items"][-1]["id"]
                if parameters.get("before_id") == last:
                    raise ExtractError(f"{endpoint}: the API gives the same page again after {last}.")
                parameters["before_id"] = last
    return Pulled(files, latest or None)


def _get(
    client: httpx.Client,
    endpoint: str,
    parameters: dict[str, str],
    origin: FromHttp,
    sleep: Callable[[float], None],
) -> httpx.Response:
    retrying = Retrying(
        retry=retry_if_exception_type(_Transient),
        stop=stop_after_attempt(origin.attempts),
        wait=_wait,
        sleep=sleep,
        reraise=True,
    )
    try:
        return retrying(_get_once, client, endpoint, parameters)
    except _Transient as problem:
        raise ExtractError(f"{endpoint}: gave up after {origin.attempts} tries: {problem}") from problem


def _get_once(client: httpx.Client, endpoint: str, parameters: dict[str, str]) -> httpx.Response:
    try:
        response = client.get(endpoint, params=parameters)
    except httpx.TransportError as error:
        raise _Transient(f"no answer ({type(error).__name__})") from error
    if response.status_code == 429 or response.status_code >= 500:
        raise _Transient(f"HTTP {response.status_code}", _retry_after(response))
    if response.status_code in (401, 403):
        raise ExtractError(
            f"{endpoint}: the API refuses the key (HTTP {response.status_code}); the connection's login must be it."
        )
    if response.status_code != 200:
        raise ExtractError(f"{endpoint}: HTTP {response.status_code}; check `base_url` and `endpoints`.")
    return response


_backoff = wait_random_exponential(multiplier=1, max=60)


def _wait(state: RetryCallState) -> float:
    """As long as the server asks, within reason; else exponential with jitter."""
    problem = state.outcome.exception() if state.outcome else None
    if isinstance(problem, _Transient) and problem.retry_after is not None:
        return min(problem.retry_after, LONGEST_WAIT)
    return _backoff(state)


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds that the header asks to wait; it is a number or an HTTP date."""
    value = response.headers.get("Retry-After", "").strip()
    if not value:
        return None
    if value.isdigit():
        return float(value)
    try:
        return max((parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds(), 0.0)
    except (TypeError, ValueError):
        return None


def _page(endpoint: str, response: httpx.Response) -> dict[str, Any]:
    """The listed objects and whether there are more; for paging only."""
    try:
        body = response.json()
        items = body[endpoint.rsplit("/", 1)[-1]]
        return {"items": [item for item in items if isinstance(item, dict)], "has_more": bool(body.get("has_more"))}
    except (ValueError, KeyError, TypeError) as error:
        raise ExtractError(f"{endpoint}: the answer is not a list page of this API ({error!r}).") from error


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
