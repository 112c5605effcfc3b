"""What a query may be: one SELECT over published tables that calls only functions known to be harmless.

The engine's own parser says what the text means (``json_serialize_sql``), so that no trick of comments, quotes or
spelling comes between the check and the run. Whatever is not named here is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import duckdb

from backhaul.candidate import SCHEMAS
from backhaul.sandbox import errors

TEXT_LIMIT = 50_000
TABLE_FUNCTIONS = frozenset({"range", "generate_series", "unnest", "json_each", "json_tree"})
QUERY_NODES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})
TABLE_REFERENCES = frozenset(
    {"BASE_TABLE", "TABLE_FUNCTION", "SUBQUERY", "JOIN", "EXPRESSION_LIST", "EMPTY", "PIVOT", "SHOW_REF", "COLUMN_DATA"}
)
MODIFIERS = frozenset(
    {"ORDER_MODIFIER", "LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER", "DISTINCT_MODIFIER"}
    | {"ORDER_DEFAULT", "ORDER_ASCENDING", "ORDER_DESCENDING", "ASCENDING", "DESCENDING"}
)
EXPRESSIONS = frozenset(
    {"BETWEEN", "CASE", "CAST", "COLLATE", "COLUMN_REF", "COMPARISON", "CONJUNCTION", "CONSTANT", "FUNCTION", "LAMBDA"}
    | {"LAMBDA_REF", "OPERATOR", "POSITIONAL_REFERENCE", "STAR", "SUBQUERY", "TYPE", "WINDOW"}
)
# A query that describes another says what kind of it: the others list what the engine knows of itself.
DESCRIPTIONS = frozenset({"DESCRIBE", "SUMMARY"})


def _named(path: Path) -> frozenset[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return frozenset(name for line in lines if not line.startswith("# ") for name in line.split())


# read while files can still be opened
FUNCTIONS = _named(Path(__file__).with_name("functions.txt"))


@dataclass(frozen=True)
class Published:
    """Names of a published file, in lower case: ``schema.table``, and what the engine's own views are called."""

    tables: frozenset[str]
    own_views: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def of(cls, connection: duckdb.DuckDBPyConnection) -> Published:
        listed = connection.execute(
            "select distinct lower(schema_name || '.' || table_name) from duckdb_columns() "
            "where list_contains($schemas, schema_name)",
            {"schemas": list(SCHEMAS)},
        ).fetchall()
        own = connection.execute("select distinct lower(view_name) from duckdb_views() where internal").fetchall()
        return cls(frozenset(name for (name,) in listed), frozenset(name for (name,) in own))

    def has(self, schema: str, table: str) -> bool:
        """True for a table of that schema; without a schema, of any."""
        if schema:
            return f"{schema}.{table}" in self.tables
        return any(f"{each}.{table}" in self.tables for each in SCHEMAS)

    def nearest(self, table: str) -> str:
        by_name = {name.partition(".")[2]: name for name in sorted(self.tables)}
        return ", ".join(by_name[name] for name in get_close_matches(table, by_name, n=3, cutoff=0.5)) or "-"


def check(connection: duckdb.DuckDBPyConnection, sql: str, published: Published) -> None:
    """Return when the text may be run; nothing of it is run here.

    Raises:
        QueryError: the reason, of the class that names it.
    """
    if len(sql) > TEXT_LIMIT:
        raise errors.TooLong(limit=str(TEXT_LIMIT))
    try:
        statements = connection.extract_statements(sql)
    except duckdb.Error as error:
        raise errors.NotParsed(message=str(error)) from error
    if len(statements) != 1:
        raise errors.NotOneStatement(count=str(len(statements)))
    kind = statements[0].type.name
    if kind == "MULTI":
        raise errors.PivotWithoutValues
    if kind != "SELECT":
        raise errors.NotASelect(statement=kind)
    try:
        _Walk(published).node(_tree(connection, sql), frozenset())
    except RecursionError as error:
        raise errors.TooLong(limit=str(TEXT_LIMIT)) from error


def _tree(connection: duckdb.DuckDBPyConnection, sql: str) -> list[Any]:
    ((text,),) = connection.execute("select json_serialize_sql($sql::varchar)", {"sql": sql}).fetchall()
    serialized = json.loads(text)
    if serialized.get("error", True) or len(serialized["statements"]) != 1:
        raise errors.NotASelect(statement=str(serialized.get("error_message", "?")))
    return [statement["node"] for statement in serialized["statements"]]


class _Walk:
    """A walk over the tree. ``scope`` holds the names of the common table expressions that can be seen."""

    def __init__(self, published: Published) -> None:
        self.published = published

    def node(self, node: Any, scope: frozenset[str]) -> None:
        if isinstance(node, list):
            for each in node:
                self.node(each, scope)
        elif isinstance(node, dict):
            self._refuse_unknown(node)
            if node.get("class") == "CONSTANT":
                return
            if node.get("class") in {"FUNCTION", "WINDOW"}:
                self._function(node, FUNCTIONS)
            elif node.get("type") == "BASE_TABLE":
                self._table(node, scope)
            elif node.get("type") == "SHOW_REF" and not (node.get("query") and node.get("show_type") in DESCRIPTIONS):
                raise errors.ConstructNotAllowed(construct="SHOW")
            elif node.get("type") == "TABLE_FUNCTION":
                self._function(node["function"], TABLE_FUNCTIONS)
                # its name is checked; what it is called with still has to be
                node = {**node, "function": list(node["function"].values())}
            self._children(node, self._with_own_names(node, scope))

    def _children(self, node: dict[str, Any], scope: frozenset[str]) -> None:
        for key, value in node.items():
            if key != "cte_map":
                self.node(value, scope)

    def _with_own_names(self, node: dict[str, Any], scope: frozenset[str]) -> frozenset[str]:
        """Check the node's common table expressions, each of which sees those before it."""
        if name := node.get("cte_name"):
            scope |= {self._own_name(name)}
        for entry in (node.get("cte_map") or {}).get("map", ()):
            self.node(entry["value"], scope)
            scope |= {self._own_name(entry["key"])}
        return scope

    def _own_name(self, name: str) -> str:
        # where the engine looks is the engine's business: a name of its own views could mean either
        if name.lower() in self.published.own_views:
            raise errors.TableNotAllowed(table=name, nearest="-")
        return name.lower()

    def _table(self, node: dict[str, Any], scope: frozenset[str]) -> None:
        path = [part.lower() for part in node["qualified_name"]["path"]]
        schema, table = ("", path[0]) if len(path) == 1 else (path[0], path[-1])
        if len(path) == 1 and table in scope:
            return
        if len(path) > 2 or not self.published.has(schema, table):
            raise errors.TableNotAllowed(table=".".join(path), nearest=self.published.nearest(table))

    @staticmethod
    def _function(node: dict[str, Any], allowed: Iterable[str]) -> None:
        name, path = node["function_name"].lower(), (node.get("qualified_name") or {}).get("path") or []
        if name not in allowed or len(path) > 1:
            raise errors.FunctionNotAllowed(function=".".join(path) or name)

    @staticmethod
    def _refuse_unknown(node: dict[str, Any]) -> None:
        """Refuse an expression, a table or a query of a kind that is not named above."""
        kind = node.get("class")
        if isinstance(kind, str):
            if kind not in EXPRESSIONS:
                raise errors.ConstructNotAllowed(construct=kind)
        elif isinstance(node.get("type"), str) and node["type"] not in QUERY_NODES | TABLE_REFERENCES | MODIFIERS:
            raise errors.ConstructNotAllowed(construct=node["type"].removesuffix("_NODE").replace("_", " "))
