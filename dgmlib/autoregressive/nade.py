"""Neural autoregressive density estimator: n small neural networks that share their first layer.

    a_1 = c,   a_{i+1} = a_i + x_i W_i          (W_i: row i of W, n_hidden numbers)
    p(x_i = 1 | x_<i) = σ(b_i + V_i · σ(a_i))

Source: H. Larochelle and I. Murray, AISTATS 2011; B. Uria, I. Murray, H. Larochelle, ICML 2014.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dgmlib._arrays import check_counts
from dgmlib.autoregressive.base import AutoregressiveModel, Steps
from dgmlib.autoregressive.layers import uniform

BLOCK = 16  # variables per matrix product: larger blocks multiply more zeros, smaller ones loop more often


class NADE(AutoregressiveModel):
    """Binary autoregressive model with 2·n·n_hidden + n + n_hidden parameters.

    Tying the first layers is what keeps this O(n·d); n separate networks would need O(n²·d).
    """

    def __init__(self, n_dims: int, n_hidden: int, *, generator: torch.Generator | None = None) -> None:
        super().__init__(n_dims)
        check_counts(n_hidden=n_hidden)
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
        """Logits of all conditionals, (batch, n) -> (batch, n): the same numbers, a block of B variables at a time.

        Where x_i = 0 the hidden vector stays as it was. So each *different* hidden vector is computed once: R of them,
        about a fifth of batch · n for pen strokes. (A derivative in x needs every one, also at x_i = 0.)
        """
        blocks = _in_blocks(x.T).transpose(1, 2)  # (K, batch, B)
        changes = (blocks != 0) | x.requires_grad
        new = torch.cat([torch.ones_like(changes[..., :1]), changes[..., :-1]], -1)
        first = new.flatten().nonzero()[:, 0]  # the variable for which each hidden vector is new
        place, i = first // BLOCK, first % BLOCK
        earlier = x.new_ones(BLOCK, BLOCK).tril(-1)
        # (R, B): what hidden vector r has seen of its block
        seen = blocks.flatten(0, 1).index_select(0, place).mul_(earlier.index_select(0, i))
        sizes = new.sum((1, 2)).tolist()
        a, logits = self.hidden_bias.repeat(len(x), 1), []
        for values, w, v, rows, part in zip(
            blocks,
            _in_blocks(self.weight),
            _in_blocks(self.out_weight),
            (place % len(x)).split(sizes),
            seen.split(sizes),
            strict=True,
        ):
            # In place, here and elsewhere: the copies that a formula would make take as long as its products.
            h = a.index_select(0, rows).addmm_(part, w).sigmoid_()
            logits.append(h @ v.T)
            a.addmm_(values, w)
        which = new.flatten().cumsum(0).sub_(1).view_as(new)  # (K, batch, B): the hidden vector a variable looks at
        at = which.mul_(BLOCK).add_(torch.arange(BLOCK, device=x.device))
        chosen = torch.cat(logits).flatten().index_select(0, at.flatten()).view_as(at)
        return self.bias + chosen.transpose(0, 1).flatten(1)[:, : self.n_dims]


def _in_blocks(rows: Tensor) -> Tensor:
    """One row per variable, (n, m), to K blocks of them, (K, B, m); the last is filled up with zeros."""
    missing = -len(rows) % BLOCK
    return (F.pad(rows, (0, 0, 0, missing)) if missing else rows).unflatten(0, (-1, BLOCK))
