"""The best q for one example: where a formula knows it, and never worse than the encoder's."""

import torch

from dgmlib.latent.proposals import DiagonalGaussian
from dgmlib.latent.refinement import amortisation_gap, refine
from tests.latent.models import generator
from tests.latent.test_vae import data, linear_gaussian, random_vae


def test_refining_finds_the_best_diagonal_gaussian():
    """For a linear-Gaussian model the best q has the posterior's mean and the inverse diagonal of its precision."""
    vae, ppca = linear_gaussian()
    x = data(vae, 4)
    prior = DiagonalGaussian(torch.zeros(4, 2).double(), torch.ones(4, 2).double())
    refined = refine(vae, x, start=prior, n_steps=600, n_samples=64, generator=generator())
    posterior = ppca.posterior(x)
    precision = torch.linalg.inv(posterior.covariance()[0])
    best = DiagonalGaussian(posterior.mean, precision.diagonal().rsqrt().expand(4, -1))
    torch.testing.assert_close(refined.mean, best.mean, rtol=0, atol=0.03)
    torch.testing.assert_close(refined.std, best.std, rtol=0.03, atol=0)
    assert (ppca.elbo(x, best) - ppca.elbo(x, refined)).max() < 1e-3
    exact_gap = (ppca.elbo(x, refined) - ppca.elbo(x, vae.encode(x))).detach()
    gap = amortisation_gap(vae, x, refined, n_samples=20_000, generator=generator(1))
    torch.testing.assert_close(gap, exact_gap, rtol=0.05, atol=0.05)
    assert (exact_gap > 0).all()


def test_refining_helps_every_example_and_touches_no_network():
    vae = random_vae()
    x, before = data(vae, 5), [p.clone() for p in vae.parameters()]
    q = refine(vae, x, n_steps=100, generator=generator())
    assert (amortisation_gap(vae, x, q, n_samples=2000, generator=generator(1)) > 0).all()
    assert (vae.elbo(x, q=q, n_samples=2000, generator=generator(2)) < vae.quadrature_log_prob(x) + 0.05).all()
    assert all(torch.equal(a, b) and b.grad is None for a, b in zip(before, vae.parameters(), strict=True))


def test_examples_do_not_disturb_each_other_and_the_start_counts():
    vae = random_vae()
    x = data(vae, 3)
    start = DiagonalGaussian(torch.full((3, 2), 4.0).double(), torch.ones(3, 2).double())
    stayed = refine(vae, x, start=start, n_steps=1, learning_rate=1e-9, generator=generator())
    torch.testing.assert_close(stayed.mean, start.mean)
    first = refine(vae, x, n_steps=300, n_samples=64, generator=generator())
    alone = refine(vae, x[:1], n_steps=300, n_samples=64, generator=generator(1))
    torch.testing.assert_close(first.mean[:1], alone.mean, rtol=0, atol=0.1)
