import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dgmlib.explorable.columns import DIGITS, decode, encode, recorded

finite = st.floats(-1e200, 1e200).map(lambda value: 0.0 if abs(value) < 1e-200 else value)


@given(st.lists(finite, min_size=1))
def test_floats_keep_five_digits_of_the_largest(column):
    largest = max(map(abs, column))
    error = max(abs(a - b) for a, b in zip(column, recorded(column), strict=True))
    assert error <= 0.5001 * 10 ** (1 - DIGITS) * largest


@given(st.lists(st.integers(-(2**52), 2**52), min_size=1))
def test_integers_are_exact(column):
    assert recorded(column) == column


@given(st.one_of(st.lists(finite), st.lists(st.booleans()), st.lists(st.text())))
def test_recording_twice_changes_nothing_more(column):
    once = recorded(column)
    assert json.loads(json.dumps(encode(column))) == encode(column)
    assert recorded(once) == once


def test_smooth_curves_become_small_differences():
    x = np.linspace(-4, 4, 161)
    stored = encode(np.exp(-(x**2)).tolist())
    assert stored["d"] == 2
    assert len(json.dumps(stored)) < 0.3 * len(json.dumps(np.exp(-(x**2)).tolist()))


def test_decode_undoes_each_order_of_differences():
    for order, units in enumerate(([7, 9, 4], [7, 2, -5], [7, -5, -7])):
        assert decode({"e": 1, "d": order, "v": units}) == [0.7, 0.9, 0.4]
    assert decode({"e": -2, "d": 0, "v": [3]}) == [300]


@pytest.mark.parametrize("value", [1e-300, 1e300])
def test_magnitudes_that_no_page_can_show_are_refused(value):
    with pytest.raises(ValueError, match="give its logarithm"):
        encode([0.0, value])


def test_integers_that_no_page_can_show_are_refused():
    with pytest.raises(ValueError, match="give it as text"):
        encode([2**60])
