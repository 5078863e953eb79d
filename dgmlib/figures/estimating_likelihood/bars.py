"""A model one can look at: every latent variable paints one row or one column of a small square image.

The side is s, so n = 2s binary latents. Painted pixels are black with probability σ(3) = 95 %, others with σ(−3) = 5 %.
Which rows and columns were painted is easy for the eye and, for a sum over all z, 2ⁿ terms. After P. Földiák,
Biological Cybernetics 64 (1990).
"""

import math
from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor

from dgmlib.latent.proposals import Bits
from dgmlib.latent.sigmoid_belief import SigmoidBeliefNet

_OFF, _ON = -3.0, 6.0
PAINTED = 0.25
"""Prior probability that a row or a column is painted."""


@cache
def bars_net(side: int) -> SigmoidBeliefNet:
    """The belief net of side² pixels and 2·side latents, rows first, in float64."""
    net = SigmoidBeliefNet(side**2, 2 * side).double().requires_grad_(False)
    pixel = torch.arange(side**2)
    latent = torch.arange(side)
    net.weight.copy_(_ON * torch.cat([pixel[:, None] // side == latent, pixel[:, None] % side == latent], 1))
    net.bias.fill_(_OFF)
    net.prior_logits.fill_(math.log(PAINTED / (1 - PAINTED)))
    return net


@cache
def bars_image(side: int) -> Tensor:
    """One image with a row and a column painted (the second and the last), two pixels flipped, -> (1, side²)."""
    image = torch.zeros(side, side, dtype=torch.float64)
    image[1, :] = 1
    image[:, -1] = 1
    image[1, 0] = 0
    image[side - 1, 0] = 1
    return image.view(1, -1)


def marginal_by_elimination(side: int, x: Tensor) -> Tensor:
    """log p(x) in nats without the sum over all z, (batch, side²) -> (batch,).

    Once the rows are known, the columns no longer depend on each other, for no pixel lies in two of them:
    p(x) = Σ_rows p(rows) Π_j Σ_{column j} p(column j) Π_i p(x_ij | row i, column j): 2^s terms and not 2^2s.
    """
    rows = torch.cartesian_prod(*[torch.tensor([0.0, 1.0], dtype=torch.float64)] * side)  # (2^s, s)
    image = x.view(-1, 1, side, side)
    given = []
    for column in (0.0, 1.0):
        logits = (_OFF + _ON * (rows + column))[..., None].expand(-1, -1, side)
        pixels = -F.binary_cross_entropy_with_logits(*torch.broadcast_tensors(logits, image), reduction="none")
        given.append(pixels.sum(-2) + math.log(PAINTED if column else 1 - PAINTED))  # (batch, 2^s, s)
    columns = torch.logaddexp(*given).sum(-1)
    painted = rows.sum(-1)
    prior = painted * math.log(PAINTED) + (side - painted) * math.log(1 - PAINTED)
    return (prior + columns).logsumexp(-1)


def glance(side: int, x: Tensor) -> Bits:
    """A proposal made by looking: a row or column that is mostly black was painted, probably; (batch, side²) -> q."""
    image = x.view(-1, side, side)
    black = torch.cat([image.mean(2), image.mean(1)], 1)
    return Bits(12 * (black - 0.6))
