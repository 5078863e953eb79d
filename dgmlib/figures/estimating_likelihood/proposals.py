"""Importance sampling on a line: what the place and the width of q do to the estimate."""

from functools import cache

import altair as alt
import numpy as np
import torch

from dgmlib.explorable import Explorable, colour, slider
from dgmlib.figures.captions import number
from dgmlib.figures.estimating_likelihood.axes import powers_of_ten
from dgmlib.figures.estimating_likelihood.panels import densities, histogram
from dgmlib.latent.importance import ImportanceEstimate, log_weights
from dgmlib.latent.pareto import MIN_SAMPLES, largest_trusted_k
from dgmlib.latent.ppca import PPCA
from dgmlib.latent.proposals import DiagonalGaussian
from dgmlib.likelihood import Gaussian

LINE = PPCA(
    torch.ones(1, 1, dtype=torch.float64),
    torch.zeros(1, dtype=torch.float64),
    torch.tensor(0.5, dtype=torch.float64),
)
"""z ~ N(0, 1), x | z ~ N(z, 0.5²): probabilistic PCA with one variable and one latent."""
SEEN = torch.tensor([[2.0]], dtype=torch.float64)
"""The example x = 2."""
POSTERIOR = Gaussian(float(LINE.posterior(SEEN).mean), float(LINE.posterior(SEEN).scale))
"""p(z | x = 2) = N(1.6, 0.447²), exactly."""
REPEATS = 200
_SHOWN, _Z = 60, np.linspace(-2.5, 4.5, 106)
_WIDTHS = [0.12, 0.25, POSTERIOR.sigma, 0.6, 0.8, 1.0, 1.5]
_FLOOR, _CEILING = -3.0, 3.0  # log₁₀ of the weights drawn
_EDGES = np.linspace(0, 3, 31)


def gaussian(mu: float, sigma: float) -> DiagonalGaussian:
    """N(μ, σ²) over one latent, as a proposal."""
    return DiagonalGaussian(torch.tensor([[mu]], dtype=torch.float64), torch.tensor([[sigma]], dtype=torch.float64))


@cache
def repeated(mu: float, sigma: float, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Weights relative to p(x) of 200 independent estimates from k draws, (k, 200), and the draws of the first, (k,).

    All proposals stretch the same noise, so that moving a slider moves the draws and does not replace them.
    """
    q = gaussian(mu, sigma)
    weights = log_weights(LINE, SEEN, q, k * REPEATS, generator=torch.Generator().manual_seed(k))
    draws = q.sample(k * REPEATS, generator=torch.Generator().manual_seed(k))
    relative = (weights - LINE.log_prob(SEEN)).view(k, REPEATS)
    return relative.numpy(), draws.view(k, REPEATS)[:, 0].numpy()


def _tables(mu: float, sigma: float, k: int) -> dict:
    log_relative, z = repeated(mu, sigma, k)
    estimates = np.exp(log_relative).mean(0)
    q, target = Gaussian(mu, sigma), POSTERIOR.log_prob(_Z)
    power = (target - q.log_prob(_Z)) / np.log(10)
    shown = np.abs(power) <= _CEILING
    counts, _ = np.histogram(np.clip(estimates, 0, _EDGES[-1] - 1e-9), _EDGES)
    return {
        "densities": {"z": _Z, "posterior": np.exp(target), "q": np.exp(q.log_prob(_Z))},
        "weights": {"z": _Z[shown], "power": power[shown]},
        "draws": {"z": z[:_SHOWN], "power": _drawn(log_relative[:_SHOWN, 0])},
        "estimates": {"low": _EDGES[:-1], "high": _EDGES[1:], "share": counts / REPEATS},
        "truth": {"ratio": [1.0], "power": [0.0]},
    }


def _drawn(log_weight: np.ndarray) -> np.ndarray:
    """log₁₀ of weights given in nats, kept inside the panel."""
    return np.clip(log_weight / np.log(10), _FLOOR, _CEILING)


def _chart() -> alt.ConcatChart:
    z = alt.X("z:Q", title="z", scale=alt.Scale(domain=[-2.5, 4.5], nice=False))
    left = densities(z, 3.4).properties(width=215, height=200)

    w = alt.Y(
        "power:Q",
        title="w / p(x)",
        scale=alt.Scale(domain=[_FLOOR, _CEILING], nice=False),
        axis=powers_of_ten(-2, 0, 2),
    )
    truth = alt.Chart(alt.NamedData("truth"))
    even = truth.mark_rule(color=colour.MODEL, strokeDash=[5, 3]).encode(y=alt.Y("power:Q"))
    curve = alt.Chart(alt.NamedData("weights")).mark_line(clip=True, color=colour.GAP, strokeWidth=1.5).encode(x=z, y=w)
    draws = (
        alt.Chart(alt.NamedData("draws"))
        .mark_point(clip=True, filled=True, opacity=0.6, size=32, color=colour.LATENT)
        .encode(x=z, y=w)
    )
    middle = alt.layer(even, curve, draws, title="Weights of the draws").properties(width=215, height=200)

    x = alt.X("low:Q", title="estimate / exact", scale=alt.Scale(domain=[0, 3], nice=False))
    bars = histogram(x, fill=colour.GAP_SOFT, stroke=colour.GAP)
    exact = truth.mark_rule(color=colour.MODEL, strokeDash=[5, 3]).encode(x=alt.X("ratio:Q"))
    right = alt.layer(bars, exact, title=f"{REPEATS} estimates").properties(width=215, height=200)
    return alt.concat(left, middle, right, columns=3)


def _caption(mu: float, sigma: float, k: int, t: dict) -> str:
    log_relative, _ = repeated(mu, sigma, k)
    estimates = np.exp(log_relative).mean(0)
    first = ImportanceEstimate(torch.tensor(log_relative[:, :1]))
    start = (
        f"[q = N({number(mu, 1)}, {sigma:.2f}²)]{{.latent}}, {k:,} draws: over {REPEATS} repetitions, estimate / "
        f"exact averages {number(estimates.mean())} and spreads by {number(estimates.std(ddof=1))}. The first has an "
        f"effective sample size of {float(first.effective_sample_size):.0f} and "
    )
    if k < MIN_SAMPLES:
        return start + f"too few draws for a Pareto k̂ (needs {MIN_SAMPLES})."
    tail, verdict = float(first.pareto_k), "trust it" if bool(first.trusted) else "[do not trust it]{.gap}"
    if np.isinf(tail):
        return start + "equal weights, without a tail: q is the posterior."
    return start + f"Pareto k̂ = {number(tail)}; the limit for {k:,} draws is {largest_trusted_k(k):.2f}: {verdict}."


importance_sampling = Explorable(
    id="importance-sampling",
    title="Where to look, and how widely",
    controls={
        "mu": slider(
            -0.4, 3.6, step=0.4, start=0.0, label="Mean of q", role="latent", marks={0.0: "prior", 1.6: "posterior"}
        ),
        "sigma": slider(
            values=_WIDTHS,
            start=1.0,
            label="Width of q",
            role="latent",
            marks={1.0: "prior", POSTERIOR.sigma: "posterior"},
        ),
        "k": slider(values=[10, 100, 1000], start=100, label="Draws k"),
    },
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
