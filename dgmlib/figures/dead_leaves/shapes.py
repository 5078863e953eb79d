"""What a component depicts, read off its covariance: which way it runs, and how fine it is.

For x ~ N(0, Σ) the expected structure tensor of the patch, E Σ_pixels ∇x ∇xᵀ, is a sum of entries of Σ. Eigenvectors
say across which direction grey values change most and least, its trace how fast they change:

    coherence = (λ₁ − λ₂) / (λ₁ + λ₂)          0: no direction, 1: constant along one
    wavelength = 2π √(E|x|² / E|∇x|²)          of a plane wave with as much change
"""

from typing import NamedTuple

import numpy as np

from dgmlib.patches import from_plane


class Shape(NamedTuple):
    """Of K components, (K,) each: the angle of greatest change in degrees 0 … 180, coherence, wavelength in pixels."""

    angle: np.ndarray
    coherence: np.ndarray
    wavelength: np.ndarray


def shapes(covariances: np.ndarray) -> Shape:
    """The shape of each component, from covariances on the plane, (K, d − 1, d − 1)."""
    pixels = np.array([from_plane(from_plane(c).T) for c in covariances])  # (K, d, d)
    across, down = _gradients(round(pixels.shape[1] ** 0.5))
    xx, xy, yy = (np.einsum("ai,kij,aj->k", g, pixels, h) for g, h in ((across, across), (across, down), (down, down)))
    energy = np.trace(pixels, axis1=1, axis2=2)
    angle = np.degrees(0.5 * np.arctan2(2 * xy, xx - yy)) % 180
    coherence = np.hypot(xx - yy, 2 * xy) / (xx + yy)
    n = len(across) / pixels.shape[1]
    return Shape(angle, coherence, 2 * np.pi * np.sqrt(energy * n / (xx + yy)))


def _gradients(side: int) -> tuple[np.ndarray, np.ndarray]:
    """Matrices of differences over a pixel, across and down, at the centres of 2×2 squares, ((side − 1)², side²)."""
    step, mean = np.eye(side)[1:] - np.eye(side)[:-1], (np.eye(side)[1:] + np.eye(side)[:-1]) / 2
    return np.kron(mean, step), np.kron(step, mean)
