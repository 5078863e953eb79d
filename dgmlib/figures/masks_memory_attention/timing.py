"""What longer rows cost: a training step and a sample, for three ways of using the past."""

import time
from collections.abc import Callable
from typing import Any

import altair as alt
import torch

from dgmlib.autoregressive import MADE, AttentionModel, AutoregressiveModel, RecurrentModel
from dgmlib.explorable import Explorable, colour, slider
from dgmlib.figures.masks_memory_attention import recorded

LENGTHS = (16, 64, 256, 1024)
ROWS, ROUNDS = 8, 5
MODELS: dict[str, Callable[[int, torch.Generator], AutoregressiveModel]] = {
    "masked": lambda n, g: MADE(n, [64], generator=g),
    "attention": lambda n, g: AttentionModel(n, 32, 4, 1, generator=g),
    "recurrent": lambda n, g: RecurrentModel(n, 64, generator=g),
}
"""MADE with 64 hidden units, attention with 32 channels in 4 heads, a recurrent state of 64 numbers."""
TASKS = {"train": "a training step", "sample": "sampling"}


def record() -> dict[str, Any]:
    """Processor seconds of one core, best of a few rounds, for 8 rows: other work can only add to them."""
    rows = []
    for n in LENGTHS:
        for name, build in MODELS.items():
            generator = torch.Generator().manual_seed(0)
            model = build(n, generator)
            x = (torch.rand(ROWS, n, generator=generator) < 0.5).float()
            tasks = {"train": lambda m=model, x=x: _step(m, x), "sample": lambda m=model, g=generator: _sample(m, g)}
            best = {task: min(_seconds(act) for _ in range(ROUNDS + 1)) for task, act in tasks.items()}
            rows.append({"model": name, "n": n, "parameters": model.num_parameters, **best})
    return {"settings": {"rows at once": ROWS, "rounds": ROUNDS, "threads": torch.get_num_threads()}, "rows": rows}


def _step(model: AutoregressiveModel, x: torch.Tensor) -> None:
    model.zero_grad()
    model.log_prob(x).sum().backward()


def _sample(model: AutoregressiveModel, generator: torch.Generator) -> None:
    model.sample(ROWS, generator=generator)


def _seconds(act: Callable[[], None]) -> float:
    start = time.process_time()
    act()
    return round(time.process_time() - start, 6)


def times(task: str) -> dict[tuple[str, int], float]:
    """Recorded seconds of "train" or "sample" by model and n."""
    return {(row["model"], row["n"]): row[task] for row in recorded.read("times")["rows"]}


# -- The figure --------------------------------------------------------------------------------------------------------

_DASHES = {"masked": [1, 0], "attention": [6, 3], "recurrent": [2, 3]}


def _tables(n: int) -> dict:
    rows = recorded.read("times")["rows"]
    last = [row for row in rows if row["n"] == LENGTHS[-1]]
    return {
        "times": {
            "model": [row["model"] for row in rows],
            "n": [row["n"] for row in rows],
            **{task: [1000 * row[task] for row in rows] for task in TASKS},
        },
        "names": {
            "model": [row["model"] for row in last],
            "n": [row["n"] for row in last],
            **{task: [1000 * row[task] for row in last] for task in TASKS},
        },
        "now": {"n": [n]},
    }


def _chart() -> alt.ConcatChart:
    x = alt.X(
        "n:Q",
        title="length of a row, n",
        scale=alt.Scale(type="log", base=2, domain=[12, 6500], nice=False),
        axis=alt.Axis(values=list(LENGTHS), format="d", grid=False),
    )
    dash = alt.StrokeDash("model:N", scale=alt.Scale(domain=list(_DASHES), range=list(_DASHES.values())), legend=None)
    panels = []
    for task, text in TASKS.items():
        y = alt.Y(
            f"{task}:Q",
            title="milliseconds",
            scale=alt.Scale(type="log", domain=[0.1, 10_000], nice=False),
            axis=alt.Axis(values=[0.1, 1, 10, 100, 1000, 10_000], format=",~f"),
        )
        lines = alt.Chart(alt.NamedData("times")).mark_line(color=colour.MODEL, point={"color": colour.MODEL})
        names = alt.Chart(alt.NamedData("names")).mark_text(align="left", dx=7)
        now = alt.Chart(alt.NamedData("now")).mark_rule(color=colour.MUTED, strokeDash=[2, 3])
        layers = (now.encode(x=x), lines.encode(x=x, y=y, strokeDash=dash), names.encode(x=x, y=y, text="model:N"))
        panels.append(alt.layer(*layers, title=text.capitalize()).properties(width=280, height=230))
    return alt.concat(*panels, columns=2)


def _caption(n: int, t: dict) -> str:
    train, sample = times("train"), times("sample")
    step = ", ".join(f"{name} {_milliseconds(train[name, n])}" for name in MODELS)
    draw = ", ".join(f"{name} {_milliseconds(sample[name, n])}" for name in MODELS)
    return f"{ROWS} rows of {n} bits. A training step: [{step}]{{.model}}. Sampling: [{draw}]{{.model}}."


def _milliseconds(seconds: float) -> str:
    value = 1000 * seconds
    return f"{value:,.0f} ms" if value >= 10 else f"{value:.1f} ms"


time_against_length = Explorable(
    id="time-against-length",
    title="What longer rows cost",
    controls={"n": slider(values=LENGTHS, start=256, label="Length n", measured=True)},
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
