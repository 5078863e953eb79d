"""What the figures share: pictures side by side, what was observed made visible, axis of steps."""

from collections.abc import Sequence

import altair as alt
import numpy as np

from dgmlib.figures.deep_image_prior.tasks import FACTOR, problem, truth
from dgmlib.figures.pictures import data_url, sheet

MISSING = 96
"""Grey level in which a lost pixel is drawn."""


def grey(x: np.ndarray) -> np.ndarray:
    """Floats, black 0 and white 1 and perhaps beyond, as 8 bits."""
    return np.round(255 * np.clip(x, 0, 1)).astype(np.uint8)


def side_by_side(pictures: Sequence[np.ndarray], columns: int) -> str:
    """Pictures (64, 64) uint8 in one, row by row, as the URL of a PNG."""
    return data_url(sheet(1 - np.stack(list(pictures)) / 255, columns))


def clean(picture: str) -> np.ndarray:
    """The picture nobody has, (64, 64) uint8."""
    return grey(truth(picture))


def given(task: str, picture: str) -> np.ndarray:
    """What was observed, (64, 64) uint8: pixels of a small picture as squares, lost pixels in one grey."""
    found = problem(task, picture)
    if task == "enlarge":
        return np.kron(grey(found.y), np.ones((FACTOR, FACTOR), np.uint8))
    return np.where(found.operator.diagonal > 0, grey(found.y), MISSING).astype(np.uint8)


def step_axis(last: int, ticks: Sequence[int]) -> alt.X:
    """Steps from the first to the last, on a logarithmic scale."""
    return alt.X(
        "step:Q",
        title="step",
        scale=alt.Scale(type="log", domain=[1, last], nice=False),
        axis=alt.Axis(values=list(ticks), format="d"),
    )
