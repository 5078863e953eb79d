"""A graph to build: edges on and off, variables observed or not, what it costs and what it makes independent."""

import itertools
from functools import cache

import altair as alt

from dgmlib.bayes_nets import BayesNet
from dgmlib.bayes_nets.drawing import RADIUS, arrow_columns, edge_columns, node_columns
from dgmlib.explorable import Explorable, colour, toggle

POSITIONS = {"season": (0, 0), "sprinkler": (1, 0.75), "rain": (1, -0.75), "wet": (2, 0), "slippery": (3, 0)}
CARDINALITIES = {"season": 4, "sprinkler": 2, "rain": 2, "wet": 2, "slippery": 2}
EDGES = {
    "season_sprinkler": True,
    "season_rain": True,
    "season_wet": False,
    "sprinkler_wet": True,
    "rain_wet": True,
    "rain_slippery": False,
    "wet_slippery": True,
}
_PAIRS = tuple(itertools.combinations(POSITIONS, 2))
_STATUS = ("independent", "dependent")


@cache
def network(edges: frozenset[str]) -> BayesNet:
    """The five variables with the edges of these names; Pearl's sprinkler is the start."""
    pairs = [name.split("_") for name in EDGES if name in edges]
    return BayesNet({node: [a for a, b in pairs if b == node] for node in POSITIONS}, CARDINALITIES)


def _split(values: dict[str, bool]) -> tuple[frozenset[str], tuple[str, ...]]:
    """Names of the edges that are on, and the observed nodes."""
    edges = frozenset(name for name in EDGES if values[name])
    return edges, tuple(node for node in POSITIONS if values[node])


@cache
def _drawn(edges: frozenset[str]) -> dict:
    """Columns of the lines and of their heads."""
    pairs = list(network(edges).graph.edges)
    return {"edges": edge_columns(pairs, POSITIONS), "arrows": arrow_columns(pairs, POSITIONS)}


def _tables(**values: bool) -> dict:
    edges, observed = _split(values)
    net = network(edges)
    pairs = [pair for pair in _PAIRS if not set(pair) & set(observed)]
    nodes = node_columns(POSITIONS)
    return {
        **_drawn(edges),
        "nodes": nodes | {"seen": ["observed" if node in observed else "hidden" for node in POSITIONS]},
        "pairs": {
            "first": [a for a, _ in pairs],
            "second": [b for _, b in pairs],
            "status": [_STATUS[not net.is_independent(a, b, observed)] for a, b in pairs],
        },
    }


def _graph_panel() -> alt.LayerChart:
    def x():
        return alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-0.45, 3.45], nice=False))

    def y(field="y"):
        return alt.Y(f"{field}:Q", axis=None, scale=alt.Scale(domain=[-1.3, 1.1], nice=False))

    nodes = alt.Chart(alt.NamedData("nodes")).encode(x())
    fill = alt.Scale(domain=["hidden", "observed"], range=[colour.PAPER, colour.DATA])
    return alt.layer(
        alt.Chart(alt.NamedData("edges"))
        .mark_line(color=colour.MUTED, strokeWidth=1.5)
        .encode(x(), y(), order="step:Q", detail="edge:N"),
        alt.Chart(alt.NamedData("arrows"))
        .mark_point(shape="triangle", filled=True, size=60, color=colour.MUTED, opacity=1)
        .encode(x(), y(), angle=alt.Angle("angle:Q", scale=None)),
        nodes.mark_circle(size=3.14 * (RADIUS * 85) ** 2, stroke=colour.INK, strokeWidth=1.5, opacity=1).encode(
            y(), fill=alt.Fill("seen:N", scale=fill, legend=None)
        ),
        nodes.mark_text(fontSize=13).encode(y("text_y"), text="node:N"),
        title="The graph (filled: observed)",
    ).properties(width=332, height=204)


def _pairs_panel() -> alt.Chart:
    names = list(POSITIONS)
    base = alt.Chart(alt.NamedData("pairs")).encode(
        x=alt.X(
            "first:N",
            title=None,
            scale=alt.Scale(domain=names[:-1]),
            axis=alt.Axis(labelAngle=0, domain=False, ticks=False),
        ),
        y=alt.Y("second:N", title=None, scale=alt.Scale(domain=names[1:]), axis=alt.Axis(labelLimit=70)),
    )
    hue = alt.Fill("status:N", legend=None, scale=alt.Scale(domain=list(_STATUS), range=[colour.PAPER, colour.MODEL]))
    shape = alt.Shape("status:N", legend=None, scale=alt.Scale(domain=list(_STATUS), range=["diamond", "circle"]))
    marks = base.mark_point(filled=False, size=170, stroke=colour.MODEL, strokeWidth=2, opacity=1)
    title = alt.Title("Every hidden pair", subtitle="● dependent   ◇ independent")
    return marks.encode(fill=hue, shape=shape).properties(title=title, width=240, height=160)


def _caption(t: dict, **values: bool) -> str:
    edges, observed = _split(values)
    net = network(edges)
    terms = " + ".join(map(str, net.parameter_counts().values()))
    status = t["pairs"]["status"]
    given = f"Given {', '.join(observed)}" if observed else "With nothing observed"
    return (
        f"[{terms} = {net.num_parameters} parameters]{{.model}} of the 63 of a full table. {given}, the graph makes "
        f"{status.count('independent')} of {len(status)} pairs independent."
    )


_EDGE_CONTROLS = {name: toggle(start=on, label=name.replace("_", " → ")) for name, on in EDGES.items()}

dag_builder = Explorable(
    id="dag-builder",
    title="Edges cost parameters and carry information",
    controls=_EDGE_CONTROLS | {node: toggle(start=node == "season", label=f"{node} observed") for node in POSITIONS},
    tables=_tables,
    view=alt.concat(_graph_panel(), _pairs_panel(), columns=2).resolve_scale(fill="independent"),
    caption=_caption,
)
