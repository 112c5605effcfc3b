"""What commands print: results to standard output, errors in plain words to standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from backhaul.errors import Explained

# in a pipe there is no width to fit into
console = Console(soft_wrap=True, highlight=False, width=None if sys.stdout.isatty() else 240)
errors = Console(stderr=True, soft_wrap=True, highlight=False)


@contextmanager
def plain_errors() -> Iterator[None]:
    """What went wrong in one paragraph, not a traceback, for the errors that users can act on."""
    try:
        yield
    except (Explained, OSError) as error:
        errors.print("[bold red]Error:[/] ", end="")
        errors.print(str(error), markup=False)
        raise typer.Exit(1) from error


def print_table(columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Rows under their columns."""
    table = Table(box=None, header_style="bold")
    for column in columns:
        table.add_column(column, no_wrap=True)
    for row in rows:
        # as it is: brackets in data are not markup
        table.add_row(*(Text("" if value is None else str(value)) for value in row))
    console.print(table)
