"""Pulling lists from an HTTP API: what to ask for is data (``sources.yml`` and the presets), how to ask is here."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from backhaul.bar import with_bar
from backhaul.connections import resolve
from ingestion.config import FromHttp
from ingestion.extractors.http.auth import auth_of
from ingestion.extractors.http.journal import Got, Journal
from ingestion.extractors.http.paging import first, following, put
from ingestion.extractors.http.places import at, maybe_at
from ingestion.extractors.http.presets import Api, api_of
from ingestion.extractors.http.session import Answer, Call, Session
from ingestion.extractors.pulled import ExtractError, Pulled, Refused
from ingestion.http_requests import Auth, Incremental, Request


class _Forgotten(Exception):
    """The server does not know any more where an earlier run of the pull stopped."""


def pull(
    origin: FromHttp,
    kind: str,
    overlap_days: float,
    cursor: dict[str, Any] | None,
    folder: Path,
    sleep: Callable[[float], None] = time.sleep,
) -> Pulled:
    """Fetch every page of each list since the cursor, less the overlap; one file per page, bytes as received.

    A page without items is not kept. ``folder`` outlives a pull that fails, and the same pull goes on where it stopped.
    The cursor is, per request, the latest value of its incremental field (ISO 8601, UTC). Raises :class:`ExtractError`.
    """
    api = api_of(origin, kind)
    auth = auth_of(api.auth, resolve(origin.connection))
    asked = [origin.connection, origin.page_size, api.base_url, [each.model_dump() for each in api.requests]]
    journal = Journal(folder, [*asked, overlap_days, cursor])
    with Session(api.base_url, auth, origin.timeout_seconds, origin.attempts, sleep) as session:
        try:
            return _pull(_Puller(session, origin, api.auth, journal), api, overlap_days, cursor)
        except _Forgotten as problem:
            logging.getLogger(__name__).warning("%s; the pull begins again at its first page.", problem)
            journal.begin_anew()
            return _pull(_Puller(session, origin, api.auth, journal), api, overlap_days, cursor)


def _pull(puller: _Puller, api: Api, overlap_days: float, cursor: dict[str, Any] | None) -> Pulled:
    journal = puller.journal
    latest: dict[str, Any] = dict(cursor or {})
    for request in api.requests:
        known = latest.get(request.name)
        since = _since(request.incremental, known, overlap_days)
        for _ in with_bar(puller.pages(request, _first(request, since, puller.origin.page_size)), request.name):
            pass
        times = [_moment(page.newest) for page in journal.of(request.name) if page.newest]
        if times:
            # what changed since an earlier run's pages were asked for may stand in them as it was
            newest = min(max(times), journal.began_at) if journal.is_resumed else max(times)
            latest[request.name] = _iso(max(newest, _moment(known)) if known else newest)
    return Pulled(journal.files(), latest or None)


@dataclass(frozen=True)
class _Puller:
    """Asks for the pages that the journal lacks."""

    session: Session
    origin: FromHttp
    auth: Auth
    journal: Journal

    def pages(self, request: Request, call: Call) -> Iterator[Call]:
        """Fetch every page of a list, from ``call`` on or where an earlier run stopped; gives what was asked for each.

        A page that comes again is an error, not an endless loop. Raises :class:`_Forgotten`.
        """
        got = self.journal.of(request.name)
        asked = {_key(page.call) for page in got}
        before = self._items_of(request, got)
        following = self._resumed(request, got[-1], before) if got else call
        is_resuming = bool(got) and not request.page.is_counted
        while following is not None:
            call = following
            if _key(call) in asked or len(asked) >= self.origin.max_pages:
                raise ExtractError(
                    f"{request.name}: the API does not come to an end; stopped after {len(asked)} pages."
                )
            asked.add(_key(call))
            answer, items = self._ask_again(request, call, before) if is_resuming else self._ask(request, call)
            if items and items == before:
                raise ExtractError(f"{request.name}: the API gives the same page again.")
            following = self._following(request, call, answer, items)
            self._keep(request, call, following, answer, items)
            before, is_resuming = items, False
            yield call

    def _ask(self, request: Request, call: Call) -> tuple[Answer, list[Any]]:
        answer = self.session.fetch(request.name, call, request.errors)
        return answer, _items(request, answer)

    def _ask_again(self, request: Request, call: Call, before: list[Any]) -> tuple[Answer, list[Any]]:
        """The page where an earlier run stopped: there was one, and a server that gives none forgot the place."""
        try:
            answer = self.session.fetch(request.name, call, request.errors)
        except Refused as problem:
            raise _Forgotten(str(problem)) from problem
        try:
            items = _items(request, answer)
        except ExtractError as problem:
            raise _Forgotten(str(problem)) from problem
        if not items or items == before:
            raise _Forgotten(f"{request.name}: nothing new stands where the last pull stopped")
        return answer, items

    def _resumed(self, request: Request, last: Got, before: list[Any]) -> Call | None:
        """The call to go on with. Where pages are counted, the last one must still be what it was."""
        if last.following is not None and request.page.is_counted:
            _, items = self._ask_again(request, last.call, [])
            if items != before:
                raise _Forgotten(f"{request.name}: its pages have shifted since the last pull stopped")
        return last.following

    def _items_of(self, request: Request, got: Sequence[Got]) -> list[Any]:
        if not got or not got[-1].file:
            return []
        content = (self.journal.folder / got[-1].file).read_bytes()
        return _items(request, Answer(content, json.loads(content), None))

    def _following(self, request: Request, call: Call, answer: Answer, items: list[Any]) -> Call | None:
        """The call for the next page, without a key that its address may hold: each request is given it anew."""
        found = following(request.page, call, answer, items)
        if found is None or self.auth.style != "query":
            return found
        url = httpx.URL(found.url)
        return replace(found, url=str(url.copy_remove_param(self.auth.name))) if url.query else found

    def _keep(self, request: Request, call: Call, following: Call | None, answer: Answer, items: list[Any]) -> None:
        name = f"{request.name}-{len(self.journal.files()):05d}.json" if items else None
        newest = _newest(request.incremental, items)
        told = _iso(newest) if newest else None
        self.journal.add(Got(request.name, call, following, name, told), answer.content)


def _key(call: Call) -> str:
    return json.dumps([call.url, call.params, call.body], sort_keys=True)


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


def _newest(incremental: Incremental | None, items: list[Any]) -> datetime | None:
    """The latest of the items' times; what is not a time is no time."""
    newest: datetime | None = None
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
