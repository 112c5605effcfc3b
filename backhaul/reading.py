"""Reading the published warehouse: the one way in for dashboards, trace and the command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from backhaul.publishing import NothingToPublish, Publish, current
from backhaul.settings import Settings


@contextmanager
def published(settings: Settings) -> Iterator[tuple[Publish, duckdb.DuckDBPyConnection]]:
    """The current publish and a read-only connection to its file.

    Raises:
        NothingToPublish: nothing was published yet.
    """
    publish = current(settings)
    if publish is None:
        raise NothingToPublish("Nothing is published yet: run `make up`, or `backhaul run`.")
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": settings.memory_limit,
        "threads": settings.threads,
        "enable_external_access": False,
    }
    with duckdb.connect(str(publish.path(settings)), read_only=True, config=config) as connection:
        yield publish, connection
