"""How lists of an HTTP API are asked for, in words of ``sources.yml`` and of the presets.

A path such as ``data.orders.nodes`` names a place in a JSON document; the empty path is the document itself.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Auth(_Strict):
    """How a request shows who asks; the secrets are the connection's.

    ``basic`` sends login and password. ``bearer``, ``header`` and ``query`` send the password, or the login of a
    connection without one. The ``oauth2`` styles get a token from ``token_url`` with login and password as client id
    and secret, ``oauth2_refresh`` with the extra ``refresh_token``. ``name`` is the header or the parameter.
    """

    style: Literal["basic", "bearer", "header", "query", "oauth2_client_credentials", "oauth2_refresh"]
    name: str = "Authorization"
    prefix: str | None = None
    token_url: str | None = Field(None, pattern="^https?://")
    scope: str | None = None

    @model_validator(mode="after")
    def _is_complete(self) -> Auth:
        if self.style.startswith("oauth2") and not self.token_url:
            raise ValueError(f"{self.style} needs `token_url`")
        return self

    @property
    def written_before(self) -> str:
        """What stands before the secret in the header."""
        if self.prefix is not None:
            return self.prefix
        return "Bearer " if self.name == "Authorization" and self.style != "header" else ""


_NEEDS = {
    "none": (),
    "cursor": ("param", "next"),
    "before_id": ("param", "field"),
    "page_number": ("param",),
    "offset": ("param",),
    "link_header": (),
    "next_url": ("next",),
}


class Page(_Strict):
    """How the next page is asked for.

    ``cursor``: the value at ``next`` goes into ``param``; ``before_id``: the last item's ``field`` does;
    ``page_number`` and ``offset`` count; ``link_header`` and ``next_url`` follow an address. ``more`` is the place of
    a flag that says whether there are more pages, ``total`` that of the number of pages (or of items, for
    ``offset``). ``place`` says whether ``param`` stands in the query or is a path in the body.
    """

    style: Literal["none", "cursor", "before_id", "page_number", "offset", "link_header", "next_url"] = "none"
    param: str | None = None
    place: Literal["query", "body"] = "query"
    next: str | None = None
    field: str | None = None
    more: str | None = None
    total: str | None = None
    start: int | None = None
    size_param: str | None = None
    size: int | None = Field(None, ge=1)

    @model_validator(mode="after")
    def _is_complete(self) -> Page:
        missing = [name for name in _NEEDS[self.style] if getattr(self, name) is None]
        if missing:
            raise ValueError(f"paging style {self.style!r} needs {', '.join(missing)}")
        return self

    @property
    def is_counted(self) -> bool:
        """Whether a page is named by its place in the list, which is another when items come or go before it."""
        return self.style in ("page_number", "offset")


class Incremental(_Strict):
    """How only what is new is asked for.

    The latest ``field`` of the items seen, less the source's overlap, goes into ``param`` as ``template`` says. A
    first pull asks for everything, or for ``first_days`` where the API wants a beginning.
    """

    field: str
    param: str
    place: Literal["query", "body"] = "query"
    format: Literal["iso", "date", "epoch", "epoch_ms"] = "iso"
    template: str = Field("{since}", pattern=r"\{since\}")
    first_days: float | None = Field(None, gt=0)


class Request(_Strict):
    """One list: each of its pages is landed as one file, ``<name>-<number>.json``.

    ``items`` is the place of the list in an answer; ``errors`` that of a list which, when not empty, makes an answer
    with status 200 a failure, as GraphQL does. A request that is not ``default`` is made when ``endpoints`` names it.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")
    path: str
    method: Literal["GET", "POST"] = "GET"
    params: dict[str, str | int] = {}
    headers: dict[str, str] = {}
    body: dict[str, Any] | None = None
    items: str
    errors: str | None = None
    page: Page = Page()
    incremental: Incremental | None = None
    default: bool = True

    @model_validator(mode="after")
    def _has_the_body_it_fills(self) -> Request:
        places = [self.page.place, self.incremental.place if self.incremental else "query"]
        if "body" in places and (self.body is None or self.method == "GET"):
            raise ValueError(f"request {self.name}: `place: body` needs `method: POST` and a `body`")
        return self
