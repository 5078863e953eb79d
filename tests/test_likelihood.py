"""Densities that sum to one, sample what they promise, and fit by maximum likelihood."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import quad

from dgmlib.likelihood import Bernoulli, Categorical, Gaussian, MultivariateGaussian, mean_log_likelihood

COV = np.array([[2.0, 0.6], [0.6, 1.0]])


def test_discrete_densities_sum_to_one():
    assert np.exp(Bernoulli(0.3).log_prob([0, 1])).sum() == pytest.approx(1, abs=1e-12)
    assert np.exp(Categorical([0.2, 0.0, 0.8]).log_prob([0, 1, 2])).sum() == pytest.approx(1, abs=1e-12)


def test_continuous_densities_integrate_to_one():
    total = quad(lambda x: float(np.exp(Gaussian(1.0, 0.7).log_prob(x))), -8, 10)[0]
    assert total == pytest.approx(1, abs=1e-9)
    grid = np.linspace(-12, 12, 241)
    points = np.stack(np.meshgrid(grid, grid), -1).reshape(-1, 2)
    density = np.exp(MultivariateGaussian([0.5, -1.0], COV).log_prob(points))
    assert density.sum() * 0.1**2 == pytest.approx(1, abs=1e-9)


def test_log_prob_equals_scipy():
    x = np.linspace(-3, 3, 7)
    np.testing.assert_allclose(Gaussian(0.5, 1.5).log_prob(x), stats.norm(0.5, 1.5).logpdf(x))
    points = np.stack([x, x**2], -1)
    expected = stats.multivariate_normal([1, 2], COV).logpdf(points)
    np.testing.assert_allclose(MultivariateGaussian([1, 2], COV).log_prob(points), expected)


def test_impossible_outcomes_have_log_probability_minus_infinity():
    np.testing.assert_array_equal(Bernoulli(1.0).log_prob([1, 0]), [0, -math.inf])
    np.testing.assert_array_equal(Categorical([1.0, 0.0]).log_prob([0, 1]), [0, -math.inf])


@pytest.mark.parametrize("probs", [[0.1, 0.2, 0.7], [0.97, 0.02, 0.01]])
def test_categorical_samples_match_log_prob(probs):
    x = Categorical(probs).sample(5000, rng=np.random.default_rng(0))
    observed = np.bincount(x, minlength=3)
    assert stats.chisquare(observed, 5000 * np.exp(Categorical(probs).log_prob([0, 1, 2]))).pvalue > 1e-3


def test_bernoulli_samples_match_log_prob():
    x = Bernoulli(0.3).sample(5000, rng=np.random.default_rng(0))
    assert stats.binomtest(int(x.sum()), 5000, float(np.exp(Bernoulli(0.3).log_prob([1])[0]))).pvalue > 1e-3


def test_gaussian_samples_match_log_prob():
    model = Gaussian(1.0, 2.0)
    x = model.sample(2000, rng=np.random.default_rng(0))
    assert stats.kstest(x, stats.norm(1, 2).cdf).pvalue > 1e-3
    assert mean_log_likelihood(model, x).mean == pytest.approx(-stats.norm(1, 2).entropy(), abs=0.06)


def test_multivariate_samples_have_chi_square_distances():
    x = MultivariateGaussian([1.0, 2.0], COV).sample(2000, rng=np.random.default_rng(0))
    distance = np.einsum("ij,jk,ik->i", x - [1, 2], np.linalg.inv(COV), x - [1, 2])
    assert stats.kstest(distance, stats.chi2(2).cdf).pvalue > 1e-3


@pytest.mark.parametrize(
    ("model", "count"),
    [
        (Bernoulli(0.5), 1),
        (Categorical([0.25] * 4), 3),
        (Gaussian(0, 1), 2),
        (MultivariateGaussian(np.zeros(3), np.eye(3)), 9),
    ],
)
def test_num_parameters(model, count):
    assert model.num_parameters == count


def test_the_same_seed_draws_the_same_sample():
    for model in (Bernoulli(0.4), Categorical([0.5, 0.5]), Gaussian(0, 1), MultivariateGaussian([0, 0], COV)):
        draws = [model.sample(5, rng=np.random.default_rng(7)) for _ in range(2)]
        np.testing.assert_array_equal(*draws)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=30), st.lists(st.floats(0.01, 1), min_size=4, max_size=4))
def test_no_die_beats_the_fitted_one(rolls, weights):
    other = np.array(weights) / sum(weights)
    best = Categorical.fit(rolls, 4).log_prob(rolls).sum()
    assert best >= Categorical(other).log_prob(rolls).sum() - 1e-9


@given(st.lists(st.booleans(), min_size=1, max_size=30), st.floats(0, 1))
def test_no_coin_beats_the_fitted_one(tosses, theta):
    assert Bernoulli.fit(tosses).log_prob(tosses).sum() >= Bernoulli(theta).log_prob(tosses).sum() - 1e-9


@given(st.lists(st.floats(-10, 10), min_size=2, max_size=20), st.floats(-10, 10), st.floats(0.1, 10))
def test_no_gaussian_beats_the_fitted_one(x, mu, sigma):
    x = np.array(x) + np.linspace(0, 0.1, len(x))  # never all equal
    if np.std(x) > 1e-3:
        assert Gaussian.fit(x).log_prob(x).sum() >= Gaussian(mu, sigma).log_prob(x).sum() - 1e-6


def test_multivariate_fit_is_a_stationary_point():
    x = np.random.default_rng(0).normal(size=(20, 3)) @ np.diag([1, 2, 3])
    fitted = MultivariateGaussian.fit(x)
    mean = torch.tensor(fitted.mean, requires_grad=True)
    cov = torch.tensor(fitted.cov, requires_grad=True)
    MultivariateGaussian(mean, cov).log_prob(x).mean().backward()
    assert max(mean.grad.abs().max(), cov.grad.abs().max()) < 1e-10


def test_pseudocounts_pull_towards_uniform():
    assert Categorical.fit([0, 0, 0, 0], 2, pseudocount=1).probs.tolist() == pytest.approx([5 / 6, 1 / 6])


@pytest.mark.parametrize(
    ("model", "x"),
    [
        (Bernoulli(0.3), [0, 1, 1]),
        (Categorical([0.2, 0.8]), [0, 1, 1]),
        (Gaussian(0.5, 2.0), [0.0, 1.0, -3.0]),
        (MultivariateGaussian([0.0, 1.0], COV), [[0.0, 1.0], [2.0, 3.0]]),
    ],
)
def test_torch_gives_the_same_numbers(model, x):
    parameters = [torch.tensor(np.asarray(v), requires_grad=True) for v in vars(model).values()]
    value = type(model)(*parameters).log_prob(torch.tensor(x))
    np.testing.assert_allclose(value.detach().numpy(), model.log_prob(x))
    value.sum().backward()
    assert all(torch.isfinite(p.grad).all() for p in parameters)


def test_fit_accepts_torch():
    x = torch.tensor([1.0, 2.0, 4.0], dtype=torch.float64)
    fitted = Gaussian.fit(x)
    assert (float(fitted.mu), float(fitted.sigma)) == pytest.approx((7 / 3, np.std([1, 2, 4])))
    assert Categorical.fit(torch.tensor([0, 1, 1]), 2).probs.tolist() == pytest.approx([1 / 3, 2 / 3])


def test_mean_log_likelihood_reports_its_error():
    estimate = mean_log_likelihood(Gaussian(0, 1), [0.0, 1.0])
    values = np.array([0.0, -0.5]) - 0.5 * math.log(2 * math.pi)
    assert estimate == pytest.approx((values.mean(), values.std(ddof=1) / math.sqrt(2)))
    assert f"{estimate:.2f}" == "-1.17 ± 0.25"
    assert str(estimate) == "-1.169 ± 0.250"


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: Bernoulli(1.2), "theta: got 1.2"),
        (lambda: Bernoulli(0.5).log_prob([2]), "expected coin tosses"),
        (lambda: Bernoulli.fit([]), "m ≥ 1"),
        (lambda: Bernoulli.fit([0, 0.5]), "expected coin tosses"),
        (lambda: Categorical([0.5, 0.4]), "probs: got"),
        (lambda: Categorical([0.5, 0.5]).log_prob([2]), "2-sided die"),
        (lambda: Categorical([0.5, 0.5]).log_prob([0.0]), "2-sided die"),
        (lambda: Categorical.fit([0, 3], 3), "3-sided die"),
        (lambda: Categorical.fit([0], 3, pseudocount=-1), "pseudocount: got -1"),
        (lambda: Gaussian(0, 0), "sigma: got 0"),
        (lambda: Gaussian(math.nan, 1), "mu: got NaN"),
        (lambda: Gaussian([0, 0], [1, 1]), r"mu: got shape \(2,\), expected one number"),
        (lambda: Bernoulli([0.2, 0.3]), r"theta: got shape \(2,\), expected one number"),
        (lambda: Categorical.fit([0], 2.5), "k: got 2.5"),
        (lambda: MultivariateGaussian([math.nan, 0], COV), "mean: got NaN"),
        (lambda: Gaussian.fit([1.0, 1.0]), "grows without bound"),
        (lambda: Gaussian.fit([1.0, math.nan]), "expected finite numbers"),
        (lambda: Gaussian.fit([[1.0], [2.0]]), "expected \\(m,\\)"),
        (lambda: MultivariateGaussian([0, 0], np.diag([1.0, -1.0])), "smallest eigenvalue -1"),
        (lambda: MultivariateGaussian([0, 0, 0], COV), "mean: got shape"),
        (lambda: Categorical(np.full((2, 3), 1 / 3)), r"expected \(k,\)"),
        (lambda: MultivariateGaussian([0, 0], COV).log_prob([[1.0], [2.0]]), r"expected \(m, 2\)"),
        (lambda: MultivariateGaussian([0, 0], np.full((2, 2), np.nan)), "NaN or infinite entries"),
        (lambda: MultivariateGaussian.fit(np.zeros(3)), "expected \\(m, d\\)"),
        (lambda: MultivariateGaussian.fit(np.eye(2)), "more samples than dimensions"),
    ],
)
def test_bad_input_is_explained(call, match):
    with pytest.raises(ValueError, match=match):
        call()


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.int64])
def test_sides_may_be_any_integers(kind):
    """Labels are bytes all over the package; as an index of a tensor bytes would be a mask."""
    rolls, probs = np.array([2, 1, 0, 2], kind), [0.2, 0.3, 0.5]
    expected = np.log([0.5, 0.3, 0.2, 0.5])
    np.testing.assert_allclose(Categorical(probs).log_prob(rolls), expected)
    np.testing.assert_allclose(Categorical(torch.tensor(probs)).log_prob(torch.from_numpy(rolls)), expected, rtol=1e-6)
    np.testing.assert_allclose(Categorical(torch.tensor(probs)).log_prob(rolls), expected, rtol=1e-6)


def test_data_without_spread_are_refused_whatever_rounding_makes_of_them():
    with pytest.raises(ValueError, match="3 equal values"):
        Gaussian.fit([0.1, 0.1, 0.1])  # their mean is not 0.1
    rng = np.random.default_rng(0)
    for _ in range(50):
        with pytest.raises(ValueError, match="positive definite"):
            MultivariateGaussian.fit(rng.normal(size=(20, 1)) * rng.normal(size=2) + rng.normal(size=2))


@pytest.mark.parametrize(
    "made",
    [
        lambda: Bernoulli(torch.tensor(0.3, requires_grad=True)),
        lambda: Categorical(torch.zeros(3, requires_grad=True).softmax(0)),
        lambda: Gaussian(torch.tensor(0.3, requires_grad=True), torch.tensor(1.0, requires_grad=True)),
        lambda: MultivariateGaussian(torch.zeros(2, requires_grad=True), torch.eye(2, requires_grad=True)),
    ],
)
def test_what_is_being_learned_can_be_sampled(made):
    assert len(made().sample(3, rng=np.random.default_rng(0))) == 3
