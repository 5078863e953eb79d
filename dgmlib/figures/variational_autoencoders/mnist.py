"""The trained VAE with two latents, and the digits that its figures show: it has learned from none of them."""

from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from dgmlib import pretrained
from dgmlib.data import load_mnist_subset
from dgmlib.data.store import read_npz
from dgmlib.latent.vae import VAE

PATH = Path(__file__).with_name("unseen.npz")
LIMIT = 4.0
"""The figures show latents between ±4."""


@cache
def model() -> VAE:
    """784 pixels, two latents, trained on the fixed binarised MNIST."""
    return pretrained.load("vae2-mnist")


@cache
def unseen() -> Tensor:
    """Digits of the package that the model has not learned from, (m, 784) bits; the i-th shows i mod 10."""
    images, _ = load_mnist_subset(binarized=True)
    return torch.from_numpy(images[read_npz(PATH)["places"]].reshape(-1, 784)).float()


@cache
def mapped() -> dict[str, np.ndarray]:
    """Posterior means and labels of 300 digits of the test set, thirty of each kind: columns x, y, digit."""
    kept = read_npz(PATH)
    return {name: kept[name] for name in ("x", "y", "digit")}


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
