"""Pictures of all kinds become floats from 0 to 1, and PNG files again."""

import numpy as np
import pytest
from PIL import Image

from dgmlib.restoration.pictures import read_picture, write_picture

GREY = np.arange(35, dtype=np.uint8).reshape(5, 7) * 7
COLOUR = np.stack([GREY, GREY[::-1], GREY[:, ::-1]], -1)


def saved(tmp_path, values, name="picture.png", mode=None, **options):
    image = Image.fromarray(values) if mode is None else Image.fromarray(values).convert(mode)
    image.save(tmp_path / name, **options)
    return tmp_path / name


@pytest.mark.parametrize("values", [GREY, COLOUR], ids=["grey", "colour"])
def test_eight_bits(tmp_path, values):
    assert np.array_equal(read_picture(saved(tmp_path, values)), values / 255)


def test_sixteen_bits_keep_all_of_them(tmp_path):
    values = GREY.astype(np.uint16) * 256 + 3
    assert np.array_equal(read_picture(saved(tmp_path, values)), values / 65535)
    assert np.array_equal(read_picture(saved(tmp_path, values, "picture.tiff")), values / 65535)


def test_transparency_lies_on_white(tmp_path):
    alpha = np.full(GREY.shape, 51, np.uint8)
    read = read_picture(saved(tmp_path, np.dstack([COLOUR, alpha])))
    assert read == pytest.approx(0.2 * COLOUR / 255 + 0.8)
    read = read_picture(saved(tmp_path, np.dstack([COLOUR, alpha]), "grey.png", mode="LA"))
    assert read.shape == GREY.shape
    assert read.min() >= 0.8


def test_palettes_and_black_and_white(tmp_path):
    assert read_picture(saved(tmp_path, COLOUR, mode="P")).shape == (5, 7, 3)
    assert set(np.unique(read_picture(saved(tmp_path, GREY, "bits.png", mode="1")))) <= {0.0, 1.0}


def test_a_turned_photograph_stands_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    assert read_picture(saved(tmp_path, COLOUR, exif=exif)).shape == (7, 5, 3)


def test_writing_and_reading_again(tmp_path):
    write_picture(tmp_path / "out.png", COLOUR / 255)
    assert np.array_equal(read_picture(tmp_path / "out.png"), COLOUR / 255)
    write_picture(tmp_path / "out.png", np.array([[-1.0, 0.5, 2.0]]))
    assert np.array_equal(read_picture(tmp_path / "out.png") * 255, [[0, 128, 255]])
    assert [p.name for p in tmp_path.iterdir()] == ["out.png"]


def test_a_mask_is_written_in_black_and_white(tmp_path):
    write_picture(tmp_path / "mask.PNG", GREY > 99)
    assert np.array_equal(read_picture(tmp_path / "mask.PNG"), GREY > 99)


def test_what_is_no_picture_is_named(tmp_path):
    (tmp_path / "note.png").write_text("words")
    with pytest.raises(ValueError, match=r"note\.png: got no picture"):
        read_picture(tmp_path / "note.png")


@pytest.mark.parametrize("values", [np.full((5, 7), 0.5, np.float32), np.full((5, 7), 70_000, np.int32)])
def test_greys_without_a_known_white_are_refused(tmp_path, values):
    with pytest.raises(ValueError, match="expected 8 or 16 bits"):
        read_picture(saved(tmp_path, values, "picture.tiff"))


def test_a_transparent_colour_lies_on_white(tmp_path):
    """PNG names one colour as clear; Pillow keeps that apart from the pixels."""
    read = read_picture(saved(tmp_path, COLOUR, transparency=tuple(int(v) for v in COLOUR[0, 1])))
    assert (read[0, 1] == 1).all()
    assert read[4, 6] == pytest.approx(COLOUR[4, 6] / 255)


@pytest.mark.parametrize(
    ("name", "image", "message"),
    [
        ("out.jpg", np.zeros((2, 2)), r"out\.jpg: got a name without \.png"),
        ("out.png", np.full((2, 2), np.nan), "image: got NaN"),
        ("out.png", np.full((2, 2), 128, np.uint8), "image: got uint8"),
        ("out.png", np.zeros(4), r"image: got shape \(4,\)"),
    ],
)
def test_what_cannot_be_written_leaves_no_file(tmp_path, name, image, message):
    with pytest.raises(ValueError, match=message):
        write_picture(tmp_path / name, image)
    assert not list(tmp_path.iterdir())
