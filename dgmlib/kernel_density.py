"""Kernel density estimate: a small bump on every example, and no other parameter than its width.

    p(x) = 1/m Σᵢ N(x; xᵢ, h² I)

Nothing is fitted, so everything is kept: memory and the time of one query grow with the number m of examples.
Source: Rosenblatt (1956), Parzen (1962); the default width is Silverman (1986), equation 3.31.
"""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.special import logsumexp

from dgmlib._arrays import check_counts

__all__ = ["KernelDensity"]

_CHUNK = 4_000_000  # differences held at a time: 32 MB


@dataclass(frozen=True)
class KernelDensity:
    """Examples, shape (m,) for numbers or (m, d) for vectors, and the bandwidth h > 0 in the same unit."""

    points: np.ndarray
    bandwidth: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "points", np.asarray(self.points, dtype=float))
        if self.points.ndim not in (1, 2) or self.points.size == 0 or not np.isfinite(self.points).all():
            raise ValueError(f"points: got shape {self.points.shape}, expected (m,) or (m, d) finite numbers, m ≥ 1.")
        if not 0 < self.bandwidth < math.inf:
            raise ValueError(f"bandwidth: got {self.bandwidth}, expected a finite number > 0.")

    @property
    def num_parameters(self) -> int:
        """What it must keep: every number of every example, and h."""
        return self.points.size + 1

    def log_prob(self, x: np.ndarray) -> np.ndarray:
        """log p(x) in nats, (n,) or (n, d) as the points are -> (n,); every query looks at every point."""
        x = np.asarray(x, dtype=float)
        if x.ndim != self.points.ndim or x.shape[1:] != self.points.shape[1:]:
            raise ValueError(f"x: got shape {x.shape}, expected (n, *{self.points.shape[1:]}) as the points have.")
        rows = max(1, _CHUNK // self.points.size)
        return np.concatenate([self._log_prob(x[i : i + rows]) for i in range(0, max(len(x), 1), rows)])

    def sample(self, n: int, *, rng: np.random.Generator) -> np.ndarray:
        """Pick an example, add noise of width h, -> (n,) or (n, d)."""
        check_counts(least=0, n=n)
        chosen = self.points[rng.integers(len(self.points), size=n)]
        return chosen + self.bandwidth * rng.standard_normal(chosen.shape)

    @classmethod
    def fit(cls, x: np.ndarray, bandwidth: float | None = None) -> Self:
        """Keep the examples; for numbers, h defaults to 0.9 min(s, IQR/1.34) m^(−1/5), without IQR where that is 0."""
        x = np.asarray(x, dtype=float)
        if not np.isfinite(x).all():
            raise ValueError("x: got NaN or infinite values, expected finite numbers; remove or mend those examples.")
        if bandwidth is not None:
            return cls(x, bandwidth)
        if x.ndim != 1 or len(x) < 2:
            raise ValueError(f"x: got shape {x.shape}, expected (m,) with m ≥ 2 numbers; else give the bandwidth.")
        spread, middle = float(x.std(ddof=1)), float(np.subtract(*np.quantile(x, [0.75, 0.25]))) / 1.34
        if not np.ptp(x) > 0:
            raise ValueError(f"x: got {len(x)} equal numbers, expected spread; else give the bandwidth.")
        if middle > 0:  # (0 where half of the numbers are equal)
            spread = min(spread, middle)
        return cls(x, 0.9 * spread * len(x) ** -0.2)

    def _log_prob(self, x: np.ndarray) -> np.ndarray:
        """The same for a few queries at a time."""
        d = 1 if self.points.ndim == 1 else self.points.shape[1]
        gaps = (x[:, None] - self.points[None]).reshape(len(x), len(self.points), d)
        squares = np.einsum("nmd,nmd->nm", gaps, gaps) / self.bandwidth**2
        normaliser = math.log(len(self.points)) + d * math.log(self.bandwidth * math.sqrt(2 * math.pi))
        return logsumexp(-0.5 * squares, axis=1) - normaliser
