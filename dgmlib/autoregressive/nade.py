"""Neural autoregressive density estimator: n small neural networks that share their first layer.

    a_1 = c,   a_{i+1} = a_i + x_i W_i          (W_i: row i of W, n_hidden numbers)
    p(x_i = 1 | x_<i) = σ(b_i + V_i · σ(a_i))

Source: H. Larochelle and I. Murray, AISTATS 2011; B. Uria, I. Murray, H. Larochelle, ICML 2014.
"""

import torch
from torch import Tensor, nn

from dgmlib.autoregressive.base import AutoregressiveModel, Steps, check_positive
from dgmlib.autoregressive.layers import uniform

BLOCK = 28  # variables per matrix product: larger blocks multiply more zeros, smaller ones loop more often


class NADE(AutoregressiveModel):
    """Binary autoregressive model with 2·n·n_hidden + n + n_hidden parameters.

    Tying the first layers is what keeps this O(n·d); n separate networks would need O(n²·d).
    """

    def __init__(self, n_dims: int, n_hidden: int, *, generator: torch.Generator | None = None) -> None:
        super().__init__(n_dims)
        check_positive("n_hidden", n_hidden)
        self.weight = uniform(n_dims, n_hidden, fan_in=n_dims, generator=generator)
        self.hidden_bias = nn.Parameter(torch.zeros(n_hidden))
        self.out_weight = uniform(n_dims, n_hidden, fan_in=n_hidden, generator=generator)
        self.bias = nn.Parameter(torch.zeros(n_dims))

    def steps(self, n: int) -> Steps:
        """The definition, read aloud: each step updates the n_hidden pre-activations, O(d)."""
        a = self.hidden_bias.expand(n, -1)
        for i in range(self.n_dims):
            x_i = yield self.bias[i] + a.sigmoid() @ self.out_weight[i]
            a = torch.addcmul(a, x_i[:, None], self.weight[i])

    def conditionals(self, x: Tensor) -> Tensor:
        """Logits of all conditionals, (batch, n) -> (batch, n): the same numbers, a block of variables at a time."""
        a, logits = self.hidden_bias.expand(len(x), -1), []
        for start in range(0, self.n_dims, BLOCK):
            here = slice(start, start + BLOCK)
            logits.append(self._block(x[:, here], a, here))
            a = torch.addmm(a, x[:, here], self.weight[here])
        return torch.cat(logits, 1)

    def _block(self, x: Tensor, a: Tensor, here: slice) -> Tensor:
        """Logits of one block, given its values x, (batch, B), and the pre-activations a, (batch, d), before it.

        Where x_i = 0 the hidden vector stays as it was. So each *different* hidden vector is computed once: R of them,
        about a fifth of batch · B for pen strokes. (A derivative in x needs every one, also at x_i = 0.)
        """
        changes = (x != 0) | x.requires_grad
        new = torch.cat([torch.ones_like(changes[:, :1]), changes[:, :-1]], 1)
        row, i = new.nonzero(as_tuple=True)
        columns = torch.arange(x.shape[1], device=x.device)
        seen = x[row] * (columns < i[:, None])  # (R, B): what hidden vector r has seen of the block
        h = torch.addmm(a.index_select(0, row), seen, self.weight[here]).sigmoid()  # (R, d)
        logits = h @ self.out_weight[here].T  # (R, B)
        which = new.flatten().cumsum(0).view_as(new) - 1  # (batch, B): the hidden vector that variable i looks at
        return self.bias[here] + logits[which, columns]
