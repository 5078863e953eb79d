"""Pictures in tables: valid PNG, sheets in reading order."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from dgmlib.figures.pictures import data_url, png, sheet


def decoded(content: bytes) -> np.ndarray:
    """The grey image of a PNG."""
    image = Image.open(io.BytesIO(content))
    assert (image.format, image.mode) == ("PNG", "L")
    return np.asarray(image)


def test_png_holds_the_image():
    grey = np.random.default_rng(0).integers(0, 256, (5, 9), dtype=np.uint8)
    np.testing.assert_array_equal(decoded(png(grey)), grey)
    head, text = data_url(grey).split(",")
    assert head == "data:image/png;base64"
    assert base64.b64decode(text) == png(grey)


def test_sheet_reads_row_by_row_with_hairlines():
    images = np.arange(6)[:, None, None] / 5 * np.ones((6, 2, 3))
    page = sheet(images, 3)
    assert page.shape == (2 * 3 - 1, 3 * 4 - 1)
    np.testing.assert_array_equal(page[::3, ::4], np.rint(255 * (1 - np.arange(6).reshape(2, 3) / 5)))
    assert (page[2] == 191).all() and (page[:, 3] == 191).all()


def test_sheet_takes_zeros_and_ones_of_any_type():
    images = np.eye(4, dtype=np.uint8)[None]
    np.testing.assert_array_equal(sheet(images, 1), 255 - 255 * images[0])


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="uint8"):
        png(np.zeros((2, 2)))
    with pytest.raises(ValueError, match="multiple of the 2"):
        sheet(np.zeros((3, 2, 2)), 2)
