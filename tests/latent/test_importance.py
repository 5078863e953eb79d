"""Importance sampling and uniform Monte Carlo against exact marginals."""

import math
import warnings

import pytest
import torch

from dgmlib.latent.enumeration import exact_log_prob, exact_posterior
from dgmlib.latent.importance import (
    ImportanceEstimate,
    UntrustedEstimateWarning,
    importance_log_prob,
    importance_sampling,
    log_weights,
    uniform_monte_carlo,
)
from dgmlib.latent.proposals import Bits, DiagonalGaussian
from tests.latent.models import generator, random_belief_net, random_ppca

LINEAR, BELIEF = random_ppca(), random_belief_net()
X = LINEAR.sample(4, generator=generator(1))
BITS = BELIEF.sample(4, generator=generator(1))


def widened(x, factor=1.5, shift=0.3):
    """A proposal beside the posterior of LINEAR, and wider."""
    posterior = LINEAR.posterior(x)
    std = posterior.covariance().diagonal(dim1=1, dim2=2).sqrt()
    return DiagonalGaussian(posterior.mean + shift * std, factor * std.expand_as(posterior.mean))


def estimates_of_p(weights, exact, n):
    """Means of groups of n weights relative to p(x), (groups, batch): their expectation is 1."""
    return (weights - exact).exp().view(-1, n, len(exact)).mean(1)


def test_the_posterior_has_no_variance_on_real_latents():
    estimate = importance_sampling(LINEAR, X, LINEAR.posterior(X), 30, generator=generator())
    torch.testing.assert_close(estimate.log_weights, LINEAR.log_prob(X).expand(30, 4), rtol=0, atol=1e-10)
    assert (estimate.standard_error < 1e-6).all()
    torch.testing.assert_close(estimate.effective_sample_size, torch.full((4,), 30.0, dtype=torch.float64))
    assert (estimate.pareto_k == -math.inf).all() and estimate.trusted.all()


def test_the_posterior_has_no_variance_on_bits():
    posterior = exact_posterior(BELIEF, BITS)
    weights = log_weights(BELIEF, BITS, posterior, 30, generator=generator())
    torch.testing.assert_close(weights, BELIEF.log_prob(BITS).expand(30, 4), rtol=0, atol=1e-10)


@pytest.mark.parametrize("name", ["wide", "prior"])
def test_importance_sampling_is_unbiased_on_real_latents(name):
    """The mean of 4,000 estimates from 10 samples each is p(x) within 4 standard errors."""
    q = widened(X) if name == "wide" else LINEAR.prior
    p_hat = estimates_of_p(log_weights(LINEAR, X, q, 40_000, generator=generator()), LINEAR.log_prob(X), 10)
    assert ((p_hat.mean(0) - 1).abs() < 4 * p_hat.std(0) / len(p_hat) ** 0.5).all()


@pytest.mark.parametrize("name", ["uniform", "prior", "other"])
def test_importance_sampling_is_unbiased_on_bits(name):
    q = {"uniform": Bits.uniform(5, dtype=torch.float64), "prior": BELIEF.prior, "other": Bits(0.5 * BITS[:, :5])}[name]
    p_hat = estimates_of_p(log_weights(BELIEF, BITS, q, 40_000, generator=generator()), BELIEF.log_prob(BITS), 10)
    assert ((p_hat.mean(0) - 1).abs() < 4 * p_hat.std(0) / len(p_hat) ** 0.5).all()


def test_its_logarithm_is_too_small_on_average():
    """Jensen: E log p̂ < log p, by about half the relative variance."""
    weights = log_weights(LINEAR, X, widened(X), 400_000, generator=generator())
    p_hat = estimates_of_p(weights, LINEAR.log_prob(X), 100)
    error = p_hat.log().std(0) / len(p_hat) ** 0.5
    assert ((p_hat.log().mean(0) + 0.5 * p_hat.var(0)).abs() < 4 * error).all()
    from_ten = estimates_of_p(weights, LINEAR.log_prob(X), 10).log()
    assert (from_ten.mean(0) < -4 * from_ten.std(0) / len(from_ten) ** 0.5).all()


def test_standard_errors_are_the_spread_of_repeated_estimates():
    """2,000 repetitions of 200 samples: the spread of log p̂ is the mean of the stated errors within 10 %."""
    weights = log_weights(LINEAR, X, widened(X), 400_000, generator=generator()).view(200, 2000, 4)
    estimate = ImportanceEstimate(weights)
    torch.testing.assert_close(estimate.log_prob.std(0), estimate.standard_error.mean(0), rtol=0.1, atol=0)
    ess = (2 * weights.logsumexp(0) - (2 * weights).logsumexp(0)).exp()
    torch.testing.assert_close(estimate.effective_sample_size, ess)


def test_one_sample_has_no_standard_error():
    assert ImportanceEstimate(torch.zeros(1, 3)).standard_error.tolist() == [math.inf] * 3


def test_uniform_monte_carlo_is_the_number_of_settings_times_the_mean_joint():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UntrustedEstimateWarning)
        estimate = uniform_monte_carlo(BELIEF, BITS, 100, generator=generator(3))
    z = Bits.uniform(5, dtype=torch.float64).sample(100, generator=generator(3))
    mean = BELIEF.log_joint(BITS, z).exp().mean(0)
    torch.testing.assert_close(estimate.log_prob, (2**5 * mean).log())


def test_chunks_change_nothing_but_memory():
    """The same 37 draws in pieces of 37, and a large estimate beside the exact value."""
    q = widened(X)
    whole = importance_log_prob(LINEAR, X, q, 37, chunk=37, generator=generator())
    torch.testing.assert_close(whole, ImportanceEstimate(log_weights(LINEAR, X, q, 37, generator=generator())).log_prob)
    pieces = importance_log_prob(LINEAR, X, q, 20_000, chunk=300, generator=generator())
    error = importance_sampling(LINEAR, X, q, 20_000, generator=generator()).standard_error
    assert ((pieces - LINEAR.log_prob(X)).abs() < 4 * error).all()


def test_a_narrow_proposal_is_reported_and_a_wide_one_is_not():
    with pytest.warns(UntrustedEstimateWarning, match="4 of 4 estimates"):
        narrow = importance_sampling(LINEAR, X, widened(X, factor=0.2, shift=0.0), 2000, generator=generator())
    assert not narrow.trusted.any()
    assert importance_sampling(LINEAR, X, widened(X), 2000, generator=generator()).trusted.all()  # a warning would fail


@pytest.mark.parametrize("n", [1, 24])
def test_too_few_draws_are_reported_as_too_few(n):
    """Their tail is not heavy but unknown, and more of them do help."""
    with pytest.warns(UntrustedEstimateWarning, match=f"4 of 4 estimates: {n} weights are too few .* at least 25"):
        importance_sampling(LINEAR, X, widened(X), n, generator=generator())


def test_gradients_reach_the_proposal_and_the_model():
    mean = torch.zeros(4, 2, dtype=torch.float64, requires_grad=True)
    q = DiagonalGaussian(mean, torch.ones_like(mean))
    log_weights(LINEAR, X, q, 5, generator=generator()).mean().backward()
    assert (mean.grad != 0).all()


def test_the_seed_fixes_the_estimate():
    a, b, c = (importance_log_prob(LINEAR, X, widened(X), 50, generator=generator(seed)) for seed in (1, 1, 2))
    assert torch.equal(a, b) and not torch.equal(a, c)


def test_enumeration_in_pieces_is_enumeration():
    torch.testing.assert_close(exact_log_prob(BELIEF, BITS, chunk=7), BELIEF.log_prob(BITS), rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: log_weights(LINEAR, X, widened(X), 0), "n: got 0"),
        (lambda: log_weights(LINEAR, X[0], widened(X), 5), "add an axis"),
        (lambda: log_weights(LINEAR, X[:1], widened(X), 5), r"q: got samples \(5, 4, 2\), expected \(5, 1, 2\) or"),
        (lambda: log_weights(LINEAR, X[:3], widened(X), 5), r"q: got samples \(5, 4, 2\), expected \(5, 3, 2\) or"),
        (lambda: importance_log_prob(LINEAR, X, widened(X), 10, chunk=0), "chunk: got 0"),
        (lambda: exact_log_prob(random_belief_net(3, 27), torch.zeros(1, 3)), "expected at most 26"),
        (lambda: BELIEF.log_joint(BITS / 2, torch.zeros(4, 5)), "expected zeros and ones"),
    ],
)
def test_mistakes_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
