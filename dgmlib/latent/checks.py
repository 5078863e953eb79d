"""What a mixture accepts, and what it says when it is given something else."""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dgmlib._arrays import check_covariance, check_positive, check_probabilities
from dgmlib.latent.covariances import Kind

_CHUNK = 2**16  # rows looked at in one go


def as_rows(x: Any, d: int | None = None, *, name: str = "x") -> np.ndarray:
    """``x`` as an array of finite numbers, (n, d), sharing its memory; without d, n must be at least 1."""
    rows = x.detach().cpu().numpy() if isinstance(x, Tensor) else np.asarray(x)
    if rows.dtype.kind not in "fiub":
        raise ValueError(f"{name}: got entries of type {rows.dtype}, expected real numbers.")
    if rows.ndim != 2 or rows.shape[1] == 0 or (d is not None and rows.shape[1] != d):
        expected = "(n, d) with d ≥ 1; write numbers as a column, x[:, None]" if d is None else f"(n, {d})"
        raise ValueError(f"{name}: got shape {rows.shape}, expected {expected}.")
    if d is None and len(rows) == 0:
        raise ValueError(f"{name}: got no examples, expected at least one row.")
    if not all(np.isfinite(rows[i : i + _CHUNK]).all() for i in range(0, len(rows), _CHUNK)):
        raise ValueError(f"{name}: got NaN or infinite values, expected finite numbers; remove or mend those examples.")
    return rows


def check_above_zero(value: float, name: str) -> None:
    """Raise unless ``value`` is a finite number > 0."""
    if not 0 < value < math.inf:
        raise ValueError(f"{name}: got {value!r}, expected a finite number > 0.")


def check_choice(value: str, choices: Iterable[str], name: str) -> None:
    """Raise unless ``value`` is one of the ``choices``."""
    if value not in choices:
        raise ValueError(f"{name}: got {value!r}, expected one of {', '.join(choices)}.")


def check_mixture(weights: Tensor, means: Tensor, covariances: Tensor, kind: Kind) -> None:
    """Raise unless the three fit together and make a density."""
    check_probabilities(weights, "weights")
    if means.ndim != 2 or len(means) != len(weights) or means.shape[1] == 0:
        raise ValueError(f"means: got shape {tuple(means.shape)}, expected ({len(weights)}, d), as many as weights.")
    if not bool(torch.isfinite(means).all()):
        raise ValueError("means: got NaN or infinite values, expected finite numbers.")
    shape = kind.shape(*means.shape)
    if tuple(covariances.shape) != shape:
        raise ValueError(f"covariances: got shape {tuple(covariances.shape)}, expected {shape} for {kind.name} ones.")
    if kind.name in ("full", "tied"):
        for k, matrix in enumerate(covariances.reshape(-1, *shape[-2:])):
            check_covariance(matrix, f"covariances[{k}]" if kind.name == "full" else "covariances")
    else:
        check_positive(covariances, "covariances")
