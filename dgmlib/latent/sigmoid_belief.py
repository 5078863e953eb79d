"""Sigmoid belief network with one hidden layer: n causes that are on or off, and pixels that react to them.

    z_j ~ Bernoulli(σ(a_j))        x_i | z ~ Bernoulli(σ(b_i + Σ_j w_ij z_j))

The joint is easy. The marginal is a sum of 2ⁿ terms, and the causes, independent at first, depend on each other given
x: each can explain what another then need not. Source: R. Neal, Artificial Intelligence 56 (1992).
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dgmlib._arrays import check_counts
from dgmlib.latent.base import check_latents
from dgmlib.latent.enumeration import exact_log_prob
from dgmlib.latent.proposals import Bits


class SigmoidBeliefNet(nn.Module):
    """Binary data from ``n_latents`` binary causes: n_latents + n_dims + n_dims · n_latents parameters."""

    def __init__(self, n_dims: int, n_latents: int, *, generator: torch.Generator | None = None) -> None:
        super().__init__()
        check_counts(n_dims=n_dims, n_latents=n_latents)
        self.n_dims, self.n_latents = n_dims, n_latents
        self.prior_logits = nn.Parameter(torch.zeros(n_latents))
        self.bias = nn.Parameter(torch.zeros(n_dims))
        # Equal causes would stay equal for ever: the gradient cannot tell them apart.
        self.weight = nn.Parameter(0.1 * torch.randn(n_dims, n_latents, generator=generator))

    @property
    def prior(self) -> Bits:
        """p(z), a batch of one."""
        return Bits(self.prior_logits[None])

    def logits(self, z: Tensor) -> Tensor:
        """Logits of the pixels given their causes, (…, n_latents) -> (…, n_dims)."""
        return self.bias + z @ self.weight.T

    def log_joint(self, x: Tensor, z: Tensor) -> Tensor:
        """log p(z) + Σ_i log p(x_i | z) in nats, (batch, n_dims), (…, batch, n_latents) -> (…, batch)."""
        x, z = self._checked(x), z.to(self.bias.dtype)
        check_latents(z, self.n_latents)
        # Σ_i x_i l_i − log(1 + e^{l_i}). The sum of x_i l_i is x·b + z·(Wᵀx), and the rest does not know x: settings z
        # that are shared by a batch of examples are put through the network once, not once per example.
        agreement = x @ self.bias + torch.einsum("...bj,bj->...b", z, x @ self.weight)
        return self.prior.log_prob(z) + agreement - F.softplus(self.logits(z)).sum(-1)

    def log_prob(self, x: Tensor) -> Tensor:
        """log p(x) in nats by summing over all 2^n_latents causes, (batch, n_dims) -> (batch,)."""
        return exact_log_prob(self, self._checked(x))

    @torch.no_grad()
    def sample(self, n: int, *, generator: torch.Generator | None = None) -> Tensor:
        """Causes first, then pixels, -> (n, n_dims)."""
        z = self.prior.sample(n, generator=generator)[:, 0]
        return Bits(self.logits(z)).sample(1, generator=generator)[0]

    @property
    def num_parameters(self) -> int:
        """How many numbers are learned."""
        return sum(p.numel() for p in self.parameters())

    def _checked(self, x: Tensor) -> Tensor:
        """``x`` as rows of ``n_dims`` bits of the model's own type."""
        if x.ndim != 2 or x.shape[1] != self.n_dims or not bool(((x == 0) | (x == 1)).all()):
            raise ValueError(f"x: got shape {tuple(x.shape)}, expected zeros and ones (batch, {self.n_dims}).")
        return x.to(self.bias.dtype)
