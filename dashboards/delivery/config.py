"""``deliveries.yml`` of the home: which reports and alerts are sent, to whom, when, and of which rows."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator

from backhaul.errors import Explained, readable
from dashboards.access import Reader, Scoped
from dashboards.filters import DIMENSIONS

WEBHOOK = "webhook"
When = Literal["publish", "daily", "weekly", "monthly"]


class DeliveriesBroken(Explained):
    """deliveries.yml cannot be used; the message names the entry and what is wrong with it."""


class Delivery(Scoped):
    """What reports and alerts have in common: a name, a language, the members shown, the rows, and the receivers.

    ``filters`` holds parameters of the pages' addresses (channel, category, node, carrier, type) with one member each.
    Without a ``scope`` everything is read, as the installation itself does.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")
    language: Literal["en", "fr"] = "en"
    filters: dict[str, str] = Field(default_factory=dict)
    to: tuple[str, ...] = ()
    # whoever knows the address of a webhook may write to it
    webhook: SecretStr | None = None

    @field_validator("filters")
    @classmethod
    def _filters_are_known(cls, told: dict[str, str]) -> dict[str, str]:
        if unknown := sorted(set(told) - set(DIMENSIONS)):
            raise ValueError(f"unknown: {', '.join(unknown)}; there are: {', '.join(DIMENSIONS)}")
        return told

    @field_validator("to")
    @classmethod
    def _addresses_look_like_it(cls, told: tuple[str, ...]) -> tuple[str, ...]:
        for address in told:
            name, _, host = address.partition("@")
            if not name or not host or "@" in host or any(letter.isspace() or letter in "<>,;" for letter in address):
                raise ValueError(f"{address!r} is not an e-mail address")
        return tuple(dict.fromkeys(told))

    @field_validator("webhook")
    @classmethod
    def _webhook_is_an_address(cls, told: SecretStr | None) -> SecretStr | None:
        if told and not told.get_secret_value().startswith(("https://", "http://")):
            raise ValueError("a webhook begins with https:// or http://")
        return told

    @model_validator(mode="after")
    def _somebody_receives_it(self) -> Delivery:
        if not self.targets:
            raise ValueError("nobody receives it: give `to:` or `webhook:`")
        return self

    @property
    def targets(self) -> list[str]:
        """The receivers, each of whom gets it once: addresses, and ``webhook``."""
        return [*self.to, *([WEBHOOK] if self.webhook else [])]

    @property
    def reader(self) -> Reader:
        """As whom it is read."""
        return Reader("", "viewer", self.as_scope())


class ReportDelivery(Delivery):
    """A page, sent as a file. ``period`` as in the address of the page, or ``latest`` for the latest month."""

    page: str
    period: str | None = None
    when: When = "publish"


class AlertDelivery(Delivery):
    """A bound of a metric (on its latest month with a figure), or warnings of a rule that have been known for long.

    Bounds are in the unit of the metric; a ratio is a fraction: 0.25 is 25 %.
    """

    kpi: str | None = None
    above: Decimal | None = None
    below: Decimal | None = None
    finding: str | None = None
    older_than_days: int | None = Field(None, ge=0)

    @model_validator(mode="after")
    def _one_kind_of_alert(self) -> AlertDelivery:
        is_bounded = self.above is not None or self.below is not None
        if (self.kpi is None) == (self.finding is None):
            raise ValueError("an alert watches either a `kpi:` or a `finding:`")
        if self.kpi and (not is_bounded or self.older_than_days is not None):
            raise ValueError("`kpi:` goes with `above:` or `below:`, or both")
        if self.finding and (is_bounded or self.older_than_days is None or self.filters):
            raise ValueError("`finding:` goes with `older_than_days:`, and without bounds and filters")
        if self.finding and self.scope:
            raise ValueError("`finding:` is of the whole business: it goes without `scope:`")
        return self


class Deliveries(BaseModel):
    """The whole file. Ids are unique, for what was sent is kept under them."""

    model_config = ConfigDict(extra="forbid")

    reports: tuple[ReportDelivery, ...] = ()
    alerts: tuple[AlertDelivery, ...] = ()


def load(path: Path) -> list[ReportDelivery | AlertDelivery]:
    """The deliveries in the order of the file; none when there is no file.

    Raises:
        DeliveriesBroken: it is not YAML, or says what it should not.
    """
    if not path.exists():
        return []
    try:
        told = Deliveries.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
    except yaml.YAMLError as error:
        raise DeliveriesBroken(f"{path} is not valid YAML: {error}") from error
    except ValidationError as error:
        raise DeliveriesBroken(f"{path}: {readable(error)}") from error
    found: list[ReportDelivery | AlertDelivery] = [*told.reports, *told.alerts]
    ids = [each.id for each in found]
    if twice := sorted({each for each in ids if ids.count(each) > 1}):
        raise DeliveriesBroken(f"{path}: {', '.join(twice)} stands there twice; give one another id.")
    return found


def is_new_time(when: When, now: date, last: date) -> bool:
    """Whether a later day, week (Monday to Sunday) or month has come since the last delivery; ``publish``: always."""
    match when:
        case "publish":
            return True
        case "daily":
            return now > last
        case "weekly":
            return now.isocalendar()[:2] > last.isocalendar()[:2]
        case "monthly":
            return (now.year, now.month) > (last.year, last.month)
