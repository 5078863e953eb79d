"""What the figures share: grey patches side by side in one picture."""

import numpy as np

from dgmlib.figures.pictures import data_url, sheet

MID = 0.5


def patches_url(patches: np.ndarray, columns: int, *, stretch: bool = False) -> list[str]:
    """A column with one picture of patches without mean, (n, 64), zero in mid-grey, ``columns`` in a row.

    stretch: let the strongest pixel of each patch be black or white.
    """
    if stretch:
        patches = patches / np.maximum(abs(patches).max(1, keepdims=True), 1e-9) * MID
    side = round(patches.shape[1] ** 0.5)
    shades = (MID + patches).clip(0, 1).reshape(-1, side, side)
    return [data_url(sheet(1 - shades, columns))]
