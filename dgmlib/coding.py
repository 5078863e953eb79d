"""Arithmetic coding: spend −log₂ p(message) bits on a message, to within two bits.

A message is an interval of [0, 1): each symbol keeps the part of the current interval that belongs to it, a
part as wide as its probability. The code names a dyadic interval that fits inside. Integers throughout, so
that encoder and decoder agree exactly. Source: Rissanen (1976); Witten, Neal & Cleary (1987).
"""

import math
from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np

from dgmlib._arrays import Array, as_floats, check_counts, check_probabilities

REGISTER_BITS = 48  # the window on the interval; 16 bits more than any model's total keeps rounding harmless
TOTAL_BITS = 24  # a StaticModel deals out 2²⁴ counts
_TOP, _HALF, _QUARTER = (1 << REGISTER_BITS) - 1, 1 << (REGISTER_BITS - 1), 1 << (REGISTER_BITS - 2)


Buffer = bytes | bytearray | memoryview


class SymbolModel(Protocol):
    """Predicts the next symbol from those before it; the same answer for encoder and decoder."""

    def cumulative(self, prefix: Buffer) -> Sequence[int]:
        """Integers 0 = c₀ ≤ … ≤ c_k ≤ 2³²: after ``prefix``, p(symbol j) = (c_{j+1} − c_j) / c_k."""


class StaticModel:
    """Independent symbols 0 … k−1 with fixed probabilities, rounded to multiples of 2⁻²⁴.

    A possible symbol keeps at least one count; an impossible one gets none.
    """

    def __init__(self, probabilities: Array):
        (p,) = as_floats(np.asarray(probabilities))
        check_probabilities(p, "probabilities")
        if p.ndim != 1 or len(p) > 256:
            raise ValueError(f"probabilities: got shape {p.shape}, expected (k,) with k ≤ 256 symbols.")
        counts = np.where(p > 0, np.maximum(1, np.floor(p * 2**TOTAL_BITS)), 0).astype(np.int64)
        # The largest count is at least 2¹⁶ and can absorb what rounding left over, at most 255 either way.
        counts[counts.argmax()] += 2**TOTAL_BITS - counts.sum()
        self._cumulative = [0, *np.cumsum(counts).tolist()]

    def cumulative(self, prefix: Buffer) -> Sequence[int]:
        """The fixed cumulative counts, whatever came before."""
        return self._cumulative


class AdaptiveModel:
    """Learns while it codes: after a prefix of n symbols, p(j) = (count of j + 1) / (n + k)."""

    def __init__(self, n_symbols: int = 256):
        check_counts(n_symbols=n_symbols)
        if n_symbols > 256:
            raise ValueError(f"n_symbols: got {n_symbols}, expected 1 … 256.")
        self.n_symbols = int(n_symbols)

    def cumulative(self, prefix: Buffer) -> Sequence[int]:
        """Laplace's rule of succession, as cumulative counts."""
        counts = 1 + np.bincount(np.frombuffer(prefix, dtype=np.uint8), minlength=self.n_symbols)
        return [0, *np.cumsum(counts).tolist()]


def information(message: bytes, model: SymbolModel) -> float:
    """−log₂ p(message) in bits under the model's integer probabilities: what the best code would spend."""
    prefix, total = memoryview(message), 0.0
    for i, symbol in enumerate(message):
        cumulative = model.cumulative(prefix[:i])
        start, stop = _share(cumulative, symbol, i)
        total += math.log2(cumulative[-1]) - math.log2(stop - start)
    return total


def encode(message: bytes, model: SymbolModel) -> str:
    """The message as a string of '0' and '1'; its length is at most ``information`` + 2 bits.

    No code is the beginning of the code of another message as long. Raises ``ValueError`` for a symbol that
    the model rules out.
    """
    prefix, low, high, pending, out = memoryview(message), 0, _TOP, 0, []
    for i, symbol in enumerate(message):
        cumulative = model.cumulative(prefix[:i])
        low, high = _narrow(low, high, cumulative, *_share(cumulative, symbol, i))
        while (step := _next_step(low, high)) is not None:
            bit, offset = step
            if bit is None:  # the next bit is still open, but the one after it will be its opposite
                pending += 1
            else:
                out.append(_with_pending(bit, pending))
                pending = 0
            low, high = 2 * (low - offset), 2 * (high - offset) + 1
    if low > 0 or high < _TOP or pending:
        out.append(_with_pending(0 if low < _QUARTER else 1, pending + 1))
    return "".join(out)


def decode(bits: str, model: SymbolModel, length: int) -> bytes:
    """The message of ``length`` symbols behind a code written by ``encode`` with the same model."""
    if set(bits) - {"0", "1"}:
        raise ValueError(f"bits: got characters {sorted(set(bits) - {'0', '1'})}, expected only '0' and '1'.")
    stream = _read(bits)
    low, high, message = 0, _TOP, bytearray()
    value = int("".join(next(stream) for _ in range(REGISTER_BITS)), 2)
    for _ in range(length):
        cumulative = model.cumulative(message)
        target = ((value - low + 1) * cumulative[-1] - 1) // (high - low + 1)
        symbol = int(np.searchsorted(cumulative, target, side="right")) - 1
        message.append(symbol)
        low, high = _narrow(low, high, cumulative, cumulative[symbol], cumulative[symbol + 1])
        while (step := _next_step(low, high)) is not None:
            offset = step[1]
            low, high = 2 * (low - offset), 2 * (high - offset) + 1
            value = 2 * (value - offset) + int(next(stream))
    return bytes(message)


def _narrow(low: int, high: int, cumulative: Sequence[int], start: int, stop: int) -> tuple[int, int]:
    """The part [start, stop) of ``cumulative[-1]`` equal parts of the interval low … high (inclusive)."""
    width = high - low + 1
    return low + width * start // cumulative[-1], low + width * stop // cumulative[-1] - 1


def _next_step(low: int, high: int) -> tuple[int | None, int] | None:
    """The bit now certain (None: only that two bits will differ) and what to subtract before doubling."""
    if high < _HALF:
        return 0, 0
    if low >= _HALF:
        return 1, _HALF
    if low >= _QUARTER and high < _HALF + _QUARTER:
        return None, _QUARTER
    return None


def _with_pending(bit: int, pending: int) -> str:
    return str(bit) + str(1 - bit) * pending


def _read(bits: str) -> Iterator[str]:
    """The code, then zeros for ever: what follows the code does not matter."""
    yield from bits
    while True:
        yield "0"


def _share(cumulative: Sequence[int], symbol: int, position: int) -> tuple[int, int]:
    """The counts [start, stop) that belong to ``symbol``."""
    if symbol + 1 >= len(cumulative):
        raise ValueError(f"message: got symbol {symbol} at position {position}, expected 0 … {len(cumulative) - 2}.")
    start, stop = cumulative[symbol], cumulative[symbol + 1]
    if start == stop:
        raise ValueError(
            f"message: got symbol {symbol} at position {position}, which the model gives probability zero; "
            f"no code word exists for it. Give every symbol that may occur some probability."
        )
    return start, stop
