"""Other methods that need no training for the task, on the same problems.

BM3D               the package ``bm3d``, told σ; for noise
bicubic, cubic     Pillow's enlargement; SciPy's ``griddata`` between known pixels
total variation    argmin_x ½ |A x − y|² + w TV(x), by proximal gradients around scikit-image's solver for A = I
EPLL               the likeliest picture under the book's best prior on patches, told σ
"""

import numpy as np
from PIL import Image
from scipy.interpolate import griddata

from dgmlib.figures.deep_image_prior.recorded import pack
from dgmlib.figures.deep_image_prior.tasks import CORNERS, SIDE, TASKS, Problem, problem
from dgmlib.restoration.epll import epll
from dgmlib.restoration.metrics import psnr
from dgmlib.restoration.operators import Downsample
from dgmlib.restoration.shipped import shipped_prior

SHARPEST = 2 / 255  # the σ that EPLL is told where there is no noise
ROUNDS, FAINT = 150, 0.001  # proximal gradients, and the weight of total variation where there is no noise


def comparison() -> dict[str, np.ndarray]:
    """Each problem's pictures by the methods other than the deep image prior, and their PSNR in dB."""
    kept = {}
    for task in TASKS:
        for picture in CORNERS:
            given = problem(task, picture)
            found = [familiar(given).clip(0, 1), total_variation(given), by_patches(given)]
            kept[f"{task}/{picture}/psnr"] = np.array([psnr(x, given.truth) for x in found], np.float32)
            kept[f"{task}/{picture}/frames"] = pack(found)
    return kept


def familiar(given: Problem) -> np.ndarray:
    """The first thing anyone would try: BM3D against noise, else cubic interpolation."""
    if given.sigma:
        from bm3d import bm3d

        return bm3d(given.y, given.sigma)
    return interpolated(given)


def interpolated(given: Problem) -> np.ndarray:
    """Cubic between what is known."""
    if isinstance(given.operator, Downsample):
        small = Image.fromarray(given.y.astype(np.float32))
        return np.asarray(small.resize((SIDE, SIDE), Image.Resampling.BICUBIC), dtype=float)
    known = np.argwhere(given.operator.diagonal)
    everywhere, values = np.argwhere(np.ones(given.y.shape)), given.y[tuple(known.T)]
    cubic, nearest = (griddata(known, values, everywhere, method=how) for how in ("cubic", "nearest"))
    return np.where(np.isnan(cubic), nearest, cubic).reshape(given.y.shape)


def total_variation(given: Problem) -> np.ndarray:
    """FISTA; one call is enough where A is the identity. Steps of 1, for no operator here is longer than that."""
    from skimage.restoration import denoise_tv_chambolle

    if given.sigma:
        return denoise_tv_chambolle(given.y, weight=0.9 * given.sigma).clip(0, 1)
    x = ahead = given.operator.first_guess(given.y)
    speed = 1.0
    for _ in range(ROUNDS):
        down = ahead - given.operator.adjoint(given.operator(ahead) - given.y)
        new, faster = denoise_tv_chambolle(down, weight=FAINT), (1 + (1 + 4 * speed**2) ** 0.5) / 2
        ahead, x, speed = new + (speed - 1) / faster * (new - x), new, faster
    return x.clip(0, 1)


def by_patches(given: Problem) -> np.ndarray:
    """EPLL with all patches and all components."""
    operator = None if given.sigma else given.operator
    return epll(given.y, operator, shipped_prior(), sigma=given.sigma or SHARPEST)
