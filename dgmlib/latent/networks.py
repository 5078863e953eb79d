"""Multilayer perceptrons with seeded weights: all that a VAE of this book needs for encoder and decoder."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import nn

from dgmlib._arrays import check_counts


def perceptron(sizes: Sequence[int], *, generator: torch.Generator | None) -> nn.Sequential:
    """Linear layers of widths sizes[0] → sizes[1] → … with tanh between them; a single one is a linear map.

    Weights are uniform on ±√(6 / (n_in + n_out)), biases 0 (X. Glorot, Y. Bengio, AISTATS 2010).
    """
    if len(sizes) < 2:
        raise ValueError(f"sizes: got {list(sizes)}, expected two or more: inputs, hidden units, outputs.")
    check_counts(**{f"sizes[{i}]": size for i, size in enumerate(sizes)})
    layers: list[nn.Module] = []
    for n_in, n_out in pairwise(sizes):
        layer = nn.Linear(n_in, n_out, device="meta").to_empty(device="cpu")  # meta: nothing drawn without the seed
        nn.init.xavier_uniform_(layer.weight, generator=generator)
        nn.init.zeros_(layer.bias)
        layers += [layer, nn.Tanh()]
    return nn.Sequential(*layers[:-1])
