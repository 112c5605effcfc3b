"""sources.yml: which sources this installation reads, and from where."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from backhaul.errors import Explained, readable
from backhaul.settings import Settings
from ingestion.contract import GENERIC, kinds, kinds_with_tables


class ConfigError(Explained, ValueError):
    """sources.yml can't be used; the message names the entry and what to do."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FromFiles(_Strict):
    """A folder (or one file) that is searched at every run; a relative path starts at the home."""

    type: Literal["files"]
    path: str


class FromHttp(_Strict):
    """List endpoints of an EasyPost-style API; the connection's login is the API key."""

    type: Literal["http"]
    base_url: str = Field(pattern="^https?://")
    connection: str
    endpoints: tuple[str, ...] = ("trackers", "shipments")
    page_size: int = Field(100, ge=1, le=100)
    timeout_seconds: float = Field(30, gt=0)
    attempts: int = Field(6, ge=1, description="Tries of one request before the run fails.")


class Query(_Strict):
    """One table to pull: a table name or a SELECT; ``updated_at`` makes it incremental."""

    table: str
    query: str
    updated_at: str | None = None


class FromPostgres(_Strict):
    """Tables or queries of a PostgreSQL database, each landed as one Parquet file per pull."""

    type: Literal["postgres"]
    connection: str
    queries: tuple[Query, ...] = Field(min_length=1)


class Source(_Strict):
    """One configured source.

    ``overlap`` is how many days of history an incremental pull asks for again; ``full_snapshot`` says that each of its
    files holds everything, so that a record missing from the latest is gone.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")
    kind: str
    domain: Literal["returns", "carrier", "inventory"]
    origin: Annotated[FromFiles | FromHttp | FromPostgres, Field(discriminator="type", alias="from")]
    overlap: float = Field(7, ge=0)
    contract: str | None = None
    timezone: str | None = None
    encodings: tuple[str, ...] | None = None
    max_quarantined_share: float | None = Field(None, ge=0, le=1)
    full_snapshot: bool = False

    @model_validator(mode="after")
    def _kind_and_contract_fit(self) -> Source:
        if self.kind in GENERIC:
            if not self.contract:
                raise ValueError(f"kind {self.kind!r} needs `contract:`, the path of the file's description")
        elif self.kind not in kinds():
            raise ValueError(f"unknown kind {self.kind!r}; there are: {', '.join([*kinds(), *GENERIC])}")
        elif self.contract and self.kind in kinds_with_tables():
            raise ValueError(f"the kind {self.kind!r} has tables of its own: it takes no `contract:`")
        return self


def load_sources(settings: Settings) -> list[Source]:
    """The configured sources, in file order; none when the file is absent or empty.

    Raises :class:`ConfigError`.
    """
    path = settings.sources_file
    if not path.is_file():
        return []
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ConfigError(f"{path} is not valid YAML: {error}") from error
    if raw is None:
        return []
    entries = raw.get("sources", []) if isinstance(raw, dict) else None
    if not isinstance(entries, list | None) or not isinstance(raw, dict):
        raise ConfigError(f"{path}: expected a list under `sources:`.")
    sources: list[Source] = []
    for number, entry in enumerate(entries or [], 1):
        label = entry.get("id", f"number {number}") if isinstance(entry, dict) else f"number {number}"
        try:
            source = Source.model_validate(entry)
        except ValidationError as error:
            raise ConfigError(f"{path}, source {label}: {readable(error)}") from error
        if any(source.id == other.id for other in sources):
            raise ConfigError(f"{path}: two sources have the id {source.id!r}; give one another id.")
        sources.append(source)
    return sources


def sources_of(settings: Settings, domain: str) -> list[Source]:
    """The configured sources of a domain (returns, carrier or inventory)."""
    return [source for source in load_sources(settings) if source.domain == domain]


def find_source(settings: Settings, source_id: str) -> Source:
    """The source of that id. Raises :class:`ConfigError` when there is none."""
    sources = load_sources(settings)
    for source in sources:
        if source.id == source_id:
            return source
    known = ", ".join(source.id for source in sources) or "none yet"
    raise ConfigError(f"No source {source_id!r} in {settings.sources_file}; configured: {known}.")


def resolve_path(settings: Settings, path: str) -> Path:
    """A path of sources.yml: absolute, or relative to the home."""
    found = Path(path).expanduser()
    return found if found.is_absolute() else settings.root / found
