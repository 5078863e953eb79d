"""Where a model of 8×8 digits looks: for every pixel, which earlier ones each of its heads asks."""

from functools import cache
from typing import Any

import altair as alt
import numpy as np
import torch
from torch import Tensor

from dgmlib.autoregressive import AttentionModel
from dgmlib.data import load_digits
from dgmlib.explorable import Explorable, choice, colour, slider
from dgmlib.figures.masks_memory_attention import recorded
from dgmlib.training import fit, mean_loss

SIDE = 8
HEADS, LAYERS = 2, 2
TRAIN = 1500
DIGITS = {1561: "a six", 1548: "a three", 1541: "a nought"}
"""Held-out digits of the figure, by their number in the data set."""


def small_digits() -> tuple[Tensor, Tensor]:
    """scikit-learn's 8×8 digits as rows of 64 bits: 1,500 to learn from and 297 held out."""
    images, _ = load_digits(binarized=True)
    x = torch.from_numpy(images.reshape(-1, SIDE * SIDE)).float()
    return x[:TRAIN], x[TRAIN:]


def digit_model() -> AttentionModel:
    """Attention over the 64 pixels of a digit, fresh."""
    return AttentionModel(SIDE * SIDE, 16, HEADS, LAYERS, generator=torch.Generator().manual_seed(0))


def record() -> dict[str, Any]:
    """Train the attention model of 8×8 digits and keep its weights."""
    train, held_out = small_digits()
    model, generator = digit_model(), torch.Generator().manual_seed(0)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    settings = {"n_epochs": 25, "batch_size": 50}
    fit(
        model,
        train,
        held_out,
        optimizer=optimizer,
        generator=generator,
        schedule=lambda done: 1 - done,
        progress=False,
        **settings,
    )
    recorded.keep_weights("digits", model)
    return {
        "settings": settings | {"optimizer": "Adam, rate 0.005 falling to zero"},
        "parameters": model.num_parameters,
        "held-out nats": round(-mean_loss(model, held_out), 3),
    }


@cache
def trained() -> AttentionModel:
    """The trained attention model of 8×8 digits."""
    return recorded.load_weights("digits", digit_model())


_QUERIES = tuple(range(2, 64, 3))
_DISC = 1800  # area of a disc that carries all the weight, were there room for it
_LOOKS = {f"{layer}{head}": f"layer {layer + 1}, head {head + 1}" for layer in range(LAYERS) for head in range(HEADS)}


@cache
def _digit(number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A held-out digit, (64,), its weights, (layers, heads, 64, 64), and p(x_i = 1 | x_<i), (64,)."""
    x = small_digits()[1][number - TRAIN]
    with torch.no_grad():
        p, w = trained().conditionals(x[None]).sigmoid(), trained().attention_weights(x[None])
    return x.int().numpy(), w[:, 0].numpy(), p[0].numpy()


def _digit_tables(digit: int, look: str, query: int) -> dict:
    x, w, _ = _digit(digit)
    on_keys = w[int(look[0]), int(look[1]), query - 1]  # key j carries pixel j, counted from 1; key 0 is the start
    pixel = np.arange(SIDE * SIDE)
    row, column = pixel // SIDE, pixel % SIDE
    drawn, past = pixel < query - 1, np.append(on_keys[1:], 0)
    return {
        "pixels": {
            "left": column,
            "right": column + 1,
            "top": row,
            "bottom": row + 1,
            "part": np.where(drawn, np.where(x == 1, "ink", "paper"), "not drawn yet").tolist(),
        },
        "looks": {
            "x": column[drawn] + 0.5,
            "y": row[drawn] + 0.5,
            "size": np.minimum(_DISC * past[drawn], 600),
        },
        "query": {
            "left": [(query - 1) % SIDE],
            "right": [(query - 1) % SIDE + 1],
            "top": [(query - 1) // SIDE],
            "bottom": [(query - 1) // SIDE + 1],
        },
        "heads": {
            "look": list(_LOOKS.values()),
            "back": [_mean_distance(w[int(key[0]), int(key[1]), query - 1]) for key in _LOOKS],
            "chosen": [key == look for key in _LOOKS],
        },
    }


def _mean_distance(on_keys: np.ndarray) -> float:
    """How many pixels back a query looks on average, the start left out."""
    query = np.flatnonzero(on_keys).max()
    back = query - np.arange(len(on_keys)) + 1
    past = on_keys[1:]
    return float((past * back[1:]).sum() / max(past.sum(), 1e-12))


def _digit_chart() -> alt.ConcatChart:
    across, down = alt.Scale(domain=[0, SIDE], nice=False), alt.Scale(domain=[SIDE, 0], nice=False)
    box = {
        "x": alt.X("left:Q", axis=None, scale=across),
        "x2": "right:Q",
        "y": alt.Y("top:Q", axis=None, scale=down),
        "y2": "bottom:Q",
    }
    parts = alt.Scale(
        domain=["ink", "paper", "not drawn yet"], range=[colour.DATA_SOFT, colour.PAPER, colour.NOISE_SOFT]
    )
    pixels = (
        alt.Chart(alt.NamedData("pixels"))
        .mark_rect(stroke=colour.GRID)
        .encode(**box, fill=alt.Fill("part:N", scale=parts, legend=None))
    )
    looks = (
        alt.Chart(alt.NamedData("looks"))
        .mark_point(filled=True, opacity=1, color=colour.MODEL)
        .encode(
            x=alt.X("x:Q", axis=None, scale=across),
            y=alt.Y("y:Q", axis=None, scale=down),
            size=alt.Size("size:Q", scale=None, legend=None),
        )
    )
    query = alt.Chart(alt.NamedData("query")).mark_rect(fill=None, stroke=colour.INK, strokeWidth=2.5).encode(**box)
    left = alt.layer(pixels, looks, query, title="The digit so far; discs are weights")
    bar = alt.Chart(alt.NamedData("heads")).encode(
        y=alt.Y("look:N", title=None, scale=alt.Scale(domain=list(_LOOKS.values())), axis=alt.Axis(labelLimit=120)),
        x=alt.X("back:Q", title="pixels back, mean", scale=alt.Scale(domain=[0, 40], nice=False)),
    )
    fill = alt.Fill(
        "chosen:N", scale=alt.Scale(domain=[False, True], range=[colour.MODEL_SOFT, colour.MODEL]), legend=None
    )
    right = bar.mark_bar(size=22, clip=True).encode(fill=fill)
    return alt.concat(
        left.properties(width=270, height=290),
        right.properties(width=230, height=170, title="How far back the heads look"),
        columns=2,
    ).resolve_scale(x="independent", y="independent", fill="independent")


def _digit_caption(digit: int, look: str, query: int, t: dict) -> str:
    x, w, p = _digit(digit)
    on_keys = w[int(look[0]), int(look[1]), query - 1]
    return (
        f"[Pixel {query}]{{.model}} of {DIGITS[digit]}, {_LOOKS[look]}: {on_keys[0]:.0%} of the weight on the start, "
        f"{on_keys[max(1, query - SIDE) :].sum():.0%} on the last {SIDE} pixels, the rest farther back. All heads "
        f"together say p(ink) = {p[query - 1]:.2f}; the pixel is [{'ink' if x[query - 1] else 'paper'}]{{.data}}."
    )


attention_digits = Explorable(
    id="attention-digits",
    title="What a pixel asks the earlier ones",
    controls={
        "digit": choice(DIGITS, label="Digit"),
        "look": choice(_LOOKS, start="11", label="Head"),
        "query": slider(values=_QUERIES, start=38, label="Pixel", play=True, role="model"),
    },
    tables=_digit_tables,
    view=_digit_chart(),
    caption=_digit_caption,
)
