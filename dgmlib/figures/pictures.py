"""Images in a table: grey pictures as PNG data URLs, drawn by Vega's image mark without smoothing."""

import base64
from io import BytesIO

import numpy as np
from PIL import Image


def png(grey: np.ndarray) -> bytes:
    """An 8-bit grey PNG of an image (height, width) uint8, 0 black … 255 white."""
    if grey.ndim != 2 or grey.dtype != np.uint8:
        raise ValueError(f"grey: got {grey.dtype} of shape {grey.shape}, expected uint8 of shape (height, width).")
    packed = BytesIO()
    Image.fromarray(grey).save(packed, "PNG", optimize=True)
    return packed.getvalue()


def data_url(grey: np.ndarray) -> str:
    """``png`` as text for a column that an image mark reads as ``url``."""
    return "data:image/png;base64," + base64.b64encode(png(grey)).decode()


def sheet(images: np.ndarray, columns: int) -> np.ndarray:
    """Images (n, h, w) with values 0 paper … 1 ink, row by row in ``columns``, hairlines between, -> uint8 picture."""
    n, h, w = images.shape
    if n % columns:
        raise ValueError(f"images: got {n}, expected a multiple of the {columns} columns.")
    framed = np.pad(images.astype(float), ((0, 0), (0, 1), (0, 1)), constant_values=0.25)
    page = framed.reshape(n // columns, columns, h + 1, w + 1).swapaxes(1, 2).reshape(n // columns * (h + 1), -1)
    return np.rint(255 * (1 - page[:-1, :-1])).astype(np.uint8)
