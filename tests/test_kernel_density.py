"""The kernel density estimate: a density that keeps its data."""

import numpy as np
import pytest
from scipy import stats

from dgmlib.kernel_density import KernelDensity

POINTS = np.array([-1.0, 0.2, 0.3, 2.5])


def test_integrates_to_one():
    x = np.linspace(-8, 10, 4001)
    assert np.trapezoid(np.exp(KernelDensity(POINTS, 0.4).log_prob(x)), x) == pytest.approx(1, abs=1e-9)


def test_is_the_mean_of_gaussians_and_agrees_with_scipy():
    model = KernelDensity(POINTS, 0.4)
    x = np.linspace(-3, 4, 50)
    np.testing.assert_allclose(np.exp(model.log_prob(x)), stats.norm.pdf(x[:, None], POINTS, 0.4).mean(1), rtol=1e-12)
    peer = stats.gaussian_kde(POINTS, bw_method=0.4 / POINTS.std(ddof=1))
    np.testing.assert_allclose(np.exp(model.log_prob(x)), peer(x), rtol=1e-10)


def test_vectors_and_numbers_agree():
    x = np.linspace(-3, 4, 9)
    flat, tall = KernelDensity(POINTS, 0.4), KernelDensity(POINTS[:, None], 0.4)
    np.testing.assert_allclose(flat.log_prob(x), tall.log_prob(x[:, None]), rtol=1e-12)
    plane = KernelDensity(np.stack([POINTS, POINTS**2], 1), 0.7)
    one = stats.multivariate_normal([0.2, 0.04], 0.49 * np.eye(2)).pdf([0, 0])
    alone = KernelDensity(plane.points[1:2], 0.7)
    assert np.exp(alone.log_prob(np.zeros((1, 2))))[0] == pytest.approx(one, rel=1e-12)


def test_queries_in_chunks_give_the_same(monkeypatch):
    x = np.linspace(-3, 4, 23)
    whole = KernelDensity(POINTS, 0.4).log_prob(x)
    monkeypatch.setattr("dgmlib.kernel_density._CHUNK", 8)
    np.testing.assert_array_equal(KernelDensity(POINTS, 0.4).log_prob(x), whole)


def test_samples_follow_the_density():
    model = KernelDensity(POINTS, 0.4)
    x = model.sample(20_000, rng=np.random.default_rng(0))
    cdf = stats.norm.cdf(x[:, None], POINTS, 0.4).mean(1)
    assert stats.kstest(cdf, "uniform").pvalue > 1e-3


def test_silverman_width_and_num_parameters():
    x = np.random.default_rng(1).normal(size=500)
    iqr = np.quantile(x, 0.75) - np.quantile(x, 0.25)
    model = KernelDensity.fit(x)
    assert model.bandwidth == pytest.approx(0.9 * min(x.std(ddof=1), iqr / 1.34) * 500**-0.2)
    assert model.num_parameters == 501
    assert KernelDensity.fit(x, 0.3).bandwidth == 0.3


def test_sequences_are_points():
    listed, arrays = KernelDensity([[-1, 1], [2, 3]], 0.5), KernelDensity(np.array([[-1.0, 1.0], [2.0, 3.0]]), 0.5)
    np.testing.assert_array_equal(listed.log_prob([[0, 0]]), arrays.log_prob(np.zeros((1, 2))))
    assert KernelDensity.fit([1, 2, 4]).num_parameters == 4


def test_no_samples_are_an_empty_batch():
    assert KernelDensity(POINTS, 0.4).sample(0, rng=np.random.default_rng(0)).shape == (0,)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: KernelDensity(np.array([]), 1.0), "points"),
        (lambda: KernelDensity(np.array([np.nan]), 1.0), "finite"),
        (lambda: KernelDensity(POINTS, 0.0), "bandwidth"),
        (lambda: KernelDensity(POINTS, 1.0).log_prob(np.zeros((2, 2))), "x: got shape"),
        (lambda: KernelDensity.fit(np.zeros((3, 2))), "give the bandwidth"),
        (lambda: KernelDensity.fit(np.zeros(3)), "x: got 3 equal numbers"),
        (lambda: KernelDensity.fit([1, np.nan, 2]), "x: got NaN or infinite values"),
        (lambda: KernelDensity(POINTS, 1.0).sample(-1, rng=np.random.default_rng(0)), "n: got -1"),
    ],
)
def test_bad_input_is_named(call, said):
    with pytest.raises(ValueError, match=said):
        call()


def test_a_bandwidth_is_found_where_half_of_the_numbers_are_equal():
    x = np.array([0.0] * 8 + [1.0, 2.0])
    assert KernelDensity.fit(x).bandwidth == pytest.approx(0.9 * x.std(ddof=1) * 10**-0.2)
