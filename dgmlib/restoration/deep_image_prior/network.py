"""The network whose shape is the prior: an encoder–decoder with skip connections.

    z ─ Scale₁ ↓ ─ Scale₂ ↓ ─ … ─ Scale_n ↓
          │skip₁      │skip₂        │skip_n
    x ─ Scale₁ ↑ ─ Scale₂ ↑ ─ … ─ Scale_n ↑

Going down, each scale halves the picture; coming up, each doubles it by interpolation, puts the few channels of its
skip beside it and mixes them. What is drawn deep down is smooth in the picture, so smooth things are cheap for this
network and noise is dear.
Source: D. Ulyanov, A. Vedaldi, V. Lempitsky, CVPR 2018; theirs has five scales of 128 channels and 2.2 million weights.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

WIDTHS = (16, 32, 64, 64)
SKIP = 4


def convolution(n_in: int, n_out: int, size: int = 3, stride: int = 1) -> nn.Sequential:
    """Convolution with mirrored borders, normalisation over the picture, leaky ReLU.

    One picture is one batch, so that instance normalisation is what batch normalisation would be.
    """
    return nn.Sequential(
        nn.Conv2d(n_in, n_out, size, stride, padding=size // 2, padding_mode="reflect", bias=False),
        nn.InstanceNorm2d(n_out, affine=True),
        nn.LeakyReLU(0.2, inplace=True),
    )


class Scale(nn.Module):
    """One scale: what halves the picture, what bridges to the other side, and what mixes there."""

    def __init__(self, n_in: int, n_out: int, n_below: int, n_skip: int) -> None:
        super().__init__()
        self.down = nn.Sequential(convolution(n_in, n_out, stride=2), convolution(n_out, n_out))
        self.skip = convolution(n_in, n_skip, size=1) if n_skip else None
        self.up = nn.Sequential(convolution(n_below + n_skip, n_out), convolution(n_out, n_out, size=1))

    def join(self, below: Tensor, beside: Tensor) -> Tensor:
        """Enlarge what comes from below to the size of what lies beside, and mix both."""
        x = interpolate(below, size=beside.shape[-2:], mode="bilinear", align_corners=False)
        return self.up(x if self.skip is None else torch.cat([x, self.skip(beside)], 1))


class EncoderDecoder(nn.Module):
    """f_θ: noise z (1, n_in, height, width) -> picture (1, n_out, height, width) with values in (0, 1).

    widths: channels of each scale, from fine to coarse. n_skip: channels of each skip, 0 for none.
    Sides need not be multiples of anything, but must be > 2^scales. generator: draws the weights.
    """

    def __init__(
        self,
        n_in: int,
        n_out: int,
        *,
        widths: Sequence[int] = WIDTHS,
        n_skip: int = SKIP,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        if not widths or min(widths) < 1 or n_skip < 0:
            raise ValueError(f"widths, n_skip: got {tuple(widths)}, {n_skip}, expected one or more ≥ 1, and one ≥ 0.")
        before, below = (n_in, *widths[:-1]), (*widths[1:], widths[-1])
        self.n_in, self.least_side = n_in, 2 ** len(widths) + 1
        with torch.device("meta"):  # nothing drawn without the generator
            self.scales = nn.ModuleList(Scale(*sizes, n_skip) for sizes in zip(before, widths, below, strict=True))
            self.out = nn.Conv2d(widths[0], n_out, 1)
        self.to_empty(device="cpu")
        self._draw_weights(generator)

    @property
    def num_parameters(self) -> int:
        """How many weights there are."""
        return sum(weight.numel() for weight in self.parameters())

    def forward(self, z: Tensor) -> Tensor:
        """Down all scales, up again."""
        if min(z.shape[-2:]) < self.least_side:
            raise ValueError(
                f"z: got {tuple(z.shape)}, expected sides ≥ {self.least_side} for {len(self.scales)} scales; "
                f"enlarge the picture or give fewer widths."
            )
        beside = [z]
        for scale in self.scales:
            beside.append(scale.down(beside[-1]))
        x = beside.pop()
        for scale in reversed(self.scales):
            x = scale.join(x, beside.pop())
        return torch.sigmoid(self.out(x))

    def _draw_weights(self, generator: torch.Generator | None) -> None:
        """Uniform weights of variance 1 / (3 inputs) as usual, but from this generator; no bias at the start."""
        for part in self.modules():
            if isinstance(part, nn.Conv2d):
                nn.init.kaiming_uniform_(part.weight, a=5**0.5, generator=generator)
            elif isinstance(part, nn.InstanceNorm2d):
                part.reset_parameters()
        nn.init.zeros_(self.out.bias)
