"""``python -m dgmlib.restoration``: a picture of one's own, of any kind."""

import numpy as np
import pytest
from PIL import Image

from dgmlib.data import load_natural_images
from dgmlib.restoration import psnr, read_picture
from dgmlib.restoration.__main__ import main

CLEAN = load_natural_images()["cat"][60:121, 50:133]  # odd sides
RNG = np.random.default_rng(0)
NOISY = (CLEAN + 20 * RNG.standard_normal(CLEAN.shape)).clip(0, 255).astype(np.uint8)


def run(tmp_path, values, *options, name="photo.png"):
    Image.fromarray(values).save(tmp_path / name)
    main([str(tmp_path / name), *options])
    return read_picture(tmp_path / "photo-restored.png")


def test_noise_is_taken_away(tmp_path, capsys):
    restored = run(tmp_path, NOISY, "--sigma", "20")
    assert capsys.readouterr().out == f"{tmp_path / 'photo-restored.png'}\n"
    assert psnr(restored, CLEAN / 255) > psnr(NOISY / 255, CLEAN / 255) + 4


def test_sixteen_bits_transparency_and_colour(tmp_path):
    grey = run(tmp_path, NOISY.astype(np.uint16) * 257, "--sigma", "20")
    assert np.array_equal(grey, run(tmp_path, NOISY, "--sigma", "20"))
    colour = np.dstack([NOISY, NOISY, NOISY, np.full_like(NOISY, 255)])
    assert run(tmp_path, colour, "--sigma", "20").shape == (*CLEAN.shape, 3)


def test_holes_are_filled_and_known_pixels_hardly_move(tmp_path):
    known = RNG.random(CLEAN.shape) < 0.6
    Image.fromarray((255 * known).astype(np.uint8)).save(tmp_path / "mask.png")
    restored = run(
        tmp_path, np.where(known, CLEAN, 0).astype(np.uint8), "--sigma", "1", "--mask", str(tmp_path / "mask.png")
    )
    assert psnr(restored, CLEAN / 255) > 24
    assert abs(restored - CLEAN / 255)[known].max() < 0.1


def test_blur_is_taken_away_and_the_exact_mode_differs(tmp_path):
    fast = run(tmp_path, CLEAN, "--sigma", "2", "--blur", "1")
    exact = run(tmp_path, CLEAN, "--sigma", "2", "--blur", "1", "--mode", "exact")
    assert np.diff(fast, axis=0).std() > 1.1 * np.diff(CLEAN / 255, axis=0).std()
    assert not np.array_equal(fast, exact)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--sigma", "0"], "expected a finite standard deviation > 0"),
        (["--sigma", "300"], "25 of 255 is 25/255"),
        (["--sigma", "5", "--mask", "photo.png", "--blur", "1"], None),
        (["--sigma", "5", "--mask", "absent.png"], "absent.png"),
        (["--sigma", "5", "--mask", "absent.png", "--output", "out.jpg"], "a PNG is what is written"),  # said first
    ],
)
def test_mistakes_end_with_a_sentence_and_without_a_file(tmp_path, monkeypatch, options, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as end:
        run(tmp_path, NOISY, *options)
    assert end.value.code == 2 if message is None else message in end.value.code
    assert not (tmp_path / "photo-restored.png").exists()
