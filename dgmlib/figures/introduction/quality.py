"""Likelihood and the look of samples: noise that costs next to nothing, and copies that cost everything."""

from functools import cache

import altair as alt
import numpy as np

from dgmlib.bernoulli_mixture import BernoulliMixture
from dgmlib.explorable import Explorable, choice, colour, reseed, slider
from dgmlib.figures.captions import number
from dgmlib.figures.introduction.digits import SIDE, TEMPLATES, digits, fitted, pictures
from dgmlib.figures.panels import centred
from dgmlib.figures.pictures import data_url, sheet

MODELS = {"mixture": f"mixture of {TEMPLATES} templates", "copies": "copies of the training digits"}
COPY_FLIP = 1e-6
"""Share of pixels that the copier flips: one in 1,276 images has a single wrong pixel."""
NOISE = -SIDE * SIDE * np.log(2)
"""log 2^−784 in nats: what pure noise gives every image."""
_ROWS = ["training digits", "held-out digits"]
_LOWEST = -700


@cache
def clean(model: str) -> BernoulliMixture:
    """One of ``MODELS`` without noise."""
    return fitted("mixture") if model == "mixture" else BernoulliMixture.around(digits().train, COPY_FLIP)


@cache
def _clean_log_prob(model: str) -> tuple[np.ndarray, np.ndarray]:
    """log p(x) in nats of the first 1,000 training digits and of the held-out ones."""
    return clean(model).log_prob(digits().train[:1000]), clean(model).log_prob(digits().held_out)


def noisy_log_likelihoods(model: str, share: float) -> np.ndarray:
    """Mean log[(1 − share) p(x) + share 2^−784] in nats on training and on held-out digits, (2,)."""
    with np.errstate(divide="ignore"):  # log 0 = −∞ is meant: no noise, or nothing but noise
        kept, noise = np.log1p(-share), np.log(share) + NOISE
    return np.array([np.logaddexp(kept + p, noise).mean() for p in _clean_log_prob(model)])


def noisy_sample(model: str, share: float, seed: int, n: int = 24) -> np.ndarray:
    """n images, (n, 28, 28): each the model's or, with probability ``share``, noise; more noise only replaces."""
    rng = np.random.default_rng(seed)
    from_model, replaced = clean(model).sample(n, rng=rng), rng.random(n) < share
    noise = rng.integers(0, 2, size=from_model.shape)
    return pictures(np.where(replaced[:, None], noise, from_model))


def _tables(model: str, noise: int, seed: int) -> dict:
    nats = noisy_log_likelihoods(model, noise / 100)
    return {
        "sheet": {"url": [data_url(sheet(noisy_sample(model, noise / 100, seed), 6))]},
        "scores": {"on": _ROWS, "nats": nats, "label": [number(v, 1) for v in nats]},
        "clean": {"on": _ROWS, "nats": noisy_log_likelihoods(model, 0.0)},
        "noise": {"nats": [NOISE]},
    }


def _chart() -> alt.ConcatChart:
    left = centred("sheet", 264, 176).properties(width=300, height=190, title="24 samples")
    x = alt.X(
        "nats:Q", title="nats per image", scale=alt.Scale(domain=[_LOWEST, 0], nice=False), axis=alt.Axis(tickCount=4)
    )
    y = alt.Y("on:N", title=None, sort=_ROWS, axis=alt.Axis(labelLimit=90))
    scores = alt.Chart(alt.NamedData("scores"))
    shades = alt.Scale(domain=_ROWS, range=[colour.NOISE, colour.MODEL])
    bar = scores.mark_bar(size=30).encode(x=x, x2=alt.datum(0), y=y, color=alt.Color("on:N", scale=shades, legend=None))
    label = scores.mark_text(align="right", dy=28).encode(x=x, y=y, text="label:N")
    before = alt.Chart(alt.NamedData("clean")).mark_tick(color=colour.INK, size=44, thickness=2).encode(x=x, y=y)
    floor = (
        alt.Chart(alt.NamedData("noise")).mark_rule(color=colour.NOISE, strokeDash=[5, 4], strokeWidth=1.5).encode(x=x)
    )
    right = alt.layer(floor, bar, before, label, title="Log-likelihood (ticks: without noise)")
    return alt.concat(left, right.properties(width=260, height=150), columns=2)


def _caption(model: str, noise: int, seed: int, t: dict) -> str:
    now, before = t["scores"]["nats"][1], t["clean"]["nats"][1]
    first = (
        f"The [{MODELS[model]}]{{.model}}, with {noise} % [noise]{{.noise}}: {number(now, 1)} nats per held-out digit"
    )
    if noise == 0:
        return first + f"; pure noise would get {number(NOISE, 1)} (dashed)."
    most = -np.log1p(-noise / 100)
    if now < before:
        return (
            first + f", [{before - now:.2f} below]{{.gap}} the model without noise. The most it can lose is {most:.2f}."
        )
    return first + f", [{now - before:.0f} above]{{.gap}} the model without noise, though the samples became worse."


likelihood_vs_samples = Explorable(
    id="likelihood-vs-samples",
    title="Likelihood is one thing, samples are another",
    controls={
        "model": choice(MODELS, start="mixture", label="Model"),
        "noise": slider(values=[0, 1, 10, 50, 90, 99], start=0, label="Noise", unit="%", role="noise", play=True),
        "seed": reseed(stops=6, label="Draw again"),
    },
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
