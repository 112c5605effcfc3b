"""Where flows stand in a Sankey picture of two sides: ribbons between nodes whose heights are their amounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboards.data import Row

STEPS = 24
# Of the height, between two nodes of a side.
GAP = 0.02
# Of the height, a line of words.
LINE = 0.05


@dataclass(frozen=True)
class Flow:
    """One ribbon: from a node on the left to one on the right, its amount and what is told of it."""

    source: str
    target: str
    value: float
    text: str


@dataclass(frozen=True)
class Layout:
    """Points of the ribbons (flow, target, text, x 0 to 1, low, high), and the nodes (label, x, low, high, written).

    ``written`` is the height at which a node's words stand.
    """

    ribbons: list[Row]
    nodes: list[Row]


def layout(flows: Sequence[Flow], sources: Sequence[str], targets: Sequence[str]) -> Layout:
    """Ribbons and nodes, both sides from the top in the order given; heights add up to one less the gaps."""
    total = sum(flow.value for flow in flows) or 1.0
    scale = (1 - GAP * max(len(sources), len(targets), 1)) / total
    left = _stack(sources, {name: sum(f.value for f in flows if f.source == name) * scale for name in sources})
    right = _stack(targets, {name: sum(f.value for f in flows if f.target == name) * scale for name in targets})
    used_left, used_right = {name: left[name][1] for name in sources}, {name: right[name][1] for name in targets}
    ribbons = []
    for number, flow in enumerate(sorted(flows, key=lambda f: (sources.index(f.source), targets.index(f.target)))):
        height = flow.value * scale
        start, end = used_left[flow.source], used_right[flow.target]
        used_left[flow.source] -= height
        used_right[flow.target] -= height
        for step in range(STEPS + 1):
            x = step / STEPS
            bend = x * x * (3 - 2 * x)
            high = start + (end - start) * bend
            ribbons.append(
                {"flow": number, "target": flow.target, "text": flow.text, "x": x, "high": high, "low": high - height}
            )
    nodes = [node for x, side in ((0.0, left), (1.0, right)) for node in _nodes(x, side)]
    return Layout(ribbons, nodes)


def _nodes(x: float, side: dict[str, tuple[float, float]]) -> list[Row]:
    """The nodes of a side; their words stand at their middle, or lower where they would run into the words above."""
    nodes, above = [], 1.0 + LINE
    for name, (low, high) in side.items():
        above = min((low + high) / 2, above - LINE)
        nodes.append({"label": name, "x": x, "low": low, "high": high, "written": above})
    return nodes


def _stack(names: Sequence[str], heights: dict[str, float]) -> dict[str, tuple[float, float]]:
    """From the top (one) downwards: low and high of each."""
    top, stacked = 1.0, {}
    for name in names:
        stacked[name] = (top - heights[name], top)
        top -= heights[name] + GAP
    return stacked
