"""The command that erases a person: what would be done, the deed, and the proof over every file of the home."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from backhaul import remains
from backhaul.console import console, errors, plain_errors, print_table
from backhaul.ledger import compaction_lock, writer_lock
from backhaul.settings import Settings, get_settings

if TYPE_CHECKING:
    from ingestion.erasure import Plan, Sums


def erase(
    customer: Annotated[
        str, typer.Option("--customer", help="Customer number, as in the lake; - reads it from standard input.")
    ],
    source: Annotated[str | None, typer.Option("--source", help="Id of a source; all by default.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Erase without asking.")] = False,
) -> None:
    """Erase a person from landing, lake, quarantine and the warehouse, and prove it; totals stay."""
    from ingestion.erasure import open_erasure, totals

    if customer == "-":
        customer = sys.stdin.readline().rstrip("\r\n")
    if not customer.strip():
        raise typer.BadParameter("a customer number is needed")
    settings = get_settings()
    with plain_errors():
        before = remains.find(settings, customer)
        with open_erasure(settings, customer, source) as erasure:
            plan = erasure.plan()
            stale = _stale(settings, before)
            _show(settings, plan, stale)
            is_done = plan.is_empty and not stale
            if is_done or not (yes or _agreed()):
                console.print("There is nothing to erase." if is_done else "Nothing was erased; --yes erases it.")
                _prove(settings, [before, before])
                return
            counted = totals(settings)
            erasure.run()
            recounted = totals(settings)
        _renew(settings, stale)
        _tell_totals(counted, recounted)
        _prove(settings, [before, remains.find(settings, customer)])


def _agreed() -> bool:
    return sys.stdin.isatty() and typer.confirm("Erase this? It can't be undone.")


def _stale(settings: Settings, found: dict[Path, int]) -> list[Path]:
    """The build database and the published files that hold the person."""
    return [path for path in found if path == settings.build_db or path.parent == settings.published]


def _show(settings: Settings, plan: Plan, stale: list[Path]) -> None:
    told = [
        (each.source_id, each.file, place, rows, each.is_deleted)
        for each in plan.found
        for place, rows in each.rows.items()
    ]
    lines = [(*line, "the bytes are deleted" if whole else "") for *line, whole in told]
    print_table(["source", "file", "place", "rows", ""], lines)
    if plan.superseded:
        console.print(f"{len(plan.superseded)} superseded batches that hold the person lose their rows.")
    for path in plan.dropped:
        console.print(f"deleted, having been landed: {path.relative_to(settings.root)}", markup=False)
    for source_id in plan.interrupted:
        console.print(f"dropped: the pages of an interrupted pull of {source_id}, which begins anew", markup=False)
    for folder in plan.outside:
        console.print(f"not touched, being outside the home: {folder}", markup=False)
    if stale:
        console.print(
            "The warehouse is built anew and published. These files are deleted, and can't be rolled back to: "
            + ", ".join(path.name for path in stale),
            markup=False,
        )


def _renew(settings: Settings, stale: list[Path]) -> None:
    """Build and publish from new files where the old ones hold the person: a DuckDB file keeps what it deleted.

    Merged copies of batches go with it; `backhaul maintain` makes them anew.
    """
    from backhaul.publishing import current

    with writer_lock(settings), compaction_lock(settings):
        shutil.rmtree(settings.lake / "compacted", ignore_errors=True)
    if not stale:
        return
    now = current(settings)
    if settings.build_db in stale or (now is not None and now.path(settings) in stale):
        with writer_lock(settings):
            settings.build_db.unlink(missing_ok=True)
            settings.build_db.with_name(f"{settings.build_db.name}.wal").unlink(missing_ok=True)
        # Processes of their own: dbt notes the command line it runs under, and this one's names the person.
        for command in (["build", "--full"], ["publish"]):
            subprocess.run([sys.executable, "-m", "backhaul.cli", *command], check=True)
    with writer_lock(settings):
        for path in stale:
            if path.parent == settings.published:
                path.unlink(missing_ok=True)
                path.with_suffix(".json").unlink(missing_ok=True)


def _tell_totals(before: Sums, after: Sums) -> None:
    """Print the totals of the lake before and after. Raises ``TotalsMoved``."""
    from ingestion.erasure import TotalsMoved

    lines = [
        (name, sums["rows"], after[name]["rows"], "as before" if after[name] == sums else "MOVED")
        for name, sums in before.items()
    ]
    print_table(["lake table", "rows before", "rows after", "sums of all numbers"], lines)
    if before != after:
        raise TotalsMoved("The totals of the lake moved: was something ingested meanwhile?")


def _prove(settings: Settings, found: list[dict[Path, int]]) -> None:
    """Print where the person was found before and is found now. Exits with 1 when anything is left."""
    print_table(
        ["place", "found before", "found after"], [(place, *n) for place, n in remains.by_place(settings, found)]
    )
    left = found[-1]
    if not left:
        console.print("No file of the home holds the person.")
        return
    errors.print("The person is still in:")
    for path, number in left.items():
        errors.print(f"  {path.relative_to(settings.root)} ({number})", markup=False)
    raise typer.Exit(1)
