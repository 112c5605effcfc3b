"""The charts. Labels, months and tooltips arrive written in the reader's language; only axis numbers are left to Vega.

Colours are those of Okabe and Ito, which people with any colour vision can tell apart, on light and dark ground.
"""

from __future__ import annotations

import json
import textwrap
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

import altair as alt
import pyarrow as pa
from altair.utils import schemapi
from babel.numbers import get_decimal_symbol, get_group_symbol

from backhaul.formats import NBSP
from dashboards.data import Row
from dashboards.sankey import Layout

# Altair would check each part of a chart against its schema, on every run of a page: the tests do.
schemapi.disable_debug_mode()

CATEGORIES = ["#0072b2", "#e69f00", "#009e73", "#56b4e9", "#d55e00", "#cc79a7"]
BLUE, VERMILION, GREY = "#0072b2", "#d55e00", "#8c96a0"


@dataclass(frozen=True)
class Palette:
    """What must differ between light and dark ground."""

    line: str
    text: str


# a label of several lines is an array to Vega
# Vega's own word for how wide a chart is drawn: on a phone its words stand otherwise.
NARROW = "width < 420"
LINES = "split(datum.label, '\\n')"
Drawing = alt.Chart | alt.LayerChart | alt.FacetChart
Specification = dict[str, Any]
LIGHT, DARK = Palette(BLUE, "#51606e"), Palette("#56b4e9", "#a9b7c4")


def trend(points: list[Row], shown_as: str, palette: Palette) -> Specification:
    """A small line by month. It stands on every card, so it is written as Streamlit reads it, at a tenth of the time.

    Args:
        points: month (label), position (order), value, text (tooltip), is_selected, is_settling (drawn hollow).
        shown_as: what the value is called in the tooltip.
        palette: of the ground it stands on.
    """
    for point in points:
        point["ink"] = palette.line if point["is_selected"] else GREY
        point["fill"] = "transparent" if point["is_settling"] else point["ink"]
    axis = {
        "title": None, "grid": False, "ticks": False, "domain": False, "labelAngle": 0, "labelFlush": True,
        "labelLimit": 0, "labelFontSize": 11, "values": [points[0]["month"], points[-1]["month"]],
    }  # fmt: skip
    x = {"field": "month", "type": "nominal", "sort": {"field": "position"}, "axis": axis,
         "scale": {"type": "point", "padding": 0.2}}  # fmt: skip
    y = {"field": "value", "type": "quantitative", "axis": None, "scale": {"zero": False, "padding": 8}}
    dots = {
        "x": x,
        "y": y,
        "stroke": {"field": "ink", "type": "nominal", "scale": None},
        "fill": {"field": "fill", "type": "nominal", "scale": None},
        "tooltip": [
            {"field": "month", "type": "nominal", "title": " "},
            {"field": "text", "type": "nominal", "title": shown_as},
        ],
    }
    return {
        "data": as_table(points),
        "height": 90,
        # the last label is not cut where its letters are wider than was measured
        "padding": {"left": 0, "right": 6, "top": 0, "bottom": 16},
        "view": {"strokeWidth": 0},
        "layer": [
            {
                "mark": {"type": "line", "color": palette.line, "strokeWidth": 2, "opacity": 0.55},
                "encoding": {"x": x, "y": y},
            },
            {"mark": {"type": "point", "size": 46, "opacity": 1, "strokeWidth": 1.6}, "encoding": dots},
        ],
    }


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
        alt.Chart(as_table(bars))
        .mark_bar()
        .encode(
            x=alt.X(
                "month:N",
                sort=alt.EncodingSortField("position", op="min"),
                axis=alt.Axis(title=None, labelAngle=-40, labelLimit=0),
            ),
            y=alt.Y("value:Q", axis=alt.Axis(title=value_title, titleLimit=0, format=number, tickCount=5)),
            color=alt.Color(
                "label:N",
                scale=alt.Scale(domain=ranking, range=colours),
                legend=alt.Legend(
                    title=None, orient="bottom", columns=on_phone(1, 2), labelLimit=0, symbolType="square"
                ),
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
    return quiet(in_locale(chart, locale))


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
    base = alt.Chart(as_table(bars)).encode(
        y=alt.Y(
            "label:N",
            sort=None,
            axis=alt.Axis(title=None, ticks=False, domain=False, labelLimit=0, labelExpr=LINES, labelPadding=8),
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
    return quiet(alt.layer(drawn, written).properties(height=max(120, 42 * len(bars))))


def lines(points: list[Row], value_title: str, locale: str, number: str, x_title: str | None = None) -> Drawing:
    """Lines over an ordered axis: months, days, weeks.

    Args:
        points: label (of the line), x (label on the axis), position (order), value, text (tooltip); a line whose
            points say ``dash`` is a target.
        value_title: what is measured, with its unit.
        locale: of the axis numbers.
        number: a d3 format of the axis numbers.
        x_title: what the axis counts; none for months, which say it themselves.
    """
    names = list(dict.fromkeys(point["label"] for point in points))
    hover = alt.selection_point(on="pointerover", nearest=True, fields=["x"], empty=False)
    base = alt.Chart(as_table([{"dash": False} | point for point in points])).encode(
        x=alt.X(
            "x:N",
            sort=alt.SortField("position"),
            axis=alt.Axis(title=x_title, labelAngle=0, labelOverlap="greedy", labelLimit=0),
        ),
        y=alt.Y("value:Q", axis=alt.Axis(title=value_title, titleLimit=0, format=number, tickCount=5)),
        color=_coloured(names),
        tooltip=[
            alt.Tooltip("x:N", title=x_title or " "),
            alt.Tooltip("label:N", title="  "),
            alt.Tooltip("text:N", title=value_title),
        ],
    )
    drawn = base.mark_line(strokeWidth=2).encode(
        strokeDash=alt.condition("datum.dash", alt.value([5, 4]), alt.value([1, 0]))
    )
    dots = base.mark_point(size=40, filled=True).encode(opacity=alt.condition(hover, alt.value(1), alt.value(0.35)))
    layered = alt.layer(drawn, dots.add_params(hover)).properties(height=320)
    return quiet(in_locale(layered, locale))


def waterfall(
    steps: list[Row], value_title: str, locale: str, number: str, palette: Palette, better: Literal["LOWER", "HIGHER"]
) -> Drawing:
    """From one amount to another: what came on top and what fell away.

    Args:
        steps: label, value, text, is_total (stands on the ground; the others start where the last one ended).
        value_title: what is measured, with its unit.
        locale: of the axis numbers.
        number: a d3 format of the axis numbers.
        palette: of the ground it stands on.
        better: which way is good; steps the other way are drawn in vermilion.
    """
    bars, level = [], 0.0
    for position, step in enumerate(steps):
        start = 0.0 if step["is_total"] else level
        level = step["value"] if step["is_total"] else level + step["value"]
        ink = GREY if step["is_total"] else (VERMILION if (step["value"] > 0) == (better == "LOWER") else BLUE)
        bars.append(
            {
                "label": textwrap.fill(step["label"], 14),
                "position": position,
                "start": start,
                "end": level,
                "top": max(start, level),
                "text": step["text"],
                "ink": ink,
            }
        )
    base = alt.Chart(as_table(bars)).encode(
        x=alt.X(
            "label:N",
            sort=alt.SortField("position"),
            axis=alt.Axis(
                title=None,
                labelAngle=on_phone(-50, 0),
                labelAlign=on_phone("right", "center"),
                labelExpr=f"{NARROW} ? replace(datum.label, '\\n', ' ') : {LINES}",
                labelLimit=0,
                labelOverlap=False,
                ticks=False,
            ),
        ),
        tooltip=[alt.Tooltip("label:N", title=" "), alt.Tooltip("text:N", title=value_title)],
    )
    low, high = min(min(bar["start"], bar["end"]) for bar in bars), max(bar["top"] for bar in bars)
    ends = [bar["end"] for bar in bars[1:-1]] or [0.0]
    # differences are small beside the totals: the ground may be cut, and the axis says where it begins
    floor = min(*ends, *(bar["end"] for bar in bars)) if low >= 0 else low
    ground = max(0.0, floor - (high - floor) * 0.6) if low >= 0 else low
    scale = alt.Scale(domain=[ground, high + (high - ground) * 0.08], nice=False, clamp=True)
    drawn = base.mark_bar(size=alt.ExprRef(f"min(44, 0.75 * width / {len(bars)})")).encode(
        y=alt.Y("start:Q", scale=scale, axis=alt.Axis(title=value_title, titleLimit=0, format=number, tickCount=5)),
        y2="end:Q",
        color=alt.Color("ink:N", scale=None),
    )
    written = base.mark_text(
        dy=on_phone(-4, -8),
        dx=on_phone(4, 0),
        angle=on_phone(310, 0),
        align=on_phone("left", "center"),
        fontSize=on_phone(10, 12),
        color=palette.text,
    ).encode(y=alt.Y("top:Q", scale=scale), text="text:N")
    return quiet(in_locale(alt.layer(drawn, written).properties(height=360), locale))


def columns(bars: list[Row], value_title: str, locale: str, number: str) -> Drawing:
    """Columns side by side or stacked by ``label`` over ordered groups.

    Args:
        bars: x (group), position (order), label (series), value, text.
        value_title: what is measured, with its unit.
        locale: of the axis numbers.
        number: a d3 format of the axis numbers.
    """
    names = list(dict.fromkeys(bar["label"] for bar in bars))
    chart = (
        alt.Chart(as_table(bars))
        .mark_bar()
        .encode(
            x=alt.X(
                "x:N",
                sort=alt.EncodingSortField("position", op="min"),
                axis=alt.Axis(title=None, labelAngle=-40, labelLimit=180),
            ),
            y=alt.Y("value:Q", axis=alt.Axis(title=value_title, titleLimit=0, format=number, tickCount=5)),
            color=_coloured(names),
            tooltip=[
                alt.Tooltip("x:N", title=" "),
                alt.Tooltip("label:N", title="  "),
                alt.Tooltip("text:N", title=value_title),
            ],
        )
        .properties(height=340)
    )
    return quiet(in_locale(chart, locale))


def sankey(drawn: Layout, targets: list[str], shown_as: str, palette: Palette) -> Drawing:
    """Flows from the left to the right as ribbons; each colour is a destination.

    Args:
        drawn: where everything stands; a node's ``label`` is written beside it.
        targets: the destinations, in the order of their colours.
        shown_as: what the amounts are called in the tooltip.
        palette: of the ground it stands on.
    """
    colours = [*CATEGORIES[: len(targets)], *[GREY] * (len(targets) - len(CATEGORIES))]
    across = alt.Scale(domain=[-0.42, 1.42], nice=False)
    upwards = alt.Scale(domain=[0, 1], nice=False)
    ribbons = (
        alt.Chart(as_table(drawn.ribbons))
        .mark_area(opacity=0.55)
        .encode(
            x=alt.X("x:Q", axis=None, scale=across),
            y=alt.Y("low:Q", axis=None, scale=upwards),
            y2="high:Q",
            detail="flow:N",
            color=alt.Color("target:N", scale=alt.Scale(domain=targets, range=colours), legend=None),
            tooltip=[alt.Tooltip("text:N", title=shown_as)],
        )
    )
    nodes = alt.Chart(as_table(drawn.nodes))
    posts = nodes.mark_rule(strokeWidth=5, color=GREY).encode(
        x=alt.X("x:Q", axis=None, scale=across), y=alt.Y("low:Q", axis=None, scale=upwards), y2="high:Q"
    )
    sides: tuple[tuple[int, Literal["left", "right"], int], ...] = ((0, "right", -8), (1, "left", 8))
    named = [
        nodes.transform_filter(alt.datum.x == x)
        .mark_text(align=align, dx=dx, fontSize=12, color=palette.text, lineBreak="\n")
        .encode(x=alt.X("x:Q", axis=None, scale=across), y=alt.Y("written:Q", axis=None, scale=upwards), text="label:N")
        for x, align, dx in sides
    ]
    return quiet(alt.layer(ribbons, posts, *named).properties(height=420))


def _coloured(names: list[str]) -> alt.Color:
    """A colour a name as long as the palette reaches, grey beyond; a legend where there is something to tell apart."""
    colours = [*CATEGORIES[: len(names)], *[GREY] * (len(names) - len(CATEGORIES))]
    legend = alt.Legend(title=None, orient="bottom", columns=on_phone(1, 3), labelLimit=0) if len(names) > 1 else None
    return alt.Color("label:N", scale=alt.Scale(domain=names, range=colours), legend=legend)


def as_table(rows: list[Row]) -> Any:
    """Arrow is what charts travel as; what is drawn needs no exact decimals, and pictures cannot hold them."""
    drawn = [{key: float(value) if isinstance(value, Decimal) else value for key, value in row.items()} for row in rows]
    return pa.Table.from_pylist(drawn)


def on_phone(narrow: str | int, wide: str | int) -> alt.ExprRef:
    """A property that is one thing where there is little room, and another where there is enough."""
    return alt.ExprRef(f"{NARROW} ? {json.dumps(narrow)} : {json.dumps(wide)}")


def quiet(chart: Drawing) -> Drawing:
    """The look of every chart: no frame, words of one size."""
    bare: Drawing = chart.configure_view(strokeWidth=0).configure_axis(labelFontSize=12, titleFontSize=12)
    return bare


def in_locale(chart: Drawing, locale: str) -> Drawing:
    """A chart whose axis numbers are written as the locale does."""
    number = {
        "decimal": get_decimal_symbol(locale),
        "thousands": get_group_symbol(locale),
        "grouping": [3],
        "currency": ["", ""],
        "percent": f"{NBSP}%" if locale.startswith("fr") else "%",
    }
    localised: Drawing = chart.configure(locale={"number": number})
    return localised
