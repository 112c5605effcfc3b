"""One run: what is due for the current publish is made and sent, each to each receiver once."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime

from filelock import FileLock, Timeout
from streamlit.logger import set_log_level

from backhaul.errors import Explained
from backhaul.ledger import Busy
from backhaul.publishing import NothingToPublish, Publish
from backhaul.settings import get_settings
from dashboards.data import current_publish, file_of, rows
from dashboards.delivery import post
from dashboards.delivery.alerts import state_of
from dashboards.delivery.config import (
    WEBHOOK,
    AlertDelivery,
    DeliveriesBroken,
    ReportDelivery,
    is_new_time,
    load,
)
from dashboards.delivery.message import Message, key_of
from dashboards.delivery.pages import report_message
from dashboards.delivery.sent import Receipts

log = logging.getLogger(__name__)


class DeliveryFailed(Explained):
    """Some of what was due did not go out; the message names each with its reason. The rest did."""

    is_transient = True


def deliver(only: str | None = None, *, dry_run: bool = False) -> Iterator[str]:
    """Send what is due; gives a line on each thing as it is done. Nothing goes to a receiver twice for one publish.

    Args:
        only: the id of one delivery.
        dry_run: make everything, send nothing, keep no receipt.

    Raises:
        Busy: another run is sending.
        DeliveriesBroken: deliveries.yml cannot be used, or has no such id.
        NothingToPublish: nothing was published yet.
        DeliveryFailed: at the end, if any of it could not be sent.
    """
    # pages that are run without a browser say so, again and again
    set_log_level("error")
    settings = get_settings()
    path = settings.root / "deliveries.yml"
    wanted = load(path)
    if only is not None:
        known = ", ".join(each.id for each in wanted) or "none yet"
        wanted = [each for each in wanted if each.id == only]
        if not wanted:
            raise DeliveriesBroken(f"{path} has no {only!r}; there are: {known}.")
    if not wanted:
        yield f"Nothing to deliver: there is no report or alert in {path}."
        return
    publish = current_publish()
    if publish is None:
        raise NothingToPublish("Nothing is published yet: run `make up`, or `backhaul run`.")
    [extent] = rows(file_of(publish), None, "extent")
    if extent["first_month"] is None:
        yield "Nothing to deliver: no month has a figure yet."
        return
    settings.run.mkdir(parents=True, exist_ok=True)
    failed: list[str] = []
    try:
        with FileLock(settings.run / "deliver.lock", timeout=0):
            for each in wanted:
                yield from _one(each, publish, extent["as_of"], failed, dry_run=dry_run)
    except Timeout as error:
        raise Busy(f"Another delivery is running in {settings.root}; wait for it to end and try again.") from error
    if failed:
        raise DeliveryFailed("Not delivered:\n" + "\n".join(failed))


def _one(
    delivery: ReportDelivery | AlertDelivery, publish: Publish, as_of: datetime, failed: list[str], *, dry_run: bool
) -> Iterator[str]:
    """One delivery to each of its receivers; what goes wrong with one is kept, and the next is tried."""
    try:
        receipts = Receipts(get_settings().root / "deliveries" / f"{delivery.id}.json")
        due, message, is_raised = _due(delivery, publish, as_of, receipts)
    except Explained as error:
        failed.append(f"{delivery.id}: {error}")
        return
    except Exception as error:
        log.exception("%s", delivery.id)
        failed.append(f"{delivery.id}: {type(error).__name__}: {error}")
        return
    if message is None or not due:
        yield f"{delivery.id}: nothing due"
        return
    for target in due:
        if dry_run:
            yield f"{delivery.id}: would go to {target}: {message.subject}"
            continue
        try:
            _send(delivery, message, target, publish)
        except Exception as error:  # noqa: BLE001 - whatever one address runs into, the next is tried
            failed.append(f"{delivery.id} to {target}: {error}")
            continue
        receipts.add(target, publish.publish_id, as_of, is_raised=is_raised)
        yield f"{delivery.id}: sent to {target}: {message.subject}"


def _due(
    delivery: ReportDelivery | AlertDelivery, publish: Publish, as_of: datetime, receipts: Receipts
) -> tuple[list[str], Message | None, bool]:
    """Who is to get it now, what, and whether it is an alert that lasts. Only what is due is made."""
    left = [target for target in delivery.targets if not receipts.has(target, publish.publish_id)]
    if isinstance(delivery, ReportDelivery):
        due = [target for target in left if _is_time(delivery, receipts, target, as_of)]
        return due, report_message(delivery, publish) if due else None, False
    state = state_of(delivery, publish) if left else None
    if state is None:
        return [], None, False
    # who was told that it is on is told when it is over
    told = [target for target in left if (last := receipts.last(target)) and last.is_raised]
    return (left if state.is_raised else told), state.message, state.is_raised


def _is_time(report: ReportDelivery, receipts: Receipts, target: str, as_of: datetime) -> bool:
    last = receipts.last(target)
    return last is None or is_new_time(report.when, as_of.date(), last.knew.date())


def _send(delivery: ReportDelivery | AlertDelivery, message: Message, target: str, publish: Publish) -> None:
    key = key_of(delivery.id, publish.publish_id, target)
    if target == WEBHOOK:
        assert delivery.webhook
        known = {"id": delivery.id, "publish_id": publish.publish_id}
        post.call(delivery.webhook, message.as_json() | known, key)
    else:
        server, sender = post.smtp()
        post.mail(server, message.as_mail(sender, target, key))
