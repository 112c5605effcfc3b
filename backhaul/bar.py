"""What a person at a terminal sees of work that takes a while: a bar on standard error. Elsewhere nothing is shown."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sized
from typing import TypeVar

T = TypeVar("T")


def with_bar(items: Iterable[T], label: str) -> Iterator[T]:
    """The items, with a bar that says how many of them are done; how many there are, when they are counted.

    What is done between two of them has no bar of its own.
    """
    if not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    # A console knows from its making whether somebody sits there: one of its own, made now.
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        yield from shown.track(items, total=len(items) if isinstance(items, Sized) else None, description=label)
