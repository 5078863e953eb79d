"""Models with latent variables whose marginal is known: in closed form, or by summing over all settings."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from dgmlib.latent.ppca import PPCA
from dgmlib.latent.sigmoid_belief import SigmoidBeliefNet
from dgmlib.latent.vae import VAE
from dgmlib.likelihood import MultivariateGaussian
from tests.conformance.case import Case
from tests.conformance.spaces import Box, bits


@dataclass(frozen=True)
class Marginal:
    """A torch model that is no module, spoken to in NumPy."""

    model: Any

    @property
    def num_parameters(self) -> int:
        return self.model.num_parameters

    def log_prob(self, x: np.ndarray) -> np.ndarray:
        return self.model.log_prob(torch.as_tensor(x)).numpy()

    def sample(self, n: int, *, rng: np.random.Generator) -> np.ndarray:
        return self.model.sample(n, generator=torch.Generator().manual_seed(int(rng.integers(2**31)))).numpy()


def ppca(rng: np.random.Generator) -> Marginal:
    weight, mean = torch.tensor(rng.normal(size=(2, 1))), torch.tensor(rng.normal(size=2))
    return Marginal(PPCA(weight, mean, torch.tensor(0.8, dtype=torch.float64)))


def ppca_optimum() -> tuple[float, float]:
    """With one latent fewer than dimensions nothing is left out: the fit is as good as the best Gaussian."""
    x = np.random.default_rng(0).normal(size=(40, 2)) @ np.array([[2.0, 0.5], [0.0, 0.7]])
    best = MultivariateGaussian.fit(x).log_prob(x).mean()
    return float(PPCA.fit(torch.tensor(x), 1).log_prob(torch.tensor(x)).mean()), float(best)


class OneLatent(VAE):
    """A variational autoencoder whose marginal quadrature finds, so that it can be held against its own samples."""

    def log_prob(self, x: torch.Tensor) -> torch.Tensor:
        return self.quadrature_log_prob(x, n_points=401, half_width=8.0)


def vae(generator: torch.Generator) -> OneLatent:
    return OneLatent(5, 1, hidden=(4,), generator=generator)


def vae_optimum() -> tuple[float, float]:
    """Trained on the bound of a single row, it gives that row all the probability there is."""
    noise = torch.Generator().manual_seed(0)
    model, row = vae(noise), torch.tensor([[1.0, 0.0, 0.0, 1.0, 1.0]])
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05, maximize=True)
    for _ in range(500):
        optimizer.zero_grad()
        model.elbo(row, generator=noise).sum().backward()
        optimizer.step()
    return float(model.log_prob(row)), 0.0


def bound(model: VAE, x: torch.Tensor) -> torch.Tensor:
    """What a VAE is trained on; the same noise whenever it is asked for."""
    return model.elbo(x, n_samples=3, generator=torch.Generator().manual_seed(0))


def gaussian_vae(generator: torch.Generator) -> OneLatent:
    return OneLatent(2, 1, hidden=(4,), decoder="gaussian", generator=generator)


def gaussian_vae_optimum() -> tuple[float, float]:
    """Without hidden layers and with one σ_i for all z it is factor analysis: as good as the best Gaussian."""
    x = torch.randn(40, 2, generator=torch.Generator().manual_seed(0)) @ torch.tensor([[2.0, 0.5], [0.0, 0.7]])
    noise = torch.Generator().manual_seed(1)
    model = OneLatent(2, 1, hidden=(), decoder="gaussian, shared sigma", generator=noise)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.03, maximize=True)
    for _ in range(600):
        optimizer.zero_grad()
        model.elbo(x, n_samples=16, generator=noise).mean().backward()
        optimizer.step()
    best = MultivariateGaussian.fit(x.numpy()).log_prob(x.numpy()).mean()
    return float(model.log_prob(x).mean()), float(best)


LATENT = (
    # Encoder 5 → 4 → 2, decoder 1 → 4 → 5.
    Case(
        "VAE",
        vae,
        bits(5),
        (5 * 4 + 4 + 4 * 2 + 2) + (4 + 4 + 4 * 5 + 5),
        huge=10,
        optimum=vae_optimum,
        objective=bound,
    ),
    # Encoder 2 → 4 → 2, decoder 1 → 4 → 4: two means, two log σ.
    Case(
        "VAE, Gaussian",
        gaussian_vae,
        Box(-10, 10, 2, n_cells=16, n_inside=15),
        (2 * 4 + 4 + 4 * 2 + 2) + (4 + 4 + 4 * 4 + 4),
        weight_size=0.4,
        huge=3,
        optimum=gaussian_vae_optimum,
        objective=bound,
    ),
    Case("probabilistic PCA", ppca, Box(-12, 12, 2), 2 + 2 * 1 - 0 + 1, is_numpy=True, optimum=ppca_optimum),
    Case("sigmoid belief net", lambda g: SigmoidBeliefNet(5, 3, generator=g), bits(5), 3 + 5 + 5 * 3),
)
