"""The trained VAE with two latents, and the held-out digits that its figures show."""

from functools import cache

import numpy as np
import torch

from dgmlib import pretrained
from dgmlib.figures.variational_autoencoders.small import digits
from dgmlib.latent.vae import VAE

LIMIT = 4.0
"""The figures show latents between ±4."""
N_MAPPED = 200


@cache
def model() -> VAE:
    """784 pixels, two latents, trained on the fixed binarised MNIST."""
    return pretrained.load("vae2-mnist")


@cache
@torch.no_grad()
def mapped() -> dict[str, np.ndarray]:
    """Posterior means and labels of 200 digits, twenty of each kind: columns x, y, digit."""
    mean = model().encode(digits().held_out[:N_MAPPED]).mean.numpy()
    return {"x": mean[:, 0], "y": mean[:, 1], "digit": digits().held_out_labels[:N_MAPPED].numpy()}


@cache
@torch.no_grad()
def decoded(z: tuple[float, float]) -> np.ndarray:
    """E[x | z] as an image of ink, (28, 28)."""
    return model().decode(torch.tensor([z])).numpy().reshape(28, 28)


def nearest(z: tuple[float, float]) -> tuple[int, int]:
    """Which digit is commonest among the ten mapped ones nearest to z, and how many of the ten it is."""
    map_ = mapped()
    distance = np.hypot(map_["x"] - z[0], map_["y"] - z[1])
    counts = np.bincount(map_["digit"][np.argsort(distance)[:10]], minlength=10)
    return int(counts.argmax()), int(counts.max())
