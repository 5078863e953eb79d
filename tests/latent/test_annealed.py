"""Annealed importance sampling against exact marginals, and the moves it makes against the densities they keep."""

import warnings

import pytest
import torch

from dgmlib.latent.annealed import annealed_importance_sampling, sigmoid_schedule
from dgmlib.latent.enumeration import exact_posterior
from dgmlib.latent.importance import UntrustedEstimateWarning, importance_sampling
from dgmlib.latent.proposals import DiagonalGaussian, FullGaussian
from dgmlib.latent.transitions import Flips, Hamiltonian
from tests.latent.models import generator, random_belief_net, random_ppca

LINEAR, BELIEF = random_ppca(8, 3, seed=2), random_belief_net(12, 6, seed=1)
X = LINEAR.sample(3, generator=generator(1))
BITS = BELIEF.sample(3, generator=generator(1))
ROLL = Hamiltonian(step=0.15, n_leapfrog=5)


def anneal(model, x, move, n=200, n_steps=60, seed=0):
    return annealed_importance_sampling(model, x, model.prior, n, n_steps, move, generator=generator(seed))


@pytest.mark.parametrize(
    ("model", "x", "move"),
    [(LINEAR, X, ROLL), (BELIEF, BITS, Flips()), (BELIEF, BITS.to(torch.uint8), Flips())],
    ids=["real", "bits", "bits as integers"],
)
def test_the_estimate_is_the_exact_value(model, x, move):
    """From the prior, within 4 standard errors, which are below 0.2 nats."""
    estimate = anneal(model, x, move)
    assert (estimate.standard_error < 0.2).all()
    assert ((estimate.log_prob - model.log_prob(x)).abs() < 4 * estimate.standard_error).all()


@pytest.mark.parametrize("dtype", [torch.uint8, torch.bool, torch.int64, torch.float32])
def test_the_type_of_the_data_does_not_matter(dtype):
    """Bits kept as integers are annealed as slowly as bits kept as floating numbers."""
    given, expected = anneal(BELIEF, BITS.to(dtype), Flips()), anneal(BELIEF, BITS, Flips())
    assert torch.equal(given.log_weights, expected.log_weights)


def test_it_is_unbiased_even_when_annealed_too_fast():
    """Three temperatures are far too few, yet the mean weight of 20,000 chains is p(x) within 4 standard errors."""
    estimate = annealed_importance_sampling(BELIEF, BITS, BELIEF.prior, 20_000, 3, Flips(), generator=generator())
    relative = (estimate.log_weights - BELIEF.log_prob(BITS)).exp()
    assert ((relative.mean(0) - 1).abs() < 4 * relative.std(0) / 20_000**0.5).all()


@pytest.mark.parametrize(("model", "x", "move"), [(LINEAR, X, ROLL), (BELIEF, BITS, Flips())], ids=["real", "bits"])
def test_slower_annealing_evens_the_weights(model, x, move):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UntrustedEstimateWarning)
        fast, slow = (anneal(model, x, move, n_steps=n).effective_sample_size for n in (1, 60))
    assert (slow > 2 * fast).all()


def test_one_step_is_importance_sampling():
    posterior = LINEAR.posterior(X)
    q = FullGaussian(posterior.mean, 1.2 * posterior.scale)
    annealed = annealed_importance_sampling(LINEAR, X, q, 100, 1, ROLL, generator=generator())
    plain = importance_sampling(LINEAR, X, q, 100, generator=generator())
    torch.testing.assert_close(annealed.log_weights, plain.log_weights)


def test_flips_keep_the_posterior():
    """100,000 chains started in it stay in it: all 64 frequencies within 5 standard errors after 3 sweeps."""
    n, posterior = 100_000, exact_posterior(BELIEF, BITS[:1])
    z = posterior.sample(n, generator=generator())
    g, places = generator(5), 2.0 ** torch.arange(5, -1, -1, dtype=torch.float64)
    for _ in range(3):
        z = Flips()(z, lambda z: BELIEF.log_joint(BITS[:1], z), generator=g)
    code = (z[:, 0] @ places).long()
    p = posterior.log_probs[:, 0].exp()
    assert ((torch.bincount(code, minlength=64) / n - p).abs() < 5 * (p * (1 - p) / n).sqrt() + 1e-9).all()


def test_rolling_keeps_the_posterior_and_reaches_it():
    """From far away, 40 trajectories of 5,000 chains end with the posterior's mean and covariance within 5 errors."""
    posterior, n = LINEAR.posterior(X), 5000
    z, g = torch.full((n, 3, 3), 4.0, dtype=torch.float64), generator()
    for _ in range(40):
        z = ROLL(z, lambda z: LINEAR.log_joint(X, z), generator=g)
    covariance = posterior.covariance()[0]
    variance = covariance.diagonal()
    assert ((z.mean(0) - posterior.mean).abs() < 5 * (variance / n).sqrt()).all()
    centred = z - z.mean(0)
    found = torch.einsum("nbi,nbj->bij", centred, centred) / n
    assert ((found - covariance).abs() < 5 * ((variance[:, None] * variance + covariance**2) / n).sqrt()).all()


def test_a_trajectory_that_runs_away_is_rejected():
    """A step far too long: nothing is accepted, nothing becomes NaN."""
    z = LINEAR.posterior(X).sample(10, generator=generator())
    moved = Hamiltonian(step=1e3, n_leapfrog=200)(z, lambda z: LINEAR.log_joint(X, z), generator=generator())
    assert torch.equal(moved, z)


def test_the_schedule_runs_from_nought_to_one():
    betas = sigmoid_schedule(10)
    assert betas[0] == 0 and betas[-1] == 1 and (betas.diff() > 0).all()
    torch.testing.assert_close(betas + betas.flip(0), torch.ones(11, dtype=torch.float64))
    assert betas[1] < 0.5 * (betas[6] - betas[5])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: anneal(LINEAR, X, ROLL, n_steps=0), "n_steps: got 0"),
        (lambda: anneal(LINEAR, X, ROLL, n=0), "n: got 0"),
        (lambda: sigmoid_schedule(5, steepness=0.0), "steepness: got 0.0"),
        (lambda: Hamiltonian(step=0.0), "step: got 0.0"),
        (lambda: Hamiltonian(n_leapfrog=0), "n_leapfrog: got 0"),
        (
            lambda: annealed_importance_sampling(LINEAR, X, DiagonalGaussian.standard(2), 5, 5, ROLL),
            r"expected \(5, 3, 3\) or a batch of one",
        ),
        (
            lambda: annealed_importance_sampling(LINEAR, X[:2], LINEAR.posterior(X), 5, 5, ROLL),
            r"q: got samples \(5, 3, 3\), expected \(5, 2, 3\)",
        ),
    ],
)
def test_mistakes_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
