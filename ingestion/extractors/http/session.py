"""One conversation with an API: requests that are tried again, kept within its limits, and never tell a secret."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from ingestion.extractors.http.limits import pause, retry_after
from ingestion.extractors.http.places import maybe_at
from ingestion.extractors.pulled import ExtractError, Refused
from ingestion.extractors.trying import LONGEST_WAIT, Transient, trying

# It writes the address of every request, and a key may stand in the query.
logging.getLogger("httpx").setLevel(logging.WARNING)


@dataclass(frozen=True)
class Call:
    """One request: the address may be relative to the API's."""

    url: str
    method: str = "GET"
    params: dict[str, str | int] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] | None = None


@dataclass(frozen=True)
class Answer:
    """The bytes as received, what they say, and the address of the next page if a header names one."""

    content: bytes
    document: Any
    next_link: str | None


class Session:
    """A client of one API; a context manager. ``sleep`` waits for seconds."""

    def __init__(
        self,
        base_url: str,
        auth: httpx.Auth,
        timeout_seconds: float,
        attempts: int,
        sleep: Callable[[float], None],
    ) -> None:
        self._base_url = base_url.rstrip("/") + "/"
        self._attempts = attempts
        self._sleep = sleep
        self._pause = 0.0
        self._client = httpx.Client(base_url=self._base_url, auth=auth, timeout=timeout_seconds, follow_redirects=False)

    def __enter__(self) -> Self:
        self._client.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.__exit__(kind, error, trace)

    def fetch(self, name: str, call: Call, errors: str | None) -> Answer:
        """The answer to a call. ``errors`` is the place of GraphQL's errors. Raises :class:`ExtractError`."""
        if not self._is_at_home(call.url):
            raise Refused(f"{name}: the API sends us to another server ({urlsplit(call.url).hostname}); not followed.")
        if self._pause:
            self._sleep(min(self._pause, LONGEST_WAIT))
        try:
            answer, self._pause = trying(self._attempts, self._sleep)(self._once, name, call, errors)
        except Transient as problem:
            raise ExtractError(f"{name}: gave up after {self._attempts} tries: {problem}") from problem
        return answer

    def _is_at_home(self, url: str) -> bool:
        """An absolute address must be of the API's own server: the key goes nowhere else."""
        there, home = urlsplit(url), urlsplit(self._base_url)
        return not (there.scheme or there.netloc) or (there.scheme, there.netloc) == (home.scheme, home.netloc)

    def _once(self, name: str, call: Call, errors: str | None) -> tuple[Answer, float]:
        # An address that the API gave for the next page has its own query.
        params = call.params or None
        try:
            response = self._client.request(call.method, call.url, params=params, headers=call.headers, json=call.body)
        except httpx.TransportError as error:
            raise Transient(f"no answer ({type(error).__name__})") from error
        _check_status(name, response)
        try:
            document = json.loads(response.content)
        except ValueError:
            raise Transient("the answer is not JSON, or is cut short") from None
        wait = pause(response.headers, document)
        _check_errors(name, maybe_at(document, errors), wait)
        return Answer(response.content, document, response.links.get("next", {}).get("url")), wait


def _check_status(name: str, response: httpx.Response) -> None:
    status = response.status_code
    if status == 429 or status >= 500:
        wait = retry_after(response.headers)
        raise Transient(f"HTTP {status}", wait if wait is not None else pause(response.headers, None) or None)
    if status in (401, 403):
        raise Refused(f"{name}: the API refuses the key (HTTP {status}); check the connection and what its key may do.")
    if 300 <= status < 400:
        raise Refused(f"{name}: the API sends us elsewhere (HTTP {status}), which is not followed; check `base_url`.")
    if status != 200:
        raise Refused(f"{name}: HTTP {status}; check `base_url` and the request.")


def _check_errors(name: str, errors: Any, wait: float) -> None:
    if not errors:
        return
    if "THROTTLED" in json.dumps(errors):
        raise Transient("the API is throttled", wait or None)
    message = maybe_at(errors, "0.message") or json.dumps(errors)
    raise Refused(f"{name}: the API refuses the query: {str(message)[:300]}")
