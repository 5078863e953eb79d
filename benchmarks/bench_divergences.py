"""Divergences beside SciPy and PyTorch: a thousand pairs of categorical distributions, a thousand of Gaussians."""

import numpy as np
import pytest
import torch
from scipy.special import rel_entr
from scipy.stats import entropy

from dgmlib.divergences import gaussian_kl, kl_divergence

PAIRS, STATES = 1000, 256


@pytest.fixture(scope="module")
def categorical():
    """Return two stacks of distributions."""
    rng = np.random.default_rng(0)
    return rng.dirichlet(np.ones(STATES), size=PAIRS), rng.dirichlet(np.ones(STATES), size=PAIRS)


@pytest.fixture(scope="module")
def gaussian():
    """Return means and standard deviations of two stacks of Gaussians."""
    rng = np.random.default_rng(1)
    return [rng.normal(size=PAIRS), rng.uniform(0.5, 2, PAIRS), rng.normal(size=PAIRS), rng.uniform(0.5, 2, PAIRS)]


CATEGORICAL = {
    "dgmlib": kl_divergence,
    "scipy.stats.entropy": lambda p, q: entropy(p, q, axis=-1),
    "scipy.special.rel_entr": lambda p, q: rel_entr(p, q).sum(-1),
}


@pytest.mark.benchmark(group="categorical divergence")
@pytest.mark.parametrize("library", CATEGORICAL)
def test_categorical_divergence(benchmark, categorical, library):
    found = benchmark(CATEGORICAL[library], *categorical)
    np.testing.assert_allclose(found, rel_entr(*categorical).sum(-1), rtol=1e-9)


def torch_gaussian_kl(mean_p, std_p, mean_q, std_q):
    """Return the divergences as PyTorch computes them."""
    p, q = (torch.distributions.Normal(*map(torch.as_tensor, ms)) for ms in ((mean_p, std_p), (mean_q, std_q)))
    return torch.distributions.kl_divergence(p, q).numpy()


GAUSSIAN = {"dgmlib": gaussian_kl, "torch.distributions": torch_gaussian_kl}


@pytest.mark.benchmark(group="Gaussian divergence")
@pytest.mark.parametrize("library", GAUSSIAN)
def test_gaussian_divergence(benchmark, gaussian, library):
    found = benchmark(GAUSSIAN[library], *gaussian)
    np.testing.assert_allclose(found, torch_gaussian_kl(*gaussian), rtol=1e-9)
