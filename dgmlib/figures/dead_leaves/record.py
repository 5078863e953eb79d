"""Measure what two figures and three tables show: ``python -m dgmlib.figures.dead_leaves.record``.

On 150,000 random 8×8 patches of 180 BSDS300 training photographs, and 20,000 of the 68 test photographs, in the
63-dimensional protocol of ``dgmlib.pretrained.patches``; and on as many mini dead leaves, whose texture is the Gaussian
scale mixture of the training patches and whose mean and last pixel are dropped as well. Mixtures learn by three passes
of stepwise EM and then four steps of EM. Beside them the shipped mixture of 200, which learned from a million patches.
Seed 0, one thread, five minutes. Written to ``recorded.npz``.
"""

import math
from collections.abc import Callable

import numpy as np
import torch

from dgmlib import pretrained
from dgmlib.data.store import save
from dgmlib.figures.dead_leaves.recorded import KINDS, PATH, PRIORS, SIGMA, SIZES
from dgmlib.latent.mixture import GaussianMixture
from dgmlib.patches import (
    GaussianMixturePrior,
    PatchPrior,
    ScaleMixturePrior,
    denoise_patches,
    from_plane,
    from_protocol,
    gaussian_prior,
    ica_prior,
    independent_pixels,
    mini_dead_leaves,
    pca_prior,
    to_plane,
)
from dgmlib.patches.leaf_density import mini_dead_leaves_log_prob
from dgmlib.patches.plane import protocol_volume
from dgmlib.pretrained.patches import bsds300_patches
from dgmlib.restoration import psnr
from dgmlib.restoration.shipped import NAME

N_TRAIN, N_TEST, N_SIMPLE, N_EXACT = 150_000, 20_000, 40_000, 2000
N_SAMPLES = 24
BRIGHTNESS, EDGE_SHARES = (0.03, 0.05, 0.1, 0.2), (0.3, 0.5, 0.7, 0.9)
Measured = dict[str, np.ndarray]


def main() -> None:
    """Measure all, write one file."""
    torch.set_num_threads(1)
    train, _, test = bsds300_patches(N_TRAIN, 1, N_TEST)
    save(PATH, measure(from_protocol(train), from_protocol(test)))


def measure(train: np.ndarray, test: np.ndarray) -> Measured:
    """Everything, from natural patches on the plane, (n, 63) each."""
    mixtures = {k: mixture(train, k) for k in SIZES}
    shipped = GaussianMixturePrior.from_mixture(pretrained.load(NAME), protocol=True)
    leaf = leaves(train)
    learned = {"natural": priors(train, mixtures[50])}
    examples = {"natural": test, "leaves": leaf.pop("test")}
    learned["leaves"] = priors(leaf["train"], mixture(leaf.pop("train"), 50))
    return {
        **by_size(mixtures, train, test),
        "shipped": np.array(score(shipped.log_prob, test)),
        **few(mixtures[5]),
        **crossed(learned, examples),
        "psnr": restored([*learned["natural"], shipped], test),
        **beside_leaves(leaf, rivals(learned, shipped), examples),
    }


def mixture(z: np.ndarray, k: int) -> GaussianMixturePrior:
    """K Gaussians without mean: three passes in batches, then four steps over all.

    From random seeds, for k-means++ prefers patches like no other, whose components soon have nothing to do.
    """
    model, generator = GaussianMixture(k, zero_means=True), torch.Generator().manual_seed(0)
    model.fit(z, init="random", batch_size=10_000, max_iter=3, tol=-math.inf, generator=generator)
    return GaussianMixturePrior.from_mixture(model.fit(z, init=model, max_iter=4, tol=-math.inf))


def by_size(mixtures: dict[int, GaussianMixturePrior], train: np.ndarray, test: np.ndarray) -> Measured:
    """Scores of each mixture, and patches drawn from it."""
    rng, scores = np.random.default_rng(1), [score(m.log_prob, test) for m in mixtures.values()]
    own = [score(m.log_prob, train[:N_TEST])[0] for m in mixtures.values()]
    drawn = [grey(from_plane(m.sample(N_SAMPLES, rng=rng))) for m in mixtures.values()]
    held_out, error = np.array(scores).T
    return {"held_out": held_out, "error": error, "own": np.array(own), "samples": np.array(drawn)}


def few(mixture: GaussianMixturePrior) -> Measured:
    """The parameters of a small mixture: weights and lower triangles of the covariances, the likeliest first."""
    order, (i, j) = np.argsort(-mixture.weights), np.tril_indices(mixture.n_dims)
    triangles = mixture.covariances[order][:, i, j].astype(np.float32)
    return {"few_weights": mixture.weights[order], "few_triangles": triangles}


def leaves(train: np.ndarray) -> dict:
    """Mini dead leaves fitted to natural patches: a texture, then the likeliest brightness and share of edges."""
    rng = np.random.default_rng(2)
    texture = ScaleMixturePrior.fit(train[:N_SIMPLE].astype(float), rng=rng)
    some = train[: N_EXACT // 10]
    tried = {
        (b, e): mini_dead_leaves_log_prob(some, texture, brightness=b, edge_share=e).mean()
        for b in BRIGHTNESS
        for e in EDGE_SHARES
    }
    settings = dict(zip(("brightness", "edge_share"), max(tried, key=tried.get), strict=True))
    pixels = mini_dead_leaves(N_TRAIN + N_TEST, texture, rng=rng, **settings)
    z = to_plane(pixels)[0].astype(np.float32)
    return {"texture": texture, **settings, "train": z[:N_TRAIN], "test": z[N_TRAIN:]}


def priors(z: np.ndarray, large: GaussianMixturePrior) -> list[PatchPrior]:
    """One of each of ``PRIORS``; the simple ones learn from fewer patches, which is enough for them."""
    z, rng = z[:N_SIMPLE].astype(float), np.random.default_rng(3)
    return [
        independent_pixels(z),
        gaussian_prior(z),
        pca_prior(z),
        ica_prior(z, rng=rng),
        ScaleMixturePrior.fit(z, rng=rng),
        ScaleMixturePrior.fit(z, 8, rng=rng, n_steps=20),
        large,
    ]


def crossed(learned: dict[str, list[PatchPrior]], examples: dict[str, np.ndarray]) -> Measured:
    """Each prior of each school on both kinds of held-out patches."""
    table = [
        [[score(prior.log_prob, examples[kind].astype(float)) for kind in KINDS] for prior in learned[school]]
        for school in KINDS
    ]
    nats, errors = np.moveaxis(np.array(table), -1, 0)
    return {"nats": nats, "errors": errors}


def restored(learned: list[PatchPrior], test: np.ndarray) -> np.ndarray:
    """PSNR in dB of held-out patches seen in noise, by MAP and by posterior mean, (n, 2)."""
    truth = from_plane(test[: N_TEST // 4].astype(float))
    noisy = truth + SIGMA * np.random.default_rng(4).standard_normal(truth.shape)
    estimates = [
        [denoise_patches(noisy, prior, sigma=SIGMA, method=method) for method in ("map", "mean")] for prior in learned
    ]
    return np.array([[psnr(x, truth) for x in pair] for pair in estimates])


def rivals(learned: dict[str, list[PatchPrior]], shipped: PatchPrior) -> list[PatchPrior]:
    """The priors of ``RIVALS``."""
    gsm, gmm = PRIORS.index("GSM"), PRIORS.index("GMM, K = 50")
    return [shipped, learned["natural"][gmm], learned["leaves"][gmm], learned["natural"][gsm]]


def beside_leaves(leaf: dict, priors: list[PatchPrior], examples: dict[str, np.ndarray]) -> Measured:
    """The exact density of mini dead leaves, and the rivals' scores beside it on the very same patches."""
    settings = {name: leaf[name] for name in ("brightness", "edge_share")}
    some = [examples[kind][:N_EXACT].astype(float) for kind in KINDS]
    exact = [mini_dead_leaves_log_prob(z, leaf["texture"], **settings) for z in some]
    gaps = [[prior.log_prob(z) - p for z, p in zip(some, exact, strict=True)] for prior in priors]
    return {
        "leaf_nats": np.array([p.mean() for p in exact]) + protocol_volume(some[0].shape[1]),
        "gaps": np.mean(gaps, axis=2),
        "gap_errors": np.std(gaps, axis=2, ddof=1) / math.sqrt(N_EXACT),
        **{name: np.float64(value) for name, value in settings.items()},
    }


def score(log_prob: Callable[[np.ndarray], np.ndarray], z: np.ndarray) -> tuple[float, float]:
    """Mean in nats on the scale of published scores, and its standard error."""
    values = log_prob(z)
    return values.mean() + protocol_volume(z.shape[1]), values.std(ddof=1) / math.sqrt(len(z))


def grey(patches: np.ndarray) -> np.ndarray:
    """Patches without mean, (n, 64), as pictures around mid-grey, (n, 8, 8) uint8."""
    return np.rint(128 + 255 * patches).clip(0, 255).astype(np.uint8).reshape(-1, 8, 8)


if __name__ == "__main__":
    main()
