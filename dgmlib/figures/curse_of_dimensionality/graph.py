"""A graph to build: edges on and off, what each table costs, and whether two variables can tell of one another."""

import itertools
from functools import cache

import altair as alt

from dgmlib.bayes_nets import BayesNet, active_trail
from dgmlib.bayes_nets.drawing import RADIUS, arrow_columns, edge_columns, node_columns
from dgmlib.explorable import Explorable, choice, colour, toggle

POSITIONS = {"season": (0, 0), "sprinkler": (1, 0.75), "rain": (1, -0.75), "wet": (2, 0), "slippery": (3, 0)}
CARDINALITIES = {"season": 4, "sprinkler": 2, "rain": 2, "wet": 2, "slippery": 2}
EDGES = {
    "season_sprinkler": True,
    "season_rain": True,
    "sprinkler_wet": True,
    "rain_wet": True,
    "wet_slippery": True,
    "season_wet": False,
}
PAIRS = {"_".join(pair): " and ".join(pair) for pair in itertools.combinations(POSITIONS, 2)}
GIVEN = {
    "": "nothing",
    "season": "season",
    "wet": "wet",
    "slippery": "slippery",
    "season_slippery": "season and slippery",
    "sprinkler_rain": "sprinkler and rain",
}
FULL_TABLE = 4 * 2**4 - 1


def network(edges: dict[str, bool]) -> BayesNet:
    """The five variables with the edges that are on; Pearl's sprinkler is the start."""
    return _network(tuple(name for name in EDGES if edges[name]))


@cache
def _network(edges: tuple[str, ...]) -> BayesNet:
    pairs = [name.split("_") for name in edges]
    return BayesNet({node: [a for a, b in pairs if b == node] for node in POSITIONS}, CARDINALITIES)


@cache
def _drawn(edges: tuple[tuple[str, str], ...]) -> tuple[dict, dict]:
    """Columns of lines, which are straight here (a rule is redrawn much faster than a line), and of their heads."""
    path = edge_columns(edges, POSITIONS)
    ends = [[i for i, step in enumerate(path["step"]) if step == at] for at in (0, max(path["step"], default=0))]
    lines = {axis + end: [path[axis][i] for i in at] for axis in "xy" for end, at in zip(("", "2"), ends, strict=True)}
    return lines, arrow_columns(edges, POSITIONS)


def _nodes() -> dict:
    """Columns of the nodes; names stand where few arrows pass: the sprinkler's above, the season's a little aside."""
    columns = node_columns(POSITIONS)
    aside = [x - 0.15 * (x == 0) for x in columns["x"]]
    above = [2 * y - below if y > 0 else below for y, below in zip(columns["y"], columns["text_y"], strict=True)]
    return columns | {"text_x": aside, "text_y": above}


def trail(net: BayesNet, pair: str, given: str) -> list[str] | None:
    """An open trail between the two of ``pair``, the shortest, or None: then they are independent (or one is seen)."""
    a, b = pair.split("_")
    observed = _observed(given)
    return None if {a, b} & set(observed) else active_trail(net, a, b, observed)


def _observed(given: str) -> list[str]:
    return given.split("_") if given else []


def _steps(net: BayesNet, nodes: list[str] | None) -> list[tuple[str, str]]:
    """The trail's edges, each in the direction of its arrow."""
    return [(a, b) if net.graph.has_edge(a, b) else (b, a) for a, b in itertools.pairwise(nodes or [])]


def _tables(pair: str, given: str, **edges: bool) -> dict:
    net = network(edges)
    open_trail = tuple(_steps(net, trail(net, pair, given)))
    lines, heads = _drawn(tuple(net.graph.edges))
    thick, thick_heads = _drawn(open_trail)
    counts = net.parameter_counts()
    return {
        "edges": lines,
        "arrows": heads,
        "trail": thick,
        "trail_arrows": thick_heads,
        "nodes": _nodes()
        | {
            "seen": ["observed" if node in _observed(given) else "hidden" for node in POSITIONS],
            "asked": ["asked" if node in pair.split("_") else "other" for node in POSITIONS],
        },
        "costs": {
            "node": [*counts, "together"],
            "parameters": [*counts.values(), net.num_parameters],
            "kind": ["table"] * len(counts) + ["sum"],
        },
    }


def _graph_panel() -> alt.LayerChart:
    def x(field="x"):
        return alt.X(f"{field}:Q", axis=None, scale=alt.Scale(domain=[-0.55, 3.45], nice=False))

    def y(field="y"):
        return alt.Y(f"{field}:Q", axis=None, scale=alt.Scale(domain=[-1.3, 1.3], nice=False))

    def arrows(name, width, hue):
        lines, heads = (alt.Chart(alt.NamedData(data)).encode(x(), y()) for data in name)
        angle = alt.Angle("angle:Q", scale=None)
        return (
            lines.mark_rule(color=hue, strokeWidth=width).encode(x2="x2:Q", y2="y2:Q"),
            heads.mark_point(shape="triangle", filled=True, size=40 + 20 * width, color=hue, opacity=1).encode(angle),
        )

    def scale(names, values):
        return alt.Scale(domain=names, range=values)

    nodes = alt.Chart(alt.NamedData("nodes"))
    return alt.layer(
        *arrows(("edges", "arrows"), 1.5, colour.MUTED),
        *arrows(("trail", "trail_arrows"), 4, colour.MODEL),
        nodes.mark_circle(size=3.14 * (RADIUS * 85) ** 2, opacity=1).encode(
            x(),
            y(),
            fill=alt.Fill("seen:N", scale=scale(["hidden", "observed"], [colour.PAPER, colour.DATA]), legend=None),
            stroke=alt.Stroke("asked:N", scale=scale(["asked", "other"], [colour.MODEL, colour.INK]), legend=None),
            strokeWidth=alt.StrokeWidth("asked:O", scale=scale(["asked", "other"], [4, 1.5]), legend=None),
        ),
        nodes.mark_text(fontSize=13).encode(x("text_x"), y("text_y"), text="node:N"),
        title=alt.Title("The graph", subtitle="filled: observed, ringed: the pair, thick: open"),
    ).properties(width=332, height=221)


def _cost_panel() -> alt.LayerChart:
    base = alt.Chart(alt.NamedData("costs")).encode(
        x=alt.X("parameters:Q", title="free parameters", scale=alt.Scale(domain=[0, 32], nice=False)),
        y=alt.Y("node:N", title=None, sort=[*POSITIONS, "together"], axis=alt.Axis(labelLimit=70)),
    )
    hue = alt.Color(
        "kind:N", legend=None, scale=alt.Scale(domain=["table", "sum"], range=[colour.MODEL_SOFT, colour.MODEL])
    )
    bars = base.mark_bar(height=16).encode(color=hue)
    numbers = base.mark_text(align="left", dx=5, color=colour.INK).encode(text="parameters:Q")
    return alt.layer(bars, numbers, title="One table for each node").properties(width=240, height=170)


def _caption(pair: str, given: str, t: dict, **edges: bool) -> str:
    net = network(edges)
    terms = " + ".join(map(str, net.parameter_counts().values()))
    cost = f"[{terms} = {net.num_parameters} parameters]{{.model}}, {FULL_TABLE} for one table of everything."
    if known := [node for node in _observed(given) if node in pair.split("_")]:
        return f"{cost} You already see {known[0]}: choose two hidden variables."
    start = f"Given {GIVEN[given]}" if given else "With nothing observed"
    nodes = trail(net, pair, given)
    if nodes is None:
        return f"{cost} {start}, {PAIRS[pair]} are independent, whatever the tables say: no trail is open."
    arrows = (" → " if net.graph.has_edge(a, b) else " ← " for a, b in itertools.pairwise(nodes))
    path = nodes[0] + "".join(arrow + node for arrow, node in zip(arrows, nodes[1:], strict=True))
    return f"{cost} {start}, {PAIRS[pair]} [can depend on each other]{{.model}}: {path} is open."


dag_builder = Explorable(
    id="dag-builder",
    title="Edges cost parameters and carry information",
    controls={
        "pair": choice(PAIRS, start="sprinkler_rain", label="The pair"),
        "given": choice(GIVEN, start="", label="Observed"),
    }
    | {name: toggle(start=on, label=name.replace("_", " → ")) for name, on in EDGES.items()},
    tables=_tables,
    view=alt.concat(_graph_panel(), _cost_panel(), columns=2),
    caption=_caption,
)
