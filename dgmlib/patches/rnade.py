"""RNADE as a prior on patches: no formula for its estimates, but gradients, and conditionals that are mixtures.

    MAP              gradient descent on E(z) = |y − z|² / 2σ² − log p(z) from z = y: a local optimum
    posterior mean   a particle filter, pixel after pixel: each particle draws v_i from p(v_i | v_<i, u_i), which is a
                     mixture of Gaussians, and its weight grows by p(u_i | v_<i); where the weights of a patch are worth
                     less than half of its particles, these are drawn anew by weight

u is what was observed of v. The model may have learned patches without mean and last pixel
(``dgmlib.pretrained.patches``), z = T v: then log p_z(z) = log p_v(v) − ½ log d, and what u_1 … u_{d−1} do not tell
of |y − z|², the last pixel's share, weighs the particles at the end.
Source: B. Uria, I. Murray, H. Larochelle, NeurIPS 2013; M. Pitt, N. Shephard, JASA 94, 1999 (the filter).
"""

import copy

import numpy as np
import torch
from torch import Tensor

from dgmlib._arrays import check_counts
from dgmlib.autoregressive import RNADE
from dgmlib.monte_carlo import effective_sample_size
from dgmlib.noise import uniform
from dgmlib.patches.plane import protocol_matrix, protocol_volume
from dgmlib.patches.prior import as_rows, check_sigma

_AT_ONCE = 500  # patches: what a network keeps for its gradients then fits the cache, and large pictures the memory
_PARTICLES_AT_ONCE = 20_000


class RNADEPrior:
    """A density over rows of ``n_dims`` real numbers; ``protocol`` as in ``GaussianMixturePrior.from_mixture``.

    The error of the posterior mean falls as 1/√n_particles; each patch has particles of its own.
    """

    def __init__(
        self,
        model: RNADE,
        *,
        protocol: bool = False,
        n_steps: int = 100,
        n_particles: int = 1000,
        seed: int = 0,
    ) -> None:
        check_counts(n_steps=n_steps, n_particles=n_particles)
        model = copy.deepcopy(model).eval().requires_grad_(False)  # the caller's may go on learning
        self.model, self.n_dims = model, model.n_dims
        self.n_steps, self.n_particles, self.seed = n_steps, n_particles, seed
        first = next(model.parameters())
        self._to_plane, self._from_plane = (
            torch.as_tensor(matrix, dtype=first.dtype, device=first.device)
            for matrix in _plane_and_back(model.n_dims, protocol)
        )
        self.volume = protocol_volume(model.n_dims) if protocol else 0.0

    @property
    def num_parameters(self) -> int:
        """How many numbers are learned."""
        return self.model.num_parameters

    def log_prob(self, z: np.ndarray) -> np.ndarray:
        """log p(z) in nats, (n, d) -> (n,)."""
        with torch.no_grad():
            parts = [self._log_prob(part) for part in self._tensor(as_rows(z, self.n_dims, "z")).split(_AT_ONCE)]
        return torch.cat(parts).double().cpu().numpy()

    def sample(self, n: int, *, rng: np.random.Generator) -> np.ndarray:
        """Draw n points, -> (n, d)."""
        generator = torch.Generator(self._from_plane.device).manual_seed(int(rng.integers(2**63)))
        return (self.model.sample(n, generator=generator) @ self._to_plane.T).double().cpu().numpy()

    def map_estimate(self, y: np.ndarray, sigma: float) -> np.ndarray:
        """A local optimum, (n, d) -> (n, d): ``n_steps`` of Adam, steps from σ/4 falling to zero."""
        check_sigma(sigma)
        y = as_rows(y, self.n_dims, "y")
        observed = self._tensor(y)
        z = observed.clone().requires_grad_()
        optimizer = torch.optim.Adam([z], lr=sigma / 4)
        schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, self.n_steps)
        for _ in range(self.n_steps):
            z.grad = self._slope(z, observed, sigma)
            optimizer.step()
            schedule.step()
        return z.detach().cpu().numpy().astype(y.dtype)

    @torch.no_grad()
    def posterior_mean(self, y: np.ndarray, sigma: float) -> np.ndarray:
        """The weighted mean of ``n_particles`` that a particle filter leaves, (n, d) -> (n, d)."""
        check_sigma(sigma)
        y = as_rows(y, self.n_dims, "y")
        generator = torch.Generator(self._from_plane.device).manual_seed(self.seed)
        u = self._tensor(y) @ self._from_plane.T
        parts = u.split(max(1, _PARTICLES_AT_ONCE // self.n_particles))
        v = torch.cat([self._filtered(part, sigma, generator) for part in parts])
        return (v @ self._to_plane.T).cpu().numpy().astype(y.dtype)

    def _filtered(self, u: Tensor, sigma: float, generator: torch.Generator) -> Tensor:
        """E[v | u], (n, d) -> (n, d)."""
        family, shape = self.model.family, (len(u), self.n_particles)
        a = self.model.hidden_bias.repeat(len(u) * self.n_particles, 1)
        v, log_weights = u.new_zeros(*shape, self.n_dims), u.new_zeros(shape)
        for i in range(self.n_dims):
            rows, chosen = _drawn_anew(log_weights, generator)
            v[rows], log_weights[rows] = v[rows[:, None], chosen], 0
            of_patches = a.view(*shape, a.shape[1])  # also of no patch
            of_patches[rows] = of_patches[rows[:, None], chosen]
            given, seen = self.model.conditional(i, a), u[:, i].repeat_interleave(self.n_particles)
            x = family.draw(family.posterior(given, seen, sigma), generator)
            log_weights += family.log_prob(family.blurred(given, sigma), seen).view(shape)
            v[..., i] = x.view(shape)
            a = self.model.advance(i, a, x)
        off = u[:, None] - v
        log_weights -= ((off @ self._to_plane.T).square().sum(-1) - off.square().sum(-1)) / (2 * sigma**2)
        return (log_weights.softmax(1)[..., None] * v).sum(1)

    def _slope(self, z: Tensor, observed: Tensor, sigma: float) -> Tensor:
        """The gradient of E, (n, d)."""
        parts = zip(z.detach().split(_AT_ONCE), observed.split(_AT_ONCE), strict=True)
        return torch.cat([(some - seen) / sigma**2 - self._score(some) for some, seen in parts])

    def _score(self, z: Tensor) -> Tensor:
        """∇ log p(z), (n, d)."""
        with torch.enable_grad():
            z = z.requires_grad_()
            return torch.autograd.grad(self._log_prob(z).sum(), z)[0]

    def _log_prob(self, z: Tensor) -> Tensor:
        return self.model.log_prob(z @ self._from_plane.T) - self.volume

    def _tensor(self, rows: np.ndarray) -> Tensor:
        return torch.as_tensor(np.ascontiguousarray(rows), dtype=self._from_plane.dtype, device=self._from_plane.device)


def _plane_and_back(n_dims: int, protocol: bool) -> tuple[np.ndarray, np.ndarray]:
    """T of z = T v, and its inverse."""
    matrix = protocol_matrix(n_dims) if protocol else np.eye(n_dims)
    return matrix, np.linalg.inv(matrix)


def _drawn_anew(log_weights: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Which rows (m,) have weights worth less than half their number, and which particles (m, n) are drawn for them.

    Systematic: one uniform number a row, so that a particle of weight w is chosen ⌊n w⌋ or ⌈n w⌉ times.
    """
    n = log_weights.shape[1]
    rows = (effective_sample_size(log_weights.T) < n / 2).nonzero()[:, 0]
    weights = log_weights[rows].softmax(1)
    even = (torch.arange(n, device=weights.device) + uniform((len(rows), 1), weights, generator)) / n
    return rows, torch.searchsorted(weights.cumsum(1), even).clamp_max(n - 1)
