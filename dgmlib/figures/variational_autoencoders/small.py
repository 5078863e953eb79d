"""The small VAEs of the lecture, trained in seconds on the digits that travel with the package."""

from functools import cache
from typing import NamedTuple

import torch
from torch import Tensor

from dgmlib.data import load_mnist_subset
from dgmlib.latent.objective import Objective
from dgmlib.latent.vae import VAE
from dgmlib.training import History, fit

N_TRAIN, N_LATENTS, HIDDEN = 4000, 20, (128,)


class Digits(NamedTuple):
    """Binarised digits as rows of 784 bits, and what they are; the small VAEs never train on ``held_out``."""

    train: Tensor
    train_labels: Tensor
    held_out: Tensor
    held_out_labels: Tensor


@cache
def digits() -> Digits:
    """4,000 digits to learn from and 1,000 others, as many of each kind."""
    images, labels = load_mnist_subset(binarized=True)
    x, y = torch.from_numpy(images.reshape(-1, 784)).float(), torch.from_numpy(labels)
    return Digits(x[:N_TRAIN], y[:N_TRAIN], x[N_TRAIN:], y[N_TRAIN:])


def small_vae(seed: int = 0) -> VAE:
    """A fresh one: 20 latents, a hidden layer of 128 units on either side."""
    return VAE(784, N_LATENTS, hidden=HIDDEN, generator=torch.Generator().manual_seed(seed))


def train(vae: VAE, *, n_epochs: int, beta: float = 1.0, warm_up: float = 0.0, after_epoch=None) -> History:
    """Adam with a learning rate of 3·10⁻³ falling to zero; ``after_epoch(share done)`` looks on before each epoch."""
    generator = torch.Generator().manual_seed(1)
    objective = Objective(vae, generator, beta=beta, warm_up=warm_up)

    def begin(done: float) -> None:
        objective.begin_epoch(done)
        if after_epoch is not None:
            after_epoch(done)

    optimizer = torch.optim.Adam(vae.parameters(), lr=3e-3)
    return fit(
        vae,
        digits().train,
        digits().held_out,
        optimizer=optimizer,
        generator=generator,
        n_epochs=n_epochs,
        schedule=lambda done: 1 - done,
        loss=objective,
        begin_epoch=begin,
        progress=False,
    )
