"""How counts become probabilities, also for what was never seen. Each rule sums to one after every context.

n(c, s): how often s followed c; N(c) = Σₛ n(c, s); t(c): how many different s followed; c′: c without its oldest
symbol; k symbols in all. Below the empty context stands the uniform distribution 1/k. Each rule makes p(· | c) from the
counts and from ``shorter``, which is p(· | c′), so that contexts with a common end share that work.
Source: Chen & Goodman (1999), "An empirical study of smoothing techniques for language modeling".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dgmlib.ngrams.counts import Context, Counts


@dataclass(frozen=True)
class Additive:
    """p(s | c) = (n(c, s) + α) / (N(c) + α k). α = 0: maximum likelihood, uniform after an unseen context."""

    alpha: float = 1.0

    def __post_init__(self) -> None:
        if not (np.isfinite(self.alpha) and self.alpha >= 0):
            raise ValueError(f"alpha: got {self.alpha}, expected a finite number ≥ 0.")

    def conditional(self, counts: Counts, context: Context, shorter: np.ndarray) -> np.ndarray:
        """p(· | context) from p(· | context without its oldest symbol), (k,) -> (k,)."""
        seen = counts.tables[len(context)].get(context)
        if seen is None:
            return np.full(len(shorter), 1 / len(shorter))
        p = np.full(len(shorter), float(self.alpha))
        p[seen.symbols] += seen.counts
        return p / p.sum()


@dataclass(frozen=True)
class WittenBell:
    """p(s | c) = (n(c, s) + t(c) p(s | c′)) / (N(c) + t(c)): the more followers a context had, the more are to come."""

    def conditional(self, counts: Counts, context: Context, shorter: np.ndarray) -> np.ndarray:
        """p(· | context) from p(· | context without its oldest symbol), (k,) -> (k,)."""
        seen = counts.tables[len(context)].get(context)
        if seen is None:
            return shorter
        kinds = len(seen.symbols)
        p = shorter * kinds
        p[seen.symbols] += seen.counts
        return p / (seen.counts.sum() + kinds)


@dataclass(frozen=True)
class KneserNey:
    """p(s | c) = (max(n(c, s) − d, 0) + d t(c) p(s | c′)) / N(c), below the top order with continuation counts for n.

    A continuation count asks in how many different contexts s followed, so that "francisco", common but only ever after
    "san", is not expected elsewhere.
    """

    discount: float = 0.75

    def __post_init__(self) -> None:
        _check_discount(self.discount)

    def conditional(self, counts: Counts, context: Context, shorter: np.ndarray) -> np.ndarray:
        """p(· | context) from p(· | context without its oldest symbol), (k,) -> (k,)."""
        m, top = len(context), len(counts.tables) - 1
        seen = (counts.tables[m] if m == top else counts.continuations[m]).get(context)
        if seen is None:
            return shorter
        p = shorter * (self.discount * len(seen.symbols))
        p[seen.symbols] += seen.counts - self.discount
        return p / seen.counts.sum()


@dataclass(frozen=True)
class Backoff:
    """Seen: p(s | c) = (n(c, s) − d) / N(c). Unseen: what is left, shared out as p(s | c′). After Katz (1987).

    Where every symbol was seen nothing is left to share, and the counts are used as they are.
    """

    discount: float = 0.5

    def __post_init__(self) -> None:
        _check_discount(self.discount)

    def conditional(self, counts: Counts, context: Context, shorter: np.ndarray) -> np.ndarray:
        """p(· | context) from p(· | context without its oldest symbol), (k,) -> (k,)."""
        seen = counts.tables[len(context)].get(context)
        if seen is None:
            return shorter
        p = shorter.copy()
        p[seen.symbols] = 0
        discount = self.discount if len(seen.symbols) < len(p) else 0
        total = seen.counts.sum()
        if discount:
            p *= discount * len(seen.symbols) / total / p.sum()
        p[seen.symbols] = (seen.counts - discount) / total
        return p


def _check_discount(discount: float) -> None:
    if not 0 < discount < 1:
        raise ValueError(f"discount: got {discount}, expected a number between 0 and 1, both excluded.")


Smoothing = Additive | WittenBell | KneserNey | Backoff
