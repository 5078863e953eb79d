"""The density of mini dead leaves, exactly: it is a Gaussian mixture, only a large and constrained one.

With a Gaussian scale mixture N(0, s_m S) of weights w_m as texture, a patch with the edge A | B is, given the scales of
both sides, Gaussian, and its sides do not know of each other:

    x_A ~ N(0, s_m S_AA + b² 11ᵀ),    x_B ~ N(0, s_n S_BB + b² 11ᵀ)

    p(z) = (1 − e) p_texture(z) + e Σ_{A|B} P(A|B) Σ_mn w_m w_n p(z | A|B, m, n)

on the plane of patches without mean. The mean is integrated out: log p(x_A) + log p(x_B) is a parabola in it, with
curvature and slope that every side contributes its own share to. On 8×8 pixels a line has 2566 ways to pass; the share
of each is counted on a fine grid of angles and distances.
Source: D. Zoran, Y. Weiss, NeurIPS 2012, for the model; the density is worked out here.
"""

import math
from functools import cache
from typing import NamedTuple

import numpy as np
from scipy.linalg import cho_solve, cholesky

from dgmlib.patches.dead_leaves import half_planes
from dgmlib.patches.plane import from_plane
from dgmlib.patches.prior import as_rows
from dgmlib.patches.scale_mixture import ScaleMixturePrior

N_ANGLES, N_DISTANCES = 360, 200


class _Parabola(NamedTuple):
    """log p(x_A + mean·1) = height − slope · mean − ½ curvature · mean², at each scale."""

    height: np.ndarray  # (n, M)
    slope: np.ndarray  # (n, M)
    curvature: np.ndarray  # (M,)


def mini_dead_leaves_log_prob(
    z: np.ndarray, texture: ScaleMixturePrior, *, brightness: float = 0.2, edge_share: float = 0.5
) -> np.ndarray:
    """log p(z) in nats of patches without mean, (n, d) -> (n,); ``texture`` has one shape, Σ, and M scales.

    The other arguments are those of ``mini_dead_leaves``, whose samples have this density.
    """
    if len(texture.shapes) != 1 or not 0 < brightness < math.inf or not 0 < edge_share < 1:
        raise ValueError(
            f"texture, brightness, edge_share: got {len(texture.shapes)} shapes, {brightness} and {edge_share}, "
            f"expected one shape, a number > 0 and a share between 0 and 1."
        )
    z = as_rows(z, texture.n_dims, "z").astype(float)
    flat = texture.log_prob(z)
    masks, shares = edges(math.isqrt(z.shape[1] + 1))
    # A line beyond all pixels leaves one flat patch.
    whole = edge_share * (1 - shares.sum()) + 1 - edge_share
    total = math.log(whole) + flat
    x, spread = from_plane(z), from_plane(from_plane(texture.shapes[0]).T)
    for mask, share in zip(masks, shares, strict=True):
        front, back = (_side(x[:, side], spread[np.ix_(side, side)], texture, brightness) for side in (mask, ~mask))
        total = np.logaddexp(total, math.log(edge_share * share) + _joined(front, back, len(mask)))
    return total


@cache
def edges(side: int) -> tuple[np.ndarray, np.ndarray]:
    """Ways in which a line splits side × side pixels, up to which half is in front, and the share of lines of each.

    -> (n, side²) bool, first pixel never in front; (n,). The shares of lines that split nothing are missing to 1.
    """
    angle = (np.arange(N_ANGLES) + 0.5) * 2 * math.pi / N_ANGLES
    distance = ((np.arange(N_DISTANCES) + 0.5) / N_DISTANCES - 0.5) * side
    angle, distance = (a.ravel() for a in np.meshgrid(angle, distance))
    masks = half_planes(angle, distance, side)
    masks ^= masks[:, :1]
    found, counts = np.unique(np.packbits(masks, axis=1), axis=0, return_counts=True)
    found = np.unpackbits(found, axis=1, count=side * side).astype(bool)
    split = found.any(1)
    return found[split], counts[split] / len(masks)


def _side(x: np.ndarray, spread: np.ndarray, texture: ScaleMixturePrior, brightness: float) -> _Parabola:
    """One side of the edge, by one factorisation of S_AA for all scales (Sherman and Morrison's formula)."""
    lower = cholesky(spread, lower=True)
    n_pixels, s = x.shape[1], texture.scales
    solved = cho_solve((lower, True), np.column_stack([x.T, np.ones(n_pixels)]))  # S_AA⁻¹ (x, 1)
    quadratic, across, ones = (x.T * solved[:, :-1]).sum(0), solved[:, :-1].sum(0), solved[:, -1].sum()
    shrunk = s + brightness**2 * ones
    log_det = n_pixels * np.log(s) + 2 * np.log(np.diag(lower)).sum() + np.log(shrunk / s)
    squares = (quadratic[:, None] - brightness**2 * across[:, None] ** 2 / shrunk) / s
    height = np.log(texture.shares[0]) - 0.5 * (squares + log_det + n_pixels * math.log(2 * math.pi))
    return _Parabola(height, across[:, None] / shrunk, ones / shrunk)


def _joined(front: _Parabola, back: _Parabola, n_pixels: int) -> np.ndarray:
    """log Σ_mn ∫ p_m(x_A + t·1) p_n(x_B + t·1) √d dt, (n,)."""
    curvature = front.curvature[:, None] + back.curvature
    slope = front.slope[:, :, None] + back.slope[:, None]
    constant = 0.5 * np.log(2 * math.pi * n_pixels / curvature)  # a step of t is √d long
    slope *= slope
    slope *= 0.5 / curvature
    slope += back.height[:, None] + constant
    slope += front.height[:, :, None]
    height = slope.reshape(len(slope), -1)
    top = height.max(1)
    height -= top[:, None]
    return top + np.log(np.exp(height, out=height).sum(1))
