"""Annealed importance sampling: many small steps of importance sampling in place of one leap from q to the posterior.

    f_β(z) = q(z)^{1−β} p(x, z)^β,   0 = β₀ < β₁ < … < β_T = 1
    log w  = Σ_t log f_{β_t}(z_t) − log f_{β_{t−1}}(z_t)

z₁ is drawn from q, and z_{t+1} from z_t by a move that leaves f_{β_t} unchanged. E[w] = p(x) whatever the moves, so the
estimate is as unbiased as importance sampling, and with slow annealing its weights are far more even: the strong
reference where no exact value exists. Source: R. Neal, Statistics and Computing 11 (2001); for decoders: Y. Wu,
Y. Burda, R. Salakhutdinov, R. Grosse, ICLR 2017, whose sigmoid schedule this is.
"""

import math
from itertools import pairwise

import torch
from torch import Tensor

from dgmlib._arrays import check_counts
from dgmlib.latent.base import LatentVariableModel, Proposal, check_draws
from dgmlib.latent.importance import ImportanceEstimate
from dgmlib.latent.transitions import LogDensity, Transition


def sigmoid_schedule(n_steps: int, *, steepness: float = 4.0) -> Tensor:
    """β₀ = 0 … β_T = 1 for T = ``n_steps``, closer together at both ends, where f changes fastest, -> (T + 1,)."""
    check_counts(n_steps=n_steps)
    if not 0 < steepness < math.inf:
        raise ValueError(f"steepness: got {steepness}, expected a finite number > 0; 0.01 is nearly even steps.")
    ramp = torch.linspace(-steepness, steepness, n_steps + 1, dtype=torch.float64).sigmoid()
    return (ramp - ramp[0]) / (ramp[-1] - ramp[0])


def annealed_importance_sampling(
    model: LatentVariableModel,
    x: Tensor,
    q: Proposal,
    n: int,
    n_steps: int,
    move: Transition,
    *,
    generator: torch.Generator | None = None,
) -> ImportanceEstimate:
    """Estimate log p(x) from n annealed chains per example, started at q; warns when it is not to be trusted.

    Costs about n · n_steps calls of ``move``. With n_steps = 1 it is importance sampling from q.
    """
    check_counts(n=n)
    betas = sigmoid_schedule(n_steps)
    with torch.no_grad():
        z = q.sample(n, generator=generator)
        check_draws(z, n, len(x), model.n_latents)
        z = z.expand(-1, len(x), -1)
        log_weights = torch.zeros_like(q.log_prob(z))
        for before, beta in pairwise(betas.to(log_weights.dtype)):  # not that of x, whose bits may be integers
            log_weights = log_weights + (beta - before) * (model.log_joint(x, z) - q.log_prob(z))
            if beta < 1:
                z = move(z, _between(model, x, q, beta), generator=generator)
    estimate = ImportanceEstimate(log_weights)
    estimate.warn()
    return estimate


def _between(model: LatentVariableModel, x: Tensor, q: Proposal, beta: Tensor) -> LogDensity:
    """z ↦ log f_β(z)."""
    return lambda z: (1 - beta) * q.log_prob(z) + beta * model.log_joint(x, z)
