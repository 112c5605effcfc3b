"""Views of one database made again in another, each after those that it reads."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb


def copy_views(connection: duckdb.DuckDBPyConnection, database: str, schemas: Sequence[str]) -> list[str]:
    """Make the views of an attached database in the current one, over tables of the same names; gives their names.

    Args:
        connection: whose current database gets the views.
        database: the attached one that has them.
        schemas: those whose views are wanted.

    Raises:
        duckdb.Error: a view reads something that is not there.
    """
    found = connection.execute(
        "select schema_name || '.' || view_name, sql, comment from duckdb_views() "
        "where database_name = $database and list_contains($schemas, schema_name) and not internal order by all",
        {"database": database, "schemas": list(schemas)},
    ).fetchall()
    waiting = found
    while waiting:
        left = []
        for view, sql, comment in waiting:
            try:
                # the engine keeps a view's text as CREATE VIEW <name> AS <query>
                connection.execute(f"create view {view} as {sql.partition(' AS ')[2]}")
            except duckdb.CatalogException:
                left.append((view, sql, comment))
                if len(left) == len(waiting):
                    raise
                continue
            if comment:
                connection.execute(f"comment on view {view} is '{comment.replace(chr(39), chr(39) * 2)}'")
        waiting = left
    return [view for view, _, _ in found]
