"""What ``record.py`` measured and kept."""

from functools import cache
from pathlib import Path

import numpy as np

from dgmlib.data.store import read_npz

PATH = Path(__file__).with_name("recorded.npz")
SIZES = (1, 2, 3, 5, 10, 20, 50, 100, 200)
"""Numbers of components K of the mixtures."""
PRIORS = ("independent pixels", "Gaussian", "PCA", "ICA", "GSM", "mixture of 8 GSMs", "GMM, K = 50")
"""Densities that learned twice, from natural patches and from mini dead leaves."""
KINDS = ("natural", "leaves")
RIVALS = ("GMM of photographs, K = 200", "GMM of photographs, K = 50", "GMM of leaves, K = 50", "GSM of photographs")
"""Densities that are compared with that of mini dead leaves."""
SIGMA = 25 / 255
"""Of the noise that patches are freed from, in grey values from 0 to 1."""


@cache
def recorded() -> dict[str, np.ndarray]:
    """Arrays by name.

    ``held_out``, ``error``, ``own`` (9,): nats per patch by K, their standard errors, nats of the training patches;
    ``shipped`` (2,): nats of the shipped mixture of 200, which learned from more patches, and their standard error;
    ``samples`` (9, 24, 8, 8) uint8, mid-grey 128;
    ``few_weights`` (5,), ``few_triangles`` (5, 2016): the mixture of five, on the plane, lower triangles;
    ``nats``, ``errors`` (2, 7, 2): learned from one kind, scored on another; ``psnr`` (8, 2): MAP and mean,
    in dB, the last row of the shipped mixture;
    ``leaf_nats`` (2,): the exact density of mini dead leaves, on 2,000 patches of both kinds; ``gaps``, ``gap_errors``
    (4, 2): by how much ``RIVALS`` score higher on the same;
    ``brightness``, ``edge_share``: its parameters.
    """
    return read_npz(PATH)
