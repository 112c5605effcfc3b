"""Pulling from a SQL database: each configured query as one Parquet file, streamed, all from one snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingestion.config import FromMariadb, FromPostgres, Query
from ingestion.extractors.pulled import ExtractError, Pulled


class Snapshot(Protocol):
    """One read-only transaction, of which every query sees the same state."""

    quote: str

    def literal(self, moment: datetime) -> str:
        """An instant in UTC as the database writes it."""

    def run(self, statement: str) -> AbstractContextManager[tuple[pa.Schema, Iterator[pa.RecordBatch]]]:
        """The result in batches of bounded size."""


def pull(
    origin: FromPostgres | FromMariadb, overlap_days: float, cursor: dict[str, Any] | None, folder: Path
) -> Pulled:
    """Run the queries in one snapshot; ``<table>.parquet`` each.

    A query with ``updated_at`` asks for rows changed since the cursor less the overlap; without, for all rows. The
    cursor is, per table, the latest ``updated_at`` seen (ISO 8601, UTC). Raises :class:`ExtractError`.
    """
    files: list[Path] = []
    latest: dict[str, Any] = dict(cursor or {})
    with _snapshot(origin) as snapshot:
        for query in origin.queries:
            since = (cursor or {}).get(query.table) if query.updated_at else None
            start = datetime.fromisoformat(since) - timedelta(days=overlap_days) if since else None
            path = folder / f"{query.table}.parquet"
            with snapshot.run(_sql(snapshot, query, start)) as (schema, batches):
                newest = _save(schema, batches, path, query.updated_at)
            files.append(path)
            if newest is not None:
                latest[query.table] = max(newest, latest.get(query.table, newest))
    return Pulled(files, latest or None)


def _snapshot(origin: FromPostgres | FromMariadb) -> AbstractContextManager[Snapshot]:
    if isinstance(origin, FromMariadb):
        from ingestion.extractors import mariadb

        return mariadb.open_snapshot(origin)
    from ingestion.extractors import postgres

    return postgres.open_snapshot(origin)


def _sql(snapshot: Snapshot, query: Query, start: datetime | None) -> str:
    body = query.query.strip().rstrip(";")
    if " " not in body:
        body = f"SELECT * FROM {body}"
    if start is None:
        return body
    mark = snapshot.quote
    column = mark + str(query.updated_at).replace(mark, mark * 2) + mark
    return f"SELECT * FROM ({body}) AS pulled WHERE {column} >= {snapshot.literal(start)}"


def _save(schema: pa.Schema, batches: Iterator[pa.RecordBatch], path: Path, updated_at: str | None) -> str | None:
    """Stream the result into a file; the latest ``updated_at`` in it, ISO 8601 in UTC."""
    newest: datetime | None = None
    if updated_at is not None and updated_at not in schema.names:
        raise ExtractError(f"{path.stem}: the query gives no column {updated_at!r}.")
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(batch)
            if updated_at is not None and batch.num_rows:
                found = _moment(pc.max(batch.column(updated_at)).as_py())
                if found is not None and (newest is None or found > newest):
                    newest = found
    return newest.isoformat() if newest else None


def _moment(value: Any) -> datetime | None:
    """An instant in UTC of a time or of its text; None for what is no time, such as ``0000-00-00``."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, AttributeError, OverflowError):
        return None
