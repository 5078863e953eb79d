"""A mixture of 20 Gaussians that travels with the package, learned from its own ten pictures.

    small_mixture()                         the prior, for 8×8 patches
    python -m dgmlib.patches.small          learns it again: 60,000 patches, 30 steps of EM, seed 0, two minutes

Kept as the lower triangles of its covariances on the plane, single precision. It is for trying things without further
data: ten pictures of 256×256 pixels, four of them textures, are no sample of all that one photographs.
"""

from functools import cache
from pathlib import Path

import numpy as np

from dgmlib.data.assets import read_arrays as read_data
from dgmlib.data.store import read_npz, save
from dgmlib.patches.extraction import extract
from dgmlib.patches.mixture import GaussianMixturePrior
from dgmlib.patches.plane import to_plane
from dgmlib.patches.scale_mixture import ScaleMixturePrior

FILE = Path(__file__).parent / "assets" / "gmm-20-natural-images.npz"
N_COMPONENTS, N_PATCHES, N_STEPS, SEED = 20, 60_000, 30, 0


@cache
def small_mixture() -> GaussianMixturePrior:
    """The prior: 20 Gaussians without mean on the plane of 8×8 patches."""
    arrays = read_npz(FILE)
    weights, triangles = arrays["weights"].astype(float), arrays["triangles"].astype(float)
    d = int((2 * triangles.shape[1]) ** 0.5)
    covariances = np.empty((len(weights), d, d))
    i, j = np.tril_indices(d)
    covariances[:, i, j] = covariances[:, j, i] = triangles
    return GaussianMixturePrior(weights / weights.sum(), covariances)


def learn(n_patches: int, n_components: int, n_steps: int, rng: np.random.Generator) -> GaussianMixturePrior:
    """EM on random patches of the package's pictures, grey values jittered by what rounding hides."""
    images = read_data("natural_images.npz")["images"]
    patches = np.concatenate(
        [rng.choice(extract(image), n_patches // len(images), replace=False) for image in images.astype(float)]
    )
    z, _ = to_plane((patches + rng.random(patches.shape)) / 256)
    return ScaleMixturePrior.fit(z, n_components, scales=(1.0,), rng=rng, n_steps=n_steps)


def main() -> None:
    """Learn and write."""
    prior = learn(N_PATCHES, N_COMPONENTS, N_STEPS, np.random.default_rng(SEED))
    i, j = np.tril_indices(prior.n_dims)
    triangles = prior.covariances[:, i, j].astype(np.float32)
    save(FILE, {"weights": prior.weights.astype(np.float32), "triangles": triangles})
    print(FILE)


if __name__ == "__main__":
    main()
