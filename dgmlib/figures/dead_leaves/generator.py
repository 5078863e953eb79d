"""Leaves of all sizes falling on each other; and what pictures would be like if none hid another."""

from functools import cache

import altair as alt
import numpy as np

from dgmlib.data import load_natural_images
from dgmlib.explorable import Explorable, choice, colour, reseed, slider, toggle
from dgmlib.figures.captions import number
from dgmlib.figures.dead_leaves.leaves import PHOTOGRAPHS
from dgmlib.figures.panels import picture
from dgmlib.figures.pictures import data_url
from dgmlib.patches import dead_leaves, transparent_leaves

SIZE = 120
POWERS = {2.0: "second", 3.0: "third", 4.0: "fourth"}
"""Of the radius, in the law of sizes."""
CONTRASTS = {1.0: "full", 0.5: "half", 0.2: "faint"}
_EDGES = np.linspace(-8.25, 8.25, 34)
_LEAST = 1e-4
"""Densities below are drawn as this."""


@cache
def leaves(exponent: float, opaque: bool, seed: int) -> np.ndarray:
    """A picture (SIZE, SIZE) of disks with radii p(r) ∝ r^−exponent from 2 to 60 pixels."""
    rng = np.random.default_rng(seed)
    if opaque:
        return dead_leaves(SIZE, rng=rng, exponent=exponent)
    return transparent_leaves(SIZE, rng=rng, exponent=exponent, n_leaves=3000)


def differences(picture: np.ndarray) -> np.ndarray:
    """Of neighbouring pixels, across and down, in units of their root mean square."""
    d = np.concatenate([np.diff(picture).ravel(), np.diff(picture, axis=0).ravel()])
    return d / np.sqrt(np.mean(d**2))


def kurtosis(picture: np.ndarray) -> float:
    """E[d⁴] / E[d²]² of those differences: 3 for a Gaussian, more for rare and large ones among many small."""
    return float(np.mean(differences(picture) ** 4))


@cache
def photographs() -> tuple[np.ndarray, float]:
    """Histogram of the differences in the package's seven photographs, and the median of their kurtoses."""
    pictures = [load_natural_images()[name].astype(float) for name in PHOTOGRAPHS]
    return histogram(np.concatenate([differences(p) for p in pictures])), float(np.median([*map(kurtosis, pictures)]))


def histogram(d: np.ndarray) -> np.ndarray:
    """Density of differences on bins of half a unit; what lies beyond eight is left out."""
    return np.histogram(d, _EDGES)[0] / len(d) / np.diff(_EDGES)


def _curve(density: np.ndarray) -> dict:
    middle = (_EDGES[1:] + _EDGES[:-1]) / 2
    return {"x": middle, "log": np.round(np.log10(np.maximum(density, _LEAST)), 3)}


def _tables(exponent: float, opaque: bool, contrast: float, seed: int) -> dict:
    shades = leaves(exponent, opaque, seed)
    shown = (0.5 + contrast * (shades - 0.5)).clip(0, 1)
    middle = (_EDGES[1:] + _EDGES[:-1]) / 2
    return {
        "picture": {"url": [data_url(np.rint(255 * shown).astype(np.uint8))]},
        "leaves": _curve(histogram(differences(shades))),
        "nature": _curve(photographs()[0]),
        "gaussian": _curve(np.exp(-(middle**2) / 2) / np.sqrt(2 * np.pi)),
    }


def _chart() -> alt.ConcatChart:
    x = alt.X("x:Q", title="difference of neighbours, in its rms", scale=alt.Scale(domain=[-8, 8], nice=False))
    y = alt.Y(
        "log:Q",
        title="log₁₀ of density",
        scale=alt.Scale(domain=[-4, 1], nice=False),
        axis=alt.Axis(values=[-4, -3, -2, -1, 0, 1]),
    )

    def line(table: str, shade: str, width: float, dash: list[int]) -> alt.Chart:
        mark = alt.Chart(alt.NamedData(table)).mark_line(clip=True, color=shade, strokeWidth=width, strokeDash=dash)
        return mark.encode(x=x, y=y)

    curves = alt.layer(
        line("gaussian", colour.NOISE, 1.5, [2, 3]),
        line("nature", colour.DATA, 2, [6, 3]),
        line("leaves", colour.MODEL, 2.5, [1, 0]),
        title="Leaves (solid), photographs (dashed), Gaussian (dots)",
    )
    return alt.concat(
        picture("picture", 240, 240, "Leaves"), curves.properties(width=320, height=220), columns=2
    ).resolve_scale(x="independent", y="independent")


def _caption(exponent: float, opaque: bool, contrast: float, seed: int, t: dict) -> str:
    what = "each hides what lies below" if opaque else "shades add up, nothing is hidden"
    how = f"Radii are spread as one over the {POWERS[exponent]} power"
    return (
        f"{how}, and {what}: the kurtosis of differences is "
        f"[{number(kurtosis(leaves(exponent, opaque, seed)), 1)}]{{.model}}, of a Gaussian 3, of the "
        f"[photographs]{{.data}} {number(photographs()[1], 1)} (median of seven). Contrast changes none of it."
    )


dead_leaves_generator = Explorable(
    id="dead-leaves-generator",
    title="Dead leaves",
    controls={
        "exponent": slider(values=list(POWERS), start=3.0, label="Exponent of sizes", role="model", measured=True),
        "opaque": toggle(start=True, label="Leaves hide each other"),
        "contrast": choice(CONTRASTS, start=1.0, label="Contrast"),
        "seed": reseed(stops=3, label="New leaves"),
    },
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
