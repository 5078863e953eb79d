"""Random numbers for a model on any device, from a generator on any device.

torch draws only where a generator lives: a CPU generator beside a model on a graphics card is an error. Here the
numbers are drawn on the generator's device and moved to the model's, so that a seed on the CPU means the same numbers
wherever the model is. Without a generator they are drawn where they are needed.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor


def normal(shape: Sequence[int], like: Tensor, generator: torch.Generator | None) -> Tensor:
    """Draws from N(0, 1), ``shape``, of the dtype and on the device of ``like``."""
    return _drawn(torch.randn, shape, like, generator)


def uniform(shape: Sequence[int], like: Tensor, generator: torch.Generator | None) -> Tensor:
    """Draws from [0, 1), ``shape``, of the dtype and on the device of ``like``."""
    return _drawn(torch.rand, shape, like, generator)


def coins(p: Tensor, generator: torch.Generator | None) -> Tensor:
    """1 with probability p, else 0, entry by entry, -> shape, dtype and device of p."""
    return torch.bernoulli(p.to(_place(p, generator)), generator=generator).to(p.device)


def choices(p: Tensor, n: int, generator: torch.Generator | None) -> Tensor:
    """n independent draws from each row of probabilities, (k,) or (batch, k) -> (n,) or (batch, n) on p's device."""
    drawn = torch.multinomial(p.to(_place(p, generator)), n, replacement=True, generator=generator)
    return drawn.to(p.device)


def permutation(n: int, generator: torch.Generator | None) -> list[int]:
    """0 … n − 1 in random order."""
    device = "cpu" if generator is None else generator.device
    return torch.randperm(n, generator=generator, device=device).tolist()


def _drawn(
    draw: Callable[..., Tensor], shape: Sequence[int], like: Tensor, generator: torch.Generator | None
) -> Tensor:
    return draw(shape, generator=generator, dtype=like.dtype, device=_place(like, generator)).to(like.device)


def _place(like: Tensor, generator: torch.Generator | None) -> torch.device:
    """Where to draw."""
    return like.device if generator is None else generator.device
