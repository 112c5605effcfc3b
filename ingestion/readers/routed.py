"""The delimited kind: a file that its user describes in YAML, each record routed to a table of the native contract."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from backhaul.errors import readable
from ingestion.columns import SEPARATOR, Mapped, faults, literal, quoted, typed
from ingestion.contract import Column, Contract, ContractError, Options, load_contract
from ingestion.readers.delimited import Delimited, Header, extra_json

NATIVE = "backhaul"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Route(_Strict):
    """Records for which ``when`` (SQL) holds go to ``table``, each of its columns by the SQL in ``map``.

    A route with a ``reason`` in place of a table keeps its records in quarantine under that rule: they were understood,
    and the description says why they are no row.
    """

    table: str | None = None
    reason: str | None = Field(None, pattern="^[a-z][a-z0-9_]*$")
    when: str = "true"
    map: dict[str, str] = {}

    @model_validator(mode="after")
    def _one_way(self) -> Route:
        if (self.table is None) == (self.reason is None):
            raise ValueError("a route has a table or a reason")
        if self.reason is not None and self.map:
            raise ValueError("a route with a reason maps nothing")
        return self


class Description(_Strict):
    """What a user says of a file: how it is written, its columns, and where its records go."""

    version: int = Field(1, ge=1)
    options: Options = Options()
    columns: tuple[Column, ...] = Field(min_length=1)
    routes: tuple[Route, ...] = Field(min_length=1)

    @property
    def tables(self) -> dict[str, dict[int, Route]]:
        """The routes of each native table, by their number in the description."""
        found: dict[str, dict[int, Route]] = {}
        for number, route in enumerate(self.routes):
            if route.table is not None:
                found.setdefault(route.table, {})[number] = route
        return found

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if column.required)


def load_description(path: Path) -> Description:
    """Read and check a description. Raises :class:`ContractError` naming the route and column that are wrong."""
    try:
        modified = path.stat().st_mtime_ns
    except OSError as error:
        raise ContractError(f"The description {path} can't be read: {error.strerror}.") from error
    return _load(path, modified)


@lru_cache(maxsize=64)
def _load(path: Path, modified: int) -> Description:  # noqa: ARG001 - part of the cache's key
    try:
        raw: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        columns = [{"description": column["name"], **column} for column in raw["columns"]]
        description = Description.model_validate({**raw, "columns": columns})
    except ValidationError as error:
        raise ContractError(f"{path.name}: {readable(error)}") from error
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise ContractError(f"{path.name}: it is not a description of a file ({error}).") from error
    _check_routes(path.name, description, load_contract(NATIVE))
    return description


def _check_routes(name: str, description: Description, native: Contract) -> None:
    names = [column.name for column in description.columns]
    if len(names) != len(set(names)):
        raise ContractError(f"{name}: two columns have the same name.")
    tables = {table.name: table for table in native.tables}
    con = duckdb.connect()
    columns = ", ".join(f"{quoted(column.name)} {column.lake_type}" for column in description.columns)
    con.execute(f"CREATE TABLE record ({columns})")
    for number, route in enumerate(description.routes, 1):
        label = f"{name}, route {number}"
        if route.table is not None:
            if route.table not in tables:
                raise ContractError(
                    f"{label}: there is no table {route.table!r}; there are {', '.join(sorted(tables))}."
                )
            table = tables[route.table]
            if strange := set(route.map) - {column.name for column in table.columns}:
                raise ContractError(f"{label}: {route.table} has no column {', '.join(sorted(strange))}.")
            if absent := set(table.required) - set(route.map):
                raise ContractError(f"{label}: map the required column {', '.join(sorted(absent))} of {route.table}.")
        for place, expression in {"when": route.when, **route.map}.items():
            try:
                con.execute(f"SELECT {expression} FROM record")
            except duckdb.Error as error:
                raise ContractError(f"{label}, {place}: {expression!r} is not SQL over the columns: {error}") from error
    con.close()


def load(
    con: duckdb.DuckDBPyConnection, delimited: Delimited, header: Header, description: Description, timezone: str | None
) -> int:
    """Fill the temporary table ``described``: typed columns by name, ``_n``, ``_fault`` and ``_route``.

    Returns the number of records. Raises ``duckdb.Error`` for structural errors of the file.
    """
    raws = ", ".join(
        f"{f'c{header.fields[column.name]}' if column.name in header.fields else 'NULL::VARCHAR'} AS r_{column.name}"
        for column in description.columns
    )
    values = ", ".join(
        f"{typed(column, f'r_{column.name}', timezone)} AS t_{column.name}" for column in description.columns
    )
    names = ", ".join(f"t_{column.name} AS {quoted(column.name)}, r_{column.name}" for column in description.columns)
    others = "".join(f", c{index}" for index in header.extra.values())
    routes = " ".join(f"WHEN try({route.when}) THEN {number}" for number, route in enumerate(description.routes))
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE described AS "
        f"SELECT *, CASE WHEN _fault IS NULL THEN CASE {routes} END END AS _route FROM ("
        f"SELECT {names}{others}, _n, {faults(description.columns)} AS _fault FROM ("
        f"SELECT *, {values} FROM (SELECT {raws}{others}, row_number() OVER () AS _n FROM {delimited.source})))"
    )
    rules = {n: route.reason for n, route in enumerate(description.routes) if route.reason is not None}
    named = "".join(f" WHEN _route = {number} THEN {literal(rule)}" for number, rule in rules.items())
    con.execute(
        f"UPDATE described SET _fault = CASE WHEN _route IS NULL THEN 'unrouted'{named} END "
        f"|| {SEPARATOR} || {SEPARATOR} "
        "|| CASE WHEN _route IS NULL THEN 'no route takes this record' ELSE 'kept out by the description' END "
        f"WHERE _fault IS NULL AND (_route IS NULL OR _route IN ({', '.join(map(str, [-1, *rules]))}))"
    )
    [(records,)] = con.execute("SELECT count(*) FROM described").fetchall()
    return int(records)


def mapped(description: Description, header: Header) -> list[Mapped]:
    """The raw relations over ``described``, one per native table that a route names."""
    native = load_contract(NATIVE)
    relations = []
    for name, routes in description.tables.items():
        raw: dict[str, str | None] = {}
        for column in native.table(name).columns:
            cases = " ".join(
                f"WHEN {number} THEN try(({route.map[column.name]})::VARCHAR)"
                for number, route in routes.items()
                if column.name in route.map
            )
            raw[column.name] = f"nullif(CASE _route {cases} END, '')" if cases else None
        extras = " ".join(
            f"WHEN {number} THEN {_unused(description, header, route)}" for number, route in routes.items()
        )
        relations.append(
            Mapped(
                table=native.table(name),
                source=f"(SELECT * FROM described WHERE _route IN ({', '.join(map(str, routes))}) ORDER BY _n)",
                raw=raw,
                row="_n",
                extra=f"CASE _route {extras} END",
            )
        )
    return relations


def _unused(description: Description, header: Header, route: Route) -> str:
    """The JSON of the file's columns that a route uses nowhere in its map."""
    words = set(re.findall(r"[a-z][a-z0-9_]*", " ".join(route.map.values()).lower()))
    unused = {
        header.names[header.fields[column.name]]: f"r_{column.name}"
        for column in description.columns
        if column.name not in words and column.name in header.fields
    }
    return extra_json({**unused, **{name: f"c{index}" for name, index in header.extra.items()}})


def fault_query() -> str:
    """The faulty records of ``described``: position (1-based) and packed fault."""
    return "SELECT _n, _fault FROM described WHERE _fault IS NOT NULL ORDER BY _n"


def version_of(description: Description) -> str:
    """The version of a batch read by this description: its own and the native contract's."""
    return f"{description.version}.{load_contract(NATIVE).version}"
