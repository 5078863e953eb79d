"""A sample mean and how far to trust it.

mean = 1/m Σ vᵢ        standard error = s / √m,   s² = 1/(m−1) Σ (vᵢ − mean)²

Weights span hundreds of orders of magnitude, so what is done to them is done to their logarithms.
"""

import math
from typing import NamedTuple

import numpy as np

from dgmlib._arrays import Array, as_floats, detached, namespace


class Estimate(NamedTuple):
    """A Monte-Carlo estimate: unpacks as ``mean, standard_error = …`` and prints as ``mean ± error``."""

    mean: float
    standard_error: float

    def __str__(self) -> str:
        return f"{self:.3f}"

    def __format__(self, spec: str) -> str:
        return f"{self.mean:{spec}} ± {self.standard_error:{spec}}"


def estimate_mean(values: Array) -> Estimate:
    """Mean of independent ``values``, shape (m,), with its standard error.

    An infinite value makes the mean and its error infinite: no finite number of samples pins it down.
    Raises ``ValueError`` for fewer than two values, for NaN, and for both infinities. Half precision is added up in
    double, single as it is.
    """
    values = detached(*as_floats(values))
    values = np.asarray(values.double() if values.itemsize < 4 else values)
    if values.ndim != 1 or len(values) < 2:
        raise ValueError(f"values: got shape {tuple(values.shape)}, expected (m,) with m ≥ 2 samples.")
    if np.isnan(values).any():
        raise ValueError("values: got NaN among the samples, expected numbers; look where they come from.")
    if np.isposinf(values).any() and np.isneginf(values).any():
        raise ValueError("values: got both +∞ and −∞ among the samples, expected one at most: they have no mean.")
    mean = float(values.mean())
    if math.isinf(mean):
        return Estimate(mean, math.inf)
    return Estimate(mean, float(values.std(ddof=1)) / math.sqrt(len(values)))


def log_mean_exp(log_values: Array) -> Array:
    """log(1/m Σ exp vᵢ) along the first axis, (m, …) -> (…): the logarithm of a mean of huge or tiny numbers."""
    (log_values,) = as_floats(log_values)
    if log_values.ndim == 0 or len(log_values) == 0:
        raise ValueError(f"log_values: got shape {tuple(log_values.shape)}, expected (m, …) with m ≥ 1 samples.")
    xp = namespace(log_values)
    log_sum = log_values.logsumexp(0) if xp is not np else np.logaddexp.reduce(log_values, axis=0)
    return log_sum - math.log(len(log_values))


def effective_sample_size(log_weights: Array) -> Array:
    """(Σw)² / Σw² along the first axis, (m, …) -> (…): m when all weights are equal, 1 when one has everything.

    How many samples from the target the weighted ones are worth; 0 where all weights are zero. Source: A. Kong,
    technical report 348, University of Chicago, 1992.
    """
    (log_weights,) = as_floats(log_weights)
    if bool((log_weights == math.inf).any()):
        raise ValueError("log_weights: got +∞, expected numbers < ∞; does the proposal give a sample density 0?")
    xp, mean, square = namespace(log_weights), log_mean_exp(log_weights), log_mean_exp(2 * log_weights)
    nothing = xp.isinf(square)
    ratio = 2 * xp.where(nothing, 0.0, mean) - xp.where(nothing, 0.0, square)  # no ∞ − ∞
    return xp.where(nothing, 0.0, len(log_weights) * xp.exp(ratio))
