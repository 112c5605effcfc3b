"""Which request brings the next page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ingestion.extractors.http.places import maybe_at, placed
from ingestion.extractors.http.session import Answer, Call
from ingestion.http_requests import Page, Request


def first(request: Request, page_size: int | None) -> Call:
    """The call for the first page."""
    page = request.page
    call = Call(request.path, request.method, dict(request.params), request.headers, request.body)
    if page.size_param and (size := page_size or page.size):
        call = put(call, page.place, page.size_param, size)
    if page.param and page.start is not None:
        call = put(call, page.place, page.param, page.start)
    return call


def put(call: Call, place: str, name: str, value: Any) -> Call:
    """The call with a value in its query or its body."""
    if place == "body":
        return replace(call, body=placed(call.body or {}, name, value))
    return replace(call, params={**call.params, name: value})


def following(page: Page, call: Call, answer: Answer, items: list[Any]) -> Call | None:
    """The call for the page after this one, or None when it was the last."""
    if maybe_at(answer.document, page.more) is False or (page.more and not items):
        return None
    if page.style in ("link_header", "next_url"):
        address = answer.next_link if page.style == "link_header" else maybe_at(answer.document, page.next)
        return replace(call, url=str(address), params={}) if address else None
    value = _next_value(page, call, answer, items)
    return put(call, page.place, str(page.param), value) if value is not None else None


def _next_value(page: Page, call: Call, answer: Answer, items: list[Any]) -> Any:
    """What goes into the parameter: a cursor, the last item's id, or a count."""
    if page.style == "cursor":
        return maybe_at(answer.document, page.next) or None
    if not items or page.style == "none":
        return None
    if page.style == "before_id":
        return maybe_at(items[-1], page.field)
    held = call.body if page.place == "body" else call.params
    now = int(maybe_at(held, page.param) or 0) if page.place == "body" else int(call.params.get(str(page.param), 0))
    total = maybe_at(answer.document, page.total)
    step = 1 if page.style == "page_number" else len(items)
    end = None if total is None else int(total) + (1 if page.style == "page_number" else 0)
    return now + step if end is None or now + step < end else None
