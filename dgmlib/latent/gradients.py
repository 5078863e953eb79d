"""Two ways to differentiate E_q [f(z)], f = log p(x, z) − log q(z), in the parameters of q itself.

    score function       E_q [(f(z) − b) ∇ log q(z)]            needs values of f alone
    reparameterised      E_ε [∇ f(μ + σ ε)],  ε ~ N(0, I)       needs the slope of f, and a z that follows μ and σ

Both are unbiased for the same gradient. The first only learns how good each z was; the second also learns in which
direction it would have been better. The baseline b is the mean of f over the other draws. Sources: R. Williams,
Machine Learning 8, 1992; D. P. Kingma, M. Welling, ICLR 2014; baseline: A. Mnih, D. J. Rezende, ICML 2016.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from dgmlib._arrays import check_counts
from dgmlib.latent.base import LatentVariableModel, Proposal, check_draws
from dgmlib.latent.importance import weigh
from dgmlib.latent.proposals import DiagonalGaussian

Estimator = Callable[..., Tensor]
"""(model, x, q, n, *, generator) -> estimates of the ELBO, (batch,), whose gradient is an estimate of its gradient."""


def reparameterised_elbo(
    model: LatentVariableModel, x: Tensor, q: Proposal, n: int = 1, *, generator: torch.Generator | None = None
) -> Tensor:
    """The ELBO in nats from n draws per example, (batch, n_dims) -> (batch,); gradients go through the draws."""
    check_counts(n=n)
    z = q.sample(n, generator=generator)
    if not z.requires_grad and q.log_prob(z).requires_grad:
        raise ValueError(
            f"q: got draws of {type(q).__name__} that pass no gradient on to its parameters, expected reparameterised "
            f"ones as a Gaussian's are; use score_function_elbo."
        )
    return weigh(model, x, q, z).mean(0)


def score_function_elbo(
    model: LatentVariableModel,
    x: Tensor,
    q: Proposal,
    n: int = 1,
    *,
    baseline: bool = False,
    generator: torch.Generator | None = None,
) -> Tensor:
    """The same number, (batch,), with the score-function gradient in q and the plain one in the model's parameters.

    baseline: subtract from each draw's value the mean of the others', which changes no expectation; needs n ≥ 2.
    """
    check_counts(n=n)
    if baseline and n < 2:
        raise ValueError(f"n: got {n} with baseline=True, expected n ≥ 2 draws; one has no others to be compared with.")
    z = q.sample(n, generator=generator).detach()
    check_draws(z, n, len(x), model.n_latents)
    log_q = q.log_prob(z)
    value = model.log_joint(x, z) - log_q.detach()  # (n, batch)
    reward = value.detach()
    if baseline:
        reward = (reward - reward.mean(0)) * n / (n - 1)
    score = reward * (log_q - log_q.detach())  # zero, but its gradient is not
    return (value + score).mean(0)


def gradient_draws(
    estimator: Estimator,
    model: LatentVariableModel,
    x: Tensor,
    q: DiagonalGaussian,
    n_draws: int,
    n: int = 1,
    *,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Independent estimates of the ELBO's gradient in (μ, log σ) of q for one example, -> (n_draws, 2·n_latents).

    x and q hold that example alone, (1, n_dims) and (1, n_latents); each estimate uses n draws of z.
    """
    if len(x) != 1 or len(q.mean) != 1:
        raise ValueError(f"x, q: got {len(x)} and {len(q.mean)} examples, expected one; call it once per example.")
    mu = q.mean.detach().expand(n_draws, -1).clone().requires_grad_()
    log_sigma = q.std.detach().log().expand(n_draws, -1).clone().requires_grad_()
    copies = DiagonalGaussian(mu, log_sigma.exp())
    total = estimator(model, x.expand(n_draws, -1), copies, n, generator=generator).sum()
    return torch.cat(torch.autograd.grad(total, [mu, log_sigma]), 1)
