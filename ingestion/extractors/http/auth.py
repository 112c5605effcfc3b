"""Showing who asks, in the ways that APIs want it."""

from __future__ import annotations

import time
from collections.abc import Generator

import httpx

from backhaul.connections import Connection
from ingestion.extractors.pulled import Refused
from ingestion.extractors.trying import Transient
from ingestion.http_requests import Auth

# A token is asked for anew this long before it ends, so that none ends on the way.
MARGIN_SECONDS = 60.0


def auth_of(auth: Auth, connection: Connection) -> httpx.Auth:
    """What adds the connection's secret to each request. Raises :class:`Refused` when the connection has none."""
    secret = connection.password or connection.login
    if not secret:
        raise Refused(f"Connection {connection.id!r} has neither login nor password; the API's key belongs there.")
    if auth.style == "basic":
        return httpx.BasicAuth(connection.login, connection.password)
    if auth.style.startswith("oauth2"):
        return _OAuth(auth, connection)
    return _Key(auth, secret)


class _Key(httpx.Auth):
    """A fixed key in a header or in the query."""

    def __init__(self, auth: Auth, secret: str) -> None:
        self._auth = auth
        self._secret = secret

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if self._auth.style == "query":
            request.url = request.url.copy_merge_params({self._auth.name: self._secret})
        else:
            request.headers[self._auth.name] = self._auth.written_before + self._secret
        yield request


class _OAuth(httpx.Auth):
    """A token that is got when needed, and once more when the API refuses it before its time."""

    requires_response_body = True

    def __init__(self, auth: Auth, connection: Connection) -> None:
        self._auth = auth
        self._connection = connection
        self._refresh_token = str(connection.extra.get("refresh_token") or "")
        self._token = ""
        self._ends = 0.0
        if auth.style == "oauth2_refresh" and not self._refresh_token:
            raise Refused(f"Connection {connection.id!r}: its extra has no `refresh_token`.")

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if time.monotonic() >= self._ends:
            self._keep((yield self._token_request()))
        response = yield self._signed(request)
        if response.status_code == 401:
            self._keep((yield self._token_request()))
            yield self._signed(request)

    def _signed(self, request: httpx.Request) -> httpx.Request:
        request.headers[self._auth.name] = self._auth.written_before + self._token
        return request

    def _token_request(self) -> httpx.Request:
        asked = {"client_id": self._connection.login, "client_secret": self._connection.password}
        if self._auth.style == "oauth2_refresh":
            asked |= {"grant_type": "refresh_token", "refresh_token": self._refresh_token}
        else:
            asked |= {"grant_type": "client_credentials"}
        if self._auth.scope:
            asked["scope"] = self._auth.scope
        return httpx.Request("POST", str(self._auth.token_url), data=asked)

    def _keep(self, response: httpx.Response) -> None:
        place = f"{response.url.host}{response.url.path}"
        if response.status_code == 429 or response.status_code >= 500:
            raise Transient(f"the token server {place} answers HTTP {response.status_code}")
        try:
            answer = response.json() if response.status_code == 200 else {}
            self._token = str(answer["access_token"])
            self._ends = time.monotonic() + float(answer.get("expires_in") or 3600) - MARGIN_SECONDS
            self._refresh_token = str(answer.get("refresh_token") or self._refresh_token)
        except (ValueError, KeyError, TypeError, AttributeError):
            # Not chained, not quoted: an answer may hold a token.
            raise Refused(
                f"The token server {place} gives no token (HTTP {response.status_code}); check login, password and "
                f"refresh token of connection {self._connection.id!r}, and `token_url`."
            ) from None
