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


class Masked(nn.Module):
    """A layer whose ``weight`` W counts only where its ``mask`` M is true.

    M is also kept as zeros and ones of the weight's type, ``allowed``: by truth values torch multiplies several times
    slower. It is not stored with the weights, for it follows from what is.
    """

    weight: nn.Parameter
    mask: Tensor

    def _keep_allowed(self) -> None:
        """Make ``allowed``, once the layer has its weight and what the mask is made from."""
        self.register_buffer("allowed", self.mask.to(self.weight.dtype), persistent=False)

    def _load_from_state_dict(self, *arguments) -> None:
        super()._load_from_state_dict(*arguments)
        self.allowed.copy_(self.mask)

    @property
    def masked_weight(self) -> Tensor:
        """W ∘ M, in the shape of W."""
        return self.weight * self.allowed


class MaskedLinear(Masked):
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
        self._keep_allowed()

    @property
    def mask(self) -> Tensor:
        """M, (n_out, n_in) of True and False."""
        before, after = self.degrees_in[None, :], self.degrees_out[:, None]
        return before < after if self.strict else before <= after

    def forward(self, x: Tensor) -> Tensor:
        """(batch, n_in) -> (batch, n_out)."""
        return F.linear(x, self.masked_weight, self.bias)


class MaskedConv2d(Masked):
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
        self._keep_allowed()

    def forward(self, x: Tensor) -> Tensor:
        """(batch, n_in, H, W) -> (batch, n_out, H, W)."""
        return F.conv2d(x, self.masked_weight, self.bias, padding=self.padding, dilation=self.dilation)

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
        weight = self.masked_weight.flatten(1)
        # (One matrix product: for a single place torch's convolution takes two to three times as long.)
        return F.linear(windows.permute(0, 3, 1, 2, 4).flatten(2), weight, self.bias).transpose(1, 2).unsqueeze(2)
