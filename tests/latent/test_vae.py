"""Variational autoencoders: against probabilistic PCA, whose marginal is a formula, and against quadrature."""

import math

import numpy as np
import pytest
import torch
from safetensors.torch import load, save

from dgmlib import training
from dgmlib.latent.importance import ImportanceEstimate, log_weights
from dgmlib.latent.objective import Objective
from dgmlib.latent.ppca import PPCA
from dgmlib.latent.proposals import DiagonalGaussian
from dgmlib.latent.vae import VAE, kl_to_prior
from tests.conformance.case import randomized
from tests.latent.models import generator

DECODERS = ("bernoulli", "gaussian", "gaussian, shared sigma")


def random_vae(n_dims=4, n_latents=2, seed=0, size=0.6, **options):
    """A VAE in double precision with weights that mean something."""
    options = {"hidden": (5,), **options}
    return randomized(VAE(n_dims, n_latents, generator=generator(), **options), size, seed).double()


def data(vae, n=6, seed=1):
    return vae.sample(n, generator=generator(seed))


def linear_gaussian(n_dims=5, n_latents=2, seed=0):
    """A VAE with linear maps, and the probabilistic PCA that its decoder is."""
    vae = random_vae(n_dims, n_latents, seed, hidden=(), decoder="gaussian, shared sigma")
    with torch.no_grad():
        vae.decoder.log_sigma.fill_(math.log(0.6))
    head = vae.decoder.network[0]
    return vae, PPCA(head.weight.detach(), head.bias.detach(), torch.tensor(0.6, dtype=torch.float64))


def within(estimates, truth, errors=4.5):
    """Whether the mean over the first axis is ``truth``, give or take so many standard errors."""
    error = estimates.std(0) / math.sqrt(len(estimates))
    return bool(((estimates.mean(0) - truth).abs() <= errors * error + 1e-12).all())


# -- Exact -------------------------------------------------------------------------------------------------------------


def test_the_joint_of_a_linear_gaussian_vae_is_that_of_probabilistic_pca():
    vae, ppca = linear_gaussian()
    x, z = data(vae), torch.randn(3, 6, 2, generator=generator(2), dtype=torch.float64)
    torch.testing.assert_close(vae.log_joint(x, z), ppca.log_joint(x, z), rtol=1e-12, atol=1e-12)


def test_quadrature_gives_the_exact_marginal():
    vae, ppca = linear_gaussian()
    x = data(vae)
    torch.testing.assert_close(vae.quadrature_log_prob(x), ppca.log_prob(x), rtol=1e-9, atol=1e-9)
    narrow, formula = linear_gaussian(n_latents=1)
    exact = formula.log_prob(x)
    torch.testing.assert_close(narrow.quadrature_log_prob(x, n_points=81), exact, rtol=1e-9, atol=1e-9)


def test_the_elbo_is_unbiased_for_the_closed_form_and_lies_below_the_marginal():
    vae, ppca = linear_gaussian()
    x = data(vae)
    q = vae.encode(x)
    exact = ppca.elbo(x, q).detach()
    draws = torch.stack([vae.elbo(x, n_samples=50, generator=generator(s)).detach() for s in range(200)])
    assert within(draws, exact)
    assert (exact < ppca.log_prob(x)).all()


def test_with_the_posterior_as_encoder_the_bound_is_the_marginal():
    """One latent, so that the exact posterior is of the encoder's own kind: every weight is p(x)."""
    vae, ppca = linear_gaussian(n_latents=1)
    x = data(vae)
    posterior = ppca.posterior(x)
    q = DiagonalGaussian(posterior.mean, posterior.scale[:, 0].expand(len(x), -1))
    weights = log_weights(vae, x, q, 7, generator=generator())
    torch.testing.assert_close(weights.detach(), ppca.log_prob(x).expand(7, -1), rtol=1e-10, atol=1e-10)
    with torch.no_grad():  # the posterior mean is linear in x and its width constant, so the encoder can be set to it
        first = (ppca.weight.T / (ppca.weight.T @ ppca.weight + ppca.noise**2))[0]
        vae.encoder[0].weight.copy_(torch.stack([first, torch.zeros_like(first)]))
        vae.encoder[0].bias.copy_(torch.stack([-first @ ppca.mean, q.std[0, 0].log()]))
    torch.testing.assert_close(vae.iwae_bound(x, 3, generator=generator()), ppca.log_prob(x), rtol=1e-9, atol=1e-9)


def test_the_importance_estimate_agrees_with_closed_form_and_quadrature():
    for vae, exact in (
        (linear_gaussian()[0], lambda x: linear_gaussian()[1].log_prob(x)),
        *((v, v.quadrature_log_prob) for v in (random_vae(decoder=name, size=0.5) for name in DECODERS)),
    ):
        x = data(vae)
        with torch.no_grad():
            for parameter in vae.encoder.parameters():
                parameter.zero_()  # q is the prior: wide enough for weights with a variance
        log_p = exact(x)
        estimate = ImportanceEstimate(log_weights(vae, x, vae.encode(x), 20_000, generator=generator(3)))
        in_chunks = vae.importance_log_prob(x, 20_000, generator=generator(4))
        assert ((estimate.log_prob - log_p).abs() < 5 * estimate.standard_error).all()
        assert ((in_chunks - log_p).abs() < 5 * estimate.standard_error).all()


def test_chunks_do_not_change_the_estimate(monkeypatch):
    """The same draws, eight at a time (16 numbers: torch fills fewer in another way) or all at once."""
    vae = random_vae()
    x = data(vae)
    whole = vae.importance_log_prob(x, 32, generator=generator())
    monkeypatch.setattr("dgmlib.latent.vae._IN_CACHE", 8 * vae.n_dims)
    torch.testing.assert_close(vae.importance_log_prob(x, 32, generator=generator()), whole, rtol=1e-12, atol=1e-12)


def test_divergence_of_the_encoder_is_that_of_gaussians():
    q = DiagonalGaussian(torch.tensor([[0.3, -2.0]]), torch.tensor([[0.5, 1.7]]))
    z = q.sample(200_000, generator=generator())
    prior = DiagonalGaussian.standard(2)
    sampled = q.log_prob(z) - prior.log_prob(z)
    assert within(sampled, kl_to_prior(q).sum(-1))
    assert kl_to_prior(prior).abs().max() == 0


# -- Bounds ------------------------------------------------------------------------------------------------------------


def test_the_importance_weighted_bound_rises_towards_the_marginal():
    vae, ppca = linear_gaussian()
    x, log_p = data(vae), linear_gaussian()[1].log_prob(data(vae))
    means, errors = [], []
    for k in (1, 5, 50):
        draws = torch.stack([vae.iwae_bound(x, k, generator=generator(s)).detach().mean() for s in range(300)])
        means.append(float(draws.mean()))
        errors.append(float(draws.std()) / math.sqrt(300))
    exact_elbo = float(ppca.elbo(x, vae.encode(x)).detach().mean())
    assert abs(means[0] - exact_elbo) < 4.5 * errors[0]
    assert means[0] + 4 * errors[0] < means[1]
    assert means[1] + 4 * errors[1] < means[2] < float(log_p.mean()) + 4 * errors[2]


def test_beta_weighs_the_divergence_and_nothing_else():
    vae = random_vae()
    x = data(vae)
    whole, half, none = (vae.elbo(x, beta=beta, n_samples=3, generator=generator()) for beta in (1, 0.5, 0))
    torch.testing.assert_close(none - whole, kl_to_prior(vae.encode(x)).sum(-1))
    torch.testing.assert_close(half, (whole + none) / 2)


@pytest.mark.parametrize("decoder", DECODERS)
def test_one_example_is_learned_to_its_optimum(decoder):
    """Both networks, climbing together: a single bit row costs nothing in the end; a Gaussian one beats N(0, I)."""
    vae = VAE(3, 1, hidden=(8,), decoder=decoder, generator=generator())
    x = torch.tensor([[1.0, 0.0, 1.0]])
    optimizer, noise = torch.optim.Adam(vae.parameters(), lr=0.03, maximize=True), generator(1)
    for _ in range(400):
        optimizer.zero_grad()
        vae.elbo(x, n_samples=4, generator=noise).sum().backward()
        optimizer.step()
    reached = float(vae.quadrature_log_prob(x))
    assert reached > (-0.1 if decoder == "bernoulli" else 3.0)


# -- The contract ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("decoder", DECODERS)
def test_samples_follow_the_marginal(decoder):
    """20,000 draws: their mean and covariance are those that the law of total variance gives, by quadrature over z."""
    vae = random_vae(3, 1, decoder=decoder, size=0.5)
    drawn = vae.sample(20_000, generator=generator(5))
    z = torch.linspace(-8, 8, 2001, dtype=torch.float64)[:, None]
    weight = torch.exp(-0.5 * z[:, 0] ** 2) / torch.exp(-0.5 * z[:, 0] ** 2).sum()
    with torch.no_grad():
        mean = vae.decode(z)
        spread = mean * (1 - mean) if decoder == "bernoulli" else vae.decoder.mean_and_log_sigma(z)[1].exp() ** 2
    centre = weight @ mean
    covariance = (mean - centre).T @ torch.diag(weight) @ (mean - centre) + torch.diag(weight @ spread)
    assert within(drawn, centre)
    products = ((drawn - centre)[:, :, None] * (drawn - centre)[:, None, :]).flatten(1)
    assert within(products, covariance.flatten())


@pytest.mark.parametrize("decoder", DECODERS)
def test_a_seed_fixes_everything(decoder):
    vae, again = (VAE(4, 2, decoder=decoder, generator=generator(3)) for _ in range(2))
    other = VAE(4, 2, decoder=decoder, generator=generator(4))
    state = torch.get_rng_state()
    x = vae.sample(5, generator=generator())
    assert torch.equal(x, again.sample(5, generator=generator()))
    assert not torch.equal(vae.encode(x).mean, other.encode(x).mean)
    for call in (vae.elbo, lambda x, generator: vae.iwae_bound(x, 3, generator=generator), vae.importance_log_prob):
        assert torch.equal(call(x, generator=generator(1)), call(x, generator=generator(1)))
        assert not torch.equal(call(x, generator=generator(1)), call(x, generator=generator(2)))
    assert torch.equal(state, torch.get_rng_state())


@pytest.mark.parametrize("decoder", DECODERS)
def test_weights_survive_saving(decoder):
    vae, other = random_vae(decoder=decoder), random_vae(decoder=decoder, seed=1)
    x = data(vae)
    assert not torch.equal(other.encode(x).mean, vae.encode(x).mean)
    other.load_state_dict(load(save(vae.state_dict())))
    assert torch.equal(other.elbo(x, generator=generator()), vae.elbo(x, generator=generator()))
    assert torch.equal(other.sample(5, generator=generator()), vae.sample(5, generator=generator()))


def test_parameters_are_counted():
    """Encoder and decoder, weights and biases; the Gaussian decoders have twice the outputs, or one σ more each."""
    encoder = 7 * 5 + 5 + 5 * 4 + 4
    for decoder, last in (("bernoulli", 6 * 7), ("gaussian", 6 * 14), ("gaussian, shared sigma", 6 * 7 + 7)):
        assert VAE(7, 2, hidden=(5,), decoder=decoder).num_parameters == encoder + 2 * 5 + 5 + last


def test_the_decoder_mirrors_the_encoder():
    vae = VAE(6, 2, hidden=(5, 4))
    widths = [[m.out_features for m in net if hasattr(m, "out_features")] for net in (vae.encoder, vae.decoder.logits)]
    assert widths == [[5, 4, 4], [4, 5, 6]]


def test_batches_and_number_types_change_nothing():
    vae = random_vae().float()
    x = data(vae, 7)
    q = vae.encode(x)
    alone = torch.cat([vae.encode(row).mean for row in x.split(1)])
    torch.testing.assert_close(alone, q.mean, rtol=1e-5, atol=1e-6)
    for dtype in (torch.uint8, torch.int64, torch.bool, torch.float64):
        given = vae.elbo(x.to(dtype), generator=generator())
        assert given.dtype == torch.float32
        assert torch.equal(given, vae.elbo(x, generator=generator()))
    torch.testing.assert_close(vae.double().encode(x).mean.float(), q.mean, rtol=1e-4, atol=1e-5)


def test_nothing_in_nothing_out():
    vae = VAE(4, 2)
    nothing = torch.zeros(0, 4)
    assert vae.elbo(nothing).shape == vae.importance_log_prob(nothing).shape == (0,)
    assert vae.quadrature_log_prob(nothing).shape == (0,)
    assert vae.sample(3).shape == (3, 4)
    assert vae.sample(0).shape == (0, 4)


def test_one_proposal_serves_all_examples():
    vae = random_vae()
    x, q = data(vae, 3), DiagonalGaussian(torch.full((1, 2), 0.3).double(), torch.full((1, 2), 0.7).double())
    alone = [vae.elbo(row, q=q, n_samples=3, generator=generator()) for row in x.split(1)]
    torch.testing.assert_close(vae.elbo(x, q=q, n_samples=3, generator=generator()), torch.cat(alone))


def test_every_parameter_gets_a_finite_gradient():
    for decoder in DECODERS:
        vae = random_vae(decoder=decoder)
        for bound in (vae.elbo(data(vae)), vae.iwae_bound(data(vae), 3)):
            vae.zero_grad()
            bound.sum().backward()
            assert all(p.grad.isfinite().all() and p.grad.abs().max() > 0 for p in vae.parameters())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: VAE(4, 2, decoder="poisson"), r"decoder: got 'poisson', expected one of \['bernoulli'"),
        (lambda: VAE(0, 2), r"sizes\[0\]: got 0, expected an integer ≥ 1"),
        (lambda: VAE(4, 2).encode(torch.zeros(4)), r"x: got shape \(4,\), expected \(batch, 4\)"),
        (lambda: VAE(4, 2).elbo(torch.full((1, 4), 0.5)), "values other than 0 and 1, expected bits"),
        (lambda: VAE(4, 2, decoder="gaussian").encode(torch.full((1, 4), math.nan)), "NaN or infinite values"),
        (lambda: VAE(4, 3).quadrature_log_prob(torch.zeros(1, 4)), "n_latents: got 3, expected 1 or 2 for a grid"),
        (lambda: VAE(4, 2).quadrature_log_prob(torch.zeros(1, 4), n_points=1), "n_points: got 1, expected an integer"),
        (lambda: VAE(4, 2).quadrature_log_prob(torch.zeros(1, 4), half_width=0.0), "half_width: got 0.0, expected a"),
        (lambda: VAE(4, 2).quadrature_log_prob(torch.zeros(1, 4), half_width=-3), "half_width: got -3, expected a"),
        (
            lambda: VAE(4, 2).elbo(torch.zeros(1, 4), q=VAE(4, 2).encode(torch.zeros(3, 4))),
            r"q: got samples \(1, 3, 2\), expected \(1, 1, 2\)",
        ),
        (lambda: VAE(4, 2).elbo(torch.zeros(1, 4), n_samples=0), "n_samples: got 0, expected an integer ≥ 1"),
        (lambda: VAE(4, 2).sample(-1), "n: got -1, expected an integer ≥ 0"),
        (lambda: VAE(4, 2).sample(1.5), "n: got 1.5, expected an integer ≥ 0"),
        (lambda: VAE(4, 2).iwae_bound(torch.zeros(1, 4), 0), "got 0, expected an integer ≥ 1"),
        (lambda: Objective(VAE(4, 2), generator(), importance=True, beta=2.0), "importance-weighted bound has no sep"),
        (lambda: Objective(VAE(4, 2), generator(), warm_up=2.0), r"expected β ≥ 0 and a share in \[0, 1\]"),
    ],
)
def test_mistakes_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# -- Training ----------------------------------------------------------------------------------------------------------


def test_warm_up_lets_beta_grow_linearly_and_spares_validation():
    vae = random_vae()
    x, objective = data(vae), Objective(vae, generator(), beta=0.8, warm_up=0.5)
    assert [objective.current_beta for done in (0, 0.25, 0.5, 0.9) if objective.begin_epoch(done) is None] == [
        0.0,
        0.4,
        0.8,
        0.8,
    ]
    objective.begin_epoch(0.25)
    losses = {}
    for training_mode in (True, False):
        vae.train(training_mode)
        objective.generator.manual_seed(0)
        losses[training_mode] = objective(x)
    torch.testing.assert_close(losses[True], -vae.elbo(x, beta=0.4, generator=generator()))
    torch.testing.assert_close(losses[False], -vae.elbo(x, beta=0.8, generator=generator()))


def test_the_importance_objective_is_the_bound():
    vae = random_vae()
    x, objective = data(vae), Objective(vae, generator(1), n_samples=4, importance=True)
    assert torch.equal(objective(x), -vae.iwae_bound(x, 4, generator=generator(1)))


@pytest.mark.parametrize("options", [{"warm_up": 0.5}, {"n_samples": 3, "importance": True}])
def test_training_raises_the_bound_and_resumes_to_the_bit(options, tmp_path):
    x = (torch.rand(120, 6, generator=generator()) < torch.tensor([0.9, 0.1] * 3)).float()
    x[:, 2:4] = x[:, :2]

    def run(path, stop_after=None):
        noise = generator(1)
        vae = VAE(6, 2, hidden=(8,), generator=noise)
        objective = Objective(vae, noise, **options)
        epochs = []

        def begin(done):
            objective.begin_epoch(done)
            epochs.append(done)
            if len(epochs) == stop_after:
                raise KeyboardInterrupt

        optimizer = torch.optim.Adam(vae.parameters(), lr=0.01)
        history = training.fit(
            vae, x[:80], x[80:], optimizer=optimizer, generator=noise, n_epochs=8, batch_size=20, loss=objective,
            begin_epoch=begin, checkpoint=path, progress=False,
        )  # fmt: skip
        return vae, history, epochs

    whole, history, epochs = run(tmp_path / "whole")
    assert epochs == [i / 8 for i in range(8)]
    assert history.valid[-1] < history.valid[0]
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "part", stop_after=4)
    resumed = run(tmp_path / "part")[0]
    assert all(torch.equal(a, b) for a, b in zip(whole.parameters(), resumed.parameters(), strict=True))


def test_memory_does_not_grow_with_the_samples(monkeypatch):
    """No array that the decoder makes holds more numbers than fit in the cache."""
    vae, largest = VAE(784, 2, hidden=(4,), generator=generator()), []
    log_joint = vae.log_joint
    monkeypatch.setattr(vae, "log_joint", lambda x, z: largest.append(len(z) * 784) or log_joint(x, z))
    vae.importance_log_prob(torch.zeros(2, 784), 2000, generator=generator())
    assert max(largest) <= 2**19
    assert sum(largest) == 2 * 2000 * 784
    assert np.isfinite(largest).all()
