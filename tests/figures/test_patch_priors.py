"""What the figures of lecture 10 show besides what its claims check, and how their recordings are made."""

import json

import numpy as np
import pytest

from dgmlib.data import load_natural_images
from dgmlib.figures import patch_priors as figures
from dgmlib.figures.patch_priors import record, recorded, splitting, steps, study, tasks
from dgmlib.figures.patch_priors.pictures import averaged, grey, noisy, square, url
from dgmlib.figures.patch_priors.prior_quality import MEASURES, prior_table, restored
from dgmlib.patches import extract, from_plane, marginals, to_plane
from dgmlib.patches.small import small_mixture
from dgmlib.pretrained.patches import random_patches
from dgmlib.restoration import epll_objective, epll_steps, psnr
from dgmlib.restoration.operators import Identity


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """A folder that recordings are written to and read from instead of the package's."""
    monkeypatch.setattr(recorded, "FOLDER", tmp_path)
    monkeypatch.setattr(record, "shipped_prior", small_mixture)
    monkeypatch.setattr(steps, "shipped_prior", small_mixture)
    monkeypatch.setattr(tasks, "shipped_prior", small_mixture)
    for reader in (recorded.read, recorded.squares):
        reader.cache_clear()
    yield tmp_path
    for reader in (recorded.read, recorded.squares):
        reader.cache_clear()


def test_squares_come_back_as_they_were_kept(kept):
    pictures = np.random.default_rng(0).random((2, 3, recorded.SIDE, recorded.SIDE))
    recorded.keep_squares("some", pictures)
    np.testing.assert_array_equal(recorded.squares("some"), np.rint(255 * pictures))


def test_steps_are_the_rounds_of_epll(kept, monkeypatch):
    monkeypatch.setattr(steps, "SHOWN", ("camera",))
    monkeypatch.setattr(steps, "SIGMAS", (25,))
    record.restored("steps", steps.record)
    x = square("camera")
    y = noisy(x, 25 / 255)
    rounds = [step.image for step in epll_steps(y, None, small_mixture(), sigma=25 / 255)]
    expected = [psnr(y, x), *(psnr(image, x) for image in rounds), psnr(averaged(y, small_mixture(), 25 / 255), x)]
    np.testing.assert_allclose(steps.scores("camera", 25), expected, atol=0.02)
    assert recorded.read("steps")["components"] == 20


def test_tasks_keep_the_start_and_one_picture_per_beta(kept, monkeypatch):
    monkeypatch.setattr(tasks, "SHOWN", ("cat",))
    monkeypatch.setattr(tasks, "TASKS", {"fill in": 5})
    record.restored("tasks", tasks.record)
    stages, y, a = tasks.stages("fill in", "cat"), tasks.observed("fill in", "cat"), tasks.operator("fill in")
    assert len(stages) == 6
    last = list(epll_steps(y, a, small_mixture(), sigma=5 / 255))[-1]
    np.testing.assert_allclose(stages[-1], last.image, atol=0.51 / 255)
    np.testing.assert_allclose(stages[0], a.first_guess(y).clip(0, 1), atol=0.51 / 255)


def test_the_prior_fails_first_at_deblurring():
    """What the lecture says of the recorded tasks: gains over the start, and where deblurring the cat is best."""
    found = {
        (task, name): [psnr(stage, square(name)) for stage in tasks.stages(task, name)]
        for task in tasks.TASKS
        for name in tasks.SHOWN
    }
    gains = {key: values[-1] - values[0] for key, values in found.items()}
    stated = {"denoise": (8.2, 8.1), "fill in": (1.6, 1.6), "deblur": (1.8, 0.3), "enlarge": (0.9, 0.3)}
    for task, expected in stated.items():
        assert [gains[task, name] for name in ("camera", "cat")] == pytest.approx(expected, abs=0.05)
    deblurred = found["deblur", "cat"]
    assert np.argmax(deblurred) == 2
    assert [max(deblurred), deblurred[-1]] == pytest.approx([30.65, 30.48], abs=0.005)


def test_a_schedule_is_recorded_round_by_round(monkeypatch):
    """Objective and distance of the first round, found here from the two steps themselves."""
    monkeypatch.setattr(splitting, "shipped_prior", small_mixture)
    monkeypatch.setattr(splitting, "square", lambda name: square(name)[:32, :32])
    monkeypatch.setattr(splitting, "SCHEDULES", {"loose": (1.0,)})
    monkeypatch.setattr(splitting, "N_ROUNDS", 2)
    found = splitting.record()["rounds"]["loose"]
    x, sigma, prior = square("camera")[:32, :32], splitting.SIGMA, small_mixture()
    y = noisy(x, sigma)
    z, mean = to_plane(extract(y))
    copies = from_plane(prior.map_estimate(z, sigma), mean)
    (first, _) = (step.image for step in epll_steps(y, None, prior, sigma=sigma, betas=[1 / sigma**2], n_inner=2))
    energy = epll_objective(first, y, Identity(x.shape), prior, sigma=sigma)
    assert found["F"][1] == pytest.approx(energy, rel=1e-4)
    assert found["apart"][0] == pytest.approx(255 * np.sqrt(np.mean((extract(first) - copies) ** 2)), abs=0.01)
    assert found["psnr"][0] == pytest.approx(psnr(y, x), abs=1e-3)


def test_the_study_measures_every_prior_once(kept, monkeypatch):
    """On the package's pictures in place of the photographs, in small."""
    images = list(load_natural_images().values())

    def patches(*sizes, seed):
        return tuple(random_patches(images, n, rng=np.random.default_rng(seed + i)) for i, n in enumerate(sizes))

    small = {"N_TRAIN": 800, "N_SCORED": 300, "N_DENOISED": 100, "TESTED": (0,), "SIDE": 32, "SIZES": (2,)}
    small |= {"N_SHAPES": 2, "N_FOR_SCALES": 500, "N_STEPS": 2, "SEARCH": 2, "PARTICLES": 100}
    for name, value in small.items():
        monkeypatch.setattr(study, name, value)
    monkeypatch.setattr(marginals, "N_GRID", 257)
    monkeypatch.setattr(study, "load_bsd68", lambda: images)
    monkeypatch.setattr(study, "bsds300_patches", patches)
    monkeypatch.setattr(study, "shipped_prior", small_mixture)
    rows = record.priors(seed=1)
    names = ["independent pixels", "Gaussian", "PCA", "ICA", "GSM", "2 GSMs", "GMM 2", "RNADE", "GMM 20"]
    assert [row["prior"] for row in rows] == names
    assert recorded.read("priors") == {"seed": 1, "seconds": recorded.read("priors")["seconds"], "rows": rows}
    assert recorded.squares("priors").shape == (1, len(names), recorded.SIDE, recorded.SIDE)
    values = {name: np.array([row[name] for row in rows]) for name in rows[0] if name != "prior"}
    assert (values["nats"][1:] > values["nats"][0]).all()
    assert (values["patches, mean"] > 20.2).all()  # the noisy patches' PSNR
    assert (values["patches, mean"] > values["patches, map"] - 0.05).all()


def test_the_table_lists_every_prior_and_both_correlations():
    lines = prior_table().splitlines()
    columns = figures.table()
    assert len(lines) == 2 + len(columns["prior"]) + 2
    assert lines[2].startswith(f"| {columns['prior'][0]} |")
    for measure in MEASURES:
        assert f"{columns[measure][0]:.2f}" in lines[2]
        assert f"{np.corrcoef(columns['nats'], columns[measure])[0, 1]:.2f}" in lines[-2]


def test_the_photograph_is_restored_by_every_prior():
    """All sheets show the same photograph, cleaner than it was observed."""
    x = square("camera")
    for name in figures.table()["prior"]:
        assert psnr(restored(name) / 255, x) > psnr(noisy(x, study.SIGMA), x)


def test_the_denoising_table_prints_the_last_run(tmp_path):
    row = {"method": "EPLL, exact", "components": 200, "sigma": 25, "PSNR in dB": 28.6849, "seconds a picture": 10.27}
    rows = [row | {"published": 28.68}, row | {"method": "noisy", "PSNR in dB": 20.17, "published": ""}]
    run = {"seed": 3, "when": "2026-01-02T03:04:05+00:00", "rows": rows}
    path = tmp_path / "run.json"
    path.write_text(json.dumps(run))
    lines = figures.denoising_table(path).splitlines()
    assert lines[0] == "| method | σ = 25 | published |"
    assert lines[2:4] == ["| EPLL, exact | 28.68 | 28.68 |", "| noisy | 20.17 | – |"]
    assert "200 Gaussians" in lines[-1] and "a picture: EPLL, exact 10.3. " in lines[-1]
    assert lines[-1].endswith("on 2026-01-02, seed 3.")
    path.write_text(json.dumps(run | {"sources": "0123456789abcdef"}))
    assert figures.denoising_table(path).endswith("on 2026-01-02, seed 3, sources 0123456.")


def test_without_a_run_the_denoising_table_says_how_to_make_one(tmp_path):
    assert "benchmarks.reproduce denoising-bsd68" in figures.denoising_table(tmp_path / "none.json")
    assert figures.denoising_rows(tmp_path / "none.json") == []


def test_one_patch_gains_from_both_estimates_and_says_how_sure_it_is():
    tables = figures.one_patch.tables(patch="fur", sigma=80, seed=0)
    assert np.sum(tables["bars"]["r"]) <= 1.001
    assert (np.diff(tables["bars"]["r"]) <= 0).all()
    assert tables["scores"]["Wiener"][0] > tables["scores"]["noisy"][0] + 3
    assert "nearly certain" in figures.one_patch.caption(patch="sky", sigma=5, seed=0)


def test_pictures_are_cut_to_the_range_of_grey_values():
    np.testing.assert_array_equal(grey(np.array([[-0.2, 0.5, 1.3]])), [[0, 128, 255]])
    assert url(np.zeros((2, 2)))["url"][0].startswith("data:image/png")
