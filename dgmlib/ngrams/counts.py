"""Which symbols follow which context, how often: one sparse table for each context length 0 … m."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

Context = tuple[int, ...]


class Followers(NamedTuple):
    """Symbols seen after one context, ascending, and how often each."""

    symbols: np.ndarray
    counts: np.ndarray


class Counts:
    """Followers of every context of length 0 … ``order`` in one sequence of symbols 0 … k−1.

    ``tables[m]`` maps a context of length m to its followers; ``continuations[m]`` counts instead in how many different
    contexts of length m + 1 each (context, follower) occurs, which Kneser–Ney smoothing needs below the top order.
    """

    def __init__(self, x: np.ndarray, order: int):
        grams = [np.unique(_windows(x, m + 1), axis=0, return_counts=True) for m in range(order + 1)]
        self.tables = [_followers(rows, counts) for rows, counts in grams]
        longer = [np.unique(rows[:, 1:], axis=0, return_counts=True) for rows, _ in grams[1:]]
        self.continuations = [_followers(rows, counts) for rows, counts in longer]


def _windows(x: np.ndarray, width: int) -> np.ndarray:
    """Every ``width`` consecutive symbols, (T,) -> (T − width + 1, width); none when the text is shorter."""
    if len(x) < width:
        return np.empty((0, width), dtype=x.dtype)
    return np.lib.stride_tricks.sliding_window_view(x, width)


def _followers(rows: np.ndarray, counts: np.ndarray) -> dict[Context, Followers]:
    """Sorted distinct rows (context, symbol) with their counts, split by context."""
    if not len(rows):
        return {}
    changes = np.flatnonzero((rows[1:, :-1] != rows[:-1, :-1]).any(axis=1)) + 1
    starts, stops = [0, *changes], [*changes, len(rows)]
    contexts = map(tuple, rows[starts, :-1].tolist())
    return {
        context: Followers(rows[start:stop, -1], counts[start:stop])
        for context, start, stop in zip(contexts, starts, stops, strict=True)
    }
