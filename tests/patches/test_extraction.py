"""Patches out of images and back: adjoints, counts, places."""

import numpy as np
import pytest

from dgmlib.patches.extraction import aggregate, coverage, extract, jittered_places

SHAPES = [(8, 8), (8, 13), (21, 9), (30, 41)]


def slow_patches(image, size):
    """One patch after the other."""
    height, width = image.shape
    return np.array(
        [image[r : r + size, c : c + size].ravel() for r in range(height - size + 1) for c in range(width - size + 1)]
    )


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", [1, 3, 8])
def test_extraction_takes_every_patch_row_by_row(shape, size):
    image = np.random.default_rng(0).random(shape)
    assert np.array_equal(extract(image, size), slow_patches(image, size))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("sampled", [False, True])
def test_aggregation_is_the_adjoint_of_extraction(shape, sampled):
    """⟨extract(x), p⟩ = ⟨x, aggregate(p)⟩ for random x and p, and aggregate(extract(x)) = coverage · x."""
    rng = np.random.default_rng(1)
    places = jittered_places(shape, 8, 3, rng) if sampled else None
    x = rng.normal(size=shape)
    patches = extract(x, 8, places)
    p = rng.normal(size=patches.shape)
    assert (patches * p).sum() == pytest.approx((x * aggregate(p, shape, places)).sum(), abs=1e-9)
    np.testing.assert_allclose(aggregate(patches, shape, places), coverage(shape, 8, places) * x, atol=1e-10)


def test_places_select_patches():
    image = np.random.default_rng(2).random((20, 31))
    places = np.array([0, 31, 33, 12 * 31 + 23])
    numbers = [0, 24, 26, 12 * 24 + 23]
    assert np.array_equal(extract(image, 8, places), extract(image, 8)[numbers])


@pytest.mark.parametrize("step", range(1, 9))
def test_jittered_places_cover_every_pixel_and_all_places_have_their_turn(step):
    rng, shape = np.random.default_rng(3), (19, 26)
    visited = np.zeros(shape, int)
    for _ in range(400):
        places = jittered_places(shape, 8, step, rng)
        assert coverage(shape, 8, places).min() >= 1
        visited.ravel()[places] += 1
    assert (visited[:12, :19] > 0).all()
    assert visited.sum() == visited[:12, :19].sum()
    assert jittered_places((200, 300), 8, step, rng).size < 1.25 * (200 / step + 1) * (300 / step + 1)


def test_single_precision_stays_single():
    image = np.zeros((9, 9), np.float32)
    assert extract(image).dtype == aggregate(extract(image), (9, 9)).dtype == np.float32
    places = np.array([0, 1])
    assert aggregate(extract(image, 8, places), (9, 9), places).dtype == np.float32


@pytest.mark.parametrize("shape", [(7, 30), (30, 7), (8, 8, 3)])
def test_images_without_a_patch_are_refused(shape):
    with pytest.raises(ValueError, match=r"each ≥ 8, the side of a patch"):
        extract(np.zeros(shape))


def test_patches_of_another_image_are_refused():
    with pytest.raises(ValueError, match="got 4, expected 6"):
        aggregate(np.zeros((4, 64)), (9, 10))
    with pytest.raises(ValueError, match="one square patch a row"):
        aggregate(np.zeros((4, 63)), (9, 10))
    with pytest.raises(ValueError, match="expected 1 to 8"):
        jittered_places((20, 20), 8, 9, np.random.default_rng(0))


@pytest.mark.parametrize("size", [0, -1, 2.5])
def test_a_patch_has_a_side(size):
    with pytest.raises(ValueError, match=f"size: got {size}"):
        extract(np.zeros((9, 9)), size)


@pytest.mark.parametrize("shape", [(4, 4), (4, 9)])
def test_pixels_of_an_image_without_a_patch_are_not_covered(shape):
    with pytest.raises(ValueError, match="each ≥ 8"):
        coverage(shape, 8)


@pytest.mark.parametrize("places", [[-1], [2], [18], [0.0], [[0]]])
def test_places_where_no_patch_lies_are_refused(places):
    """In a 9 × 9 image the corners of patches are rows and columns 0 and 1, that is 0, 1, 9 and 10."""
    with pytest.raises(ValueError, match="places: got"):
        extract(np.zeros((9, 9)), 8, np.array(places))
