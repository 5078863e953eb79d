"""What the figures of the lecture compute: two classifiers, their learning curves, their cross-validated forecasts."""

from __future__ import annotations

import json
from functools import cache

import numpy as np
from threadpoolctl import threadpool_limits

from dgmlib.classifiers import BernoulliNaiveBayes, learning_curves, logistic_regression
from dgmlib.data import BagOfWords, load_messages, load_sms, load_spambase
from dgmlib.data.assets import read_text

PSEUDOCOUNT = 0.1
"""Naive Bayes adds a tenth of an example to every count: Laplace's 1 is a strong opinion about rare words."""
STRENGTH = 1.0
"""Variance of logistic regression's Gaussian prior on its weights, scikit-learn's default."""

SETTINGS = {  # name: training sizes, test rows, repeats
    "messages": ((4, 8, 16, 32, 64, 128, 256), 150, 30),
    "spambase": ((4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3500), 1000, 40),
    "sms": ((4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4000), 1000, 40),
}


def naive_bayes() -> BernoulliNaiveBayes:
    """A fresh naive Bayes with the lecture's pseudocount."""
    return BernoulliNaiveBayes(pseudocount=PSEUDOCOUNT)


def logistic():
    """A fresh logistic regression with the lecture's prior."""
    return logistic_regression(strength=STRENGTH)


MODELS = {"naive Bayes": naive_bayes, "logistic regression": logistic}


def features(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Binary features and labels of a data set: words in 3 messages (5 of the SMS) or more, signs of Spambase."""
    if name == "spambase":
        x, y, _ = load_spambase()
        return (x[:, :54] > 0).astype(np.uint8), y.astype(int)
    texts, y = load_messages() if name == "messages" else load_sms()
    return BagOfWords(texts, min_count=3 if name == "messages" else 5).encode(texts), y


def measure(name: str, *, repeats: int | None = None) -> dict:
    """Learning curves of both models as plain numbers, ready for JSON: means and standard errors over the repeats."""
    sizes, n_test, default = SETTINGS[name]
    x, y = features(name)
    curves = learning_curves(
        MODELS, x, y, sizes, n_test=n_test, repeats=repeats or default, rng=np.random.default_rng(0)
    )
    result: dict = {"sizes": list(sizes), "n_test": n_test, "repeats": repeats or default, "n_features": x.shape[1]}
    for model, curve in curves.items():
        result[model] = {
            what: {
                "mean": values.mean(0).round(5).tolist(),
                "standard_error": (values.std(0, ddof=1) / np.sqrt(len(values))).round(5).tolist(),
            }
            for what, values in (("error", curve.errors), ("log loss", curve.losses))
        }
    return result


@cache
def curves(name: str) -> dict:
    """Learning curves: computed here for the embedded messages, read from the record for the two full data sets."""
    return measure(name) if name == "messages" else json.loads(read_text("learning_curves.json"))[name]


@cache
def forecasts(word: str, copies: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Log-odds of spam of every embedded message by both models, each trained on the other four fifths, and the labels.

    The column of ``word`` is there ``copies`` times: the same evidence, presented as if it were new.
    """
    texts, y = load_messages()
    bag = BagOfWords(texts, min_count=3)
    x = bag.encode(texts)
    x = np.hstack([x, np.repeat(x[:, [bag.index[word]]], copies - 1, axis=1)])
    fold = np.arange(len(y)) % 5
    result = {}
    for name, make in MODELS.items():
        result[name] = np.empty(len(y))
        for k in range(5):
            with threadpool_limits(1):  # too small to share between threads
                fitted = make().fit(x[fold != k], y[fold != k])
            result[name][fold == k] = log_odds(fitted, x[fold == k])
    return result, y


def log_odds(model, x: np.ndarray) -> np.ndarray:
    """log p(1 | x) − log p(0 | x) in nats, (n,); exact also where a probability would round to 0 or 1."""
    if isinstance(model, BernoulliNaiveBayes):
        return np.diff(model.log_posterior(x), axis=1)[:, 0]
    return model.decision_function(x)
