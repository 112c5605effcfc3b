"""Charts of causes: what makes most of a whole, and what is found behind what was said."""

from __future__ import annotations

import textwrap

import altair as alt

from dashboards.charts import BLUE, DARK, LINES, VERMILION, Drawing, Palette, as_table, in_locale, quiet
from dashboards.data import Row

LINE_HEIGHT = 15
DARKEST, INK = 0.7, "#1c242c"


def pareto(bars: list[Row], value_title: str, share_title: str, locale: str, number: str, palette: Palette) -> Drawing:
    """Bars, the largest first, and as a line the share of the whole that they make with those before them.

    Args:
        bars: label, position (order), value, share (0 to 1), text (tooltip).
        value_title: what the bars measure, with its unit.
        share_title: what the line is called.
        locale: of the axis numbers.
        number: a d3 format of the axis numbers.
        palette: of the ground it stands on.
    """
    base = alt.Chart(as_table(bars)).encode(
        x=alt.X("label:N", sort=alt.SortField("position"), axis=alt.Axis(title=None, labelAngle=-40, labelLimit=120)),
        tooltip=[alt.Tooltip("label:N", title=" "), alt.Tooltip("text:N", title=value_title)],
    )
    drawn = base.mark_bar(color=palette.line).encode(
        y=alt.Y("value:Q", axis=alt.Axis(title=value_title, titleLimit=0, format=number, tickCount=5))
    )
    running = base.mark_line(color=VERMILION, strokeWidth=2, point=alt.OverlayMarkDef(color=VERMILION)).encode(
        y=alt.Y(
            "share:Q",
            scale=alt.Scale(domain=[0, 1]),
            axis=alt.Axis(title=share_title, titleLimit=0, format=".0%", tickCount=5, grid=False),
        )
    )
    layered = alt.layer(drawn, running).resolve_scale(y="independent").properties(height=340)
    return quiet(in_locale(layered, locale))


def matrix(cells: list[Row], shown_as: str, palette: Palette) -> Drawing:
    """A table of shares as shades: the darker, the more; each cell has its number written.

    Args:
        cells: row, row_position, column, column_position, value (0 to 1), text (in the cell), detail (tooltip).
        shown_as: what the number is called in the tooltip.
        palette: of the ground it stands on.
    """
    cells = [cell | {"column": textwrap.fill(cell["column"], 14)} for cell in cells]
    rows = {cell["row"] for cell in cells}
    base = alt.Chart(as_table(cells)).encode(
        x=alt.X(
            "column:N",
            sort=alt.SortField("column_position"),
            axis=alt.Axis(
                title=None,
                orient="top",
                labelAngle=0,
                labelLimit=0,
                labelExpr=LINES,
                labelBaseline="bottom",
                # further lines go down, towards the cells
                labelPadding=6 + LINE_HEIGHT * max(cell["column"].count("\n") for cell in cells),
                ticks=False,
                domain=False,
            ),
        ),
        y=alt.Y(
            "row:N",
            sort=alt.SortField("row_position"),
            axis=alt.Axis(title=None, labelLimit=220, ticks=False, domain=False),
        ),
        tooltip=[
            alt.Tooltip("row:N", title=" "),
            alt.Tooltip("column:N", title="  "),
            alt.Tooltip("detail:N", title=shown_as),
        ],
    )
    shades = base.mark_rect(color=BLUE).encode(
        opacity=alt.Opacity("value:Q", scale=alt.Scale(domain=[0, 1], range=[0.04, DARKEST]), legend=None)
    )
    # the ground shines through the shades: on a light one the numbers stay dark, on a dark one light
    faint, strong = (palette.text, "#ffffff") if palette is DARK else (INK, INK)
    written = base.mark_text(fontSize=12).encode(
        text="text:N", color=alt.condition("datum.value > 0.3", alt.value(strong), alt.value(faint))
    )
    return quiet(alt.layer(shades, written).properties(height=40 + 26 * len(rows)))
