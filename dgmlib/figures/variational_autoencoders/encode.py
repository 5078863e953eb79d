"""Digits that the VAE of the map has not learned from: ``python -m …variational_autoencoders.encode``.

Writes ``unseen.npz``: where the encoder puts 300 digits of MNIST's test set, thirty of each kind, and which of the
package's own digits are not among the 50,000 that the model learned from. Those 50,000 are known in binarised form
alone, but a row of bits tells which grey image it was drawn from; where two come close, the digit is left out.

Needs the full MNIST and its fixed binarisation (``$DGMLIB_DATA``), a minute of one core.
"""

import numpy as np
import torch

from dgmlib import pretrained
from dgmlib.data import load_binarized_mnist, load_mnist, load_mnist_subset
from dgmlib.data.store import save
from dgmlib.figures.variational_autoencoders.mnist import PATH
from dgmlib.figures.variational_autoencoders.small import N_TRAIN

N_EACH = 30
LEAD = 3.0
"""By how many nats the likeliest row must lie in the validation set, ahead of every row of the other two."""


def main() -> None:
    """Encode, match, write one file."""
    torch.set_num_threads(1)
    images, labels = load_mnist_subset()
    places = np.arange(N_TRAIN, len(images))
    leads = lead(images[places])
    surest = places[np.argsort(-leads)][: (leads > LEAD).sum()]
    save(PATH, {**encoded(), "places": evenly(surest, labels).astype(np.uint16)})


@torch.no_grad()
def encoded() -> dict[str, np.ndarray]:
    """Posterior means x, y and labels of the first thirty test digits of each kind."""
    images, labels = load_mnist("test")
    places = evenly(np.arange(len(images)), labels)[: 10 * N_EACH]
    bits = torch.from_numpy(images[places].reshape(-1, 784) >= 128).float()
    x, y = pretrained.load("vae2-mnist").encode(bits).mean.numpy().round(3).T
    return {"x": x, "y": y, "digit": labels[places]}


def evenly(places: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """As many of ``places`` as there are of the rarest kind, in turns: 0, 1, …, 9, 0, 1, …"""
    kinds = [places[labels[places] == digit] for digit in range(10)]
    return np.stack([kind[: min(map(len, kinds))] for kind in kinds], axis=1).ravel()


def lead(images: np.ndarray) -> np.ndarray:
    """By how many nats the likeliest row for each grey image leads in the validation set over the other two sets, (m,).

    Pixels are independent: log p(row | grey) = Σ_i x_i log g_i + (1 − x_i) log(1 − g_i).
    """
    grey = (torch.from_numpy(images.reshape(-1, 784)) / 255).clamp(1 / 512, 1 - 1 / 512)
    best = {split: likeliest(grey.logit(), split) for split in ("train", "valid", "test")}
    return (best["valid"] - torch.maximum(best["train"], best["test"])).numpy()


def likeliest(logits: torch.Tensor, split: str) -> torch.Tensor:
    """Largest log p(row | grey) over a split, up to a constant of each image, (m,)."""
    rows = torch.from_numpy(load_binarized_mnist(split).reshape(-1, 784))
    return torch.stack([(logits @ part.float().T).amax(1) for part in rows.split(5000)]).amax(0)


if __name__ == "__main__":
    main()
