"""Text from Markov models of a book: what more context buys, and what the held-out chapters say."""

import textwrap
from functools import cache

import altair as alt
import numpy as np

from dgmlib.data.text import LETTERS, letters, load_alice
from dgmlib.explorable import Explorable, choice, colour, reseed, slider
from dgmlib.figures.captions import number
from dgmlib.figures.curse_of_dimensionality.counting import scientific
from dgmlib.ngrams import Additive, KneserNey, NgramModel

ORDERS = tuple(range(6))
RULES = {"laplace": Additive(1), "kneser-ney": KneserNey()}
_LENGTH, _WIDTH, _LINES = 320, 40, 9


@cache
def model(order: int, rule: str) -> NgramModel:
    """The model of Alice, chapters I–X, in Shannon's 27 symbols."""
    return NgramModel(LETTERS, order, RULES[rule]).fit(letters(load_alice("train")))


@cache
def bits(order: int, rule: str) -> tuple[float, float]:
    """Cross-entropy in bits per symbol on the training and on the held-out chapters."""
    fitted = model(order, rule)
    return fitted.cross_entropy(letters(load_alice("train"))), fitted.cross_entropy(letters(load_alice("held-out")))


def _tables(order: int, rule: str, temperature: float, seed: int) -> dict:
    rng = np.random.default_rng(seed)
    symbols = model(order, rule).generate(_LENGTH, rng=rng, prefix="alice ", temperature=temperature)
    lines = textwrap.wrap("alice " + "".join(symbols), _WIDTH)[:_LINES]
    train, held_out = zip(*(bits(m, rule) for m in ORDERS), strict=True)
    return {
        "text": {"line": list(range(len(lines))), "text": lines},
        "bits": {
            "order": [*ORDERS, *ORDERS],
            "bits": [*train, *held_out],
            "part": ["training"] * len(ORDERS) + ["held out"] * len(ORDERS),
        },
        "names": {"order": [ORDERS[-1]] * 2, "bits": [train[-1], held_out[-1]], "part": ["training", "held out"]},
        "here": {"order": [order, order], "bits": bits(order, rule), "part": ["training", "held out"]},
    }


def _chart() -> alt.ConcatChart:
    text = (
        alt.Chart(alt.NamedData("text"), title="Written by the model")
        .mark_text(font="monospace", fontSize=13, align="left", x=0)
        .encode(
            y=alt.Y("line:Q", axis=None, scale=alt.Scale(domain=[_LINES - 0.5, -0.5], nice=False)),
            text="text:N",
        )
        .properties(width=325, height=205)
    )
    x = alt.X("order:Q", title="symbols of context", scale=alt.Scale(domain=[-0.2, 5.2], nice=False))
    y = alt.Y("bits:Q", title="bits per symbol", scale=alt.Scale(domain=[0, 4.75], nice=False))
    parts = ["training", "held out"]
    hue = alt.Color("part:N", legend=None, scale=alt.Scale(domain=parts, range=[colour.DATA, colour.GAP]))
    dash = alt.StrokeDash("part:N", legend=None, scale=alt.Scale(domain=parts, range=[[1, 0], [6, 4]]))
    curve = alt.Chart(alt.NamedData("bits")).mark_line().encode(x=x.axis(tickCount=6), y=y, color=hue, strokeDash=dash)
    here = alt.Chart(alt.NamedData("here")).mark_point(filled=True, size=80, opacity=1).encode(x=x, y=y, color=hue)
    names = (
        alt.Chart(alt.NamedData("names")).mark_text(align="right", dy=-13).encode(x=x, y=y, color=hue, text="part:N")
    )
    return alt.concat(
        text, alt.layer(curve, here, names, title="Cross-entropy").properties(width=240, height=170), columns=2
    )


def _caption(order: int, rule: str, temperature: float, seed: int, t: dict) -> str:
    fitted, (train, held_out) = model(order, rule), bits(order, rule)
    used, possible = scientific(fitted.parameters_used), scientific(fitted.parameters_possible)
    return (
        f"Order {order}: [{number(train)} bits per symbol on the training chapters]{{.data}}, "
        f"[{number(held_out)} on the held-out ones]{{.gap}}. The book touches {used} of {possible} parameters."
    )


ngram_text = Explorable(
    id="ngram-text",
    title="Alice, one symbol at a time",
    controls={
        "order": slider(0, 5, step=1, start=3, label="Context", play=True),
        "rule": choice(
            {"laplace": "add one", "kneser-ney": "back off (Kneser–Ney)"}, start="kneser-ney", label="Unseen symbols"
        ),
        "temperature": slider(values=[0.5, 0.75, 1.0, 1.25], start=1.0, label="Temperature"),
        "seed": reseed(8, label="Write again"),
    },
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
