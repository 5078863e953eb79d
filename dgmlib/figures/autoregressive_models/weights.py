"""What an FVSBN has learned: the weights of one pixel as a picture, and the sum that decides it."""

from functools import cache

import altair as alt
import numpy as np

from dgmlib import pretrained
from dgmlib.explorable import Explorable, choice, colour, pad
from dgmlib.figures.autoregressive_models.digits import SIDE, digits, pictures
from dgmlib.figures.autoregressive_models.panels import UNKNOWN, url
from dgmlib.figures.captions import number
from dgmlib.figures.panels import picture

SHOWN = {"three": 13, "five": 55, "nine": 9}
"""Digits whose earlier pixels are put in: their places among ``digits()``."""
LIMIT = 1.0
"""Weights of this size and beyond are black or white."""
_PARTS = ["bias", "ink that raises", "ink that lowers", "sum"]
_REACH = 8
_SCALE = 7  # screen pixels per pixel


@cache
def parameters() -> tuple[np.ndarray, np.ndarray]:
    """Biases (784,) and weights (784, 784), row i for pixel i, of the trained FVSBN."""
    model = pretrained.load("fvsbn-mnist").requires_grad_(False)
    return model.bias.numpy(), model.matrix.numpy()


def place(at: tuple[float, float]) -> tuple[int, int]:
    """Row and column, from 0, of the pixel at a point of the pad, which counts from 1 and whose height from below."""
    return SIDE - round(at[1]), round(at[0]) - 1


def contributions(i: int, x: np.ndarray) -> tuple[float, float, float]:
    """Bias, sum of the raising and sum of the lowering terms of pixel i's logit."""
    bias, weight = parameters()
    terms = weight[i, :i] * x[:i]
    return float(bias[i]), float(terms[terms > 0].sum()), float(terms[terms < 0].sum())


def _map(i: int) -> np.ndarray:
    """Weights of pixel i as shades, grey for 0; what comes later has none, (1, 28, 28)."""
    shades = 0.5 + 0.5 * (parameters()[1][i] / LIMIT).clip(-1, 1)
    shades = np.rint(shades * 32) / 32  # 33 shades: the eye sees no more, and the picture is half as large
    return pictures(np.where(np.arange(SIDE**2) < i, shades, UNKNOWN))


def _tables(at: tuple[float, float], digit: str) -> dict:
    row, column = place(at)
    i, x = SIDE * row + column, digits()[SHOWN[digit]]
    bias, up, down = contributions(i, x)
    ends = np.array([[0, bias], [bias, bias + up], [bias + up, bias + up + down], [0, bias + up + down]])
    earlier = pictures(np.where(np.arange(SIDE**2) < i, x, UNKNOWN + 0.25 * x))
    return {
        "map": {"url": url(_map(i))},
        "image": {"url": url(earlier.astype(float))},
        "here": {"x": [_SCALE * (column + 0.5)], "y": [_SCALE * (row + 0.5)]},
        "sum": {
            "part": _PARTS,
            "from": ends[:, 0].clip(-_REACH, _REACH),
            "to": ends[:, 1].clip(-_REACH, _REACH),
            "text": [number(v, 1) for v in (bias, up, down, bias + up + down)],
            "side": ends.max(1).clip(-_REACH, _REACH),
        },
    }


def _framed(table: str, title: str) -> alt.LayerChart:
    """A picture with the pixel in question marked; places are screen pixels, however wide the panel."""
    marked = alt.Chart(alt.NamedData("here")).mark_point(
        shape="square", filled=False, size=130, strokeWidth=2.5, color=colour.MODEL, opacity=1
    )
    marked = marked.encode(x=alt.X("x:Q", axis=None, scale=None), y=alt.Y("y:Q", axis=None, scale=None))
    size = _SCALE * SIDE
    return alt.layer(picture(table, size, size, title), marked).properties(width=size, height=size, title=title)


def _chart() -> alt.ConcatChart:
    bars = alt.Chart(alt.NamedData("sum"))
    y = alt.Y("part:N", title=None, sort=_PARTS, axis=alt.Axis(labelLimit=110))
    x = alt.X("from:Q", title="logit", scale=alt.Scale(domain=[-_REACH, _REACH + 2], nice=False))
    x = x.axis(values=[-5, 0, 5], grid=True)
    shades = alt.Scale(domain=_PARTS, range=[colour.NOISE, colour.INK, colour.PAPER, colour.MODEL])
    bar = bars.mark_bar(clip=True, size=16, stroke=colour.INK, strokeWidth=1).encode(
        x=x, x2="to:Q", y=y, color=alt.Color("part:N", scale=shades, legend=None)
    )
    text = bars.mark_text(align="left", dx=6).encode(x=alt.X("side:Q"), y=y, text="text:N")
    total = alt.layer(bar, text, title="What adds up to its logit").properties(width=190, height=150)
    return alt.concat(
        _framed("map", "Weights: black raises, white lowers"),
        _framed("image", "The pixels before it"),
        total,
        columns=3,
    )


def _caption(at: tuple[float, float], digit: str, t: dict) -> str:
    row, column = place(at)
    i, x = SIDE * row + column, digits()[SHOWN[digit]]
    logit = sum(contributions(i, x))
    ink = 1 / (1 + np.exp(-logit))
    return (
        f"Pixel {i + 1} (row {row + 1}, column {column + 1}) has {i} weights and a bias. With the {int(x[:i].sum())} "
        f"[ink pixels]{{.data}} before it in this {digit}, its logit is {number(logit, 1)}: "
        f"[x̂ = {100 * ink:.1f} %]{{.model}}, and the pixel is {'ink' if x[i] else 'paper'}."
    )


fvsbn_weights = Explorable(
    id="fvsbn-weights",
    title="What a pixel looks at",
    controls={
        "at": pad((1, 28), (1, 28), stops=(10, 10), start=(16, 13), label="Pixel", axes=("column", "height")),
        "digit": choice(tuple(SHOWN), start="five", label="Digit"),
    },
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
