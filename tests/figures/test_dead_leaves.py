"""What the figures of lecture 11 show besides what its claims check."""

import numpy as np
import pytest

from dgmlib.figures import dead_leaves as figures
from dgmlib.figures.dead_leaves import record
from dgmlib.figures.dead_leaves.generator import differences, leaves
from dgmlib.patches import to_plane


def wave(angle, wavelength):
    """The covariance on the plane of plane waves of any phase, across this angle."""
    line = np.arange(8) - 3.5
    along = np.cos(np.radians(angle)) * line + np.sin(np.radians(angle)) * line[:, None]
    phase = 2 * np.pi * along.ravel() / wavelength
    z, _ = to_plane(np.array([np.cos(phase), np.sin(phase)]))
    return z.T @ z / 2


@pytest.mark.parametrize("angle", [0, 30, 45, 90, 135, 170])
@pytest.mark.parametrize("wavelength", [5.0, 8.0])
def test_shape_of_a_plane_wave(angle, wavelength):
    """Its direction is found, it is coherent, its wavelength comes out but for what a pixel's width smooths away."""
    shape = figures.shapes(wave(angle, wavelength)[None])
    assert abs((shape.angle[0] - angle + 90) % 180 - 90) < 2
    assert shape.coherence[0] > 0.95
    assert shape.wavelength[0] == pytest.approx(wavelength, rel=0.2)


def test_white_noise_has_no_direction():
    assert figures.shapes(np.eye(63)[None]).coherence[0] < 1e-9


def test_eigenvectors_are_patches_of_length_one_without_mean():
    v = figures.eigenvectors(3)
    np.testing.assert_allclose(v @ v.T, np.eye(16), atol=1e-10)
    assert abs(v.mean(1)).max() < 1e-12
    assert (np.take_along_axis(v, abs(v).argmax(1)[:, None], 1) > 0).all()


def test_contrast_and_concentration_describe_the_samples():
    """Of 20,000 samples, within two per cent."""
    x = figures.samples(9, 20_000)
    assert np.sqrt((x**2).mean()) == pytest.approx(figures.contrast(9), rel=0.02)
    five = figures.eigenvectors(9, 5)
    assert ((x @ five.T) ** 2).sum() / (x**2).sum() == pytest.approx(figures.concentration(9), rel=0.02)


def test_the_likeliest_component_comes_first():
    weights = figures.by_weight().weights
    assert (np.diff(weights) <= 0).all()
    assert max(figures.component_browser.controls["k"].stops) <= figures.n_live() <= len(weights)


def test_a_component_shares_everything_with_itself():
    few = figures.few()
    assert figures.price_of_sharing(few.covariances[2], few.axes[2]) == pytest.approx(0, abs=1e-9)
    assert figures.factor(4 * few.spectra[0], few.spectra[0]) == pytest.approx((4, 0))
    assert "itself" in figures.shared_eigenvectors.caption(which="few", first=2, second=2)


def test_contrast_changes_the_picture_and_not_the_law_of_differences():
    full, faint = (figures.dead_leaves_generator.tables(contrast=c) for c in (1.0, 0.2))
    assert full["picture"] != faint["picture"]
    assert full["leaves"] == faint["leaves"]


def test_differences_are_those_of_neighbours_in_their_rms():
    picture = np.array([[0.0, 1.0], [3.0, 3.0]])
    np.testing.assert_allclose(differences(picture), np.array([1, 0, 3, 2]) / np.sqrt(3.5))


def test_occlusion_makes_heavy_tails():
    assert figures.kurtosis(leaves(3.0, True, 0)) > 2 * figures.kurtosis(leaves(3.0, False, 0))


def test_a_line_that_misses_leaves_one_texture():
    _, back, patch = figures.leaf(30, 6.0, 2.0**-5)
    assert (patch == back).all()
    assert "flat" in figures.mini_leaves.caption(offset=6.0)


def test_a_natural_patch_finds_itself():
    likest = figures.nearest(figures.leaf(0, 0.0, 2.0**-5)[2])[0][0]
    correlation = figures.nearest(likest)[1]
    assert correlation[0] == pytest.approx(1)
    assert (np.diff(correlation) <= 0).all()


def test_the_record_is_complete():
    kept, n = figures.recorded(), len(figures.SIZES)
    assert kept["held_out"].shape == kept["error"].shape == kept["own"].shape == (n,)
    assert kept["samples"].shape == (n, 24, 8, 8)
    assert kept["shipped"].shape == (2,)
    assert kept["nats"].shape == (2, len(figures.PRIORS), 2)
    assert kept["gaps"].shape == kept["gap_errors"].shape == (len(figures.RIVALS), 2)
    assert (kept["own"] > kept["held_out"]).all()


def test_the_record_can_be_made_again(monkeypatch):
    """All of it in little, from the package's photographs: the same arrays, of the same shapes, in a sensible order."""
    settings = {
        "N_TRAIN": 1500,
        "N_TEST": 300,
        "N_SIMPLE": 600,
        "N_EXACT": 20,
        "BRIGHTNESS": (0.1,),
        "EDGE_SHARES": (0.5,),
    }
    for name, value in settings.items():
        monkeypatch.setattr(record, name, value)
    z, _ = to_plane(figures.natural_patches(1800, seed=9))
    mixtures = {k: record.mixture(z[:1500], k) for k in (1, 3)}
    scores = record.by_size(mixtures, z[:1500], z[1500:])
    assert scores["held_out"][1] > scores["held_out"][0]
    leaf = record.leaves(z[:1500])
    assert leaf["train"].shape == (1500, 63) and leaf["test"].shape == (300, 63)
    measured = record.beside_leaves(leaf, [mixtures[3]] * 4, {"natural": z[1500:], "leaves": leaf["test"]})
    assert measured["gaps"].shape == (4, 2) and (measured["gaps"][:, 1] < 0).all()
