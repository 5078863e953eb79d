"""Moves that leave a density unchanged: what annealed importance sampling does between its temperatures.

Each takes z, (n, batch, n_latents), and a function log f(z), (n, batch), known up to a constant, and returns z moved so
that draws from f stay draws from f. Chains are independent of each other.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from dgmlib._arrays import check_counts
from dgmlib.noise import normal, permutation, uniform

LogDensity = Callable[[Tensor], Tensor]


class Transition(Protocol):
    """A move from z to z' that keeps f invariant."""

    def __call__(self, z: Tensor, log_density: LogDensity, *, generator: torch.Generator | None = None) -> Tensor:
        """Move every chain once, (n, batch, n_latents) -> (n, batch, n_latents)."""


@dataclass(frozen=True)
class Hamiltonian:
    """For real z: roll along log f for ``n_leapfrog`` steps of length ``step``, then accept by Metropolis' rule.

    Source: S. Duane et al., Physics Letters B 195 (1987); R. Neal, Handbook of MCMC, chapter 5 (2011).
    """

    step: float = 0.1
    n_leapfrog: int = 10

    def __post_init__(self) -> None:
        check_counts(n_leapfrog=self.n_leapfrog)
        if not 0 < self.step < float("inf"):
            raise ValueError(f"step: got {self.step}, expected a length > 0, smaller than f is wide.")

    def __call__(self, z: Tensor, log_density: LogDensity, *, generator: torch.Generator | None = None) -> Tensor:
        """One trajectory for every chain."""
        momentum = normal(z.shape, z, generator)
        before, slope = _with_slope(log_density, z)
        moved, kick = z, momentum + 0.5 * self.step * slope
        for step in range(self.n_leapfrog):
            moved = moved + self.step * kick
            after, slope = _with_slope(log_density, moved)
            kick = kick + (1.0 if step + 1 < self.n_leapfrog else 0.5) * self.step * slope
        gain = after - before + 0.5 * (momentum.square() - kick.square()).sum(-1)
        return torch.where(_accept(gain, generator)[..., None], moved, z)


@dataclass(frozen=True)
class Flips:
    """For bits: visit every latent once, offer its flip, accept by Metropolis' rule."""

    def __call__(self, z: Tensor, log_density: LogDensity, *, generator: torch.Generator | None = None) -> Tensor:
        """One sweep over the bits of every chain."""
        current = log_density(z)
        for j in permutation(z.shape[-1], generator):
            flipped = z.clone()
            flipped[..., j] = 1 - z[..., j]
            offered = log_density(flipped)
            accept = _accept(offered - current, generator)
            z, current = torch.where(accept[..., None], flipped, z), torch.where(accept, offered, current)
        return z


def _accept(gain: Tensor, generator: torch.Generator | None) -> Tensor:
    """True with probability min(1, exp(gain)); never for NaN, where a trajectory ran away."""
    return uniform(gain.shape, gain, generator).log() < gain


def _with_slope(log_density: LogDensity, z: Tensor) -> tuple[Tensor, Tensor]:
    """log f(z) and its gradient at every chain."""
    with torch.enable_grad():
        z = z.detach().requires_grad_()
        value = log_density(z)
        (slope,) = torch.autograd.grad(value.sum(), z)
    return value.detach(), slope
