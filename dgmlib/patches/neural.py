"""A neural density, such as RNADE, as a prior on patches: no formula for its estimates, but gradients.

    MAP              gradient descent on E(z) = |y − z|² / 2σ² − log p(z) from z = y: a local optimum
    posterior mean   the average over chains that walk through p(z | y) ∝ exp(−E(z)), by MALA:
                     z' = z − ½ ε² ∇E(z) + ε n,  accepted with probability min(1, e^(E(z) − E(z')) q(z|z') / q(z'|z))

The model may have learned patches without mean and last pixel, v (``dgmlib.pretrained.patches``):
log p_z(z) = log p_v(v) − ½ log d.
Source: B. Uria, I. Murray, H. Larochelle, NeurIPS 2013; G. Roberts, R. Tweedie, Bernoulli 2, 1996.
"""

import numpy as np
import torch
from torch import Tensor

from dgmlib.autoregressive import AutoregressiveModel
from dgmlib.patches.plane import protocol_matrix, protocol_volume
from dgmlib.patches.prior import as_rows, check_sigma


class NeuralPrior:
    """A density over rows of ``n_dims`` real numbers; ``protocol`` as in ``GaussianMixturePrior.from_mixture``."""

    def __init__(
        self,
        model: AutoregressiveModel,
        *,
        protocol: bool = False,
        n_steps: int = 100,
        n_samples: int = 200,
        n_burn_in: int = 100,
        seed: int = 0,
    ) -> None:
        self.model, self.n_dims = model.eval().requires_grad_(False), model.n_dims
        self.n_steps, self.n_samples, self.n_burn_in, self.seed = n_steps, n_samples, n_burn_in, seed
        self.to_plane = protocol_matrix(model.n_dims) if protocol else np.eye(model.n_dims)
        self.volume = protocol_volume(model.n_dims) if protocol else 0.0
        first = next(model.parameters())
        self._from_plane = torch.as_tensor(np.linalg.inv(self.to_plane), dtype=first.dtype, device=first.device)

    @property
    def num_parameters(self) -> int:
        """How many numbers are learned."""
        return self.model.num_parameters

    def log_prob(self, z: np.ndarray) -> np.ndarray:
        """log p(z) in nats, (n, d) -> (n,)."""
        with torch.no_grad():
            parts = [self._log_prob(part) for part in self._tensor(z, "z").split(5000)]
        return torch.cat(parts).double().cpu().numpy()

    def sample(self, n: int, *, rng: np.random.Generator) -> np.ndarray:
        """Draw n points, -> (n, d)."""
        generator = torch.Generator(self._from_plane.device).manual_seed(int(rng.integers(2**63)))
        return self.model.sample(n, generator=generator).double().cpu().numpy() @ self.to_plane.T

    def map_estimate(self, y: np.ndarray, sigma: float) -> np.ndarray:
        """A local optimum, (n, d) -> (n, d): ``n_steps`` of Adam, steps from σ/4 falling to zero."""
        check_sigma(sigma)
        observed = self._tensor(y, "y")
        z = observed.clone().requires_grad_()
        optimizer = torch.optim.Adam([z], lr=sigma / 4)
        schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, self.n_steps)
        for _ in range(self.n_steps):
            z.grad = self._energy_and_slope(z, observed, sigma)[1]
            optimizer.step()
            schedule.step()
        return z.detach().cpu().numpy().astype(np.asarray(y).dtype)

    def posterior_mean(self, y: np.ndarray, sigma: float) -> np.ndarray:
        """The mean of ``n_samples`` after ``n_burn_in`` of one chain per patch, started from the MAP."""
        generator = torch.Generator(self._from_plane.device).manual_seed(self.seed)
        observed, z = self._tensor(y, "y"), self._tensor(self.map_estimate(y, sigma), "y")
        step = z.new_full((len(z), 1), sigma / self.n_dims ** (1 / 6))
        state, total = self._energy_and_slope(z, observed, sigma), torch.zeros_like(z)
        for i in range(self.n_burn_in + self.n_samples):
            z, state, accepted = self._mala(z, state, step, observed, sigma, generator)
            if i < self.n_burn_in:  # 57 % is the rate at which MALA moves fastest
                step = step * torch.exp(0.1 * (accepted.to(step) - 0.574))
            else:
                total += z
        return (total / self.n_samples).cpu().numpy().astype(np.asarray(y).dtype)

    def _mala(self, z, state, step, observed, sigma, generator):
        """One step of every chain: the new places, their energies and slopes, and who moved, (n, 1)."""
        energy, slope = state
        noise = torch.randn(z.shape, generator=generator, dtype=z.dtype, device=z.device)
        proposed = z - 0.5 * step**2 * slope + step * noise
        new_energy, new_slope = self._energy_and_slope(proposed, observed, sigma)
        back = (z - proposed + 0.5 * step**2 * new_slope) / step
        log_ratio = (energy - new_energy)[:, None] + 0.5 * (noise**2 - back**2).sum(1, keepdim=True)
        uniform = torch.rand(log_ratio.shape, generator=generator, dtype=z.dtype, device=z.device)
        moved = uniform.log() < log_ratio
        new_state = torch.where(moved[:, 0], new_energy, energy), torch.where(moved, new_slope, slope)
        return torch.where(moved, proposed, z), new_state, moved

    def _energy_and_slope(self, z: Tensor, observed: Tensor, sigma: float) -> tuple[Tensor, Tensor]:
        """E(z), (n,), and its gradient, (n, d)."""
        with torch.enable_grad():
            z = z.detach().requires_grad_()
            energy = ((observed - z) ** 2).sum(1) / (2 * sigma**2) - self._log_prob(z)
            (slope,) = torch.autograd.grad(energy.sum(), z)
        return energy.detach(), slope

    def _log_prob(self, z: Tensor) -> Tensor:
        return self.model.log_prob(z @ self._from_plane.T) - self.volume

    def _tensor(self, x: np.ndarray, name: str) -> Tensor:
        rows = np.ascontiguousarray(as_rows(x, self.n_dims, name))
        return torch.as_tensor(rows, dtype=self._from_plane.dtype, device=self._from_plane.device)
