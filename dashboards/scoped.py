"""The published file as one reader may see it: the one place where rows are kept from people.

A reader with a scope gets a database in memory of views over the file. A row that belongs to a unit is there when its
unit is; a row without a unit when its own column says so; reference lists are there for all; everything else, totals
of the whole business among it, is not there at all. Published views and the roll-up of the measures are made anew over
these, so that every figure is of the rows that the reader may see.
"""

from __future__ import annotations

import duckdb

from backhaul.views import copy_views
from dashboards.access import Scope

UNITS = "core.fct_return_unit"
ROLL_UP = "core.fct_measure_month"
# Lists that name vendors' or sites' own things although they have neither column.
PRIVATE_LISTS = {"dim_source_file"}
# Measures that look for later orders of the same customers, which nobody's rows hold.
WITHOUT_ORDERS = ("CUSTOMERS_REFUNDED", "CUSTOMERS_RETAINED")


def open_scoped(
    path: str, scope: Scope, config: dict[str, str | bool | int | float | list[str]]
) -> duckdb.DuckDBPyConnection:
    """A connection that holds a reader's part of a published file, closed to everything outside it.

    Raises:
        duckdb.Error: the file cannot be read.
    """
    connection = duckdb.connect(":memory:", config={**config, "enable_external_access": True})
    connection.execute(f"attach {_text(path)} as published (read_only)")
    tables = connection.execute(
        "select schema_name, table_name, list(column_name) from duckdb_columns() "
        "where database_name = 'published' and table_name in "
        "(select table_name from duckdb_tables() where database_name = 'published') group by all"
    ).fetchall()
    for schema in {schema for schema, _, _ in tables}:
        connection.execute(f"create schema {schema}")
    # the units first: the others ask for them
    for schema, table, columns in sorted(tables, key=lambda found: f"{found[0]}.{found[1]}" != UNITS):
        name = f"{schema}.{table}"
        condition = condition_of(table, columns, scope) if name != UNITS else _in(scope)
        connection.execute(f"create view {name} as select * from published.{name} where {condition}")
    copy_views(connection, "published", sorted({schema for schema, _, _ in tables}))
    _roll_up(connection)
    connection.execute("set enable_external_access = false; set lock_configuration = true")
    return connection


def condition_of(table: str, columns: list[str], scope: Scope) -> str:
    """Which rows of a table a reader may see."""
    own = _in(scope) if scope.column in columns else "false"
    if "unit_key" in columns:
        return f"unit_key in (select unit_key from {UNITS}) or (unit_key is null and {own})"
    if table.startswith("dim_") and scope.column not in columns and table not in PRIVATE_LISTS:
        return "true"
    return own


def _roll_up(connection: duckdb.DuckDBPyConnection) -> None:
    """The measures by month, of the rows that are there: what fct_measure_month is for everybody."""
    connection.execute(f"drop view {ROLL_UP}")
    connection.execute(
        f"create table {ROLL_UP} as select measure_code, "
        "cast(date_trunc('month', measured_on) as date) as period_month, "
        "component, channel, product_category, node_id, carrier, return_type, "
        "cast(sum(amount) as decimal(38, 8)) as amount, count(*) as row_count from core.fct_measure "
        f"where measure_code not in {WITHOUT_ORDERS} group by all"
    )


def _in(scope: Scope) -> str:
    return f"{scope.column} in ({', '.join(_text(member) for member in scope.members)})"


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
