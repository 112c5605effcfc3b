"""The ``backhaul`` command. It and its modules of commands alone know other rooms, imported when asked."""

from __future__ import annotations

import logging
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from backhaul import batch_commands, erase_command, reader_commands, source_commands
from backhaul.console import console, errors, plain_errors, print_table
from backhaul.reader_commands import Language
from backhaul.settings import get_settings

app = typer.Typer(
    help="Backhaul, the open reverse-logistics warehouse.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
log = logging.getLogger(__name__)


Source = Annotated[str, typer.Option("--source", help="Id of a source in sources.yml.")]
Persona = Literal["home_improvement", "apparel", "electronics", "healthcare"]


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
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Drop only what arrives up to this day; say a later one to go on."),
    ] = None,
    api_port: Annotated[
        int | None, typer.Option(help="Pull EasyPost's data from `backhaul vendors` on this port, not from files.")
    ] = None,
) -> None:
    """Create the demo business in the home: sources, files and the ground truth."""
    from simulator.days import simulate_until
    from simulator.demo import simulate as simulate_business

    settings = get_settings()
    with plain_errors():
        if until is None:
            simulate_business(settings.root, seed=seed, units=units, persona=persona, api_port=api_port)
        else:
            new = simulate_until(settings.root, until.date(), seed, units, persona, api_port)
            console.print(f"{len(new)} new files in drop/, up to {until.date()}.")
    console.print(f"The demo business stands in {settings.root}: sources.yml, drop/ and truth/.", markup=False)


@app.command()
def vendors(
    port: Annotated[int, typer.Option(help="Port to listen on, on this machine only.")] = 8795,
    per_second: Annotated[
        int | None, typer.Option(min=1, help="Requests a second; more get 429. Any number by default.")
    ] = None,
    webhooks: Annotated[
        str | None, typer.Option(help="Address to post webhooks to: out of order, each of them twice.")
    ] = None,
) -> None:
    """Serve the HTTP API of the demo business's carrier platform, until Ctrl-C."""
    from simulator.vendors.serve import serve

    with plain_errors():
        serve(get_settings(), port, per_second, webhooks)


@app.command()
def ingest(
    source: Source,
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Files or folders; the source's own place by default.")
    ] = None,
) -> None:
    """Land, parse, check and commit what is new from one source."""
    from ingestion.batch import ingest as ingest_batches

    with plain_errors():
        console.print(str(ingest_batches(source, paths or (), get_settings())), markup=False)


@app.command()
def build(
    full: Annotated[bool, typer.Option(help="Recompute every table, not only what new batches touched.")] = False,
) -> None:
    """Build the warehouse from the committed batches (one dbt process)."""
    from backhaul.build import build as build_warehouse

    with plain_errors():
        result = build_warehouse(get_settings(), whole=full)
    console.print(str(result), markup=False)
    for warning in result.warnings:
        console.print(f"warning: {warning}", markup=False)


@app.command()
def publish() -> None:
    """Audit the last build and, if it passes, show it to readers."""
    from backhaul.publishing import publish as publish_build
    from expectations.marts import audit_marts

    with plain_errors():
        published = publish_build(get_settings(), audit_marts)
    console.print(f"published {published.publish_id}", markup=False)


@app.command()
def rollback(publish_id: Annotated[str | None, typer.Argument(help="The previous one by default.")] = None) -> None:
    """Point readers at an earlier publish."""
    from backhaul.publishing import rollback as roll_back

    with plain_errors():
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
    with plain_errors():
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
    with plain_errors():
        for headline in headlines.read(settings):
            console.print(headline.line(settings.reporting_currency, language.value), markup=False)


@app.command()
def status() -> None:
    """What is configured, committed, held, quarantined, built and published."""
    from backhaul import receipts
    from backhaul.ledger import lake_version, last_build, source_runs
    from backhaul.publishing import current, history
    from ingestion.batch import held_batches
    from ingestion.config import load_sources

    settings = get_settings()
    with plain_errors():
        committed = receipts.committed(settings)
        rows = []
        for source in load_sources(settings):
            own = [receipt for receipt in committed if receipt.source_id == source.id]
            quarantined = sum(receipt.quarantine.rows for receipt in own)
            latest = max((receipt.horizon or "" for receipt in own), default="")
            rows.append(
                (source.id, source.kind, len(own), sum(receipt.rows_read for receipt in own), quarantined, latest)
            )
        print_table(["source", "kind", "batches", "rows read", "quarantined", "latest event"], rows)
        for run in source_runs(settings):
            if run.failed:
                console.print(f"failed: {run.source_id} at {run.ended_at}: {run.failed}", markup=False)
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
def catalogue() -> None:
    """Write the catalogue of metrics, tables and models as a site of plain files."""
    from dashboards.catalogue import write

    with plain_errors():
        console.print(f"The catalogue stands in {write(get_settings())}: open its index.html.", markup=False)


@app.command()
def deliver(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Make everything, send nothing.")] = False,
    only: Annotated[str | None, typer.Option("--only", help="Id of one report or alert of deliveries.yml.")] = None,
) -> None:
    """Send the reports and alerts of deliveries.yml that are due for the current publish."""
    from dashboards.delivery.deliver import deliver as deliver_due

    with plain_errors():
        for line in deliver_due(only, dry_run=dry_run):
            console.print(line, markup=False)


app.add_typer(batch_commands.quarantine, name="quarantine")
app.add_typer(batch_commands.batch, name="batch")
app.add_typer(source_commands.source, name="source")
for _command in (
    batch_commands.replay,
    batch_commands.maintain,
    source_commands.inbox,
    source_commands.watch,
    erase_command.erase,
    reader_commands.trace,
    reader_commands.sql,
    reader_commands.export,
):
    app.command()(_command)


if __name__ == "__main__":
    app()
