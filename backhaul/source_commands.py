"""Commands for those who connect sources: see what a file would become, add a source, test one."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
import yaml

from backhaul.console import console, errors, plain_errors, print_table
from backhaul.settings import Settings, get_settings

if TYPE_CHECKING:
    from ingestion.config import Source
    from ingestion.inference import Preview

source = typer.Typer(help="Sources: preview a file, add a source, test one.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A sample file.")]
Kind = Annotated[str | None, typer.Option("--kind", help="Kind of source; guessed by default.")]
Contract = Annotated[Path | None, typer.Option("--contract", help="Description of the file, for the generic kinds.")]
Domain = Annotated[str, typer.Option("--domain", help="returns, carrier or inventory: which DAG ingests it.")]


@source.command("preview")
def preview_file(file: File, kind: Kind = None, contract: Contract = None) -> None:
    """Show what a file would become; nothing is kept."""
    with plain_errors():
        chosen, description = _choose(get_settings(), file, kind, contract)
        _show(get_settings(), file, chosen, description)


@source.command("add")
def add(
    source_id: Annotated[str, typer.Argument(help="Its id: it names its rows for ever.")],
    file: File,
    kind: Kind = None,
    contract: Contract = None,
    domain: Domain = "returns",
    yes: Annotated[bool, typer.Option("--yes", help="Add it without asking.")] = False,
) -> None:
    """Add a source by a sample: its kind or a description is inferred, shown, and written when you agree."""
    from ingestion.config import ConfigError, load_sources

    settings = get_settings()
    with plain_errors():
        if any(known.id == source_id for known in load_sources(settings)):
            raise ConfigError(f"There is a source {source_id!r} already: choose another id, or edit sources.yml.")
        chosen, description = _choose(settings, file, kind, contract)
        found = _show(settings, file, chosen, description)
        entry: dict[str, Any] = {"id": source_id, "kind": chosen, "domain": domain}
        target = settings.root / "contracts" / f"{source_id}.yml"
        if description is not None:
            entry["contract"] = f"contracts/{source_id}.yml" if contract is None else str(contract.resolve())
        entry["from"] = {"type": "files", "path": f"drop/{source_id}"}
        console.print("\nto be added to sources.yml:", markup=False)
        console.print(yaml.safe_dump([entry], sort_keys=False), markup=False)
        if not yes and not (sys.stdin.isatty() and typer.confirm("Add it?")):
            console.print("Nothing was written; --yes writes it.")
            return
        if description is not None and contract is None:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(description, encoding="utf-8")
        _append(settings, entry)
        (settings.root / "drop" / source_id).mkdir(parents=True, exist_ok=True)
        place = settings.root / "drop" / source_id
        console.print(f"Added. Put its files into {place}, then: backhaul ingest --source {source_id}", markup=False)
        if found.parsed.blocked or not found.parsed.rows:
            console.print("It takes no row yet: edit its description, then `backhaul source test`.", markup=False)


@source.command("test")
def test(source_id: Annotated[str, typer.Argument(help="Id of a source in sources.yml.")]) -> None:
    """Check a source's entry, its contract and its connection, and show what its first file would become."""
    from backhaul.connections import resolve
    from ingestion.config import FromFiles, find_source, resolve_path
    from ingestion.landing import files_in
    from ingestion.parse import version_of

    settings = get_settings()
    with plain_errors():
        found = find_source(settings, source_id)
        console.print(f"sources.yml: {found.kind}, contract version {version_of(settings, found)}", markup=False)
        connection_id = getattr(found.origin, "connection", None)
        if connection_id is not None:
            connection = resolve(connection_id)
            host = connection.host or "no host"
            console.print(f"connection {connection_id}: {connection.type}, {host}", markup=False)
        if isinstance(found.origin, FromFiles):
            folder = resolve_path(settings, found.origin.path)
            files = list(files_in([folder])) if folder.exists() else []
            console.print(f"{folder}: {len(files)} files", markup=False)
            if files:
                _print(files[0], found.kind, _previewed(settings, found, files[0]))


def _choose(settings: Settings, file: Path, kind: str | None, contract: Path | None) -> tuple[str, str | None]:
    """The kind of source, and the text of its description for a generic one."""
    from ingestion.config import ConfigError
    from ingestion.contract import GENERIC
    from ingestion.inference import as_yaml, fitting_kinds, guess

    if contract is not None:
        return kind or "delimited", contract.read_text(encoding="utf-8")
    if kind is not None and kind not in GENERIC:
        return kind, None
    if kind is None:
        fits = fitting_kinds(settings, file)
        if fits:
            shown = ", ".join(f"{name} ({parsed.rows} of {parsed.rows_read} rows)" for name, parsed in fits[:4])
            console.print(f"kinds that read it: {shown}", markup=False)
            return fits[0][0], None
    guessed = guess(file)
    if kind not in (None, guessed.kind):
        raise ConfigError(f"{file.name} is no {kind} file; it looks like {guessed.kind}.")
    description = as_yaml(guessed)
    console.print("no kind reads it; this description was inferred:\n", markup=False)
    console.print(description, markup=False)
    return guessed.kind, description


def _show(settings: Settings, file: Path, kind: str, description: str | None) -> Preview:
    from ingestion.config import Source

    entry: dict[str, Any] = {"id": "preview", "kind": kind, "domain": "returns"}
    entry["from"] = {"type": "files", "path": str(file)}
    if description is None:
        found = _previewed(settings, Source.model_validate(entry), file)
    else:
        import tempfile

        with tempfile.TemporaryDirectory(prefix="backhaul-") as folder:
            written = Path(folder) / "description.yml"
            written.write_text(description, encoding="utf-8")
            found = _previewed(settings, Source.model_validate({**entry, "contract": str(written)}), file)
    _print(file, kind, found)
    return found


def _previewed(settings: Settings, chosen: Source, file: Path) -> Preview:
    from ingestion.inference import preview

    return preview(settings, chosen, file)


def _print(file: Path, kind: str, found: Preview) -> None:
    from ingestion.remedies import remedy

    parsed = found.parsed
    console.print(
        f"{file.name} as {kind}: {parsed.rows_read} rows read, {parsed.rows} kept, {parsed.quarantined} in quarantine",
        markup=False,
    )
    if parsed.blocked:
        errors.print(f"The batch would be held: {parsed.blocked}", markup=False)
    if parsed.new_columns:
        console.print(f"columns that no contract names, kept in extra: {', '.join(parsed.new_columns)}", markup=False)
    for name, (columns, rows) in found.tables.items():
        console.print(f"\n{name}: {parsed.tables[name].rows} rows", markup=False)
        print_table(columns, [_short(row, 40) for row in rows])
    if found.rules:
        console.print("\nquarantine:")
        print_table(
            ["rule", "rows", "what to do"], [(rule, count, remedy(rule)) for rule, count in found.rules.items()]
        )
        print_table(["row", "rule", "column", "detail", "raw text"], [_short(row, 60) for row in found.quarantine])


def _short(row: tuple[Any, ...], width: int) -> tuple[str, ...]:
    return tuple(" ".join(str("" if value is None else value).split())[:width] for value in row)


def _append(settings: Settings, entry: dict[str, Any]) -> None:
    """Add an entry at the end of sources.yml, whose comments and order stay."""
    from backhaul import receipts

    path = settings.sources_file
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    if not (yaml.safe_load(text) or {}).get("sources"):
        text = "sources:\n"
    margin = next(
        (line[: len(line) - len(line.lstrip())] for line in text.splitlines() if line.lstrip()[:2] == "- "), "  "
    )
    block = yaml.safe_dump([entry], sort_keys=False, allow_unicode=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    receipts.replace(path, f"{text.rstrip()}\n" + "".join(f"{margin}{line}\n" for line in block.splitlines()))


def inbox(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8790,
) -> None:
    """Receive webhooks for the sources that have an inbox, until Ctrl-C; each body is kept before it is answered."""
    from ingestion.inbox import serve

    with plain_errors():
        serve(get_settings(), host, port)


def watch(seconds: Annotated[float, typer.Option(help="How often the folders are looked at.", min=0.1)] = 5.0) -> None:
    """Ingest files as they arrive in the folders of the sources, until Ctrl-C."""
    import threading

    from ingestion.batch import ingest
    from ingestion.watch import watch as watch_folders

    settings = get_settings()

    def take(source_id: str, files: Sequence[Path]) -> None:
        console.print(str(ingest(source_id, files, settings)), markup=False)

    with plain_errors(), suppress(KeyboardInterrupt):
        watch_folders(settings, take, threading.Event(), seconds)
