"""Commands for those who read the published warehouse: trace a figure, ask it, and take it along."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from backhaul.console import console, errors, plain_errors, print_table
from backhaul.settings import get_settings
from backhaul.trace import SourceRecord


class Language(StrEnum):
    """Languages of figures, labels and meanings."""

    en = "en"
    fr = "fr"


def trace(
    kpi: Annotated[str, typer.Argument(help="Metric of the catalogue: B02, C03, C01, F06, F04a.")],
    month: Annotated[datetime, typer.Argument(formats=["%Y-%m"], help="Month, as 2026-05.")],
    role: Annotated[str, typer.Option(help="numerator or denominator.")] = "numerator",
    component: Annotated[str | None, typer.Option(help="One component: a cost category or a mass class.")] = None,
    limit: Annotated[int, typer.Option(help="Rows to show; 0 shows all.", min=0)] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Every row as JSON lines.")] = False,
) -> None:
    """List the source records (file, row) whose amounts add up to a figure of a month."""
    from backhaul.trace import trace as trace_figure

    with plain_errors():
        traced = trace_figure(get_settings(), kpi, month.date(), role, component)
    if as_json:
        for record in traced.records:
            sys.stdout.write(json.dumps(vars(record), default=str) + "\n")
    else:
        shown = traced.records[: limit or None]
        columns = ["file", "row", "path", "component", "units", "amount", "source", "table"]
        rows = [_shown(record) for record in shown]
        print_table(columns, rows)
        if len(shown) < len(traced.records):
            console.print(f"… and {len(traced.records) - len(shown)} more records (--limit 0 or --json shows them).")
        published = "" if traced.total is None else f"; the published figure is {traced.total}"
        console.print(f"{len(traced.records)} records add up to {traced.traced}{published}.")
    if not traced.adds_up:
        errors.print("[bold red]Error:[/] the records do not add up to the figure.")
        raise typer.Exit(1)


def sql(
    query: Annotated[str | None, typer.Argument(help="One query; without it a client opens.")] = None,
    limit: Annotated[int, typer.Option(help="Rows to show; 0 shows all.", min=0)] = 40,
    as_csv: Annotated[bool, typer.Option("--csv", help="Every row as CSV.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Every row as JSON lines.")] = False,
    parquet: Annotated[Path | None, typer.Option("--parquet", help="Every row into a Parquet file.")] = None,
) -> None:
    """Ask the published warehouse in SQL, read-only."""
    from backhaul import terminal

    settings = get_settings()
    with plain_errors():
        if query is None:
            raise typer.Exit(terminal.client(settings))
        if as_csv:
            terminal.write_csv(settings, query, sys.stdout)
        elif as_json:
            terminal.write_json(settings, query, sys.stdout)
        elif parquet is not None:
            console.print(f"{terminal.write_parquet(settings, query, parquet)} rows in {parquet}", markup=False)
        else:
            shown = terminal.first_rows(settings, query, limit)
            print_table(shown.columns, shown.rows)
            if shown.has_more:
                console.print("… and more rows (--limit 0, --csv, --json or --parquet FILE has them).", markup=False)


def export(
    target: Annotated[Path, typer.Argument(help="A folder, or with --epcis a file, that does not exist yet.")],
    epcis: Annotated[bool, typer.Option("--epcis", help="The events as an EPCIS 2.0 document (JSON-LD).")] = False,
    first: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day (UTC).")] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day (UTC).")] = None,
    language: Annotated[Language, typer.Option("--language", help="Language of the data dictionary.")] = Language.en,
) -> None:
    """Write the published warehouse as Parquet files with a data dictionary, or its events as EPCIS."""
    from backhaul.epcis_export import export_events
    from backhaul.export import export as export_warehouse

    if (first or last) and not epcis:
        raise typer.BadParameter("--from and --to choose events: add --epcis.")
    settings = get_settings()
    with plain_errors():
        if epcis:
            days = (first and first.date(), last and last.date())
            console.print(str(export_events(settings, target, *days)), markup=False)
        else:
            console.print(str(export_warehouse(settings, target, language.value)), markup=False)


def _shown(record: SourceRecord) -> tuple[Any, ...]:
    amount = (record.component, record.units, record.amount)
    return (record.file, record.row, record.path, *amount, record.source_id, record.table)
