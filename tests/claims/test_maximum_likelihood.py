"""Lecture 6: what the divergence is, what it costs, and what maximum likelihood does about it."""

import math

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from dgmlib.coding import StaticModel, decode, encode
from dgmlib.divergences import bits, cross_entropy, entropy, gaussian_kl, kl_divergence
from dgmlib.figures import maximum_likelihood as figures
from dgmlib.likelihood import Bernoulli, Categorical, Gaussian, mean_log_likelihood


@st.composite
def pairs(draw):
    """Two distributions over the same two to six outcomes."""
    k = draw(st.integers(2, 6))
    weights = st.lists(st.floats(0.001, 1), min_size=k, max_size=k)
    p, q = np.array(draw(weights)), np.array(draw(weights))
    return p / p.sum(), q / q.sum()


@given(pairs())
def test_kl1_nonnegative_zero_iff_equal_asymmetric(pq):
    """D ≥ ½ ‖p−q‖₁² for random pairs (Pinsker), hence zero for p = q alone; two coins differ by direction."""
    p, q = pq
    assert kl_divergence(p, q) >= 0.5 * np.abs(p - q).sum() ** 2 - 1e-12
    assert kl_divergence(p, p) == kl_divergence(q, q) == 0
    assert kl_divergence([0.8, 0.2], [0.4, 0.6]) + 0.04 < kl_divergence([0.4, 0.6], [0.8, 0.2])


def test_kl1_gaussians():
    """On a grid of Gaussian pairs D is zero on the diagonal and positive elsewhere."""
    mu, sigma = (a.ravel() for a in np.meshgrid(np.linspace(-2, 2, 9), np.linspace(0.5, 3, 9)))
    d = gaussian_kl(mu[:, None], sigma[:, None], mu, sigma)
    same = np.eye(len(mu), dtype=bool)
    assert np.abs(d[same]).max() < 1e-12 < 1e-3 < d[~same].min()
    assert np.abs(d - d.T).max() > 1


def test_kl2_extra_bits_of_a_wrong_code():
    """A real text in five codes: measured length = m (H + D) + at most 2 bits; the wrong code's extra length is m D."""
    message = figures.MESSAGE
    p, own = figures.frequencies(message), len(encode(message, StaticModel(figures.frequencies(message))))
    for name in figures.CODES:
        q = figures.code_frequencies(name, message)
        code = encode(message, StaticModel(q))
        assert decode(code, StaticModel(q), len(message)) == message
        assert -0.1 <= len(code) - len(message) * bits(cross_entropy(p, q)) <= 2.1  # 0.1: counts rounded to 2⁻²⁴
        assert abs(len(code) - own - len(message) * bits(kl_divergence(p, q))) <= 2.1


def test_kl2_expected_over_random_messages():
    """Messages drawn from p, coded for q: the mean extra length per symbol is D(p‖q) within 4 standard errors."""
    p, q = np.array([0.7, 0.2, 0.1]), np.array([0.2, 0.3, 0.5])
    rng, right, wrong = np.random.default_rng(0), StaticModel(p), StaticModel(q)
    messages = [bytes(Categorical(p).sample(100, rng=rng).tolist()) for _ in range(300)]
    extra = np.array([len(encode(m, wrong)) - len(encode(m, right)) for m in messages]) / 100
    assert abs(extra.mean() - bits(kl_divergence(p, q))) < 4 * extra.std(ddof=1) / math.sqrt(len(extra))


def test_kl3_forward_covers_reverse_seeks():
    """The forward optimum has p's mean, variance and both its bumps; the reverse one lives on the heavier bump."""
    covering, seeking = figures.COVERING, figures.SEEKING
    mean = 0.6 * -1.6 + 0.4 * 1.6
    variance = 0.6**2 + 0.6 * 0.4 * 3.2**2
    assert abs(covering.mu - mean) < 1e-4 and abs(covering.sigma - math.sqrt(variance)) < 1e-4
    for q, near_left, near_right in ((covering, 0.1, 0.1), (seeking, 0.85, 0.0)):
        law = stats.norm(q.mu, q.sigma)
        assert law.cdf(-0.6) - law.cdf(-2.6) > near_left
        assert law.cdf(2.6) - law.cdf(0.6) > near_right
    assert stats.norm(seeking.mu, seeking.sigma).sf(0.6) < 0.001
    grid = [(mu, sigma) for mu in np.linspace(-3, 3, 25) for sigma in np.linspace(0.3, 3, 19)]
    forward, reverse = np.array([figures.both_divergences(*at) for at in grid]).T
    assert figures.both_divergences(covering.mu, covering.sigma)[0] <= forward.min() + 1e-9
    assert figures.both_divergences(seeking.mu, seeking.sigma)[1] <= reverse.min() + 1e-9


def test_kl3_the_lighter_bump_is_a_second_reverse_optimum():
    """From the right bump the descent of D(q‖p) stays there, at a higher value near log 1/0.4."""
    other = figures.best_gaussian(1, (1.6, 0.6))
    value = figures.both_divergences(other.mu, other.sigma)[1]
    assert other.mu > 1.4
    assert abs(value - math.log(1 / 0.4)) < 0.05
    assert value > figures.both_divergences(figures.SEEKING.mu, figures.SEEKING.sigma)[1] + 0.3


@given(pairs())
def test_ml1_divergence_is_a_constant_minus_expected_log_likelihood(pq):
    """D(p‖p_θ) + E_p log p_θ = −H(p) for any model, so both have their optimum at the same θ."""
    p, q = pq
    assert abs(kl_divergence(p, q) - cross_entropy(p, q) + entropy(p)) < 1e-10


def test_ml1_both_searches_stop_at_the_same_theta():
    """Over 999 coins, the lowest divergence and the highest expected log-likelihood are the same coin, the true one."""
    theta = np.linspace(0.001, 0.999, 999)
    coins = np.stack([1 - theta, theta], -1)
    lowest = kl_divergence([0.7, 0.3], coins).argmin()
    assert lowest == cross_entropy([0.7, 0.3], coins).argmin() == np.abs(theta - 0.3).argmin()


def test_ml2_average_converges_with_the_promised_error():
    """400 samples of each size: unbiased, spread s/√m, and ± 2 standard errors cover the truth 95 times in 100."""
    rng = np.random.default_rng(0)
    for m in (200, 800, 3200):
        runs = [mean_log_likelihood(figures.MODEL, figures.DATA.sample(m, rng=rng)) for _ in range(400)]
        means, errors = np.array(runs).T
        assert abs(means.mean() - figures.TRUE_MEAN) < 4 * means.std(ddof=1) / 20
        assert 0.85 < means.std(ddof=1) / errors.mean() < 1.15
        assert 0.92 < (abs(means - figures.TRUE_MEAN) < 2 * errors).mean() < 0.98


def test_ml2_overfits_with_few_samples():
    """50 samples of 50 states: the fit scores above −H on its own samples, −∞ on new ones; 5,000 samples cure it."""
    ceiling = -entropy(figures.ZIPF.probs)
    for seed in range(6):
        for m, own_gap, new_gap in ((50, 0.1, math.inf), (5000, -0.1, 0.02)):
            x, model = figures.fitted_table(m, 0.0, seed)
            own, new = mean_log_likelihood(model, x).mean, -cross_entropy(figures.ZIPF.probs, model.probs)
            assert own > ceiling + own_gap
            assert ceiling - new <= new_gap
            assert np.isinf(new) == (m == 50)
        x, smoothed = figures.fitted_table(50, 1.0, seed)
        assert np.isfinite(cross_entropy(figures.ZIPF.probs, smoothed.probs))


def _climb(parameters, mean_log_prob, rate, steps=400):
    optimiser = torch.optim.SGD(parameters, lr=rate, maximize=True)
    for _ in range(steps):
        optimiser.zero_grad()
        mean_log_prob().backward()
        optimiser.step()


def _free(*values):
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


def test_ml3_bernoulli_and_categorical_estimates_are_where_gradient_ascent_ends():
    """Logit of a coin, logits of a die: the climb ends at the shares, to 1e-6."""
    tosses, rolls = torch.tensor([1, 1, 1, 0, 1, 0, 1, 1, 0, 1]), torch.tensor([0, 2, 2, 1, 2, 0, 2, 1])
    logit, logits = _free(0.0), _free(0.0, 0.0, 0.0)
    _climb([logit], lambda: Bernoulli(logit.sigmoid()).log_prob(tosses).mean(), 1.0)
    _climb([logits], lambda: Categorical(logits.softmax(0)).log_prob(rolls).mean(), 1.0)
    assert abs(logit.sigmoid().item() - float(Bernoulli.fit(tosses).theta)) < 1e-6
    np.testing.assert_allclose(logits.softmax(0).detach(), Categorical.fit(rolls, 3).probs, atol=1e-6)


def test_ml3_gaussian_estimate_is_where_gradient_ascent_ends():
    """From three starts, the climb over μ and log σ ends at mean and root mean squared deviation, to 1e-6."""
    x = torch.tensor(figures.gaussian_sample(4))
    best = Gaussian.fit(x)
    for start in ((-1.5, 0.8), (2.5, 0.5), (0.0, 3.0)):
        mu, log_sigma = _free(start[0]), _free(math.log(start[1]))
        _climb([mu, log_sigma], lambda m=mu, s=log_sigma: Gaussian(m, s.exp()).log_prob(x).mean(), 0.05)
        assert abs(mu.item() - best.mu.item()) < 1e-6
        assert abs(log_sigma.exp().item() - best.sigma.item()) < 1e-6


def test_ml3_the_gap_of_a_guess_is_a_divergence():
    """ℓ̄(θ̂) − ℓ̄(θ) = D(θ̂‖θ) exactly, for all counts up to 10 and many θ."""
    for heads in range(1, 11):
        for tails in range(1, 11):
            m, share = heads + tails, heads / (heads + tails)
            for theta in (0.05, 0.4, 0.5, 0.95):
                gap = figures.coin_log_likelihood(heads, tails, share) - figures.coin_log_likelihood(
                    heads, tails, theta
                )
                assert abs(gap / m - kl_divergence([1 - share, share], [1 - theta, theta])) < 1e-12


def test_ml3_gradient_of_the_figure_is_the_derivative():
    """The taper of the figure is the gradient that torch finds by differentiation."""
    x = figures.gaussian_sample(0)
    mu, sigma = _free(-1.5), _free(0.8)
    Gaussian(mu, sigma).log_prob(torch.tensor(x)).mean().backward()
    np.testing.assert_allclose([mu.grad.item(), sigma.grad.item()], figures.gaussian_gradient(x, -1.5, 0.8), rtol=1e-10)
