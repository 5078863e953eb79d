"""RNADE's conditionals beside the true ones, as the earlier values change."""

from functools import cache

import altair as alt
import numpy as np
import torch

from dgmlib.explorable import Explorable, choice, colour, slider
from dgmlib.figures.autoregressive_models import toy
from dgmlib.figures.captions import number

_DOMAINS = ((-3.0, 3.0), (-2.2, 2.2), (-2.6, 4.0))
_TOPS = (0.5, 2.3, 1.4)
_AXES = [np.linspace(*ends, 41) for ends in _DOMAINS]
_FINE = [np.linspace(low - 1, high + 4, 801) for low, high in _DOMAINS]
_HEAVY = 0.06  # components below this share of the weight are not drawn


def mixture(k: int, i: int, earlier: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weights, means and deviations, (K,) each, of RNADE's density of x_i given the values before it."""
    return _mixture(k, i, tuple(earlier[: i - 1]))


@cache
def _mixture(k: int, i: int, earlier: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    x = torch.zeros(1, 3)
    x[0, : i - 1] = torch.tensor(earlier)
    log_weight, mu, log_sigma = toy.rnade(k).conditionals(x)[0, i - 1].double()
    return log_weight.softmax(0).numpy(), mu.numpy(), log_sigma.exp().numpy()


def parts(k: int, i: int, earlier: tuple[float, ...], x: np.ndarray) -> np.ndarray:
    """π_k N(x; μ_k, σ_k²) of every component, (K, m); their sum over k is the density."""
    weight, mu, sigma = (v[:, None] for v in mixture(k, i, earlier))
    return weight * np.exp(-0.5 * ((x - mu) / sigma) ** 2) / (sigma * np.sqrt(2 * np.pi))


def divergence(k: int, i: int, earlier: tuple[float, ...]) -> float:
    """D between the true conditional of x_i and RNADE's, in nats, by quadrature."""
    return _divergence(k, i, tuple(earlier[: i - 1]))


@cache
def _divergence(k: int, i: int, earlier: tuple[float, ...]) -> float:
    x = _FINE[i - 1]
    p, q = toy.conditional(i, earlier)(x), parts(k, i, earlier, x).sum(0)
    inside = p > 1e-12
    return float(np.sum(p[inside] * np.log(p[inside] / q[inside].clip(1e-300))) * (x[1] - x[0]))


@cache
def _truth(i: int, earlier: tuple[float, ...]) -> np.ndarray:
    return toy.conditional(i, earlier)(_AXES[i - 1])


def _tables(components: int, x1: float, x2: float) -> dict:
    earlier, tables = (x1, x2), {}
    for i in (1, 2, 3):
        x = _AXES[i - 1]
        each = parts(components, i, earlier, x)
        drawn = np.flatnonzero(mixture(components, i, earlier)[0] > _HEAVY) if components > 1 else np.array([], int)
        tables[f"true{i}"] = {"x": x, "p": _truth(i, earlier[: i - 1])}
        tables[f"model{i}"] = {"x": x, "p": each.sum(0)}
        tables[f"parts{i}"] = _outlines(x[::2], each[drawn, ::2])
    return tables | {"value1": {"x": [x1], "label": ["x₁"]}, "value2": {"x": [x2], "label": ["x₂"]}}


def _outlines(x: np.ndarray, parts: np.ndarray) -> dict:
    """All parts as one line that goes back along the axis between them: a mark for each would take twice the time."""
    closed = np.pad(parts, ((0, 0), (1, 1)))
    return {
        "x": np.tile(np.concatenate([x[:1], x, x[-1:]]), len(parts)),
        "p": closed.ravel(),
        "step": np.arange(closed.size),
    }


def _panel(i: int, title: str) -> alt.LayerChart:
    x = alt.X("x:Q", title=f"x{'₁₂₃'[i - 1]}", scale=alt.Scale(domain=_DOMAINS[i - 1], nice=False))
    x = x.axis(values=[-2, 0, 2], grid=False)
    y = alt.Y("p:Q", title="density" if i == 1 else None, scale=alt.Scale(domain=[0, _TOPS[i - 1]], nice=False))
    y = y.axis(tickCount=3)
    true = alt.Chart(alt.NamedData(f"true{i}")).mark_area(
        clip=True, color=colour.DATA_SOFT, stroke=colour.DATA, strokeWidth=1.5, interpolate="monotone"
    )
    model = alt.Chart(alt.NamedData(f"model{i}")).mark_line(
        clip=True, color=colour.MODEL, strokeWidth=2.5, interpolate="monotone"
    )
    each = alt.Chart(alt.NamedData(f"parts{i}")).mark_line(
        clip=True, color=colour.MODEL, strokeWidth=1, strokeDash=[3, 3]
    )
    layers = [true.encode(x=x, y=y), each.encode(x=x, y=y, order="step:Q"), model.encode(x=x, y=y)]
    if i < 3:
        value = alt.Chart(alt.NamedData(f"value{i}")).encode(x=x)
        layers.append(value.mark_rule(color=colour.INK, strokeWidth=2))
        layers.append(
            value.mark_text(color=colour.INK, dx=10, fontWeight="bold").encode(y=alt.value(8), text="label:N")
        )
    return alt.layer(*layers, title=title).properties(width=190, height=180)


def _caption(components: int, x1: float, x2: float, t: dict) -> str:
    gaps = [divergence(components, i, (x1, x2)) for i in (1, 2, 3)]
    kind = "one Gaussian" if components == 1 else f"{components} Gaussians"
    return (
        f"[RNADE with {kind}]{{.model}} per conditional, after x₁ = {number(x1, 1)} and x₂ = {number(x2, 1)}: its "
        f"conditionals are [{number(gaps[0], 3)}, {number(gaps[1], 3)} and {number(gaps[2], 3)} nats]{{.gap}} away "
        f"from the [true ones]{{.data}}."
    )


rnade_conditionals = Explorable(
    id="rnade-conditionals",
    title="One real number after the other",
    controls={
        "components": choice(
            {k: f"K = {k}" for k in toy.COMPONENTS},
            start=2,
            label="Gaussians per conditional",
        ),
        "x1": slider(-2, 2, stops=9, start=1.0, label="x₁", role="data", play=True),
        "x2": slider(-1.5, 1.5, stops=7, start=0.5, label="x₂", role="data"),
    },
    tables=_tables,
    view=alt.concat(_panel(1, "p(x₁)"), _panel(2, "p(x₂ | x₁)"), _panel(3, "p(x₃ | x₁, x₂)"), columns=3),
    caption=_caption,
)
