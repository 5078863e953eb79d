"""Gaussian scale mixtures: one covariance, many contrasts; and mixtures of those.

    z = √s · u,   u ~ N(0, Σ)        p(z) = Σ_m w_m N(z; 0, s_m Σ)
    z ~ mixture of J of them         p(z) = Σ_j Σ_m w_jm N(z; 0, s_m Σ_j)

The scales s_m are given, their weights and the Σ_j are learned by EM. One scale makes a mixture of Gaussians without
means, one covariance a Gaussian scale mixture (GSM), one of each the Gaussian. All of them are Gaussian mixtures with
J·M components, and are restored as such.
Source: M. Wainwright, E. Simoncelli, NeurIPS 1999; D. Zoran, Y. Weiss, NeurIPS 2012.
"""

import numpy as np
from scipy.linalg import solve_triangular
from scipy.special import logsumexp

from dgmlib._arrays import check_counts
from dgmlib.patches.mixture import GaussianMixturePrior
from dgmlib.patches.prior import as_rows

SCALES = tuple(2.0 ** np.arange(-8, 4.5, 1))
"""Variances relative to the average patch, from nearly flat to a sharp edge: contrasts from 1/16 to 4."""


class ScaleMixturePrior(GaussianMixturePrior):
    """Weights w, (J, M), positive, of sum 1; scales s, (M,); covariances Σ, (J, d, d)."""

    def __init__(self, weights: np.ndarray, scales: np.ndarray, covariances: np.ndarray) -> None:
        self.shares, self.scales, self.shapes = (np.array(a, dtype=float) for a in (weights, scales, covariances))
        if self.shares.shape != (len(self.shapes), len(self.scales)) or not (self.scales > 0).all():
            raise ValueError(
                f"weights, scales, covariances: got shapes {self.shares.shape}, {self.scales.shape}, "
                f"{self.shapes.shape}, expected (J, M), M scales > 0 and (J, d, d)."
            )
        scaled = self.scales[:, None, None] * self.shapes[:, None]  # (J, M, d, d)
        super().__init__(self.shares.ravel(), scaled.reshape(-1, *self.shapes.shape[1:]))

    @property
    def num_parameters(self) -> int:
        """J covariances, and J·M − 1 weights."""
        n_shapes, d, _ = self.shapes.shape
        return n_shapes * d * (d + 1) // 2 + self.shares.size - 1

    @classmethod
    def fit(
        cls,
        z: np.ndarray,
        n_shapes: int = 1,
        *,
        scales: tuple[float, ...] = SCALES,
        rng: np.random.Generator,
        n_steps: int = 40,
        ridge: float = 1e-6,
    ) -> "ScaleMixturePrior":
        """EM on rows z, (n, d), from J random rows, each with the patches that look most like it.

        ``ridge``, a variance added to every direction, keeps a component of few patches from collapsing.
        """
        z = as_rows(z, None, "z")
        check_counts(n_shapes=n_shapes)
        if n_shapes > len(z):
            raise ValueError(f"n_shapes: got {n_shapes}, expected 1 to {len(z)}, the number of patches.")
        nearest = _directions(z) @ _directions(z[rng.choice(len(z), n_shapes, replace=False)]).T
        r = np.eye(n_shapes)[abs(nearest).argmax(1)][:, :, None] / len(scales) * np.ones(len(scales))
        model = cls._m_step(z, r, np.array(scales), ridge, np.ones(1))
        for _ in range(n_steps):
            r = model._e_step(z)
            model = cls._m_step(z, r, model.scales, ridge, 1 / model.scales)
        return model

    def _e_step(self, z: np.ndarray) -> np.ndarray:
        """Responsibilities p(j, m | z), (n, J, M)."""
        joint = self.log_joint(z)
        return np.exp(joint - logsumexp(joint, axis=1, keepdims=True)).reshape(len(z), *self.shares.shape)

    @classmethod
    def _m_step(
        cls, z: np.ndarray, r: np.ndarray, scales: np.ndarray, ridge: float, precision: np.ndarray
    ) -> "ScaleMixturePrior":
        """w_jm = mean r_jm and Σ_j = Σ_n (Σ_m r_njm / s_m) z zᵀ / Σ_nm r_njm, + ridge."""
        share = r.mean(0) + 1e-12
        effective = (r * precision).sum(2)  # (n, J)
        shapes = [(z.T * e) @ z / total for e, total in zip(effective.T, r.sum((0, 2)) + 1e-9, strict=True)]
        return cls(share / share.sum(), scales, np.array(shapes) + ridge * np.eye(z.shape[1]))

    def log_joint(self, z: np.ndarray) -> np.ndarray:
        """log w_jm N(z; 0, s_m Σ_j) in nats, (n, d) -> (n, J·M): one quadratic form serves all scales of a shape."""
        z = as_rows(z, self.n_dims, "z")
        d, joint = self.n_dims, np.empty((len(z), *self.shares.shape))
        for j, shape in enumerate(self.shapes):
            lower = np.linalg.cholesky(shape)
            q = (solve_triangular(lower, z.T, lower=True) ** 2).sum(0)
            constant = np.log(self.shares[j]) - np.log(np.diag(lower)).sum() - d / 2 * np.log(2 * np.pi * self.scales)
            joint[:, j] = constant - 0.5 * q[:, None] / self.scales
        return joint.reshape(len(z), -1)


def gaussian_prior(z: np.ndarray, *, ridge: float = 1e-6) -> GaussianMixturePrior:
    """The Gaussian without mean that is likeliest for rows z, (n, d): Σ = zᵀz / n, + ridge."""
    z = as_rows(z, None, "z")
    return GaussianMixturePrior(np.ones(1), (z.T @ z / len(z) + ridge * np.eye(z.shape[1]))[None])


def _directions(z: np.ndarray) -> np.ndarray:
    return z / np.maximum(np.linalg.norm(z, axis=1, keepdims=True), 1e-12)
