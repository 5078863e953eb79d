"""The exact marginal of a model with n binary latents: a sum of 2ⁿ terms, and no way around it.

    p(x) = Σ_{z ∈ {0,1}ⁿ} p(x, z)

Every further latent doubles the work. It is the truth that estimates are measured against, for n up to about 20.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from dgmlib._arrays import as_floats, check_counts
from dgmlib.latent.base import LatentVariableModel, check_latents
from dgmlib.noise import choices

MAX_LATENTS, MAX_IN_MEMORY = 26, 20
"""2²⁶ = 67 million settings take minutes one after the other; a table of 2²⁰ takes a gigabyte on its way."""


def all_bits(n: int, *, dtype: torch.dtype | None = None) -> Tensor:
    """Every setting of n bits, counting up in binary, the first bit slowest: -> (2ⁿ, n)."""
    _check_few(n, MAX_IN_MEMORY)
    return _settings(0, 2**n, n, dtype or torch.get_default_dtype())


def exact_log_prob(model: LatentVariableModel, x: Tensor, *, chunk: int = 2**12) -> Tensor:
    """log p(x) = log Σ_z p(x, z) in nats over all 2^n_latents settings, (batch, n_dims) -> (batch,).

    Differentiable. ``chunk`` bounds the terms in memory at a time; small enough for the cache, it also is faster.
    """
    _check_few(model.n_latents, MAX_LATENTS)
    check_counts(chunk=chunk)
    n, parts, dtype = 2**model.n_latents, [], as_floats(x)[0].dtype
    for start in range(0, n, chunk):
        z = _settings(start, min(start + chunk, n), model.n_latents, dtype)
        parts.append(model.log_joint(x, z[:, None, :]).logsumexp(0))
    return torch.stack(parts).logsumexp(0)


@dataclass(frozen=True)
class Table:
    """Any distribution over n bits: ``log_probs`` (2ⁿ, batch), one column per example, each summing to one."""

    log_probs: Tensor

    def __post_init__(self) -> None:
        shape = tuple(self.log_probs.shape)
        if len(shape) != 2 or shape[0] < 2 or shape[0] != 2**self.n_latents:
            raise ValueError(f"log_probs: got shape {shape}, expected (2ⁿ, batch), a row for every setting of n bits.")
        miss = (self.log_probs.detach().exp().sum(0) - 1).abs()
        if not bool((miss <= torch.finfo(miss.dtype).eps ** 0.5).all()):
            raise ValueError(
                f"log_probs: got probabilities that miss a sum of 1 by {float(miss.max()):g}, expected 1 in every "
                f"column; use log_softmax(0)."
            )

    @property
    def n_latents(self) -> int:
        """n, from 2ⁿ rows."""
        return (len(self.log_probs) - 1).bit_length()

    def sample(self, n: int, *, generator: torch.Generator | None = None) -> Tensor:
        """n settings per example, -> (n, batch, n_latents)."""
        check_counts(least=0, n=n)
        rows = choices(self.log_probs.T.exp(), max(n, 1), generator).T[:n]  # torch cannot choose no times
        return all_bits(self.n_latents, dtype=self.log_probs.dtype)[rows]

    def log_prob(self, z: Tensor) -> Tensor:
        """log q(z) in nats, (…, batch, n_latents) -> (…, batch)."""
        check_latents(z, self.n_latents)
        if not bool(((z == 0) | (z == 1)).all()):
            raise ValueError("z: got values other than 0 and 1, expected bits.")
        places = 2 ** torch.arange(self.n_latents - 1, -1, -1)
        rows = (z.long() * places).sum(-1)
        return self.log_probs.expand(-1, rows.shape[-1]).gather(0, rows.reshape(-1, rows.shape[-1])).view(rows.shape)


def exact_posterior(model: LatentVariableModel, x: Tensor) -> Table:
    """p(z | x) for every z, as a proposal: (batch, n_dims) -> a table of (2^n_latents, batch)."""
    z = all_bits(model.n_latents, dtype=as_floats(x)[0].dtype)
    return Table(model.log_joint(x, z[:, None, :]).log_softmax(0))


def _settings(start: int, stop: int, n: int, dtype: torch.dtype) -> Tensor:
    """Settings number ``start`` to ``stop``, -> (stop − start, n)."""
    number = torch.arange(start, stop)[:, None]
    return (number >> torch.arange(n - 1, -1, -1) & 1).to(dtype)


def _check_few(n: int, most: int) -> None:
    check_counts(n_latents=n)
    if n > most:
        raise ValueError(f"n_latents: got {n}, expected at most {most}: 2^{n} terms; use importance sampling.")
