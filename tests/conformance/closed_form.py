"""The densities that are fitted by a formula or by counting: NumPy, no gradients."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dgmlib.bayes_nets import BayesNet, fully_connected
from dgmlib.bernoulli_mixture import BernoulliMixture
from dgmlib.classifiers import BernoulliNaiveBayes
from dgmlib.kernel_density import KernelDensity
from dgmlib.likelihood import Bernoulli, Categorical, Gaussian, MultivariateGaussian
from dgmlib.ngrams import NgramModel
from dgmlib.ngrams.smoothing import Additive
from tests.conformance.case import Case
from tests.conformance.spaces import Box, Rows, bits


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


@dataclass(frozen=True)
class Sequences:
    """An n-gram model as a density over sequences of one length."""

    model: NgramModel
    length: int

    @property
    def num_parameters(self) -> int:
        return self.model.num_parameters

    def log_prob(self, x: np.ndarray) -> np.ndarray:
        return self.model.log_prob(x)

    def sample(self, n: int, *, rng: np.random.Generator) -> np.ndarray:
        return self.model.sample(n, self.length, rng=rng)


def trigrams(rng: np.random.Generator) -> Sequences:
    text = "".join(rng.choice(list("abc"), size=60, p=[0.6, 0.3, 0.1]))
    return Sequences(NgramModel("abc", 2).fit(text), 4)


def bigram_optimum() -> tuple[float, float]:
    """Fitted to an alternating text without smoothing: only the first symbol is uncertain, 1 bit."""
    model = NgramModel("ab", 1, Additive(0)).fit("ab" * 10)
    return float(model.log_prob(model.encode("abab")[None])[0]), -math.log(2)


def mixture(rng: np.random.Generator) -> BernoulliMixture:
    return BernoulliMixture(rng.dirichlet(np.ones(3)), rng.uniform(0.1, 0.9, (3, 5)))


def mixture_optimum() -> tuple[float, float]:
    """Fitted to one row with pseudocount c: every pixel is right with probability (1 + c) / (1 + 2c)."""
    model = BernoulliMixture.fit(ROW, 1, rng=np.random.default_rng(0), pseudocount=0.1)
    return float(model.log_prob(ROW)[0]), 4 * math.log(1.1 / 1.2)


def kernel_optimum() -> tuple[float, float]:
    """One example: the peak of one Gaussian of width h."""
    model = KernelDensity.fit(np.array([3.0]), bandwidth=0.5)
    return float(model.log_prob(np.array([3.0]))[0]), -math.log(0.5 * math.sqrt(2 * math.pi))


_CASES = (
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
    Case("n-grams", trigrams, Rows((3,) * 4), 3**3 - 1, optimum=bigram_optimum),
    Case("mixture of coins", mixture, bits(5), 2 + 3 * 5, optimum=mixture_optimum),
    Case(
        "kernel density",
        lambda rng: KernelDensity.fit(rng.normal(size=20), bandwidth=0.4),
        Box(-8, 8, 1, scalar=True),
        20 + 1,
        optimum=kernel_optimum,
    ),
    Case("Gaussian", lambda rng: Gaussian(0.4, 1.3), Box(-12, 12, 1, scalar=True), 2, optimum=gaussian_optimum),
    Case("Gaussian, 2-D", gaussian, Box(-14, 14, 2), 2 + 3, optimum=multivariate_optimum),
)

CLOSED_FORM = tuple(replace(case, is_numpy=True) for case in _CASES)
