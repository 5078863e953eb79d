"""A task that needs a memory: bits are drawn, and must then be said again in the same order.

    x_1, …, x_k fair coins,   x_{k+1}, …, x_2k the same again

The best model pays k bits for the coins and nothing for the copy. What it pays above k bits is what it forgot.
"""

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import altair as alt
import numpy as np
import torch
from torch import Tensor

from dgmlib.autoregressive import MADE, AttentionModel, AutoregressiveModel, RecurrentModel
from dgmlib.explorable import Explorable, choice, colour, slider
from dgmlib.figures.captions import number
from dgmlib.figures.masks_memory_attention import recorded

LENGTHS = (2, 4, 8, 12, 16, 24)
"""Bits to be remembered, k; a row has 2k."""
SHOWN = 12
"""The k whose attention weights are shown."""
STARTS = 3
STEPS, BATCH, TEST = 600, 100, 2000
SMALL = 8
MODELS = {
    "attention": "attention",
    "masked": "MADE, as many parameters",
    "recurrent": "recurrent, as many parameters",
    "small": f"recurrent, {SMALL} numbers of state",
}
RATES = {"attention": 0.005, "masked": 0.01, "recurrent": 0.01, "small": 0.01}
_NAMES_AT = {"attention": 0.9, "MADE": 2.8, "recurrent": 22.9, "recurrent, 8": 24.8}  # beside the ends of the curves


def copies(m: int, k: int, *, generator: torch.Generator) -> Tensor:
    """m rows of k random bits, said twice, -> (m, 2k)."""
    bits = (torch.rand(m, k, generator=generator) < 0.5).float()
    return torch.cat([bits, bits], 1)


def build(name: str, k: int, generator: torch.Generator) -> AutoregressiveModel:
    """One of ``MODELS`` for rows of 2k bits; two of them get the width whose parameters come closest to attention's."""
    n, attention = 2 * k, AttentionModel(2 * k, 16, 1, 1, generator=generator)
    if name == "attention":
        return attention
    if name == "masked":
        return MADE(n, [round((attention.num_parameters - n) / (2 * n + 1))], generator=generator)
    width = SMALL if name == "small" else round((math.sqrt(25 + 3 * (attention.num_parameters - 1)) - 5) / 3)
    return RecurrentModel(n, width, generator=generator)


def train(model: AutoregressiveModel, k: int, *, rate: float, steps: int = STEPS, generator: torch.Generator) -> None:
    """Adam on fresh rows at every step, so that nothing can be learned by heart; the rate falls linearly to zero."""
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / steps)
    for _ in range(steps):
        loss = -model.log_prob(copies(BATCH, k, generator=generator)).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()


@torch.no_grad()
def bits_per_position(model: AutoregressiveModel, x: Tensor) -> Tensor:
    """Mean cost of every position in bits, (m, n) -> (n,)."""
    return -model.family.log_prob(model.conditionals(x), x).mean(0) / math.log(2)


def measure(
    lengths: tuple[int, ...] = LENGTHS, starts: int = STARTS, steps: int = STEPS, keep: Callable | None = None
) -> dict[str, Any]:
    """Train every model for every k from several starts, and keep the cost of each position of the best start.

    ``keep(name, k, model)`` is handed the best model.
    """
    rows = []
    for k in lengths:
        x = copies(TEST, k, generator=torch.Generator().manual_seed(1000 + k))
        for name in MODELS:
            runs = []
            for seed in range(starts):
                generator = torch.Generator().manual_seed(seed)
                model = build(name, k, generator)
                train(model, k, rate=RATES[name], steps=steps, generator=generator)
                runs.append((bits_per_position(model, x), model))
            runs.sort(key=lambda run: float(run[0].sum()))
            if keep is not None:
                keep(name, k, runs[0][1])
            rows.append(_row(name, k, runs))
    settings = {
        "steps": steps,
        "batch": BATCH,
        "test rows": TEST,
        "starts": starts,
        "rates": RATES,
        "optimizer": "Adam",
    }
    return {"settings": settings, "rows": rows}


def _row(name: str, k: int, runs: list[tuple[Tensor, AutoregressiveModel]]) -> dict[str, Any]:
    return {
        "model": name,
        "k": k,
        "parameters": runs[0][1].num_parameters,
        "forgotten": [round(float(bits.sum()) - k, 4) for bits, _ in runs],
        "bits": [round(float(bit), 4) for bit in runs[0][0]],
    }


def record() -> dict[str, Any]:
    """Everything of ``measure``, and the weights of the attention model for k = ``SHOWN``."""

    def keep(name: str, k: int, model: AutoregressiveModel) -> None:
        if (name, k) == ("attention", SHOWN):
            recorded.keep_weights("copying", model)

    return measure(keep=keep)


@cache
def results() -> dict[tuple[str, int], dict[str, Any]]:
    """The recorded rows by model and k."""
    return {(row["model"], row["k"]): row for row in recorded.read("copying")["rows"]}


def forgotten(name: str, k: int) -> float:
    """Bits that the best start of a model forgot, out of k."""
    return max(0.0, results()[name, k]["forgotten"][0])


# -- The figure --------------------------------------------------------------------------------------------------------


def _tables(model: str, k: int) -> dict:
    bits = np.array(results()[model, k]["bits"])
    position = np.arange(1, 2 * k + 1)
    curves = [(name, length, forgotten(name, length)) for name in MODELS for length in LENGTHS]
    names, lengths, lost = zip(*curves, strict=True)
    return {
        "cost": {
            "position": position,
            "bits": np.minimum(bits, 1.2),
            "part": ["first time"] * k + ["second time"] * k,
            "low": position - 0.4,
            "high": position + 0.4,
        },
        "curves": {"model": names, "k": lengths, "forgotten": lost},
        "chosen": {"k": LENGTHS, "forgotten": [forgotten(model, length) for length in LENGTHS]},
        "ends": {"k": [LENGTHS[-1]] * len(MODELS), "at": list(_NAMES_AT.values()), "label": list(_NAMES_AT)},
        "all": {"k": [0, LENGTHS[-1]], "forgotten": [0, LENGTHS[-1]]},
        "now": {"k": [k], "forgotten": [forgotten(model, k)]},
    }


def _chart() -> alt.ConcatChart:
    parts = alt.Scale(domain=["first time", "second time"], range=[colour.DATA_SOFT, colour.GAP])
    cost = (
        alt.Chart(alt.NamedData("cost"))
        .mark_rect(stroke=colour.DATA, strokeWidth=0.5)
        .encode(
            x=alt.X("low:Q", title="position", scale=alt.Scale(domain=[0, 2 * LENGTHS[-1] + 1], nice=False)),
            x2="high:Q",
            y=alt.Y("bits:Q", title="bits", scale=alt.Scale(domain=[0, 1.2]), axis=alt.Axis(values=[0, 0.5, 1])),
            y2=alt.datum(0),
            color=alt.Color("part:N", title=None, scale=parts),
        )
    )
    left = cost.properties(width=300, height=230, title="What each position costs")

    x = alt.X("k:Q", title="bits to remember, k", scale=alt.Scale(domain=[0, 31], nice=False), axis=_ticks())
    y = alt.Y("forgotten:Q", title="bits forgotten", scale=alt.Scale(domain=[0, 26], nice=False))
    every = alt.Chart(alt.NamedData("all")).mark_line(color=colour.NOISE, strokeDash=[4, 4]).encode(x=x, y=y)
    curves = (
        alt.Chart(alt.NamedData("curves"))
        .mark_line(color=colour.MODEL, strokeWidth=1.25)
        .encode(
            x=x,
            y=y,
            detail="model:N",
        )
    )
    chosen = alt.Chart(alt.NamedData("chosen")).mark_line(color=colour.MODEL, strokeWidth=3.5).encode(x=x, y=y)
    ends = alt.Chart(alt.NamedData("ends")).mark_text(align="left", dx=6)
    ends = ends.encode(x=x, y=alt.Y("at:Q"), text="label:N")
    now = alt.Chart(alt.NamedData("now")).mark_point(size=90, opacity=1, color=colour.GAP).encode(x=x, y=y)
    right = alt.layer(every, curves, chosen, ends, now, title="Forgotten; dashed: everything")
    return alt.concat(left, right.properties(width=270, height=230), columns=2)


def _ticks() -> alt.Axis:
    return alt.Axis(values=[0, 4, 8, 12, 16, 24])


def _caption(model: str, k: int, t: dict) -> str:
    row, name = results()[model, k], MODELS[model]
    return (
        f"[{name[0].upper() + name[1:]}]{{.model}}, {row['parameters']:,} parameters, k = {k}: "
        f"[{number(forgotten(model, k))} of {k} bits forgotten]{{.gap}}. The first time every bit is a "
        f"[coin and costs 1]{{.data}}; the second time it costs nothing to who remembers it."
    )


memory_task = Explorable(
    id="memory-task",
    title="Say it again",
    controls={
        "model": choice(MODELS, start="recurrent", label="Model"),
        "k": slider(values=LENGTHS, start=12, label="Bits to remember k", play=True, role="data", measured=True),
    },
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
