"""Probabilistic PCA: a linear decoder with Gaussian noise, the one continuous model here that hides nothing.

    z ~ N(0, I_L)        x | z ~ N(Wz + μ, σ² I_d)

    p(x)     = N(x; μ, C),  C = WWᵀ + σ²I
    p(z | x) = N(z; M⁻¹Wᵀ(x − μ), σ²M⁻¹),  M = WᵀW + σ²I

A variational autoencoder with a linear decoder is this model, so it is the book's ground truth: marginal, posterior,
evidence lower bound and best parameters are all formulas. Source: M. Tipping and C. Bishop, J. Royal Statistical
Society B 61 (1999).
"""

import math
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from dgmlib._arrays import as_floats, check_counts
from dgmlib.latent.base import check_latents, check_rows
from dgmlib.latent.checks import as_rows
from dgmlib.latent.proposals import DiagonalGaussian, FullGaussian
from dgmlib.noise import normal

_LOG_2PI = math.log(2 * math.pi)


@dataclass(frozen=True)
class PPCA:
    """``weight`` W (n_dims, n_latents), ``mean`` μ (n_dims,), ``noise`` σ > 0: tensors, sequences or numbers."""

    weight: Tensor
    mean: Tensor
    noise: Tensor

    def __post_init__(self) -> None:
        weight = torch.as_tensor(as_floats(self.weight)[0])
        for name, value in (("weight", weight), ("mean", self.mean), ("noise", self.noise)):
            if not isinstance(value, Tensor):
                value = torch.as_tensor(value, dtype=weight.dtype, device=weight.device)
            object.__setattr__(self, name, value)
        if self.weight.ndim != 2 or self.mean.shape != self.weight.shape[:1] or self.noise.ndim != 0:
            shapes = [tuple(t.shape) for t in (self.weight, self.mean, self.noise)]
            raise ValueError(f"weight, mean, noise: got shapes {shapes}, expected (n_dims, n_latents), (n_dims,), ().")
        if not bool(self.noise > 0):
            raise ValueError(f"noise: got {float(self.noise):g}, expected a standard deviation σ > 0.")

    @property
    def n_dims(self) -> int:
        """Observed variables."""
        return self.weight.shape[0]

    @property
    def n_latents(self) -> int:
        """Hidden variables."""
        return self.weight.shape[1]

    @property
    def num_parameters(self) -> int:
        """d + dL − L(L−1)/2 + 1: rotating the latents changes nothing, and takes L(L−1)/2 numbers away."""
        d, n = self.n_dims, self.n_latents
        return d + d * n - n * (n - 1) // 2 + 1

    @property
    def prior(self) -> DiagonalGaussian:
        """p(z) = N(0, I), a batch of one."""
        return DiagonalGaussian.standard(self.n_latents, dtype=self.weight.dtype)

    def decode(self, z: Tensor) -> Tensor:
        """E[x | z] = Wz + μ, (…, n_latents) -> (…, n_dims)."""
        return z @ self.weight.T + self.mean

    def log_joint(self, x: Tensor, z: Tensor) -> Tensor:
        """log p(z) + log p(x | z) in nats, (batch, n_dims), (…, batch, n_latents) -> (…, batch)."""
        check_rows(x, self.n_dims, "x")
        check_latents(z, self.n_latents)
        misfit = ((x - self.decode(z)) / self.noise).square().sum(-1)
        log_likelihood = -0.5 * misfit - self.n_dims * (self.noise.log() + 0.5 * _LOG_2PI)
        return self.prior.log_prob(z) + log_likelihood

    def log_prob(self, x: Tensor) -> Tensor:
        """log p(x) in nats, (batch, n_dims) -> (batch,), at O(d L) per example: C is never inverted.

        (x−μ)ᵀC⁻¹(x−μ) = (‖x−μ‖² − ‖R⁻¹Wᵀ(x−μ)‖²)/σ² with RRᵀ = M, and det C = σ^{2(d−L)} det M.
        """
        check_rows(x, self.n_dims, "x")
        r, projected = self._root(), (x - self.mean) @ self.weight
        explained = torch.linalg.solve_triangular(r, projected.T, upper=False).square().sum(0)
        distance = ((x - self.mean).square().sum(-1) - explained) / self.noise**2
        log_det = 2 * r.diagonal().log().sum() + 2 * (self.n_dims - self.n_latents) * self.noise.log()
        return -0.5 * (distance + log_det + self.n_dims * _LOG_2PI)

    def posterior(self, x: Tensor) -> FullGaussian:
        """p(z | x), exactly: a mean for each example and one covariance for all."""
        check_rows(x, self.n_dims, "x")
        mean = torch.cholesky_solve(((x - self.mean) @ self.weight).T, self._root()).T
        covariance = self.noise**2 * torch.cholesky_inverse(self._root())
        return FullGaussian(mean, torch.linalg.cholesky(covariance)[None])

    def elbo(self, x: Tensor, q: DiagonalGaussian | FullGaussian) -> Tensor:
        """E_q log p(x, z) + H(q) in nats for a Gaussian q(z), (batch, n_dims) -> (batch,): no sampling.

        E_q log p(x, z) = log p(x, m) − ½ tr(Σ (I + WᵀW/σ²)) for q of mean m and covariance Σ, as log p is quadratic.
        """
        curvature = self.weight.T @ self.weight / self.noise**2 + torch.eye(self.n_latents, dtype=self.weight.dtype)
        trace = (q.covariance() * curvature).sum((-2, -1))
        return self.log_joint(x, q.mean) - 0.5 * trace + q.entropy()

    def sample(self, n: int, *, generator: torch.Generator | None = None) -> Tensor:
        """z, then x given z, -> (n, n_dims)."""
        z = self.prior.sample(n, generator=generator)[:, 0]
        return self.decode(z) + self.noise * normal((n, self.n_dims), z, generator)

    @classmethod
    def fit(cls, x: Tensor, n_latents: int) -> Self:
        """Maximum likelihood in closed form, (m, n_dims) -> model.

        With eigenvalues λ₁ ≥ λ₂ ≥ … and eigenvectors u of the covariance: σ² is the mean of the λ left out, and
        W has the columns u_j √(λ_j − σ²).
        """
        check_counts(n_latents=n_latents)
        check_rows(x, None, "x")
        as_rows(x)  # at least one, of finite numbers
        if not n_latents < x.shape[1]:
            raise ValueError(f"n_latents: got {n_latents}, expected fewer than the {x.shape[1]} dimensions of x.")
        mean = x.mean(0)
        eigenvalues, vectors = torch.linalg.eigh((x - mean).T @ (x - mean) / len(x))  # ascending
        variance = eigenvalues[:-n_latents].mean()
        if not bool(variance > eigenvalues[-1] * torch.finfo(x.dtype).eps):
            raise ValueError(
                f"x: got {len(x)} rows that lie in {n_latents} dimensions, expected noise around them: the likelihood "
                f"has no maximum as σ → 0; use fewer latents or more rows."
            )
        scale = (eigenvalues[-n_latents:] - variance).clamp_min(0).sqrt()
        return cls((vectors[:, -n_latents:] * scale).flip(1), mean, variance.sqrt())

    def _root(self) -> Tensor:
        """R, lower triangular, with RRᵀ = M = WᵀW + σ²I, (n_latents, n_latents)."""
        identity = torch.eye(self.n_latents, dtype=self.weight.dtype)
        return torch.linalg.cholesky(self.weight.T @ self.weight + self.noise**2 * identity)
