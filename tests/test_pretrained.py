import json
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

from dgmlib import pretrained, training
from dgmlib.autoregressive import MADE
from dgmlib.latent.vae import VAE
from dgmlib.monte_carlo import estimate_mean
from dgmlib.pretrained import RECIPES, WEIGHTS, Recipe, make, patches
from dgmlib.pretrained.recipes import Splits
from dgmlib.pretrained.storage import from_bytes, round_to_half, to_bytes
from tests.conformance.case import log_prob
from tests.conformance.models import AUTOREGRESSIVE


def tiny_data():
    generator = torch.Generator().manual_seed(0)
    rows = (torch.rand(300, 6, generator=generator) < 0.3).to(torch.uint8)
    rows[:, 1::2] = rows[:, ::2]
    return Splits(rows[:200], rows[200:250], rows[250:])


@pytest.fixture
def tiny(monkeypatch):
    """A recipe of a second, known under its own name."""
    recipe = replace(
        RECIPES["made-mnist"],
        name="tiny",
        build=lambda g: MADE(6, [8], ordering=torch.randperm(6, generator=g), generator=g),
        data=tiny_data,
        n_epochs=6,
        batch_size=20,
        learning_rate=0.02,
    )
    monkeypatch.setitem(RECIPES, "tiny", recipe)
    return recipe


def made(recipe, folder):
    return make.make(recipe, folder=folder, checkpoint=folder / "run.safetensors", device="cpu", progress=False)


def test_a_recipe_makes_what_load_reads_and_the_card_scores_just_that(tiny, tmp_path):
    entry = made(tiny, tmp_path)
    model = pretrained.load("tiny", folder=tmp_path)
    assert pretrained.card("tiny", folder=tmp_path) == entry
    assert pretrained.available(tmp_path) == ["tiny"]
    log_p = model.log_prob(tiny_data().test).detach().double()
    assert float(log_p.mean()) == pytest.approx(entry["test_log_likelihood_nats"], abs=1e-3)
    assert float(log_p.std()) / 50**0.5 == pytest.approx(entry["standard_error_nats"], abs=1e-3)
    assert float(log_p.mean()) > -6 * np.log(2)
    assert entry["num_parameters"] == model.num_parameters
    assert entry["command"] == "python -m dgmlib.pretrained tiny"
    assert not model.training
    assert next(model.parameters()).dtype == torch.float32


def interrupt(monkeypatch, recipe, folder, *, module, function, calls):
    """Follow the recipe until ``function`` has been called so often."""
    begun, original = iter(range(calls)), getattr(module, function)

    def counted(*arguments, **options):
        if next(begun, None) is None:
            raise KeyboardInterrupt
        return original(*arguments, **options)

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(module, function, counted)
        made(recipe, folder)


def test_the_same_recipe_makes_the_same_weights_also_after_an_interruption(tiny, tmp_path, monkeypatch):
    whole = made(tiny, tmp_path / "whole")
    interrupt(monkeypatch, tiny, tmp_path / "resumed", module=training, function="mean_loss", calls=2)
    assert (tmp_path / "resumed" / "run.safetensors").exists()
    resumed = made(tiny, tmp_path / "resumed")
    assert resumed["sha256"] == whole["sha256"]


@pytest.mark.parametrize("option", [{"seed": 1}, {"bfloat16": True}, {"name": "other"}])
def test_a_checkpoint_of_another_recipe_is_refused(tiny, tmp_path, option):
    made(tiny, tmp_path)
    [(name, value)] = option.items()
    with pytest.raises(ValueError, match=f"{{'{name}': {getattr(tiny, name)!r}}}, expected {{'{name}': {value!r}}}"):
        made(replace(tiny, **option), tmp_path)


def test_folders_may_be_strings(tiny, tmp_path):
    folder = str(tmp_path)
    options = {"folder": folder, "checkpoint": f"{folder}/run.safetensors", "device": "cpu", "progress": False}
    assert make.make(tiny, **options) == pretrained.card("tiny", folder=folder)
    assert pretrained.load("tiny", folder=folder).num_parameters > 0
    assert pretrained.available(folder) == ["tiny"]


def test_training_may_begin_from_other_weights(tiny, tmp_path, monkeypatch):
    """With hardly a step taken, the model is the one it began from; without that one, the way to make it is named."""
    follower = replace(tiny, name="follower", start="tiny", learning_rate=1e-9, n_epochs=1)
    monkeypatch.setitem(RECIPES, "follower", follower)
    (tmp_path / "none").mkdir()
    with pytest.raises(ValueError, match=r"not here; make it with `python -m dgmlib.pretrained tiny`"):
        made(follower, tmp_path / "none")
    first = made(tiny, tmp_path)
    (tmp_path / "run.safetensors").unlink()
    entry = made(follower, tmp_path)
    assert entry["test_log_likelihood_nats"] == first["test_log_likelihood_nats"]
    assert entry["settings"]["start"] == "tiny"


def test_a_vae_is_trained_on_its_bound_and_scored_by_importance_sampling(tiny, tmp_path, monkeypatch):
    """The card's score is the estimate from 5,000 samples of the stored weights; with one latent, quadrature."""
    objective = {"n_samples": 3, "importance": True}
    recipe = replace(tiny, build=lambda g: VAE(6, 3, hidden=(8,), generator=g), objective=objective, batch_size=50)
    monkeypatch.setitem(RECIPES, "tiny", recipe)
    entry = made(recipe, tmp_path)
    model = pretrained.load("tiny", folder=tmp_path)
    x = tiny_data().test
    estimate = model.importance_log_prob(x, generator=torch.Generator().manual_seed(recipe.seed))
    assert entry["test_log_likelihood_nats"] == pytest.approx(float(estimate.mean()), abs=1e-3)
    assert entry["settings"]["importance"] is True
    assert "5,000 importance samples" in entry["test_method"]
    assert "valid_bound_nats" in entry
    plane = replace(recipe, build=lambda g: VAE(6, 2, hidden=(8,), generator=g), objective={"n_samples": 3})
    entry = made(plane, tmp_path / "plane")
    assert entry["test_method"].startswith("quadrature")
    monkeypatch.setitem(RECIPES, "tiny", plane)
    estimate = pretrained.load("tiny", folder=tmp_path / "plane").importance_log_prob(x)
    assert entry["test_log_likelihood_nats"] == pytest.approx(float(estimate.mean()), abs=0.02)


@pytest.mark.parametrize("objective", [{"n_samples": 3}, {"importance": True, "n_samples": 2}, {"warm_up": 0.5}])
def test_no_setting_of_an_objective_is_ignored(tiny, tmp_path, objective):
    recipe = replace(tiny, build=lambda g: VAE(6, 1, hidden=(8,), generator=g), objective={"n_samples": 1}, n_epochs=2)
    other = replace(recipe, objective=objective)
    assert made(recipe, tmp_path / "a")["sha256"] != made(other, tmp_path / "b")["sha256"]


@pytest.mark.parametrize("option", [{"optimizer": "SGD"}, {"weight_decay": 0.5}, {"learning_rate": 0.01}, {"seed": 1}])
def test_no_setting_is_ignored(tiny, tmp_path, option):
    assert made(tiny, tmp_path / "a")["sha256"] != made(replace(tiny, **option), tmp_path / "b")["sha256"]


def test_weights_and_card_belong_together(tiny, tmp_path):
    made(tiny, tmp_path)
    path = tmp_path / "tiny.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "sha256": "0" * 64}))
    with pytest.raises(
        ValueError, match=r"expected those of the card; make it with `python -m dgmlib.pretrained tiny`"
    ):
        pretrained.load("tiny", folder=tmp_path)


def test_missing_weights_name_the_command(tmp_path):
    with pytest.raises(ValueError, match=r"not here; make it with `python -m dgmlib.pretrained nade-mnist`"):
        pretrained.load("nade-mnist", folder=tmp_path)


def test_unknown_names_list_the_known_ones():
    with pytest.raises(ValueError, match=r"got 'nade', expected one of .*nade-mnist"):
        pretrained.load("nade")


def test_every_recipe_builds_a_model_small_enough_to_ship():
    """At most 4 MB a file, as the repository demands, and 12 MB all together."""
    networks = {name: recipe for name, recipe in RECIPES.items() if isinstance(recipe, Recipe)}
    sizes = {name: len(to_bytes(r.build(torch.Generator().manual_seed(0)))) for name, r in networks.items()}
    sizes |= {name: path.stat().st_size for name in RECIPES if (path := WEIGHTS / f"{name}.safetensors").exists()}
    assert max(sizes.values()) < 4e6, sizes
    assert sum(sizes.values()) < 12e6, sizes


@pytest.mark.parametrize("case", AUTOREGRESSIVE, ids=lambda case: case.name)
def test_storage_changes_nothing_but_the_precision(case):
    """Read into a model of another seed (other degrees, other masks): the rounded model's numbers, exactly."""
    model, other = case.seeded(0), case.seeded(1)
    round_to_half(model)
    from_bytes(to_bytes(model), other)
    x = case.space.points()[::5]
    assert np.array_equal(log_prob(other, x), log_prob(model, x))


def test_forbidden_weights_are_not_stored():
    model = MADE(100, [200], generator=torch.Generator().manual_seed(0))
    allowed = sum(int(layer.mask.sum()) for layer in (*model.hidden, model.out))
    assert allowed < 0.6 * 2 * 100 * 200
    assert len(to_bytes(model)) < 2 * (allowed + 300) + 8 * 1000 + 1000


def test_shipped_weights_load_and_are_sharper_than_chance():
    for name in pretrained.available():
        model, entry = pretrained.load(name), pretrained.card(name)
        assert entry["num_parameters"] == model.num_parameters, name
        assert entry["settings"] == RECIPES[name].settings, name
        score = model.elbo if isinstance(model, VAE) else model.log_prob
        assert score(torch.zeros(1, model.n_dims)).item() > -model.n_dims * np.log(2), name


# Nats on the test set that the shipped weights are to reach: log-density of patches, negative log-likelihood of digits.
AT_MOST = {"fvsbn-random-mnist": 97.6, "nade-mnist": 89.3, "made-mnist": 91.5, "pixelcnn-mnist": 84.0}
AT_MOST |= {"vae-mnist": 89.0, "iwae-mnist": 88.0}
AT_LEAST = {"rnade-bsds": 150.0, "gmm-200-bsds": 152.0}
# Test examples scored again where all of them take minutes.
SCORED = {"pixelcnn-mnist": 300, "pixelcnn-small-mnist": 300, "vae-mnist": 100, "iwae-mnist": 100}
SCORED |= {"vae2-mnist": 1000, "rnade-bsds": 5000, "gmm-200-bsds": 20_000}


def test_shipped_weights_are_as_good_as_promised():
    nats = {name: pretrained.card(name)["test_log_likelihood_nats"] for name in pretrained.available()}
    assert {name: -nats[name] for name in AT_MOST if -nats[name] > AT_MOST[name]} == {}
    assert {name: nats[name] for name in AT_LEAST if nats[name] < AT_LEAST[name]} == {}


@pytest.mark.parametrize("name", pretrained.available())
def test_a_card_tells_what_its_weights_score(name, data_dir):
    """All test examples, to a hundredth of a nat; of a part of them the mean within four standard errors."""
    model, entry, x = pretrained.load(name), pretrained.card(name), RECIPES[name].data().test
    generator = torch.Generator().manual_seed(0)
    rows = torch.randperm(len(x), generator=generator)[: SCORED.get(name)]
    if name == "gmm-200-bsds":
        score = estimate_mean(model.log_prob(x[rows]))
    else:
        score = make.log_likelihood(model, x[rows].float(), generator=generator)
    allowed = 4 * score.standard_error if name in SCORED else 0.01
    assert score.mean == pytest.approx(entry["test_log_likelihood_nats"], abs=allowed)


def test_cards_say_how_the_weights_were_found():
    for name in pretrained.available():
        assert pretrained.card(name)["training"] == RECIPES[name].training, name


def test_mnist_comes_as_rows_of_bits(data_dir):
    splits = RECIPES["nade-mnist"].data()
    assert [len(part) for part in (splits.train, splits.valid, splits.test)] == [50_000, 10_000, 10_000]
    assert splits.train.shape[1] == 784
    assert set(splits.test.unique().tolist()) == {0, 1}


def test_patches_have_no_mean_and_follow_the_protocol():
    """The dropped pixel is minus the sum of the others; undoing the steps gives back the grey values."""
    rng = np.random.default_rng(0)
    grey = rng.integers(0, 256, size=(50, 8, 8)).astype(np.float32)
    x = patches.prepared(grey, rng=rng)
    assert x.shape == (50, 63)
    assert x.dtype == np.float32
    whole = np.concatenate([x, -x.sum(1, keepdims=True)], 1)
    difference = 256 * (whole - whole[:, :1]) - (grey.reshape(50, 64) - grey[:, 0, :1])
    assert (abs(difference) < 1.001).all()  # only the noise of two pixels remains
    assert abs(difference).max() > 0.5


def test_patches_come_from_everywhere_in_every_image():
    images = [np.full((8, 9), 10, np.uint8), np.tile(np.arange(12, dtype=np.uint8) ** 2, (10, 1))]
    x = patches.random_patches(images, 400, rng=np.random.default_rng(1))
    slope = np.round((x[:, 7] - x[:, 0]) * 256 / 7)  # (c + 7)² − c² = 7 (2c + 7), and 0 in the flat image
    found, counts = np.unique(slope, return_counts=True)
    assert 120 < counts[found == 0].sum() < 280
    assert found.tolist() == [0, 7, 9, 11, 13, 15]
    assert (counts[1:] > 20).all()


def test_patches_of_the_photographs_are_split_by_image(data_dir):
    train, valid, test = patches.bsds300_patches(300, 200, 100)
    assert [part.shape for part in (train, valid, test)] == [(300, 63), (200, 63), (100, 63)]
    assert 0.03 < train.std() < 0.3
    again = patches.bsds300_patches(300, 200, 100)
    assert np.array_equal(train, again[0])
    assert not np.array_equal(train[:200], valid)


def test_the_command_lists_and_refuses():
    def command(*arguments):
        call = [sys.executable, "-m", "dgmlib.pretrained", *arguments]
        return subprocess.run(call, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"})

    listed = command()
    assert listed.returncode == 0
    assert [line.split()[0] for line in listed.stdout.splitlines()] == list(RECIPES)
    refused = command("nade")
    assert refused.returncode == 2
    assert "invalid choice: 'nade'" in refused.stderr
