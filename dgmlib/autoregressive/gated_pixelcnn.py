"""Gated PixelCNN: two stacks of convolutions, and no blind spot.

    vertical stack    v ← gate(V ∗ v)                     sees all rows above, as wide as it likes
    horizontal stack  h ← h + P gate(H ∗ h + L (V ∗ v))   sees the row to the left, and through v the rows above
    gate(a, b) = tanh(a) · σ(b)

Source: A. van den Oord et al., "Conditional image generation with PixelCNN decoders", NeurIPS 2016.
"""

import torch
from torch import Tensor, nn

from dgmlib._arrays import check_counts
from dgmlib.autoregressive.base import AutoregressiveModel, Steps
from dgmlib.autoregressive.layers import MaskedConv2d, fresh
from dgmlib.autoregressive.pixelcnn import check_odd, raster_mask


def rows_mask(kernel: int, kind: str) -> Tensor:
    """Whole rows of a window above its centre (kind "A"), or up to and including the centre's row ("B")."""
    return raster_mask((kernel, 1), kind).expand(kernel, kernel).contiguous()


def gate(z: Tensor) -> Tensor:
    """tanh(a) · σ(b) of the two halves of the channels, (n, 2C, …) -> (n, C, …)."""
    a, b = z.chunk(2, 1)
    return a.tanh() * b.sigmoid()


class GatedLayer(nn.Module):
    """One step of both stacks. In the first layer (kind "A") both see the image, without the pixel itself."""

    def __init__(
        self, n_in: int, n_channels: int, kernel: int, kind: str, *, generator: torch.Generator | None = None
    ) -> None:
        super().__init__()
        self.is_first = kind == "A"
        self.vertical = MaskedConv2d(n_in, 2 * n_channels, rows_mask(kernel, kind), generator=generator)
        self.horizontal = MaskedConv2d(n_in, 2 * n_channels, raster_mask((1, kernel), kind), generator=generator)
        self.link = fresh(nn.Conv2d, 2 * n_channels, 2 * n_channels, 1, generator=generator)
        self.project = fresh(nn.Conv2d, n_channels, n_channels, 1, generator=generator)

    def forward(self, v: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        """Both stacks, (n, C, H, W) each."""
        z = self.vertical(v)
        return gate(z), self.merge(h, self.horizontal(h), self.link(z))

    def merge(self, h: Tensor, across: Tensor, from_above: Tensor) -> Tensor:
        """The horizontal stack's new value; the image itself is not added, for it holds the pixel to be predicted."""
        new = self.project(gate(across + from_above))
        return new if self.is_first else h + new


class GatedPixelCNN(AutoregressiveModel):
    """Binary images of height × width, as rows of height · width pixels; every pixel sees all earlier ones in reach.

    With C = n_channels, L = n_layers (after the first) and the default kernels it has 5C² + 120C + 1 + L·(29C² + 7C)
    parameters.
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
        generator: torch.Generator | None = None,
    ) -> None:
        check_counts(height=height, width=width, n_channels=n_channels, n_layers=n_layers)
        check_odd(kernel=kernel, first_kernel=first_kernel)
        super().__init__(height * width)
        self.height, self.width = height, width
        first = GatedLayer(1, n_channels, first_kernel, "A", generator=generator)
        later = [GatedLayer(n_channels, n_channels, kernel, "B", generator=generator) for _ in range(n_layers)]
        self.layers = nn.ModuleList([first, *later])
        self.out = fresh(nn.Conv2d, n_channels, 1, 1, generator=generator)

    def conditionals(self, x: Tensor) -> Tensor:
        """Logits of all conditionals, (batch, height · width) -> same."""
        v = h = x.reshape(-1, 1, self.height, self.width)
        for layer in self.layers:
            v, h = layer(v, h)
        return self.out(h.relu()).flatten(1)

    def steps(self, n: int) -> Steps:
        """The vertical stack a row at a time, as soon as the row above is complete; the horizontal one by pixels."""
        size = (n, self.height, self.width)
        above = [layer.vertical.cache(*size) for layer in self.layers]
        across = [layer.horizontal.cache(*size) for layer in self.layers]
        for r in range(self.height):
            links = self._vertical_row(above, r)
            for c in range(self.width):
                x_i = yield self._pixel(across, links, r, c)
                pixel = x_i.view(-1, 1, 1, 1)
                self.layers[0].vertical.write(above[0], pixel, r, c)
                self.layers[0].horizontal.write(across[0], pixel, r, c)

    def _vertical_row(self, above: list[Tensor], r: int) -> list[Tensor]:
        """Row r of the vertical stack into its caches; -> what each layer hands to the horizontal stack."""
        links = []
        for depth, layer in enumerate(self.layers):
            z = layer.vertical.at(above[depth], r, 0, self.width)  # (n, 2C, 1, width)
            links.append(layer.link(z))
            if depth + 1 < len(self.layers):
                self.layers[depth + 1].vertical.write(above[depth + 1], gate(z), r, 0)
        return links

    def _pixel(self, across: list[Tensor], links: list[Tensor], r: int, c: int) -> Tensor:
        """Logit of one pixel, -> (n,)."""
        h = None
        for layer, cache, link in zip(self.layers, across, links, strict=True):
            if h is not None:
                layer.horizontal.write(cache, h, r, c)
            h = layer.merge(h, layer.horizontal.at(cache, r, c), link[..., c : c + 1])
        return self.out(h.relu())[:, 0, 0, 0]
