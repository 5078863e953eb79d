"""Two estimators of one gradient: how they scatter, and how the scatter shrinks with the draws."""

from functools import cache

import altair as alt
import numpy as np
import torch

from dgmlib.explorable import Explorable, choice, colour, slider
from dgmlib.figures.captions import number
from dgmlib.latent.gradients import gradient_draws, reparameterised_elbo, score_function_elbo
from dgmlib.latent.ppca import PPCA
from dgmlib.latent.proposals import DiagonalGaussian

SIZES = (1, 2, 5, 10, 20, 50, 100, 200)
DIMS = (2, 10, 50)
NAMES = ("reparameterised", "score function")
ESTIMATORS = dict(zip(NAMES, (reparameterised_elbo, score_function_elbo), strict=True))
_N_DRAWS, _N_SHOWN = 40_000, 80


def problem(n_dims: int) -> tuple[PPCA, torch.Tensor, DiagonalGaussian]:
    """A linear-Gaussian model of x with one latent, an x, and a q that is not yet the posterior."""
    weight = torch.full((n_dims, 1), 0.5, dtype=torch.float64)
    model = PPCA(weight, torch.zeros(n_dims, dtype=torch.float64), torch.tensor(1.0, dtype=torch.float64))
    x = model.sample(1, generator=torch.Generator().manual_seed(5))
    posterior = model.posterior(x)
    width = posterior.scale[:, 0]
    return model, x, DiagonalGaussian(posterior.mean + width, width)


@cache
def draws(name: str, n_dims: int) -> np.ndarray:
    """40,000 estimates of ∂ELBO/∂μ, each from one draw of z."""
    generator = torch.Generator().manual_seed(0)
    return gradient_draws(ESTIMATORS[name], *problem(n_dims), _N_DRAWS, generator=generator)[:, 0].numpy()


def averages(name: str, n_dims: int, n: int) -> np.ndarray:
    """The same, each from n draws."""
    return draws(name, n_dims)[: _N_DRAWS // n * n].reshape(-1, n).mean(1)


@cache
def true_slope(n_dims: int) -> float:
    """∂ELBO/∂μ by the formula: minus the precision of the posterior times μ's distance from its mean."""
    model, x, q = problem(n_dims)
    mu = q.mean.clone().requires_grad_()
    return float(torch.autograd.grad(model.elbo(x, DiagonalGaussian(mu, q.std)).sum(), mu)[0])


def spread(name: str, n_dims: int, n: int) -> float:
    """Standard deviation of an estimate from n draws, relative to the size of the true slope."""
    return float(draws(name, n_dims).std() / np.sqrt(n) / abs(true_slope(n_dims)))


def _tables(n_dims: int, n: int) -> dict:
    truth = true_slope(n_dims)
    rng = np.random.default_rng(0)
    dots: dict[str, list] = {"row": [], "ratio": [], "kind": []}
    for place, name in enumerate(NAMES):
        dots["ratio"] += np.clip(averages(name, n_dims, n)[:_N_SHOWN] / truth, -3.95, 5.95).tolist()
        dots["row"] += (place + rng.uniform(-0.3, 0.3, _N_SHOWN)).tolist()
        dots["kind"] += [name] * _N_SHOWN
    lines = [(name, m, spread(name, n_dims, m)) for name in NAMES for m in SIZES]
    return {
        "dots": dots,
        "truth": {"ratio": [1.0]},
        "lines": dict(zip(("kind", "n", "spread"), map(list, zip(*lines, strict=True)), strict=True)),
        "now": {"kind": list(NAMES), "n": [n, n], "spread": [spread(name, n_dims, n) for name in NAMES]},
    }


def _chart() -> alt.ConcatChart:
    colours = alt.Color("kind:N", scale=alt.Scale(domain=list(NAMES), range=[colour.LATENT, colour.NOISE]), legend=None)
    shapes = alt.Shape("kind:N", scale=alt.Scale(domain=list(NAMES), range=["circle", "cross"]), legend=None)
    x = alt.X("ratio:Q", title="estimate / true slope", scale=alt.Scale(domain=[-4, 6], nice=False))
    y = alt.Y(
        "row:Q",
        title=None,
        scale=alt.Scale(domain=[1.5, -0.5], nice=False),
        axis=alt.Axis(
            values=[0, 1],
            grid=False,
            labelExpr="datum.value === 0 ? 'reparam.' : 'score f.'",
            labelAngle=-90,
            ticks=False,
        ),
    )
    dots = alt.Chart(alt.NamedData("dots")).mark_point(clip=True, filled=True, size=16, opacity=0.7)
    truth = alt.Chart(alt.NamedData("truth")).mark_rule(color=colour.INK, strokeDash=[5, 3]).encode(x="ratio:Q")
    left = alt.layer(truth, dots.encode(x=x, y=y, color=colours, shape=shapes)).properties(
        width=300, height=220, title="80 estimates each, and the truth"
    )
    n = alt.X(
        "n:Q",
        title="draws n per estimate",
        scale=alt.Scale(type="log", domain=[0.9, 250], nice=False),
        axis=alt.Axis(values=[1, 5, 20, 100], format="d"),
    )
    s = alt.Y(
        "spread:Q",
        title="relative error",
        scale=alt.Scale(type="log", domain=[0.02, 60], nice=False),
        axis=alt.Axis(values=[0.1, 1, 10], format="%"),
    )
    dash = alt.StrokeDash("kind:N", scale=alt.Scale(domain=list(NAMES), range=[[1, 0], [4, 3]]), legend=None)
    line = alt.Chart(alt.NamedData("lines")).mark_line(clip=True).encode(x=n, y=s, color=colours, strokeDash=dash)
    now = alt.Chart(alt.NamedData("now")).mark_point(clip=True, filled=True, size=90, opacity=1)
    right = alt.layer(line, now.encode(x=n, y=s, color=colours, shape=shapes)).properties(
        width=260, height=220, title="Standard deviation / slope"
    )
    return alt.concat(left, right, columns=2)


def _caption(n_dims: int, n: int, t: dict) -> str:
    path, score = t["now"]["spread"]
    return (
        f"{n_dims} pixels, {n} draw{'s' if n > 1 else ''} per estimate; the true slope is "
        f"{number(true_slope(n_dims))} nats per unit of μ. Standard deviation: [{100 * path:.0f} % of it "
        f"reparameterised]{{.latent}}, [{100 * score:.0f} % with the score function]{{.noise}}, which would need "
        f"{(score / path) ** 2:.0f} times as many draws to be as good."
    )


gradient_variance = Explorable(
    id="gradient-variance",
    title="Two estimates of one slope",
    controls={
        "n_dims": choice({d: str(d) for d in DIMS}, start=10, label="Pixels"),
        "n": slider(values=list(SIZES), start=1, label="Draws n", play=True, role="latent"),
    },
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
