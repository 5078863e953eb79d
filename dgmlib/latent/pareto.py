"""How heavy is the tail of importance weights? Its Pareto index k̂ says whether their mean can be trusted.

Above a high threshold u, almost every distribution looks like a generalised Pareto,

    P(w − u > t) ≈ (1 + k t/s)^(−1/k),

which has fewer than 1/k moments. k > ½: the weights have no variance, so no central limit theorem and no honest
standard error. k ≥ 1: not even a mean. Source: A. Vehtari, D. Simpson, A. Gelman, Y. Yao, J. Gabry, "Pareto smoothed
importance sampling", JMLR 25 (2024); the fit is that of J. Zhang and M. Stephens, Technometrics 51 (2009).
"""

import math

import torch
from torch import Tensor

from dgmlib._arrays import Array, as_floats, detached

MIN_SAMPLES = 25
"""Fewer weights than this have fewer than five in their tail: no index can be fitted."""


def pareto_k(log_weights: Array) -> Array:
    """k̂ of the largest weights along the first axis, (n, …) -> (…).

    −∞ where the whole tail is one value (equal weights have no tail); +∞ where nothing is known, that is for
    n < MIN_SAMPLES and where fewer weights than the tail is long differ from zero.
    """
    (log_weights,) = as_floats(detached(log_weights))
    if not isinstance(log_weights, Tensor):
        return pareto_k(torch.tensor(log_weights)).numpy()[()]
    if log_weights.ndim == 0 or bool((log_weights.isnan() | (log_weights == math.inf)).any()):
        raise ValueError(
            f"log_weights: got NaN, +∞ or shape {tuple(log_weights.shape)}, expected logarithms of weights (n, …)."
        )
    n, shape = len(log_weights), log_weights.shape[1:]
    if n < MIN_SAMPLES:
        return log_weights.new_full(shape, math.inf)
    largest = log_weights.reshape(n, -1).double().topk(tail_length(n) + 1, dim=0).values.flip(0)  # ascending
    unknown = largest[0].isinf()
    excess = _excess(torch.where(unknown, torch.zeros_like(largest), largest))
    flat = excess[-1] == 0
    k = _generalised_pareto_index(torch.where(flat, torch.ones_like(excess), excess))
    k = torch.where(unknown, math.inf, torch.where(flat, -math.inf, k))
    return k.to(log_weights.dtype).reshape(shape)


def tail_length(n: int) -> int:
    """How many of n weights count as the tail: min(n/5, 3√n), rounded up."""
    return math.ceil(min(n / 5, 3 * math.sqrt(n)))


def largest_trusted_k(n: int) -> float:
    """min(1 − 1/log₁₀ n, 0.7): with heavier tails, n weights are too few for their mean."""
    return min(1 - 1 / math.log10(n), 0.7) if n > 1 else -math.inf


def _excess(largest: Tensor) -> Tensor:
    """Weights above the threshold, in units of the largest weight: the index does not know the scale.

    ``largest`` holds ascending log-weights, (1 + m, c), the threshold first; -> (m, c). Differences below rounding
    are ties and count as 0. Those too small for a float do not: they make the tail look as heavy as it is.
    """
    threshold, tail = largest[0], largest[1:]
    excess = torch.exp(tail - largest[-1]) - torch.exp(threshold - largest[-1])
    return torch.where(tail - threshold > 1e-9, excess.clamp_min(1e-300), 0.0)


def _generalised_pareto_index(excess: Tensor) -> Tensor:
    """k̂ for each column of ascending numbers ≥ 0, the last > 0: (m, c) -> (c,).

    With θ = −k/s the likelihood is a function of θ alone, and k̂ belongs to its posterior mean on a grid of θ (Zhang
    and Stephens). Ten more weights with k = ½ are added as a weak prior (Vehtari et al.).
    """
    m = len(excess)
    n_grid = 30 + int(math.sqrt(m))
    quartile = excess[int(m / 4 + 0.5) - 1]
    quartile = torch.where(quartile > 0, quartile, excess.mean(0))
    j = torch.arange(1, n_grid + 1, dtype=excess.dtype)[:, None]
    theta = 1 / excess[-1] + (1 - torch.sqrt(n_grid / (j - 0.5))) / (3 * quartile)  # (grid, c)
    k = torch.log1p(-theta[:, None] * excess).mean(1)  # (grid, c)
    log_likelihood = m * (torch.log(-theta / k) - k - 1)
    theta_hat = (log_likelihood.softmax(0) * theta).sum(0)
    return (m * torch.log1p(-theta_hat * excess).mean(0) + 10 * 0.5) / (m + 10)
