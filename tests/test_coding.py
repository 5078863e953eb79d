"""Arithmetic coding: exact round trips, code lengths against −log₂ p, prefix-freeness, errors."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dgmlib.coding import AdaptiveModel, StaticModel, decode, encode, information

ROUNDING = 1e-6  # bits: the interval is cut to whole numbers of 48 bits, a hair at each symbol
messages = st.binary(max_size=200)
skewed = np.array([1 - 2e-9, 1e-9, 1e-9])


class Alternating:
    """A conditional model: after 0 comes 1 with probability 0.99, and the other way round."""

    def cumulative(self, prefix):
        return [0, 1, 100] if prefix and prefix[-1] == 0 else [0, 99, 100]


@st.composite
def models_and_messages(draw):
    """A random static model, from nearly uniform to very skewed, and a message it allows."""
    k = draw(st.integers(1, 12))
    exponents = draw(st.lists(st.floats(-30, 0), min_size=k, max_size=k))
    weights = np.exp(exponents)
    message = draw(st.lists(st.integers(0, k - 1), max_size=80))
    return StaticModel(weights / weights.sum()), bytes(message)


@given(messages)
def test_every_byte_string_survives_a_uniform_code(message):
    model = StaticModel(np.full(256, 1 / 256))
    bits = encode(message, model)
    assert decode(bits, model, len(message)) == message
    assert len(bits) == 8 * len(message)


@given(messages)
@settings(max_examples=50)
def test_every_byte_string_survives_the_adaptive_code(message):
    bits = encode(message, AdaptiveModel())
    assert decode(bits, AdaptiveModel(), len(message)) == message
    assert -ROUNDING <= len(bits) - information(message, AdaptiveModel()) <= 2 + ROUNDING


@given(models_and_messages())
def test_any_static_model_round_trips_within_two_bits(case):
    model, message = case
    bits = encode(message, model)
    assert decode(bits, model, len(message)) == message
    assert -ROUNDING <= len(bits) - information(message, model) <= 2 + ROUNDING


def test_two_bits_more_are_sometimes_needed():
    """23 bits exactly, and the interval is a hair narrower than 2⁻²³ for it is cut to 48 bits."""
    model = StaticModel([5 / 2**24, 2 / 2**24, 1 - 7 / 2**24])
    assert information(b"\1", model) == 23
    bits = encode(b"\1", model)
    assert len(bits) == 25
    assert decode(bits, model, 1) == b"\1"


@pytest.mark.parametrize("message", [b"", b"\0", b"\1", bytes(5000), bytes(500) + b"\2" + bytes(500), b"\1\2" * 40])
def test_very_skewed_model(message):
    model = StaticModel(skewed)
    bits = encode(message, model)
    assert decode(bits, model, len(message)) == message
    assert -ROUNDING <= len(bits) - information(message, model) <= 2 + ROUNDING


def test_a_certain_message_costs_nothing():
    only = StaticModel([1.0])
    assert encode(bytes(1000), only) == ""
    assert decode("", only, 1000) == bytes(1000)


def test_conditional_model_uses_the_past():
    message = b"\0\1" * 500
    bits = encode(message, Alternating())
    assert decode(bits, Alternating(), len(message)) == message
    assert len(bits) == pytest.approx(-1000 * math.log2(0.99), abs=2)
    assert len(encode(message, StaticModel([0.5, 0.5]))) == 1000


@pytest.mark.parametrize("p", [[0.5, 0.3, 0.2], [0.9, 0.09, 0.01], [1 / 3, 1 / 3, 1 / 3]])
def test_codes_of_one_length_are_prefix_free(p):
    """Kraft: Σ 2^−length ≤ 1, and no code begins another, over all 243 messages of five symbols."""
    model = StaticModel(p)
    codes = sorted(encode(bytes(m), model) for m in itertools.product(range(3), repeat=5))
    assert all(not b.startswith(a) for a, b in itertools.pairwise(codes))
    assert sum(2.0 ** -len(code) for code in codes) <= 1


def test_what_follows_the_code_is_ignored():
    model = StaticModel([0.6, 0.3, 0.1])
    message = b"\0\1\2\0\0\1"
    assert decode(encode(message, model) + "1101", model, len(message)) == message


def test_information_is_the_negative_log_probability():
    assert information(b"\0\1\2", StaticModel([0.5, 0.25, 0.25])) == pytest.approx(5.0, abs=1e-12)
    assert information(b"\0\0\0", AdaptiveModel(2)) == pytest.approx(2.0, abs=1e-12)  # ½ · ⅔ · ¾ = ¼


def test_quantised_counts_keep_every_possible_symbol():
    cumulative = StaticModel(skewed).cumulative(b"")
    assert cumulative[-1] == 2**24
    assert np.diff(cumulative).tolist() == [2**24 - 2, 1, 1]


@pytest.mark.parametrize(
    ("message", "match"),
    [(b"\0\2", "symbol 2 at position 1, which the model gives"), (b"\3", "expected 0 … 2")],
)
def test_symbols_without_a_code_word_are_refused(message, match):
    for function in (encode, information):
        with pytest.raises(ValueError, match=match):
            function(message, StaticModel([0.5, 0.5, 0.0]))


@pytest.mark.parametrize("p", [[0.5, 0.6], [1.5, -0.5], np.full(257, 1 / 257), np.full((2, 2), 0.5), []])
def test_bad_models_are_refused(p):
    with pytest.raises(ValueError, match="expected"):
        StaticModel(p)


def test_bad_alphabet_size_and_bad_bits_are_refused():
    with pytest.raises(ValueError, match="n_symbols: got 0"):
        AdaptiveModel(0)
    with pytest.raises(ValueError, match=r"n_symbols: got 2\.5"):
        AdaptiveModel(2.5)
    with pytest.raises(ValueError, match="expected only '0' and '1'"):
        decode("01x", StaticModel([0.5, 0.5]), 2)
