"""Mean PSNR on the 68 test images of denoising tables, beside other methods in the same run.

Noise is white, of σ grey levels of 255, not cut to the range of grey values; PSNR is the common one. The seed of each
picture's noise is its number, so that all methods see the same. Methods whose packages are not installed are left out:
BM3D needs ``bm3d``, total variation and non-local means ``scikit-image``.
"""

from collections.abc import Callable, Iterator
from importlib.util import find_spec

import numpy as np
from tqdm.auto import tqdm

from dgmlib.data import load_bsd68
from dgmlib.patches import GaussianMixturePrior
from dgmlib.restoration import epll, psnr
from dgmlib.restoration.shipped import shipped_prior

SIGMAS = (15, 25, 50)
PUBLISHED = {"EPLL, exact": (31.21, 28.68, 25.67), "BM3D": (31.07, 28.57, 25.62)}  # as reported with DnCNN

Denoiser = Callable[[np.ndarray, float], np.ndarray]


def denoisers(prior: GaussianMixturePrior) -> Iterator[tuple[str, Denoiser]]:
    """Name and function of every method, (picture, σ in grey values from 0 to 1) -> picture."""
    yield "noisy", lambda y, sigma: y
    yield "EPLL, exact", lambda y, sigma: epll(y, None, prior, sigma=sigma)
    yield "EPLL, fast", lambda y, sigma: epll(y, None, prior, sigma=sigma, mode="fast")
    if find_spec("bm3d"):
        import bm3d

        yield "BM3D", lambda y, sigma: bm3d.bm3d(y, sigma)
    if find_spec("skimage"):
        from skimage.restoration import denoise_nl_means, denoise_tv_chambolle

        yield "total variation", lambda y, sigma: denoise_tv_chambolle(y, weight=0.9 * sigma)
        yield (
            "non-local means",
            lambda y, sigma: denoise_nl_means(
                y, patch_size=7, patch_distance=11, h=0.6 * sigma, sigma=sigma, fast_mode=True
            ),
        )


def bsd68_table(seed: int, n_images: int = 68) -> list[dict[str, float | int | str]]:
    """One row per method and σ: mean PSNR in dB, its standard error over pictures, and what is published."""
    prior, rows = shipped_prior(), []
    truths = [image / 255 for image in load_bsd68()[:n_images]]
    for name, denoise in denoisers(prior):
        for column, sigma in enumerate(SIGMAS):
            found = [
                psnr(denoise(noisy(truth, sigma / 255, seed + i), sigma / 255), truth)
                for i, truth in enumerate(tqdm(truths, desc=f"{name}, σ = {sigma}", leave=False))
            ]
            error = float(np.std(found, ddof=1) / len(found) ** 0.5) if len(found) > 1 else float("nan")
            row = {"method": name, "components": len(prior.weights), "sigma": sigma}
            row |= {"PSNR in dB": float(np.mean(found)), "standard error": error}
            rows.append(row | {"published": PUBLISHED[name][column] if name in PUBLISHED else ""})
    return rows


def noisy(truth: np.ndarray, sigma: float, seed: int) -> np.ndarray:
    """The picture in white noise."""
    return truth + sigma * np.random.default_rng(seed).standard_normal(truth.shape)
