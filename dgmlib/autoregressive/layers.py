"""Building blocks: fresh layers with seeded weights, and layers that are masked."""

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def uniform(*shape: int, fan_in: int, generator: torch.Generator | None) -> nn.Parameter:
    """Weights drawn uniformly from ±1/√fan_in, so that sums over ``fan_in`` inputs start out at a moderate size."""
    bound = 1 / math.sqrt(fan_in)
    return nn.Parameter(torch.empty(shape).uniform_(-bound, bound, generator=generator))


def fresh(kind: Callable[..., nn.Module], *sizes: int, generator: torch.Generator | None, **options) -> nn.Module:
    """A torch layer whose weights come from ``generator`` (torch would use the global one) and whose biases are 0."""
    layer = kind(*sizes, device="meta", **options).to_empty(device="cpu")
    for parameter in layer.parameters():
        if parameter.ndim == 1:
            nn.init.zeros_(parameter)
        else:
            bound = 1 / math.sqrt(parameter[0].numel())
            nn.init.uniform_(parameter, -bound, bound, generator=generator)
    return layer


class MaskedLinear(nn.Module):
    """y = (W ∘ M) x + b, where M connects an input of degree d to an output of degree D iff d ≤ D, or d < D if strict.

    The degrees are stored with the weights; the mask follows from them.
    """

    def __init__(
        self, degrees_in: Tensor, degrees_out: Tensor, *, strict: bool = False, generator: torch.Generator | None = None
    ) -> None:
        super().__init__()
        n_in, n_out = len(degrees_in), len(degrees_out)
        self.strict = strict
        self.weight = uniform(n_out, n_in, fan_in=n_in, generator=generator)
        self.bias = nn.Parameter(torch.zeros(n_out))
        self.register_buffer("degrees_in", degrees_in)
        self.register_buffer("degrees_out", degrees_out)

    @property
    def mask(self) -> Tensor:
        """M, (n_out, n_in) of True and False."""
        before, after = self.degrees_in[None, :], self.degrees_out[:, None]
        return before < after if self.strict else before <= after

    @property
    def masked_weight(self) -> Tensor:
        """W ∘ M, (n_out, n_in)."""
        return self.weight * self.mask.view(torch.uint8)  # by truth values torch multiplies many times slower

    def forward(self, x: Tensor) -> Tensor:
        """(batch, n_in) -> (batch, n_out)."""
        return F.linear(x, self.masked_weight, self.bias)


class MaskedConv2d(nn.Module):
    """A convolution that sees only part of its window: ``mask``, (height, width), odd sizes, centred on the output.

    With a dilation δ the window's pixels lie δ apart: as many weights see a region δ times as high and as wide.
    """

    def __init__(
        self, n_in: int, n_out: int, mask: Tensor, *, dilation: int = 1, generator: torch.Generator | None = None
    ) -> None:
        super().__init__()
        height, width = mask.shape
        fan_in = max(1, n_in * int(mask.sum()))
        self.dilation = dilation
        self.padding = (dilation * (height // 2), dilation * (width // 2))
        self.weight = uniform(n_out, n_in, height, width, fan_in=fan_in, generator=generator)
        self.bias = nn.Parameter(torch.zeros(n_out))
        self.register_buffer("mask", mask)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, n_in, H, W) -> (batch, n_out, H, W)."""
        return F.conv2d(x, self.weight * self.mask, self.bias, padding=self.padding, dilation=self.dilation)

    def cache(self, n: int, height: int, width: int) -> Tensor:
        """Room for n inputs that arrive pixel by pixel, with the zero border of the convolution around them."""
        down, right = self.padding
        return self.weight.new_zeros(n, self.weight.shape[1], height + 2 * down, width + 2 * right)

    def write(self, cache: Tensor, value: Tensor, r: int, c: int) -> None:
        """Put ``value``, (n, n_in, h, w), into the cache with its first pixel at row r, column c."""
        down, right = self.padding
        cache[:, :, r + down : r + down + value.shape[2], c + right : c + right + value.shape[3]] = value

    def at(self, cache: Tensor, r: int, c: int, width: int = 1) -> Tensor:
        """The output at row r and ``width`` columns from c on, nothing else, -> (n, n_out, 1, width)."""
        down, right = self.padding
        rows = cache[:, :, r : r + 2 * down + 1 : self.dilation, c : c + 2 * right + width]
        windows = rows.unfold(3, 2 * right + 1, 1)[..., :: self.dilation]  # (n, n_in, height, width, window's width)
        weight = (self.weight * self.mask).flatten(1)
        # (One matrix product: for a single place torch's convolution takes two to three times as long.)
        return F.linear(windows.permute(0, 3, 1, 2, 4).flatten(2), weight, self.bias).transpose(1, 2).unsqueeze(2)
