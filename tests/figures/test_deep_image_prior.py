"""What the figures of lecture 12 show besides what its claims check, and that their record can be made again."""

import numpy as np
import pytest

from dgmlib.data.store import read_npz
from dgmlib.figures import deep_image_prior as figures
from dgmlib.figures.deep_image_prior import record
from dgmlib.figures.deep_image_prior.panels import MISSING, given
from dgmlib.figures.deep_image_prior.recorded import FOLDER, FRAMES, SHOWN, STEPS, pack, runs, unpack
from dgmlib.restoration import psnr


def test_the_record_is_small_and_holds_every_run():
    assert sum(path.stat().st_size for path in FOLDER.glob("*.npz")) <= 330_000
    for task in figures.TASKS | figures.SIGMAS:
        for picture in figures.CORNERS:
            n_shown = sum(n <= STEPS[task] for n in FRAMES) if picture in SHOWN else 0
            assert len(figures.curve(task, picture, "loss")) == STEPS[task]
            assert len(unpack(runs()[f"{task}/{picture}/frames"])) == 2 * n_shown + 1
    assert all(figures.recorded("impedance")[name].shape[0] == len(figures.SEEDS) for name in figures.TARGETS)


@pytest.mark.parametrize("task", figures.TASKS | figures.SIGMAS)
def test_the_code_of_today_begins_as_the_record_does(task):
    _, curves = record.follow(task, "cat", 3)
    for name in ("loss", "psnr", "average"):
        np.testing.assert_allclose(curves[name], figures.curve(task, "cat", name)[:3], rtol=0.02)


def test_parts_can_be_recorded_again(tmp_path, monkeypatch):
    monkeypatch.setattr(record, "FOLDER", tmp_path)
    monkeypatch.setattr(record, "STEPS", dict.fromkeys(STEPS, 2))
    monkeypatch.setattr(record, "FRAMES", (1, 2))
    monkeypatch.setattr(record, "IMPEDANCE_STEPS", 2)
    record.main(["impedance", "levels"])
    assert sorted(read_npz(tmp_path / "levels.npz")) == sorted(figures.recorded("levels"))
    again = read_npz(tmp_path / "impedance.npz")
    assert sorted(again) == sorted(figures.TARGETS)
    for name in figures.TARGETS:
        np.testing.assert_allclose(again[name], figures.recorded("impedance")[name][:, :2], rtol=0.02)


@pytest.mark.parametrize("task", ["fill in", "denoise, σ = 15"])
def test_frames_are_those_of_their_steps(task):
    frames = unpack(runs()[f"{task}/cat/frames"]) / 255
    output, average = (figures.curve(task, "cat", name) for name in ("psnr", "average"))
    shown = [step for step in FRAMES if step <= STEPS[task]]
    for i, step in enumerate(shown):
        assert psnr(frames[i], figures.truth("cat")) == pytest.approx(output[step - 1], abs=0.6)
        assert psnr(frames[len(shown) + i], figures.truth("cat")) == pytest.approx(average[step - 1], abs=0.6)


def test_past_the_end_of_a_record_its_last_step_is_shown_and_said_to_be_the_last():
    state = {"task": "fill in", "picture": "cat"}
    last, beyond = (figures.iterations.tables(**state, step=step) for step in (500, 1500))
    assert last == beyond and last["now"]["step"] == [500] * 3
    assert figures.iterations.caption(**state, step=1500).startswith("Step 500, where this record ends:")
    assert figures.iterations.caption(**state, step=320).startswith("Step 320:")


def test_pictures_survive_packing_but_for_a_little():
    pictures = np.stack([figures.truth(name) for name in figures.CORNERS])
    again = unpack(pack(pictures)) / 255
    assert again.shape == pictures.shape
    assert all(psnr(a, b) > 30 for a, b in zip(again, pictures, strict=True))


def test_what_is_given_shows_what_was_lost():
    mask = figures.problem("fill in", "cat").operator.diagonal > 0
    shown = given("fill in", "cat")
    assert (shown[~mask] == MISSING).all() and 0.45 < mask.mean() < 0.55
    squares = given("enlarge", "cat").reshape(16, 4, 16, 4)
    assert (squares == squares[:, :1, :, :1]).all()


def test_targets_of_the_impedance_experiment():
    image, shuffled, noise = (figures.target(name, 1) for name in ("image", "shuffled", "noise"))
    assert np.array_equal(np.sort(image.ravel()), np.sort(shuffled.ravel())) and not np.array_equal(image, shuffled)
    assert abs(noise.mean() - 0.5) < 0.02
    residual = figures.target("image + noise", 1) - image
    assert residual.std() == pytest.approx(figures.SIGMA, rel=0.05)


def test_steps_that_were_never_reached_are_infinite():
    assert figures.steps_needed("noise", 1e-6, 0) == np.inf
    assert figures.steps_needed("image", 1.0, 0) == 1


def test_the_peak_that_is_marked_is_the_peak():
    t = figures.iterations.tables(task="denoise", picture="camera", step=200)
    average = figures.curve("denoise", "camera", "average")
    assert t["peak"]["step"] == [int(average.argmax()) + 1]
    assert t["now"]["decibels"][1] <= t["peak"]["decibels"][0]
    state = {"task": "denoise, σ = 50", "picture": "cat", "step": 80}
    told = figures.iterations.caption(**state)
    assert told.endswith("the noise alone is 0.0384.")


def test_fewer_scales_are_fewer_weights():
    counts = [figures.weights(depth, 4) for depth in figures.DEPTHS]
    assert counts == sorted(counts) and figures.weights(4, 4) > figures.weights(4, 0)
