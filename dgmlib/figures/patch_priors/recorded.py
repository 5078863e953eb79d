"""What takes minutes to compute, kept: a table as JSON, and restored pictures as sheets of equal squares in PNG files.

Each file is made again by ``python -m dgmlib.figures.patch_priors.record NAME``.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from dgmlib.data.store import save
from dgmlib.figures.pictures import png

FOLDER = Path(__file__).with_name("recordings")
SIDE = 96
"""Pixels of a square."""


@cache
def read(name: str) -> dict[str, Any]:
    """The table called ``name``."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


@cache
def squares(name: str) -> np.ndarray:
    """The pictures of a sheet, (rows, columns, SIDE, SIDE) uint8."""
    with Image.open(FOLDER / f"{name}.png") as image:
        page = np.asarray(image)
    height, width = page.shape
    return page.reshape(height // SIDE, SIDE, width // SIDE, SIDE).swapaxes(1, 2)


def keep(name: str, record: dict[str, Any]) -> None:
    """Write a table, one row a line."""
    text = json.dumps(record, ensure_ascii=False).replace('}, {"', '},\n{"')
    _write(FOLDER / f"{name}.json", f"{text}\n".encode())


def keep_squares(name: str, pictures: np.ndarray) -> None:
    """Write pictures (rows, columns, SIDE, SIDE), grey values from 0 to 1, as one sheet."""
    rows, columns = pictures.shape[:2]
    page = np.rint(255 * pictures.clip(0, 1)).astype(np.uint8)
    _write(FOLDER / f"{name}.png", png(page.swapaxes(1, 2).reshape(rows * SIDE, columns * SIDE)))


def _write(path: Path, content: bytes) -> None:
    save(path, {}, lambda file, _: file.write(content))
