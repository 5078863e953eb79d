"""``python -m dgmlib.restoration … --method dip``: small pictures, few steps."""

import numpy as np
import pytest
from PIL import Image

from dgmlib.restoration import __main__ as command
from dgmlib.restoration import psnr, read_picture

CLEAN = np.tile(np.linspace(60, 190, 37), (33, 1))  # odd sides


def run(tmp_path, values, *options):
    Image.fromarray(values.clip(0, 255).astype(np.uint8)).save(tmp_path / "photo.png")
    command.main([str(tmp_path / "photo.png"), "--method", "dip", *options])
    return read_picture(tmp_path / "photo-restored.png")


def test_noise_is_taken_away_and_a_seed_fixes_the_file(tmp_path):
    noisy = CLEAN + 40 * np.random.default_rng(0).standard_normal(CLEAN.shape)
    one = run(tmp_path, noisy, "--sigma", "40", "--steps", "70")
    assert psnr(one, CLEAN / 255) > psnr(noisy / 255, CLEAN / 255) + 3
    two, other = (run(tmp_path, noisy, "--sigma", "40", "--steps", "4", "--seed", seed) for seed in "01")
    assert not np.array_equal(two, other)
    assert np.array_equal(two, run(tmp_path, noisy, "--sigma", "40", "--steps", "4"))


def test_sixteen_bits_and_transparency(tmp_path):
    """The same grey values with more bits, or under full opacity, are restored the same."""
    few = ("--sigma", "40", "--steps", "3")
    eight = CLEAN.astype(np.uint8)
    Image.fromarray(eight.astype(np.uint16) * 257).save(tmp_path / "deep.png")
    command.main([str(tmp_path / "deep.png"), "--method", "dip", *few])
    assert np.array_equal(read_picture(tmp_path / "deep-restored.png"), run(tmp_path, eight, *few))
    colour = np.dstack([eight, 255 - eight, eight])
    opaque = run(tmp_path, np.dstack([colour, np.full_like(eight, 255)]), *few)
    assert opaque.shape == colour.shape and np.array_equal(opaque, run(tmp_path, colour, *few))


def test_holes_of_a_colour_picture_are_filled(tmp_path):
    known = np.random.default_rng(1).random(CLEAN.shape) < 0.5
    Image.fromarray((255 * known).astype(np.uint8)).save(tmp_path / "mask.png")
    colour = np.dstack([CLEAN, CLEAN, 255 - CLEAN])
    mask = ["--mask", str(tmp_path / "mask.png")]
    restored = run(tmp_path, known[:, :, None] * colour, "--sigma", "1", "--steps", "60", *mask)
    assert restored.shape == colour.shape
    assert psnr(restored[~known], colour[~known] / 255) > 15


def test_without_noise_worth_stopping_for_nothing_is_held_out(tmp_path):
    quiet, loud = (run(tmp_path, CLEAN, "--sigma", sigma, "--steps", "3") for sigma in ("3", "4"))
    assert not np.array_equal(quiet, loud)


def test_mistakes_end_with_a_sentence(tmp_path, monkeypatch):
    with pytest.raises(SystemExit, match="standard deviation > 0"):
        run(tmp_path, CLEAN, "--sigma", "0")
    with pytest.raises(SystemExit, match="a picture of 16 × 37 pixels, expected sides ≥ 17"):
        run(tmp_path, CLEAN[:16], "--sigma", "9")
    with pytest.raises(SystemExit, match="n_steps"):
        run(tmp_path, CLEAN, "--sigma", "9", "--steps", "0")
    monkeypatch.setattr(command, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match="pip install"):
        run(tmp_path, CLEAN, "--sigma", "9")
    assert not (tmp_path / "photo-restored.png").exists()
