"""The digits of this lecture, binarised by chance as the models' training images were, whole and at half the side."""

from functools import cache
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from dgmlib.data import load_mnist_subset

SIDE, SMALL = 28, 14
"""Pixels along a side, of whole digits and of small ones."""


class Split(NamedTuple):
    """Small digits, (m, 196) float32 zeros and ones: 4,000 to learn from, 500 to stop by, 500 to score on."""

    train: Tensor
    valid: Tensor
    test: Tensor


def _binarized(grey: np.ndarray, seed: int) -> np.ndarray:
    """Each pixel is ink with its grey value as the probability, drawn once; images to rows of zeros and ones."""
    drawn = np.random.default_rng(seed).random(grey.shape) < grey / 255
    return drawn.reshape(len(grey), -1).astype(np.uint8)


@cache
def digits() -> np.ndarray:
    """The 5,000 digits that travel with the package, (5000, 784) uint8; row i shows the digit i mod 10."""
    return _binarized(load_mnist_subset()[0], seed=0)


@cache
def small_digits() -> Split:
    """The same digits at half the side: means of 2 × 2 grey pixels, binarised."""
    grey = load_mnist_subset()[0].reshape(-1, SMALL, 2, SMALL, 2).mean((2, 4))
    rows = torch.from_numpy(_binarized(grey, seed=1)).float()
    return Split(rows[:4000], rows[4000:4500], rows[4500:])


def pictures(rows: np.ndarray | Tensor) -> np.ndarray:
    """Rows of pixels to square pictures, (m, n) -> (m, √n, √n)."""
    rows = np.asarray(rows)
    side = round(rows.shape[-1] ** 0.5)
    return rows.reshape(-1, side, side)
