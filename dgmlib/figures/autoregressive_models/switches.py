"""Four binary variables described four ways: tables, a Bayesian network, logistic regressions, a neural network."""

import json
from functools import cache

import altair as alt
import numpy as np
import torch

from dgmlib.autoregressive import FVSBN, NADE, AutoregressiveModel
from dgmlib.bayes_nets import BayesNet, fully_connected
from dgmlib.divergences import kl_divergence
from dgmlib.explorable import Explorable, choice, colour
from dgmlib.figures.autoregressive_models.recorded import read_bytes
from dgmlib.figures.captions import number

STATES = np.stack(np.unravel_index(np.arange(16), (2, 2, 2, 2)), 1)
"""All values of (x₁, x₂, x₃, x₄), (16, 4): two switches, a lamp that is lit when they differ, a buzzer."""
WAYS = {
    "tables": "tables, no assumption",
    "network": "tables on the graph x₃ ← x₂ ← x₁ → x₄",
    "logistic": "logistic regressions",
    "neural": "neural networks, 8 hidden units",
}
ORDERINGS = {
    "1234": "switches, lamp, buzzer",
    "1243": "switches, buzzer, lamp",
    "3412": "lamp, buzzer, switches",
    "4321": "buzzer, lamp, switches",
}
_SHORT = {"tables": "tables", "network": "graph", "logistic": "logistic", "neural": "neural"}
_STATE_NAMES = ["".join(map(str, row)) for row in STATES]


def truth() -> BayesNet:
    """Two switches, not quite independent; mostly, a lamp is lit if they differ, and a buzzer sounds if both are on."""
    net = BayesNet({"x1": (), "x2": ("x1",), "x3": ("x1", "x2"), "x4": ("x1", "x2")})
    lamp, buzzer = np.array([[0.04, 0.96], [0.96, 0.04]]), np.array([[0.02, 0.02], [0.02, 0.97]])
    on = {"x1": np.array(0.4), "x2": np.array([0.35, 0.6]), "x3": lamp, "x4": buzzer}
    return net.set_tables({node: np.stack([1 - p, p], -1) for node, p in on.items()})


@cache
def true_probs() -> np.ndarray:
    """p(x) of the sixteen states, (16,)."""
    return truth().joint().ravel()


def best_tables(net: BayesNet) -> BayesNet:
    """The tables on a graph that come closest to the truth: the truth's own conditionals, given the parents."""
    joint, tables = truth().joint(), {}
    for node in net.nodes:
        keep = [*net.parents[node], node]
        axes = [net.nodes.index(name) for name in keep]
        table = joint.sum(tuple(set(range(4)) - set(axes))).transpose(np.argsort(np.argsort(axes)))
        tables[node] = table / table.sum(-1, keepdims=True)
    return net.set_tables(tables)


def best_model(model: AutoregressiveModel, ordering: str) -> AutoregressiveModel:
    """``model`` with the parameters that make E log p largest, its columns being the variables in that order."""
    model = model.double()
    p, x = torch.from_numpy(true_probs()), torch.from_numpy(_turned(ordering)).double()
    climb = torch.optim.LBFGS(model.parameters(), max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        climb.zero_grad()
        value = -(p * model.log_prob(x)).sum()
        value.backward()
        return value

    climb.step(loss)
    return model.requires_grad_(False)


def _turned(ordering: str) -> np.ndarray:
    """The sixteen states with their columns in the order of ``ordering``."""
    return STATES[:, [int(c) - 1 for c in ordering]]


@cache
def fitted(way: str, ordering: str) -> tuple[np.ndarray, int]:
    """The best that one of ``WAYS`` can do: probabilities of the sixteen states and number of parameters."""
    if way in ("tables", "network"):
        graph = BayesNet({"x1": (), "x2": ("x1",), "x3": ("x2",), "x4": ("x1",)})
        net = best_tables(fully_connected(4) if way == "tables" else graph)
        return net.joint().ravel(), net.num_parameters
    return np.array(_recorded()[way][ordering]), fresh(way).num_parameters


@cache
def _recorded() -> dict[str, dict[str, list[float]]]:
    return json.loads(read_bytes("switches.json"))


def fresh(way: str) -> AutoregressiveModel:
    """An untrained model of four variables: "logistic" or "neural"."""
    return FVSBN(4) if way == "logistic" else NADE(4, 8, generator=torch.Generator().manual_seed(0))


def probs(model: AutoregressiveModel, ordering: str) -> np.ndarray:
    """What a model of the variables in that order says of the sixteen states, (16,)."""
    return model.log_prob(torch.from_numpy(_turned(ordering))).exp().numpy()


def record() -> dict[str, dict[str, list[float]]]:
    """The best probabilities of both trained ways for every ordering, ready for JSON: seconds of climbing."""
    return {
        way: {order: probs(best_model(fresh(way), order), order).round(12).tolist() for order in ORDERINGS}
        for way in ("logistic", "neural")
    }


def divergence(way: str, ordering: str) -> float:
    """D(p‖p_θ) in nats of the best that one of ``WAYS`` can do."""
    return max(0.0, float(kl_divergence(true_probs(), fitted(way, ordering)[0])))


def _tables(way: str, ordering: str) -> dict:
    every = [divergence(name, ordering) for name in WAYS]
    return {
        "truth": {"state": _STATE_NAMES, "p": true_probs()},
        "model": {"state": _STATE_NAMES, "p": fitted(way, ordering)[0]},
        "gaps": {
            "way": list(_SHORT.values()),
            "nats": every,
            "text": [f"{fitted(name, ordering)[1]} parameters" for name in WAYS],
            "shown": [name == way for name in WAYS],
        },
    }


def _chart() -> alt.ConcatChart:
    x = alt.X("state:N", title="x₁x₂x₃x₄", sort=_STATE_NAMES, axis=alt.Axis(labelAngle=-90, labelOverlap=False))
    share = alt.Scale(domain=[0, 0.4])
    p = alt.Chart(alt.NamedData("truth")).mark_bar(color=colour.DATA_SOFT, stroke=colour.DATA, strokeWidth=1)
    p = p.encode(x=x, y=alt.Y("p:Q", title="probability", scale=share, axis=alt.Axis(format="%", tickCount=4)))
    q = alt.Chart(alt.NamedData("model")).mark_tick(color=colour.MODEL, thickness=3, size=15)
    q = q.encode(x=x, y=alt.Y("p:Q", scale=share))
    left = alt.layer(p, q, title="Truth (bars) and model (ticks)").properties(width=330, height=200)

    names = list(_SHORT.values())
    gaps = alt.Chart(alt.NamedData("gaps"))
    y = alt.Y("way:N", title=None, sort=names, scale=alt.Scale(domain=names))
    nats = alt.X("nats:Q", title="D(p‖p_θ), nats", scale=alt.Scale(domain=[0, 0.9], nice=False)).axis(tickCount=4)
    edge = alt.condition(alt.datum.shown, alt.value(2.5), alt.value(0))
    bars = gaps.mark_bar(size=26, color=colour.GAP, stroke=colour.INK).encode(x=nats, y=y, strokeWidth=edge)
    text = gaps.mark_text(align="left", dx=6).encode(x=nats, y=y, text="text:N")
    right = alt.layer(bars, text, title="What each must miss").properties(width=230, height=200)
    return alt.concat(left, right, columns=2)


def _caption(way: str, ordering: str, t: dict) -> str:
    _, size = fitted(way, ordering)
    first = f"[{WAYS[way].capitalize()}]{{.model}}, {size} parameters"
    if way in ("logistic", "neural"):
        first += f", in the order {', '.join(f'x{c}'.translate(_SUBSCRIPTS) for c in ordering)}"
    gap = divergence(way, ordering)
    if gap < 1e-3:
        return f"{first}: nothing is missed, [D(p‖p_θ) = {number(gap, 3)} nats]{{.gap}}."
    return f"{first}: even the best parameters leave [D(p‖p_θ) = {number(gap, 3)} nats]{{.gap}}."


_SUBSCRIPTS = str.maketrans("1234", "₁₂₃₄")

four_variables = Explorable(
    id="four-variables",
    title="Two switches, a lamp and a buzzer",
    controls={
        "way": choice(WAYS, start="logistic", label="Described by"),
        "ordering": choice(ORDERINGS, start="1234", label="Order"),
    },
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
