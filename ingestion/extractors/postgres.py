"""Pulling from PostgreSQL: each configured query as one Parquet file, streamed, all from one snapshot."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import adbc_driver_postgresql.dbapi as postgres
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from adbc_driver_manager import Error as AdbcError

from backhaul.connections import resolve
from ingestion.config import FromPostgres, Query
from ingestion.extractors.pulled import ExtractError, Pulled


def pull(origin: FromPostgres, overlap_days: float, cursor: dict[str, Any] | None, folder: Path) -> Pulled:
    """Run the queries in one read-only, repeatable transaction; ``<table>.parquet`` each.

    A query with ``updated_at`` asks for rows changed since the cursor less the overlap; without, for all rows. The
    cursor is, per table, the latest ``updated_at`` seen (ISO 8601, UTC). Raises :class:`ExtractError`.
    """
    connection = resolve(origin.connection)
    files: list[Path] = []
    latest: dict[str, Any] = dict(cursor or {})
    try:
        with postgres.connect(connection.postgres_uri()) as database, database.cursor() as run:
            run.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            run.execute("SET LOCAL TIME ZONE 'UTC'")
            for query in origin.queries:
                since = (cursor or {}).get(query.table) if query.updated_at else None
                start = datetime.fromisoformat(since) - timedelta(days=overlap_days) if since else None
                run.execute(_sql(query, start))
                path = folder / f"{query.table}.parquet"
                newest = _save(run.fetch_record_batch(), path, query.updated_at)
                files.append(path)
                if newest is not None:
                    latest[query.table] = max(newest, latest.get(query.table, newest))
    except AdbcError as error:
        raise ExtractError(
            f"PostgreSQL {connection.host}:{connection.port or 5432}/{connection.schema}: {str(error).strip()}"
        ) from error
    return Pulled(files, latest or None)


def _sql(query: Query, start: datetime | None) -> str:
    body = query.query.strip().rstrip(";")
    if " " not in body:
        body = f"SELECT * FROM {body}"
    if start is None:
        return body
    column = '"' + str(query.updated_at).replace('"', '""') + '"'
    return f"SELECT * FROM ({body}) AS pulled WHERE {column} >= TIMESTAMPTZ '{start.isoformat()}'"


def _save(reader: pa.RecordBatchReader, path: Path, updated_at: str | None) -> str | None:
    """Stream the result into a file; the latest ``updated_at`` in it, ISO 8601 in UTC."""
    newest: datetime | None = None
    schema = pa.schema([pa.field(item.name, _storage(item.type)) for item in reader.schema])
    if updated_at is not None and updated_at not in schema.names:
        raise ExtractError(f"{path.stem}: the query gives no column {updated_at!r}.")
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in reader:
            columns = [column.storage if isinstance(column, pa.ExtensionArray) else column for column in batch.columns]
            plain = pa.RecordBatch.from_arrays(columns, schema=schema)
            writer.write_batch(plain)
            if updated_at is not None and plain.num_rows:
                found = pc.max(plain.column(updated_at)).as_py()
                if found is not None and (newest is None or found > newest):
                    newest = found
    if newest is None:
        return None
    return (newest if newest.tzinfo else newest.replace(tzinfo=UTC)).astimezone(UTC).isoformat()


def _storage(kind: pa.DataType) -> pa.DataType:
    """NUMERIC and other types that Arrow lacks arrive as text in an extension type."""
    return kind.storage_type if isinstance(kind, pa.BaseExtensionType) else kind
