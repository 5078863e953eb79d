"""Operators: adjoints by dot products, values by slow definitions, boundaries, refusals."""

import numpy as np
import pytest
from scipy.ndimage import convolve

from dgmlib.restoration.operators import BOUNDARIES, Blur, Downsample, Identity, Mask, gaussian_kernel

SHAPES = [(24, 33), (15, 42)]
KERNELS = {"odd": np.random.default_rng(0).random((5, 9)), "row": np.array([[0.0, 1.0, 3.0]]), "dot": np.ones((1, 1))}


def operators(shape):
    rng = np.random.default_rng(1)
    yield "identity", Identity(shape)
    yield "mask", Mask(rng.random(shape) < 0.4)
    yield "downsample", Downsample(shape, 3)
    for boundary in BOUNDARIES:
        for name, kernel in KERNELS.items():
            yield f"blur {boundary} {name}", Blur(shape, kernel, boundary=boundary)


CASES = [pytest.param(a, id=f"{name} {shape}") for shape in SHAPES for name, a in operators(shape)]


@pytest.mark.parametrize("a", CASES)
def test_the_adjoint_is_the_adjoint(a):
    """⟨A x, y⟩ = ⟨x, Aᵀ y⟩, and A is linear."""
    rng = np.random.default_rng(2)
    x, u, y = rng.normal(size=a.shape), rng.normal(size=a.shape), rng.normal(size=a.shape_out)
    assert (a(x) * y).sum() == pytest.approx((x * a.adjoint(y)).sum(), abs=1e-9)
    np.testing.assert_allclose(a(2 * x - u), 2 * a(x) - a(u), atol=1e-12)
    assert a(x).shape == a.shape_out
    assert a.adjoint(y).shape == a.shape


@pytest.mark.parametrize("a", CASES)
def test_a_diagonal_is_what_the_operator_does(a):
    x = np.random.default_rng(3).normal(size=a.shape)
    assert a.diagonal is None or np.array_equal(a(x), a.diagonal * x)


@pytest.mark.parametrize("a", CASES)
def test_coverage_carries_constant_weights_over(a):
    np.testing.assert_allclose(a.coverage(np.full(a.shape, 7.0)), 7, atol=1e-12)


@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("kernel", KERNELS.values(), ids=KERNELS)
def test_blur_is_convolution_with_the_promised_boundary(boundary, kernel):
    """SciPy's direct convolution knows the same three, under other names."""
    x = np.random.default_rng(4).normal(size=(24, 33))
    mode = {"reflect": "reflect", "periodic": "wrap", "zero": "constant"}[boundary]
    np.testing.assert_allclose(
        Blur(x.shape, kernel, boundary=boundary)(x), convolve(x, kernel / kernel.sum(), mode=mode), atol=1e-12
    )


def test_downsampling_averages_squares():
    x = np.arange(24.0).reshape(4, 6)
    assert Downsample((4, 6), 2)(x).tolist() == [[3.5, 5.5, 7.5], [15.5, 17.5, 19.5]]


def test_a_gaussian_kernel_has_the_asked_width():
    kernel = gaussian_kernel(2.0)
    r = np.arange(13) - 6
    assert kernel.shape == (13, 13)
    assert kernel.sum() == pytest.approx(1)
    assert (kernel.sum(0) * r**2).sum() == pytest.approx(4, rel=0.03)


@pytest.mark.parametrize("share", [0.5, 0.02])
def test_a_first_guess_fills_every_hole_and_keeps_what_is_known(share):
    rng = np.random.default_rng(5)
    x = 0.4 + 0.1 * rng.random((60, 50))
    a = Mask(rng.random(x.shape) < share)
    guess = a.first_guess(a(x))
    assert ((guess > 0.4 - 1e-9) & (guess < 0.5 + 1e-9)).all()
    assert np.array_equal(guess[a.diagonal == 1], x[a.diagonal == 1])


def test_a_large_hole_is_filled():
    known = np.zeros((40, 40))
    known[0, 0] = 1
    assert Mask(known).first_guess(known * 0.7) == pytest.approx(np.full((40, 40), 0.7))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Mask(np.zeros((4, 4))), "not all zero"),
        (lambda: Mask(np.full((4, 4), 0.5)), "ones .*where a pixel is known"),
        (lambda: Mask(np.ones((4, 4, 3))), r"expected \(height, width\)"),
        (lambda: Blur((9, 9), np.ones((2, 3))), "two odd sides"),
        (lambda: Blur((9, 9), -np.ones((3, 3))), "numbers ≥ 0"),
        (lambda: Blur((9, 9), np.zeros((3, 3))), "not all zero"),
        (lambda: Blur((9, 9), np.ones((3, 3)), boundary="mirror"), "reflect, periodic, zero"),
        (lambda: Blur((3, 9), np.ones((9, 9))), "at most twice the image's"),
        (lambda: Downsample((9, 10), 2), "divides both sides"),
        (lambda: Downsample((9, 9), 0), "integer ≥ 1"),
        (lambda: Downsample((9, 9), True), "integer ≥ 1"),
        (lambda: Identity((9, 9, 3)), r"expected \(height, width\) of a grey image"),
        (lambda: gaussian_kernel(0), "width > 0"),
    ],
)
def test_impossible_operators_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("a", CASES)
def test_another_picture_is_refused(a):
    with pytest.raises(ValueError, match="x: got shape"):
        a(np.ones((a.shape[0], 1)))
    with pytest.raises(ValueError, match="y: got shape"):
        a.adjoint(np.ones((a.shape_out[0], 1)))


def test_a_pixel_that_depends_on_nothing_is_covered_by_nothing():
    """A kernel that only looks left, and black beyond the sides."""
    a = Blur((16, 16), np.array([[0.0, 0.0, 0.0, 0.5, 0.5]]), boundary="zero")
    covered = a.coverage(np.ones(a.shape))
    assert covered[:, 0] == pytest.approx(np.zeros(16))
    assert covered[:, 1:] == pytest.approx(np.ones((16, 15)))


def test_a_factor_may_be_numpys_integer():
    assert Downsample((4, 4), np.int64(2)).shape_out == (2, 2)
