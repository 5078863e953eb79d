"""What it costs that one network answers for every x: the amortisation gap.

    log p(x) = ELBO(q*) + D(q* ‖ p(z | x))             q* the best Gaussian for this one x: the family's own gap
    ELBO(q*) = ELBO(q_φ(· | x)) + amortisation gap     the encoder's guess, made in one pass for all x alike

Source: C. Cremer, X. Li, D. Duvenaud, ICML 2018.
"""

import torch
from torch import Tensor

from dgmlib._arrays import check_counts
from dgmlib.latent.proposals import DiagonalGaussian
from dgmlib.latent.vae import VAE


@torch.enable_grad()  # also inside a caller's no_grad
def refine(
    vae: VAE,
    x: Tensor,
    *,
    start: DiagonalGaussian | None = None,
    n_steps: int = 200,
    n_samples: int = 16,
    learning_rate: float = 0.05,
    generator: torch.Generator | None = None,
) -> DiagonalGaussian:
    """Climb the ELBO over μ and log σ of every example on its own; the decoder stays as it is. -> (batch, n_latents).

    Adam from the encoder's answer, or from ``start``, with a learning rate that falls to zero, so that the noise of
    the ``n_samples`` draws per step averages out. Start near: far off, the first slopes are so steep that Adam's memory
    of them slows all later steps.
    """
    check_counts(n_steps=n_steps)
    with torch.no_grad():
        q = start or vae.encode(x)
    mu = q.mean.detach().clone().requires_grad_()
    log_sigma = q.std.detach().log().requires_grad_()
    optimizer = torch.optim.Adam([mu, log_sigma], lr=learning_rate, maximize=True)
    for step in range(n_steps):
        optimizer.param_groups[0]["lr"] = learning_rate * (1 - step / n_steps)
        guess = DiagonalGaussian(mu, log_sigma.exp())
        value = vae.elbo(x, q=guess, n_samples=n_samples, generator=generator).sum()
        mu.grad, log_sigma.grad = torch.autograd.grad(value, [mu, log_sigma])  # the decoder's are not even computed
        optimizer.step()
    return DiagonalGaussian(mu.detach(), log_sigma.detach().exp())


@torch.no_grad()
def amortisation_gap(
    vae: VAE, x: Tensor, refined: DiagonalGaussian, *, n_samples: int = 200, generator: torch.Generator | None = None
) -> Tensor:
    """ELBO(refined) − ELBO(encoder) in nats, (batch, n_dims) -> (batch,), each from ``n_samples`` draws."""
    best = vae.elbo(x, q=refined, n_samples=n_samples, generator=generator)
    return best - vae.elbo(x, n_samples=n_samples, generator=generator)
