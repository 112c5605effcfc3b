"""Charts of causes: they can be drawn as pictures, in order, with what they are made of."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
import vl_convert

from dashboards.charts import DARK, LIGHT, Drawing, Palette, lines, signed_bars, waterfall
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


PHONE, DESK = 300, 900
STEPS = [
    {"label": "April – June 2026", "value": 0.4, "text": "40.0%", "is_total": True},
    {"label": "Condition of the goods", "value": -0.1, "text": "−10.0 pts", "is_total": False},
    {"label": "July – September 2026", "value": 0.3, "text": "30.0%", "is_total": True},
]


def drawn_at(drawing: Drawing, width: int) -> str:
    return str(vl_convert.vegalite_to_svg(drawing.properties(width=width).to_dict(), allowed_base_urls=[]))


def test_a_bridge_on_a_phone_turns_its_words_so_that_none_is_left_out_or_over_another() -> None:
    bridge = waterfall(STEPS, "Share", "en_CA", ".0%", LIGHT, "HIGHER")
    turned = re.compile(r"rotate\((?:-50|310)\)[^>]*>([^<]+)</text>")
    assert set(turned.findall(drawn_at(bridge, PHONE))) >= {step["text"] for step in STEPS} | {"Condition of the goods"}
    assert turned.findall(drawn_at(bridge, DESK)) == []


def test_a_legend_on_a_phone_is_one_column() -> None:
    points = [
        {"label": label, "x": x, "position": position, "value": 0.5, "text": "50%"}
        for label in ("From receipt to inspection", "From receipt to decision")
        for position, x in enumerate(("Jan", "Feb"))
    ]
    chart = lines(points, "Share", "en_CA", ".0%")

    def left(width: int) -> list[str]:
        # where each entry of the legend begins
        entries = re.findall(r'translate\(([\d.]+),[\d.]+\)"[^>]*><path class="background"', drawn_at(chart, width))
        return entries[-2:]

    assert len(set(left(PHONE))) == 1
    assert len(set(left(DESK))) == 2


@pytest.mark.parametrize(("locale", "sign"), [("fr_CA", "100\N{NO-BREAK SPACE}%"), ("en_CA", "100%")])
def test_an_axis_writes_a_share_as_its_language_does(locale: str, sign: str) -> None:
    points = [
        {"label": "A", "x": x, "position": place, "value": place / 2, "text": ""} for place, x in enumerate("abc")
    ]
    assert f">{sign}<" in drawn_at(lines(points, "Share", locale, ".0%"), DESK)
