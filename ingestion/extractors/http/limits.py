"""How long an answer asks to wait before the next request, in the ways that APIs say it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from ingestion.extractors.http.places import maybe_at


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that ``Retry-After`` asks to wait; it is a number or an HTTP date. None when it asks nothing."""
    value = headers.get("Retry-After", "").strip()
    if not value:
        return None
    if (seconds := _number(value)) is not None:
        return max(seconds, 0.0)
    try:
        return max((parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds(), 0.0)
    except (TypeError, ValueError):
        return None


def pause(headers: Mapping[str, str], document: Any) -> float:
    """Seconds to wait after this answer so that the next request is within the limit; mostly 0."""
    return max(_until_reset(headers), _until_leaked(headers), _between(headers), _until_restored(document))


def _until_reset(headers: Mapping[str, str]) -> float:
    """``X-RateLimit-Remaining: 0``, with the reset as seconds or as an instant."""
    for prefix in ("X-RateLimit-", "RateLimit-"):
        if _number(headers.get(f"{prefix}Remaining")) == 0:
            reset = _number(headers.get(f"{prefix}Reset")) or 1.0
            return max(reset - time.time(), 0.0) if reset > 1e9 else reset
    return 0.0


def _until_leaked(headers: Mapping[str, str]) -> float:
    """Shopify's bucket, ``39/40``: it leaks two a second or faster."""
    used, _, size = headers.get("X-Shopify-Shop-Api-Call-Limit", "").partition("/")
    full, calls = _number(size), _number(used)
    return 1.0 if full and calls is not None and calls >= full - 2 else 0.0


def _between(headers: Mapping[str, str]) -> float:
    """Amazon's rate, in requests a second."""
    rate = _number(headers.get("x-amzn-RateLimit-Limit"))
    return 1 / rate if rate and rate > 0 else 0.0


def _until_restored(document: Any) -> float:
    """GraphQL's cost: wait until what the same query takes is there again."""
    cost = maybe_at(document, "extensions.cost")
    wanted = _number(maybe_at(cost, "requestedQueryCost"))
    available = _number(maybe_at(cost, "throttleStatus.currentlyAvailable"))
    rate = _number(maybe_at(cost, "throttleStatus.restoreRate"))
    if wanted is None or available is None or not rate:
        return 0.0
    return max((wanted - available) / rate, 0.0)


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
