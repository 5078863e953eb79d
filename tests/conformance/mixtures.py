"""Mixtures of Gaussians with each of the four kinds of covariance."""

import numpy as np

from dgmlib.latent.mixture import GaussianMixture
from dgmlib.likelihood import MultivariateGaussian
from tests.conformance.case import Case
from tests.conformance.latent import Marginal
from tests.conformance.spaces import Box

K, D = 3, 2
N_COVARIANCE = {"full": K * 3, "diagonal": K * D, "spherical": K, "tied": 3}
CORNERS = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])


def random_mixture(kind: str, rng: np.random.Generator) -> Marginal:
    a = 0.6 * rng.normal(size=(K, D, D))
    full = a @ a.swapaxes(1, 2) + 0.3 * np.eye(D)
    covariances = {
        "full": full,
        "diagonal": np.diagonal(full, axis1=1, axis2=2),
        "spherical": full[:, 0, 0],
        "tied": full[0],
    }
    weights, means = rng.dirichlet(np.ones(K)), 1.5 * rng.normal(size=(K, D))
    return Marginal(GaussianMixture.from_parameters(weights, means, covariances[kind].copy(), kind))


def optimum(kind: str) -> tuple[float, float]:
    """One component on the corners of a square, whose covariance is the identity: every kind finds that Gaussian."""
    found = GaussianMixture(1, kind).fit(CORNERS).log_prob(CORNERS).mean()
    return float(found), float(MultivariateGaussian.fit(CORNERS).log_prob(CORNERS).mean())


MIXTURES = tuple(
    Case(
        f"mixture of Gaussians, {kind}",
        lambda rng, kind=kind: random_mixture(kind, rng),
        Box(-12, 12, D),
        (K - 1) + K * D + n_covariance,
        is_numpy=True,
        optimum=lambda kind=kind: optimum(kind),
    )
    for kind, n_covariance in N_COVARIANCE.items()
)
