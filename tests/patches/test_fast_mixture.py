"""The approximated mixture: its tree, its flat tails, and how seldom it is wrong."""

from itertools import pairwise

import numpy as np
import pytest

from dgmlib.patches import GaussianMixturePrior
from dgmlib.patches.fast_mixture import FastMixture, Nodes, build_tree, divergences, pair_up

D = 8


def mixture(n=60, *, centred=True, seed=0):
    """Zero-mean Gaussians of very different shapes and sizes, as those of patches are."""
    rng = np.random.default_rng(seed)
    a = rng.normal(size=(n, D, D)) * np.exp(-np.arange(D) / 2) * np.exp(rng.normal(size=(n, 1, 1)))
    means = np.zeros((n, D)) if centred else rng.normal(size=(n, D))
    return GaussianMixturePrior(rng.dirichlet(np.full(n, 5.0)), a @ a.transpose(0, 2, 1) + 1e-3 * np.eye(D), means)


def nodes(m):
    return Nodes(m.weights, m.means, m.covariances, np.zeros(len(m.weights), int))


def test_divergences_are_those_of_the_formula():
    """Symmetric Kullback-Leibler divergence, pair by pair."""
    m = mixture(5, centred=False)
    for a in range(5):
        for b in range(5):
            ca, cb, shift = m.covariances[a], m.covariances[b], m.means[a] - m.means[b]
            ia, ib = np.linalg.inv(ca), np.linalg.inv(cb)
            expected = 0.5 * (np.trace(ia @ cb) + np.trace(ib @ ca) + shift @ (ia + ib) @ shift) - D
            assert divergences(nodes(m))[a, b] == pytest.approx(expected, rel=1e-8, abs=1e-8)


@pytest.mark.parametrize("n", [2, 7, 60])
def test_pairs_are_pairs_and_the_closest_come_first(n):
    m = nodes(mixture(n))
    group = pair_up(m)
    sizes = np.bincount(group)
    assert sorted(set(sizes)) in ([2], [1, 2])
    assert (sizes == 1).sum() == n % 2
    distance = divergences(m)
    np.fill_diagonal(distance, np.inf)
    a, b = np.unravel_index(distance.argmin(), distance.shape)
    assert group[a] == group[b]


def test_the_tree_reaches_every_component_and_merging_keeps_the_moments():
    m = mixture(centred=False)
    levels = build_tree(nodes(m))
    assert len(levels) > 1
    assert len(levels[-1].weights) == 60
    assert set(levels[0].parents) == {0}
    for above, below in pairwise(levels):
        assert set(below.parents) == set(range(len(above.weights)))
    for level in levels:
        w, mean = level.weights, level.weights @ level.means
        second = np.einsum("k,kij->ij", w, level.covariances + level.means[:, :, None] * level.means[:, None])
        assert w.sum() == pytest.approx(1)
        np.testing.assert_allclose(mean, m.weights @ m.means, atol=1e-12)
        whole = np.einsum("k,kij->ij", m.weights, m.covariances + m.means[:, :, None] * m.means[:, None])
        np.testing.assert_allclose(second, whole, atol=1e-9)


@pytest.mark.parametrize("centred", [True, False])
def test_with_whole_spectra_and_a_beam_as_wide_as_the_tree_nothing_is_lost(centred):
    m = mixture(centred=centred)
    fast = FastMixture(m.weights, m.means, m.covariances, share=1.0, beam=60)
    y = m.sample(500, rng=np.random.default_rng(1)) + 0.3 * np.random.default_rng(2).normal(size=(500, D))
    assert (fast.likeliest(y, 0.3) == m.likeliest(y, 0.3)).mean() > 0.99  # but for ties within rounding
    same = fast.likeliest(y, 0.3) == m.likeliest(y, 0.3)
    np.testing.assert_allclose(fast.map_estimate(y, 0.3)[same], m.map_estimate(y, 0.3)[same], atol=2e-4)


@pytest.mark.parametrize("share", [0.8, 0.95, 1.0])
def test_flat_tails_give_the_density_and_the_wiener_estimate_of_the_flattened_covariance(share):
    """One component: rebuild Σ with its tail replaced by the mean, and filter with that."""
    m = mixture(1)
    spectrum, axes = m.spectra[0].copy(), m.axes[0]
    n_kept = int(np.searchsorted(np.cumsum(spectrum) / spectrum.sum(), share)) + 1
    if n_kept < D:
        spectrum[n_kept:] = spectrum[n_kept:].mean()
    flat = (axes * spectrum) @ axes.T
    y = np.random.default_rng(3).normal(size=(20, D))
    expected = y @ np.linalg.inv(flat + 0.25 * np.eye(D)) @ flat
    fast = FastMixture(m.weights, m.means, m.covariances, share=share)
    np.testing.assert_allclose(fast.map_estimate(y, 0.5), expected, atol=1e-5)
    scores = fast.at_noise(0.5)[0].scores(np.array([0]), y.T)[0]
    seen = flat + 0.25 * np.eye(D)
    exact = -0.5 * np.einsum("ni,ij,nj->n", y, np.linalg.inv(seen), y) - 0.5 * np.linalg.slogdet(seen)[1]
    np.testing.assert_allclose(scores, exact, atol=1e-3, rtol=1e-4)


def test_a_narrow_search_finds_mostly_the_likeliest_and_a_wider_one_more_often():
    m = mixture()
    y = m.sample(2000, rng=np.random.default_rng(4)) + 0.1 * np.random.default_rng(5).normal(size=(2000, D))
    right = m.likeliest(y, 0.1)
    hits = [
        (FastMixture(m.weights, m.means, m.covariances, share=1.0, beam=b).likeliest(y, 0.1) == right).mean()
        for b in (1, 2, 4)
    ]
    assert 0.4 < hits[0] < hits[1] < hits[2]


def test_a_share_outside_its_range_is_refused():
    m = mixture(3)
    with pytest.raises(ValueError, match="above 0 and at most 1"):
        FastMixture(m.weights, m.means, m.covariances, share=0)
