"""Expectation maximisation on points of the plane, one iteration at a time."""

from functools import cache

import altair as alt
import numpy as np
import torch

from dgmlib.explorable import Explorable, choice, colour, reseed, slider
from dgmlib.figures.captions import number
from dgmlib.latent.mixture import GaussianMixture

ITERATIONS = 30
_LARGEST_K, _SHOWN = 4, 0.05  # responsibilities below are not drawn
_COLOURS = [colour.LATENT, colour.MODEL, colour.GAP, colour.DATA]
_SHAPES = ["circle", "square", "triangle-up", "diamond"]
_NAMES = [str(k + 1) for k in range(_LARGEST_K)]
_ANGLE = np.linspace(0, 2 * np.pi, 33)


@cache
def clumps() -> np.ndarray:
    """Seventy-five points: two slanted clumps that cross, and a round one beside them, (75, 2)."""
    rng = np.random.default_rng(3)
    first = rng.normal(size=(32, 2)) @ np.array([[1.5, 1.1], [0.0, 0.35]]) + [-1.5, 0.5]
    second = rng.normal(size=(26, 2)) @ np.array([[1.2, -1.2], [0.0, 0.4]]) + [1.2, -0.4]
    third = 0.45 * rng.normal(size=(17, 2)) + [2.6, 2.4]
    return np.concatenate([first, second, third])


@cache
def em_path(n_components: int, seed: int) -> tuple[tuple[GaussianMixture, ...], tuple[float, ...]]:
    """The mixtures before each of 30 iterations and after the last, and their mean log-likelihoods in nats."""
    x = clumps()
    rows = np.random.default_rng(seed).choice(len(x), n_components, replace=False)
    uniform = np.full(n_components, 1 / n_components)
    mixtures = [GaussianMixture.from_parameters(uniform, x[rows], np.full((n_components, 2, 2), 2 * np.eye(2)))]
    for _ in range(ITERATIONS):
        mixture = GaussianMixture(n_components, covariance_floor=1e-3)
        mixtures.append(mixture.fit(x, init=mixtures[-1], max_iter=1, tol=-torch.inf))
    return tuple(mixtures), tuple(float(m.log_prob(x).mean()) for m in mixtures)


def _ellipses(mixture: GaussianMixture) -> dict:
    """Two standard deviations around each mean, the line the thinner the smaller the weight."""
    circle = 2 * np.stack([np.cos(_ANGLE), np.sin(_ANGLE)])
    rings = mixture.means.numpy()[:, :, None] + torch.linalg.cholesky(mixture.covariances).numpy() @ circle
    k, n = len(rings), len(_ANGLE)
    return {
        "x": rings[:, 0].ravel().round(3),
        "y": rings[:, 1].ravel().round(3),
        "k": np.repeat(_NAMES[:k], n),
        "step": np.tile(np.arange(n), k),
        "w": np.repeat((1 + 4 * mixture.weights.numpy()).round(3), n),
    }


def _tables(k: int, seed: int, iteration: int) -> dict:
    mixtures, trace = em_path(k, seed)
    x, mixture = clumps(), mixtures[iteration]
    r = mixture.responsibilities(x).numpy()
    point, component = np.nonzero(r > _SHOWN)
    return {
        "points": {
            "x": x[point, 0].round(3),
            "y": x[point, 1].round(3),
            "k": np.array(_NAMES)[component],
            "r": r[point, component].round(3),
        },
        "ellipses": _ellipses(mixture),
        "centres": {"x": mixture.means[:, 0], "y": mixture.means[:, 1], "k": _NAMES[:k]},
        "trace": {"iteration": np.arange(ITERATIONS + 1), "nats": trace},
        "now": {"iteration": [iteration], "nats": [trace[iteration]]},
    }


def _chart() -> alt.ConcatChart:
    x = alt.X("x:Q", title=None, scale=alt.Scale(domain=[-6.2, 5], nice=False))
    y = alt.Y("y:Q", title=None, scale=alt.Scale(domain=[-4.5, 4.5], nice=False))
    hue = alt.Color("k:N", scale=alt.Scale(domain=_NAMES, range=_COLOURS), legend=None)
    form = alt.Shape("k:N", scale=alt.Scale(domain=_NAMES, range=_SHAPES), legend=None)

    def at(name: str) -> alt.Chart:
        return alt.Chart(alt.NamedData(name)).encode(x=x, y=y, color=hue)

    points = (
        at("points")
        .mark_point(clip=True, filled=True, size=55, stroke=None)
        .encode(shape=form, opacity=alt.Opacity("r:Q", scale=alt.Scale(domain=[0, 1], range=[0, 1]), legend=None))
    )
    ellipses = (
        at("ellipses")
        .mark_line(clip=True)
        .encode(order="step:Q", strokeWidth=alt.StrokeWidth("w:Q", scale=None, legend=None))
    )
    # Unfilled marks would let points shine through, so the fill is paper and the hue goes to the stroke.
    rim = alt.Stroke("k:N", scale=alt.Scale(domain=_NAMES, range=_COLOURS), legend=None)
    centres = (
        alt.Chart(alt.NamedData("centres"))
        .mark_point(clip=True, size=150, strokeWidth=2.5, fill=colour.PAPER, opacity=1)
        .encode(x=x, y=y, stroke=rim, shape=form)
    )
    left = alt.layer(points, ellipses, centres, title="Points in the colours of those who answer for them")

    t = alt.X("iteration:Q", title="iteration", scale=alt.Scale(domain=[0, ITERATIONS], nice=False))
    nats = alt.Y("nats:Q", title="nats per point", scale=alt.Scale(domain=[-5, -2.8], nice=False))
    trace = alt.Chart(alt.NamedData("trace")).mark_line(clip=True, color=colour.MUTED).encode(x=t, y=nats)
    now = alt.Chart(alt.NamedData("now")).mark_point(clip=True, filled=True, size=110, opacity=1, color=colour.MODEL)
    right = alt.layer(trace, now.encode(x=t, y=nats), title="Log-likelihood")
    return alt.concat(left.properties(width=340, height=290), right.properties(width=210, height=230), columns=2)


def _caption(k: int, seed: int, iteration: int, t: dict) -> str:
    nats = t["trace"]["nats"]
    here, end = number(nats[iteration], 3), number(nats[-1], 3)
    if not iteration:
        return f"The start: each component a circle around one point. [{here} nats per point]{{.model}}."
    gain = nats[iteration] - nats[iteration - 1]
    shown = f"{gain:.4f} more" if gain >= 5e-5 else "less than 0.0001 more"
    return (
        f"Iteration {iteration}: [{here} nats per point]{{.model}}, [{shown}]{{.gap}} than before it; in the end {end}."
    )


em_step_by_step = Explorable(
    id="em-step-by-step",
    title="EM, iteration by iteration",
    controls={
        "iteration": slider(0, ITERATIONS, step=1, start=2, label="Iteration", play=True),
        "k": choice([2, 3, 4], start=3, label="Components K"),
        "seed": reseed(stops=4, label="New start"),
    },
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
