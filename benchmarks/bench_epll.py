"""EPLL on one picture of 481×321 with 200 components: how much the mathematics saves.

    make bench          or          python -m pytest benchmarks/bench_epll.py --benchmark-only

The plain version does what the formulas say: all patches, all components, one product per component, in NumPy's own
precision. It gives the same picture as the exact mode, which is checked. Ours spreads its blocks over all processors;
the plain version's products get as many threads, whatever OMP_NUM_THREADS says. Both use the prior that the book ships.
What else runs on the machine only ever adds time, so the best of a few runs is taken.
"""

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from benchmarks.timing import fastest, seconds
from dgmlib.data import load_natural_images
from dgmlib.patches import aggregate, coverage, extract, from_plane, to_plane
from dgmlib.patches.blocks import n_workers
from dgmlib.restoration import epll, psnr
from dgmlib.restoration.epll import SCHEDULE
from dgmlib.restoration.shipped import shipped_prior

SHAPE, SIGMA = (321, 481), 25 / 255


def picture():
    """Two photographs side by side, 481 pixels wide; taller than they are by mirroring."""
    images = load_natural_images()
    side_by_side = np.concatenate([images["camera"], images["cat"]], 1)
    return np.concatenate([side_by_side, side_by_side[::-1]])[: SHAPE[0], : SHAPE[1]] / 255


def plain_epll(y, prior, sigma):
    """The definition, read aloud."""
    x = y
    for beta in np.array(SCHEDULE) / sigma**2:
        z, mean = to_plane(extract(x))
        seen = prior.covariances + np.eye(63) / beta
        best, winner = np.full(len(z), -np.inf), np.zeros(len(z), int)
        for k in range(len(seen)):
            q = np.sum((z @ np.linalg.inv(seen[k])) * z, 1)
            score = np.log(prior.weights[k]) - 0.5 * q - 0.5 * np.linalg.slogdet(seen[k])[1]
            winner[score > best], best = k, np.maximum(score, best)
        for k in np.unique(winner):
            own = winner == k
            z[own] = z[own] @ np.linalg.inv(seen[k]) @ prior.covariances[k]
        average = aggregate(from_plane(z, mean), y.shape) / coverage(y.shape)
        x = (y / sigma**2 + beta * average) / (1 / sigma**2 + beta)
    return x.clip(0, 1)


@pytest.fixture(scope="module")
def task():
    truth = picture()
    prior = shipped_prior()
    prior.fast  # noqa: B018  # the tree is built once for a mixture, not for a picture
    return truth, truth + SIGMA * np.random.default_rng(0).standard_normal(SHAPE), prior


@pytest.mark.timing
def test_exact_and_fast_modes(task, report, benchmark):
    """Exact ≥ 5 times as fast as plain and equal to it; fast ≥ 8 times as fast as exact, within 0.2 dB and a second."""
    truth, y, prior = task
    assert len(prior.weights) == 200
    with threadpool_limits(n_workers()):
        plain_time, plain = seconds(lambda: plain_epll(y, prior, SIGMA))
    exact_time, exact = fastest(lambda: epll(y, None, prior, sigma=SIGMA), rounds=3)
    fast_time, fast = fastest(lambda: epll(y, None, prior, sigma=SIGMA, mode="fast"), rounds=5)
    benchmark.pedantic(lambda: epll(y, None, prior, sigma=SIGMA, mode="fast"), rounds=3)
    benchmark.extra_info.update(plain=plain_time, exact=exact_time, fast=fast_time)
    report.append(
        f"EPLL, 481×321, K = 200: plain {plain_time:.1f} s, exact {exact_time:.2f} s = {plain_time / exact_time:.1f}×, "
        f"fast {fast_time:.2f} s = {exact_time / fast_time:.1f}×; "
        f"{psnr(exact, truth):.2f} dB exact, {psnr(fast, truth):.2f} dB fast"
    )
    assert psnr(exact, plain) > 60
    assert psnr(exact, truth) - psnr(fast, truth) <= 0.20
    assert plain_time >= 5 * exact_time
    assert exact_time >= 8 * fast_time
    assert fast_time <= 1
