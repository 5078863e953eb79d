"""Recurrent model: one state vector summarises all that came before.

    s_1 = f(start, 0),   s_{i+1} = f(x_i, s_i),      p(x_i = 1 | x_<i) = σ(b + v · s_i)

f is a gated recurrent unit. The parameters do not depend on n; in exchange, s_i needs s_{i−1} first, in training too.
Source: K. Cho et al., EMNLP 2014; I. Sutskever, J. Martens, G. Hinton, ICML 2011.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dgmlib._arrays import check_counts
from dgmlib.autoregressive.base import AutoregressiveModel, Steps
from dgmlib.autoregressive.layers import fresh


class RecurrentModel(AutoregressiveModel):
    """Binary autoregressive model with 3d² + 10d + 1 parameters, d = n_hidden, whatever n_dims is."""

    def __init__(self, n_dims: int, n_hidden: int, *, generator: torch.Generator | None = None) -> None:
        super().__init__(n_dims)
        check_counts(n_hidden=n_hidden)
        self.cell = fresh(nn.GRU, 1, n_hidden, batch_first=True, generator=generator)
        self.out = fresh(nn.Linear, n_hidden, 1, generator=generator)

    def conditionals(self, x: Tensor) -> Tensor:
        """Logits of all conditionals, (batch, n) -> (batch, n)."""
        states, _ = self.cell(previous_values(x)[..., None])  # (batch, n, d)
        return self.out(states)[..., 0]

    def steps(self, n: int) -> Steps:
        """The state is all there is to remember."""
        token, state = self.out.weight.new_zeros(n, 1, 1), None
        for _ in range(self.n_dims):
            output, state = self.cell(token, state)
            x_i = yield self.out(output)[:, 0, 0]
            token = signed(x_i)[:, None, None]


def signed(x: Tensor) -> Tensor:
    """Bits as −1 and +1, which leaves 0 free to mean "nothing came before"."""
    return 2 * x - 1


def previous_values(x: Tensor) -> Tensor:
    """What position i is given: the value before it, signed, and 0 at the start, (batch, n) -> (batch, n)."""
    return F.pad(signed(x[:, :-1]), (1, 0))
