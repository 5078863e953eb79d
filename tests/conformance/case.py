"""A model under test, and one way to talk to NumPy and torch models alike."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from tests.conformance.spaces import Box, Rows


@dataclass(frozen=True)
class Case:
    """One model under test.

    make: random generator (torch's, or NumPy's if is_numpy) -> model. n_parameters: by formula. n_idle: parameters
    that the mathematics itself leaves without influence (None: seed-dependent). sees_all: every conditional depends
    on all earlier variables.
    huge: what to multiply the weights by so that logits lie in the hundreds.
    optimum: -> (log-likelihood reached by fitting, best possible one) where that is not "one point gets probability 1".
    objective: (model, x) -> what training maximises, (batch,), where log_prob itself has no gradient.
    """

    name: str
    make: Callable[[Any], Any]
    space: Rows | Box
    n_parameters: int
    n_idle: int | None = 0
    sees_all: bool = True
    weight_size: float = 0.7
    huge: float = 100.0
    is_numpy: bool = False
    optimum: Callable[[], tuple[float, float]] | None = field(default=None, repr=False)
    objective: Callable[[Any, torch.Tensor], torch.Tensor] | None = field(default=None, repr=False)

    @property
    def is_binary(self) -> bool:
        return isinstance(self.space, Rows) and set(self.space.cardinalities) == {2}

    def seeded(self, seed: int = 0) -> Any:
        """A model far from its start: torch weights are redrawn, N(0, weight_size²)."""
        if self.is_numpy:
            return self.make(np.random.default_rng(seed))
        return randomized(self.make(torch.Generator().manual_seed(seed)), self.weight_size, seed)

    def score(self, model: torch.nn.Module, x: torch.Tensor) -> torch.Tensor:
        """What training maximises, (batch, n) -> (batch,)."""
        return self.objective(model, x) if self.objective else model.log_prob(x)


def randomized(model: torch.nn.Module, size: float = 0.7, seed: int = 0) -> torch.nn.Module:
    """The model with every parameter drawn from N(0, size²): nothing is zero, equal or symmetric by accident."""
    generator = torch.Generator().manual_seed(seed + 100)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(0, size, generator=generator)
    return model


def log_prob(model: Any, x: np.ndarray) -> np.ndarray:
    """log p(x) as float64 numbers, whatever the model computes with."""
    if not isinstance(model, torch.nn.Module):
        return np.asarray(model.log_prob(x))
    dtype = next(model.parameters()).dtype
    with torch.no_grad():
        return (
            torch.cat([model.log_prob(part) for part in torch.as_tensor(x, dtype=dtype).split(20_000)]).double().numpy()
        )


def sample(model: Any, n: int, seed: int) -> np.ndarray:
    """n draws, whatever randomness the model wants."""
    if isinstance(model, torch.nn.Module):
        return model.sample(n, generator=torch.Generator().manual_seed(seed)).double().numpy()
    return np.asarray(model.sample(n, rng=np.random.default_rng(seed)))
