"""Compute what the lecture's figures show and keep it: ``python -m dgmlib.figures.deep_image_prior.record [PART …]``.

    tasks        three tasks on three pictures: loss, PSNR and pictures on the way
    levels       the first of the tasks with less noise, and with more; likewise
    ablation     denoising with fewer scales, and without skips
    impedance    the loss of fitting a picture, a noisy one, a shuffled one, and noise; three seeds
    comparison   the other methods on the same problems (needs ``scikit-image`` and ``bm3d``)

One thread; a quarter of an hour of one core. Each part is written to its own file beside this one.
"""

import sys
from collections.abc import Iterable
from itertools import islice

import numpy as np
import torch
from tqdm.auto import tqdm

from dgmlib.data.store import save
from dgmlib.figures.deep_image_prior import peers
from dgmlib.figures.deep_image_prior.recorded import (
    ABLATION_STEPS,
    DEPTHS,
    FOLDER,
    FRAMES,
    IMPEDANCE_STEPS,
    SEEDS,
    SHOWN,
    SKIPS,
    STEPS,
    TARGETS,
    pack,
)
from dgmlib.figures.deep_image_prior.targets import target
from dgmlib.figures.deep_image_prior.tasks import CORNERS, SIGMAS, TASKS, problem
from dgmlib.restoration.deep_image_prior import Fit, HeldOutStop, Step
from dgmlib.restoration.deep_image_prior.network import WIDTHS
from dgmlib.restoration.deep_image_prior.stopping import HOLD_OUT
from dgmlib.restoration.metrics import psnr

Arrays = dict[str, np.ndarray]


def main(parts: list[str]) -> None:
    """Record these parts, or all."""
    torch.set_num_threads(1)
    recipes = {
        "tasks": tasks,
        "levels": levels,
        "ablation": ablation,
        "impedance": impedance,
        "comparison": peers.comparison,
    }
    for part in parts or recipes:
        save(FOLDER / f"{part}.npz", recipes[part]())


def follow(task: str, picture: str, n_steps: int, **settings: object) -> tuple[list[Step], Arrays]:
    """Run for ``n_steps`` without stopping; the steps, and curves over them."""
    given, generator = problem(task, picture), torch.Generator().manual_seed(0)
    hold_out = HOLD_OUT if given.sigma else 0.0
    fit = Fit(given.y, given.operator, generator=generator, hold_out=hold_out, **settings)
    steps = list(tqdm(islice(fit, n_steps), total=n_steps, desc=f"{task} {picture} {settings}"))
    curves = {
        "loss": np.array([s.loss for s in steps], np.float16),
        "psnr": np.array([psnr(s.image, given.truth) for s in steps], np.float16),
        "average": np.array([psnr(s.average, given.truth) for s in steps], np.float16),
    }
    if given.sigma:
        curves["held out"] = np.array([s.held_out for s in steps], np.float32)
    return steps, curves


def tasks() -> Arrays:
    """The runs of each task."""
    return runs(TASKS)


def levels() -> Arrays:
    """The runs with other noise than the tasks have."""
    return runs(task for task in SIGMAS if task not in TASKS)


def runs(tasks: Iterable[str]) -> Arrays:
    """All runs of these tasks, as ``task/picture/name``."""
    kept = {}
    for task in tasks:
        for picture in CORNERS:
            kept |= {f"{task}/{picture}/{name}": values for name, values in run(task, picture).items()}
    return kept


def run(task: str, picture: str) -> Arrays:
    """Curves, and pictures: outputs and then averages on the way, where they are shown; last the one to compare."""
    steps, kept = follow(task, picture, STEPS[task])
    shown = [steps[n - 1] for n in FRAMES if n <= len(steps)] if picture in SHOWN else []
    frames = [s.image for s in shown] + [s.average for s in shown] + [chosen(steps).average]
    return kept | {"frames": pack(frames)}


def ablation() -> Arrays:
    """Denoise the cat with some of the scales, with and without skips: curves and the picture chosen."""
    kept = {}
    for depth in DEPTHS:
        for skip in SKIPS:
            steps, curves = follow("denoise", "cat", ABLATION_STEPS, widths=WIDTHS[:depth], n_skip=skip)
            kept |= {f"{depth}/{skip}/{name}": curve for name, curve in curves.items()}
            kept[f"{depth}/{skip}/frames"] = pack([chosen(steps).average])
    return kept


def impedance() -> Arrays:
    """The loss of each target and seed after each step, without noise on the input, and the targets."""
    kept = {}
    for name in TARGETS:
        losses = []
        for seed in SEEDS:
            generator = torch.Generator().manual_seed(seed)
            fit = Fit(target(name, seed), generator=generator, jitter=0.0)
            losses.append([s.loss for s in tqdm(islice(fit, IMPEDANCE_STEPS), desc=f"{name} {seed}")])
        kept[name] = np.array(losses, np.float16)
    return kept


def chosen(steps: list[Step]) -> Step:
    """The rule's best step when it stops; the last step where nothing was held out."""
    if steps[0].held_out is None:
        return steps[-1]
    stop = HeldOutStop()
    next((s for s in steps if stop(s)), None)
    return stop.best


if __name__ == "__main__":
    main(sys.argv[1:])
