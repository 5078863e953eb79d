"""Closed forms against quadrature, sampling and each other; zeros, torch inputs, errors."""

import math
import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import quad

from dgmlib import divergences as dv

means = st.floats(-5, 5)
sigmas = st.floats(0.2, 5)


@st.composite
def two_categoricals(draw):
    k = draw(st.integers(1, 8))
    weights = st.lists(st.floats(0.01, 1), min_size=k, max_size=k)
    p, q = np.array(draw(weights)), np.array(draw(weights))
    return p / p.sum(), q / q.sum()


def random_covariance(d, seed):
    a = np.random.default_rng(seed).normal(size=(d, d))
    return a @ a.T + 0.5 * np.eye(d)


def test_bits():
    assert dv.bits(math.log(8)) == pytest.approx(3)


@given(two_categoricals())
def test_categorical_identities(pq):
    p, q = pq
    assert dv.kl_divergence(p, q) == pytest.approx(dv.cross_entropy(p, q) - dv.entropy(p), abs=1e-12)
    assert dv.kl_divergence(p, q) == pytest.approx(stats.entropy(p, q), abs=1e-12)
    assert dv.entropy(p) == pytest.approx(stats.entropy(p), abs=1e-12)
    assert dv.entropy(p) <= math.log(len(p)) + 1e-12
    assert dv.kl_divergence(p, p) == 0


def test_zeros():
    assert dv.entropy([1.0, 0.0]) == 0
    assert dv.kl_divergence([1.0, 0.0], [0.5, 0.5]) == pytest.approx(math.log(2))
    assert dv.kl_divergence([0.5, 0.5], [1.0, 0.0]) == math.inf
    assert dv.cross_entropy([0.5, 0.5], [1.0, 0.0]) == math.inf
    assert dv.cross_entropy([1.0, 0.0], [1.0, 0.0]) == 0


def test_rows_are_distributions():
    p = np.array([[0.5, 0.5], [1.0, 0.0]])
    np.testing.assert_allclose(dv.entropy(p), [math.log(2), 0])
    np.testing.assert_allclose(dv.kl_divergence(p, [0.5, 0.5]), [0, math.log(2)])


@given(means, sigmas, means, sigmas)
def test_gaussian_identities(mu_p, sigma_p, mu_q, sigma_q):
    kl = dv.gaussian_kl(mu_p, sigma_p, mu_q, sigma_q)
    crossed = dv.gaussian_cross_entropy(mu_p, sigma_p, mu_q, sigma_q)
    assert kl == pytest.approx(crossed - dv.gaussian_entropy(sigma_p), abs=1e-9)
    assert kl >= -1e-12


@pytest.mark.parametrize("args", [(0, 1, 1, 2), (-1, 0.5, 0.3, 0.7), (2, 3, 2, 1)])
def test_gaussian_closed_forms_equal_quadrature(args):
    mu_p, sigma_p, mu_q, sigma_q = args
    p, q = stats.norm(mu_p, sigma_p), stats.norm(mu_q, sigma_q)
    span = (mu_p - 12 * sigma_p, mu_p + 12 * sigma_p)
    kl = quad(lambda x: p.pdf(x) * (p.logpdf(x) - q.logpdf(x)), *span, epsabs=1e-12)[0]
    crossed = quad(lambda x: -p.pdf(x) * q.logpdf(x), *span, epsabs=1e-12)[0]
    assert dv.gaussian_kl(*args) == pytest.approx(kl, abs=1e-9)
    assert dv.gaussian_cross_entropy(*args) == pytest.approx(crossed, abs=1e-9)
    assert dv.gaussian_entropy(sigma_p) == pytest.approx(p.entropy(), abs=1e-12)


def test_multivariate_reduces_to_univariate_and_diagonal():
    mu_p, mu_q, s_p, s_q = np.random.default_rng(0).uniform(0.5, 2, size=(4, 3))
    diagonal = dv.gaussian_kl(mu_p, s_p, mu_q, s_q).sum(-1)
    full = dv.multivariate_gaussian_kl(mu_p, np.diag(s_p**2), mu_q, np.diag(s_q**2))
    assert full == pytest.approx(diagonal, abs=1e-12)
    assert dv.multivariate_gaussian_entropy(np.diag(s_p**2)) == pytest.approx(dv.gaussian_entropy(s_p).sum())


def test_multivariate_kl_is_unchanged_by_a_change_of_coordinates():
    """D depends on the distributions, not on the axes: x → Ax + b leaves it as it is."""
    a, b = random_covariance(3, 5), np.array([1.0, -2.0, 0.5])
    mp, mq = np.array([0.0, 1, 2]), np.array([1.0, 0, -1])
    cp, cq = random_covariance(3, 1), random_covariance(3, 2)
    moved = dv.multivariate_gaussian_kl(a @ mp + b, a @ cp @ a.T, a @ mq + b, a @ cq @ a.T)
    assert dv.multivariate_gaussian_kl(mp, cp, mq, cq) == pytest.approx(moved, rel=1e-8)


def test_multivariate_closed_forms_equal_sampling():
    mp, mq, cp, cq = np.zeros(2), np.ones(2), random_covariance(2, 1), random_covariance(2, 2)
    p, q = stats.multivariate_normal(mp, cp), stats.multivariate_normal(mq, cq)
    x = p.rvs(20_000, random_state=np.random.default_rng(3))
    estimate = dv.monte_carlo_kl(p.logpdf(x), q.logpdf(x))
    assert abs(estimate.mean - dv.multivariate_gaussian_kl(mp, cp, mq, cq)) < 4 * estimate.standard_error
    assert dv.multivariate_gaussian_entropy(cp) == pytest.approx(p.entropy(), abs=1e-12)


def test_monte_carlo_error_bar_covers_the_truth_as_often_as_promised():
    """Over 400 estimates, ± 2 standard errors must cover the closed form in about 95 % of cases."""
    truth = dv.gaussian_kl(0, 1, 0.5, 1.5)
    x = np.random.default_rng(0).normal(size=(400, 200))
    p, q = stats.norm(0, 1), stats.norm(0.5, 1.5)
    estimates = [dv.monte_carlo_kl(p.logpdf(row), q.logpdf(row)) for row in x]
    covered = np.mean([abs(e.mean - truth) < 2 * e.standard_error for e in estimates])
    assert 0.92 < covered < 0.98


def test_monte_carlo_meets_a_sample_that_q_rules_out():
    assert dv.monte_carlo_kl([-1.0, -1.0], [-1.0, -math.inf]) == (math.inf, math.inf)


def test_torch_gives_the_same_numbers_and_gradients():
    logits = torch.tensor([0.3, -1.0, 2.0], dtype=torch.float64, requires_grad=True)
    q = logits.softmax(0)
    p = np.array([0.5, 0.5, 0.0])
    loss = dv.kl_divergence(p, q)
    loss.backward()
    assert float(loss.detach()) == pytest.approx(dv.kl_divergence(p, q.detach().numpy()), abs=1e-12)
    np.testing.assert_allclose(logits.grad.numpy(), q.detach().numpy() - p, atol=1e-12)


def test_torch_gaussians_are_differentiable():
    mu, sigma = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (1.0, 2.0))
    dv.gaussian_kl(mu, sigma, 0.0, 1.0).backward()
    assert (mu.grad.item(), sigma.grad.item()) == pytest.approx((1.0, 2.0 - 0.5))
    cov = torch.eye(2, dtype=torch.float64, requires_grad=True)
    dv.multivariate_gaussian_kl(torch.zeros(2), 2 * cov, torch.zeros(2), torch.eye(2)).backward()
    np.testing.assert_allclose(cov.grad.numpy(), 0.5 * np.eye(2), atol=1e-12)


def test_a_probability_of_zero_leaves_finite_gradients():
    p = torch.tensor([1.0, 0.0], requires_grad=True)
    dv.entropy(p).backward()
    assert torch.isfinite(p.grad).all()


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: dv.entropy([0.5, 0.6]), "p: got probabilities that miss a sum of 1 by 0.1"),
        (lambda: dv.entropy([1.5, -0.5]), "smallest entry -0.5"),
        (lambda: dv.entropy([math.nan, 1.0]), "smallest entry nan"),
        (lambda: dv.entropy(0.5), "expected"),
        (lambda: dv.kl_divergence([0.5, 0.5], [1.0]), "got 2 and 1 outcomes"),
        (lambda: dv.cross_entropy([1.0], [0.9]), "q: got probabilities"),
        (lambda: dv.gaussian_kl(0, 1, 0, 0), "sigma_q: got 0"),
        (lambda: dv.gaussian_entropy(-1), "sigma: got -1"),
        (lambda: dv.gaussian_entropy(math.nan), "expected finite numbers > 0"),
        (lambda: dv.multivariate_gaussian_entropy(np.zeros((2, 2))), "smallest eigenvalue 0"),
        (lambda: dv.multivariate_gaussian_entropy([[1.0, 2.0], [2.0, 1.0]]), "smallest eigenvalue -1"),
        (lambda: dv.multivariate_gaussian_entropy([[1.0, 2.0], [0.0, 1.0]]), "asymmetric|not symmetric"),
        (lambda: dv.multivariate_gaussian_entropy([1.0, 2.0]), "expected a square matrix"),
        (lambda: dv.multivariate_gaussian_kl(np.zeros(3), np.eye(2), np.zeros(2), np.eye(2)), "got shapes"),
        (lambda: dv.monte_carlo_kl([0.0], [0.0]), "m ≥ 2"),
        (lambda: dv.monte_carlo_kl([0.0, 0.0], [0.0]), "evaluate both at the same samples"),
        (lambda: dv.monte_carlo_kl([0.0, -math.inf], [0.0, 0.0]), "were the samples drawn from p"),
        (lambda: dv.monte_carlo_kl([0.0, 0.0], [0.0, math.nan]), "got NaN"),
    ],
)
def test_bad_input_is_explained(call, match):
    with pytest.raises(ValueError, match=match):
        call()


def test_light_modules_do_not_import_torch():
    code = "import sys, dgmlib.divergences, dgmlib.likelihood, dgmlib.coding; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
