"""Probabilistic PCA: marginal, posterior, bound and fit against independent formulas."""

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA

from dgmlib.divergences import multivariate_gaussian_kl
from dgmlib.latent.elbo import elbo
from dgmlib.latent.ppca import PPCA
from dgmlib.latent.proposals import DiagonalGaussian, FullGaussian
from dgmlib.likelihood import MultivariateGaussian
from tests.latent.models import generator, random_ppca

MODEL = random_ppca()
X = MODEL.sample(7, generator=generator(1))
COVARIANCE = MODEL.weight @ MODEL.weight.T + MODEL.noise**2 * torch.eye(5, dtype=torch.float64)


def test_the_marginal_is_the_gaussian_with_covariance_wwt_plus_noise():
    torch.testing.assert_close(
        MODEL.log_prob(X), MultivariateGaussian(MODEL.mean, COVARIANCE).log_prob(X), rtol=0, atol=1e-12
    )


def test_bayes_rule_holds_at_any_z():
    """log p(x, z) − log p(z | x) = log p(x), whatever z."""
    z = 3 * torch.randn(20, 7, 2, generator=generator(2), dtype=torch.float64)
    marginal = MODEL.log_joint(X, z) - MODEL.posterior(X).log_prob(z)
    torch.testing.assert_close(marginal, MODEL.log_prob(X).expand(20, 7), rtol=0, atol=1e-10)


def test_the_bound_is_tight_at_the_posterior():
    """ELBO = log p(x) to 1e-10, in closed form and from a single sample."""
    posterior = MODEL.posterior(X)
    torch.testing.assert_close(MODEL.elbo(X, posterior), MODEL.log_prob(X), rtol=0, atol=1e-10)
    torch.testing.assert_close(elbo(MODEL, X, posterior, generator=generator()), MODEL.log_prob(X), rtol=0, atol=1e-10)


@pytest.mark.parametrize("seed", range(5))
def test_the_gap_is_the_divergence_from_the_posterior(seed):
    """log p(x) − ELBO(q) = D(q ‖ p(z|x)) > 0 to 1e-10 for random Gaussians q, full and diagonal."""
    g = generator(seed)
    mean = torch.randn(7, 2, generator=g, dtype=torch.float64)
    scale = torch.tril(torch.randn(7, 2, 2, generator=g, dtype=torch.float64))
    scale = scale - torch.diag_embed(scale.diagonal(dim1=1, dim2=2)) + 0.5 * torch.eye(2, dtype=torch.float64)
    posterior = MODEL.posterior(X)
    for q in (FullGaussian(mean, scale), DiagonalGaussian(mean, 0.3 + scale[:, :, 0].abs())):
        gap = MODEL.log_prob(X) - MODEL.elbo(X, q)
        covariances = q.covariance(), posterior.covariance()[0]
        divergence = [
            multivariate_gaussian_kl(q.mean[i], covariances[0][i], posterior.mean[i], covariances[1]) for i in range(7)
        ]
        torch.testing.assert_close(gap, torch.stack(divergence), rtol=1e-10, atol=1e-10)
        assert (gap > 1e-3).all()


def test_the_sampled_bound_is_the_formula():
    """Within 5 standard errors for 20,000 draws of a diagonal q."""
    q = DiagonalGaussian(torch.zeros(7, 2, dtype=torch.float64), torch.full((7, 2), 0.4, dtype=torch.float64))
    n = 20_000
    z = q.sample(n, generator=generator())
    values = MODEL.log_joint(X, z) - q.log_prob(z)
    assert ((values.mean(0) - MODEL.elbo(X, q)).abs() < 5 * values.std(0) / n**0.5).all()


def test_samples_have_the_covariance_of_the_marginal():
    n = 40_000
    x = MODEL.sample(n, generator=generator(3))
    centred, variance = x - x.mean(0), COVARIANCE.diagonal()
    assert ((x.mean(0) - MODEL.mean).abs() < 5 * (variance / n).sqrt()).all()
    error = ((variance[:, None] * variance + COVARIANCE**2) / n).sqrt()
    assert ((centred.T @ centred / n - COVARIANCE).abs() < 5 * error).all()


def test_the_fit_is_scikit_learns():
    """Its score is that of PCA's probabilistic model, whose covariance divides by m − 1: give both the same one."""
    x = random_ppca(6, 3).sample(200, generator=generator(4))
    reference = PCA(2).fit(x.numpy())
    ours = PPCA.fit(x, 2)
    implied = ours.weight @ ours.weight.T + ours.noise**2 * torch.eye(6, dtype=torch.float64)
    np.testing.assert_allclose(implied * 200 / 199, reference.get_covariance(), rtol=1e-9)


def test_no_gradient_is_left_at_the_fit():
    """Closed form or not, a maximum is where the slope is zero."""
    x = random_ppca(6, 3).sample(50, generator=generator(5))
    best = PPCA.fit(x, 3)
    parameters = [p.clone().requires_grad_() for p in (best.weight, best.mean, best.noise)]
    PPCA(*parameters).log_prob(x).mean().backward()
    assert max(p.grad.abs().max() for p in parameters) < 1e-10
    nearby = [p + 0.05 * torch.randn(p.shape, generator=generator(6), dtype=p.dtype) for p in parameters]
    assert PPCA(*nearby).log_prob(x).mean() < best.log_prob(x).mean()


def test_rotating_the_latents_changes_nothing():
    """Why L(L−1)/2 numbers are not counted as parameters."""
    rotation, _ = torch.linalg.qr(torch.randn(2, 2, generator=generator(7), dtype=torch.float64))
    turned = PPCA(MODEL.weight @ rotation, MODEL.mean, MODEL.noise)
    torch.testing.assert_close(turned.log_prob(X), MODEL.log_prob(X))


def test_numbers_and_arrays_make_the_same_model():
    given = PPCA(MODEL.weight.numpy(), MODEL.mean.tolist(), float(MODEL.noise))
    assert torch.equal(given.log_prob(X), MODEL.log_prob(X))
    assert torch.equal(PPCA(MODEL.weight, MODEL.mean, 0.6).log_prob(X), MODEL.log_prob(X))


def test_no_samples_are_an_empty_batch():
    assert MODEL.sample(0).shape == (0, 5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: PPCA(MODEL.weight, MODEL.mean[:3], MODEL.noise), "weight, mean, noise: got shapes"),
        (lambda: PPCA(MODEL.weight, MODEL.mean, -MODEL.noise), "σ > 0"),
        (lambda: MODEL.log_prob(X[0]), r"expected a floating tensor \(batch, 5\)"),
        (lambda: MODEL.log_joint(X, torch.zeros(7, 3)), r"z: got shape \(7, 3\)"),
        (lambda: PPCA.fit(X, 5), "fewer than the 5 dimensions"),
        (lambda: PPCA.fit(X[:3], 2), "rows that lie in 2 dimensions"),
        (lambda: PPCA.fit(X.tolist(), 2), r"x: got list, expected a floating tensor \(batch, n_dims\)"),
        (lambda: PPCA.fit(X / 0, 2), "x: got NaN or infinite values"),
        (lambda: PPCA.fit(X[:0], 2), "x: got no examples"),
        (lambda: MODEL.sample(-1), "n: got -1, expected an integer ≥ 0"),
    ],
)
def test_mistakes_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
