"""Four shapes of covariance, and what a mixture of Gaussians needs to know of each.

All arrays are NumPy, float64, and examples are columns, (d, n): products of columns are products of contiguous memory.
Covariances are held as a stack of G matrices, G = K components or 1 that all share:

    full (K, d, d)      tied (1, d, d)      diagonal (K, d)      spherical (K, 1)

Every log-density is linear in the *quadratic features* x_i x_j, i ≤ j (of a diagonal covariance: x_i²; of a spherical
one: |x|²), which is why one matrix product evaluates all components at all examples.
"""

from typing import Protocol

import numpy as np


class Kind(Protocol):
    """One shape of covariance."""

    name: str
    n_groups_are_components: bool

    def shape(self, n_components: int, d: int) -> tuple[int, ...]:
        """Shape in which the mixture shows its covariances."""

    def n_free(self, n_components: int, d: int) -> int:
        """Free parameters of all covariances together."""

    def n_features(self, d: int) -> int:
        """Number F of quadratic features."""

    def features(self, x: np.ndarray, out: np.ndarray) -> None:
        """Quadratic features of the columns, (d, n) -> (F, n), written into ``out``."""

    def coefficients(self, precision: np.ndarray) -> np.ndarray:
        """The row c with −½ xᵀPx = c · features(x), (G, …) -> (G, F)."""

    def second_moments(self, sums: np.ndarray, d: int) -> np.ndarray:
        """Sums of features, (G, F), as a stack of matrices Σ x xᵀ, (G, …)."""

    def sums(self, moments: np.ndarray, d: int) -> np.ndarray:
        """The reverse of ``second_moments``."""

    def outer(self, v: np.ndarray) -> np.ndarray:
        """Outer products v vᵀ in this shape, (K, d) -> (K, …)."""

    def invert(self, covariances: np.ndarray, d: int) -> tuple[np.ndarray, np.ndarray]:
        """Whitening matrices W with Σ⁻¹ = WᵀW, (G, …), and log det Σ, (G,)."""

    def precision(self, whitening: np.ndarray) -> np.ndarray:
        """WᵀW, (G, …)."""

    def distance(self, whitening: np.ndarray, x: np.ndarray) -> np.ndarray:
        """|W x|² for one W, columns (d, n) -> (n,)."""

    def scatter(self, x: np.ndarray, r: np.ndarray) -> np.ndarray:
        """Weighted sum of the features of x, (d, n) with weights (n,) -> (F,), without making them."""

    def apply(self, matrices: np.ndarray, v: np.ndarray) -> np.ndarray:
        """Each matrix times its vector, (G, …) and (K, d) -> (K, d)."""

    def raised(self, covariances: np.ndarray, floor: float) -> np.ndarray:
        """The stack with every eigenvalue below ``floor`` raised to it."""

    def matrices(self, covariances: np.ndarray, n_components: int, d: int) -> np.ndarray:
        """Plain matrices, (K, d, d)."""


class Full:
    """A matrix of its own for every component."""

    name = "full"
    n_groups_are_components = True

    def shape(self, n_components: int, d: int) -> tuple[int, ...]:
        """(K, d, d)."""
        return (n_components, d, d)

    def n_free(self, n_components: int, d: int) -> int:
        """K · d(d+1)/2."""
        return n_components * d * (d + 1) // 2

    def n_features(self, d: int) -> int:
        """d(d+1)/2: the upper triangle of x xᵀ."""
        return d * (d + 1) // 2

    def features(self, x: np.ndarray, out: np.ndarray) -> None:
        """Row by row of the upper triangle: x_i · (x_i, …, x_d)."""
        start = 0
        for i in range(len(x)):
            np.multiply(x[i], x[i:], out=out[start : start + len(x) - i])
            start += len(x) - i

    def coefficients(self, precision: np.ndarray) -> np.ndarray:
        """−½ P_ii on the diagonal, −P_ij beside it, for x_i x_j stands for x_j x_i too."""
        i, j = np.triu_indices(precision.shape[-1])
        return precision[:, i, j] * np.where(i == j, -0.5, -1.0)

    def second_moments(self, sums: np.ndarray, d: int) -> np.ndarray:
        """The triangle, mirrored."""
        i, j = np.triu_indices(d)
        matrices = np.empty((len(sums), d, d))
        matrices[:, i, j] = matrices[:, j, i] = sums
        return matrices

    def sums(self, moments: np.ndarray, d: int) -> np.ndarray:
        """The upper triangle."""
        return moments[(slice(None), *np.triu_indices(d))]

    def outer(self, v: np.ndarray) -> np.ndarray:
        """(K, d) -> (K, d, d)."""
        return v[:, :, None] * v[:, None, :]

    def invert(self, covariances: np.ndarray, d: int) -> tuple[np.ndarray, np.ndarray]:
        """By Cholesky factors Σ = LLᵀ: W = L⁻¹ and log det Σ = 2 Σ log L_ii."""
        factors = np.linalg.cholesky(covariances)
        return np.linalg.inv(factors), 2 * np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(-1)

    def precision(self, whitening: np.ndarray) -> np.ndarray:
        """WᵀW."""
        return whitening.swapaxes(1, 2) @ whitening

    def distance(self, whitening: np.ndarray, x: np.ndarray) -> np.ndarray:
        """Sum of the squares of W x."""
        white = whitening @ x
        return np.einsum("dn,dn->n", white, white)

    def scatter(self, x: np.ndarray, r: np.ndarray) -> np.ndarray:
        """The upper triangle of x diag(r) xᵀ."""
        return ((x * r) @ x.T)[np.triu_indices(len(x))]

    def apply(self, matrices: np.ndarray, v: np.ndarray) -> np.ndarray:
        """Matrix times vector; a single matrix serves all vectors."""
        return (matrices @ v[:, :, None])[:, :, 0]

    def raised(self, covariances: np.ndarray, floor: float) -> np.ndarray:
        """V max(D, floor) Vᵀ where it is needed: the likeliest covariance among those with Σ ⪰ floor · I."""
        low = np.linalg.eigvalsh(covariances)[:, 0] < floor
        if not low.any():
            return covariances
        values, vectors = np.linalg.eigh(covariances[low])
        mended = covariances.copy()
        mended[low] = (vectors * np.maximum(values, floor)[:, None, :]) @ vectors.swapaxes(1, 2)
        return (mended + mended.swapaxes(1, 2)) / 2

    def matrices(self, covariances: np.ndarray, n_components: int, d: int) -> np.ndarray:
        """Themselves."""
        return np.broadcast_to(covariances, (n_components, d, d))


class Tied(Full):
    """One matrix for all components: the same ellipse everywhere."""

    name = "tied"
    n_groups_are_components = False

    def shape(self, n_components: int, d: int) -> tuple[int, ...]:
        """(d, d)."""
        return (d, d)

    def n_free(self, n_components: int, d: int) -> int:
        """d(d+1)/2."""
        return d * (d + 1) // 2


class Diagonal:
    """A variance per component and variable: ellipses along the axes."""

    name = "diagonal"
    n_groups_are_components = True

    def shape(self, n_components: int, d: int) -> tuple[int, ...]:
        """(K, d)."""
        return (n_components, d)

    def n_free(self, n_components: int, d: int) -> int:
        """K · d."""
        return n_components * d

    def n_features(self, d: int) -> int:
        """The d squares."""
        return d

    def features(self, x: np.ndarray, out: np.ndarray) -> None:
        """x_i²."""
        np.square(x, out=out)

    def coefficients(self, precision: np.ndarray) -> np.ndarray:
        """−½ P_ii."""
        return -0.5 * precision

    def second_moments(self, sums: np.ndarray, d: int) -> np.ndarray:
        """Themselves."""
        return sums

    def sums(self, moments: np.ndarray, d: int) -> np.ndarray:
        """Themselves."""
        return moments

    def outer(self, v: np.ndarray) -> np.ndarray:
        """The diagonal of v vᵀ."""
        return v**2

    def invert(self, covariances: np.ndarray, d: int) -> tuple[np.ndarray, np.ndarray]:
        """1/σ and Σ log σ²."""
        return 1 / np.sqrt(covariances), np.log(covariances).sum(-1) * (d / covariances.shape[1])

    def precision(self, whitening: np.ndarray) -> np.ndarray:
        """1/σ²."""
        return whitening**2

    def distance(self, whitening: np.ndarray, x: np.ndarray) -> np.ndarray:
        """Sum of (x/σ)²."""
        return ((whitening[:, None] * x) ** 2).sum(0)

    def scatter(self, x: np.ndarray, r: np.ndarray) -> np.ndarray:
        """Σ r x_i²."""
        return x**2 @ r

    def apply(self, matrices: np.ndarray, v: np.ndarray) -> np.ndarray:
        """Entry by entry."""
        return matrices * v

    def raised(self, covariances: np.ndarray, floor: float) -> np.ndarray:
        """max(σ², floor)."""
        return np.maximum(covariances, floor)

    def matrices(self, covariances: np.ndarray, n_components: int, d: int) -> np.ndarray:
        """diag(σ²)."""
        return np.broadcast_to(covariances, (n_components, d))[:, :, None] * np.eye(d)


class Spherical(Diagonal):
    """One variance per component: circles."""

    name = "spherical"

    def shape(self, n_components: int, d: int) -> tuple[int, ...]:
        """(K,)."""
        return (n_components,)

    def n_free(self, n_components: int, d: int) -> int:
        """K."""
        return n_components

    def n_features(self, d: int) -> int:
        """One: |x|²."""
        return 1

    def features(self, x: np.ndarray, out: np.ndarray) -> None:
        """|x|²."""
        np.einsum("dn,dn->n", x, x, out=out[0])

    def scatter(self, x: np.ndarray, r: np.ndarray) -> np.ndarray:
        """Σ r |x|²."""
        return np.array([(x**2 @ r).sum()])

    def second_moments(self, sums: np.ndarray, d: int) -> np.ndarray:
        """Per variable: the variance is their mean."""
        return sums / d

    def sums(self, moments: np.ndarray, d: int) -> np.ndarray:
        """Over the variables."""
        return moments * d

    def outer(self, v: np.ndarray) -> np.ndarray:
        """|v|²/d."""
        return (v**2).mean(1, keepdims=True)


KINDS: dict[str, Kind] = {kind.name: kind for kind in (Full(), Diagonal(), Spherical(), Tied())}
