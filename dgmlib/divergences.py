"""Entropy, cross-entropy and Kullback–Leibler divergence, in closed form and by sampling.

    H(p)    = −E_p log p          H(p, q) = −E_p log q
    D(p‖q)  = E_p [log p − log q] = H(p, q) − H(p)

Every function returns nats; ``bits`` converts. Distributions are NumPy arrays or torch tensors; tensors stay
differentiable. Source: Kullback & Leibler (1951); Cover & Thomas (2006), chapters 2 and 8.
"""

import math

from dgmlib._arrays import (
    Array,
    as_floats,
    check_covariance,
    check_positive,
    check_probabilities,
    check_same_outcomes,
    namespace,
)
from dgmlib.monte_carlo import Estimate, estimate_mean


def bits(nats: Array) -> Array:
    """The same amount of information in bits: one bit is log 2 ≈ 0.693 nats."""
    return nats / math.log(2)


def entropy(p: Array) -> Array:
    """H(p) = −Σ p log p in nats, (…, k) -> (…); 0 log 0 counts as 0."""
    (p,) = as_floats(p)
    check_probabilities(p, "p")
    xp = namespace(p)
    return -(p * xp.log(_nonzero(p))).sum(-1)


def cross_entropy(p: Array, q: Array) -> Array:
    """H(p, q) = −Σ p log q in nats, (…, k), (…, k) -> (…); infinite where q = 0 < p."""
    p, q = _two_categoricals(p, q)
    return _expect(p, q, -namespace(q).log(_nonzero(q)))


def kl_divergence(p: Array, q: Array) -> Array:
    """D(p‖q) = Σ p log(p/q) in nats, (…, k), (…, k) -> (…); infinite where q = 0 < p."""
    p, q = _two_categoricals(p, q)
    xp = namespace(p)
    return _expect(p, q, xp.log(_nonzero(p)) - xp.log(_nonzero(q)))


def gaussian_entropy(sigma: Array) -> Array:
    """H = ½ log(2πe σ²) in nats of N(μ, σ²), elementwise."""
    (sigma,) = as_floats(sigma)
    check_positive(sigma, "sigma")
    return namespace(sigma).log(sigma) + 0.5 * math.log(2 * math.pi * math.e)


def gaussian_cross_entropy(mu_p: Array, sigma_p: Array, mu_q: Array, sigma_q: Array) -> Array:
    """H(p, q) = ½ log(2πσ_q²) + (σ_p² + (μ_p−μ_q)²) / 2σ_q² in nats, elementwise with broadcasting."""
    mu_p, sigma_p, mu_q, sigma_q = _two_gaussians(mu_p, sigma_p, mu_q, sigma_q)
    spread = (sigma_p**2 + (mu_p - mu_q) ** 2) / (2 * sigma_q**2)
    return namespace(sigma_q).log(sigma_q) + 0.5 * math.log(2 * math.pi) + spread


def gaussian_kl(mu_p: Array, sigma_p: Array, mu_q: Array, sigma_q: Array) -> Array:
    """D(N(μ_p, σ_p²) ‖ N(μ_q, σ_q²)) in nats, elementwise with broadcasting.

    = log(σ_q/σ_p) + (σ_p² + (μ_p−μ_q)²) / 2σ_q² − ½. Independent dimensions add: for Gaussians with diagonal
    covariance, sum the result over the last axis.
    """
    mu_p, sigma_p, mu_q, sigma_q = _two_gaussians(mu_p, sigma_p, mu_q, sigma_q)
    ratio = sigma_p / sigma_q
    return -namespace(ratio).log(ratio) + 0.5 * (ratio**2 - 1 + ((mu_p - mu_q) / sigma_q) ** 2)


def multivariate_gaussian_entropy(cov: Array) -> Array:
    """H = ½ log det(2πe Σ) in nats, (d, d) -> scalar."""
    (cov,) = as_floats(cov)
    check_covariance(cov, "cov")
    return 0.5 * (namespace(cov).linalg.slogdet(cov)[1] + len(cov) * math.log(2 * math.pi * math.e))


def multivariate_gaussian_kl(mean_p: Array, cov_p: Array, mean_q: Array, cov_q: Array) -> Array:
    """D(N(μ_p, Σ_p) ‖ N(μ_q, Σ_q)) in nats, (d,), (d, d), (d,), (d, d) -> scalar.

    = ½ [tr(Σ_q⁻¹Σ_p) − d + (μ_q−μ_p)ᵀ Σ_q⁻¹ (μ_q−μ_p) + log det Σ_q − log det Σ_p]
    """
    mean_p, cov_p, mean_q, cov_q = as_floats(mean_p, cov_p, mean_q, cov_q)
    check_covariance(cov_p, "cov_p")
    check_covariance(cov_q, "cov_q")
    if not mean_p.shape == mean_q.shape == cov_p.shape[:1] == cov_q.shape[:1]:
        shapes = [tuple(a.shape) for a in (mean_p, cov_p, mean_q, cov_q)]
        raise ValueError(f"means and covariances: got shapes {shapes}, expected (d,), (d, d), (d,), (d, d).")
    linalg = namespace(cov_q).linalg
    difference = mean_q - mean_p
    trace = linalg.solve(cov_q, cov_p).diagonal().sum()
    distance = difference @ linalg.solve(cov_q, difference)
    return 0.5 * (trace - len(mean_p) + distance + linalg.slogdet(cov_q)[1] - linalg.slogdet(cov_p)[1])


def monte_carlo_kl(log_p: Array, log_q: Array) -> Estimate:
    """Estimate D(p‖q) in nats from the log-densities of m samples **drawn from p**, (m,), (m,) -> Estimate.

    The mean of log p(xᵢ) − log q(xᵢ) with its standard error: unbiased, and the only way left when no
    integral can be solved. A sample that q rules out makes it infinite.
    """
    log_p, log_q = as_floats(log_p, log_q)
    if log_p.shape != log_q.shape:
        raise ValueError(
            f"log_p and log_q: got shapes {tuple(log_p.shape)} and {tuple(log_q.shape)}, expected one shape "
            f"(m,); evaluate both at the same samples."
        )
    if not bool(namespace(log_p).isfinite(log_p).all()):
        raise ValueError("log_p: got infinite values, expected finite ones; were the samples drawn from p?")
    return estimate_mean(log_p - log_q)


def _nonzero(p: Array) -> Array:
    """Replace zeros by one before a logarithm, so that no warning, no NaN and no NaN gradient arises."""
    return namespace(p).where(p > 0, p, 1.0)


def _expect(p: Array, q: Array, values: Array) -> Array:
    """Σ p·values over the outcomes that p can produce; infinite if q excludes one of them."""
    xp = namespace(p)
    return xp.where((p > 0) & (q <= 0), math.inf, p * values).sum(-1)


def _two_categoricals(p: Array, q: Array) -> tuple[Array, Array]:
    p, q = as_floats(p, q)
    check_probabilities(p, "p")
    check_probabilities(q, "q")
    check_same_outcomes(p, q)
    return p, q


def _two_gaussians(*parameters: Array) -> tuple[Array, ...]:
    mu_p, sigma_p, mu_q, sigma_q = as_floats(*parameters)
    check_positive(sigma_p, "sigma_p")
    check_positive(sigma_q, "sigma_q")
    return mu_p, sigma_p, mu_q, sigma_q
