"""What the network is asked to draw in the experiment on noise impedance."""

import numpy as np

from dgmlib.figures.deep_image_prior.tasks import SIDE, SIGMA, truth


def target(name: str, seed: int) -> np.ndarray:
    """The cat's eye, the same in noise of σ = 25, its pixels shuffled, or uniform noise, (64, 64)."""
    x, rng = truth("cat"), np.random.default_rng(seed)
    if name == "image":
        return x
    if name == "image + noise":
        return x + SIGMA * rng.standard_normal(x.shape)
    return rng.permutation(x.ravel()).reshape(x.shape) if name == "shuffled" else rng.random((SIDE, SIDE))
