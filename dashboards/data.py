"""Rows of the published warehouse for the pages: named queries, cached per published file.

A published file's name is never reused, so the file's path is the version in every cache key: when the pointer moves,
the next run of a page asks under another key, and no page mixes two publishes.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import streamlit as st

from backhaul.publishing import Publish, current, history
from backhaul.settings import get_settings
from dashboards.access import Scope
from dashboards.scoped import Opened, open_scoped, tables_of

QUERIES = Path(__file__).with_name("queries")
# Roll-ups are small: a reader needs little, and many readers share the machine with a build.
READER_MEMORY = "1GB"
# A scoped reader's roll-ups are made of facts, in memory: the medians of 440,000 units wanted more than 1 GB.
SCOPED_MEMORY = "2GB"
READER_THREADS = 2

Row = dict[str, Any]


def current_publish() -> Publish | None:
    """The publish that the pointer names now; None before the first, or while no file stands behind the pointer."""
    settings = get_settings()
    publish = current(settings)
    return publish if publish and publish.path(settings).exists() else None


def earlier_publishes(now: Publish) -> list[Publish]:
    """The publishes before the current one that are kept, the newest first. One that was taken back is none of them."""
    return [kept for kept in reversed(history(get_settings())) if kept.publish_id < now.publish_id]


@st.cache_resource(max_entries=8, show_spinner=False)
def _opened(path: str, scope: Scope | None) -> Opened:
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": SCOPED_MEMORY if scope else READER_MEMORY,
        "threads": READER_THREADS,
        "enable_external_access": False,
    }
    return open_scoped(path, scope, config) if scope else Opened(duckdb.connect(path, read_only=True, config=config))


def connection(path: str, scope: Scope | None = None) -> duckdb.DuckDBPyConnection:
    """This process's one read-only connection to what a reader may see of a file. Never query it: take a cursor."""
    return _opened(path, scope).connection


def is_closed(path: str, scope: Scope, query: str) -> bool:
    """Whether ``queries/<query>.sql`` asks for what is known of the whole business only."""
    return not _opened(path, scope).closed.isdisjoint(_tables(query))


@cache
def statement(query: str) -> tuple[str, frozenset[str]]:
    """The text of ``queries/<query>.sql`` and the parameters it asks for."""
    sql = (QUERIES / f"{query}.sql").read_text(encoding="utf-8")
    return sql, frozenset(re.findall(r"\$([a-z_]+)", sql))


@cache
def _tables(query: str) -> frozenset[str]:
    return tables_of(statement(query)[0])


def file_of(publish: Publish) -> str:
    """The path of a publish's file."""
    return str(publish.path(get_settings()))


def rows(path: str, scope: Scope | None, query: str, **parameters: object) -> list[Row]:
    """The rows of ``queries/<query>.sql`` over what a reader may see of a published file, as dictionaries.

    Decimals stay decimals. Of the parameters those are handed on that the query asks for. All readers of the same rows
    share them: nobody changes them.

    Raises:
        duckdb.Error: the file cannot be read, or holds other tables than the query names.
    """
    _sql, wanted = statement(query)
    given = tuple(sorted((name, value) for name, value in parameters.items() if name in wanted))
    return list(_rows(path, scope, query, given))


@st.cache_resource(max_entries=1000, show_spinner=False)
def _rows(path: str, scope: Scope | None, query: str, parameters: tuple[tuple[str, object], ...]) -> list[Row]:
    sql, _wanted = statement(query)
    # held here: a connection that is dropped closes its cursors
    opened = _opened(path, scope)
    opened.prepare(_tables(query) if opened.waiting else ())
    with opened.connection.cursor() as cursor:
        found = cursor.execute(sql, dict(parameters) or None)
        told = found.description or ()
        names = [column[0] for column in told]
        answer = [dict(zip(names, values, strict=True)) for values in found.fetchall()]
    for key in (name for name, kind, *_ in told if kind == "UUID"):
        # as the text that stands in links and in files to download
        for row in answer:
            row[key] = row[key] and str(row[key])
    return answer
