"""The whole of it in one call.

    θ* = argmin_θ E(f_θ(z)), left early,        x* = f_θ*(z), averaged over steps

Noise is what must not be fitted, so a noisy picture is fitted with pixels held out and the fit is stopped by them.
Where there is no noise to fit, as in filling in or enlarging, all pixels are fitted for a fixed number of steps.
"""

from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import torch
from tqdm.auto import tqdm

from dgmlib.restoration.deep_image_prior.fitting import Fit
from dgmlib.restoration.deep_image_prior.stopping import HOLD_OUT, PATIENCE, HeldOutStop
from dgmlib.restoration.metrics import psnr
from dgmlib.restoration.operators import LinearOperator

N_STEPS = 1500


class Restored(NamedTuple):
    """The picture, the step it is from, and what was measured on the way: the losses of all steps taken."""

    image: np.ndarray
    number: int
    losses: np.ndarray


def deep_image_prior(
    y: np.ndarray,
    operator: LinearOperator | None = None,
    *,
    generator: torch.Generator,
    noisy: bool = True,
    n_steps: int = N_STEPS,
    patience: int = PATIENCE,
    truth: np.ndarray | None = None,
    progress: bool = False,
    **settings: Any,
) -> Restored:
    """Restore ``y`` = A x (+ noise if ``noisy``): the average when held-out pixels say so, else after ``n_steps``.

    generator: see ``Fit``, which also explains ``settings``. n_steps: at most so many. patience: of the stopping rule.
    truth: shows the running PSNR in the progress bar; it has no other influence.
    """
    if n_steps < 1:
        raise ValueError(f"n_steps: got {n_steps}, expected an integer ≥ 1.")
    fit = Fit(y, operator, generator=generator, hold_out=HOLD_OUT if noisy else 0.0, **settings)
    stop, losses = HeldOutStop(patience) if noisy else None, []
    with tqdm(total=n_steps, desc="deep image prior", unit="step", disable=not progress) as bar:
        for step in islice(fit, n_steps):
            losses.append(step.loss)
            if truth is not None:
                bar.set_postfix(PSNR=f"{psnr(step.average, truth):.2f} dB")
            bar.update()
            if stop is not None and stop(step):
                break
    best = step if stop is None else stop.best
    return Restored(best.average, best.number, np.array(losses))
