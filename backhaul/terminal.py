"""SQL in the terminal, on the published file and read-only: one query's rows, or a client to stay in."""

from __future__ import annotations

import csv
import importlib.util
import itertools
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import duckdb
import pyarrow as pa
import pyarrow.parquet

from backhaul import telemetry
from backhaul.errors import Explained
from backhaul.publishing import NothingToPublish, current
from backhaul.reading import published
from backhaul.settings import Settings

CLIENT = "harlequin"
BATCH_ROWS = 20_480


class QueryFailed(Explained):
    """The engine could not answer; the message is its own."""


class ClientMissing(Explained):
    """The interactive client is not installed."""


@dataclass(frozen=True)
class Shown:
    """The first rows of a result, and whether there are more."""

    columns: list[str]
    rows: list[tuple[Any, ...]]
    has_more: bool


def first_rows(settings: Settings, query: str, limit: int) -> Shown:
    """The first rows of a query; 0 takes all. Raises QueryFailed, NothingToPublish."""
    with _answer(settings, query) as reader:
        rows = list(itertools.islice(_rows(reader), limit + 1 if limit else None))
        return Shown(list(reader.schema.names), rows[: limit or None], bool(limit) and len(rows) > limit)


def write_csv(settings: Settings, query: str, target: IO[str]) -> None:
    """Every row as comma-separated values with a heading; decimals exact."""
    with _answer(settings, query) as reader:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(reader.schema.names)
        writer.writerows(_rows(reader))


def write_json(settings: Settings, query: str, target: IO[str]) -> None:
    """Every row as a line of JSON; decimals and dates as text, exact."""
    with _answer(settings, query) as reader:
        names = reader.schema.names
        for row in _rows(reader):
            target.write(json.dumps(dict(zip(names, row, strict=True)), default=str, ensure_ascii=False) + "\n")


def write_parquet(settings: Settings, query: str, target: Path) -> int:
    """Every row with its exact type; gives their number."""
    with _answer(settings, query) as reader:
        return copy_to_parquet(reader, target)


def copy_to_parquet(reader: pa.RecordBatchReader, target: Path, schema: pa.Schema | None = None) -> int:
    """Write batches as they come (zstd), under another schema of the same types if one is given; gives the rows."""
    rows = 0
    with pa.parquet.ParquetWriter(target, schema or reader.schema, compression="zstd") as writer:
        for batch in reader:
            writer.write_batch(batch.cast(schema) if schema else batch)
            rows += batch.num_rows
    return rows


def client(settings: Settings) -> int:
    """Open the client on the published file until it is left; gives its exit code.

    Raises:
        ClientMissing: it is an extra, and not there.
        NothingToPublish: nothing was published yet.
    """
    publish = current(settings)
    if publish is None:
        raise NothingToPublish("Nothing is published yet: run `make up`, or `backhaul run`.")
    if importlib.util.find_spec(CLIENT) is None:
        raise ClientMissing(
            f"The client {CLIENT} is not installed. Add it with `.venv/bin/uv pip install -c requirements.lock "
            f"{CLIENT}`, give the query on the command line (`backhaul sql 'from marts.mart_exec_kpi'`), "
            f"or open {publish.path(settings)} read-only in any DuckDB client."
        )
    telemetry.switch_off()
    command = [sys.executable, "-m", CLIENT, "--adapter", "duckdb", "--read-only", str(publish.path(settings))]
    return subprocess.run(command, check=False).returncode


@contextmanager
def _answer(settings: Settings, query: str) -> Iterator[pa.RecordBatchReader]:
    """The batches of a query over the current publish; the engine's errors are explained, those while reading too."""
    with published(settings) as (_, connection):
        try:
            answered = connection.sql(query)
            if answered is None:
                raise QueryFailed("That is no query: it gives no rows.")
            yield answered.to_arrow_reader(BATCH_ROWS)
        except duckdb.Error as error:
            raise QueryFailed(str(error)) from error


def _rows(reader: pa.RecordBatchReader) -> Iterator[tuple[Any, ...]]:
    for batch in reader:
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)
