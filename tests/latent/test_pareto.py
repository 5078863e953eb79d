"""The tail index: of distributions that have a known one, and of weights whose tail is known."""

import math

import numpy as np
import pytest
import torch
from scipy import stats

from dgmlib.latent.pareto import MIN_SAMPLES, largest_trusted_k, pareto_k, tail_length


@pytest.mark.parametrize("k", [-0.4, 0.1, 0.5, 0.9, 1.5])
def test_the_index_of_generalised_pareto_numbers_is_found(k):
    """Mean over 100 samples of 4,000; the weak prior draws k̂ towards ½ by ten in 190 + 10 weights."""
    draws = stats.genpareto.rvs(k, size=(4000, 100), random_state=np.random.default_rng(0))
    found = pareto_k(torch.tensor(draws).log())
    expected = (190 * k + 10 * 0.5) / 200
    assert abs(found.mean() - expected) < 0.06
    assert found.std() < 1.2 * (1 + abs(k)) / math.sqrt(190)  # about what the maximum-likelihood estimate has


def test_the_fit_agrees_with_maximum_likelihood():
    """SciPy's fit to the same 190 excesses, our weak prior taken out: within 0.1, as two estimators may differ."""
    draws = stats.lognorm.rvs(1.5, size=4000, random_state=np.random.default_rng(1))
    tail = np.sort(draws)[-191:]
    reference = stats.genpareto.fit(tail[1:] - tail[0], floc=0)[0]
    found = float(pareto_k(torch.tensor(draws).log()))
    assert abs((200 * found - 5) / 190 - reference) < 0.1


def test_the_scale_of_weights_does_not_matter():
    log_weights = torch.randn(1000, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    torch.testing.assert_close(pareto_k(log_weights), pareto_k(log_weights - 5000))
    torch.testing.assert_close(pareto_k(log_weights)[1], pareto_k(log_weights[:, 1]))


def test_gaussian_weights_have_index_one_minus_the_ratio_of_variances():
    """N(0,1) proposed by N(0, s²), s < 1: P(w > t) falls as t^(−1/k) with k = 1 − s², up to logarithms."""
    rng = np.random.default_rng(0)
    for s in (0.3, 0.6, 0.8):
        z = torch.tensor(rng.normal(0, s, size=(20_000, 50)))
        found = pareto_k(-0.5 * z**2 + 0.5 * (z / s) ** 2).mean()
        assert abs(float(found) - (1 - s**2)) < 0.2
    wide = torch.tensor(rng.normal(0, 1.5, size=(20_000, 50)))
    assert pareto_k(-0.5 * wide**2 + 0.5 * (wide / 1.5) ** 2).max() < 0


def test_equal_weights_have_no_tail():
    assert pareto_k(torch.full((50,), -3.0)) == -math.inf
    assert pareto_k(torch.full((50,), -3.0, dtype=torch.float64) + 1e-14 * torch.arange(50)) == -math.inf


def test_a_few_weights_that_dwarf_the_rest_are_a_heavy_tail():
    """Even where the rest underflow beside them, or are zero."""
    assert pareto_k(torch.linspace(-4000.0, 0.0, 100)) > 1
    some = torch.full((100,), -math.inf)
    some[:5] = 0.0
    assert pareto_k(some) == math.inf


def test_two_values_are_a_light_tail():
    """Latents that are bits make ties: a bounded weight that is not rare is nothing to warn of."""
    log_weights = torch.zeros(1000, dtype=torch.float64)
    log_weights[:60] = 1.0
    assert pareto_k(log_weights) < 0.5


def test_arrays_and_integers_are_weights_too():
    weights = torch.randint(0, 9, (100, 2), generator=torch.Generator().manual_seed(0))
    expected = pareto_k(weights.double())
    torch.testing.assert_close(pareto_k(weights), expected.float())
    np.testing.assert_array_equal(pareto_k(weights.numpy()), expected)
    assert pareto_k(weights[:, 0].tolist()) == pytest.approx(float(expected[0]), rel=1e-12)
    assert isinstance(pareto_k(np.zeros(5)), float)


def test_too_few_weights_say_nothing():
    assert pareto_k(torch.randn(MIN_SAMPLES - 1, 2)).tolist() == [math.inf] * 2
    assert pareto_k(torch.randn(MIN_SAMPLES)).isfinite()


def test_limits_are_those_of_the_paper():
    assert tail_length(100) == 20 and tail_length(5000) == math.ceil(3 * math.sqrt(5000))
    assert largest_trusted_k(100) == 0.5 and largest_trusted_k(10**6) == 0.7
    assert largest_trusted_k(1) == -math.inf


@pytest.mark.parametrize("bad", [torch.tensor(1.0), torch.tensor([math.nan] * 30), torch.tensor([math.inf] * 30)])
def test_mistakes_are_named(bad):
    with pytest.raises(ValueError, match="log_weights: got"):
        pareto_k(bad)
