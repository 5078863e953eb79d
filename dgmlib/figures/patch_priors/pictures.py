"""The pictures that are restored: squares of the package's own photographs, what happened to them, and panels."""

from functools import cache

import altair as alt
import numpy as np

from dgmlib.data import load_natural_images
from dgmlib.figures.patch_priors.recorded import SIDE
from dgmlib.figures.pictures import data_url
from dgmlib.patches import PatchPrior, aggregate, coverage, denoise_patches, extract

CORNERS = {"camera": (20, 60), "cat": (50, 50), "palace": (60, 10)}
"""Name: row and column of the upper left corner of the square that is shown."""


@cache
def square(name: str) -> np.ndarray:
    """A photograph's square, (SIDE, SIDE), grey values from 0 to 1."""
    r, c = CORNERS[name]
    return load_natural_images()[name][r : r + SIDE, c : c + SIDE] / 255


def noisy(x: np.ndarray, sigma: float, seed: int = 0) -> np.ndarray:
    """x in white noise, not cut to the range of grey values."""
    return x + sigma * np.random.default_rng(seed).standard_normal(x.shape)


def averaged(noisy: np.ndarray, prior: PatchPrior, sigma: float) -> np.ndarray:
    """Every patch restored on its own by MAP, then the mean of all that lie over a pixel, (height, width)."""
    patches = denoise_patches(extract(noisy), prior, sigma=sigma)
    return (aggregate(patches, noisy.shape) / coverage(noisy.shape)).clip(0, 1)


def grey(x: np.ndarray) -> np.ndarray:
    """Values from 0 to 1, cut to them, as uint8."""
    return np.rint(255 * np.clip(x, 0, 1)).astype(np.uint8)


def url(x: np.ndarray) -> dict[str, list[str]]:
    """A table with one picture: uint8, or values from 0 to 1."""
    return {"url": [data_url(np.ascontiguousarray(x if x.dtype == np.uint8 else grey(x)))]}


def panel(table: str, title: str, side: int) -> alt.Chart:
    """The picture of a table, square, as wide as its panel becomes on the page, ``side`` pixels at most."""
    whole = {"x": alt.value(0), "x2": alt.value("width"), "y": alt.value(0), "y2": alt.value("height")}
    mark = alt.Chart(alt.NamedData(table)).mark_image(smooth=False)
    return mark.encode(**whole, url="url:N").properties(width=side, height=side, title=title)
