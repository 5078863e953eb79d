"""The two kinds of conditionals, against scipy."""

import numpy as np
import pytest
import torch
from scipy import stats

from dgmlib.autoregressive.families import Bernoulli, GaussianMixture


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def test_bernoulli_is_scipys_and_survives_huge_logits():
    logits = torch.linspace(-8, 8, 33, dtype=torch.float64)
    for x in (0.0, 1.0):
        expected = stats.bernoulli(logits.sigmoid().numpy()).logpmf(x)
        found = Bernoulli().log_prob(logits, torch.full_like(logits, x))
        np.testing.assert_allclose(found.numpy(), expected, rtol=1e-9)
    sure = Bernoulli().log_prob(torch.tensor([1e4, 1e4]), torch.tensor([1.0, 0.0]))
    assert sure.tolist() == [0.0, -1e4]


def mixture(k=3, seed=0):
    """Parameters (3, K), with weights that are not normalised."""
    return torch.randn(3, k, generator=generator(seed), dtype=torch.float64)


def test_a_mixture_is_the_sum_of_its_gaussians():
    log_weight, mu, log_sigma = mixture().numpy()
    x = np.linspace(-6, 6, 41)
    weight = np.exp(log_weight) / np.exp(log_weight).sum()
    expected = np.log((weight * stats.norm(mu, np.exp(log_sigma)).pdf(x[:, None])).sum(1))
    found = GaussianMixture().log_prob(mixture().expand(41, 3, 3), torch.as_tensor(x))
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-9)


def test_draws_of_a_mixture_pass_kolmogorov_smirnov():
    log_weight, mu, log_sigma = mixture().numpy()
    weight = np.exp(log_weight) / np.exp(log_weight).sum()
    drawn = GaussianMixture().draw(mixture().expand(5000, 3, 3), generator()).numpy()
    result = stats.kstest(drawn, lambda x: (weight * stats.norm(mu, np.exp(log_sigma)).cdf(x[:, None])).sum(1))
    assert result.pvalue > 1e-3


def test_a_noisy_observation_obeys_bayes_rule():
    """log p(x | y) + log p(y) = log p(x) + log N(y; x, σ²), for every x and y, however unlikely."""
    family, sigma, prior = GaussianMixture(), 0.3, mixture().expand(9, 7, 3, 3)
    x, y = torch.meshgrid(torch.linspace(-5, 5, 9), torch.linspace(-40, 40, 7), indexing="ij")
    left = family.log_prob(family.posterior(prior, y, sigma), x) + family.log_prob(family.blurred(prior, sigma), y)
    noise = torch.as_tensor(stats.norm(x.numpy(), sigma).logpdf(y.numpy()))
    np.testing.assert_allclose(left.numpy(), (family.log_prob(prior, x) + noise).numpy(), rtol=1e-9)


@pytest.mark.parametrize("family", [Bernoulli(), GaussianMixture()])
def test_values_outside_the_family_are_refused(family):
    with pytest.raises(ValueError, match="rows: got"):
        family.check(torch.tensor([torch.nan]), "rows")


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_bits_are_told_from_everything_near_them(dtype):
    """From the smallest number above 0 and the ones next to 1 to infinity; and no bits at all are bits."""
    bits, info = torch.tensor([0.0, 1.0, -0.0, 1.0], dtype=dtype), torch.finfo(dtype)
    Bernoulli().check(bits, "x")
    Bernoulli().check(bits[:0], "x")
    near = [info.tiny, -info.tiny, 1 - info.eps / 2, 1 + info.eps]
    for wrong in (*near, -1, 2, info.max, np.inf, -np.inf, np.nan):
        with pytest.raises(ValueError, match="values other than 0 and 1"):
            Bernoulli().check(torch.cat([bits, bits.new_tensor([wrong]), bits]), "x")
