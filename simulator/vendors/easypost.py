"""EasyPost's lists over HTTP: newest first, page by page, for who has the key, so many requests a second."""

from __future__ import annotations

import base64
import binascii
import hmac
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from typing import NamedTuple

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from simulator.vendors.objects import Held, Objects, documents

PAGE_SIZE, LARGEST_PAGE = 20, 100
WINDOW_SECONDS = 1.0


class Refusal(Exception):
    """A request that is not answered: the status, and EasyPost's code for it."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class RateLimit:
    """Admits so many requests a second; None: any number."""

    def __init__(self, per_second: int | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._clock = clock
        self._admitted: deque[float] = deque()

    def admits(self) -> bool:
        """Whether one more request is within the limit now; it counts if it is."""
        if self._per_second is None:
            return True
        now = self._clock()
        while self._admitted and now - self._admitted[0] >= WINDOW_SECONDS:
            self._admitted.popleft()
        if len(self._admitted) >= self._per_second:
            return False
        self._admitted.append(now)
        return True


class Asked(NamedTuple):
    """The parameters of a list: times in UTC, ids of the objects next to the page."""

    size: int
    start: datetime | None
    end: datetime | None
    before: Held | None
    after: Held | None


def easypost(
    lists: Mapping[str, Objects],
    key: str,
    per_second: int | None = None,
    beside: Callable[[], AbstractAsyncContextManager[None]] | None = None,
) -> Starlette:
    """The application: ``GET /v2/<kind>`` for each list. ``beside`` is entered for as long as it serves."""
    limit = RateLimit(per_second)

    async def answer(request: Request) -> JSONResponse:
        try:
            return JSONResponse(_answer(request, lists, key, limit))
        except Refusal as problem:
            body = {"error": {"code": problem.code, "message": str(problem), "errors": []}}
            headers = {"Retry-After": f"{WINDOW_SECONDS:.0f}"} if problem.status == 429 else None
            return JSONResponse(body, problem.status, headers)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        if beside is None:
            yield
            return
        async with beside():
            yield

    return Starlette(routes=[Route("/v2/{kind}", answer)], lifespan=lifespan)


def _answer(request: Request, lists: Mapping[str, Objects], key: str, limit: RateLimit) -> dict[str, object]:
    if not limit.admits():
        raise Refusal(429, "RATE_LIMITED", "Too many requests: wait as long as Retry-After says.")
    if not hmac.compare_digest(_key_of(request).encode(), key.encode()):
        raise Refusal(401, "APIKEY.INVALID", "This API key is not known.")
    objects = lists.get(request.path_params["kind"])
    if objects is None:
        raise Refusal(404, "NOT_FOUND", "There is no such list.")
    objects.look()
    page, has_more = _page(objects, _asked(request.query_params, objects))
    return {objects.kind: list(documents(page)), "has_more": has_more}


def _key_of(request: Request) -> str:
    """The user name of basic authentication; empty without one."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    try:
        return base64.b64decode(given, validate=True).decode().partition(":")[0] if scheme == "Basic" else ""
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _asked(query: Mapping[str, str], objects: Objects) -> Asked:
    def moment(name: str) -> datetime | None:
        if name not in query:
            return None
        try:
            told = datetime.fromisoformat(query[name])
        except ValueError:
            raise Refusal(422, "PARAMETER.INVALID", f"{name} is no time.") from None
        return told if told.tzinfo else told.replace(tzinfo=UTC)

    def neighbour(name: str) -> Held | None:
        found = objects.find(query[name]) if name in query else None
        if name in query and found is None:
            raise Refusal(404, "NOT_FOUND", f"{name} is no object of this list.")
        return found

    size = query.get("page_size", str(PAGE_SIZE))
    if not size.isascii() or not size.isdigit() or not 1 <= int(size) <= LARGEST_PAGE:
        raise Refusal(422, "PARAMETER.INVALID", f"page_size is a number from 1 to {LARGEST_PAGE}.")
    return Asked(
        int(size), moment("start_datetime"), moment("end_datetime"), neighbour("before_id"), neighbour("after_id")
    )


def _page(objects: Objects, asked: Asked) -> tuple[list[Held], bool]:
    """The page and whether there are more. After an id comes the page next to it, newest first as always."""
    found = objects.since(asked.start, asked.end)
    if asked.after is not None:
        newer = [held for held in found if held > asked.after]
        return newer[-asked.size :], len(newer) > asked.size
    older = [held for held in found if asked.before is None or held < asked.before]
    return older[: asked.size], len(older) > asked.size
