"""Densities over latent variables that one can both sample and evaluate: Gaussians and independent bits.

Samples of the Gaussians are reparameterised, z = μ + Lε, so gradients pass through them.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from dgmlib._arrays import check_counts
from dgmlib.latent.base import check_latents
from dgmlib.noise import normal, uniform

_LOG_2PI = math.log(2 * math.pi)


@dataclass(frozen=True)
class DiagonalGaussian:
    """q(z) = Π_j N(z_j; μ_j, σ_j²), with ``mean`` μ and ``std`` σ > 0, both (batch, n_latents)."""

    mean: Tensor
    std: Tensor

    def __post_init__(self) -> None:
        if self.mean.ndim != 2 or self.mean.shape != self.std.shape:
            shapes = f"{tuple(self.mean.shape)} and {tuple(self.std.shape)}"
            raise ValueError(f"mean, std: got shapes {shapes}, expected (batch, n_latents) for both.")
        if not bool((self.std > 0).all() & self.std.isfinite().all()):
            raise ValueError("std: got values that are not positive and finite, expected σ > 0; exponentiate log σ.")

    @classmethod
    def standard(cls, n_latents: int, *, dtype: torch.dtype | None = None) -> "DiagonalGaussian":
        """N(0, I), a batch of one: the usual prior."""
        check_counts(n_latents=n_latents)
        return cls(torch.zeros(1, n_latents, dtype=dtype), torch.ones(1, n_latents, dtype=dtype))

    def sample(self, n: int, *, generator: torch.Generator | None = None) -> Tensor:
        """z = μ + σε for n draws ε per example, -> (n, batch, n_latents)."""
        return self.mean + self.std * _noise(n, self.mean, generator)

    def log_prob(self, z: Tensor) -> Tensor:
        """Σ_j −½((z_j−μ_j)/σ_j)² − log σ_j − ½ log 2π in nats, (…, batch, n_latents) -> (…, batch)."""
        check_latents(z, self.mean.shape[-1])
        epsilon = (z - self.mean) / self.std
        return (-0.5 * epsilon**2 - self.std.log() - 0.5 * _LOG_2PI).sum(-1)

    def entropy(self) -> Tensor:
        """H(q) = Σ_j log σ_j + ½ log 2πe in nats, -> (batch,)."""
        return (self.std.log() + 0.5 * (_LOG_2PI + 1)).sum(-1)

    def covariance(self) -> Tensor:
        """The diagonal matrices of σ², -> (batch, n_latents, n_latents)."""
        return torch.diag_embed(self.std**2)


@dataclass(frozen=True)
class FullGaussian:
    """q(z) = N(z; μ, LLᵀ), ``mean`` (batch, n_latents), ``scale`` lower triangular (batch or 1, n_latents, n_latents).

    A scale that is a batch of one is shared by all examples.
    """

    mean: Tensor
    scale: Tensor

    def __post_init__(self) -> None:
        batch, n = self.mean.shape if self.mean.ndim == 2 else (-1, -1)
        if self.scale.shape not in ((1, n, n), (batch, n, n)):
            raise ValueError(
                f"mean, scale: got shapes {tuple(self.mean.shape)} and {tuple(self.scale.shape)}, expected "
                f"(batch, n_latents) and (batch or 1, n_latents, n_latents)."
            )
        if bool(self.scale.triu(1).any()) or not bool((self.scale.diagonal(dim1=-2, dim2=-1) > 0).all()):
            raise ValueError(
                "scale: expected lower-triangular matrices with a positive diagonal; use torch.linalg.cholesky."
            )

    def sample(self, n: int, *, generator: torch.Generator | None = None) -> Tensor:
        """z = μ + Lε for n draws ε per example, -> (n, batch, n_latents)."""
        noise = _noise(n, self.mean, generator)
        return self.mean + (self.scale @ noise[..., None])[..., 0]

    def log_prob(self, z: Tensor) -> Tensor:
        """−½‖L⁻¹(z−μ)‖² − Σ_j log L_jj − n/2 log 2π in nats, (…, batch, n_latents) -> (…, batch)."""
        check_latents(z, self.mean.shape[-1])
        epsilon = torch.linalg.solve_triangular(self.scale, (z - self.mean)[..., None], upper=False)[..., 0]
        return -0.5 * (epsilon**2 + _LOG_2PI).sum(-1) - self._log_det()

    def entropy(self) -> Tensor:
        """H(q) = Σ_j log L_jj + n/2 log 2πe in nats, -> (batch,)."""
        entropy = self._log_det() + 0.5 * self.mean.shape[-1] * (_LOG_2PI + 1)
        return entropy.expand(len(self.mean))

    def covariance(self) -> Tensor:
        """LLᵀ, -> (batch or 1, n_latents, n_latents)."""
        return self.scale @ self.scale.mT

    def _log_det(self) -> Tensor:
        return self.scale.diagonal(dim1=-2, dim2=-1).log().sum(-1)


@dataclass(frozen=True)
class Bits:
    """Independent coins: q(z_j = 1) = σ(l_j), with ``logits`` l, (batch, n_latents). Logits 0 make it uniform."""

    logits: Tensor

    def __post_init__(self) -> None:
        if self.logits.ndim != 2 or not bool(self.logits.isfinite().all()):
            raise ValueError(
                f"logits: got shape {tuple(self.logits.shape)}, expected finite numbers (batch, n_latents)."
            )

    @classmethod
    def uniform(cls, n_latents: int, *, dtype: torch.dtype | None = None) -> "Bits":
        """All 2ⁿ settings alike, a batch of one."""
        check_counts(n_latents=n_latents)
        return cls(torch.zeros(1, n_latents, dtype=dtype))

    def sample(self, n: int, *, generator: torch.Generator | None = None) -> Tensor:
        """Zeros and ones, -> (n, batch, n_latents); no gradient passes."""
        check_counts(least=0, n=n)
        like = self.logits
        return (uniform((n, *like.shape), like, generator) < like.detach().sigmoid()).to(like.dtype)

    def log_prob(self, z: Tensor) -> Tensor:
        """Σ_j z_j log σ(l_j) + (1−z_j) log σ(−l_j) in nats, (…, batch, n_latents) -> (…, batch)."""
        check_latents(z, self.logits.shape[-1])
        z, logits = torch.broadcast_tensors(z, self.logits)
        return -F.binary_cross_entropy_with_logits(logits, z, reduction="none").sum(-1)

    def entropy(self) -> Tensor:
        """H(q) in nats, -> (batch,)."""
        p = self.logits.sigmoid()
        return F.binary_cross_entropy_with_logits(self.logits, p, reduction="none").sum(-1)


def _noise(n: int, like: Tensor, generator: torch.Generator | None) -> Tensor:
    check_counts(least=0, n=n)
    return normal((n, *like.shape), like, generator)
