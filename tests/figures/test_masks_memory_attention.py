"""Lecture 5's figures show what the models say, and their recordings can be made again."""

import json

import numpy as np
import pytest
import torch

from dgmlib.figures import masks_memory_attention as figures
from dgmlib.figures.masks_memory_attention import attention, copying, digits, masks, probe, recorded, timing


def test_sorting_brings_the_triangle_back():
    """Sorted by its ordering, the shuffled masked network has only earlier inputs below the diagonal."""
    shown = figures.autoencoder_or_density.tables
    t = shown(kind="shuffled", width=32, sort=True)["jacobian"]
    assert set(t["kind"]) == {"earlier input"}
    assert (np.array(t["j"]) < np.array(t["i"])).all()
    t = shown(kind="shuffled", width=32, sort=False)["jacobian"]
    assert set(t["kind"]) == {"earlier input"}
    assert not (np.array(t["j"]) < np.array(t["i"])).all()
    assert shown(kind="plain", sort=True) == shown(kind="plain", sort=False)


@pytest.mark.parametrize("hidden", masks.HIDDEN)
@pytest.mark.parametrize("ordering", masks.ORDERINGS)
def test_mask_figure_counts_what_a_walk_counts(hidden, ordering):
    """Ways from input to output, unit by unit, equal the product of the masks; free parameters are what can change."""
    model = figures.network(hidden, ordering, 2)
    ways = np.eye(masks.N, dtype=int)
    for layer in (*model.hidden, model.out):
        ways = np.array([sum((ways[j] for j in np.flatnonzero(row)), np.zeros(masks.N, int)) for row in layer.mask])
    np.testing.assert_array_equal(figures.paths(model), ways)
    before = model.conditionals(torch.ones(1, masks.N))
    with torch.no_grad():
        for layer in (*model.hidden, model.out):
            layer.weight[~layer.mask] += 1.0
    assert torch.equal(model.conditionals(torch.ones(1, masks.N)), before)
    free = sum(int(layer.mask.sum()) + len(layer.bias) for layer in (*model.hidden, model.out))
    assert figures.free_parameters(model) == free < model.num_parameters


def test_the_highlighted_way_ends_at_the_inputs_that_matter():
    for output in range(masks.N):
        model = figures.network("6+6", "random", 1)
        needed = masks.on_the_way(model, output)
        np.testing.assert_array_equal(needed[0], figures.paths(model)[output] > 0)
    t = figures.made_masks.tables(output=4)
    assert sum(t["edges"]["used"]) == sum(t["cells"]["used"]) > 0
    assert len(t["edges"]["used"]) == len(t["cells"]["used"])


def test_the_memory_figure_adds_up_to_what_it_says():
    for (name, k), row in copying.results().items():
        assert sum(row["bits"]) - k == pytest.approx(row["forgotten"][0], abs=0.01)
        assert row["forgotten"] == sorted(row["forgotten"])
        assert row["parameters"] == figures.build(name, k, torch.Generator()).num_parameters


def test_measuring_the_memory_task_again_gives_rows_like_the_recorded_ones():
    kept = []
    found = copying.measure(lengths=(2,), starts=2, steps=3, keep=lambda *what: kept.append(what[:2]))
    assert [row["model"] for row in found["rows"]] == list(copying.MODELS)
    assert kept == [(name, 2) for name in copying.MODELS]
    for row in found["rows"]:
        assert set(row) == set(recorded.read("copying")["rows"][0])
        assert len(row["bits"]) == 4 and len(row["forgotten"]) == 2
        assert sum(row["bits"]) - 2 == pytest.approx(row["forgotten"][0], abs=0.01)


def test_attention_figures_draw_the_models_weights():
    for query in (1, 12, 24):
        t = figures.attention_copying.tables(query=query)["row"]
        assert sum(t["weight"]) == pytest.approx(1, abs=1e-5)
        assert t["part"].count("the past") == query
    x = figures.small_digits()[1][1548 - digits.TRAIN]
    w = digits.trained().attention_weights(x[None])[1, 0, 0, 37].detach()
    t = figures.attention_digits.tables(digit=1548, look="10", query=38)
    np.testing.assert_allclose(t["looks"]["size"], np.minimum(1800 * w[1:38].numpy(), 600), rtol=1e-3)
    expected = sum(w[j] * (38 - j) for j in range(1, 38)) / w[1:].sum()
    assert t["heads"]["back"][2] == pytest.approx(float(expected), rel=1e-4)


def test_the_digit_model_has_the_recorded_score():
    """Rounded weights on disk give the held-out score that was noted before rounding, to a tenth of a nat."""
    with torch.no_grad():
        nats = digits.trained().log_prob(figures.small_digits()[1]).mean().item()
    assert nats == pytest.approx(recorded.read("digits")["held-out nats"], abs=0.1)


def test_recorded_times_are_of_the_models_that_are_named():
    for row in recorded.read("times")["rows"]:
        model = timing.MODELS[row["model"]](row["n"], torch.Generator())
        assert row["parameters"] == model.num_parameters


def test_a_probe_finds_what_is_there_and_nothing_where_there_is_nothing():
    """One column that is the label gives 100 %; noise gives chance, one in ten, within four standard errors."""
    _, labels = probe.digits()
    columns = np.eye(10)[labels]
    assert probe.accuracy(columns, labels, 200, seed=0) == 1
    noise = np.random.default_rng(0).normal(size=(5000, 8))
    assert abs(probe.accuracy(noise, labels, 200, seed=0) - 0.1) < 4 * np.sqrt(0.09 / 1000)


def test_recordings_are_written_whole_and_read_back(tmp_path):
    recorded.keep("trial", {"rows": [{"a": 1}, {"a": 2}]}, seconds=3.4, folder=tmp_path)
    written = json.loads((tmp_path / "trial.json").read_text())
    assert written["rows"] == [{"a": 1}, {"a": 2}] and written["seconds"] == 3
    assert written["command"].endswith("masks_memory_attention.record trial")
    model = attention.copying_model()
    recorded.keep_weights("trial", model, folder=tmp_path)
    assert (tmp_path / "trial.safetensors").read_bytes() == (recorded.FOLDER / "copying.safetensors").read_bytes()
