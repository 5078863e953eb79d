"""Pictures in tables: valid PNG, sheets in reading order."""

import base64
import struct
import zlib

import numpy as np
import pytest

from dgmlib.figures.pictures import data_url, png, sheet


def decoded(content: bytes) -> np.ndarray:
    """The grey image of a PNG whose rows carry no filter."""
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, at = {}, 8
    while at < len(content):
        (length,) = struct.unpack(">I", content[at : at + 4])
        kind, body = content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        assert struct.unpack(">I", content[at + 8 + length : at + 12 + length])[0] == zlib.crc32(kind + body)
        chunks[kind], at = body, at + 12 + length
    width, height, depth, colour_type = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    assert (depth, colour_type) == (8, 0)
    rows = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, width + 1)
    assert not rows[:, 0].any()
    return rows[:, 1:]


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
