"""Causal self-attention: every position may look at all earlier ones, and chooses where.

    weights_ij = softmax_j (q_i · k_j / √d)  over j ≤ i,        output_i = Σ_j weights_ij v_j

Position i is given x_{i−1}, so "j ≤ i" sees x_<i and nothing else.
Source: A. Vaswani et al., NeurIPS 2017; a decoder with normalisation first, as in A. Radford et al., 2019.
"""

import math

import torch
from torch import Tensor, nn

from dgmlib._arrays import check_counts
from dgmlib.autoregressive.base import AutoregressiveModel, Steps
from dgmlib.autoregressive.layers import fresh, uniform
from dgmlib.autoregressive.recurrent import previous_values, signed

Past = tuple[Tensor, Tensor] | None
"""Keys and values of the positions seen so far, (batch, heads, S, d) each."""


class CausalSelfAttention(nn.Module):
    """Queries, keys and values are linear in z; each head compares and mixes on its own d = C / heads channels."""

    def __init__(self, n_channels: int, n_heads: int, *, generator: torch.Generator | None = None) -> None:
        super().__init__()
        self.n_heads = n_heads
        self.query_key_value = fresh(nn.Linear, n_channels, 3 * n_channels, generator=generator)
        self.out = fresh(nn.Linear, n_channels, n_channels, generator=generator)

    def forward(self, z: Tensor, past: Past = None) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Mix the values of each position's past, (B, T, C) -> (B, T, C), and return keys and values for later.

        With ``past``, z holds only the T newest positions; what came before is not computed again.
        """
        q, k, v = self._heads(z)
        if past is not None:
            k, v = torch.cat([past[0], k], 2), torch.cat([past[1], v], 2)
        mixed = attend(q, k) @ v  # (B, heads, T, d)
        return self.out(mixed.transpose(1, 2).flatten(2)), (k, v)

    def weights(self, z: Tensor) -> Tensor:
        """Where each position looks, (B, T, C) -> (B, heads, T, T); rows sum to one."""
        q, k, _ = self._heads(z)
        return attend(q, k)

    def _heads(self, z: Tensor) -> tuple[Tensor, ...]:
        """Queries, keys, values, (B, T, C) -> three times (B, heads, T, d)."""
        parts = self.query_key_value(z).unflatten(-1, (3, self.n_heads, -1))  # (B, T, 3, heads, d)
        return parts.permute(2, 0, 3, 1, 4).unbind(0)


def attend(q: Tensor, k: Tensor) -> Tensor:
    """softmax(q kᵀ / √d) over the past, (…, T, d), (…, S, d) -> (…, T, S); the last query sits at the last key."""
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    now, then = scores.shape[-2:]
    past = torch.ones(now, then, dtype=torch.bool, device=q.device).tril(then - now)
    return scores.masked_fill(~past, -math.inf).softmax(-1)


class Block(nn.Module):
    """z + attention(norm z), then z + network(norm z): look around, then think."""

    def __init__(self, n_channels: int, n_heads: int, *, generator: torch.Generator | None = None) -> None:
        super().__init__()
        self.norm_1, self.norm_2 = nn.LayerNorm(n_channels), nn.LayerNorm(n_channels)
        self.attention = CausalSelfAttention(n_channels, n_heads, generator=generator)
        self.wide = fresh(nn.Linear, n_channels, 4 * n_channels, generator=generator)
        self.narrow = fresh(nn.Linear, 4 * n_channels, n_channels, generator=generator)

    def forward(self, z: Tensor, past: Past = None) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """(B, T, C) -> (B, T, C), and the attention's keys and values."""
        mixed, past = self.attention(self.norm_1(z), past)
        z = z + mixed
        return z + self.narrow(self.wide(self.norm_2(z)).relu()), past


class AttentionModel(AutoregressiveModel):
    """Binary autoregressive model with L·(12C² + 13C) + C·(n + 4) + 1 parameters, C = n_channels, L = n_layers.

    The n·C learned positions are the only parameters that grow with n. Work and memory grow with n².
    """

    def __init__(
        self,
        n_dims: int,
        n_channels: int = 32,
        n_heads: int = 4,
        n_layers: int = 2,
        *,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__(n_dims)
        check_counts(n_channels=n_channels, n_heads=n_heads, n_layers=n_layers)
        if n_channels % n_heads:
            raise ValueError(f"n_channels: got {n_channels}, expected a multiple of n_heads = {n_heads}.")
        self.value = uniform(n_channels, fan_in=1, generator=generator)
        self.position = uniform(n_dims, n_channels, fan_in=1, generator=generator)
        self.blocks = nn.ModuleList(Block(n_channels, n_heads, generator=generator) for _ in range(n_layers))
        self.norm = nn.LayerNorm(n_channels)
        self.out = fresh(nn.Linear, n_channels, 1, generator=generator)

    def conditionals(self, x: Tensor) -> Tensor:
        """Logits of all conditionals, (batch, n) -> (batch, n)."""
        z = self._embed(x)
        for block in self.blocks:
            z, _ = block(z)
        return self._logits(z)

    def steps(self, n: int) -> Steps:
        """Keys and values of the past are kept; each step computes one position."""
        past: list[Past] = [None] * len(self.blocks)
        token = self.value.new_zeros(n, 1, 1)
        for i in range(self.n_dims):
            z = token * self.value + self.position[i]  # (n, 1, C)
            for layer, block in enumerate(self.blocks):
                z, past[layer] = block(z, past[layer])
            x_i = yield self._logits(z)[:, 0]
            token = signed(x_i)[:, None, None]

    def attention_weights(self, x: Tensor) -> Tensor:
        """Where every query looks, (batch, n) -> (layers, batch, heads, n, n); entry (i, j) is query i, key j.

        Key j carries x_{j−1}, and the start for j = 0.
        """
        z, weights = self._embed(x), []
        for block in self.blocks:
            weights.append(block.attention.weights(block.norm_1(z)))
            z, _ = block(z)
        return torch.stack(weights)

    def _embed(self, x: Tensor) -> Tensor:
        """Each position's input and place, (batch, n) -> (batch, n, C)."""
        return previous_values(x)[..., None] * self.value + self.position

    def _logits(self, z: Tensor) -> Tensor:
        """(batch, T, C) -> (batch, T)."""
        return self.out(self.norm(z))[..., 0]
