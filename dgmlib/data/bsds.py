"""Grey natural photographs of the Berkeley segmentation data: BSDS300's training set and the 68 test images BSD68.

Grey is MATLAB's ``rgb2gray``: 0.298936 R + 0.587043 G + 0.114021 B, rounded half up. Portraits are stored lying down.
Terms: free "for non-commercial research and educational purposes"; please cite the source.
Source: D. Martin, C. Fowlkes, D. Tal, J. Malik, ICCV 2001, 2:416-423. BSD68: S. Roth and M. Black, CVPR 2005.
"""

from __future__ import annotations

import tarfile
from pathlib import Path

import numpy as np

from dgmlib.data.store import Arrays, Dataset, Download, load

__all__ = ["load_bsd68", "load_bsds300"]

_COMMIT = "a04b7c6c3a9f0ace74bf205c72a43d32e1c72722"
_ARCHIVE = Download(f"https://codeload.github.com/BIDS/BSDS500/tar.gz/{_COMMIT}")
_BSD68 = tuple(
    """
    101085 101087 102061 103070 105025 106024 108005 108070 108082 109053 119082 12084 123074
    126007 130026 134035 14037 143090 145086 147091 148026 148089 157055 159008 160068 16077 163085
    167062 167083 170057 175032 175043 182053 189080 19021 196073 197017 208001 210088 21077 216081
    219090 220075 223061 227092 229036 236037 24077 241004 241048 253027 253055 260058 271035
    285079 291000 295087 296007 296059 299086 300091 302008 304034 304074 306005 3096 33039 351093
    """.split()
)


def load_bsds300() -> list[np.ndarray]:
    """The 200 training images, each (321, 481) or, for portraits, (481, 321) uint8."""
    return _upright(load(BSDS300))


def load_bsd68() -> list[np.ndarray]:
    """The 68 test images of denoising tables, each (321, 481) or (481, 321) uint8; none is in ``load_bsds300``."""
    return _upright(load(BSD68))


def matlab_gray(rgb: np.ndarray) -> np.ndarray:
    """MATLAB's grey values, (…, 3) uint8 -> (…) uint8."""
    return np.floor(rgb @ np.array([0.298936, 0.587043, 0.114021]) + 0.5).astype(np.uint8)


def _upright(arrays: Arrays) -> list[np.ndarray]:
    pairs = zip(arrays["images"], arrays["transposed"], strict=True)
    return [image.T if transposed else image for image, transposed in pairs]


def read_archive(path: Path, folder: str, names: tuple[str, ...] | None = None) -> Arrays:
    """Grey images of the JPEGs in one folder of the archive, in the order of ``names`` (default: ascending)."""
    from PIL import Image  # only this conversion needs Pillow

    images = {}
    with tarfile.open(path) as archive:
        for member in archive:
            parts = Path(member.name)
            if parts.suffix == ".jpg" and parts.parent.name == folder and (names is None or parts.stem in names):
                with Image.open(archive.extractfile(member)) as image:
                    images[parts.stem] = matlab_gray(np.asarray(image.convert("RGB")))
    names = names or tuple(sorted(images))
    transposed = np.array([images[name].shape[0] > images[name].shape[1] for name in names])
    lying = [images[n].T if t else images[n] for n, t in zip(names, transposed, strict=True)]
    return {"images": np.stack(lying), "transposed": transposed, "names": np.array(names)}


def _build_bsd68(paths: list[Path]) -> Arrays:
    file_names = np.array([f"test{i + 1:03}" for i in range(len(_BSD68))])
    return {**read_archive(paths[0], "val", _BSD68), "file_names": file_names}


BSDS300 = Dataset(
    file_name="bsds300_train_gray.npz",
    digest="ee456183a9d484c393ef3119fe916e7a13789fd25abb7728d9738d29cc51dadf",
    downloads=(_ARCHIVE,),
    build=lambda paths: read_archive(paths[0], "train"),
)
BSD68 = Dataset(
    file_name="bsd68_gray.npz",
    digest="7cff912c2b679b3b522761f9e4f2ce0f269f3b86428cecaa7079a5054f6c7f73",
    downloads=(_ARCHIVE,),
    build=_build_bsd68,
)
