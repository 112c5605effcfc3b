"""Native files before they are bytes: rows of text that the defects may still spoil, then the writers."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from simulator.calendar import FIRST_DAY
from simulator.categories import CATEGORIES
from simulator.exact import arrow
from simulator.world import World

ZONE = "'America/Toronto'"  # of the shop's clocks
# how a document of the shop names its unit (table ``evidence``, alias e)
NAMES_UNIT = "e.lpn, null::varchar as serial_number, e.rma_id, e.rma_line, e.unit_ordinal::varchar as unit_ordinal"
# what a row tells of itself, never written to the file
LABEL = "_label"  # the defect that it carries, null for a sound row
EXPORT = "_export"  # the export that shows it
Form = Literal["csv", "tsv", "jsonl", "parquet", "pages"]


class Entity(NamedTuple):
    """One table of the native contract: the query that prints its rows, with the EXPORT that shows each.

    One that is not ``is_periodic`` is exported once for the whole year, unless exports are daily.
    """

    name: str
    sql: str
    form: Form
    is_periodic: bool = True


@dataclass(frozen=True)
class NativeFile:
    """One file to be: ``path`` below the drop folder, its rows in file order with a LABEL column.

    It arrives as a whole on the day ``arrives`` (ISO 8601); without one, daily exports show its rows, as the column
    EXPORT tells. csv and tsv print the columns as they are named; jsonl and pages have one column ``document`` of JSON
    text, pages wraps the documents as the list named by ``page``; parquet keeps the columns' types.
    """

    path: str
    rows: pa.Table
    form: Form
    page: str = ""
    encoding: str = "utf-8"
    label: str = ""  # a defect of the file as a whole
    arrives: str = ""

    def with_rows(self, rows: pa.Table) -> NativeFile:
        return replace(self, rows=rows)

    def by_day(self) -> Iterator[NativeFile]:
        """The files that arrive day by day in its place, each named for its day; needs a database of daily exports."""
        if self.arrives:
            yield self
            return
        for day in sorted(pc.unique(self.rows[EXPORT]).to_pylist()):
            path = _PERIOD_OF_NAME.sub(rf"_{day}\2", self.path)
            rows = self.rows.filter(pc.equal(self.rows[EXPORT], day))
            of_day = replace(self, path=path, rows=rows, arrives=day)
            # without an accent nothing tells one encoding from another
            yield replace(of_day, label="") if self.label and content(of_day).isascii() else of_day


_PERIOD_OF_NAME = re.compile(r"(_\d{4}Q\d)?(\.\w+)$")


@contextmanager
def database(world: World, *, is_daily: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """The world as DuckDB tables (``row``: row number from 0) with the macros that print times; on disk, for a while.

    ``export_of`` a time is the export that shows what changed then: a quarter's (2026Q1), or a day's (2026-01-31). The
    first one reaches back before the year. Takes the world over: its frames are empty afterwards, so that each table is
    held once. Every query that is printed is ordered, so that the order of rows depends on nothing but the data.
    """
    with (
        TemporaryDirectory(prefix="simulator-") as folder,
        duckdb.connect(f"{folder}/world.duckdb", config={"threads": 2, "memory_limit": "2GB"}) as db,
    ):
        db.execute("set enable_progress_bar = false")
        for name, frame in vars(world).items():
            table = arrow(frame)
            frame.clear()
            numbered = table.append_column("row", pa.array(np.arange(table.num_rows)))
            db.register("incoming", numbered)
            db.execute(f"create table {name} as from incoming")
            db.unregister("incoming")
        db.execute(_MACROS.replace("{CATEGORIES}", str(CATEGORIES)).replace("{FIRST_DAY}", FIRST_DAY))
        db.execute(_DAILY if is_daily else _QUARTERLY)
        yield db


_MACROS = r"""
        create macro iso_z(t) as strftime(t::timestamp, '%Y-%m-%dT%H:%M:%SZ');
        create macro iso_utc(t) as strftime(t::timestamp, '%Y-%m-%dT%H:%M:%S+00:00');
        create macro local_time(t, zone) as timezone(zone, timezone('UTC', t::timestamp));
        create macro iso_local(t, zone) as strftime(local_time(t, zone), '%Y-%m-%dT%H:%M:%S')
            || printf('-%02d:00', date_diff('hour', local_time(t, zone), t::timestamp));
        create macro category_name(place) as list_element({CATEGORIES}, place + 1);
        create macro numbered(prefix, row) as prefix || printf('%07d', row + 1);
        create macro cents(amount) as cast(cast(amount as decimal(18, 2)) as varchar);
        create macro within_year(t) as greatest(t::timestamp, timestamp '{FIRST_DAY}');
        create macro quarter_name(t) as strftime(t, '%Y') || 'Q' || quarter(t);
    """
_QUARTERLY = """
        create macro is_daily() as false;
        create macro export_of(t) as quarter_name(within_year(t));
        create macro quarter_of(export) as export;
    """
_DAILY = """
        create macro is_daily() as true;
        create macro export_of(t) as strftime(within_year(t), '%Y-%m-%d');
        create macro quarter_of(export) as quarter_name(export::date);
    """


def query(db: duckdb.DuckDBPyConnection, sql: str) -> pa.Table:
    """The answer as Arrow."""
    return db.sql(sql).to_arrow_table()


def by_quarter(db: duckdb.DuckDBPyConnection, sql: str) -> Iterator[tuple[str, pa.Table]]:
    """(quarter, its rows) of a query that tells the EXPORT of each row, in order; its rows keep their order."""
    db.execute(f"create or replace table printed as {sql}")
    quarters = db.execute(f"select distinct quarter_of({EXPORT}) as quarter from printed order by quarter").fetchall()
    for (quarter,) in quarters:
        yield quarter, query(db, f"from printed where quarter_of({EXPORT}) = '{quarter}'")
    db.execute("drop table printed")


def _csv(rows: pa.Table) -> bytes:
    out = io.BytesIO()
    out.write((",".join(rows.column_names) + "\n").encode())
    pa_csv.write_csv(rows, out, pa_csv.WriteOptions(include_header=False, quoting_style="needed"))
    return out.getvalue()


def _tsv(rows: pa.Table) -> bytes:
    columns = [pc.fill_null(column.cast(pa.string()), "") for column in rows.columns]
    lines = pc.binary_join_element_wise(*columns, "\t").to_pylist()
    return ("\n".join(["\t".join(rows.column_names), *lines]) + "\n").encode()


def content(file: NativeFile) -> bytes:
    """The bytes of the file; UnicodeEncodeError when its encoding cannot hold its text."""
    rows = file.rows.drop_columns([name for name in (LABEL, EXPORT) if name in file.rows.column_names])
    if file.form == "parquet":
        out = io.BytesIO()
        pq.write_table(rows, out, compression="zstd")
        return out.getvalue()
    if file.form == "csv":
        data = _csv(rows)
    elif file.form == "tsv":
        data = _tsv(rows)
    else:
        documents = rows["document"].to_pylist()
        if file.form == "jsonl":
            data = ("\n".join(documents) + "\n").encode()
        else:
            listed = ",\n".join(documents)
            data = f'{{"{file.page}": [\n{listed}\n], "has_more": false}}\n'.encode()
    return data if file.encoding == "utf-8" else data.decode().encode(file.encoding)


def write(file: NativeFile, drop: Path) -> None:
    """Writes the file below ``drop``."""
    path = drop / file.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content(file))
