"""Four densities one can fit on paper, and the score that fitting maximises.

    ℓ̄(θ) = 1/m Σᵢ log p_θ(xᵢ)      θ̂ = argmax_θ ℓ̄(θ)

Each class is a density (``log_prob``, ``sample``, ``num_parameters``) and knows its own maximum-likelihood
estimate (``fit``). Parameters and data may be NumPy arrays or torch tensors; tensors stay differentiable.
Source: Fisher (1922); MacKay (2003), chapter 22.
"""

import math
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np

from dgmlib._arrays import (
    Array,
    as_floats,
    check_counts,
    check_covariance,
    check_finite,
    check_positive,
    check_probabilities,
    detached,
    namespace,
)
from dgmlib.monte_carlo import Estimate, estimate_mean


class Density(Protocol):
    """What every model of the book can do at least."""

    def log_prob(self, x: Array) -> Array:
        """log p(x) in nats, one number per example."""


def mean_log_likelihood(model: Density, x: Array) -> Estimate:
    """Empirical log-likelihood ℓ̄ in nats per example, with the standard error of estimating E log p_θ."""
    return estimate_mean(model.log_prob(x))


@dataclass(frozen=True)
class Bernoulli:
    """A coin: p(1) = θ, p(0) = 1 − θ."""

    theta: Array

    def __post_init__(self) -> None:
        (theta,) = as_floats(self.theta)
        _check_one(theta, "theta")
        if not bool(((theta >= 0) & (theta <= 1)).all()):
            raise ValueError(f"theta: got {self.theta}, expected a probability between 0 and 1.")

    @property
    def num_parameters(self) -> int:
        """One: θ."""
        return 1

    def log_prob(self, x: Array) -> Array:
        """x log θ + (1−x) log(1−θ) in nats for x of zeros and ones, (m,) -> (m,)."""
        x, theta = as_floats(x, self.theta)
        _check_coins(x)
        return _log(namespace(x).where(x == 1, theta, 1 - theta))

    def sample(self, n: int, *, rng: np.random.Generator) -> np.ndarray:
        """Toss the coin n times, -> (n,) zeros and ones."""
        return (rng.random(n) < float(detached(self.theta))).astype(int)

    @classmethod
    def fit(cls, x: Array) -> Self:
        """θ̂ = number of ones / m, for x of zeros and ones, (m,)."""
        (x,) = as_floats(x)
        _check_data(x, ndim=1)
        _check_coins(x)
        return cls(x.mean())


@dataclass(frozen=True)
class Categorical:
    """A die with k sides: p(x = j) = probs[j], sides numbered 0 … k−1."""

    probs: Array

    def __post_init__(self) -> None:
        (probs,) = as_floats(self.probs)
        if probs.ndim != 1:
            raise ValueError(f"probs: got shape {tuple(probs.shape)}, expected (k,): one die.")
        check_probabilities(probs, "probs")

    @property
    def num_parameters(self) -> int:
        """k − 1: the last probability follows from the others."""
        return len(self.probs) - 1

    def log_prob(self, x: Array) -> Array:
        """log probs[x] in nats for integers x, (m,) -> (m,)."""
        _check_sides(x, len(self.probs))
        (probs,) = as_floats(self.probs)
        # (As an index torch takes bytes for a mask, and NumPy a list of bytes for what it is.)
        return _log(probs)[namespace(probs).asarray(x, dtype=namespace(probs).int64)]

    def sample(self, n: int, *, rng: np.random.Generator) -> np.ndarray:
        """Roll the die n times, -> (n,) integers."""
        return rng.choice(len(self.probs), size=n, p=np.asarray(detached(self.probs)))

    @classmethod
    def fit(cls, x: Array, k: int, *, pseudocount: float = 0.0) -> Self:
        """p̂_j = (count of j + pseudocount) / (m + k·pseudocount), x: (m,) integers; pseudocount 0 is ML."""
        if not 0 <= pseudocount < math.inf:
            raise ValueError(f"pseudocount: got {pseudocount}, expected a number ≥ 0; 0 is maximum likelihood.")
        x = np.asarray(x)
        _check_data(x, ndim=1)
        check_counts(k=k)
        _check_sides(x, k)
        counts = np.bincount(x, minlength=k) + pseudocount
        return cls(counts / counts.sum())


@dataclass(frozen=True)
class Gaussian:
    """The normal density N(μ, σ²) on the line; σ is the standard deviation."""

    mu: Array
    sigma: Array

    def __post_init__(self) -> None:
        mu, sigma = as_floats(self.mu, self.sigma)
        _check_one(mu, "mu")
        _check_one(sigma, "sigma")
        check_finite(mu, "mu")
        check_positive(sigma, "sigma")

    @property
    def num_parameters(self) -> int:
        """Two: μ and σ."""
        return 2

    def log_prob(self, x: Array) -> Array:
        """−½((x−μ)/σ)² − log σ − ½ log 2π in nats, (m,) -> (m,)."""
        x, mu, sigma = as_floats(x, self.mu, self.sigma)
        return -0.5 * ((x - mu) / sigma) ** 2 - namespace(sigma).log(sigma) - 0.5 * math.log(2 * math.pi)

    def sample(self, n: int, *, rng: np.random.Generator) -> np.ndarray:
        """Draw n numbers, -> (n,)."""
        return rng.normal(float(detached(self.mu)), float(detached(self.sigma)), size=n)

    @classmethod
    def fit(cls, x: Array) -> Self:
        """μ̂ = mean of x, (m,), σ̂² = mean of (x − μ̂)²: divided by m, not m − 1."""
        (x,) = as_floats(x)
        _check_data(x, ndim=1)
        mu = x.mean()
        sigma = namespace(x).sqrt(((x - mu) ** 2).mean())
        if not (float(x.max()) > float(x.min()) and float(sigma) > 0):  # rounding gives equal values a spread
            raise ValueError(
                f"x: got {len(x)} equal values, expected spread; the likelihood grows without bound as σ → 0."
            )
        return cls(mu, sigma)


@dataclass(frozen=True)
class MultivariateGaussian:
    """The normal density N(μ, Σ) on ℝᵈ."""

    mean: Array
    cov: Array

    def __post_init__(self) -> None:
        mean, cov = as_floats(self.mean, self.cov)
        check_covariance(cov, "cov")
        if mean.shape != cov.shape[:1]:
            raise ValueError(f"mean: got shape {tuple(mean.shape)}, expected {tuple(cov.shape[:1])} as in cov.")
        check_finite(mean, "mean")

    @property
    def num_parameters(self) -> int:
        """d + d(d+1)/2: a mean and a symmetric matrix."""
        d = len(self.mean)
        return d + d * (d + 1) // 2

    def log_prob(self, x: Array) -> Array:
        """−½ (x−μ)ᵀΣ⁻¹(x−μ) − ½ log det 2πΣ in nats, (m, d) -> (m,)."""
        x, mean, cov = as_floats(x, self.mean, self.cov)
        if x.ndim != 2 or x.shape[1] != len(mean):
            raise ValueError(f"x: got shape {tuple(x.shape)}, expected (m, {len(mean)}).")
        linalg = namespace(x).linalg
        centred = x - mean
        distance = (centred * linalg.solve(cov, centred.T).T).sum(-1)
        return -0.5 * (distance + linalg.slogdet(cov)[1] + len(mean) * math.log(2 * math.pi))

    def sample(self, n: int, *, rng: np.random.Generator) -> np.ndarray:
        """Draw n points, -> (n, d)."""
        return rng.multivariate_normal(np.asarray(detached(self.mean)), np.asarray(detached(self.cov)), size=n)

    @classmethod
    def fit(cls, x: Array) -> Self:
        """μ̂ = mean of the rows, (m, d), Σ̂ = mean of (x−μ̂)(x−μ̂)ᵀ: divided by m, not m − 1."""
        (x,) = as_floats(x)
        _check_data(x, ndim=2)
        mean = x.mean(0)
        centred = x - mean
        return cls(mean, centred.T @ centred / len(x))


def _log(p: Array) -> Array:
    """log p with log 0 = −∞, silently: an impossible outcome is a legitimate answer."""
    xp = namespace(p)
    return xp.where(p > 0, xp.log(xp.where(p > 0, p, 1.0)), -math.inf)


def _check_one(parameter: Array, name: str) -> None:
    if math.prod(parameter.shape) != 1:
        raise ValueError(f"{name}: got shape {tuple(parameter.shape)}, expected one number; make a density of each.")


def _check_data(x: Array, ndim: int) -> None:
    if x.ndim != ndim or len(x) == 0:
        shape = "(m,)" if ndim == 1 else "(m, d)"
        raise ValueError(f"x: got shape {tuple(x.shape)}, expected {shape} with m ≥ 1 examples.")
    if not bool(namespace(x).isfinite(x).all()):
        raise ValueError("x: got NaN or infinite values, expected finite numbers; remove or mend those examples.")


def _check_coins(x: Array) -> None:
    if not bool(((x == 0) | (x == 1)).all()):
        raise ValueError("x: got values other than 0 and 1, expected coin tosses; code tails as 0, heads as 1.")


def _check_sides(x: Array, k: int) -> None:
    x = np.asarray(x)
    if x.dtype.kind not in "iu" or ((x < 0) | (x >= k)).any():
        raise ValueError(f"x: got values that are not integers 0 … {k - 1}, expected sides of a {k}-sided die.")
