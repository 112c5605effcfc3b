"""Descriptions: what the records of a source are, in its own terms, and which native tables they become.

A kind of source that ships a ``contract.yml`` with ``records:`` is described there; the generic kinds are described by
their user in a file of the same form. See docs/how-to/describe-a-file.md.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import duckdb
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from backhaul.errors import readable
from backhaul.settings import Settings
from ingestion.columns import literal, quoted
from ingestion.config import Source, resolve_path
from ingestion.contract import (
    GENERIC,
    NATIVE,
    SOURCES,
    ChangeKind,
    Column,
    Contract,
    ContractError,
    OnChange,
    Options,
    Table,
    load_contract,
    read_yaml,
)  # fmt: skip

Format = Literal["delimited", "json", "xlsx", "table", "x12", "edifact", "xml"]
FORMAT_OF = {"delimited": "delimited", "ndjson": "json", "xlsx": "xlsx", "sql": "table"}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Route(_Strict):
    """Records for which ``when`` (SQL) holds go to ``table``, each of its columns by the SQL in ``map``.

    A route with a ``reason`` in place of a table keeps its records in quarantine under that rule: they were understood,
    and the description says why they are no row.

    ``number_by`` are columns or values: of records equal in all of them, ``ordinal`` (1, 2, …) in the map
    tells which one, whatever the order of lines. It makes a key for lines that the source does not number.
    ``each`` is SQL for a whole number: the record gives as many rows, and ``unit`` in the map tells which (1, 2, …).
    """

    table: str | None = None
    reason: str | None = Field(None, pattern="^[a-z][a-z0-9_]*$")
    when: str = "true"
    each: str | None = None
    map: dict[str, str] = {}
    number_by: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _one_way(self) -> Route:
        if (self.table is None) == (self.reason is None):
            raise ValueError("a route has a table or a reason")
        if self.reason is not None and (self.map or self.each):
            raise ValueError("a route with a reason maps nothing")
        return self


class Total(_Strict):
    """What a file tells of the sum of its own lines: ``sum`` over the records equal in ``by`` should be ``told``.

    ``sum`` and ``told`` are SQL for a number. Lines that are kept out count too; where one has no amount, or none tells
    a total, nothing is asked.
    """

    by: tuple[str, ...] = Field(min_length=1)
    sum: str
    told: str


class Record(_Strict):
    """One kind of record: where it stands, its columns, and where it goes.

    In flat files a record is a line; of several kinds of record the one whose columns the header fits is taken, or that
    ``files`` names. There ``parent`` are columns of what encloses the line: where the first of them is empty, all of
    them are those of the line above, and SQL reads the number of the line in it as ``line_number``. In documents it
    stands at one of the places ``at``, where it has all the paths of ``has``, none of ``lacks``, and the values of
    ``where``; these may ask what encloses it, as ``$.kind``.

    ``values`` are named SQL expressions over the columns and the values before them, for what several routes ask.

    The first of ``routes`` that takes a record decides what it is: a row of a table, or out for a reason. Each of
    ``also`` that holds for a record so taken gives a further row.

    ``totals`` are those that the file tells of its lines: a batch in which one is off has a check that warns.
    """

    name: str = Field("record", pattern="^[a-z][a-z0-9_]*$")
    files: tuple[str, ...] = ()
    parent: tuple[str, ...] = ()
    at: tuple[str, ...] = ("",)
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    where: dict[str, tuple[str, ...]] = {}
    columns: tuple[Column, ...] = Field(min_length=1)
    values: dict[str, str] = {}
    routes: tuple[Route, ...] = Field(min_length=1)
    also: tuple[Route, ...] = ()
    totals: tuple[Total, ...] = ()

    @model_validator(mode="after")
    def _parent_is_of_columns(self) -> Record:
        if strange := set(self.parent) - {column.name for column in self.columns}:
            raise ValueError(f"parent: there is no column {', '.join(sorted(strange))}")
        return self

    @model_validator(mode="after")
    def _also_are_rows(self) -> Record:
        if any(route.table is None for route in self.also):
            raise ValueError("a route under `also` has a table")
        return self

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if column.required)


class Description(_Strict):
    """A source's files: how they are written, their records, and the codes that its values are translated by.

    ``codes`` are named tables of texts; each is a function over the columns, ``<name>(value)``, that ignores case and
    gives NULL for a text it does not list. ``currency`` is ISO 4217, of amounts whose file does not say it; SQL
    reads it as ``own_currency()``. ``on_change`` says for which changes of form a batch is held, unless its source
    says otherwise.
    """

    version: int = Field(1, ge=1)
    format: Format = "delimited"
    options: Options = Options()
    codes: dict[str, dict[str, str]] = {}
    currency: str | None = Field(None, pattern="^[A-Z]{3}$")
    on_change: dict[ChangeKind, OnChange] = {}
    records: tuple[Record, ...] = Field(min_length=1)

    @property
    def is_flat(self) -> bool:
        """True when records are lines with named fields, read by the engine without a look at each."""
        if self.format == "json":
            columns = [column for record in self.records for column in record.columns]
            flat = all("." not in path and "[" not in path for column in columns for path in column.path)
            places = all(record.at == ("",) for record in self.records)
            return flat and places and not any(r.has or r.lacks or r.where for r in self.records)
        return self.format in ("delimited", "xlsx", "table")

    @property
    def tables(self) -> list[str]:
        """The native tables that its records can become."""
        routes = [route for record in self.records for route in (*record.routes, *record.also)]
        return list(dict.fromkeys(route.table for route in routes if route.table is not None))

    def of(self, source: Source) -> Description:
        """The same as a source's entry says it: its currency, and whether the month comes first."""
        told = self.with_month_first() if source.month_first else self
        return told.model_copy(update={"currency": source.currency}) if source.currency else told

    def with_month_first(self) -> Description:
        """The same with the month before the day wherever a pattern of a date has the day first."""
        records = []
        for record in self.records:
            columns = [
                column.model_copy(update={"formats": tuple(map(_month_first, column.formats))})
                for column in record.columns
            ]
            records.append(record.model_copy(update={"columns": tuple(columns)}))
        return self.model_copy(update={"records": tuple(records)})

    @property
    def full_version(self) -> str:
        """The version of a batch read by this description: its own and the native contract's."""
        return f"{self.version}.{load_contract(NATIVE).version}"


def description_of(settings: Settings, source: Source) -> Description | None:
    """The description that a source is read by; None for a kind with tables of its own. Raises ``ContractError``."""
    path = SOURCES / source.kind / "contract.yml"
    if source.contract is not None:
        description = load_description(resolve_path(settings, source.contract), FORMAT_OF.get(source.kind))
    elif source.kind in GENERIC or not is_description(_read(path)):
        return None
    else:
        description = load_description(path)
    return description.of(source)


def _month_first(pattern: str) -> str:
    return re.sub(r"^%d(\W)%m", r"%m\1%d", pattern)


def holds_documents(settings: Settings, source: Source) -> bool:
    """True for a source whose files are documents, in which a record is a part. Raises ``ContractError``."""
    description = description_of(settings, source)
    return description is not None and not description.is_flat


def options_of(settings: Settings, source: Source) -> Options:
    """How a source's text is written. Raises ``ContractError``."""
    return (description_of(settings, source) or load_contract(source.kind)).options


def is_description(raw: dict[str, Any]) -> bool:
    """True for a contract whose records become native tables, false for one with tables of its own."""
    return "records" in raw or "routes" in raw


def load_description(path: Path, form: str | None = None) -> Description:
    """Read and check a description. Raises :class:`ContractError` naming the route and column that are wrong.

    ``form`` is the format that the kind of source gives to a description that names none.
    """
    try:
        modified = path.stat().st_mtime_ns
    except OSError as error:
        raise ContractError(f"The description {path} can't be read: {error.strerror}.") from error
    return _load(path, form, modified)


@lru_cache(maxsize=64)
def _load(path: Path, form: str | None, modified: int) -> Description:  # noqa: ARG001 - part of the cache's key
    try:
        raw = _whole(path)
        records = raw.pop("records", None) or [
            {key: raw.pop(key) for key in ("parent", "columns", "values", "routes", "also", "totals") if key in raw}
        ]
        groups = raw.pop("column_groups", {})
        for key in ("kind", "domain"):
            raw.pop(key, None)
        if form is not None:
            raw.setdefault("format", form)
        description = Description.model_validate(
            {
                **raw,
                "records": [
                    {
                        **record,
                        "columns": _columns(record["columns"], groups),
                        "routes": _repeated(record["routes"]),
                        "also": _repeated(record.get("also", [])),
                    }
                    for record in records
                ],
            }
        )
    except ValidationError as error:
        raise ContractError(f"{path.name}: {readable(error)}") from error
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise ContractError(f"{path.name}: it is not a description of a file ({error}).") from error
    for record in description.records:
        _check(path.name, description, record, load_contract(NATIVE))
    return description


@lru_cache(maxsize=64)
def _read(path: Path) -> dict[str, Any]:
    raw = read_yaml(path)
    return raw if isinstance(raw, dict) else {}


def _whole(path: Path) -> dict[str, Any]:
    """The mapping of a file; one that ``extends`` a shipped kind adds to it, and replaces its records by name."""
    raw: dict[str, Any] = dict(read_yaml(path))
    base = raw.pop("extends", None)
    if base is None:
        return raw
    shipped = SOURCES / str(base) / "contract.yml"
    if not shipped.is_file() or not is_description(_read(shipped)):
        raise ContractError(f"{path.name}: there is no described kind {base!r} to extend.")
    below = _read(shipped)
    records = {record["name"]: record for record in [*below["records"], *raw.get("records", [])]}
    codes = {
        name: {**below.get("codes", {}).get(name, {}), **raw.get("codes", {}).get(name, {})}
        for name in {**below.get("codes", {}), **raw.get("codes", {})}
    }
    return {**below, **raw, "codes": codes, "records": list(records.values())}


def _columns(listed: list[Any], groups: dict[str, Any]) -> list[Any]:
    columns: list[Any] = []
    for column in listed:
        columns += groups[column["include"]] if "include" in column else [column]
    return [{"description": column["name"], **column} for column in _repeated(columns)]


def _repeated(entries: list[Any]) -> list[Any]:
    """The entries, one with ``repeat: N`` (or ``[first, N]``) as entries in which ``{n}`` is 1 (or first) to N."""
    found: list[Any] = []
    for entry in entries:
        one = {key: value for key, value in entry.items() if key != "repeat"}
        times = entry.get("repeat")
        first, last = times if isinstance(times, list) else (1, times)
        found += [one] if times is None else [_numbered(one, number) for number in range(first, last + 1)]
    return found


def _numbered(value: Any, number: int) -> Any:
    if isinstance(value, str):
        return value.replace("{n}", str(number))
    if isinstance(value, dict):
        return {key: _numbered(inner, number) for key, inner in value.items()}
    return [_numbered(inner, number) for inner in value] if isinstance(value, list) else value


def define_functions(con: duckdb.DuckDBPyConnection, description: Description) -> None:
    """Create what the SQL of a description may call: its codes, ``kilograms(weight, unit)`` and ``own_currency()``."""
    currency = "NULL::VARCHAR" if description.currency is None else literal(description.currency)
    con.execute(f"CREATE OR REPLACE TEMP MACRO own_currency() AS {currency}")
    for name, codes in description.codes.items():
        listed = ", ".join(literal(code.strip().upper()) for code in codes)
        values = ", ".join(literal(value) for value in codes.values())
        found = f"map_extract_value(map([{listed}]::VARCHAR[], [{values}]::VARCHAR[]), upper(trim(value)))"
        con.execute(f"CREATE OR REPLACE TEMP MACRO {quoted(name)}(value) AS {found}")
    con.execute(
        "CREATE OR REPLACE TEMP MACRO kilograms(weight, unit) AS round(CASE upper(trim(unit)) "
        "WHEN 'KG' THEN weight WHEN 'K' THEN weight WHEN 'KGM' THEN weight WHEN 'KGS' THEN weight "
        "WHEN 'G' THEN weight / 1000 WHEN 'GRM' THEN weight / 1000 WHEN 'GR' THEN weight / 1000 "
        "WHEN 'LB' THEN weight * 0.45359237 WHEN 'LBS' THEN weight * 0.45359237 WHEN 'L' THEN weight * 0.45359237 "
        "WHEN 'LBR' THEN weight * 0.45359237 WHEN 'OZ' THEN weight * 0.028349523125 "
        "WHEN 'ONZ' THEN weight * 0.028349523125 WHEN 'O' THEN weight * 0.028349523125 END, 6)"
    )


def _check(name: str, description: Description, record: Record, native: Contract) -> None:
    """Every table and column that a route names exists, and its SQL can be run over the record's columns."""
    own = ["line_number"] if record.parent else []
    names = [*(column.name for column in record.columns), *own, *record.values]
    if len(names) != len(set(names)):
        raise ContractError(f"{name}: two columns have the same name.")
    con = duckdb.connect()
    define_functions(con, description)
    columns = [f"{quoted(column.name)} {column.lake_type}" for column in record.columns]
    con.execute(f"CREATE TABLE record ({', '.join([*columns, *(f'{name} BIGINT' for name in own)])})")
    for value, expression in record.values.items():
        label = f"{name}, {record.name}, values, {value}"
        valued = f"CREATE OR REPLACE TABLE record AS SELECT *, {expression} AS {quoted(value)} FROM record"
        _run(con, valued, label, expression)
    con.execute("CREATE VIEW numbered AS SELECT *, 1::BIGINT AS ordinal FROM record")
    for number, route in enumerate((*record.routes, *record.also), 1):
        label = f"{name}, {record.name}, route {number}"
        if strange := set(route.number_by) - set(names):
            raise ContractError(f"{label}, number_by: {record.name} has no column {', '.join(sorted(strange))}.")
        _check_table(label, route, {table.name: table for table in native.tables})
        relation = "numbered" if route.number_by else "record"
        unit = "" if route.each is None else ", (SELECT 1::BIGINT AS unit)"
        expressions = {"when": route.when, **({} if route.each is None else {"each": route.each}), **route.map}
        for place, expression in expressions.items():
            _run(con, f"SELECT {expression} FROM {relation}{unit}", f"{label}, {place}", expression)
    for total in record.totals:
        for expression in (*map(quoted, total.by), total.sum, total.told):
            _run(con, f"SELECT {expression} FROM record", f"{name}, {record.name}, totals", expression)
    con.close()


def _check_table(label: str, route: Route, tables: dict[str, Table]) -> None:
    if route.table is None:
        return
    if route.table not in tables:
        raise ContractError(f"{label}: there is no table {route.table!r}; there are {', '.join(sorted(tables))}.")
    table = tables[route.table]
    if strange := set(route.map) - {column.name for column in table.columns}:
        raise ContractError(f"{label}: {route.table} has no column {', '.join(sorted(strange))}.")
    if absent := set(table.required) - set(route.map):
        raise ContractError(f"{label}: map the required column {', '.join(sorted(absent))} of {route.table}.")


def _run(con: duckdb.DuckDBPyConnection, sql: str, label: str, expression: str) -> None:
    try:
        con.execute(sql)
    except duckdb.Error as error:
        raise ContractError(f"{label}: {expression!r} is not SQL over the columns: {error}") from error
