"""Connections to outside systems, in Airflow's notation, so that one definition serves DAGs and the command line.

``AIRFLOW_CONN_<ID>`` holds a URI or a JSON object. Secrets are read from the environment only, never from a file.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from backhaul.errors import Explained


class ConnectionMissing(Explained):
    """The connection that a source names is not defined."""


class ConnectionUnreadable(Explained, ValueError):
    """A connection is defined, but not in a form that can be read; the message never quotes it."""


@dataclass(frozen=True)
class Connection:
    """Where and as whom; the password is left out of ``repr`` so that it reaches no log."""

    id: str
    type: str
    host: str = ""
    port: int | None = None
    login: str = ""
    password: str = field(default="", repr=False)
    schema: str = ""
    extra: dict[str, Any] = field(default_factory=dict, repr=False)

    def postgres_uri(self) -> str:
        """A libpq URI of this connection; a host that is a folder is the server's socket there."""
        user = quote(self.login, safe="") + (f":{quote(self.password, safe='')}" if self.password else "")
        socket = self.host.startswith("/")
        place = "" if socket else f"{self.host or 'localhost'}:{self.port or 5432}"
        options = {**({"host": self.host} if socket else {}), **{key: str(value) for key, value in self.extra.items()}}
        query = "?" + urlencode(options) if options else ""
        return f"postgresql://{user + '@' if user else ''}{place}/{quote(self.schema, safe='')}{query}"


def lend(connection_id: str, secret: str) -> None:
    """Let this process, and those it starts, know a connection as Airflow writes it."""
    os.environ[_variable(connection_id)] = secret


def _variable(connection_id: str) -> str:
    return f"AIRFLOW_CONN_{connection_id.upper()}"


def resolve(connection_id: str) -> Connection:
    """The connection of that id. Raises :class:`ConnectionMissing` or :class:`ConnectionUnreadable`."""
    variable = _variable(connection_id)
    value = os.environ.get(variable, "").strip()
    if not value:
        raise ConnectionMissing(
            f"Connection {connection_id!r} is not defined: set the environment variable {variable} to a URI "
            "(type://login:password@host:port/schema) or to Airflow's JSON form."
        )
    is_json = value.startswith("{")
    try:
        return _from_json(connection_id, value) if is_json else _from_uri(connection_id, value)
    except (ValueError, TypeError):
        # The value holds a secret: neither it nor the parser's message (which may quote it) is shown.
        hint = "" if is_json else " Characters such as / # @ in a password are written %2F %23 %40."
        raise ConnectionUnreadable(
            f"{variable} is not valid as {'JSON' if is_json else 'the URI'} of an Airflow connection.{hint}"
        ) from None


def _from_json(connection_id: str, value: str) -> Connection:
    raw = json.loads(value)
    extra = raw.get("extra") or {}
    return Connection(
        id=connection_id,
        type=str(raw.get("conn_type", "")),
        host=str(raw.get("host") or ""),
        port=int(raw["port"]) if raw.get("port") else None,
        login=str(raw.get("login") or ""),
        password=str(raw.get("password") or ""),
        schema=str(raw.get("schema") or ""),
        extra=json.loads(extra) if isinstance(extra, str) else dict(extra),
    )


def _from_uri(connection_id: str, value: str) -> Connection:
    parts = urlsplit(value)
    extra: dict[str, Any] = dict(parse_qsl(parts.query))
    if packed := extra.pop("__extra__", None):  # how Airflow writes what is more than text
        extra |= dict(json.loads(packed))
    return Connection(
        id=connection_id,
        type=parts.scheme,
        host=unquote(parts.hostname or "") or extra.pop("host", ""),
        port=parts.port,
        login=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        schema=unquote(parts.path.lstrip("/")),
        extra=extra,
    )
