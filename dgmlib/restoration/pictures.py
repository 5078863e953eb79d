"""Pictures from files and back: grey or colour, 8 or 16 bits, with or without transparency."""

from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from dgmlib.data.store import save
from dgmlib.restoration.checks import check_picture

WHITE = {np.dtype(np.uint8): 255.0, np.dtype(np.uint16): 65535.0, np.dtype(bool): 1.0}


def read_picture(path: Path | str) -> np.ndarray:
    """Grey (height, width) or colour (height, width, 3), floats from 0 to 1, upright; transparency lies on white."""
    try:
        with Image.open(path) as opened:
            return _to_floats(ImageOps.exif_transpose(opened))
    except UnidentifiedImageError as error:
        raise ValueError(f"{path}: got no picture that Pillow can read, expected PNG, JPEG, TIFF, …") from error


def write_picture(path: Path | str, image: np.ndarray) -> None:
    """A PNG of 8 bits, in one step, of a grey or colour picture, or a mask; values are cut to [0, 1]."""
    check_name(path)
    image = np.asarray(image)
    check_picture(image.astype(float) if image.dtype == bool else image, "image")
    pixels = np.round(255 * np.clip(image, 0, 1)).astype(np.uint8)
    save(Path(path), {"pixels": pixels}, _write_png)


def check_name(path: Path | str) -> None:
    """Raise unless a file of this name is expected to be a PNG."""
    if Path(path).suffix.lower() != ".png":
        raise ValueError(f"{path}: got a name without .png, expected it at the end; a PNG is what is written.")


def _write_png(file: BinaryIO, arrays: dict[str, np.ndarray]) -> None:
    Image.fromarray(arrays["pixels"]).save(file, "PNG")


def _to_floats(image: Image.Image) -> np.ndarray:
    if "transparency" in image.info:
        image = image.convert("RGBA")
    elif image.mode in ("P", "CMYK", "YCbCr", "LAB", "HSV"):
        image = image.convert("RGB")
    values = np.asarray(image)
    if values.dtype not in WHITE:  # mode I may hold 16 bits; what the numbers of other wide greys mean, nobody says
        if values.dtype.kind == "f" or values.min() < 0 or values.max() > WHITE[np.dtype(np.uint16)]:
            raise ValueError(
                f"picture: got mode {image.mode} with values {values.min():g} to {values.max():g}, expected 8 or 16 "
                f"bits a channel; rescale it and save it as a PNG of 16 bits."
            )
        values = values.astype(np.uint16)
    floats = values / WHITE[values.dtype]
    if floats.ndim == 3 and floats.shape[2] in (2, 4):
        alpha = floats[:, :, -1:]
        floats = floats[:, :, :-1] * alpha + (1 - alpha)
    return floats[:, :, 0] if floats.ndim == 3 and floats.shape[2] == 1 else floats
