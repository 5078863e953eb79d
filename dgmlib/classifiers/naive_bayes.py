"""Naive Bayes, a generative classifier over binary features.

    p(y, x) = p(y) ∏_i p(x_i | y),      p(x_i = 1 | y) = θ_yi

Fitting is counting; everything else is Bayes' rule on one table of logarithms. Because the model is a *joint*
distribution, any subset of (y, x) can be observed and any other predicted: unobserved words are summed out, which for a
product simply means leaving their factors away.

Source: A. Y. Ng and M. I. Jordan, "On discriminative vs. generative classifiers", NeurIPS 14, 2001.
"""

from __future__ import annotations

import numpy as np
from scipy.special import logsumexp

__all__ = ["MISSING", "BernoulliNaiveBayes"]

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
        x, y, n_classes = _training_set(x, y, n_classes)
        member = (y == np.arange(n_classes)[:, None]).astype(float)  # (K, n)
        n_class, n_on = member.sum(1), member @ x  # (K,), (K, d)
        if (n_class == 0).any() and min(self.pseudocount, self.class_pseudocount) == 0:
            missing = np.flatnonzero(n_class == 0).tolist()
            raise ValueError(f"y: no example of class {missing}; add examples or use positive pseudocounts.")
        total = (n_class + 2 * self.pseudocount)[:, None]
        with np.errstate(divide="ignore"):  # log 0 = −∞ is the maximum-likelihood answer when α = 0
            labels = n_class + self.class_pseudocount
            self.log_prior = np.log(labels) - np.log(labels.sum())
            self.log_on = np.log(n_on + self.pseudocount) - np.log(total)
            self.log_off = np.log(n_class[:, None] - n_on + self.pseudocount) - np.log(total)
        return self

    def _fitted(self) -> tuple[int, int]:
        """(K, d), or an error before ``fit``."""
        if not hasattr(self, "log_on"):
            raise ValueError("this naive Bayes model has no tables yet; call fit(x, y) first.")
        return self.log_on.shape

    @property
    def num_parameters(self) -> int:
        """K − 1 for the labels plus K·d for the features."""
        n_classes, n_features = self._fitted()
        return n_classes - 1 + n_classes * n_features

    def log_joint(self, x: np.ndarray) -> np.ndarray:
        """log p(y, x_observed) in nats for every label, (batch, d) -> (batch, K); entries −1 of x are summed out."""
        x = _binary(x, self._fitted()[1])
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
        x = _binary(x, self._fitted()[1])
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
        n_classes, n_features = self._fitted()
        y = rng.choice(n_classes, size=n, p=np.exp(self.log_prior))
        on = rng.random((n, n_features)) < np.exp(self.log_on)[y]
        return on.astype(np.uint8), y

    def sample(self, n: int, *, rng: np.random.Generator) -> np.ndarray:
        """Draw features from p(x), -> (n, d) uint8."""
        return self.sample_joint(n, rng=rng)[0]

    def linear_form(self) -> tuple[np.ndarray, float]:
        """Weights (d,) and bias of the two-class log-odds log p(1|x) − log p(0|x) = bias + Σ_i w_i x_i.

        Naive Bayes is a linear classifier too; it differs from logistic regression in how the weights are found.
        """
        if (n_classes := self._fitted()[0]) != 2:
            raise ValueError(f"linear_form: got {n_classes} classes, expected 2.")
        if not all(np.isfinite(table).all() for table in (self.log_on, self.log_off, self.log_prior)):
            raise ValueError("linear_form: got infinite log-odds, expected finite ones; fit with a pseudocount > 0.")
        weights = np.diff(self.log_on - self.log_off, axis=0)[0]
        return weights, float(np.diff(self.log_prior)[0] + np.diff(self.log_off, axis=0).sum())


def _training_set(x: np.ndarray, y: np.ndarray, n_classes: int | None) -> tuple[np.ndarray, np.ndarray, int]:
    """Checked features, labels and number of classes."""
    x, y = _binary(x), np.asarray(y)
    if y.shape != (len(x),) or not np.issubdtype(y.dtype, np.integer) or len(x) == 0 or y.min() < 0:
        raise ValueError(f"y: got shape {y.shape}, {y.dtype}, expected {len(x)} integers >= 0, one a row of x.")
    if (x == MISSING).any():
        raise ValueError("x: got missing features in fit, expected 0 and 1 only; drop those rows before fitting.")
    n_classes = int(y.max()) + 1 if n_classes is None else n_classes
    if y.max() >= n_classes:
        raise ValueError(f"n_classes: got {n_classes}, but y contains the label {y.max()}.")
    return x, y, n_classes


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
