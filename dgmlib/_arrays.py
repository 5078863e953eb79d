"""One formula for NumPy arrays and torch tensors, and the checks every formula needs.

torch is looked up, never imported: where no tensor exists yet, none can have been passed.
"""

import sys
from types import ModuleType
from typing import Any

import numpy as np

Array = Any  # a NumPy array, a torch tensor, or what np.asarray accepts


def namespace(*values: Array) -> ModuleType:
    """The module (numpy or torch) whose functions apply to ``values``."""
    torch = sys.modules.get("torch")
    if torch is not None and any(isinstance(v, torch.Tensor) for v in values):
        return torch
    return np


def as_floats(*values: Array) -> tuple[Array, ...]:
    """Turn all ``values`` into floating arrays of one kind; tensors keep dtype, device and gradient."""
    xp = namespace(*values)
    if xp is np:
        return tuple(np.asarray(v, dtype=np.float64) for v in values)
    tensors = [v for v in values if isinstance(v, xp.Tensor)]
    floating = [t.dtype for t in tensors if t.is_floating_point()] or [xp.get_default_dtype()]
    dtype = max(floating, key=lambda d: xp.finfo(d).bits)
    return tuple(xp.as_tensor(v, dtype=dtype, device=tensors[0].device) for v in values)


def detached(value: Array) -> Array:
    """``value`` cut from its gradient, for checks and printing."""
    return value.detach() if hasattr(value, "detach") else value


def check_probabilities(p: Array, name: str) -> None:
    """Raise unless ``p``, shape (…, k), is non-negative and sums to one along its last axis."""
    xp, p = namespace(p), detached(p)
    if p.ndim == 0 or p.shape[-1] == 0:
        raise ValueError(f"{name}: got shape {tuple(p.shape)}, expected (…, k) with k ≥ 1 probabilities.")
    if not bool((p >= 0).all()):
        raise ValueError(f"{name}: got smallest entry {float(p.min()):g}, expected probabilities ≥ 0.")
    total = p.sum(-1)
    worst = float(abs(total - 1).max())
    if not worst <= float(xp.finfo(p.dtype).eps) ** 0.5:
        raise ValueError(
            f"{name}: got probabilities that miss a sum of 1 by {worst:g}, expected 1 along the last axis; "
            f"divide by their sum."
        )


def check_same_outcomes(p: Array, q: Array) -> None:
    """Raise unless two distributions list the same number of outcomes."""
    if p.shape[-1] != q.shape[-1]:
        raise ValueError(
            f"p and q: got {p.shape[-1]} and {q.shape[-1]} outcomes, expected as many; "
            f"list an outcome that one of them lacks with probability 0."
        )


def check_counts(*, least: int = 1, **values: int) -> None:
    """Raise unless each of the named ``values`` is an integer ≥ ``least``."""
    for name, value in values.items():
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
            raise ValueError(f"{name}: got {value!r}, expected an integer ≥ {least}.")


def check_positive(value: Array, name: str) -> None:
    """Raise unless every entry of ``value`` is a finite number above zero."""
    xp, value = namespace(value), detached(value)
    if not bool(((value > 0) & xp.isfinite(value)).all()):
        raise ValueError(f"{name}: got {value}, expected finite numbers > 0.")


def check_finite(value: Array, name: str) -> None:
    """Raise unless every entry of ``value`` is a finite number."""
    xp, value = namespace(value), detached(value)
    if not bool(xp.isfinite(value).all()):
        raise ValueError(f"{name}: got NaN or infinite values, expected finite numbers.")


def check_symmetric(cov: Array, name: str) -> None:
    """Raise unless ``cov``, shape (…, d, d), holds symmetric matrices of finite numbers."""
    xp, cov = namespace(cov), detached(cov)
    if not bool(xp.isfinite(cov).all()):
        raise ValueError(f"{name}: got NaN or infinite entries, expected a covariance of finite numbers.")
    tolerance = float(xp.finfo(cov.dtype).eps) ** 0.5 * xp.amax(abs(cov), (-2, -1))
    if not bool((xp.amax(abs(cov - cov.swapaxes(-2, -1)), (-2, -1)) <= tolerance).all()):
        raise ValueError(f"{name}: got a matrix that is not symmetric, expected a covariance; use (A + Aᵀ)/2.")


def check_covariance(cov: Array, name: str) -> None:
    """Raise unless ``cov``, shape (d, d), is symmetric and positive definite."""
    xp, cov = namespace(cov), detached(cov)
    if cov.ndim != 2 or cov.shape[0] != cov.shape[1]:
        raise ValueError(f"{name}: got shape {tuple(cov.shape)}, expected a square matrix (d, d).")
    check_symmetric(cov, name)
    spectrum = xp.linalg.eigvalsh(cov)
    smallest = float(spectrum.min())
    if not smallest > len(cov) * float(xp.finfo(cov.dtype).eps) * float(spectrum.max()):  # what rounding makes of zero
        raise ValueError(
            f"{name}: got smallest eigenvalue {smallest:g}, expected a positive definite covariance; "
            f"use more samples than dimensions, or add a small multiple of the identity."
        )
