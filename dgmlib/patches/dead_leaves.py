"""Dead leaves: pictures made of nothing but occlusion.

Leaves fall on each other until the ground is hidden; one sees the topmost leaf at every point. With disks whose radii
follow p(r) ∝ r⁻³ the picture looks alike at all scales, as photographs do. **Mini dead leaves** is what this looks like
through an 8×8 window, where an edge is straight and there is at most one:

    flat    x = m + t               t a texture without mean from a Gaussian scale mixture, m ~ N(0, s²) its brightness
    edge    x = f on one side of a random line, g on the other, f and g two flat patches

Source: A. Lee, D. Mumford, J. Huang, IJCV 41, 2001; D. Zoran, Y. Weiss, NeurIPS 2012.
"""

import math
from collections.abc import Iterator

import numpy as np

from dgmlib.patches.plane import from_plane
from dgmlib.patches.prior import PatchPrior


def mini_dead_leaves(
    n: int, texture: PatchPrior, *, rng: np.random.Generator, brightness: float = 0.2, edge_share: float = 0.5
) -> np.ndarray:
    """n patches, -> (n, size²), of the size of ``texture``'s; a share of them has an edge.

    ``brightness`` is the standard deviation s of m, in grey values from 0 to 1.
    """
    if not 0 <= edge_share <= 1 or not 0 <= brightness < math.inf:
        raise ValueError(
            f"edge_share, brightness: got {edge_share} and {brightness}, expected a share from 0 to 1 and a number ≥ 0."
        )
    front, back = (_flat(n, texture, brightness, rng) for _ in range(2))
    side = math.isqrt(front.shape[1])
    has_edge = rng.random(n) < edge_share
    angle, distance = rng.uniform(0, 2 * math.pi, n), rng.uniform(-side / 2, side / 2, n)
    return np.where(has_edge[:, None] & ~half_planes(angle, distance, side), back, front)


def _flat(n: int, texture: PatchPrior, brightness: float, rng: np.random.Generator) -> np.ndarray:
    return from_plane(texture.sample(n, rng=rng), brightness * rng.standard_normal(n))


def half_planes(angle: np.ndarray, distance: np.ndarray, side: int) -> np.ndarray:
    """Which of side × side pixels lie before a line at this angle and distance from the centre, (n,) -> (n, side²)."""
    line = np.arange(side) - (side - 1) / 2
    along = np.cos(angle)[:, None, None] * line + np.sin(angle)[:, None, None] * line[:, None]
    return (along > distance[:, None, None]).reshape(len(angle), -1)


def dead_leaves(
    size: int,
    *,
    rng: np.random.Generator,
    smallest: float = 2.0,
    largest: float | None = None,
    exponent: float = 3.0,
    max_leaves: int = 200_000,
) -> np.ndarray:
    """A picture (size, size) of disks in uniform shades of grey from 0 to 1; radii in pixels, p(r) ∝ r^−exponent.

    Leaves are laid from the top downwards, each painting only what is still bare, until nothing is. ``largest`` is half
    the picture unless given. Raises ``ValueError`` when ``max_leaves`` do not suffice.
    """
    picture, n_bare = np.full((size, size), np.nan), size * size
    for disk, shade in _leaves(picture, max_leaves, smallest, largest, exponent, rng):
        part, inside = disk
        bare = inside & np.isnan(part)
        part[bare] = shade
        n_bare -= int(bare.sum())
        if not n_bare:
            return picture
    raise ValueError(f"max_leaves: got {max_leaves}, expected more: the ground still shows; or let leaves be larger.")


def transparent_leaves(
    size: int,
    *,
    rng: np.random.Generator,
    smallest: float = 2.0,
    largest: float | None = None,
    exponent: float = 3.0,
    n_leaves: int = 5000,
) -> np.ndarray:
    """The same disks, but none hides another: shades add up, (size, size), scaled to the mean and spread of a shade.

    What pictures would look like without occlusion: a sum of many small causes, and so nearly Gaussian.
    """
    picture = np.zeros((size, size))
    for (part, inside), shade in _leaves(picture, n_leaves, smallest, largest, exponent, rng):
        part[inside] += shade - 0.5
    spread = picture.std()
    if not spread > 0:
        raise ValueError(f"n_leaves: got {n_leaves}, of which none falls on the picture; expected more.")
    return 0.5 + (picture - picture.mean()) / (spread * math.sqrt(12))


def _leaves(
    picture: np.ndarray,
    n: int,
    smallest: float,
    largest: float | None,
    exponent: float,
    rng: np.random.Generator,
) -> Iterator[tuple[tuple[np.ndarray, np.ndarray], float]]:
    """Those of n random leaves on the picture: the part of it around each, which of its pixels are covered, a shade."""
    size = len(picture)
    largest = size / 2 if largest is None else largest
    if not (size >= 1 and 0.5 <= smallest < largest < math.inf and exponent > 1):
        raise ValueError(
            f"size, smallest, largest, exponent: got {size}, {smallest}, {largest} and {exponent}, expected a "
            f"size ≥ 1, radii 0.5 ≤ smallest < largest, and an exponent > 1."
        )
    # Centres lie up to the largest radius outside, so that leaves of all sizes are equally dense everywhere.
    radii = _radius(rng.random(n), smallest, largest, exponent)
    centres = rng.uniform(-largest, size - 1 + largest, (n, 2))
    for radius, centre, shade in zip(radii, centres, rng.random(n), strict=True):
        if (centre > -radius).all() and (centre < size - 1 + radius).all():
            yield _disk(picture, centre, radius), shade


def _radius(u: np.ndarray, smallest: float, largest: float, exponent: float) -> np.ndarray:
    """The radius that a share u of leaves is smaller than: the inverse of the cumulative distribution."""
    low, high = smallest ** (1 - exponent), largest ** (1 - exponent)
    return (low + u * (high - low)) ** (1 / (1 - exponent))


def _disk(picture: np.ndarray, centre: np.ndarray, radius: float) -> tuple[np.ndarray, np.ndarray]:
    """The square of ``picture`` around a disk, a view, and which of its pixels lie within ``radius``."""
    (top, left), (bottom, right) = np.ceil(centre - radius).clip(0), np.floor(centre + radius) + 1
    part = picture[int(top) : int(bottom), int(left) : int(right)]
    rows, columns = np.arange(part.shape[0]) + top - centre[0], np.arange(part.shape[1]) + left - centre[1]
    return part, rows[:, None] ** 2 + columns**2 <= radius**2
