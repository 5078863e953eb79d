"""The plane of patches without mean: an isometry, its inverse, and the published coordinates."""

import numpy as np
import pytest

from dgmlib.patches.plane import from_plane, from_protocol, protocol_matrix, protocol_volume, to_plane
from dgmlib.patches.prior import protocol_log_prob
from dgmlib.patches.scale_mixture import gaussian_prior


@pytest.mark.parametrize("d", [4, 9, 64])
def test_coordinates_are_an_isometry_and_lose_nothing(d):
    patches = np.random.default_rng(0).random((50, d))
    z, mean = to_plane(patches)
    np.testing.assert_allclose(from_plane(z, mean), patches, atol=1e-12)
    np.testing.assert_allclose(mean, patches.mean(1), atol=1e-12)
    centred = patches - patches.mean(1, keepdims=True)
    np.testing.assert_allclose(z @ z.T, centred @ centred.T, atol=1e-12)


def test_coordinates_are_nearly_pixels():
    """z_i = x_i + x_64 / 7 for a patch without mean."""
    patches = np.random.default_rng(1).random((10, 64))
    centred = patches - patches.mean(1, keepdims=True)
    np.testing.assert_allclose(to_plane(patches)[0], centred[:, :-1] + centred[:, -1:] / 7, atol=1e-12)


@pytest.mark.parametrize("d", [4, 64])
def test_published_coordinates_lead_to_the_same_point_and_the_stated_volume(d):
    patches = np.random.default_rng(2).random((10, d))
    v = (patches - patches.mean(1, keepdims=True))[:, :-1]
    np.testing.assert_allclose(from_protocol(v), to_plane(patches)[0], atol=1e-12)
    np.testing.assert_allclose(v @ protocol_matrix(d - 1).T, from_protocol(v), atol=1e-12)
    assert np.linalg.slogdet(protocol_matrix(d - 1))[1] == pytest.approx(protocol_volume(d - 1))


def test_scores_in_published_coordinates_are_densities_there():
    """A Gaussian fitted to v directly, and one fitted on the plane, give v the same density."""
    patches = np.random.default_rng(3).random((500, 9)) @ np.random.default_rng(4).random((9, 9))
    v = (patches - patches.mean(1, keepdims=True))[:, :-1]
    direct, on_plane = gaussian_prior(v, ridge=0), gaussian_prior(from_protocol(v), ridge=0)
    np.testing.assert_allclose(protocol_log_prob(on_plane, v), direct.log_prob(v), rtol=1e-8)
