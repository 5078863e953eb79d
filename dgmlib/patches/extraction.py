"""All overlapping patches of an image, and the way back.

    P_i x = the patch at place i        extract(x) = (P_1 x, …, P_n x)        aggregate(p) = Σ_i P_iᵀ p_i

Aggregation adds every patch up where it came from. It is the adjoint of extraction,
⟨extract(x), p⟩ = ⟨x, aggregate(p)⟩, and aggregate(extract(x)) = coverage · x, where coverage counts the patches over
each pixel.
Patches are returned as (n, size²), but stored pixel by pixel: column j is one shifted copy of the image, so that no
step here visits a patch on its own.
"""

import numpy as np

from dgmlib._arrays import check_counts

Places = np.ndarray
"""Upper left corners, (n,) integers: row · width + column."""


def extract(image: np.ndarray, size: int = 8, places: Places | None = None) -> np.ndarray:
    """Patches of an image (height, width), -> (n, size²); all of them, row by row, or only those at ``places``."""
    check_fits(image.shape, size)
    if places is not None:
        return image.reshape(-1)[_pixels(image.shape, size, places)].T
    height, width = (n - size + 1 for n in image.shape)
    columns = np.empty((size * size, height, width), image.dtype)
    for j in range(size * size):
        r, c = divmod(j, size)
        columns[j] = image[r : r + height, c : c + width]
    return columns.reshape(size * size, -1).T


def aggregate(patches: np.ndarray, shape: tuple[int, int], places: Places | None = None) -> np.ndarray:
    """Sum of all patches, (n, size²), each added where it was taken from, -> (height, width) = shape."""
    columns, size = patches.T, _side(patches)
    check_fits(shape, size)
    if places is not None:
        total = np.bincount(_pixels(shape, size, places).ravel(), columns.ravel(), minlength=shape[0] * shape[1])
        return total.reshape(shape).astype(patches.dtype)
    height, width = (n - size + 1 for n in shape)
    if len(patches) != height * width:
        raise ValueError(f"patches: got {len(patches)}, expected {height * width}, all those of an image {shape}.")
    image = np.zeros(shape, patches.dtype)
    for j, column in enumerate(columns):
        r, c = divmod(j, size)
        image[r : r + height, c : c + width] += column.reshape(height, width)
    return image


def coverage(shape: tuple[int, int], size: int = 8, places: Places | None = None) -> np.ndarray:
    """How many patches lie over each pixel, (height, width): size² but for a rim, or as many as ``places`` give."""
    check_fits(shape, size)
    if places is not None:
        return aggregate(np.ones((len(places), size * size)), shape, places)
    rows, columns = (np.minimum(np.arange(n) + 1, np.arange(n)[::-1] + 1).clip(max=size) for n in shape)
    rows, columns = (np.minimum(a, n - size + 1) for a, n in zip((rows, columns), shape, strict=True))
    return np.outer(rows, columns).astype(float)


def jittered_places(shape: tuple[int, int], size: int, step: int, rng: np.random.Generator) -> Places:
    """About one patch per step×step pixels, each pixel under at least one; 1 ≤ step ≤ size.

    A grid at a random offset, each place on it moved by less than ``jitter``: neighbours stay within ``size`` of each
    other, and over many rounds every patch has its turn. Places beyond the image move to its nearest patch.
    """
    check_fits(shape, size)
    check_counts(step=step)
    if step > size:
        raise ValueError(f"step: got {step}, expected 1 to {size}, the side of a patch; more would leave holes.")
    jitter = min(step, size - step + 1)
    lines = [np.arange(1 - jitter - rng.integers(step), n - size + step, step) for n in shape]
    grid = np.meshgrid(*lines, indexing="ij")
    r, c = (
        (line + rng.integers(jitter, size=line.shape)).clip(0, n - size) for line, n in zip(grid, shape, strict=True)
    )
    return np.unique(r * shape[1] + c)


def check_fits(shape: tuple[int, ...], size: int) -> None:
    """Raise unless ``shape`` is (height, width) and a patch fits into it."""
    check_counts(size=size)
    if len(shape) != 2 or min(shape) < size:
        raise ValueError(
            f"image: got shape {tuple(shape)}, expected (height, width), each ≥ {size}, the side of a patch; "
            f"enlarge the image or use smaller patches."
        )


def _pixels(shape: tuple[int, int], size: int, places: Places) -> np.ndarray:
    """Where in memory each pixel of the patches at these places lies, (size², n)."""
    places = np.asarray(places)
    if places.ndim != 1 or places.dtype.kind not in "iu":
        raise ValueError(f"places: got shape {places.shape}, {places.dtype}, expected (n,) integers.")
    rows, columns = np.divmod(places, shape[1])
    outside = (rows < 0) | (rows > shape[0] - size) | (columns > shape[1] - size)
    if outside.any():
        raise ValueError(
            f"places: got {places[outside][0]}, expected row · {shape[1]} + column with rows 0 … {shape[0] - size} and "
            f"columns 0 … {shape[1] - size}, where a patch lies within the image."
        )
    offsets = np.add.outer(np.arange(size) * shape[1], np.arange(size)).ravel()
    return offsets[:, None] + places


def _side(patches: np.ndarray) -> int:
    side = round(patches.shape[-1] ** 0.5)
    if patches.ndim != 2 or side * side != patches.shape[1]:
        raise ValueError(f"patches: got shape {patches.shape}, expected (n, size²), one square patch a row.")
    return side
