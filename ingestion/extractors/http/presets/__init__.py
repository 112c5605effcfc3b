"""Presets: what to ask an API for, kept as data in ``<name>.yml`` beside this file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from backhaul.errors import readable
from ingestion.config import ConfigError, FromHttp
from ingestion.http_requests import Auth, Request

FOLDER = Path(__file__).resolve().parent


class Preset(BaseModel):
    """One vendor's lists. An API whose address differs by customer has no ``base_url``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str | None = None
    auth: Auth | None = None
    requests: tuple[Request, ...] = ()


@dataclass(frozen=True)
class Api:
    """What a source asks for, complete."""

    base_url: str
    auth: Auth
    requests: tuple[Request, ...]


def names() -> list[str]:
    """The presets that there are."""
    return sorted(path.stem for path in FOLDER.glob("*.yml"))


def load(name: str) -> Preset:
    """The preset of that name. Raises ``ConfigError``."""
    if name not in names():
        raise ConfigError(f"There is no preset {name!r} of an HTTP API; there are: {', '.join(names())}.")
    path = FOLDER / f"{name}.yml"
    try:
        return Preset.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, ValidationError) as error:
        detail = readable(error) if isinstance(error, ValidationError) else str(error)
        raise ConfigError(f"{path.name}: {detail}") from error


def api_of(origin: FromHttp, kind: str) -> Api:
    """The origin with what its preset adds, by default that of the source's kind. Raises ``ConfigError``."""
    name = origin.preset or (kind if kind in names() else None)
    preset = load(name) if name else Preset()
    base_url = origin.base_url or preset.base_url
    auth = origin.auth or preset.auth
    requests = origin.requests or preset.requests
    missing = [word for word, value in (("base_url", base_url), ("auth", auth), ("requests", requests)) if not value]
    if missing or base_url is None or auth is None:
        where = f"the preset {name!r} does not say it" if name else f"the kind {kind!r} has no preset"
        raise ConfigError(f"`from: {{type: http}}` needs {' and '.join(missing)}: {where}.")
    return Api(base_url, auth, _chosen(requests, origin.endpoints))


def _chosen(requests: tuple[Request, ...], endpoints: tuple[str, ...] | None) -> tuple[Request, ...]:
    if endpoints is None:
        return tuple(request for request in requests if request.default)
    known = {request.name: request for request in requests}
    if unknown := [name for name in endpoints if name not in known]:
        raise ConfigError(f"`endpoints`: there is no {', '.join(unknown)}; there are: {', '.join(known)}.")
    return tuple(known[name] for name in endpoints)
