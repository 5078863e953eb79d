"""How badly a picture explains what was observed, with a gradient through any of the book's linear operators.

    E(x) = ½ ‖A x − y‖²          ∇E(x) = Aᵀ (A x − y)

A and its adjoint Aᵀ are those of ``dgmlib.restoration.operators``: each is written once, in NumPy, and for a linear
operator the pair is all that a gradient needs.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dgmlib.restoration.operators import LinearOperator


class _Apply(torch.autograd.Function):
    """A x forwards, Aᵀ g backwards."""

    @staticmethod
    def forward(context: Any, x: Tensor, operator: LinearOperator) -> Tensor:
        context.operator = operator
        return _by_channel(operator, x)

    @staticmethod
    def backward(context: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return _by_channel(context.operator.adjoint, gradient), None


def apply(operator: LinearOperator, x: Tensor) -> Tensor:
    """A x for each channel, (channels, *shape) -> (channels, *shape_out); its gradient is Aᵀ. Any device and dtype."""
    if x.ndim != 3 or tuple(x.shape[1:]) != operator.shape:
        raise ValueError(
            f"x: got shape {tuple(x.shape)}, expected (channels, {operator.shape[0]}, {operator.shape[1]}), the "
            f"pictures that this {type(operator).__name__} takes; make the operator for this size."
        )
    return _Apply.apply(x, operator)


def energy(x: Tensor, y: Tensor, operator: LinearOperator, counted: Tensor | None = None) -> Tensor:
    """E(x), a scalar, summed over pixels and channels; x (channels, *shape), y (channels, *shape_out).

    counted: ones where a pixel of y counts and zeros where not, (*shape_out); None if all do.
    """
    misfit = apply(operator, x) - y
    return 0.5 * (misfit if counted is None else counted * misfit).square().sum()


def observed(operator: LinearOperator) -> np.ndarray:
    """True for each pixel of y that says something about x: those that A does not make zero, (*shape_out)."""
    return operator(np.ones(operator.shape)) > 1e-12


def _by_channel(function: Callable[[np.ndarray], np.ndarray], x: Tensor) -> Tensor:
    """A NumPy function of a grey picture, on each channel."""
    results = np.stack([function(channel) for channel in x.detach().cpu().numpy()])
    return torch.as_tensor(results, dtype=x.dtype, device=x.device)
