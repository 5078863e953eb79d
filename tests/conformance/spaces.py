"""Where densities live: finitely many rows, or a box that holds all but a negligible part of the mass."""

from dataclasses import dataclass
from itertools import product

import numpy as np


@dataclass(frozen=True)
class Rows:
    """Finitely many outcomes: variable i takes the values 0 … cardinalities[i] − 1. Scalar: shape (m,)."""

    cardinalities: tuple[int, ...]
    scalar: bool = False

    def points(self) -> np.ndarray:
        rows = np.array(list(product(*(range(k) for k in self.cardinalities))))
        return rows[:, 0] if self.scalar else rows

    volume = 1.0

    def cells(self, x: np.ndarray) -> np.ndarray:
        """Number of the cell that each row of x falls in: here, the number of the outcome."""
        columns = x.reshape(len(x), -1).astype(int).T
        return np.ravel_multi_index(tuple(columns), self.cardinalities)


@dataclass(frozen=True)
class Box:
    """[low, high]^d with a grid of midpoints for quadrature, and coarse cells of grid points for counting."""

    low: float
    high: float
    d: int
    n_cells: int = 24
    n_inside: int = 30
    scalar: bool = False

    @property
    def volume(self) -> float:
        return ((self.high - self.low) / (self.n_cells * self.n_inside)) ** self.d

    def points(self) -> np.ndarray:
        m = self.n_cells * self.n_inside
        line = self.low + (np.arange(m) + 0.5) * (self.high - self.low) / m
        return line if self.scalar else np.stack(np.meshgrid(*[line] * self.d, indexing="ij"), -1).reshape(-1, self.d)

    def cells(self, x: np.ndarray) -> np.ndarray:
        """Number of the coarse cell; points outside the box go to the nearest one at its edge."""
        place = np.floor((x.reshape(len(x), -1) - self.low) / (self.high - self.low) * self.n_cells)
        place = place.clip(0, self.n_cells - 1).astype(int)
        return np.ravel_multi_index(tuple(place.T), (self.n_cells,) * self.d)


def bits(n: int) -> Rows:
    return Rows((2,) * n)
