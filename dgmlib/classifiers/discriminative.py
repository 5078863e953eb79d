"""The discriminative models of the lecture, by scikit-learn: p(y | x) alone, nothing about x."""

from __future__ import annotations

from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

__all__ = ["logistic_regression", "neural_network"]


def logistic_regression(*, strength: float = 1.0) -> LogisticRegression:
    """scikit-learn's logistic regression, p(y = 1 | x) = σ(b + wᵀx), with the penalty ‖w‖²/(2·strength).

    The penalty is a Gaussian prior of variance ``strength`` on every weight; the bias is free.
    """
    return LogisticRegression(C=strength, max_iter=2000)


def neural_network(*, n_hidden: int = 16, penalty: float = 30.0, seed: int = 0) -> Pipeline:
    """One hidden layer of ReLUs on standardised inputs, by scikit-learn: a p(y | x) that is not linear in x.

    The penalty on all weights is ``penalty``·‖w‖²/(2n), as in scikit-learn; 30 suits a few thousand examples.
    """
    network = MLPClassifier(
        (n_hidden,), alpha=penalty, solver="lbfgs", max_iter=5000, max_fun=50_000, random_state=seed
    )
    return make_pipeline(StandardScaler(), network)
