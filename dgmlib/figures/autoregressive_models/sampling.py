"""Pixel by pixel: a sample comes into being, row after row, and what the model expected at every pixel."""

from functools import cache

import altair as alt
import numpy as np
import torch

from dgmlib.explorable import Explorable, choice, colour, reseed, slider
from dgmlib.figures.autoregressive_models.digits import SMALL
from dgmlib.figures.autoregressive_models.panels import UNKNOWN, url
from dgmlib.figures.autoregressive_models.small import FAMILIES, small
from dgmlib.figures.captions import number
from dgmlib.figures.panels import picture


@cache
def trajectory(name: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A sample x and the x̂_i from which its pixels were drawn, (196,) each. One seed: the same coins for any model."""
    model, generator = small(name), torch.Generator().manual_seed(seed)
    expected = []

    def choose(t: int, logits: torch.Tensor) -> torch.Tensor:
        expected.append(logits.sigmoid())
        return model.family.draw(logits, generator)

    x = model.unroll(1, choose)[0]
    return x.numpy(), torch.cat(expected).numpy()


def surprise(x: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """−log p(x_i | x_<i) in nats, pixel by pixel."""
    return -np.log(np.where(x == 1, expected, 1 - expected).clip(1e-12))


def _so_far(values: np.ndarray, rows: int) -> np.ndarray:
    """A picture whose rows from ``rows`` on are undecided, (1, 14, 14)."""
    image = values.reshape(1, SMALL, SMALL).astype(float)
    return np.where(np.arange(SMALL)[:, None] < rows, image, UNKNOWN)


def _tables(model: str, rows: int, seed: int) -> dict:
    x, expected = trajectory(model, seed)
    last = slice(SMALL * (rows - 1), SMALL * rows) if rows else slice(0, 0)
    spent = surprise(x, expected).reshape(SMALL, SMALL).sum(1)
    return {
        "drawn": {"url": url(_so_far(x, rows))},
        "expected": {"url": url(_so_far(expected, rows))},
        "row": {"column": np.arange(SMALL)[: expected[last].size], "p": expected[last], "x": x[last]},
        "spent": {"row": np.arange(SMALL)[:rows], "nats": spent[:rows]},
    }


def _chart() -> alt.ConcatChart:
    column = alt.X("column:Q", title="pixel of that row", scale=alt.Scale(domain=[-0.7, 13.7], nice=False))
    p = alt.Y("p:Q", title="probability", scale=alt.Scale(domain=[-0.06, 1.06], nice=False))
    p = p.axis(values=[0, 0.5, 1], format="%")
    row = alt.Chart(alt.NamedData("row"))
    bars = row.mark_bar(size=11, color=colour.MODEL_SOFT, stroke=colour.MODEL, strokeWidth=1).encode(x=column, y=p)
    coins = row.mark_point(shape="square", filled=True, size=40, opacity=1, color=colour.INK)
    coins = coins.encode(x=column, y=alt.Y("x:Q"))
    latest = alt.layer(bars, coins, title="The latest row: x̂ᵢ (bars) and xᵢ (squares)")

    at = alt.X("row:Q", title="row", scale=alt.Scale(domain=[-0.7, 13.7], nice=False))
    nats = alt.Y("nats:Q", title="nats", scale=alt.Scale(domain=[0, 12], nice=False)).axis(tickCount=3)
    spent = alt.Chart(alt.NamedData("spent")).mark_bar(clip=True, size=11, color=colour.GAP).encode(x=at, y=nats)
    spent = spent.properties(title="−log p of every row")
    return alt.concat(
        picture("drawn", 196, 196, "Drawn so far"),
        picture("expected", 196, 196, "x̂ᵢ when its turn came"),
        alt.vconcat(latest.properties(width=270, height=66), spent.properties(width=270, height=50)),
        columns=3,
    )


def _caption(model: str, rows: int, seed: int, t: dict) -> str:
    x, expected = trajectory(model, seed)
    if rows == 0:
        return f"{FAMILIES[model]}: nothing is drawn yet. The first pixel will be ink with p = {expected[0]:.4f}."
    done = slice(0, SMALL * rows)
    total, ink = surprise(x[done], expected[done]).sum(), int(x[done].sum())
    first = (
        f"[{FAMILIES[model]}]{{.model}}, {SMALL * rows} of 196 pixels drawn, {ink} of them ink: "
        f"log p of these rows is {number(-total, 1)} nats. "
    )
    if rows == SMALL:
        unsure = int(np.sum((expected > 0.1) & (expected < 0.9)))
        return first + f"Of all 196 coins, only {unsure} were uncertain, with x̂ᵢ between 10 % and 90 %."
    return first + f"The next pixel will be ink with p = {expected[SMALL * rows]:.3f}."


pixel_by_pixel = Explorable(
    id="pixel-by-pixel",
    title="A digit, pixel by pixel",
    controls={
        "rows": slider(0, SMALL, step=1, start=8, label="Rows drawn", play=True, role="model"),
        "model": choice(FAMILIES, start="fvsbn", label="Model"),
        "seed": reseed(stops=6, label="New digit"),
    },
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
