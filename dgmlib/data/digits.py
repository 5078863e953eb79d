"""scikit-learn's 8×8 digits, the smallest images on which every model of the book can be tried.

Licence: CC BY 4.0. Source: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits (test part), UCI
Machine Learning Repository, doi 10.24432/C50P49; shipped with scikit-learn.
"""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_digits as sklearn_digits

__all__ = ["load_digits"]


def load_digits(*, binarized: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Images (1797, 8, 8) uint8 with grey values 0 (paper) … 16 (ink), and labels (1797,) uint8.

    binarized: 0/1 images by the threshold ``grey >= 8``.
    """
    bunch = sklearn_digits()
    images = bunch.images.astype(np.uint8)
    return (images >= 8).astype(np.uint8) if binarized else images, bunch.target.astype(np.uint8)
