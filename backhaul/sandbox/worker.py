"""The process that runs one query: it reads a request from standard input, answers on standard output, and ends.

A request is a line of JSON: database, sql, mode (``run`` or ``plan``) and limits. The answer is a line of JSON; after
that of a run comes the result as an Arrow stream.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from typing import IO, Any

import duckdb
import pyarrow as pa
import pyarrow.ipc

from backhaul.candidate import SCHEMAS
from backhaul.sandbox import errors
from backhaul.sandbox.check import Published, check
from backhaul.sandbox.limits import Limits, confine, is_sealed, seal

BATCH_ROWS = 2048


def opened(database: str, limits: Limits) -> duckdb.DuckDBPyConnection:
    """A read-only connection that reaches nothing but the file, and whose settings cannot be changed any more."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": 1,
        "memory_limit": f"{limits.megabytes}MB",
        "max_temp_directory_size": "0KB",
        "enable_external_access": False,
        "autoload_known_extensions": False,
        "autoinstall_known_extensions": False,
        "allow_community_extensions": False,
        "python_enable_replacements": False,
        "python_scan_all_frames": False,
    }
    connection = duckdb.connect(database, read_only=True, config=config)
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(f"set search_path = '{','.join(reversed(SCHEMAS))}'")
    connection.execute(f"set max_execution_time = {int(limits.seconds * 1000)}")
    connection.execute("set lock_configuration = true")
    return connection


def answer(request: dict[str, Any], output: IO[bytes]) -> None:
    """Run the request and write what came of it. Errors of the query are part of the answer."""
    limits = Limits(**request["limits"])
    connection = opened(request["database"], limits)
    published = Published.of(connection)
    seal()
    try:
        if not is_sealed():
            raise errors.Crashed
        check(connection, request["sql"], published)
        began = time.monotonic()
        if request["mode"] == "plan":
            lines = connection.execute("explain " + request["sql"]).fetchall()
            _line(output, {"plan": "\n".join(text for _, text in lines)})
            return
        table, cut = _rows(connection.sql(request["sql"]).to_arrow_reader(BATCH_ROWS), limits)
        _line(output, {"seconds": time.monotonic() - began, "cut": cut})
        with pa.ipc.new_stream(output, table.schema) as stream:
            stream.write_table(table)
    except errors.QueryError as error:
        _line(output, {"error": error.code, "parts": error.parts})
    except (duckdb.OutOfMemoryException, MemoryError, pa.ArrowMemoryError):
        _line(output, {"error": errors.OutOfMemory.code, "parts": {"megabytes": str(limits.megabytes)}})
    except duckdb.InterruptException:
        _line(output, {"error": errors.OutOfTime.code, "parts": {"seconds": f"{limits.seconds:g}"}})
    except (duckdb.Error, pa.ArrowException) as error:
        _line(output, {"error": errors.EngineError.code, "parts": {"message": _plain(str(error))}})


def _rows(reader: pa.RecordBatchReader, limits: Limits) -> tuple[pa.Table, str]:
    """The result up to the limits, and which of them cut it: rows, bytes or none (empty)."""
    batches: list[pa.RecordBatch] = []
    rows = size = 0
    cut = ""
    for batch in reader:
        size += batch.nbytes
        if size > limits.result_megabytes * 1024**2:
            cut = "bytes"
            break
        if rows + batch.num_rows > limits.rows:
            batches.append(batch.slice(0, limits.rows - rows))
            cut = "rows"
            break
        batches.append(batch)
        rows += batch.num_rows
    return pa.Table.from_batches(batches, schema=reader.schema), cut


def _plain(message: str) -> str:
    """The engine's message without the kind of error in front and without advice that cannot be followed here."""
    return re.sub(r"^\w+( \w+)? Error: ", "", message).strip()


def _line(output: IO[bytes], content: dict[str, Any]) -> None:
    output.write(json.dumps(content).encode() + b"\n")
    output.flush()


def main() -> None:
    """Wait for the request. The end of input, without one, ends the process."""
    line = sys.stdin.buffer.readline()
    if line:
        request = json.loads(line)
        confine(Limits(**request["limits"]))
        answer(request, sys.stdout.buffer)
        sys.stdout.buffer.flush()
        # without destructors: at the memory limit they fail, and there is nothing to put in order
        os._exit(0)


if __name__ == "__main__":
    main()
