"""The M step: from the sums of the E step to the parameters that make the expected log-likelihood largest.

    w_k = N_k / n,   μ_k = Σ_n r_kn x_n / N_k,   Σ_k = Σ_n r_kn (x_n − μ_k)(x_n − μ_k)ᵀ / N_k,   N_k = Σ_n r_kn

with every eigenvalue of Σ_k below a floor raised to it: of all covariances Σ ⪰ floor · I that is the likeliest, so EM
stays monotone where a point repeated, a constant column or too few examples would let a component collapse.
Source: Bishop (2006), section 9.2.2.
"""

import math

import numpy as np

from dgmlib.latent.covariances import Kind
from dgmlib.latent.expectation import Parameters, Sums

_EMPTY = 1e-8  # examples: with fewer, a component has nothing to learn from


def maximise(sums: Sums, old: Parameters, *, floor: float, zero_means: bool) -> Parameters:
    """Parameters with the largest expected log-likelihood; an empty component keeps its mean and its covariance."""
    kind, counts = old.kind, sums.counts
    filled = counts > _EMPTY
    safe = np.where(filled, counts, 1.0)[:, None]
    means = np.zeros_like(old.means) if zero_means else np.where(filled[:, None], sums.origins + sums.first / safe, 0)
    means = np.where(filled[:, None], means, old.means)
    scatter = _scatter(sums, means, kind)
    if kind.n_groups_are_components:
        column = (-1, *[1] * (scatter.ndim - 1))
        covariances = kind.raised(scatter / safe.reshape(column), floor)
        covariances = np.where(filled.reshape(column), covariances, old.covariances)
    else:
        covariances = kind.raised(scatter / counts.sum(), floor)
    return Parameters(kind, counts / counts.sum(), means, covariances)


def _scatter(sums: Sums, means: np.ndarray, kind: Kind) -> np.ndarray:
    """Σ_n r_kn (x_n − μ_k)(x_n − μ_k)ᵀ = Σ r y yᵀ − s gᵀ − g sᵀ + N g gᵀ, with y = x − origin and g = μ − origin."""
    gap = means - sums.origins
    mean = sums.first / np.maximum(sums.counts, _EMPTY)[:, None]
    # N (ȳ − g)(ȳ − g)ᵀ − N ȳ ȳᵀ: the means are rarely other than ȳ, and then the first term vanishes exactly.
    shift = kind.outer(mean - gap) - kind.outer(mean)
    shift *= sums.counts.reshape(-1, *[1] * (shift.ndim - 1))
    if not kind.n_groups_are_components:
        shift = shift.sum(0, keepdims=True)
    return kind.second_moments(sums.second, means.shape[1]) + shift


def revive(parameters: Parameters, sums: Sums) -> Parameters:
    """Give an empty component the example that the mixture explains worst, if the likelihood is sure to rise.

    ``sums`` are those of these very parameters, which come back themselves where there is nothing to gain. A weight of
    1/n costs the others at most n log(1 − 1/n) ≥ −1 − 1/n nats (n ≥ 2); it pays log N(x; x, Σ̄) − log n at the example
    x, whose log-density was log p(x). The covariance Σ̄ is the mixture's mean one.
    """
    kind, n = parameters.kind, sums.n
    empty = np.flatnonzero(sums.counts <= _EMPTY)
    worst, x = sums.worst
    if not len(empty) or n < 2 or x is None:
        return parameters
    k, d = empty[0], len(x)
    covariances = parameters.covariances.copy()
    if kind.n_groups_are_components:
        covariances[k] = np.tensordot(parameters.weights, covariances, 1)
    own = covariances[[k if kind.n_groups_are_components else 0]]
    peak = -0.5 * (float(kind.invert(own, d)[1][0]) + d * math.log(2 * math.pi))
    if peak - math.log(n) - worst < 1 + 1 / n:
        return parameters
    weights, means = parameters.weights * (1 - 1 / n), parameters.means.copy()
    weights[k], means[k] = 1 / n, x
    return Parameters(kind, weights / weights.sum(), means, covariances)
