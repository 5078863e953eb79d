"""Every density of the book on a tiny instance: how to make one, where it lives, what is known about it.

To have a new model checked, add one line to `AUTOREGRESSIVE` (modules with `conditionals`) or `CLOSED_FORM` (NumPy).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np
import torch

from dgmlib.autoregressive import (
    FVSBN,
    MADE,
    NADE,
    RNADE,
    AttentionModel,
    GatedPixelCNN,
    PixelCNN,
    RecurrentModel,
)
from dgmlib.bayes_nets import BayesNet, fully_connected
from dgmlib.classifiers import BernoulliNaiveBayes
from dgmlib.likelihood import Bernoulli, Categorical, Gaussian, MultivariateGaussian


@dataclass(frozen=True)
class Rows:
    """Finitely many outcomes: variable i takes the values 0 … cardinalities[i] − 1. Scalar: shape (m,)."""

    cardinalities: tuple[int, ...]
    scalar: bool = False

    def points(self) -> np.ndarray:
        rows = np.array(list(product(*(range(k) for k in self.cardinalities))))
        return rows[:, 0] if self.scalar else rows

    volume = 1.0

    def cells(self, x: np.ndarray) -> np.ndarray:
        """Number of the cell that each row of x falls in: here, the number of the outcome."""
        columns = x.reshape(len(x), -1).astype(int).T
        return np.ravel_multi_index(tuple(columns), self.cardinalities)


@dataclass(frozen=True)
class Box:
    """[low, high]^d with a grid of midpoints for quadrature, and coarse cells of grid points for counting."""

    low: float
    high: float
    d: int
    n_cells: int = 24
    n_inside: int = 30
    scalar: bool = False

    @property
    def volume(self) -> float:
        return ((self.high - self.low) / (self.n_cells * self.n_inside)) ** self.d

    def points(self) -> np.ndarray:
        m = self.n_cells * self.n_inside
        line = self.low + (np.arange(m) + 0.5) * (self.high - self.low) / m
        return line if self.scalar else np.stack(np.meshgrid(*[line] * self.d, indexing="ij"), -1).reshape(-1, self.d)

    def cells(self, x: np.ndarray) -> np.ndarray:
        """Number of the coarse cell; points outside the box go to the nearest one at its edge."""
        place = np.floor((x.reshape(len(x), -1) - self.low) / (self.high - self.low) * self.n_cells)
        place = place.clip(0, self.n_cells - 1).astype(int)
        return np.ravel_multi_index(tuple(place.T), (self.n_cells,) * self.d)


@dataclass(frozen=True)
class Case:
    """One model under test.

    make: seed generator -> model. n_parameters: by formula. n_idle: parameters that the mathematics itself leaves
    without influence (None: depends on the seed). sees_all: every conditional depends on all earlier variables.
    optimum: -> (log-likelihood reached by fitting, best possible one) where that is not "one point gets probability 1".
    """

    name: str
    make: Callable[[Any], Any]
    space: Rows | Box
    n_parameters: int
    n_idle: int | None = 0
    sees_all: bool = True
    weight_size: float = 0.7
    optimum: Callable[[], tuple[float, float]] | None = field(default=None, repr=False)

    @property
    def is_binary(self) -> bool:
        return isinstance(self.space, Rows) and set(self.space.cardinalities) == {2}

    def seeded(self, seed: int = 0) -> Any:
        """A model far from its start: torch weights are redrawn, N(0, weight_size²)."""
        if self in CLOSED_FORM:
            return self.make(np.random.default_rng(seed))
        return randomized(self.make(torch.Generator().manual_seed(seed)), self.weight_size, seed)


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


def shuffled(n: int, generator: torch.Generator) -> torch.Tensor:
    return torch.randperm(n, generator=generator)


def rnade_optimum() -> tuple[float, float]:
    """One variable, one component: RNADE must find the Gaussian that a formula finds."""
    x = torch.randn(50, 1, generator=torch.Generator().manual_seed(0)) * 3 + 1
    model = RNADE(1, 2, 1, generator=torch.Generator().manual_seed(1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    for _ in range(400):
        optimizer.zero_grad()
        (-model.log_prob(x).mean()).backward()
        optimizer.step()
    best = Gaussian.fit(x[:, 0].double())
    return float(model.log_prob(x).detach().mean()), float(best.log_prob(x[:, 0].double()).mean())


def bits(n: int) -> Rows:
    return Rows((2,) * n)


AUTOREGRESSIVE = (
    Case("FVSBN", lambda g: FVSBN(6), bits(6), 21),
    # The last variable's row of the shared first layer feeds nothing: n_hidden idle numbers.
    Case("NADE", lambda g: NADE(7, 5, generator=g), bits(7), 2 * 7 * 5 + 7 + 5, n_idle=5),
    Case("NADE, blocks", lambda g: NADE(10, 3, generator=g), bits(10), 2 * 10 * 3 + 10 + 3, n_idle=3),
    Case(
        "RNADE",
        lambda g: RNADE(2, 5, 2, generator=g),
        Box(-9, 9, 2),
        2 * 5 + 5 + 3 * 2 * 2 * (5 + 1),
        n_idle=5,
        weight_size=0.4,
        optimum=rnade_optimum,
    ),
    Case(
        "MADE, shuffled",
        lambda g: MADE(6, [20], ordering=shuffled(6, g), generator=g),
        bits(6),
        6 * 20 + 20 + 20 * 6 + 6,
        n_idle=None,
        sees_all=False,
    ),
    Case(
        "MADE, deep, direct",
        lambda g: MADE(5, [16, 12, 9], ordering=shuffled(5, g), direct=True, generator=g),
        bits(5),
        (5 * 16 + 16) + (16 * 12 + 12) + (12 * 9 + 9) + (9 * 5 + 5) + (25 + 5),
        n_idle=None,
    ),
    Case("recurrent", lambda g: RecurrentModel(6, 4, generator=g), bits(6), 3 * 16 + 10 * 4 + 1),
    # A key's bias adds the same to all scores of a query, which softmax ignores: n_channels per layer.
    Case(
        "attention",
        lambda g: AttentionModel(6, 8, 2, 2, generator=g),
        bits(6),
        2 * (12 * 64 + 13 * 8) + 8 * (6 + 4) + 1,
        n_idle=2 * 8,
    ),
    Case(
        "PixelCNN",
        lambda g: PixelCNN(3, 3, 5, 3, generator=g),
        bits(9),
        50 * 5 + 3 * (9 * 25 + 5) + 5 + 1,
        n_idle=None,
        sees_all=False,
        weight_size=0.4,
    ),
    Case(
        "gated PixelCNN",
        lambda g: GatedPixelCNN(3, 3, 4, 2, generator=g),
        bits(9),
        5 * 16 + 120 * 4 + 1 + 2 * (29 * 16 + 7 * 4),
        n_idle=None,
    ),
)


def mixed_net(rng: np.random.Generator) -> BayesNet:
    return BayesNet({"a": (), "b": ("a",), "c": (), "d": ("b", "c")}, {"a": 2, "b": 3, "c": 2, "d": 4}).randomize(
        rng=rng
    )


def random_naive_bayes(rng: np.random.Generator) -> BernoulliNaiveBayes:
    y = np.arange(40) % 3
    return BernoulliNaiveBayes().fit((rng.random((40, 5)) < 0.2 + 0.3 * y[:, None]).astype(int), y)


def gaussian(rng: np.random.Generator) -> MultivariateGaussian:
    a = rng.normal(size=(2, 2))
    return MultivariateGaussian(rng.normal(size=2), a @ a.T + 0.5 * np.eye(2))


def one_point(fit: Callable[[], Any], x: np.ndarray) -> Callable[[], tuple[float, float]]:
    """Fitted to a single point, a discrete model gives it probability one: 0 nats."""
    return lambda: (float(fit().log_prob(x)[0]), 0.0)


def gaussian_optimum() -> tuple[float, float]:
    """Fitted to −1 and 1: mean log-likelihood −½ log 2πe."""
    x = np.array([-1.0, 1.0])
    return float(Gaussian.fit(x).log_prob(x).mean()), -0.5 * math.log(2 * math.pi * math.e)


def multivariate_optimum() -> tuple[float, float]:
    """Fitted to the corners of a square of side 2, whose covariance is the identity: −log 2πe."""
    x = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
    return float(MultivariateGaussian.fit(x).log_prob(x).mean()), -math.log(2 * math.pi * math.e)


ROW = np.array([[1, 0, 1, 1]])

CLOSED_FORM = (
    Case(
        "Bayesian network",
        mixed_net,
        Rows((2, 3, 2, 4)),
        1 + 2 * 2 + 1 + 3 * 3 * 2,
        optimum=one_point(lambda: BayesNet({"a": (), "b": ("a",), "c": ("b",), "d": ("a", "c")}).fit(ROW), ROW),
    ),
    Case(
        "full table",
        lambda rng: fully_connected(4).randomize(rng=rng),
        bits(4),
        2**4 - 1,
        optimum=one_point(lambda: fully_connected(4).fit(ROW), ROW),
    ),
    Case(
        "naive Bayes",
        random_naive_bayes,
        bits(5),
        2 + 3 * 5,
        optimum=one_point(lambda: BernoulliNaiveBayes(pseudocount=0).fit(ROW, np.array([0])), ROW),
    ),
    Case(
        "coin",
        lambda rng: Bernoulli(0.3),
        Rows((2,), scalar=True),
        1,
        optimum=one_point(lambda: Bernoulli.fit(np.array([1])), np.array([1])),
    ),
    Case(
        "die",
        lambda rng: Categorical(rng.dirichlet(np.ones(5))),
        Rows((5,), scalar=True),
        4,
        optimum=one_point(lambda: Categorical.fit(np.array([2]), 5), np.array([2])),
    ),
    Case("Gaussian", lambda rng: Gaussian(0.4, 1.3), Box(-12, 12, 1, scalar=True), 2, optimum=gaussian_optimum),
    Case("Gaussian, 2-D", gaussian, Box(-14, 14, 2), 2 + 3, optimum=multivariate_optimum),
)
