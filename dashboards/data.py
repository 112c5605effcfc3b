"""Rows of the published warehouse for the pages: named queries, cached per published file.

A published file's name is never reused, so the file's path is the version in every cache key: when the pointer moves,
the next run of a page asks under another key, and no page mixes two publishes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import streamlit as st

from backhaul.publishing import Publish, current
from backhaul.settings import get_settings

QUERIES = Path(__file__).with_name("queries")
# Roll-ups are small: a reader needs little, and many readers share the machine with a build.
READER_MEMORY = "1GB"
READER_THREADS = 2

Row = dict[str, Any]


def current_publish() -> Publish | None:
    """The publish that the pointer names now; None before the first, or while no file stands behind the pointer."""
    settings = get_settings()
    publish = current(settings)
    return publish if publish and publish.path(settings).exists() else None


@st.cache_resource(max_entries=2, show_spinner=False)
def connection(path: str) -> duckdb.DuckDBPyConnection:
    """The one read-only connection of this process to a published file. Never query it: take a cursor."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": READER_MEMORY,
        "threads": READER_THREADS,
        "enable_external_access": False,
    }
    return duckdb.connect(path, read_only=True, config=config)


def rows(publish: Publish, query: str, **parameters: object) -> list[Row]:
    """The rows of ``queries/<query>.sql`` over a publish, as dictionaries; decimals stay decimals.

    Raises:
        duckdb.Error: the file cannot be read, or holds other tables than the query names.
    """
    path = str(publish.path(get_settings()))
    return _rows(path, query, tuple(sorted(parameters.items())))


@st.cache_data(max_entries=500, show_spinner=False)
def _rows(path: str, query: str, parameters: tuple[tuple[str, object], ...]) -> list[Row]:
    sql = (QUERIES / f"{query}.sql").read_text(encoding="utf-8")
    # held here: a connection that is dropped closes its cursors
    opened = connection(path)
    with opened.cursor() as cursor:
        found = cursor.execute(sql, dict(parameters) or None)
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, values, strict=True)) for values in found.fetchall()]
