"""The pictures of the lecture, and the damage done to them: noise, lost resolution, lost pixels."""

from functools import cache
from typing import NamedTuple

import numpy as np

from dgmlib.data import load_natural_images
from dgmlib.restoration.operators import Downsample, Identity, LinearOperator, Mask

SIDE, SIGMA, FACTOR, KNOWN = 64, 25 / 255, 4, 0.5
CORNERS = {"cat": (62, 50), "camera": (36, 80), "flower": (64, 32)}
"""Picture: the top and left of the square of 64×64 pixels that is cut out of it."""
TASKS = {"denoise": "noise, σ = 25", "enlarge": "a quarter of the size", "fill in": "half the pixels"}
"""Task: what is given of the picture."""
SIGMAS = {"denoise": SIGMA, "denoise, σ = 15": 15 / 255, "denoise, σ = 50": 50 / 255}
"""Task: the standard deviation of the noise on the picture."""


class Problem(NamedTuple):
    """The clean picture, what was observed of it, and the operator between them (σ = 0 where there is no noise)."""

    truth: np.ndarray
    y: np.ndarray
    operator: LinearOperator
    sigma: float


@cache
def truth(picture: str) -> np.ndarray:
    """The clean square, (64, 64) floats from 0 to 1."""
    top, left = CORNERS[picture]
    return load_natural_images()[picture][top : top + SIDE, left : left + SIDE] / 255


@cache
def problem(task: str, picture: str) -> Problem:
    """What is to be restored; the same every time."""
    x, rng = truth(picture), np.random.default_rng(0)
    if sigma := SIGMAS.get(task):
        return Problem(x, x + sigma * rng.standard_normal(x.shape), Identity(x.shape), sigma)
    operator = Downsample(x.shape, FACTOR) if task == "enlarge" else Mask(rng.random(x.shape) < KNOWN)
    return Problem(x, operator(x), operator, 0.0)
