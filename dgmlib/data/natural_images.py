"""Ten natural images, 256×256 grey, that travel with the package; sources and licences: ``assets/README.md``."""

from __future__ import annotations

import numpy as np

from dgmlib.data.assets import read_arrays

__all__ = ["load_natural_images"]


def load_natural_images() -> dict[str, np.ndarray]:
    """Name -> image (256, 256) uint8, 0 black … 255 white; photographs first, then textures."""
    arrays = read_arrays("natural_images.npz")
    return dict(zip(arrays["names"].tolist(), arrays["images"], strict=True))
