"""Independent coordinates: pixels, principal components, independent components.

    s = W z,   W orthonormal        p(z) = ∏_i p_i(s_i),   p_i generalised Gaussian

Three priors differ only in the directions w_i along which they call patches independent:

    independent pixels     W = I
    PCA                    eigenvectors of the covariance
    ICA                    the orthonormal W of greatest likelihood

W is a rotation, so that white noise on z is white noise on s, and MAP and posterior mean shrink each s_i on its own.
Source: D. Zoran, Y. Weiss, ICCV 2011; A. Hyvärinen, E. Oja, Neural Networks 13, 2000.
"""

from functools import partial

import numpy as np
from scipy.linalg import expm

from dgmlib.patches.marginals import GeneralizedGaussians
from dgmlib.patches.prior import as_rows, check_sigma

N_ROUNDS, N_TURNS = 6, 8  # of fitting the marginals, and of steps uphill in each
N_FOR_ROTATION = 20_000


class FactorialPrior:
    """Directions w_i in the rows of an orthonormal W, (d, d), and a marginal along each."""

    def __init__(self, directions: np.ndarray, marginals: GeneralizedGaussians, *, n_learned: int = 0) -> None:
        self.directions, self.marginals = np.asarray(directions, dtype=float), marginals
        d = len(marginals.rho)
        if self.directions.shape != (d, d) or not np.allclose(self.directions @ self.directions.T, np.eye(d)):
            raise ValueError(f"directions: got shape {self.directions.shape}, expected {d} orthonormal rows of {d}.")
        self.n_learned = n_learned

    @property
    def n_dims(self) -> int:
        """d."""
        return len(self.directions)

    @property
    def num_parameters(self) -> int:
        """Two for each marginal, and d (d − 1) / 2 for a rotation that was learned."""
        return 2 * self.n_dims + self.n_learned

    def log_prob(self, z: np.ndarray) -> np.ndarray:
        """Σ_i log p_i(w_i · z) in nats, (n, d) -> (n,)."""
        return self.marginals.log_prob(as_rows(z, self.n_dims, "z") @ self.directions.T).sum(1)

    def sample(self, n: int, *, rng: np.random.Generator) -> np.ndarray:
        """Draw each s_i, return Wᵀ s, -> (n, d)."""
        return self.marginals.sample(n, rng=rng) @ self.directions

    def map_estimate(self, y: np.ndarray, sigma: float) -> np.ndarray:
        """By table, as precise as ``GeneralizedGaussians.map_estimate``, (n, d) -> (n, d)."""
        return self._along_directions(partial(self.marginals.map_estimate, sigma=sigma), y, sigma)

    def posterior_mean(self, y: np.ndarray, sigma: float) -> np.ndarray:
        """By table, as precise as ``GeneralizedGaussians.posterior_mean``, (n, d) -> (n, d)."""
        return self._along_directions(partial(self.marginals.posterior_mean, sigma=sigma), y, sigma)

    def _along_directions(self, estimate, y: np.ndarray, sigma: float) -> np.ndarray:
        check_sigma(sigma)
        y = as_rows(y, self.n_dims, "y")
        w = self.directions.astype(y.dtype)
        return estimate(y @ w.T) @ w


def independent_pixels(z: np.ndarray) -> FactorialPrior:
    """W = I: on the plane, coordinate i is pixel i but for a seventh of the last one."""
    z = as_rows(z, None, "z")
    return FactorialPrior(np.eye(z.shape[1]), GeneralizedGaussians.fit(z))


def pca_prior(z: np.ndarray) -> FactorialPrior:
    """Eigenvectors of zᵀz, the largest eigenvalue first."""
    z = as_rows(z, None, "z")
    w = np.linalg.eigh((z.T @ z).astype(float))[1].T[::-1]
    return FactorialPrior(w, GeneralizedGaussians.fit(z @ w.T), n_learned=_n_angles(z))


def ica_prior(z: np.ndarray, *, rng: np.random.Generator) -> FactorialPrior:
    """From PCA to a W that no small rotation makes likelier, directions and marginals learned in turn."""
    z = as_rows(z, None, "z")
    w, some, step = pca_prior(z).directions, z[rng.choice(len(z), min(len(z), N_FOR_ROTATION), replace=False)], 0.5
    for _ in range(N_ROUNDS):
        marginals = GeneralizedGaussians.fit(some @ w.T)
        for _ in range(N_TURNS):
            w, step = _turned(w, some, marginals, step)
    return FactorialPrior(w, GeneralizedGaussians.fit(z @ w.T), n_learned=_n_angles(z))


def _turned(w: np.ndarray, z: np.ndarray, marginals: GeneralizedGaussians, step: float) -> tuple[np.ndarray, float]:
    """One step uphill among rotations, W ← exp(step · Θ) W with Θ = −Θᵀ, shortened until the likelihood rises.

    The gradient along θ_ij is E[ψ_i s_j − ψ_j s_i], ψ = (log p)'; it is divided by the curvature that Gaussian
    marginals would have, v_i/v_j + v_j/v_i.
    """
    s = z @ w.T
    size = np.maximum(abs(s), 1e-3 * marginals.alpha)
    psi = -np.sign(s) * marginals.rho / size * (size / marginals.alpha) ** marginals.rho
    gradient, variance = psi.T @ s / len(s), (s**2).mean(0)
    ratio = variance[:, None] / variance
    theta = (gradient - gradient.T) / (ratio + ratio.T)
    before = marginals.log_prob(s).sum()
    while step > 1e-4:
        turned = expm(step * theta) @ w
        if marginals.log_prob(z @ turned.T).sum() > before:
            return turned, 1.5 * step
        step /= 2
    return w, step


def _n_angles(z: np.ndarray) -> int:
    """Degrees of freedom of a rotation of the columns of z."""
    return z.shape[1] * (z.shape[1] - 1) // 2
