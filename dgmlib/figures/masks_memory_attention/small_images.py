"""Digits of 4×4 pixels: small enough to visit all 2¹⁶ images, which is how a total of probabilities is checked."""

from functools import cache

import numpy as np
import torch
from torch import Tensor

from dgmlib.data import load_mnist_subset

SIDE = 4
N = SIDE * SIDE
TRAIN = 4000


@cache
def thumbnails() -> tuple[Tensor, Tensor]:
    """4,000 rows to learn from and 1,000 held out, of 16 bits each: is a 5×5 block of the digit mostly ink?"""
    images, _ = load_mnist_subset()
    blocks = images[:, 4:24, 4:24].reshape(-1, SIDE, 5, SIDE, 5).mean((2, 4))
    x = torch.from_numpy((blocks >= 100).astype(np.float32).reshape(-1, N))
    return x[:TRAIN], x[TRAIN:]


@cache
def every_image() -> Tensor:
    """All 2¹⁶ images, (65536, 16)."""
    return (torch.arange(2**N)[:, None] >> torch.arange(N) & 1).float()
