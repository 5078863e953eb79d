"""The evidence lower bound and its gap, for a decoder whose posterior is Gaussian and for one whose is not."""

import math
from dataclasses import dataclass
from functools import cache

import altair as alt
import numpy as np
import torch
from torch import Tensor

from dgmlib.divergences import gaussian_entropy
from dgmlib.explorable import Explorable, choice, colour, slider
from dgmlib.figures.captions import number
from dgmlib.figures.estimating_likelihood.panels import densities
from dgmlib.figures.estimating_likelihood.proposals import LINE, SEEN
from dgmlib.latent.base import LatentVariableModel
from dgmlib.latent.proposals import DiagonalGaussian
from dgmlib.likelihood import Gaussian


@dataclass(frozen=True)
class CurvedModel:
    """z ~ N(0, 1), x | z ~ N(0.8 z² + 0.2 z, 0.5²): x = 2 has two explanations, one on either side."""

    n_latents: int = 1
    noise: float = 0.5

    @property
    def prior(self) -> DiagonalGaussian:
        """p(z) = N(0, 1), a batch of one."""
        return DiagonalGaussian.standard(1, dtype=torch.float64)

    def decode(self, z: Tensor) -> Tensor:
        """E[x | z], (…, 1) -> (…, 1)."""
        return 0.8 * z**2 + 0.2 * z

    def log_joint(self, x: Tensor, z: Tensor) -> Tensor:
        """log p(x, z) in nats, (batch, 1), (…, batch, 1) -> (…, batch)."""
        misfit = ((x - self.decode(z)) / self.noise).square().sum(-1)
        return self.prior.log_prob(z) - 0.5 * misfit - math.log(self.noise) - 0.5 * math.log(2 * math.pi)


MODELS: dict[str, LatentVariableModel] = {"straight": LINE, "bent": CurvedModel()}
_NAMES = {"straight": "straight (one explanation)", "bent": "bent (two explanations)"}
_FINE = np.linspace(-14, 14, 5601)  # quadrature: exact to far more digits than are shown
_STEP = _FINE[1] - _FINE[0]
_SHOWN = np.linspace(-3.2, 3.2, 97)
_MEANS = np.linspace(-3.2, 3.2, 65)
_WIDTHS = [0.2, 0.3, float(LINE.posterior(SEEN).scale), 0.7, 1.0, 1.5]
_FLOOR, _CEILING = -12.0, 0.0


def log_joint(kind: str, z: np.ndarray) -> np.ndarray:
    """log p(x = 2, z) in nats, (m,) -> (m,)."""
    return MODELS[kind].log_joint(SEEN, torch.tensor(z)[:, None, None])[:, 0].numpy()


@cache
def log_marginal(kind: str) -> float:
    """log p(x = 2) in nats, by quadrature."""
    return float(np.log(np.exp(log_joint(kind, _FINE)).sum() * _STEP))


@cache
def parts(kind: str, mu: float, sigma: float) -> tuple[float, float, float]:
    """(E_q log p(x, z), H(q), D(q ‖ p(z | x))) in nats for q = N(μ, σ²); the first and the last by quadrature."""
    log_q, joint = Gaussian(mu, sigma).log_prob(_FINE), log_joint(kind, _FINE)
    q = np.exp(log_q)
    divergence = (q * (log_q - joint + log_marginal(kind))).sum() * _STEP
    return float((q * joint).sum() * _STEP), float(gaussian_entropy(sigma)), float(divergence)


@cache
def bound_over_means(kind: str, sigma: float) -> np.ndarray:
    """The ELBO in nats for every mean of the third panel at one width, -> (65,)."""
    return np.array([sum(parts(kind, float(mu), sigma)[:2]) for mu in _MEANS])


def _tables(kind: str, mu: float, sigma: float) -> dict:
    expected, entropy, divergence = parts(kind, mu, sigma)
    bound, truth = expected + entropy, log_marginal(kind)
    steps = np.clip([expected, bound, truth], _FLOOR, _CEILING)
    return {
        "densities": {
            "z": _SHOWN,
            "posterior": np.exp(log_joint(kind, _SHOWN) - truth),
            "q": np.exp(Gaussian(mu, sigma).log_prob(_SHOWN)),
        },
        "expected": {"part": ["E log p"], "nats": steps[:1]},
        "entropy": {"part": ["+ H(q)"], "low": [steps[0]], "high": [steps[1]], "label": [_signed(entropy)]},
        "gap": {"part": ["+ D"], "low": [steps[1]], "high": [steps[2]], "label": [_signed(divergence)]},
        "truth": {"nats": [truth], "label": ["log p(x)"]},
        "curve": {
            "mu": _MEANS,
            "bound": np.maximum(bound_over_means(kind, sigma), _FLOOR),
            "truth": np.full(len(_MEANS), truth),
        },
        "now": {"mu": [mu], "bound": steps[1:2]},
    }


def _signed(nats: float) -> str:
    return ("+" if nats >= 0 else "") + number(nats)


def _chart() -> alt.ConcatChart:
    z = alt.X("z:Q", title="z", scale=alt.Scale(domain=[-3.2, 3.2], nice=False))
    left = densities(z, 2.05).properties(width=215, height=220)

    names = ["E log p", "+ H(q)", "+ D"]
    height = alt.Scale(domain=[_FLOOR, _CEILING], nice=False)
    part = alt.X("part:N", title=None, sort=names, scale=alt.Scale(domain=names), axis=alt.Axis(labelAngle=0))
    truth = alt.Chart(alt.NamedData("truth")).encode(y=alt.Y("nats:Q", title="nats", scale=height))
    level = truth.mark_rule(color=colour.MODEL, strokeDash=[5, 3], strokeWidth=1.75)
    name = truth.mark_text(color=colour.MODEL, align="left", dx=3, dy=-8).encode(x=alt.value(0), text="label:N")
    tick = (
        alt.Chart(alt.NamedData("expected"))
        .mark_tick(color=colour.LATENT, thickness=3, size=38)
        .encode(x=part, y=alt.Y("nats:Q", scale=height))
    )
    steps = []
    for table, fill in (("entropy", colour.LATENT), ("gap", colour.GAP)):
        bar = alt.Chart(alt.NamedData(table)).encode(x=part, y=alt.Y("low:Q", scale=height))
        steps += [
            bar.mark_bar(size=34, color=fill).encode(y2="high:Q"),
            bar.mark_text(dy=14, fontSize=12).encode(text="label:N"),
        ]
    middle = alt.layer(level, name, tick, *steps, title="From E log p up to log p(x)").properties(width=215, height=220)

    mu = alt.X("mu:Q", title="mean of q", scale=alt.Scale(domain=[-3.2, 3.2], nice=False))
    curve = alt.Chart(alt.NamedData("curve")).encode(x=mu)
    between = curve.mark_area(clip=True, color=colour.GAP_SOFT).encode(
        y=alt.Y("bound:Q", title="nats", scale=height), y2="truth:Q"
    )
    line = curve.mark_line(clip=True, color=colour.LATENT).encode(y=alt.Y("bound:Q", scale=height))
    now = (
        alt.Chart(alt.NamedData("now"))
        .mark_point(clip=True, filled=True, opacity=1, size=90, color=colour.LATENT)
        .encode(x=mu, y=alt.Y("bound:Q", scale=height))
    )
    right = alt.layer(between, level, line, now, title="The ELBO at this width").properties(width=215, height=220)
    return alt.concat(left, middle, right, columns=3)


def _caption(kind: str, mu: float, sigma: float, t: dict) -> str:
    expected, entropy, divergence = parts(kind, mu, sigma)
    return (
        f"[q = N({number(mu, 1)}, {sigma:.2f}²)]{{.latent}}: E_q log p(x,z) = {number(expected)}, plus H(q) = "
        f"{number(entropy)}, is the [ELBO, {number(expected + entropy)} nats]{{.latent}}. It lies "
        f"[{number(divergence)} below]{{.gap}} [log p(x) = {number(log_marginal(kind))}]{{.model}}: "
        f"the gap is D(q‖p(z|x))."
    )


elbo_gap = Explorable(
    id="elbo-gap",
    title="A bound and what it misses",
    controls={
        "kind": choice(_NAMES, start="straight", label="Decoder"),
        "mu": slider(-2.4, 2.4, step=0.4, start=0.4, label="Mean of q", role="latent"),
        "sigma": slider(values=_WIDTHS, start=0.7, label="Width of q", role="latent"),
    },
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
