"""Dead leaves, mini and full: what they promise about flat patches, edges, shades and sizes."""

import numpy as np
import pytest

from dgmlib.patches import GaussianMixturePrior, dead_leaves, mini_dead_leaves, transparent_leaves

TEXTURE = GaussianMixturePrior(np.ones(1), 1e-6 * np.eye(63)[None])


def sides(patches):
    """Patches rounded to shades: how many a patch has, (n,)."""
    return np.array([len(np.unique(np.round(p, 1))) for p in patches])


def test_flat_patches_have_the_textures_covariance_and_the_asked_brightness():
    texture = GaussianMixturePrior(np.ones(1), np.diag(np.linspace(0.1, 2, 63))[None])
    x = mini_dead_leaves(20_000, texture, rng=np.random.default_rng(0), brightness=0.3, edge_share=0)
    assert x.shape == (20_000, 64)
    assert x.mean(1).std() == pytest.approx(0.3, rel=0.03)
    centred = x - x.mean(1, keepdims=True)
    assert (centred**2).sum(1).mean() == pytest.approx(np.linspace(0.1, 2, 63).sum(), rel=0.02)


def test_edges_split_a_patch_into_two_flat_halves_by_a_straight_line():
    """Without texture an edge patch has two shades, and no line of pixels changes shade twice."""
    x = mini_dead_leaves(500, TEXTURE, rng=np.random.default_rng(1), brightness=100, edge_share=1).reshape(-1, 8, 8)
    front = abs(x - x[:, :1, :1]) < 1
    both = ~front.all((1, 2))
    assert both.mean() > 0.95
    changes = (front[:, 1:] != front[:, :-1]).sum(1), (front[:, :, 1:] != front[:, :, :-1]).sum(2)
    assert max(c.max() for c in changes) == 1


def test_the_share_of_edges_is_the_asked_one():
    x = mini_dead_leaves(4000, TEXTURE, rng=np.random.default_rng(2), brightness=100, edge_share=0.5)
    alone = mini_dead_leaves(4000, TEXTURE, rng=np.random.default_rng(3), brightness=100, edge_share=1)
    share = ((x.max(1) - x.min(1)) > 1).mean() / ((alone.max(1) - alone.min(1)) > 1).mean()
    assert share == pytest.approx(0.5, abs=0.04)


def test_lines_of_all_angles_and_distances_cross_the_patch():
    """By symmetry, every pixel lies behind the line equally often as its mirror images."""
    x = mini_dead_leaves(30_000, TEXTURE, rng=np.random.default_rng(4), brightness=100, edge_share=1).reshape(-1, 8, 8)
    same = (abs(x - x[:, :1, :1]) < 1).mean(0)
    assert same[0, 7] == pytest.approx(same[7, 0], abs=0.015)
    assert same[7, 7] < same[0, 7] < same[0, 1]


def test_the_ground_is_hidden_and_shades_are_uniform():
    pictures = [dead_leaves(40, rng=np.random.default_rng(i), largest=10) for i in range(20)]
    shades = np.concatenate([np.unique(p) for p in pictures])
    assert all(((p >= 0) & (p <= 1)).all() for p in pictures)
    assert shades.mean() == pytest.approx(0.5, abs=0.03)
    assert shades.std() == pytest.approx(12**-0.5, abs=0.02)


def test_leaves_are_disks_of_the_asked_radii():
    """No leaf reaches further than its diameter, and with large leaves only there are few."""
    few = dead_leaves(64, rng=np.random.default_rng(0), smallest=20, largest=30)
    many = dead_leaves(64, rng=np.random.default_rng(0), smallest=2, largest=3)
    assert len(np.unique(few)) * 8 < len(np.unique(many))
    for shade in np.unique(many):
        rows, columns = np.nonzero(many == shade)
        assert max(np.ptp(rows), np.ptp(columns)) <= 6


def test_a_visible_leaf_on_top_is_round():
    """The first leaf lies on top, whole: pixels of its shade are those within its radius, seen by area and reach."""
    picture = dead_leaves(64, rng=np.random.default_rng(3), smallest=8, largest=9)
    areas = [(picture == shade).sum() for shade in np.unique(picture)]
    assert np.pi * 8**2 * 0.95 < max(areas) < np.pi * 9**2 * 1.05


@pytest.mark.parametrize("exponent", [2.0, 3.0, 4.0])
def test_radii_follow_the_power_law(exponent):
    """The median of p(r) ∝ r^−a on [2, 64], in closed form."""
    from dgmlib.patches.dead_leaves import _radius

    radii = _radius(np.random.default_rng(5).random(200_000), 2.0, 64.0, exponent)
    c = 1 - exponent
    median = ((2**c + 64**c) / 2) ** (1 / c)
    assert np.median(radii) == pytest.approx(median, rel=0.01)
    assert radii.min() >= 2
    assert radii.max() <= 64


def kurtosis(picture):
    """Of the differences between neighbouring pixels, 3 for a Gaussian."""
    differences = np.diff(picture).ravel()
    return (differences**4).mean() / (differences**2).mean() ** 2


def test_leaves_that_hide_nothing_add_up_to_a_gaussian():
    """Same disks: sums have Gaussian differences, hidden leaves heavy tails; mean and spread are those of shades."""
    settings = {"smallest": 4.0, "largest": 8.0}
    sums = [transparent_leaves(64, rng=np.random.default_rng(i), **settings) for i in range(3)]
    hidden = [dead_leaves(64, rng=np.random.default_rng(i), **settings) for i in range(3)]
    # Few leaves have their rim between two neighbours: a little above a Gaussian's 3.
    assert np.mean([kurtosis(p) for p in sums]) == pytest.approx(3.3, abs=0.3)
    assert min(kurtosis(p) for p in hidden) > 8
    assert all(abs(p.mean() - 0.5) < 1e-12 and abs(p.std() - 12**-0.5) < 1e-12 for p in sums)


def test_transparent_leaves_are_disks():
    """With one leaf on the picture there are two shades, and the lighter or darker one is round."""
    p = transparent_leaves(32, rng=np.random.default_rng(8), smallest=6, largest=7, n_leaves=2)
    assert len(np.unique(np.round(p, 9))) in (2, 3)


def test_bad_settings_are_named():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="the ground still shows"):
        dead_leaves(32, rng=rng, max_leaves=2)
    with pytest.raises(ValueError, match="smallest < largest"):
        dead_leaves(32, rng=rng, smallest=20)
    with pytest.raises(ValueError, match="none falls on the picture"):
        transparent_leaves(32, rng=rng, n_leaves=0)
    with pytest.raises(ValueError, match="exponent > 1"):
        dead_leaves(32, rng=rng, exponent=1)
    with pytest.raises(ValueError, match="share from 0 to 1"):
        mini_dead_leaves(5, TEXTURE, rng=rng, edge_share=2)
