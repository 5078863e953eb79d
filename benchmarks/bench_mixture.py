"""One EM iteration of a mixture of Gaussians on image patches, beside scikit-learn's.

    make bench          or          python -m pytest benchmarks/bench_mixture.py --benchmark-only

100,000 patches of 8 × 8 pixels of the book's own photographs, K = 200, full covariances, float64, one start for both.
Both must reach the same log-likelihood. The two matrix products alone are the bound; the share of it that we reach is
printed. Both are timed in turn, and the best of as many rounds counts.
"""

from functools import partial

import numpy as np
import pytest
import torch
from sklearn.mixture import GaussianMixture as Peer

from benchmarks.timing import fastest, seconds
from dgmlib.data import load_natural_images
from dgmlib.latent.expectation import Evaluator
from dgmlib.latent.maximisation import maximise
from dgmlib.latent.mixture import GaussianMixture

N, SIDE, K = 100_000, 8, 200
D = SIDE * SIDE
FEATURES = D * (D + 1) // 2 + D
RIDGE = 1e-6  # what scikit-learn adds to every variance; ours has a floor, here so low that it hardly matters
FLOOR = 1e-9
ROUNDS = 2


def patches(n, rng):
    """Random patches in [0, 1] with a little noise, which fills what 8-bit pixels leave empty, (n, 64)."""
    images = [image / 255.0 for image in load_natural_images().values()]
    out = np.empty((n, SIDE, SIDE))
    for row, which in zip(out, rng.integers(len(images), size=n), strict=True):
        image = images[which]
        i, j = (int(rng.integers(size - SIDE + 1)) for size in image.shape)
        row[:] = image[i : i + SIDE, j : j + SIDE]
    return out.reshape(n, D) + rng.normal(scale=0.01, size=(n, D))


@pytest.fixture(scope="module")
def problem():
    """Patches and a mixture that a few iterations on a tenth of them have made."""
    x = patches(N, np.random.default_rng(0))
    start = GaussianMixture(K).fit(x[::10], max_iter=2, generator=torch.Generator().manual_seed(0))
    return x, start


def product_rate():
    """Floating-point operations a second of the E step's product, (K × F)(F × n), the best of ten."""
    a, b = np.ones((K, FEATURES)), np.ones((FEATURES, 2048))
    return 2 * K * FEATURES * 2048 / fastest(lambda: a @ b, rounds=10)[0]


def peer_of(start):
    """scikit-learn's mixture with the same parameters."""
    peer = Peer(K, reg_covar=RIDGE)
    peer.weights_, peer.means_ = start.weights.numpy(), start.means.numpy()
    peer.covariances_ = start.covariances.numpy()
    factors = torch.linalg.cholesky(start.covariances)
    peer.precisions_cholesky_ = torch.linalg.solve_triangular(
        factors, torch.eye(D, dtype=torch.float64), upper=False
    ).mT.numpy()
    return peer


def one_iteration(parameters, x):
    sums = Evaluator(parameters).sums(x)
    return sums.log_prob / sums.n, maximise(sums, parameters, floor=FLOOR, zero_means=False)


def one_peer_iteration(peer, x):
    mean, log_r = peer._e_step(x)
    peer._m_step(x, log_r)
    return mean


@pytest.mark.timing
def test_one_em_iteration_on_patches(problem, report, benchmark):
    x, start = problem
    parameters = start._parameters()
    runs, peer_runs, rates = [], [], []
    for _ in range(ROUNDS):  # in turn, and the best of each: what else runs on the machine only ever adds time
        peer = peer_of(start)  # a new one, for its iteration changes it
        runs.append(seconds(lambda: one_iteration(parameters, x)))
        peer_runs.append(seconds(partial(one_peer_iteration, peer, x)))
        rates.append(product_rate())
    (mean, found), their_mean = runs[0][1], peer_runs[0][1]
    ours, theirs, rate = min(run[0] for run in runs), min(run[0] for run in peer_runs), max(rates)
    benchmark.pedantic(lambda: one_iteration(parameters, x), rounds=1)
    least = 2 * 2 * N * K * FEATURES / rate
    benchmark.extra_info.update(seconds=ours, scikit_learn=theirs, ratio=theirs / ours, bound=least, share=least / ours)
    report.append(
        f"EM iteration, K = {K}, {N:,} patches: {ours:.2f} s, scikit-learn {theirs:.2f} s = {theirs / ours:.1f}×, two "
        f"matrix products {least:.2f} s at {rate / 1e9:.0f} GFLOP/s: {least / ours:.0%} of the machine's rate"
    )
    assert abs(mean - their_mean) < 1e-8
    np.testing.assert_allclose(found.means, peer.means_, atol=1e-8)
    np.testing.assert_allclose(found.covariances + RIDGE * np.eye(D), peer.covariances_, atol=1e-8)
    assert theirs / ours >= 6
