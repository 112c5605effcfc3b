"""Charts of causes: they can be drawn as pictures, in order, with what they are made of."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dashboards.charts import DARK, LIGHT, Palette, signed_bars
from dashboards.diagrams import matrix, pareto
from dashboards.report import svg

BARS = [
    {"label": "BIG", "position": 0, "value": 30.0, "share": 0.6, "text": "$30", "amount": Decimal("30.00")},
    {"label": "SMALL", "position": 1, "value": 20.0, "share": 1.0, "text": "$20", "amount": Decimal("20.00")},
]
CELLS = [
    {
        "row": "Too large",
        "row_position": 0,
        "column": "Beyond economic repair",
        "column_position": 0,
        "value": 0.7,
        "text": "70%",
        "detail": "7 units",
    }
]


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_what_is_drawn_may_carry_exact_amounts(palette: Palette) -> None:
    drawn = svg(pareto(BARS, "Net loss", "Share", "en_CA", ",.0f", palette))
    assert drawn.index("BIG") < drawn.index("SMALL")
    assert "$30" in svg(signed_bars(BARS, "Net loss", palette))


@pytest.mark.parametrize(("palette", "ink"), [(LIGHT, "#1c242c"), (DARK, "#ffffff")])
def test_the_number_of_a_cell_is_legible_on_its_shade(palette: Palette, ink: str) -> None:
    drawn = svg(matrix(CELLS, "Units", palette))
    assert "70%" in drawn
    assert ink in drawn
    # a long heading stands on several lines
    assert "Beyond" in drawn
    assert "Beyond economic repair</text>" not in drawn
