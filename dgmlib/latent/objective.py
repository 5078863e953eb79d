"""The loss of a VAE for `training.fit`: minus a bound on log p(x), one number per example, in nats.

    n_samples draws averaged outside the logarithm:     −(E_q log p(x | z) − β D(q ‖ p(z)))
    importance: averaged inside it:                     −log 1/k Σ_j p(x, z_j)/q(z_j | x)

Warm-up: β grows linearly from 0 over the first share ``warm_up`` of the training, so that the decoder learns to use z
before z costs anything (S. Bowman et al., CoNLL 2016; C. Sønderby et al., NeurIPS 2016).
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from dgmlib.latent.vae import VAE


@dataclass
class Objective:
    """A loss that knows how far training has come: pass ``begin_epoch`` to `training.fit` as well.

    On validation data, that is with the model in evaluation mode, β has its final value: epochs stay comparable.
    """

    vae: VAE
    generator: torch.Generator
    n_samples: int = 1
    importance: bool = False
    beta: float = 1.0
    warm_up: float = 0.0
    done: float = 0.0

    def __post_init__(self) -> None:
        if self.importance and (self.beta != 1 or self.warm_up != 0):
            raise ValueError(
                f"beta, warm_up: got {self.beta} and {self.warm_up} with importance=True, expected 1 and 0; "
                f"the importance-weighted bound has no separate KL term."
            )
        if not 0 <= self.warm_up <= 1 or self.beta < 0:
            raise ValueError(
                f"beta, warm_up: got {self.beta} and {self.warm_up}, expected β ≥ 0 and a share in [0, 1]."
            )

    def begin_epoch(self, done: float) -> None:
        """Note the share of training done, in [0, 1)."""
        self.done = done

    @property
    def current_beta(self) -> float:
        """β in this epoch."""
        return self.beta if self.done >= self.warm_up else self.beta * self.done / self.warm_up

    def __call__(self, x: Tensor) -> Tensor:
        """Losses, (batch, n_dims) -> (batch,)."""
        if self.importance:
            return -self.vae.iwae_bound(x, self.n_samples, generator=self.generator)
        beta = self.current_beta if self.vae.training else self.beta
        return -self.vae.elbo(x, n_samples=self.n_samples, beta=beta, generator=self.generator)
