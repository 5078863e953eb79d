"""Importance sampling: p(x) as an average over guesses z ~ q, each weighted by how much more p wanted it than q.

    p(x) = E_{z∼q} [w(z)],   w(z) = p(x, z) / q(z)        p̂ = 1/n Σᵢ w(zᵢ)

p̂ is unbiased for every q that is positive where p(x, z) is. Its variance depends on q, and is zero for q = p(z | x),
where every weight is p(x). Uniform Monte Carlo is the case of a q that knows nothing. Weights are kept as logarithms.
Source: H. Kahn and A. Marshall, Operations Research 1 (1953); A. Owen, "Monte Carlo theory, methods and examples",
chapter 9.
"""

import math
import warnings
from dataclasses import dataclass

import torch
from torch import Tensor

from dgmlib._arrays import check_counts
from dgmlib.latent.base import LatentVariableModel, Proposal, check_draws
from dgmlib.latent.pareto import MIN_SAMPLES, largest_trusted_k, pareto_k
from dgmlib.latent.proposals import Bits
from dgmlib.monte_carlo import effective_sample_size, log_mean_exp


class UntrustedEstimateWarning(UserWarning):
    """The weights have so heavy a tail that neither their mean nor its standard error means much."""


@dataclass(frozen=True)
class ImportanceEstimate:
    """What n weights per example say about log p(x), and how far to believe it; ``log_weights`` is (n, batch)."""

    log_weights: Tensor

    @property
    def log_prob(self) -> Tensor:
        """log p̂(x) in nats, (batch,). p̂ is unbiased; its logarithm is too small on average, by half its variance."""
        return log_mean_exp(self.log_weights)

    @property
    def standard_error(self) -> Tensor:
        """Standard error of log p̂ in nats, (batch,): that of p̂ divided by p̂, √((n/ESS − 1)/(n − 1))."""
        n = len(self.log_weights)
        if n < 2:
            return torch.full_like(self.log_weights[0], math.inf)
        return ((n / self.effective_sample_size - 1).clamp_min(0) / (n - 1)).sqrt()

    @property
    def effective_sample_size(self) -> Tensor:
        """(Σw)² / Σw², (batch,): how many samples of the posterior the weighted ones are worth."""
        return effective_sample_size(self.log_weights)

    @property
    def pareto_k(self) -> Tensor:
        """Tail index k̂ of the weights, (batch,)."""
        return pareto_k(self.log_weights)

    @property
    def trusted(self) -> Tensor:
        """Whether k̂ is small enough for this many weights, (batch,); never for fewer than 25."""
        return self.pareto_k <= largest_trusted_k(len(self.log_weights))

    def warn(self) -> None:
        """Warn with ``UntrustedEstimateWarning`` if any estimate is not to be trusted."""
        doubtful = ~self.trusted
        if bool(doubtful.any()):
            count = f"{int(doubtful.sum())} of {doubtful.numel()} estimates"
            warnings.warn(f"{count}: {self._doubt()}", UntrustedEstimateWarning, stacklevel=3)

    def _doubt(self) -> str:
        """Why they are not to be trusted, and what would help."""
        n = len(self.log_weights)
        if n < MIN_SAMPLES:
            return f"{n} weights are too few to tell how heavy their tail is. Draw at least {MIN_SAMPLES} samples."
        return (
            f"Pareto k̂ up to {self.pareto_k.max():.2f}, but {n} weights can be trusted only below "
            f"{largest_trusted_k(n):.2f}. Use a proposal closer to the posterior, or one that is wider; more samples "
            f"help little."
        )


def log_weights(
    model: LatentVariableModel, x: Tensor, q: Proposal, n: int, *, generator: torch.Generator | None = None
) -> Tensor:
    """log p(x, zᵢ) − log q(zᵢ) in nats for n draws zᵢ ~ q per example, (batch, n_dims) -> (n, batch).

    Differentiable, and where q's samples are reparameterised, through them as well. A q that is a batch of one shares
    its draws between the examples.
    """
    check_counts(n=n)
    return weigh(model, x, q, q.sample(n, generator=generator))


def weigh(model: LatentVariableModel, x: Tensor, q: Proposal, z: Tensor) -> Tensor:
    """log p(x, zᵢ) − log q(zᵢ) in nats of given draws zᵢ, (batch, n_dims), (n, batch or 1, n_latents) -> (n, batch)."""
    if x.ndim != 2:
        raise ValueError(f"x: got shape {tuple(x.shape)}, expected (batch, n_dims); add an axis to a single example.")
    check_draws(z, len(z), len(x), model.n_latents)
    return model.log_joint(x, z) - q.log_prob(z)


def importance_sampling(
    model: LatentVariableModel, x: Tensor, q: Proposal, n: int, *, generator: torch.Generator | None = None
) -> ImportanceEstimate:
    """Estimate log p(x) from n draws of q per example; warns when the estimate is not to be trusted."""
    with torch.no_grad():
        estimate = ImportanceEstimate(log_weights(model, x, q, n, generator=generator))
    estimate.warn()
    return estimate


def uniform_monte_carlo(
    model: LatentVariableModel, x: Tensor, n: int, *, generator: torch.Generator | None = None
) -> ImportanceEstimate:
    """Estimate log p(x) = log |Z| · mean p(x, z) from n of the |Z| = 2^n_latents settings of binary latents.

    Importance sampling with the uniform q(z) = 1/|Z|; all examples share the draws. Warns as that does.
    """
    with torch.no_grad():
        # In the model's type, not that of x: bits may be integers, and log q is not one.
        q = Bits.uniform(model.n_latents, dtype=model.prior.sample(0).dtype)
        estimate = ImportanceEstimate(log_weights(model, x, q, n, generator=generator))
    estimate.warn()
    return estimate


@torch.no_grad()
def importance_log_prob(
    model: LatentVariableModel,
    x: Tensor,
    q: Proposal,
    n: int = 5000,
    *,
    chunk: int = 100,
    generator: torch.Generator | None = None,
) -> Tensor:
    """log p̂(x) in nats from n draws of q per example, (batch, n_dims) -> (batch,), ``chunk`` draws in memory at a time.

    The usual test score of a model with latent variables (n = 5,000). It keeps no weights, so it cannot warn:
    ``importance_sampling`` does.
    """
    check_counts(n=n, chunk=chunk)
    sums = []
    for start in range(0, n, chunk):
        sums.append(log_weights(model, x, q, min(chunk, n - start), generator=generator).logsumexp(0))
    return torch.stack(sums).logsumexp(0) - math.log(n)
