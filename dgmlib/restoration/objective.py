"""The number that EPLL makes small, its gradient, and the split form that each round makes smaller.

    F(x) = 1/2σ² Σ_j c_j (A x − y)_j² − Σ_i log p(P_i x)
    ∇F(x) = Aᵀ C (A x − y) / σ² − Σ_i P_iᵀ (∇ log p)(P_i x)

For grey pictures, in double precision. The notation is that of ``dgmlib.restoration.epll``.
"""

import math

import numpy as np

from dgmlib.patches import PatchPrior, aggregate, coverage, extract, from_plane, to_plane
from dgmlib.patches.prior import check_sigma
from dgmlib.restoration.operators import LinearOperator


def epll_objective(x: np.ndarray, y: np.ndarray, a: LinearOperator, prior: PatchPrior, *, sigma: float) -> float:
    """F(x) in nats, up to a constant."""
    z, _ = to_plane(extract(x.astype(float), _side(prior)))
    return _misfit(x, y, a, prior, sigma) - float(prior.log_prob(z).sum())


def epll_gradient(x: np.ndarray, y: np.ndarray, a: LinearOperator, prior: PatchPrior, *, sigma: float) -> np.ndarray:
    """∇F(x), (height, width); the prior must have a ``score``, ∇ log p."""
    check_sigma(sigma)
    if not hasattr(prior, "score"):
        raise ValueError(
            f"prior: got a {type(prior).__name__} without `score`, expected one with it, such as a mixture."
        )
    z, _ = to_plane(extract(x.astype(float), _side(prior)))
    weights = a.coverage(coverage(a.shape, _side(prior))) / sigma**2
    return a.adjoint(weights * (a(x) - y)) - aggregate(from_plane(prior.score(z)), a.shape)


def split_objective(
    x: np.ndarray,
    patches: np.ndarray,
    y: np.ndarray,
    a: LinearOperator,
    prior: PatchPrior,
    *,
    sigma: float,
    beta: float,
) -> float:
    """F_β(x, p) in nats, up to a constant; patches p (n, d), all of them."""
    apart = ((extract(x.astype(float), _side(prior)) - patches) ** 2).sum()
    inside = prior.log_prob(to_plane(patches.astype(float))[0]).sum()
    return _misfit(x, y, a, prior, sigma) + 0.5 * beta * float(apart) - float(inside)


def _misfit(x: np.ndarray, y: np.ndarray, a: LinearOperator, prior: PatchPrior, sigma: float) -> float:
    check_sigma(sigma)
    weights = a.coverage(coverage(a.shape, _side(prior)))
    return float((weights * (a(x) - y) ** 2).sum()) / (2 * sigma**2)


def _side(prior: PatchPrior) -> int:
    return math.isqrt(prior.n_dims + 1)
