"""Two estimators of one gradient: equal in the mean, and how far apart in variance."""

import math

import pytest
import torch

from dgmlib.latent.gradients import gradient_draws, reparameterised_elbo, score_function_elbo
from dgmlib.latent.proposals import Bits, DiagonalGaussian
from tests.latent.models import generator, random_belief_net, random_ppca
from tests.latent.test_vae import data, random_vae, within

MODEL = random_ppca()
X = MODEL.sample(1, generator=generator(1))
Q = DiagonalGaussian(torch.tensor([[0.4, -0.3]], dtype=torch.float64), torch.tensor([[0.5, 0.8]], dtype=torch.float64))


def with_baseline(*arguments, **options):
    return score_function_elbo(*arguments, baseline=True, **options)


def exact_gradient():
    """Of the closed-form ELBO in (μ, log σ)."""
    mu, log_sigma = Q.mean.clone().requires_grad_(), Q.std.log().requires_grad_()
    value = MODEL.elbo(X, DiagonalGaussian(mu, log_sigma.exp())).sum()
    return torch.cat(torch.autograd.grad(value, [mu, log_sigma]), 1)[0]


@pytest.mark.parametrize(
    ("estimator", "n"),
    [(reparameterised_elbo, 1), (score_function_elbo, 1), (score_function_elbo, 4), (with_baseline, 4)],
)
def test_every_estimator_is_unbiased_for_the_exact_gradient(estimator, n):
    draws = gradient_draws(estimator, MODEL, X, Q, 40_000, n, generator=generator(2))
    assert draws.shape == (40_000, 4)
    assert within(draws, exact_gradient())


def test_variances_fall_as_one_over_n_and_the_baseline_helps():
    def variance(estimator, n):
        return gradient_draws(estimator, MODEL, X, Q, 20_000, n, generator=generator(3)).var(0).sum()

    path, score, better = (variance(e, 4) for e in (reparameterised_elbo, score_function_elbo, with_baseline))
    assert path < better / 3 < better < score / 2
    for estimator, of_four in ((reparameterised_elbo, path), (score_function_elbo, score)):
        assert variance(estimator, 1) / of_four == pytest.approx(4, rel=0.15)


def test_the_variances_are_those_of_the_formulas():
    """One dimension, f(z) = −z²/2 + …: variances of f'(z) and of f(z)(z−μ)/σ² by quadrature over ε."""
    model = random_ppca(n_dims=3, n_latents=1)
    x = model.sample(1, generator=generator())
    mu, sigma = torch.tensor([[0.3]], dtype=torch.float64), torch.tensor([[0.7]], dtype=torch.float64)
    q = DiagonalGaussian(mu, sigma)
    epsilon = torch.linspace(-9, 9, 4001, dtype=torch.float64)
    weight = torch.exp(-0.5 * epsilon**2) / torch.exp(-0.5 * epsilon**2).sum()
    z = (mu + sigma * epsilon[:, None, None]).requires_grad_()
    log_p = model.log_joint(x, z)
    f = (log_p - q.log_prob(z)).detach()[:, 0]
    slope = torch.autograd.grad(log_p.sum(), z)[0][:, 0, 0]  # log q(μ + σε) itself does not depend on μ
    for estimator, values in ((reparameterised_elbo, slope), (score_function_elbo, f * epsilon / sigma[0])):
        centre = (weight * values).sum()
        variance = float((weight * (values - centre) ** 2).sum())
        drawn = gradient_draws(estimator, model, x, q, 60_000, generator=generator(4))[:, 0]
        assert float(drawn.var()) == pytest.approx(variance, rel=0.08)


def test_both_value_the_bound_alike_and_agree_on_decoder_and_encoder_of_a_vae():
    """The same draws: equal values, equal gradients in the decoder; the encoder's agree in the mean over many draws."""
    vae = random_vae()
    x = data(vae, 3)
    gradients = {}
    for name, estimator in (("path", reparameterised_elbo), ("score", with_baseline)):
        runs = []
        for seed in range(150):
            vae.zero_grad()
            value = estimator(vae, x, vae.encode(x), 100, generator=generator(seed)).sum()
            value.backward()
            groups = (vae.decoder, vae.encoder)
            runs.append([torch.cat([p.grad.flatten() for p in g.parameters()]) for g in groups] + [value.detach()])
        gradients[name] = [torch.stack(column) for column in zip(*runs, strict=True)]
    (path_decoder, path_encoder, path_value), (decoder, encoder, value) = gradients["path"], gradients["score"]
    torch.testing.assert_close(value, path_value)
    torch.testing.assert_close(decoder, path_decoder)
    difference = encoder - path_encoder
    assert within(difference, torch.zeros_like(difference[0]), errors=5)
    assert encoder.var(0).sum() > 3 * path_encoder.var(0).sum()


def test_a_gradient_through_draws_that_pass_none_is_refused():
    """Of bits there is only the score function's; where q is not to learn, the model's own gradient is right."""
    net = random_belief_net().requires_grad_()
    x, logits = net.sample(2, generator=generator()), torch.zeros(2, 5, dtype=torch.float64)
    reparameterised_elbo(net, x, Bits(logits), generator=generator()).sum().backward()
    assert net.weight.grad.abs().max() > 0
    with pytest.raises(ValueError, match=r"q: got draws of Bits that pass no gradient on.*use score_function_elbo"):
        reparameterised_elbo(net, x, Bits(logits.requires_grad_()), generator=generator())
    with torch.no_grad():
        assert reparameterised_elbo(net, x, Bits(logits), generator=generator()).isfinite().all()


def test_mistakes_are_named():
    with pytest.raises(ValueError, match=r"n: got 1 with baseline=True, expected n ≥ 2 draws"):
        with_baseline(MODEL, X, Q, 1)
    with pytest.raises(ValueError, match=r"x, q: got 3 and 1 examples, expected one"):
        gradient_draws(reparameterised_elbo, MODEL, X.expand(3, -1), Q, 5)
    three = DiagonalGaussian(Q.mean.expand(3, -1), Q.std.expand(3, -1))
    for estimator in (reparameterised_elbo, score_function_elbo):
        with pytest.raises(ValueError, match="n: got 0, expected an integer ≥ 1"):
            estimator(MODEL, X, Q, 0)
        with pytest.raises(ValueError, match=r"q: got samples \(2, 3, 2\), expected \(2, 1, 2\) or a batch of one"):
            estimator(MODEL, X, three, 2)
    assert math.isfinite(float(score_function_elbo(MODEL, X, Q, generator=generator())))
