"""The mixture that travels with the package."""

import numpy as np

from dgmlib.data import load_natural_images
from dgmlib.patches import denoise_patches, extract
from dgmlib.patches.small import FILE, learn, small_mixture
from dgmlib.restoration import psnr


def test_it_is_small_and_knows_pictures():
    """Under 300 kB; better at patches than a Gaussian of the same covariance, and than noise."""
    prior = small_mixture()
    assert FILE.stat().st_size < 300_000
    assert (len(prior.weights), prior.n_dims) == (20, 63)
    clean = extract(load_natural_images()["camera"] / 255)[::37]
    noisy = clean + 0.1 * np.random.default_rng(0).standard_normal(clean.shape)
    assert psnr(denoise_patches(noisy, prior, sigma=0.1), clean) > 20 + 6


def test_the_command_learns_what_it_says():
    prior = learn(2000, 3, 2, np.random.default_rng(0))
    assert prior.covariances.shape == (3, 63, 63)
    again = learn(2000, 3, 2, np.random.default_rng(0))
    assert np.array_equal(prior.covariances, again.covariances)
