"""The first rows are given: what several models make of the rest, and how likely they find the true one."""

from functools import cache

import altair as alt
import numpy as np
import torch

from dgmlib.explorable import Explorable, choice, colour, reseed, slider
from dgmlib.figures.autoregressive_models.digits import SMALL, pictures, small_digits
from dgmlib.figures.autoregressive_models.panels import UNKNOWN, url
from dgmlib.figures.autoregressive_models.small import FAMILIES, small
from dgmlib.figures.captions import number
from dgmlib.figures.panels import picture

DIGITS = {"four": 24, "five": 55, "eight": 38, "two": 42}
"""Digits to complete: their places among the test digits of ``small_digits()``."""
N = 12


@cache
def completions(name: str, rows: int, seed: int) -> np.ndarray:
    """Completions of every one of ``DIGITS`` whose first rows are given, (4, 12, 196): one walk for all of them."""
    prefix = small_digits().test[list(DIGITS.values()), : SMALL * rows].repeat_interleave(N, 0)
    generator = torch.Generator().manual_seed(seed)
    return small(name).complete(prefix, generator=generator).numpy().reshape(len(DIGITS), N, -1)


def split_log_prob(name: str, x: np.ndarray, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """log p(first rows) and log p(rest | first rows) in nats, (m, 196) -> (m,) twice; their sum is log p(x)."""
    model, x = small(name), torch.from_numpy(x).float()
    parts = model.family.log_prob(model.conditionals(x), x)
    return parts[:, : SMALL * rows].sum(1).numpy(), parts[:, SMALL * rows :].sum(1).numpy()


@cache
def _scores(name: str, rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Of every digit and its completions, true one first: log p(first rows), (4, 13), and log p(rest | …)."""
    true = small_digits().test[list(DIGITS.values())].numpy()[:, None]
    everything = np.concatenate([true, completions(name, rows, seed)], 1)
    given, rest = split_log_prob(name, everything.reshape(-1, SMALL * SMALL), rows)
    return given.reshape(len(DIGITS), -1), rest.reshape(len(DIGITS), -1)


def _tables(model: str, digit: str, rows: int, seed: int) -> dict:
    which = list(DIGITS).index(digit)
    true = pictures(small_digits().test[[DIGITS[digit]]])
    known = np.arange(SMALL)[:, None] < rows
    rest = _scores(model, rows, seed)[1][which]
    return {
        "given": {"url": url(np.where(known, true, UNKNOWN))},
        "true": {"url": url(true.astype(float))},
        "drawn": {"url": url(pictures(completions(model, rows, seed)[which]).astype(float), 6)},
        "own": {"nats": rest[1:], "what": ["completions"] * N},
        "truth": {"nats": rest[:1], "what": ["true rest"]},
    }


def _chart() -> alt.ConcatChart:
    x = alt.X("nats:Q", title="log p(rest | given), nats", scale=alt.Scale(domain=[-70, 0], nice=False))
    y = alt.Y("what:N", title=None, sort=["completions", "true rest"], axis=alt.Axis(grid=True, labelLimit=90))
    y = y.scale(domain=["completions", "true rest"])
    own = alt.Chart(alt.NamedData("own")).mark_tick(clip=True, color=colour.MODEL, size=20, thickness=2)
    truth = alt.Chart(alt.NamedData("truth")).mark_point(
        clip=True, shape="diamond", filled=True, size=110, opacity=1, color=colour.DATA
    )
    scores = alt.layer(own.encode(x=x, y=y), truth.encode(x=x, y=y), title="What each rest scores")
    return alt.concat(
        picture("given", 112, 112, "Given"),
        picture("drawn", 339, 113, "Twelve completions"),
        picture("true", 112, 112, "The true digit"),
        scores.properties(width=300, height=70),
        columns=2,
    )


def _caption(model: str, digit: str, rows: int, seed: int, t: dict) -> str:
    given, rest = (scores[list(DIGITS).index(digit)] for scores in _scores(model, rows, seed))
    first = f"[{FAMILIES[model]}]{{.model}}, given the first {rows} rows of a {digit}"
    if rows == 0:
        first = f"[{FAMILIES[model]}]{{.model}}, given nothing: these are plain samples"
    return (
        f"{first}: log p(given) = {number(given[0], 1)}, [log p(true rest | given) = {number(rest[0], 1)}]{{.data}} "
        f"nats, together {number(given[0] + rest[0], 1)}. Its own completions score "
        f"{number(rest[1:].mean(), 1)} on average."
    )


completion = Explorable(
    id="completion",
    title="Complete the digit",
    controls={
        "rows": slider(values=[0, 3, 5, 7, 9, 11], start=7, label="Rows given", role="data"),
        "digit": choice({name: f"a {name}" if name != "eight" else "an eight" for name in DIGITS}, label="Digit"),
        "model": choice(FAMILIES, start="nade", label="Model"),
        "seed": reseed(stops=3, label="Draw again"),
    },
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
