"""Lecture 7: what a latent variable is good for, how mixtures are fitted, and what infinitely many Gaussians are."""

import itertools

import numpy as np
import torch
from scipy import stats
from scipy.integrate import quad

from dgmlib.data import load_digits
from dgmlib.figures import latent_variables as figures
from dgmlib.latent.mixture import GaussianMixture


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def gaussian_sum(mixture, x):
    """Return Σ_k w_k N(x; μ_k, Σ_k) written out, with SciPy's normal density, and the K terms."""
    parts = zip(mixture.weights, mixture.means, mixture.covariance_matrices, strict=True)
    terms = np.stack([float(w) * stats.multivariate_normal(m, c).pdf(x) for w, m, c in parts], -1)
    return terms.sum(-1), terms


def test_lv1_ancestral_samples_follow_the_complicated_marginal():
    """z by its table, x by N(μ_z, σ_z²): chi-square of 100,000 draws against p(x), integrated cell by cell."""
    mixture = figures.three_causes(0.5)
    z = mixture.sample_latents(100_000, generator=seeded(1))
    x = mixture.sample_given(z, generator=seeded(2))[:, 0].numpy()
    edges = np.concatenate([[-np.inf], np.linspace(-2.5, 3.2, 20), [np.inf]])
    below = sum(
        w * stats.norm(m, 0.5 * s).cdf(edges)
        for w, m, s in zip(figures.WEIGHTS, figures.MEANS, figures.WIDTHS, strict=True)
    )
    observed, _ = np.histogram(x, edges)
    assert stats.chisquare(observed, 1e5 * np.diff(below)).pvalue > 1e-3


def test_lv1_every_part_has_one_mode_and_the_marginal_three():
    """p(x|z) is Gaussian, with one maximum and no skew; p(x) of the same model has three maxima."""
    mixture, x = figures.three_causes(0.5), np.linspace(-5, 5, 4001)[:, None]
    total, terms = gaussian_sum(mixture, x)

    def modes(density):
        return int(((density[1:-1] > density[:-2]) & (density[1:-1] > density[2:])).sum())

    assert [modes(part) for part in terms.T] == [1, 1, 1]
    assert modes(total) == 3
    for k in range(3):
        draws = mixture.sample_given(torch.full((50_000,), k), generator=seeded(k))[:, 0].numpy()
        assert abs(stats.skew(draws)) < 5 * np.sqrt(6 / 50_000)


def test_gm1_density_is_the_sum_over_the_bayes_net():
    """p(x) = Σ_k p(z=k) p(x|z=k), term by term, in two dimensions with slanted covariances; it integrates to one."""
    mixture = figures.em_path(3, 0)[0][-1]
    side = np.linspace(-12, 12, 601)
    grid = np.stack(np.meshgrid(side, side), -1).reshape(-1, 2)
    total, _ = gaussian_sum(mixture, grid)
    np.testing.assert_allclose(mixture.log_prob(grid).exp(), total, rtol=1e-9, atol=1e-300)
    assert abs(total.sum() * (side[1] - side[0]) ** 2 - 1) < 1e-6


def test_gm1_responsibilities_are_the_posterior_of_z():
    """By Bayes' rule, and by counting: of draws that fall near x, the share that came from k."""
    mixture = figures.three_causes(1.0)
    x = np.linspace(-4, 4, 9)[:, None]
    total, terms = gaussian_sum(mixture, x)
    np.testing.assert_allclose(mixture.responsibilities(x), terms / total[:, None], atol=1e-12)
    z = mixture.sample_latents(400_000, generator=seeded(0))
    drawn = mixture.sample_given(z, generator=seeded(1))[:, 0]
    for at in (-0.4, 1.4):
        near = z[(drawn - at).abs() < 0.05].numpy()
        expected = mixture.responsibilities(np.array([[at]])).numpy()[0]
        error = np.sqrt(expected * (1 - expected) / len(near)) + 1e-3
        assert (abs(np.bincount(near, minlength=3) / len(near) - expected) < 4 * error).all()


def test_gm1_em_never_lowers_the_likelihood():
    """Forty random problems of all four covariance kinds, some with repeated points; every path of the figure."""
    for seed, kind in itertools.product(range(10), ("full", "diagonal", "spherical", "tied")):
        rng = np.random.default_rng(seed)
        x = rng.standard_t(3, size=(60, 3)) @ rng.normal(size=(3, 3))
        x[: 6 * (seed % 3)] = x[0]
        trace = GaussianMixture(4, kind).fit(x, max_iter=40, tol=-np.inf, generator=seeded(seed)).trace
        assert np.diff(trace).min() > -1e-9
        assert trace[-1] > trace[0]
    for k, seed in itertools.product((2, 3, 4), range(4)):
        assert np.diff(figures.em_path(k, seed)[1]).min() > -1e-12


def test_gm1_em_stops_where_the_gradient_is_zero():
    """After convergence ∂ Σ log p / ∂μ_k = Σ_n r_nk Σ_k⁻¹ (x_n − μ_k) vanishes; at the start it does not."""
    x = torch.from_numpy(figures.clumps())
    mixtures, _ = figures.em_path(3, 0)
    fitted = GaussianMixture(3).fit(x, init=mixtures[-1], max_iter=500, tol=1e-14)
    slopes = []
    for mixture in (mixtures[0], fitted):
        means = mixture.means.clone().requires_grad_()
        free = GaussianMixture.from_parameters(mixture.weights, means, mixture.covariances)
        (slope,) = torch.autograd.grad(free.log_prob(x).mean(), means)
        slopes.append(float(slope.abs().max()))
    assert slopes[1] < 1e-6 < 1e-2 < slopes[0]


def test_gm2_more_components_come_closer_when_the_data_are_many():
    """D(p_data‖p_K) by quadrature falls with every step of K on 10,000 samples; p_data itself is no mixture."""
    for seed in range(3):
        gaps = [figures.ceiling() - figures.scores(k, 10_000, seed)[1] for k in figures.SIZES]
        assert np.diff(gaps).max() < 0.002
        assert gaps[0] > 0.5
        assert 0 < gaps[-1] < 0.03


def test_gm2_few_data_make_many_components_worse():
    """On 100 samples the own likelihood keeps rising with K, that of new data falls after its peak."""
    for seed in range(3):
        own, new = np.array([figures.scores(k, 100, seed) for k in figures.SIZES]).T
        assert own[-1] > own[3] > own[0]
        assert 1 < figures.SIZES[int(new.argmax())] <= 6
        assert new[-1] < new.max() - 0.2


def test_gm2_held_out_likelihood_of_digits_rises_with_k():
    """Handwritten digits in their ten leading directions: 8 components beat 1 on digits never seen, by far."""
    images, _ = load_digits()
    x = images.reshape(len(images), -1) / 16.0
    _, _, directions = np.linalg.svd(x[:1200] - x[:1200].mean(0), full_matrices=False)
    codes = (x - x[:1200].mean(0)) @ directions[:10].T
    held_out = []
    for k in (1, 8):
        mixture = GaussianMixture(k).fit(codes[:1200], generator=seeded(0), n_starts=2)
        score = mixture.log_prob(codes[1200:])
        held_out.append((float(score.mean()), float(score.std() / len(score) ** 0.5)))
    (one, error_one), (eight, error_eight) = held_out
    assert eight - one > 4 * (error_one + error_eight)


def test_va1_marginal_is_the_limit_of_finite_mixtures():
    """Total variation from p(x), by quadrature: halved at least by fourfold n from n = 16 on, 0.4 % in the end."""
    for sigma in (0.1, 0.2, 0.4, 0.8):
        distances = [figures.distance(n, sigma) for n in figures.COUNTS]
        assert all(distances[i + 2] < distances[i] / 2 for i in range(4, 6))
        assert distances[-1] < 0.004


def test_va1_the_integral_is_right():
    """The trapezium rule agrees with adaptive quadrature to 1e-9, and the marginal integrates to one."""
    x = np.arange(-8, 8.005, 0.01)
    for sigma in (0.1, 0.8):
        p = figures.marginal(sigma)
        assert abs(p.sum() * 0.01 - 1) < 1e-9
        for i in (500, 800, 1000):

            def joint(z, i=i, sigma=sigma):
                return stats.norm.pdf(z) * stats.norm.pdf(x[i], figures.decoder(np.array(z)), sigma)

            exact, _ = quad(joint, -8, 8, points=list(np.linspace(-4, 4, 33)), limit=500, epsabs=1e-12)
            assert abs(p[i] - exact) < 1e-9


def test_va1_draws_of_the_decoder_follow_the_infinite_mixture():
    """z ~ N(0, 1), x = μ(z) + σ ε: the distribution function of 50,000 draws is that of p(x) (Kolmogorov–Smirnov)."""
    rng = np.random.default_rng(0)
    draws = figures.decoder(rng.standard_normal(50_000)) + 0.2 * rng.standard_normal(50_000)
    x, p = np.arange(-8, 8.005, 0.01), figures.marginal(0.2)
    below = np.cumsum(p) * 0.01 - p * 0.005
    assert stats.kstest(draws, lambda v: np.interp(v, x, below)).pvalue > 1e-3
