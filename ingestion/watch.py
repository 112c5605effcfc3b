"""Watching file drops: what has settled is ingested at once instead of at the next scheduled run.

It looks at the folders every few seconds, because network drives tell nobody what happens on them.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from backhaul.errors import Explained
from backhaul.settings import Settings
from ingestion import landing
from ingestion.config import FromFiles, Source, load_sources, resolve_path

Looks = dict[Path, tuple[int, int]]


def watch(
    settings: Settings,
    ingest: Callable[[str, Sequence[Path]], object],
    stop: threading.Event,
    every_seconds: float = 5.0,
) -> None:
    """Call ``ingest`` with a source and its files that are new or changed and have kept size and time for one look.

    Runs until ``stop`` is set. A source whose ingest cannot be done is logged, and tried again at each look.
    """
    before: dict[str, Looks] = {}
    done: dict[str, Looks] = {}
    while not stop.is_set():
        for source in load_sources(settings):
            if not isinstance(source.origin, FromFiles):
                continue
            now = _look(settings, source.origin)
            _ingest_settled(source, now, before.get(source.id, {}), done.setdefault(source.id, {}), ingest)
            before[source.id] = now
        stop.wait(every_seconds)


def _ingest_settled(
    source: Source, now: Looks, before: Looks, done: Looks, ingest: Callable[[str, Sequence[Path]], object]
) -> None:
    settled = {path: seen for path, seen in now.items() if before.get(path) == seen != done.get(path)}
    if not settled:
        return
    try:
        logging.getLogger(__name__).info("%s", ingest(source.id, list(settled)))
    except (Explained, FileNotFoundError) as error:
        logging.getLogger(__name__).warning("%s is tried again: %s", source.id, error)
    else:
        done.update(settled)


def _look(settings: Settings, origin: FromFiles) -> Looks:
    """Size and time of change (nanoseconds) of each file of a drop; one that vanishes meanwhile is not there."""
    place = resolve_path(settings, origin.path)
    looks: Looks = {}
    for path in landing.files_in([place] if place.exists() else [], origin.pattern):
        try:
            found = path.stat()
        except FileNotFoundError:
            continue
        looks[path] = (found.st_size, found.st_mtime_ns)
    return looks
