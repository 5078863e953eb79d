"""Priors on patches, on a plane of two dimensions."""

import math
from dataclasses import replace

import numpy as np

from dgmlib.patches import FactorialPrior, GaussianMixturePrior, ScaleMixturePrior, gaussian_prior, pca_prior
from dgmlib.patches.marginals import GeneralizedGaussians
from tests.conformance.case import Case
from tests.conformance.spaces import Box

CORNERS = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])  # their second moment is the identity


def covariances(n: int, rng: np.random.Generator) -> np.ndarray:
    a = rng.normal(size=(n, 2, 2))
    return 0.5 * a @ a.transpose(0, 2, 1) + 0.3 * np.eye(2)


def one_gaussian(rng: np.random.Generator) -> GaussianMixturePrior:
    return GaussianMixturePrior(np.ones(1), covariances(1, rng))


def factorial(rng: np.random.Generator) -> FactorialPrior:
    rotation = np.linalg.qr(rng.normal(size=(2, 2)))[0]
    return FactorialPrior(rotation, GeneralizedGaussians(rng.uniform(0.8, 1.5, 2), np.array([1.2, 2.5])), n_learned=1)


def gaussian_mixture(rng: np.random.Generator) -> GaussianMixturePrior:
    return GaussianMixturePrior(rng.dirichlet(np.ones(3)), covariances(3, rng), rng.normal(size=(3, 2)))


def scale_mixture(rng: np.random.Generator) -> ScaleMixturePrior:
    weights = rng.dirichlet(np.ones(6)).reshape(2, 3)
    return ScaleMixturePrior(weights, np.array([0.3, 1.0, 2.0]), covariances(2, rng))


def gaussian_optimum() -> tuple[float, float]:
    """Fitted to the corners of a square of side 2: −log 2πe."""
    return float(gaussian_prior(CORNERS, ridge=0).log_prob(CORNERS).mean()), -math.log(2 * math.pi * math.e)


def scale_optimum() -> tuple[float, float]:
    """One scale and one shape is the Gaussian again."""
    fit = ScaleMixturePrior.fit(CORNERS, 1, scales=(1.0,), rng=np.random.default_rng(0), n_steps=3)
    return float(fit.log_prob(CORNERS).mean()), -math.log(2 * math.pi * math.e)


def factorial_optimum() -> tuple[float, float]:
    """Along each axis ±1 alone: the heaviest exponent that is tried, ρ = 4, and α⁴ = 4, is the best there."""
    fit = pca_prior(CORNERS * [1.0, 1.0 + 1e-9])
    rho = 4.0
    best = math.log(rho / (2 * rho ** (1 / rho))) - math.lgamma(1 / rho) - 1 / rho
    return float(fit.log_prob(CORNERS).mean()), 2 * best


BOX = Box(-14, 14, 2)

_CASES = (
    Case("patches: Gaussian", one_gaussian, BOX, 3, optimum=gaussian_optimum),
    Case("patches: factorial", factorial, BOX, 2 * 2 + 1, optimum=factorial_optimum),
    Case("patches: Gaussian mixture", gaussian_mixture, BOX, 3 * 3 + 3 * 2 + 2, optimum=gaussian_optimum),
    Case("patches: scale mixtures", scale_mixture, BOX, 2 * 3 + 5, optimum=scale_optimum),
)

PATCH_PRIORS = tuple(replace(case, is_numpy=True) for case in _CASES)
