"""What ``record.py`` trained and kept."""

from functools import cache
from pathlib import Path

import numpy as np

from dgmlib.data.store import read_npz

PATH = Path(__file__).with_name("recorded.npz")
BETAS = (0.1, 0.5, 1.0, 2.0, 5.0, 20.0)
N_EPOCHS = 20
RUNS = (*((beta, 0.0) for beta in BETAS), (1.0, 0.5), (5.0, 0.5))
"""β, and the share of the training over which it grew from 0."""


@cache
def recorded() -> dict[str, np.ndarray]:
    """Arrays by name; the first axis runs over ``RUNS``."""
    return read_npz(PATH)
