"""Which prior a command without further words uses."""

import numpy as np
import pytest
import torch

from dgmlib import pretrained
from dgmlib.latent.mixture import GaussianMixture
from dgmlib.patches.plane import protocol_volume
from dgmlib.patches.small import small_mixture
from dgmlib.restoration.shipped import NAME, shipped_prior


@pytest.fixture(autouse=True)
def fresh():
    shipped_prior.cache_clear()
    yield
    shipped_prior.cache_clear()


def test_without_the_large_mixture_it_is_the_small_one(monkeypatch):
    monkeypatch.setattr(pretrained, "available", lambda: [])
    assert shipped_prior() is small_mixture()


def test_the_large_mixture_moves_to_the_plane(monkeypatch):
    """Scores in the published coordinates stay what they were."""
    weights, sizes = torch.tensor([0.25, 0.75], dtype=torch.float64), torch.tensor([1.0, 3.0], dtype=torch.float64)
    covariances = sizes[:, None, None] * torch.eye(63, dtype=torch.float64)
    large = GaussianMixture.from_parameters(weights, torch.zeros(2, 63, dtype=torch.float64), covariances)
    monkeypatch.setattr(pretrained, "available", lambda: [NAME])
    monkeypatch.setattr(pretrained, "load", lambda name: {NAME: large}[name])
    v = np.random.default_rng(0).normal(size=(5, 63))
    z = v - v.sum(1, keepdims=True) / 7
    found = shipped_prior().log_prob(z) + protocol_volume(63)
    np.testing.assert_allclose(found, large.log_prob(torch.from_numpy(v)).numpy(), atol=1e-8)
