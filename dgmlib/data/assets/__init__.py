"""Data sets small enough to travel with the package; ``README.md`` beside this file says where each comes from."""

from __future__ import annotations

import io
from importlib.resources import files

import numpy as np

__all__ = ["read_arrays", "read_text"]


def read_text(name: str) -> str:
    """Content of a UTF-8 text asset."""
    return files(__name__).joinpath(name).read_text(encoding="utf-8")


def read_arrays(name: str) -> dict[str, np.ndarray]:
    """Arrays of an ``.npz`` asset, never unpickling."""
    with np.load(io.BytesIO(files(__name__).joinpath(name).read_bytes()), allow_pickle=False) as file:
        return {key: file[key] for key in file.files}
