"""Masked autoencoder for distribution estimation: an autoencoder whose masks make it a valid Bayesian network.

Each unit carries a degree. Inputs and outputs: their turn in the ordering, 0 … n−1. Hidden units: a random number.
An input or hidden unit of degree d feeds a hidden unit of degree ≥ d, and an output of degree > d; so every path from
x_j to the conditional of x_i has j before i.

Source: M. Germain, K. Gregor, I. Murray, H. Larochelle, ICML 2015.
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from dgmlib._arrays import check_counts
from dgmlib.autoregressive.base import AutoregressiveModel, Steps
from dgmlib.autoregressive.layers import MaskedLinear


class MADE(AutoregressiveModel):
    """Binary autoregressive model: one pass of a masked network gives all n conditionals.

    Args:
        n_dims: number of variables.
        hidden_sizes: width of each hidden layer, at least one.
        ordering: ``ordering[t]`` is the variable whose turn comes t-th; default: as numbered.
        direct: also connect each input straight to the outputs after it, an FVSBN beside the network.
        generator: draws the hidden units' degrees, then the weights.
    """

    def __init__(
        self,
        n_dims: int,
        hidden_sizes: Sequence[int],
        *,
        ordering: Sequence[int] | Tensor | None = None,
        direct: bool = False,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__(n_dims, ordering=ordering)
        if not hidden_sizes:
            raise ValueError("hidden_sizes: got none, expected at least one width; without any, use FVSBN.")
        check_counts(**{f"hidden_sizes[{i}]": value for i, value in enumerate(hidden_sizes)})
        turn = self.ordering.argsort()
        degrees = [turn]
        for size in hidden_sizes:
            # Below the smallest degree of the previous layer a unit would have no input at all.
            low, high = int(degrees[-1].min()), max(n_dims - 1, 1)
            degrees.append(torch.randint(low, high, (size,), generator=generator))
        self.hidden = nn.ModuleList(MaskedLinear(a, b, generator=generator) for a, b in pairwise(degrees))
        self.out = MaskedLinear(degrees[-1], turn, strict=True, generator=generator)
        self.direct = MaskedLinear(turn, turn, strict=True, generator=generator) if direct else None

    def conditionals(self, x: Tensor) -> Tensor:
        """Logits of all conditionals, (batch, n) -> (batch, n)."""
        h = x
        for layer in self.hidden:
            h = layer(h).relu()
        logits = self.out(h)
        return logits if self.direct is None else logits + self.direct(x)

    def steps(self, n: int) -> Steps:
        """Each new value adds one column to the first layer; of the last layer only one row is needed."""
        first, *deeper = self.hidden
        columns, rows = first.masked_weight.T.contiguous(), self.out.masked_weight
        # Of the skip connection column i is what x_i adds to every later logit.
        skip = None if self.direct is None else self.direct.masked_weight.T.contiguous()
        bias = self.out.bias if self.direct is None else self.out.bias + self.direct.bias
        a, logits = first.bias.expand(n, -1), bias.expand(n, -1)
        for i in self.ordering.tolist():
            h = a.relu()
            for layer in deeper:
                h = layer(h).relu()
            x_i = yield logits[:, i] + h @ rows[i]
            a = torch.addcmul(a, x_i[:, None], columns[i])
            if skip is not None:
                logits = torch.addcmul(logits, x_i[:, None], skip[i])
