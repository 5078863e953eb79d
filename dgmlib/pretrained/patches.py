"""The 63-dimensional patches on which densities of natural images are compared.

    v = (pixels + u) / 256,  u ~ U(0, 1) per pixel;   x = v − mean v;   the last pixel is dropped

The noise turns 256 grey values into a density; without its mean a patch of 64 pixels lies in a 63-dimensional subspace,
where the last pixel is minus the sum of the others. Source: B. Uria, M.-A. Côté, K. Gregor, I. Murray, H. Larochelle,
JMLR 17, 2016, section 7.3.
"""

from collections.abc import Sequence

import numpy as np

from dgmlib.data import load_bsd68, load_bsds300

SIZE = 8
N_VALID_IMAGES = 20


def bsds300_patches(n_train: int, n_valid: int, n_test: int, *, seed: int = 0) -> tuple[np.ndarray, ...]:
    """Random patches of 180 training photographs, of the other 20, and of the 68 test photographs, (n, 63) each."""
    rng = np.random.default_rng(seed)
    photographs = load_bsds300()
    held_out = set(rng.permutation(len(photographs))[:N_VALID_IMAGES].tolist())
    train = [image for i, image in enumerate(photographs) if i not in held_out]
    valid = [photographs[i] for i in sorted(held_out)]
    return (
        random_patches(train, n_train, rng=rng),
        random_patches(valid, n_valid, rng=rng),
        random_patches(load_bsd68(), n_test, rng=rng),
    )


def random_patches(images: Sequence[np.ndarray], n: int, *, rng: np.random.Generator) -> np.ndarray:
    """n patches at uniformly drawn places of uniformly drawn images, prepared as above, -> (n, 63) float32."""
    pixels = np.empty((n, SIZE, SIZE), dtype=np.float32)
    for patch, k in zip(pixels, rng.integers(len(images), size=n), strict=True):
        height, width = images[k].shape
        r, c = rng.integers(height - SIZE + 1), rng.integers(width - SIZE + 1)
        patch[:] = images[k][r : r + SIZE, c : c + SIZE]
    return prepared(pixels, rng=rng)


def prepared(pixels: np.ndarray, *, rng: np.random.Generator) -> np.ndarray:
    """Grey values 0 … 255, (n, 8, 8), to vectors without mean, (n, 63) float32."""
    values = (pixels + rng.random(pixels.shape, dtype=np.float32)).reshape(len(pixels), -1) / 256
    return (values - values.mean(1, keepdims=True))[:, :-1]
