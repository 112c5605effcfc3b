"""A snapshot of a MariaDB or MySQL database.

Values are kept as the server writes them. Whole numbers and floats become numbers; decimals stay text, so that they
stay exact; so do dates and times, because MariaDB has ``0000-00-00``, which no type of dates holds. A TIMESTAMP is an
instant and says so (``+00:00``), a DATETIME has no zone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pymysql
from pymysql.constants import FIELD_TYPE, FLAG
from pymysql.converters import encoders
from pymysql.cursors import SSCursor

from backhaul.connections import Connection, resolve
from ingestion.config import FromMariadb
from ingestion.extractors.pulled import ExtractError, Refused
from ingestion.extractors.sql import Snapshot

ROWS = 20_000
INTEGERS = {FIELD_TYPE.TINY, FIELD_TYPE.SHORT, FIELD_TYPE.INT24, FIELD_TYPE.LONG, FIELD_TYPE.LONGLONG, FIELD_TYPE.YEAR}
FLOATS = {FIELD_TYPE.FLOAT, FIELD_TYPE.DOUBLE}
BINARY_CHARSET = 63
TEXTS = {FIELD_TYPE.VAR_STRING, FIELD_TYPE.STRING, FIELD_TYPE.VARCHAR, FIELD_TYPE.BLOB, FIELD_TYPE.TINY_BLOB,
         FIELD_TYPE.MEDIUM_BLOB, FIELD_TYPE.LONG_BLOB}  # fmt: skip
# Access denied, unknown database, no such table, no privilege for a table or column, unknown column, wrong SQL.
FINAL = {1044, 1045, 1049, 1054, 1064, 1142, 1143, 1146, 1698}


@contextmanager
def open_snapshot(origin: FromMariadb) -> Iterator[Snapshot]:
    """A repeatable, read-only transaction, its times in UTC. Raises :class:`ExtractError`."""
    connection = resolve(origin.connection)
    name = f"MariaDB {connection.host or 'localhost'}:{connection.port or 3306}/{connection.schema}"
    try:
        with pymysql.connect(**_options(connection, origin.timeout_seconds)) as database:
            with database.cursor() as cursor:
                cursor.execute("SET SESSION time_zone = '+00:00'")
                cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
            yield _MariaDb(database)
    except pymysql.MySQLError as error:
        code, text = (*error.args, "")[:2] if error.args else (0, str(error))
        kind = Refused if code in FINAL else ExtractError
        raise kind(f"{name}: {text or code}") from error


class _MariaDb:
    quote = "`"

    def __init__(self, database: Any) -> None:
        self._database = database

    def literal(self, moment: datetime) -> str:
        return f"'{moment.astimezone(UTC).replace(tzinfo=None).isoformat(sep=' ')}'"

    @contextmanager
    def run(self, statement: str) -> Iterator[tuple[pa.Schema, Iterator[pa.RecordBatch]]]:
        """The rows come from the server as they are read: an unbuffered cursor."""
        with self._database.cursor(SSCursor) as cursor:
            cursor.execute(statement)
            fields = cursor._result.fields  # noqa: SLF001 - description lacks the flags and the character set
            schema = pa.schema([pa.field(field.name, _type(field)) for field in fields])
            yield schema, _batches(cursor, fields, schema)


def _batches(cursor: SSCursor, fields: list[Any], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    while rows := cursor.fetchmany(ROWS):
        columns = [
            _array(field, item.type, values)
            for field, item, values in zip(fields, schema, zip(*rows, strict=True), strict=True)
        ]
        yield pa.RecordBatch.from_arrays(columns, schema=schema)


def _type(field: Any) -> pa.DataType:
    if field.type_code in INTEGERS:
        return pa.uint64() if field.flags & FLAG.UNSIGNED else pa.int64()
    if field.type_code in FLOATS:
        return pa.float64()
    binary = field.type_code in TEXTS and field.charsetnr == BINARY_CHARSET
    return pa.binary() if binary or field.type_code in (FIELD_TYPE.BIT, FIELD_TYPE.GEOMETRY) else pa.string()


def _array(field: Any, kind: pa.DataType, values: tuple[Any, ...]) -> pa.Array:
    if pa.types.is_binary(kind):
        return pa.array([value.encode() if isinstance(value, str) else value for value in values], kind)
    texts = pa.array(values, pa.string())
    if field.type_code == FIELD_TYPE.TIMESTAMP:
        is_time = pc.not_equal(pc.utf8_slice_codeunits(texts, 0, 4), "0000")
        return pc.if_else(is_time, pc.binary_join_element_wise(texts, "+00:00", ""), texts)
    return texts if pa.types.is_string(kind) else texts.cast(kind)


def _options(connection: Connection, timeout_seconds: float) -> dict[str, Any]:
    """What the driver takes; of the connection's extra: ``unix_socket`` and the files of TLS, ``ssl_ca`` and others."""
    extra = connection.extra
    tls = {name: str(extra[name]) for name in ("ssl_ca", "ssl_cert", "ssl_key") if extra.get(name)}
    socket = str(extra.get("unix_socket") or (connection.host if connection.host.startswith("/") else ""))
    return {
        "host": connection.host or "localhost",
        "port": connection.port or 3306,
        "user": connection.login,
        "password": connection.password,
        "database": connection.schema or None,
        "unix_socket": socket or None,
        "charset": "utf8mb4",
        "connect_timeout": max(1, min(30, math.ceil(timeout_seconds))),
        "read_timeout": math.ceil(timeout_seconds),
        # Without decoders the driver gives the server's own text.
        "conv": encoders,
        **tls,
        **({"ssl_verify_cert": True, "ssl_verify_identity": True} if "ssl_ca" in tls else {}),
    }
