"""Mixtures by recipe: trained, rounded, scored, resumed; and what half precision costs."""

import re
from dataclasses import replace

import pytest
import torch

from dgmlib import checkpoints, pretrained
from dgmlib.latent.mixture import GaussianMixture
from dgmlib.pretrained import RECIPES, mixtures
from dgmlib.pretrained.recipes import Splits
from tests.test_pretrained import interrupt, made


def two_contrasts():
    """Correlated rows, half of them of a hundredth of the size, as flat and textured patches are."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(4000, 6, generator=generator) @ torch.randn(6, 6, generator=generator)
    x[::2] *= 0.01
    return Splits(x[:3000], x[3000:3500], x[3500:])


@pytest.fixture
def tiny(monkeypatch):
    recipe = replace(
        RECIPES["gmm-200-bsds"], name="tiny", n_components=3, data=two_contrasts, batch_size=500, n_iterations=10
    )
    monkeypatch.setitem(RECIPES, "tiny", recipe)
    return recipe


def test_the_card_scores_what_load_reads(tiny, tmp_path):
    entry = made(tiny, tmp_path)
    mixture = pretrained.load("tiny", folder=tmp_path)
    assert mixture.zero_means
    assert entry["num_parameters"] == mixture.num_parameters == 3 * 21 + 2
    score = float(mixture.log_prob(two_contrasts().test).mean())
    assert entry["test_log_likelihood_nats"] == pytest.approx(score, abs=1e-4)
    one = GaussianMixture(1, zero_means=True).fit(two_contrasts().train)
    assert score > float(one.log_prob(two_contrasts().test).mean()) + 1
    assert entry["epochs_run"] == tiny.n_passes + 10


def test_an_interrupted_fit_goes_on_to_the_same_end(tiny, tmp_path, monkeypatch):
    whole = made(tiny, tmp_path / "whole")
    interrupt(monkeypatch, tiny, tmp_path / "resumed", module=mixtures, function="_fit", calls=2)
    assert (tmp_path / "resumed" / "run.safetensors").exists()
    assert made(tiny, tmp_path / "resumed")["sha256"] == whole["sha256"]


@pytest.mark.parametrize(
    "option",
    [
        {"name": "other"},
        {"n_components": 4},
        {"init": "k-means++"},
        {"n_passes": 3},
        {"n_iterations": 5},
        {"batch_size": 600},
        {"seed": 1},
    ],
)
def test_a_checkpoint_of_another_recipe_is_refused(tiny, tmp_path, option):
    made(tiny, tmp_path)
    [(name, value)] = option.items()
    expected = re.escape(f"{{'{name}': {getattr(tiny, name)!r}}}, expected {{'{name}': {value!r}}}")
    with pytest.raises(ValueError, match=expected):
        made(replace(tiny, **option), tmp_path)


def test_a_checkpoint_that_tells_no_settings_is_refused(tiny, tmp_path):
    checkpoints.save(tmp_path / "run.safetensors", {"history": {}})
    with pytest.raises(ValueError, match=r"'seed': 'not recorded'.*delete the file to start again"):
        made(tiny, tmp_path)


def test_exact_iterations_only_gain(tiny, tmp_path):
    checkpoint = tmp_path / "run.safetensors"
    _, history = mixtures.train(tiny, two_contrasts(), checkpoint=checkpoint, progress=False)
    assert len(history.train) == 3
    assert history.train[0] >= history.train[1] >= history.train[2]


@pytest.mark.parametrize("spread", [1.0, 1e-3])
def test_half_precision_costs_no_likelihood_whatever_the_condition(spread):
    """Three components whose standard deviations differ by ``spread``, in a basis turned at random."""
    generator = torch.Generator().manual_seed(1)
    axes = torch.linalg.qr(torch.randn(3, 8, 8, generator=generator, dtype=torch.float64)).Q
    deviations = torch.logspace(0, float(torch.tensor(spread).log10()), 8, dtype=torch.float64)
    common = axes[0] * deviations  # what all share, as photographs do
    covariances = torch.stack([c * common @ common.T for c in (1.0, 1e-2, 1e-4)])
    mixture = GaussianMixture.from_parameters(torch.tensor([0.5, 0.3, 0.2]), torch.zeros(3, 8), covariances)
    stored = mixtures.from_bytes(mixtures.to_bytes(mixture))
    x = mixture.sample(2000, generator=generator)
    assert float((stored.log_prob(x) - mixture.log_prob(x)).abs().mean()) < 5e-3
    assert stored.zero_means


def test_means_are_kept():
    means = torch.tensor([[0.5, -2.0], [1.0, 0.25]], dtype=torch.float64)
    mixture = GaussianMixture.from_parameters(torch.tensor([0.25, 0.75]), means, torch.eye(2).expand(2, 2, 2))
    stored = mixtures.from_bytes(mixtures.to_bytes(mixture))
    assert torch.equal(stored.means, means)
    assert not stored.zero_means
    assert torch.allclose(stored.covariances, mixture.covariances, atol=2e-3)
