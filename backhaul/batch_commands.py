"""Commands for those who look after batches: what is in quarantine, what is held, and reading it again."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from backhaul.console import console, plain_errors, print_table
from backhaul.settings import Settings, get_settings

if TYPE_CHECKING:
    from ingestion.quarantine import Row, Selection
    from ingestion.replay import Difference, Scope

ID_SHOWN = 12

quarantine = typer.Typer(help="Rows that could not be read: list, show, export, retry.")
batch = typer.Typer(help="Batches: list, show, release, reject.", no_args_is_help=True)

OfSource = Annotated[str | None, typer.Option("--source", help="Id of a source in sources.yml; all by default.")]
OfRule = Annotated[str | None, typer.Option("--rule", help="One rule only.")]
OfTable = Annotated[str | None, typer.Option("--table", help="One table only.")]
OfFile = Annotated[str | None, typer.Option("--file", help="Name of a file, or a pattern with *.")]
OfBatch = Annotated[str | None, typer.Option("--batch", help="Id of a batch, or how it begins.")]
Since = Annotated[datetime | None, typer.Option("--since", help="Landed since then, UTC.")]
Limit = Annotated[int, typer.Option(help="How many to show; 0 shows all.", min=0)]
Yes = Annotated[bool, typer.Option("--yes", help="Commit without asking.")]


@quarantine.callback(invoke_without_command=True)
def _quarantine(context: typer.Context) -> None:
    """Rows that could not be read: list, show, export, retry."""
    if context.invoked_subcommand is None:
        list_rows()


@quarantine.command("list")
def list_rows(
    source: OfSource = None,
    rule: OfRule = None,
    table: OfTable = None,
    file: OfFile = None,
    since: Since = None,
    rows: Annotated[bool, typer.Option("--rows", help="The rows themselves, not only how many.")] = False,
    limit: Limit = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Every row as JSON lines, raw text whole.")] = False,
) -> None:
    """Count the rows that wait to be mended, by rule, with what to do; --rows lists them."""
    from ingestion.quarantine import Selection, counts, open_rows
    from ingestion.remedies import remedy

    selection = Selection(source, rule, table, file, since=_utc(since))
    with plain_errors():
        if as_json:
            for row in open_rows(get_settings(), selection):
                sys.stdout.write(json.dumps({"id": row.id, **asdict(row)}, ensure_ascii=False) + "\n")
            return
        counted = [
            (count.source_id, count.rule, count.rows, count.files, remedy(count.rule))
            for count in counts(get_settings(), selection)
        ]
        print_table(["source", "rule", "rows", "files", "what to do"], counted)
        if rows:
            columns = ["row", "source", "file", "table", "rule", "column", "detail", "raw text"]
            print_table(columns, [_line(row) for row in open_rows(get_settings(), selection, limit or None)])


@quarantine.command("show")
def show_row(row_id: Annotated[str, typer.Argument(metavar="BATCH:ROW", help="As `list --rows` prints it.")]) -> None:
    """Show all that is known of one row, with what to do and its raw text whole."""
    from ingestion.quarantine import find

    with plain_errors():
        for row in find(get_settings(), row_id):
            told = {
                "source": row.source_id,
                "file": row.file,
                "batch": row.batch_id + (" (held)" if row.is_held else ""),
                "row": row.row,
                "table": row.table,
                "rule": row.rule,
                "column": row.column,
                "detail": row.detail,
                "remedy": row.remedy,
                "raw text": row.raw_text,
            }
            for name, value in told.items():
                console.print(f"{name:9} {'' if value is None else value}", markup=False)


@quarantine.command("export")
def export_rows(
    target: Annotated[Path, typer.Argument(help="A new file, .csv or .jsonl.")],
    source: OfSource = None,
    rule: OfRule = None,
    table: OfTable = None,
    file: OfFile = None,
    batch_id: OfBatch = None,
    since: Since = None,
) -> None:
    """Write rows to a file in which a person mends the column raw_text; `retry` reads it."""
    from ingestion.quarantine import Selection, open_rows
    from ingestion.repair import export

    settings = get_settings()
    with plain_errors():
        rows = open_rows(settings, Selection(source, rule, table, file, batch_id, _utc(since)))
        console.print(f"{export(settings, target, rows)} of {len(rows)} rows in {target}", markup=False)


@quarantine.command("retry")
def retry_rows(
    mended: Annotated[Path | None, typer.Argument(help="An exported file, mended; else landed files are read.")] = None,
    source: OfSource = None,
    rule: OfRule = None,
    table: OfTable = None,
    file: OfFile = None,
    batch_id: OfBatch = None,
    yes: Yes = False,
) -> None:
    """Ingest mended rows, or read the files that have open rows again by today's contract."""
    from ingestion.quarantine import Selection
    from ingestion.repair import retry

    with plain_errors():
        if mended is not None:
            console.print(str(retry(get_settings(), mended)), markup=False)
        else:
            _replay(get_settings(), _with_open_rows(Selection(source, rule, table, file, batch_id)), yes)


@batch.command("list")
def list_batches(
    source: OfSource = None,
    held: Annotated[bool, typer.Option("--held", help="Only those that wait for a decision.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Superseded and rejected ones too.")] = False,
    limit: Limit = 20,
    as_json: Annotated[bool, typer.Option("--json", help="All of each as JSON lines.")] = False,
) -> None:
    """List batches, newest last."""
    from ingestion.batch import every_batch

    with plain_errors():
        wanted = [
            (state, entry)
            for state, entry in every_batch(get_settings())
            if source in (None, entry.source_id) and (state == "held" or not held)
            if every or state in ("held", "committed")
        ]
    if as_json:
        for state, entry in wanted:
            sys.stdout.write(json.dumps({"state": state, **asdict(entry)}, ensure_ascii=False) + "\n")
        return
    shown = [
        (entry.batch_id[:ID_SHOWN], state, entry.source_id, entry.file.name, entry.rows_read, entry.quarantine.rows)
        for state, entry in wanted[-limit if limit else None :]
    ]
    print_table(["batch", "state", "source", "file", "rows read", "quarantined"], shown)
    if len(shown) < len(wanted):
        console.print(f"… and {len(wanted) - len(shown)} older ones (--limit 0 shows them).")


@batch.command("show")
def show_batch(batch_id: str) -> None:
    """Show a batch: its file, rows, checks, what is in quarantine, and what it takes the place of."""
    from ingestion.batch import describe

    with plain_errors():
        for name, value in describe(get_settings(), batch_id):
            console.print(f"{name:15} {value}", markup=False)


@batch.command("release")
def release_batch(
    batch_id: str, reason: Annotated[str, typer.Option("--reason", help="Why; it is kept.")] = "released by hand"
) -> None:
    """Commit a held batch as it is."""
    from ingestion.batch import find, release

    settings = get_settings()
    with plain_errors():
        console.print(f"released {release(find(settings, batch_id).batch_id, settings, reason).batch_id}", markup=False)


@batch.command("reject")
def reject_batch(batch_id: str, reason: Annotated[str, typer.Option("--reason", help="Why; it is kept.")]) -> None:
    """Decide that a held batch is not to be loaded; its bytes and the decision are kept."""
    from ingestion.batch import find, reject

    settings = get_settings()
    with plain_errors():
        console.print(f"rejected {reject(find(settings, batch_id).batch_id, reason, settings).batch_id}", markup=False)


def replay(
    source: OfSource = None,
    since: Annotated[datetime | None, typer.Option("--from", help="Landed since then, UTC.")] = None,
    until: Annotated[datetime | None, typer.Option("--to", help="Landed before then, UTC.")] = None,
    batch_id: OfBatch = None,
    yes: Yes = False,
) -> None:
    """Read landed files again by today's contracts and parser, show what differs, and commit it if wanted."""
    from ingestion.batch import find
    from ingestion.config import find_source, load_sources
    from ingestion.replay import Scope

    settings = get_settings()
    with plain_errors():
        files = None
        if batch_id is not None:
            known = find(settings, batch_id)
            source, files = known.source_id, frozenset({known.file.sha256})
        sources = [find_source(settings, source)] if source else load_sources(settings)
        scope = Scope(_utc(since), _utc(until), files)
        _replay(settings, {entry.id: scope for entry in sources}, yes)


def maintain() -> None:
    """Delete landed bytes whose time is over, and merge small batch files of the lake for readers."""
    from ingestion.compaction import compact
    from ingestion.retention import expire

    with plain_errors():
        for task in (expire, compact):
            console.print(str(task(get_settings(), datetime.now(UTC))), markup=False)


def _replay(settings: Settings, scopes: dict[str, Scope], yes: bool) -> None:
    """Show the difference per source; commit it when told to, at once or at the terminal."""
    from ingestion.replay import open_replay

    for source_id, scope in scopes.items():
        with open_replay(settings, source_id, scope) as prepared:
            console.print(f"{source_id}: {prepared.unchanged} files as before, {len(prepared.differences)} differ")
            columns = ["file", "table", "version", "before", "after", "added", "removed", "changed", "new columns"]
            print_table(columns, [line for each in prepared.differences for line in _lines(each)])
            if prepared.deleted:
                console.print(f"{len(prepared.deleted)} files stay as they are: their bytes were deleted")
            if not prepared.differences:
                continue
            asks = not yes and sys.stdin.isatty()
            if yes or (asks and typer.confirm("Commit this?")):
                console.print(str(prepared.commit()), markup=False)
            else:
                console.print("Nothing was committed; --yes commits it.")


def _lines(difference: Difference) -> list[tuple[Any, ...]]:
    """One line per table of a file, and one for its quarantine, as far as there is something to say."""
    before, after = difference.versions
    version = after if before in (None, after) else f"{before} → {after}"
    added = ", ".join(difference.new_columns)
    lines: list[tuple[Any, ...]] = [
        (difference.file, name, version, *asdict(table).values(), added) for name, table in difference.tables.items()
    ]
    if difference.moved or difference.blocked or not lines:
        was, now = difference.quarantined
        lines.append((difference.file, "quarantine", version, was, now, None, None, None, difference.blocked))
    return lines


def _with_open_rows(selection: Selection) -> dict[str, Scope]:
    """The files that have open rows of a selection, by source."""
    from ingestion.quarantine import open_rows
    from ingestion.replay import Scope

    files: dict[str, set[str]] = {}
    for row in open_rows(get_settings(), selection):
        files.setdefault(row.source_id, set()).add(row.file_sha256)
    return {source_id: Scope(files=frozenset(digests)) for source_id, digests in sorted(files.items())}


def _line(row: Row) -> tuple[Any, ...]:
    row_id = f"{row.batch_id[:ID_SHOWN]}:{row.row}"
    told = (row_id, row.source_id, row.file, row.table, row.rule, row.column, row.detail, row.raw_text)
    return tuple(" ".join((value or "").split())[:80] for value in told)


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment else None
