"""Naive Bayes, a generative classifier over binary features, and tools to compare classifiers.

    p(y, x) = p(y) ∏_i p(x_i | y),      p(x_i = 1 | y) = θ_yi

Fitting is counting; everything else is Bayes' rule on one table of logarithms. Because the model is a *joint*
distribution, any subset of (y, x) can be observed and any other predicted: unobserved words are summed out, which for a
product simply means leaving their factors away.

Source: A. Y. Ng and M. I. Jordan, "On discriminative vs. generative classifiers", NeurIPS 14, 2001.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

__all__ = [
    "MISSING",
    "BernoulliNaiveBayes",
    "LearningCurve",
    "Reliability",
    "learning_curves",
    "log_loss",
    "logistic_regression",
    "neural_network",
    "reliability",
]

MISSING = -1
"""Marks a feature or a label that was not observed."""


class BernoulliNaiveBayes:
    """Joint distribution of a label y in {0, …, K−1} and d binary features, independent given the label.

    Attributes after ``fit``: ``log_prior`` (K,) = log p(y); ``log_on`` (K, d) = log θ; ``log_off`` (K, d) = log(1 − θ).

    Args:
        pseudocount: α ≥ 0, added to the count of ones and to the count of zeros of every feature in every class:
            θ_yi = (n_yi + α) / (n_y + 2α). α = 0 is maximum likelihood, α = 1 is Laplace's rule.
        class_pseudocount: the same for the labels; p(y) = (n_y + β) / (n + Kβ).
    """

    def __init__(self, *, pseudocount: float = 1.0, class_pseudocount: float = 0.0):
        for name, value in [("pseudocount", pseudocount), ("class_pseudocount", class_pseudocount)]:
            if not (np.isfinite(value) and value >= 0):
                raise ValueError(f"{name}: got {value}, expected a finite number >= 0.")
        self.pseudocount = pseudocount
        self.class_pseudocount = class_pseudocount

    def fit(self, x: np.ndarray, y: np.ndarray, *, n_classes: int | None = None) -> BernoulliNaiveBayes:
        """Count, smooth, take logarithms; returns self.

        x: (n, d) of 0, 1; y: (n,) integers. Labels 0 … n_classes − 1 (default: largest label + 1) must all occur
        unless both pseudocounts are positive.
        """
        x, y = _binary(x), np.asarray(y)
        if y.shape != (len(x),) or not np.issubdtype(y.dtype, np.integer) or len(x) == 0 or y.min() < 0:
            raise ValueError(f"y: got shape {y.shape}, {y.dtype}, expected {len(x)} integers >= 0, one a row of x.")
        if (x == MISSING).any():
            raise ValueError("x: got missing features in fit, expected 0 and 1 only; drop those rows before fitting.")
        n_classes = n_classes or int(y.max()) + 1
        if y.max() >= n_classes:
            raise ValueError(f"n_classes: got {n_classes}, but y contains the label {y.max()}.")
        member = (y == np.arange(n_classes)[:, None]).astype(float)  # (K, n)
        n_class, n_on = member.sum(1), member @ x  # (K,), (K, d)
        if (n_class == 0).any() and min(self.pseudocount, self.class_pseudocount) == 0:
            missing = np.flatnonzero(n_class == 0).tolist()
            raise ValueError(f"y: no example of class {missing}; add examples or use positive pseudocounts.")
        total = (n_class + 2 * self.pseudocount)[:, None]
        with np.errstate(divide="ignore"):  # log 0 = −∞ is the maximum-likelihood answer when α = 0
            self.log_prior = np.log(n_class + self.class_pseudocount) - np.log(
                len(y) + n_classes * self.class_pseudocount
            )
            self.log_on = np.log(n_on + self.pseudocount) - np.log(total)
            self.log_off = np.log(n_class[:, None] - n_on + self.pseudocount) - np.log(total)
        return self

    @property
    def num_parameters(self) -> int:
        """K − 1 for the labels plus K·d for the features."""
        n_classes, n_features = self.log_on.shape
        return n_classes - 1 + n_classes * n_features

    def log_joint(self, x: np.ndarray) -> np.ndarray:
        """log p(y, x_observed) in nats for every label, (batch, d) -> (batch, K); entries −1 of x are summed out."""
        x = _binary(x, self.log_on.shape[1])
        return self.log_prior + _select(x == 1, self.log_on) + _select(x == 0, self.log_off)

    def log_prob(self, x: np.ndarray) -> np.ndarray:
        """log p(x_observed) = log Σ_y p(y, x_observed) in nats, (batch, d) -> (batch,)."""
        return logsumexp(self.log_joint(x), axis=1)

    def log_posterior(self, x: np.ndarray) -> np.ndarray:
        """log p(y | x_observed) by Bayes' rule, (batch, d) -> (batch, K)."""
        joint = self.log_joint(x)
        evidence = logsumexp(joint, axis=1, keepdims=True)
        if np.isneginf(evidence).any():
            raise ValueError("x: an example has probability 0 under every class; fit with a pseudocount > 0.")
        return joint - evidence

    def predict_proba(self, x: np.ndarray) -> np.ndarray:
        """p(y | x_observed), (batch, d) -> (batch, K); named as in scikit-learn so that models can be swapped."""
        return np.exp(self.log_posterior(x))

    def conditionals(self, x: np.ndarray, y: np.ndarray | None = None) -> np.ndarray:
        """p(x_i = 1 | all other observed features, and the label where known), (batch, d) -> (batch, d).

        y: (batch,) labels, −1 where unknown; None means all unknown. Column i never looks at x_i itself:
        Σ_y p(y | x_−i) θ_yi, with p(y | x_−i) found by taking the factor of x_i out of the joint again.
        """
        x = _binary(x, self.log_on.shape[1])
        joint = self._clamp(self.log_joint(x), y)
        own = np.where((x == 1)[:, None], self.log_on, 0.0) + np.where((x == 0)[:, None], self.log_off, 0.0)
        if np.isneginf(own).any() or np.isneginf(joint.max(1)).any():
            raise ValueError("x: holds an event of probability 0 in some class; fit with a pseudocount > 0.")
        without = joint[:, :, None] - own  # (batch, K, d)
        without -= logsumexp(without, axis=1, keepdims=True)
        return np.exp(without + self.log_on).sum(1)

    def _clamp(self, joint: np.ndarray, y: np.ndarray | None) -> np.ndarray:
        """Joint with the labels that contradict a known y set to −∞, (batch, K)."""
        if y is None:
            return joint
        y, n_classes = np.asarray(y), joint.shape[1]
        if y.shape != (len(joint),) or ((y < MISSING) | (y >= n_classes)).any():
            raise ValueError(f"y: expected {len(joint)} labels in -1 … {n_classes - 1}, got {y!r}.")
        possible = (y[:, None] == MISSING) | (y[:, None] == np.arange(n_classes))
        return np.where(possible, joint, -np.inf)

    def sample_joint(self, n: int, *, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draw y, then every feature given y, -> x (n, d) uint8, y (n,) int."""
        y = rng.choice(len(self.log_prior), size=n, p=np.exp(self.log_prior))
        on = rng.random((n, self.log_on.shape[1])) < np.exp(self.log_on)[y]
        return on.astype(np.uint8), y

    def sample(self, n: int, *, rng: np.random.Generator) -> np.ndarray:
        """Draw features from p(x), -> (n, d) uint8."""
        return self.sample_joint(n, rng=rng)[0]

    def linear_form(self) -> tuple[np.ndarray, float]:
        """Weights (d,) and bias of the two-class log-odds log p(1|x) − log p(0|x) = bias + Σ_i w_i x_i.

        Naive Bayes is a linear classifier too; it differs from logistic regression in how the weights are found.
        """
        if len(self.log_prior) != 2:
            raise ValueError(f"linear_form: got {len(self.log_prior)} classes, expected 2.")
        weights = np.diff(self.log_on - self.log_off, axis=0)[0]
        return weights, float(np.diff(self.log_prior)[0] + np.diff(self.log_off, axis=0).sum())


def logistic_regression(*, strength: float = 1.0) -> LogisticRegression:
    """scikit-learn's logistic regression, p(y = 1 | x) = σ(b + wᵀx), with the penalty ‖w‖²/(2·strength).

    The penalty is a Gaussian prior of variance ``strength`` on every weight; the bias is free.
    """
    return LogisticRegression(C=strength, max_iter=2000)


def neural_network(*, n_hidden: int = 16, penalty: float = 1.0, seed: int = 0):
    """One hidden layer of ReLUs on standardised inputs, by scikit-learn: a p(y | x) that is not linear in x."""
    network = MLPClassifier((n_hidden,), alpha=penalty, solver="lbfgs", max_iter=1000, random_state=seed)
    return make_pipeline(StandardScaler(), network)


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
    if not (n_classes <= sizes.min() and sizes.max() + n_test <= len(y) and n_test > 0 and repeats > 1):
        raise ValueError(
            f"got sizes {sizes.min()}…{sizes.max()}, n_test {n_test}, repeats {repeats} for {len(y)} rows of "
            f"{n_classes} classes, expected sizes >= {n_classes}, largest size + n_test <= rows, repeats >= 2."
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
    """Mean −log p(y | x) in nats of rows of class probabilities (n, K), clipped at the smallest positive double."""
    p = np.asarray(probability)[np.arange(len(y)), y]
    return float(-np.log(np.maximum(p, np.finfo(float).tiny)).mean())


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
    edges = np.linspace(0, 1, n_bins + 1)
    bins = np.minimum((probability * n_bins).astype(int), n_bins - 1)
    count = np.bincount(bins, minlength=n_bins)
    used = count > 0
    confidence = np.bincount(bins, probability, n_bins)[used] / count[used]
    frequency = np.bincount(bins, y, n_bins)[used] / count[used]
    return Reliability(confidence, frequency, count[used], edges)


def _binary(x: np.ndarray, n_features: int | None = None) -> np.ndarray:
    """Checked (n, d) array of 0, 1 and −1."""
    x = np.asarray(x)
    if x.ndim != 2 or (n_features is not None and x.shape[1] != n_features):
        raise ValueError(f"x: got shape {x.shape}, expected (batch, {n_features or 'd'}); one row per example.")
    x = x.astype(np.int8) if x.dtype == bool else x
    if not ((x == 0) | (x == 1) | (x == MISSING)).all():
        raise ValueError("x: got values other than 0, 1 and -1 (missing); binarise the features first, e.g. x > 0.")
    return x.astype(np.int8)


def _select(observed: np.ndarray, log_factor: np.ndarray) -> np.ndarray:
    """Σ_i over observed features of log_factor[y, i], (batch, d), (K, d) -> (batch, K), with 0·(−∞) = 0."""
    finite = np.where(np.isneginf(log_factor), 0.0, log_factor)
    impossible = observed.astype(float) @ np.isneginf(log_factor).T.astype(float) > 0
    return np.where(impossible, -np.inf, observed.astype(float) @ finite.T)


def _split(y: np.ndarray, n_test: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Random training order with one row of each class in front, and test rows."""
    order = rng.permutation(len(y))
    train, test = order[:-n_test], order[-n_test:]
    first = np.array([np.flatnonzero(y[train] == label)[0] for label in np.unique(y)])
    return np.concatenate([train[first], np.delete(train, first)]), test
