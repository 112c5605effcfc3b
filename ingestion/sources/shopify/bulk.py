"""The lines of a bulk operation, each nested under the line that it names as its parent.

A file whose children follow their parents is read one tree at a time. Any other is laid down in a database on disk
first, and its trees are taken from there, so that memory holds one tree of it too.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from ingestion.opening import Text
from ingestion.readers import json_documents
from ingestion.readers.document import Document
from ingestion.readers.records import text_of
from ingestion.readers.structure import Fault

GID = re.compile(r"gid://shopify/(\w+)/([^?]+)(?:\?.*)?")
# Types whose list has another name than the type's plural.
LISTS = {
    "UnverifiedReturnLineItem": "returnLineItems",
    "ReverseFulfillmentOrderLineItem": "lineItems",
    "FulfillmentEvent": "events",
}
MEMORY = "128MB"
# Lines that go to the database, or come from it, at once.
LINES = 2000
# Of several lines with one id the last child is the parent, else the last line without a parent.
_PARENTS = """
    create table parents as
    select id, coalesce(max(n) filter (parent is not null), max(n)) as n from lines group by id
"""
_ROOTS = "create table reached as select n as root, n, 0 as depth from lines where parent is null"
_BELOW = """
    insert into reached
    select above.root, child.n, above.depth + 1
    from reached as above
    inner join parents on parents.n = above.n
    inner join lines as child on child.parent = parents.id
    where above.depth = $depth
"""
_TREES = """
    select root, lines.n, lines.parent is not null as is_child, lines.value
    from lines
    left join reached using (n)
    order by root nulls last, n
"""

Node = dict[str, Any]


def nested(text: Text) -> Iterator[Document | Fault]:
    """The values of a file, lines with a ``__parentId`` put under their parents.

    Rules besides those of JSON: ``orphan``, ``nameless_child``.
    """
    units = json_documents.documents(text)
    return _in_order(units) if _is_grouped(json_documents.documents(text)) else _from_disk(units)


def _is_grouped(units: Iterable[Document | Fault]) -> bool:
    """True when every line with a parent comes before the next line without one."""
    seen: set[str] = set()
    for unit in units:
        if isinstance(unit, Document) and isinstance(unit.value, dict):
            parent = unit.value.get("__parentId")
            if parent is None:
                seen = set()
            elif str(parent) not in seen:
                return False
            seen.add(str(unit.value.get("id")))
    return True


def _in_order(units: Iterable[Document | Fault]) -> Iterator[Document | Fault]:
    trees: list[Document] = []
    children: list[Document] = []
    for unit in units:
        if isinstance(unit, Fault) or not isinstance(unit.value, dict):
            yield unit
        elif unit.value.get("__parentId") is not None:
            children.append(unit)
        else:
            yield from _grown(trees, children)
            trees, children = [unit], []
    yield from _grown(trees, children)


def _from_disk(units: Iterable[Document | Fault]) -> Iterator[Document | Fault]:
    with (
        tempfile.TemporaryDirectory() as folder,
        duckdb.connect(Path(folder) / "lines.duckdb", config={"memory_limit": MEMORY, "threads": 1}) as connection,
    ):
        connection.execute("create table lines (n bigint, id varchar, parent varchar, value varchar)")
        rows: list[tuple[int, str, str | None, str]] = []
        for unit in units:
            if isinstance(unit, Fault) or not isinstance(unit.value, dict):
                yield unit
                continue
            parent = unit.value.get("__parentId")
            told = (str(unit.value.get("id")), None if parent is None else str(parent))
            rows.append((unit.row, *told, json_documents.written(unit.value)))
            if len(rows) == LINES:
                _lay_down(connection, rows)
                rows = []
        _lay_down(connection, rows)
        yield from _trees(connection)


def _lay_down(connection: duckdb.DuckDBPyConnection, rows: list[tuple[int, str, str | None, str]]) -> None:
    columns = [list(column) for column in zip(*rows, strict=True)] or [[], [], [], []]
    types = (pa.int64(), pa.string(), pa.string(), pa.large_string())
    arrays = [pa.array(column, kind) for column, kind in zip(columns, types, strict=True)]
    connection.register("laid", pa.table(arrays, ["n", "id", "parent", "value"]))
    connection.execute("insert into lines from laid")
    connection.unregister("laid")


def _trees(connection: duckdb.DuckDBPyConnection) -> Iterator[Document | Fault]:
    connection.execute(_PARENTS)
    connection.execute(_ROOTS)
    depth = 0
    while connection.execute(_BELOW, {"depth": depth}).fetchall()[0][0]:
        depth += 1
    batches = connection.sql(_TREES).to_arrow_reader(LINES)
    rows = (row for batch in batches for row in batch.to_pylist())
    for root, lines in groupby(rows, itemgetter("root")):
        read = ((line["is_child"], Document(line["n"], json.loads(line["value"]))) for line in lines)
        if root is None:
            # each by itself: none of them has a way up to a line without a parent
            for _, unit in read:
                yield from _grown([], [unit])
        else:
            tree = list(read)
            yield from _grown(*([unit for is_child, unit in tree if is_child == kind] for kind in (False, True)))


def _grown(trees: list[Document], children: list[Document]) -> Iterator[Document | Fault]:
    nodes = {str(unit.value.get("id")): unit.value for unit in (*trees, *children)}
    parents = {id(child.value): nodes.get(str(child.value["__parentId"])) for child in children}
    for child in children:
        parent = parents[id(child.value)]
        kind = type_of(child.value)
        if kind is None:
            yield Fault(child.row, "nameless_child", "id", "a line with a parent needs its id", text_of(child.value))
        elif parent is None or not _has_root(parent, parents):
            yield Fault(child.row, "orphan", "__parentId", str(child.value["__parentId"]), text_of(child.value))
        elif isinstance(parent.setdefault(list_for(kind), []), list):
            del child.value["__parentId"]
            parent[list_for(kind)].append(child.value)
        else:
            yield Fault(child.row, "orphan", "__parentId", f"its parent has no list of {kind}", text_of(child.value))
    yield from trees


def _has_root(node: Node | None, parents: dict[int, Node | None]) -> bool:
    """True when the way up from a line ends at one without a parent."""
    passed: set[int] = set()
    while node is not None and id(node) in parents and id(node) not in passed:
        passed.add(id(node))
        node = parents[id(node)]
    return node is not None and id(node) not in passed


def type_of(node: Node) -> str | None:
    """The type that an object's global id names."""
    for key in ("id", "admin_graphql_api_id"):
        found = GID.fullmatch(node[key]) if isinstance(node.get(key), str) else None
        if found is not None:
            return found[1]
    return None


def list_for(kind: str) -> str:
    """The name under which objects of a type are listed: ``ReturnLineItem`` as ``returnLineItems``."""
    name = kind[0].lower() + kind[1:]
    return LISTS.get(kind, name.removesuffix("y") + "ies" if name.endswith("ry") else name + "s")
