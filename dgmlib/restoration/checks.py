"""What can be wrong with a picture that is to be restored."""

import math

import numpy as np

from dgmlib.patches.prior import check_sigma
from dgmlib.restoration.operators import LinearOperator

MODES = ("exact", "fast")


def check_problem(y: np.ndarray, operator: LinearOperator | None, n_dims: int, sigma: float, mode: str) -> np.ndarray:
    """``y`` as floats, or a ``ValueError`` that says what to do."""
    check_sigma(sigma)
    if sigma > 1:
        raise ValueError(f"sigma: got {sigma}, expected grey values from 0 to 1 as unit; 25 of 255 is 25/255.")
    if mode not in MODES:
        raise ValueError(f"mode: got {mode!r}, expected one of {', '.join(MODES)}.")
    y, side = np.asarray(y), math.isqrt(n_dims + 1)
    if side * side != n_dims + 1:
        raise ValueError(f"prior: got {n_dims} dimensions, expected those of a square patch less one, 63 for 8×8.")
    check_pixels(y, sigma)
    shape = y.shape[:2] if operator is None else operator.shape
    if min(shape) < side:
        raise ValueError(f"y: got a picture of {shape}, expected sides ≥ {side}, that of a patch; enlarge the picture.")
    if operator is not None and y.shape[:2] != operator.shape_out:
        raise ValueError(
            f"y: got shape {y.shape}, expected {operator.shape_out} [+ (3,)], what {type(operator).__name__} of "
            f"{operator.shape} gives; make the operator, or its mask, for this picture."
        )
    return y


def check_pixels(y: np.ndarray, sigma: float) -> None:
    """Raise unless ``y`` is a grey or colour picture of finite floats that noise may have carried beyond 0 and 1."""
    check_picture(y, "y")
    if y.min() < -0.5 - 8 * sigma or y.max() > 1.5 + 8 * sigma:
        raise ValueError(
            f"y: got values from {y.min():g} to {y.max():g}, expected 0 to 1 but for noise; divide by the white value."
        )


def check_picture(y: np.ndarray, name: str) -> None:
    """Raise unless ``y`` is a grey or colour picture of finite floats."""
    if y.ndim not in (2, 3) or (y.ndim == 3 and y.shape[2] != 3) or not y.size:
        raise ValueError(
            f"{name}: got shape {y.shape}, expected (height, width), or (height, width, 3); "
            f"take transparency off first, as `restoration.read_picture` does."
        )
    if not np.issubdtype(y.dtype, np.floating):
        raise ValueError(f"{name}: got {y.dtype}, expected floats from 0 to 1; divide by 255, or 65535 for 16 bits.")
    if not np.isfinite(y).all():
        raise ValueError(f"{name}: got NaN or infinite pixels, expected numbers; declare missing pixels with `Mask`.")
