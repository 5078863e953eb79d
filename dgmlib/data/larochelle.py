"""The fixed binarised MNIST on which autoregressive models report their log-likelihoods, 50,000/10,000/10,000.

Each pixel was drawn once from a Bernoulli with the grey value as its probability, and kept. No labels, another order.
Source: R. Salakhutdinov and I. Murray, ICML 2008; H. Larochelle and I. Murray, "NADE", AISTATS 2011.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dgmlib.data.store import Arrays, Dataset, Download, load

__all__ = ["load_binarized_mnist"]

_SPLITS = ("train", "valid", "test")
_HOME = "http://www.cs.toronto.edu/~larocheh/public/datasets/binarized_mnist/binarized_mnist_"


def load_binarized_mnist(split: str = "train") -> np.ndarray:
    """Images (n, 28, 28) uint8 of 0 and 1; split ``"train"`` (50,000), ``"valid"`` or ``"test"`` (10,000 each)."""
    if split not in _SPLITS:
        raise ValueError(f"split: got {split!r}, expected one of {_SPLITS}.")
    return np.unpackbits(load(BINARIZED_MNIST)[split], axis=1).reshape(-1, 28, 28)


def parse_amat(content: bytes) -> np.ndarray:
    """Rows of 784 digits 0/1 separated by single spaces -> packed bits (n, 98) uint8."""
    characters = np.frombuffer(content, np.uint8)[::2]  # every second byte is a blank or a line end
    if characters.size % 784 or not np.isin(characters, (ord("0"), ord("1"))).all():
        raise ValueError("expected lines of 784 digits 0 or 1 separated by blanks; not a binarised-MNIST .amat file.")
    return np.packbits((characters - ord("0")).reshape(-1, 784), axis=1)


def _build(paths: list[Path]) -> Arrays:
    return {split: parse_amat(path.read_bytes()) for split, path in zip(_SPLITS, paths, strict=True)}


BINARIZED_MNIST = Dataset(
    file_name="mnist_binarized_larochelle.npz",
    digest="7075d44c466a2dc345cb1cc4ab034a3b147048f84b79cd38242b3c7d9a2f81ea",
    downloads=(
        Download(_HOME + "train.amat", "ad693b29f94c14277b095f5238ddefbbdaaae0939789dd2f4f0205278cee3e4d"),
        Download(_HOME + "valid.amat", "1de3d397c40fe8eeb33dafd4099a1f665ec01e96d9be234aaeeac8a34930e2e2"),
        Download(_HOME + "test.amat", "e6687bfea3f820c174f33b7865140b2a2dd2930ef786f35d45795fc193b5ab2c"),
    ),
    build=_build,
)
