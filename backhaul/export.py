"""The published warehouse as files that any tool reads: Parquet, and a dictionary that says what each column means."""

from __future__ import annotations

import csv
import io
import json
import shutil
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from backhaul import receipts
from backhaul.candidate import SCHEMAS
from backhaul.errors import Explained
from backhaul.formats import NBSP
from backhaul.publishing import Publish
from backhaul.reading import published
from backhaul.settings import Settings
from backhaul.terminal import BATCH_ROWS, copy_to_parquet
from backhaul.translations import meaning

_README = {
    "en": """# Warehouse export

Publish {publish_id}, published {published_at} (UTC), knowing what happened up to {as_of} (UTC).
Amounts in columns named `_reporting` are in {currency}; instants are UTC; masses are kilograms.

- `<schema>/<table>.parquet`: one file a table or view of `core`, `marts` and `quality`, compressed with zstd. The
  meaning of each column stands in the file too (field metadata `comment`).
- `dictionary.csv`, `dictionary.json`: every table and column with its type and meaning.

{tables} tables and views, {rows} rows. Only files of one export belong together: they are of one publish.
""",
    "fr": """# Export de l’entrepôt de données

Publication {publish_id}, publiée le {published_at} (UTC), informée jusqu’au {as_of} (UTC).
Les montants des colonnes nommées `_reporting` sont en {currency}; les instants sont en UTC, les masses en kilogrammes.

- `<schema>/<table>.parquet` : un fichier par table ou vue de `core`, `marts` et `quality`, comprimé avec zstd. Le sens
  de chaque colonne se trouve aussi dans le fichier (métadonnée de champ `comment`).
- `dictionary.csv`, `dictionary.json` : chaque table et chaque colonne avec son type et son sens.

{tables} tables et vues, {rows} lignes. Seuls les fichiers d’un même export vont ensemble : ils viennent d’une même
publication.
""".replace(" :", f"{NBSP}:"),
}


class CannotExport(Explained):
    """The folder cannot take the export."""


@dataclass(frozen=True)
class DescribedColumn:
    """One column of the dictionary."""

    name: str
    type: str
    comment: str


@dataclass(frozen=True)
class DescribedTable:
    """One table or view of the dictionary; ``rows`` are those exported."""

    schema: str
    name: str
    kind: str
    comment: str
    columns: list[DescribedColumn]
    rows: int = 0

    @property
    def file(self) -> str:
        return f"{self.schema}/{self.name}.parquet"


@dataclass(frozen=True)
class Exported:
    """What was written, and of which publish."""

    publish: Publish
    folder: Path
    tables: list[DescribedTable]

    def __str__(self) -> str:
        rows = sum(table.rows for table in self.tables)
        return f"{len(self.tables)} tables and views, {rows} rows of publish {self.publish.publish_id} in {self.folder}"


def export(settings: Settings, folder: Path, language: str = "en") -> Exported:
    """Write the current publish into a new folder: whole, or not at all.

    Args:
        settings: the home.
        folder: one that does not exist, or is empty.
        language: of the README and of the meanings of tables and columns.

    Raises:
        CannotExport: something is in the folder already.
        NothingToPublish: nothing was published yet.
    """
    folder = folder.absolute()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CannotExport(f"{folder} is not empty: name a folder that does not exist yet.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        with published(settings) as (publish, connection):
            tables = [_write(connection, table, temporary) for table in described(connection, language)]
            _write_dictionary(publish, connection, tables, temporary, language)
        temporary.chmod(0o755)
        temporary.replace(folder)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    receipts.sync(folder.parent)
    return Exported(publish, folder, tables)


def described(connection: duckdb.DuckDBPyConnection, language: str) -> list[DescribedTable]:
    """Every table and view of a published file with its columns, in order, and what they mean in a language."""
    kinds = connection.execute(
        "select schema_name, table_name, 'table', coalesce(comment, '') from duckdb_tables() "
        "where list_contains($schemas, schema_name) union all "
        "select schema_name, view_name, 'view', coalesce(comment, '') from duckdb_views() "
        "where list_contains($schemas, schema_name) order by all",
        {"schemas": list(SCHEMAS)},
    ).fetchall()
    columns: dict[tuple[str, str], list[DescribedColumn]] = {}
    for schema, table, name, kind, text in connection.execute(
        "select schema_name, table_name, column_name, lower(data_type), coalesce(comment, '') from duckdb_columns() "
        "where list_contains($schemas, schema_name) order by schema_name, table_name, column_index",
        {"schemas": list(SCHEMAS)},
    ).fetchall():
        columns.setdefault((schema, table), []).append(DescribedColumn(name, kind, meaning(text, language)))
    return [
        DescribedTable(schema, name, kind, meaning(text, language), columns[schema, name])
        for schema, name, kind, text in kinds
    ]


def _write(connection: duckdb.DuckDBPyConnection, table: DescribedTable, folder: Path) -> DescribedTable:
    target = folder / table.file
    target.parent.mkdir(exist_ok=True)
    reader = connection.sql(f'select * from {table.schema}."{table.name}"').to_arrow_reader(BATCH_ROWS)
    fields = [
        field.with_metadata({"comment": column.comment})
        for field, column in zip(reader.schema, table.columns, strict=True)
    ]
    rows = copy_to_parquet(reader, target, pa.schema(fields, metadata={"comment": table.comment}))
    return DescribedTable(**(vars(table) | {"rows": rows}))


def _write_dictionary(
    publish: Publish, connection: duckdb.DuckDBPyConnection, tables: list[DescribedTable], folder: Path, language: str
) -> None:
    as_of = _as_of(connection)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["schema", "table", "kind", "table_comment", "position", "column", "type", "column_comment"])
    for table in tables:
        head = (table.schema, table.name, table.kind, table.comment)
        writer.writerows((*head, at, *vars(column).values()) for at, column in enumerate(table.columns, start=1))
    whole = {
        "publish_id": publish.publish_id,
        "published_at": publish.published_at,
        "as_of": as_of,
        "reporting_currency": publish.reporting_currency,
        "language": language,
        "tables": [asdict(table) | {"file": table.file} for table in tables],
    }
    readme = _README[language].format(
        publish_id=publish.publish_id,
        published_at=publish.published_at,
        as_of=as_of,
        currency=publish.reporting_currency,
        tables=len(tables),
        rows=sum(table.rows for table in tables),
    )
    # with a byte-order mark: spreadsheets need it for accents
    receipts.replace(folder / "dictionary.csv", "\N{ZERO WIDTH NO-BREAK SPACE}" + text.getvalue())
    receipts.replace(folder / "dictionary.json", json.dumps(whole, indent=1, ensure_ascii=False) + "\n")
    receipts.replace(folder / "README.md", readme)


def _as_of(connection: duckdb.DuckDBPyConnection) -> str:
    found: tuple[Any, ...] | None = connection.execute("select as_of from core.dim_as_of").fetchone()
    return found[0].isoformat() if found and found[0] else "unknown"
