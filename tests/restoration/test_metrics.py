"""PSNR and SSIM against their definitions."""

import math

import numpy as np
import pytest

from dgmlib.restoration.metrics import psnr, ssim

RNG = np.random.default_rng(0)
X = RNG.random((23, 31))


def test_psnr_is_ten_log_ten_of_the_inverse_error_and_counts_the_mean_error():
    assert psnr(X + 0.1, X) == pytest.approx(20)
    assert psnr(255 * X + 25.5, 255 * X, data_range=255) == pytest.approx(20)
    assert psnr(X, X) == math.inf


def slow_ssim(a, b):
    """The definition, one window after the other."""
    r = np.arange(-5, 6)
    w = np.exp(-(r**2) / (2 * 1.5**2))
    w = np.outer(w, w) / w.sum() ** 2
    values = []
    for i in range(5, a.shape[0] - 5):
        for j in range(5, a.shape[1] - 5):
            p, q = (v[i - 5 : i + 6, j - 5 : j + 6] for v in (a, b))
            mp, mq = (w * p).sum(), (w * q).sum()
            vp, vq, c = (w * p * p).sum() - mp**2, (w * q * q).sum() - mq**2, (w * p * q).sum() - mp * mq
            values.append((2 * mp * mq + 1e-4) * (2 * c + 9e-4) / ((mp**2 + mq**2 + 1e-4) * (vp + vq + 9e-4)))
    return np.mean(values)


def test_ssim_is_its_definition():
    noisy = X + 0.2 * RNG.normal(size=X.shape)
    assert ssim(noisy, X) == pytest.approx(slow_ssim(noisy, X), abs=1e-10)
    assert ssim(X, X) == pytest.approx(1)
    assert ssim(255 * noisy, 255 * X, data_range=255) == pytest.approx(ssim(noisy, X))


def test_ssim_of_colour_is_the_mean_over_channels():
    a, b = RNG.random((2, 20, 25, 3))
    assert ssim(a, b) == pytest.approx(np.mean([ssim(a[..., i], b[..., i]) for i in range(3)]))


def test_pictures_must_have_one_shape():
    with pytest.raises(ValueError, match="expected equal ones"):
        psnr(X, X[:-1])
    with pytest.raises(ValueError, match="sides > 10"):
        ssim(X[:10], X[:10])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: psnr([], []), "at least one pixel"),
        (lambda: psnr([0.0], [1.0], data_range=-1), "data_range: got -1"),
        (lambda: ssim(np.zeros(20), np.zeros(20)), r"expected \(height, width\)"),
    ],
)
def test_what_cannot_be_compared_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
