"""MAP and posterior mean of every prior, against brute force in two dimensions."""

import numpy as np
import pytest
import torch
from scipy.special import logsumexp
from scipy.stats import multivariate_normal

from dgmlib.autoregressive import RNADE
from dgmlib.patches import (
    FactorialPrior,
    GaussianMixturePrior,
    ScaleMixturePrior,
    denoise_patches,
    from_plane,
    gaussian_prior,
    ica_prior,
    independent_pixels,
    pca_prior,
)
from dgmlib.patches.marginals import GeneralizedGaussians
from dgmlib.patches.plane import protocol_matrix, protocol_volume
from dgmlib.patches.rnade import RNADEPrior
from dgmlib.restoration import psnr

RNG = np.random.default_rng(0)
SIGMA = 0.6
STEPS = (1, 2, 4, 8, 40)  # of EM
LINE = np.linspace(-9, 9, 601)
GRID = np.stack(np.meshgrid(LINE, LINE, indexing="ij"), -1).reshape(-1, 2)
Y = np.array([[0.3, -0.2], [1.5, 1.0], [-2.0, 2.5], [0.0, 0.9], [3.0, -1.0]])
COVARIANCES = np.array([[[2.0, 1.2], [1.2, 1.0]], [[0.2, 0.0], [0.0, 3.0]], [[0.05, 0.01], [0.01, 0.05]]])


def rotation(angle):
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def heavy_rows(n=4000, angle=0.5, widths=(1.0, 0.4)):
    marginals = GeneralizedGaussians(np.array(widths) / 4, np.full(2, 0.6))
    return FactorialPrior(rotation(angle), marginals).sample(n, rng=np.random.default_rng(1))


def mixture():
    return GaussianMixturePrior(np.array([0.5, 0.3, 0.2]), COVARIANCES)


def shifted_mixture():
    return GaussianMixturePrior(np.array([0.5, 0.3, 0.2]), COVARIANCES, np.array([[1.0, 0.0], [-1.0, 2.0], [0.0, 0.5]]))


def rnade(**options):
    model = RNADE(2, 6, 3, generator=torch.Generator().manual_seed(0)).double()
    with torch.no_grad():
        for p in model.parameters():
            p.normal_(0, 0.4, generator=torch.Generator().manual_seed(1))
    return RNADEPrior(model, **options)


PRIORS = {
    "independent": lambda: independent_pixels(heavy_rows()),
    "Gaussian": lambda: gaussian_prior(heavy_rows()),
    "PCA": lambda: pca_prior(heavy_rows()),
    "ICA": lambda: ica_prior(heavy_rows(), rng=np.random.default_rng(2)),
    "light tails": lambda: FactorialPrior(rotation(1.0), GeneralizedGaussians(np.ones(2), np.array([1.3, 3.0]))),
    "GSM": lambda: ScaleMixturePrior(np.array([[0.3, 0.5, 0.2]]), np.array([0.1, 1.0, 5.0]), COVARIANCES[:1]),
    "mixture of GSMs": lambda: ScaleMixturePrior(np.full((3, 2), 1 / 6), np.array([0.2, 3.0]), COVARIANCES),
    "GMM": mixture,
    "GMM with means": shifted_mixture,
    "RNADE": lambda: rnade(n_particles=40_000, n_steps=200),
    "RNADE of published coordinates": lambda: rnade(n_particles=40_000, n_steps=200, protocol=True),
}
EXACT_MAP = ["independent", "Gaussian", "PCA", "ICA", "light tails"]


def log_posteriors(prior):
    """On the grid, up to a constant, one row per observation."""
    log_prior = prior.log_prob(GRID)
    return np.array([log_prior - ((GRID - y) ** 2).sum(1) / (2 * SIGMA**2) for y in Y])


def log_posterior_at(prior, estimates):
    return prior.log_prob(estimates) - ((estimates - Y) ** 2).sum(1) / (2 * SIGMA**2)


@pytest.mark.parametrize("name", PRIORS)
def test_posterior_means_agree_with_quadrature(name):
    """E[z | y] on a grid of step 0.03; 40,000 particles of RNADE may miss it by five standard errors of σ/200."""
    prior = PRIORS[name]()
    posteriors = log_posteriors(prior)
    weights = np.exp(posteriors - logsumexp(posteriors, axis=1, keepdims=True))
    np.testing.assert_allclose(prior.posterior_mean(Y, SIGMA), weights @ GRID, atol=0.015 if "RNADE" in name else 5e-3)


@pytest.mark.parametrize("name", EXACT_MAP)
def test_no_point_of_a_grid_is_likelier_than_an_exact_map(name):
    prior = PRIORS[name]()
    best = log_posterior_at(prior, prior.map_estimate(Y, SIGMA))
    assert (best > log_posteriors(prior).max(1) - 2e-3).all()


@pytest.mark.parametrize("name", ["GSM", "mixture of GSMs", "GMM", "GMM with means"])
def test_mixtures_return_the_wiener_estimate_of_the_likeliest_component(name):
    """Both found here from the covariances by textbook formulas."""
    prior = PRIORS[name]()
    for y, estimate in zip(Y, prior.map_estimate(Y, SIGMA), strict=True):
        seen = prior.covariances + SIGMA**2 * np.eye(2)
        apart = (y - prior.means)[:, :, None]
        inverse = np.linalg.inv(seen)
        score = np.log(prior.weights) - 0.5 * np.linalg.slogdet(seen)[1]
        k = (score - 0.5 * (apart.transpose(0, 2, 1) @ inverse @ apart)[:, 0, 0]).argmax()
        assert prior.likeliest(y[None], SIGMA)[0] == k
        assert estimate == pytest.approx(prior.means[k] + prior.covariances[k] @ inverse[k] @ apart[k, :, 0], abs=1e-4)


def test_the_neural_map_is_the_likeliest_point_of_its_neighbourhood():
    prior = PRIORS["RNADE"]()
    found = prior.map_estimate(Y, SIGMA)
    around = found[:, None] + 0.2 * np.random.default_rng(0).normal(size=(len(Y), 300, 2))
    near = np.stack([log_posterior_at(prior, around[:, i]) for i in range(300)])
    assert (log_posterior_at(prior, found) > near.max(0) - 1e-4).all()


@pytest.mark.parametrize("name", ["GSM", "GMM", "GMM with means"])
def test_score_is_the_gradient_of_log_prob(name):
    prior, step = PRIORS[name](), 1e-5
    for i in range(2):
        shift = step * np.eye(2)[i]
        slope = (prior.log_prob(Y + shift) - prior.log_prob(Y - shift)) / (2 * step)
        assert prior.score(Y)[:, i] == pytest.approx(slope, abs=1e-6)


def test_fitted_exponents_and_widths_are_those_of_the_source():
    truth = GeneralizedGaussians(np.array([0.2, 1.0, 2.0]), np.array([0.6, 1.0, 2.0]))
    found = GeneralizedGaussians.fit(truth.sample(60_000, rng=np.random.default_rng(5)))
    assert found.rho == pytest.approx(truth.rho, rel=0.05)
    assert found.alpha == pytest.approx(truth.alpha, rel=0.12)
    better = found.log_prob(truth.sample(20_000, rng=np.random.default_rng(6))).mean(0)
    assert (better > GeneralizedGaussians(truth.alpha, truth.rho * 1.3).log_prob(np.ones((1, 3))).min() - 10).all()


def test_ica_finds_the_directions_that_pca_cannot_see():
    """Equal variances: every direction is principal; heavy tails: only two are independent."""
    z = heavy_rows(20_000, angle=0.5, widths=(1.0, 1.0))
    ica, pca = ica_prior(z, rng=np.random.default_rng(0)), pca_prior(z)
    assert ica.log_prob(z).mean() > pca.log_prob(z).mean()
    alignment = abs(ica.directions @ rotation(0.5).T)
    assert alignment.max(1) == pytest.approx(np.ones(2), abs=2e-3)


def test_em_never_lowers_the_likelihood_and_finds_contrast():
    """Fitted to a scale mixture, a GSM beats the Gaussian and nears the truth."""
    truth = ScaleMixturePrior(np.array([[0.5, 0.5]]), np.array([0.1, 2.0]), COVARIANCES[:1])
    z = truth.sample(5000, rng=np.random.default_rng(7))
    fits = [ScaleMixturePrior.fit(z, 1, scales=(0.1, 0.5, 2), rng=np.random.default_rng(0), n_steps=n) for n in STEPS]
    scores = [fit.log_prob(z).mean() for fit in fits]
    assert (np.diff(scores) > -1e-6).all()
    assert scores[-1] > gaussian_prior(z).log_prob(z).mean() + 0.1
    assert scores[-1] == pytest.approx(truth.log_prob(z).mean(), abs=0.01)


def test_mixtures_of_scale_mixtures_find_orientations():
    truth = ScaleMixturePrior(
        np.full((2, 2), 0.25), np.array([0.2, 2.0]), np.array([[[3, 0], [0, 0.1]], [[0.1, 0], [0, 3]]])
    )
    z = truth.sample(6000, rng=np.random.default_rng(8))
    two = ScaleMixturePrior.fit(z, 2, rng=np.random.default_rng(0))
    one = ScaleMixturePrior.fit(z, 1, rng=np.random.default_rng(0))
    assert two.log_prob(z).mean() > one.log_prob(z).mean() + 0.1
    assert two.log_prob(z).mean() == pytest.approx(truth.log_prob(z).mean(), abs=0.02)


def test_a_mixture_of_published_coordinates_moves_to_the_plane():
    """Log-densities differ by the volume of the change of coordinates, and by nothing else."""
    rng = np.random.default_rng(9)
    a = rng.normal(size=(4, 8, 8))
    learned = GaussianMixturePrior(np.full(4, 0.25), a @ a.transpose(0, 2, 1) + np.eye(8), rng.normal(size=(4, 8)))
    moved = GaussianMixturePrior.from_mixture(learned, protocol=True)
    v = rng.normal(size=(20, 8))
    on_plane = moved.log_prob(v @ protocol_matrix(8).T)
    np.testing.assert_allclose(on_plane + protocol_volume(8), learned.log_prob(v), atol=1e-8)
    same = GaussianMixturePrior.from_mixture(learned)
    np.testing.assert_allclose(same.log_prob(v), learned.log_prob(v), atol=1e-10)


def chain(n_dims, correlation):
    """An RNADE that is exactly x_i = ρ x_{i−1} + √(1 − ρ²) n: two hidden units keep max(0, ±x_i)."""
    model = RNADE(n_dims, 2 * n_dims, 1).double()
    with torch.no_grad():
        for p in model.parameters():
            p.zero_()
        for i in range(n_dims):
            model.weight[i, 2 * i], model.weight[i, 2 * i + 1] = 1, -1
        for i in range(1, n_dims):
            model.out_weight[i, 2 * i - 2, 1], model.out_weight[i, 2 * i - 1, 1] = correlation, -correlation
            model.bias[i, 2] = 0.5 * np.log(1 - correlation**2)
    return model


def test_the_particle_filter_is_right_where_particles_are_drawn_anew():
    """A long chain in much noise: the exact posterior mean is C (C + σ²)⁻¹ y, the error falls with the particles."""
    n_dims, sigma, rng = 40, 1.0, np.random.default_rng(12)
    c = 0.95 ** np.abs(np.subtract.outer(np.arange(n_dims), np.arange(n_dims)))
    prior = RNADEPrior(chain(n_dims, 0.95))
    z = prior.sample(50, rng=rng)
    np.testing.assert_allclose(prior.log_prob(z), multivariate_normal(np.zeros(n_dims), c).logpdf(z), atol=1e-9)
    y = z + sigma * rng.standard_normal(z.shape)
    exact = y @ np.linalg.solve(c + sigma**2 * np.eye(n_dims), c)
    spread = np.sqrt(np.diag(c - c @ np.linalg.solve(c + sigma**2 * np.eye(n_dims), c)).mean())
    errors = []
    for n_particles in (100, 1000):
        prior.n_particles = n_particles
        errors.append(np.sqrt(np.mean((prior.posterior_mean(y, sigma) - exact) ** 2)) / spread)
    assert errors[0] < 0.35 and 0.25 < errors[1] / errors[0] < 0.4  # 1/√10 = 0.32


def test_rnade_of_published_coordinates_moves_to_the_plane():
    model = RNADE(8, 5, 2, generator=torch.Generator().manual_seed(3)).double()
    v = np.random.default_rng(10).normal(size=(6, 8))
    plain, moved = RNADEPrior(model), RNADEPrior(model, protocol=True)
    t = protocol_matrix(8)
    np.testing.assert_allclose(moved.log_prob(v @ t.T) + protocol_volume(8), plain.log_prob(v), atol=1e-9)
    draws = (p.sample(3, rng=np.random.default_rng(0)) for p in (plain, moved))
    np.testing.assert_allclose(next(draws) @ t.T, next(draws), atol=1e-9)


@pytest.mark.parametrize("method", ["map", "mean"])
def test_patches_are_restored_up_to_their_mean(method):
    rng, prior = np.random.default_rng(11), GaussianMixturePrior(np.ones(1), 0.01 * np.eye(8)[None])
    clean = from_plane(prior.sample(4000, rng=rng), rng.random(4000))
    noisy = clean + 0.1 * rng.standard_normal(clean.shape)
    restored = denoise_patches(noisy, prior, sigma=0.1, method=method)
    np.testing.assert_allclose(restored.mean(1), noisy.mean(1), atol=1e-6)
    # Signal and noise are equal: shrinkage by ½ halves the squared error on the plane, and the mean keeps its noise.
    expected = (8 * 0.01 / 2 + 0.01) / 9
    assert psnr(restored, clean) == pytest.approx(-10 * np.log10(expected), abs=0.1)


@pytest.mark.parametrize("prior", [mixture, PRIORS["PCA"], PRIORS["RNADE"]], ids=["mixture", "PCA", "RNADE"])
def test_bad_input_is_named(prior):
    prior = prior()
    with pytest.raises(ValueError, match=r"sigma: got 0.* in units of grey values"):
        prior.map_estimate(Y, 0)
    with pytest.raises(ValueError, match=r"sigma: got -1"):
        prior.posterior_mean(Y, -1)
    with pytest.raises(ValueError, match="NaN or infinite"):
        prior.log_prob(np.array([[np.nan, 0.0]]))
    with pytest.raises(ValueError, match=r"expected \(n, 2\)"):
        prior.map_estimate(np.zeros((3, 3)), 0.1)


def test_impossible_parameters_are_refused():
    with pytest.raises(ValueError, match="positive definite"):
        GaussianMixturePrior(np.ones(1), np.array([[[1.0, 1.0], [1.0, 1.0]]]) - 1e-9)
    with pytest.raises(ValueError, match=r"sum 0\.9"):
        GaussianMixturePrior(np.array([0.5, 0.4]), COVARIANCES[:2])
    with pytest.raises(ValueError, match=r"expected \(K,\)"):
        GaussianMixturePrior(np.ones(2) / 2, COVARIANCES)
    with pytest.raises(ValueError, match="orthonormal"):
        FactorialPrior(np.ones((2, 2)), GeneralizedGaussians(np.ones(2), np.ones(2)))
    with pytest.raises(ValueError, match="numbers > 0"):
        GeneralizedGaussians(np.ones(2), np.array([1.0, 0.0]))
    with pytest.raises(ValueError, match="M scales > 0"):
        ScaleMixturePrior(np.ones((1, 1)), np.zeros(1), COVARIANCES[:1])
    with pytest.raises(ValueError, match=r"n_shapes: got 1\.5"):
        ScaleMixturePrior.fit(np.zeros((3, 2)), 1.5, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="number of patches"):
        ScaleMixturePrior.fit(np.zeros((3, 2)), 4, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match='"map" or "mean"'):
        denoise_patches(np.zeros((1, 9)), mixture(), sigma=0.1, method="mode")


@pytest.mark.parametrize(
    ("alpha", "rho", "sigma", "y"),
    [(1.0, 4.0, 0.01, 6), (1e-3, 1.0, 0.01, 1), (0.02, 2.0, 0.02, 1), (0.1, 0.7, 0.1, 2)],
)
def test_posterior_means_of_what_the_prior_thinks_impossible(alpha, rho, sigma, y):
    """Prior times likelihood underflows at every s; against a fine grid in logarithms. Whole numbers are numbers."""
    s = np.linspace(-2 * y, 2 * y, 2_000_001)
    log = -((abs(s) / alpha) ** rho) - (y - s) ** 2 / (2 * sigma**2)
    weights = np.exp(log - log.max())
    prior = GeneralizedGaussians(np.array([alpha]), np.array([rho]))
    assert prior.posterior_mean(np.array([[y]]), sigma)[0, 0] == pytest.approx(weights @ s / weights.sum(), rel=1e-4)


def test_noise_too_weak_for_a_table_is_refused():
    prior = GeneralizedGaussians(np.array([0.1]), np.array([1.0]))
    with pytest.raises(ValueError, match="sigma: got 2e-05 for values up to 1"):
        prior.posterior_mean(np.array([[1.0]]), 2e-5)


def test_a_prior_leaves_the_model_it_was_given_alone():
    model = RNADE(2, 4, 2)
    RNADEPrior(model)
    assert all(weight.requires_grad for weight in model.parameters())
    assert model.training


def test_a_prior_keeps_numbers_of_its_own():
    weights, covariances = np.array([0.5, 0.3, 0.2]), COVARIANCES.copy()
    prior = GaussianMixturePrior(weights, covariances)
    before = prior.log_prob(Y)
    covariances *= 4
    weights[:] = 1
    np.testing.assert_array_equal(prior.log_prob(Y), before)
    scales = np.array([0.1, 2.0])
    prior = ScaleMixturePrior(np.array([[0.5, 0.5]]), scales, COVARIANCES[:1])
    before = prior.log_prob(Y)
    scales *= 4
    np.testing.assert_array_equal(prior.log_prob(Y), before)


@pytest.mark.parametrize(
    ("covariances", "means", "message"),
    [
        ([[[1, 0.9], [0, 1]]], None, "not symmetric"),
        ([[[1, 0], [0, 1]]], [[np.nan, 0]], "means: got NaN"),
        ([[[np.inf, 0], [0, 1]]], None, "covariances: got NaN or infinite"),
    ],
)
def test_what_is_no_gaussian_is_refused(covariances, means, message):
    with pytest.raises(ValueError, match=message):
        GaussianMixturePrior([1.0], covariances, means)


@pytest.mark.parametrize("learn", [gaussian_prior, independent_pixels, pca_prior, ScaleMixturePrior.fit])
def test_nothing_is_learned_from_nothing(learn):
    options = {"rng": np.random.default_rng(0)} if learn == ScaleMixturePrior.fit else {}
    with pytest.raises(ValueError, match="expected at least one row"):
        learn(np.zeros((0, 2)), **options)


def test_principal_components_of_single_precision_are_orthonormal():
    learned = pca_prior(np.random.default_rng(0).standard_normal((100, 63)).astype(np.float32))
    np.testing.assert_allclose(learned.directions @ learned.directions.T, np.eye(63), atol=1e-12)


def test_a_covariance_may_be_symmetric_in_single_precision_only():
    covariance = np.array([[2.0, 1.2], [1.2 + 3e-7, 1.0]])
    found = GaussianMixturePrior([1.0], [covariance]).log_prob(Y)
    assert found == pytest.approx(multivariate_normal(np.zeros(2), COVARIANCES[0]).logpdf(Y), rel=1e-5)


def test_whole_numbers_are_not_answered_by_whole_numbers():
    prior = PRIORS["RNADE"]()
    whole = np.array([[1, 2]])
    np.testing.assert_array_equal(prior.map_estimate(whole, SIGMA), prior.map_estimate(whole.astype(float), SIGMA))
    np.testing.assert_array_equal(prior.posterior_mean(whole, SIGMA), prior.posterior_mean(whole.astype(float), SIGMA))
    assert prior.posterior_mean(np.zeros((0, 2)), SIGMA).shape == (0, 2)


@pytest.mark.parametrize("options", [{"n_steps": 0}, {"n_particles": 0}])
def test_an_estimate_takes_a_step_and_a_particle(options):
    with pytest.raises(ValueError, match="expected an integer ≥ 1"):
        RNADEPrior(RNADE(2, 4, 2), **options)
