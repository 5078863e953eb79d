"""A sample mean and how far to trust it.

mean = 1/m Σ vᵢ        standard error = s / √m,   s² = 1/(m−1) Σ (vᵢ − mean)²
"""

import math
from typing import NamedTuple

import numpy as np

from dgmlib._arrays import Array, as_floats, detached


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
    Raises ``ValueError`` for fewer than two values, and for NaN.
    """
    values = np.asarray(detached(*as_floats(values)))
    if values.ndim != 1 or len(values) < 2:
        raise ValueError(f"values: got shape {tuple(values.shape)}, expected (m,) with m ≥ 2 samples.")
    if np.isnan(values).any():
        raise ValueError("values: got NaN among the samples, expected numbers; look where they come from.")
    mean = float(values.mean())
    if math.isinf(mean):
        return Estimate(mean, math.inf)
    return Estimate(mean, float(values.std(ddof=1)) / math.sqrt(len(values)))
