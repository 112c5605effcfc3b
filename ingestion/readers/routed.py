"""Described records: typed by their columns, routed, and handed on as the raw rows of native tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import duckdb

from ingestion.columns import SEPARATOR, Mapped, faults, literal, quoted, typed
from ingestion.contract import NATIVE, load_contract
from ingestion.description import Description, Record, Route, define_functions
from ingestion.readers.delimited import extra_json

# Rows that one record may give by `each`: more is a wrong quantity, or an attack.
MAX_UNITS = 10_000
_PREPARED: WeakKeyDictionary[duckdb.DuckDBPyConnection, Description] = WeakKeyDictionary()


@dataclass(frozen=True)
class Lines:
    """Records of one kind as read: SQL for FROM, and per column the expression of its text.

    ``extra`` are the fields that the description lacks, by their printed names; ``rest`` is SQL for the JSON of what
    else a record holds. ``broken`` is a fault that the reader finds itself (``rule␟column␟detail``). ``breaks`` are the
    records by their position from 1 before which some are missing, so that they have no line above; None where records
    do not stand below one another.
    """

    record: Record
    source: str
    fields: dict[str, str]
    printed: dict[str, str] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)
    row: str = "row_number() OVER ()"
    path: str = "NULL"
    rest: str = "NULL"
    text: str = "NULL"
    broken: str = "NULL"
    breaks: tuple[int, ...] | None = None

    @property
    def relation(self) -> str:
        """The temporary table that :func:`load` fills."""
        return quoted(f"described_{self.record.name}")


def prepare(con: duckdb.DuckDBPyConnection, description: Description) -> None:
    """Ready a connection for the SQL of a description; what was done for the file before is not done again."""
    if _PREPARED.get(con) is description:
        return
    define_functions(con, description)
    # What occurs twice is computed once, outside of the `try` that guards a description's SQL.
    con.execute("SET disabled_optimizers = 'common_subexpressions'")
    _PREPARED[con] = description


def load(con: duckdb.DuckDBPyConnection, lines: Lines, timezone: str | None) -> int:
    """Fill the relation: typed columns by name, their texts ``r_*``, ``_n``, ``_path``, ``_fault`` and ``_route``.

    The connection is prepared. Returns the number of records. Raises ``duckdb.Error`` for structural
    errors of the file.
    """
    record = lines.record
    raws = ", ".join(
        f"{lines.fields.get(column.name, 'NULL::VARCHAR')} AS r_{column.name}" for column in record.columns
    )
    values = ", ".join(f"{typed(column, f'r_{column.name}', timezone)} AS t_{column.name}" for column in record.columns)
    names = ", ".join(f"t_{column.name} AS {quoted(column.name)}, r_{column.name}" for column in record.columns)
    line = ", line_number" if record.parent else ""
    others = "".join(f", {value} AS x_{number}" for number, value in enumerate(lines.extra.values()))
    kept = "".join(f", x_{number}" for number in range(len(lines.extra)))
    routes = " ".join(f"WHEN try({route.when}) THEN {number}" for number, route in enumerate(record.routes))
    named = "".join(f", try({expression}) AS {quoted(name)}" for name, expression in record.values.items())
    read = (
        f"({lines.row})::BIGINT AS _n, ({lines.path})::VARCHAR AS _path, ({lines.rest})::VARCHAR AS _rest, "
        f"({lines.text})::VARCHAR AS _text, ({lines.broken})::VARCHAR AS _broken"
    )
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {lines.relation} AS "
        f"SELECT *, CASE WHEN _fault IS NULL THEN CASE {routes} END END AS _route FROM (SELECT *{named} FROM ("
        f"SELECT {names}{line}{kept}, _n, _path, _rest, _text, coalesce(_broken, {faults(record.columns)}) AS _fault "
        "FROM ("
        f"SELECT *, {values} FROM {_enclosed(lines, f'(SELECT {raws}{others}, {read} FROM {lines.source})')})))"
    )
    rules = {number: route.reason for number, route in enumerate(record.routes) if route.reason is not None}
    reasons = "".join(f" WHEN _route = {number} THEN {literal(rule)}" for number, rule in rules.items())
    con.execute(
        f"UPDATE {lines.relation} SET _fault = CASE WHEN _route IS NULL THEN 'unrouted'{reasons} END "
        f"|| {SEPARATOR} || {SEPARATOR} "
        "|| CASE WHEN _route IS NULL THEN 'no route takes this record' ELSE 'kept out by the description' END "
        f"WHERE _fault IS NULL AND (_route IS NULL OR _route IN ({', '.join(map(str, [-1, *rules]))}))"
    )
    for test, route in _ways(record):
        if route.each is not None:
            least = 0 if route in record.also else 1
            con.execute(
                f"UPDATE {lines.relation} SET _fault = 'units_out_of_range' || {SEPARATOR} || {SEPARATOR} "
                f"|| {literal(route.each)} WHERE {test} AND {_units(route)} NOT BETWEEN {least} AND {MAX_UNITS}"
            )
    [(records,)] = con.execute(f"SELECT count(*) FROM {lines.relation}").fetchall()
    return int(records)


def _enclosed(lines: Lines, read: str) -> str:
    """SQL for the records as read, each with the columns of what encloses it, which only the first line of it gives.

    ``line_number`` tells the lines of what encloses them apart, from 1.
    """
    if not lines.record.parent:
        return read
    parent = [name for name in lines.record.parent if name in lines.fields]
    if lines.breaks is None or not parent or parent[0] != lines.record.parent[0]:
        return f"(SELECT *, 1::BIGINT AS line_number FROM {read})"
    first = f"r_{parent[0]}"
    begins = f"{first} IS NOT NULL" + (f" OR _n IN ({', '.join(map(str, lines.breaks))})" if lines.breaks else "")
    group = f"SELECT *, count(*) FILTER ({begins}) OVER (ORDER BY _n) AS _group FROM {read}"
    above = "OVER (PARTITION BY _group ORDER BY _n)"
    carried = ", ".join(
        f"CASE WHEN {first} IS NULL THEN first_value(r_{name}) {above} ELSE r_{name} END AS r_{name}" for name in parent
    )
    fault = f"'no_line_above' || {SEPARATOR} || {literal(parent[0])} || {SEPARATOR} || 'what it belongs to is not told'"
    orphan = f"CASE WHEN first_value({first}) {above} IS NULL THEN {fault} END"
    return (
        f"(SELECT * REPLACE ({carried}, coalesce(_broken, {orphan}) AS _broken), row_number() {above} AS line_number "
        f"FROM ({group}))"
    )


def unequal_totals(con: duckdb.DuckDBPyConnection, lines: Lines) -> list[str]:
    """The groups of records whose sum is not the total that the file tells, in words, those that are most off first."""
    found: list[str] = []
    for total in lines.record.totals:
        names = ", ".join(map(quoted, total.by))
        rows = con.execute(
            f"SELECT concat_ws(' ', {names}), max(told) AS most, sum(amount) AS whole FROM (SELECT {names}, "
            f"try(({total.told})::DECIMAL(18, 4)) AS told, try(({total.sum})::DECIMAL(18, 4)) AS amount "
            f"FROM {lines.relation}) GROUP BY {names} "
            "HAVING count(amount) = count(*) AND (most <> whole OR min(told) <> whole) "
            "ORDER BY abs(most - whole) DESC, 1"
        ).fetchall()
        found += [f"{group}: {told:.2f} told, {amount:.2f} in its lines" for group, told, amount in rows]
    return found


def mapped(con: duckdb.DuckDBPyConnection, loaded: Sequence[Lines]) -> Iterator[Mapped]:
    """The raw relations over what was loaded, one per native table that a record goes to."""
    native = load_contract(NATIVE)
    ways = [(lines, test, route) for lines in loaded for test, route in _taken_ways(con, lines)]
    for name in dict.fromkeys(route.table for _, _, route in ways if route.table is not None):
        table = native.table(name)
        own = [way for way in ways if way[2].table == name]
        filled = {column for _, _, route in own for column in route.map}
        parts = [
            f"SELECT {', '.join(f'{_value(route.map.get(column))} AS m_{column}' for column in sorted(filled))}, "
            f"_n, _path, {number} AS _way, _text, {_extra(lines, route)} AS _extra FROM {_taken(lines, route, test)}"
            for number, (lines, test, route) in enumerate(own)
        ]
        yield Mapped(
            table=table,
            source=f"({' UNION ALL '.join(parts)} ORDER BY _n, _path, _way)",
            raw={column.name: f"m_{column.name}" if column.name in filled else None for column in table.columns},
            row="_n",
            path="_path",
            extra="_extra",
            text="_text",
            carried=("_text",),
        )


def _ways(record: Record) -> Iterator[tuple[str, Route]]:
    """The routes to tables, each with the test for the records that take it."""
    for number, route in enumerate(record.routes):
        if route.table is not None:
            yield f"_route = {number} AND _fault IS NULL", route
    for route in record.also:
        yield f"_fault IS NULL AND try({route.when})", route


def _taken(lines: Lines, route: Route, test: str) -> str:
    """SQL for the records that take a route: numbered when it numbers them, as often as it wants a row of each."""
    relation = lines.relation
    if route.number_by:
        equal = ", ".join(map(quoted, route.number_by))
        content = ", ".join(f"r_{column.name}" for column in lines.record.columns)
        ordinal = f"row_number() OVER (PARTITION BY {equal} ORDER BY {content}, _n, _path)"
        relation = f"(SELECT *, {ordinal} AS ordinal FROM {relation} WHERE {test})"
    # What is out of range has been taken out, but may be counted before it is looked at.
    times = f"greatest(least({_units(route)}, {MAX_UNITS}), 0)"
    units = "" if route.each is None else f", unnest(range(1, 1 + {times})) AS units(unit)"
    return f"{relation}{units} WHERE {test}"


def _units(route: Route) -> str:
    return f"coalesce(try(({route.each})::BIGINT), 0)"


def _taken_ways(con: duckdb.DuckDBPyConnection, lines: Lines) -> list[tuple[str, Route]]:
    """The ways that at least one record takes: a description may have many more."""
    ways = list(_ways(lines.record))
    if not ways:
        return []
    tests = ", ".join(f"coalesce(bool_or({test}), false)" for test, _ in ways)
    [taken] = con.execute(f"SELECT {tests} FROM {lines.relation}").fetchall()
    return [way for way, is_taken in zip(ways, taken, strict=True) if is_taken]


def _value(expression: str | None) -> str:
    return "NULL::VARCHAR" if expression is None else f"nullif(try(({expression})::VARCHAR), '')"


def _extra(lines: Lines, route: Route) -> str:
    """The JSON of what a record holds and a route uses nowhere in its map; nothing personal."""
    words = _words(" ".join(route.map.values()))
    for name, expression in reversed(lines.record.values.items()):
        words |= _words(expression) if name in words else set()
    unused = {
        lines.printed.get(column.name, column.name): f"r_{column.name}"
        for column in lines.record.columns
        if column.name not in words and column.name in lines.fields and not column.personal
    }
    fields = extra_json({**unused, **{name: f"x_{number}" for number, name in enumerate(lines.extra)}})
    if lines.rest == "NULL":
        return fields
    return (
        f"CASE WHEN _rest IS NULL THEN {fields} ELSE json_merge_patch(coalesce({fields}, '{{}}'), _rest)::VARCHAR END"
    )


def _words(expressions: str) -> set[str]:
    return set(re.findall(r"[a-z][a-z0-9_]*", expressions.lower()))


def fault_query(lines: Lines) -> str:
    """The faulty records of a kind: row, packed fault and raw text."""
    return f"SELECT _n, _fault, _text FROM {lines.relation} WHERE _fault IS NOT NULL ORDER BY _n, _path"
