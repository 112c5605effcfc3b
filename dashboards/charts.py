"""The charts. Labels, months and tooltips arrive written in the reader's language; only axis numbers are left to Vega.

Colours are those of Okabe and Ito, which people with any colour vision can tell apart, on light and dark ground.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Any

import altair as alt
import pyarrow as pa
from babel.numbers import get_decimal_symbol, get_group_symbol

from dashboards.data import Row

CATEGORIES = ["#0072b2", "#e69f00", "#009e73", "#56b4e9", "#d55e00", "#cc79a7"]
BLUE, VERMILION, GREY = "#0072b2", "#d55e00", "#8c96a0"


@dataclass(frozen=True)
class Palette:
    """What must differ between light and dark ground."""

    line: str
    text: str


# a label of several lines is an array to Vega
_LINES = "split(datum.label, '\\n')"
Drawing = alt.Chart | alt.LayerChart | alt.FacetChart
LIGHT, DARK = Palette(BLUE, "#51606e"), Palette("#56b4e9", "#a9b7c4")


def trend(points: list[Row], shown_as: str, palette: Palette) -> Drawing:
    """A small line by month.

    Args:
        points: month (label), position (order), value, text (tooltip), is_selected, is_settling (drawn hollow).
        shown_as: what the value is called in the tooltip.
        palette: of the ground it stands on.
    """
    for point in points:
        point["ink"] = palette.line if point["is_selected"] else GREY
        point["fill"] = "transparent" if point["is_settling"] else point["ink"]
    order = alt.SortField("position")
    edges = [points[0]["month"], points[-1]["month"]]
    axis = alt.Axis(
        title=None, grid=False, ticks=False, domain=False, labelAngle=0, values=edges, labelFlush=True, labelLimit=0
    )
    x = alt.X("month:N", sort=order, axis=axis, scale=alt.Scale(type="point", padding=0.2))
    y = alt.Y("value:Q", axis=None, scale=alt.Scale(zero=False, padding=8))
    tooltip = [alt.Tooltip("month:N", title=" "), alt.Tooltip("text:N", title=shown_as)]
    base = alt.Chart(_table(points)).encode(x=x, y=y)
    line = base.mark_line(color=palette.line, strokeWidth=2, opacity=0.55)
    dots = base.mark_point(size=46, opacity=1, strokeWidth=1.6).encode(
        stroke=alt.Stroke("ink:N", scale=None), fill=alt.Fill("fill:N", scale=None), tooltip=tooltip
    )
    return _quiet(alt.layer(line, dots).properties(height=90))


def stacked_months(bars: list[Row], ranking: list[str], value_title: str, locale: str, number: str) -> Drawing:
    """Stacked bars by month.

    Args:
        bars: month, position, label, rank, value, text (tooltip), is_selected (others are drawn faint).
        ranking: the labels from the bottom of the stack to its top; one more than the palette is drawn grey.
        value_title: what the bars measure, with its unit.
        locale: of the axis numbers.
        number: a d3 format of the axis numbers.
    """
    colours = [*CATEGORIES[: len(ranking)], *[GREY] * (len(ranking) - len(CATEGORIES))]
    chart = (
        alt.Chart(_table(bars))
        .mark_bar()
        .encode(
            x=alt.X("month:N", sort=alt.SortField("position"), axis=alt.Axis(title=None, labelAngle=-40, labelLimit=0)),
            y=alt.Y("value:Q", axis=alt.Axis(title=value_title, titleLimit=0, format=number, tickCount=5)),
            color=alt.Color(
                "label:N",
                scale=alt.Scale(domain=ranking, range=colours),
                legend=alt.Legend(title=None, orient="bottom", columns=2, labelLimit=0, symbolType="square"),
            ),
            order=alt.Order("rank:Q"),
            opacity=alt.condition("datum.is_selected", alt.value(1), alt.value(0.3)),
            tooltip=[
                alt.Tooltip("month:N", title=" "),
                alt.Tooltip("label:N", title="  "),
                alt.Tooltip("text:N", title=value_title),
            ],
        )
        .properties(height=430)
    )
    return _quiet(_in_locale(chart, locale))


def signed_bars(bars: list[Row], shown_as: str, palette: Palette) -> Drawing:
    """Horizontal bars, one per row in the order given: blue to the right, vermilion to the left of zero.

    Args:
        bars: label, value, text (written beside the bar).
        shown_as: what the value is called in the tooltip.
        palette: of the ground it stands on.
    """
    bars = [bar | {"label": textwrap.fill(bar["label"], 22)} for bar in bars]
    values = [bar["value"] for bar in bars]
    low, high = min(0.0, *values), max(0.0, *values)
    reach = (high - low) or 1.0
    base = alt.Chart(_table(bars)).encode(
        y=alt.Y(
            "label:N",
            sort=None,
            axis=alt.Axis(title=None, ticks=False, domain=False, labelLimit=0, labelExpr=_LINES, labelPadding=8),
        ),
        # room for the text beside the longest bar
        x=alt.X("value:Q", axis=None, scale=alt.Scale(domain=[low, high + 0.8 * reach], nice=False)),
        tooltip=[alt.Tooltip("label:N", title=" "), alt.Tooltip("text:N", title=shown_as)],
    )
    drawn = base.mark_bar(height={"band": 0.62}).encode(
        color=alt.condition("datum.value < 0", alt.value(VERMILION), alt.value(BLUE))
    )
    written = base.mark_text(align="left", dx=6, fontSize=12, color=palette.text).encode(
        x=alt.X("start:Q"), text=alt.Text("text:N")
    )
    written = written.transform_calculate(start="max(datum.value, 0)")
    return _quiet(alt.layer(drawn, written).properties(height=max(120, 42 * len(bars))))


def _table(rows: list[Row]) -> Any:
    """Arrow is what charts travel as."""
    return pa.Table.from_pylist(rows)


def _quiet(chart: Drawing) -> Drawing:
    quiet: Drawing = chart.configure_view(strokeWidth=0).configure_axis(labelFontSize=12, titleFontSize=12)
    return quiet


def _in_locale(chart: alt.Chart, locale: str) -> alt.Chart:
    number = {
        "decimal": get_decimal_symbol(locale),
        "thousands": get_group_symbol(locale),
        "grouping": [3],
        "currency": ["", ""],
    }
    localised: alt.Chart = chart.configure(locale={"number": number})
    return localised
