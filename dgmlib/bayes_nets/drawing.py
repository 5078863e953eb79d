"""Drawing a Bayesian network: ancestors on the left, one column a generation, edges bent around what they skip.

Everything is computed here as plain columns (`node_columns`, `edge_columns`, `arrow_columns`), so that an explorable
can draw the same graph at positions of its own.
"""

from __future__ import annotations

import math
import re
from collections.abc import Hashable, Iterable, Mapping
from typing import TYPE_CHECKING

import altair as alt
import networkx as nx
import numpy as np

from dgmlib.explorable import colour

if TYPE_CHECKING:
    from dgmlib.bayes_nets.network import BayesNet

Positions = Mapping[Hashable, tuple[float, float]]
Edge = tuple[Hashable, Hashable]
Columns = dict[str, list]

RADIUS = 0.2  # of a node, where neighbouring generations are 1 apart
_UNIT = 90  # pixels between generations
_SPREAD = 0.75  # between nodes of one generation
_LONGEST = 4  # characters that fit into a circle
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_STEPS = np.linspace(0, 1, 15)


def layout(net: BayesNet) -> dict[Hashable, tuple[float, float]]:
    """Positions: x is the longest path from a root, y is spread evenly and ordered by the parents' mean height."""
    positions: dict[Hashable, tuple[float, float]] = {}
    rank = {node: i for i, node in enumerate(net.nodes)}
    for x, generation in enumerate(nx.topological_generations(net.graph)):
        heights = {n: np.mean([positions[p][1] for p in net.parents[n]]) if net.parents[n] else 0.0 for n in generation}
        order = sorted(generation, key=lambda n: (-heights[n], rank[n]))
        for i, node in enumerate(order):
            positions[node] = (float(x), _SPREAD * ((len(order) - 1) / 2 - i))
    return positions


def node_columns(positions: Positions) -> Columns:
    """Columns x, y, node and text_y: names stand inside the circles if all of them fit, else below."""
    points, names = list(positions.values()), [label(node) for node in positions]
    drop = 1.6 * RADIUS if any(len(name) > _LONGEST for name in names) else 0.0
    return {
        "x": [x for x, _ in points],
        "y": [y for _, y in points],
        "node": names,
        "text_y": [y - drop for _, y in points],
    }


def label(node: Hashable) -> str:
    """A node's name in plain text: ``x12`` → x₁₂."""
    name = str(node)
    if re.fullmatch(r"[A-Za-z]_?\d+", name):
        return name[0] + name[1:].lstrip("_").translate(_SUBSCRIPTS)
    return name


def edge_columns(edges: Iterable[Edge], positions: Positions) -> Columns:
    """Columns x, y, step (along the edge) and edge (its name), from rim to rim of the two nodes."""
    columns: Columns = {"x": [], "y": [], "step": [], "edge": []}
    for a, b in edges:
        path = _path(a, b, positions)
        columns["x"] += path[:, 0].tolist()
        columns["y"] += path[:, 1].tolist()
        columns["step"] += list(range(len(path)))
        columns["edge"] += [f"{a} → {b}"] * len(path)
    return columns


def arrow_columns(edges: Iterable[Edge], positions: Positions) -> Columns:
    """Columns x, y and angle (degrees clockwise from up) of the arrow heads."""
    columns: Columns = {"x": [], "y": [], "angle": []}
    for a, b in edges:
        path = _path(a, b, positions)
        (x, y), (dx, dy) = path[-1], path[-1] - path[-3]
        columns["x"].append(float(x))
        columns["y"].append(float(y))
        columns["angle"].append(math.degrees(math.atan2(dx, dy)))
    return columns


def draw(net: BayesNet) -> alt.LayerChart:
    """The graph as a chart with its data inside."""
    positions = layout(net)
    edges = list(net.graph.edges)
    ends = edge_columns(edges, positions)
    xs = [*(x for x, _ in positions.values()), *ends["x"]]
    ys = [*(y for _, y in positions.values()), *ends["y"]]
    domains = [(min(v) - 0.4, max(v) + 0.4) for v in (xs, ys)]
    x, y = (
        alt.X("x:Q", axis=None, scale=alt.Scale(domain=list(domains[0]), nice=False, zero=False)),
        _y("y", domains[1]),
    )
    nodes = alt.Chart(_rows(node_columns(positions))).encode(x, y)
    layers = [
        nodes.mark_circle(
            size=_area(RADIUS * _UNIT), color=colour.PAPER, stroke=colour.INK, strokeWidth=1.5, opacity=1
        ),
        nodes.mark_text(color=colour.INK, fontSize=13).encode(_y("text_y", domains[1]), text="node:N"),
    ]
    if edges:
        lines = alt.Chart(_rows(ends)).mark_line(color=colour.MUTED, strokeWidth=1.5)
        heads = alt.Chart(_rows(arrow_columns(edges, positions)))
        layers = [
            lines.encode(x, y, order="step:Q", detail="edge:N"),
            heads.mark_point(shape="triangle", filled=True, size=60, color=colour.MUTED, opacity=1).encode(
                x, y, angle=alt.Angle("angle:Q", scale=None)
            ),
            *layers,
        ]
    width, height = (round((high - low) * _UNIT) for low, high in domains)
    return alt.layer(*layers).properties(width=width, height=height)


def _y(field: str, domain: tuple[float, float]) -> alt.Y:
    return alt.Y(f"{field}:Q", axis=None, scale=alt.Scale(domain=list(domain), nice=False, zero=False))


def _path(a: Hashable, b: Hashable, positions: Positions) -> np.ndarray:
    """Points (15, 2) of a quadratic curve from the rim of a to the rim of b, bent if it would cross another node."""
    start, end = np.array(positions[a], float), np.array(positions[b], float)
    along = end - start
    length = float(np.hypot(*along))
    normal = np.array([-along[1], along[0]]) / length
    blocked = any(
        abs((p - start) @ normal) < 1.5 * RADIUS and 0 < (p - start) @ along < length**2
        for p in (np.array(position) for node, position in positions.items() if node not in (a, b))
    )
    middle = (start + end) / 2 + (0.4 * length * normal if blocked else 0)
    ends = [_towards(start, middle), _towards(end, middle)]
    t = _STEPS[:, None]
    return (1 - t) ** 2 * ends[0] + 2 * t * (1 - t) * middle + t**2 * ends[1]


def _towards(centre: np.ndarray, target: np.ndarray) -> np.ndarray:
    """The point just outside the rim of a node in the direction of ``target``."""
    direction = target - centre
    return centre + direction / np.hypot(*direction) * RADIUS * 1.25


def _area(radius: float) -> float:
    """Vega's size of a circle of a radius in pixels."""
    return math.pi * radius**2


def _rows(columns: Columns) -> alt.Data:
    """Columns as the rows of a chart."""
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return alt.Data(values=rows)
