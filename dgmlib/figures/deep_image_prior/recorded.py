"""What ``record.py`` computed and kept: curves as arrays, pictures side by side in one JPEG per run."""

from collections.abc import Sequence
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from dgmlib.data.store import read_npz
from dgmlib.figures.deep_image_prior.tasks import SIDE

FOLDER = Path(__file__).parent
STEPS = {"denoise, σ = 15": 1500, "denoise": 800, "denoise, σ = 50": 500, "enlarge": 500, "fill in": 500}
"""Task: how long its runs were recorded; in noise past the step at which the rule stops, the later the less noise."""
FRAMES = (1, 5, 10, 20, 40, 80, 130, 200, 320, 500, 800, 1500)
"""The steps whose pictures were kept, as far as a run goes."""
SHOWN = ("cat", "camera")
"""The pictures that are shown step by step."""
DEPTHS, SKIPS, ABLATION_STEPS = (1, 2, 4), (0, 4), 350
TARGETS = ("image", "image + noise", "shuffled", "noise")
IMPEDANCE_STEPS, SEEDS = 250, (0, 1, 2)
_ALL = ("total variation", "EPLL", "deep image prior")
METHODS = {"denoise": ("BM3D", *_ALL), "enlarge": ("bicubic", *_ALL), "fill in": ("cubic", *_ALL)}
"""Task: whose results are compared."""


@cache
def recorded(part: str) -> dict[str, np.ndarray]:
    """Arrays of one part by name: "tasks", "levels", "ablation", "impedance" or "comparison"."""
    return read_npz(FOLDER / f"{part}.npz")


@cache
def runs() -> dict[str, np.ndarray]:
    """The fits of all tasks and of all noise levels, one beside the other."""
    return recorded("tasks") | recorded("levels")


def pack(pictures: Sequence[np.ndarray]) -> np.ndarray:
    """Pictures (64, 64), floats from 0 to 1, as the bytes of one JPEG; its blocks end where the pictures end."""
    row = np.round(255 * np.clip(np.hstack(list(pictures)), 0, 1)).astype(np.uint8)
    packed = BytesIO()
    Image.fromarray(row).save(packed, "JPEG", quality=80, optimize=True)
    return np.frombuffer(packed.getvalue(), np.uint8)


def unpack(packed: np.ndarray) -> np.ndarray:
    """The reverse, (n, 64, 64) uint8, but for the loss of JPEG."""
    with Image.open(BytesIO(packed.tobytes())) as opened:
        row = np.asarray(opened)
    return row.reshape(SIDE, -1, SIDE).swapaxes(0, 1)
