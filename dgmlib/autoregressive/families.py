"""The two kinds of conditional distribution p(x_i | x_<i): a coin for bits, a mixture of Gaussians for real numbers.

A network only ever computes *parameters*; a family says what they mean. ``x`` has any shape; ``parameters`` has that
shape, with the family's own axes behind it. Everything is in nats.
"""

import math
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from dgmlib.noise import choices, normal, uniform


class Family(Protocol):
    """What the parameters of one conditional stand for."""

    def log_prob(self, parameters: Tensor, x: Tensor) -> Tensor:
        """log p(x | parameters) in nats, entry by entry, -> shape of x."""

    def draw(self, parameters: Tensor, generator: torch.Generator | None) -> Tensor:
        """One value per conditional."""

    def check(self, x: Tensor, name: str) -> None:
        """Raise unless every value of ``x`` is one that the family can produce."""


class Bernoulli:
    """A coin: the parameter is the logit l, p(x = 1) = σ(l)."""

    def log_prob(self, parameters: Tensor, x: Tensor) -> Tensor:
        """x log σ(l) + (1−x) log σ(−l), stable for logits of any size."""
        return F.binary_cross_entropy_with_logits(parameters, x, reduction="none").neg_()

    def draw(self, parameters: Tensor, generator: torch.Generator | None) -> Tensor:
        """1 where a uniform number falls below σ(l)."""
        return (uniform(parameters.shape, parameters, generator) < parameters.sigmoid()).to(parameters.dtype)

    def check(self, x: Tensor, name: str) -> None:
        """Zeros and ones only: of floating numbers no others solve x − x² = 0, rounded or not, and NaN does not."""
        rest = torch.addcmul(x, x, x, value=-1)  # (with the two ends of its range seven times as fast as comparing x)
        if x.numel() and [float(end) for end in rest.aminmax()] != [0.0, 0.0]:
            raise ValueError(f"{name}: got values other than 0 and 1, expected bits; binarise the data first.")


class GaussianMixture:
    """Σ_k π_k N(μ_k, σ_k²): the parameters are, along their last two axes (3, K), log-weights, μ and log σ.

    The log-weights need not be normalised: π = softmax.
    """

    def log_prob(self, parameters: Tensor, x: Tensor) -> Tensor:
        """log Σ_k π_k exp(−½ ((x−μ_k)/σ_k)²) / (σ_k √2π)."""
        log_weight, mu, log_sigma = parameters.unbind(-2)
        z = (x[..., None] - mu) * torch.exp(-log_sigma)
        log_normal = -0.5 * z**2 - log_sigma - 0.5 * math.log(2 * math.pi)
        return torch.logsumexp(log_weight.log_softmax(-1) + log_normal, -1)

    def draw(self, parameters: Tensor, generator: torch.Generator | None) -> Tensor:
        """Pick a component, then a point of it."""
        log_weight, mu, log_sigma = parameters.unbind(-2)
        k = choices(log_weight.softmax(-1), 1, generator)
        noise = normal(k.shape, mu, generator)
        return (mu.gather(-1, k) + log_sigma.gather(-1, k).exp() * noise)[..., 0]

    def blurred(self, parameters: Tensor, sigma: float) -> Tensor:
        """The distribution of y = x + σ n, n ~ N(0, 1): every variance grows by σ²."""
        log_weight, mu, log_sigma = parameters.unbind(-2)
        return torch.stack([log_weight, mu, 0.5 * torch.log(torch.exp(2 * log_sigma) + sigma**2)], -2)

    def posterior(self, parameters: Tensor, y: Tensor, sigma: float) -> Tensor:
        """The distribution of x given such a y, which is a mixture again; with τ² = σ_k² + σ²:

        π_k' ∝ π_k N(y; μ_k, τ²),   μ_k' = (μ_k σ² + y σ_k²) / τ²,   σ_k' = σ σ_k / τ
        """
        log_weight, mu, log_sigma = parameters.unbind(-2)
        log_tau = self.blurred(parameters, sigma)[..., 2, :]
        share, y = torch.exp(2 * (log_sigma - log_tau)), y[..., None]
        log_likelihood = -0.5 * ((y - mu) * torch.exp(-log_tau)) ** 2 - log_tau
        return torch.stack(
            [log_weight + log_likelihood, mu + share * (y - mu), log_sigma + math.log(sigma) - log_tau], -2
        )

    def check(self, x: Tensor, name: str) -> None:
        """Finite numbers only."""
        if not bool(x.isfinite().all()):
            raise ValueError(f"{name}: got NaN or infinite values, expected finite numbers; remove those examples.")
