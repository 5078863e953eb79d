"""Fully visible sigmoid belief network: one logistic regression per variable.

    p(x_i = 1 | x_<i) = σ(b_i + Σ_{j<i} w_ij x_j)

Source: B. Frey, "Graphical Models for Machine Learning and Digital Communication", 1998, chapter 4; Z. Gan, R. Henao,
D. Carlson, L. Carin, AISTATS 2015.
"""

import torch
from torch import Tensor, nn

from dgmlib.autoregressive.base import AutoregressiveModel, Steps


class FVSBN(AutoregressiveModel):
    """Binary autoregressive model with exactly n(n+1)/2 parameters: n biases and n(n−1)/2 weights.

    It starts as n fair coins (all parameters 0); the log-likelihood is concave, so no other start is needed.
    """

    def __init__(self, n_dims: int) -> None:
        super().__init__(n_dims)
        self.bias = nn.Parameter(torch.zeros(n_dims))
        self.weight = nn.Parameter(torch.zeros(n_dims * (n_dims - 1) // 2))
        rows, columns = torch.tril_indices(n_dims, n_dims, offset=-1)
        self.register_buffer("below", rows * n_dims + columns, persistent=False)  # place of w_ij in the flat matrix

    @property
    def matrix(self) -> Tensor:
        """The weights w_ij as a strictly lower-triangular matrix, (n, n)."""
        flat = self.weight.new_zeros(self.n_dims**2).scatter(0, self.below, self.weight)
        return flat.view(self.n_dims, self.n_dims)

    def conditionals(self, x: Tensor) -> Tensor:
        """Logits of all conditionals, (batch, n) -> (batch, n); column i sees only x[:, :i]."""
        return torch.addmm(self.bias, x, self.matrix.T)

    def steps(self, n: int) -> Steps:
        """One row of the matrix times what is known: O(i) at step i."""
        w = self.matrix
        x = w.new_zeros(n, self.n_dims)
        for i in range(self.n_dims):
            x[:, i] = yield self.bias[i] + x[:, :i] @ w[i, :i]
