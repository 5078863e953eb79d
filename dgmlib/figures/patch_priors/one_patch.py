"""One patch under a mixture: which components could have made it, and the two estimates that follow."""

from functools import cache

import altair as alt
import numpy as np

from dgmlib.data import load_natural_images
from dgmlib.explorable import Explorable, choice, colour, reseed, slider
from dgmlib.figures.patch_priors.pictures import grey, noisy
from dgmlib.figures.pictures import data_url
from dgmlib.patches import extract, from_plane, to_plane
from dgmlib.patches.small import small_mixture
from dgmlib.restoration import psnr

PLACES = {"an edge": ("camera", 72, 112), "fur": ("cat", 120, 60), "sky": ("palace", 30, 120)}
"""Name: picture, row and column of the patch's upper left corner."""
SIGMAS = (5, 10, 20, 40, 80)
SHOWN, SIZE = 8, 8


@cache
def clean(name: str) -> np.ndarray:
    """8×8 pixels from 0 to 1, (1, 64)."""
    picture, r, c = PLACES[name]
    return extract(load_natural_images()[picture][r : r + SIZE, c : c + SIZE] / 255)


def estimates(name: str, sigma: int, seed: int) -> dict[str, np.ndarray]:
    """The noisy patch, the Wiener estimate of its likeliest component, the posterior mean, (1, 64); and all r_k."""
    prior, level = small_mixture(), sigma / 255
    y = noisy(clean(name), level, seed)
    z, mean = to_plane(y)
    return {
        "noisy": y,
        "Wiener": from_plane(prior.map_estimate(z, level), mean),
        "mean": from_plane(prior.posterior_mean(z, level), mean),
        "responsibilities": prior.responsibilities(z, level)[0],
    }


def _tables(patch: str, sigma: int, seed: int) -> dict:
    found = estimates(patch, sigma, seed)
    r = found.pop("responsibilities")
    order = np.argsort(-np.round(r, 4), kind="stable")[:SHOWN]
    shown = {**found, "truth": clean(patch)}
    left = np.arange(len(shown))
    return {
        "patches": {
            "url": [data_url(grey(values.reshape(SIZE, SIZE))) for values in shown.values()],
            "left": left,
            "right": left + 0.94,
            "label": list(shown),
        },
        "bars": {"component": [str(k + 1) for k in order], "r": np.round(r[order], 3), "rank": np.arange(SHOWN)},
        "scores": {what: [round(psnr(values, clean(patch)), 1)] for what, values in found.items()},
    }


def _chart() -> alt.ConcatChart:
    x = alt.X("left:Q", axis=None, scale=alt.Scale(domain=[0, 4], nice=False))
    strip = alt.Chart(alt.NamedData("patches")).encode(x=x)
    images = strip.mark_image(smooth=False).encode(x2="right:Q", y=alt.value(18), y2=alt.value("height"), url="url:N")
    # An image keeps its shape: on a phone it is smaller than its place (middle 84, height 132); its name goes with it.
    top = alt.expr("84 - min(132, 0.94 * item.mark.group.width / 4) / 2 - 11")
    names = strip.mark_text(align="left", color=colour.INK).encode(y=alt.value(top), text="label:N")
    bars = alt.Chart(alt.NamedData("bars"), title="Which component made y?").encode(
        x=alt.X("rank:O", title="number, likeliest first", axis=alt.Axis(labels=False, ticks=False)),
        y=alt.Y("r:Q", title="p(k | y)", scale=alt.Scale(domain=[0, 1.1], nice=False)).axis(values=[0, 0.5, 1]),
    )
    numbers = bars.mark_text(dy=-7, color=colour.MUTED, fontSize=10).encode(text="component:N")
    return alt.concat(
        alt.layer(images, names).properties(width=440, height=150),
        alt.layer(bars.mark_bar(color=colour.LATENT), numbers).properties(width=200, height=136),
        columns=2,
    )


def _caption(patch: str, sigma: int, seed: int, t: dict) -> str:
    found, first = t["scores"], t["bars"]["r"][0]
    wiener, mean = found["Wiener"][0], found["mean"][0]
    sure = "one component is nearly certain" if first > 0.95 else f"the likeliest component has only {first:.2f}"
    return (
        f"[σ = {sigma}: {found['noisy'][0]:.1f} dB]{{.noise}}; [{sure}]{{.latent}}. Wiener {wiener:.1f} dB, "
        f"posterior mean {mean:.1f} dB."
    )


one_patch = Explorable(
    id="one-patch",
    title="One patch, two estimates",
    controls={
        "patch": choice(list(PLACES), start="an edge", label="Patch"),
        "sigma": slider(values=SIGMAS, start=20, label="σ of 255", role="noise"),
        "seed": reseed(stops=4, start=0, label="New noise"),
    },
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
