"""Who reads: signed in by OpenID Connect where it is set up, with the role and the rows that ``access.yml`` grants.

Without a provider there is no sign-in, and whoever reaches the loopback address reads everything. Nobody can write.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import streamlit as st
import yaml
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from backhaul.errors import Explained, readable
from backhaul.settings import get_settings

Role = Literal["viewer", "analyst", "admin"]
RANK: dict[Role, int] = {"viewer": 0, "analyst": 1, "admin": 2}
# What rows can be kept to: a vendor's goods, or what a site receives.
ScopeColumn = Literal["vendor_id", "node_id"]


class AccessFileBroken(Explained):
    """access.yml cannot be read; nobody is let in until it can."""


class SignIn(BaseSettings):
    """The identity provider, from ``BACKHAUL_OIDC_*``; sign-in is on when the first three are set."""

    model_config = SettingsConfigDict(env_prefix="BACKHAUL_OIDC_", extra="ignore")

    metadata_url: str | None = Field(None, description="The provider's .well-known/openid-configuration.")
    client_id: str | None = None
    client_secret: SecretStr | None = None
    cookie_secret: SecretStr | None = Field(None, description="Signs the cookie; any long random text.")
    address: str | None = Field(None, description="Of the dashboards, as the provider sends people back to it.")

    @property
    def is_on(self) -> bool:
        return bool(self.metadata_url and self.client_id and self.client_secret)

    def secrets(self) -> dict[str, Any] | None:
        """What Streamlit's own sign-in asks for; None when there is no provider.

        Raises:
            AccessFileBroken: a provider is named, and the rest of what it needs is not.
        """
        if not self.is_on:
            return None
        if not self.cookie_secret or not self.address:
            raise AccessFileBroken("Sign-in also needs BACKHAUL_OIDC_COOKIE_SECRET and BACKHAUL_OIDC_ADDRESS.")
        assert self.client_secret is not None
        return {
            "auth": {
                "redirect_uri": f"{self.address.rstrip('/')}/oauth2callback",
                "cookie_secret": self.cookie_secret.get_secret_value(),
                "client_id": self.client_id,
                "client_secret": self.client_secret.get_secret_value(),
                "server_metadata_url": self.metadata_url,
            }
        }


@dataclass(frozen=True)
class Scope:
    """The rows that a reader may see: those whose column holds a member, and what belongs to their units."""

    column: ScopeColumn
    members: tuple[str, ...]


class Scoped(BaseModel):
    """What an entry of a file in the home says of the rows it is about."""

    model_config = ConfigDict(extra="forbid")

    scope: dict[ScopeColumn, list[str]] = Field(default_factory=dict, max_length=1)

    def as_scope(self) -> Scope | None:
        """None for every row."""
        return next((Scope(column, tuple(sorted(members))) for column, members in self.scope.items()), None)


class Grant(Scoped):
    """One line of ``access.yml``: whom it is for (a group, an address, or everyone signed in), and what it gives."""

    group: str | None = None
    email: str | None = None
    everyone: bool = False
    role: Role = "viewer"

    def is_for(self, email: str, groups: Sequence[str]) -> bool:
        if self.group:
            return self.group in groups
        return self.everyone or (bool(email) and email == (self.email or "").lower())


class AccessFile(BaseModel):
    """``access.yml`` of the home: the claim that names a person's groups, and grants; the first that fits counts."""

    model_config = ConfigDict(extra="forbid")

    claim: str = "groups"
    trust_email: bool = Field(False, description="Take an address that the provider does not say it has verified.")
    grants: list[Grant] = Field(default_factory=list)


@dataclass(frozen=True)
class Reader:
    """Who reads a page, with what role, and which rows (None: all)."""

    name: str
    role: Role
    scope: Scope | None = None

    def may(self, role: Role) -> bool:
        return RANK[self.role] >= RANK[role]


ANYBODY = Reader("", "admin")
"""Who reads where there is no sign-in: whoever sits at the machine."""


def access_file(path: Path) -> AccessFile:
    """The grants; none when there is no file.

    Raises:
        AccessFileBroken: it is not YAML, or says what it should not.
    """
    if not path.exists():
        return AccessFile()
    try:
        return AccessFile.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
    except yaml.YAMLError as error:
        raise AccessFileBroken(f"{path} is not valid YAML: {error}") from error
    except ValidationError as error:
        raise AccessFileBroken(f"{path} cannot be used: {readable(error)}") from error


def granted(access: AccessFile, claims: Mapping[str, Any]) -> Reader | None:
    """The reader that a person's claims make; None when no grant is for them.

    An address counts only when the provider says that it was verified, or the file says to trust it.
    """
    told = claims.get(access.claim) or []
    groups = [told] if isinstance(told, str) else list(told)
    is_verified = access.trust_email or claims.get("email_verified") in (True, "true")
    email = str(claims.get("email") or "").lower() if is_verified else ""
    grant = next((grant for grant in access.grants if grant.is_for(email, groups)), None)
    if grant is None:
        return None
    return Reader(str(claims.get("name") or email or claims.get("sub") or ""), grant.role, grant.as_scope())


_standing_in: list[Reader] = []


@contextmanager
def reading_as(person: Reader) -> Iterator[None]:
    """In this process every page is read as this person, without sign-in: for pages that are made to be sent."""
    _standing_in.append(person)
    try:
        yield
    finally:
        _standing_in.pop()


def reader() -> Reader | None:
    """Who reads this page; None when they have to sign in first, or no grant is for them (``is_signed_in`` tells)."""
    if _standing_in:
        return _standing_in[-1]
    if not SignIn().is_on:
        return ANYBODY
    if not is_signed_in():
        return None
    return granted(access_file(get_settings().root / "access.yml"), st.user.to_dict())


def is_signed_in() -> bool:
    """Whether the provider vouched for whoever reads."""
    return bool(st.user.get("is_logged_in"))
