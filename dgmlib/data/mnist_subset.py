"""5,000 digits of MNIST that travel with the package: the first 500 of each class in MNIST's training order.

Licence: CC BY-SA 3.0 (Y. LeCun and C. Cortes), derived from NIST's databases. Provenance: ``assets/README.md``.
"""

from __future__ import annotations

import numpy as np

from dgmlib.data.assets import read_arrays

__all__ = ["THRESHOLD", "load_mnist_subset"]

THRESHOLD = 128
"""A binarised pixel is 1 where the grey value is at least this."""


def load_mnist_subset(*, binarized: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Images (5000, 28, 28) uint8 and labels (5000,) uint8.

    Labels run 0, 1, …, 9, 0, 1, …: every block of ten holds each digit once, so any prefix is a balanced training set.

    binarized: 0/1 images by a threshold, ``grey >= 128``: the same for everybody and without noise, unlike the randomly
    drawn ``load_binarized_mnist``, whose log-likelihoods are the published ones.
    """
    arrays = read_arrays("mnist_subset.npz")
    images = arrays["images"]
    return (images >= THRESHOLD).astype(np.uint8) if binarized else images, arrays["labels"]
