"""A closed vocabulary for word models: rare words become one symbol, so that new words have a probability."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

UNKNOWN = "‹unknown›"
"""Stands for every word outside the vocabulary."""


def vocabulary(words: Sequence[str], *, min_count: int = 2) -> tuple[str, ...]:
    """``UNKNOWN`` and the words that occur at least ``min_count`` times, most frequent first (ties alphabetically)."""
    counts = Counter(words)
    kept = sorted((w for w, n in counts.items() if n >= min_count and w != UNKNOWN), key=lambda w: (-counts[w], w))
    return (UNKNOWN, *kept)


def replace_rare(words: Sequence[str], known: Collection[str]) -> list[str]:
    """The words in order, ``UNKNOWN`` for each one outside ``known``."""
    known = set(known)
    return [word if word in known else UNKNOWN for word in words]
