"""What a person sees while a cycle runs: one line per task, and the newest line of whatever is running."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from backhaul.services.airflow_api import Run, Task
from backhaul.services.cycle import Cycle

_STYLES = {"success": "green", "failed": "red", "upstream_failed": "red", "running": "cyan", "up_for_retry": "yellow"}
_DONE = ("success", "failed", "upstream_failed", "skipped")
# Tasks without work of their own: they are shown only when something is wrong with them.
_WIRING = ("announce", "every_source_ingested", "list_sources")


@contextmanager
def shown(console: Console) -> Iterator[Callable[[Cycle], None]]:
    """Give a function that shows a cycle: a live table on a terminal, else one line per change."""
    if console.is_terminal:
        with Live(console=console, refresh_per_second=4, transient=True) as live:
            yield lambda cycle: live.update(_table(cycle))
        return
    seen: dict[tuple[str, str, int], str] = {}

    def lines(cycle: Cycle) -> None:
        for run, task in _interesting(cycle):
            key = (run.run_id, task.task_id, task.map_index)
            if seen.get(key) != task.state and (task.state in _DONE or task.state in _STYLES):
                console.print(f"  {_name(run, task)}: {task.state}{_took(task)}", markup=False, highlight=False)
                seen[key] = task.state

    yield lines


def _table(cycle: Cycle) -> Table:
    table = Table.grid(padding=(0, 2))
    for run, task in _interesting(cycle):
        word = cycle.last_word(run, task)[:70] if task.state == "running" else _took(task)
        table.add_row(_name(run, task), Text(task.state, _STYLES.get(task.state, "dim")), Text(word, "dim"))
    return table


def _interesting(cycle: Cycle) -> Iterator[tuple[Run, Task]]:
    for run, tasks in cycle.tasks.items():
        for task in tasks:
            if task.task_id not in _WIRING or task.state in ("failed", "up_for_retry"):
                yield run, task


def _name(run: Run, task: Task) -> str:
    return f"{run.dag_id} {task.label if task.map_index >= 0 else task.task_id}"


def _took(task: Task) -> str:
    return f" ({task.seconds:.0f} s)" if task.seconds is not None and task.state in _DONE else ""
