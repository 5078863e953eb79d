"""What the figures share: sheets of images, and pixels that nobody has decided yet."""

import numpy as np

from dgmlib.figures.pictures import data_url, sheet

UNKNOWN = 0.14
"""Shade of an undecided pixel, between paper 0 and ink 1."""


def url(images: np.ndarray, columns: int = 1) -> list[str]:
    """A column with one picture: ``images``, (m, h, w) of shades 0 … 1, row by row."""
    return [data_url(sheet(images, columns))]
