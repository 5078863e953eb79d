"""Lecture 8: what the sum over latents costs, how to estimate it, and the bounds below it."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch

from dgmlib.divergences import gaussian_kl
from dgmlib.figures import estimating_likelihood as figures
from dgmlib.latent.elbo import elbo
from dgmlib.latent.enumeration import all_bits, exact_log_prob, exact_posterior
from dgmlib.latent.importance import ImportanceEstimate, log_weights
from dgmlib.latent.ppca import PPCA
from dgmlib.latent.proposals import Bits, DiagonalGaussian, FullGaussian


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


class Counting:
    """A model that counts for how many settings of its latents it is asked."""

    def __init__(self, model):
        self.model, self.n_latents, self.terms = model, model.n_latents, 0

    def log_joint(self, x, z):
        self.terms += len(z)
        return self.model.log_joint(x, z)


def test_is1_the_exact_sum_has_two_to_the_n_terms():
    """n = 4 … 16: exactly 2ⁿ terms are evaluated, all different, and no fewer give p(x): each has p(x, z) > 0."""
    for side in range(2, 9):
        net = Counting(figures.bars_net(side))
        exact_log_prob(net, figures.bars_image(side))
        assert net.terms == 2 ** (2 * side)
    z = all_bits(12, dtype=torch.float64)
    assert len(z.unique(dim=0)) == 2**12
    assert figures.bars_net(6).log_joint(figures.bars_image(6), z[:, None]).isfinite().all()


def test_is1_measured_times_double_with_every_latent():
    """From 12 latents on, recorded times grow by 2² per two latents within a quarter; 2³⁰ is extrapolated from them."""
    latents, times = np.array(figures.MEASURED["latents"]), np.array(figures.MEASURED["seconds"])
    growth = (times[1:] / times[:-1])[latents[:-1] >= 12]
    assert len(growth) >= 4 and np.abs(growth / 4 - 1).max() < 0.25
    assert figures.seconds(30) == times[-1] * 2 ** (30 - latents[-1])


def test_is1_is_the_price_of_no_structure():
    """Where the graph factorises, eliminating variables gives the same number with 2^(n/2) terms."""
    for side in (2, 3, 5, 8):
        x = torch.cat([figures.bars_image(side), 1 - figures.bars_image(side)])
        exact = exact_log_prob(figures.bars_net(side), x)
        torch.testing.assert_close(figures.marginal_by_elimination(side, x), exact, rtol=0, atol=1e-10)


def test_is2_uniform_monte_carlo_is_unbiased():
    """By enumeration, the mean weight over all z is p(x); and 1,000 estimates from 64 guesses agree in the mean."""
    net, x, q = figures.bars_net(3), figures.bars_image(3), Bits.uniform(6, dtype=torch.float64)
    exact = exact_log_prob(net, x)
    weights = net.log_joint(x, all_bits(6, dtype=torch.float64)[:, None]) + 6 * math.log(2)
    torch.testing.assert_close(weights.logsumexp(0) - 6 * math.log(2), exact)
    p_hat = (log_weights(net, x, q, 64_000, generator=generator()) - exact).exp().view(64, 1000).mean(0)
    assert abs(p_hat.mean() - 1) < 4 * p_hat.std() / 1000**0.5


def test_is2_its_variance_is_that_of_a_lottery():
    """Relative variance of one guess = 2ⁿ Σ p(z|x)² − 1, at least a tenth of 2ⁿ: k guesses err by √(2ⁿ/k)."""
    for side in (4, 5, 6, 7):
        net, x, n = figures.bars_net(side), figures.bars_image(side), 2 * side
        posterior = exact_posterior(net, x).log_probs[:, 0].exp()
        weights = 2**n * posterior  # relative to p(x), of all z, each with probability 2⁻ⁿ
        variance = float(((weights - 1) ** 2).mean())
        assert variance == pytest.approx(2**n * float(posterior.square().sum()) - 1)
        assert variance > 0.1 * 2**n


def test_is2_useless_at_sixteen_latents():
    """Six runs of 1,024 guesses among 65,536: most are below a thousandth of p(x), though the mean over z is p(x)."""
    runs = np.array([figures.ratios(16, seed)[:1024].mean() for seed in range(6)])
    assert (runs < 1e-3).sum() >= 4
    assert figures.hit_rate(16) == 1 / 65_536


@pytest.mark.parametrize("mu", [0.8, 1.6, 2.4])
@pytest.mark.parametrize("sigma", [0.4, 0.7, 1.5])
def test_is3_importance_sampling_is_unbiased(mu, sigma):
    """2,000 estimates of 20 draws on the line, for nine proposals with finite variance: mean 1 within 4 errors."""
    weights = log_weights(figures.LINE, figures.SEEN, figures.gaussian(mu, sigma), 40_000, generator=generator())
    p_hat = (weights - figures.LINE.log_prob(figures.SEEN)).exp().view(20, 2000).mean(0)
    assert abs(p_hat.mean() - 1) < 4 * p_hat.std() / 2000**0.5


def test_is3_the_variance_depends_on_q_as_the_formula_says():
    """E_q w² / p(x)² = ∫ posterior²/q, by quadrature, against 200,000 draws; smaller q's are better or worse by 20×."""
    z = np.linspace(-8, 12, 20_001)
    found = {}
    for mu, sigma in ((1.6, 0.6), (1.2, 0.6), (0.0, 1.0)):
        q = figures.gaussian(mu, sigma)
        target = figures.POSTERIOR.log_prob(z)
        log_q = q.log_prob(torch.tensor(z)[:, None, None])[:, 0].numpy()
        expected = np.exp(2 * target - log_q).sum() * (z[1] - z[0]) - 1
        weights = log_weights(figures.LINE, figures.SEEN, q, 200_000, generator=generator())
        squares = ((weights - figures.LINE.log_prob(figures.SEEN)).exp() - 1) ** 2
        assert abs(squares.mean() - expected) < 5 * squares.std() / 200_000**0.5
        found[mu, sigma] = expected
    assert found[0.0, 1.0] > 20 * found[1.6, 0.6]


def test_is3_zero_variance_at_the_posterior():
    """On the line, on probabilistic PCA and on bits, every single weight is p(x) to 1e-10."""
    model = PPCA.fit(torch.randn(50, 6, generator=generator(), dtype=torch.float64), 2)
    net = figures.bars_net(4)
    for m, x, q in (
        (figures.LINE, figures.SEEN, figures.LINE.posterior(figures.SEEN)),
        (model, model.mean[None] + 1, model.posterior(model.mean[None] + 1)),
        (net, figures.bars_image(4), exact_posterior(net, figures.bars_image(4))),
    ):
        weights = log_weights(m, x, q, 100, generator=generator())
        exact = exact_log_prob(m, x) if m is net else m.log_prob(x)
        torch.testing.assert_close(weights, exact.expand(100, 1), rtol=0, atol=1e-10)


def test_is3_too_narrow_a_proposal_is_found_out():
    """Of 20 runs of 5,000 draws k̂ rejects 19 or 20 at a quarter of the posterior's width, none at 1.5 times."""
    for factor, fewest, most in ((0.25, 0, 1), (1.5, 20, 20)):
        q = figures.gaussian(figures.POSTERIOR.mu, factor * figures.POSTERIOR.sigma)
        weights = log_weights(figures.LINE, figures.SEEN, q, 100_000, generator=generator(1)).view(5000, 20)
        assert fewest <= ImportanceEstimate(weights).trusted.sum() <= most


def test_el1_the_entropy_is_added_and_the_gap_is_the_divergence():
    """For 40 proposals, E_q log p(x,z) + H(q) = log p(x) − D(q‖posterior), D in closed form; with −H(q) it is not."""
    truth = float(figures.LINE.log_prob(figures.SEEN))
    for mu in np.linspace(-2, 3, 8):
        for sigma in (0.2, 0.447, 0.6, 0.8, 1.0):
            expected, entropy, _ = figures.parts("straight", float(mu), sigma)
            gap = gaussian_kl(mu, sigma, figures.POSTERIOR.mu, figures.POSTERIOR.sigma)
            assert expected + entropy == pytest.approx(truth - gap, abs=1e-10)
            assert abs(expected - entropy - (truth - gap)) > 0.3


def test_el1_probabilistic_pca():
    """Ten latents of digits-like data: ELBO = log p(x) to 1e-10 at the posterior, < elsewhere, gap = D(q‖posterior)."""
    g = generator(2)
    mixing = torch.randn(10, 20, generator=g, dtype=torch.float64)
    x = torch.randn(100, 10, generator=g, dtype=torch.float64) @ mixing + torch.randn(
        100, 20, generator=g, dtype=torch.float64
    )
    model, x = PPCA.fit(x, 5), x[:8]
    exact = model.posterior(x)
    torch.testing.assert_close(model.elbo(x, exact), model.log_prob(x), rtol=0, atol=1e-10)
    torch.testing.assert_close(elbo(model, x, exact, generator=g), model.log_prob(x), rtol=0, atol=1e-10)
    moved = FullGaussian(exact.mean + 0.1, 1.1 * exact.scale)
    precision = torch.linalg.inv(exact.covariance()[0])
    shift = torch.full((5,), 0.1, dtype=torch.float64)
    divergence = 0.5 * (5 * 1.1**2 - 5 + shift @ precision @ shift) - 5 * math.log(1.1)
    torch.testing.assert_close(model.log_prob(x) - model.elbo(x, moved), divergence.expand(8), rtol=0, atol=1e-10)
    assert divergence > 0.01


def test_el1_equality_iff_the_ratio_is_constant():
    """p(x, z)/q(z) has no variance over z at the posterior, where the gap is 0, and has elsewhere, where it is not."""
    z = torch.linspace(-1, 3, 50, dtype=torch.float64)[:, None, None]
    for sigma, constant in ((figures.POSTERIOR.sigma, True), (0.6, False)):
        q = figures.gaussian(figures.POSTERIOR.mu, sigma)
        ratio = figures.LINE.log_joint(figures.SEEN, z) - q.log_prob(z)
        assert (float(ratio.std()) < 1e-10) == constant
        assert (figures.parts("straight", figures.POSTERIOR.mu, sigma)[2] < 1e-10) == constant


def test_el1_no_gaussian_closes_the_gap_to_two_explanations():
    """Bent decoder: over a grid of Gaussians the gap stays above 0.5 nats, near log 1/weight of the heavier bump."""
    z = np.linspace(-4, 4, 4001)
    posterior = np.exp(figures.log_joint("bent", z) - figures.log_marginal("bent")) * (z[1] - z[0])
    assert posterior.sum() == pytest.approx(1, abs=1e-6)
    heavier = max(posterior[z < 0].sum(), posterior[z > 0].sum())
    gaps = [
        figures.parts("bent", m, s)[2] for m in np.arange(-2, 2.01, 0.1) for s in (0.1, 0.15, 0.2, 0.25, 0.4, 1, 1.5)
    ]
    assert math.log(1 / heavier) - 1e-6 < min(gaps) < math.log(1 / heavier) + 0.1


@pytest.mark.parametrize("name", ["halfway", "beside", "wide", "narrow"])
def test_iw1_the_bound_rises_with_k(name):
    """k = 1, 2, 4 … 64: each exceeds the last, by 3 standard errors where 0.1 nats are left; none exceeds log p(x)."""
    truth = float(figures.LINE.log_prob(figures.SEEN))
    bounds = [figures.bound(name, k) for k in (1, 2, 4, 8, 16, 32, 64)]
    for smaller, larger in pairwise(bounds):
        error = math.hypot(smaller.standard_error, larger.standard_error)
        assert larger.mean > smaller.mean + (3 * error if truth - smaller.mean > 0.1 else -4 * error)
        assert larger.mean < truth + 4 * larger.standard_error
    assert truth - bounds[-1].mean < 0.25 * (truth - bounds[0].mean)


def test_iw1_at_one_draw_it_is_the_elbo_and_in_the_end_log_p():
    """k = 1 against the closed form; at k = 512 the bound is within 0.03 nats below log p(x), and not above."""
    truth = float(figures.LINE.log_prob(figures.SEEN))
    for name, (mu, sigma) in figures.PROPOSALS.items():
        q = DiagonalGaussian(torch.tensor([[mu]]).double(), torch.tensor([[sigma]]).double())
        one, many = figures.bound(name, 1), figures.bound(name, 512)
        assert abs(one.mean - float(figures.LINE.elbo(figures.SEEN, q))) < 4 * one.standard_error + 1e-10
        assert -4 * many.standard_error - 1e-10 < truth - many.mean < 0.03


def test_iw1_the_gap_is_half_the_relative_variance():
    """Wide proposal, whose weights have variance: truth − bound = Var(w)/2k p(x)² within 4 errors from k = 64 on."""
    mu, sigma = figures.PROPOSALS["wide"]
    z = np.linspace(-8, 12, 20_001)
    log_q = -0.5 * ((z - mu) / sigma) ** 2 - math.log(sigma * math.sqrt(2 * math.pi))
    variance = np.exp(2 * figures.POSTERIOR.log_prob(z) - log_q).sum() * (z[1] - z[0]) - 1
    truth = float(figures.LINE.log_prob(figures.SEEN))
    for k in (64, 256):
        bound = figures.bound("wide", k)
        assert abs(truth - bound.mean - variance / (2 * k)) < 4 * bound.standard_error


def test_iw1_a_bound_that_starts_best_can_end_worst():
    """The narrow proposal has the smallest gap at k = 1 of all but the posterior, and the largest at 512."""
    names = ("halfway", "beside", "wide")
    assert all(figures.bound("narrow", 1).mean > figures.bound(name, 1).mean for name in names)
    assert all(figures.bound("narrow", 512).mean < figures.bound(name, 512).mean for name in names)
