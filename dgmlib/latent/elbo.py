"""Bounds below log p(x), as averages one can differentiate.

    ELBO(q)   = E_q [log p(x, z) − log q(z)] = E_q log p(x, z) + H(q) = log p(x) − D(q ‖ p(z | x))
    IWAE_k(q) = E log 1/k Σᵢ p(x, zᵢ)/q(zᵢ),    z₁ … z_k ~ q

The entropy is added. Both bounds are Jensen's inequality: the logarithm is concave, so the logarithm of a mean is at
least the mean of logarithms, with equality if and only if p(x, z)/q(z) does not depend on z, that is for q = p(z | x).
IWAE_1 is the ELBO, and IWAE_k rises with k towards log p(x). Source: M. Jordan et al., Machine Learning 37 (1999);
Y. Burda, R. Grosse, R. Salakhutdinov, ICLR 2016.
"""

import torch
from torch import Tensor

from dgmlib._arrays import check_counts
from dgmlib.latent.base import LatentVariableModel, Proposal
from dgmlib.latent.importance import log_weights
from dgmlib.monte_carlo import log_mean_exp


def elbo(
    model: LatentVariableModel, x: Tensor, q: Proposal, n: int = 1, *, generator: torch.Generator | None = None
) -> Tensor:
    """Estimate the ELBO in nats by the mean of n log-weights per example, (batch, n_dims) -> (batch,).

    Unbiased, and differentiable through reparameterised samples. Without variance at the exact posterior.
    """
    return log_weights(model, x, q, n, generator=generator).mean(0)


def iwae_bound(
    model: LatentVariableModel,
    x: Tensor,
    q: Proposal,
    k: int,
    n: int = 1,
    *,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Estimate the k-sample bound in nats, (batch, n_dims) -> (batch,), by the mean over n groups of k samples.

    Unbiased for the bound (not for log p), and differentiable through reparameterised samples.
    """
    check_counts(k=k, n=n)
    weights = log_weights(model, x, q, k * n, generator=generator)
    return log_mean_exp(weights.view(k, n, len(x))).mean(0)
