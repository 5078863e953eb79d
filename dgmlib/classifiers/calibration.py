"""Reliability diagrams: do things forecast with 80 % happen in 80 % of the cases?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dgmlib._arrays import check_counts

__all__ = ["Reliability", "reliability"]


@dataclass(frozen=True)
class Reliability:
    """Reliability diagram of a two-class model; only bins that hold at least one prediction are listed.

    confidence: mean predicted p(y = 1 | x) in each bin; frequency: share of y = 1 there; count: examples there; edges:
    the bin edges of all bins; expected_calibration_error: Σ_b count_b/n · |frequency_b − confidence_b|.
    """

    confidence: np.ndarray
    frequency: np.ndarray
    count: np.ndarray
    edges: np.ndarray

    @property
    def expected_calibration_error(self) -> float:
        """Average distance between what the model says and what happens, a number in [0, 1]."""
        return float(np.average(np.abs(self.frequency - self.confidence), weights=self.count))

    @property
    def standard_error(self) -> np.ndarray:
        """Binomial standard error of each frequency, with Laplace's estimate so that 0 and 1 get an error bar too."""
        p = (self.frequency * self.count + 1) / (self.count + 2)
        return np.sqrt(p * (1 - p) / self.count)


def reliability(probability: np.ndarray, y: np.ndarray, *, n_bins: int = 10) -> Reliability:
    """Bin predictions p(y = 1 | x), (n,), into equal bins of [0, 1] and compare with the outcomes y, (n,) of 0, 1."""
    probability, y = np.asarray(probability, dtype=float), np.asarray(y)
    if probability.ndim != 1 or probability.shape != y.shape or len(y) == 0:
        raise ValueError(f"got shapes {probability.shape} and {y.shape}, expected two equal lengths (n,), n >= 1.")
    if not ((probability >= 0) & (probability <= 1)).all() or not np.isin(y, (0, 1)).all():
        raise ValueError("got values outside [0, 1] or labels other than 0 and 1; pass p(y = 1 | x) and 0/1 labels.")
    check_counts(n_bins=n_bins)
    edges = np.linspace(0, 1, n_bins + 1)
    bins = np.minimum((probability * n_bins).astype(int), n_bins - 1)
    count = np.bincount(bins, minlength=n_bins)
    used = count > 0
    confidence = np.bincount(bins, probability, n_bins)[used] / count[used]
    frequency = np.bincount(bins, y, n_bins)[used] / count[used]
    return Reliability(confidence, frequency, count[used], edges)
