"""Uniform guesses at the latents: unbiased, and nearly always nothing."""

from functools import cache

import altair as alt
import numpy as np
import torch

from dgmlib.explorable import Explorable, colour, reseed, slider
from dgmlib.figures.estimating_likelihood.axes import powers_of_ten
from dgmlib.figures.estimating_likelihood.bars import bars_image, bars_net, marginal_by_elimination
from dgmlib.figures.pictures import data_url
from dgmlib.latent.importance import log_weights
from dgmlib.latent.proposals import Bits

LATENTS = (4, 8, 12, 16, 20)
GUESSES = [4**i for i in range(8)]
_LOW, _HIGH = -6.0, 3.0  # log₁₀ of the ratios drawn
_STEPS = np.unique(np.geomspace(1, GUESSES[-1], 60).astype(int))


@cache
def ratios(n: int, seed: int) -> np.ndarray:
    """w(z)/p(x) = 2ⁿ p(x, z)/p(x) for 16,384 uniform guesses z, -> (16384,).

    Their mean estimates 1. Since w(z)/p(x) = 2ⁿ p(z | x), all that counts is whether a guess hits the posterior.
    """
    x, q = bars_image(n // 2), Bits.uniform(n, dtype=torch.float64)
    weights = log_weights(bars_net(n // 2), x, q, GUESSES[-1], generator=_generator(seed))
    return (weights[:, 0] - marginal_by_elimination(n // 2, x)).exp().numpy()


def guess(n: int, seed: int, place: int) -> np.ndarray:
    """The guess number ``place`` as the image it would paint: probabilities of black, -> (side, side)."""
    z = Bits.uniform(n, dtype=torch.float64).sample(GUESSES[-1], generator=_generator(seed))[place, 0]
    return bars_net(n // 2).logits(z).sigmoid().view(n // 2, n // 2).numpy()


def _generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _tables(n: int, k: int, seed: int) -> dict:
    values = ratios(n, seed)
    running = np.cumsum(values) / np.arange(1, len(values) + 1)
    steps = np.union1d(_STEPS[_STEPS <= k], [k])
    best = int(values[:k].argmax())
    side = n // 2
    pictures = [bars_image(side).view(side, side).numpy(), guess(n, seed, best)]
    return {
        "pictures": {
            "place": [1, 3],
            "url": [data_url(np.rint(255 * (1 - picture)).astype(np.uint8)) for picture in pictures],
        },
        "words": {"place": [1, 3], "text": ["the image x", "best guess so far"]},
        "path": {"k": steps, "power": _drawn(running[steps - 1])},
        "now": {"k": [k], "power": _drawn(running[[k - 1]]), "truth": [0.0]},
        "truth": {"power": [0.0], "label": ["exact p(x)"]},
    }


def _drawn(ratio: np.ndarray) -> np.ndarray:
    """log₁₀ of ratios, kept inside the panel."""
    return np.clip(np.log10(ratio), _LOW, _HIGH)


def _chart() -> alt.ConcatChart:
    place = alt.X("place:Q", axis=None, scale=alt.Scale(domain=[0, 4]))
    pictures = (
        alt.Chart(alt.NamedData("pictures"))
        .mark_image(width=104, height=104, align="center", baseline="middle", smooth=False)
        .encode(x=place, y=alt.value(88), url="url:N")
    )
    words = alt.Chart(alt.NamedData("words")).mark_text(fontSize=13).encode(x=place, y=alt.value(164), text="text:N")
    left = alt.layer(pictures, words, title="The image and its best explanation").properties(width=250, height=230)
    x = alt.X(
        "k:Q",
        title="guesses k",
        scale=alt.Scale(type="log", domain=[1, GUESSES[-1]], nice=False),
        axis=alt.Axis(values=GUESSES[::2], format=","),
    )
    y = alt.Y(
        "power:Q",
        title="estimate / exact",
        scale=alt.Scale(domain=[_LOW, _HIGH], nice=False),
        axis=powers_of_ten(-6, -4, -2, 0, 2),
    )
    truth = alt.Chart(alt.NamedData("truth")).encode(y=y)
    rule = truth.mark_rule(color=colour.MODEL, strokeDash=[6, 4], strokeWidth=1.75)
    name = truth.mark_text(color=colour.MODEL, align="right", dx=-4, dy=-9).encode(x=alt.value("width"), text="label:N")
    path = (
        alt.Chart(alt.NamedData("path"))
        .mark_line(color=colour.LATENT, interpolate="step-after", clip=True)
        .encode(x=x, y=y)
    )
    now = alt.Chart(alt.NamedData("now")).encode(x=x)
    miss = now.mark_rule(color=colour.GAP, strokeWidth=3).encode(y=y, y2="truth:Q")
    point = now.mark_point(color=colour.LATENT, filled=True, opacity=1, size=90).encode(y=y)
    right = alt.layer(rule, name, miss, path, point, title="Estimate of p(x) as guesses are added").properties(
        width=330, height=230
    )
    return alt.concat(left, right, columns=2)


def hit_rate(n: int) -> float:
    """How often one uniform guess is the likeliest z given x: 2⁻ⁿ."""
    return 2.0**-n


def _caption(n: int, k: int, seed: int, t: dict) -> str:
    values = ratios(n, seed)[:k]
    mean, most = values.mean(), values.max() / values.sum()
    times = f"{mean:.2g}" if mean >= 1e-4 else "less than 0.0001"
    guesses = "guess" if k == 1 else "guesses"
    return (
        f"[{n} latents, {2**n:,} settings; {k:,} uniform {guesses}]{{.latent}}: the estimate is "
        f"[{times} times p(x)]{{.gap}}. {100 * most:.0f} % of it comes from one guess; the best setting is hit once in "
        f"{1 / hit_rate(n):,.0f} tries."
    )


uniform_guesses = Explorable(
    id="uniform-guesses",
    title="Guessing the causes of an image",
    controls={
        "n": slider(values=LATENTS, start=12, label="Latents n", role="latent"),
        "k": slider(values=GUESSES, start=4, label="Guesses k", play=True),
        "seed": reseed(stops=6, label="New guesses"),
    },
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
