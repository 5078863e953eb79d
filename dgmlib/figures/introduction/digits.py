"""The digits of this lecture and the three models of them that its figures question."""

from functools import cache
from typing import NamedTuple

import numpy as np

from dgmlib.bernoulli_mixture import BernoulliMixture
from dgmlib.data import load_mnist_subset

SIDE = 28
TRAIN = 4000
TEMPLATES = 50
"""Components of the mixture."""
FLIP = 0.05
"""Share of pixels that the kernel estimate flips: the best of those tried on held-out digits."""
FAMILIES = {"pixels": "independent pixels", "mixture": f"mixture of {TEMPLATES} templates", "kernel": "kernel estimate"}


class Split(NamedTuple):
    """4,000 digits to learn from and 1,000 held out: zeros and ones, (n, 784), and labels."""

    train: np.ndarray
    held_out: np.ndarray
    train_labels: np.ndarray
    held_out_labels: np.ndarray


@cache
def digits() -> Split:
    """The binarised digits that travel with the package, split in their order; every block of ten is balanced."""
    images, labels = load_mnist_subset(binarized=True)
    rows = images.reshape(len(images), -1)
    return Split(rows[:TRAIN], rows[TRAIN:], labels[:TRAIN], labels[TRAIN:])


@cache
def fitted(family: str) -> BernoulliMixture:
    """One of ``FAMILIES``, fitted to the 4,000 digits."""
    train = digits().train
    if family == "kernel":
        return BernoulliMixture.around(train, FLIP)
    return BernoulliMixture.fit(train, {"pixels": 1, "mixture": TEMPLATES}[family], rng=np.random.default_rng(0))


@cache
def held_out_log_prob(family: str) -> np.ndarray:
    """log p(x) in nats of every held-out digit, (1000,)."""
    return fitted(family).log_prob(digits().held_out)


@cache
def template_labels() -> np.ndarray:
    """For each template the digit that most of its training images show, (50,)."""
    r = fitted("mixture").responsibilities(digits().train)
    return (r.T @ np.eye(10)[digits().train_labels]).argmax(1)


def pictures(rows: np.ndarray) -> np.ndarray:
    """(n, 784) -> (n, 28, 28)."""
    return rows.reshape(-1, SIDE, SIDE)
