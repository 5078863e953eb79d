"""PixelCNN: convolutions that look only at pixels already drawn, in raster order.

    mask A (first layer): rows above, and left of the centre       mask B (later layers): the centre as well

A stack of such convolutions has a blind spot: pixels above and to the right that no path reaches, however deep it is.
Sources: A. van den Oord, N. Kalchbrenner, K. Kavukcuoglu, ICML 2016; dilations: F. Yu, V. Koltun, ICLR 2016.
"""

from collections.abc import Sequence
from itertools import cycle, islice

import torch
from torch import Tensor, nn

from dgmlib._arrays import check_counts
from dgmlib.autoregressive.base import AutoregressiveModel, Steps
from dgmlib.autoregressive.layers import MaskedConv2d


def raster_mask(kernel: tuple[int, int], kind: str) -> Tensor:
    """Pixels of a window that come before its centre (kind "A"), or up to and including it ("B"), (height, width)."""
    height, width = kernel
    if kind not in ("A", "B") or height % 2 == 0 or width % 2 == 0:
        raise ValueError(f"kernel, kind: got {kernel} and {kind!r}, expected odd sizes and 'A' or 'B'.")
    turn = torch.arange(height * width).view(height, width)
    centre = height * width // 2
    return turn < centre if kind == "A" else turn <= centre


def check_odd(**sizes: int) -> None:
    """Raise unless each of the named ``sizes`` is an odd integer ≥ 1: only then has a window a centre."""
    check_counts(**sizes)
    for name, size in sizes.items():
        if size % 2 == 0:
            raise ValueError(f"{name}: got {size}, expected an odd size, such as {size + 1}.")


class PixelCNN(AutoregressiveModel):
    """Binary images of height × width, as rows of height · width pixels.

    z ← convolution A of x, 7×7;  then n_layers times  z ← z + convolution B of max(0, z), 3×3;  one logit per pixel.

    With C = n_channels, L = n_layers and the default kernels it has 50·C + L·(9C² + C) + C + 1 parameters. The masks
    let 24 of a 7×7 window's weights through, and 5 of a 3×3 window's.

    Args:
        kernel, first_kernel: odd sizes of the later windows and of the first.
        dilations: how far apart a window's pixels lie, layer by layer, over and over: with (1, 2, 4) three layers
            see 7 rows farther up, with (1,) 3, at the same cost.
        untied_bias: give the first convolution one bias per channel and pixel, C·height·width more parameters, so that
            the model knows where in the image it is; convolutions alone know only how near the border is.
        generator: draws the weights.
    """

    def __init__(
        self,
        height: int,
        width: int,
        n_channels: int = 32,
        n_layers: int = 6,
        *,
        kernel: int = 3,
        first_kernel: int = 7,
        dilations: Sequence[int] = (1,),
        untied_bias: bool = False,
        generator: torch.Generator | None = None,
    ) -> None:
        check_counts(height=height, width=width, n_channels=n_channels, n_layers=n_layers)
        check_odd(kernel=kernel, first_kernel=first_kernel)
        check_counts(**{f"dilations[{i}]": value for i, value in enumerate(dilations)})
        if not dilations:
            raise ValueError("dilations: got none, expected at least one integer ≥ 1.")
        super().__init__(height * width)
        self.height, self.width = height, width
        first, later = raster_mask((first_kernel, first_kernel), "A"), raster_mask((kernel, kernel), "B")
        self.first = MaskedConv2d(1, n_channels, first, generator=generator)
        self.untied_bias = nn.Parameter(torch.zeros(n_channels, height, width)) if untied_bias else None
        self.layers = nn.ModuleList(
            MaskedConv2d(n_channels, n_channels, later, dilation=dilation, generator=generator)
            for dilation in islice(cycle(dilations), n_layers)
        )
        self.out = MaskedConv2d(n_channels, 1, raster_mask((1, 1), "B"), generator=generator)

    def conditionals(self, x: Tensor) -> Tensor:
        """Logits of all conditionals, (batch, height · width) -> same."""
        z = self.first(x.reshape(-1, 1, self.height, self.width))
        if self.untied_bias is not None:
            z = z + self.untied_bias.type_as(z)  # (in half precision, what follows is to stay in it)
        for layer in self.layers:
            z = z + layer(z.relu())
        return self.out(z.relu()).flatten(1)

    def steps(self, n: int) -> Steps:
        """Every layer keeps its input so far and computes one pixel at a time: no work is done twice."""
        image, *caches = [layer.cache(n, self.height, self.width) for layer in (self.first, *self.layers)]
        for r in range(self.height):
            for c in range(self.width):
                z = self.first.at(image, r, c)
                if self.untied_bias is not None:
                    z = z + self.untied_bias[:, r : r + 1, c : c + 1]
                for layer, cache in zip(self.layers, caches, strict=True):
                    layer.write(cache, z.relu(), r, c)
                    z = z + layer.at(cache, r, c)
                x_i = yield self.out(z.relu())[:, 0, 0, 0]
                self.first.write(image, x_i.view(-1, 1, 1, 1), r, c)
