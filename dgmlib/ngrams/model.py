"""A Markov model of symbols: fit by counting, then predict, score and write.

    p(x₁ … x_T) = ∏ₜ p(xₜ | xₜ₋ₘ … xₜ₋₁)

The first m symbols have shorter contexts, estimated from the whole text like all others.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Self

import numpy as np

from dgmlib._arrays import check_counts
from dgmlib.ngrams.counts import Context, Counts, occurrences
from dgmlib.ngrams.smoothing import Smoothing, WittenBell

_CACHED = 2**24  # probabilities kept: 128 MiB
_NOT_FITTED = "model: got no counts yet; call fit(text) first."


class NgramModel:
    """Markov model of order m (a context of m symbols) over an alphabet of characters or words.

    Args:
        alphabet: the k distinct symbols, e.g. the string ``" abc…z"`` or a tuple of words; symbol i is coded as i.
        order: length m ≥ 0 of the context; 0 looks at single symbols, 1 at one symbol of context.
        smoothing: ``Additive(alpha)``, ``WittenBell()`` (default), ``KneserNey(discount)`` or ``Backoff(discount)``.
    """

    def __init__(self, alphabet: Sequence[str], order: int, smoothing: Smoothing | None = None):
        self.alphabet = tuple(alphabet)
        if len(self.alphabet) < 2 or len(set(self.alphabet)) < len(self.alphabet):
            raise ValueError(f"alphabet: got {len(self.alphabet)} symbols, expected at least two, all different.")
        check_counts(order=order, least=0)
        self.order = int(order)
        self.smoothing = WittenBell() if smoothing is None else smoothing
        self._code = {symbol: i for i, symbol in enumerate(self.alphabet)}
        self._counts: Counts | None = None
        self._conditional: Callable[[Context], np.ndarray] = self._refuse

    def fit(self, text: Sequence[str]) -> Self:
        """Count the text, a string or a sequence of words, -> self."""
        x = self.encode(text)
        if len(x) <= self.order:
            raise ValueError(f"text: got {len(x)} symbols, expected more than order = {self.order}.")
        self._counts = Counts(x, self.order)
        self._conditional = lru_cache(maxsize=max(_CACHED // len(self.alphabet), 1))(self._compute)
        return self

    def encode(self, text: Sequence[str]) -> np.ndarray:
        """Symbols as their places in the alphabet, -> (T,)."""
        try:
            return np.array([self._code[symbol] for symbol in text], dtype=np.int64)
        except KeyError as error:
            raise ValueError(
                f"text: got the symbol {error.args[0]!r}, expected only those of the alphabet; "
                f"simplify the text or replace rare words first."
            ) from None

    def conditional(self, context: Sequence[str] = ()) -> np.ndarray:
        """p(· | context), -> (k,); only the last m symbols of the context matter."""
        return self._next(self.encode(context).tolist())

    def log_prob(self, x: np.ndarray) -> np.ndarray:
        """log p in nats of coded sequences, (batch, T) -> (batch,); −inf for what maximum likelihood rules out."""
        x = np.asarray(x)
        if x.ndim != 2 or x.dtype.kind not in "iu" or (x.size and not 0 <= x.min() <= x.max() < len(self.alphabet)):
            raise ValueError(
                f"x: got shape {x.shape}, dtype {x.dtype}, expected integers 0 … {len(self.alphabet) - 1}, (batch, T); "
                f"use encode(text)[None]."
            )
        return np.array([self._log_probs(row).sum() for row in x])

    def cross_entropy(self, text: Sequence[str]) -> float:
        """−(1/T) log₂ p(text), bits per symbol; infinite if a symbol has probability 0."""
        if not len(text):
            raise ValueError("text: got no symbol, expected at least one.")
        return float(-self._log_probs(self.encode(text)).mean() / math.log(2))

    def sample(self, n: int, length: int, *, rng: np.random.Generator) -> np.ndarray:
        """``n`` coded sequences from the start of a text, -> (n, length)."""
        return np.array([self._continue([], length, rng, 1.0) for _ in range(n)], dtype=np.int64).reshape(n, length)

    def generate(
        self, length: int, *, rng: np.random.Generator, prefix: Sequence[str] = (), temperature: float = 1.0
    ) -> list[str]:
        """``length`` symbols that follow ``prefix``, from p^(1/temperature) renormalised; join them with "" or " "."""
        if not (np.isfinite(temperature) and temperature > 0):
            raise ValueError(f"temperature: got {temperature}, expected a finite number > 0; 1 is the model itself.")
        return [self.alphabet[i] for i in self._continue(self.encode(prefix).tolist(), length, rng, temperature)]

    @property
    def parameters_possible(self) -> int:
        """Free parameters kᵐ (k − 1) of a full table of order m, an exact integer."""
        k = len(self.alphabet)
        return k**self.order * (k - 1)

    @property
    def parameters_used(self) -> int:
        """Those of them that the training text touched: Σ over seen contexts of (different followers − 1)."""
        return sum(len(seen.symbols) - 1 for seen in self._fitted.tables[self.order].values())

    @property
    def num_parameters(self) -> int:
        """Free parameters of the model as a distribution: kᵐ⁺¹ − 1, those of all context lengths 0 … m together."""
        return len(self.alphabet) ** (self.order + 1) - 1

    @property
    def _fitted(self) -> Counts:
        if self._counts is None:
            raise ValueError(_NOT_FITTED)
        return self._counts

    def _refuse(self, context: Context) -> np.ndarray:
        raise ValueError(_NOT_FITTED)

    def _compute(self, context: Context) -> np.ndarray:
        k = len(self.alphabet)
        shorter = self._conditional(context[1:]) if context else np.full(k, 1 / k)
        p = self.smoothing.conditional(self._fitted, context, shorter)
        p.setflags(write=False)  # the cache hands out one array to all
        return p

    def _next(self, past: Sequence[int]) -> np.ndarray:
        return self._conditional(tuple(past[max(0, len(past) - self.order) :]))

    def _log_probs(self, x: np.ndarray) -> np.ndarray:
        """log p(xₜ | context) of every symbol, (T,) -> (T,) nats."""
        p = np.empty(len(x))
        for context, places in occurrences(x, self.order):
            p[places] = self._conditional(context)[x[places]]
        with np.errstate(divide="ignore"):
            return np.log(p)

    def _continue(self, past: list[int], length: int, rng: np.random.Generator, temperature: float) -> list[int]:
        written = list(past)
        for u in rng.random(length):
            p = self._next(written)
            if temperature != 1:
                p = (p / p.max()) ** (1 / temperature)  # the largest stays 1, however cold
                p = p / p.sum()
            written.append(int(p.cumsum()[:-1].searchsorted(u, side="right")))
        return written[len(past) :]
