"""What a latent vector says about x: p(x | z) with a network's outputs as its parameters.

    bits            p(x_i = 1 | z) = σ(l_i(z))                log p(x | z) = Σ_i log σ((2x_i − 1) l_i)
    real numbers    x_i | z ~ N(μ_i(z), σ_i(z)²)              σ_i(z), or one σ_i for all z

Given z the coordinates are independent; that p(x) is not independent is the work of z.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dgmlib.latent.networks import perceptron
from dgmlib.noise import coins, normal


class Decoder(nn.Module, ABC):
    """p(x | z); z has shape (…, n_latents), x one that broadcasts to (…, n_dims)."""

    @abstractmethod
    def log_prob(self, x: Tensor, z: Tensor) -> Tensor:
        """log p(x | z) in nats, -> (…)."""

    def log_prob_of_all(self, x: Tensor, z: Tensor) -> Tensor:
        """log p(x | z) of every x under every z in nats, (batch, n_dims), (m, n_latents) -> (m, batch)."""
        return self.log_prob(x, z[:, None])

    @abstractmethod
    def mean(self, z: Tensor) -> Tensor:
        """E[x | z], -> (…, n_dims)."""

    @abstractmethod
    def sample(self, z: Tensor, *, generator: torch.Generator | None = None) -> Tensor:
        """One x per z, -> (…, n_dims)."""

    @abstractmethod
    def check(self, x: Tensor, name: str) -> None:
        """Raise unless every value of ``x`` is one that the decoder can produce."""


class BernoulliDecoder(Decoder):
    """A coin per coordinate; the network computes logits."""

    def __init__(
        self, n_latents: int, hidden: Sequence[int], n_dims: int, *, generator: torch.Generator | None = None
    ) -> None:
        super().__init__()
        self.logits = perceptron([n_latents, *hidden, n_dims], generator=generator)

    def log_prob(self, x: Tensor, z: Tensor) -> Tensor:
        """Σ_i log σ((2x_i − 1) l_i), stable for logits of any size."""
        return F.logsigmoid((2 * x - 1) * self.logits(z)).sum(-1)

    def log_prob_of_all(self, x: Tensor, z: Tensor) -> Tensor:
        """Σ_i x_i l_i + log σ(−l_i): one matrix product, for log σ(l) − log σ(−l) = l."""
        logits = self.logits(z)
        return logits @ x.T + F.logsigmoid(-logits).sum(-1, keepdim=True)

    def mean(self, z: Tensor) -> Tensor:
        """Probabilities σ(l)."""
        return self.logits(z).sigmoid()

    def sample(self, z: Tensor, *, generator: torch.Generator | None = None) -> Tensor:
        """1 where a uniform number falls below σ(l)."""
        return coins(self.mean(z), generator)

    def check(self, x: Tensor, name: str) -> None:
        """Zeros and ones only."""
        if not bool(((x == 0) | (x == 1)).all()):
            raise ValueError(f"{name}: got values other than 0 and 1, expected bits; binarise the data first.")


class GaussianDecoder(Decoder):
    """A Gaussian per coordinate; the network computes μ and, unless ``shared_sigma``, also log σ."""

    def __init__(
        self,
        n_latents: int,
        hidden: Sequence[int],
        n_dims: int,
        *,
        shared_sigma: bool = False,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        n_outputs = n_dims if shared_sigma else 2 * n_dims
        self.network = perceptron([n_latents, *hidden, n_outputs], generator=generator)
        self.log_sigma = nn.Parameter(torch.zeros(n_dims)) if shared_sigma else None

    def mean_and_log_sigma(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """μ(z) and log σ(z), -> (…, n_dims) each."""
        outputs = self.network(z)
        if self.log_sigma is not None:
            return outputs, self.log_sigma.expand_as(outputs)
        mu, log_sigma = outputs.chunk(2, -1)
        return mu, log_sigma

    def log_prob(self, x: Tensor, z: Tensor) -> Tensor:
        """Σ_i −½ ((x_i−μ_i)/σ_i)² − log σ_i − ½ log 2π."""
        mu, log_sigma = self.mean_and_log_sigma(z)
        epsilon = (x - mu) * torch.exp(-log_sigma)
        return -(0.5 * epsilon**2 + log_sigma + 0.5 * math.log(2 * math.pi)).sum(-1)

    def mean(self, z: Tensor) -> Tensor:
        """μ(z)."""
        return self.mean_and_log_sigma(z)[0]

    def sample(self, z: Tensor, *, generator: torch.Generator | None = None) -> Tensor:
        """μ(z) + σ(z) ε."""
        mu, log_sigma = self.mean_and_log_sigma(z)
        return mu + log_sigma.exp() * normal(mu.shape, mu, generator)

    def check(self, x: Tensor, name: str) -> None:
        """Finite numbers only."""
        if not bool(x.isfinite().all()):
            raise ValueError(f"{name}: got NaN or infinite values, expected finite numbers; remove those examples.")
