"""Half-quadratic splitting: patches and picture pull at each other, and β says how hard."""

import math
from functools import cache
from typing import Any

import altair as alt
import numpy as np

from dgmlib.explorable import Explorable, choice, colour, slider
from dgmlib.figures.captions import number
from dgmlib.figures.patch_priors.pictures import noisy, square
from dgmlib.figures.patch_priors.recorded import read
from dgmlib.patches import extract
from dgmlib.restoration import Identity, epll_objective, epll_steps, psnr
from dgmlib.restoration.epll import SCHEDULE, restore_patches
from dgmlib.restoration.shipped import shipped_prior

SIGMA = 25 / 255
PER_BETA = 3
N_ROUNDS = PER_BETA * len(SCHEDULE)
SCHEDULES = {"loose": (1.0,), "stiff": (32.0,), "rising": SCHEDULE}
"""Name: the values of σ²β, each for as many rounds as make fifteen in all."""


def record() -> dict[str, Any]:
    """Per schedule and round, the 0th being the noisy picture: F in nats, patches' distance, PSNR."""
    return {"rounds": {name: _run(values) for name, values in SCHEDULES.items()}}


def _run(values: tuple[float, ...]) -> dict[str, list[float]]:
    x, prior = square("camera"), shipped_prior()
    y, a = noisy(x, SIGMA), Identity(x.shape)
    betas = [value / SIGMA**2 for value in values]
    steps = list(epll_steps(y, a, prior, sigma=SIGMA, betas=betas, n_inner=N_ROUNDS // len(betas)))
    images = [y, *(step.image for step in steps)]
    apart = []
    for image, step in zip(images[:-1], steps, strict=True):
        patches = restore_patches(extract(image.astype(np.float32)), prior, step.beta)
        apart.append(255 * math.sqrt(np.mean((extract(step.image) - patches) ** 2)))
    nats = [epll_objective(image, y, a, prior, sigma=SIGMA) for image in images]
    return {
        "F": [round(value) for value in nats],
        "apart": [round(value, 3) for value in apart],
        "psnr": [round(psnr(image, x), 3) for image in images],
    }


@cache
def rounds(schedule: str) -> dict[str, np.ndarray]:
    """What was recorded: F in nats and PSNR after rounds 0 … 15, distance in grey levels of 255 in rounds 1 … 15."""
    return {name: np.array(values) for name, values in read("splitting")["rounds"][schedule].items()}


def lowest() -> int:
    """The lowest F that any of the schedules met, in nats."""
    return min(int(rounds(name)["F"].min()) for name in SCHEDULES)


def beta(schedule: str, round: int) -> float:
    """σ²β in a round from 1 to 15."""
    values = SCHEDULES[schedule]
    return values[(round - 1) * len(values) // N_ROUNDS]


def _tables(schedule: str, round: int) -> dict:
    every, one = np.arange(1, N_ROUNDS + 1), rounds(schedule)
    above = {name: (rounds(name)["F"][1:] - lowest()) / 1000 for name in SCHEDULES}
    return {
        "others": {
            "schedule": np.repeat([name for name in SCHEDULES if name != schedule], N_ROUNDS),
            "round": np.tile(every, 2),
            "above": np.concatenate([above[name] for name in SCHEDULES if name != schedule]),
            "apart": np.concatenate([rounds(name)["apart"] for name in SCHEDULES if name != schedule]),
        },
        "names": {
            "round": [N_ROUNDS // 2 + 1] * len(SCHEDULES),
            "apart": [rounds(name)["apart"][N_ROUNDS // 2] for name in SCHEDULES],
            "label": list(SCHEDULES),
        },
        "one": {"round": every, "above": above[schedule], "apart": one["apart"]},
        "here": {"round": [round], "above": [above[schedule][round - 1]], "apart": [one["apart"][round - 1]]},
    }


def _chart() -> alt.ConcatChart:
    x = alt.X("round:Q", title="round", scale=alt.Scale(domain=[1, N_ROUNDS], nice=False)).axis(
        values=[1, 5, 10, 15], format="d"
    )
    panels, size = [], {"width": 270, "height": 190}
    nats = alt.Y("above:Q", title="thousand nats", scale=alt.Scale(domain=[0, 1200], nice=False))
    grey = alt.Y("apart:Q", title="grey levels", scale=alt.Scale(type="log", domain=[0.4, 30], nice=False))
    for y, title in (
        (nats.axis(values=[0, 500, 1000]), "EPLL objective, above the lowest"),
        (grey.axis(values=[1, 2, 5, 10, 20]), "Patches and picture apart"),
    ):
        others = alt.Chart(alt.NamedData("others")).mark_line(color=colour.NOISE, strokeDash=[4, 3], strokeWidth=1.3)
        one = alt.Chart(alt.NamedData("one")).mark_line(color=colour.MODEL)
        here = alt.Chart(alt.NamedData("here")).mark_point(filled=True, size=100, opacity=1, color=colour.GAP)
        layers = [others.encode(x=x, y=y, detail="schedule:N"), one.encode(x=x, y=y), here.encode(x=x, y=y)]
        panels.append(alt.layer(*layers, title=title).properties(**size))
    names = alt.Chart(alt.NamedData("names")).mark_text(dy=-9, color=colour.MUTED)
    panels[1] += names.encode(x=x, y=grey, text="label:N")
    return alt.concat(*panels, columns=2)


def _caption(schedule: str, round: int, t: dict) -> str:
    one = rounds(schedule)
    return (
        f"Round {round}, [β = {beta(schedule, round):g}/σ²]{{.model}}: the objective is "
        f"[{number(t['here']['above'][0], 1)} thousand nats above the lowest met]{{.gap}}, patches lie "
        f"{number(one['apart'][round - 1], 1)} grey levels from their picture, PSNR {one['psnr'][round]:.2f} dB. "
        f"Dashed: the other two schedules."
    )


half_quadratic = Explorable(
    id="half-quadratic",
    title="How hard should patches pull?",
    controls={
        "schedule": choice(
            {"loose": "loose, 1/σ²", "stiff": "stiff, 32/σ²", "rising": "rising, 1 to 32/σ²"}, start="rising", label="β"
        ),
        "round": slider(1, N_ROUNDS, step=1, start=6, label="Round", play=True, role="model"),
    },
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
