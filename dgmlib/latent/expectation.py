"""The E step, and the sums that the M step needs, for all components and examples in two matrix products.

    log w_k N(x; μ_k, Σ_k) = c_k + (P_k μ_k)ᵀ x − ½ xᵀ P_k x,      P_k = Σ_k⁻¹

is linear in the features φ(x) = (x_i x_j for i ≤ j, x_i), so that its values are one product, (K × F)(F × n); and what
the M step asks for, Σ_n r_kn φ(x_n), is another, (K × n)(n × F). Of d = 64 variables F is 2,144, and a patch costs half
of the d² multiplications per component that whitening it would. Rounding: x is taken relative to the mixture's mean,
and a component so narrow and far away that its terms would cancel (see ``_LIMIT``) is whitened around its own mean.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dgmlib.latent.covariances import Kind

_CHUNK = 2**22  # numbers held at a time: 32 MB
_LIMIT = 1e-8  # nats: the expected rounding error above which a component is whitened around its own mean


@dataclass(frozen=True)
class Parameters:
    """Weights (K,), means (K, d) and the stack of covariances (G, …) of one kind."""

    kind: Kind
    weights: np.ndarray
    means: np.ndarray
    covariances: np.ndarray


@dataclass
class Sums:
    """What the M step knows of the data, relative to ``origins`` (K, d): Σ r, Σ r x, Σ r features(x), Σ log p(x)."""

    origins: np.ndarray
    counts: np.ndarray
    first: np.ndarray
    second: np.ndarray
    log_prob: float = 0.0
    n: int = 0
    worst: tuple[float, np.ndarray | None] = (math.inf, None)


class Evaluator:
    """A mixture made ready to be evaluated at many examples, relative to ``origin`` (default: the mixture's mean)."""

    def __init__(self, parameters: Parameters, origin: np.ndarray | None = None) -> None:
        self.kind, self.means = parameters.kind, parameters.means
        self.n_components, self.d = self.means.shape
        self.fixed_origin = origin is not None
        self.origin = parameters.weights @ self.means if origin is None else origin
        self.whitening, log_det = self.kind.invert(parameters.covariances, self.d)
        precision = self.kind.precision(self.whitening)
        gap = self.means - self.origin
        self.quadratic = self.kind.coefficients(precision)
        self.linear = self.kind.apply(precision, gap)
        with np.errstate(divide="ignore"):  # an empty component: log 0 = −∞, as it should be
            peak = np.log(parameters.weights) - 0.5 * (log_det + self.d * math.log(2 * math.pi))
        self.peak = np.broadcast_to(peak, self.n_components)
        if self.kind.n_groups_are_components:
            self.both = np.hstack([self.quadratic, self.linear])  # (K, F + d)
        self.constant = self.peak - 0.5 * (gap * self.linear).sum(1)
        self.careful = self._cancelling(precision, parameters.covariances, gap)

    def _cancelling(self, precision: np.ndarray, covariances: np.ndarray, gap: np.ndarray) -> np.ndarray:
        """Components whose terms are so large that their rounding, ε (Σ_ij (P_ij s_i s_j)²)^½, exceeds the limit."""
        if self.fixed_origin:
            return np.array([], dtype=int)
        variances = np.diagonal(self.kind.matrices(covariances, self.n_components, self.d), axis1=1, axis2=2)
        squares = gap**2 + variances
        error = np.finfo(float).eps * np.sqrt((squares * self.kind.apply(precision**2, squares)).sum(1))
        unsafe = error > _LIMIT
        return np.flatnonzero(unsafe if self.kind.n_groups_are_components else unsafe | unsafe.any())

    def rows_per_chunk(self) -> int:
        """How many examples to hold at a time, so that features and responsibilities stay in a few megabytes."""
        per_row = self.kind.n_features(self.d) + self.d + 2 * self.n_components
        return max(1, min(_CHUNK // per_row, 2**15))

    def chunks(self, x: np.ndarray) -> Iterator[tuple[slice, np.ndarray, np.ndarray]]:
        """Pieces of x, (n, d): where they lie, columns relative to the origin with features beneath, log-joints."""
        rows = min(self.rows_per_chunk(), max(len(x), 1))
        n_quadratic = self.kind.n_features(self.d)
        storage = np.empty((n_quadratic + self.d) * rows)
        for start in range(0, len(x), rows):
            piece = slice(start, min(start + rows, len(x)))
            n = piece.stop - piece.start
            phi = storage[: (n_quadratic + self.d) * n].reshape(-1, n)
            columns = phi[n_quadratic:]
            np.subtract(x[piece].T, self.origin[:, None], out=columns)
            self.kind.features(columns, phi[:n_quadratic])
            yield piece, phi, self._log_joint(phi, columns)

    def _log_joint(self, phi: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """log w_k N(x_n; μ_k, Σ_k) for all k and n, -> (K, n)."""
        if self.kind.n_groups_are_components:
            values = self.both @ phi
        else:
            values = self.linear @ columns
            values += self.quadratic @ phi[: -self.d]
        values += self.constant[:, None]
        for k in self.careful:
            values[k] = self.peak[k] - 0.5 * self.kind.distance(
                self.whitening[self._group(k)], self._around(k, columns)
            )
        return values

    def _group(self, k: int) -> int:
        """The covariance of component k in the stack."""
        return k if self.kind.n_groups_are_components else 0

    def _around(self, k: int, columns: np.ndarray) -> np.ndarray:
        """x − μ_k, (d, n)."""
        return columns - (self.means[k] - self.origin)[:, None]

    def log_prob(self, x: np.ndarray) -> np.ndarray:
        """log p(x) = log Σ_k w_k N(x; μ_k, Σ_k) in nats, (n, d) -> (n,)."""
        out = np.empty(len(x))
        for piece, _, values in self.chunks(x):
            out[piece] = normalise(values)
        return out

    def responsibilities(self, x: np.ndarray) -> np.ndarray:
        """p(z = k | x), (n, d) -> (n, K)."""
        out = np.empty((len(x), self.n_components))
        for piece, _, values in self.chunks(x):
            normalise(values)
            out[piece] = values.T
        return out

    def sums(self, x: np.ndarray) -> Sums:
        """E step on x, (n, d), and the sums over it."""
        n_groups = len(self.quadratic)
        origins = np.tile(self.origin, (self.n_components, 1))
        origins[self.careful] = self.means[self.careful]
        second = np.zeros((n_groups, self.kind.n_features(self.d)))
        total = Sums(origins, np.zeros(self.n_components), np.zeros((self.n_components, self.d)), second)
        for piece, phi, values in self.chunks(x):
            log_prob = normalise(values)
            self._add(total, phi, values)
            total.log_prob += float(log_prob.sum())
            lowest = int(log_prob.argmin())
            if log_prob[lowest] < total.worst[0]:
                total.worst = float(log_prob[lowest]), np.array(x[piece][lowest], dtype=float)
        total.n = len(x)
        return total

    def _add(self, total: Sums, phi: np.ndarray, r: np.ndarray) -> None:
        """Add one chunk, features (F + d, n) weighted by responsibilities (K, n)."""
        total.counts += r.sum(1)
        columns = phi[-self.d :]
        if self.kind.n_groups_are_components:
            sums = r @ phi.T
            sums[self.careful] = 0
            total.second += sums[:, : -self.d]
            total.first += sums[:, -self.d :]
        else:
            first = r @ columns.T
            first[self.careful] = 0
            total.first += first
            if not len(self.careful):
                total.second += phi[: -self.d].sum(1)
        for k in self.careful:
            y = self._around(k, columns)
            total.first[k] += y @ r[k]
            total.second[self._group(k)] += self.kind.scatter(y, r[k])


def normalise(log_joint: np.ndarray) -> np.ndarray:
    """Turn log-joints, (K, n), into responsibilities in place; -> log p(x), (n,), their log-sum-exp over k."""
    highest = log_joint.max(0)
    log_joint -= highest
    np.exp(log_joint, out=log_joint)
    total = log_joint.sum(0)
    log_joint /= total
    return highest + np.log(total)
