"""A snapshot of a PostgreSQL database, by ADBC."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import adbc_driver_postgresql.dbapi as driver
import pyarrow as pa
from adbc_driver_manager import Error as AdbcError

from backhaul.connections import resolve
from ingestion.config import FromPostgres
from ingestion.extractors.pulled import ExtractError
from ingestion.extractors.sql import Snapshot


@contextmanager
def open_snapshot(origin: FromPostgres) -> Iterator[Snapshot]:
    """A repeatable, read-only transaction. Raises :class:`ExtractError`."""
    connection = resolve(origin.connection)
    try:
        with driver.connect(connection.postgres_uri()) as database, database.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SET LOCAL TIME ZONE 'UTC'")
            yield _Postgres(cursor)
    except AdbcError as error:
        raise ExtractError(
            f"PostgreSQL {connection.host}:{connection.port or 5432}/{connection.schema}: {str(error).strip()}"
        ) from error


class _Postgres:
    quote = '"'

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def literal(self, moment: datetime) -> str:
        return f"TIMESTAMPTZ '{moment.isoformat()}'"

    @contextmanager
    def run(self, statement: str) -> Iterator[tuple[pa.Schema, Iterator[pa.RecordBatch]]]:
        self._cursor.execute(statement)
        reader = self._cursor.fetch_record_batch()
        schema = pa.schema([pa.field(item.name, _storage(item.type)) for item in reader.schema])
        yield schema, (_plain(batch, schema) for batch in reader)


def _plain(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    columns = [column.storage if isinstance(column, pa.ExtensionArray) else column for column in batch.columns]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _storage(kind: pa.DataType) -> pa.DataType:
    """NUMERIC and other types that Arrow lacks arrive as text in an extension type."""
    return kind.storage_type if isinstance(kind, pa.BaseExtensionType) else kind
