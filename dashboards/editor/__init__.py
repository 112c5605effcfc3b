"""The SQL editor: a text area that colours SQL and completes names, built on Streamlit's own components.

The editors that others publish for Streamlit have had no release since 2024 or load their code from a server elsewhere;
this one is a plain text area underneath, so that keyboards, screen readers and phones work as they do everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypedDict

import streamlit as st

from backhaul.sandbox.check import FUNCTIONS

HERE = Path(__file__).parent
_KEYWORDS = (
    "all and anti any array as asc asof between by case cast collate columns cross current_date cte cube desc "
    "describe distinct else end except exclude exists false filter following from full group grouping having ilike in "
    "inner intersect interval into is join lateral left like limit not null nulls offset on or order outer over "
    "partition pivot preceding qualify range recursive replace right rollup rows sample select semi sets summarize "
    "table then true try_cast unbounded union unnest unpivot using values when where window with"
)


class Listed(TypedDict):
    """A table to complete from: its name with the schema, and its columns."""

    name: str
    columns: list[str]


@cache
def _component() -> Any:
    return st.components.v2.component(
        "sql_editor",
        css=(HERE / "editor.css").read_text(encoding="utf-8"),
        js=(HERE / "editor.js").read_text(encoding="utf-8"),
    )


def editor(
    label: str, text: str, tables: list[Listed], on_text: Callable[[], None], on_run: Callable[[], None], key: str
) -> None:
    """Mount the editor. ``st.session_state[key]`` then holds ``sql``, the text, and ``run``, the text to run.

    Args:
        label: for screen readers.
        text: what it shows.
        tables: what is completed.
        on_text: called when the text has changed.
        on_run: called on Ctrl+Enter.
        key: of the session state.
    """
    functions = sorted(name for name in FUNCTIONS if name[0].isalpha())
    _component()(
        key=key,
        data={"label": label, "text": text, "tables": tables, "keywords": _KEYWORDS.split(), "functions": functions},
        default={"sql": text},
        on_sql_change=on_text,
        on_run_change=on_run,
    )
