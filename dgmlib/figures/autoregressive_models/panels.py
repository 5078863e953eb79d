"""What the figures share: pictures under their titles, and pixels that nobody has decided yet."""

import altair as alt
import numpy as np

from dgmlib.figures.pictures import data_url, sheet

UNKNOWN = 0.14
"""Shade of an undecided pixel, between paper 0 and ink 1."""


def url(images: np.ndarray, columns: int = 1) -> list[str]:
    """A column with one picture: ``images``, (m, h, w) of shades 0 … 1, row by row."""
    return [data_url(sheet(images, columns))]


def picture(table: str, width: int, height: int, title: str) -> alt.Chart:
    """A panel with the image in column ``url`` of a table, ``width`` × ``height`` pixels."""
    mark = alt.Chart(alt.NamedData(table)).mark_image(
        width=width, height=height, align="left", baseline="top", smooth=False
    )
    panel = mark.encode(x=alt.value(0), y=alt.value(0), url="url:N")
    return panel.properties(width=width, height=height, title=title)
