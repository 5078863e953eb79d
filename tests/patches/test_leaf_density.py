"""The exact density of mini dead leaves: against the mixture it is, written out, and against its samples."""

import itertools

import numpy as np
import pytest

from dgmlib.patches import GaussianMixturePrior, ScaleMixturePrior, mini_dead_leaves, to_plane
from dgmlib.patches.dead_leaves import half_planes
from dgmlib.patches.leaf_density import edges, mini_dead_leaves_log_prob
from dgmlib.patches.plane import from_plane


def texture(side: int, rng: np.random.Generator) -> ScaleMixturePrior:
    d = side * side - 1
    root = rng.standard_normal((d, d))
    return ScaleMixturePrior(np.array([[0.5, 0.3, 0.2]]), np.array([0.01, 0.1, 1.0]), (0.02 * root @ root.T)[None])


def written_out(leaf: ScaleMixturePrior, side: int, brightness: float, edge_share: float) -> GaussianMixturePrior:
    """One Gaussian per edge and pair of scales, and one per scale of a flat patch."""
    masks, shares = edges(side)
    basis = from_plane(np.eye(leaf.n_dims))  # (d − 1, d): the plane's axes as patches
    spread = basis.T @ leaf.shapes[0] @ basis
    flat = edge_share * (1 - shares.sum()) + 1 - edge_share
    weights, covariances = list(flat * leaf.shares[0]), [s * leaf.shapes[0] for s in leaf.scales]
    for mask, share in zip(masks, shares, strict=True):
        for m, n in itertools.product(range(len(leaf.scales)), repeat=2):
            covariance = np.zeros_like(spread)
            for side_, scale in ((mask, leaf.scales[m]), (~mask, leaf.scales[n])):
                covariance += np.outer(side_, side_) * (scale * spread + brightness**2)
            weights.append(edge_share * share * leaf.shares[0, m] * leaf.shares[0, n])
            covariances.append(basis @ covariance @ basis.T)
    return GaussianMixturePrior(np.array(weights) / sum(weights), np.array(covariances))


@pytest.mark.parametrize("side", [2, 3])
def test_it_is_the_mixture_of_all_edges_and_pairs_of_scales(side):
    rng = np.random.default_rng(side)
    leaf = texture(side, rng)
    z, _ = to_plane(mini_dead_leaves(50, leaf, rng=rng, brightness=0.3, edge_share=0.6))
    expected = written_out(leaf, side, 0.3, 0.6).log_prob(z)
    np.testing.assert_allclose(
        mini_dead_leaves_log_prob(z, leaf, brightness=0.3, edge_share=0.6), expected, rtol=0, atol=1e-9
    )


def test_samples_have_this_density():
    """On 2×2 pixels, E_p[q/p] = 1 for a density q that is nowhere much greater, within 4 standard errors."""
    rng = np.random.default_rng(3)
    leaf = texture(2, rng)
    z, _ = to_plane(mini_dead_leaves(40_000, leaf, rng=rng, brightness=0.3))
    narrow = GaussianMixturePrior(np.ones(1), 0.3 * leaf.shapes * leaf.scales[1])
    ratio = np.exp(narrow.log_prob(z) - mini_dead_leaves_log_prob(z, leaf, brightness=0.3))
    assert abs(ratio.mean() - 1) < 4 * ratio.std() / len(z) ** 0.5 < 0.1


@pytest.mark.parametrize(("side", "n"), [(2, 6), (3, 28), (4, 86)])
def test_a_line_splits_few_pixels_in_few_ways(side, n):
    """How often a line splits n×n points is known, OEIS A114043 less one; shares are those of random lines."""
    masks, shares = edges(side)
    assert len(masks) == n
    rng = np.random.default_rng(0)
    drawn = half_planes(rng.uniform(0, 2 * np.pi, 50_000), rng.uniform(-side / 2, side / 2, 50_000), side)
    drawn ^= drawn[:, :1]
    for mask, share in zip(masks, shares, strict=True):
        assert (drawn == mask).all(1).mean() == pytest.approx(share, abs=0.008)
    assert masks.any(1).all() and not masks[:, 0].any()


def test_bad_settings_are_named():
    leaf = texture(2, np.random.default_rng(0))
    z = np.zeros((1, 3))
    with pytest.raises(ValueError, match="got 2 shapes"):
        mini_dead_leaves_log_prob(z, ScaleMixturePrior(np.full((2, 1), 0.5), np.ones(1), np.stack([np.eye(3)] * 2)))
    with pytest.raises(ValueError, match="number > 0"):
        mini_dead_leaves_log_prob(z, leaf, brightness=0)
    with pytest.raises(ValueError, match="between 0 and 1"):
        mini_dead_leaves_log_prob(z, leaf, edge_share=1)
