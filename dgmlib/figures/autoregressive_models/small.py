"""The models of small digits that the figures question, trained on the digits that travel with the package."""

from functools import cache

import torch

from dgmlib.autoregressive import FVSBN, MADE, NADE, AutoregressiveModel
from dgmlib.figures.autoregressive_models.digits import SMALL, small_digits
from dgmlib.figures.autoregressive_models.recorded import packed, with_weights
from dgmlib.training import fit

FAMILIES = {"fvsbn": "FVSBN", "nade": "NADE", "made": "MADE"}
"""Models of 14 × 14 pixels, and what the figures call them."""
BUILDERS = {
    "fvsbn": lambda generator: FVSBN(SMALL**2),
    "nade": lambda generator: NADE(SMALL**2, 150, generator=generator),
    "made": lambda generator: MADE(SMALL**2, [300], generator=generator),
}


def train(name: str) -> bytes:
    """One of ``FAMILIES``, fitted to 4,000 small digits and stopped by 500 others, as the content of a weights file."""
    split, generator = small_digits(), torch.Generator().manual_seed(0)
    model = BUILDERS[name](generator)
    if name == "fvsbn":
        optimizer = torch.optim.SGD(model.parameters(), lr=0.2, momentum=0.9, nesterov=True)
    else:
        optimizer = torch.optim.AdamW(model.parameters(), lr=6e-3, weight_decay=0.1)
    fit(
        model,
        split.train,
        split.valid,
        optimizer=optimizer,
        generator=generator,
        n_epochs=40 if name == "fvsbn" else 30,
        batch_size=100 if name == "fvsbn" else 50,
        schedule=lambda done: 1 - done,
        progress=False,
    )
    return packed(model)


@cache
def small(name: str) -> AutoregressiveModel:
    """One of ``FAMILIES`` as ``train`` made it; nobody may change it."""
    return with_weights(f"{name}-small", BUILDERS[name](torch.Generator().manual_seed(0)))
