"""Changes of contract: how the form of a file differs from what its contract says, and from the file before it.

=========  ============================================================================  =====================
kind       what has changed                                                              what becomes of it
=========  ============================================================================  =====================
added      a field that the contract lacks, and the file before it                       kept in ``extra``
missing    a column that the file before had, and this one lacks                         null, if not required
renamed    a column that stands under another of its names than in the file before       read as before
retyped    a column of which a tenth of the file's records can't be read as its type     in quarantine
new_code   a value outside a column's enumeration                                        as the column says
=========  ============================================================================  =====================

Each is noted in the batch's receipt, without any value: a receipt stays when a person is erased. The values stand in
quarantine, or in the column. A source, or its description, may say ``on_change: {renamed: hold}``: the batch
then waits for a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from backhaul.receipts import Change, Form, Receipt
from backhaul.settings import Settings
from ingestion.columns import literal, quoted
from ingestion.config import Source
from ingestion.contract import load_contract
from ingestion.description import description_of
from ingestion.job import Parsed
from ingestion.readers.delimited import normal

RETYPED_SHARE = 0.1


@dataclass
class Forms:
    """The forms in which a source's flat files came last, by what they hold."""

    last: dict[str, Form]

    @classmethod
    def of(cls, receipts: Mapping[str, Receipt]) -> Forms:
        """Those that the receipts of a source tell."""
        told = sorted(receipts.values(), key=lambda receipt: receipt.committed_at)
        return cls({receipt.form.shape: receipt.form for receipt in told if receipt.form is not None})

    def changes(self, parsed: Parsed) -> Iterator[Change]:
        """What the header of a file tells."""
        form = parsed.form
        if form is None:
            return
        last = self.last.get(form.shape, Form(form.shape, form.columns, []))
        now, before = form.columns, last.columns
        for name in form.extra:
            if name not in last.extra:
                yield Change("added", form.shape, name, "kept in extra")
        for column in before.keys() - now.keys():
            yield Change("missing", form.shape, column, f"was {before[column]}")
        for column in before.keys() & now.keys():
            if normal(before[column]) != normal(now[column]):
                yield Change("renamed", form.shape, column, f"{before[column]} → {now[column]}")

    def take(self, parsed: Parsed) -> None:
        """Let later files be compared with this one."""
        if parsed.form is not None:
            self.last[parsed.form.shape] = parsed.form


def of_values(con: duckdb.DuckDBPyConnection, parsed: Parsed, quarantine: Path) -> Iterator[Change]:
    """What the values of a file tell: columns that became something else, and codes that are new."""
    if parsed.quarantined:
        rows = con.execute(
            "SELECT rule, coalesce(table_name, ''), column_name, count(*), count(DISTINCT detail) "
            f"FROM read_parquet({literal(str(quarantine))}) "
            "WHERE column_name IS NOT NULL AND (rule = 'unknown_code' OR starts_with(rule, 'not_a_')) GROUP BY ALL"
        ).fetchall()
        for rule, table, column, count, codes in rows:
            if rule == "unknown_code":
                yield _new_codes(table, column, codes, count)
            elif count >= parsed.rows_read * RETYPED_SHARE:
                yield Change("retyped", table, column, f"{rule} in {count} of {parsed.rows_read} records")
    for name, written in parsed.tables.items():
        if written.unknown:
            yield from _warned(con, name, written.path)


def _warned(con: duckdb.DuckDBPyConnection, name: str, path: Path) -> Iterator[Change]:
    kind, own_name = name.split("__", 1)
    for column in load_contract(kind).table(own_name).columns:
        if column.enum and column.on_unknown == "warn":
            known = ", ".join(literal(code) for code in column.enum)
            [(codes, count)] = con.execute(
                f"SELECT count(DISTINCT {quoted(column.name)}), count(*) FROM read_parquet({literal(str(path))}) "
                f"WHERE {quoted(column.name)} NOT IN ({known})"
            ).fetchall()
            if codes:
                yield _new_codes(own_name, column.name, codes, count)


def _new_codes(table: str, column: str, codes: int, records: int) -> Change:
    return Change("new_code", table, column, f"{codes} unknown in {records} records")


def held_kinds(settings: Settings, source: Source) -> frozenset[str]:
    """The kinds of change for which a batch of the source waits for a person. Raises ``ContractError``."""
    description = description_of(settings, source)
    said = {**(description.on_change if description else {}), **source.on_change}
    return frozenset(kind for kind, what in said.items() if what == "hold")


def told(found: Iterable[Change]) -> list[str]:
    """Changes as a person reads them: a line for each, and one for all fields that were added."""
    added = [change.column for change in found if change.kind == "added"]
    lines = [f"added {', '.join(added)}"] if added else []
    return lines + [
        f"{change.kind.replace('_', ' ')} {change.column}: {change.detail}"
        for change in found
        if change.kind != "added"
    ]
