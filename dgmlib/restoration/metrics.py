"""How close a restored picture is to the truth.

    PSNR = 10 log₁₀(R² / mean (x̂ − x)²) dB,   R the range of grey values
    SSIM = mean over windows of (2 μ_x μ_x̂ + c₁)(2 s_xx̂ + c₂) / ((μ_x² + μ_x̂² + c₁)(s_x² + s_x̂² + c₂))

PSNR is the common one, with the mean error in it; some published code divides by the variance of the error instead,
which is never less favourable.
SSIM: windows are Gaussians of 1.5 pixels, c₁ = (0.01 R)², c₂ = (0.03 R)². Source: Z. Wang et al., IEEE TIP 13(4), 2004.
"""

import math

import numpy as np
from scipy.ndimage import gaussian_filter

from dgmlib._arrays import check_positive

WINDOW, CUT = 1.5, 5  # standard deviation and half width of SSIM's windows, in pixels


def psnr(estimate: np.ndarray, truth: np.ndarray, *, data_range: float = 1.0) -> float:
    """In dB, over all pixels and channels; infinite for the truth itself."""
    estimate, truth = _pair(estimate, truth)
    check_positive(data_range, "data_range")
    error = float(np.mean((estimate - truth) ** 2))
    return math.inf if error == 0 else 20 * math.log10(data_range) - 10 * math.log10(error)


def ssim(estimate: np.ndarray, truth: np.ndarray, *, data_range: float = 1.0) -> float:
    """Between −1 and 1, the mean over pixels whose window fits, and over channels."""
    estimate, truth = _pair(estimate, truth)
    check_positive(data_range, "data_range")
    if truth.ndim not in (2, 3):
        raise ValueError(f"truth: got shape {truth.shape}, expected (height, width), or (height, width, channels).")
    if min(truth.shape[:2]) <= 2 * CUT:
        raise ValueError(f"truth: got shape {truth.shape}, expected sides > {2 * CUT}, that of SSIM's window.")
    if truth.ndim == 3:
        return float(np.mean([ssim(a, b, data_range=data_range) for a, b in zip(estimate.T, truth.T, strict=True)]))
    mean_e, mean_t = _local(estimate), _local(truth)
    var_e, var_t = _local(estimate**2) - mean_e**2, _local(truth**2) - mean_t**2
    shared = _local(estimate * truth) - mean_e * mean_t
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    top = (2 * mean_e * mean_t + c1) * (2 * shared + c2)
    return float(np.mean(top / ((mean_e**2 + mean_t**2 + c1) * (var_e + var_t + c2))))


def _local(x: np.ndarray) -> np.ndarray:
    """Means over windows, where they fit."""
    return gaussian_filter(x, WINDOW, radius=CUT)[CUT:-CUT, CUT:-CUT]


def _pair(estimate: np.ndarray, truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    estimate, truth = np.asarray(estimate, dtype=float), np.asarray(truth, dtype=float)
    if estimate.shape != truth.shape:
        raise ValueError(f"estimate, truth: got shapes {estimate.shape} and {truth.shape}, expected equal ones.")
    if not truth.size:
        raise ValueError(f"estimate, truth: got shape {truth.shape}, expected at least one pixel.")
    return estimate, truth
