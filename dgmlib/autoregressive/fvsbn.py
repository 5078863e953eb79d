"""Fully visible sigmoid belief network: one logistic regression per variable.

    p(x_i = 1 | x_<i) = σ(b_i + Σ_{j<i} w_ij x_j)

Source: B. Frey, "Graphical Models for Machine Learning and Digital Communication", 1998, chapter 4; Z. Gan, R. Henao,
D. Carlson, L. Carin, AISTATS 2015.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from dgmlib.autoregressive.base import AutoregressiveModel, Steps


class FVSBN(AutoregressiveModel):
    """Binary autoregressive model with exactly n(n+1)/2 parameters: n biases and n(n−1)/2 weights.

    It starts as n fair coins (all parameters 0); the log-likelihood is concave, so no other start is needed.
    ``ordering[t]`` is the variable whose turn comes t-th; default: as numbered. Below, j < i means j's turn is earlier.
    """

    def __init__(self, n_dims: int, *, ordering: Sequence[int] | Tensor | None = None) -> None:
        super().__init__(n_dims, ordering=ordering)
        self.bias = nn.Parameter(torch.zeros(n_dims))
        self.weight = nn.Parameter(torch.zeros(n_dims * (n_dims - 1) // 2))
        rows, columns = torch.tril_indices(n_dims, n_dims, offset=-1)
        self.register_buffer("below", rows * n_dims + columns, persistent=False)  # of each weight, in the flat triangle

    @property
    def triangle(self) -> Tensor:
        """The weights with rows and columns in the order of turns: strictly lower triangular, (n, n)."""
        flat = self.weight.new_zeros(self.n_dims**2).scatter(0, self.below, self.weight)
        return flat.view(self.n_dims, self.n_dims)

    @property
    def matrix(self) -> Tensor:
        """The weights w_ij with rows and columns as variables are numbered, (n, n); 0 unless j < i."""
        turn = self.ordering.argsort()
        return self.triangle[turn][:, turn]

    def conditionals(self, x: Tensor) -> Tensor:
        """Logits of all conditionals, (batch, n) -> (batch, n); column i sees only the x_j with j < i."""
        logits = x[:, self.ordering] @ self.triangle.T
        return self.bias + logits[:, self.ordering.argsort()]

    def steps(self, n: int) -> Steps:
        """One row of the triangle times what is known: O(t) at turn t."""
        w, b = self.triangle, self.bias[self.ordering]
        x = w.new_zeros(n, self.n_dims)
        for t in range(self.n_dims):
            x[:, t] = yield b[t] + x[:, :t] @ w[t, :t]
