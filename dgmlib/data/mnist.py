"""The complete MNIST digits: 60,000 training and 10,000 test images of 28×28 grey pixels.

Source: Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document recognition", 1998.
"""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np

from dgmlib.data.store import Arrays, Dataset, Download, load

__all__ = ["load_mnist"]

_MIRROR = "https://ossci-datasets.s3.amazonaws.com/mnist/"


def load_mnist(split: str = "train") -> tuple[np.ndarray, np.ndarray]:
    """Images (n, 28, 28) uint8 (0 paper, 255 ink) and labels (n,) uint8 of ``"train"`` or ``"test"``."""
    if split not in ("train", "test"):
        raise ValueError(f"split: got {split!r}, expected 'train' or 'test'.")
    arrays = load(MNIST)
    return arrays[f"{split}_images"], arrays[f"{split}_labels"]


def parse_idx(content: bytes) -> np.ndarray:
    """Array of unsigned bytes in the IDX format: 00 00 08 rank, then the sizes as big-endian 32-bit integers."""
    if content[:3] != b"\0\0\x08":
        raise ValueError(f"IDX header: got {content[:4].hex()}, expected 000008 and the rank; not an MNIST file.")
    rank = content[3]
    shape = np.frombuffer(content, ">u4", rank, 4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * rank).reshape(shape)


def _build(paths: list[Path]) -> Arrays:
    names = ("train_images", "train_labels", "test_images", "test_labels")
    return {n: parse_idx(gzip.decompress(p.read_bytes())) for n, p in zip(names, paths, strict=True)}


MNIST = Dataset(
    file_name="mnist.npz",
    digest="25b1a379d0a35342a5fb605ae7092594efeb1d484ce10bc5a55be448befd58ab",
    downloads=(
        Download(
            _MIRROR + "train-images-idx3-ubyte.gz",
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        ),
        Download(
            _MIRROR + "train-labels-idx1-ubyte.gz",
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        ),
        Download(
            _MIRROR + "t10k-images-idx3-ubyte.gz",
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        ),
        Download(
            _MIRROR + "t10k-labels-idx1-ubyte.gz",
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        ),
    ),
    build=_build,
)
