"""The average of the pictures so far, in which recent ones count most.

    a_t = Σ_s γ^(t−s) x_s / Σ_s γ^(t−s),        s = 1 … t

The weights sum to one at every t, so that the first picture counts no more than its turn. (The authors' code starts
from a_1 = x_1, which stays in the average with weight γ^t.) Memory: one picture.
"""

import numpy as np

DECAY = 0.99


class ExponentialAverage:
    """a_t, one picture at a time."""

    def __init__(self, decay: float = DECAY) -> None:
        if not 0 <= decay < 1:
            raise ValueError(f"decay: got {decay}, expected 0 ≤ γ < 1; 0.99 averages over about a hundred pictures.")
        self.decay, self.weight = decay, 0.0
        self.total: np.ndarray | None = None

    def add(self, x: np.ndarray) -> np.ndarray:
        """The average with ``x`` as its latest picture, of any shape."""
        self.weight = self.decay * self.weight + 1
        self.total = np.array(x, dtype=float) if self.total is None else self.decay * self.total + x
        return self.total / self.weight
