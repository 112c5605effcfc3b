"""The ``backhaul`` command: the one module of the core that knows the other rooms, each imported when asked for."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.table import Table

from backhaul.errors import Explained
from backhaul.settings import get_settings
from backhaul.trace import SourceRecord

app = typer.Typer(
    help="Backhaul, the open reverse-logistics warehouse.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
# in a pipe there is no width to fit into
console = Console(soft_wrap=True, highlight=False, width=None if sys.stdout.isatty() else 240)
log = logging.getLogger(__name__)
errors = Console(stderr=True, soft_wrap=True, highlight=False)


class Language(StrEnum):
    """Languages of figures and labels."""

    en = "en"
    fr = "fr"


Source = Annotated[str, typer.Option("--source", help="Id of a source in sources.yml.")]
Persona = Literal["home_improvement", "apparel", "electronics", "healthcare"]


@contextmanager
def _plain_errors() -> Iterator[None]:
    """What went wrong in one paragraph, not a traceback, for the errors that users can act on."""
    try:
        yield
    except (Explained, OSError) as error:
        errors.print("[bold red]Error:[/] ", end="")
        errors.print(str(error), markup=False)
        raise typer.Exit(1) from error


@app.callback()
def main() -> None:
    """Set up logging: progress goes to standard error, results to standard output."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    for noisy in ("httpx", "great_expectations", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


@app.command()
def up(
    once: Annotated[bool, typer.Option("--once", help="End after the first publish.")] = False,
) -> None:
    """Run everything: Airflow, the dashboards and the schedule, until Ctrl-C."""
    from backhaul import supervisor

    raise typer.Exit(supervisor.up(get_settings(), once=once))


@app.command()
def simulate(
    seed: Annotated[int, typer.Option(help="The same seed gives the same business.")] = 1,
    units: Annotated[int, typer.Option(help="Returned units.", min=500)] = 20_000,
    persona: Annotated[Persona, typer.Option(help="The kind of business.")] = "home_improvement",
) -> None:
    """Create the demo business in the home: sources, files and the ground truth."""
    from simulator.demo import simulate as simulate_business

    settings = get_settings()
    with _plain_errors():
        simulate_business(settings.root, seed=seed, units=units, persona=persona)
    console.print(f"The demo business stands in {settings.root}: sources.yml, drop/ and truth/.", markup=False)


@app.command()
def ingest(
    source: Source,
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Files or folders; the source's own place by default.")
    ] = None,
) -> None:
    """Land, parse, check and commit what is new from one source."""
    from ingestion.batch import ingest as ingest_batches

    with _plain_errors():
        console.print(str(ingest_batches(source, paths or (), get_settings())), markup=False)


@app.command()
def build(
    full: Annotated[bool, typer.Option(help="Recompute every table, not only what new batches touched.")] = False,
) -> None:
    """Build the warehouse from the committed batches (one dbt process)."""
    from backhaul.build import build as build_warehouse

    with _plain_errors():
        result = build_warehouse(get_settings(), whole=full)
    console.print(str(result), markup=False)
    for warning in result.warnings:
        console.print(f"warning: {warning}", markup=False)


@app.command()
def publish() -> None:
    """Audit the last build and, if it passes, show it to readers."""
    from backhaul.publishing import publish as publish_build
    from expectations.marts import audit_marts

    with _plain_errors():
        published = publish_build(get_settings(), audit_marts)
    console.print(f"published {published.publish_id}", markup=False)


@app.command()
def rollback(publish_id: Annotated[str | None, typer.Argument(help="The previous one by default.")] = None) -> None:
    """Point readers at an earlier publish."""
    from backhaul.publishing import rollback as roll_back

    with _plain_errors():
        console.print(f"readers now see {roll_back(get_settings(), publish_id).publish_id}", markup=False)


@app.command()
def run() -> None:
    """Ingest every source, build and publish, without Airflow. A source that fails does not stop the others."""
    from backhaul.build import build as build_warehouse
    from backhaul.publishing import publish as publish_build
    from expectations.marts import audit_marts
    from ingestion.batch import ingest as ingest_batches
    from ingestion.config import load_sources

    settings = get_settings()
    failed = []
    with _plain_errors():
        for source in load_sources(settings):
            try:
                console.print(str(ingest_batches(source.id, (), settings)), markup=False)
            except Exception as error:
                log.exception("source %s failed", source.id)
                failed.append(f"{source.id}: {error}")
        console.print(str(build_warehouse(settings)), markup=False)
        console.print(f"published {publish_build(settings, audit_marts).publish_id}", markup=False)
    figures()
    if failed:
        errors.print("[bold red]Error:[/] not every source could be ingested")
        errors.print("\n".join(failed), markup=False)
        raise typer.Exit(1)


@app.command()
def figures(language: Annotated[Language, typer.Option("--language")] = Language.en) -> None:
    """Print the headline figures of the current publish."""
    from backhaul import headlines

    settings = get_settings()
    with _plain_errors():
        for headline in headlines.read(settings):
            console.print(headline.line(settings.reporting_currency, language.value), markup=False)


@app.command()
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

    with _plain_errors():
        traced = trace_figure(get_settings(), kpi, month.date(), role, component)
    if as_json:
        for record in traced.records:
            sys.stdout.write(json.dumps(vars(record), default=str) + "\n")
    else:
        shown = traced.records[: limit or None]
        columns = ["file", "row", "path", "component", "units", "amount", "source", "table"]
        rows = [_shown(record) for record in shown]
        _print_table(columns, rows)
        if len(shown) < len(traced.records):
            console.print(f"… and {len(traced.records) - len(shown)} more records (--limit 0 or --json shows them).")
        published = "" if traced.total is None else f"; the published figure is {traced.total}"
        console.print(f"{len(traced.records)} records add up to {traced.traced}{published}.")
    if not traced.adds_up:
        errors.print("[bold red]Error:[/] the records do not add up to the figure.")
        raise typer.Exit(1)


@app.command()
def status() -> None:
    """What is configured, committed, held, quarantined, built and published."""
    from backhaul import receipts
    from backhaul.ledger import lake_version, last_build
    from backhaul.publishing import current, history
    from ingestion.batch import held_batches
    from ingestion.config import load_sources

    settings = get_settings()
    with _plain_errors():
        committed = receipts.committed(settings)
        rows = []
        for source in load_sources(settings):
            own = [receipt for receipt in committed if receipt.source_id == source.id]
            quarantined = sum(receipt.quarantine.rows for receipt in own)
            latest = max((receipt.horizon or "" for receipt in own), default="")
            rows.append(
                (source.id, source.kind, len(own), sum(receipt.rows_read for receipt in own), quarantined, latest)
            )
        _print_table(["source", "kind", "batches", "rows read", "quarantined", "latest event"], rows)
        held = held_batches(settings)
        for batch in held:
            console.print(f"held: {batch.batch_id} {batch.source_id} {batch.file.name}: {batch.reason}", markup=False)
        build_record, publish_now = last_build(settings), current(settings)
        if build_record:
            console.print(f"last build: {build_record.build_id} {build_record.state}", markup=False)
        if publish_now:
            news = "" if publish_now.lake_version == lake_version(settings) else " (newer batches wait for a build)"
            console.print(f"published: {publish_now.publish_id}{news}; kept: {len(history(settings))}", markup=False)
        else:
            console.print("published: nothing yet")


@app.command()
def quarantine(
    source: Annotated[str | None, typer.Option("--source", help="One source only.")] = None,
    limit: Annotated[int, typer.Option(help="Rows to show; 0 shows all.", min=0)] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Every row as JSON lines, raw text whole.")] = False,
) -> None:
    """List the rows that could not be read, with file, row, rule and raw text."""
    from ingestion.batch import quarantined_rows

    columns = ["source", "file", "row", "table", "rule", "column", "detail", "raw_text"]
    with _plain_errors():
        rows = quarantined_rows(get_settings(), source, None if as_json else limit or None)
    if as_json:
        for row in rows:
            sys.stdout.write(json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False) + "\n")
    else:
        _print_table(columns, [tuple(" ".join(str(value or "").split())[:80] for value in row) for row in rows])


@app.command()
def release(batch_id: str) -> None:
    """Commit a held batch as it is."""
    from ingestion.batch import release as release_batch

    with _plain_errors():
        console.print(f"released {release_batch(batch_id, get_settings()).batch_id}", markup=False)


@app.command()
def reject(batch_id: str, reason: Annotated[str, typer.Option("--reason", help="Why; it is kept.")]) -> None:
    """Decide that a held batch is not to be loaded; its bytes and the decision are kept."""
    from ingestion.batch import reject as reject_batch

    with _plain_errors():
        console.print(f"rejected {reject_batch(batch_id, reason, get_settings()).batch_id}", markup=False)


@app.command()
def replay(source: Source) -> None:
    """Parse everything landed for a source again, with the contract as it is now."""
    from ingestion.batch import replay as replay_source

    with _plain_errors():
        for report in replay_source(source, settings=get_settings()):
            console.print(str(report), markup=False)


def _shown(record: SourceRecord) -> tuple[Any, ...]:
    amount = (record.component, record.units, record.amount)
    return (record.file, record.row, record.path, *amount, record.source_id, record.table)


def _print_table(columns: list[str], rows: list[tuple[Any, ...]]) -> None:
    table = Table(box=None, header_style="bold")
    for column in columns:
        table.add_column(column, no_wrap=True)
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row))
    console.print(table)


if __name__ == "__main__":
    app()
