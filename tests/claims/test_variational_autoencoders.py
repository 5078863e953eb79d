"""Lecture 9: two networks on one bound, gradients through chance, amortisation, and what becomes of the latents."""

import math

import numpy as np
import pytest
import torch

from dgmlib.data import load_digits
from dgmlib.figures import variational_autoencoders as figures
from dgmlib.latent.elbo import elbo
from dgmlib.latent.objective import Objective
from dgmlib.latent.refinement import refine
from dgmlib.latent.representation import information_per_unit, linear_probe
from dgmlib.latent.vae import VAE
from dgmlib.training import fit


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def digits():
    """8×8 digits as bits, to learn from and held out, with their labels."""
    images, labels = load_digits(binarized=True)
    x = torch.from_numpy(images.reshape(-1, 64)).float()
    return x[:1400], labels[:1400], x[1400:], labels[1400:]


def trained(digits, *, n_epochs=15, n_latents=6, sign=1, frozen=None, **options):
    """A small VAE of 8×8 digits; ``sign`` −1 minimises the bound, ``frozen`` names a network that does not learn."""
    noise = generator(1)
    vae = VAE(64, n_latents, hidden=(48,), generator=noise)
    if frozen:
        getattr(vae, frozen).requires_grad_(False)
    objective = Objective(vae, noise, **options)
    learning = [p for p in vae.parameters() if p.requires_grad]
    fit(
        vae,
        digits[0],
        digits[2],
        optimizer=torch.optim.Adam(learning, lr=4e-3 if sign > 0 else 1e-3),
        generator=noise,
        n_epochs=n_epochs,
        batch_size=50,
        loss=lambda x: sign * objective(x),
        begin_epoch=objective.begin_epoch,
        progress=False,
    )
    return vae


@torch.no_grad()
def held_out(vae, digits):
    """Mean ELBO in nats on held-out digits."""
    return float(vae.elbo(digits[2], n_samples=10, generator=generator(7)).mean())


def test_va2_the_two_forms_of_the_bound_agree():
    """E log p(x|z) − D(q‖p) = E log p(x, z) + H(q): both sampled, within 4.5 standard errors, for every example."""
    vae = VAE(6, 2, hidden=(5,), generator=generator())
    x = vae.sample(8, generator=generator(1))
    with torch.no_grad():
        split = torch.stack([vae.elbo(x, n_samples=50, generator=generator(s)) for s in range(100)])
        joint = torch.stack([elbo(vae, x, vae.encode(x), 50, generator=generator(s)) for s in range(100, 200)])
    error = ((split.var(0) + joint.var(0)) / 100).sqrt()
    assert ((split.mean(0) - joint.mean(0)).abs() < 4.5 * error).all()


def test_va2_maximising_the_bound_trains_both_networks_together(digits):
    """Held-out ELBO: together beats either network alone, and a descent makes it worse than no training at all."""
    untrained = held_out(VAE(64, 6, hidden=(48,), generator=generator(1)), digits)
    both = held_out(trained(digits), digits)
    assert both > untrained + 10
    for frozen in ("encoder", "decoder"):
        assert both > held_out(trained(digits, frozen=frozen), digits) + 2
    noise = generator(1)
    worse = VAE(64, 6, hidden=(48,), generator=noise)
    optimizer = torch.optim.SGD(worse.parameters(), lr=1e-3)  # few steps: downwards there is no floor
    for x in digits[0].split(50)[:3]:
        optimizer.zero_grad()
        worse.elbo(x, generator=noise).mean().backward()
        optimizer.step()
    assert held_out(worse, digits) < untrained


@pytest.mark.parametrize("n_dims", figures.DIMS)
def test_va3_both_estimators_agree_in_the_mean_and_differ_in_variance(n_dims):
    """Means within 4.5 standard errors of the exact slope; the reparameterised variance is the formula's, and smaller.

    For a linear-Gaussian model f(μ + σε) has the slope −λ(z − m), with λ the posterior's precision: its variance is
    λ²σ² = λ for a q as wide as the posterior.
    """
    truth = figures.true_slope(n_dims)
    for name in figures.ESTIMATORS:
        values = figures.draws(name, n_dims)
        assert abs(values.mean() - truth) < 4.5 * values.std() / math.sqrt(len(values))
    model, x, _ = figures.problem(n_dims)
    precision = float(1 / model.posterior(x).covariance()[0, 0, 0])
    path, score = (figures.draws(name, n_dims).var() for name in figures.ESTIMATORS)
    assert path == pytest.approx(precision, rel=0.05)
    assert score > 5 * path


def test_va3_the_advantage_grows_with_the_pixels():
    """The ratio of the variances rises from 2 to 10 to 50 pixels."""
    ratios = [
        (figures.spread("score function", d, 1) / figures.spread("reparameterised", d, 1)) ** 2 for d in (2, 10, 50)
    ]
    assert ratios[0] < ratios[1] < ratios[2]
    assert ratios[2] > 100


def test_va4_one_encoder_serves_all_and_leaves_an_amortisation_gap(digits):
    """Two latents, 40 digits never seen: prior < encoder ≤ refined ≤ log p(x) by quadrature, in nats."""
    vae = trained(digits, n_latents=2, n_epochs=30)
    x = digits[2][:40]
    best = refine(vae, x, n_steps=200, generator=generator(2))
    with torch.no_grad():
        prior = vae.prior
        ignorant = type(prior)(prior.mean.expand(40, -1), prior.std.expand(40, -1))
        blind, encoder, refined = (
            vae.elbo(x, q=q, n_samples=1000, generator=generator(3)) for q in (ignorant, vae.encode(x), best)
        )
    truth = vae.quadrature_log_prob(x, n_points=301, half_width=5.0)
    gap = refined - encoder
    assert (encoder > blind).float().mean() > 0.9
    assert (gap > -0.05).all() and gap.mean() > 0.05
    assert (truth > refined - 0.05).all() and (truth - refined).mean() > 0


def test_va5_beta_decides_between_collapse_and_use(digits):
    """Nats in the latents fall as β rises, to nothing; what a linear probe reads off them falls with them."""
    rates, scores = [], []
    for beta in (0.2, 1.0, 40.0):
        vae = trained(digits, beta=beta)
        rates.append(float(information_per_unit(vae, digits[2]).sum()))
        with torch.no_grad():
            train, test = (vae.encode(digits[i]).mean.numpy() for i in (0, 2))
        scores.append(linear_probe(train, digits[1], test, digits[3]))
    assert rates[0] > rates[1] + 2 > 4 and rates[2] < 0.2
    assert scores[1] > 0.6 and scores[1] > scores[2] + 0.2


def test_va5_the_recorded_runs_show_the_same():
    """Over the six recorded weights the KL term falls and the misfit rises; the best ELBO is found near β = 1."""
    costs = np.array([figures.rate_and_distortion(beta) for beta in figures.BETAS])
    assert (np.diff(costs[:, 0]) < 0).all()
    assert (np.diff(costs[:, 1]) > 0).all()
    assert 0.5 <= figures.BETAS[int((costs.sum(1)).argmin())] <= 2


def test_va5_warm_up_fills_the_units_first():
    """Half way through the warm-up the latents carry more than at the same epoch without, for both weights."""
    kept = figures.recorded()
    total = {run: kept["units"][i].sum(-1) for i, run in enumerate(figures.RUNS)}
    early = 5  # of 20 epochs, a quarter: half of the warm-up
    for beta in (1.0, 5.0):
        assert total[beta, 0.5][early] > 1.3 * total[beta, 0.0][early]


def test_va5_the_latent_plane_knows_digits():
    """Labels that training never saw: a linear probe on two latents beats chance by far; so do neighbours."""
    data = figures.digits()
    with torch.no_grad():
        train, test = (figures.model().encode(x).mean.numpy() for x in (data.train, data.held_out))
    assert linear_probe(train, data.train_labels, test, data.held_out_labels) > 0.4
    distance = ((test[:, None] - train[None]) ** 2).sum(-1)
    nearest = data.train_labels.numpy()[distance.argmin(1)]
    assert (nearest == data.held_out_labels.numpy()).mean() > 0.5


def test_va5_interpolation_in_the_latents_stays_sharp():
    """Half way between two digits: decoded and blended images differ, and the ends are the decoder's own."""
    for pair in ("7 to 2", "4 to 9"):
        z, image, blend = figures.between(pair, 0.5)
        assert image.shape == blend.shape == (28, 28)
        assert set(np.unique(blend)) <= {0.0, 0.5, 1.0}
        start = figures.between(pair, 0.0)[1]
        assert np.allclose(start, figures.decoded(tuple(figures.between(pair, 0.0)[0].tolist())), atol=1e-5)
        assert abs(image - blend).max() > 0.3
        assert np.isfinite(z).all()
