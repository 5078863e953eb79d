"""Learning curves: test error and log loss against the number of training examples."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from dgmlib._arrays import check_counts

__all__ = ["LearningCurve", "learning_curves", "log_loss"]


@dataclass(frozen=True)
class LearningCurve:
    """Test error against training size; ``errors`` and ``losses`` are (repeats, sizes), losses in nats."""

    sizes: np.ndarray
    errors: np.ndarray
    losses: np.ndarray

    @property
    def mean(self) -> np.ndarray:
        """Mean error rate over the repeats, (sizes,)."""
        return self.errors.mean(0)

    @property
    def standard_error(self) -> np.ndarray:
        """Standard error of that mean, (sizes,)."""
        return self.errors.std(0, ddof=1) / np.sqrt(len(self.errors))


def learning_curves(
    models: Mapping[str, Callable[[], object]],
    x: np.ndarray,
    y: np.ndarray,
    sizes: Sequence[int],
    *,
    n_test: int,
    repeats: int,
    rng: np.random.Generator,
) -> dict[str, LearningCurve]:
    """Error and log loss of several models on the same random splits, name -> LearningCurve.

    models: name -> function returning a fresh model with ``fit(x, y)`` and ``predict_proba(x)``. Every repeat shuffles
    the data, tests on the last ``n_test`` rows and trains on the first m of the others for each m in ``sizes``. The
    first row of every class is moved to the front, so that even the smallest training set has seen each label.
    """
    x, y, sizes = np.asarray(x), np.asarray(y), np.asarray(sizes)
    n_classes = len(np.unique(y))
    check_counts(n_test=n_test)
    check_counts(repeats=repeats, least=2)
    if sizes.ndim != 1 or sizes.size == 0 or sizes.dtype.kind not in "iu":
        raise ValueError(f"sizes: got {sizes.tolist()}, expected a sequence of one or more integers.")
    if not n_classes <= sizes.min() <= sizes.max() <= len(y) - n_test:
        raise ValueError(
            f"got sizes {sizes.min()}…{sizes.max()}, n_test {n_test} for {len(y)} rows of {n_classes} classes, "
            f"expected sizes >= {n_classes}, largest size + n_test <= rows."
        )
    scores = {name: np.empty((2, repeats, len(sizes))) for name in models}
    with threadpool_limits(1):  # these fits are too small to share between threads
        for r in range(repeats):
            train, test = _split(y, n_test, rng)
            for s, size in enumerate(sizes):
                for name, make in models.items():
                    probability = make().fit(x[train[:size]], y[train[:size]]).predict_proba(x[test])
                    scores[name][0, r, s] = (probability.argmax(1) != y[test]).mean()
                    scores[name][1, r, s] = log_loss(probability, y[test])
    return {name: LearningCurve(sizes, *score) for name, score in scores.items()}


def log_loss(probability: np.ndarray, y: np.ndarray) -> float:
    """Mean −log p(y | x) in nats of rows of class probabilities (n, K), clipped at the smallest normal double."""
    probability, y = np.asarray(probability), np.asarray(y)
    if probability.ndim != 2 or len(probability) == 0:
        raise ValueError(f"probability: got shape {probability.shape}, expected (n, K) with n ≥ 1 rows.")
    n_classes = probability.shape[1]
    if y.shape != (len(probability),) or y.dtype.kind not in "iu" or ((y < 0) | (y >= n_classes)).any():
        raise ValueError(f"y: got {y!r}, expected {len(probability)} integers 0 … {n_classes - 1}; number the classes.")
    p = probability[np.arange(len(y)), y]
    return float(-np.log(np.maximum(p, np.finfo(float).tiny)).mean())


def _split(y: np.ndarray, n_test: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Random training order with one row of each class in front, and test rows."""
    order = rng.permutation(len(y))
    train, test = order[:-n_test], order[-n_test:]
    if lost := sorted(set(y.tolist()) - set(y[train].tolist())):
        raise ValueError(
            f"y: got no row of class {lost} to train on, all are among the {n_test} to test on; expected one of each "
            f"class at least. Give it more rows, or make n_test smaller."
        )
    first = np.array([np.flatnonzero(y[train] == label)[0] for label in np.unique(y)])
    return np.concatenate([train[first], np.delete(train, first)]), test
