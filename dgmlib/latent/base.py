"""What an estimator of p(x) asks of a model with latent variables, and of a guess at them.

    p(x) = Σ_z p(x, z)      or      p(x) = ∫ p(x, z) dz

Shapes, everywhere in `dgmlib.latent`: x is (batch, n_dims), z is (…, batch, n_latents), and log-densities are
(…, batch). In front of the batch there is usually one axis of n samples. A batch of one broadcasts: it stands for
every example alike. Everything is in nats.
"""

from typing import Protocol

import torch
from torch import Tensor


class Proposal(Protocol):
    """A density q(z) that one can sample, with one distribution of n_latents variables per example."""

    def sample(self, n: int, *, generator: torch.Generator | None = None) -> Tensor:
        """n ≥ 0 draws for each example, -> (n, batch, n_latents)."""

    def log_prob(self, z: Tensor) -> Tensor:
        """log q(z) in nats, (…, batch, n_latents) -> (…, batch)."""


class LatentVariableModel(Protocol):
    """A model z → x, of which the joint density is easy and the marginal p(x) need not be."""

    n_latents: int

    @property
    def prior(self) -> Proposal:
        """p(z), a batch of one."""

    def log_joint(self, x: Tensor, z: Tensor) -> Tensor:
        """log p(x, z) in nats, (batch, n_dims), (…, batch, n_latents) -> (…, batch)."""


def check_rows(x: Tensor, width: int | None, name: str) -> None:
    """Raise unless ``x`` is a floating tensor (batch, width), of any width if that is None."""
    if not isinstance(x, Tensor) or not x.is_floating_point() or x.ndim != 2 or width not in (None, x.shape[1]):
        got = f"{tuple(x.shape)} {x.dtype}" if isinstance(x, Tensor) else type(x).__name__
        raise ValueError(f"{name}: got {got}, expected a floating tensor (batch, {width or 'n_dims'}).")


def check_latents(z: Tensor, n_latents: int) -> None:
    """Raise unless ``z`` ends in (batch, n_latents)."""
    if z.ndim < 2 or z.shape[-1] != n_latents:
        raise ValueError(f"z: got shape {tuple(z.shape)}, expected (…, batch, {n_latents}).")


def check_draws(z: Tensor, n: int, batch: int, n_latents: int) -> None:
    """Raise unless ``z`` holds n draws for each of ``batch`` examples, or n that they share."""
    if z.shape not in ((n, batch, n_latents), (n, 1, n_latents)):
        raise ValueError(
            f"q: got samples {tuple(z.shape)}, expected {(n, batch, n_latents)} or a batch of one; "
            f"make q for the examples of x."
        )
