"""sources.yml: which sources this installation reads, and from where."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from backhaul.errors import Explained, readable
from backhaul.settings import Settings
from ingestion.contract import GENERIC, ChangeKind, OnChange, kinds, kinds_with_tables
from ingestion.http_requests import Auth, Request
from ingestion.signatures import Signature


class ConfigError(Explained, ValueError):
    """sources.yml can't be used; the message names the entry and what to do."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Origin(_Strict):
    """Where a source's data come from."""

    @property
    def connections(self) -> tuple[str, ...]:
        """The ids of the connections that a pull resolves."""
        return ()


class Filed(_Origin):
    """An origin of whole files. ``pattern`` is a glob on the end of a file's path.

    ``after`` is what becomes of a file there once all of it is in the lake. ``moved_to`` is the folder for those that
    are moved: ``../NAME`` beside the place, or ``.NAME`` in it, where no file is searched for.
    """

    pattern: str = "*"
    after: Literal["keep", "move", "delete"] = "keep"
    moved_to: str | None = Field(None, pattern=r"^(\.\./[^./]|\.[^./])[^/]*$")

    @property
    def place(self) -> str:
        """The folder, as it is written."""
        raise NotImplementedError

    @property
    def aside(self) -> str:
        """The folder for files that are moved, relative to the place."""
        name = PurePosixPath(self.place).name
        return self.moved_to or (f"../{name}.taken" if name else ".taken")

    @model_validator(mode="after")
    def _moves_out_of_the_place(self) -> Filed:
        if self.moved_to == f"../{PurePosixPath(self.place).name}":
            raise ValueError("`moved_to` is the place itself: name a folder beside it")
        return self


class FromFiles(Filed):
    """A folder (or one file) that is searched at every run; a relative path starts at the home."""

    type: Literal["files"]
    path: str

    @property
    def place(self) -> str:
        return self.path


class FromWebhook(FromFiles):
    """The folder in which ``ingestion.inbox`` keeps what is posted to it; the connection's password is the secret.

    An ingest reads the folder only and needs no connection.
    """

    type: Literal["webhook"]  # type: ignore[assignment]
    connection: str
    signature: Signature
    megabytes: float = Field(10, gt=0, description="A larger body is refused.")


class _Connected(_Origin):
    """An origin that is reached by one connection."""

    connection: str
    timeout_seconds: float = Field(30, gt=0, description="Silence after which the other side counts as gone.")
    attempts: int = Field(6, ge=1, description="Tries of one request or transfer before the run fails.")

    @property
    def connections(self) -> tuple[str, ...]:
        return (self.connection,)


class FromSftp(Filed, _Connected):
    """Files below a folder of an SFTP server.

    A file is left for the next run until it has kept its size and time for ``settle_seconds``.
    """

    type: Literal["sftp"]
    path: str = "."
    settle_seconds: float = Field(60, ge=0)

    @property
    def place(self) -> str:
        return self.path


class FromS3(Filed, _Connected):
    """Objects of a bucket below a prefix, by the S3 protocol."""

    type: Literal["s3"]
    bucket: str = Field(min_length=1)
    prefix: str = ""
    settle_seconds: float = Field(0, ge=0)

    @property
    def place(self) -> str:
        return self.prefix


class FromHttp(_Connected):
    """Lists of an HTTP API that answers in JSON.

    What is not said here comes from the preset, by default that of the source's kind; ``endpoints`` chooses among its
    requests.
    """

    type: Literal["http"]
    preset: str | None = Field(None, pattern=r"^[a-z0-9_]+$")
    base_url: str | None = Field(None, pattern="^https?://")
    auth: Auth | None = None
    requests: tuple[Request, ...] = ()
    endpoints: tuple[str, ...] | None = Field(None, min_length=1)
    page_size: int | None = Field(None, ge=1)
    max_pages: int = Field(10_000, ge=1, description="Pages of one list; more are taken for a loop.")


class Query(_Strict):
    """One table to pull: a table name or a SELECT; ``updated_at`` makes it incremental."""

    table: str
    query: str
    updated_at: str | None = None


class _FromSql(_Origin):
    """Tables or queries of a database, each landed as one Parquet file per pull, all of one snapshot."""

    connection: str
    queries: tuple[Query, ...] = Field(min_length=1)

    @property
    def connections(self) -> tuple[str, ...]:
        return (self.connection,)


class FromPostgres(_FromSql):
    """A PostgreSQL database."""

    type: Literal["postgres"]


class FromMariadb(_FromSql):
    """A MariaDB or MySQL database."""

    type: Literal["mariadb"]
    timeout_seconds: float = Field(300, gt=0, description="Silence after which the server counts as gone.")


Origin = Annotated[
    FromFiles | FromWebhook | FromSftp | FromS3 | FromHttp | FromPostgres | FromMariadb, Field(discriminator="type")
]


class Source(_Strict):
    """One configured source.

    ``overlap`` is how many days of history an incremental pull asks for again; ``full_snapshot`` says that each of its
    files holds everything, so that a record missing from the latest is gone. ``retention_days`` is how long landed
    bytes are kept; for ever when absent. ``month_first`` reads dates of a described kind that are written with the day
    first (31/12/2026) with the month first; ``currency`` (ISO 4217) is that of amounts whose file does not say it.
    ``expected_hours`` is how often something new should come; when nothing has for longer, the gate before a publish
    warns, or with ``if_late: stop`` stops it.
    ``on_change`` says for which changes of contract a batch is held (see ``ingestion.changes``); others are noted.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")
    kind: str
    domain: Literal["returns", "carrier", "inventory"]
    origin: Origin = Field(alias="from")
    overlap: float = Field(7, ge=0)
    contract: str | None = None
    timezone: str | None = None
    month_first: bool = False
    currency: str | None = Field(None, pattern="^[A-Z]{3}$")
    encodings: tuple[str, ...] | None = None
    max_quarantined_share: float | None = Field(None, ge=0, le=1)
    full_snapshot: bool = False
    on_change: dict[ChangeKind, OnChange] = {}
    retention_days: float | None = Field(None, gt=0)
    expected_hours: float | None = Field(None, gt=0)
    if_late: Literal["warn", "stop"] = "warn"

    @model_validator(mode="after")
    def _kind_and_contract_fit(self) -> Source:
        if self.kind in GENERIC:
            if not self.contract:
                raise ValueError(f"kind {self.kind!r} needs `contract:`, the path of the file's description")
        elif self.kind not in kinds():
            raise ValueError(f"unknown kind {self.kind!r}; there are: {', '.join([*kinds(), *GENERIC])}")
        elif self.contract and self.kind in kinds_with_tables():
            raise ValueError(f"the kind {self.kind!r} has tables of its own: it takes no `contract:`")
        elif (self.month_first or self.currency) and self.kind in kinds_with_tables():
            raise ValueError(f"the kind {self.kind!r} has tables of its own: it takes no `month_first:` or `currency:`")
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
