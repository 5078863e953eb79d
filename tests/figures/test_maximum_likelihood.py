"""What the figures of lecture 6 show besides what its claims check."""

import numpy as np
import pytest

from dgmlib.figures import maximum_likelihood as figures
from dgmlib.figures.captions import number
from dgmlib.likelihood import Gaussian


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(-1.234, 2, "−1.23"), (-0.001, 2, "0.00"), (0.5, 1, "0.5"), (-0.04, 1, "0.0"), (12, 0, "12")],
)
def test_numbers_in_captions(value, digits, text):
    assert number(value, digits) == text


def test_contours_lie_as_far_below_the_maximum_as_they_say():
    x = figures.gaussian_sample(3)
    columns = {name: np.array(values) for name, values in figures.gaussian_contours(x).items()}
    best = Gaussian.fit(x).log_prob(x).mean()
    below = [best - Gaussian(m, s).log_prob(x).mean() for m, s in zip(columns["mu"], columns["sigma"], strict=True)]
    expected = np.array([0.02, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0])[columns["level"]]
    np.testing.assert_allclose(below, expected, atol=1e-9)


def test_no_toss_means_no_best_coin():
    assert figures.coin_likelihood.tables(heads=0, tails=0)["best"]["theta"] == []
    assert "No toss yet" in figures.coin_likelihood.caption(heads=0, tails=0)


def test_symbols_fold_umlauts_and_leave_out_the_rest():
    assert figures.symbols("Öl, 3 Äste\nß!") == figures.symbols("oel aeste ss")


def test_one_coin_is_called_one_coin():
    assert figures.two_coins.caption(p=0.3, q=0.3).endswith("only here.")
