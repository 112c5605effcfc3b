"""The server of a simulated business's vendors, on this machine only."""

from __future__ import annotations

from functools import partial

import uvicorn

from backhaul.connections import resolve
from backhaul.errors import Explained
from backhaul.settings import Settings
from simulator.vendors import API_KEY, EVENTS
from simulator.vendors.easypost import easypost
from simulator.vendors.objects import Objects
from simulator.vendors.webhooks import sending


class NothingToServe(Explained):
    """The home holds no simulated business, or what serving it needs is missing or wrong."""


def serve(settings: Settings, port: int, per_second: int | None = None, webhooks: str | None = None) -> None:
    """Serve until the process is ended; ``webhooks`` is the address to which events are posted.

    The key and the webhooks' secret are those of the connections ``easypost`` and ``easypost_events``. Raises
    :class:`NothingToServe` and ``ConnectionMissing``.
    """
    if not (settings.root / "truth" / "labels.csv").exists():
        raise NothingToServe(
            f"{settings.root} holds no simulated business: run `backhaul simulate --api-port {port}` first."
        )
    key = resolve(API_KEY).login
    if not key:
        raise NothingToServe(f"Connection {API_KEY!r} has no login; the API's key belongs there.")
    lists = {kind: Objects(settings.root / "drop" / "easypost", kind) for kind in ("trackers", "shipments")}
    if webhooks and not webhooks.startswith(("http://", "https://")):
        raise NothingToServe(f"{webhooks!r} is no address to post webhooks to: it begins with http:// or https://.")
    beside = partial(sending, lists["trackers"], webhooks, _secret()) if webhooks else None
    app = easypost(lists, key, per_second, beside)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", server_header=False)


def _secret() -> str:
    secret = resolve(EVENTS).password
    if not secret:
        raise NothingToServe(f"Connection {EVENTS!r} has no password; the webhooks' secret belongs there.")
    return secret
