"""EasyPost documents: one object, a list page, a webhook event or lines of any of these, taken apart into tables.

A record is a top-level JSON value of the file; ``_path`` says where inside it a row stands. Objects of the modelled
types count wherever they stand (a tracker inside a shipment, a shipment inside an order).
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pyarrow as pa

from ingestion.columns import SEPARATOR, Mapped, literal
from ingestion.contract import Contract, Table
from ingestion.description import Record
from ingestion.opening import Text
from ingestion.readers.routed import Lines
from ingestion.readers.structure import Fault

MODELLED = {"Tracker": "trackers", "Shipment": "shipments", "Refund": "refunds"}
# Rows inside an object: table -> object type, its list, and where the columns come from that the object itself gives.
CHILDREN = {
    "tracking_details": (
        "Tracker",
        "tracking_details",
        {"tracker_id": "$.id", "tracking_code": "$.tracking_code", "updated_at": "$.updated_at"},
    ),
    "shipment_fees": (
        "Shipment",
        "fees",
        {
            "shipment_id": "$.id",
            "tracking_code": "$.tracking_code",
            "currency": "$.selected_rate.currency",
            "updated_at": "$.updated_at",
        },
    ),
}
# Kept in rows of their own, so not repeated in a row's extra.
OWN_ROWS = {"trackers": ["tracking_details"], "shipments": ["tracker", "fees"]}


def load(con: duckdb.DuckDBPyConnection, text: Text) -> list[Fault]:
    """Fill the temporary table ``nodes`` (_row, _path, kind, node) with the objects of the file.

    Returns what holds none: lines that are not JSON, API errors, answers without an object.
    """
    body = text.path.read_text(encoding="utf-8")
    [(whole,)] = con.execute("SELECT json_valid(?)", [body]).fetchall()
    lines = [body] if whole and body.strip() else [line for line in body.split("\n") if line]
    con.register("lines", pa.table({"line": pa.array(lines, pa.string())}))
    con.execute(
        "CREATE OR REPLACE TEMP TABLE docs AS "
        "SELECT row_number() OVER () AS _row, line, json_valid(line) AS valid FROM lines"
    )
    con.unregister("lines")
    # Elements: the record itself, or what a page lists. A page says has_more, or lists at least one object; a page
    # nests nothing deeper, so one level is enough. Lists are unnested in the projection: a join would carry the whole
    # page along with each of its elements.
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE elements AS
        WITH roots AS (
            SELECT _row, '$' AS _path, line::JSON AS node, json_type(line) AS type,
                   line::JSON ->> '$.object' AS kind, line::JSON ->> '$.id' AS id
            FROM docs WHERE valid
        ),
        lists AS (
            SELECT _row, '$' AS _path, node FROM roots WHERE type = 'ARRAY'
            UNION ALL
            SELECT r._row, '$.' || e.key, e.value
            FROM (SELECT _row, node FROM roots WHERE type = 'OBJECT' AND kind IS NULL) r, json_each(r.node) e
            WHERE e.type = 'ARRAY'
        ),
        items AS (
            SELECT _row, _path, unnest(json_extract(node, '$[*]')) AS node,
                   generate_subscripts(json_extract(node, '$[*]'), 1) AS i
            FROM lists
        ),
        listed AS (
            SELECT _row, _path || '[' || (i - 1) || ']' AS _path, node, json_type(node) AS type,
                   node ->> '$.object' AS kind, node ->> '$.id' AS id
            FROM items
        ),
        pages AS (
            SELECT _row FROM roots WHERE type = 'OBJECT' AND kind IS NULL AND json_exists(node, '$.has_more')
            UNION SELECT _row FROM roots WHERE type = 'ARRAY'
            UNION SELECT _row FROM listed WHERE kind IS NOT NULL AND id IS NOT NULL
        )
        SELECT * FROM listed WHERE _row IN (SELECT _row FROM pages)
        UNION ALL SELECT * FROM roots WHERE _row NOT IN (SELECT _row FROM pages)
        """
    )
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE nodes AS
        WITH objects AS (SELECT * FROM elements WHERE kind IS NOT NULL AND id IS NOT NULL),
        inner_nodes AS (
            SELECT e._row, e._path || substr(t.fullkey, 2) AS _path, e.kind AS outer_kind, t.fullkey,
                   t.value AS node, t.value ->> '$.object' AS kind, t.value ->> '$.id' AS id,
                   t.value ->> '$.updated_at' AS updated_at
            FROM objects e, json_tree(e.node) t
            WHERE t.type = 'OBJECT' AND t.fullkey <> '$'
        )
        SELECT _row, _path, kind, node FROM objects
        UNION
        SELECT _row, _path, kind, node
        FROM inner_nodes
        WHERE id IS NOT NULL AND (
            (kind IN ('Tracker', 'Shipment') AND updated_at IS NOT NULL)
            OR (outer_kind = 'Event' AND fullkey = '$.result' AND kind IS NOT NULL)
        )
        """
    )
    rows = con.execute(
        """
        SELECT _row, 'invalid_json', 'the line is not JSON', line FROM docs WHERE NOT valid
        UNION ALL
        SELECT _row,
               CASE WHEN json_exists(node, '$.error') THEN 'api_error' ELSE 'no_object' END,
               CASE WHEN json_exists(node, '$.error') THEN left(node ->> '$.error', 200)
                    ELSE 'no object type and id at ' || _path END,
               node::VARCHAR
        FROM elements WHERE kind IS NULL OR id IS NULL
        ORDER BY 1
        """
    ).fetchall()
    return [Fault(int(row), rule, None, detail, raw.replace("\0", "\\x00")) for row, rule, detail, raw in rows]


def count(con: duckdb.DuckDBPyConnection) -> int:
    """The number of objects that the last :func:`load` found."""
    [(found,)] = con.execute("SELECT count(*) FROM nodes").fetchall()
    return int(found)


def mapped(
    con: duckdb.DuckDBPyConnection, contract: Contract, routed: Sequence[Record], timezone: str | None
) -> list[Mapped]:
    """The raw relations over ``nodes``, one per table of the contract that the file has objects for.

    ``routed`` are the records that objects of other types are, which go to no table of the contract.
    """
    present = {kind for (kind,) in con.execute("SELECT DISTINCT kind FROM nodes").fetchall()}
    known = set(MODELLED).union(*map(_types_of, routed))
    return [
        _mapped(table, known, timezone)
        for table in contract.tables
        if _objects_of(table.name) & present or (table.name == "objects" and present - known)
    ]


def lines(record: Record) -> Lines:
    """The objects of a record's type, which its ``where`` names, to be typed and routed."""
    types = ", ".join(map(literal, _types_of(record)))
    paths = {column.name: column.path or (column.name,) for column in record.columns}
    return Lines(
        record=record,
        source=f"(SELECT * FROM nodes WHERE kind IN ({types}) ORDER BY _row, _path)",
        fields={
            name: f"coalesce({', '.join(_text('node', f'$.{path}') for path in places)})"
            for name, places in paths.items()
        },
        row="_row",
        path="nullif(_path, '$')",
        rest=_rest([path.split(".")[0] for places in paths.values() for path in places]),
        text="node::VARCHAR",
    )


def _types_of(record: Record) -> tuple[str, ...]:
    return record.where["object"]


def _objects_of(table: str) -> set[str]:
    """The object types that rows of a table come from; none for the table that takes all others."""
    if table in CHILDREN:
        return {CHILDREN[table][0]}
    return {kind for kind, name in MODELLED.items() if name == table}


def _mapped(table: Table, known: set[str], timezone: str | None) -> Mapped:
    kinds = {name: kind for kind, name in MODELLED.items()}
    raw: dict[str, str | None] = {}
    if table.name in CHILDREN:
        kind, key, parent = CHILDREN[table.name]
        source = (
            f"(SELECT n._row, n._path || '.{key}[' || (i - 1) || ']' AS _path, n.node AS parent, "
            f"json_extract(n.node, '$.{key}[' || (i - 1) || ']') AS node "
            f"FROM nodes n, range(1, coalesce(json_array_length(n.node, '$.{key}'), 0)::BIGINT + 1) r(i) "
            f"WHERE n.kind = {literal(kind)} ORDER BY n._row, n._path, i)"
        )
        raw = {name: _text("parent", path) for name, path in parent.items()}
    else:
        others = ", ".join(literal(kind) for kind in sorted(known))
        test = f"kind = {literal(kinds[table.name])}" if table.name in kinds else f"kind NOT IN ({others})"
        source = f"(SELECT * FROM nodes WHERE {test} ORDER BY _row, _path)"
    for column in table.columns:
        if column.type == "json":
            raw[column.name] = "node::VARCHAR"
        elif column.path:
            raw[column.name] = _text("node", "$." + column.path[0])
    whole = any(column.type == "json" for column in table.columns)
    taken = [path for column in table.columns for path in column.path if "." not in path]
    return Mapped(
        table=table,
        source=source,
        raw=raw,
        row="_row",
        path="nullif(_path, '$')",
        extra="NULL" if whole else _rest([*taken, *OWN_ROWS.get(table.name, [])]),
        text="node::VARCHAR",
        carried=("node",),
        broken=f"CASE WHEN json_type(node) <> 'OBJECT' THEN 'no_object' || {SEPARATOR} || {SEPARATOR} || _path END",
        timezone=timezone,
    )


def _rest(taken: Sequence[str]) -> str:
    """SQL for the JSON of what an object holds under other keys."""
    patch = ", ".join(f'"{key}": null' for key in ["object", *dict.fromkeys(taken)])
    return f"nullif(json_merge_patch(json_merge_patch('{{}}', node), '{{{patch}}}')::VARCHAR, '{{}}')"


def _text(node: str, path: str) -> str:
    return f"nullif(json_extract_string({node}, {literal(path)}), '')"
