"""A patch is its mean and a point of the plane of patches without mean.

The mean of a patch says how bright a picture is there, and nothing about what is in it: priors describe the rest. The
rest, x − mean x, has d − 1 degrees of freedom; it lies on the plane Σ x_i = 0. Its coordinates z are those of the
reflection (Householder) that takes the constant patch to the last axis and leaves pixels almost alone:

    z_i = x_i + x_d / (√d − 1),   i < d        x_i = z_i − Σz / (d − √d),   x_d = Σz / √d

(x without its mean). A reflection keeps lengths, so white noise on the pixels is white noise on z, of the same σ.
Published densities of patches (``dgmlib.pretrained.patches``) drop the last pixel instead, which is no isometry:

    z = v − Σv / (√d − 1)   for v = (x_1, …, x_{d−1}),        log p_v(v) = log p_z(z) + ½ log d
"""

import math

import numpy as np


def to_plane(patches: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Patches (n, d) -> coordinates z (n, d − 1) and means (n,)."""
    columns = patches.T  # pixel by pixel, as `extract` stores them
    mean = columns.mean(0)
    shift = (columns[-1] - mean) / (math.sqrt(len(columns)) - 1) - mean
    return (columns[:-1] + shift).T, mean


def from_plane(z: np.ndarray, mean: np.ndarray | float = 0.0) -> np.ndarray:
    """Coordinates (n, d − 1) and means (n,) -> patches (n, d)."""
    columns = z.T
    root = math.sqrt(len(columns) + 1)
    total = columns.sum(0)
    patches = np.empty((len(columns) + 1, len(z)), z.dtype)
    np.add(columns, mean - total / (root * (root - 1)), out=patches[:-1])
    patches[-1] = mean + total / root
    return patches.T


def from_protocol(v: np.ndarray) -> np.ndarray:
    """Patches without mean and without their last pixel, (n, d − 1), -> coordinates z (n, d − 1)."""
    return v - v.sum(-1, keepdims=True) / (math.sqrt(v.shape[-1] + 1) - 1)


def protocol_matrix(n_dims: int) -> np.ndarray:
    """The matrix T of z = T v, (n_dims, n_dims) with n_dims = d − 1: a covariance C of v is T C Tᵀ for z."""
    return np.eye(n_dims) - 1 / (math.sqrt(n_dims + 1) - 1)


def protocol_volume(n_dims: int) -> float:
    """log |det T| = ½ log d, d = n_dims + 1: what log p_z gains, in nats, when it is written in terms of v."""
    return 0.5 * math.log(n_dims + 1)
