"""The published file as one reader may see it: the one place where rows are kept from people.

A reader with a scope gets a database in memory of views over the file. A row that belongs to a unit is there when its
unit is, and so is a row that names a parcel or a charge; any other row when its own column says so; reference lists are
there for all. Published views, the roll-up of the measures and the tables whose making is published are made anew over
these, so that every figure is of the rows that the reader may see. What is left, totals of the whole business, is not
there at all, and is known as closed: a page says so, and does not show it as nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from threading import Lock

import duckdb

from backhaul.candidate import DEFINITIONS
from backhaul.views import copy_views
from dashboards.access import Scope

ROLL_UP = "core.fct_measure_month"
# The tables whose rows others name by a key, the first that applies counts; each is made before those that ask for it.
OWNERS = {
    "unit_key": "core.fct_return_unit",
    "tracking_number": "core.fct_return_shipment",
    "carrier_charge_key": "core.fct_carrier_charge",
}
# Lists that name vendors' or sites' own things although they have neither column. No figure hangs on them.
PRIVATE_LISTS = {"core.dim_source_file"}
# Measures that look for later orders of the same customers, which nobody's rows hold.
WITHOUT_ORDERS = ("CUSTOMERS_REFUNDED", "CUSTOMERS_RETAINED")
CLOSED = "false"
PARAMETER = re.compile(r"\$[a-z_]+")


@dataclass(frozen=True)
class Making:
    """How a table is made of others: the view that is its definition, and all that it reads."""

    definition: str
    reads: frozenset[str]


@dataclass
class Opened:
    """What a reader may see of a file: a connection to it, and the tables that are closed to them.

    ``waiting`` are the tables that are made anew when they are first asked for, each after those that it reads.
    """

    connection: duckdb.DuckDBPyConnection
    closed: frozenset[str] = frozenset()
    waiting: dict[str, Making] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def prepare(self, tables: Collection[str]) -> None:
        """Make what a query reads; until then a table holds no row that is not the reader's."""
        with self._lock:
            wanted = set(tables)
            for name, making in reversed(self.waiting.items()):
                wanted |= making.reads if name in wanted else set()
            for name in [each for each in self.waiting if each in wanted]:
                with self.connection.cursor() as cursor:
                    cursor.execute(f"drop view {name}; create table {name} as from {self.waiting[name].definition}")
                del self.waiting[name]


def open_scoped(path: str, scope: Scope, config: dict[str, str | bool | int | float | list[str]]) -> Opened:
    """A reader's part of a published file, closed to everything outside it.

    Raises:
        duckdb.Error: the file cannot be read.
    """
    connection = duckdb.connect(":memory:", config={**config, "enable_external_access": True})
    connection.execute(f"attach {_text(path)} as published (read_only)")
    tables = {
        str(name): list(columns)
        for name, columns in connection.execute(
            "select schema_name || '.' || table_name, list(column_name) from duckdb_tables() as tables "
            "inner join duckdb_columns() as columns using (database_name, schema_name, table_name) "
            "where database_name = 'published' group by all order by all"
        ).fetchall()
    }
    schemas = sorted({name.partition(".")[0] for name in tables})
    for schema in (*schemas, DEFINITIONS):
        connection.execute(f"create schema {schema}")
    closed: set[str] = set()
    for name in sorted(tables, key=_place):
        condition = condition_of(name, tables[name], scope, closed)
        connection.execute(f"create view {name} as select * from published.{name} where {condition}")
        if condition == CLOSED and name not in PRIVATE_LISTS:
            closed.add(name)
    copy_views(connection, "published", (*schemas, DEFINITIONS))
    _roll_up(connection)
    closed.discard(ROLL_UP)
    makings = _makings(connection, closed)
    connection.execute("set enable_external_access = false; set lock_configuration = true")
    return Opened(connection, frozenset(closed.difference(makings)), makings)


def condition_of(name: str, columns: Collection[str], scope: Scope, closed: Collection[str] = ()) -> str:
    """Which rows of a table a reader may see; ``closed`` names the owners of which they see none."""
    own = _in(scope) if scope.column in columns else CLOSED
    if name.partition(".")[2].startswith("dim_") and own == CLOSED:
        return CLOSED if name in PRIVATE_LISTS else "true"
    asked = [key for key, owner in OWNERS.items() if key in columns and owner != name and owner not in closed]
    if name == OWNERS["unit_key"] or not asked:
        return own
    if own == CLOSED and asked[-1] != "unit_key":
        own = _belongs(asked[-1])
    return f"{_belongs('unit_key')} or (unit_key is null and {own})" if asked[0] == "unit_key" else own


def tables_of(sql: str) -> frozenset[str]:
    """The tables and views that a query reads, with their schemas; its parameters may be anything."""
    with duckdb.connect() as parser:
        named = parser.get_table_names(PARAMETER.sub("null", sql), qualified=True)
    return frozenset(name.partition(" AS ")[0] for name in named)


def _place(name: str) -> tuple[int, str]:
    """Owners before those that ask for them."""
    owners = list(OWNERS.values())
    return (owners.index(name) if name in owners else len(owners), name)


def _makings(connection: duckdb.DuckDBPyConnection, closed: Collection[str]) -> dict[str, Making]:
    """The tables whose making is published and reads nothing closed, each after those that it reads."""
    definitions = {
        f"{DEFINITIONS}.{name}": tables_of(sql.partition(" AS ")[2])
        for name, sql in connection.execute(
            "select view_name, sql from duckdb_views() where schema_name = $schema", {"schema": DEFINITIONS}
        ).fetchall()
    }
    tables = {
        f"{DEFINITIONS}.{name}": f"{schema}.{name}"
        for schema, name in connection.execute(
            "select schema_name, view_name from duckdb_views() where not internal and schema_name <> $schema",
            {"schema": DEFINITIONS},
        ).fetchall()
    }
    needs = _needs(definitions, tables)
    found: dict[str, Making] = {}
    barred = set(closed)
    for definition in TopologicalSorter(needs).static_order():
        if barred & definitions[definition]:
            barred.add(definition)
            continue
        definitions[definition] |= {read for need in needs[definition] for read in definitions[need]}
        if definition in tables:
            found[tables[definition]] = Making(definition, definitions[definition])
            barred.discard(tables[definition])
    return found


def _needs(definitions: Mapping[str, frozenset[str]], tables: Mapping[str, str]) -> dict[str, set[str]]:
    """Per definition the others that it reads, by their own name or by that of their table."""
    by_table = {tables.get(definition, definition): definition for definition in definitions}
    return {
        definition: {by_table[read] for read in reads if read in by_table} for definition, reads in definitions.items()
    }


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


def _belongs(key: str) -> str:
    return f"{key} in (select {key} from {OWNERS[key]})"


def _in(scope: Scope) -> str:
    return f"{scope.column} in ({', '.join(_text(member) for member in scope.members)})"


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
