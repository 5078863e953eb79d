"""Mean PSNR on the 68 test images of denoising tables, beside other methods in the same run.

Noise is white, of σ grey levels of 255, not cut to the range of grey values; PSNR is the common one. The seed of each
picture's noise is its number, so that all methods see the same. Methods whose packages are not installed are left out:
BM3D needs ``bm3d``, total variation and non-local means ``scikit-image``.

Pictures are scored as the methods leave them, and only EPLL cuts its own to the range of grey values. Cutting adds 0.01
dB to BM3D (every eighth picture), 0.00 to 0.02 dB to total variation and 0.01 to 0.05 dB to non-local means (all 68).

The table takes more than an hour of one core. Every picture's result is kept in `_build/results` as soon as it is
there, so that an interrupted run goes on, unless the methods have changed since.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

import dgmlib
from dgmlib.data import load_bsd68
from dgmlib.patches import GaussianMixturePrior
from dgmlib.restoration import epll, psnr
from dgmlib.restoration.shipped import shipped_prior

PACKAGE = Path(dgmlib.__file__).parent
KEPT = PACKAGE.parent / "_build" / "results" / "denoising-bsd68.jsonl"
PEERS = {"bm3d": "bm3d", "skimage": "scikit-image"}  # module: package
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


def bsd68_table(seed: int, n_images: int = 68, kept: Path = KEPT) -> list[dict[str, float | int | str]]:
    """One row per method and σ: mean PSNR in dB, its standard error, processor seconds, and what is published."""
    prior, rows, memory = shipped_prior(), [], Memory(kept, state=f"{fingerprint()}, seed {seed}")
    truths = [image / 255 for image in load_bsd68()[:n_images]]
    for name, denoise in denoisers(prior):
        for column, sigma in enumerate(SIGMAS):
            found = []
            for i, truth in enumerate(tqdm(truths, desc=f"{name}, σ = {sigma}", leave=False)):
                key = f"{name}, σ = {sigma}, picture {i}"
                if key not in memory.done:
                    memory.add(key, *measured(denoise, truth, sigma / 255, seed + i))
                found.append(memory.done[key])
            row = {"method": name, "components": len(prior.weights), "sigma": sigma, **summary(*np.transpose(found))}
            rows.append(row | {"published": PUBLISHED[name][column] if name in PUBLISHED else ""})
    return rows


def summary(values: np.ndarray, seconds: np.ndarray) -> dict[str, float | int]:
    """What a row says of the pictures' PSNR in dB and seconds."""
    error = float(np.std(values, ddof=1) / len(values) ** 0.5) if len(values) > 1 else float("nan")
    means = {"PSNR in dB": float(values.mean()), "standard error": error, "seconds a picture": float(seconds.mean())}
    return {"pictures": len(values), **means}


def measured(denoise: Denoiser, truth: np.ndarray, sigma: float, seed: int) -> tuple[float, float]:
    """PSNR in dB and seconds of processor time for one picture."""
    y, start = noisy(truth, sigma, seed), time.process_time()
    found = denoise(y, sigma)
    return psnr(found, truth), time.process_time() - start


class Memory:
    """What has been measured: a file with one line per picture, only ever added to.

    ``done``: key -> (PSNR, seconds) of the lines that were measured in the same ``state``. A line that a power cut has
    torn does not end with a bracket, and the next one begins below it.
    """

    def __init__(self, path: Path, state: str) -> None:
        self.path, self.state = path, state
        self.done: dict[str, tuple[float, float]] = {}
        for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
            if line.endswith("]"):
                state, key, value, seconds = json.loads(line)
                self.done |= {key: (value, seconds)} if state == self.state else {}

    def add(self, key: str, value: float, seconds: float) -> None:
        """Note one result, at once and for good."""
        self.done[key] = value, seconds
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write("\n" + json.dumps([self.state, key, value, seconds]))


def fingerprint() -> str:
    """A hash of all that the numbers depend on: this file, EPLL and patches, the weights, and the peers' versions."""
    sources = [path for folder in ("restoration", "patches") for path in (PACKAGE / folder).glob("*.py")]
    weights = PACKAGE / "pretrained" / "weights" / "gmm-200-bsds.safetensors"
    together = hashlib.sha256()
    for path in sorted([*sources, weights, Path(__file__)]):
        together.update(path.read_bytes())
    for module, peer in PEERS.items():
        together.update(version(peer).encode() if find_spec(module) else b"none")
    return together.hexdigest()


def noisy(truth: np.ndarray, sigma: float, seed: int) -> np.ndarray:
    """The picture in white noise."""
    return truth + sigma * np.random.default_rng(seed).standard_normal(truth.shape)
