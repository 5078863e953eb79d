"""What the exact sum over n binary latents costs: measured, then doubled."""

import json
import math

import altair as alt
import numpy as np

from dgmlib.explorable import Explorable, colour, slider
from dgmlib.figures.estimating_likelihood.axes import powers_of_ten
from dgmlib.figures.estimating_likelihood.measure import RECORD

MEASURED = json.loads(RECORD.read_text("utf-8"))
"""Processor seconds per image, with the hardware they were measured on; written by `measure.py`."""
PER_TERM = MEASURED["seconds"][-1] / 2 ** MEASURED["latents"][-1]
"""Seconds per term of the sum, from the longest run."""
IMAGES = 60_000
_LANDMARKS = {"a second": 1.0, "an hour": 3600.0, "a year": 3.156e7, "10,000 years": 3.156e11}
_UNITS = (("years", 3.156e7), ("days", 86400.0), ("hours", 3600.0), ("minutes", 60.0), ("seconds", 1.0))


def seconds(n: int) -> float:
    """The extrapolated processor time of 2ⁿ terms: every latent doubles it."""
    return PER_TERM * 2.0**n


def spoken(duration: float) -> str:
    """A duration in the largest unit of which it has at least one, to two digits."""
    unit, size = next((u for u in _UNITS if duration >= u[1]), ("", 0.0))
    if not unit:
        return f"{1000 * duration:.2g} milliseconds"
    return (
        f"{float(f'{duration / size:.2g}'):,.0f} {unit}" if duration >= 10 * size else f"{duration / size:.2g} {unit}"
    )


def _tables(n: int) -> dict:
    curve = np.arange(2, 61, 2)
    names, at = list(_LANDMARKS), list(_LANDMARKS.values())
    return {
        "curve": {"n": curve, "power": [math.log10(seconds(int(i))) for i in curve]},
        "measured": {"n": MEASURED["latents"], "power": np.log10(MEASURED["seconds"])},
        "landmarks": {"power": np.log10(at), "label": names},
        "now": {"n": [n], "power": [math.log10(seconds(n))]},
    }


def _chart() -> alt.LayerChart:
    x = alt.X(
        "n:Q",
        title="binary latents n",
        scale=alt.Scale(domain=[0, 62], nice=False),
        axis=alt.Axis(values=list(range(0, 61, 10))),
    )
    y = alt.Y(
        "power:Q",
        title="seconds",
        scale=alt.Scale(domain=[-7, 12], nice=False),
        axis=powers_of_ten(-4, 0, 4, 8, 12),
    )
    landmarks = alt.Chart(alt.NamedData("landmarks")).encode(y=y)
    rules = landmarks.mark_rule(color=colour.GRID, strokeWidth=1.5)
    names = landmarks.mark_text(color=colour.MUTED, align="left", dx=6, dy=-7).encode(x=alt.value(0), text="label:N")
    line = (
        alt.Chart(alt.NamedData("curve")).mark_line(color=colour.LATENT, strokeDash=[5, 4], clip=True).encode(x=x, y=y)
    )
    measured = (
        alt.Chart(alt.NamedData("measured"))
        .mark_point(color=colour.LATENT, filled=False, size=60, strokeWidth=2)
        .encode(x=x, y=y)
    )
    now = alt.Chart(alt.NamedData("now")).encode(x=x)
    drop = now.mark_rule(color=colour.MUTED, strokeDash=[2, 3])
    point = now.mark_point(color=colour.LATENT, filled=True, opacity=1, size=110).encode(y=y)
    return alt.layer(rules, names, drop, line, measured, point).properties(height=270)


def _caption(n: int, t: dict) -> str:
    known = n in MEASURED["latents"]
    duration = MEASURED["seconds"][MEASURED["latents"].index(n)] if known else seconds(n)
    how = "measured" if known else "extrapolated"
    return (
        f"[{n} binary latents: {2**n:,} terms]{{.latent}}, {spoken(duration)} {how} "
        f"for one image of {MEASURED['pixels']} pixels; {spoken(duration * IMAGES)} for {IMAGES:,} of them. Circles: "
        f"measured on {MEASURED['processor']}; dashes: doubled from the last, {PER_TERM * 1e9:.0f} ns per term."
    )


counting_causes = Explorable(
    id="counting-causes",
    title="Every latent doubles the sum",
    controls={"n": slider(2, 60, step=2, start=16, label="Latents n", play=True, role="latent")},
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
