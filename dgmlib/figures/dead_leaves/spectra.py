"""What the figures of spectra share: their axes, and the logarithms on them."""

import altair as alt
import numpy as np


def log10(spectrum: np.ndarray) -> np.ndarray:
    """To the three digits that a line shows."""
    return np.round(np.log10(spectrum), 3)


def axes() -> tuple[alt.X, alt.Y]:
    """Rank of the eigenvalue, and its logarithm."""
    x = alt.X("rank:Q", title="eigenvalue, by size", scale=alt.Scale(domain=[1, 63], nice=False))
    y = alt.Y(
        "log:Q",
        title="log₁₀ of variance",
        scale=alt.Scale(domain=[-6, 1], nice=False),
        axis=alt.Axis(values=[-6, -4, -2, 0]),
    )
    return x, y
