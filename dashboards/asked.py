"""What a query gave, as a table and as a chart: any columns, typed as the engine typed them."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, overload

import altair as alt
import pyarrow as pa
import pyarrow.parquet

from backhaul import formats
from backhaul.questions import Chart
from dashboards.charts import BLUE, CATEGORIES, GREY, Drawing, in_locale, on_phone, quiet
from dashboards.tables import Column, Table

POINTS_DRAWN = 2_000
KINDS = ("bar", "line", "area", "point")
# numbers that name something are not grouped in thousands
_NAMES = re.compile(r"(_(number|row|ordinal|rank|year|key|id|code|index)|^(year|rank|row))$")


class Rows(Sequence[Mapping[str, Any]]):
    """The rows of an Arrow table, each made when it is looked at; columns are keyed by their place (``c0``)."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def __len__(self) -> int:
        return int(self._table.num_rows)

    @overload
    def __getitem__(self, place: int) -> Mapping[str, Any]: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Mapping[str, Any]]: ...
    def __getitem__(self, place: int | slice) -> Mapping[str, Any] | Sequence[Mapping[str, Any]]:
        if isinstance(place, slice):
            first, last, _step = place.indices(len(self))
            return Rows(self._table.slice(first, max(0, last - first)))
        columns = self._table.slice(place, 1).columns
        return {f"c{at}": _plain(column[0].as_py()) for at, column in enumerate(columns)}


def as_table(result: pa.Table, name: str, title: str) -> Table:
    """The result under its own column names."""
    columns = [Column(f"c{at}", field.name, _kind(field)) for at, field in enumerate(result.schema)]
    return Table(name, title, columns, Rows(result))


def parquet_bytes(result: pa.Table) -> bytes:
    """The result with its exact types."""
    names = [
        f"{name}_{at}" if result.column_names.count(name) > 1 else name for at, name in enumerate(result.column_names)
    ]
    file = io.BytesIO()
    pa.parquet.write_table(result.rename_columns(names), file, compression="zstd")
    return file.getvalue()


def measures(result: pa.Table) -> list[str]:
    """The columns that can be drawn as lengths."""
    return [field.name for field in result.schema if _is_number(field.type)]


def fitting(chart: Chart | None, result: pa.Table) -> Chart | None:
    """The chart asked for if the result has its columns, else one that the columns suggest; None without a number."""
    numbers, names = measures(result), result.column_names
    if chart and chart.y in numbers and {chart.x, chart.colour or chart.x} <= set(names) and chart.kind in KINDS:
        return chart
    words = [name for name in names if name not in numbers]
    if not numbers or len(names) < 2:
        return None
    x = words[0] if words else names[0]
    is_time = pa.types.is_temporal(result.schema.field(names.index(x)).type)
    return Chart("line" if is_time else "bar", x, next(name for name in numbers if name != x))


def draw(result: pa.Table, chart: Chart, locale: str) -> Drawing:
    """The chart of the first rows; points in the order of the result, colours for its six largest members."""
    names = [chart.x, chart.y, *([chart.colour] if chart.colour else [])]
    part = result.slice(0, POINTS_DRAWN)
    values = [part.column(part.column_names.index(name)).to_pylist() for name in names]
    lines = [
        {
            "x": _label(line[0]),
            "y": None if line[1] is None else float(line[1]),
            "colour": _label(line[2]) if chart.colour else "",
            "text": formats.written(line[1], _kind_of(line[1]), locale, ""),
        }
        for line in zip(*values, strict=True)
    ]
    x = alt.X("x:N", sort=None, axis=alt.Axis(title=chart.x, labelAngle=-40, labelLimit=160, labelOverlap=True))
    y = alt.Y("y:Q", axis=alt.Axis(title=chart.y, titleLimit=0), scale=alt.Scale(zero=chart.kind in {"bar", "area"}))
    tooltip = [alt.Tooltip("x:N", title=chart.x), alt.Tooltip("text:N", title=chart.y)]
    base = alt.Chart(pa.Table.from_pylist(lines))
    marks = {
        "bar": base.mark_bar(color=BLUE),
        "line": base.mark_line(color=BLUE, point=True),
        "area": base.mark_area(color=BLUE),
        "point": base.mark_point(color=BLUE, filled=True, size=60),
    }
    drawn = marks[chart.kind].encode(x=x, y=y, tooltip=tooltip)
    if chart.colour:
        tooltip.insert(1, alt.Tooltip("colour:N", title=chart.colour))
        drawn = drawn.encode(color=_colours(lines, chart.colour), tooltip=tooltip)
    return quiet(in_locale(drawn.properties(height=380), locale))


def _colours(lines: list[dict[str, Any]], title: str) -> alt.Color:
    sizes: dict[str, float] = {}
    for line in lines:
        sizes[line["colour"]] = sizes.get(line["colour"], 0.0) + abs(line["y"] or 0.0)
    ranking = sorted(sizes, key=lambda member: -sizes[member])
    colours = [*CATEGORIES[: len(ranking)], *[GREY] * (len(ranking) - len(CATEGORIES))]
    legend = alt.Legend(
        title=title, orient="bottom", columns=on_phone(1, 3), labelLimit=260, symbolLimit=len(CATEGORIES)
    )
    return alt.Color("colour:N", scale=alt.Scale(domain=ranking, range=colours), legend=legend)


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _kind(field: pa.Field) -> formats.Kind:
    if pa.types.is_date(field.type):
        return "day"
    if pa.types.is_timestamp(field.type):
        return "instant"
    if pa.types.is_integer(field.type) or (pa.types.is_decimal(field.type) and field.type.scale == 0):
        return "text" if _NAMES.search(field.name) else "count"
    return "number" if _is_number(field.type) else "text"


def _kind_of(value: object) -> formats.Kind:
    return "count" if isinstance(value, int) else "number" if isinstance(value, float | Decimal) else "text"


def _plain(value: object) -> object:
    """Lists and structures as JSON, bytes as hexadecimal digits: what a cell can hold."""
    if isinstance(value, list | dict | tuple):
        return json.dumps(value, default=str, ensure_ascii=False)
    if isinstance(value, bytes):
        return value.hex()
    return value


def _label(value: object) -> str:
    """A label of an axis; a first of a month is the month."""
    if value is None:
        return formats.DASH
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}" if (value.hour or value.minute) else _label(value.date())
    if isinstance(value, date):
        return f"{value:%Y-%m}" if value.day == 1 else f"{value:%Y-%m-%d}"
    return str(_plain(value))
