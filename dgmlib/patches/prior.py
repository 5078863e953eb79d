"""What every prior on patches can do, and how it restores one.

A prior is a density p(z) on the plane of patches without mean (``dgmlib.patches.plane``). A patch is observed in white
noise of standard deviation σ, which on the plane is y = z + σ n. Two estimates of z are asked for:

    MAP              argmax_z  log p(z) − |y − z|² / 2σ²        the likeliest patch
    posterior mean   E[z | y]                                   the best in mean square (BLS: Bayes least squares)

The mean of the patch is left as observed: over 64 pixels its noise is an eighth of σ.
Source: D. Zoran, Y. Weiss, ICCV 2011.
"""

import math
from typing import Protocol

import numpy as np

from dgmlib.patches.plane import from_plane, from_protocol, protocol_volume, to_plane


class PatchPrior(Protocol):
    """A density on the plane, and the two estimates it leads to. Rows are patches."""

    @property
    def n_dims(self) -> int:
        """Dimensions of the plane: pixels of a patch, less one."""

    @property
    def num_parameters(self) -> int:
        """How many numbers are learned."""

    def log_prob(self, z: np.ndarray) -> np.ndarray:
        """log p(z) in nats, (n, n_dims) -> (n,)."""

    def sample(self, n: int, *, rng: np.random.Generator) -> np.ndarray:
        """Draw n points of the plane, -> (n, n_dims)."""

    def map_estimate(self, y: np.ndarray, sigma: float) -> np.ndarray:
        """The likeliest z, exactly or as the class says, (n, n_dims) -> (n, n_dims)."""

    def posterior_mean(self, y: np.ndarray, sigma: float) -> np.ndarray:
        """E[z | y], (n, n_dims) -> (n, n_dims)."""


def denoise_patches(patches: np.ndarray, prior: PatchPrior, *, sigma: float, method: str = "map") -> np.ndarray:
    """Each patch on its own, (n, d) -> (n, d); ``method`` is "map" or "mean"."""
    if method not in ("map", "mean"):
        raise ValueError(f'method: got {method!r}, expected "map" or "mean".')
    check_sigma(sigma)
    z, mean = to_plane(patches)
    return from_plane(prior.map_estimate(z, sigma) if method == "map" else prior.posterior_mean(z, sigma), mean)


def protocol_log_prob(prior: PatchPrior, v: np.ndarray) -> np.ndarray:
    """log-density in nats of patches without mean and last pixel, (n, d − 1) -> (n,): the scale of published scores."""
    return prior.log_prob(from_protocol(np.asarray(v, dtype=float))) + protocol_volume(prior.n_dims)


def check_sigma(sigma: float) -> None:
    """Raise unless the noise's standard deviation is a finite number > 0."""
    if not 0 < sigma < math.inf:
        raise ValueError(
            f"sigma: got {sigma}, expected a finite standard deviation > 0 in units of grey values from 0 to 1; "
            f"25 of 255 is 25/255."
        )


def as_rows(x: np.ndarray, n_dims: int | None, name: str) -> np.ndarray:
    """``x`` as floating rows of ``n_dims`` finite numbers; single precision stays single.

    None stands for any width, and for at least one row: a prior is to be learned from them.
    """
    x = np.asarray(x)
    x = x if x.dtype == np.float32 else x.astype(float, copy=False)
    if x.ndim != 2 or n_dims not in (None, x.shape[1]):
        raise ValueError(f"{name}: got shape {x.shape}, expected (n, {n_dims or 'd'}), a point of the plane a row.")
    if n_dims is None and x.size == 0:
        raise ValueError(f"{name}: got shape {x.shape}, expected at least one row of at least one number.")
    if not np.isfinite(x).all():
        raise ValueError(f"{name}: got NaN or infinite values, expected finite numbers; remove those rows.")
    return x
