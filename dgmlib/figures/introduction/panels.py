"""Panels that the digit figures share: a line of words below a picture, a histogram."""

import altair as alt
import numpy as np

from dgmlib.figures.panels import MIDDLE

EDGES = np.arange(-420, -19, 20)
"""Bins of 20 nats."""
LEFT, RIGHT = float(EDGES[0]), float(EDGES[-1])


def words(table: str, y: int, colour: str) -> alt.Chart:
    """The text in column ``text`` of a table, in the middle of its panel at height ``y``."""
    mark = alt.Chart(alt.NamedData(table)).mark_text(color=colour, fontSize=13)
    return mark.encode(x=alt.XDatum(1, **MIDDLE), y=alt.value(y), text="text:N")


def histogram(nats: np.ndarray) -> dict:
    """Shares of log-probabilities per bin; what lies beyond the axis is counted at its ends."""
    counts, _ = np.histogram(np.clip(nats, LEFT, RIGHT - 1e-9), EDGES)
    return {"low": EDGES[:-1], "high": EDGES[1:], "share": counts / counts.sum()}


def bars(table: str, fill: str, stroke: str, dash: list[int]) -> alt.Chart:
    """A histogram as bars that touch; its axes are those of every histogram here."""
    x = alt.X("low:Q", title="log p(x), nats", scale=alt.Scale(domain=[LEFT, RIGHT], nice=False))
    y = alt.Y(
        "share:Q",
        title="share",
        scale=alt.Scale(type="sqrt", domain=[0, 1], nice=False),  # one bin may hold nearly all
        axis=alt.Axis(format="%", values=[0, 0.05, 0.2, 0.5, 1]),
    )
    mark = alt.Chart(alt.NamedData(table)).mark_rect(
        clip=True, fill=fill, fillOpacity=0.6, stroke=stroke, strokeWidth=1, strokeDash=dash
    )
    return mark.encode(x=x, x2="high:Q", y=y, y2=alt.datum(0))
