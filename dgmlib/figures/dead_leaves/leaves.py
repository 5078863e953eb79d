"""Natural patches from the package's own photographs, and the texture that mini dead leaves are cut from."""

from functools import cache

import numpy as np

from dgmlib.data import load_natural_images
from dgmlib.patches import ScaleMixturePrior, extract, from_plane, to_plane

PHOTOGRAPHS = ("camera", "cat", "coffee", "palace", "flower", "rocket", "coins")
"""The package's pictures but for its three textures."""


@cache
def natural_patches(n: int, *, seed: int = 0) -> np.ndarray:
    """n random 8×8 patches of the photographs, grey values from 0 to 1, without their means, (n, 64)."""
    rng, pictures = np.random.default_rng(seed), load_natural_images()
    rows = [extract(pictures[name].astype(float), places=rng.choice(249, (2, n)).T @ (256, 1)) for name in PHOTOGRAPHS]
    pixels = np.concatenate(rows)[rng.choice(len(PHOTOGRAPHS) * n, n, replace=False)]
    # Jittered by what rounding to whole grey values hides, for a density needs a continuum.
    pixels = (pixels + rng.random(pixels.shape)) / 256
    return pixels - pixels.mean(1, keepdims=True)


@cache
def texture() -> ScaleMixturePrior:
    """The Gaussian scale mixture of 5,000 natural patches."""
    z, _ = to_plane(natural_patches(5000, seed=1))
    return ScaleMixturePrior.fit(z, rng=np.random.default_rng(0), n_steps=20)


def flat(scale: float, seed: int) -> np.ndarray:
    """A flat patch without mean: the texture at one of its scales s, (64,)."""
    noise = np.random.default_rng(seed).standard_normal(texture().n_dims)
    return from_plane((np.sqrt(scale) * np.linalg.cholesky(texture().shapes[0]) @ noise)[None])[0]
