"""SQL of the contract: from a column's raw text to its typed value, its faults, its key and its lineage.

Everything is an expression over raw text columns, so that one scan types and checks a file without a loop in Python.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from ingestion.contract import WITHDRAWN, Column, Table

# Separates parts that are joined for a hash, or packed into one fault.
UNIT = "\x1f"
SEPARATOR = "chr(31)"
ISO_WITH_OFFSET = r"\d[+-]\d{2}(:?\d{2})?$"


@dataclass(frozen=True)
class Lineage:
    """Whose rows these are; ``landed_at`` is UTC text."""

    source_id: str
    batch_id: str
    sha256: str
    landed_at: str


@dataclass(frozen=True)
class Mapped:
    """A table's raw relation: ``source`` is SQL for FROM, ``raw`` gives each column's text expression or None.

    ``broken`` is a fault (``rule␟column␟detail``) that the reader finds itself; ``text`` the raw text of a faulty row,
    which is made of the columns of the source in ``carried``, and of no other row.
    """

    table: Table
    source: str
    raw: dict[str, str | None]
    row: str = "row_number() OVER ()"
    path: str = "NULL"
    extra: str = "NULL"
    text: str = "NULL"
    carried: tuple[str, ...] = ()
    broken: str = "NULL"
    timezone: str | None = None


def literal(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def offset_minutes(raw: str) -> str:
    """Minutes east of UTC that the text gives, or NULL when it gives none."""
    sign = f"CASE WHEN contains(right({raw}, 6), '+') THEN 1 ELSE -1 END"
    digits = f"regexp_extract({raw}, '[+-](\\d{{2}}):?(\\d{{2}})?$', ['h', 'm'])"
    minutes = f"{digits}.h::SMALLINT * 60 + coalesce(nullif({digits}.m, ''), '0')::SMALLINT"
    return (
        f"CASE WHEN suffix({raw}, '+00:00') THEN 0::SMALLINT WHEN suffix({raw}, 'Z') THEN 0::SMALLINT "
        f"WHEN length({raw}) > 16 AND regexp_matches({raw}, '{ISO_WITH_OFFSET}') "
        f"THEN (({sign}) * ({minutes}))::SMALLINT END"
    )


def numeral(column: Column, raw: str) -> str:
    """The text of a number with the decimal mark that the engine reads."""
    if column.decimal_comma == "cents":
        return f"regexp_replace({raw}, ',(\\d\\d?)$', '.\\1')"
    return f"replace({raw}, ',', '.')" if column.decimal_comma else raw


def typed(column: Column, raw: str, timezone: str | None = None) -> str:
    """The typed value, NULL where the text can't be read. Timestamps come out in UTC."""
    if column.type in ("string", "json"):
        return raw
    if column.type not in ("timestamp", "date"):
        return f"try_cast({numeral(column, raw)} AS {column.lake_type})"
    # A cast to TIMESTAMP ignores an offset in the text; TIMESTAMPTZ heeds it (the session's zone is UTC). The way back
    # over the epoch gives the same as a cast, which would ask the calendar of the session's zone for every value.
    moment = f"make_timestamp(epoch_us(try_cast({raw} AS TIMESTAMPTZ)))"
    cast = moment if column.type == "timestamp" else f"try_cast({raw} AS DATE)"
    # Years of four digits, away from the ends of the calendar, which an offset would carry a time across.
    plain = f"{raw} BETWEEN '0002' AND '9999-12-31' AND substr({raw}, 5, 1) NOT BETWEEN '0' AND '9'"
    cast = f"CASE WHEN {plain} THEN {cast} END"
    styles = [style for style in column.formats if style != "iso"]
    value = cast if "iso" in column.formats else f"NULL::{column.lake_type}"
    if styles:
        listed = "[" + ", ".join(literal(style) for style in styles) + "]"
        value = f"coalesce({value}, try_strptime({raw}, {listed})::{column.lake_type})"
    # A leading digit keeps out what the engine accepts beyond dates: 'infinity', 'epoch'.
    value = f"CASE WHEN {raw} BETWEEN '0' AND ':' THEN {value} END"
    zone = timezone or column.timezone
    if column.type == "timestamp" and zone != "UTC":
        local = f"timezone({literal(zone)}, {value})::TIMESTAMP"
        value = f"CASE WHEN ({offset_minutes(raw)}) IS NULL THEN {local} ELSE {value} END"
    return value


def faults(columns: Sequence[Column], any_of: Sequence[str] = ()) -> str:
    """The first fault of a row as ``rule␟column␟detail``, NULL for a sound row; over raw ``r_*`` and typed ``t_*``."""
    cases = [(test, rule, column.name, detail) for column in columns for test, rule, detail in _faults_of(column)]
    if any_of:
        missing = " AND ".join(f"r_{name} IS NULL" for name in any_of)
        cases.append((missing, "no_evidence", ", ".join(any_of), "'all of these are empty'"))
    if not cases:
        return "NULL::VARCHAR"
    branches = " ".join(
        f"WHEN {test} THEN {literal(rule)} || {SEPARATOR} || {literal(name)} || {SEPARATOR} || {detail}"
        for test, rule, name, detail in cases
    )
    return f"CASE {branches} END"


def _faults_of(column: Column) -> Iterator[tuple[str, str, str]]:
    """What can be wrong with a value: the SQL test, the rule that it breaks, and SQL for the detail."""
    raw, value = f"r_{column.name}", f"t_{column.name}"
    shown = f"left({raw}, 200)"
    if column.required:
        yield f"{raw} IS NULL", "required_missing", "'no value'"
    if column.type not in ("string", "json"):
        yield f"{value} IS NULL AND {raw} IS NOT NULL", f"not_a_{column.type}", shown
    if column.type == "integer":
        # What is an integer alone is one of hexadecimal or binary digits.
        whole = f"try_cast({numeral(column, raw)} AS DOUBLE) IS NOT DISTINCT FROM {value}::DOUBLE"
        yield f"NOT {whole}", "not_a_whole_number", shown
    if column.scale is not None:
        # A float's representation error is let pass; a digit that the lake would round away is not.
        read = f"try_cast({numeral(column, raw)} AS DOUBLE)"
        moved = f"abs({read} - {value}::DOUBLE) > 1e-9 + 1e-12 * abs({value}::DOUBLE)"
        yield moved, "more_decimals_than_kept", shown
    if column.type == "date" and "iso" in column.formats:
        yield f"length({raw}) > 10 AND try_cast({raw} AS TIMESTAMP) <> {value}", "time_in_a_date", shown
    if column.minimum is not None:
        yield f"{value} < {column.minimum:g}", "below_minimum", shown
    if column.maximum is not None:
        yield f"{value} > {column.maximum:g}", "above_maximum", shown
    if column.enum and column.on_unknown == "quarantine":
        yield f"{raw} NOT IN ({', '.join(map(literal, column.enum))})", "unknown_code", shown


def unknown_codes(columns: Sequence[Column]) -> str:
    """True where a row holds a code outside an enumeration that is only warned about."""
    tests = [
        f"(t_{column.name} IS NOT NULL AND t_{column.name} NOT IN ({', '.join(literal(v) for v in column.enum)}))"
        for column in columns
        if column.enum and column.on_unknown == "warn"
    ]
    return " OR ".join(tests) or "FALSE"


def joined(parts: Sequence[str | None]) -> str:
    """SQL of texts with the separator between them; None is one that is empty in every row, which costs nothing."""
    texts: list[str] = []
    gap = ""
    for number, part in enumerate(parts):
        gap += UNIT if number else ""
        if part is not None:
            texts += [literal(gap), part] if gap else [part]
            gap = ""
    return f"concat({', '.join([*texts, literal(gap)] if gap else texts)})"


def content_hash(table: Table, given: Collection[str]) -> str:
    """md5 over all contract columns and extra as read; a missing value and an empty one are the same."""
    return f"md5({joined([*(f'r_{c.name}' if c.name in given else None for c in table.columns), '_extra'])})"


def record_key(table: Table, source_id: str) -> str:
    """md5 over the source and the typed natural key; NULL where a key column is empty and may not be."""
    values = [
        f"r_{name}" if table.column(name).type in ("string", "json") else f"t_{name}" for name in table.natural_key
    ]
    key = f"md5({joined([literal(source_id), *values])})"
    if table.nullable_key:
        return key
    present = " AND ".join(f"r_{name} IS NOT NULL" for name in table.natural_key if not table.column(name).required)
    return f"CASE WHEN {present} THEN {key} END" if present else key


def horizon(mapped: Mapped) -> str:
    """A query for the latest event time in the relation."""
    column = mapped.table.column(mapped.table.event_time)
    raw = mapped.raw.get(column.name)
    if raw is None:
        return "SELECT NULL::TIMESTAMP"
    return f"SELECT max({typed(column, f'({raw})', mapped.timezone)})::TIMESTAMP FROM {mapped.source}"


def constant(text: str) -> str:
    """A text that is the same in every row: as an enumeration of one value it costs nothing to carry."""
    return f"{literal(text)}::ENUM({literal(text)})"


def select(mapped: Mapped, lineage: Lineage, horizon_at: str | None) -> str:
    """The one query that types, keys, hashes and checks a relation.

    Columns: the lake columns in their order, then ``_fault``, ``_text`` (raw text of faulty rows) and ``_unknown``.
    ``_observed_at`` is NULL where only the horizon can tell and none is given.
    """
    table = mapped.table
    # Most tables have many columns that a source never gives: nothing is asked of those, which the engine has to plan.
    given = {name for name, text in mapped.raw.items() if text is not None}
    asked = [column for column in table.columns if column.name in given or column.required]
    raws = ", ".join(f"{mapped.raw.get(column.name) or 'NULL::VARCHAR'} AS r_{column.name}" for column in table.columns)
    values = ", ".join(
        f"{typed(column, f'r_{column.name}', mapped.timezone) if column.name in given else 'NULL'} AS t_{column.name}"
        for column in table.columns
    )
    lake: list[str] = []
    for column in table.columns:
        lake.append(f"t_{column.name}::{column.lake_type} AS {quoted(column.name)}")
        if column.type == "timestamp":
            offset = offset_minutes(f"r_{column.name}") if column.name in given else "NULL"
            lake.append(f"({offset})::SMALLINT AS {quoted(column.name + '_offset_minutes')}")
    carried = "".join(f", {name}" for name in mapped.carried)
    observed = f"TIMESTAMP {literal(horizon_at)}" if horizon_at else "NULL::TIMESTAMP"
    if table.observed_at != "horizon":
        observed = f"coalesce(t_{table.observed_at}::TIMESTAMP, {observed})"
    lake += [
        "_extra AS extra",
        f"{constant(lineage.source_id)} AS _source_id",
        f"{constant(lineage.batch_id)} AS _batch_id",
        f"{constant(lineage.sha256)} AS _file_sha256",
        "_row::BIGINT AS _row",
        "_path::VARCHAR AS _path",
        f"TIMESTAMP {literal(lineage.landed_at)} AS _landed_at",
        f"{observed} AS _observed_at",
        f"{f'coalesce(t_{WITHDRAWN}, false)' if table.is_withdrawable else 'false'} AS _withdrawn",
        f"{record_key(table, lineage.source_id)} AS _record_key",
        f"{content_hash(table, given)} AS _content_hash",
    ]
    return (
        f"SELECT {', '.join(lake)}, _fault, CASE WHEN _fault IS NOT NULL THEN ({mapped.text})::VARCHAR END AS _text, "
        f"{unknown_codes(asked)} AS _unknown "
        f"FROM (SELECT *, coalesce(_broken, {faults(asked, table.any_of)}) AS _fault "
        f"FROM (SELECT *, {values} FROM ("
        f"SELECT {raws}, {mapped.row} AS _row, {mapped.path} AS _path, ({mapped.extra})::VARCHAR AS _extra, "
        f"({mapped.broken})::VARCHAR AS _broken{carried} FROM {mapped.source})))"
    )
