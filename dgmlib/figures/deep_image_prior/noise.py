"""Noise impedance: how many steps the network needs to draw a picture, and to draw noise."""

import altair as alt
import numpy as np

from dgmlib.explorable import Explorable, choice, colour, slider
from dgmlib.figures.deep_image_prior.panels import grey, side_by_side, step_axis
from dgmlib.figures.deep_image_prior.recorded import IMPEDANCE_STEPS, SEEDS, TARGETS, recorded
from dgmlib.figures.deep_image_prior.targets import target

LEVELS = (0.01, 0.012, 0.015, 0.02, 0.025, 0.03)
"""Mean squared misfits to wait for."""
_N = np.unique(np.geomspace(1, IMPEDANCE_STEPS, 32).round().astype(int))
# No model and no gap is drawn here: what is made of the picture is told apart by dashes and shapes.
_COLOURS = [colour.DATA, colour.DATA, colour.INK, colour.NOISE]
_DASHES = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3]]
_SHAPES = ["circle", "square", "triangle-up", "diamond"]


def steps_needed(name: str, level: float, seed: int) -> float:
    """The first step whose loss is ``level`` or less; infinite if the record ends before."""
    below = np.flatnonzero(recorded("impedance")[name][SEEDS.index(seed)] <= level)
    return float(below[0] + 1) if len(below) else np.inf


def _tables(level: float, seed: int) -> dict:
    losses = recorded("impedance")
    needed = {name: steps_needed(name, level, seed) for name in TARGETS}
    reached = {name: steps for name, steps in needed.items() if np.isfinite(steps)}
    drawn = np.concatenate([losses[name][SEEDS.index(seed)][_N - 1] for name in TARGETS]).astype(float)
    return {
        "targets": {"url": [side_by_side([grey(target(name, seed)) for name in TARGETS], 1)]},
        "curves": {"step": np.tile(_N, 4), "target": np.repeat(TARGETS, len(_N)), "loss": np.round(drawn, 5)},
        "level": {"loss": [level]},
        "reached": {"step": list(reached.values()), "target": list(reached), "loss": [level] * len(reached)},
        "words": {
            "row": list(range(4)),
            "target": list(TARGETS),
            "needed": [f"{int(n)} steps" if np.isfinite(n) else f"> {IMPEDANCE_STEPS} steps" for n in needed.values()],
        },
    }


def _chart() -> alt.ConcatChart:
    step = step_axis(IMPEDANCE_STEPS, [1, 5, 20, 50, 200])
    loss = alt.Y(
        "loss:Q",
        title="mean squared misfit",
        scale=alt.Scale(type="log", domain=[0.0005, 0.2], nice=False),
        axis=alt.Axis(values=[0.001, 0.01, 0.1], format="g"),
    )
    names = list(TARGETS)
    paint = alt.Color("target:N", scale=alt.Scale(domain=names, range=_COLOURS), legend=None)
    dash = alt.StrokeDash("target:N", scale=alt.Scale(domain=names, range=_DASHES), legend=None)
    lines = alt.Chart(alt.NamedData("curves")).mark_line(clip=True).encode(x=step, y=loss, color=paint, strokeDash=dash)
    level = alt.Chart(alt.NamedData("level")).mark_rule(color=colour.MUTED, strokeDash=[2, 3]).encode(y=loss)
    shape = alt.Shape("target:N", scale=alt.Scale(domain=names, range=_SHAPES), legend=None)
    reached = alt.Chart(alt.NamedData("reached")).mark_point(filled=True, size=80, opacity=1)
    left = alt.layer(level, lines, reached.encode(x=step, y=loss, color=paint, shape=shape)).properties(
        width=330, height=272, title="Fitting each of the four"
    )
    return alt.concat(left, _legend(paint, shape), columns=2)


def _legend(paint: alt.Color, shape: alt.Shape) -> alt.LayerChart:
    row = alt.Y("row:Q", axis=None, scale=alt.Scale(domain=[-0.5, 3.5], reverse=True, nice=False))
    words = alt.Chart(alt.NamedData("words")).encode(y=row, x=alt.value(98))
    mark = words.mark_point(filled=True, size=80, opacity=1, yOffset=-9).encode(
        x=alt.value(84), color=paint, shape=shape
    )
    name = words.mark_text(align="left", dy=-9, fontSize=13, fontWeight="bold").encode(text="target:N", color=paint)
    needed = words.mark_text(align="left", dy=9, fontSize=13, color=colour.INK).encode(text="needed:N")
    targets = alt.Chart(alt.NamedData("targets")).mark_image(
        width=68, height=272, align="left", baseline="top", smooth=False
    )
    picture = targets.encode(x=alt.value(0), y=alt.value(0), url="url:N")
    return alt.layer(picture, mark, name, needed).properties(width=200, height=272, title="Steps to the dotted line")


def _caption(level: float, seed: int, t: dict) -> str:
    needed = dict(zip(t["words"]["target"], t["words"]["needed"], strict=True))
    return (
        f"Down to a mean squared misfit of {level:g}: [the image takes {needed['image']}]{{.data}}, [the image in "
        f"noise {needed['image + noise']}]{{.data}}, its shuffled pixels {needed['shuffled']}, [noise "
        f"{needed['noise']}]{{.noise}}."
    )


noise_impedance = Explorable(
    id="noise-impedance",
    title="What the network is slow to draw",
    controls={
        "level": slider(values=list(LEVELS), start=0.02, label="Misfit to reach"),
        "seed": choice({seed: f"start {seed + 1}" for seed in SEEDS}, start=0, label="Weights and noise"),
    },
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
