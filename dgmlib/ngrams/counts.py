"""Which symbols follow which context, how often: one sparse table for each context length 0 … m."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

Context = tuple[int, ...]


class Followers(NamedTuple):
    """Symbols seen after one context, ascending, and how often each."""

    symbols: np.ndarray
    counts: np.ndarray


class Counts:
    """Followers of every context of length 0 … ``order`` in one sequence of more than ``order`` symbols 0 … k−1.

    ``tables[m]`` maps a context of length m to its followers; ``continuations[m]`` counts instead in how many different
    contexts of length m + 1 each (context, follower) occurs, which Kneser–Ney smoothing needs below the top order.
    """

    def __init__(self, x: np.ndarray, order: int):
        self.tables: list[dict[Context, Followers]] = []
        self.continuations: list[dict[Context, Followers]] = []
        shorter, rows = np.zeros(len(x), dtype=np.int64), np.empty((1, 0), dtype=x.dtype)
        for width in range(1, order + 2):
            ranks, first, counts = _longer(shorter, x, width)
            if width > 1:  # the windows of the last round, once for each different symbol before them
                continued = np.bincount(shorter[first + 1], minlength=len(rows))
                self.continuations.append(_followers(rows[continued > 0], continued[continued > 0]))
            rows = _windows(x, width)[first]
            self.tables.append(_followers(rows, counts))
            shorter = ranks


def occurrences(x: np.ndarray, order: int) -> Iterator[tuple[Context, np.ndarray]]:
    """Each different context in a text, the last ``order`` symbols or what there is at its start, with its places."""
    for place in range(min(order, len(x))):
        yield tuple(x[:place].tolist()), np.array([place])
    if len(x) <= order:
        return
    ranks = np.zeros(len(x), dtype=np.int64)
    for width in range(1, order + 1):
        ranks, _, _ = _longer(ranks, x, width)
    ranks = ranks[: len(x) - order]  # nothing follows the last window
    by_context = np.argsort(ranks, kind="stable")
    for starts in np.split(by_context, np.flatnonzero(np.diff(ranks[by_context])) + 1):
        yield tuple(x[starts[0] : starts[0] + order].tolist()), starts + order


def _longer(shorter: np.ndarray, x: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ranks of all windows of ``width`` symbols in alphabetical order, from the ranks of those one symbol shorter.

    -> (T − width + 1,) ranks, and for each rank the first place and the number of its windows. A rank stands for a
    whole window, so that numbers stay below T · k whatever the width, and sorting them is fast.
    """
    n = len(x) - width + 1
    codes = shorter[:n] * (x.max() + 1) + x[width - 1 :]
    _, first, ranks, counts = np.unique(codes, return_index=True, return_inverse=True, return_counts=True)
    return ranks, first, counts


def _windows(x: np.ndarray, width: int) -> np.ndarray:
    """Every ``width`` consecutive symbols, (T,) -> (T − width + 1, width)."""
    return np.lib.stride_tricks.sliding_window_view(x, width)


def _followers(rows: np.ndarray, counts: np.ndarray) -> dict[Context, Followers]:
    """Sorted distinct rows (context, symbol) with their counts, split by context."""
    if not len(rows):
        return {}
    changes = np.flatnonzero((rows[1:, :-1] != rows[:-1, :-1]).any(axis=1)) + 1
    starts, stops = [0, *changes.tolist()], [*changes.tolist(), len(rows)]
    contexts = map(tuple, rows[starts, :-1].tolist())
    symbols = rows[:, -1].copy()
    return {
        context: Followers(symbols[start:stop], counts[start:stop])
        for context, start, stop in zip(contexts, starts, stops, strict=True)
    }
