"""One prior, one algorithm, four kinds of damage: only the operator A changes."""

from functools import cache

import altair as alt
import numpy as np

from dgmlib.explorable import Explorable, choice, slider
from dgmlib.figures.captions import number
from dgmlib.figures.patch_priors.pictures import noisy, panel, square, url
from dgmlib.figures.patch_priors.recorded import SIDE, read, squares
from dgmlib.restoration import (
    Blur,
    Downsample,
    Identity,
    LinearOperator,
    Mask,
    epll_steps,
    gaussian_kernel,
    psnr,
)
from dgmlib.restoration.epll import first_picture
from dgmlib.restoration.shipped import shipped_prior

SHOWN = ("camera", "cat")
TASKS = {"denoise": 25, "deblur": 2, "fill in": 5, "enlarge": 2}
"""Task, and σ of the noise in grey levels of 255."""
N_BETAS, KNOWN, WIDTH = 5, 0.35, 1.5


@cache
def operator(task: str) -> LinearOperator:
    """A: nothing; a Gaussian blur of 1.5 pixels; 65 % of the pixels lost; 2×2 pixels become one."""
    shape = (SIDE, SIDE)
    known = np.random.default_rng(3).random(shape) < KNOWN
    return {
        "denoise": Identity(shape),
        "deblur": Blur(shape, gaussian_kernel(WIDTH)),
        "fill in": Mask(known),
        "enlarge": Downsample(shape, 2),
    }[task]


@cache
def observed(task: str, name: str) -> np.ndarray:
    """y = A x + noise."""
    return noisy(operator(task)(square(name)), TASKS[task] / 255, seed=1)


def record() -> np.ndarray:
    """One row per task and picture: where it starts, and the picture after each β, (8, 6, 96, 96)."""
    rows = []
    for task, sigma in TASKS.items():
        for name in SHOWN:
            y, a = observed(task, name), operator(task)
            steps = list(epll_steps(y, a, shipped_prior(), sigma=sigma / 255))
            last_of_beta = steps[len(steps) // N_BETAS - 1 :: len(steps) // N_BETAS]
            rows.append([first_picture(y, a, sigma / 255), *(step.image for step in last_of_beta)])
    return np.array(rows)


def stages(task: str, name: str) -> np.ndarray:
    """The recorded pictures, (6, 96, 96) in [0, 1]."""
    return squares("tasks")[list(TASKS).index(task) * len(SHOWN) + SHOWN.index(name)] / 255


def _tables(task: str, picture: str, stage: int) -> dict:
    y = observed(task, picture).clip(0, 1)
    return {
        "observed": url(np.kron(y, np.ones((SIDE // len(y), SIDE // len(y))))),
        "restored": url(stages(task, picture)[stage]),
        "truth": url(square(picture)),
    }


def _chart() -> alt.ConcatChart:
    return alt.concat(
        panel("observed", "Observed, y", 270),
        panel("restored", "Restored, x", 270),
        panel("truth", "Truth", 270),
        columns=3,
    )


SAYS = {
    "denoise": "A = I, noise of σ = 25",
    "deblur": "A blurs by 1.5 pixels, noise of σ = 2",
    "fill in": "A keeps 35 % of the pixels, noise of σ = 5",
    "enlarge": "A averages squares of 2×2 pixels, noise of σ = 2",
}


def _caption(task: str, picture: str, stage: int, t: dict) -> str:
    start, now = (psnr(stages(task, picture)[i], square(picture)) for i in (0, stage))
    if stage == 0:
        return f"[{SAYS[task]}]{{.noise}}. The start, before any prior: [{now:.2f} dB]{{.model}}."
    return (
        f"[{SAYS[task]}]{{.noise}}. After {stage} of {N_BETAS} values of β: [{now:.2f} dB]{{.model}}, "
        f"{number(now - start)} dB above the start. Prior: {read('tasks')['components']} Gaussians for every task."
    )


epll_tasks = Explorable(
    id="epll-tasks",
    title="The same prior mends other damage",
    controls={
        "task": choice(list(TASKS), start="deblur", label="Task"),
        "picture": choice(list(SHOWN), start="camera", label="Picture"),
        "stage": slider(0, N_BETAS, step=1, start=5, label="Values of β done", play=True, role="model"),
    },
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
