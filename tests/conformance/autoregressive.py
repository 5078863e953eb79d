"""The autoregressive models, each on an instance small enough to enumerate or integrate."""

import torch

from dgmlib.autoregressive import (
    FVSBN,
    MADE,
    NADE,
    RNADE,
    AttentionModel,
    GatedPixelCNN,
    PixelCNN,
    RecurrentModel,
)
from dgmlib.likelihood import Gaussian
from tests.conformance.case import Case
from tests.conformance.spaces import Box, bits


def shuffled(n: int, generator: torch.Generator) -> torch.Tensor:
    return torch.randperm(n, generator=generator)


def rnade_optimum() -> tuple[float, float]:
    """One variable, one component: RNADE must find the Gaussian that a formula finds."""
    x = torch.randn(50, 1, generator=torch.Generator().manual_seed(0)) * 3 + 1
    model = RNADE(1, 2, 1, generator=torch.Generator().manual_seed(1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    for _ in range(400):
        optimizer.zero_grad()
        (-model.log_prob(x).mean()).backward()
        optimizer.step()
    best = Gaussian.fit(x[:, 0].double())
    return float(model.log_prob(x).detach().mean()), float(best.log_prob(x[:, 0].double()).mean())


AUTOREGRESSIVE = (
    Case("FVSBN", lambda g: FVSBN(6), bits(6), 21),
    Case("FVSBN, shuffled", lambda g: FVSBN(6, ordering=shuffled(6, g)), bits(6), 21),
    # The last variable's row of the shared first layer feeds nothing: n_hidden idle numbers.
    Case("NADE", lambda g: NADE(7, 5, generator=g), bits(7), 2 * 7 * 5 + 7 + 5, n_idle=5),
    Case("NADE, blocks", lambda g: NADE(10, 3, generator=g), bits(10), 2 * 10 * 3 + 10 + 3, n_idle=3),
    Case(
        "RNADE",
        lambda g: RNADE(2, 5, 2, generator=g),
        Box(-9, 9, 2),
        2 * 5 + 5 + 3 * 2 * 2 * (5 + 1),
        n_idle=5,
        weight_size=0.4,
        huge=3,
        optimum=rnade_optimum,
    ),
    Case(
        "MADE, shuffled",
        lambda g: MADE(6, [20], ordering=shuffled(6, g), generator=g),
        bits(6),
        6 * 20 + 20 + 20 * 6 + 6,
        n_idle=None,
        sees_all=False,
    ),
    Case(
        "MADE, deep, direct",
        lambda g: MADE(5, [16, 12, 9], ordering=shuffled(5, g), direct=True, generator=g),
        bits(5),
        (5 * 16 + 16) + (16 * 12 + 12) + (12 * 9 + 9) + (9 * 5 + 5) + (25 + 5),
        n_idle=None,
    ),
    Case("recurrent", lambda g: RecurrentModel(6, 4, generator=g), bits(6), 3 * 16 + 10 * 4 + 1),
    # A key's bias adds the same to all scores of a query, which softmax ignores: n_channels per layer.
    Case(
        "attention",
        lambda g: AttentionModel(6, 8, 2, 2, generator=g),
        bits(6),
        2 * (12 * 64 + 13 * 8) + 8 * (6 + 4) + 1,
        n_idle=2 * 8,
    ),
    Case(
        "PixelCNN",
        lambda g: PixelCNN(3, 3, 5, 3, generator=g),
        bits(9),
        50 * 5 + 3 * (9 * 25 + 5) + 5 + 1,
        n_idle=None,
        sees_all=False,
        weight_size=0.4,
    ),
    Case(
        "PixelCNN, dilated, untied bias",
        lambda g: PixelCNN(3, 3, 5, 3, dilations=(1, 2), untied_bias=True, generator=g),
        bits(9),
        50 * 5 + 3 * (9 * 25 + 5) + 5 + 1 + 5 * 9,
        n_idle=None,
        sees_all=False,
        weight_size=0.4,
    ),
    Case(
        "gated PixelCNN",
        lambda g: GatedPixelCNN(3, 3, 4, 2, generator=g),
        bits(9),
        5 * 16 + 120 * 4 + 1 + 2 * (29 * 16 + 7 * 4),
        n_idle=None,
    ),
)
