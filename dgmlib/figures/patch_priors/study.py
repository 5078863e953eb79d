"""The experiment behind "better priors restore better": fit many priors to the same patches, measure each three ways.

    learn      50,000 patches of the BSDS300 training photographs
    nats       mean log-density of 20,000 patches of the 68 test photographs, 63 numbers each
               (``dgmlib.pretrained.patches``)
    patches    PSNR of 5,000 of their patches in noise of σ = 25 of 255, by MAP and by posterior mean
    pictures   mean PSNR of the middles, 128×128, of five of them in the same noise, by EPLL and by averaging patches
               that were each restored alone

RNADE and the mixture of 200 Gaussians are those that the book ships (``dgmlib.pretrained``): they have seen more
patches, and the table says how many parameters each prior has. RNADE's MAP is what ``SEARCH`` steps find, of those
tried (10, 30, 100) the number that restored these very patches best: a longer search finds likelier patches, and worse
ones.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch

from dgmlib.data import load_bsd68
from dgmlib.figures.patch_priors.pictures import averaged, noisy
from dgmlib.latent.mixture import GaussianMixture
from dgmlib.patches import (
    GaussianMixturePrior,
    PatchPrior,
    ScaleMixturePrior,
    denoise_patches,
    extract,
    from_protocol,
    gaussian_prior,
    ica_prior,
    independent_pixels,
    pca_prior,
    protocol_log_prob,
)
from dgmlib.patches.rnade import RNADEPrior
from dgmlib.pretrained import load
from dgmlib.pretrained.patches import bsds300_patches
from dgmlib.restoration import epll, psnr
from dgmlib.restoration.shipped import shipped_prior

SIGMA = 25 / 255
N_TRAIN, N_SCORED, N_DENOISED = 50_000, 20_000, 5_000
TESTED, SIDE = (0, 15, 30, 45, 60), 128  # of the 68 photographs, and what is cut from their middle
SIZES = (5, 20, 50)
N_SHAPES, N_FOR_SCALES, N_STEPS = 10, 20_000, 30
SEARCH, PARTICLES = 30, 1000

Row = dict[str, str | int | float]


@dataclass(frozen=True)
class Material:
    """What every prior is measured on: patches of 63 numbers; patches and pictures from 0 to 1, clean and noisy."""

    scored: np.ndarray
    patches: np.ndarray
    noisy_patches: np.ndarray
    pictures: list[np.ndarray]
    noisy_pictures: list[np.ndarray]


def priors(v: np.ndarray, seed: int) -> Iterator[tuple[str, PatchPrior]]:
    """Name and prior, fitted to patches without mean and last pixel, (n, 63)."""
    z, rng = from_protocol(v.astype(float)), np.random.default_rng(seed)
    yield "independent pixels", independent_pixels(z)
    yield "Gaussian", gaussian_prior(z)
    yield "PCA", pca_prior(z)
    yield "ICA", ica_prior(z, rng=rng)
    scales = partial(ScaleMixturePrior.fit, z[:N_FOR_SCALES], rng=rng, n_steps=N_STEPS)
    yield "GSM", scales(1)
    yield f"{N_SHAPES} GSMs", scales(N_SHAPES)
    for size in SIZES:
        # k-means++ would prefer patches like no other, whose components soon have nothing to do.
        generator = torch.Generator().manual_seed(seed)
        fitted = GaussianMixture(size, zero_means=True).fit(z, init="random", generator=generator)
        yield f"GMM {size}", GaussianMixturePrior.from_mixture(fitted)
    yield "RNADE", RNADEPrior(load("rnade-bsds"), protocol=True, n_steps=SEARCH, n_particles=PARTICLES, seed=seed)
    if len((large := shipped_prior()).weights) > max(SIZES):
        yield f"GMM {len(large.weights)}", large


def material(scored: np.ndarray, seed: int) -> Material:
    """The 68 photographs' patches and middles, with noise."""
    rng, photographs = np.random.default_rng(seed), [image / 255 for image in load_bsd68()]
    patches = np.concatenate(
        [rng.choice(extract(image), N_DENOISED // len(photographs) + 1, replace=False) for image in photographs]
    )
    pictures = [middle(photographs[i]) for i in TESTED]
    observed = [noisy(picture, SIGMA, seed + i) for i, picture in enumerate(pictures)]
    return Material(scored, patches, noisy(patches, SIGMA, seed), pictures, observed)


def middle(image: np.ndarray) -> np.ndarray:
    """``SIDE`` pixels square."""
    r, c = ((n - SIDE) // 2 for n in image.shape)
    return image[r : r + SIDE, c : c + SIDE]


def measure(name: str, prior: PatchPrior, on: Material) -> Row:
    """One row of the table."""
    scores = protocol_log_prob(prior, on.scored)
    pairs = list(zip(on.noisy_pictures, on.pictures, strict=True))
    found = {
        "nats": scores.mean(),
        "nats, standard error": scores.std(ddof=1) / len(scores) ** 0.5,
        **{
            f"patches, {method}": psnr(denoise_patches(on.noisy_patches, prior, sigma=SIGMA, method=method), on.patches)
            for method in ("map", "mean")
        },
        "pictures, averaged": np.mean([psnr(averaged(y, prior, SIGMA), x) for y, x in pairs]),
        "pictures, epll": np.mean([psnr(epll(y, None, prior, sigma=SIGMA), x) for y, x in pairs]),
    }
    return {"prior": name, "parameters": prior.num_parameters, **{k: round(float(v), 3) for k, v in found.items()}}


def study(seed: int) -> Iterator[tuple[Row, PatchPrior]]:
    """Fit and measure one prior after the other."""
    train, _, scored = bsds300_patches(N_TRAIN, 1, N_SCORED, seed=seed)
    on = material(scored, seed)
    for name, prior in priors(train, seed):
        yield measure(name, prior, on), prior
