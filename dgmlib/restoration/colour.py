"""Colour as three grey pictures that know little of each other.

    brightness (R + G + B) / 3        R − B over √2        R − 2G + B over √6

The three rows are orthogonal, so white noise of σ on R, G and B stays white; on the brightness, where the detail is, it
is σ / √3. Each is restored as a grey picture with noise of its own.
"""

import math

import numpy as np

ROWS = np.array([[1, 1, 1], [1, 0, -1], [1, -2, 1]]) / np.sqrt([[9.0], [2.0], [6.0]])
BACK = np.linalg.inv(ROWS)


def to_channels(image: np.ndarray, sigma: float) -> list[tuple[np.ndarray, float]]:
    """Grey pictures, (height, width) single precision, and the noise of each: one of a grey picture, three of RGB."""
    if image.ndim == 2:
        return [(image.astype(np.float32), sigma)]
    channels = np.moveaxis(image @ ROWS.T, -1, 0).astype(np.float32)
    return list(zip(channels, (sigma / math.sqrt(3), sigma, sigma), strict=True))


def from_channels(channels: list[np.ndarray]) -> np.ndarray:
    """The reverse of ``to_channels``."""
    return channels[0] if len(channels) == 1 else np.stack(channels, -1) @ BACK.T.astype(np.float32)
